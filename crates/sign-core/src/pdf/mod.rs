//! The PDF grammar (ISO 32000-2 clauses 7.2–7.7), read by revision and with byte positions.
//!
//! Knows syntax, cross-references, revisions, pages and how to append an update. Knows nothing of
//! signatures beyond the hole an update leaves for one. Strict: what cannot be read for certain is
//! an error, and what is unusual but certain is a [`PdfFinding`].

pub mod object;
pub mod repair;
pub mod text;
pub mod write;

mod append;
mod cache;
mod container;
mod create;
mod crypt;
mod cursor;
mod dictionary;
mod document;
mod filter;
mod finding;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod hostile_tests;
mod indirect;
mod page;
mod parser;
mod predictor;
mod readings;
mod revision;
mod strays;
mod token;
mod view;
mod xref;
mod xref_stream;
mod xref_table;

pub use append::{Appended, Hole, Update};
pub use create::{NewDocument, Objects};
pub use crypt::{Access, Ciphers, Encryption, KeyDigest, OpenedAs, Password, Permissions};
pub use document::Document;
pub use finding::PdfFinding;
pub use object::{Dictionary, Name, Object, ObjectId, PdfString, Real, Stream, StreamData};
pub use page::Page;
pub use revision::{Revision, SectionPlace};
pub use strays::{Stray, Strays};
pub use view::View;
pub use xref::{EntryKind, Hybrids, SectionKind};
