//! From failures to answers: the only place with status codes (RFC 9457, `application/problem+json`).
//!
//! A handler's [`Failure`] becomes a bare response that carries it; [`render`], the outermost layer,
//! knows the request's language and id and writes the body.

use crate::app::failure::{Failure, Kind};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Header that names one request in answers and log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The body of every failed answer.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    code: &'a str,
    hint: &'a str,
    problem_vi: &'a str,
    hint_vi: &'a str,
    problem_en: &'a str,
    hint_en: &'a str,
    retryable: bool,
    request_id: &'a str,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unusable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn retryable(self) -> bool {
        matches!(self, Self::Busy | Self::TimedOut | Self::Internal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives the request an id and writes the bodies of failures in the caller's language.
pub async fn render(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    request.extensions_mut().insert(RequestId(id.clone()));
    let vietnamese = prefers_vietnamese(request.headers());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = problem(&failure, vietnamese, &id);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    // Answers are about one caller's documents: nobody in between keeps or guesses at them.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Id of the request being answered.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The caller's own id if it is a plain word, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let plain = |text: &&str| {
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain);
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Whether `Accept-Language` puts Vietnamese before English; English if it says neither.
pub fn prefers_vietnamese(headers: &HeaderMap) -> bool {
    let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let weight = |language: &str| {
        let entries = text.split(',').filter_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let tag = parts.next()?.to_ascii_lowercase();
            let matches = tag == language || tag.strip_prefix(language).is_some_and(|t| t.starts_with('-'));
            let q = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            q.filter(|_| matches)
        });
        entries.fold(0.0_f32, f32::max)
    };
    weight("vi") > weight("en")
}

fn problem(failure: &Failure, vietnamese: bool, request_id: &str) -> Response {
    let status = failure.kind.status();
    let words = &failure.words;
    let (title, hint) =
        if vietnamese { (&words.message_vi, &words.hint_vi) } else { (&words.message_en, &words.hint_en) };
    let body = Problem {
        r#type: format!("urn:sign-server:problem:{}", failure.code),
        title,
        status: status.as_u16(),
        detail: &failure.detail,
        code: &failure.code,
        hint,
        problem_vi: &words.message_vi,
        hint_vi: &words.hint_vi,
        problem_en: &words.message_en,
        hint_en: &words.hint_en,
        retryable: failure.kind.retryable(),
        request_id,
    };
    // Strings, a number and a bool: this cannot fail to serialise.
    let text = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let language = if vietnamese { "vi" } else { "en" };
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
    match failure.kind {
        Kind::NotSignedIn => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Kind::Busy => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(language: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_str(language).unwrap())])
    }

    #[test]
    fn chooses_vietnamese_only_when_it_is_wanted_more_than_english() {
        for (language, vietnamese) in [
            ("vi", true),
            ("vi-VN,en;q=0.8", true),
            ("en,vi;q=0.9", false),
            ("en;q=0.5,vi;q=0.9", true),
            ("fr", false),
            ("", false),
            ("vi;q=nonsense", false),
        ] {
            assert_eq!(prefers_vietnamese(&headers(language)), vietnamese, "{language}");
        }
    }

    #[test]
    fn takes_over_only_plain_request_ids() {
        let with = |id: &str| HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(id).unwrap())]);
        assert_eq!(request_id(&with("abc-1")), "abc-1");
        assert_ne!(request_id(&with("a b\"c")), "a b\"c");
        assert_ne!(request_id(&with(&"a".repeat(65))), "a".repeat(65));
    }
}
