//! Outgoing documents: the whole way, and every refusal on it.

use super::*;
use crate::exchange::receipt::{Outcome, Receipt};
use crate::exchange::status::{StatusCode, StatusStep};
use crate::workflow::state::{OutgoingState, Transport};
use crate::workflow::{may_seal, may_sign, replay};

#[test]
fn a_letter_goes_from_draft_to_dispatch_and_gets_its_register_row() {
    let (office, dossier) = outgoing_after(7);
    let document = dossier.outgoing().unwrap();
    assert_eq!(document.state, OutgoingState::Dispatched);
    assert_eq!(document.number.as_ref().unwrap().to_string(), "15/STTTT-CNTT");
    assert_eq!(document.date, Date::new(2024, 2, 5));
    let row = document.row.as_ref().unwrap();
    assert_eq!(row.code, "15/STTTT-CNTT");
    assert_eq!(row.title, "Công văn V/v triển khai chữ ký số");
    assert_eq!((row.signer.as_str(), row.recipients.as_str()), ("leader", "Sở Nội vụ"));
    assert_eq!(row.sent_on, Date::new(2024, 2, 5));
    let id = document.document_id(&office.us.id).unwrap();
    assert_eq!(id, "H40.01,2024/02/05,15/STTTT-CNTT");
    assert_eq!(document.deliveries.len(), 1);
}

#[test]
fn the_events_alone_make_the_same_dossier_again() {
    let mut office = Office::new();
    office.outgoing_register(0);
    let mut dossier = empty();
    let mut all = Vec::new();
    for (who, command) in outgoing_steps() {
        all.extend(office.run(&mut dossier, &who, &command).unwrap());
    }
    let again = replay(dossier.id.clone(), dossier.organisation.clone(), &all).unwrap();
    assert_eq!(again, dossier);
    assert_eq!(again.version, u64::try_from(all.len()).unwrap());
}

#[test]
fn events_in_an_impossible_order_are_a_broken_history() {
    let (_, mut dossier) = outgoing_after(1);
    let before = dossier.clone();
    let error = apply(&mut dossier, &Event::Dispatched { on: Date::new(2024, 2, 5).unwrap() });
    assert_eq!(error.unwrap_err().state, "draft");
    assert_eq!(dossier, before);
}

#[test]
fn each_step_in_another_state_is_refused_and_changes_nothing() {
    let steps = outgoing_steps();
    for done in 1..=steps.len() {
        let (office, dossier) = outgoing_after(done);
        for (next, (who, command)) in steps.iter().enumerate() {
            if next != done {
                assert!(office.ask(&dossier, who, command).is_err(), "{done}: {}", command.name());
            }
        }
    }
}

#[test]
fn the_seal_waits_for_the_leader_in_every_state_before_the_signature() {
    for done in [1, 2] {
        let (office, dossier) = outgoing_after(done);
        let answer = office.ask(&dossier, &clerk(), &Command::RecordSeal(sealed('2', '3')));
        assert_eq!(answer, Err(Refusal::SealBeforeSignature));
    }
}

#[test]
fn only_the_clerk_uses_the_organisations_key() {
    let (office, dossier) = outgoing_after(4);
    for who in [drafter(), leader(), actor("admin", &[Role::Admin]), system()] {
        let answer = office.ask(&dossier, &who, &Command::RecordSeal(sealed('3', '4')));
        assert_eq!(answer, Err(Refusal::NotTheClerk), "{}", who.name);
    }
}

#[test]
fn a_key_works_only_in_the_hands_of_its_registered_holder() {
    let (mut office, dossier) = outgoing_after(2);
    let command = Command::RecordLeaderSignature(leader_signed('2', '3'));
    let other = actor("deputy", &[Role::Leader]);
    assert_eq!(office.ask(&dossier, &other, &command), Err(Refusal::WrongKeyHolder));
    let nameless = Actor { person: None, ..leader() };
    assert_eq!(office.ask(&dossier, &nameless, &command), Err(Refusal::WrongKeyHolder));
    office.certificates.clear();
    assert_eq!(office.ask(&dossier, &leader(), &command), Err(Refusal::CertificateUnknown));
}

