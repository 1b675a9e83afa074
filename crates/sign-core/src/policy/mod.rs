//! What is acceptable: algorithms, key sizes, and which evidence is demanded.
//!
//! A policy is data. It knows algorithms by the names `crypto` gives them and nothing of
//! certificates' bytes or PDF; how facts and a policy make a verdict lives in `verify::conclude`.

mod preset;

use serde::{Deserialize, Serialize};

/// The rules one judgement is made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name shown in the report.
    pub name: String,
    /// Digest algorithms that may be relied on, as in `SHA-256`.
    pub digests: Vec<String>,
    /// Keys that the named law lists, each with its smallest size.
    pub keys: Vec<KeyRule>,
    /// Keys that are sound but that the law does not list: accepted, with a warning.
    pub keys_with_warning: Vec<KeyRule>,
    /// What to conclude when a certificate's revocation status is not known.
    pub revocation: RevocationDemand,
}

/// One kind of key and the smallest size of it that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRule {
    /// `RSA`, `EC`, `Ed25519`, `Ed448` or `ML-DSA`.
    pub kind: String,
    /// Bits, inclusive.
    pub minimum_bits: u32,
}

/// What an unknown revocation status leads to. It is never silent (TT 15/2025 Phụ lục II: "if the
/// status cannot be checked the software must warn").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationDemand {
    /// The signature may pass, with a warning in its findings.
    Warn,
    /// The signature stays INDETERMINATE (`TRY_LATER`) until somebody brings the evidence.
    Required,
}

/// What a policy says about one signature's algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlgorithmJudgement {
    /// Listed.
    Acceptable,
    /// Sound, but the law does not list it.
    AcceptableUnlisted,
    /// Not to be relied on.
    Weak,
}

impl Policy {
    /// The preset of this name; [`Policy::preset_names`] lists them.
    pub fn preset(name: &str) -> Option<Self> {
        preset::by_name(name)
    }

    /// Names of the presets, the default first.
    pub fn preset_names() -> &'static [&'static str] {
        preset::NAMES
    }

    /// Judges a digest algorithm and a key by their names as `crypto` spells them.
    pub fn judge_algorithm(&self, digest: &str, key_kind: &str, key_bits: u32) -> AlgorithmJudgement {
        let fits = |rules: &[KeyRule]| {
            rules.iter().any(|rule| rule.kind == key_kind && key_bits >= rule.minimum_bits)
        };
        if !self.digests.iter().any(|name| name == digest) {
            AlgorithmJudgement::Weak
        } else if fits(&self.keys) {
            AlgorithmJudgement::Acceptable
        } else if fits(&self.keys_with_warning) {
            AlgorithmJudgement::AcceptableUnlisted
        } else {
            AlgorithmJudgement::Weak
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        preset::vn_2025_b()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AlgorithmJudgement::{Acceptable, AcceptableUnlisted, Weak};

    #[test]
    fn judges_the_algorithms_of_circular_15_of_2025() {
        // (digest, key, bits, judgement): TT 15/2025/TT-BKHCN Phụ lục I.
        let cases = [
            ("SHA-256", "RSA", 2048, Acceptable),
            ("SHA-512", "RSA", 4096, Acceptable),
            ("SHA3-256", "EC", 256, Acceptable),
            ("SHA-384", "EC", 384, Acceptable),
            ("SHA-512", "EC", 521, Acceptable),
            ("SHA3-512", "RSA", 4096, Acceptable),
            ("SHA-512", "Ed25519", 256, AcceptableUnlisted),
            ("SHAKE256", "Ed448", 448, AcceptableUnlisted),
            ("SHA-512", "ML-DSA", 10_496, AcceptableUnlisted),
            ("SHA-512", "ML-DSA", 20_736, AcceptableUnlisted),
            ("SHA-224", "RSA", 4096, Weak),
            ("SHA-256", "RSA", 2047, Weak),
            ("SHA-256", "RSA", 1024, Weak),
            ("SHA-256", "EC", 224, Weak),
            ("SHA-1", "RSA", 4096, Weak),
            ("MD5", "RSA", 4096, Weak),
            ("SHA-256", "DSA", 3072, Weak),
            ("", "", 0, Weak),
        ];
        for (digest, key, bits, expected) in cases {
            assert_eq!(
                Policy::default().judge_algorithm(digest, key, bits),
                expected,
                "{digest} {key} {bits}"
            );
        }
    }

    #[test]
    fn every_preset_is_found_under_its_own_name() {
        for name in Policy::preset_names() {
            assert_eq!(Policy::preset(name).unwrap().name, *name);
        }
        assert_eq!(Policy::preset("vn-1999"), None);
        assert_eq!(Policy::preset_names().first(), Some(&Policy::default().name.as_str()));
    }
}
