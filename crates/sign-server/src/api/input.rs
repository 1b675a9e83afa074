//! Reading requests: bodies, JSON and forms within the limits, with failures of our own shape.

use crate::{app::failure::Failure, serve::too_large, state::Shared};
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Path, Query, Request, multipart::MultipartError},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
};
use bytes::Bytes;
use circulation::id::MessageId;
use serde::de::DeserializeOwned;
use sign_core::{crypto::key, pdf::Password};

/// More parts than any form here has.
const MOST_PARTS: usize = 16;
/// Header that may carry the PIN of a signing key beside a body.
const PIN_HEADER: &str = "x-sign-pin";
/// Header that carries the password of an encrypted PDF.
const PASSWORD_HEADER: &str = "x-document-password";

/// The whole body.
pub(super) struct Body(pub(super) Bytes);

impl FromRequest<Shared> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Failure> {
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(state.config.max_body),
            _ => Failure::malformed(rejection.body_text()),
        })
    }
}

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Failure> {
        let Body(bytes) = Body::from_request(request, state).await?;
        parse_json(&bytes).map(Self)
    }
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::malformed(format!("JSON: {error}")))
}

/// Parameters in the path.
pub(super) struct InPath<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for InPath<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Failure> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(value)| Self(value)).map_err(|error| Failure::malformed(error.body_text()))
    }
}

/// Parameters after the question mark.
pub(super) struct InQuery<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for InQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Failure> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value)).map_err(|error| Failure::malformed(error.body_text()))
    }
}

/// One part of a form.
pub(super) struct Part {
    /// Name of the field.
    pub(super) name: String,
    /// The file name the client gave, if any.
    pub(super) file_name: Option<String>,
    /// Its bytes.
    pub(super) bytes: Bytes,
}

/// A `multipart/form-data` body, or a bare file taken as the part `file`.
pub(super) struct Form {
    parts: Vec<Part>,
    headers: HeaderMap,
}

impl FromRequest<Shared> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if !kind.starts_with("multipart/form-data") {
            let Body(bytes) = Body::from_request(request, state).await?;
            let file_name = headers.get(header::CONTENT_DISPOSITION).and_then(file_name);
            let part = Part { name: "file".to_owned(), file_name, bytes };
            return Ok(Self { parts: vec![part], headers });
        }
        let form = Multipart::from_request(request, state).await;
        let mut form = form.map_err(|error| Failure::malformed(error.body_text()))?;
        let failed = |error: MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(state.config.max_body),
            _ => Failure::malformed(error.body_text()),
        };
        let mut parts: Vec<Part> = Vec::new();
        while let Some(field) = form.next_field().await.map_err(failed)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            if parts.len() >= MOST_PARTS || parts.iter().any(|part| part.name == name) {
                return Err(Failure::malformed("too many parts, or one name twice"));
            }
            let bytes = field.bytes().await.map_err(failed)?;
            parts.push(Part { name, file_name, bytes });
        }
        Ok(Self { parts, headers })
    }
}

impl Form {
    /// Whether the body was one JSON text; it is the part `file`.
    pub(super) fn is_json(&self) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"))
    }

    /// The part of this name, if there is one.
    pub(super) fn find(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The part of this name.
    pub(super) fn get(&self, name: &str) -> Result<&Part, Failure> {
        self.find(name).ok_or_else(|| Failure::malformed(format!("the part {name:?} is missing")))
    }

    /// All parts, in order.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    /// The part of this name as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        parse_json(&self.get(name)?.bytes)
    }

    /// The part of this name as text.
    pub(super) fn text(&self, name: &str) -> Result<&str, Failure> {
        let text = std::str::from_utf8(&self.get(name)?.bytes);
        text.map_err(|_| Failure::malformed(format!("the part {name:?} is not UTF-8")))
    }

    /// The PIN, from the part `pin` or the header `X-Sign-Pin`.
    pub(super) fn pin(&self) -> Result<key::Pin, Failure> {
        let text = match (self.find("pin"), self.headers.get(PIN_HEADER)) {
            (Some(_), _) => self.text("pin")?,
            (None, Some(value)) => pin_text(value)?,
            (None, None) => {
                return Err(Failure::malformed("the PIN is missing (part pin or header X-Sign-Pin)"));
            }
        };
        Ok(key::Pin::new(text))
    }

    /// The password of the PDF, from the header `X-Document-Password`.
    pub(super) fn password(&self) -> Result<Option<Password>, Failure> {
        let Some(value) = self.headers.get(PASSWORD_HEADER) else { return Ok(None) };
        let text = std::str::from_utf8(value.as_bytes());
        let text = text.map_err(|_| Failure::malformed("the header X-Document-Password is not UTF-8"))?;
        Ok(Some(Password::new(text)))
    }
}

/// The name in a `Content-Disposition`: `filename*` in UTF-8 (RFC 8187) or `filename` (RFC 6266 4.1), without
/// folders.
fn file_name(header: &HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(header.as_bytes()).ok()?;
    let parameter = |wanted: &str| {
        let parameters = text.split(';').filter_map(|parameter| parameter.split_once('='));
        let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        named.next().map(|(_, value)| value.trim().trim_matches('"'))
    };
    let extended = parameter("filename*").and_then(|value| {
        let (charset, rest) = value.split_once('\'')?;
        let (_, encoded) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| unescape(encoded))?
    });
    let name = extended.or_else(|| parameter("filename").map(str::to_owned))?;
    name.rsplit(['/', '\\']).next().map(str::to_owned)
}

/// `%XX` undone; `None` if that is no UTF-8.
fn unescape(encoded: &str) -> Option<String> {
    let mut bytes = encoded.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(bytes.next()?)? * 16 + digit(bytes.next()?)?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(plain).ok()
}

fn pin_text(value: &HeaderValue) -> Result<&str, Failure> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| Failure::malformed("the PIN header is not UTF-8"))
}

/// The PIN header, if there is one.
pub(super) struct Pin(pub(super) Option<key::Pin>);

impl FromRequestParts<Shared> for Pin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Failure> {
        let text = parts.headers.get(PIN_HEADER).map(pin_text).transpose()?;
        Ok(Self(text.map(key::Pin::new)))
    }
}

/// The header `Message-Id`, which names a message for all its repeats.
pub(super) struct MessageIdHeader(pub(super) MessageId);

impl FromRequestParts<Shared> for MessageIdHeader {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Failure> {
        let text = parts.headers.get("message-id").and_then(|value| value.to_str().ok());
        let text = text.ok_or_else(|| Failure::malformed("the header Message-Id is missing"))?;
        Ok(Self(text.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_file_is_named_by_its_disposition() {
        for (header, name) in [
            (r#"attachment; filename="to trinh.pdf""#, Some("to trinh.pdf")),
            ("inline; FileName=a.pdf", Some("a.pdf")),
            // The extended form outweighs the other, which is for old programs.
            (
                r#"attachment; filename="c.pdf"; filename*=UTF-8''C%C3%B4ng%20v%C4%83n.pdf"#,
                Some("Công văn.pdf"),
            ),
            (r#"attachment; filename="../../etc/passwd""#, Some("passwd")),
            (r"attachment; filename=C:\letters\a.pdf", Some("a.pdf")),
            (r#"attachment; filename="c.pdf"; filename*=UTF-8''%C3"#, Some("c.pdf")),
            ("attachment; filename*=UTF-8''%4", None),
            ("attachment", None),
        ] {
            let header = HeaderValue::from_bytes(header.as_bytes()).unwrap();
            assert_eq!(file_name(&header).as_deref(), name, "{header:?}");
        }
    }
}
