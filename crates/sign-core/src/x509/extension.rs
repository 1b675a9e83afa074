//! Certificate extensions (RFC 5280 4.2) turned into owned facts.

use crate::crypto::der::{DerError, Reader, tag};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension as P, X509Extension};

/// OID of qcStatements (RFC 3739 3.2.6).
const QC_STATEMENTS: &str = "1.3.6.1.5.5.7.1.3";
/// id-etsi-qcs-QcType (EN 319 412-5 4.2.3).
const QC_TYPE: &str = "0.4.0.1862.1.6";
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// Addresses kept per kind: more is noise or an attack.
const MAX_URLS: usize = 16;

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

/// Everything that extensions say.
#[derive(Debug, Clone, Default)]
pub(super) struct Extensions {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Vec<String>>,
    pub(super) extended_key_usage_critical: bool,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<Vec<u8>>,
    pub(super) policies: Vec<String>,
    pub(super) ca_issuers: Vec<String>,
    pub(super) ocsp: Vec<String>,
    pub(super) crl: Vec<String>,
    pub(super) email_names: Vec<String>,
    pub(super) qc_types: Vec<String>,
    pub(super) qc_statements: Vec<String>,
    /// Critical ones that were not understood or not obeyed (RFC 5280 4.2: must be rejected).
    pub(super) unknown_critical: Vec<String>,
    /// Known ones that are malformed, or that occur twice.
    pub(super) malformed: Vec<String>,
}

impl Extensions {
    pub(super) fn read(all: &[X509Extension<'_>]) -> Self {
        let mut facts = Self::default();
        let mut seen = std::collections::HashSet::new();
        for extension in all {
            let oid = extension.oid.to_id_string();
            if !seen.insert(oid.clone()) {
                facts.malformed.push(oid);
                continue;
            }
            match facts.take(extension, &oid) {
                Taken::Yes => {}
                Taken::Malformed => facts.malformed.push(oid),
                Taken::No if extension.critical => facts.unknown_critical.push(oid),
                Taken::No => {}
            }
        }
        facts
    }

    fn take(&mut self, extension: &X509Extension<'_>, oid: &str) -> Taken {
        match extension.parsed_extension() {
            P::BasicConstraints(b) => {
                self.basic_constraints =
                    Some(BasicConstraints { ca: b.ca, path_length: b.path_len_constraint });
            }
            P::KeyUsage(usage) => {
                self.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    content_commitment: usage.non_repudiation(),
                    key_cert_sign: usage.key_cert_sign(),
                    crl_sign: usage.crl_sign(),
                    bits: usage.flags,
                });
            }
            P::ExtendedKeyUsage(_) => match oids(extension.value) {
                Ok(purposes) => {
                    self.extended_key_usage = Some(purposes);
                    self.extended_key_usage_critical = extension.critical;
                }
                Err(_) => return Taken::Malformed,
            },
            P::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.to_vec()),
            P::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            P::CertificatePolicies(policies) => {
                self.policies = policies.iter().map(|policy| policy.policy_id.to_id_string()).collect();
            }
            P::AuthorityInfoAccess(access) => {
                for description in &access.accessdescs {
                    match description.access_method.to_id_string().as_str() {
                        CA_ISSUERS => push_url(&mut self.ca_issuers, &description.access_location),
                        OCSP => push_url(&mut self.ocsp, &description.access_location),
                        _ => {}
                    }
                }
            }
            P::CRLDistributionPoints(points) => {
                for point in &points.points {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                        names.iter().for_each(|name| push_url(&mut self.crl, name));
                    }
                }
            }
            P::SubjectAlternativeName(names) => {
                let emails = names.general_names.iter().filter_map(|name| match name {
                    GeneralName::RFC822Name(email) => Some((*email).to_owned()),
                    _ => None,
                });
                self.email_names = emails.take(MAX_URLS).collect();
            }
            P::IssuerAlternativeName(_) => {}
            P::ParseError { .. } => return Taken::Malformed,
            _ if oid == QC_STATEMENTS => return self.take_qc_statements(extension.value),
            // nameConstraints, policyConstraints, policyMappings and inhibitAnyPolicy are read by the
            // library but not obeyed here: critical ones count as not understood.
            _ => return Taken::No,
        }
        Taken::Yes
    }

    /// QCStatements ::= SEQUENCE OF SEQUENCE { statementId, statementInfo OPTIONAL }.
    fn take_qc_statements(&mut self, value: &[u8]) -> Taken {
        let mut read = || -> Result<(), DerError> {
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
        };
        if read().is_ok() { Taken::Yes } else { Taken::Malformed }
    }
}

enum Taken {
    Yes,
    No,
    Malformed,
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

fn push_url(urls: &mut Vec<String>, name: &GeneralName<'_>) {
    if let GeneralName::URI(url) = name
        && urls.len() < MAX_URLS
    {
        urls.push((*url).to_owned());
    }
}
