//! What would settle open questions, with the certificates one needs in order to ask.
//!
//! The report names the same things in words ([`Wanted`]); whoever has a network asks by these, adds the
//! answers to the evidence and has the document judged again. Nothing is asked here.

use crate::report::model::Wanted;
use crate::x509::Certificate;

/// Something that nothing at hand tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Whether a certificate was taken back.
    Status {
        /// The certificate.
        certificate: Certificate,
        /// Its issuer, as far as it is known: an OCSP question names it.
        issuer: Option<Certificate>,
        /// Whether its path ends in an anchor. If not, whoever made the document chose the addresses in
        /// the certificate, and they are asked only if the operator named them.
        anchored: bool,
        /// Whether older evidence tells: what is missing is something newer.
        known: bool,
    },
    /// The issuer of a certificate from which no path leads on.
    Issuer {
        /// The certificate at the end of the path.
        certificate: Certificate,
    },
}

impl Missing {
    /// The same for a report.
    pub fn wanted(&self) -> Wanted {
        match self {
            Self::Status { certificate, .. } => Wanted {
                kind: "revocation".into(),
                subject: certificate.subject().to_string(),
                urls: certificate.ocsp_urls().iter().chain(certificate.crl_urls()).cloned().collect(),
            },
            Self::Issuer { certificate } => Wanted {
                kind: if certificate.is_self_issued() { "anchor" } else { "issuer_certificate" }.into(),
                subject: certificate.issuer().to_string(),
                urls: certificate.ca_issuers_urls().to_vec(),
            },
        }
    }
}

impl Missing {
    /// Whether nothing at all tells it.
    pub fn is_unknown(&self) -> bool {
        !matches!(self, Self::Status { known: true, .. })
    }
}

/// What is missing, each once.
#[derive(Debug, Default)]
pub(super) struct Gaps(pub(super) Vec<Missing>);

impl Gaps {
    pub(super) fn add(&mut self, missing: Missing) {
        if !self.0.contains(&missing) {
            self.0.push(missing);
        }
    }

    /// For the report: what is asked for twice, for different paths, is told once.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let mut all = Vec::new();
        for wanted in self.0.iter().map(Missing::wanted) {
            if !all.contains(&wanted) {
                all.push(wanted);
            }
        }
        all
    }
}
