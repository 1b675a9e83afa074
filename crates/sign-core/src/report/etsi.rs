//! A report in the form of ETSI TS 119 102-2 (V1.2.1), for programs of others.
//!
//! What that form has no word for stands in its places for own data, under `urn:sign:` names. The
//! certificates are named by their digests; SignatureQuality is left out, for nothing here says whether a
//! signature is a qualified one.

use super::model::{
    ChainLink, ChangeLevel, Coverage, DigestCheck, Finding, Kind, Level, Report, Revocation, SignatureCheck,
    SignatureReport, UsedEvidence,
};
use super::words::facts::StandardName;
use super::words::printable;
use crate::time::Time;
use crate::verdict::{Indication, Severity};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use quick_xml::escape::escape;
use std::collections::BTreeSet;
use std::fmt::Write;

const NAMESPACES: &str = "xmlns=\"http://uri.etsi.org/19102/v1.2.1#\" \
     xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";
/// XML Encryption 5.8.2, named by RFC 9231 2.1.
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// Head of the standard's names.
const ETSI: &str = "urn:etsi:019102";
/// The form wants a report of at least one signature; this is what DSS, the best known writer of the form,
/// says of a document that has none.
const NO_SIGNATURE: &str = "urn:cef:dss:mainindication:noSignatureFound";

/// The report as an XML document, UTF-8.
pub fn render_etsi(report: &Report) -> String {
    let mut out = Xml { text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") };
    out.with("ValidationReport", NAMESPACES, |out| {
        for (index, signature) in report.signatures.iter().enumerate() {
            out.inside("SignatureValidationReport", |out| {
                signature_report(out, report, signature, index + 1)
            });
        }
        if report.signatures.is_empty() {
            out.inside("SignatureValidationReport", |out| {
                signers_document(out, report);
                out.inside("SignatureValidationStatus", |out| out.leaf("MainIndication", NO_SIGNATURE));
            });
        }
        validation_objects(out, report);
    });
    out.text
}

/// Clause 4.3.
fn signature_report(out: &mut Xml, report: &Report, signature: &SignatureReport, number: usize) {
    out.with("SignatureIdentifier", &format!("id=\"S{number}\""), |out| {
        if let Some(value) = &signature.signature_value {
            out.leaf("ds:SignatureValue", value);
        }
        out.leaf("HashOnly", "false");
        out.leaf("DocHashOnly", "false");
        out.leaf("DAIdentifier", &signature.field);
    });
    out.inside("ValidationConstraintsEvaluationReport", |out| constraints(out, report, signature));
    out.inside("ValidationTimeInfo", |out| {
        out.leaf("ValidationTime", &instant(report.verified_at));
        out.inside("BestSignatureTime", |out| {
            out.leaf("POETime", &instant(signature.time.best.unwrap_or(report.verified_at)));
            out.leaf("TypeOfProof", &format!("{ETSI}:poetype:validation"));
        });
    });
    signers_document(out, report);
    out.inside("SignatureAttributes", |out| attributes(out, signature));
    if let Some(certificate) = signature.chain.first() {
        out.inside("SignerInformation", |out| {
            out.reference("SignerCertificate", &id(certificate));
            out.leaf("Signer", signature.signer.name.as_deref().unwrap_or(&certificate.subject));
        });
    }
    out.inside("SignatureValidationProcess", |out| {
        out.leaf("SignatureValidationProcessID", &format!("{ETSI}:validationprocess:{}", process(signature)));
    });
    out.inside("SignatureValidationStatus", |out| status(out, signature, number));
}

/// Clause 4.3.8: the file that was handed in, whatever part of it a signature covers.
fn signers_document(out: &mut Xml, report: &Report) {
    out.inside("SignersDocument", |out| digest(out, &report.file.sha256));
}

/// Clause 4.3.11: which of EN 319 102-1's processes led to the result.
fn process(signature: &SignatureReport) -> &'static str {
    match (signature.level, signature.time.timestamp) {
        (Level::BLta, _) => "LTA",
        (_, Some(_)) => "LTVM",
        (_, None) => "Basic",
    }
}