#[test]
fn a_personal_key_does_not_seal_and_a_seal_does_not_sign() {
    let (office, dossier) = outgoing_after(4);
    let mut signed = sealed('3', '4');
    signed.signatures[1].certificate_sha256 = Some(digest(LEADER_KEY));
    let answer = office.ask(&dossier, &clerk(), &Command::RecordSeal(signed));
    assert_eq!(answer, Err(Refusal::WrongKeyHolder));

    let (office, dossier) = outgoing_after(2);
    let mut signed = leader_signed('2', '3');
    signed.signatures[0].class = SignerClass::Organisation;
    let answer = office.ask(&dossier, &leader(), &Command::RecordLeaderSignature(signed));
    assert_eq!(answer, Err(Refusal::WrongKeyHolder));
}

#[test]
fn a_certificate_of_another_organisation_is_not_known_here() {
    let (mut office, dossier) = outgoing_after(4);
    office.certificates[1].organisation = organ("H40.02");
    let answer = office.ask(&dossier, &clerk(), &Command::RecordSeal(sealed('3', '4')));
    assert_eq!(answer, Err(Refusal::CertificateUnknown));
}

#[test]
fn a_certificate_signs_only_while_it_is_valid() {
    let (mut office, dossier) = outgoing_after(2);
    let command = Command::RecordLeaderSignature(leader_signed('2', '3'));
    let after = at("2025-01-01T00:00:00.001Z");
    office.now = after;
    let expired = Refusal::CertificateExpired { not_after: at("2025-01-01T00:00:00Z") };
    assert_eq!(office.ask(&dossier, &leader(), &command), Err(expired));
    office.now = at("2022-12-31T23:59:59Z");
    let early = Refusal::CertificateNotYetValid { not_before: at("2023-01-01T00:00:00Z") };
    assert_eq!(office.ask(&dossier, &leader(), &command), Err(early));
    office.now = at(MORNING);
    office.certificates[0].withdrawn = true;
    let withdrawn = Refusal::CertificateWithdrawn { sha256: digest(LEADER_KEY) };
    assert_eq!(office.ask(&dossier, &leader(), &command), Err(withdrawn));
}

#[test]
fn the_same_questions_are_asked_before_the_file_is_touched() {
    let (mut office, dossier) = outgoing_after(2);
    let ask = |office: &Office, who: &Actor, seal: bool| {
        let context = Context {
            actor: who,
            now: office.now,
            organisation: &office.us,
            policy: office.policy,
            register: None,
            certificates: &office.certificates,
            directory: &office.directory,
        };
        let (leader, organisation) = (digest(LEADER_KEY), digest(SEAL_KEY));
        if seal { may_seal(&dossier, &organisation, &context) } else { may_sign(&dossier, &leader, &context) }
    };
    assert_eq!(ask(&office, &leader(), false), Ok(()));
    assert_eq!(ask(&office, &clerk(), true), Err(Refusal::SealBeforeSignature));
    office.now = at("2026-01-01T00:00:00Z");
    assert_eq!(ask(&office, &leader(), false).unwrap_err().code(), "certificate_expired");
}

#[test]
fn a_signature_that_does_not_hold_or_hides_part_of_the_file_is_refused() {
    let (office, dossier) = outgoing_after(2);
    let mut broken = leader_signed('2', '3');
    broken.signatures[0].valid = false;
    broken.signatures[0].indication = "TOTAL-FAILED".to_owned();
    let answer = office.ask(&dossier, &leader(), &Command::RecordLeaderSignature(broken));
    assert_eq!(answer.unwrap_err().code(), "signature_invalid");
    let mut partial = leader_signed('2', '3');
    partial.signatures[0].coverage = Coverage::Partial;
    let answer = office.ask(&dossier, &leader(), &Command::RecordLeaderSignature(partial));
    assert_eq!(answer.unwrap_err().code(), "signature_invalid");
}

#[test]
fn a_seal_that_breaks_or_drops_the_leaders_signature_is_refused() {
    let (office, dossier) = outgoing_after(4);
    let mut broken = sealed('3', '4');
    broken.signatures[0].valid = false;
    let answer = office.ask(&dossier, &clerk(), &Command::RecordSeal(broken));
    assert_eq!(answer.unwrap_err().code(), "signature_invalid");
    let mut dropped = sealed('3', '4');
    dropped.signatures.remove(0);
    let answer = office.ask(&dossier, &clerk(), &Command::RecordSeal(dropped));
    assert_eq!(answer, Err(Refusal::SignatureMissing { field: "Leader".to_owned() }));
}

