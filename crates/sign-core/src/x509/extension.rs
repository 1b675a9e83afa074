//! Certificate extensions (RFC 5280 4.2) turned into owned facts.

use super::constraints::NameConstraints;
use super::distribution::{DistributionPoint, named_bits};
use super::general_name::GeneralName;
use crate::crypto::der::{DerError, Reader, Tlv, tag};

const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub(super) const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const ISSUER_ALT_NAME: &str = "2.5.29.18";
pub(super) const NAME_CONSTRAINTS: &str = "2.5.29.30";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const POLICY_MAPPINGS: &str = "2.5.29.33";
const POLICY_CONSTRAINTS: &str = "2.5.29.36";
const FRESHEST_CRL: &str = "2.5.29.46";
const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
/// RFC 3739 3.2.6.
const QC_STATEMENTS: &str = "1.3.6.1.5.5.7.1.3";
/// id-pkix-ocsp-nocheck (RFC 6960 4.2.2.2.1).
const OCSP_NOCHECK: &str = "1.3.6.1.5.5.7.48.1.5";
/// id-etsi-qcs-QcType (EN 319 412-5 4.2.3).
const QC_TYPE: &str = "0.4.0.1862.1.6";
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// Addresses kept per kind: more is noise or an attack.
const MAX_URLS: usize = 16;
/// Policies and policy mappings that are looked at in one certificate. More is malformed: the work of
/// following policies grows with their product.
const MAX_POLICIES: usize = 256;

/// basicConstraints (RFC 5280 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// The subject is a certification authority.
    pub ca: bool,
    /// How many non-self-issued authorities may follow below it.
    pub path_length: Option<u32>,
}

/// keyUsage (RFC 5280 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the standard")]
#[allow(clippy::struct_excessive_bools)]
pub struct KeyUsage {
    pub digital_signature: bool,
    /// nonRepudiation by its old name.
    pub content_commitment: bool,
    pub key_cert_sign: bool,
    pub crl_sign: bool,
    /// All nine, digitalSignature in the lowest bit.
    pub bits: u16,
}

/// policyConstraints (RFC 5280 4.2.1.11): after how many more certificates each rule begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyConstraints {
    /// requireExplicitPolicy.
    pub require_explicit: Option<u32>,
    /// inhibitPolicyMapping.
    pub inhibit_mapping: Option<u32>,
}

/// Everything that extensions say.
#[derive(Debug, Clone, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Vec<String>>,
    pub(super) extended_key_usage_critical: bool,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<Vec<u8>>,
    /// None: no certificatePolicies at all.
    pub(super) policies: Option<Vec<String>>,
    /// Issuer domain policy, subject domain policy.
    pub(super) policy_mappings: Vec<(String, String)>,
    pub(super) policy_constraints: PolicyConstraints,
    pub(super) inhibit_any_policy: Option<u32>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) subject_names: Vec<GeneralName>,
    pub(super) distribution_points: Vec<DistributionPoint>,
    pub(super) freshest: Vec<DistributionPoint>,
    pub(super) ca_issuers: Vec<String>,
    pub(super) ocsp: Vec<String>,
    pub(super) crl: Vec<String>,
    pub(super) qc_types: Vec<String>,
    pub(super) qc_statements: Vec<String>,
    pub(super) ocsp_nocheck: bool,
    /// Critical ones that are not understood (RFC 5280 4.2: must be rejected).
    pub(super) unknown_critical: Vec<String>,
    /// Known ones that are malformed, and any that occurs twice.
    pub(super) malformed: Vec<String>,
    /// Every critical one.
    pub(super) critical: Vec<String>,
}

/// One extension as written.
pub(super) struct Extension<'a> {
    pub(super) oid: String,
    pub(super) critical: bool,
    pub(super) value: std::borrow::Cow<'a, [u8]>,
}

/// Extensions of one certificate, list or answer.
const MAX_EXTENSIONS: usize = 256;

impl<'a> Extension<'a> {
    /// Reads `SEQUENCE OF Extension`, which must be all of `content`.
    pub(super) fn read_all(content: &'a [u8]) -> Result<Vec<Self>, DerError> {
        let mut outer = Reader::new(content);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        let mut all = Vec::new();
        while !inside.is_empty() {
            // More stand in no honest structure, and they are compared with each other.
            if all.len() == MAX_EXTENSIONS {
                return Err(DerError::TrailingBytes);
            }
            all.push(Self::read(inside.expect(tag::SEQUENCE)?)?);
        }
        Ok(all)
    }

