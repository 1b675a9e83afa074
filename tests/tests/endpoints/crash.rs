//! A server that is killed loses nothing and sends nothing twice.

use super::{
    office::{Office, Staffed, authority, begin, wait},
    process::{address, start},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_letter_dispatched_before_a_crash_arrives_once_after_it() {
    let authority = authority();
    let recipient = Office::start("H40.02", "Văn phòng").await;
    recipient.trust(&authority).await;
    let clerk = recipient.hire("Phạm Thị D", "clerk").await;
    let peer = json!({ "for": "peer", "organisation": "H40.01" });
    let peer_key = recipient.post("/v1/api-keys", &recipient.admin, &peer).await.ok().text("api_key");

    // The sender's partner is not reachable yet: the letter waits in the outbox.
    let (data, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, log) = (data.path().to_owned(), logs.path().join("log"));
    let admin = begin(&path, "H40.01", "Sở Thông tin và Truyền thông");
    let mut running = start(&path, &log);
    let office =
        Office::at(data, address(&log).await, admin.clone(), "H40.01", "Sở Thông tin và Truyền thông");
    let sender = Staffed::fill(office, &authority).await;
    let document = sender.draft().await;
    sender.steps(&document, &["freeze", "sign", "number", "seal", "issue", "dispatch"]).await;

    // SIGKILL: no flush, no goodbye.
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let log = logs.path().join("log-2");
    let _again = start(&path, &log);
    let office = sender.office.moved_to(address(&log).await);
    let partner = json!({
        "id": "H40.02", "name": "Văn phòng", "exchange_url": recipient.base(), "peer_api_key": peer_key,
    });
    office.post("/v1/organisations", &admin, &partner).await.ok();

    let accepted = |list: &Value| (list[0]["transport"]["state"] == "accepted").then_some(());
    wait(&office, &format!("/v1/deliveries?document={document}"), &sender.clerk, accepted).await;
    let arrived = |list: &Value| (!list.as_array().unwrap().is_empty()).then(|| list.clone());
    let list = wait(&recipient, "/v1/documents?direction=incoming", &clerk, arrived).await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
}
