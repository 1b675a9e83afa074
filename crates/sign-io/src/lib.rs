//! What touches the world for signing: files, key files, remote signing services, the guarded way out to
//! status services, trust folders, policy files, the clock, page pictures and page text.
//!
//! `sign-core` takes bytes, keys, evidence and times as arguments; this crate gets them. What has several
//! steps with the world between them, judging with evidence from the network ([`online`]) and raising
//! signatures to a long-term level ([`longterm`]), is driven from here. Nothing here judges a signature by
//! itself or knows what a document is for.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

pub mod anchor;
pub mod clock;
pub mod compare;
pub mod doctor;
mod draw;
pub mod egress;
pub mod fetch;
pub mod file;
mod freed;
pub mod illustrate;
pub mod keep;
pub mod keystore;
pub mod layout;
pub mod longterm;

pub mod online;
pub mod output;
pub mod pkcs11;
pub mod pki;
pub mod policy;
pub mod remote;
pub mod render;
pub mod structured;
pub mod text;
pub mod trust;
pub mod tsa;

pub use draw::{DrawError, DrawLimits, Drawable};