#[test]
fn a_signature_on_a_file_that_is_no_longer_current_is_refused() {
    let (office, dossier) = outgoing_after(2);
    let answer = office.ask(&dossier, &leader(), &Command::RecordLeaderSignature(leader_signed('1', '3')));
    assert_eq!(answer, Err(Refusal::FileChanged { current: digest('2') }));
}

#[test]
fn numbers_are_the_systems_to_give() {
    let (office, dossier) = outgoing_after(3);
    let ask = |n| {
        let command = Command::AssignNumber { requested: Some(n), date: None };
        office.ask(&dossier, &clerk(), &command).unwrap_err()
    };
    assert_eq!(ask(14), Refusal::NumberUsed { number: 14 });
    assert_eq!(ask(16), Refusal::NumberGap { number: 16, next: 15 });
    assert_eq!(ask(15), Refusal::ManualNumber);
}

#[test]
fn the_date_is_the_day_of_issue_in_vietnam() {
    let (mut office, dossier) = outgoing_after(3);
    let yesterday = Date::new(2024, 2, 4).unwrap();
    let command = Command::AssignNumber { requested: None, date: Some(yesterday) };
    let today = Date::new(2024, 2, 5).unwrap();
    let answer = office.ask(&dossier, &clerk(), &command);
    assert_eq!(answer, Err(Refusal::DateNotToday { date: yesterday, today }));

    office.register.as_mut().unwrap().last_date = Date::new(2024, 2, 6);
    let command = Command::AssignNumber { requested: None, date: None };
    let answer = office.ask(&dossier, &clerk(), &command);
    assert_eq!(answer.unwrap_err().code(), "date_before_last");
}

#[test]
fn a_number_from_another_sequence_is_refused() {
    let (mut office, dossier) = outgoing_after(3);
    let command = Command::AssignNumber { requested: None, date: None };
    office.policy.sequences = SequencePolicy::PerType;
    assert_eq!(office.ask(&dossier, &clerk(), &command), Err(Refusal::RegisterMismatch));
    office.incoming_register(3);
    assert_eq!(office.ask(&dossier, &clerk(), &command), Err(Refusal::RegisterMismatch));
    office.register = None;
    assert_eq!(office.ask(&dossier, &clerk(), &command), Err(Refusal::RegisterMismatch));
}

#[test]
fn the_last_number_of_all_is_followed_by_none() {
    let (mut office, dossier) = outgoing_after(3);
    office.outgoing_register(u32::MAX);
    let command = Command::AssignNumber { requested: None, date: None };
    assert_eq!(office.ask(&dossier, &clerk(), &command), Err(Refusal::NumbersExhausted));
}

#[test]
fn dispatch_names_what_is_missing() {
    let dispatch = Command::Dispatch { messages: vec![message("m1")] };
    let (office, dossier) = outgoing_after(3);
    assert_eq!(office.ask(&dossier, &clerk(), &dispatch), Err(Refusal::NoNumber));
    let (office, dossier) = outgoing_after(6);
    let strip = |change: fn(&mut crate::workflow::state::Outgoing)| {
        let mut dossier = dossier.clone();
        if let crate::workflow::state::Body::Outgoing(document) = &mut dossier.body {
            change(document);
        }
        office.ask(&dossier, &clerk(), &dispatch)
    };
    assert_eq!(strip(|d| d.date = None), Err(Refusal::NoDate));
    assert_eq!(strip(|d| d.files.clear()), Err(Refusal::NoFile));
    assert_eq!(strip(|d| d.metadata.recipients.clear()), Err(Refusal::NoRecipient));
}

#[test]
fn each_recipient_needs_a_message_of_its_own() {
    let (office, dossier) = outgoing_after(6);
    let none = office.ask(&dossier, &clerk(), &Command::Dispatch { messages: vec![] });
    assert_eq!(none, Err(Refusal::MessageCount { needed: 1, given: 0 }));
}

