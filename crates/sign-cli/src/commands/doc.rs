//! `doc`: a thin client of sign-server. It sends what was typed and shows what came back; the
//! server knows the rules.

use crate::Outcome;
use crate::args::{DirectionArg, DocArgs, DocCommand, OutArgs};
use crate::failure::Failure;
use crate::output::Output;
use reqwest::header::HeaderValue;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sign_core::crypto::key::Pin;
use sign_core::report::model::ErrorWords;
use sign_io::file::read_small;
use sign_io::keystore::{KeystoreError, read_pin};
use sign_io::output::{self, Existing, Readers, check_place, write_whole};
use std::path::Path;
use std::time::Duration;

/// Where the server looks for the PIN of the key a command signs with.
const PIN_HEADER: &str = "x-sign-pin";

/// The server's own bound on a body is lower; this one keeps a wrong path from filling memory.
const LARGEST_FILE: u64 = 256 << 20;

pub(crate) fn run(args: &DocArgs, output: &Output) -> Result<Outcome, Failure> {
    let server = Server::new(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new("server_unreachable", e.to_string()))?;
    runtime.block_on(carry_out(&args.command, &server, output))?;
    Ok(Outcome::Good)
}

async fn carry_out(command: &DocCommand, server: &Server, output: &Output) -> Result<(), Failure> {
    match command {
        DocCommand::Create { metadata, files } => {
            let request = server.request(Method::POST, &["documents"])?.multipart(form(metadata, files)?);
            show(&server.json(request).await?, output);
        }
        DocCommand::List => show(&server.json(server.request(Method::GET, &["documents"])?).await?, output),
        DocCommand::Get { id } => {
            show(&server.json(server.request(Method::GET, &["documents", id])?).await?, output);
        }
        DocCommand::Timeline { id } => {
            show(&server.json(server.request(Method::GET, &["documents", id, "timeline"])?).await?, output);
        }
        DocCommand::Command { id, body, pin } => {
            let mut request = server.request(Method::POST, &["documents", id, "commands"])?;
            if let Some(pin) = super::pin(pin)? {
                request = request.header(PIN_HEADER, secret_header(&pin)?);
            }
            show(&server.json(request.json(&json_argument(body)?)).await?, output);
        }
        DocCommand::Message { id, out } => {
            fetch(server, &["documents", id, "message"], out, output).await?;
        }
        DocCommand::File { id, number, out } => {
            fetch(server, &["documents", id, "files", &number.to_string()], out, output).await?;
        }
        DocCommand::Register { direction, year } => {
            let direction = match direction {
                DirectionArg::Outgoing => "outgoing",
                DirectionArg::Incoming => "incoming",
            };
            let request = server.request(Method::GET, &["registers", direction, &year.to_string()])?;
            show(&server.json(request).await?, output);
        }
    }
    Ok(())
}

async fn fetch(server: &Server, segments: &[&str], out: &OutArgs, output: &Output) -> Result<(), Failure> {
    let existing = if out.force { Existing::Replace } else { Existing::Keep };
    check_place(&out.out, existing)?;
    let response = server.send(server.request(Method::GET, segments)?).await?;
    let bytes = response.bytes().await.map_err(unreachable)?;
    write_whole(&out.out, &[output::Part::Bytes(&bytes)], existing, Readers::Umask)?;
    output.text(&out.out.display().to_string());
    Ok(())
}

