//! `/v1/organisations`: the own organisation and its partners.

use super::{Route, input};
use crate::{
    app::{failure::Failure, organisations},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use organisations::{Directory, NewPartner, PartnerView};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/organisations", list), Route::post("/v1/organisations", put)]
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Directory>, Failure> {
    caller.require_member()?;
    Ok(Json(organisations::list(&state, caller.organ).await?))
}

async fn put(
    State(state): State<Shared>,
    caller: Caller,
    input::Json(new): input::Json<NewPartner>,
) -> Result<(StatusCode, Json<PartnerView>), Failure> {
    caller.require_admin()?;
    let view = organisations::put_partner(&state, caller.organ, new).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
