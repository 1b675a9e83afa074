//! Whether a policy that somebody wrote can be judged by: a misspelt name would not accept what was meant,
//! and nobody would notice but by its verdicts.

use super::{DigestRule, KeyRule, Policy};
use crate::crypto::DigestAlgorithm;

/// Rules of one kind; more algorithms than these do not exist.
const MOST_RULES: usize = 64;
/// Letters of a name.
const LONGEST_NAME: usize = 64;
/// As the verifier calls them.
const KEY_KINDS: [&str; 5] = ["RSA", "EC", "Ed25519", "Ed448", "ML-DSA"];

/// Why a policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A name of its own is needed: 1 to 64 printable characters.
    #[error("not a name for a policy: {0:?}")]
    Name(String),
    /// It is called as a policy of the program and says something else.
    #[error("{0} is the name of a policy of the program, which says something else")]
    TakenName(String),
    /// The verifier knows no such digest.
    #[error("no digest {0:?}; known are {known}", known = digest_names().join(", "))]
    Digest(String),
    /// The verifier knows no such kind of key.
    #[error("no kind of key {0:?}; known are {known}", known = KEY_KINDS.join(", "))]
    Key(String),
    /// Without a digest and a key no signature could pass; more than 64 of a kind are none.
    #[error("{count} rules in {list}; 1 to {MOST_RULES} are needed")]
    Rules {
        /// `digests`, `keys` or `keys_with_warning`.
        list: &'static str,
        /// How many there are.
        count: usize,
    },
}

fn digest_names() -> [&'static str; DigestAlgorithm::ALL.len()] {
    DigestAlgorithm::ALL.map(DigestAlgorithm::name)
}

impl Policy {
    /// Checks a policy that came from outside.
    ///
    /// # Errors
    /// [`PolicyError`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), PolicyError> {
        let length = self.name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || self.name.chars().any(char::is_control) {
            return Err(PolicyError::Name(self.name.chars().take(LONGEST_NAME).collect()));
        }
        if Self::preset(&self.name).is_some_and(|preset| preset != *self) {
            return Err(PolicyError::TakenName(self.name.clone()));
        }
        let lists = [
            ("digests", self.digests.len(), 1),
            ("keys", self.keys.len(), 1),
            ("keys_with_warning", self.keys_with_warning.len(), 0),
        ];
        if let Some((list, count, _)) =
            lists.into_iter().find(|(_, count, least)| !(*least..=MOST_RULES).contains(count))
        {
            return Err(PolicyError::Rules { list, count });
        }
        let unknown = |rule: &&DigestRule| !digest_names().contains(&rule.name.as_str());
        if let Some(rule) = self.digests.iter().find(unknown) {
            return Err(PolicyError::Digest(rule.name.clone()));
        }
        let unknown = |rule: &&KeyRule| !KEY_KINDS.contains(&rule.kind.as_str());
        match self.keys.iter().chain(&self.keys_with_warning).find(unknown) {
            Some(rule) => Err(PolicyError::Key(rule.kind.clone())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_passes_and_each_slip_is_named() {
        for name in Policy::preset_names() {
            Policy::preset(name).unwrap().check().unwrap();
        }
        let own = || Policy { name: "office".into(), ..Policy::default() };
        own().check().unwrap();
        let digest = |name: &str| vec![DigestRule { name: name.into(), until: None }];
        let key = |kind: &str| vec![KeyRule { kind: kind.into(), minimum_bits: 1, until: None }];
        let wrong = [
            (Policy { name: String::new(), ..own() }, "not a name"),
            (Policy { name: "a\u{1b}[2J".into(), ..own() }, "not a name"),
            (Policy { name: "vn-2025".into(), ..own() }, "is the name of a policy"),
            (Policy { digests: digest("SHA256"), ..own() }, "no digest \"SHA256\"; known are SHA-1"),
            (Policy { digests: Vec::new(), ..own() }, "0 rules in digests"),
            (Policy { keys: key("rsa"), ..own() }, "no kind of key \"rsa\""),
            (Policy { keys: Vec::new(), ..own() }, "0 rules in keys"),
            (Policy { keys_with_warning: vec![key("EC").remove(0); 65], ..own() }, "65 rules"),
        ];
        for (policy, said) in wrong {
            let error = policy.check().unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