/// A header that is not shown in any log of this program.
fn secret_header(secret: &Pin) -> Result<HeaderValue, Failure> {
    let value = HeaderValue::from_bytes(secret.expose().as_bytes());
    let mut value = value.map_err(|_| Failure::new("pin_unreadable", ""))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The server's JSON is for programs and for people alike.
fn show(answer: &Value, output: &Output) {
    output.json_pretty(answer);
}

struct Server {
    client: Client,
    base: reqwest::Url,
    key: Option<Pin>,
}

impl Server {
    fn new(args: &DocArgs) -> Result<Self, Failure> {
        let address = args.server.clone().or_else(|| std::env::var("SIGN_SERVER").ok());
        let address = address.ok_or_else(|| Failure::new("bad_arguments", "--server"))?;
        let base = reqwest::Url::parse(&address).ok().filter(|url| !url.cannot_be_a_base());
        let base = base.ok_or_else(|| Failure::new("bad_arguments", format!("--server {address}")))?;
        let key = match &args.api_key_file {
            Some(path) => Some(read_pin(path).map_err(|e| key_failure(path, e))?),
            None => std::env::var("SIGN_API_KEY").ok().map(Pin::new),
        };
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            // An answer that sends us elsewhere would take the API key along.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(unreachable)?;
        Ok(Self { client, base, key })
    }

    /// Path segments are encoded one by one: an id cannot climb to another resource.
    fn request(&self, method: Method, segments: &[&str]) -> Result<RequestBuilder, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::new("bad_arguments", "--server"))?
            .pop_if_empty()
            .push("v1")
            .extend(segments);
        let request = self.client.request(method, url);
        Ok(match &self.key {
            Some(key) => request.bearer_auth(key.expose()),
            None => request,
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().await.map_err(unreachable)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let problem: Value = response.json().await.unwrap_or_default();
        Err(refusal(status, &problem))
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let answer = self.send(request).await?.json().await;
        answer.map_err(|e| Failure::new("server_answer_unreadable", e.to_string()))
    }
}

/// An API key file is read like a PIN file; its failure is about the key.
fn key_failure(path: &Path, error: KeystoreError) -> Failure {
    match error {
        KeystoreError::File(file) => file.into(),
        _ => Failure::new("api_key_unreadable", path.display().to_string()),
    }
}

/// The server's own words (RFC 9457 with `code` and sentences in both languages), if it sent some.
fn refusal(status: StatusCode, problem: &Value) -> Failure {
    let word = |key: &str| problem.get(key).and_then(Value::as_str).map(str::to_owned);
    let said = || {
        Some(ErrorWords {
            code: word("code")?,
            message_vi: with_detail(word("problem_vi")?, word("detail")),
            message_en: with_detail(word("problem_en")?, word("detail")),
            hint_vi: word("hint_vi")?,
            hint_en: word("hint_en")?,
        })
    };
    match said() {
        Some(words) => {
            Failure { code: words.code.clone(), detail: String::new(), words: Some(Box::new(words)) }
        }
        None => Failure::new("server_refused", status.to_string()),
    }
}

fn with_detail(message: String, detail: Option<String>) -> String {
    match detail.filter(|detail| !detail.is_empty()) {
        Some(detail) => format!("{message} {detail}"),
        None => message,
    }
}

fn unreachable(error: reqwest::Error) -> Failure {
    // The inner error says why; the outer one only that it failed.
    let mut reason: &dyn std::error::Error = &error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    Failure::new("server_unreachable", reason.to_string())
}

fn form(metadata: &Path, files: &[std::path::PathBuf]) -> Result<Form, Failure> {
    let metadata_text = read_small(metadata, 1 << 20)?;
    let value: Value = serde_json::from_slice(&metadata_text)
        .map_err(|e| Failure::new("not_json", format!("{}: {e}", metadata.display())))?;
    let mime = |part: Part, mime: &str| part.mime_str(mime).map_err(unreachable);
    let mut form = Form::new().part("metadata", mime(Part::text(value.to_string()), "application/json")?);
    for (index, file) in files.iter().enumerate() {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let part = Part::bytes(read_small(file, LARGEST_FILE)?).file_name(name);
        form = form.part(if index == 0 { "file" } else { "appendix" }, mime(part, "application/pdf")?);
    }
    Ok(form)
}

/// A JSON text, or `@FILE`.
fn json_argument(text: &str) -> Result<Value, Failure> {
    let bytes = match text.strip_prefix('@') {
        Some(path) => read_small(Path::new(path), 1 << 20)?,
        None => text.as_bytes().to_vec(),
    };
    serde_json::from_slice(&bytes).map_err(|e| Failure::new("not_json", e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_path_segment() {
        let args = DocArgs {
            server: Some("http://127.0.0.1:1/base/".into()),
            api_key_file: None,
            command: DocCommand::Get { id: String::new() },
        };
        let server = Server::new(&args).unwrap();
        let request = server.request(Method::GET, &["documents", "../keys?x=1#y"]).unwrap().build().unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:1/base/v1/documents/..%2Fkeys%3Fx=1%23y");
    }

    #[test]
    fn a_refusal_speaks_the_servers_words_or_names_its_status() {
        let problem = serde_json::json!({
            "code": "seal_before_leader", "problem_vi": "chưa ký", "problem_en": "not signed",
            "hint_vi": "ký trước", "hint_en": "sign first", "detail": "",
        });
        let failure = refusal(StatusCode::CONFLICT, &problem);
        assert_eq!(failure.words.unwrap().message_en, "not signed");
        assert_eq!(refusal(StatusCode::BAD_GATEWAY, &Value::Null).code, "server_refused");
    }

    #[test]
    fn reads_json_from_the_argument_or_a_file() {
        assert_eq!(json_argument("{\"a\":1}").unwrap()["a"], 1);
        assert_eq!(json_argument("{a}").unwrap_err().code, "not_json");
        assert_eq!(json_argument("@/nowhere").unwrap_err().code, "file_not_found");
    }
}
