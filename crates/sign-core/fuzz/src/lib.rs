//! What must hold for any bytes, by target. libFuzzer looks for bytes that break it (`scripts/fuzz`); the
//! test `fuzzed` of sign-tests holds the seeds, and the bytes that once did, against the same functions.
//!
//! A property that does not hold panics. Nothing here depends on time or chance, so that an input breaks
//! one always or never.

pub mod certificate;
pub mod cms;
pub mod key;
pub mod reader;
pub mod revocation;
pub mod seeds;
pub mod sign_then_verify;

/// How far an input came; refusing one is always right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It was refused, or bears nothing to hold against the properties.
    Refused,
    /// The properties were tried on it, and held.
    Held,
}

/// A target.
pub struct Target {
    /// Its name, also of its folder under fixtures/fuzz.
    pub name: &'static str,
    /// Panics if a property does not hold.
    pub check: fn(&[u8]) -> Reached,
    /// Inputs to start from; each reaches [`Reached::Held`].
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 5] = [
    Target { name: "reader", check: reader::check, seeds: seeds::documents },
    Target { name: "cms", check: cms::check, seeds: seeds::signatures },
    Target { name: "certificate", check: certificate::check, seeds: seeds::certificates },
    Target { name: "revocation", check: revocation::check, seeds: seeds::revocation },
    Target { name: "sign_then_verify", check: sign_then_verify::check, seeds: seeds::documents },
];
