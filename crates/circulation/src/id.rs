//! Identifiers. All are made outside (text of a UUIDv7 for ours, any short token for a peer's) and only
//! checked here, so that a hostile one cannot reach a path, a header or a log line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

const MAX_LENGTH: usize = 64;

fn is_token(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Refusal;

            /// Accepts 1 to 64 of `A-Z a-z 0-9 - _`.
            fn from_str(text: &str) -> Result<Self, Refusal> {
                if is_token(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Refusal::InvalidIdentifier { kind: stringify!($name).to_owned() })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refusal;

            fn try_from(text: String) -> Result<Self, Refusal> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// A person of an organisation.
    PersonId
);
identifier!(
    /// One organisation's file about one document, outgoing or incoming.
    DossierId
);
identifier!(
    /// One message to one organisation; a repeat of the same message carries the same identifier.
    MessageId
);

/// A SHA-256 digest as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sha256Hex {
    type Err = Refusal;

    /// Accepts upper-case digits too and keeps them lower-case.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Refusal::InvalidIdentifier { kind: "Sha256Hex".to_owned() })
        }
    }
}

impl TryFrom<String> for Sha256Hex {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<Sha256Hex> for String {
    fn from(digest: Sha256Hex) -> String {
        digest.0
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_cannot_carry_paths_or_line_ends() {
        for text in ["", "../x", "a b", "a\nb", "á", &"x".repeat(65)] {
            assert!(text.parse::<MessageId>().is_err(), "{text:?}");
        }
        assert!("018f0c8e-7b1a-7cc0-8000-000000000001".parse::<MessageId>().is_ok());
    }

    #[test]
    fn digests_are_kept_in_lower_case() {
        let digest: Sha256Hex = "AB".repeat(32).parse().unwrap();
        assert_eq!(digest.as_str(), "ab".repeat(32));
        assert!("ab".repeat(31).parse::<Sha256Hex>().is_err());
    }
}
