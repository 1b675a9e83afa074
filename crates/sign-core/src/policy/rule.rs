//! One line of a policy: an algorithm, a size, and the last day on which it may be relied on.
//!
//! Written `"SHA-256"`, or with a last day as a table: `{ name = "SHA-1", until = "2016-12-31" }`.

use crate::time::Time;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A digest algorithm that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRule {
    /// As in `SHA-256`.
    pub name: String,
    /// Last moment at which it may be relied on; none if no end is set.
    pub until: Option<Time>,
}

/// One kind of key and the smallest size of it that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRule {
    /// `RSA`, `EC`, `Ed25519`, `Ed448` or `ML-DSA`.
    pub kind: String,
    /// Bits, inclusive.
    pub minimum_bits: u32,
    /// Last moment at which it may be relied on; none if no end is set.
    #[serde(default, with = "last_day", skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl DigestRule {
    pub(super) fn accepts(&self, name: &str, at: Option<Time>) -> bool {
        self.name == name && holds(self.until, at)
    }
}

impl KeyRule {
    pub(super) fn accepts(&self, kind: &str, bits: u32, at: Option<Time>) -> bool {
        self.kind == kind && bits >= self.minimum_bits && holds(self.until, at)
    }
}

/// A rule with an end holds only at a time that is known and not after it.
fn holds(until: Option<Time>, at: Option<Time>) -> bool {
    until.is_none_or(|until| at.is_some_and(|at| at <= until))
}

/// The last second, in UTC, of a day written `2016-12-31`.
pub(super) fn end_of_day(day: &str) -> Option<Time> {
    Time::parse_rfc3339(&format!("{day}T23:59:59Z")).ok()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    #[serde(default, with = "last_day", skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
}

impl Serialize for DigestRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.until {
            None => serializer.serialize_str(&self.name),
            until => Table { name: self.name.clone(), until }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for DigestRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = DigestRule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a digest, or a table with name and until")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<DigestRule, E> {
        Ok(DigestRule { name: name.to_owned(), until: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DigestRule, A::Error> {
        let Table { name, until } = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(DigestRule { name, until })
    }
}

/// A day, which ends at midnight UTC, or a moment in RFC 3339.
mod last_day {
    use super::end_of_day;
    use crate::time::Time;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde gives it so")]
    pub(super) fn serialize<S: Serializer>(until: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(until) = until else { return serializer.serialize_none() };
        let text = until.in_offset(0).to_string();
        match text.strip_suffix("T23:59:59Z") {
            Some(day) => serializer.serialize_str(day),
            None => serializer.serialize_str(&text),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = if text.len() == 10 { end_of_day(&text) } else { Time::parse_rfc3339(&text).ok() };
        let wrong = || serde::de::Error::custom(format!("not a day such as 2016-12-31: {text:?}"));
        time.map(Some).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_a_name_or_a_name_with_its_last_day() {
        let read = |text: &str| serde_json::from_str::<DigestRule>(text);
        let plain = read(r#""SHA-256""#).unwrap();
        assert_eq!(plain, DigestRule { name: "SHA-256".into(), until: None });
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#""SHA-256""#);
        let text = r#"{"name":"SHA-1","until":"2016-12-31"}"#;
        let ending = read(text).unwrap();
        assert_eq!(ending.until.unwrap().to_string(), "2016-12-31T23:59:59Z");
        assert_eq!(serde_json::to_string(&ending).unwrap(), text);
        let moment = r#"{"name":"SHA-1","until":"2016-12-31T17:00:00+07:00"}"#;
        assert_eq!(read(moment).unwrap().until.unwrap().to_string(), "2016-12-31T17:00:00+07:00");
        for wrong in [
            "1",
            r#"{"name":"SHA-1","until":"2016-13-31"}"#,
            r#"{"name":"SHA-1","util":"2016-12-31"}"#,
            r#"{"until":"2016-12-31"}"#,
            r#"{"name":"SHA-1","until":"soon"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
