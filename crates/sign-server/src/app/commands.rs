//! Steps of a document, asked for by people. Signing happens before the transaction, on a copy: the
//! workflow then accepts the new file only if nobody changed the old one meanwhile.

use super::{
    documents::{self, DocumentView, PDF, fresh},
    failure::Failure,
    flow::{self, Office, Request},
    keys,
    papers::{self, GivenPlaces, SignedPaper},
    pins::Pins,
    sign,
    tokens::Tokens,
    verify,
};
use crate::{
    auth::Caller,
    secret::Secret,
    state::{Shared, signing_time},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use circulation::{
    date::{Date, Instant},
    document::FileRecord,
    id::DossierId,
    person::Actor,
    workflow::{
        command::{Command, SignedFile},
        decide::{may_seal, may_sign},
        state::{Dossier, Outgoing},
    },
};
use circulation_store::{Store, Target};
use serde::Deserialize;
use sign_core::{crypto::key::Pin, pdf::Access, report::model::ContentFinding, trust::anchor::TrustStore};
use std::cell::RefCell;
use std::sync::Arc;

/// A signing step's key and picture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Id of the signing key.
    key: String,
    /// Its PIN; may come beside the body instead.
    #[serde(default)]
    pin: Option<Secret>,
    /// Picture to draw, a PNG in Base64; words are drawn without one.
    #[serde(default)]
    image_png: Option<String>,
}

/// A step as asked for.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Asked {
    /// Drafter or clerk: put the empty fields into the draft; the text is final.
    Freeze {
        /// Places that the page's text does not show.
        #[serde(default)]
        places: GivenPlaces,
    },
    /// Leader: sign.
    Sign(Signing),
    /// Leader or clerk: back to the drafter.
    Return {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// Give it up.
    Cancel {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// Clerk: take the next number of the register and today's date.
    Number {
        /// A number somebody wants; always refused.
        #[serde(default)]
        requested: Option<u32>,
        /// A date somebody wants.
        #[serde(default)]
        date: Option<Date>,
    },
    /// Clerk: fill number and date in and sign with the organisation's key.
    Seal(Signing),
    /// Clerk: issue and write into the register.
    Issue {
        /// Remark for column 10.
        #[serde(default)]
        note: String,
    },
    /// Clerk: send to all recipients.
    Dispatch,
    /// Clerk: register an incoming document.
    Register {
        /// Unit or person it goes to.
        #[serde(default)]
        assigned_to: String,
        /// Remark for column 10.
        #[serde(default)]
        note: String,
    },
    /// Clerk: record a doubt about an incoming document.
    Doubt {
        /// The doubt and to whom it was reported.
        #[serde(default)]
        note: String,
    },
    /// Clerk: return an incoming document.
    Reject {
        /// Why.
        #[serde(default)]
        reason: String,
    },
}

/// Carries a step out and answers the document as it is then.
///
/// # Errors
/// The refusal; what signing and verifying say.
pub async fn run(
    state: &Shared,
    caller: Caller,
    id: DossierId,
    asked: Asked,
    pin: Option<Pin>,
) -> Result<DocumentView, Failure> {
    let actor = caller.actor()?;
    let (now, anchors) = (state.now(), state.anchors.of(&caller.organ)?);
    let (pins, tokens) = (Arc::clone(&state.pins), Arc::clone(&state.tokens));
    let strict = state.config.strict_content;
    let work = move |store: &Store| {
        let desk = Desk {
            store,
            caller: &caller,
            actor,
            id,
            now,
            anchors: &anchors,
            pins: &pins,
            tokens: &tokens,
            strict,
            warnings: RefCell::default(),
        };
        let command = desk.command(asked, pin)?;
        let request = Request {
            organ: &desk.caller.organ,
            target: Target::Existing(&desk.id),
            actor: &desk.actor,
            now,
            command: &command,
            message: None,
        };
        let mut view: DocumentView = flow::run(store, &request)?.dossier.into();
        view.warnings = desk.warnings.take();
        Ok(view)
    };
    let done = state.heavy(work).await;
    if done.is_ok() {
        state.wake.notify_one();
    }
    done
}

/// Everything one step works with.
struct Desk<'a> {
    store: &'a Store,
    caller: &'a Caller,
    actor: Actor,
    id: DossierId,
    now: Instant,
    anchors: &'a TrustStore,
    pins: &'a Pins,
    tokens: &'a Tokens,
    /// Refuse content that can change its look.
    strict: bool,
    /// What was found of it.
    warnings: RefCell<Vec<ContentFinding>>,
}

