//! Certificates, revocation lists and OCSP answers (RFC 5280, RFC 6960) as facts: what they say, which
//! paths lead from a certificate to given anchors, and what is known about its revocation.
//!
//! No judgement and no CMS or PDF here; signature maths is [`crate::crypto`]'s.

pub mod certificate;
mod constraints;
pub mod crl;
mod distribution;
mod extension;
mod general_name;
mod layout;
pub mod name;
pub mod ocsp;
pub mod path;
mod second;
mod signed;
#[cfg(test)]
pub(crate) mod testing;
mod time;

pub use certificate::{Certificate, X509Error};
pub use constraints::NameConstraints;
pub use crl::Crl;
pub use distribution::{DistributionPoint, IssuingPoint, PointName, Reasons};
pub use extension::{BasicConstraints, KeyUsage, PolicyConstraints};
pub use general_name::GeneralName;
pub use layout::Oddity;
pub use name::Name;
pub use path::{PathInputs, PathOutcome, PathPolicies, PathProblem, ProblemKind};
