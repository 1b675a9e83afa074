//! What bad input gets: the status, the code, and nothing half-done.

use super::office::{Answer, LETTER, Office, PIN, Staffed, authority, begin, person, years};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use sign_core::limits::Limits;
use sign_core::pdf::{Dictionary, Document, Object, Update};
use sign_io::pki::Validity;

#[tokio::test]
async fn steps_out_of_order_or_by_the_wrong_hand_are_refused() {
    let authority = authority();
    let staffed = Staffed::start(&authority).await;
    let office = &staffed.office;
    let document = staffed.draft().await;
    staffed.step(&document, "dispatch").await.refused(409, "no_number");
    staffed.step(&document, "freeze").await.ok();
    staffed.step(&document, "freeze").await.refused(409, "wrong_state");

    staffed.step(&document, "seal").await.refused(409, "seal_before_signature");
    staffed.step(&document, "number").await.refused(409, "wrong_state");
    let with = |key: &str, pin: &str| json!({ "command": "sign", "key": key, "pin": pin });
    let leaders = staffed.leader_key.as_str();
    office.command(&document, &staffed.clerk, with(leaders, PIN)).await.refused(403, "not_key_holder");
    let seal = staffed.seal_key.as_str();
    office.command(&document, &staffed.leader, with(seal, PIN)).await.refused(403, "not_key_holder");
    office.command(&document, &staffed.leader, with(leaders, "0000")).await.refused(422, "wrong_pin");
    let unknown = "018f0c8e-7b1a-7cc0-8000-000000000001";
    office.command(&document, &staffed.leader, with(unknown, PIN)).await.refused(404, "not_found");
    staffed.step(&document, "sign").await.ok();
    staffed.step(&document, "sign").await.refused(409, "wrong_state");

    let wanted = |number: u32| json!({ "command": "number", "requested": number });
    office.command(&document, &staffed.clerk, wanted(7)).await.refused(409, "number_gap");
    office
        .command(&document, &staffed.leader, json!({ "command": "number" }))
        .await
        .refused(403, "role_missing");
    staffed.step(&document, "number").await.ok();
    staffed.step(&document, "number").await.refused(409, "wrong_state");
    let bylaw = json!({ "command": "seal", "key": seal, "pin": PIN });
    office.command(&document, &staffed.leader, bylaw).await.refused(403, "not_the_clerk");
    staffed.steps(&document, &["seal", "issue"]).await;
    office
        .command(&document, &staffed.clerk, json!({ "command": "cancel", "reason": "x" }))
        .await
        .refused(409, "wrong_state");
}

/// The letter with a script that runs when it is opened.
fn letter_with_script() -> Vec<u8> {
    let mut letter = LETTER.to_vec();
    let appended = {
        let document = Document::open(&letter, Limits::default()).unwrap();
        let (id, catalog) = document.latest().catalog().unwrap();
        let script = Dictionary::new().with("S", Object::name("JavaScript")).with("JS", Object::text("x"));
        let mut update = Update::new(&document).unwrap();
        update.set(id, catalog.as_dictionary().unwrap().clone().with("OpenAction", script));
        update.finish().unwrap().bytes
    };
    letter.extend(appended);
    letter
}

#[tokio::test]
async fn content_that_can_change_its_look_is_named_or_refused() {
    let staffed = Staffed::start(&authority()).await;
    let clean = staffed.draft().await;
    let answer = staffed.step(&clean, "freeze").await.ok().json();
    assert!(answer.get("warnings").is_none(), "{answer}");

    let metadata = json!({
        "kind": "cong_van", "subject": "V/v thử", "drafting_unit": "CNTT",
        "recipients": [{ "organ": "H40.02", "name": "Văn phòng" }],
        "signer": { "position": "GIÁM ĐỐC", "full_name": "Nguyễn Văn A" },
    });
    let letter = letter_with_script();
    let document = staffed.create(metadata, &letter).await.ok().text("id");
    for step in ["freeze", "sign"] {
        let answer = staffed.step(&document, step).await.ok().json();
        assert_eq!(answer["warnings"][0]["code"], "javascript", "{step}: {answer}");
        assert_eq!(answer["warnings"][0]["severity"], "warning", "{step}: {answer}");
    }

    let sign = async |more: serde_json::Value| {
        let mut request = json!({ "key": staffed.leader_key });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let form = Form::new()
            .part("file", Part::bytes(letter.clone()))
            .text("request", request.to_string())
            .text("pin", PIN);
        staffed.office.form("/v1/sign", &staffed.leader, form).await
    };
    assert_eq!(sign(json!({})).await.ok().headers["x-content-warnings"], "javascript");
    sign(json!({ "strict": true })).await.refused(422, "risky_content");
}

