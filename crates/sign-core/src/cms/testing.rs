//! A time-stamping authority for the tests of this crate, honest or not.

use super::attribute::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2};
use super::der::{self, Reader, tag};
use super::signed_data::{SIGNED_DATA, TST_INFO};
use crate::crypto::SignatureAlgorithm;
use crate::crypto::algorithm::digest_identifier;
use crate::crypto::digest::{DigestAlgorithm, digest};
use crate::crypto::testing::{self, Made, NOT_AFTER, NOT_BEFORE, Spec};
use crate::x509::Certificate;

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
pub(crate) const POLICY: &str = "1.2.3.4.1";

/// An authority that can be told to do one thing wrong.
pub(crate) struct Authority {
    pub(crate) made: Made,
    pub(crate) info: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) attribute_type: &'static str,
    pub(crate) digest_of: Option<&'static [u8]>,
    /// The certificate named in the attributes; its own if none.
    pub(crate) named: Option<Certificate>,
    pub(crate) no_name: bool,
    pub(crate) certificates: bool,
    pub(crate) signers: usize,
    pub(crate) spoil_signature: bool,
}

/// extendedKeyUsage with these purposes.
fn purposes(oids: &[&str]) -> Vec<u8> {
    let oids: Vec<Vec<u8>> = oids.iter().map(|oid| der::oid(oid)).collect();
    der::sequence(&oids.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

pub(crate) fn made(usage: Option<(&[&str], bool)>, validity: (i64, i64)) -> Made {
    let root = testing::person("p256").pop().unwrap();
    let value = usage.map(|(oids, critical)| (purposes(oids), critical));
    let extensions: Vec<(&str, bool, &[u8])> =
        value.iter().map(|(value, critical)| ("2.5.29.37", *critical, value.as_slice())).collect();
    let subject = [("O", "Cục Chứng thực số"), ("CN", "TSA")];
    Spec { extensions: &extensions, validity, ..Spec::leaf(&subject, &root) }.make()
}

/// TSTInfo with what follows genTime.
pub(crate) fn info(policy: &str, stamped: &[u8], time: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    info_of(policy, &digest(DigestAlgorithm::Sha256, stamped), time, rest)
}

/// As [`info`], of a digest.
fn info_of(policy: &str, hash: &[u8], time: &[u8], rest: &[&[u8]]) -> Vec<u8> {
    let imprint = der::sequence(&[&digest_identifier(DigestAlgorithm::Sha256), &der::octet_string(hash)]);
    let time = der::element(tag::GENERALIZED_TIME, time);
    let fixed = [der::integer(1), der::oid(policy), imprint, der::element(tag::INTEGER, &[0x0a, 0xbc]), time]
        .concat();
    der::sequence(&[&fixed, &rest.concat()])
}

impl Authority {
    /// A good one that stamps `data` at `time`, as in `20260301020304Z`.
    pub(crate) fn stamping(data: &[u8], time: &str) -> Self {
        Self {
            made: made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_AFTER)),
            info: info(POLICY, data, time.as_bytes(), &[]),
            content_type: TST_INFO,
            attribute_type: TST_INFO,
            digest_of: None,
            named: None,
            no_name: false,
            certificates: true,
            signers: 1,
            spoil_signature: false,
        }
    }

    /// A good one that stamps what has this digest.
    pub(crate) fn stamping_digest(hash: &[u8], time: &str) -> Self {
        Self { info: info_of(POLICY, hash, time.as_bytes(), &[]), ..Self::stamping(b"", time) }
    }

    pub(crate) fn token(&self) -> Vec<u8> {
        let certificate = Certificate::parse(&self.made.der()).unwrap();
        let named = self.named.as_ref().unwrap_or(&certificate);
        let hash = named.digest(DigestAlgorithm::Sha256);
        let reference = der::sequence(&[&der::sequence(&[&der::sequence(&[&der::octet_string(&hash)])])]);
        let attribute =
            |oid: &str, value: &[u8]| der::sequence(&[&der::oid(oid), &der::container(tag::SET, &[value])]);
        let said = digest(DigestAlgorithm::Sha256, self.digest_of.unwrap_or(&self.info));
        let mut attributes = vec![
            attribute(CONTENT_TYPE, &der::oid(self.attribute_type)),
            attribute(MESSAGE_DIGEST, &der::octet_string(&said)),
        ];
        if !self.no_name {
            attributes.push(attribute(SIGNING_CERTIFICATE_V2, &reference));
        }
        let attributes = der::set_of(tag::SET, attributes);
        let message = if self.spoil_signature { b"other".as_slice() } else { &attributes };
        let signature = testing::sign(&self.made.key, ALGORITHM, message);
        let signer = der::sequence(&[
            &der::integer(1),
            &der::sequence(&[
                certificate.raw_issuer(),
                &der::element(tag::INTEGER, certificate.raw_serial()),
            ]),
            &digest_identifier(DigestAlgorithm::Sha256),
            &der::element(tag::context(0), Reader::new(&attributes).read().unwrap().content),
            &ALGORITHM.algorithm_identifier(),
            &der::octet_string(&signature),
        ]);
        let content = der::container(tag::context(0), &[&der::octet_string(&self.info)]);
        let certificates = match self.certificates {
            true => der::container(tag::context(0), &[certificate.der()]),
            false => Vec::new(),
        };
        let signed_data = der::sequence(&[
            &der::integer(3),
            &der::container(tag::SET, &[&digest_identifier(DigestAlgorithm::Sha256)]),
            &der::sequence(&[&der::oid(self.content_type), &content]),
            &certificates,
            &der::container(tag::SET, &vec![signer.as_slice(); self.signers]),
        ]);
        der::sequence(&[&der::oid(SIGNED_DATA), &der::container(tag::context(0), &[&signed_data])])
    }

    pub(crate) fn answer(&self) -> Vec<u8> {
        der::sequence(&[&der::sequence(&[&der::integer(0)]), &self.token()])
    }
}
