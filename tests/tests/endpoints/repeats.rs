//! The same request again has no second effect.

use super::office::Office;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_adds_nothing() {
    let office = Office::start("H40.01", "Sở").await;
    let add = async |name: &str, repeat: &str| {
        let request = office.request(Method::POST, "/v1/people", &office.admin);
        let body = json!({ "full_name": name, "roles": ["clerk"] });
        office.send(request.header("idempotency-key", repeat).json(&body)).await
    };
    let first = add("Lê Văn C", "k1").await.ok();
    let again = add("Lê Văn C", "k1").await.ok();
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    add("Người khác", "k1").await.refused(422, "idempotency_key_reused");
    add("Lê Văn C", "k2").await.ok();
    add("x", "").await.refused(400, "malformed_request");
    assert_eq!(office.get("/v1/people", &office.admin).await.ok().json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_failed_request_may_be_tried_again_under_its_key() {
    let office = Office::start("H40.01", "Sở").await;
    let add = async |body: serde_json::Value| {
        let request = office.request(Method::POST, "/v1/people", &office.admin);
        office.send(request.header("idempotency-key", "k").json(&body)).await
    };
    add(json!({ "full_name": "" , "roles": [] })).await.refused(400, "malformed_request");
    add(json!({ "full_name": "A", "roles": [] })).await.ok();
}
