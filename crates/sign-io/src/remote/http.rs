//! One conversation over HTTP: where it may go, how long it may take, how much may come back.
//!
//! A connection is for one question, so that a service closing an idle one is never taken for a
//! failure. Nothing is asked again and no redirect is followed: what was sent may have been a PIN.

use super::tls::{Authorities, Tls};
use super::{Patience, RemoteError};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sign_core::crypto::key::Pin;
use std::io::Write;
use std::ops::Deref;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use zeroize::{Zeroize, Zeroizing};

/// A chain of certificates and a hundred values stay far below.
const LARGEST_ANSWER: usize = 1 << 20;
const LONGEST_CONNECT: Duration = Duration::from_secs(5);

/// Where a signing service is, as the operator said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    secure: bool,
    host: String,
    port: u16,
    /// What stands before the names of its methods, without a slash at its end.
    path: String,
}

impl Address {
    /// Reads an address. `http` is for this machine only.
    ///
    /// # Errors
    /// [`RemoteError::BadAddress`], [`RemoteError::PlainHttp`].
    pub fn parse(text: &str) -> Result<Self, RemoteError> {
        let bad = || RemoteError::BadAddress(text.into());
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let authority = uri.authority().ok_or_else(bad)?;
        // A user and password in an address end up in logs; a query has no place in one.
        if authority.as_str().contains('@') || uri.query().is_some() || authority.host().is_empty() {
            return Err(bad());
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_here(&host) => false,
            Some("http") => return Err(RemoteError::PlainHttp(text.into())),
            _ => return Err(bad()),
        };
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => port.parse().map_err(|_| bad())?,
            _ if secure => 443,
            _ => 80,
        };
        Ok(Self { secure, host, port, path: uri.path().trim_end_matches('/').to_owned() })
    }

    /// The value of `Host`.
    fn name(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// JSON that may hold secrets: every text in it is wiped when it is dropped.
#[derive(Default)]
pub(super) struct Secretive(Value);

impl From<Value> for Secretive {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl Deref for Secretive {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Drop for Secretive {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Depth is bounded: serde_json reads 128 levels, and our own questions have three.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

/// A client of one service.
pub(super) struct Http {
    address: Address,
    tls: Option<Tls>,
    longest: Duration,
    /// Only dropped leaves it empty.
    runtime: Option<Runtime>,
}

impl Drop for Http {
    fn drop(&mut self) {
        // A name that is still being looked up must not hold the program up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Http {
    pub(super) fn new(
        address: Address,
        authorities: &Authorities,
        patience: Patience,
    ) -> Result<Self, RemoteError> {
        let tls = if address.secure { Some(Tls::new(authorities)?) } else { None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| RemoteError::Unreachable(error.to_string()))?;
        Ok(Self { address, tls, longest: patience.call, runtime: Some(runtime) })
    }

    /// Posts JSON to a path below the address; status and JSON come back, whatever they say.
    pub(super) fn post(
        &self,
        path: &str,
        token: Option<&Pin>,
        body: &Secretive,
    ) -> Result<(StatusCode, Secretive), RemoteError> {
        let request = self.request(path, token, body)?;
        let Some(runtime) = &self.runtime else {
            return Err(RemoteError::Unreachable("shut down".into()));
        };
        runtime.block_on(async {
            let answer = tokio::time::timeout(self.longest, self.exchange(request)).await;
            answer.unwrap_or(Err(RemoteError::Timeout { seconds: self.longest.as_secs() }))
        })
    }

    /// As [`Http::post`]; anything but a success is a refusal in the service's words.
    pub(super) fn ask(
        &self,
        path: &str,
        token: Option<&Pin>,
        body: &Secretive,
    ) -> Result<Secretive, RemoteError> {
        let (status, answer) = self.post(path, token, body)?;
        if status.is_success() {
            return Ok(answer);
        }
        Err(RemoteError::Rejected(said(&answer).unwrap_or_else(|| format!("{path}: {status}"))))
    }

    fn request(
        &self,
        path: &str,
        token: Option<&Pin>,
        body: &Secretive,
    ) -> Result<Request<Full<Bytes>>, RemoteError> {
        let mut request = Request::post(format!("{}/{path}", self.address.path))
            .header(HOST, self.address.name())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(bytes(body)?))
            .map_err(|error| RemoteError::BadAddress(error.to_string()))?;
        if let Some(token) = token {
            let text = Zeroizing::new(format!("Bearer {}", token.expose()));
            let value = HeaderValue::from_bytes(text.as_bytes());
            let mut value = value.map_err(|_| RemoteError::NotLetIn("the token is not a text".into()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Secretive), RemoteError> {
        let there = (self.address.host.as_str(), self.address.port);
        let stream = tokio::time::timeout(LONGEST_CONNECT, TcpStream::connect(there)).await;
        let stream = stream.map_err(|_| RemoteError::Timeout { seconds: LONGEST_CONNECT.as_secs() })?;
        let stream = stream.map_err(|error| RemoteError::Unreachable(error.to_string()))?;
        match &self.tls {
            Some(tls) => talk(tls.connect(&self.address.host, stream).await?, request).await,
            None => talk(stream, request).await,
        }
    }
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(StatusCode, Secretive), RemoteError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |error: hyper::Error| RemoteError::Unreachable(reason(&error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Moves bytes while the question is open; ends with it.
    let moving = tokio::spawn(connection);
    let outcome = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => RemoteError::Unreadable(format!("more than {LARGEST_ANSWER} bytes")),
            None => RemoteError::Unreachable(error.to_string()),
        })?;
        let bytes = Zeroizing::new(Vec::from(body.to_bytes()));
        // An empty body and one that is no JSON are null: some services answer an error with a page.
        let answer = Secretive(serde_json::from_slice(&bytes).unwrap_or(Value::Null));
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(RemoteError::NotLetIn(said(&answer).unwrap_or_else(|| status.to_string())))
            }
            _ => Ok((status, answer)),
        }
    };
    let outcome = outcome.await;
    moving.abort();
    outcome
}

/// The question's bytes, wiped after they are sent. Their number is found first, so that no smaller
/// buffer is left behind in memory.
fn bytes(body: &Value) -> Result<Bytes, RemoteError> {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let unwritten = |error: serde_json::Error| RemoteError::Unreadable(error.to_string());
    let mut count = Count(0);
    serde_json::to_writer(&mut count, body).map_err(unwritten)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(count.0));
    serde_json::to_writer(&mut *bytes, body).map_err(unwritten)?;
    Ok(Bytes::from_owner(bytes))
}

/// What the service says about a failure; shortened, for it is somebody else's text.
pub(super) fn said(answer: &Value) -> Option<String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words = ["error", "error_description", "message"].into_iter().filter_map(text).collect::<Vec<_>>();
    shown(&words.join(": "))
}

/// Somebody else's text, short and without control characters.
pub(super) fn shown(text: &str) -> Option<String> {
    let words: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    Some(words).filter(|words| !words.is_empty())
}

/// The innermost error: it says why.
fn reason(error: &dyn std::error::Error) -> String {
    let mut reason = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        let code = |text: &str| Address::parse(text).map_or_else(|e| e.code(), |_| "ok");
        for (text, expected) in [
            ("http://127.0.0.1:8080/csc/v2", "ok"),
            ("http://localhost/csc/v1", "ok"),
            ("http://[::1]:1", "ok"),
            ("https://gwsca.vnpt.vn", "ok"),
            ("http://10.0.0.1/", "remote_plain_http"),
            ("http://127.0.0.1.example.com/", "remote_plain_http"),
            ("http://localhost.example.com/", "remote_plain_http"),
            ("http://localhost@example.com/", "remote_bad_address"),
            ("https://user:secret@example.com/", "remote_bad_address"),
            ("https://example.com/csc?token=1", "remote_bad_address"),
            ("https://example.com:99999/", "remote_bad_address"),
            ("file:///etc/passwd", "remote_bad_address"),
            ("nonsense", "remote_bad_address"),
            ("", "remote_bad_address"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_host_port_and_path_apart() {
        for (text, name, port, path) in [
            ("https://[2001:db8::1]/csc/v2/", "[2001:db8::1]", 443, "/csc/v2"),
            ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443", 8443, ""),
            ("http://localhost", "localhost", 80, ""),
            ("https://sign.example.vn:443/a", "sign.example.vn", 443, "/a"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((address.name().as_str(), address.port, address.path.as_str()), (name, port, path));
        }
    }

    #[test]
    fn what_a_service_says_is_cut_and_harmless_on_a_terminal() {
        let answer = serde_json::json!({ "error": "\u{1b}[2Jbad", "error_description": "x".repeat(500) });
        let said = said(&answer).unwrap();
        assert!(said.starts_with("[2Jbad: xx") && said.chars().count() == 200, "{said:?}");
    }

    #[test]
    fn texts_are_wiped_at_every_depth() {
        let mut value = serde_json::json!({ "a": ["secret", { "b": "secret" }], "n": 1 });
        wipe(&mut value);
        assert_eq!(value, serde_json::json!({ "a": ["", { "b": "" }], "n": 1 }));
    }
}
