//! Nothing secret and nobody's name is in the log, however much is logged.

use super::{
    office::{Office, PIN, Staffed, authority, begin},
    process::{address, start},
};
use serde_json::json;
use std::{path::Path, process::Command};

#[tokio::test]
async fn the_log_holds_no_secret_and_no_name() {
    let data = tempfile::tempdir().unwrap();
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("log");
    let admin = begin(data.path(), "H40.01", "Sở Thông tin");
    let mut running = start(data.path(), &log);
    let address = address(&log).await;
    let office = Office::at(data, address, admin, "H40.01", "Sở Thông tin");
    let staffed = Staffed::fill(office, &authority()).await;
    let document = staffed.draft().await;
    staffed.steps(&document, &["freeze", "sign"]).await;
    let wrong = json!({ "command": "seal", "key": staffed.seal_key, "pin": "canary-wrong-pin" });
    staffed.office.command(&document, &staffed.clerk, wrong).await;
    let beside = staffed.office.request(reqwest::Method::POST, "/v1/sign", &staffed.leader);
    staffed.office.send(beside.header("x-sign-pin", PIN).body("{}")).await;

    // A graceful stop: the process ends by itself and says so.
    Command::new("kill").arg(running.0.id().to_string()).status().unwrap();
    let status = running.0.wait().unwrap();
    assert!(status.success(), "{status}");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("stopped") && text.contains("/v1/documents/{id}/commands"), "{text}");
    let office = &staffed.office;
    for secret in [PIN, "canary-wrong-pin", &office.admin, &staffed.leader, &staffed.clerk, "Nguyễn Văn A"]
    {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
    // Nor is the PIN in anything kept: not in the database, not in its log, not in the blobs.
    for file in files(office.data.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(PIN.len()).any(|window| window == PIN.as_bytes()), "{}", file.display());
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
