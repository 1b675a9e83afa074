//! Identification of the signing certificate (EN 319 102-1 clause 5.2.3).

use super::Findings;
use super::conclude::SigningCertificate;
use super::format::Container;
use crate::x509::Certificate;

/// Finds the certificate that the signer names, and whether the signature commits to it.
pub(super) fn identify<'c>(
    container: &'c Container,
    findings: &mut Findings,
) -> (SigningCertificate, Option<&'c Certificate>) {
    let (Some(cms), Some(signer)) = (&container.cms, container.signer()) else {
        return (SigningCertificate::NotFound, None);
    };
    let Some(certificate) = signer.signer_certificate(cms.certificates()) else {
        findings.add("signing_certificate_not_found");
        return (SigningCertificate::NotFound, None);
    };
    let state = match signer.ess_matches(certificate) {
        Some(true) => SigningCertificate::Found,
        Some(false) => {
            findings.add("signing_certificate_mismatch");
            SigningCertificate::Mismatch
        }
        // EN 319 142-1 table 1 demands the reference; ISO 32000's own PKCS#7 signatures do not.
        None if container.is_cades() || container.is_time_stamp() => {
            findings.add("signing_certificate_reference_missing");
            SigningCertificate::ReferenceMissing
        }
        None => {
            findings.add("signing_certificate_not_committed");
            SigningCertificate::Found
        }
    };
    (state, Some(certificate))
}