#[tokio::test]
async fn another_organisations_document_is_not_there() {
    let authority = authority();
    let staffed = Staffed::start(&authority).await;
    let document = staffed.draft().await;
    // A second organisation on the same server: the books are apart, not the machine.
    let stranger = begin(staffed.office.data.path(), "H40.09", "Sở khác");
    for path in ["", "/timeline", "/files/1", "/message"] {
        let answer = staffed.office.get(&format!("/v1/documents/{document}{path}"), &stranger).await;
        answer.refused(404, "not_found");
    }
    let answer = staffed.office.command(&document, &stranger, json!({ "command": "dispatch" })).await;
    answer.refused(404, "not_found");
    assert_eq!(staffed.office.get("/v1/documents", &stranger).await.ok().json(), json!([]));
    let deliveries = format!("/v1/deliveries?document={document}");
    staffed.office.get(&deliveries, &stranger).await.refused(404, "not_found");
    let unknown = "/v1/documents/018f0c8e-7b1a-7cc0-8000-000000000001";
    staffed.office.get(unknown, &staffed.clerk).await.refused(404, "not_found");
    staffed.office.get("/v1/documents/..%2Fx", &staffed.clerk).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let authority = authority();
    let staffed = Staffed::start(&authority).await;
    let metadata = json!({ "kind": "cong_van", "subject": "x", "recipients": [] });
    staffed.create(metadata.clone(), b"hello").await.refused(422, "not_pdf");
    let cut = &LETTER[..LETTER.len() / 2];
    let truncated = staffed.create(metadata.clone(), cut).await;
    assert_eq!(truncated.status, 422, "{}", truncated.json());
    let secret = json!({ "kind": "cong_van", "subject": "x", "recipients": [], "secrecy": "secret" });
    staffed.create(secret, LETTER).await.refused(422, "secret_on_open_network");
    staffed.create(json!({ "kind": "thing" }), LETTER).await.refused(400, "malformed_request");

    let office = &staffed.office;
    let from = sign_io::clock::now().plus_seconds(-7200);
    let expired = person(&authority, office, Validity { from, until: from.plus_seconds(60) });
    office.upload(&staffed.leader, "person", &expired, PIN).await.refused(422, "certificate_expired");
    let good = person(&authority, office, years(1));
    office.upload(&staffed.leader, "person", &good, "wrong").await.refused(422, "wrong_pin");
    office.upload(&staffed.clerk, "organisation", &good, PIN).await.refused(422, "wrong_key_class");
    office.upload(&staffed.leader, "organisation", &good, PIN).await.refused(403, "role_missing");
}

#[tokio::test]
async fn signing_any_pdf_needs_the_callers_own_key() {
    let authority = authority();
    let staffed = Staffed::start(&authority).await;
    let sign = async |caller: &str, file: &[u8], more: serde_json::Value, pin: &str| -> Answer {
        let mut request = json!({ "key": staffed.leader_key });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let form = Form::new()
            .part("file", Part::bytes(file.to_vec()))
            .text("request", request.to_string())
            .text("pin", pin.to_owned());
        staffed.office.form("/v1/sign", caller, form).await
    };
    sign(&staffed.clerk, LETTER, json!({}), PIN).await.refused(403, "not_key_holder");
    sign(&staffed.leader, LETTER, json!({}), "nope").await.refused(422, "wrong_pin");
    sign(&staffed.leader, b"no", json!({}), PIN).await.refused(422, "not_pdf");
    // A wrong startxref is not looked past: no copy is made that nobody has seen.
    let damaged = [LETTER, b"startxref\n7\n%%EOF\n"].concat();
    sign(&staffed.leader, &damaged, json!({}), PIN).await.refused(422, "malformed_pdf");
    let certified = sign(&staffed.leader, LETTER, json!({ "certify": 1 }), PIN).await.ok();
    assert!(certified.body.starts_with(LETTER), "the bytes sent stay as they are");
    sign(&staffed.leader, &certified.body, json!({}), PIN).await.refused(422, "certified_no_changes");
    let named = sign(&staffed.leader, LETTER, json!({ "field": "Nowhere" }), PIN).await;
    named.refused(422, "field_not_found");

    let request = staffed.office.request(Method::POST, "/v1/verify", &staffed.clerk);
    let report = staffed.office.send(request.body(certified.body)).await.ok().json();
    assert_eq!(report["verdict"], "valid", "{report}");
    let request = staffed.office.request(Method::POST, "/v1/verify", &staffed.clerk).body(LETTER);
    assert_eq!(staffed.office.send(request).await.ok().json()["verdict"], "unsigned");
}

