//! From a dossier to edXML and back: what one office sends is what the other can register.

use super::*;
use crate::exchange::compose::{attachment, document_message, status_message};
use crate::exchange::edxml::{EdxmlLimits, Package, read, write_message, write_status};
use crate::exchange::message::{BusinessKind, Staff};
use crate::exchange::status::StatusCode;

#[test]
fn a_dispatched_document_becomes_a_message_its_recipient_can_read() {
    let (office, dossier) = outgoing_after(7);
    let document = dossier.outgoing().unwrap();
    let files = vec![attachment(0, &document.files[0], b"%PDF-1.7\n%%EOF\n".to_vec())];
    let message = document_message(
        document,
        &office.us,
        "UBND tỉnh Nam Định",
        &message("m1"),
        Staff::default(),
        files,
        office.now,
    )
    .unwrap();
    assert_eq!(message.to[0].organ, organ("H40.02"));
    assert_eq!(message.header.document_id, "H40.01,2024/02/05,15/STTTT-CNTT");
    assert_eq!(message.header.code(), "15/STTTT-CNTT");
    assert_eq!(message.header.signer.full_name, "leader", "who signed, where the draft named nobody");
    assert_eq!(message.business.kind, BusinessKind::New);
    // A trace carries whole seconds, as edXML does.
    let parsed = read(&write_message(&message), &EdxmlLimits::default()).unwrap();
    assert_eq!((parsed.package, parsed.notes), (Package::Document(Box::new(message)), vec![]));
}

#[test]
fn no_message_is_made_for_an_unknown_delivery_or_without_files() {
    let (office, dossier) = outgoing_after(7);
    let document = dossier.outgoing().unwrap();
    let make = |id: &str, files| {
        document_message(document, &office.us, "", &message(id), Staff::default(), files, office.now)
    };
    let file = || attachment(0, &document.files[0], b"%PDF-1.7".to_vec());
    assert_eq!(make("m1", vec![]).unwrap_err(), Refusal::NoFile);
    assert_eq!(make("m9", vec![file()]).unwrap_err().code(), "delivery_unknown");
}

#[test]
fn a_kind_the_table_does_not_list_is_named_only() {
    let (office, mut dossier) = outgoing_after(7);
    if let crate::workflow::state::Body::Outgoing(document) = &mut dossier.body {
        document.metadata.kind = DocumentType::PhieuBao;
    }
    let document = dossier.outgoing().unwrap();
    let files = vec![attachment(0, &document.files[0], b"%PDF-1.7".to_vec())];
    let message =
        document_message(document, &office.us, "", &message("m1"), Staff::default(), files, office.now);
    let kind = message.unwrap().header.kind;
    assert_eq!(kind, TypeText { name: "Phiếu báo".to_owned(), ..TypeText::default() });
}

#[test]
fn a_status_names_the_document_as_its_sender_does() {
    let mut office = Office::new();
    office.incoming_register(0);
    let mut dossier = empty();
    office.run(&mut dossier, &system(), &Command::Receive(Box::new(arrival()))).unwrap();
    let incoming = dossier.incoming().unwrap();
    let (code, words) = (StatusCode::Rejected, "gửi nhầm");
    let status = status_message(incoming, &office.us, "", Staff::default(), code, words, office.now);
    assert_eq!(status.response_for.document_id, "H40.02,2024/02/05,7/SNV-VP");
    assert_eq!(status.response_for.code, "7/SNV-VP");
    let parsed = read(&write_status(&status), &EdxmlLimits::default()).unwrap();
    assert_eq!(parsed.package, Package::Status(Box::new(status)));
}
