//! Which extensions of PDF 2.0 a signature's algorithms need (ISO 32000-2 7.12), and their entries
//! in the catalog's `/Extensions`.
//!
//! ISO/TS 32001:2022 brings SHA-3 and SHAKE256, ISO/TS 32002:2022 brings EdDSA and the Brainpool curves.
//! Both build on PDF 2.0; nothing brings them to older files, and nothing brings ML-DSA at all.

use crate::crypto::verify::PublicKeyKind;
use crate::crypto::{DigestAlgorithm, SignatureAlgorithm};
use crate::pdf::{Dictionary, Object};

/// The developer prefix of ISO's own extensions.
pub const PREFIX: &str = "ISO_";
/// The version that the extensions extend.
pub const BASE: (u8, u8) = (2, 0);

/// An extension of PDF 2.0 about signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extension {
    /// ISO/TS 32001: SHA-3 and SHAKE256.
    Hashes,
    /// ISO/TS 32002: EdDSA and Brainpool.
    Curves,
}

impl Extension {
    /// Its number, which is its `/ExtensionLevel`.
    pub fn level(self) -> i64 {
        match self {
            Self::Hashes => 32001,
            Self::Curves => 32002,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Self::Hashes => "https://www.iso.org/standard/45874.html",
            Self::Curves => "https://www.iso.org/standard/45875.html",
        }
    }

    /// The developer extensions dictionary (ISO 32000-2 table 49).
    fn dictionary(self) -> Dictionary {
        Dictionary::new()
            .with("Type", Object::name("DeveloperExtensions"))
            .with("BaseVersion", Object::name("2.0"))
            .with("ExtensionLevel", self.level())
            .with("ExtensionRevision", Object::text(":2022"))
            .with("URL", Object::text(self.url()))
    }
}

/// What a signature needs beyond PDF 2.0. `contents` is the digest over the file.
pub fn needed(
    contents: DigestAlgorithm,
    algorithm: SignatureAlgorithm,
    key: &PublicKeyKind,
) -> Vec<Extension> {
    use DigestAlgorithm as D;
    let new_hash = |digest| matches!(digest, D::Sha3_256 | D::Sha3_384 | D::Sha3_512 | D::Shake256);
    let hashes = new_hash(contents) || new_hash(algorithm.digest());
    let curves = matches!(
        key,
        PublicKeyKind::Ed25519
            | PublicKeyKind::Ed448
            | PublicKeyKind::BrainpoolP256r1
            | PublicKeyKind::BrainpoolP384r1
            | PublicKeyKind::BrainpoolP512r1
    );
    let all = [(hashes, Extension::Hashes), (curves, Extension::Curves)];
    all.into_iter().filter(|(needed, _)| *needed).map(|(_, extension)| extension).collect()
}

/// Whether a standard for PDF names the key's algorithm, with or without an extension: not so for
/// ML-DSA, the twisted Brainpool curves and unnamed ones.
pub fn is_known_to_pdf(key: &PublicKeyKind) -> bool {
    !matches!(
        key,
        PublicKeyKind::MlDsa(_)
            | PublicKeyKind::BrainpoolP256t1
            | PublicKeyKind::BrainpoolP384t1
            | PublicKeyKind::BrainpoolP512t1
            | PublicKeyKind::OtherCurve(_)
            | PublicKeyKind::Other(_)
    )
}

