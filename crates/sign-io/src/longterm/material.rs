//! What the signatures of a document rest on: the certificates of every path, of signers and of
//! time-stamping units, and what tells that none of them was taken back. What of it nothing tells is named.

use super::RaiseError;
use sign_core::cms::SignedData;
use sign_core::cms::der::{self, tag};
use sign_core::cms::timestamp::TimeStampToken;
use sign_core::crypto::document::open;
use sign_core::limits::Limits;
use sign_core::pades::dss::{self, Pieces};
use sign_core::pades::field::{Form, SignatureField};
use sign_core::pdf::{Access, Object};
use sign_core::source::Source;
use sign_core::time::Time;
use sign_core::trust::TrustStore;
use sign_core::trust::evidence::{Evidence, Origin};
use sign_core::trust::status::{RevocationStatus, SourceKind, StatusInputs, Statuses};
use sign_core::verify::missing::Missing;
use sign_core::x509::crl::status::Status;
use sign_core::x509::ocsp::{self, Response};
use sign_core::x509::{Certificate, path};

/// Sub-filter of document time stamps.
const TIME_STAMP: &str = "ETSI.RFC3161";
const OCSP_BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
const ENUMERATED: u8 = 0x0a;
/// Certificates whose paths are followed.
const MOST_FOLLOWED: usize = 256;
/// Times at which evidence is tried for one certificate.
const MOST_TIMES: usize = 8;

/// What was found, and what is missing.
#[derive(Debug, Default)]
pub(super) struct Material {
    /// For the security store.
    pub(super) pieces: Pieces,
    /// What nothing at hand tells.
    pub(super) missing: Vec<Missing>,
}

/// What it is gathered from.
#[derive(Clone, Copy)]
pub(super) struct From<'f> {
    pub(super) source: &'f dyn Source,
    pub(super) access: Access<'f>,
    pub(super) trust: &'f TrustStore,
    /// Besides what the document carries.
    pub(super) evidence: &'f Evidence,
    pub(super) at: Time,
    /// A field that is left out: the newest time stamp vouches for the store and not the other way round.
    pub(super) without: Option<&'f str>,
}

/// One whose path counts, and what came with it.
struct Party {
    certificate: Certificate,
    companions: Vec<Certificate>,
    /// When its signature was there at the latest.
    proven: Option<Time>,
}

/// Gathers the material for all signatures and time stamps of a document.
///
/// # Errors
/// [`RaiseError::Pdf`].
pub(super) fn gather(from: From<'_>) -> Result<Material, RaiseError> {
    let document = open(from.source, from.access)?;
    let view = document.latest();
    let fields = Form::read(&view, document.limits().fields)?.signature_fields(&view)?;
    let mut evidence = from.evidence.clone();
    add(&mut evidence, &dss::store(view)?, Origin::Dss);
    let mut parties = Vec::new();
    for field in fields.iter().filter(|field| from.without != Some(field.name.as_str())) {
        parties.extend(parties_of(field, from.trust, &mut evidence));
    }
    let limits = *document.limits();
    let mut gathering =
        Gathering { from, evidence: &evidence, limits, found: Material::default(), followed: Vec::new() };
    for party in parties {
        gathering.follow(&party);
    }
    Ok(gathering.found)
}

/// `evidence` with every certificate that some signature or time stamp of the document brings: many
/// authorities send tokens without their issuer's certificate, which another signature has.
///
/// # Errors
/// [`RaiseError::Pdf`].
pub(super) fn with_embedded(
    source: &dyn Source,
    access: Access<'_>,
    trust: &TrustStore,
    evidence: &Evidence,
) -> Result<Evidence, RaiseError> {
    let document = open(source, access)?;
    let view = document.latest();
    let fields = Form::read(&view, document.limits().fields)?.signature_fields(&view)?;
    let mut evidence = evidence.clone();
    for field in &fields {
        parties_of(field, trust, &mut evidence);
    }
    Ok(evidence)
}