/// Clause 4.3.5: the policy by its name, and what was checked under it.
fn constraints(out: &mut Xml, report: &Report, signature: &SignatureReport) {
    out.inside("SignatureValidationPolicy", |out| {
        // The policy is the verifier's own; the form's identifier is about policies that signers name.
        out.inside("SignaturePolicyIdentifier", |out| out.empty("xades:SignaturePolicyImplied"));
        out.leaf("PolicyName", &report.policy);
    });
    for (name, outcome) in checks(signature) {
        out.inside("ValidationConstraint", |out| {
            out.leaf("ValidationConstraintIdentifier", &format!("urn:sign:constraint:{name}"));
            out.inside("ConstraintStatus", |out| {
                out.leaf("Status", &format!("{ETSI}:constraintStatus:applied"));
            });
            out.inside("ValidationStatus", |out| {
                out.leaf("MainIndication", &format!("{ETSI}:mainindication:{}", outcome.word()));
            });
        });
    }
}

/// Result of one check.
#[derive(Clone, Copy)]
enum Outcome {
    Passed,
    Failed,
    Open,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Open => "indeterminate",
        }
    }

    fn of(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

fn checks(signature: &SignatureReport) -> [(&'static str, Outcome); 7] {
    let digest = match signature.integrity.digest {
        DigestCheck::Ok => Outcome::Passed,
        DigestCheck::Mismatch => Outcome::Failed,
        DigestCheck::Unchecked => Outcome::Open,
    };
    let value = match signature.integrity.signature {
        SignatureCheck::Ok => Outcome::Passed,
        SignatureCheck::Bad => Outcome::Failed,
        SignatureCheck::Unchecked => Outcome::Open,
    };
    let revocation = match signature.trust.revocation {
        Revocation::Good => Outcome::Passed,
        Revocation::Revoked => Outcome::Failed,
        Revocation::Unknown | Revocation::NotChecked => Outcome::Open,
    };
    let anchor = if signature.trust.anchor.is_some() { Outcome::Passed } else { Outcome::Open };
    [
        ("digest", digest),
        ("signature-value", value),
        ("coverage", Outcome::of(signature.coverage != Coverage::Partial)),
        ("later-changes", Outcome::of(signature.changes.allowed)),
        ("trust-anchor", anchor),
        ("revocation", revocation),
        ("algorithms", Outcome::of(signature.algorithm.acceptable)),
    ]
}

/// Annex A.
fn attributes(out: &mut Xml, signature: &SignatureReport) {
    if let Some(claimed) = signature.time.claimed {
        out.with("SigningTime", "Signed=\"true\"", |out| out.leaf("Time", &instant(claimed)));
    }
    if let Some(stamped) = signature.time.timestamp {
        let (name, signed) = match signature.kind {
            Kind::DocumentTimestamp => ("DocTimeStamp", "Signed=\"true\""),
            _ => ("SignatureTimeStamp", "Signed=\"false\""),
        };
        out.with(name, signed, |out| out.leaf("TimeStampValue", &instant(stamped)));
    }
    out.with("SubFilter", "Signed=\"true\"", |out| out.leaf("SubFilterElement", &signature.sub_filter));
}

/// Clause 4.3.4.
fn status(out: &mut Xml, signature: &SignatureReport, number: usize) {
    let main = match signature.indication {
        Indication::TotalPassed => "total-passed",
        Indication::TotalFailed => "total-failed",
        Indication::Indeterminate => "indeterminate",
    };
    out.leaf("MainIndication", &format!("{ETSI}:mainindication:{main}"));
    if let Some(reason) = signature.sub_indication {
        out.leaf("SubIndication", &format!("{ETSI}:subindication:{}", StandardName(reason)));
    }
    out.inside("AssociatedValidationReportData", |out| {
        certificate_chain(out, signature);
        for evidence in unique(signature.trust.evidence.iter(), |evidence| &evidence.sha256) {
            out.reference("RelatedValidationObject", &evidence_id(evidence));
        }
        if let (Some(revoked), Some(certificate)) = (signature.trust.revoked_at, signature.chain.first()) {
            out.inside("RevocationStatusInformation", |out| {
                out.reference("ValidationObjectId", &id(certificate));
                out.leaf("RevocationTime", &instant(revoked));
                if let Some(evidence) = signature.trust.evidence.first() {
                    out.reference("RevocationObject", &evidence_id(evidence));
                }
            });
        }
        if let Some(algorithm) = algorithm(signature) {
            out.inside("CryptoInformation", |out| {
                out.reference("ValidationObjectId", &format!("S{number}"));
                out.leaf("Algorithm", algorithm);
                out.leaf("SecureAlgorithm", if signature.algorithm.acceptable { "true" } else { "false" });
            });
        }
        out.inside("AdditionalValidationReportData", |out| own_data(out, signature));
    });
}

/// The last certificate is the anchor if the path leads to one.
fn certificate_chain(out: &mut Xml, signature: &SignatureReport) {
    let Some((signer, above)) = signature.chain.split_first() else { return };
    let (anchor, between) = match above.split_last() {
        Some((last, between)) if signature.trust.anchor.is_some() => (Some(last), between),
        // A signer's certificate that is itself the anchor.
        None if signature.trust.anchor.is_some() => (Some(signer), above),
        _ => (None, above),
    };
    if let Some(anchor) = anchor {
        out.reference("TrustAnchor", &id(anchor));
    }
    out.inside("CertificateChain", |out| {
        out.reference("SigningCertificate", &id(signer));
        for certificate in between {
            out.reference("IntermediateCertificate", &id(certificate));
        }
        if let Some(anchor) = anchor {
            out.reference("TrustAnchor", &id(anchor));
        }
    });
}

/// The name of the signature's algorithm (RFC 9231); none where that has no name for it.
fn algorithm(signature: &SignatureReport) -> Option<&'static str> {
    let (name, digest) = (signature.algorithm.signature.as_deref()?, signature.algorithm.digest.as_deref()?);
    let is = |family: &str| name.to_ascii_uppercase().contains(family);
    Some(match digest {
        _ if is("ED25519") => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
        _ if is("ED448") => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448",
        "SHA-256" if is("PSS") => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "SHA-384" if is("PSS") => "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        "SHA-512" if is("PSS") => "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        "SHA-1" if is("RSA") => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "SHA-256" if is("RSA") => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "SHA-384" if is("RSA") => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "SHA-512" if is("RSA") => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "SHA-1" if is("ECDSA") => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "SHA-256" if is("ECDSA") => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "SHA-384" if is("ECDSA") => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        "SHA-512" if is("ECDSA") => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        _ => return None,
    })
}

/// Facts and findings that the form has no element for.
fn own_data(out: &mut Xml, signature: &SignatureReport) {
    let level = match signature.level {
        Level::None => "none",
        Level::BB => "B-B",
        Level::BT => "B-T",
        Level::BLt => "B-LT",
        Level::BLta => "B-LTA",
    };
    let changes = match signature.changes.level {
        ChangeLevel::None => "none",
        ChangeLevel::Lta => "lta",
        ChangeLevel::FormFilling => "form_filling",
        ChangeLevel::Annotations => "annotations",
        ChangeLevel::Other => "other",
    };
    report_data(out, "level", level);
    report_data(out, "later-changes", changes);
    for Finding { code, severity, message_en, .. } in &signature.findings {
        let weight = match severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        report_data(out, &format!("finding:{weight}:{code}"), message_en);
    }
}

fn report_data(out: &mut Xml, name: &str, value: &str) {
    out.inside("ReportData", |out| {
        out.leaf("Type", &format!("urn:sign:{name}"));
        out.leaf("Value", value);
    });
}

/// Clause 4.4: every certificate and piece of evidence once, by its digest.
fn validation_objects(out: &mut Xml, report: &Report) {
    let signatures = || report.signatures.iter();
    let certificates = unique(signatures().flat_map(|signature| &signature.chain), |link| &link.sha256);
    let evidence = unique(signatures().flat_map(|signature| &signature.trust.evidence), |used| &used.sha256);
    if certificates.is_empty() && evidence.is_empty() {
        return;
    }
    out.inside("SignatureValidationObjects", |out| {
        for certificate in certificates {
            validation_object(out, &id(certificate), "certificate", &certificate.sha256);
        }
        for used in evidence {
            let kind = if used.kind == "ocsp" { "OCSPResponse" } else { "CRL" };
            validation_object(out, &evidence_id(used), kind, &used.sha256);
        }
    });
}

fn validation_object(out: &mut Xml, id: &str, kind: &str, sha256: &str) {
    out.with("ValidationObject", &format!("id=\"{id}\""), |out| {
        out.leaf("ObjectType", &format!("{ETSI}:validationObject:{kind}"));
        out.inside("ValidationObjectRepresentation", |out| digest(out, sha256));
    });
}

/// The first of those that have the same digest.
fn unique<'r, T>(items: impl Iterator<Item = &'r T>, digest: impl Fn(&'r T) -> &'r str) -> Vec<&'r T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(digest(item))).collect()
}

