//! Checks that several decisions share. Each says yes or gives the refusal.

use crate::certificate::{CertificateRecord, Holder, SignerClass};
use crate::date::Date;
use crate::document::{Coverage, FileRecord, FileRole, Metadata, Recipient, Secrecy, SignatureFacts};
use crate::id::Sha256Hex;
use crate::person::Role;
use crate::refusal::Refusal;
use crate::register::{RegisterFacts, RegisterKey};
use crate::workflow::command::{Context, SignedFile};
use crate::workflow::state::{Dossier, Outgoing, OutgoingState};

/// Longest reason (as vOffice limits it) and remark, in characters.
const MAX_REASON: usize = 1000;
const MAX_SUBJECT: usize = 500;
const MAX_SHORT: usize = 200;
const MAX_LONG: usize = 10_000;
const MAX_ITEMS: usize = 2000;

pub(super) fn own_dossier(dossier: &Dossier, context: &Context<'_>) -> Result<(), Refusal> {
    let own =
        dossier.organisation == context.actor.organisation && dossier.organisation == context.organisation.id;
    own.then_some(()).ok_or(Refusal::OtherOrganisation)
}

pub(super) fn role(context: &Context<'_>, needed: &[Role]) -> Result<(), Refusal> {
    if needed.iter().any(|role| context.actor.has(*role)) {
        Ok(())
    } else {
        Err(Refusal::RoleMissing { needed: needed.to_vec() })
    }
}

pub(super) fn system(context: &Context<'_>) -> Result<(), Refusal> {
    context.actor.system.then_some(()).ok_or(Refusal::RoleMissing { needed: Vec::new() })
}

/// The reason, without blanks around it; refused if there is none.
pub(super) fn reason(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::ReasonMissing);
    }
    plain("reason", text, MAX_REASON)?;
    Ok(text.to_owned())
}

pub(super) fn note(text: &str) -> Result<String, Refusal> {
    plain("note", text, MAX_REASON)?;
    Ok(text.trim().to_owned())
}

pub(super) fn short(field: &str, text: &str) -> Result<String, Refusal> {
    plain(field, text, MAX_SHORT)?;
    Ok(text.trim().to_owned())
}

fn plain(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().count() > limit {
        return Err(Refusal::FieldTooLong { field: field.to_owned(), limit });
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Refusal::FieldInvalid { field: field.to_owned() });
    }
    Ok(())
}

fn required(field: &str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::FieldMissing { field: field.to_owned() });
    }
    plain(field, text, limit)
}

/// What a drafter declares must be complete enough to be registered and free of secrets.
pub(super) fn metadata(metadata: &Metadata, context: &Context<'_>) -> Result<(), Refusal> {
    secrecy(metadata, context)?;
    required("subject", &metadata.subject, MAX_SUBJECT)?;
    plain("content", metadata.content.as_deref().unwrap_or(""), MAX_LONG)?;
    for (field, text) in [
        ("drafting_unit", metadata.drafting_unit.as_deref()),
        ("typist", metadata.typist.as_deref()),
        ("kept_by", metadata.kept_by.as_deref()),
        ("signer.competence", Some(metadata.signer.competence.as_str())),
        ("signer.position", Some(metadata.signer.position.as_str())),
        ("signer.full_name", Some(metadata.signer.full_name.as_str())),
    ] {
        plain(field, text.unwrap_or(""), MAX_SHORT)?;
    }
    for place in &metadata.places {
        plain("places", place, MAX_SUBJECT)?;
    }
    if metadata.recipients.len() > MAX_ITEMS || metadata.places.len() > MAX_ITEMS {
        return Err(Refusal::FieldTooLong { field: "recipients".to_owned(), limit: MAX_ITEMS });
    }
    recipients(&metadata.recipients, context)
}

pub(super) fn secrecy(metadata: &Metadata, context: &Context<'_>) -> Result<(), Refusal> {
    if context.policy.open_network && metadata.secrecy != Secrecy::None {
        return Err(Refusal::SecretOnOpenNetwork);
    }
    Ok(())
}

/// Every recipient is a living organisation of the directory and is named once.
pub(super) fn recipients(recipients: &[Recipient], context: &Context<'_>) -> Result<(), Refusal> {
    let today = Date::in_vietnam(context.now);
    let mut seen = std::collections::BTreeSet::new();
    for recipient in recipients {
        let organ = &recipient.organ;
        let known = context.directory.iter().any(|o| o.id.matches(organ) && o.exists_on(today));
        if !known {
            return Err(Refusal::RecipientUnknown { organ: organ.clone() });
        }
        if !seen.insert(organ.routing_key()) {
            return Err(Refusal::RecipientTwice { organ: organ.clone() });
        }
        short("recipients.name", &recipient.name)?;
    }
    Ok(())
}

