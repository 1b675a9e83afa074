//! Messages from other organisations: taken in at once, worked on afterwards.
//!
//! Taking in means: the sender is who the message says, the message can be read, its bytes and the
//! receipt are stored. The receipt is what the sender gets, also for every repeat. Verifying and
//! recording come later, from the inbox, so that a crash between the two loses nothing.

use super::{
    documents::{self, fresh},
    failure::Failure,
    flow::{self, Request},
    papers, verify,
};
use crate::state::Shared;
use bytes::Bytes;
use circulation::{
    date::Instant,
    document::{FileRecord, FileRole},
    exchange::{
        edxml::{self, EdxmlLimits, Package},
        message::{Attachment, Message, StatusMessage},
        receipt::{Outcome, Receipt},
    },
    id::{DossierId, MessageId},
    organ::OrganId,
    person::Actor,
    register::RegisterKind,
    workflow::{
        command::{Arrival, Command},
        state::FileVerification,
    },
};
use circulation_store::{InboxMessage, IncomingMessage, KIND_DOCUMENT, KIND_STATUS, Store, Target};
use sign_core::trust::anchor::TrustStore;
use sign_io::fetch::Fetching;

/// Takes a message in and answers the stored receipt (JSON).
///
/// # Errors
/// `bad_edxml`; `sender_is_not_peer`; `message_id_reused`; `unknown_document` for statuses.
pub async fn accept(
    state: &Shared,
    organ: OrganId,
    peer: OrganId,
    message: MessageId,
    body: Bytes,
) -> Result<Vec<u8>, Failure> {
    let now = state.now();
    let work = move |store: &Store| {
        let package = read(&body)?;
        let kind = check(store, &organ, &peer, &message, &package)?;
        let stored = store.blobs().put(&body)?;
        let incoming = IncomingMessage { message_id: &message, sender: &peer, kind, body: stored.hash };
        let receipt = Receipt {
            message: message.clone(),
            sha256: stored.hash.to_hex().parse()?,
            receiver: organ.clone(),
            received_at: now,
            outcome: Outcome::Accepted,
        };
        let receipt = serde_json::to_vec(&receipt).map_err(Failure::internal)?;
        Ok(store.accept_message(&organ, &incoming, now, || receipt)?.receipt)
    };
    let receipt = state.heavy(work).await?;
    state.wake.notify_one();
    Ok(receipt)
}

fn read(body: &[u8]) -> Result<Package, Failure> {
    Ok(edxml::read(body, &EdxmlLimits::default())?.package)
}

/// Says what kind of message it is, if its own words agree with who brought it.
fn check(
    store: &Store,
    organ: &OrganId,
    peer: &OrganId,
    id: &MessageId,
    package: &Package,
) -> Result<&'static str, Failure> {
    let (from, kind) = match package {
        Package::Document(message) => (&message.from.organ, KIND_DOCUMENT),
        Package::Status(status) => (&status.from.organ, KIND_STATUS),
    };
    if !from.matches(peer) {
        return Err(Failure::forbidden("sender_is_not_peer", format!("From says {from}")));
    }
    match package {
        Package::Document(message) if message.id.as_ref().is_some_and(|inside| inside != id) => {
            Err(Failure::malformed("Message-Id is not the identifier inside the message"))
        }
        Package::Status(status) => match about(store, organ, status)? {
            Some(_) => Ok(kind),
            None => Err(Failure::unusable("unknown_document", status.response_for.document_id.clone())),
        },
        Package::Document(_) => Ok(kind),
    }
}

/// Our document that a status speaks of.
fn about(store: &Store, organ: &OrganId, status: &StatusMessage) -> Result<Option<DossierId>, Failure> {
    let id = &status.response_for.document_id;
    Ok(store.dossier_by_document_id(organ, RegisterKind::Outgoing, id)?)
}