    pub(super) fn read(element: Tlv<'a>) -> Result<Self, DerError> {
        let mut inside = element.reader();
        let oid = inside.expect(tag::OID)?.oid()?;
        let critical = inside.optional(tag::BOOLEAN)?.is_some_and(is_true);
        let value = inside.read()?.octets()?;
        inside.finish()?;
        Ok(Self { oid, critical, value })
    }
}

/// DER writes 0xff; BER any other but zero.
fn is_true(boolean: Tlv<'_>) -> bool {
    boolean.content.iter().any(|&byte| byte != 0)
}

impl Extensions {
    pub(super) fn read(all: &[Extension<'_>]) -> Self {
        let mut facts = Self::default();
        let mut seen = std::collections::HashSet::new();
        for extension in all {
            let oid = &extension.oid;
            if extension.critical {
                facts.critical.push(oid.clone());
            }
            if !seen.insert(oid.as_str()) {
                facts.malformed.push(oid.clone());
                continue;
            }
            match facts.take(extension) {
                Ok(true) => {}
                Ok(false) if extension.critical => facts.unknown_critical.push(oid.clone()),
                Ok(false) => {}
                Err(_) => facts.malformed.push(oid.clone()),
            }
        }
        facts
    }

    /// Whether the extension is one that is understood here.
    fn take(&mut self, extension: &Extension<'_>) -> Result<bool, DerError> {
        let value = &*extension.value;
        match extension.oid.as_str() {
            BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(value)?),
            KEY_USAGE => self.key_usage = Some(key_usage(value)?),
            EXTENDED_KEY_USAGE => {
                self.extended_key_usage = Some(oids(value)?);
                self.extended_key_usage_critical = extension.critical;
            }
            SUBJECT_KEY_ID => self.subject_key_id = Some(whole(value, tag::OCTET_STRING)?.content.to_vec()),
            AUTHORITY_KEY_ID => self.authority_key_id = authority_key_id(value)?,
            SUBJECT_ALT_NAME => {
                self.subject_names = GeneralName::read_all(whole(value, tag::SEQUENCE)?.content)?;
            }
            ISSUER_ALT_NAME => {
                GeneralName::read_all(whole(value, tag::SEQUENCE)?.content)?;
            }
            NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::read(value)?),
            CRL_DISTRIBUTION_POINTS => {
                self.distribution_points = DistributionPoint::read_all(value)?;
                let urls = self.distribution_points.iter().flat_map(DistributionPoint::urls);
                self.crl = urls.take(MAX_URLS).map(str::to_owned).collect();
            }
            FRESHEST_CRL => self.freshest = DistributionPoint::read_all(value)?,
            CERTIFICATE_POLICIES => self.policies = Some(policies(value)?),
            POLICY_MAPPINGS => self.policy_mappings = policy_mappings(value)?,
            POLICY_CONSTRAINTS => self.policy_constraints = policy_constraints(value)?,
            INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(saturated(whole(value, tag::INTEGER)?)?);
            }
            AUTHORITY_INFO_ACCESS => self.take_access(value)?,
            QC_STATEMENTS => self.take_qc_statements(value)?,
            OCSP_NOCHECK => self.ocsp_nocheck = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// SEQUENCE OF AccessDescription (RFC 5280 4.2.2.1).
    fn take_access(&mut self, value: &[u8]) -> Result<(), DerError> {
        let mut inside = whole(value, tag::SEQUENCE)?.reader();
        while !inside.is_empty() {
            let mut description = inside.expect(tag::SEQUENCE)?.reader();
            let method = description.expect(tag::OID)?.oid()?;
            let place = GeneralName::read(description.read()?)?;
            let urls = match method.as_str() {
                CA_ISSUERS => &mut self.ca_issuers,
                OCSP => &mut self.ocsp,
                _ => continue,
            };
            if let GeneralName::Uri(url) = place
                && urls.len() < MAX_URLS
            {
                urls.push(url);
            }
        }
        Ok(())
    }

    /// QCStatements ::= SEQUENCE OF SEQUENCE { statementId, statementInfo OPTIONAL }.
    fn take_qc_statements(&mut self, value: &[u8]) -> Result<(), DerError> {
        let mut statements = Reader::new(value).expect(tag::SEQUENCE)?.reader();
        while !statements.is_empty() {
            let mut statement = statements.expect(tag::SEQUENCE)?.reader();
            let id = statement.expect(tag::OID)?.oid()?;
            if id == QC_TYPE {
                self.qc_types = oids(statement.rest())?;
            }
            self.qc_statements.push(id);
        }
        Ok(())
    }
}

