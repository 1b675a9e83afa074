//! Cryptographic verification (EN 319 102-1 clause 5.2.7): the digest of the signed bytes, then the
//! signature over the signed attributes.

use super::Findings;
use super::format::Container;
use crate::crypto::verify::verify;
use crate::error::PdfError;
use crate::report::model::{DigestCheck, Integrity, SignatureCheck};
use crate::source::Source;
use crate::x509::Certificate;

/// Checks bytes and mathematics; what could not be checked stays `unchecked`.
///
/// # Errors
/// [`PdfError::Source`] if the signed bytes cannot be read.
pub(super) fn check(
    source: &dyn Source,
    container: &Container,
    certificate: Option<&Certificate>,
    findings: &mut Findings,
) -> Result<Integrity, PdfError> {
    Ok(Integrity {
        digest: digest(source, container, findings)?,
        signature: signature(container, certificate, findings),
    })
}

fn digest(
    source: &dyn Source,
    container: &Container,
    findings: &mut Findings,
) -> Result<DigestCheck, PdfError> {
    let (Some(range), Some(signer)) = (&container.byte_range, container.signer()) else {
        return Ok(DigestCheck::Unchecked);
    };
    let algorithm = match signer.digest_algorithm() {
        Ok(algorithm) => algorithm,
        Err(error) => {
            findings.add_with("algorithm_unsupported", error);
            return Ok(DigestCheck::Unchecked);
        }
    };
    if signer.message_digest() == Some(range.digest(source, algorithm)?) {
        return Ok(DigestCheck::Ok);
    }
    findings.add("digest_mismatch");
    Ok(DigestCheck::Mismatch)
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
    match checked {
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
