//! Certificates of authorities that are known by their SHA-256 before anybody hands one over, and who only
//! claims to be one of them.
//!
//! A name in a certificate proves nothing: anybody can make a root called "Ban Cơ yếu Chính phủ". The hash
//! does, as far as whoever published it is believed. [`Pins::published`] comes from one published source; an
//! office compares it by telephone or with an official publication before it relies on it (docs/trust.md).
//! What the pinned certificates themselves issued is recognised by its signature ([`Standing::Issued`]).

use super::anchor::CaClass;
use crate::x509::Certificate;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Pins in one list; the national root and all authorities below it are fewer.
const MOST_PINS: usize = 256;

/// One certificate that is known by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// What to call it.
    pub name: String,
    /// SHA-256 of the DER certificate, 64 hexadecimal digits.
    pub sha256: String,
    /// Its place in a path.
    pub role: Role,
    /// Kind of authority.
    pub ca_class: CaClass,
    /// First and last year of its validity, as published.
    pub years: [i32; 2],
    /// Names under which such an authority is known: whose certificate contains one in its subject claims to
    /// be of it. Letter case and Vietnamese marks do not count.
    pub claims: Vec<String>,
    /// Where the hash is from.
    #[serde(default)]
    pub source: String,
}

/// Place of an authority in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Self-signed: where paths end.
    Root,
    /// Issued by another authority.
    Intermediate,
}

/// A list of pins, as a file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Each of them.
    #[serde(default, rename = "pin")]
    list: Vec<Pin>,
}

/// Why a list of pins cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// A hash that is none.
    #[error("{name}: sha256 is not 64 hexadecimal digits")]
    Hash {
        /// The pin's name.
        name: String,
    },
    /// The same certificate twice.
    #[error("{name}: the same sha256 stands twice")]
    Twice {
        /// The pin's name.
        name: String,
    },
    /// A pin without a name, or a claim without letters, which every subject would contain.
    #[error("{name:?}: name or claim is empty")]
    Empty {
        /// The pin's name.
        name: String,
    },
    /// More than any list has.
    #[error("more than {MOST_PINS} pins")]
    TooMany,
}

