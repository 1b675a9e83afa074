//! Certificates, revocation lists and OCSP answers byte by byte, for tests: also such as no library
//! would write.

use super::certificate::Certificate;
use crate::crypto::der::{self, tag};
use crate::crypto::testing::{self, NOT_AFTER, NOT_BEFORE};
use crate::crypto::{DigestAlgorithm, SignatureAlgorithm};
use crate::time::Time;

pub(crate) const COMMON_NAME: &str = "2.5.4.3";
/// An hour in the middle of everything made here.
pub(crate) const AT: i64 = NOT_BEFORE + 1_000_000;
pub(crate) const DAY: i64 = 86_400;

/// A certificate to be.
#[derive(Clone)]
pub(crate) struct Draft {
    /// Number in the version field; None leaves it out (version 1).
    pub(crate) version: Option<u64>,
    /// Content of the INTEGER.
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) validity: (i64, i64),
    pub(crate) key: &'static str,
    /// SubjectPublicKeyInfo, if not simply that of `key`.
    pub(crate) spki: Option<Vec<u8>>,
    pub(crate) signer: &'static str,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// AlgorithmIdentifier in what is signed, if not the right one.
    pub(crate) inner_algorithm: Option<Vec<u8>>,
    /// Unused bits that the signature's BIT STRING names.
    pub(crate) unused_bits: u8,
}

impl Draft {
    /// A self-signed authority with this common name and key.
    pub(crate) fn root(name: &str, key: &'static str) -> Self {
        Self {
            version: Some(2),
            serial: vec![1],
            subject: common_name(name),
            issuer: common_name(name),
            validity: (NOT_BEFORE, NOT_AFTER),
            key,
            spki: None,
            signer: key,
            extensions: vec![authority(None), key_usage(&[5, 6])],
            inner_algorithm: None,
            unused_bits: 0,
        }
    }

    /// An authority that this one certifies.
    pub(crate) fn certifies(&self, name: &str, key: &'static str) -> Self {
        let issuer = self.subject.clone();
        Self { issuer, signer: self.key, serial: vec![2], ..Self::root(name, key) }
    }

    /// An end entity that this authority certifies.
    pub(crate) fn issues(&self, name: &str) -> Self {
        Self { extensions: vec![key_usage(&[0, 1])], serial: vec![3], ..self.certifies(name, "p256") }
    }

    pub(crate) fn with(mut self, oid: &str, critical: bool, value: &[u8]) -> Self {
        self.extensions.push(extension(oid, critical, value));
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = algorithm_of(self.signer).algorithm_identifier();
        let version = self.version.map(|n| der::container(tag::context(0), &[&der::integer(n)]));
        let validity = der::sequence(&[&generalized(self.validity.0), &generalized(self.validity.1)]);
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            all => der::container(tag::context(3), &[&der::element(tag::SEQUENCE, &all.concat())]),
        };
        let spki = self.spki.clone().unwrap_or_else(|| spki(self.key));
        let tbs = der::sequence(&[
            &version.unwrap_or_default(),
            &der::element(tag::INTEGER, &self.serial),
            self.inner_algorithm.as_ref().unwrap_or(&algorithm),
            &self.issuer,
            &validity,
            &self.subject,
            &spki,
            &extensions,
        ]);
        signed(&tbs, self.signer, self.unused_bits, &[])
    }

    pub(crate) fn make(&self) -> Certificate {
        Certificate::parse(&self.der()).unwrap()
    }
}

/// An OCTET STRING around the value.
pub(crate) fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    der::sequence(&[&der::oid(oid), flag, &der::octet_string(value)])
}

/// basicConstraints of an authority.
pub(crate) fn authority(path_length: Option<u64>) -> Vec<u8> {
    let length = path_length.map(der::integer).unwrap_or_default();
    extension("2.5.29.19", true, &der::sequence(&[&[1, 1, 0xff], &length]))
}

