//! `POST /v1/sign`: a PDF and a kept key in, the signed PDF out. With a key that is elsewhere in two
//! requests: `/v1/sign/prepare` and `/v1/sign/{id}/complete`. Codes of what in the document can change its
//! look later stand in the header `X-Content-Warnings`.

use super::{
    Route,
    extend::{LEVEL, REASONS},
    input::{Form, InPath, Json},
};
use crate::{
    app::{
        failure::Failure,
        prepared::{self, FarKey, PreparedView},
        sign,
    },
    auth::Caller,
    state::Shared,
};
use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// A PDF as an answer.
type Pdf = ([(HeaderName, &'static str); 1], Vec<u8>);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/sign", post),
        Route::post("/v1/sign/prepare", prepare),
        Route::post("/v1/sign/{id}/complete", complete),
    ]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    form: Form,
) -> Result<([(HeaderName, String); 4], Vec<u8>), Failure> {
    let file = form.get("file")?.bytes.clone();
    let wishes = form.json("request")?;
    let image = form.find("image").map(|part| part.bytes.clone());
    let secrets = sign::Secrets { pin: form.pin()?, password: form.password()? };
    let made = sign::sign(&state, caller, file, wishes, image, secrets).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (LEVEL, made.level.to_owned()),
        (REASONS, made.reasons.join(", ")),
        (HeaderName::from_static("x-content-warnings"), made.warnings.join(", ")),
    ];
    Ok((headers, made.bytes))
}

async fn prepare(
    State(state): State<Shared>,
    caller: Caller,
    form: Form,
) -> Result<(StatusCode, axum::Json<PreparedView>), Failure> {
    let file = form.get("file")?.bytes.clone();
    let wishes = if form.find("request").is_some() { form.json("request")? } else { Default::default() };
    let image = form.find("image").map(|part| part.bytes.clone());
    let seconds = form.find("expires_in_seconds").map(|_| form.text("expires_in_seconds")).transpose()?;
    let seconds = seconds.map(|text| text.trim().parse());
    let key = FarKey {
        certificates: form.get("certificate")?.bytes.clone(),
        algorithm: form.find("algorithm").map(|_| form.text("algorithm")).transpose()?.map(str::to_owned),
        expires_in: seconds.transpose().map_err(|_| Failure::malformed("expires_in_seconds: a number"))?,
    };
    let view = prepared::prepare(&state, caller, file, wishes, image, key, form.password()?).await?;
    Ok((StatusCode::CREATED, axum::Json(view)))
}

/// The value the key made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    /// Base64.
    signature: String,
}

async fn complete(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<String>,
    Json(value): Json<Value>,
) -> Result<Pdf, Failure> {
    let value = STANDARD.decode(value.signature.trim());
    let value = value.map_err(|error| Failure::malformed(format!("signature: base64: {error}")))?;
    let signed = prepared::complete(&state, caller, id, value).await?;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], signed))
}
