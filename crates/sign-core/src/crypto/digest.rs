//! Message digests: their names, identifiers and a streaming hasher. Whether one is still good
//! enough is policy.

use sha2::digest::DynDigest;
use sha3::digest::{ExtendableOutput, Update, XofReader};

/// A digest algorithm that can be computed here. MD5 is deliberately absent: a signature over it
/// proves nothing, so it is unsupported rather than weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of FIPS 180-4 and FIPS 202")]
pub enum DigestAlgorithm {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    /// SHAKE256 with 64 bytes of output, which Ed448 needs in CMS (RFC 8419 3.1).
    Shake256,
}

use DigestAlgorithm::{Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512, Shake256};

impl DigestAlgorithm {
    /// Every algorithm, weakest first.
    pub const ALL: [Self; 9] = [Sha1, Sha224, Sha256, Sha384, Sha512, Sha3_256, Sha3_384, Sha3_512, Shake256];

    /// Its usual name, as in `SHA-256`.
    pub fn name(self) -> &'static str {
        match self {
            Sha1 => "SHA-1",
            Sha224 => "SHA-224",
            Sha256 => "SHA-256",
            Sha384 => "SHA-384",
            Sha512 => "SHA-512",
            Sha3_256 => "SHA3-256",
            Sha3_384 => "SHA3-384",
            Sha3_512 => "SHA3-512",
            Shake256 => "SHAKE256",
        }
    }

    /// Its object identifier, dotted (RFC 5754; RFC 9688 and NIST CSOR for SHA-3; RFC 8419 2.3 for
    /// SHAKE256 with its length as a parameter).
    pub fn oid(self) -> &'static str {
        match self {
            Sha1 => "1.3.14.3.2.26",
            Sha224 => "2.16.840.1.101.3.4.2.4",
            Sha256 => "2.16.840.1.101.3.4.2.1",
            Sha384 => "2.16.840.1.101.3.4.2.2",
            Sha512 => "2.16.840.1.101.3.4.2.3",
            Sha3_256 => "2.16.840.1.101.3.4.2.8",
            Sha3_384 => "2.16.840.1.101.3.4.2.9",
            Sha3_512 => "2.16.840.1.101.3.4.2.10",
            Shake256 => "2.16.840.1.101.3.4.2.18",
        }
    }

    /// Bytes of a digest.
    pub fn length(self) -> usize {
        match self {
            Sha1 => 20,
            Sha224 => 28,
            Sha256 | Sha3_256 => 32,
            Sha384 | Sha3_384 => 48,
            Sha512 | Sha3_512 | Shake256 => 64,
        }
    }

    /// The algorithm with this object identifier.
    pub fn from_oid(dotted: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == dotted)
    }

    /// The algorithm with this name, as in `SHA-256`, `sha256` or `SHA3-256`.
    pub fn from_name(name: &str) -> Option<Self> {
        let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
        Self::ALL.into_iter().find(|algorithm| plain(algorithm.name()) == plain(name))
    }
}

/// What a hasher of a fixed length can do; a copy goes on from the same state.
trait Fixed: DynDigest + Send {
    fn copy(&self) -> Box<dyn Fixed>;
}

impl<D: DynDigest + Clone + Send + 'static> Fixed for D {
    fn copy(&self) -> Box<dyn Fixed> {
        Box::new(self.clone())
    }
}

/// Computes one digest piece by piece. A clone goes on from what was added so far: signatures whose
/// bytes begin alike share the work.
#[derive(Clone)]
pub struct Hasher(State);

enum State {
    Fixed(Box<dyn Fixed>),
    /// Any length can be drawn from it; 64 bytes are.
    Shake(Box<sha3::Shake256>),
}

impl Clone for State {
    fn clone(&self) -> Self {
        match self {
            Self::Fixed(digest) => Self::Fixed(digest.copy()),
            Self::Shake(shake) => Self::Shake(shake.clone()),
        }
    }
}

impl Hasher {
    /// Starts with nothing hashed.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        let fixed: Box<dyn Fixed> = match algorithm {
            Sha1 => Box::new(sha1::Sha1::default()),
            Sha224 => Box::new(sha2::Sha224::default()),
            Sha256 => Box::new(sha2::Sha256::default()),
            Sha384 => Box::new(sha2::Sha384::default()),
            Sha512 => Box::new(sha2::Sha512::default()),
            Sha3_256 => Box::new(sha3::Sha3_256::default()),
            Sha3_384 => Box::new(sha3::Sha3_384::default()),
            Sha3_512 => Box::new(sha3::Sha3_512::default()),
            Shake256 => return Self(State::Shake(Box::default())),
        };
        Self(State::Fixed(fixed))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        match &mut self.0 {
            State::Fixed(digest) => digest.update(bytes),
            State::Shake(shake) => shake.update(bytes),
        }
        self
    }

    /// The digest of everything added; the hasher starts over.
    pub fn finish(&mut self) -> Vec<u8> {
        match &mut self.0 {
            State::Fixed(digest) => digest.finalize_reset().into_vec(),
            State::Shake(shake) => {
                let mut output = vec![0; Shake256.length()];
                std::mem::take(&mut **shake).finalize_xof().read(&mut output);
                output
            }
        }
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

/// Digest of one slice.
pub fn digest(algorithm: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
    Hasher::new(algorithm).update(bytes).finish()
}

/// Lower-case hexadecimal digits of bytes, as digests and serial numbers are shown.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_abc_are_those_of_the_standards() {
        // FIPS 180-4 and FIPS 202 example values, first four bytes.
        let expected = [
            (Sha1, "a9993e36"),
            (Sha224, "23097d22"),
            (Sha256, "ba7816bf"),
            (Sha384, "cb00753f"),
            (Sha512, "ddaf35a1"),
            (Sha3_256, "3a985da7"),
            (Sha3_384, "ec014982"),
            (Sha3_512, "b751850b"),
            (Shake256, "48336660"),
        ];
        for (algorithm, start) in expected {
            let value = digest(algorithm, b"abc");
            assert_eq!(value.len(), algorithm.length());
            assert!(hex(&value).starts_with(start), "{}", algorithm.name());
        }
    }

    #[test]
    fn pieces_give_the_same_digest_as_the_whole() {
        for algorithm in DigestAlgorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"a").update(b"").update(b"bc");
            assert_eq!(hasher.finish(), digest(algorithm, b"abc"));
            assert_eq!(hasher.finish(), digest(algorithm, b""), "it starts over");
        }
    }

    #[test]
    fn a_clone_goes_on_alone() {
        for algorithm in DigestAlgorithm::ALL {
            let mut first = Hasher::new(algorithm);
            first.update(b"ab");
            let mut second = first.clone();
            assert_eq!(first.update(b"c").finish(), digest(algorithm, b"abc"));
            assert_eq!(second.update(b"d").finish(), digest(algorithm, b"abd"));
        }
    }

    #[test]
    fn names_and_identifiers_lead_back() {
        for algorithm in DigestAlgorithm::ALL {
            assert_eq!(DigestAlgorithm::from_oid(algorithm.oid()), Some(algorithm));
            assert_eq!(DigestAlgorithm::from_name(algorithm.name()), Some(algorithm));
        }
        assert_eq!(DigestAlgorithm::from_name("sha256"), Some(Sha256));
        assert_eq!(DigestAlgorithm::from_name("md5"), None);
        assert_eq!(DigestAlgorithm::from_oid("1.2.840.113549.2.5"), None, "MD5");
    }
}
