//! The decision: what follows from a command, or why nothing does. Pure: the same input, the same answer.

use crate::certificate::{Holder, SignerClass};
use crate::id::Sha256Hex;
use crate::person::Role;
use crate::refusal::Refusal;
use crate::workflow::command::{Command, Context};
use crate::workflow::event::Event;
use crate::workflow::state::{Body, Dossier, Outgoing, OutgoingState};
use crate::workflow::{check, incoming, outgoing};

/// Decides on `command`. The events are to be stored together or not at all, and only if the dossier's
/// version and the register are still those that were passed in. An empty list means: nothing new.
pub fn decide(dossier: &Dossier, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    check::own_dossier(dossier, context)?;
    match (&dossier.body, command) {
        (Body::Empty, Command::Create { metadata, files }) => outgoing::create(metadata, files, context),
        (Body::Empty, Command::Receive(arrival)) => incoming::receive(arrival, context),
        (Body::Outgoing(document), _) => decide_outgoing(document, command, context),
        (Body::Incoming(document), Command::Register { assigned_to, note, status_message }) => {
            incoming::register(document, assigned_to, note, status_message, context)
        }
        (Body::Incoming(document), Command::RecordDoubt { note }) => {
            incoming::record_doubt(document, note, context)
        }
        (Body::Incoming(document), Command::Reject { reason, status_message }) => {
            incoming::reject(document, reason, status_message, context)
        }
        _ => Err(check::wrong_state(command.name(), dossier.state_name())),
    }
}

fn decide_outgoing(
    document: &Outgoing,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Edit { metadata, files } => outgoing::edit(document, metadata, files, context),
        Command::Freeze { before, file } => outgoing::freeze(document, before, file, context),
        Command::RecordLeaderSignature(signed) => outgoing::leader_signature(document, signed, context),
        Command::ReturnToDrafter { reason } => outgoing::return_to_drafter(document, reason, context),
        Command::Cancel { reason } => outgoing::cancel(document, reason, context),
        Command::AssignNumber { requested, date } => {
            outgoing::assign_number(document, *requested, *date, context)
        }
        Command::RecordSeal(signed) => outgoing::seal(document, signed, context),
        Command::Issue { note } => outgoing::issue(document, note, context),
        Command::Dispatch { messages } => outgoing::dispatch(document, messages, context),
        Command::RecordReceipt(receipt) => outgoing::receipt(document, receipt, context),
        Command::RecordDeliveryFailure { message, reason } => {
            outgoing::delivery_failure(document, message, reason, context)
        }
        Command::RecordStatus { .. } => outgoing::status(document, command, context),
        _ => Err(check::wrong_state(command.name(), document.state.as_str())),
    }
}

/// Whether the actor may sign the document as its leader with this certificate, asked before the file is
/// touched (NĐ 30/2020 Điều 13). `RecordLeaderSignature` asks the same again.
pub fn may_sign(dossier: &Dossier, certificate: &Sha256Hex, context: &Context<'_>) -> Result<(), Refusal> {
    check::own_dossier(dossier, context)?;
    let document = outgoing_of(dossier, "record_leader_signature")?;
    leader_permit(document, Some(certificate), context)
}

/// Whether the actor may put the organisation's signature with this certificate, asked before the file is
/// touched (NĐ 30/2020 Điều 32). `RecordSeal` asks the same again.
pub fn may_seal(dossier: &Dossier, certificate: &Sha256Hex, context: &Context<'_>) -> Result<(), Refusal> {
    check::own_dossier(dossier, context)?;
    let document = outgoing_of(dossier, "record_seal")?;
    seal_permit(document, Some(certificate), context)
}

fn outgoing_of<'a>(dossier: &'a Dossier, command: &str) -> Result<&'a Outgoing, Refusal> {
    dossier.outgoing().ok_or_else(|| check::wrong_state(command, dossier.state_name()))
}

pub(super) fn leader_permit(
    document: &Outgoing,
    certificate: Option<&Sha256Hex>,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    check::role(context, &[Role::Leader])?;
    check::state(document, &[OutgoingState::Frozen], "record_leader_signature")?;
    let person = context.actor.person.clone().ok_or(Refusal::WrongKeyHolder)?;
    check::certificate(certificate, &Holder::Person { person }, context).map(drop)
}

/// The clerk, a valid leader's signature, the number, and only then the key.
pub(super) fn seal_permit(
    document: &Outgoing,
    certificate: Option<&Sha256Hex>,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    if !context.actor.has(Role::Clerk) {
        return Err(Refusal::NotTheClerk);
    }
    let leader = document.leader_field.as_ref().and_then(|field| {
        document.signatures.iter().find(|s| &s.field == field && s.class == SignerClass::Personal && s.valid)
    });
    if leader.is_none() {
        return Err(Refusal::SealBeforeSignature);
    }
    check::state(document, &[OutgoingState::Numbered], "record_seal")?;
    let holder = Holder::Organisation { organisation: context.organisation.id.clone() };
    check::certificate(certificate, &holder, context).map(drop)
}
