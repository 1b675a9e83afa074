//! `POST /v1/verify`: a PDF in, the report out, whatever the verdict.

use super::{
    Route,
    input::{Form, InQuery},
};
use crate::{
    app::{failure::Failure, verify},
    auth::Caller,
    state::Shared,
};
use axum::{Json, extract::State};
use sign_core::report::model::Report;

/// Name in the report of a file that came without one.
const NAMELESS: &str = "document.pdf";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/verify", post)]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(options): InQuery<verify::Options>,
    form: Form,
) -> Result<Json<Report>, Failure> {
    let file = form.get("file")?;
    let given = options.name.clone().or_else(|| file.file_name.clone()).filter(|name| !name.is_empty());
    let name = given.unwrap_or_else(|| NAMELESS.to_owned());
    Ok(Json(
        verify::verify(&state, &caller.organ, name, file.bytes.clone(), options, form.password()?).await?,
    ))
}