/// The signer and the units that stamped; what the signature brings becomes evidence.
fn parties_of(field: &SignatureField, trust: &TrustStore, evidence: &mut Evidence) -> Vec<Party> {
    let entries = field.value.as_ref().and_then(|(_, value)| value.as_dictionary().cloned());
    let Some(entries) = entries else { return Vec::new() };
    let Some(contents) = entries.get("Contents").and_then(Object::as_string) else { return Vec::new() };
    let is_stamp = entries.get("SubFilter").and_then(Object::as_name).is_some_and(|name| name == TIME_STAMP);
    if is_stamp {
        let token = TimeStampToken::parse(&contents.bytes).ok();
        return token.and_then(|token| unit(&token, trust, evidence)).into_iter().collect();
    }
    let Ok(cms) = SignedData::parse(&contents.bytes) else { return Vec::new() };
    add(evidence, &dss::of_cms(&cms), Origin::Cms);
    add(evidence, &dss::of_adobe_attribute(&cms), Origin::AdobeAttribute);
    let Some(signer) = cms.signer_infos().first() else { return Vec::new() };
    let tokens = signer.signature_time_stamps().into_iter().filter_map(|der| TimeStampToken::parse(der).ok());
    let tokens: Vec<TimeStampToken> = tokens.collect();
    add_certificates(evidence, cms.certificates());
    let mut parties: Vec<Party> = tokens.iter().filter_map(|token| unit(token, trust, evidence)).collect();
    if let Some(certificate) = signer.signer_certificate(cms.certificates()) {
        let proven = tokens.iter().map(TimeStampToken::time).min();
        let companions = cms.certificates().to_vec();
        parties.insert(0, Party { certificate: certificate.clone(), companions, proven });
    }
    parties
}

fn unit(token: &TimeStampToken, trust: &TrustStore, evidence: &mut Evidence) -> Option<Party> {
    add_certificates(evidence, token.signed_data().certificates());
    let certificate = token.examine(trust.intermediates()).signer?;
    let companions = token.signed_data().certificates().to_vec();
    Some(Party { certificate, companions, proven: Some(token.time()) })
}

/// What cannot be read is nothing that could be kept.
fn add(evidence: &mut Evidence, pieces: &Pieces, origin: Origin) {
    for der in &pieces.certificates {
        let _ = evidence.add_certificate(der, origin);
    }
    for der in &pieces.crls {
        let _ = evidence.add_crl(der, origin);
    }
    for der in &pieces.ocsp {
        let _ = evidence.add_ocsp(der, origin);
    }
}

fn add_certificates(evidence: &mut Evidence, certificates: &[Certificate]) {
    for certificate in certificates {
        let _ = evidence.add_certificate(certificate.der(), Origin::Cms);
    }
}

struct Gathering<'g> {
    from: From<'g>,
    evidence: &'g Evidence,
    limits: Limits,
    found: Material,
    followed: Vec<Certificate>,
}

