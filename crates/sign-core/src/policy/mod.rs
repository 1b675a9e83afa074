//! What is acceptable: algorithms, key sizes, until when, and which evidence is demanded.
//!
//! A policy is data. It knows algorithms by the names `crypto` gives them and nothing of
//! certificates' bytes or PDF; how facts and a policy make a verdict lives in `verify::conclude`.

mod check;
mod preset;
mod rule;

pub use check::PolicyError;
pub use rule::{DigestRule, KeyRule};

use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The rules one judgement is made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name shown in the report.
    pub name: String,
    /// What to conclude when a certificate's revocation status is not known.
    pub revocation: RevocationDemand,
    /// Digest algorithms that may be relied on, as in `SHA-256`, some only until a day.
    pub digests: Vec<DigestRule>,
    /// Keys that the named law lists, each with its smallest size, some only until a day.
    pub keys: Vec<KeyRule>,
    /// Keys that are sound but that the law does not list: accepted, with a warning.
    #[serde(default)]
    pub keys_with_warning: Vec<KeyRule>,
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
    /// No longer to be relied on, but at the proven time of the signature it was.
    AcceptableThen,
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

    /// Judges a digest algorithm and a key by their names as `crypto` spells them, for a signature whose time
    /// does not matter: what is accepted only until a day is not accepted.
    pub fn judge_algorithm(&self, digest: &str, key_kind: &str, key_bits: u32) -> AlgorithmJudgement {
        self.judge(digest, key_kind, key_bits, None)
    }

    /// As [`Self::judge_algorithm`], for a signature of which it is known that it existed at `at` (EN 319 102-1
    /// clause 5.2.8, ETSI TS 119 312).
    pub fn judge_algorithm_at(
        &self,
        digest: &str,
        key_kind: &str,
        key_bits: u32,
        at: Time,
    ) -> AlgorithmJudgement {
        self.judge(digest, key_kind, key_bits, Some(at))
    }

    /// Judges as of `at`, and what is weak by then as of the `proven` time, if there is one:
    /// [`AlgorithmJudgement::AcceptableThen`].
    pub fn judge_algorithm_since(
        &self,
        digest: &str,
        key_kind: &str,
        key_bits: u32,
        at: Time,
        proven: Option<Time>,
    ) -> AlgorithmJudgement {
        let now = self.judge_algorithm_at(digest, key_kind, key_bits, at);
        let was_weak =
            |time| self.judge_algorithm_at(digest, key_kind, key_bits, time) == AlgorithmJudgement::Weak;
        match (now, proven) {
            (AlgorithmJudgement::Weak, Some(proven)) if !was_weak(proven) => {
                AlgorithmJudgement::AcceptableThen
            }
            (now, _) => now,
        }
    }

    fn judge(&self, digest: &str, kind: &str, bits: u32, at: Option<Time>) -> AlgorithmJudgement {
        let fits = |rules: &[KeyRule]| rules.iter().any(|rule| rule.accepts(kind, bits, at));
        if !self.digests.iter().any(|rule| rule.accepts(digest, at)) {
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
    use AlgorithmJudgement::{Acceptable, AcceptableThen, AcceptableUnlisted, Weak};

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
    fn what_is_weak_now_was_acceptable_at_a_proven_time() {
        let day = |text: &str| Time::parse_rfc3339(&format!("{text}T12:00:00Z")).unwrap();
        // (digest, key, bits, proven time, judgement): the days are in `preset`.
        let cases = [
            ("SHA-1", "RSA", 2048, None, Weak),
            ("SHA-1", "RSA", 2048, Some("2016-12-31"), AcceptableThen),
            ("SHA-1", "RSA", 2048, Some("2017-01-01"), Weak),
            ("SHA-1", "EC", 256, Some("2010-06-01"), AcceptableThen),
            ("SHA-256", "RSA", 1024, Some("2013-12-31"), AcceptableThen),
            ("SHA-256", "RSA", 1024, Some("2014-01-01"), Weak),
            ("SHA-1", "RSA", 1024, Some("2012-03-01"), AcceptableThen),
            ("SHA-1", "RSA", 1024, Some("2015-03-01"), Weak),
            ("SHA-256", "RSA", 1023, Some("2012-03-01"), Weak),
            ("SHA-256", "RSA", 2048, Some("2012-03-01"), Acceptable),
            ("SHA-512", "Ed25519", 256, Some("2012-03-01"), AcceptableUnlisted),
        ];
        let now = day("2026-03-01");
        for name in Policy::preset_names() {
            let policy = Policy::preset(name).unwrap();
            for (digest, key, bits, proven, expected) in cases {
                let judged = policy.judge_algorithm_since(digest, key, bits, now, proven.map(day));
                assert_eq!(judged, expected, "{name}: {digest} {key} {bits} {proven:?}");
            }
        }
    }

    #[test]
    fn a_rule_with_an_end_holds_until_that_day_and_never_without_a_time() {
        let ends = KeyRule { kind: "EC".into(), minimum_bits: 256, until: rule::end_of_day("2030-12-31") };
        let policy = Policy { keys: vec![ends], ..Policy::default() };
        let at = |text| policy.judge_algorithm_at("SHA-256", "EC", 256, Time::parse_rfc3339(text).unwrap());
        assert_eq!(at("2026-03-01T00:00:00Z"), Acceptable);
        assert_eq!(at("2030-12-31T23:59:59Z"), Acceptable);
        assert_eq!(at("2031-01-01T00:00:00Z"), Weak);
        assert_eq!(policy.judge_algorithm("SHA-256", "EC", 256), Weak);
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
