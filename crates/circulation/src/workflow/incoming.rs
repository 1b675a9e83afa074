//! Decisions about incoming documents (NĐ 30/2020 Điều 20–24).

use crate::certificate::SignerClass;
use crate::date::Date;
use crate::document::{Coverage, SignatureFacts};
use crate::exchange::status::StatusCode;
use crate::id::MessageId;
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::{IncomingRow, RegisterKey};
use crate::workflow::check;
use crate::workflow::command::{Arrival, Context};
use crate::workflow::event::Event;
use crate::workflow::state::{Incoming, IncomingFinding, IncomingState};

type Decision = Result<Vec<Event>, Refusal>;

/// Takes a message in, whatever is wrong with it, writes down what is wrong, and reports 01.
pub(super) fn receive(arrival: &Arrival, context: &Context<'_>) -> Decision {
    check::system(context)?;
    check::one_main(&arrival.files)?;
    let received = Event::Received {
        arrival: Box::new(arrival.clone()),
        findings: findings(arrival, context),
        at: context.now,
    };
    let reported = Event::StatusQueued {
        message: arrival.status_message.clone(),
        to: arrival.peer.clone(),
        status: StatusCode::Arrived,
        description: String::new(),
        staff: String::new(),
        at: context.now,
    };
    Ok(vec![received, reported])
}

fn findings(arrival: &Arrival, context: &Context<'_>) -> Vec<IncomingFinding> {
    let mut found = Vec::new();
    if !arrival.to.iter().any(|organ| organ.matches(&context.organisation.id)) {
        found.push(IncomingFinding::WrongAddressee);
    }
    if !arrival.from.organ.matches(&arrival.peer) {
        found.push(IncomingFinding::SenderMismatch { peer: arrival.peer.clone() });
    }
    for verification in &arrival.verifications {
        let named = arrival.files.iter().find(|file| file.sha256 == verification.sha256);
        let file = named.map_or_else(|| verification.sha256.to_string(), |file| file.name.clone());
        let invalid = verification.signatures.iter().filter(|facts| !facts.valid);
        found.extend(invalid.map(|facts| IncomingFinding::InvalidSignature {
            file: file.clone(),
            field: facts.field.clone(),
            indication: facts.indication.clone(),
        }));
        if verification.signatures.last().is_some_and(|last| last.coverage != Coverage::WholeFile) {
            found.push(IncomingFinding::NotWholeFile { file });
        }
    }
    found.extend(main_file_findings(arrival));
    found
}

/// An electronic original carries a valid signature of the person and of the organisation (Điều 5).
fn main_file_findings(arrival: &Arrival) -> Vec<IncomingFinding> {
    let main = check::one_main(&arrival.files).ok();
    let verification =
        arrival.verifications.iter().find(|v| main.is_some_and(|main| main.sha256 == v.sha256));
    let signatures = verification.map_or(&[][..], |v| v.signatures.as_slice());
    let valid = |class| signatures.iter().filter(move |facts| facts.valid && facts.class == class);
    let mut found = Vec::new();
    if valid(SignerClass::Personal).next().is_none() {
        found.push(IncomingFinding::NoPersonalSignature);
    }
    match valid(SignerClass::Organisation).next_back() {
        None => found.push(IncomingFinding::NoOrganisationSignature),
        Some(last) if !valid(SignerClass::Organisation).any(|s| names(s, &arrival.from.name)) => {
            let organisation = last.organisation.clone().unwrap_or_else(|| last.signer_name.clone());
            found.push(IncomingFinding::SealOfAnother { organisation });
        }
        Some(_) => {}
    }
    found
}

fn names(facts: &SignatureFacts, organisation: &str) -> bool {
    let same = |text: &str| text.trim().to_lowercase() == organisation.trim().to_lowercase();
    same(&facts.signer_name) || facts.organisation.as_deref().is_some_and(same)
}

fn awaiting_clerk(document: &Incoming, command: &str, context: &Context<'_>) -> Result<(), Refusal> {
    check::role(context, &[Role::Clerk])?;
    if document.state == IncomingState::Received {
        Ok(())
    } else {
        Err(check::wrong_state(command, document.state.as_str()))
    }
}

/// Gives the next number of the register of incoming documents (Điều 22) and reports 03.
pub(super) fn register(
    document: &Incoming,
    assigned_to: &str,
    note: &str,
    status_message: &MessageId,
    context: &Context<'_>,
) -> Decision {
    awaiting_clerk(document, "register", context)?;
    nothing_unresolved(document)?;
    let today = Date::in_vietnam(context.now);
    let key = RegisterKey::incoming(&context.organisation.id, today.year());
    let (facts, number) = check::next_number(key, context)?;
    let header = &document.header;
    let row = IncomingRow {
        arrived_on: Date::in_vietnam(document.arrived_at),
        number,
        author: document.from.name.clone(),
        code: header.printed_code(),
        date: header.date,
        title: format!("{} {}", header.kind.name, header.subject).trim().to_owned(),
        assigned_to: check::short("assigned_to", assigned_to)?,
        passed_on: Some(today),
        received_by: format!("{}, {}", context.actor.name, context.now.to_vietnam_iso()),
        note: check::note(note)?,
    };
    let reported =
        report(document, StatusCode::Accepted, format!("Số đến: {number:02}"), status_message, context);
    Ok(vec![Event::Registered { register: facts.key, row }, reported])
}

/// Điều 21.2: what is not authentic, whole and ours is returned; where there is only doubt, the doubt is
/// recorded and reported first.
fn nothing_unresolved(document: &Incoming) -> Result<(), Refusal> {
    let doubted = !document.doubts.is_empty();
    for finding in &document.findings {
        match finding {
            IncomingFinding::WrongAddressee => return Err(Refusal::RegisterWrongAddressee),
            _ if doubted => {}
            IncomingFinding::SenderMismatch { .. } => return Err(Refusal::RegisterSenderMismatch),
            IncomingFinding::InvalidSignature { .. }
            | IncomingFinding::NoPersonalSignature
            | IncomingFinding::NoOrganisationSignature
            | IncomingFinding::SealOfAnother { .. }
            | IncomingFinding::NotWholeFile { .. } => return Err(Refusal::RegisterInvalidSignature),
        }
    }
    Ok(())
}

pub(super) fn record_doubt(document: &Incoming, note: &str, context: &Context<'_>) -> Decision {
    awaiting_clerk(document, "record_doubt", context)?;
    Ok(vec![Event::DoubtRecorded { note: check::reason(note)? }])
}

/// Returns it with a reason and reports 02; no number is used.
pub(super) fn reject(
    document: &Incoming,
    reason: &str,
    status_message: &MessageId,
    context: &Context<'_>,
) -> Decision {
    awaiting_clerk(document, "reject", context)?;
    let reason = check::reason(reason)?;
    let reported = report(document, StatusCode::Rejected, reason.clone(), status_message, context);
    Ok(vec![Event::Rejected { reason }, reported])
}

fn report(
    document: &Incoming,
    status: StatusCode,
    description: String,
    message: &MessageId,
    context: &Context<'_>,
) -> Event {
    Event::StatusQueued {
        message: message.clone(),
        to: document.peer.clone(),
        status,
        description,
        staff: context.actor.name.clone(),
        at: context.now,
    }
}
