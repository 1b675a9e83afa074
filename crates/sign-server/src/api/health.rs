//! `/health/live`: the process answers. `/health/ready`: it can also do its work.

use super::Route;
use crate::{app::failure::Failure, state::Shared};
use axum::{Json, extract::State};
use serde_json::{Value, json};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/health/live", live), Route::get("/health/ready", ready)]
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

async fn ready(State(state): State<Shared>) -> Result<Json<Value>, Failure> {
    state.check_ready().await?;
    Ok(Json(json!({ "status": "ready" })))
}
