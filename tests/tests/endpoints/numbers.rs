//! Numbers of a register, asked for at the same time.

use super::office::{Staffed, authority};

#[tokio::test]
async fn letters_numbered_at_once_get_numbers_without_gap_or_repeat() {
    let staffed = Staffed::start(&authority()).await;
    let ready = async || {
        let document = staffed.draft().await;
        staffed.steps(&document, &["freeze", "sign"]).await;
        document
    };
    let (a, b, c, d) = tokio::join!(ready(), ready(), ready(), ready());
    let number = async |document: &str| {
        let answer = staffed.step(document, "number").await.ok().json();
        answer["number"]["number"].as_u64().unwrap()
    };
    let (a, b, c, d) = tokio::join!(number(&a), number(&b), number(&c), number(&d));
    let mut numbers = [a, b, c, d];
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn the_same_letter_numbered_twice_at_once_gets_one_number() {
    let staffed = Staffed::start(&authority()).await;
    let document = staffed.draft().await;
    staffed.steps(&document, &["freeze", "sign"]).await;
    let (one, two) = tokio::join!(staffed.step(&document, "number"), staffed.step(&document, "number"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