impl Gathering<'_> {
    /// The path of one party, and the status of everybody on it below the anchor.
    fn follow(&mut self, party: &Party) {
        if self.followed.contains(&party.certificate) || self.followed.len() >= MOST_FOLLOWED {
            return;
        }
        self.followed.push(party.certificate.clone());
        let held = self.evidence.certificates().iter().map(|held| &held.item);
        let pool: Vec<Certificate> =
            party.companions.iter().chain(self.from.trust.intermediates()).chain(held).cloned().collect();
        let anchors = self.from.trust.anchor_certificates();
        let times = self.times(party.proven);
        let outcomes =
            times.iter().map(|at| path::build(&party.certificate, &pool, &anchors, *at, &self.limits));
        let mut outcomes: Vec<_> = outcomes.collect();
        let clean = outcomes.iter().position(path::PathOutcome::is_clean).unwrap_or(0);
        if outcomes.is_empty() {
            return;
        }
        let outcome = outcomes.swap_remove(clean);
        let Some(anchor) = outcome.anchor.clone() else {
            let certificate = outcome.chain.last().unwrap_or(&party.certificate).clone();
            self.miss(Missing::Issuer { certificate });
            return;
        };
        for certificate in &outcome.chain {
            keep(&mut self.found.pieces.certificates, certificate.der());
        }
        for (certificate, issuer) in outcome.chain.iter().zip(outcome.chain.iter().skip(1)) {
            self.status(certificate, issuer, &anchor, &pool, &times);
        }
    }

    fn status(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        anchor: &Certificate,
        pool: &[Certificate],
        times: &[Time],
    ) {
        let evidence = self.evidence;
        for at in times {
            let anchors = std::slice::from_ref(anchor);
            let inputs = StatusInputs { at: *at, pool, anchors, limits: &self.limits, existed: None };
            let status = Statuses::new(evidence, inputs).of(certificate, issuer);
            if status.status != Status::Unknown {
                return self.take(&status, certificate, issuer, anchor, pool, *at);
            }
        }
        self.miss(Missing::Status {
            certificate: certificate.clone(),
            issuer: Some(issuer.clone()),
            anchored: true,
        });
    }

    /// Keeps what a status rests on, and follows those who signed it.
    fn take(
        &mut self,
        status: &RevocationStatus,
        certificate: &Certificate,
        issuer: &Certificate,
        anchor: &Certificate,
        pool: &[Certificate],
        at: Time,
    ) {
        let Some(source) = &status.source else { return };
        let evidence = self.evidence;
        for index in &source.used {
            match source.kind {
                SourceKind::Ocsp => {
                    let Some(held) = evidence.responses().get(*index) else { continue };
                    keep(&mut self.found.pieces.ocsp, &whole(&held.item));
                    let question = ocsp::Question::new(certificate, issuer, at);
                    let Ok(answer) = ocsp::ask(&held.item, &question) else { continue };
                    if let ocsp::Responder::Delegated(responder) = &answer.responder {
                        keep(&mut self.found.pieces.certificates, responder.der());
                    }
                    if let Some(responder) = answer.responder.to_be_checked() {
                        let responder = responder.clone();
                        self.status(&responder, issuer, anchor, pool, &[at]);
                    }
                }
                SourceKind::Crl => {
                    let Some(held) = evidence.crls().get(*index) else { continue };
                    let crl = &held.item;
                    keep(&mut self.found.pieces.crls, crl.der());
                    let signed = |one: &&Certificate| {
                        one.subject().matches(crl.issuer()) && crl.is_signed_by(one.spki_der()) == Ok(true)
                    };
                    let signer = if signed(&issuer) { None } else { pool.iter().find(signed) };
                    if let Some(signer) = signer {
                        let companions = pool.to_vec();
                        self.follow(&Party { certificate: signer.clone(), companions, proven: Some(at) });
                    }
                }
            }
        }
    }

    /// Now, when evidence was made that is newer than the proven time, and that time itself.
    fn times(&self, proven: Option<Time>) -> Vec<Time> {
        let mut times = vec![self.from.at];
        if let Some(proven) = proven {
            let lists = self.evidence.crls().iter().map(|held| held.item.this_update());
            let answers = self.evidence.responses().iter().map(|held| held.item.produced_at());
            let range = proven..=self.from.at;
            let mut made: Vec<Time> = lists.chain(answers).filter(|made| range.contains(made)).collect();
            made.sort_unstable_by(|a, b| b.cmp(a));
            made.dedup();
            times.extend(made.into_iter().take(MOST_TIMES - 2));
            times.push(proven);
        }
        times
    }

    fn miss(&mut self, missing: Missing) {
        if !self.found.missing.contains(&missing) {
            self.found.missing.push(missing);
        }
    }
}

fn keep(list: &mut Vec<Vec<u8>>, der: &[u8]) {
    if !list.iter().any(|kept| kept == der) {
        list.push(der.to_vec());
    }
}

/// The OCSPResponse: a store takes no BasicOCSPResponse alone, as CMS keeps it (RFC 5940).
fn whole(response: &Response) -> Vec<u8> {
    if response.der() != response.basic() {
        return response.der().to_vec();
    }
    let bytes = der::sequence(&[&der::oid(OCSP_BASIC), &der::octet_string(response.basic())]);
    der::sequence(&[&der::element(ENUMERATED, &[0]), &der::container(tag::context(0), &[&bytes])])
}