/// keyUsage with these bits.
pub(crate) fn key_usage(bits: &[u8]) -> Vec<u8> {
    let byte = bits.iter().fold(0_u8, |byte, bit| byte | (0x80 >> bit));
    extension("2.5.29.15", true, &der::element(tag::BIT_STRING, &[0, byte]))
}

/// A Name of one attribute.
pub(crate) fn name(oid: &str, tag_of_text: u8, text: &str) -> Vec<u8> {
    let attribute = der::sequence(&[&der::oid(oid), &der::element(tag_of_text, text.as_bytes())]);
    der::sequence(&[&der::container(tag::SET, &[&attribute])])
}

pub(crate) fn common_name(text: &str) -> Vec<u8> {
    name(COMMON_NAME, tag::UTF8_STRING, text)
}

/// A directoryName.
pub(crate) fn directory(name: &[u8]) -> Vec<u8> {
    der::container(0xa4, &[name])
}

pub(crate) fn generalized(unix: i64) -> Vec<u8> {
    let digits: String =
        Time::from_unix(unix).to_pdf().chars().filter(char::is_ascii_digit).take(14).collect();
    der::element(tag::GENERALIZED_TIME, format!("{digits}Z").as_bytes())
}

pub(crate) fn spki(key: &str) -> Vec<u8> {
    testing::key(key).public_key_to_der().unwrap()
}

fn algorithm_of(key: &str) -> SignatureAlgorithm {
    match key {
        "ed25519" => SignatureAlgorithm::Ed25519,
        rsa if rsa.starts_with("rsa") => SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha256),
        _ => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
    }
}

fn signed(tbs: &[u8], signer: &str, unused_bits: u8, rest: &[u8]) -> Vec<u8> {
    let algorithm = algorithm_of(signer);
    let sign = || testing::sign(&testing::key(signer), algorithm, tbs);
    let mut signature = sign();
    // Signatures that happen to end in zeros would be right after all.
    while signature.last().is_some_and(|last| unused_bits > 0 && last.trailing_zeros() >= unused_bits.into())
    {
        signature = sign();
    }
    let bits = der::element(tag::BIT_STRING, &[&[unused_bits], signature.as_slice()].concat());
    der::sequence(&[tbs, &algorithm.algorithm_identifier(), &bits, rest])
}

/// A revocation list to be.
#[derive(Clone)]
pub(crate) struct ListDraft {
    pub(crate) issuer: Vec<u8>,
    pub(crate) signer: &'static str,
    pub(crate) this_update: i64,
    pub(crate) next_update: Option<i64>,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl ListDraft {
    /// An empty list of an authority, a day old and good for another.
    pub(crate) fn of(authority: &Draft) -> Self {
        Self {
            issuer: authority.subject.clone(),
            signer: authority.key,
            this_update: AT - DAY,
            next_update: Some(AT + DAY),
            entries: Vec::new(),
            extensions: vec![number("2.5.29.20", false, 7)],
        }
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Lists this serial number, with these extensions.
    pub(crate) fn listing(mut self, serial: &[u8], extensions: &[Vec<u8>]) -> Self {
        self.entries.push(entry(serial, extensions));
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = algorithm_of(self.signer).algorithm_identifier();
        let next_update = self.next_update.map(generalized).unwrap_or_default();
        let entries = match self.entries.as_slice() {
            [] => Vec::new(),
            all => der::element(tag::SEQUENCE, &all.concat()),
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            all => der::container(tag::context(0), &[&der::element(tag::SEQUENCE, &all.concat())]),
        };
        let tbs = der::sequence(&[
            &der::integer(1),
            &algorithm,
            &self.issuer,
            &generalized(self.this_update),
            &next_update,
            &entries,
            &extensions,
        ]);
        signed(&tbs, self.signer, 0, &[])
    }

    pub(crate) fn make(&self) -> super::Crl {
        super::Crl::parse(&self.der()).unwrap()
    }
}

/// When everything listed here was revoked.
pub(crate) const REVOKED_AT: i64 = AT - 10 * DAY;

pub(crate) fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = match extensions {
        [] => Vec::new(),
        all => der::element(tag::SEQUENCE, &all.concat()),
    };
    der::sequence(&[&der::element(tag::INTEGER, serial), &generalized(REVOKED_AT), &extensions])
}

/// An extension that is one small INTEGER: cRLNumber, deltaCRLIndicator.
pub(crate) fn number(oid: &str, critical: bool, value: u64) -> Vec<u8> {
    extension(oid, critical, &der::integer(value))
}

/// reasonCode.
pub(crate) fn reason(number: u8) -> Vec<u8> {
    extension("2.5.29.21", false, &[0x0a, 1, number])
}

/// issuingDistributionPoint of these parts.
pub(crate) fn issuing_point(parts: &[&[u8]]) -> Vec<u8> {
    extension("2.5.29.28", true, &der::sequence(parts))
}

/// An OCSP answer to be.
#[derive(Clone)]
pub(crate) struct AnswerDraft {
    pub(crate) responder: Vec<u8>,
    pub(crate) signer: &'static str,
    pub(crate) produced_at: i64,
    pub(crate) singles: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
}

impl AnswerDraft {
    /// Signed by the authority itself an hour ago.
    pub(crate) fn by(authority: &Draft, singles: Vec<Vec<u8>>) -> Self {
        Self {
            responder: der::container(tag::context(1), &[&authority.subject]),
            signer: authority.key,
            produced_at: AT - 3600,
            singles,
            extensions: Vec::new(),
            certificates: Vec::new(),
        }
    }

