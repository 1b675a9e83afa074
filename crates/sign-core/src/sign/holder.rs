//! Whose key it is and whether the certificate still counts, asked before anything is signed.
//!
//! TT 15/2025/TT-BKHCN wants the signer and the validity of the certificate checked before signing. Validity
//! period, key usage and strength are refused by [`super::prepare`], whoever signs; here is what takes
//! evidence (revocation) or sense (a person's certificate under a seal). Trust is no question here: nobody can
//! revoke a certificate but who signed it, and that signature is checked.

use super::SignError;
use super::options::Role;
use crate::limits::Limits;
use crate::time::Time;
use crate::trust::evidence::Evidence;
use crate::trust::signer::{SignerClass, signer_class};
use crate::trust::status::{StatusInputs, Statuses};
use crate::x509::Certificate;
use crate::x509::crl::status::Status;

/// Authorities above a certificate that are looked at.
const MOST_ISSUERS: usize = 8;
/// A certificate that ends within so many seconds is announced: renewing one takes an office weeks.
const SOON: i64 = 60 * 86_400;

/// What was found out about the signer's certificate. Nothing in it forbids to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The certificate.
    pub certificate: Certificate,
    /// Those above it, as far as they are at hand; by their names alone if there is no evidence, since nothing
    /// rests on them then.
    pub issuers: Vec<Certificate>,
    /// Its revocation status, and that of the authorities above it.
    pub status: KnownStatus,
    /// What the signer's status rests on, as in `ocsp, given`.
    pub source: Option<String>,
    /// What the signer should know first: codes of `report::words`, each with what it is about.
    pub warnings: Vec<(&'static str, String)>,
}

/// What the evidence says of a certificate that is not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownStatus {
    /// Not revoked, nor are the authorities above it, as far as they are at hand.
    Good,
    /// The evidence there is cannot be used.
    Unknown,
    /// There is no evidence.
    NotChecked,
}

impl KnownStatus {
    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::NotChecked => "not_checked",
        }
    }
}

/// Checks the certificate of a key (leaf first, DER) before it signs in this role at `at`.
///
/// # Errors
/// [`SignError::CertificateRevoked`] for it or an authority above it; [`SignError::NoCertificate`] and
/// [`SignError::Certificate`] without a certificate that can be read.
pub fn check(
    chain: &[Vec<u8>],
    role: Role,
    evidence: &Evidence,
    at: Time,
    limits: &Limits,
) -> Result<Checked, SignError> {
    let certificate = Certificate::parse(chain.first().ok_or(SignError::NoCertificate)?)?;
    let nothing = evidence.crls().is_empty() && evidence.responses().is_empty();
    let issuers =
        issuers(&certificate, chain, evidence, if nothing { Told::ByName } else { Told::BySignature })?;
    let mut warnings = Vec::new();
    let (status, source) = status(&certificate, &issuers, evidence, at, limits)?;
    let name = certificate.subject().display_name();
    match status {
        KnownStatus::Good => {}
        KnownStatus::Unknown => warnings.push(("signer_status_unknown", name.clone())),
        KnownStatus::NotChecked => warnings.push(("signer_status_not_checked", name.clone())),
    }
    if let Some(code) = unfit(role, signer_class(&certificate)) {
        warnings.push((code, name));
    }
    let left = certificate.not_after().unix().saturating_sub(at.unix());
    if (0..SOON).contains(&left) {
        warnings.push(("signer_expires_soon", certificate.not_after().to_string()));
    }
    Ok(Checked { certificate, issuers, status, source, warnings })
}

/// NĐ 30/2020 Điều 13, 32: the competent person signs, the organisation seals.
fn unfit(role: Role, class: SignerClass) -> Option<&'static str> {
    let by_person = match role {
        Role::Leader | Role::Initials => true,
        Role::Seal | Role::Copy | Role::Appendix | Role::Incoming => false,
        Role::Approval => return (class == SignerClass::Tsa).then_some("signer_is_time_stamping_unit"),
    };
    match (class, by_person) {
        (SignerClass::Tsa, _) => Some("signer_is_time_stamping_unit"),
        (SignerClass::Unknown, _) => Some("signer_class_unknown"),
        (SignerClass::Organisation, true) => Some("signer_is_organisation"),
        (SignerClass::Personal, false) => Some("signer_is_person"),
        (SignerClass::Personal, true) | (SignerClass::Organisation, false) => None,
    }
}

