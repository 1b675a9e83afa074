//! The life of a document in one organisation: states, commands, events, and the decision between them
//! (NĐ 30/2020 Chương II and III).

pub mod command;
pub mod event;
pub mod state;
