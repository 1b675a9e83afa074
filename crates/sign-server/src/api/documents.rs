//! `/v1/documents`: documents, their files, timelines and commands.

use super::{
    Route,
    input::{self, Form, InPath, InQuery, Pin},
};
use crate::{
    app::{
        commands::{self, Asked},
        documents::{self, DocumentLine, DocumentView, Filter, NewFile},
        failure::Failure,
        timeline::Entry,
    },
    auth::Caller,
    state::Shared,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use circulation::{document::FileRole, id::DossierId, organ::OrganId};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/documents", list),
        Route::post("/v1/documents", create),
        Route::get("/v1/documents/{id}", read),
        Route::get("/v1/documents/{id}/files/{number}", file),
        Route::get("/v1/documents/{id}/message", message),
        Route::get("/v1/documents/{id}/timeline", timeline),
        Route::post("/v1/documents/{id}/commands", command),
    ]
}

async fn list(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(filter): InQuery<Filter>,
) -> Result<Json<Vec<DocumentLine>>, Failure> {
    caller.require_member()?;
    Ok(Json(documents::list(&state, caller.organ, filter).await?))
}

async fn create(
    State(state): State<Shared>,
    caller: Caller,
    form: Form,
) -> Result<(StatusCode, Json<DocumentView>), Failure> {
    caller.require_member()?;
    let metadata = form.json("metadata")?;
    let main = form.get("file")?;
    let appendixes = form.parts().filter(|part| part.name.starts_with("appendix"));
    let taken = |part: &input::Part, role| NewFile {
        name: part.file_name.clone().unwrap_or_default(),
        bytes: part.bytes.clone(),
        role,
    };
    let mut files = vec![taken(main, FileRole::Main)];
    files.extend(appendixes.map(|part| taken(part, FileRole::Appendix)));
    let view = documents::create(&state, &caller, metadata, files).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn read(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<DossierId>,
) -> Result<Json<DocumentView>, Failure> {
    caller.require_member()?;
    Ok(Json(documents::read(&state, caller.organ, id).await?))
}

async fn timeline(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<DossierId>,
) -> Result<Json<Vec<Entry>>, Failure> {
    caller.require_member()?;
    Ok(Json(documents::timeline(&state, caller.organ, id).await?))
}

async fn command(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<DossierId>,
    Pin(pin): Pin,
    input::Json(asked): input::Json<Asked>,
) -> Result<Json<DocumentView>, Failure> {
    caller.require_member()?;
    Ok(Json(commands::run(&state, caller, id, asked, pin).await?))
}

async fn file(
    State(state): State<Shared>,
    caller: Caller,
    InPath((id, number)): InPath<(DossierId, usize)>,
) -> Result<Response, Failure> {
    caller.require_member()?;
    let content = documents::file(&state, caller.organ, id, number).await?;
    Ok(download(content.bytes, &content.record.media_type, &content.record.name))
}

#[derive(Deserialize)]
struct To {
    to: Option<OrganId>,
}

async fn message(
    State(state): State<Shared>,
    caller: Caller,
    InPath(id): InPath<DossierId>,
    InQuery(to): InQuery<To>,
) -> Result<Response, Failure> {
    caller.require_member()?;
    let bytes = documents::message(&state, caller.organ, id, to.to).await?;
    Ok(download(bytes, "application/xml", "message.edxml"))
}

/// Bytes somebody else made: never shown by a browser as a page of ours (ASVS 3.2.1).
fn download(bytes: Vec<u8>, media_type: &str, name: &str) -> Response {
    let known = ["application/pdf", "application/xml"];
    let media_type = if known.contains(&media_type) { media_type } else { "application/octet-stream" };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{}", percent(name))) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// RFC 8187: everything but `attr-char` as `%XX`.
fn percent(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_into_headers_as_rfc_8187_writes_them() {
        assert_eq!(percent("công văn\r\n\".pdf"), "c%C3%B4ng%20v%C4%83n%0D%0A%22.pdf");
    }
}
