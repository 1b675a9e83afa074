//! The demonstration ends well, leaves what it promises, and can be gone on with by hand.

use sign_core::report::words::Lang;
use sign_server::demo::{self, Letter, Options, Step};
use std::process::Command;

fn options(out: &std::path::Path, stop_after: Option<Step>) -> Options {
    Options { out: out.to_owned(), pdf: None, letter: Letter::default(), lang: Lang::Vi, stop_after }
}

#[tokio::test]
async fn the_demo_leaves_everything_it_promises() {
    let folder = tempfile::tempdir().unwrap();
    let mut printed = Vec::new();
    let ended = demo::run(&options(folder.path(), None), &mut printed).await.unwrap();
    assert!(!ended.stopped);
    ended.close().await.unwrap();
    let text = String::from_utf8(printed).unwrap();
    for word in ["01 Đã đến", "03 Đã tiếp nhận", "báo 02", "→ valid"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("van-ban.pdf").starts_with(b"%PDF-"));
    assert!(read("page-1.png").starts_with(b"\x89PNG"));
    assert!(read("message.edxml").starts_with(b"<?xml"));
    assert!(read("test-ca.pem").starts_with(b"-----BEGIN CERTIFICATE"));
    let report: serde_json::Value = serde_json::from_slice(&read("report.json")).unwrap();
    assert_eq!((&report["verdict"], &report["official"]["complete"]), (&"valid".into(), &true.into()));
    for side in ["sender", "recipient"] {
        assert!(!read(&format!("timeline-{side}.txt")).is_empty());
        let timeline: serde_json::Value =
            serde_json::from_slice(&read(&format!("timeline-{side}.json"))).unwrap();
        assert!(timeline.as_array().is_some_and(|entries| entries.len() >= 4));
    }
    // Nothing else stays: the servers' data are gone.
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("data-")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_stops_after_a_step_and_says_how_to_go_on() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("curl is not here: going on by hand is not tried");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut printed = Vec::new();
    let ended = demo::run(&options(folder.path(), Some(Step::Sign)), &mut printed).await.unwrap();
    assert!(ended.stopped);
    let text = String::from_utf8(printed).unwrap();
    let command = text.lines().find(|line| line.starts_with("curl ")).unwrap().to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        Command::new("sh").args(["-c", &format!("{command} --silent --noproxy '*'")]).output().unwrap().stdout
    });
    let answer = String::from_utf8(answer.await.unwrap()).unwrap();
    assert!(answer.contains("\"state_name\":\"numbered\""), "{text}\n{answer}");
    ended.close().await.unwrap();
}
