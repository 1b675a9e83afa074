//! The bytes of a question to an OCSP responder (RFC 6960 4.1).

use super::{NONCE, key_bits};
use crate::crypto::der::{self, tag};
use crate::crypto::{DigestAlgorithm, algorithm, digest};
use crate::x509::certificate::Certificate;

/// An unsigned OCSPRequest about one certificate. `digest` names the issuer in it: SHA-1 is what every
/// responder knows (RFC 5019 2.1.1), and only finds the certificate, protecting nothing. The nonce, 32
/// random bytes (RFC 9654 2.1), keeps an old answer from passing for a new one.
pub fn request(
    certificate: &Certificate,
    issuer: &Certificate,
    digest: DigestAlgorithm,
    nonce: Option<&[u8]>,
) -> Vec<u8> {
    let hash = |bytes: &[u8]| der::octet_string(&digest::digest(digest, bytes));
    // RFC 6960 shows the digest with NULL parameters, and some responders compare it as bytes.
    let id = der::sequence(&[
        &match digest {
            DigestAlgorithm::Shake256 => algorithm::digest_identifier(digest),
            _ => der::sequence(&[&der::oid(digest.oid()), &der::null()]),
        },
        &hash(certificate.raw_issuer()),
        &hash(key_bits(issuer.spki_der()).unwrap_or_default()),
        &der::element(tag::INTEGER, certificate.raw_serial()),
    ]);
    let list = der::sequence(&[&der::sequence(&[&id])]);
    let extensions = nonce.map(|nonce| {
        let value = der::octet_string(&der::octet_string(nonce));
        let extension = der::sequence(&[&der::oid(NONCE), &value]);
        der::container(tag::context(2), &[&der::sequence(&[&extension])])
    });
    der::sequence(&[&der::sequence(&[&list, &extensions.unwrap_or_default()])])
}
