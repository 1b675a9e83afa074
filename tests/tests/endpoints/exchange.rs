//! Two servers: a letter goes over, receipts and statuses come back.

use super::office::{Answer, Office, PIN, Staffed, authority, wait};
use reqwest::Method;
use serde_json::{Value, json};

/// A sender and a recipient who know each other.
struct Pair {
    sender: Staffed,
    recipient: Office,
    clerk: String,
    /// The key the recipient gave the sender.
    peer_key: String,
}

impl Pair {
    async fn start() -> Self {
        let authority = authority();
        let sender = Staffed::start(&authority).await;
        let recipient = Office::start("H40.02", "Văn phòng").await;
        recipient.trust(&authority).await;
        let clerk = recipient.hire("Phạm Thị D", "clerk").await;
        let peer_key = introduce(&sender.office, &recipient).await;
        introduce(&recipient, &sender.office).await;
        Self { sender, recipient, clerk, peer_key }
    }

    async fn dispatched(&self) -> String {
        let document = self.sender.draft().await;
        let steps = ["freeze", "sign", "number", "seal", "issue", "dispatch"];
        self.sender.steps(&document, &steps).await;
        document
    }

    async fn status(&self, document: &str, code: &str) {
        let path = format!("/v1/deliveries?document={document}");
        let shown = |list: &Value| {
            let statuses = list[0]["statuses"].as_array()?;
            statuses.iter().any(|status| status["status"] == code).then_some(())
        };
        wait(&self.sender.office, &path, &self.sender.clerk, shown).await;
    }

    async fn arrived(&self) -> String {
        let first = |list: &Value| list[0]["id"].as_str().map(str::to_owned);
        wait(&self.recipient, "/v1/documents?direction=incoming", &self.clerk, first).await
    }

    async fn deliver(&self, id: &str, body: Vec<u8>) -> Answer {
        let request = self.recipient.request(Method::POST, "/v1/exchange/messages", &self.peer_key);
        self.recipient.send(request.header("message-id", id).body(body)).await
    }
}

async fn introduce(from: &Office, to: &Office) -> String {
    let key = json!({ "for": "peer", "organisation": from.code });
    let key = to.post("/v1/api-keys", &to.admin, &key).await.ok().text("api_key");
    let partner = json!({ "id": to.code, "name": to.name, "exchange_url": to.base(), "peer_api_key": key });
    from.post("/v1/organisations", &from.admin, &partner).await.ok();
    key
}

#[tokio::test]
async fn a_letter_goes_over_and_its_statuses_come_back() {
    let pair = Pair::start().await;
    let document = pair.dispatched().await;
    pair.status(&document, "01").await;
    let incoming = pair.arrived().await;
    let path = format!("/v1/documents/{incoming}");
    let arrived = pair.recipient.get(&path, &pair.clerk).await.ok().json();
    assert_eq!(arrived["findings"], json!([]), "{arrived}");
    assert_eq!(arrived["state_name"], "received");

    // The same bytes on both sides, and both signatures hold for the recipient.
    let file = |id: &str| format!("/v1/documents/{id}/files/1");
    let sent = pair.sender.office.get(&file(&document), &pair.sender.clerk).await.ok().body;
    let got = pair.recipient.get(&file(&incoming), &pair.clerk).await.ok().body;
    assert!(sent == got);
    let message = |id: &str| format!("/v1/documents/{id}/message");
    let sent = pair.sender.office.get(&message(&document), &pair.sender.clerk).await.ok().body;
    assert!(sent == pair.recipient.get(&message(&incoming), &pair.clerk).await.ok().body);
    let elsewhere = format!("{}?to=H40.77", message(&document));
    pair.sender.office.get(&elsewhere, &pair.sender.clerk).await.refused(404, "not_found");
    let request = pair.recipient.request(Method::POST, "/v1/verify", &pair.clerk).body(got);
    let report = pair.recipient.send(request).await.ok().json();
    assert_eq!(
        (&report["verdict"], &report["official"]["complete"]),
        (&json!("valid"), &json!(true)),
        "{report}"
    );

    let register = json!({ "command": "register", "assigned_to": "Phòng Hành chính" });
    let registered = pair.recipient.command(&incoming, &pair.clerk, register.clone()).await.ok().json();
    assert_eq!(registered["number"], 1);
    pair.recipient.command(&incoming, &pair.clerk, register).await.refused(409, "wrong_state");
    pair.status(&document, "03").await;

    let timeline = format!("/v1/documents/{document}/timeline");
    let timeline = pair.sender.office.get(&timeline, &pair.sender.clerk).await.ok().json();
    let names: Vec<&str> =
        timeline.as_array().unwrap().iter().filter_map(|entry| entry["event"]["event"].as_str()).collect();
    let expected = ["created", "frozen", "leader_signed", "number_assigned", "seal_recorded", "issued"];
    assert_eq!(names[..6], expected);
    let year = &timeline[0]["at"].as_str().unwrap()[..4];
    for (office, key, book, code) in [
        (&pair.sender.office, &pair.sender.clerk, "outgoing", "01/STTTT-CNTT"),
        (&pair.recipient, &pair.clerk, "incoming", "01/STTTT-CNTT"),
    ] {
        let lines = office.get(&format!("/v1/registers/{book}/{year}"), key).await.ok().json();
        assert_eq!((lines.as_array().unwrap().len(), &lines[0]["number"]), (1, &json!(1)));
        assert_eq!(lines[0]["row"]["code"], code, "{lines}");
    }
}

