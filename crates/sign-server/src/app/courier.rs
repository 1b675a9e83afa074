//! What goes out to other organisations: documents and statuses as edXML bytes.

use super::{documents, failure::Failure, flow::Office};
use circulation::{
    date::Instant,
    document::{FileRecord, FileRole},
    exchange::{
        compose, edxml,
        message::{Attachment, Staff},
    },
    id::MessageId,
    workflow::{Dossier, Event},
};
use circulation_store::Store;

/// Unit that handles messages on either side.
const RECORDS_OFFICE: &str = "Văn thư";

/// A document on its way to the recipient of a delivery.
///
/// # Errors
/// From the store; what the workflow says of a dossier that is not ready.
pub fn document(
    store: &Store,
    office: &Office,
    dossier: &Dossier,
    message: &MessageId,
    handled_by: &str,
    now: Instant,
) -> Result<Vec<u8>, Failure> {
    let outgoing = dossier.outgoing().ok_or_else(|| Failure::internal("only outgoing documents are sent"))?;
    let mut files: Vec<&FileRecord> = outgoing.files.iter().collect();
    files.sort_by_key(|file| file.role != FileRole::Main);
    let attach = |(at, file): (usize, &FileRecord)| -> Result<Attachment, Failure> {
        Ok(compose::attachment(at, file, documents::read_blob(store, file.sha256.as_str())?))
    };
    let attachments = files.into_iter().enumerate().map(attach).collect::<Result<_, _>>()?;
    let (own, staff) = (&office.organisation, staff(handled_by));
    let message = compose::document_message(outgoing, own, "", message, staff, attachments, now)?;
    Ok(edxml::write_message(&message))
}

/// A status about an incoming document on its way back.
///
/// # Errors
/// If the event is no queued status or the dossier not incoming: a fault of ours.
pub fn status(office: &Office, dossier: &Dossier, event: &Event) -> Result<Vec<u8>, Failure> {
    let (Event::StatusQueued { status, description, staff: by, at, .. }, Some(incoming)) =
        (event, dossier.incoming())
    else {
        return Err(Failure::internal("only statuses of incoming documents are reported"));
    };
    let own = &office.organisation;
    let message = compose::status_message(incoming, own, "", staff(by), *status, description, *at);
    Ok(edxml::write_status(&message))
}

fn staff(name: &str) -> Staff {
    Staff { department: RECORDS_OFFICE.to_owned(), name: name.to_owned(), ..Staff::default() }
}