/// The one element that `value` is.
pub(super) fn whole(value: &[u8], tag: u8) -> Result<Tlv<'_>, DerError> {
    let mut outer = Reader::new(value);
    let element = outer.expect(tag)?;
    outer.finish()?;
    Ok(element)
}

/// A non-negative INTEGER; one beyond 32 bits counts as the largest, which no path reaches.
fn saturated(element: Tlv<'_>) -> Result<u32, DerError> {
    match element.content {
        [] | [0x80..=0xff, ..] => Err(DerError::BadInteger),
        digits => Ok(digits.iter().fold(0_u32, |sum, &byte| {
            sum.checked_mul(256).and_then(|sum| sum.checked_add(u32::from(byte))).unwrap_or(u32::MAX)
        })),
    }
}

fn basic_constraints(value: &[u8]) -> Result<BasicConstraints, DerError> {
    let mut inside = whole(value, tag::SEQUENCE)?.reader();
    let ca = inside.optional(tag::BOOLEAN)?.is_some_and(is_true);
    let path_length = inside.optional(tag::INTEGER)?.map(saturated).transpose()?;
    inside.finish()?;
    Ok(BasicConstraints { ca, path_length })
}

fn key_usage(value: &[u8]) -> Result<KeyUsage, DerError> {
    let bits = named_bits(whole(value, tag::BIT_STRING)?.content)? & 0x1ff;
    let has = |bit: u32| bits & (1 << bit) != 0;
    Ok(KeyUsage {
        digital_signature: has(0),
        content_commitment: has(1),
        key_cert_sign: has(5),
        crl_sign: has(6),
        bits,
    })
}

/// The keyIdentifier of AuthorityKeyIdentifier.
pub(super) fn authority_key_id(value: &[u8]) -> Result<Option<Vec<u8>>, DerError> {
    let mut inside = whole(value, tag::SEQUENCE)?.reader();
    let id = inside.optional(tag::context_primitive(0))?.map(|id| id.content.to_vec());
    if let Some(issuer) = inside.optional(tag::context(1))? {
        GeneralName::read_all(issuer.content)?;
    }
    inside.optional(tag::context_primitive(2))?;
    inside.finish()?;
    Ok(id)
}

/// Policy identifiers; their qualifiers are for people and not looked at (RFC 5280 4.2.1.4).
fn policies(value: &[u8]) -> Result<Vec<String>, DerError> {
    let mut inside = whole(value, tag::SEQUENCE)?.reader();
    let mut found: Vec<String> = Vec::new();
    while !inside.is_empty() {
        let id = inside.expect(tag::SEQUENCE)?.reader().expect(tag::OID)?.oid()?;
        // "A certificate policy OID MUST NOT appear more than once."
        if found.contains(&id) || found.len() == MAX_POLICIES {
            return Err(DerError::TrailingBytes);
        }
        found.push(id);
    }
    if found.is_empty() { Err(DerError::Truncated) } else { Ok(found) }
}

fn policy_mappings(value: &[u8]) -> Result<Vec<(String, String)>, DerError> {
    let mut inside = whole(value, tag::SEQUENCE)?.reader();
    let mut found = Vec::new();
    while !inside.is_empty() {
        let mut pair = inside.expect(tag::SEQUENCE)?.reader();
        if found.len() == MAX_POLICIES {
            return Err(DerError::TrailingBytes);
        }
        found.push((pair.expect(tag::OID)?.oid()?, pair.expect(tag::OID)?.oid()?));
        pair.finish()?;
    }
    if found.is_empty() { Err(DerError::Truncated) } else { Ok(found) }
}

fn policy_constraints(value: &[u8]) -> Result<PolicyConstraints, DerError> {
    let mut inside = whole(value, tag::SEQUENCE)?.reader();
    let require_explicit = inside.optional(tag::context_primitive(0))?.map(saturated).transpose()?;
    let inhibit_mapping = inside.optional(tag::context_primitive(1))?.map(saturated).transpose()?;
    inside.finish()?;
    if require_explicit.or(inhibit_mapping).is_none() {
        return Err(DerError::Truncated);
    }
    Ok(PolicyConstraints { require_explicit, inhibit_mapping })
}

/// SEQUENCE OF OBJECT IDENTIFIER.
fn oids(bytes: &[u8]) -> Result<Vec<String>, DerError> {
    let mut inside = Reader::new(bytes).expect(tag::SEQUENCE)?.reader();
    let mut found = Vec::new();
    while !inside.is_empty() {
        found.push(inside.expect(tag::OID)?.oid()?);
    }
    Ok(found)
}
