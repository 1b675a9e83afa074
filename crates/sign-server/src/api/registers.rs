//! `/v1/registers/{direction}/{year}`: the books.

use super::{
    Route,
    input::{InPath, InQuery},
};
use crate::{
    app::{
        failure::Failure,
        registers::{self, Lines, Part},
    },
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State};
use circulation::register::RegisterKind;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/registers/{direction}/{year}", read)]
}

async fn read(
    State(state): State<Shared>,
    caller: Caller,
    InPath((direction, year)): InPath<(RegisterKind, i32)>,
    InQuery(part): InQuery<Part>,
) -> Result<Json<Lines>, Failure> {
    caller.require_member()?;
    Ok(Json(registers::read(&state, caller.organ, direction, year, part).await?))
}
