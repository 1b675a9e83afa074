//! `/v1/people`: people of the organisation.

use super::{Route, input};
use crate::{
    app::{failure::Failure, people},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use circulation::person::Person;
use people::NewPerson;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/people", list), Route::post("/v1/people", add)]
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<Person>>, Failure> {
    caller.require_member()?;
    Ok(Json(people::list(&state, caller.organ).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    input::Json(new): input::Json<NewPerson>,
) -> Result<(StatusCode, Json<Person>), Failure> {
    caller.require_admin()?;
    Ok((StatusCode::CREATED, Json(people::add(&state, caller.organ, new).await?)))
}