/// How an issuer is told. Signatures are checked where a status rests on them: that takes longer than signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    ByName,
    BySignature,
}

/// Those above the certificate.
fn issuers(
    certificate: &Certificate,
    chain: &[Vec<u8>],
    evidence: &Evidence,
    told: Told,
) -> Result<Vec<Certificate>, SignError> {
    let mut pool = Vec::new();
    for der in chain.iter().skip(1) {
        pool.push(Certificate::parse(der)?);
    }
    pool.extend(evidence.certificates().iter().map(|held| held.item.clone()));
    let mut issuers: Vec<Certificate> = Vec::new();
    while issuers.len() < MOST_ISSUERS {
        let below = issuers.last().unwrap_or(certificate);
        if below.is_self_issued() {
            break;
        }
        let is_issuer = |other: &&Certificate| {
            other.subject().matches(below.issuer())
                && !issuers.contains(other)
                && (told == Told::ByName || below.is_signed_by(other.spki_der()).unwrap_or(false))
        };
        match pool.iter().find(is_issuer) {
            Some(issuer) => issuers.push(issuer.clone()),
            None => break,
        }
    }
    Ok(issuers)
}

fn status(
    certificate: &Certificate,
    issuers: &[Certificate],
    evidence: &Evidence,
    at: Time,
    limits: &Limits,
) -> Result<(KnownStatus, Option<String>), SignError> {
    if evidence.crls().is_empty() && evidence.responses().is_empty() {
        return Ok((KnownStatus::NotChecked, None));
    }
    let Some(top) = issuers.last() else { return Ok((KnownStatus::Unknown, None)) };
    let inputs =
        StatusInputs { at, pool: issuers, anchors: std::slice::from_ref(top), limits, existed: None };
    let statuses = Statuses::new(evidence, inputs);
    let (mut worst, mut source) = (KnownStatus::Good, None);
    for (index, (below, issuer)) in std::iter::once(certificate).chain(issuers).zip(issuers).enumerate() {
        let found = statuses.of(below, issuer);
        if index == 0 {
            source = found.source.as_ref().map(ToString::to_string);
        }
        match found.status {
            Status::Good => {}
            Status::Revoked(entry) => {
                let (subject, revoked_at) = (below.subject().to_string(), entry.revoked_at);
                return Err(SignError::CertificateRevoked { subject, revoked_at });
            }
            Status::Unknown => worst = KnownStatus::Unknown,
        }
    }
    Ok((worst, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::{Made, NOT_AFTER, NOT_BEFORE, Spec, key};
    use crate::crypto::{der, der::tag};
    use crate::trust::Origin;
    use crate::x509::testing::{ListDraft, generalized, number};

    const AT: i64 = NOT_BEFORE + 5_000_000;

    struct People {
        root: Made,
        issuing: Made,
        leader: Made,
        office: Made,
    }

    fn people() -> People {
        let root = Spec::root(&[("CN", "TEST Root")]).make();
        let issuing =
            Spec { issuer: Some(&root), serial: 2, key: key("p384"), ..Spec::root(&[("CN", "TEST CA")]) };
        let issuing = issuing.make();
        let person = [("O", "UBND xã"), ("title", "Chủ tịch"), ("CN", "Trần Văn A")];
        let leader = Spec { serial: 3, ..Spec::leaf(&person, &issuing) }.make();
        let office =
            Spec { serial: 4, ..Spec::leaf(&[("O", "UBND xã"), ("CN", "UBND xã")], &issuing) }.make();
        People { root, issuing, leader, office }
    }

    /// A list by an authority, good for a day before and after [`AT`].
    fn list(authority: &Made, key: &'static str, revoked: &[u8]) -> Vec<u8> {
        let certificate = Certificate::parse(&authority.der()).unwrap();
        let entries = revoked.iter().map(|serial| {
            der::sequence(&[&der::element(tag::INTEGER, &[*serial]), &generalized(AT - 1_000)])
        });
        ListDraft {
            issuer: certificate.raw_subject().to_vec(),
            signer: key,
            this_update: AT - 86_400,
            next_update: Some(AT + 86_400),
            entries: entries.collect(),
            extensions: vec![number("2.5.29.20", false, 7)],
        }
        .der()
    }

    fn evidence(lists: &[Vec<u8>], certificates: &[&Made]) -> Evidence {
        let mut evidence = Evidence::none();
        for list in lists {
            evidence.add_crl(list, Origin::Given).unwrap();
        }
        for made in certificates {
            evidence.add_certificate(&made.der(), Origin::Given).unwrap();
        }
        evidence
    }

    /// Status and codes, or the refusal.
    fn said(chain: &[&Made], role: Role, evidence: &Evidence, at: i64) -> String {
        let chain: Vec<Vec<u8>> = chain.iter().map(|made| made.der()).collect();
        match check(&chain, role, evidence, Time::from_unix(at), &Limits::default()) {
            Err(error) => error.code().to_owned(),
            Ok(checked) => {
                let codes = checked.warnings.iter().map(|(code, _)| format!(" {code}"));
                format!("{}{}", checked.status.word(), codes.collect::<String>())
            }
        }
    }

    #[test]
    fn a_revoked_certificate_signs_nothing_and_an_unknown_status_is_a_warning() {
        let all = people();
        let chain = [&all.leader, &all.issuing, &all.root];
        let (good, revoked) = (list(&all.issuing, "p384", &[9]), list(&all.issuing, "p384", &[3]));
        let (root_good, root_revoked) = (list(&all.root, "p256", &[9]), list(&all.root, "p256", &[2]));
        let forged = list(&all.issuing, "p521", &[3]);
        let own = |lists: &[&Vec<u8>]| {
            let lists: Vec<Vec<u8>> = lists.iter().map(|list| (*list).clone()).collect();
            said(&chain, Role::Leader, &evidence(&lists, &[]), AT)
        };
        assert_eq!(own(&[]), "not_checked signer_status_not_checked");
        assert_eq!(own(&[&good, &root_good]), "good");
        assert_eq!(own(&[&revoked]), "certificate_revoked");
        assert_eq!(own(&[&good, &root_revoked]), "certificate_revoked", "the authority above");
        assert_eq!(own(&[&good]), "unknown signer_status_unknown", "nothing is known of the authority");
        // Neither does a stranger's list block, nor one that is out of date say anything.
        assert_eq!(own(&[&forged, &root_good]), "unknown signer_status_unknown");
        let stale = evidence(&[good.clone(), root_good.clone()], &[]);
        assert_eq!(said(&chain, Role::Leader, &stale, AT + 40 * 86_400), "unknown signer_status_unknown");
        // A key that comes with its own certificate alone: the issuers are evidence as well.
        let leaf = [&all.leader];
        let lists = [revoked, root_good];
        assert_eq!(said(&leaf, Role::Leader, &evidence(&lists, &[]), AT), "unknown signer_status_unknown");
        let whole = evidence(&lists, &[&all.issuing, &all.root]);
        assert_eq!(said(&leaf, Role::Leader, &whole, AT), "certificate_revoked");
        assert_eq!(said(&[], Role::Leader, &whole, AT), "no_certificate");
    }

    #[test]
    fn the_certificate_should_fit_the_role() {
        let all = people();
        let nobody = Spec { serial: 5, ..Spec::leaf(&[("CN", "Service")], &all.issuing) }.make();
        let lists = [list(&all.issuing, "p384", &[9]), list(&all.root, "p256", &[9])];
        let evidence = evidence(&lists, &[]);
        let persons = [Role::Leader, Role::Initials];
        let organisations = [Role::Seal, Role::Copy, Role::Appendix, Role::Incoming];
        let of = |leaf: &Made, role| said(&[leaf, &all.issuing, &all.root], role, &evidence, AT);
        for role in persons {
            assert_eq!(of(&all.leader, role), "good", "{role:?}");
            assert_eq!(of(&all.office, role), "good signer_is_organisation", "{role:?}");
        }
        for role in organisations {
            assert_eq!(of(&all.office, role), "good", "{role:?}");
            assert_eq!(of(&all.leader, role), "good signer_is_person", "{role:?}");
        }
        assert_eq!(of(&nobody, Role::Leader), "good signer_class_unknown");
        for leaf in [&all.leader, &all.office, &nobody] {
            assert_eq!(of(leaf, Role::Approval), "good");
        }
        let last_month = NOT_AFTER - 30 * 86_400;
        let chain = [&all.leader, &all.issuing, &all.root];
        let none = Evidence::none();
        let soon = said(&chain, Role::Leader, &none, last_month);
        assert_eq!(soon, "not_checked signer_status_not_checked signer_expires_soon");
    }
}
