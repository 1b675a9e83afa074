//! Official correspondence between Vietnamese organisations: the rules, and nothing but the rules.
//!
//! What a document is, who may sign, number, seal, dispatch, register or reject it and in which order
//! (NĐ 30/2020/NĐ-CP), and how it travels (edXML, QCVN 102:2016/BTTTT). Facts come in as values and decisions
//! go out as events: this crate reads no clock, file, network or database, makes no random number and no
//! signature. Whoever calls it brings the time, the identifiers, the register's last number and what a
//! verifier found in the PDF.
//!
//! | module | holds |
//! |---|---|
//! | [`date`], [`id`] | instants, calendar days, identifiers |
//! | [`organ`], [`person`], [`certificate`] | who takes part and whose key is whose |
//! | [`document`], [`register`] | what is sent and the books it is written in |
//! | [`workflow`] | states, commands, events and `decide`, the only place that allows or refuses |
//! | [`exchange`] | messages, statuses, receipts and their edXML form |
//! | [`refusal`] | every refusal, its stable code and its words in Vietnamese and English |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

pub mod certificate;
pub mod date;
pub mod document;
pub mod exchange;
pub mod id;
pub mod organ;
pub mod person;
pub mod refusal;
pub mod register;
pub mod workflow;

pub use refusal::Refusal;
