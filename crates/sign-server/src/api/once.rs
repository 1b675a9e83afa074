//! `Idempotency-Key` on POST: a repeat with the same key gets the stored answer and has no second
//! effect. Optional; honoured wherever somebody is signed in.
//!
//! Only successes are kept: a request that failed changed nothing and may be tried again.

use crate::{
    app::failure::Failure,
    auth::Caller,
    serve::too_large,
    state::{Shared, State},
};
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use circulation_store::{Answer, Hash, RequestKey};
use std::sync::PoisonError;

const HEADER: &str = "idempotency-key";
/// Longest key.
const LONGEST: usize = 128;
/// Larger answers (a signed PDF of that size) are not kept; the limit of a body bounds them anyway.
const LARGEST_ANSWER: usize = 256 << 20;

/// Names one request of one caller.
struct Repeatable {
    caller: Caller,
    key: String,
    fingerprint: Hash,
}

/// The layer.
pub async fn once(
    axum::extract::State(state): axum::extract::State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match answer(&state, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answer(state: &Shared, request: Request, next: Next) -> Result<Response, Failure> {
    let key = read_key(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, state).await?;
    let limit = state.config.max_body;
    let body = to_bytes(body, limit).await.map_err(|_| too_large(limit))?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    // Keyed with the server's secret: a body may hold a PIN, which a bare digest would give away.
    let fingerprint = state.key.fingerprint(&[path.as_bytes(), &body]).map_err(Failure::internal)?;
    let fingerprint =
        Hash::from_hex(&fingerprint).ok_or_else(|| Failure::internal("a digest of our own is not hex"))?;
    let repeatable = Repeatable { caller, key, fingerprint };

    let _running = Running::start(state, &repeatable)?;
    if let Some(stored) = find(state, &repeatable).await? {
        return Ok(replay(stored));
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.status().is_success() { keep(state, &repeatable, response).await } else { Ok(response) }
}

fn read_key(headers: &HeaderMap) -> Result<String, Failure> {
    let text = headers.get(HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The draft standard writes the key as a quoted string; many clients leave the quotes out.
    let key = text.trim().trim_matches('"');
    let plain = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if plain { Ok(key.to_owned()) } else { Err(Failure::malformed("Idempotency-Key: 1 to 128 characters")) }
}

async fn find(state: &State, request: &Repeatable) -> Result<Option<Answer>, Failure> {
    let (caller, key, fingerprint) = (request.caller.clone(), request.key.clone(), request.fingerprint);
    state
        .store(move |store| {
            let name =
                RequestKey { organ: &caller.organ, api_key: &caller.key, request_key: &key, fingerprint };
            Ok(store.stored_answer(&name)?)
        })
        .await
}

async fn keep(state: &State, request: &Repeatable, response: Response) -> Result<Response, Failure> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.map_err(Failure::internal)?;
    let answer = Answer { status: parts.status.as_u16(), body: body.to_vec() };
    let (caller, key, fingerprint) = (request.caller.clone(), request.key.clone(), request.fingerprint);
    let now = state.now();
    state
        .store(move |store| {
            let name =
                RequestKey { organ: &caller.organ, api_key: &caller.key, request_key: &key, fingerprint };
            Ok(store.store_answer(&name, answer, now)?)
        })
        .await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = if answer.body.starts_with(b"%PDF-") { "application/pdf" } else { "application/json" };
    let mut response = (status, answer.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

/// Holds a key while its request is worked on.
struct Running {
    state: Shared,
    name: String,
}

impl Running {
    fn start(state: &Shared, request: &Repeatable) -> Result<Self, Failure> {
        let name = format!("{} {} {}", request.caller.organ, request.caller.key, request.key);
        let mut running = state.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(name.clone()) {
            Ok(Self { state: state.clone(), name })
        } else {
            Err(Failure::conflict("idempotency_key_in_use", ""))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.state.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
