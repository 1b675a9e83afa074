//! `POST /v1/extend`: a signed PDF in, the same raised to a long-term level out. The level that was reached,
//! and codes of why it is lower than was wanted, stand in headers.

use super::{Route, input::Form};
use crate::{
    app::{extend, failure::Failure},
    auth::Caller,
    state::Shared,
};
use axum::{
    extract::State,
    http::{HeaderName, header},
};

/// Headers that tell what became of a level.
pub(super) const LEVEL: HeaderName = HeaderName::from_static("x-signature-level");
/// See [`LEVEL`].
pub(super) const REASONS: HeaderName = HeaderName::from_static("x-level-reasons");

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/extend", post)]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    form: Form,
) -> Result<([(HeaderName, String); 4], Vec<u8>), Failure> {
    let file = form.get("file")?.bytes.clone();
    let (wishes, password) = (form.json("request")?, form.password()?);
    let made = extend::extend(&state, caller, file, wishes, password).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (LEVEL, made.level.to_owned()),
        (REASONS, made.reasons.join(", ")),
        (HeaderName::from_static("x-content-warnings"), made.warnings.join(", ")),
    ];
    Ok((headers, made.bytes))
}