#[tokio::test]
async fn guessing_a_pin_is_stopped() {
    let staffed = Staffed::start(&authority()).await;
    let document = staffed.draft().await;
    staffed.step(&document, "freeze").await.ok();
    let sign = async |pin: &str| {
        let body = json!({ "command": "sign", "key": staffed.leader_key, "pin": pin });
        staffed.office.command(&document, &staffed.leader, body).await
    };
    for guess in ["1", "2", "3", "4", "5"] {
        sign(guess).await.refused(422, "wrong_pin");
    }
    // Even the right one, or guessing on would tell.
    sign(PIN).await.refused(403, "pin_resting");
}

#[tokio::test]
async fn requests_that_are_none_are_refused_before_any_work() {
    let office = Office::start("H40.01", "Sở").await;
    let clerk = office.hire("Lê Văn C", "clerk").await;
    office.get("/v1/people", "sk_wrong").await.refused(401, "unauthenticated");
    office.get("/nothing", &clerk).await.refused(404, "no_such_route");
    office
        .send(office.request(Method::DELETE, "/v1/people", &clerk))
        .await
        .refused(405, "method_not_allowed");
    office
        .post("/v1/people", &clerk, &json!({ "full_name": "X", "roles": [] }))
        .await
        .refused(403, "role_missing");
    let half = office.request(Method::POST, "/v1/people", &office.admin).body("{");
    office.send(half).await.refused(400, "malformed_request");
    let partner = json!({ "id": "H40.02", "name": "B", "exchange_url": "https://b.example" });
    office.post("/v1/organisations", &office.admin, &partner).await.refused(422, "unsupported_scheme");

    let large = vec![b' '; (2 << 20) + 1];
    let request = office.request(Method::POST, "/v1/verify", &clerk).body(large.clone());
    office.send(request).await.refused(413, "body_too_large");
    // The same as a part of a form, where the length of the part is not announced.
    let form = Form::new().part("file", Part::bytes(large));
    office.form("/v1/verify", &clerk, form).await.refused(413, "body_too_large");

    let request = office.request(Method::GET, "/v1/people", "x").header("accept-language", "vi");
    let problem = office.send(request).await.json();
    assert_eq!(problem["title"], problem["problem_vi"]);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing() {
    let office = Office::start("H40.01", "Sở").await;
    let made = office.post("/v1/api-keys", &office.admin, &json!({ "for": "admin" })).await.ok();
    let (id, key) = (made.text("id"), made.text("api_key"));
    office.get("/v1/people", &key).await.ok();
    office.post(&format!("/v1/api-keys/{id}/revoke"), &office.admin, &json!({})).await.ok();
    office.get("/v1/people", &key).await.refused(401, "unauthenticated");
    let listed = office.get("/v1/api-keys", &office.admin).await.ok();
    assert!(!String::from_utf8_lossy(&listed.body).contains(&key), "keys are never listed");
}

#[tokio::test]
async fn a_verified_file_has_the_name_that_was_given_or_one_that_says_there_was_none() {
    let office = Office::start("H40.01", "Sở Thông tin và Truyền thông").await;
    let ask = |query: &str| office.request(Method::POST, &format!("/v1/verify{query}"), &office.admin);
    let named = |answer: Answer| answer.ok().json()["file"]["name"].as_str().unwrap().to_owned();
    let bare = ask("").body(LETTER);
    assert_eq!(named(office.send(bare).await), "document.pdf");
    let disposition = "attachment; filename*=UTF-8''to%20tr%C3%ACnh.pdf";
    let told = ask("").header("content-disposition", disposition).body(LETTER);
    assert_eq!(named(office.send(told).await), "to trình.pdf");
    let asked = ask("?name=a.pdf").header("content-disposition", disposition).body(LETTER);
    assert_eq!(named(office.send(asked).await), "a.pdf");
    let form = Form::new().part("file", Part::bytes(LETTER).file_name("b.pdf"));
    assert_eq!(named(office.send(ask("").multipart(form)).await), "b.pdf");
}