#[test]
fn a_recipient_must_be_known_alive_and_named_once() {
    let office = Office::new();
    let with = |codes: &[&str]| {
        let named = |code: &&str| Recipient { organ: organ(code), name: "…".to_owned() };
        let metadata = Metadata { recipients: codes.iter().map(named).collect(), ..metadata() };
        office.ask(&empty(), &drafter(), &Command::Create { metadata, files: vec![file('1')] })
    };
    assert_eq!(with(&["H40.99"]), Err(Refusal::RecipientUnknown { organ: organ("H40.99") }));
    let old_form = organ("000.00.02.H40");
    assert!(with(&["000.00.02.H40"]).is_ok(), "the older form of the same code");
    assert_eq!(with(&["H40.02", "000.00.02.H40"]), Err(Refusal::RecipientTwice { organ: old_form }));

    let (mut office, dossier) = outgoing_after(6);
    office.directory[1].valid_to = Date::new(2024, 2, 4);
    let answer = office.ask(&dossier, &clerk(), &Command::Dispatch { messages: vec![message("m1")] });
    assert_eq!(answer, Err(Refusal::RecipientUnknown { organ: organ("H40.02") }));
}

#[test]
fn a_secret_document_does_not_enter_an_open_network() {
    let mut office = Office::new();
    let metadata = Metadata { secrecy: Secrecy::Secret, ..metadata() };
    let command = Command::Create { metadata, files: vec![file('1')] };
    assert_eq!(office.ask(&empty(), &drafter(), &command), Err(Refusal::SecretOnOpenNetwork));
    office.policy.open_network = false;
    assert!(office.ask(&empty(), &drafter(), &command).is_ok());
}

#[test]
fn another_organisations_document_is_out_of_reach() {
    let (office, dossier) = outgoing_after(3);
    let stranger = Actor { organisation: organ("H40.02"), ..clerk() };
    let command = Command::AssignNumber { requested: None, date: None };
    assert_eq!(office.ask(&dossier, &stranger, &command), Err(Refusal::OtherOrganisation));
}

#[test]
fn an_issued_document_cannot_be_edited() {
    let edit = Command::Edit { metadata: metadata(), files: vec![file('9')] };
    for done in [6, 7] {
        let (office, dossier) = outgoing_after(done);
        assert_eq!(office.ask(&dossier, &drafter(), &edit), Err(Refusal::EditAfterIssue));
    }
    let (office, dossier) = outgoing_after(2);
    assert_eq!(office.ask(&dossier, &drafter(), &edit).unwrap_err().code(), "wrong_state");
}

#[test]
fn a_returned_document_starts_again_from_its_draft() {
    let (office, mut dossier) = outgoing_after(3);
    let silent = Command::ReturnToDrafter { reason: " \n".to_owned() };
    assert_eq!(office.ask(&dossier, &clerk(), &silent), Err(Refusal::ReasonMissing));
    let back = Command::ReturnToDrafter { reason: "sai thể thức".to_owned() };
    office.run(&mut dossier, &clerk(), &back).unwrap();
    let document = dossier.outgoing().unwrap();
    assert_eq!(document.state, OutgoingState::Draft);
    assert_eq!(document.main_file().unwrap().sha256, digest('1'));
    assert!(document.signatures.is_empty() && document.leader_field.is_none());
}

#[test]
fn a_numbered_document_can_no_longer_be_cancelled() {
    let cancel = Command::Cancel { reason: "không còn cần".to_owned() };
    let (office, dossier) = outgoing_after(4);
    assert_eq!(office.ask(&dossier, &clerk(), &cancel).unwrap_err().code(), "wrong_state");
    let (office, mut dossier) = outgoing_after(3);
    office.run(&mut dossier, &clerk(), &cancel).unwrap();
    assert_eq!(dossier.state_name(), "cancelled");
}

