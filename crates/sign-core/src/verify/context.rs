//! Initialisation of the validation context (EN 319 102-1 clause 5.2.4): the document, whom to trust, what is
//! acceptable, the time, and all evidence, with when each piece of it is known to have existed.

use super::chain::Paths;
use super::format::Container;
use super::material::Material;
use super::past::Proofs;
use super::revocation::Known;
use crate::error::PdfError;
use crate::pades::changes::Comparison;
use crate::pades::coverage::Trailing;
use crate::pades::dss::{self, Pieces};
use crate::pdf::{Document, View};
use crate::policy::Policy;
use crate::time::Time;
use crate::trust::evidence::{Evidence, EvidenceError, Origin};
use crate::trust::status::SourceKind;
use crate::trust::{RevocationStatus, TrustStore};
use crate::x509::Certificate;
use std::cell::RefCell;

/// What all signatures of one document are judged with.
pub(super) struct Context<'c> {
    pub(super) document: &'c Document<'c>,
    pub(super) trust: &'c TrustStore,
    pub(super) policy: &'c Policy,
    pub(super) at: Time,
    /// None if no signature signs a revision.
    pub(super) comparison: Option<&'c Result<Comparison<'c>, PdfError>>,
    pub(super) trailing: Trailing,
    pub(super) paths: Paths,
    pub(super) evidence: &'c Gathered,
    pub(super) statuses: Known,
    /// What the document time stamps prove that were judged so far.
    pub(super) proofs: Proofs,
    /// What the judgements rested on.
    pub(super) material: RefCell<Material>,
}

impl Context<'_> {
    /// When a piece of evidence is known to have existed at the latest.
    pub(super) fn existed(&self, kind: SourceKind, place: usize) -> Time {
        let from = self.evidence.covered_from(kind, place);
        let proof = from.and_then(|from| self.proofs.over(from));
        // It is here now, whatever the clock of an authority says.
        proof.map_or(self.at, |proof| proof.time.min(self.at))
    }
}

/// All evidence for one document: what was given, its security store, and what its signatures bring.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) all: Evidence,
    /// Pieces that could not be read.
    pub(super) unread: usize,
    crls: Places,
    responses: Places,
    certificates: Places,
}

/// Of each piece, by its place in the evidence: the first revision whose document time stamp covers it; none
/// if it is not in the document.
#[derive(Debug, Default)]
struct Places(Vec<Option<usize>>);

impl Places {
    fn set(&mut self, place: usize, from: usize) {
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        if let Some(known) = self.0.get_mut(place) {
            *known = Some(known.map_or(from, |known| known.min(from)));
        }
    }

    fn of(&self, place: usize) -> Option<usize> {
        self.0.get(place).copied().flatten()
    }
}

impl Gathered {
    /// Gathers; what cannot be read is counted.
    ///
    /// # Errors
    /// [`PdfError`] if the document's catalog cannot be read.
    pub(super) fn new<'c>(
        given: &Evidence,
        view: View<'_>,
        containers: impl Iterator<Item = &'c Container>,
    ) -> Result<Self, PdfError> {
        let mut gathered = Self { all: given.clone(), ..Self::default() };
        let latest = view.revision_index();
        gathered.add(&dss::store(view)?, Origin::Dss, latest);
        for container in containers {
            let Some(cms) = &container.cms else { continue };
            // A signature's value is outside of what its own revision signs.
            let from = container.revision.unwrap_or(latest) + 1;
            gathered.add(&dss::of_cms(cms), Origin::Cms, from);
            gathered.add(&dss::of_adobe_attribute(cms), Origin::AdobeAttribute, from);
            gathered.add_companions(cms.certificates(), from);
            for token in container.tokens() {
                gathered.add_companions(token.signed_data().certificates(), from);
            }
        }
        Ok(gathered)
    }

    /// Certificates beside one signature help the others too: a token may lack an authority that the signer
    /// brings along.
    fn add_companions(&mut self, certificates: &[Certificate], from: usize) {
        for certificate in certificates {
            if let Ok(place) = self.all.hold_certificate(certificate.clone(), Origin::Cms) {
                self.certificates.set(place, from);
            }
        }
    }

    /// Adds what can be read. `otherwise` is the first covering revision of pieces that do not say which
    /// revision wrote them.
    fn add(&mut self, pieces: &Pieces, origin: Origin, otherwise: usize) {
        self.unread += pieces.unread;
        let Pieces { certificates, crls, ocsp, written, .. } = pieces;
        let all = &mut self.all;
        let mut unread = 0;
        let mut take = |ders: &[Vec<u8>], written: &[usize], places: &mut Places, add: Adds| {
            for (index, der) in ders.iter().enumerate() {
                match add(all, der, origin) {
                    Ok(place) => places.set(place, written.get(index).copied().unwrap_or(otherwise)),
                    Err(_) => unread += 1,
                }
            }
        };
        take(certificates, &written.certificates, &mut self.certificates, Evidence::add_certificate);
        take(crls, &written.crls, &mut self.crls, Evidence::add_crl);
        take(ocsp, &written.ocsp, &mut self.responses, Evidence::add_ocsp);
        self.unread += unread;
    }

    /// The first revision whose document time stamp covers a piece; none if the document does not have it.
    pub(super) fn covered_from(&self, kind: SourceKind, place: usize) -> Option<usize> {
        match kind {
            SourceKind::Crl => self.crls.of(place),
            SourceKind::Ocsp => self.responses.of(place),
        }
    }

    /// As [`Gathered::covered_from`], of a certificate in the evidence.
    pub(super) fn certificate_covered_from(&self, certificate: &Certificate) -> Option<usize> {
        let place = self.all.certificates().iter().position(|held| held.item == *certificate)?;
        self.certificates.of(place)
    }

    /// The first revision whose document time stamp covers all that a status rests on; none if the document
    /// does not have all of it.
    pub(super) fn status_covered_from(&self, status: &RevocationStatus) -> Option<usize> {
        let support = &status.support;
        let crls = support.crls.iter().map(|place| self.crls.of(*place));
        let responses = support.responses.iter().map(|place| self.responses.of(*place));
        let all: Option<Vec<usize>> = crls.chain(responses).collect();
        all?.into_iter().max()
    }
}

type Adds = fn(&mut Evidence, &[u8], Origin) -> Result<usize, EvidenceError>;