fn id(certificate: &ChainLink) -> String {
    format!("C-{}", digits(&certificate.sha256))
}

fn evidence_id(evidence: &UsedEvidence) -> String {
    format!("E-{}", digits(&evidence.sha256))
}

/// Of a name's characters only those a digest has: it goes into an attribute of type ID.
fn digits(sha256: &str) -> String {
    sha256.chars().filter(char::is_ascii_hexdigit).collect()
}

fn digest(out: &mut Xml, hex: &str) {
    out.inside("DigestAlgAndValue", |out| {
        let _ = writeln!(out.text, "<ds:DigestMethod Algorithm=\"{SHA256}\"/>");
        out.leaf("ds:DigestValue", &BASE64.encode(bytes(hex)));
    });
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

/// `xs:dateTime` in UTC.
fn instant(time: Time) -> String {
    time.in_offset(0).to_string()
}

/// Elements with what is inside them.
struct Xml {
    text: String,
}

impl Xml {
    fn inside(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.text, "<{name}>");
        content(self);
        let _ = writeln!(self.text, "</{name}>");
    }

    fn with(&mut self, name: &str, attributes: &str, content: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.text, "<{name} {attributes}>");
        content(self);
        let _ = writeln!(self.text, "</{name}>");
    }

    fn leaf(&mut self, name: &str, text: &str) {
        // XML has no place for most control characters, not even as references.
        let _ = writeln!(self.text, "<{name}>{}</{name}>", escape(printable(text)));
    }

    fn reference(&mut self, name: &str, id: &str) {
        let _ = writeln!(self.text, "<{name} VOReference=\"{id}\"/>");
    }

    fn empty(&mut self, name: &str) {
        let _ = writeln!(self.text, "<{name}/>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::verdict::{SubIndication, Verdict};
    use quick_xml::Reader;
    use quick_xml::events::Event;

    fn link(name: &str, sha256: &str) -> ChainLink {
        ChainLink {
            subject: name.into(),
            issuer: "CN=CA".into(),
            serial: "01".into(),
            not_before: sample::time("2025-01-01T00:00:00Z"),
            not_after: sample::time("2026-01-01T00:00:00Z"),
            sha256: sha256.into(),
        }
    }

    #[test]
    fn says_status_reason_time_and_chain_in_the_standards_words() {
        let mut report = sample::judged(Verdict::Indeterminate, Some(SubIndication::RevokedNoPoe));
        report.signatures.truncate(1);
        let signature = &mut report.signatures[0];
        signature.chain = vec![link("CN=A", "00ff"), link("CN=B", "01"), link("CN=C", "02")];
        signature.trust.revoked_at = Some(sample::time("2025-12-01T07:00:00+07:00"));
        let xml = render_etsi(&report);
        for wanted in [
            "<MainIndication>urn:etsi:019102:mainindication:indeterminate</MainIndication>",
            "<SubIndication>urn:etsi:019102:subindication:REVOKED_NO_POE</SubIndication>",
            "<SigningCertificate VOReference=\"C-00ff\"/>",
            "<IntermediateCertificate VOReference=\"C-01\"/>",
            "<TrustAnchor VOReference=\"C-02\"/>",
            "<RevocationTime>2025-12-01T00:00:00Z</RevocationTime>",
            "<ds:DigestValue>AP8=</ds:DigestValue>",
            "<PolicyName>vn-2025-b</PolicyName>",
        ] {
            assert!(xml.contains(wanted), "{wanted} is missing in\n{xml}");
        }
    }

    #[test]
    fn names_cannot_break_the_document() {
        let mut report = sample::judged(Verdict::Valid, None);
        report.signatures[0].field = "</DAIdentifier><x a=\"]]>\0\u{1b}\u{202e}&".into();
        report.signatures[0].chain = vec![link("CN=\u{0}<", "zz\"/><00")];
        let xml = render_etsi(&report);
        let mut reader = Reader::from_str(&xml);
        while !matches!(reader.read_event().unwrap(), Event::Eof) {}
        assert!(!xml.contains("<x ") && !xml.contains('\0') && xml.contains("id=\"C-00\""));
    }

    #[test]
    fn a_certificate_of_two_signatures_is_one_object() {
        let mut report = sample::judged(Verdict::Valid, None);
        for signature in &mut report.signatures {
            signature.chain = vec![link("CN=A", "aa")];
        }
        assert_eq!(render_etsi(&report).matches("<ValidationObject id=").count(), 1);
    }
}
