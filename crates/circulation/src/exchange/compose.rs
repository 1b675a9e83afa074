//! From a dossier to the message or status that is sent about it.

use crate::date::Instant;
use crate::document::{DocumentType, FileRecord, FileRole, ResponseFor};
use crate::exchange::message::{
    Attachment, Business, BusinessKind, DocumentHeader, Message, Party, Staff, StatusMessage, Trace, TypeText,
};
use crate::exchange::status::StatusCode;
use crate::id::MessageId;
use crate::organ::Organisation;
use crate::refusal::Refusal;
use crate::workflow::state::{Incoming, Outgoing};

/// Group of administrative documents in the edXML table of kinds.
const ADMINISTRATIVE: &str = "2";

/// A file as attachment number `index` (from 0) of a message.
pub fn attachment(index: usize, file: &FileRecord, bytes: Vec<u8>) -> Attachment {
    let description = match file.role {
        FileRole::Main => "Văn bản chính",
        FileRole::Appendix => "Phụ lục",
    };
    Attachment {
        content_id: format!("cid:f{}", index.saturating_add(1)),
        name: file.name.clone(),
        description: description.to_owned(),
        content_type: file.media_type.clone(),
        bytes,
    }
}

/// The message of the delivery `id`, addressed to its recipient only. `attachments` hold all files, the main
/// one first; `in_charge` is the name of the organisation above the sender, or empty.
pub fn document_message(
    document: &Outgoing,
    sender: &Organisation,
    in_charge: &str,
    id: &MessageId,
    staff: Staff,
    attachments: Vec<Attachment>,
    at: Instant,
) -> Result<Message, Refusal> {
    let delivery = document.delivery(id).ok_or_else(|| Refusal::DeliveryUnknown { message: id.clone() })?;
    if attachments.is_empty() {
        return Err(Refusal::NoFile);
    }
    let to = Party {
        organ: delivery.recipient.organ.clone(),
        in_charge: String::new(),
        name: delivery.recipient.name.clone(),
        contact: crate::organ::Contact::default(),
    };
    Ok(Message {
        id: Some(id.clone()),
        from: Party::of(sender, in_charge),
        to: vec![to],
        header: header(document, sender)?,
        business: Business {
            kind: BusinessKind::New,
            reason: "Văn bản điện tử mới".to_owned(),
            paper: "0".to_owned(),
            staff,
            document_id: String::new(),
        },
        traces: vec![Trace { organ: sender.id.clone(), at }],
        attachments,
    })
}

fn header(document: &Outgoing, sender: &Organisation) -> Result<DocumentHeader, Refusal> {
    let number = document.number.as_ref().ok_or(Refusal::NoNumber)?;
    let date = document.date.ok_or(Refusal::NoDate)?;
    let metadata = &document.metadata;
    let mut signer = metadata.signer.clone();
    if signer.full_name.is_empty() {
        signer.full_name = document.leader_name.clone().unwrap_or_default();
    }
    let appendixes = document.files.iter().filter(|file| file.role == FileRole::Appendix);
    Ok(DocumentHeader {
        document_id: document.document_id(&sender.id).ok_or(Refusal::NoNumber)?,
        number: number.number.to_string(),
        notation: number.notation.clone(),
        place: sender.place.clone(),
        date: Some(date),
        kind: type_text(metadata.kind),
        subject: metadata.subject.clone(),
        content: metadata.content.clone().unwrap_or_default(),
        signer,
        due_date: metadata.due_date,
        places: metadata.places.clone(),
        priority: metadata.priority,
        sphere: String::new(),
        typist: metadata.typist.clone().unwrap_or_default(),
        copies: metadata.copies,
        pages: metadata.pages,
        appendixes: appendixes.map(|file| file.name.clone()).collect(),
        response_for: metadata.response_for.clone(),
        steering: "0".to_owned(),
    })
}

/// A kind that the table does not list is named only.
fn type_text(kind: DocumentType) -> TypeText {
    let listed = kind.edxml_number();
    TypeText {
        group: listed.map(|_| ADMINISTRATIVE.to_owned()).unwrap_or_default(),
        detail: listed.map(|number| number.to_string()).unwrap_or_default(),
        name: kind.name().to_owned(),
    }
}

/// The status `reporter` sends about a document that arrived.
pub fn status_message(
    document: &Incoming,
    reporter: &Organisation,
    in_charge: &str,
    staff: Staff,
    status: StatusCode,
    description: &str,
    at: Instant,
) -> StatusMessage {
    StatusMessage {
        from: Party::of(reporter, in_charge),
        response_for: ResponseFor {
            organ: document.from.organ.clone(),
            code: document.header.code(),
            document_id: document.header.document_id.clone(),
            date: document.header.date,
        },
        staff,
        status,
        description: description.to_owned(),
        at,
    }
}
