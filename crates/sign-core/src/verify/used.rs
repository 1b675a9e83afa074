//! Which pieces of evidence the statuses of a path rest on, by their digests, for the report.

use super::context::Context;
use crate::crypto::digest::{DigestAlgorithm, digest, hex};
use crate::report::model::UsedEvidence;
use crate::trust::RevocationStatus;
use crate::trust::status::{Source, SourceKind};

/// The pieces, those about the signer first; of each status the one that decided first.
pub(super) fn pieces(context: &Context<'_>, statuses: &[RevocationStatus]) -> Vec<UsedEvidence> {
    let sources = statuses.iter().rev().filter_map(|status| status.source.as_ref());
    sources.flat_map(|source| of(context, source)).collect()
}

fn of(context: &Context<'_>, source: &Source) -> Vec<UsedEvidence> {
    let evidence = &context.evidence.all;
    let der = |index: &usize| match source.kind {
        SourceKind::Crl => evidence.crls().get(*index).map(|held| held.item.der()),
        SourceKind::Ocsp => evidence.responses().get(*index).map(|held| held.item.der()),
    };
    let kind = match source.kind {
        SourceKind::Crl => "crl",
        SourceKind::Ocsp => "ocsp",
    };
    let described = |der: &[u8]| UsedEvidence {
        kind: kind.to_owned(),
        origin: source.origin.code().to_owned(),
        this_update: source.this_update,
        sha256: hex(&digest(DigestAlgorithm::Sha256, der)),
    };
    source.used.iter().filter_map(der).map(described).collect()
}
