//! The report in the form that was asked for, by parameter or by `Accept`.

use super::office::{LETTER, Office};
use reqwest::Method;

#[tokio::test]
async fn a_report_comes_in_the_form_and_language_that_was_asked_for() {
    let office = Office::start("H40.01", "Sở Thông tin và Truyền thông").await;
    let vietnamese = "vi,en;q=0.5";
    for (query, accept, language, kind, begins, holds) in [
        ("", "*/*", vietnamese, "application/json", "{", "\"unsigned\""),
        (
            "?report=html",
            "*/*",
            vietnamese,
            "text/html; charset=utf-8",
            "<!DOCTYPE html>",
            "<h1>CHƯA KÝ</h1>",
        ),
        ("", "text/html,*/*;q=0.1", "en", "text/html; charset=utf-8", "<!DOCTYPE html>", "<h1>UNSIGNED</h1>"),
        ("?report=html&lang=en", "*/*", vietnamese, "text/html; charset=utf-8", "<!DOCTYPE", "UNSIGNED</h1>"),
        ("?report=pdf", "application/json", "en", "application/pdf", "%PDF-1.7", "pdfaid:part"),
        ("", "application/xml", "en", "application/xml", "<?xml", "noSignatureFound"),
    ] {
        let request = office.request(Method::POST, &format!("/v1/verify{query}"), &office.admin);
        let request = request.header("accept", accept).header("accept-language", language);
        let answer = office.send(request.body(LETTER)).await.ok();
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.headers["content-type"], kind, "{query} {accept}");
        assert!(text.starts_with(begins) && text.contains(holds), "{query} {accept}: {text:.300}");
        assert_eq!(answer.headers.contains_key("content-security-policy"), kind != "application/json");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let unknown = office.request(Method::POST, "/v1/verify?report=docx", &office.admin).body(LETTER);
    office.send(unknown).await.refused(400, "malformed_request");
}
