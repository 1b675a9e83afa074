//! A running server: connections, outer layers, graceful stop.

use crate::{
    api,
    app::failure::{Failure, Kind},
    config::Config,
    error,
    state::{Shared, State},
    worker,
};
use anyhow::Context;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::catch_panic::CatchPanicLayer;

/// Longest time open requests get to finish after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(20);

/// A server that answers.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it works with.
    pub state: Shared,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the data directory, listens and starts the worker.
    ///
    /// # Errors
    /// If the data cannot be opened or the address is taken.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let data = config.data.display().to_string();
        let state = tokio::task::spawn_blocking(move || State::open(config)).await?;
        let state = state.with_context(|| format!("cannot use the data directory {data}"))?;
        let (stop, stopping) = watch::channel(false);
        let worker = tokio::spawn(worker::run(state.clone(), stopping.clone()));
        let connections = tokio::spawn(accept(listener, state.clone(), stopping));
        tracing::info!(%address, "listening");
        Ok(Self { address, state, stop, tasks: vec![connections, worker] })
    }

    /// Takes no new connections, lets open requests and the message being sent finish, then ends.
    pub async fn stop(self) {
        // Fails only if every task has ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        tracing::info!("stopped");
    }
}

async fn accept(listener: TcpListener, state: Shared, mut stopping: watch::Receiver<bool>) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(state.config.header_timeout);
    let service = TowerToHyperService::new(service(state));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.changed() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that goes away or sends nonsense is no event of ours.
            let _ = connection.await;
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish before the stop");
    }
}

/// Out of file handles: waiting lets connections end. Other errors concern one connection only.
async fn pause_after(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::warn!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The whole HTTP service: routes inside, then limits, then log, then the words of failures.
pub fn service(state: Shared) -> Router {
    let config = &state.config;
    let (max_body, timeout) = (config.max_body, config.request_timeout);
    api::router()
        .layer(middleware::from_fn_with_state(state.clone(), api::once::once))
        .layer(DefaultBodyLimit::max(max_body))
        .layer(middleware::from_fn(move |request, next| limit_body(max_body, request, next)))
        .layer(middleware::from_fn(move |request, next| limit_time(timeout, request, next)))
        .layer(CatchPanicLayer::custom(|_| Failure::internal("a handler panicked").into_response()))
        .layer(middleware::from_fn(log))
        .layer(middleware::from_fn(error::render))
        .with_state(state)
}

/// Refuses by the announced length, before a byte is read. A body without one is counted while read.
async fn limit_body(limit: usize, request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return too_large(limit).into_response();
    }
    next.run(request).await
}

/// The failure of a body above the limit.
pub fn too_large(limit: usize) -> Failure {
    Failure::new(Kind::TooLarge, "body_too_large", format!("the limit is {limit} bytes"))
}

async fn limit_time(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Failure::new(Kind::TimedOut, "timed_out", format!("after {} s", limit.as_secs())).into_response()
        }
    }
}

/// One line a request: the route's pattern, not the address, which holds ids; no headers, no bodies.
async fn log(request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let method = request.method().clone();
    let id = request.extensions().get::<error::RequestId>().map_or(String::new(), |id| id.0.clone());
    let route = request.extensions().get::<axum::extract::MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let code = response.extensions().get::<Failure>().map(|failure| failure.code.as_str());
    tracing::info!(
        request_id = %id,
        %method,
        route = route.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        code = code.unwrap_or("-"),
        ms = started.elapsed().as_millis() as u64,
        "answered"
    );
    response
}
