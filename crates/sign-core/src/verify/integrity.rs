//! Cryptographic verification (EN 319 102-1 clause 5.2.7): the digest of the signed bytes, then the
//! signature over the signed attributes.

use super::Findings;
use super::format::Container;
use crate::cms::timestamp::TimeStampToken;
use crate::crypto::verify::verify;
use crate::error::PdfError;
use crate::pades::digests::digests;
use crate::report::model::{DigestCheck, Integrity, SignatureCheck};
use crate::source::Source;
use crate::x509::Certificate;

/// Hashes what the signatures sign, and the whole file, in one pass; returns SHA-256 of the file.
///
/// # Errors
/// [`PdfError::Source`] if the bytes cannot be read.
pub(super) fn hash<'c>(
    source: &dyn Source,
    containers: impl Iterator<Item = &'c mut Container>,
) -> Result<Vec<u8>, PdfError> {
    let mut containers: Vec<&mut Container> = containers.collect();
    let (mut owners, mut wanted) = (Vec::new(), Vec::new());
    for (owner, container) in containers.iter_mut().enumerate() {
        let Some(range) = container.byte_range.clone() else { continue };
        for algorithm in container.hashed_with() {
            match algorithm {
                Ok(algorithm) => {
                    wanted.push((range.clone(), algorithm));
                    owners.push(owner);
                }
                Err(error) => container.findings.add_with("algorithm_unsupported", error),
            }
        }
    }
    let found = digests(source, &wanted)?;
    for ((owner, (_, algorithm)), digest) in owners.into_iter().zip(wanted).zip(found.ranges) {
        if let Some(container) = containers.get_mut(owner) {
            container.digests.push((algorithm, digest));
        }
    }
    Ok(found.file)
}

/// Checks bytes and mathematics; what could not be checked stays `unchecked`.
pub(super) fn check(
    container: &Container,
    certificate: Option<&Certificate>,
    findings: &mut Findings,
) -> Integrity {
    Integrity { digest: digest(container, findings), signature: signature(container, certificate, findings) }
}

fn digest(container: &Container, findings: &mut Findings) -> DigestCheck {
    let algorithm = container.signed_with().and_then(Result::ok);
    let digest = algorithm.and_then(|algorithm| container.digest(algorithm));
    let (Some(digest), Some(signer)) = (digest, container.signer()) else {
        return DigestCheck::Unchecked;
    };
    let same = match &container.token {
        Some(token) => token.imprint() == digest,
        None => signer.message_digest().is_some_and(|said| said == digest),
    };
    if same {
        return DigestCheck::Ok;
    }
    findings.add("digest_mismatch");
    DigestCheck::Mismatch
}

fn signature(
    container: &Container,
    certificate: Option<&Certificate>,
    findings: &mut Findings,
) -> SignatureCheck {
    let (Some(signer), Some(certificate)) = (container.signer(), certificate) else {
        return SignatureCheck::Unchecked;
    };
    let Some(message) = signer.signed_message() else { return SignatureCheck::Unchecked };
    let checked = signer
        .signature_algorithm()
        .and_then(|algorithm| verify(algorithm, certificate.spki_der(), message, signer.signature()));
    let about_content = container.token.as_ref().is_none_or(TimeStampToken::content_is_signed);
    match checked.map(|good| good && about_content) {
        Ok(true) => SignatureCheck::Ok,
        Ok(false) => {
            findings.add("signature_bad");
            SignatureCheck::Bad
        }
        Err(error) => {
            findings.add_with("algorithm_unsupported", error);
            SignatureCheck::Unchecked
        }
    }
}
