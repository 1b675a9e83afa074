//! Decisions about outgoing documents (NĐ 30/2020 Điều 10–19).

use std::collections::BTreeSet;

use crate::certificate::SignerClass;
use crate::date::Date;
use crate::document::{Drafter, FileRecord, Metadata};
use crate::exchange::receipt::{Outcome, Receipt};
use crate::exchange::status::StatusStep;
use crate::id::{MessageId, Sha256Hex};
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::{DocumentNumber, OutgoingRow, RegisterKey};
use crate::workflow::check;
use crate::workflow::command::{Command, Context, SignedFile};
use crate::workflow::decide::{leader_permit, seal_permit};
use crate::workflow::event::Event;
use crate::workflow::state::{Outgoing, OutgoingState, ReportedStatus, Transport};

type Decision = Result<Vec<Event>, Refusal>;

pub(super) fn create(metadata: &Metadata, files: &[FileRecord], context: &Context<'_>) -> Decision {
    check::role(context, &[Role::Drafter])?;
    check::metadata(metadata, context)?;
    check::one_main_pdf(files)?;
    let drafter = Drafter { person: context.actor.person.clone(), name: context.actor.name.clone() };
    Ok(vec![Event::Created { metadata: metadata.clone(), drafter, files: files.to_vec() }])
}

pub(super) fn edit(
    document: &Outgoing,
    metadata: &Metadata,
    files: &[FileRecord],
    context: &Context<'_>,
) -> Decision {
    check::role(context, &[Role::Drafter])?;
    if matches!(document.state, OutgoingState::Issued | OutgoingState::Dispatched) {
        return Err(Refusal::EditAfterIssue);
    }
    check::state(document, &[OutgoingState::Draft], "edit")?;
    check::metadata(metadata, context)?;
    check::one_main_pdf(files)?;
    Ok(vec![Event::Edited { metadata: metadata.clone(), files: files.to_vec() }])
}

pub(super) fn freeze(
    document: &Outgoing,
    before: &Sha256Hex,
    file: &FileRecord,
    context: &Context<'_>,
) -> Decision {
    check::role(context, &[Role::Drafter, Role::Clerk])?;
    check::state(document, &[OutgoingState::Draft], "freeze")?;
    check::unchanged(document, before)?;
    check::pdf(file)?;
    // Recipients cannot be added later, so a document nobody would get is stopped here.
    if document.metadata.recipients.is_empty() {
        return Err(Refusal::NoRecipient);
    }
    Ok(vec![Event::Frozen { file: file.clone() }])
}

pub(super) fn leader_signature(document: &Outgoing, signed: &SignedFile, context: &Context<'_>) -> Decision {
    leader_permit(document, certificate_of(signed), context)?;
    check::unchanged(document, &signed.before)?;
    check::pdf(&signed.file)?;
    let facts = check::new_signature(signed, SignerClass::Personal, document)?;
    Ok(vec![Event::LeaderSigned {
        file: signed.file.clone(),
        field: facts.field.clone(),
        signer: context.actor.name.clone(),
        signatures: signed.signatures.clone(),
    }])
}

fn certificate_of(signed: &SignedFile) -> Option<&Sha256Hex> {
    let facts = signed.signatures.iter().find(|facts| facts.field == signed.field);
    facts.and_then(|facts| facts.certificate_sha256.as_ref())
}

pub(super) fn return_to_drafter(document: &Outgoing, reason: &str, context: &Context<'_>) -> Decision {
    check::role(context, &[Role::Leader, Role::Clerk])?;
    check::state(document, &[OutgoingState::Frozen, OutgoingState::LeaderSigned], "return_to_drafter")?;
    Ok(vec![Event::Returned { reason: check::reason(reason)? }])
}

pub(super) fn cancel(document: &Outgoing, reason: &str, context: &Context<'_>) -> Decision {
    use OutgoingState::{Draft, Frozen, LeaderSigned};
    check::role(context, &[Role::Drafter, Role::Leader, Role::Clerk])?;
    check::state(document, &[Draft, Frozen, LeaderSigned], "cancel")?;
    Ok(vec![Event::Cancelled { reason: check::reason(reason)? }])
}

/// Number and date follow the order of issue and are the System's to give (Điều 15).
pub(super) fn assign_number(
    document: &Outgoing,
    requested: Option<u32>,
    date: Option<Date>,
    context: &Context<'_>,
) -> Decision {
    check::role(context, &[Role::Clerk])?;
    check::state(document, &[OutgoingState::LeaderSigned], "assign_number")?;
    let today = Date::in_vietnam(context.now);
    if let Some(date) = date.filter(|date| *date != today) {
        return Err(Refusal::DateNotToday { date, today });
    }
    let (organ, kind) = (&context.organisation.id, document.metadata.kind);
    let key = RegisterKey::outgoing(organ, today.year(), context.policy.sequences, kind);
    let (facts, next) = check::next_number(key, context)?;
    match requested {
        None => {}
        Some(number) if number <= facts.last_number => return Err(Refusal::NumberUsed { number }),
        Some(number) if number > next => return Err(Refusal::NumberGap { number, next }),
        Some(_) => return Err(Refusal::ManualNumber),
    }
    let number = DocumentNumber::new(next, context.organisation, &document.metadata);
    Ok(vec![Event::NumberAssigned { register: facts.key, number, date: today }])
}

