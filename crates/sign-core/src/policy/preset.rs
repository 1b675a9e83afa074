//! The policies that come with the program.
//!
//! Vietnam's rules: TT 15/2025/TT-BKHCN, Phụ lục I (algorithms) and II (criteria of validity). New
//! signatures need what that list has. For a signature that a time stamp proves to be older than the day on
//! which its algorithm was given up, the judgement is a warning, not a refusal: nobody could have forged it
//! then. The days are not Vietnam's, which names none, but those of the bodies that gave the algorithms up.

use super::rule::end_of_day;
use super::{DigestRule, KeyRule, Policy, RevocationDemand};

pub(super) const NAMES: &[&str] = &["vn-2025-b", "vn-2025"];

/// CA/Browser Forum, Baseline Requirements 7.1.3 (ballot 118): SHA-1 certificates end with 2016. The first
/// collision was published on 2017-02-23.
const SHA_1_UNTIL: &str = "2016-12-31";
/// NIST SP 800-131A (2011), table 2: RSA keys below 2,048 bits are disallowed for signing after 2013.
const RSA_1024_UNTIL: &str = "2013-12-31";

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
    let listed = ["SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE256"];
    let digest = |name: &str, until| DigestRule { name: name.into(), until };
    let key = |kind: &str, minimum_bits| KeyRule { kind: kind.into(), minimum_bits, until: None };
    let mut digests: Vec<DigestRule> = listed.into_iter().map(|name| digest(name, None)).collect();
    digests.push(digest("SHA-1", end_of_day(SHA_1_UNTIL)));
    Policy {
        name: "vn-2025".into(),
        revocation: RevocationDemand::Required,
        digests,
        // PKCS#1 of 2.1 or later holds both RSASSA-PSS and v1.5; the public-service CA's own
        // tools sign with v1.5, so both are accepted.
        keys: vec![
            key("RSA", 2048),
            key("EC", 256),
            KeyRule { until: end_of_day(RSA_1024_UNTIL), ..key("RSA", 1024) },
        ],
        // The size of ML-DSA is that of the public key; the smallest set has 1,312 bytes.
        keys_with_warning: vec![key("Ed25519", 256), key("Ed448", 448), key("ML-DSA", 10_496)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_are_days() {
        assert!(end_of_day(SHA_1_UNTIL).is_some() && end_of_day(RSA_1024_UNTIL).is_some());
    }
}