    pub(crate) fn basic(&self) -> Vec<u8> {
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            all => der::container(tag::context(1), &[&der::element(tag::SEQUENCE, &all.concat())]),
        };
        let tbs = der::sequence(&[
            &self.responder,
            &generalized(self.produced_at),
            &der::element(tag::SEQUENCE, &self.singles.concat()),
            &extensions,
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            all => der::container(tag::context(0), &[&der::element(tag::SEQUENCE, &all.concat())]),
        };
        signed(&tbs, self.signer, 0, &certificates)
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let typed = der::sequence(&[&der::oid("1.3.6.1.5.5.7.48.1.1"), &der::octet_string(&self.basic())]);
        der::sequence(&[&[0x0a, 1, 0], &der::container(tag::context(0), &[&typed])])
    }

    pub(crate) fn make(&self) -> super::ocsp::Response {
        super::ocsp::Response::parse(&self.der()).unwrap()
    }
}

/// Statuses in an OCSP answer.
pub(crate) fn good() -> Vec<u8> {
    vec![0x80, 0]
}

pub(crate) fn revoked(reason: u8) -> Vec<u8> {
    let reason = der::container(tag::context(0), &[&[0x0a, 1, reason]]);
    der::container(tag::context(1), &[&generalized(REVOKED_AT), &reason])
}

/// What is said about the certificate of `leaf`, whose issuer is `authority`: an hour old and good for
/// a day.
pub(crate) fn single(leaf: &Draft, authority: &Draft, status: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    single_at(leaf, authority, status, (AT - 3600, Some(AT + DAY)), extensions)
}

pub(crate) fn single_at(
    leaf: &Draft,
    authority: &Draft,
    status: &[u8],
    (this_update, next_update): (i64, Option<i64>),
    extensions: &[Vec<u8>],
) -> Vec<u8> {
    let request = super::ocsp::request(&leaf.make(), &authority.make(), DigestAlgorithm::Sha1, None);
    // The CertID of a question is that of its answer.
    let mut inside = der::Reader::new(&request);
    for _ in 0..4 {
        inside = inside.expect(tag::SEQUENCE).unwrap().reader();
    }
    let id = inside.expect(tag::SEQUENCE).unwrap().raw;
    let next_update = next_update.map(|end| der::container(tag::context(0), &[&generalized(end)]));
    let extensions = match extensions {
        [] => Vec::new(),
        all => der::container(tag::context(1), &[&der::element(tag::SEQUENCE, &all.concat())]),
    };
    der::sequence(&[id, status, &generalized(this_update), &next_update.unwrap_or_default(), &extensions])
}
