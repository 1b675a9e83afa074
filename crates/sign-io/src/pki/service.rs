//! The services of a test authority over HTTP on this machine: OCSP, lists, issuers' certificates and, with a
//! key for it, time stamps. For trying things out and for tests, like the authority itself.

use super::status::{ISSUING_PATH, LIST_PATH, OCSP_PATH, ROOT_LIST_PATH, Revoked};
use super::{Authority, PkiError, stamp};
use crate::clock;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sign_core::crypto::authenticate::nonce;
use sign_core::crypto::key::Signer;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// Path of the time-stamping authority.
pub const STAMP_PATH: &str = "/tsa";
/// Bytes of one question; real ones have some hundred.
const LARGEST_QUESTION: usize = 64 << 10;
/// How long lists and answers hold: an hour, so that what is taken back shows soon.
const HOLDS_SECONDS: i64 = 3_600;
/// Bytes of a token's serial number.
const SERIAL_BYTES: usize = 8;

/// Reads who was taken back, for every question anew.
pub type ReadRevoked = dyn Fn() -> Vec<Revoked> + Send + Sync;

/// What an authority serves.
pub struct Services {
    authority: Authority,
    revoked: Box<ReadRevoked>,
    unit: Option<Box<dyn Signer>>,
}

impl Services {
    /// Lists, OCSP answers and certificates of `authority`.
    pub fn new(authority: Authority, revoked: Box<ReadRevoked>) -> Self {
        Self { authority, revoked, unit: None }
    }

    /// Time stamps too, by this key.
    #[must_use]
    pub fn with_time_stamps(self, unit: Box<dyn Signer>) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// The system's, when the address cannot be had.
    pub fn run(self, at: SocketAddr, listening: impl FnOnce(SocketAddr)) -> std::io::Result<()> {
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        listening(listener.local_addr()?);
        let services = Arc::new(self);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                let services = Arc::clone(&services);
                tokio::spawn(async move {
                    let answer = service_fn(move |request| {
                        let services = Arc::clone(&services);
                        async move { Ok::<_, Infallible>(services.respond(request).await) }
                    });
                    // A client that goes away is no news.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        })
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let body = Limited::new(request.into_body(), LARGEST_QUESTION).collect().await;
        let Ok(body) = body.map(http_body_util::Collected::to_bytes) else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let posted = method == Method::POST;
        match self.say(&path, posted, &body) {
            Ok(Some((kind, answer))) => {
                let mut response = Response::new(Full::new(Bytes::from(answer)));
                response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
                response
            }
            Ok(None) => plain(StatusCode::NOT_FOUND),
            Err(PkiError::NotARequest) => plain(StatusCode::BAD_REQUEST),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Content type and bytes; none for what is not served.
    fn say(
        &self,
        path: &str,
        posted: bool,
        question: &[u8],
    ) -> Result<Option<(&'static str, Vec<u8>)>, PkiError> {
        let now = clock::now();
        let until = now.plus_seconds(HOLDS_SECONDS);
        Ok(match (path, posted) {
            (OCSP_PATH, true) => {
                let answer = self.authority.answer(question, &(self.revoked)(), now, Some(until))?;
                Some(("application/ocsp-response", answer))
            }
            (LIST_PATH, false) => {
                // Clocks differ: a list of this very second would be of the future to some.
                let list = self.authority.list(&(self.revoked)(), now.plus_seconds(-60), until)?;
                Some(("application/pkix-crl", list))
            }
            (ROOT_LIST_PATH, false) => {
                self.authority.root_list().map(|list| ("application/pkix-crl", list.to_vec()))
            }
            (ISSUING_PATH, false) => Some(("application/pkix-cert", self.authority.issuing_der()?)),
            (STAMP_PATH, true) => match &self.unit {
                Some(unit) => {
                    let serial = nonce(SERIAL_BYTES).map_err(|error| PkiError::Library(error.to_string()))?;
                    Some(("application/timestamp-reply", stamp::answer(question, &**unit, &serial, now)?))
                }
                None => None,
            },
            _ => None,
        })
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
