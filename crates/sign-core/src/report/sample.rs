//! Reports for the tests of this module.

use super::model::*;
use super::words;
use crate::time::Time;
use crate::verdict::{Indication, SubIndication, Verdict};

pub(super) fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

pub(super) fn report() -> Report {
    let signature = SignatureReport {
        field: "lanh_dao".into(),
        kind: Kind::Certification,
        sub_filter: "ETSI.CAdES.detached".into(),
        revision: 2,
        page: Some(1),
        rect: None,
        indication: Indication::Indeterminate,
        sub_indication: Some(SubIndication::OutOfBoundsNoPoe),
        integrity: Integrity { digest: DigestCheck::Ok, signature: SignatureCheck::Ok },
        coverage: Coverage::WholeRevision,
        changes: Changes {
            level: ChangeLevel::FormFilling,
            allowed: true,
            docmdp: Some(2),
            details: vec![Change {
                object: "12 0".into(),
                path: "/Root/AcroForm/Fields[0]".into(),
                rule: "form_value".into(),
                page: Some(1),
                rect: Some([60.0, 700.25, 150.0, 718.0]),
                old: None,
                new: Some("15/UBND".into()),
            }],
        },
        signer: SignerFacts {
            name: Some("Trần Thị Bình".into()),
            organisation: Some("UBND xã Giao Thuỷ".into()),
            email: None,
            serial: Some("0a".into()),
            issuer: Some("CN=CA thử nghiệm".into()),
            class: SignerClass::Personal,
            ca_class: CaClass::Other,
            not_before: Some(time("2025-01-01T00:00:00Z")),
            not_after: Some(time("2026-01-01T00:00:00Z")),
        },
        chain: Vec::new(),
        trust: TrustFacts {
            anchor: Some("CA thử nghiệm".into()),
            revocation: Revocation::NotChecked,
            revoked_at: None,
            source: None,
            evidence: Vec::new(),
        },
        time: TimeFacts {
            content_timestamp: None,
            claimed: Some(time("2025-06-01T08:30:00+07:00")),
            timestamp: None,
            best: None,
            tsa: None,
        },
        level: Level::BB,
        algorithm: AlgorithmFacts {
            digest: Some("SHA-256".into()),
            signature: Some("RSA-PSS".into()),
            key_bits: Some(3072),
            acceptable: true,
        },
        signature_value: Some("AAEC".into()),
        findings: vec![words::finding("certificate_expired", "")],
    };
    Report {
        schema: SCHEMA.into(),
        file: FileFacts {
            name: "cong-van.pdf".into(),
            size: 1000,
            sha256: String::new(),
            pages: 2,
            pdf_version: "1.7".into(),
            encrypted: false,
            revisions: 3,
        },
        verified_at: time("2026-02-05T09:56:34+07:00"),
        policy: "vn-2025-b".into(),
        verdict: Verdict::Indeterminate,
        official: Official {
            complete: false,
            leader: 0,
            seal: 0,
            reasons: vec!["no_valid_organisation_signature".into()],
        },
        signatures: vec![signature],
        wanted: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A letter that the leader signed and the office sealed, with this verdict on all its signatures for this
/// reason; without signatures if it is unsigned.
pub(super) fn judged(verdict: Verdict, reason: Option<SubIndication>) -> Report {
    let indication = match verdict {
        Verdict::Valid => Indication::TotalPassed,
        Verdict::Invalid => Indication::TotalFailed,
        Verdict::Indeterminate | Verdict::Unsigned => Indication::Indeterminate,
    };
    let mut report = report();
    let mut leader = report.signatures.remove(0);
    leader.indication = indication;
    leader.sub_indication = reason;
    leader.trust.revocation = Revocation::Good;
    leader.findings.clear();
    let mut seal = leader.clone();
    seal.field = "con_dau".into();
    seal.kind = Kind::Approval;
    seal.coverage = Coverage::WholeFile;
    seal.changes = Changes { level: ChangeLevel::None, allowed: true, docmdp: None, details: Vec::new() };
    seal.signer.class = SignerClass::Organisation;
    seal.signer.name = seal.signer.organisation.clone();
    report.verdict = verdict;
    report.signatures = if verdict == Verdict::Unsigned { Vec::new() } else { vec![leader, seal] };
    let complete = verdict == Verdict::Valid;
    let count = u32::from(complete);
    let reasons = if complete { Vec::new() } else { vec!["some_signature_not_valid".into()] };
    report.official = Official { complete, leader: count, seal: count, reasons };
    report
}
