//! What the judgements of one document rested on: certificates, revocation lists and OCSP answers. Put into the
//! document's security store, they let it be judged without anybody being asked (EN 319 142-1 clause 5.4).

use super::context::Gathered;
use crate::pades::dss::Pieces;
use crate::trust::RevocationStatus;
use crate::x509::Certificate;
use std::collections::BTreeSet;

/// Most certificates of one document; the store that is read has no more.
const MOST_CERTIFICATES: usize = 512;

/// Collected while paths are followed.
#[derive(Debug, Default)]
pub(super) struct Material {
    certificates: Vec<Certificate>,
    crls: BTreeSet<usize>,
    responses: BTreeSet<usize>,
}

impl Material {
    /// A path with its anchor, and what the statuses of its certificates rest on.
    pub(super) fn add(&mut self, chain: &[Certificate], statuses: &[RevocationStatus]) {
        self.add_certificates(chain);
        for status in statuses {
            self.crls.extend(&status.support.crls);
            self.responses.extend(&status.support.responses);
            self.add_certificates(&status.support.certificates);
        }
    }

    fn add_certificates(&mut self, chain: &[Certificate]) {
        for certificate in chain {
            if self.certificates.len() < MOST_CERTIFICATES && !self.certificates.contains(certificate) {
                self.certificates.push(certificate.clone());
            }
        }
    }

    /// The same as DER.
    pub(super) fn pieces(&self, evidence: &Gathered) -> Pieces {
        let all = &evidence.all;
        let crls = self.crls.iter().filter_map(|place| all.crls().get(*place));
        let responses = self.responses.iter().filter_map(|place| all.responses().get(*place));
        Pieces {
            certificates: self.certificates.iter().map(|certificate| certificate.der().to_vec()).collect(),
            crls: crls.map(|held| held.item.der().to_vec()).collect(),
            ocsp: responses.map(|held| held.item.whole()).collect(),
            ..Pieces::default()
        }
    }
}
