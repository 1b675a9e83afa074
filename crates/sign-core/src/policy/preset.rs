//! The policies that come with the program.
//!
//! Vietnam's rules: TT 15/2025/TT-BKHCN, Phụ lục I (algorithms) and II (criteria of validity).

use super::{KeyRule, Policy, RevocationDemand};

pub(super) const NAMES: &[&str] = &["vn-2025-b", "vn-2025"];

pub(super) fn by_name(name: &str) -> Option<Policy> {
    match name {
        "vn-2025-b" => Some(vn_2025_b()),
        "vn-2025" => Some(vn_2025()),
        _ => None,
    }
}

/// For signatures of level B-B, whose evidence is not in the file: passes without revocation
/// status, and warns.
pub(super) fn vn_2025_b() -> Policy {
    Policy { name: "vn-2025-b".into(), revocation: RevocationDemand::Warn, ..vn_2025() }
}

/// Phụ lục II to the letter: nothing passes without a revocation status.
fn vn_2025() -> Policy {
    let digests = ["SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE256"];
    let key = |kind: &str, minimum_bits| KeyRule { kind: kind.into(), minimum_bits };
    Policy {
        name: "vn-2025".into(),
        digests: digests.map(String::from).to_vec(),
        // PKCS#1 of 2.1 or later holds both RSASSA-PSS and v1.5; the public-service CA's own
        // tools sign with v1.5, so both are accepted.
        keys: vec![key("RSA", 2048), key("EC", 256)],
        // The size of ML-DSA is that of the public key; the smallest set has 1,312 bytes.
        keys_with_warning: vec![key("Ed25519", 256), key("Ed448", 448), key("ML-DSA", 10_496)],
        revocation: RevocationDemand::Required,
    }
}
