//! Certificates (RFC 5280) as facts: what they say, and which paths lead from them to given anchors.
//!
//! No judgement and no CMS or PDF here; signature maths is [`crate::crypto`]'s.

pub mod certificate;
mod extension;
pub mod name;
pub mod path;

pub use certificate::{Certificate, X509Error};
pub use extension::{BasicConstraints, KeyUsage};
pub use name::Name;
pub use path::{PathOutcome, PathProblem, ProblemKind};
