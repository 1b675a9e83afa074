//! SignedData, time-stamp tokens, revocation lists and OCSP answers, right or wrong on purpose.

use openssl::sha::{sha1, sha256};
use sign_core::crypto::der::{self, tag};

use super::pki::{Identity, ecdsa_with_sha256};

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const SIGNATURE_TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const ENUMERATED: u8 = 0x0a;

fn joined(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    der::container(tag, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn sha256_identifier() -> Vec<u8> {
    der::sequence(&[&der::oid("2.16.840.1.101.3.4.2.1")])
}

fn sha1_identifier() -> Vec<u8> {
    der::sequence(&[&der::oid("1.3.14.3.2.26"), &der::null()])
}

fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::container(tag::SET, &[value])])
}

pub(super) fn content_type(oid: &str) -> Vec<u8> {
    attribute(CONTENT_TYPE, &der::oid(oid))
}

pub(super) fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &der::octet_string(digest))
}

/// The reference to the signer's certificate (RFC 5035).
pub(super) fn signing_certificate(certificate: &[u8]) -> Vec<u8> {
    let id = der::sequence(&[&der::octet_string(&sha256(certificate))]);
    attribute(SIGNING_CERTIFICATE_V2, &der::sequence(&[&der::sequence(&[&id])]))
}

/// The three attributes of PAdES over `covered`.
pub(super) fn attributes(covered: &[u8], certificate: &[u8]) -> Vec<Vec<u8>> {
    vec![content_type(DATA), message_digest(&sha256(covered)), signing_certificate(certificate)]
}

/// One SignerInfo: who signs, whom it names, and what.
pub(super) struct Info<'a> {
    pub(super) by: &'a Identity,
    pub(super) named: &'a Identity,
    pub(super) attributes: Vec<Vec<u8>>,
    pub(super) unsigned: &'a dyn Fn(&[u8]) -> Vec<Vec<u8>>,
}

impl<'a> Info<'a> {
    pub(super) fn new(by: &'a Identity, attributes: Vec<Vec<u8>>) -> Self {
        Self { by, named: by, attributes, unsigned: &|_| Vec::new() }
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let signed = der::set_of(tag::SET, self.attributes.clone());
        let value = self.by.sign(&signed);
        let unsigned = match (self.unsigned)(&value) {
            none if none.is_empty() => Vec::new(),
            some => der::set_of(tag::context(1), some),
        };
        der::sequence(&[
            &der::integer(1),
            &self.named.sid(),
            &sha256_identifier(),
            &der::set_of(tag::context(0), self.attributes.clone()),
            &ecdsa_with_sha256(),
            &der::octet_string(&value),
            &unsigned,
        ])
    }
}

/// ContentInfo with certificates in the order given, not in DER's, and the content, if it is inside.
pub(super) fn signed_data(
    certificates: &[&[u8]],
    content: (&str, Option<&[u8]>),
    infos: &[Vec<u8>],
) -> Vec<u8> {
    let (kind, bytes) = content;
    let inside =
        bytes.map(|bytes| der::container(tag::context(0), &[&der::octet_string(bytes)])).unwrap_or_default();
    let version = if kind == DATA { 1 } else { 3 };
    let body = der::sequence(&[
        &der::integer(version),
        &der::container(tag::SET, &[&sha256_identifier()]),
        &der::sequence(&[&der::oid(kind), &inside]),
        &der::container(tag::context(0), certificates),
        &joined(tag::SET, infos),
    ]);
    der::sequence(&[&der::oid(SIGNED_DATA), &der::container(tag::context(0), &[&body])])
}

/// Detached SignedData as PAdES asks for.
pub(super) fn detached(certificates: &[&[u8]], infos: &[Vec<u8>]) -> Vec<u8> {
    signed_data(certificates, (DATA, None), infos)
}

/// A time-stamp token (RFC 3161) about `stamped`, at a GeneralizedTime.
pub(super) fn token(by: &Identity, chain: &[&[u8]], stamped: &[u8], time: &str) -> Vec<u8> {
    let imprint = der::sequence(&[&sha256_identifier(), &der::octet_string(&sha256(stamped))]);
    let info = der::sequence(&[
        &der::integer(1),
        &der::oid("1.3.6.1.4.1.99999.2"),
        &imprint,
        &der::integer(7),
        &der::element(tag::GENERALIZED_TIME, time.as_bytes()),
    ]);
    let attributes =
        vec![content_type(TST_INFO), message_digest(&sha256(&info)), signing_certificate(&by.der)];
    signed_data(chain, (TST_INFO, Some(&info)), &[Info::new(by, attributes).der()])
}

/// The unsigned attribute that holds a token.
pub(super) fn time_stamp(token: &[u8]) -> Vec<u8> {
    attribute(SIGNATURE_TIME_STAMP, token)
}

fn signed_by(by: &Identity, body: &[u8]) -> Vec<u8> {
    der::element(tag::BIT_STRING, &[&[0], by.sign(body).as_slice()].concat())
}

fn extension(oid: &str, value: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::octet_string(value)])
}

/// A revocation list of the authority `by`, which took `revoked` back in February 2026.
pub(super) fn revocation_list(
    by: &Identity,
    number: u64,
    this_update: &str,
    revoked: &[&Identity],
) -> Vec<u8> {
    let time = |text: &str| der::element(tag::UTC_TIME, text.as_bytes());
    let entries: Vec<Vec<u8>> =
        revoked.iter().map(|one| der::sequence(&[&one.serial, &time("260201000000Z")])).collect();
    let entries = if entries.is_empty() { Vec::new() } else { joined(tag::SEQUENCE, &entries) };
    let key_id = der::sequence(&[&der::element(tag::context_primitive(0), &sha1(&by.point()))]);
    let extensions =
        der::sequence(&[&extension("2.5.29.35", &key_id), &extension("2.5.29.20", &der::integer(number))]);
    let body = der::sequence(&[
        &der::integer(1),
        &ecdsa_with_sha256(),
        &by.subject,
        &time(this_update),
        &time("270101000000Z"),
        &entries,
        &der::container(tag::context(0), &[&extensions]),
    ]);
    der::sequence(&[&body, &ecdsa_with_sha256(), &signed_by(by, &body)])
}

/// An OCSP answer (RFC 6960) by `by` that calls `about`, issued by `issuer`, good.
pub(super) fn good_answer(by: &Identity, issuer: &Identity, about: &Identity, this_update: &str) -> Vec<u8> {
    let time = |text: &str| der::element(tag::GENERALIZED_TIME, text.as_bytes());
    let id = der::sequence(&[
        &sha1_identifier(),
        &der::octet_string(&sha1(&issuer.subject)),
        &der::octet_string(&sha1(&issuer.point())),
        &about.serial,
    ]);
    let until = der::container(tag::context(0), &[&time("20270101000000Z")]);
    let single =
        der::sequence(&[&id, &der::element(tag::context_primitive(0), &[]), &time(this_update), &until]);
    let body = der::sequence(&[
        &der::container(tag::context(1), &[&by.subject]),
        &time(this_update),
        &der::sequence(&[&single]),
    ]);
    let certificates = der::container(tag::context(0), &[&der::sequence(&[&by.der])]);
    let basic = der::sequence(&[&body, &ecdsa_with_sha256(), &signed_by(by, &body), &certificates]);
    let bytes = der::sequence(&[&der::oid("1.3.6.1.5.5.7.48.1.1"), &der::octet_string(&basic)]);
    let successful = der::element(ENUMERATED, &[0]);
    der::sequence(&[&successful, &der::container(tag::context(0), &[&bytes])])
}