/// Exactly one main file.
pub(super) fn one_main(files: &[FileRecord]) -> Result<&FileRecord, Refusal> {
    let mut mains = files.iter().filter(|file| file.role == FileRole::Main);
    match (mains.next(), mains.next()) {
        (Some(main), None) => Ok(main),
        _ => Err(Refusal::MainFileMissing),
    }
}

/// Exactly one main file, and it is a PDF: the form of an electronic original here.
pub(super) fn one_main_pdf(files: &[FileRecord]) -> Result<(), Refusal> {
    pdf(one_main(files)?)?;
    for file in files {
        required("files.name", &file.name, MAX_SUBJECT)?;
    }
    Ok(())
}

pub(super) fn pdf(file: &FileRecord) -> Result<(), Refusal> {
    let fits = file.role == FileRole::Main && file.media_type == "application/pdf" && file.size > 0;
    fits.then_some(()).ok_or(Refusal::MainFileMissing)
}

/// The file that was worked on is still the current one.
pub(super) fn unchanged(outgoing: &Outgoing, before: &Sha256Hex) -> Result<(), Refusal> {
    let current = outgoing.main_file().ok_or(Refusal::NoFile)?;
    if &current.sha256 == before {
        Ok(())
    } else {
        Err(Refusal::FileChanged { current: current.sha256.clone() })
    }
}

/// The certificate, if it is registered here to `holder` and usable now.
pub(super) fn certificate<'a>(
    sha256: Option<&Sha256Hex>,
    holder: &Holder,
    context: &Context<'a>,
) -> Result<&'a CertificateRecord, Refusal> {
    let own = |record: &&CertificateRecord| record.organisation == context.organisation.id;
    let named = |record: &&CertificateRecord| Some(&record.sha256) == sha256;
    let record = context.certificates.iter().filter(own).find(named).ok_or(Refusal::CertificateUnknown)?;
    if &record.holder != holder {
        return Err(Refusal::WrongKeyHolder);
    }
    record.check_usable(context.now)?;
    Ok(record)
}

/// The new signature is there, of the right class, covers the file, and every signature holds; none that was
/// there before has gone.
pub(super) fn new_signature<'a>(
    signed: &'a SignedFile,
    class: SignerClass,
    outgoing: &Outgoing,
) -> Result<&'a SignatureFacts, Refusal> {
    let find = |field: &str| signed.signatures.iter().find(|facts| facts.field == field);
    let missing = |field: &str| Refusal::SignatureMissing { field: field.to_owned() };
    let facts = find(&signed.field).ok_or_else(|| missing(&signed.field))?;
    if facts.class != class {
        return Err(Refusal::WrongKeyHolder);
    }
    for known in &outgoing.signatures {
        if known.field == facts.field || find(&known.field).is_none() {
            return Err(missing(&known.field));
        }
    }
    let broken = signed
        .signatures
        .iter()
        .find(|s| !s.valid || (s.field == facts.field && s.coverage != Coverage::WholeFile));
    if let Some(broken) = broken {
        let (field, indication) = (broken.field.clone(), broken.indication.clone());
        return Err(Refusal::SignatureInvalid { field, indication });
    }
    Ok(facts)
}

/// The facts of the sequence `key`, and its next number, given today.
pub(super) fn next_number(key: RegisterKey, context: &Context<'_>) -> Result<(RegisterFacts, u32), Refusal> {
    let facts = context.register.filter(|facts| facts.key == key).ok_or(Refusal::RegisterMismatch)?;
    let next = facts.next_number().ok_or(Refusal::NumbersExhausted)?;
    let date = Date::in_vietnam(context.now);
    match facts.last_date {
        Some(last) if date < last => Err(Refusal::DateBeforeLast { date, last }),
        _ => Ok((facts.clone(), next)),
    }
}

/// Nothing may change once the document is issued; before, the state must be one of `allowed`.
pub(super) fn state(outgoing: &Outgoing, allowed: &[OutgoingState], command: &str) -> Result<(), Refusal> {
    if allowed.contains(&outgoing.state) {
        return Ok(());
    }
    Err(wrong_state(command, outgoing.state.as_str()))
}

pub(super) fn wrong_state(command: &str, state: &str) -> Refusal {
    Refusal::WrongState { command: command.to_owned(), state: state.to_owned() }
}
