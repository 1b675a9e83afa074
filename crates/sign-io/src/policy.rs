//! Policies from files, and as files.

use crate::structured::{self, StructuredError};
use sign_core::policy::Policy;
use std::path::Path;

/// Reads a policy, TOML or JSON, and checks that it can be judged by.
///
/// # Errors
/// [`StructuredError`].
pub fn load(path: &Path) -> Result<Policy, StructuredError> {
    let policy: Policy = structured::read(path)?;
    match policy.check() {
        Ok(()) => Ok(policy),
        Err(error) => Err(StructuredError::Shape { path: path.into(), reason: error.to_string() }),
    }
}

/// The policy as TOML, as [`load`] reads it.
pub fn to_toml(policy: &Policy) -> String {
    toml::to_string_pretty(policy).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Result<Policy, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy");
        std::fs::write(&path, text).unwrap();
        load(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn every_preset_survives_toml_and_json() {
        for name in Policy::preset_names() {
            let preset = Policy::preset(name).unwrap();
            let text = to_toml(&preset);
            assert!(text.contains("until = \"2016-12-31\""), "{text}");
            assert_eq!(loaded(&text), Ok(preset.clone()));
            assert_eq!(loaded(&serde_json::to_string(&preset).unwrap()), Ok(preset));
        }
    }

    #[test]
    fn a_policy_written_before_there_were_last_days_is_still_read() {
        let text = r#"{"name":"old","digests":["SHA-256"],"keys":[{"kind":"RSA","minimum_bits":3072}],
            "keys_with_warning":[],"revocation":"warn"}"#;
        let policy = loaded(text).unwrap();
        assert_eq!((policy.digests[0].until, policy.keys[0].until), (None, None));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let good = to_toml(&Policy { name: "office".into(), ..Policy::default() });
        assert!(loaded(&good).is_ok());
        for (from, to, said) in [
            ("revocation", "revocations", "unknown field"),
            ("\"warn\"", "\"sometimes\"", "line 2"),
            ("\"SHA-384\"", "\"SHA384\"", "no digest \"SHA384\""),
            ("\"2013-12-31\"", "\"2013-12-32\"", "not a day such as 2016-12-31"),
            ("\"office\"", "\"vn-2025\"", "says something else"),
            ("name", "{", "line 1"),
        ] {
            let error = loaded(&good.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(said), "{from} -> {to}: {error}");
        }
        assert!(loaded(&"#".repeat(300_000)).unwrap_err().contains("bytes"));
    }
}
