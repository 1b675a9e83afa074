//! The life of a document in one organisation: states, commands, events, and the decision between them
//! (NĐ 30/2020 Chương II and III).

pub mod apply;
mod check;
pub mod command;
pub mod decide;
pub mod event;
mod incoming;
mod outgoing;
pub mod state;
#[cfg(test)]
mod tests;
pub mod words;

pub use apply::{BrokenHistory, apply, replay};
pub use command::{Arrival, Command, Context, OfficePolicy, SignedFile};
pub use decide::{decide, may_seal, may_sign};
pub use event::Event;
pub use state::{Dossier, IncomingState, OutgoingState};
pub use words::Sentence;
