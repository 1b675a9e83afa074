//! Meets the seed values of the field to be signed (ISO 32000-2 table 237), or says which it cannot.
//!
//! A binding constraint that only needs a choice the caller left open is met by that choice: the only
//! allowed reason, the certification asked for. Others are compared with what will be written.

use super::SignError;
use super::options::{DocMdp, SignRequest};
use super::prepare::{FILTER, SUB_FILTER};
use crate::crypto::digest::DigestAlgorithm;
use crate::pades::seed::{CertificateSeed, Constraint, LockDocument, SeedValue};
use crate::x509::certificate::Certificate;

/// Newest software version a field may ask for: 3 is PDF 2.0.
const VERSION: f64 = 3.0;

/// What seed values ask about: the field and what it will be signed with.
pub(super) struct Asked<'a> {
    /// Name of the field, for refusals.
    pub(super) field: &'a str,
    pub(super) digest: DigestAlgorithm,
    /// The signer's certificate and those that came with it, DER.
    pub(super) certificate: &'a Certificate,
    pub(super) chain: &'a [Vec<u8>],
    /// Signatures the document has.
    pub(super) signatures: usize,
    /// Whether the field's own lock closes the whole document (/P 1).
    pub(super) locks_document: bool,
}

impl Asked<'_> {
    /// The request with the choices that the seed values make.
    ///
    /// # Errors
    /// [`SignError::SeedValueUnmet`].
    pub(super) fn meet(&self, seed: &SeedValue, request: &SignRequest) -> Result<SignRequest, SignError> {
        let mut request = request.clone();
        self.check_format(seed)?;
        self.check_content(seed)?;
        self.choose_reason(seed, &mut request)?;
        self.choose_certification(seed, &mut request)?;
        self.check_lock(seed, &request)?;
        if let Some(certificate) = &seed.certificate {
            self.check_certificate(certificate)?;
        }
        Ok(request)
    }

    fn unmet<T>(&self, key: &str, wanted: impl AsRef<str>) -> Result<T, SignError> {
        let constraint = format!("{key} {}", wanted.as_ref()).trim_end().to_owned();
        Err(SignError::SeedValueUnmet { field: self.field.into(), constraint })
    }

    fn check_format(&self, seed: &SeedValue) -> Result<(), SignError> {
        let binding = |constraint| seed.requires(constraint);
        if let Some(filter) =
            seed.filter.as_ref().filter(|name| binding(Constraint::Filter) && *name != FILTER)
        {
            return self.unmet("Filter", filter);
        }
        let offered = &seed.sub_filters;
        if binding(Constraint::SubFilter)
            && !offered.is_empty()
            && !offered.iter().any(|name| name == SUB_FILTER)
        {
            return self.unmet("SubFilter", offered.join(", "));
        }
        let version = seed.version.filter(|version| binding(Constraint::Version) && *version > VERSION);
        if let Some(version) = version {
            return self.unmet("V", version.to_string());
        }
        let is_ours = |name: &String| DigestAlgorithm::from_name(name) == Some(self.digest);
        let digests = &seed.digests;
        if binding(Constraint::DigestMethod) && !digests.is_empty() && !digests.iter().any(is_ours) {
            return self.unmet("DigestMethod", digests.join(", "));
        }
        Ok(())
    }

    /// What this version writes into no signature.
    fn check_content(&self, seed: &SeedValue) -> Result<(), SignError> {
        if let Some((address, true)) = &seed.time_stamp {
            return self.unmet("TimeStamp", address);
        }
        if seed.requires(Constraint::AddRevInfo) && seed.revocation_info == Some(true) {
            return self.unmet("AddRevInfo", "true");
        }
        if seed.requires(Constraint::LegalAttestation) && !seed.legal_attestations.is_empty() {
            return self.unmet("LegalAttestation", seed.legal_attestations.join(", "));
        }
        match &seed.appearance_filter {
            Some(name) if seed.requires(Constraint::AppearanceFilter) => self.unmet("AppearanceFilter", name),
            _ => Ok(()),
        }
    }

    /// Table 237: binding and empty, or a single full stop, means that there shall be no reason.
    fn choose_reason(&self, seed: &SeedValue, request: &mut SignRequest) -> Result<(), SignError> {
        let Some(reasons) = seed.reasons.as_deref().filter(|_| seed.requires(Constraint::Reasons)) else {
            return Ok(());
        };
        let none_wanted = reasons.is_empty() || reasons == ["."];
        match (&request.reason, reasons) {
            (None, _) if none_wanted => Ok(()),
            (Some(_), _) if none_wanted => self.unmet("Reasons", "()"),
            (Some(reason), _) if reasons.contains(reason) => Ok(()),
            (None, [only]) => {
                request.reason = Some(only.clone());
                Ok(())
            }
            _ => self.unmet("Reasons", reasons.join(", ")),
        }
    }

    /// `/MDP` binds by itself: 0 is an approval signature, 1 to 3 a certification.
    fn choose_certification(&self, seed: &SeedValue, request: &mut SignRequest) -> Result<(), SignError> {
        let Some(p) = seed.mdp else { return Ok(()) };
        let wanted = DocMdp::from_p(p);
        let fits = match request.certify {
            Some(certify) => Some(certify) == wanted,
            None => wanted.is_none() || self.signatures == 0,
        };
        if !fits || !(0..=3).contains(&p) {
            return self.unmet("MDP", format!("P {p}"));
        }
        request.certify = wanted;
        Ok(())
    }

    fn check_lock(&self, seed: &SeedValue, request: &SignRequest) -> Result<(), SignError> {
        let locks = self.locks_document || request.certify == Some(DocMdp::NoChanges);
        let binding = seed.requires(Constraint::LockDocument);
        match seed.lock_document {
            Some(LockDocument::Locked) if binding && !locks => self.unmet("LockDocument", "true"),
            Some(LockDocument::Open) if binding && locks => self.unmet("LockDocument", "false"),
            _ => Ok(()),
        }
    }

    /// Table 238; its bits are its own.
    fn check_certificate(&self, seed: &CertificateSeed) -> Result<(), SignError> {
        let binding = |bit: i64| seed.flags & (1 << (bit - 1)) != 0;
        let is_in_chain = |wanted: &Vec<u8>| self.chain.contains(wanted);
        let own = self.certificate;
        if binding(1) && !seed.subjects.is_empty() && !seed.subjects.iter().any(|der| der == own.der()) {
            return self.unmet("Cert", "Subject");
        }
        if binding(2) && !seed.issuers.is_empty() && !seed.issuers.iter().any(is_in_chain) {
            return self.unmet("Cert", "Issuer");
        }
        if binding(3)
            && !seed.policies.is_empty()
            && !seed.policies.iter().any(|oid| own.policies().contains(oid))
        {
            return self.unmet("Cert", format!("OID {}", seed.policies.join(", ")));
        }
        let is_named = |attributes: &Vec<(String, String)>| {
            attributes.iter().all(|(key, text)| own.subject().has(key, text))
        };
        if binding(4) && !seed.names.is_empty() && !seed.names.iter().any(is_named) {
            return self.unmet("Cert", "SubjectDN");
        }
        if binding(6) && !seed.key_usages.is_empty() && !seed.key_usages.iter().any(|usage| fits(own, usage))
        {
            return self.unmet("Cert", format!("KeyUsage {}", seed.key_usages.join(", ")));
        }
        Ok(())
    }
}

/// A pattern over the nine key usage bits, `X` for any. No extension means all are allowed.
fn fits(certificate: &Certificate, pattern: &str) -> bool {
    let Some(usage) = certificate.key_usage() else { return true };
    pattern.chars().take(9).enumerate().all(|(bit, wanted)| match wanted {
        '0' => usage.bits & (1 << bit) == 0,
        '1' => usage.bits & (1 << bit) != 0,
        _ => true,
    })
}
