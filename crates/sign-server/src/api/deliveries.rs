//! `/v1/deliveries`: where sent documents are.

use super::{
    Route,
    input::{InPath, InQuery},
};
use crate::{
    app::{
        deliveries::{self, DeliveryView, Of},
        failure::Failure,
    },
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State};
use circulation::id::MessageId;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/deliveries", list), Route::get("/v1/deliveries/{message}", read)]
}

async fn list(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(of): InQuery<Of>,
) -> Result<Json<Vec<DeliveryView>>, Failure> {
    caller.require_member()?;
    Ok(Json(deliveries::of_document(&state, caller.organ, of).await?))
}

async fn read(
    State(state): State<Shared>,
    caller: Caller,
    InPath(message): InPath<MessageId>,
) -> Result<Json<DeliveryView>, Failure> {
    caller.require_member()?;
    Ok(Json(deliveries::read(&state, caller.organ, message).await?))
}
