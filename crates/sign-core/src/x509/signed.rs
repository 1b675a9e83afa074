//! The shape that certificates, CRLs and OCSP responses share: something signed, an algorithm, a
//! signature (the SIGNED macro of X.509; RFC 5280 4.1, 5.1, RFC 6960 4.2.1).

use super::certificate::range_in;
use crate::crypto::der::{DerError, Reader, Tlv, tag};
use crate::crypto::verify::verify;
use crate::crypto::{CryptoError, DigestAlgorithm, SignatureAlgorithm, dsa};
use std::ops::Range;

/// The three parts as read.
pub(super) struct Outer<'a> {
    pub(super) tbs: Tlv<'a>,
    algorithm: &'a [u8],
    /// Empty if it has bits left over.
    pub(super) signature: &'a [u8],
    /// What follows, which only OCSP responses have.
    pub(super) rest: Reader<'a>,
}

impl<'a> Outer<'a> {
    /// Reads exactly the three parts.
    pub(super) fn read(der: &'a [u8]) -> Result<Self, DerError> {
        let outer = Self::read_open(der)?;
        outer.rest.finish()?;
        Ok(outer)
    }

    /// Reads the three parts and leaves what follows them.
    pub(super) fn read_open(der: &'a [u8]) -> Result<Self, DerError> {
        let mut whole = Reader::new(der);
        let mut inside = whole.expect(tag::SEQUENCE)?.reader();
        whole.finish()?;
        let tbs = inside.expect(tag::SEQUENCE)?;
        let algorithm = inside.expect(tag::SEQUENCE)?.raw;
        let signature = inside.expect(tag::BIT_STRING)?.content;
        // Bits left over: no algorithm signs so. What cannot be a signature verifies as a wrong one.
        let (unused, bytes) = signature.split_first().ok_or(DerError::BadBitString)?;
        let signature = if *unused == 0 { bytes } else { bytes.get(..0).unwrap_or_default() };
        Ok(Self { tbs, algorithm, signature, rest: inside })
    }
}

/// Where the signed bytes and the signature lie in the whole, and how it was made.
pub(super) struct SignedPart {
    tbs: Range<usize>,
    signature: Range<usize>,
    algorithm: Algorithm,
}

enum Algorithm {
    Known(SignatureAlgorithm),
    Dsa { digest: DigestAlgorithm, oid: String },
    Unusable(CryptoError),
}

impl SignedPart {
    /// `inner_algorithm` is the one named inside the signed bytes, which must be the same (4.1.1.2).
    pub(super) fn new(der: &[u8], outer: &Outer<'_>, inner_algorithm: &[u8]) -> Result<Self, DerError> {
        let range = |part| range_in(der, part).ok_or(DerError::Truncated);
        let algorithm = if inner_algorithm == outer.algorithm {
            Algorithm::read(outer.algorithm)
        } else {
            Algorithm::Unusable(CryptoError::UnsupportedParameters {
                oid: "signatureAlgorithm".into(),
                what: "differs from the signed one",
            })
        };
        Ok(Self { tbs: range(outer.tbs.raw)?, signature: range(outer.signature)?, algorithm })
    }

    /// As [`Self::new`], for OCSP, where nothing inside names the algorithm.
    pub(super) fn without_inner(der: &[u8], outer: &Outer<'_>) -> Result<Self, DerError> {
        Self::new(der, outer, outer.algorithm)
    }

    pub(super) fn tbs<'a>(&self, der: &'a [u8]) -> &'a [u8] {
        der.get(self.tbs.clone()).unwrap_or_default()
    }

    pub(super) fn algorithm(&self) -> Result<SignatureAlgorithm, CryptoError> {
        match &self.algorithm {
            Algorithm::Known(algorithm) => Ok(*algorithm),
            Algorithm::Dsa { oid, .. } => Err(CryptoError::UnsupportedAlgorithm { oid: oid.clone() }),
            Algorithm::Unusable(error) => Err(error.clone()),
        }
    }

    pub(super) fn is_signed_by(&self, der: &[u8], spki: &[u8]) -> Result<bool, CryptoError> {
        let signature = der.get(self.signature.clone()).unwrap_or_default();
        match &self.algorithm {
            Algorithm::Known(algorithm) => verify(*algorithm, spki, self.tbs(der), signature),
            Algorithm::Dsa { digest, .. } => dsa::verify(*digest, spki, self.tbs(der), signature),
            Algorithm::Unusable(error) => Err(error.clone()),
        }
    }
}

impl Algorithm {
    fn read(identifier: &[u8]) -> Self {
        match SignatureAlgorithm::from_algorithm_identifier(identifier) {
            Ok(algorithm) => Self::Known(algorithm),
            Err(CryptoError::UnsupportedAlgorithm { oid }) => match dsa::digest_of(&oid) {
                Some(digest) => Self::Dsa { digest, oid },
                None => Self::Unusable(CryptoError::UnsupportedAlgorithm { oid }),
            },
            Err(error) => Self::Unusable(error),
        }
    }
}