/// Works on one message of the inbox: a document becomes an incoming dossier with everything its
/// signatures say, a status goes into the timeline of our document.
///
/// # Errors
/// From the store, to be tried again. What can never succeed is logged and put aside.
pub fn work_on(
    store: &Store,
    anchors: &TrustStore,
    fetching: Option<&Fetching>,
    organ: &OrganId,
    inbox: &InboxMessage,
    now: Instant,
) -> Result<(), Failure> {
    let done = begin(store, anchors, fetching, organ, inbox, now);
    match done {
        Err(failure) if lasting(&failure) => {
            tracing::warn!(message = %inbox.message_id, code = %failure.code, "message put aside");
            Ok(store.message_processed(organ, &inbox.message_id, None)?)
        }
        other => other,
    }
}

/// Whether trying again cannot help.
fn lasting(failure: &Failure) -> bool {
    use super::failure::Kind;
    !matches!(failure.kind, Kind::Busy | Kind::TimedOut | Kind::Internal)
}

fn begin(
    store: &Store,
    anchors: &TrustStore,
    fetching: Option<&Fetching>,
    organ: &OrganId,
    inbox: &InboxMessage,
    now: Instant,
) -> Result<(), Failure> {
    let body = store.blobs().get(inbox.body, documents::LARGEST_FILE)?;
    let actor = Actor::system(organ.clone());
    let (id, command, new) = match read(&body)? {
        Package::Document(message) => {
            let arrival = arrival(store, anchors, fetching, inbox, *message)?;
            (fresh()?, Command::Receive(Box::new(arrival)), true)
        }
        Package::Status(status) => {
            let id = about(store, organ, &status)?.ok_or_else(|| Failure::not_found("document"))?;
            let command = reported(store, organ, &id, inbox, *status)?;
            (id, command, false)
        }
    };
    let request = Request {
        organ,
        target: if new { Target::New(&id) } else { Target::Existing(&id) },
        actor: &actor,
        now,
        command: &command,
        message: Some(&inbox.message_id),
    };
    flow::run(store, &request).map(|_| ())
}

fn arrival(
    store: &Store,
    anchors: &TrustStore,
    fetching: Option<&Fetching>,
    inbox: &InboxMessage,
    message: Message,
) -> Result<Arrival, Failure> {
    let mut files = Vec::new();
    let mut verifications = Vec::new();
    for (at, attachment) in message.attachments.iter().enumerate() {
        let role = if at == 0 { FileRole::Main } else { FileRole::Appendix };
        let file =
            documents::keep(store, &attachment.name, &attachment.bytes, &attachment.content_type, role)?;
        verifications.push(examine(anchors, fetching, &file, attachment));
        files.push(file);
    }
    Ok(Arrival {
        message: inbox.message_id.clone(),
        package_sha256: inbox.body.to_hex().parse()?,
        peer: inbox.sender.clone(),
        from: message.from,
        to: message.to.into_iter().map(|party| party.organ).collect(),
        header: message.header,
        files,
        verifications,
        status_message: fresh()?,
    })
}

/// A file that cannot be judged has no signatures, which the workflow reports as a finding.
fn examine(
    anchors: &TrustStore,
    fetching: Option<&Fetching>,
    file: &FileRecord,
    attachment: &Attachment,
) -> FileVerification {
    let report = verify::report_online(&attachment.bytes, &file.name, anchors, fetching);
    FileVerification {
        sha256: file.sha256.clone(),
        signatures: report.map(|report| papers::facts(&report)).unwrap_or_default(),
    }
}

fn reported(
    store: &Store,
    organ: &OrganId,
    id: &DossierId,
    inbox: &InboxMessage,
    status: StatusMessage,
) -> Result<Command, Failure> {
    let deliveries = store.deliveries(organ, id)?;
    let delivery = deliveries.into_iter().find(|delivery| delivery.recipient.matches(&inbox.sender));
    let delivery = delivery.ok_or_else(|| Failure::not_found("delivery"))?;
    Ok(Command::RecordStatus {
        message: delivery.message,
        from: inbox.sender.clone(),
        status: status.status,
        description: status.description,
        staff: status.staff.name,
        at: status.at,
    })
}
