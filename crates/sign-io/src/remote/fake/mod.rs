//! Signing services on this machine, for tests and trials: they answer as the real ones are described,
//! refuse what those refuse, and hold a key of the test authority. Nothing here is for real documents.
//!
//! A [`FakeService`] listens and remembers what it was asked; the `Office` behind it knows one
//! service's words. What the holder of the key does with the phone is a [`Phone`].

mod csc;
mod holder;
mod mysign;
mod smartca;
mod tls;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

pub use csc::FakeCsc;
pub use holder::Holder;
pub use mysign::FakeMySign;
pub use smartca::FakeSmartCa;
pub use tls::FakeTls;

const LARGEST_QUESTION: usize = 1 << 20;

/// What the holder of the key does when the phone asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phone {
    /// Confirms; the service says so after being asked this often.
    Confirms(u32),
    /// Says no.
    Refuses,
    /// Says nothing; the service goes on waiting.
    Silent,
    /// Says nothing until the service gives up.
    Late,
}

/// One question: method's path, bearer token, body.
pub struct Question<'q> {
    path: &'q str,
    token: Option<&'q str>,
    body: &'q Value,
}

impl<'q> Question<'q> {
    /// A question as it arrived.
    pub fn new(path: &'q str, token: Option<&'q str>, body: &'q Value) -> Self {
        Self { path, token, body }
    }
}

/// Status and JSON, or silence.
type Answer = Option<(u16, Value)>;

/// What a service knows and says.
pub trait Office: Send + Sync + 'static {
    /// The answer to one question.
    fn answer(&self, question: &Question<'_>) -> Option<(u16, Value)>;
}

/// A fake that is told every answer.
impl<F: Fn(&str, &Value) -> Answer + Send + Sync + 'static> Office for F {
    fn answer(&self, question: &Question<'_>) -> Answer {
        self(question.path, question.body)
    }
}

type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A service that listens; gone when dropped.
pub struct FakeService {
    url: String,
    asked: Asked,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeService {
    /// Listens at an address of this machine; port 0 takes a free one.
    ///
    /// # Errors
    /// The system's, when the address cannot be had.
    pub fn start(at: SocketAddr, tls: Option<&FakeTls>, office: impl Office) -> std::io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let acceptor = tls.map(FakeTls::acceptor);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let asked = Asked::default();
        let desk = Arc::new(Desk { office: Box::new(office), asked: Arc::clone(&asked) });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = listen(listener, acceptor, desk) => {}
                    _ = stopped => {}
                }
            });
        });
        let url = format!("{scheme}://{}:{port}", if tls.is_some() { "localhost" } else { "127.0.0.1" });
        Ok(Self { url, asked, stop: Some(stop), thread: Some(thread) })
    }

    /// Its base address, as in `http://127.0.0.1:40000`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything it was asked, in order: path and body.
    pub fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often a path was asked for.
    pub fn times(&self, end: &str) -> usize {
        self.asked().iter().filter(|(path, _)| path.ends_with(end)).count()
    }

    /// Waits until it is stopped from outside.
    pub fn run(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for FakeService {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Desk {
    office: Box<dyn Office>,
    asked: Asked,
}

async fn listen(listener: TcpListener, acceptor: Option<tls::Acceptor>, desk: Arc<Desk>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let (desk, acceptor) = (Arc::clone(&desk), acceptor.clone());
        tokio::spawn(async move {
            match acceptor {
                Some(acceptor) => {
                    if let Some(stream) = acceptor.accept(stream).await {
                        serve(stream, desk).await;
                    }
                }
                None => serve(stream, desk).await,
            }
        });
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + 'static>(stream: S, desk: Arc<Desk>) {
    let answer = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
    });
    // A client that goes away is no news.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

impl Desk {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).map(str::to_owned);
        let body = Limited::new(request.into_body(), LARGEST_QUESTION).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        let Ok(body) = serde_json::from_slice::<Value>(&body) else {
            return response(400, &serde_json::json!({ "error": "invalid_request" }));
        };
        let question = Question { path: &path, token: token.as_deref(), body: &body };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), body.clone()));
        let answer = self.office.answer(&question);
        match answer {
            Some((status, answer)) => response(status, &answer),
            // Silence: the connection stays open until the other side gives up.
            None => std::future::pending().await,
        }
    }
}

fn response(status: u16, answer: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
    if let Ok(status) = hyper::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    response
}
