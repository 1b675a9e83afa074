//! `/v1/trust-anchors`: authorities whose certificates this organisation trusts.

use super::{
    Route,
    input::{Body, InQuery},
};
use crate::{
    app::{failure::Failure, trust::AnchorRecord},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use sign_core::trust::CaClass;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/trust-anchors", list), Route::post("/v1/trust-anchors", add)]
}

#[derive(Deserialize)]
struct Class {
    ca_class: Option<CaClass>,
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<AnchorRecord>>, Failure> {
    caller.require_member()?;
    let shared = state.clone();
    Ok(Json(state.cpu.run(move || shared.anchors.list(&caller.organ)).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(Class { ca_class }): InQuery<Class>,
    Body(pem): Body,
) -> Result<(StatusCode, Json<AnchorRecord>), Failure> {
    caller.require_admin()?;
    let (shared, class) = (state.clone(), ca_class.unwrap_or(CaClass::Other));
    let record = state.cpu.run(move || shared.anchors.add(&caller.organ, &pem, class)).await?;
    Ok((StatusCode::CREATED, Json(record)))
}
