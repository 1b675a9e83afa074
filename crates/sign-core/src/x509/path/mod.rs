//! Builds and checks certification paths (RFC 5280 6.1) from a certificate up to given anchors.
//!
//! The outcome is facts: the best path found and everything that is wrong with it at the given time.
//! Revocation is evidence and looked at elsewhere ([`PathInputs::examine`] lets it choose between
//! paths); what a certificate may be used for is policy.
//!
//! | file | what it does |
//! |---|---|
//! | `search` | candidates for each issuer, depth first within a budget |
//! | `check` | one path from the anchor down, as clauses 6.1.2 to 6.1.5 walk it |
//! | `names` | name constraints |
//! | `policies` | certificate policies as a graph (RFC 9618), so that their number stays bounded |

mod check;
mod names;
mod policies;
mod search;

#[cfg(test)]
mod cases;

#[cfg(test)]
mod tests;

use super::certificate::Certificate;
use super::crl::Reason;
use crate::crypto::CryptoError;
use crate::limits::Limits;
use crate::time::Time;
use std::borrow::Cow;

/// What else is wrong with a path, its anchor last.
pub type Examine<'a> = dyn Fn(&[Certificate]) -> Vec<PathProblem> + 'a;

/// What a path is judged by, besides its certificates (RFC 5280 6.1.1).
#[derive(Clone, Copy)]
pub struct PathInputs<'a> {
    /// When it must hold.
    pub at: Time,
    /// user-initial-policy-set, dotted; empty: any policy will do.
    pub policies: &'a [String],
    /// initial-explicit-policy: the path must be valid for one of the policies.
    pub require_explicit_policy: bool,
    /// initial-policy-mapping-inhibit.
    pub inhibit_policy_mapping: bool,
    /// initial-any-policy-inhibit.
    pub inhibit_any_policy: bool,
    /// A further look at a path that is otherwise clean, its anchor last: what this tells counts as any
    /// other problem, so that the search goes on to the next path (EN 319 102-1 5.2.6.4).
    pub examine: Option<&'a Examine<'a>>,
}

impl PathInputs<'_> {
    /// Any policy, nothing inhibited, no further look.
    pub fn at(at: Time) -> Self {
        Self {
            at,
            policies: &[],
            require_explicit_policy: false,
            inhibit_policy_mapping: false,
            inhibit_any_policy: false,
            examine: None,
        }
    }
}

/// For which policies a path is valid (RFC 5280 6.1.6, RFC 9618).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathPolicies {
    /// authority-constrained-policy-set, dotted and sorted; 2.5.29.32.0 stands for any policy.
    pub authority: Vec<String>,
    /// Of these, the ones that [`PathInputs::policies`] asked for.
    pub user: Vec<String>,
    /// A certificate or the inputs demand that there is one.
    pub explicit: bool,
}

/// The best path found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathOutcome {
    /// The certificate in question first, then its issuers; the anchor last, if one was reached.
    pub chain: Vec<Certificate>,
    /// The anchor that was reached.
    pub anchor: Option<Certificate>,
    /// Everything wrong with this path. Empty only if an anchor was reached.
    pub problems: Vec<PathProblem>,
    /// Its policies.
    pub policies: PathPolicies,
}

impl PathOutcome {
    /// An anchor was reached and nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.anchor.is_some() && self.problems.is_empty()
    }

    /// The purposes that the extKeyUsage of every certificate below the anchor allows, dotted; None if
    /// no certificate restricts them. RFC 5280 4.2.1.12 speaks of the certificate itself only, so
    /// authorities that restrict theirs are a fact for the policy, not a problem of the path.
    pub fn purposes(&self) -> Option<Vec<String>> {
        const ANY: &str = "2.5.29.37.0";
        let below =
            if self.anchor.is_some() { self.chain.len().saturating_sub(1).max(1) } else { self.chain.len() };
        let restricted = self.chain.iter().take(below).filter_map(Certificate::extended_key_usage);
        restricted.filter(|all| !all.iter().any(|one| one == ANY)).fold(None, |common, all| match common {
            None => Some(all.to_vec()),
            Some(common) => Some(common.into_iter().filter(|one| all.contains(one)).collect()),
        })
    }
}

