//! The PAdES baseline level that a signature reaches (EN 319 142-1 clause 6.3): what is there, whether or not
//! the signature passes.

use super::conclude::{Facts, Format, SigningCertificate};
use super::format::Container;
use crate::report::model::{Coverage, DigestCheck, Integrity, Level, SignatureCheck};

/// What is there beyond the signature itself.
pub(super) struct Extras {
    /// A sound time stamp over the signature, or over the document with it.
    pub(super) stamped: bool,
    /// The first revision whose document time stamp covers all that the paths of the signer and of the time
    /// stamp rest on; none if the document does not have all of it.
    pub(super) evidence: Option<usize>,
    /// The newest revision that a sound document time stamp signs.
    pub(super) archived: Option<usize>,
}

/// B-B: CAdES attributes, the certificate referred to and in the CMS, time in `/M` and not in the CMS, DER. B-T: a
/// time stamp. B-LT: what is needed to judge it is in the document. B-LTA: a document time stamp over all that.
pub(super) fn of(container: &Container, facts: &Facts, integrity: Integrity, extras: &Extras) -> Level {
    if !is_baseline(container, facts, integrity) {
        return Level::None;
    }
    let (true, signed) = (extras.stamped, container.revision) else { return Level::BB };
    let Some(from) = extras.evidence else { return Level::BT };
    // The signature's own value has to be covered too.
    let from = signed.map_or(from, |signed| from.max(signed + 1));
    match extras.archived {
        Some(archived) if archived >= from => Level::BLta,
        _ => Level::BLt,
    }
}

fn is_baseline(container: &Container, facts: &Facts, integrity: Integrity) -> bool {
    let cms_is_der = container.cms.as_ref().is_some_and(|cms| cms.findings().is_empty());
    let no_signing_time = container.signer().is_some_and(|signer| signer.signing_time().is_none());
    let whole = integrity == Integrity { digest: DigestCheck::Ok, signature: SignatureCheck::Ok }
        && facts.coverage != Coverage::Partial;
    container.is_cades()
        && facts.format == Format::Sound
        && facts.certificate == SigningCertificate::Found
        && container.dictionary_is_baseline
        && cms_is_der
        && no_signing_time
        && whole
}
