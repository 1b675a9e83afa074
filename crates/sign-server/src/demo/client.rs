//! A small client of the public HTTP API: what curl would do.

use anyhow::{Context, bail};
use reqwest::{RequestBuilder, Response, multipart::Form};
use serde_json::Value;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Longest wait for something another server has to do first.
const DEADLINE: Duration = Duration::from_secs(15);
/// Time between two questions while waiting.
const BETWEEN: Duration = Duration::from_millis(15);

/// One person's (or administrator's) way to one server.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: String,
    language: &'static str,
}

impl Client {
    pub(super) fn new(address: SocketAddr, key: &str, language: &'static str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, base: format!("http://{address}"), key: key.to_owned(), language })
    }

    /// The same server with another key.
    pub(super) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.send(self.http.get(self.url(path)), path).await?.json().await?)
    }

    pub(super) async fn get_bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        Ok(self.send(self.http.get(self.url(path)), path).await?.bytes().await?.to_vec())
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(self.send(self.http.post(self.url(path)).json(body), path).await?.json().await?)
    }

    pub(super) async fn post_bytes(&self, path: &str, body: Vec<u8>) -> anyhow::Result<Value> {
        Ok(self.send(self.http.post(self.url(path)).body(body), path).await?.json().await?)
    }

    pub(super) async fn post_form(&self, path: &str, form: Form) -> anyhow::Result<Value> {
        Ok(self.send(self.http.post(self.url(path)).multipart(form), path).await?.json().await?)
    }

    /// Asks until the answer is as wished.
    pub(super) async fn wait<T>(
        &self,
        path: &str,
        wished: impl Fn(&Value) -> Option<T>,
    ) -> anyhow::Result<T> {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(found) = wished(&self.get(path).await?) {
                return Ok(found);
            }
            if Instant::now() > until {
                bail!("{path}: not as wished after {} s", DEADLINE.as_secs());
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> anyhow::Result<Response> {
        let request = request.bearer_auth(&self.key).header("accept-language", self.language);
        let response = request.send().await.with_context(|| path.to_owned())?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let problem: Value = response.json().await.unwrap_or_default();
        let text = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (code, title, detail, hint) = (text("code"), text("title"), text("detail"), text("hint"));
        bail!("{path}: {status} {code}\n{title} {detail}\n{hint}")
    }
}
