//! `POST /v1/sign`: a PDF and a kept key in, the signed PDF out.

use super::{Route, input::Form};
use crate::{
    app::{failure::Failure, sign},
    auth::Caller,
    state::Shared,
};
use axum::{
    extract::State,
    http::{HeaderName, header},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/sign", post)]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    form: Form,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), Failure> {
    let file = form.get("file")?.bytes.clone();
    let wishes = form.json("request")?;
    let image = form.find("image").map(|part| part.bytes.clone());
    let signed = sign::sign(&state, caller, file, wishes, image, form.pin()?).await?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], signed))
}
