//! `/v1/certificates`: certificates registered to people and the organisation.

use super::{
    Route,
    input::{Body, InQuery},
};
use crate::{
    app::{certificates, failure::Failure},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use circulation::{certificate::CertificateRecord, id::PersonId};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/certificates", list), Route::post("/v1/certificates", add)]
}

#[derive(Deserialize)]
struct Holder {
    person: Option<PersonId>,
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<CertificateRecord>>, Failure> {
    caller.require_member()?;
    Ok(Json(certificates::list(&state, caller.organ).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(holder): InQuery<Holder>,
    Body(bytes): Body,
) -> Result<(StatusCode, Json<CertificateRecord>), Failure> {
    caller.require_admin()?;
    let record = certificates::add(&state, caller.organ, holder.person, bytes.to_vec()).await?;
    Ok((StatusCode::CREATED, Json(record)))
}
