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
    let name = file.file_name.clone().unwrap_or_default();
    Ok(Json(
        verify::verify(&state, &caller.organ, name, file.bytes.clone(), options, form.password()?).await?,
    ))
}
