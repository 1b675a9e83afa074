//! What is known about revocation and about existence at a time: CRLs, OCSP responses, time stamps.

/// Evidence gathered for one verification.
///
/// Empty for now: revocation is not checked yet, and reports say so (`not_checked`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {}

impl Evidence {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }
}