/// `/Extensions` with these extensions declared, or `None` if it declares them all already. Whatever
/// else it holds stays.
pub fn declared(extensions: &Dictionary, needed: &[Extension]) -> Option<Dictionary> {
    let mut entries = match extensions.get(PREFIX) {
        Some(Object::Array(entries)) => entries.clone(),
        Some(other) => vec![other.clone()],
        None => Vec::new(),
    };
    let has = |entries: &[Object], wanted: Extension| {
        let levels =
            entries.iter().filter_map(Object::as_dictionary).map(|entry| entry.get("ExtensionLevel"));
        levels.flatten().any(|level| level.as_integer() == Some(wanted.level()))
    };
    let missing: Vec<_> = needed.iter().filter(|wanted| !has(&entries, **wanted)).collect();
    if missing.is_empty() {
        return None;
    }
    entries.extend(missing.into_iter().map(|extension| Object::from(extension.dictionary())));
    let mut extensions = extensions.clone();
    // One dictionary alone needs no array (7.12.3).
    let value = match <[Object; 1]>::try_from(entries) {
        Ok([only]) => only,
        Err(entries) => Object::Array(entries),
    };
    extensions.insert(PREFIX, value);
    Some(extensions)
}

/// The developer prefix of ETSI's extension for PAdES.
const PADES_PREFIX: &str = "ESIC";

/// `/Extensions` of a PDF 1.7 with the PAdES extension declared (EN 319 142-1 clause 5.1), or `None` if it
/// is there already. Whatever else it holds stays.
pub fn with_pades(extensions: &Dictionary) -> Option<Dictionary> {
    if extensions.contains(PADES_PREFIX) {
        return None;
    }
    let level = Dictionary::new().with("BaseVersion", Object::name("1.7")).with("ExtensionLevel", 1);
    Some(extensions.clone().with(PADES_PREFIX, level))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MlDsa;
    use Extension::{Curves, Hashes};
    use SignatureAlgorithm as A;

    #[test]
    fn algorithms_need_what_their_technical_specification_brings() {
        use DigestAlgorithm::{Sha3_256, Sha256, Sha512, Shake256};
        let cases: [(DigestAlgorithm, A, PublicKeyKind, &[Extension]); 8] = [
            (Sha256, A::RsaPkcs1v15(Sha256), PublicKeyKind::Rsa, &[]),
            (Sha3_256, A::RsaPss(Sha3_256), PublicKeyKind::Rsa, &[Hashes]),
            (Sha256, A::RsaPss(Sha3_256), PublicKeyKind::Rsa, &[Hashes]),
            (Sha256, A::Ecdsa(Sha256), PublicKeyKind::P256, &[]),
            (Sha3_256, A::Ecdsa(Sha3_256), PublicKeyKind::BrainpoolP256r1, &[Hashes, Curves]),
            (Sha512, A::Ed25519, PublicKeyKind::Ed25519, &[Curves]),
            (Shake256, A::Ed448, PublicKeyKind::Ed448, &[Hashes, Curves]),
            (Sha512, A::MlDsa(MlDsa::MlDsa65), PublicKeyKind::MlDsa(MlDsa::MlDsa65), &[]),
        ];
        for (digest, algorithm, key, expected) in cases {
            assert_eq!(needed(digest, algorithm, &key), expected, "{key}");
            assert_eq!(is_known_to_pdf(&key), !algorithm.is_experimental(), "{key}");
        }
    }

    #[test]
    fn what_is_declared_stays_and_nothing_is_declared_twice() {
        let levels = |extensions: &Dictionary| -> Vec<i64> {
            let entries = match extensions.get(PREFIX) {
                Some(Object::Array(entries)) => entries.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            };
            let level = |entry: &Object| entry.as_dictionary()?.get("ExtensionLevel")?.as_integer();
            entries.iter().filter_map(level).collect()
        };
        let other = Dictionary::new().with("ADBE", Dictionary::new().with("ExtensionLevel", 8));
        let one = declared(&other, &[Curves]).unwrap();
        assert!(one.contains("ADBE") && one.get(PREFIX).unwrap().as_dictionary().is_some());
        assert_eq!(levels(&one), [32002]);
        assert_eq!(declared(&one, &[Curves]), None);
        let both = declared(&one, &[Hashes, Curves]).unwrap();
        assert_eq!(levels(&both), [32002, 32001]);
        assert_eq!(declared(&both, &[Hashes, Curves]), None);
        assert_eq!(declared(&Dictionary::new(), &[]), None);
    }
}
