//! `/v1/keys`: signing keys, taken in as PKCS#12 and kept under their PIN.

use super::{
    Route,
    input::{Form, InQuery},
};
use crate::{
    app::{failure::Failure, keys},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use keys::{KeyHolder, KeyView};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/keys", list), Route::post("/v1/keys", add)]
}

#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    holder: KeyHolder,
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<KeyView>>, Failure> {
    caller.require_member()?;
    Ok(Json(keys::list(&state, &caller).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(Holder { holder }): InQuery<Holder>,
    form: Form,
) -> Result<(StatusCode, Json<KeyView>), Failure> {
    caller.require_member()?;
    let (file, pin) = (form.get("file")?.bytes.clone(), form.pin()?);
    Ok((StatusCode::CREATED, Json(keys::add(&state, &caller, holder, file, pin).await?)))
}