impl Desk<'_> {
    /// Does what has to be done to the file and says what the workflow is to decide on.
    fn command(&self, asked: Asked, pin: Option<Pin>) -> Result<Command, Failure> {
        let dossier = self.store.dossier(&self.caller.organ, &self.id)?;
        Ok(match asked {
            Asked::Freeze { places } => self.freeze(&dossier, places)?,
            Asked::Sign(signing) => self.sign(&dossier, signing, pin)?,
            Asked::Return { reason } => Command::ReturnToDrafter { reason },
            Asked::Cancel { reason } => Command::Cancel { reason },
            Asked::Number { requested, date } => Command::AssignNumber { requested, date },
            Asked::Seal(signing) => self.seal(&dossier, signing, pin)?,
            Asked::Issue { note } => Command::Issue { note },
            Asked::Dispatch => {
                let recipients = dossier.outgoing().map_or(0, |outgoing| outgoing.metadata.recipients.len());
                Command::Dispatch { messages: (0..recipients).map(|_| fresh()).collect::<Result<_, _>>()? }
            }
            Asked::Register { assigned_to, note } => {
                Command::Register { assigned_to, note, status_message: fresh()? }
            }
            Asked::Doubt { note } => Command::RecordDoubt { note },
            Asked::Reject { reason } => Command::Reject { reason, status_message: fresh()? },
        })
    }

    fn freeze(&self, dossier: &Dossier, places: GivenPlaces) -> Result<Command, Failure> {
        let (outgoing, main) = main_file(dossier)?;
        // Asked with the draft itself, so that a refusal comes before the work.
        self.rehearse(dossier, &Command::Freeze { before: main.sha256.clone(), file: main.clone() })?;
        let draft = documents::read_blob(self.store, main.sha256.as_str())?;
        self.warnings.replace(papers::look(&draft, Access::default(), self.strict)?);
        let frozen = papers::freeze(&draft, &outgoing.metadata.signer, places)?;
        Ok(Command::Freeze { before: main.sha256.clone(), file: self.keep(main, &frozen)? })
    }

    fn sign(&self, dossier: &Dossier, signing: Signing, pin: Option<Pin>) -> Result<Command, Failure> {
        let (_, main) = main_file(dossier)?;
        let (key, image) = self.key(&signing, pin)?;
        let office = Office::open(self.store, &self.caller.organ)?;
        may_sign(dossier, &key.record.sha256, &office.context(&self.actor, self.now, None))?;
        let frozen = documents::read_blob(self.store, main.sha256.as_str())?;
        let (name, at) = (sign::signer_name(&*key.signer), signing_time(self.now));
        self.warnings.replace(papers::look(&frozen, Access::default(), self.strict)?);
        let paper = papers::sign_as_leader(&frozen, &*key.signer, image, &name, at)?;
        Ok(Command::RecordLeaderSignature(self.check(main, paper)?))
    }

    fn seal(&self, dossier: &Dossier, signing: Signing, pin: Option<Pin>) -> Result<Command, Failure> {
        let (outgoing, main) = main_file(dossier)?;
        // Who and when is asked before the key: a seal without a leader's signature is refused as that,
        // whatever key was named.
        let office = Office::open(self.store, &self.caller.organ)?;
        let certificate = self.certificate(&signing.key)?;
        may_seal(dossier, &certificate, &office.context(&self.actor, self.now, None))?;
        let (key, image) = self.key(&signing, pin)?;
        let number = outgoing.number.as_ref().ok_or(circulation::refusal::Refusal::NoNumber)?;
        let date = outgoing.date.ok_or(circulation::refusal::Refusal::NoDate)?;
        let signed = documents::read_blob(self.store, main.sha256.as_str())?;
        let (name, at) = (sign::signer_name(&*key.signer), signing_time(self.now));
        let paper = papers::seal(&signed, &*key.signer, number, date, image, &name, at)?;
        Ok(Command::RecordSeal(self.check(main, paper)?))
    }

    fn certificate(&self, key: &str) -> Result<circulation::id::Sha256Hex, Failure> {
        Ok(self.store.key(&self.caller.organ, key)?.certificate)
    }

    fn key(
        &self,
        signing: &Signing,
        beside: Option<Pin>,
    ) -> Result<(keys::OpenedKey, Option<Vec<u8>>), Failure> {
        let inside = signing.pin.as_ref().map(|pin| Pin::new(pin.expose()));
        let pin = inside.or(beside).ok_or_else(|| Failure::malformed("the PIN is missing"))?;
        let image = signing.image_png.as_deref().map(|text| STANDARD.decode(text)).transpose();
        let image = image.map_err(|_| Failure::malformed("image_png is not Base64"))?;
        let wanted = keys::Wanted { key: &signing.key, pin: &pin, digest: None };
        Ok((keys::open(self.store, self.pins, self.tokens, self.caller, wanted, self.now)?, image))
    }

    /// Verifies every signature of the file just made, before anything is recorded, and stores it.
    fn check(&self, main: &FileRecord, paper: SignedPaper) -> Result<SignedFile, Failure> {
        let report = verify::report_now(&paper.bytes, &main.name, self.anchors, self.now)?;
        let signatures = papers::facts(&report);
        if let Some(bad) = signatures.iter().find(|facts| !facts.valid) {
            let found = report.signatures.iter().find(|found| found.field == bad.field);
            let codes: Vec<&str> = found.iter().flat_map(|f| &f.findings).map(|f| f.code.as_str()).collect();
            let detail = format!("{} is {} ({})", bad.field, bad.indication, codes.join(", "));
            return Err(Failure::unusable("signature_not_valid_after_signing", detail));
        }
        let file = self.keep(main, &paper.bytes)?;
        Ok(SignedFile { before: main.sha256.clone(), file, field: paper.field, signatures })
    }

    fn keep(&self, main: &FileRecord, bytes: &[u8]) -> Result<FileRecord, Failure> {
        documents::keep(self.store, &main.name, bytes, PDF, main.role)
    }

    fn rehearse(&self, dossier: &Dossier, command: &Command) -> Result<(), Failure> {
        let office = Office::open(self.store, &self.caller.organ)?;
        let context = office.context(&self.actor, self.now, None);
        circulation::workflow::decide::decide(dossier, command, &context)?;
        Ok(())
    }
}

fn main_file(dossier: &Dossier) -> Result<(&Outgoing, &FileRecord), Failure> {
    let found = dossier.outgoing().and_then(|outgoing| Some((outgoing, outgoing.main_file()?)));
    found.ok_or_else(|| {
        circulation::refusal::Refusal::WrongState {
            command: "sign".to_owned(),
            state: dossier.state_name().to_owned(),
        }
        .into()
    })
}
