//! `POST /v1/verify`: a PDF in, the report out, whatever the verdict.

use super::{
    Route,
    input::{Form, InQuery},
};
use crate::{
    app::{
        failure::Failure,
        verify::{self, Answer, Language, Letter},
    },
    auth::Caller,
    error::prefers_vietnamese,
    state::Shared,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use sign_core::report::words::Lang;

/// Name in the report of a file that came without one.
const NAMELESS: &str = "document.pdf";
/// What `Accept` may ask for. Without a wish, or with any other, it is JSON.
const FORMS: [(&str, verify::Form); 4] = [
    ("application/json", verify::Form::Json),
    ("text/html", verify::Form::Html),
    ("application/pdf", verify::Form::Pdf),
    ("application/xml", verify::Form::Xml),
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/v1/verify", post)]
}

async fn post(
    State(state): State<Shared>,
    caller: Caller,
    InQuery(options): InQuery<verify::Options>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Failure> {
    let file = form.get("file")?;
    let given = options.name.clone().or_else(|| file.file_name.clone()).filter(|name| !name.is_empty());
    let name = given.unwrap_or_else(|| NAMELESS.to_owned());
    let letter = Letter { name, bytes: file.bytes.clone(), password: form.password()? };
    let wanted = options.report.unwrap_or_else(|| accepted(&headers));
    let lang = language(&options, &headers);
    let answer = verify::verify(&state, &caller.organ, letter, &options, wanted, lang).await?;
    Ok(match answer {
        Answer::Report(report) => Json(*report).into_response(),
        Answer::Bytes(bytes) => shown(bytes, wanted, lang),
    })
}

fn shown(bytes: Vec<u8>, form: verify::Form, lang: Lang) -> Response {
    let kind = match form {
        verify::Form::Html => "text/html; charset=utf-8",
        verify::Form::Pdf => "application/pdf",
        verify::Form::Xml => "application/xml",
        verify::Form::Json => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_LANGUAGE, lang.pick("vi", "en")),
        // The page names its own policy; here it is also kept from acting in this server's name.
        (header::CONTENT_SECURITY_POLICY, "sandbox"),
    ];
    (headers, bytes).into_response()
}

fn language(options: &verify::Options, headers: &HeaderMap) -> Lang {
    match options.lang {
        Some(Language::Vi) => Lang::Vi,
        Some(Language::En) => Lang::En,
        None if prefers_vietnamese(headers) => Lang::Vi,
        None => Lang::En,
    }
}

/// The form that `Accept` gives the greatest weight, of equals the first in the header (RFC 9110 12.5.1).
fn accepted(headers: &HeaderMap) -> verify::Form {
    let text = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut best = (verify::Form::Json, 0.0_f32);
    for entry in text.split(',') {
        let mut parts = entry.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        let form = FORMS.iter().find(|(name, _)| *name == kind).map(|(_, form)| *form);
        if let (Some(form), Some(weight)) = (form, weight)
            && weight > best.1
        {
            best = (form, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn accept_chooses_the_form_and_json_is_what_nobody_asks_for() {
        use verify::Form::{Html, Json, Pdf, Xml};
        for (accept, form) in [
            ("", Json),
            ("*/*", Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Html),
            ("application/pdf", Pdf),
            ("application/json;q=0.5, application/xml", Xml),
            ("image/png", Json),
            ("text/html;q=x, application/pdf;q=0.1", Pdf),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepted(&headers), form, "{accept}");
        }
    }
}
