//! One question and its answer over an open connection.

use super::{EgressError, Question, Target};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Sends the question; the body of a 200 comes back.
pub(super) async fn talk<S>(
    stream: S,
    target: &Target,
    question: &Question<'_>,
    largest: usize,
) -> Result<Vec<u8>, EgressError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let host = || target.host.clone();
    let request = request(target, question).ok_or_else(|| EgressError::BadUrl(target.name()))?;
    let unreachable = |_| EgressError::Unreachable(host());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    // Moves bytes while the question is open; ends with it.
    let moving = tokio::spawn(connection);
    let outcome = async {
        let response = sender.send_request(request).await.map_err(unreachable)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(EgressError::Status { host: host(), status: status.as_u16() });
        }
        let too_long = || EgressError::TooLong { host: host(), allowed: largest };
        if response.body().size_hint().lower() > largest as u64 {
            return Err(too_long());
        }
        let body = Limited::new(response.into_body(), largest).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => too_long(),
            None => EgressError::Unreachable(host()),
        })?;
        Ok(body.to_bytes().to_vec())
    };
    let outcome = outcome.await;
    moving.abort();
    outcome
}

fn request(target: &Target, question: &Question<'_>) -> Option<Request<Full<Bytes>>> {
    let builder = match question.body {
        Some((content_type, _)) => Request::post(&target.path).header(CONTENT_TYPE, content_type),
        None => Request::get(&target.path),
    };
    let body = question.body.map(|(_, bytes)| Bytes::copy_from_slice(bytes)).unwrap_or_default();
    builder.header(HOST, target.name()).header(CONNECTION, "close").body(Full::new(body)).ok()
}