/// One thing wrong with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathProblem {
    /// The certificate it is about.
    pub certificate: Certificate,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What can be wrong with a certificate in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The validity period was over.
    Expired {
        /// Its end.
        not_after: Time,
    },
    /// The validity period had not begun.
    NotYetValid {
        /// Its begin.
        not_before: Time,
    },
    /// A certificate with the issuer's name is there, but its key did not make the signature.
    BadSignature,
    /// The issuer's signature cannot be computed with.
    UnsupportedSignature(CryptoError),
    /// It issued a certificate and is no certification authority.
    NotCa,
    /// More authorities below it than its pathLenConstraint allows.
    PathTooLong {
        /// The constraint.
        allowed: u32,
    },
    /// It issued a certificate, but its keyUsage does not allow keyCertSign.
    KeyUsageMissing,
    /// A critical extension that is not understood here.
    UnknownCriticalExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// An extension that is malformed or occurs twice.
    MalformedExtension {
        /// Which one, dotted.
        oid: String,
    },
    /// A name that an authority above may not certify: in none of its permitted subtrees.
    NameNotPermitted {
        /// The name.
        name: String,
    },
    /// A name that an authority above may not certify: in one of its excluded subtrees.
    NameExcluded {
        /// The name.
        name: String,
    },
    /// A name of a form that is constrained above, and nobody can tell whether it is allowed.
    NameUnclear {
        /// The name.
        name: String,
    },
    /// Too many names and constraints to compare.
    TooManyNames,
    /// A policy is required, and none (of those asked for) is left here.
    NoValidPolicy,
    /// It maps to or from anyPolicy, which is forbidden (RFC 5280 6.1.4 a).
    AnyPolicyMapped,
    /// Its issuer took it back.
    Revoked {
        /// When.
        since: Time,
        /// Why.
        reason: Reason,
    },
    /// Nothing at hand says whether it is revoked.
    StatusUnknown,
    /// No certificate with the issuer's name is known.
    NoIssuerFound {
        /// The name looked for.
        issuer: String,
    },
    /// Self-signed, and not one of the anchors.
    UntrustedRoot,
    /// The search was given up: too many candidates or too long a path.
    LimitReached,
}

impl ProblemKind {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "certificate_expired",
            Self::NotYetValid { .. } => "certificate_not_yet_valid",
            Self::BadSignature => "certificate_bad_signature",
            Self::UnsupportedSignature(_) => "certificate_unsupported_signature",
            Self::NotCa => "issuer_not_ca",
            Self::PathTooLong { .. } => "path_too_long",
            Self::KeyUsageMissing => "issuer_key_usage",
            Self::UnknownCriticalExtension { .. } => "unknown_critical_extension",
            Self::MalformedExtension { .. } => "malformed_extension",
            Self::NameNotPermitted { .. } => "name_not_permitted",
            Self::NameExcluded { .. } => "name_excluded",
            Self::NameUnclear { .. } => "name_unclear",
            Self::TooManyNames => "too_many_names",
            Self::NoValidPolicy => "no_valid_policy",
            Self::AnyPolicyMapped => "any_policy_mapped",
            Self::Revoked { .. } => "certificate_revoked",
            Self::StatusUnknown => "status_unknown",
            Self::NoIssuerFound { .. } => "no_issuer_found",
            Self::UntrustedRoot => "untrusted_root",
            Self::LimitReached => "path_limit_reached",
        }
    }
}

/// Finds a path from `leaf` over certificates of `pool` to one of `anchors`, as it stood at `at`, for
/// any policy.
pub fn build(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    at: Time,
    limits: &Limits,
) -> PathOutcome {
    build_with(leaf, pool, anchors, &PathInputs::at(at), limits)
}

/// Finds a path from `leaf` over certificates of `pool` to one of `anchors`.
///
/// Of several paths the first clean one wins, then the anchored one with the fewest problems, then the
/// longest. An anchor is trusted as it is (RFC 5280 6.1.1 d): its own validity and extensions are not
/// examined, unless it is `leaf` itself.
pub fn build_with(
    leaf: &Certificate,
    pool: &[Certificate],
    anchors: &[Certificate],
    inputs: &PathInputs<'_>,
    limits: &Limits,
) -> PathOutcome {
    search::search(leaf, pool, anchors, inputs, limits)
}

/// The public key of the first of these issuers, as a SubjectPublicKeyInfo. It is the one in its
/// certificate, but for DSA keys without parameters, which have those of the nearest issuer above
/// (RFC 5280 6.1.4 d to f).
pub fn working_key(issuers: &[Certificate]) -> Cow<'_, [u8]> {
    check::working_key(issuers)
}
