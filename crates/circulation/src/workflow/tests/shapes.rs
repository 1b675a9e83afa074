//! JSON and words: every event and command that is stored or sent survives, and every event can be told.

use super::*;
use crate::exchange::receipt::{Outcome, Receipt};
use crate::exchange::status::{StatusCode, StatusStep};

/// One of each event the two flows make.
fn all_events() -> Vec<Event> {
    let mut office = Office::new();
    office.outgoing_register(14);
    let mut dossier = empty();
    let mut events = Vec::new();
    for (who, command) in outgoing_steps() {
        events.extend(office.run(&mut dossier, &who, &command).unwrap());
    }
    let reported = |status| Command::RecordStatus {
        message: message("m1"),
        from: organ("H40.02"),
        status,
        description: "Số đến: 03".to_owned(),
        staff: String::new(),
        at: office.now,
    };
    let outcome = Outcome::Accepted;
    let receipt = Receipt {
        message: message("m1"),
        sha256: digest('e'),
        receiver: organ("H40.02"),
        received_at: office.now,
        outcome,
    };
    let failure = Command::RecordDeliveryFailure { message: message("m1"), reason: "…".to_owned() };
    for command in [
        failure,
        Command::RecordReceipt(receipt),
        reported(StatusCode::Accepted),
        reported(StatusCode::Arrived),
    ] {
        events.extend(office.run(&mut dossier, &system(), &command).unwrap());
    }
    let (office, dossier) = outgoing_after(1);
    let edit = Command::Edit { metadata: metadata(), files: vec![file('1')] };
    let cancel = Command::Cancel { reason: "…".to_owned() };
    events.extend(office.ask(&dossier, &drafter(), &edit).unwrap());
    events.extend(office.ask(&dossier, &drafter(), &cancel).unwrap());
    let (office, dossier) = outgoing_after(2);
    let back = Command::ReturnToDrafter { reason: "…".to_owned() };
    events.extend(office.ask(&dossier, &leader(), &back).unwrap());

    let mut office = Office::new();
    office.incoming_register(2);
    let mut dossier = empty();
    let odd = Arrival { to: vec![], peer: organ("H40.66"), verifications: vec![], ..arrival() };
    events.extend(office.run(&mut dossier, &system(), &Command::Receive(Box::new(odd))).unwrap());
    let mut dossier = empty();
    let receive = Command::Receive(Box::new(arrival()));
    events.extend(office.run(&mut dossier, &system(), &receive).unwrap());
    let (assigned_to, note) = ("VP".to_owned(), String::new());
    for command in [
        Command::RecordDoubt { note: "…".to_owned() },
        Command::Reject { reason: "…".to_owned(), status_message: message("s") },
        Command::Register { assigned_to, note, status_message: message("s") },
    ] {
        events.extend(office.ask(&dossier, &clerk(), &command).unwrap());
    }
    events
}

#[test]
fn every_kind_of_event_survives_json_under_its_own_name() {
    let events = all_events();
    let mut names: Vec<_> = events.iter().map(Event::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 20, "{names:?}");
    for event in events {
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], event.name());
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}

#[test]
fn commands_and_dossiers_survive_json() {
    for (done, (_, command)) in outgoing_steps().into_iter().enumerate() {
        let json = serde_json::to_value(&command).unwrap();
        assert_eq!(json["command"], command.name());
        assert_eq!(serde_json::from_value::<Command>(json).unwrap(), command);
        let (_, dossier) = outgoing_after(done);
        let json = serde_json::to_string(&dossier).unwrap();
        assert_eq!(serde_json::from_str::<Dossier>(&json).unwrap(), dossier);
    }
}

#[test]
fn every_event_is_told_in_both_languages() {
    for event in all_events() {
        let sentence = event.describe();
        assert!(!sentence.vi.is_empty() && sentence.vi != event.name(), "{}", event.name());
        assert!(!sentence.en.is_empty() && sentence.en != sentence.vi, "{}", event.name());
    }
    let why = StatusStep::Late;
    let late = Event::StatusIgnored { message: message("m"), status: StatusCode::Arrived, why };
    assert_eq!(late.describe().en, "Status 01 ignored (late)");
}

#[test]
fn refusals_carry_their_code_values_and_words() {
    let refusal = Refusal::NumberGap { number: 16, next: 15 };
    let json = serde_json::to_value(&refusal).unwrap();
    assert_eq!(json, serde_json::json!({"code": "number_gap", "number": 16, "next": 15}));
    assert_eq!(json["code"], refusal.code());
    let words = refusal.words();
    assert_eq!(words.problem_vi, "Số 16 bỏ cách quãng; số tiếp theo là 15.");
    assert!(refusal.to_string().starts_with("number_gap: The number 16"));
}
