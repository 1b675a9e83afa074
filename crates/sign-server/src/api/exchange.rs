//! `POST /v1/exchange/messages`: messages of partner organisations (edXML). Documents and statuses
//! come the same way; the answer is the stored receipt, byte for byte the same for a repeat.

use super::{
    Route,
    input::{Body, MessageIdHeader},
};
use crate::{
    app::{exchange, failure::Failure},
    auth::Caller,
    state::Shared,
};
use axum::{
    extract::State,
    http::{HeaderName, header},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/exchange/messages", post)]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    MessageIdHeader(message): MessageIdHeader,
    Body(body): Body,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), Failure> {
    let peer = caller.peer()?.clone();
    let receipt = exchange::accept(&state, caller.organ, peer, message, body).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], receipt))
}