pub(super) fn seal(document: &Outgoing, signed: &SignedFile, context: &Context<'_>) -> Decision {
    seal_permit(document, certificate_of(signed), context)?;
    check::unchanged(document, &signed.before)?;
    check::pdf(&signed.file)?;
    let facts = check::new_signature(signed, SignerClass::Organisation, document)?;
    Ok(vec![Event::SealRecorded {
        file: signed.file.clone(),
        field: facts.field.clone(),
        signatures: signed.signatures.clone(),
    }])
}

pub(super) fn issue(document: &Outgoing, note: &str, context: &Context<'_>) -> Decision {
    check::role(context, &[Role::Clerk])?;
    check::state(document, &[OutgoingState::Sealed], "issue")?;
    let number = document.number.as_ref().ok_or(Refusal::NoNumber)?;
    let date = document.date.ok_or(Refusal::NoDate)?;
    let metadata = &document.metadata;
    let names: Vec<&str> = metadata.recipients.iter().map(|r| r.name.as_str()).collect();
    let row = OutgoingRow {
        code: number.to_string(),
        date,
        title: format!("{} {}", metadata.kind.name(), metadata.subject.trim()),
        signer: document.leader_name.clone().unwrap_or_default(),
        recipients: names.join("; "),
        kept_by: metadata.kept_by.clone().unwrap_or_else(|| "VT".to_owned()),
        copies: metadata.copies.unwrap_or(1),
        sent_on: None,
        received_by: String::new(),
        note: check::note(note)?,
    };
    Ok(vec![Event::Issued { row }])
}

pub(super) fn dispatch(document: &Outgoing, messages: &[MessageId], context: &Context<'_>) -> Decision {
    check::role(context, &[Role::Clerk])?;
    document.main_file().ok_or(Refusal::NoFile)?;
    document.number.as_ref().ok_or(Refusal::NoNumber)?;
    document.date.ok_or(Refusal::NoDate)?;
    check::state(document, &[OutgoingState::Issued], "dispatch")?;
    check::secrecy(&document.metadata, context)?;
    let recipients = &document.metadata.recipients;
    if recipients.is_empty() {
        return Err(Refusal::NoRecipient);
    }
    check::recipients(recipients, context)?;
    let distinct: BTreeSet<&MessageId> = messages.iter().collect();
    if messages.len() != recipients.len() || distinct.len() != messages.len() {
        return Err(Refusal::MessageCount { needed: recipients.len(), given: distinct.len() });
    }
    let queued = recipients.iter().zip(messages).map(|(recipient, message)| Event::DeliveryQueued {
        message: message.clone(),
        recipient: recipient.clone(),
    });
    Ok(queued.chain([Event::Dispatched { on: Date::in_vietnam(context.now) }]).collect())
}

pub(super) fn receipt(document: &Outgoing, receipt: &Receipt, context: &Context<'_>) -> Decision {
    check::system(context)?;
    let message = receipt.message.clone();
    let delivery = document
        .delivery(&message)
        .ok_or_else(|| Refusal::DeliveryUnknown { message: receipt.message.clone() })?;
    if !delivery.recipient.organ.matches(&receipt.receiver) {
        return Err(Refusal::NotTheRecipient { from: receipt.receiver.clone() });
    }
    Ok(match (&delivery.transport, &receipt.outcome) {
        // The same receipt again, or a refusal of a repeat: what arrived stays arrived.
        (Transport::Accepted { .. }, _) => Vec::new(),
        (_, Outcome::Accepted) => vec![Event::DeliveryAccepted { message, at: receipt.received_at }],
        (Transport::Failed { .. }, Outcome::Refused { .. }) => Vec::new(),
        (Transport::Queued, Outcome::Refused { code, problem }) => {
            vec![Event::DeliveryFailed { message, reason: format!("{code}: {problem}") }]
        }
    })
}

pub(super) fn delivery_failure(
    document: &Outgoing,
    message: &MessageId,
    reason: &str,
    context: &Context<'_>,
) -> Decision {
    check::system(context)?;
    let delivery =
        document.delivery(message).ok_or_else(|| Refusal::DeliveryUnknown { message: message.clone() })?;
    if delivery.transport != Transport::Queued {
        return Ok(Vec::new());
    }
    let reason: String = reason.chars().take(1000).collect();
    Ok(vec![Event::DeliveryFailed { message: message.clone(), reason }])
}

pub(super) fn status(document: &Outgoing, command: &Command, context: &Context<'_>) -> Decision {
    check::system(context)?;
    let Command::RecordStatus { message, from, status, description, staff, at } = command else {
        return Err(check::wrong_state(command.name(), document.state.as_str()));
    };
    let delivery =
        document.delivery(message).ok_or_else(|| Refusal::DeliveryUnknown { message: message.clone() })?;
    if !delivery.recipient.organ.matches(from) {
        return Err(Refusal::NotTheRecipient { from: from.clone() });
    }
    let message = message.clone();
    match status.after(delivery.status()) {
        StatusStep::Advance => {
            let description = check::note(description)?;
            let staff = check::short("staff", staff)?;
            let reported = ReportedStatus { status: *status, description, staff, at: *at };
            Ok(vec![Event::StatusRecorded { message, reported }])
        }
        why => Ok(vec![Event::StatusIgnored { message, status: *status, why }]),
    }
}