/// What a certificate is to a list of pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'p> {
    /// It is this one.
    Pinned(&'p Pin),
    /// This one issued it: the signature is right.
    Issued(&'p Pin),
    /// Its subject says it is of this authority, and neither its hash nor a signature does.
    Claims(&'p Pin),
    /// Nothing is known of it.
    Unknown,
}

/// Name, hash, role and years of one published certificate.
type Published = (&'static str, &'static str, Role, [i32; 2]);

/// The authority for public service of the Government Cipher Committee (Ban Cơ yếu Chính phủ), generations 1
/// and 2. The names under which it is known are its public ones, not read from the certificates.
const PUBLISHED: [Published; 5] = [
    ("RootG2", "f04ba4b459a7c9a1b971ad9b1cb833e695a80c79aea63b174b66a70edfe2fdb8", Role::Root, [2018, 2048]),
    (
        "cpg2",
        "d8cab7a4aef92e6bb2509d7c61cee7b44f3731b2d21074963530277b366fae4b",
        Role::Intermediate,
        [2018, 2048],
    ),
    (
        "dcscag2",
        "e4b402e3cb4cacc0a20d21fa49bce76beb4eb47ba7ffb7a8f71c554dbe561a81",
        Role::Intermediate,
        [2018, 2048],
    ),
    ("RootG1", "f7bc89054cec7f12730d7b8cd3eb7955b163835087e5eb873edfb584763b3f90", Role::Root, [2010, 2030]),
    (
        "cp (G1)",
        "75e969c07ba35c29c72bbc1bfb880f20f3891a619b00b77eb02ca6160736a1fe",
        Role::Intermediate,
        [2010, 2030],
    ),
];

const CLAIMS: [&str; 3] =
    ["Ban Cơ yếu Chính phủ", "chứng thực số chuyên dùng Chính phủ", "chứng thực số chuyên dùng công vụ"];

const SOURCE: &str = "one published source; compare by telephone or with an official publication";

impl Pins {
    /// The pins that come with the program. No hash is known of the national root (NEAC) and of the public
    /// authorities below it.
    pub fn published() -> Self {
        let pin = |(name, sha256, role, years): Published| Pin {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            role,
            ca_class: CaClass::PublicService,
            years,
            claims: CLAIMS.map(str::to_owned).to_vec(),
            source: SOURCE.to_owned(),
        };
        Self { list: PUBLISHED.into_iter().map(pin).collect() }
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Pin> {
        self.list.iter()
    }

    /// Checks a list that came from outside.
    ///
    /// # Errors
    /// [`PinError`], the first thing that is wrong.
    pub fn check(&self) -> Result<(), PinError> {
        if self.list.len() > MOST_PINS {
            return Err(PinError::TooMany);
        }
        for (index, pin) in self.list.iter().enumerate() {
            let name = || pin.name.clone();
            if pin.sha256.len() != 64 || !pin.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(PinError::Hash { name: name() });
            }
            let before = self.list.get(..index).unwrap_or_default();
            if before.iter().any(|other| other.sha256.eq_ignore_ascii_case(&pin.sha256)) {
                return Err(PinError::Twice { name: name() });
            }
            let empty = |text: &String| plain(text).is_empty();
            if pin.name.trim().is_empty() || pin.claims.iter().any(empty) {
                return Err(PinError::Empty { name: name() });
            }
        }
        Ok(())
    }

    /// The pin of exactly this certificate.
    pub fn of(&self, certificate: &Certificate) -> Option<&Pin> {
        let hash = certificate.sha256_hex();
        self.list.iter().find(|pin| pin.sha256.eq_ignore_ascii_case(&hash))
    }

    /// What `certificate` is to this list. `others` are certificates at hand: of those, the pinned ones tell
    /// whom they certified as an authority.
    pub fn standing(&self, certificate: &Certificate, others: &[Certificate]) -> Standing<'_> {
        if let Some(pin) = self.of(certificate) {
            return Standing::Pinned(pin);
        }
        let issuer = others.iter().find_map(|other| {
            let pin = self.of(other)?;
            let named = other.is_ca() && other.subject().matches(certificate.issuer());
            (named && certificate.is_signed_by(other.spki_der()).unwrap_or(false)).then_some(pin)
        });
        match (issuer, self.claimed_by(certificate)) {
            (Some(pin), _) => Standing::Issued(pin),
            (None, Some(pin)) => Standing::Claims(pin),
            (None, None) => Standing::Unknown,
        }
    }

    fn claimed_by(&self, certificate: &Certificate) -> Option<&Pin> {
        let texts: Vec<String> =
            certificate.subject().attributes().filter_map(|a| a.text.as_deref()).map(plain).collect();
        let is_in = |claim: &String| {
            let claim = plain(claim);
            texts.iter().any(|text| text.contains(&claim))
        };
        self.list.iter().find(|pin| pin.claims.iter().any(is_in))
    }
}

/// Letters and digits only, small, without Vietnamese marks: as such names are written in older certificates.
fn plain(text: &str) -> String {
    let base = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    base.map(|c| if c == 'đ' { 'd' } else { c }).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::testing::Draft;

    fn pins(of: &[&Certificate]) -> Pins {
        let pin = |certificate: &&Certificate| Pin {
            name: certificate.subject().display_name(),
            sha256: certificate.sha256_hex().to_uppercase(),
            role: Role::Root,
            ca_class: CaClass::PublicService,
            years: [2026, 2030],
            claims: vec!["Ban Cơ yếu Chính phủ".into()],
            source: String::new(),
        };
        let pins = Pins { list: of.iter().map(pin).collect() };
        pins.check().unwrap();
        pins
    }

    #[test]
    fn the_published_pins_are_five_and_sound() {
        let pins = Pins::published();
        pins.check().unwrap();
        let roots = pins.iter().filter(|pin| pin.role == Role::Root).count();
        assert_eq!((pins.iter().count(), roots), (5, 2));
        assert!(pins.iter().all(|pin| pin.source.contains("compare by telephone")));
    }

    #[test]
    fn the_hash_counts_and_the_name_never() {
        let name = "Cơ quan chứng thực, Ban Cơ yếu Chính phủ";
        let real = Draft::root(name, "p384");
        let root = real.make();
        let pins = pins(&[&root]);
        let code = |certificate: &Certificate| match pins.standing(certificate, std::slice::from_ref(&root)) {
            Standing::Pinned(_) => "pinned",
            Standing::Issued(_) => "issued",
            Standing::Claims(_) => "claims",
            Standing::Unknown => "unknown",
        };
        assert_eq!(code(&root), "pinned");
        // The same name and dates with another key is another certificate. With the root's own key it is a
        // renewed one: who made it holds the pinned key.
        assert_eq!(code(&Draft::root(name, "p256").make()), "claims");
        assert_eq!(code(&Draft { serial: vec![9], ..real.clone() }.make()), "issued");
        for claimed in [
            "ban co yeu chinh phu",
            "BAN CƠ YẾU CHÍNH PHỦ (ROOT G3)",
            "Ban\u{a0}Cơ-yếu Chính phủ",
            "Ban Cơ ye\u{302}\u{301}u Chính phủ",
        ] {
            assert_eq!(code(&Draft::root(claimed, "p256").make()), "claims", "{claimed}");
        }
        assert_eq!(code(&Draft::root("Sở Nội vụ", "p256").make()), "unknown");
        // What the pinned root certified is known by its signature, also under the root's own name.
        let below = real.certifies("Ban Cơ yếu Chính phủ, CA 3", "p256");
        assert_eq!(code(&below.make()), "issued");
        assert_eq!(code(&Draft { signer: "p256", ..below }.make()), "claims");
        // Only what a pinned authority signed: not what a person below it signed.
        let person = real.issues("Trần Văn A").make();
        let forged =
            Draft { signer: "p256", issuer: person.raw_subject().to_vec(), ..Draft::root("x", "p384") };
        assert_eq!(pins.standing(&forged.make(), &[root.clone(), person]), Standing::Unknown);
    }

    #[test]
    fn a_list_that_cannot_be_meant_is_refused() {
        let read = |text: &str| serde_json::from_str::<Pins>(text).unwrap().check();
        let pin = |name: &str, hash: &str, claim: &str| {
            format!(
                r#"{{"name":"{name}","sha256":"{hash}","role":"root","ca_class":"public","years":[1,2],"claims":["{claim}"]}}"#
            )
        };
        let (a, b) = ("a".repeat(64), "A".repeat(64));
        let list = |pins: &[String]| format!(r#"{{"pin":[{}]}}"#, pins.join(","));
        assert_eq!(read(&list(&[pin("x", &a, "y")])), Ok(()));
        assert_eq!(read(&list(&[])), Ok(()));
        assert!(matches!(read(&list(&[pin("x", "aa", "y")])), Err(PinError::Hash { .. })));
        assert!(matches!(read(&list(&[pin("x", &a.replace('a', "g"), "y")])), Err(PinError::Hash { .. })));
        assert!(matches!(read(&list(&[pin("x", &a, "y"), pin("z", &b, "y")])), Err(PinError::Twice { .. })));
        assert!(matches!(read(&list(&[pin("x", &a, " - ")])), Err(PinError::Empty { .. })));
        assert!(matches!(read(&list(&[pin("", &a, "y")])), Err(PinError::Empty { .. })));
    }
}