#[tokio::test]
async fn a_letter_sent_back_shows_its_reason_to_the_sender() {
    let pair = Pair::start().await;
    let document = pair.dispatched().await;
    let incoming = pair.arrived().await;
    let silent = json!({ "command": "reject" });
    pair.recipient.command(&incoming, &pair.clerk, silent).await.refused(422, "reason_missing");
    let reject = json!({ "command": "reject", "reason": "Gửi nhầm đơn vị" });
    pair.recipient.command(&incoming, &pair.clerk, reject).await.ok();
    pair.status(&document, "02").await;
    let path = format!("/v1/documents/{document}/timeline");
    let timeline = pair.sender.office.get(&path, &pair.sender.clerk).await.ok();
    assert!(String::from_utf8_lossy(&timeline.body).contains("Gửi nhầm đơn vị"));
}

#[tokio::test]
async fn a_repeated_message_gets_the_same_receipt_and_no_second_document() {
    let pair = Pair::start().await;
    pair.dispatched().await;
    let incoming = pair.arrived().await;
    let body = pair.recipient.get(&format!("/v1/documents/{incoming}/message"), &pair.clerk).await.ok().body;
    let id = pair.recipient.get(&format!("/v1/documents/{incoming}"), &pair.clerk).await.ok().text("message");
    let first = pair.deliver(&id, body.clone()).await.ok();
    let again = pair.deliver(&id, body.clone()).await.ok();
    assert_eq!(first.body, again.body);
    assert_eq!(first.json()["outcome"], "accepted");
    let list = pair.recipient.get("/v1/documents?direction=incoming", &pair.clerk).await.ok().json();
    assert_eq!(list.as_array().unwrap().len(), 1);

    let mut other = body.clone();
    other.push(b'\n');
    pair.deliver(&id, other).await.refused(409, "message_id_reused");
    pair.deliver("another-id", body.clone()).await.refused(400, "malformed_request");
    let nonsense = pair.deliver(&id, b"<a/>".to_vec()).await;
    assert_eq!(nonsense.status, 422, "{}", nonsense.json());
}

#[tokio::test]
async fn nobody_sends_in_anothers_name() {
    let pair = Pair::start().await;
    pair.dispatched().await;
    let incoming = pair.arrived().await;
    let body = pair.recipient.get(&format!("/v1/documents/{incoming}/message"), &pair.clerk).await.ok().body;
    let stranger = json!({ "for": "peer", "organisation": "H40.77" });
    let stranger =
        pair.recipient.post("/v1/api-keys", &pair.recipient.admin, &stranger).await.ok().text("api_key");
    let send = async |key: &str| {
        let request = pair.recipient.request(Method::POST, "/v1/exchange/messages", key);
        pair.recipient.send(request.header("message-id", "m1").body(body.clone())).await
    };
    send(&stranger).await.refused(403, "sender_is_not_peer");
    send(&pair.clerk).await.refused(403, "role_missing");
    // And a peer's key opens nothing else.
    pair.recipient.get("/v1/documents", &stranger).await.refused(403, "role_missing");
}

#[tokio::test]
async fn what_cannot_be_delivered_is_given_up_and_said() {
    let sender = Staffed::start(&authority()).await;
    // The partner of this office listens nowhere; four attempts are made.
    let partner = json!({ "id": "H40.02", "name": "Văn phòng", "exchange_url": "http://127.0.0.1:9", "peer_api_key": PIN });
    sender.office.post("/v1/organisations", &sender.office.admin, &partner).await.ok();
    let document = sender.draft().await;
    sender.steps(&document, &["freeze", "sign", "number", "seal", "issue", "dispatch"]).await;
    let failed = |list: &Value| (list[0]["transport"]["state"] == "failed").then_some(());
    let path = format!("/v1/deliveries?document={document}");
    wait(&sender.office, &path, &sender.clerk, failed).await;
}

/// The status names the incoming number; several clerks at once must not make it name another's.
#[tokio::test]
async fn registering_at_once_tells_every_sender_its_own_number() {
    let pair = Pair::start().await;
    for _ in 0..4 {
        pair.dispatched().await;
    }
    let all = |list: &Value| {
        let found = list.as_array()?.iter().filter_map(|d| Some((text(&d["id"])?, text(&d["code"])?)));
        let found: Vec<(String, String)> = found.collect();
        (found.len() == 4).then_some(found)
    };
    let arrived = wait(&pair.recipient, "/v1/documents?direction=incoming", &pair.clerk, all).await;
    let register = |id: &str| {
        let body = json!({ "command": "register", "assigned_to": "Phòng Hành chính" });
        let (id, pair) = (id.to_owned(), &pair);
        async move { pair.recipient.command(&id, &pair.clerk, body).await.ok().json()["number"].as_i64().unwrap() }
    };
    let [a, b, c, d] = arrived.as_slice() else { panic!("{arrived:?}") };
    let (a, b, c, d) = tokio::join!(register(&a.0), register(&b.0), register(&c.0), register(&d.0));
    let mut numbers = [a, b, c, d];
    let sent = pair.sender.office.get("/v1/documents", &pair.sender.clerk).await.ok().json();
    for ((_, code), number) in arrived.iter().zip(numbers) {
        let sent = sent.as_array().unwrap().iter().find(|document| document["code"] == **code).unwrap();
        let told = |list: &Value| {
            let status = list[0]["statuses"].as_array()?.iter().find(|status| status["status"] == "03")?;
            text(&status["description"])
        };
        let path = format!("/v1/deliveries?document={}", sent["id"].as_str().unwrap());
        let told = wait(&pair.sender.office, &path, &pair.sender.clerk, told).await;
        assert_eq!(told, format!("Số đến: {number:02}"));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