#[test]
fn a_draft_needs_a_subject_a_recipient_and_one_pdf() {
    let office = Office::new();
    let ask = |metadata, files| office.ask(&empty(), &drafter(), &Command::Create { metadata, files });
    let silent = Metadata { subject: "  ".to_owned(), ..metadata() };
    assert_eq!(ask(silent, vec![file('1')]).unwrap_err().code(), "field_missing");
    let long = Metadata { subject: "x".repeat(501), ..metadata() };
    assert_eq!(ask(long, vec![file('1')]).unwrap_err().code(), "field_too_long");
    assert_eq!(ask(metadata(), vec![]), Err(Refusal::MainFileMissing));
    assert_eq!(ask(metadata(), vec![file('1'), file('2')]), Err(Refusal::MainFileMissing));
    let word = FileRecord { media_type: "application/msword".to_owned(), ..file('1') };
    assert_eq!(ask(metadata(), vec![word]), Err(Refusal::MainFileMissing));

    let mut dossier = empty();
    let lonely = Metadata { recipients: vec![], ..metadata() };
    let command = Command::Create { metadata: lonely, files: vec![file('1')] };
    office.run(&mut dossier, &drafter(), &command).unwrap();
    let freeze = Command::Freeze { before: digest('1'), file: file('2') };
    assert_eq!(office.ask(&dossier, &drafter(), &freeze), Err(Refusal::NoRecipient));
}

fn reported(status: StatusCode, from: &str) -> Command {
    Command::RecordStatus {
        message: message("m1"),
        from: organ(from),
        status,
        description: "Số đến: 03".to_owned(),
        staff: "Lê Thị C".to_owned(),
        at: at(MORNING),
    }
}

#[test]
fn statuses_come_back_and_show_in_the_register() {
    let (office, mut dossier) = outgoing_after(7);
    office.run(&mut dossier, &system(), &reported(StatusCode::Arrived, "H40.02")).unwrap();
    office.run(&mut dossier, &system(), &reported(StatusCode::Accepted, "000.00.02.H40")).unwrap();
    let document = dossier.outgoing().unwrap();
    assert_eq!(document.deliveries[0].status(), Some(StatusCode::Accepted));
    let row = document.row.as_ref().unwrap();
    assert_eq!(row.received_by, "Sở Nội vụ: Lê Thị C 2024-02-05T09:57:10+07:00");
}

#[test]
fn a_late_or_repeated_status_is_noted_and_changes_nothing() {
    let (office, mut dossier) = outgoing_after(7);
    office.run(&mut dossier, &system(), &reported(StatusCode::Accepted, "H40.02")).unwrap();
    let before = dossier.outgoing().unwrap().clone();
    for (status, why) in [
        (StatusCode::Arrived, StatusStep::Late),
        (StatusCode::Accepted, StatusStep::Duplicate),
        (StatusCode::Rejected, StatusStep::Impossible),
    ] {
        let events = office.run(&mut dossier, &system(), &reported(status, "H40.02")).unwrap();
        assert_eq!(events, [Event::StatusIgnored { message: message("m1"), status, why }]);
    }
    assert_eq!(dossier.outgoing().unwrap(), &before);
}

#[test]
fn only_the_recipient_reports_on_a_delivery() {
    let (office, dossier) = outgoing_after(7);
    let answer = office.ask(&dossier, &system(), &reported(StatusCode::Accepted, "H40.03"));
    assert_eq!(answer, Err(Refusal::NotTheRecipient { from: organ("H40.03") }));
    let answer = office.ask(&dossier, &clerk(), &reported(StatusCode::Accepted, "H40.02"));
    assert_eq!(answer, Err(Refusal::RoleMissing { needed: vec![] }));
}

#[test]
fn a_receipt_settles_a_delivery_once() {
    let (office, mut dossier) = outgoing_after(7);
    let receipt = |outcome| {
        Command::RecordReceipt(Receipt {
            message: message("m1"),
            sha256: digest('e'),
            receiver: organ("H40.02"),
            received_at: at(MORNING),
            outcome,
        })
    };
    let refused = Outcome::Refused { code: "22".to_owned(), problem: "…".to_owned() };
    let taken = receipt(Outcome::Accepted);
    assert_eq!(office.run(&mut dossier, &system(), &taken).unwrap().len(), 1);
    assert_eq!(office.run(&mut dossier, &system(), &taken).unwrap(), []);
    assert_eq!(office.run(&mut dossier, &system(), &receipt(refused)).unwrap(), []);
    let late = Command::RecordDeliveryFailure { message: message("m1"), reason: "…".to_owned() };
    assert_eq!(office.run(&mut dossier, &system(), &late).unwrap(), []);
    let delivery = &dossier.outgoing().unwrap().deliveries[0];
    assert_eq!(delivery.transport, Transport::Accepted { at: at(MORNING) });
}
