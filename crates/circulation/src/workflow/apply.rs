//! From events to the dossier. Nothing is decided here; a history that cannot have happened is reported.

use crate::document::{FileRecord, FileRole, SignatureFacts};
use crate::exchange::status::StatusCode;
use crate::id::{DossierId, MessageId};
use crate::organ::OrganId;
use crate::workflow::command::Arrival;
use crate::workflow::event::Event;
use crate::workflow::state::{
    Body, Delivery, Dossier, Incoming, IncomingState, Outgoing, OutgoingState, Transport,
};

/// A stored event that cannot follow the ones before it: the history was damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event} cannot follow in state {state} (version {version})")]
pub struct BrokenHistory {
    /// Name of the event.
    pub event: &'static str,
    /// State before it.
    pub state: &'static str,
    /// Version before it.
    pub version: u64,
}

/// The dossier made by `events`, oldest first.
pub fn replay<'a>(
    id: DossierId,
    organisation: OrganId,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Dossier, BrokenHistory> {
    let mut dossier = Dossier::new(id, organisation);
    for event in events {
        apply(&mut dossier, event)?;
    }
    Ok(dossier)
}

/// Applies one event. On an error the dossier is as it was.
pub fn apply(dossier: &mut Dossier, event: &Event) -> Result<(), BrokenHistory> {
    let broken = BrokenHistory { event: event.name(), state: dossier.state_name(), version: dossier.version };
    let done = match &mut dossier.body {
        Body::Empty => start(event).map(|body| dossier.body = body),
        Body::Outgoing(document) => apply_outgoing(document, event),
        Body::Incoming(document) => apply_incoming(document, event),
    };
    done.ok_or(broken)?;
    dossier.version += 1;
    Ok(())
}

fn start(event: &Event) -> Option<Body> {
    match event {
        Event::Created { metadata, drafter, files } => Some(Body::Outgoing(Box::new(Outgoing {
            state: OutgoingState::Draft,
            metadata: metadata.clone(),
            drafter: drafter.clone(),
            files: files.clone(),
            draft_file: None,
            signatures: Vec::new(),
            leader_field: None,
            leader_name: None,
            number: None,
            date: None,
            seal_field: None,
            row: None,
            deliveries: Vec::new(),
            reason: None,
        }))),
        Event::Received { arrival, findings, at } => {
            let Arrival { message, package_sha256, peer, from, header, files, verifications, .. } =
                arrival.as_ref().clone();
            Some(Body::Incoming(Box::new(Incoming {
                state: IncomingState::Received,
                message,
                package_sha256,
                peer,
                from,
                header,
                files,
                verifications,
                findings: findings.clone(),
                arrived_at: *at,
                doubts: Vec::new(),
                number: None,
                row: None,
                reason: None,
                reported: Vec::new(),
            })))
        }
        _ => None,
    }
}

fn apply_outgoing(document: &mut Outgoing, event: &Event) -> Option<()> {
    use OutgoingState::{Cancelled, Dispatched, Draft, Frozen, Issued, LeaderSigned, Numbered, Sealed};
    match event {
        Event::Edited { metadata, files } if document.state == Draft => {
            document.metadata = metadata.clone();
            document.files = files.clone();
        }
        Event::Frozen { file } => {
            step(document, Frozen)?;
            document.draft_file = document.main_file().cloned();
            replace_main(document, file);
        }
        Event::LeaderSigned { file, field, signer, signatures } => {
            step(document, LeaderSigned)?;
            signed(document, file, signatures);
            document.leader_field = Some(field.clone());
            document.leader_name = Some(signer.clone());
        }
        Event::Returned { reason } => {
            step(document, Draft)?;
            if let Some(draft) = document.draft_file.take() {
                replace_main(document, &draft);
            }
            document.signatures.clear();
            document.leader_field = None;
            document.leader_name = None;
            document.reason = Some(reason.clone());
        }
        Event::Cancelled { reason } => {
            step(document, Cancelled)?;
            document.reason = Some(reason.clone());
        }
        Event::NumberAssigned { number, date, .. } => {
            step(document, Numbered)?;
            document.number = Some(number.clone());
            document.date = Some(*date);
        }
        Event::SealRecorded { file, field, signatures } => {
            step(document, Sealed)?;
            signed(document, file, signatures);
            document.seal_field = Some(field.clone());
        }
        Event::Issued { row } => {
            step(document, Issued)?;
            document.row = Some(row.clone());
        }
        Event::Dispatched { on } => {
            step(document, Dispatched)?;
            document.row.as_mut()?.sent_on = Some(*on);
        }
        _ => return apply_delivery(document, event),
    }
    Some(())
}

fn apply_delivery(document: &mut Outgoing, event: &Event) -> Option<()> {
    match event {
        Event::DeliveryQueued { message, recipient } => {
            let fresh = document.state == OutgoingState::Issued && document.delivery(message).is_none();
            fresh.then(|| {
                document.deliveries.push(Delivery {
                    message: message.clone(),
                    recipient: recipient.clone(),
                    transport: Transport::Queued,
                    statuses: Vec::new(),
                });
            })
        }
        Event::DeliveryAccepted { message, at } => {
            delivery_mut(document, message)?.transport = Transport::Accepted { at: *at };
            Some(())
        }
        Event::DeliveryFailed { message, reason } => {
            delivery_mut(document, message)?.transport = Transport::Failed { reason: reason.clone() };
            Some(())
        }
        Event::StatusRecorded { message, reported } => {
            let delivery = delivery_mut(document, message)?;
            delivery.statuses.push(reported.clone());
            let name = delivery.recipient.name.clone();
            if reported.status == StatusCode::Accepted {
                let line = format!("{name}: {} {}", reported.staff, reported.at.to_vietnam_iso());
                add_line(&mut document.row.as_mut()?.received_by, &line.replace("  ", " "));
            }
            Some(())
        }
        Event::StatusIgnored { message, .. } => document.delivery(message).map(drop),
        _ => None,
    }
}

fn apply_incoming(document: &mut Incoming, event: &Event) -> Option<()> {
    match event {
        Event::DoubtRecorded { note } if document.state == IncomingState::Received => {
            document.doubts.push(note.clone());
        }
        Event::Registered { row, .. } if document.state.may_become(IncomingState::Registered) => {
            document.state = IncomingState::Registered;
            document.number = Some(row.number);
            document.row = Some(row.clone());
        }
        Event::Rejected { reason } if document.state.may_become(IncomingState::Rejected) => {
            document.state = IncomingState::Rejected;
            document.reason = Some(reason.clone());
        }
        Event::StatusQueued { status, .. } => document.reported.push(*status),
        _ => return None,
    }
    Some(())
}

fn step(document: &mut Outgoing, next: OutgoingState) -> Option<()> {
    document.state.may_become(next).then(|| document.state = next)
}

fn signed(document: &mut Outgoing, file: &FileRecord, signatures: &[SignatureFacts]) {
    replace_main(document, file);
    document.signatures = signatures.to_vec();
}

fn replace_main(document: &mut Outgoing, file: &FileRecord) {
    for slot in document.files.iter_mut().filter(|slot| slot.role == FileRole::Main) {
        *slot = file.clone();
    }
}

fn delivery_mut<'a>(document: &'a mut Outgoing, message: &MessageId) -> Option<&'a mut Delivery> {
    document.deliveries.iter_mut().find(|delivery| &delivery.message == message)
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
