//! From a command to what is written: everything the workflow may look at is gathered, the bodies of
//! the messages it will queue are stored, and only then the one transaction runs.
//!
//! The decision is made twice: once outside, to know which messages need a body (pure, so it costs
//! little), and once inside the transaction, where it counts. If somebody else came first and the two
//! differ, it is prepared again. Nothing external happens inside.

use super::{
    courier,
    failure::{Failure, Kind},
};
use circulation::{
    certificate::CertificateRecord,
    date::{Date, Instant},
    id::MessageId,
    organ::{OrganId, Organisation},
    person::Actor,
    register::{RegisterFacts, RegisterKey},
    workflow::{Command, Context, Dossier, Event, OfficePolicy, apply, decide},
};
use circulation_store::{Committed, Decision, ExecuteError, Hash, Step, Store, StoreError, Target};

/// One command about one dossier.
pub struct Request<'a> {
    /// Whose dossier it is.
    pub organ: &'a OrganId,
    /// Which dossier.
    pub target: Target<'a>,
    /// Who asks.
    pub actor: &'a Actor,
    /// When.
    pub now: Instant,
    /// What for.
    pub command: &'a Command,
    /// The message of the inbox this answers.
    pub message: Option<&'a MessageId>,
}

/// What does not change while one request is worked on.
pub struct Office {
    /// The organisation.
    pub organisation: Organisation,
    certificates: Vec<CertificateRecord>,
    directory: Vec<Organisation>,
}

impl Office {
    /// Reads what the workflow may look at.
    ///
    /// # Errors
    /// From the store.
    pub fn open(store: &Store, organ: &OrganId) -> Result<Self, Failure> {
        Ok(Self {
            organisation: store.organisation(organ)?,
            certificates: store.certificates(organ)?,
            directory: store.partners(organ)?.into_iter().map(|partner| partner.organisation).collect(),
        })
    }

    /// The workflow's view of a request.
    pub fn context<'a>(
        &'a self,
        actor: &'a Actor,
        now: Instant,
        register: Option<&'a RegisterFacts>,
    ) -> Context<'a> {
        Context {
            actor,
            now,
            organisation: &self.organisation,
            policy: OfficePolicy::default(),
            register,
            certificates: &self.certificates,
            directory: &self.directory,
        }
    }
}

/// Carries a command out.
///
/// # Errors
/// The refusal; what the store says; `busy` if others kept moving the same books.
pub fn run(store: &Store, request: &Request<'_>) -> Result<Committed, Failure> {
    let office = Office::open(store, request.organ)?;
    for _ in 0..ATTEMPTS {
        let foreseen = Foreseen::look(store, &office, request)?;
        match attempt(store, &office, request, &foreseen) {
            Attempt::Done(outcome) => return Ok((*outcome)?),
            Attempt::Overtaken => {}
        }
    }
    Err(Failure::new(Kind::Busy, "busy", "the register keeps moving"))
}

/// How often a command is prepared again because somebody else took the number it was prepared for.
/// Each time somebody else has succeeded, so this many clerks would have to register at once.
const ATTEMPTS: u32 = 64;

enum Attempt {
    Done(Box<Result<Committed, ExecuteError>>),
    /// What the transaction decided is not what the bodies of the messages say.
    Overtaken,
}

fn attempt(store: &Store, office: &Office, request: &Request<'_>, foreseen: &Foreseen) -> Attempt {
    let step = Step {
        organ: request.organ,
        target: request.target,
        actor: request.actor,
        now: request.now,
        message: request.message,
    };
    let mut overtaken = false;
    let committed = store.execute(&step, |dossier, books| {
        let key = sequence(dossier, request, office);
        let register = key.map(|key| books.register(key)).transpose()?;
        let context = office.context(request.actor, request.now, register.as_ref());
        let events = decide(dossier, request.command, &context)?;
        // A status tells the sender the incoming number: it must be the number that is taken.
        overtaken = !foreseen.bodies.is_empty() && events != foreseen.events;
        if overtaken {
            return Err(StoreError::Conflict { what: "register", detail: "overtaken".into() }.into());
        }
        Ok(Decision { events, bodies: foreseen.bodies.clone() })
    });
    if overtaken { Attempt::Overtaken } else { Attempt::Done(Box::new(committed)) }
}

/// Which sequence of numbers the command takes from, if any.
fn sequence(dossier: &Dossier, request: &Request<'_>, office: &Office) -> Option<RegisterKey> {
    let year = Date::in_vietnam(request.now).year();
    let organ = &office.organisation.id;
    match request.command {
        Command::AssignNumber { .. } => {
            let kind = dossier.outgoing()?.metadata.kind;
            Some(RegisterKey::outgoing(organ, year, OfficePolicy::default().sequences, kind))
        }
        Command::Register { .. } => Some(RegisterKey::incoming(organ, year)),
        _ => None,
    }
}

/// What the command will do if nobody else comes first, and the stored bodies of the messages it
/// queues.
#[derive(Default)]
struct Foreseen {
    events: Vec<Event>,
    bodies: Vec<(MessageId, Hash)>,
}

impl Foreseen {
    fn look(store: &Store, office: &Office, request: &Request<'_>) -> Result<Self, Failure> {
        if !queues_messages(request.command) {
            return Ok(Self::default());
        }
        let before = load(store, request)?;
        let key = sequence(&before, request, office);
        let register = key.map(|key| store.register_facts(key)).transpose()?;
        let context = office.context(request.actor, request.now, register.as_ref());
        let events = decide(&before, request.command, &context)?;
        let mut after = before;
        events.iter().try_for_each(|event| apply(&mut after, event)).map_err(Failure::internal)?;
        let mut bodies = Vec::new();
        for event in &events {
            let body = match event {
                Event::DeliveryQueued { message, .. } => {
                    let by = &request.actor.name;
                    Some((message, courier::document(store, office, &after, message, by, request.now)?))
                }
                Event::StatusQueued { message, .. } => {
                    Some((message, courier::status(office, &after, event)?))
                }
                _ => None,
            };
            if let Some((message, bytes)) = body {
                bodies.push((message.clone(), store.blobs().put(&bytes)?.hash));
            }
        }
        Ok(Self { events, bodies })
    }
}

fn queues_messages(command: &Command) -> bool {
    matches!(
        command,
        Command::Dispatch { .. } | Command::Receive(_) | Command::Register { .. } | Command::Reject { .. }
    )
}

fn load(store: &Store, request: &Request<'_>) -> Result<Dossier, Failure> {
    match request.target {
        Target::New(id) => Ok(Dossier::new(id.clone(), request.organ.clone())),
        Target::Existing(id) => Ok(store.dossier(request.organ, id)?),
    }
}

impl From<ExecuteError> for Failure {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Store(error) => error.into(),
            ExecuteError::Refused(refusal) => (*refusal).into(),
        }
    }
}
