//! Incoming documents: what is found, what the clerk may do about it.

use super::*;
use crate::exchange::status::StatusCode;
use crate::workflow::state::IncomingFinding;

fn received(arrival: Arrival) -> (Office, Dossier, Vec<Event>) {
    let mut office = Office::new();
    office.incoming_register(2);
    let mut dossier = empty();
    let events = office.run(&mut dossier, &system(), &Command::Receive(Box::new(arrival))).unwrap();
    (office, dossier, events)
}

fn register() -> Command {
    Command::Register {
        assigned_to: "Phòng Công nghệ thông tin".to_owned(),
        note: String::new(),
        status_message: message("s03"),
    }
}

fn reject(reason: &str) -> Command {
    Command::Reject { reason: reason.to_owned(), status_message: message("s02") }
}

fn statuses(events: &[Event]) -> Vec<(StatusCode, OrganId)> {
    let of = |event: &Event| match event {
        Event::StatusQueued { status, to, .. } => Some((*status, to.clone())),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn a_valid_document_is_received_registered_and_reported() {
    let (office, mut dossier, events) = received(arrival());
    assert_eq!(statuses(&events), [(StatusCode::Arrived, organ("H40.02"))]);
    assert_eq!(dossier.incoming().unwrap().findings, []);
    let events = office.run(&mut dossier, &clerk(), &register()).unwrap();
    assert_eq!(statuses(&events), [(StatusCode::Accepted, organ("H40.02"))]);
    let document = dossier.incoming().unwrap();
    assert_eq!(document.number, Some(3));
    let row = document.row.as_ref().unwrap();
    assert_eq!(row.arrived_on, Date::new(2024, 2, 5).unwrap());
    assert_eq!((row.author.as_str(), row.code.as_str()), ("Sở Nội vụ", "07/SNV-VP"));
    assert_eq!(row.title, "Công văn V/v cử cán bộ");
    assert_eq!(row.received_by, "clerk, 2024-02-05T09:57:10+07:00");
    assert_eq!(document.reported, [StatusCode::Arrived, StatusCode::Accepted]);
}

#[test]
fn a_rejection_needs_a_reason_and_uses_no_number() {
    let (office, mut dossier, _) = received(arrival());
    assert_eq!(office.ask(&dossier, &clerk(), &reject("  ")), Err(Refusal::ReasonMissing));
    let long = office.ask(&dossier, &clerk(), &reject(&"x".repeat(1001)));
    assert_eq!(long.unwrap_err().code(), "field_too_long");
    let events = office.run(&mut dossier, &clerk(), &reject("gửi nhầm")).unwrap();
    assert_eq!(statuses(&events), [(StatusCode::Rejected, organ("H40.02"))]);
    let document = dossier.incoming().unwrap();
    assert_eq!((document.number, document.reason.as_deref()), (None, Some("gửi nhầm")));
    assert!(!events.iter().any(|event| matches!(event, Event::Registered { .. })));
}

#[test]
fn what_the_clerk_did_once_cannot_be_done_again() {
    for first in [register(), reject("gửi nhầm")] {
        let (office, mut dossier, _) = received(arrival());
        office.run(&mut dossier, &clerk(), &first).unwrap();
        for second in [register(), reject("gửi nhầm"), Command::RecordDoubt { note: "?".to_owned() }] {
            let answer = office.ask(&dossier, &clerk(), &second);
            assert_eq!(answer.unwrap_err().code(), "wrong_state");
        }
    }
}

#[test]
fn an_invalid_signature_is_received_as_a_fact_and_stops_registration() {
    let mut bad = arrival();
    bad.verifications[0].signatures[0].valid = false;
    bad.verifications[0].signatures[0].indication = "TOTAL-FAILED".to_owned();
    let (office, mut dossier, _) = received(bad);
    let findings = &dossier.incoming().unwrap().findings;
    assert!(matches!(findings[0], IncomingFinding::InvalidSignature { .. }));
    assert_eq!(findings[1], IncomingFinding::NoPersonalSignature);
    assert_eq!(office.ask(&dossier, &clerk(), &register()), Err(Refusal::RegisterInvalidSignature));
    let doubt = Command::RecordDoubt { note: "Đã báo Chánh Văn phòng".to_owned() };
    office.run(&mut dossier, &clerk(), &doubt).unwrap();
    assert!(office.ask(&dossier, &clerk(), &register()).is_ok());
}

#[test]
fn a_document_without_signatures_or_verification_is_not_registered_as_it_is() {
    for strip in [true, false] {
        let mut bare = arrival();
        if strip {
            bare.verifications.clear();
        } else {
            bare.verifications[0].signatures.clear();
        }
        let (office, dossier, _) = received(bare);
        let expected = [IncomingFinding::NoPersonalSignature, IncomingFinding::NoOrganisationSignature];
        assert_eq!(dossier.incoming().unwrap().findings, expected);
        let answer = office.ask(&dossier, &clerk(), &register());
        assert_eq!(answer, Err(Refusal::RegisterInvalidSignature));
    }
}

#[test]
fn a_document_for_somebody_else_can_only_be_returned() {
    let (office, mut dossier, _) = received(Arrival { to: vec![organ("H40.03")], ..arrival() });
    assert_eq!(dossier.incoming().unwrap().findings, [IncomingFinding::WrongAddressee]);
    let doubt = Command::RecordDoubt { note: "đã báo".to_owned() };
    office.run(&mut dossier, &clerk(), &doubt).unwrap();
    assert_eq!(office.ask(&dossier, &clerk(), &register()), Err(Refusal::RegisterWrongAddressee));
    assert!(office.ask(&dossier, &clerk(), &reject("gửi nhầm đơn vị")).is_ok());
}

#[test]
fn our_own_code_in_its_older_form_is_still_us() {
    let (_, dossier, _) = received(Arrival { to: vec![organ("000.00.01.H40")], ..arrival() });
    assert_eq!(dossier.incoming().unwrap().findings, []);
}

#[test]
fn a_sender_that_is_not_who_it_says_is_found_and_answered_where_it_really_is() {
    let (office, dossier, events) = received(Arrival { peer: organ("H40.66"), ..arrival() });
    let peer = organ("H40.66");
    let expected = IncomingFinding::SenderMismatch { peer: peer.clone() };
    assert_eq!(dossier.incoming().unwrap().findings, [expected]);
    assert_eq!(statuses(&events), [(StatusCode::Arrived, peer)]);
    let answer = office.ask(&dossier, &clerk(), &register());
    assert_eq!(answer, Err(Refusal::RegisterSenderMismatch));
}

#[test]
fn a_seal_of_a_third_organisation_is_found() {
    let mut odd = arrival();
    odd.verifications[0].signatures[1].organisation = Some("Sở Y tế".to_owned());
    let (_, dossier, _) = received(odd);
    let expected = IncomingFinding::SealOfAnother { organisation: "Sở Y tế".to_owned() };
    assert_eq!(dossier.incoming().unwrap().findings, [expected]);
}

#[test]
fn bytes_after_the_last_signature_are_found() {
    let mut longer = arrival();
    longer.verifications[0].signatures[1].coverage = Coverage::WholeRevision;
    let (_, dossier, _) = received(longer);
    let file = "cong-van.pdf".to_owned();
    assert_eq!(dossier.incoming().unwrap().findings, [IncomingFinding::NotWholeFile { file }]);
}

#[test]
fn only_the_clerk_registers_and_only_the_system_receives() {
    let (office, dossier, _) = received(arrival());
    for who in [drafter(), leader(), system()] {
        assert_eq!(office.ask(&dossier, &who, &register()).unwrap_err().code(), "role_missing");
    }
    let answer = office.ask(&empty(), &clerk(), &Command::Receive(Box::new(arrival())));
    assert_eq!(answer.unwrap_err().code(), "role_missing");
}

#[test]
fn commands_for_the_other_direction_are_refused() {
    let (office, dossier, _) = received(arrival());
    let answer = office.ask(&dossier, &clerk(), &Command::Issue { note: String::new() });
    assert_eq!(answer.unwrap_err().code(), "wrong_state");
    let (office, dossier) = outgoing_after(1);
    assert_eq!(office.ask(&dossier, &clerk(), &register()).unwrap_err().code(), "wrong_state");
}
