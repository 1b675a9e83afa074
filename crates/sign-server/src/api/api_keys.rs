//! `/v1/api-keys`: keys of people, partners and administrators.

use super::{
    Route,
    input::{self, InPath},
};
use crate::{
    app::{api_keys, failure::Failure},
    auth::Caller,
    state::Shared,
};
use api_keys::{ApiKeyView, MadeApiKey, NewApiKey};
use axum::{Json, extract::State, http::StatusCode};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/api-keys", list),
        Route::post("/v1/api-keys", add),
        Route::post("/v1/api-keys/{id}/revoke", revoke),
    ]
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<ApiKeyView>>, Failure> {
    caller.require_admin()?;
    Ok(Json(api_keys::list(&state, caller.organ).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    input::Json(new): input::Json<NewApiKey>,
) -> Result<(StatusCode, Json<MadeApiKey>), Failure> {
    caller.require_admin()?;
    Ok((StatusCode::CREATED, Json(api_keys::add(&state, caller.organ, new).await?)))
}

async fn revoke(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<String>,
) -> Result<StatusCode, Failure> {
    caller.require_admin()?;
    api_keys::revoke(&state, caller.organ, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
