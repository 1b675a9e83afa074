//! `/v1/keys`: signing keys, taken in as PKCS#12 and kept under their PIN, or registered where they are
//! in a token.

use super::{
    Route,
    input::{Form, InQuery},
};
use crate::{
    app::{failure::Failure, keys},
    auth::Caller,
    secret::Secret,
    state::Shared,
};
use axum::{Json, extract::State, http::StatusCode};
use keys::{KeyHolder, KeyView, TokenKey};
use serde::Deserialize;
use sign_core::crypto::key::Pin;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/v1/keys", list), Route::post("/v1/keys", add)]
}

#[derive(Deserialize)]
struct Holder {
    #[serde(default)]
    holder: KeyHolder,
}

/// A key that stays where it is.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Elsewhere {
    /// In a token or HSM; the PIN may come in the header instead.
    Pkcs11 { uri: String, certificate: Option<String>, pin: Option<Secret> },
}

async fn list(State(state): State<Shared>, caller: Caller) -> Result<Json<Vec<KeyView>>, Failure> {
    caller.require_member()?;
    Ok(Json(keys::list(&state, &caller).await?))
}

async fn add(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(Holder { holder }): InQuery<Holder>,
    form: Form,
) -> Result<(StatusCode, Json<KeyView>), Failure> {
    caller.require_member()?;
    if form.is_json() {
        let Elsewhere::Pkcs11 { uri, certificate, pin } = form.json("file")?;
        let pin = pin.map_or_else(|| form.pin(), |pin| Ok(Pin::new(pin.expose())))?;
        let given = TokenKey { uri, certificate };
        return Ok((StatusCode::CREATED, Json(keys::add_token(&state, &caller, holder, given, pin).await?)));
    }
    let (file, pin) = (form.get("file")?.bytes.clone(), form.pin()?);
    Ok((StatusCode::CREATED, Json(keys::add(&state, &caller, holder, file, pin).await?)))
}
