//! Revocation: evidence given, carried by the document and brought by signatures; and what a time stamp
//! changes.

use super::bench::*;
use super::codes;
use crate::cms::testing::Authority;
use crate::crypto::der::{self, tag};
use crate::limits::Limits;
use crate::pdf::fixture::FileBuilder;
use crate::policy::Policy;
use crate::report::model::*;
use crate::trust::{Evidence, Origin};
use crate::verdict::{Indication, SubIndication, Verdict};
use crate::x509::testing::generalized;

const JUDGED_AT: &str = "2026-03-01T00:00:00Z";
/// Before and after the time stamp of `stamped`, 2026-02-05T05:56:34Z.
const EARLY: &str = "2026-02-01T00:00:00Z";
const LATE: &str = "2026-02-20T00:00:00Z";

/// reasonCode of an entry: superseded (RFC 5280 5.3.1).
fn superseded() -> Vec<u8> {
    let code = der::element(0x0a, &[4]);
    der::sequence(&[&der::sequence(&[&der::oid("2.5.29.21"), &der::octet_string(&code)])])
}

/// Of the authority that issued for the leader, whose serial number is 3.
fn issuing_list(made_at: &str, days: i64, revoked: &[(&[u8], &str)]) -> Vec<u8> {
    list(&people().issuing, "p384", made_at, days, revoked)
}

/// Of the root, which issued for the authority (2) and for the time-stamping unit (0x1234).
fn root_list(revoked: &[(&[u8], &str)]) -> Vec<u8> {
    list(&people().root, "p256", "2026-02-28T00:00:00Z", 30, revoked)
}

fn root_list_of(entries: Vec<Vec<u8>>) -> Vec<u8> {
    list_of(&people().root, "p256", "2026-02-28T00:00:00Z", 30, entries)
}

fn given(lists: &[Vec<u8>]) -> Evidence {
    let mut evidence = Evidence::none();
    lists.iter().for_each(|list| {
        evidence.add_crl(list, Origin::Given).unwrap();
    });
    evidence
}

/// The report under the policy that demands a status.
fn strictly(bytes: &[u8], evidence: &Evidence) -> Report {
    under("vn-2025", bytes, evidence)
}

fn under(policy: &str, bytes: &[u8], evidence: &Evidence) -> Report {
    let (policy, limits) = (Policy::preset(policy).unwrap(), Limits::default());
    let bytes = bytes.to_vec();
    super::super::verify(&bytes, "letter.pdf", &trust(), evidence, &policy, at(JUDGED_AT), &limits).unwrap()
}

fn stamped() -> FileBuilder {
    let stamps = |value: &[u8]| vec![Authority::stamping(value, "20260205055634Z").token()];
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    Signing { stamps: &stamps, ..Signing::by_leader(20) }.close(file)
}

const NOW: &str = "2026-02-28T00:00:00Z";

#[test]
fn a_status_from_given_lists_satisfies_the_policy_that_demands_one() {
    let bytes = signed(None).bytes;
    let none = strictly(&bytes, &Evidence::none());
    let expected = (Indication::Indeterminate, Some(SubIndication::TryLater));
    assert_eq!(conclusion(&none.signatures[0]), expected);
    assert_eq!(none.wanted.iter().filter(|wanted| wanted.kind == "revocation").count(), 2);

    let report = strictly(&bytes, &given(&[issuing_list(NOW, 30, &[]), root_list(&[])]));
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    assert_eq!(signature.trust.revocation, Revocation::Good);
    assert_eq!(signature.trust.source.as_deref(), Some("crl, given"));
    assert_eq!(
        (codes(signature).contains(&"revocation_not_checked"), report.wanted.as_slice()),
        (false, &[][..])
    );

    // The leader's status alone is not the path's.
    let report = strictly(&bytes, &given(&[issuing_list(NOW, 30, &[])]));
    assert_eq!(conclusion(&report.signatures[0]), expected);
    assert_eq!(report.wanted.len(), 1);
}

#[test]
fn the_documents_own_store_counts_as_much() {
    let file = with_store(signed(None), 30, &[issuing_list(NOW, 30, &[]), root_list(&[])]);
    let report = strictly(&file.bytes, &Evidence::none());
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    assert_eq!(signature.trust.source.as_deref(), Some("crl, dss"));
    assert_eq!(signature.changes.level, ChangeLevel::Lta);
    // What cannot be read is told, and the rest is used.
    let file = with_store(signed(None), 30, &[issuing_list(NOW, 30, &[]), root_list(&[]), b"junk".to_vec()]);
    let report = strictly(&file.bytes, &Evidence::none());
    assert_eq!(report.verdict, Verdict::Valid);
    assert!(report.warnings.iter().any(|warning| warning.code == "evidence_unreadable"));
}

#[test]
fn a_revoked_certificate_never_passes_without_proof_of_time() {
    let bytes = signed(None).bytes;
    let leader_taken_back = given(&[issuing_list(NOW, 30, &[(&[3], LATE)]), root_list(&[])]);
    for policy in Policy::preset_names() {
        let report = under(policy, &bytes, &leader_taken_back);
        let signature = &report.signatures[0];
        let expected = (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe));
        assert_eq!(conclusion(signature), expected, "{policy}");
        assert_eq!(signature.trust.revocation, Revocation::Revoked);
        assert_eq!(signature.trust.revoked_at, Some(at(LATE)));
        assert!(codes(signature).contains(&"certificate_revoked"));
    }
    let authority_taken_back = given(&[issuing_list(NOW, 30, &[]), root_list(&[(&[2], LATE)])]);
    let report = under("vn-2025-b", &bytes, &authority_taken_back);
    let expected = (Indication::Indeterminate, Some(SubIndication::RevokedCaNoPoe));
    assert_eq!(conclusion(&report.signatures[0]), expected);
}

#[test]
fn with_a_time_stamp_only_what_was_revoked_before_it_counts() {
    let bytes = stamped().bytes;
    let taken_back = |since: &str| given(&[issuing_list(NOW, 30, &[(&[3], since)]), root_list(&[])]);
    let report = strictly(&bytes, &taken_back(LATE));
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures[0]);
    assert!(codes(&report.signatures[0]).contains(&"revoked_after_timestamp"));
    let report = strictly(&bytes, &taken_back(EARLY));
    let expected = (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe));
    assert_eq!(conclusion(&report.signatures[0]), expected);
}

#[test]
fn evidence_from_after_the_stamp_speaks_for_it_when_it_is_old() {
    // Made two days after the stamp and stale by the time of judgement.
    let old = [issuing_list("2026-02-07T00:00:00Z", 2, &[]), root_list(&[])];
    let report = strictly(&with_store(stamped(), 30, &old).bytes, &Evidence::none());
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures[0]);
    // Without a stamp nobody knows that the signature is older than the list.
    let report = strictly(&with_store(signed(None), 30, &old).bytes, &Evidence::none());
    let signature = &report.signatures[0];
    assert_eq!(signature.trust.revocation, Revocation::Unknown);
    assert_eq!(conclusion(signature), (Indication::Indeterminate, Some(SubIndication::TryLater)));
    let told = signature.findings.iter().find(|finding| finding.code == "revocation_required").unwrap();
    assert!(told.message_en.contains("crl_stale"), "{told:?}");
}

#[test]
fn an_unknown_status_is_said_by_the_lenient_policy_too() {
    let stale = given(&[issuing_list("2026-02-07T00:00:00Z", 2, &[])]);
    let report = under("vn-2025-b", &signed(None).bytes, &stale);
    assert_eq!(report.verdict, Verdict::Valid);
    assert_eq!(report.signatures[0].trust.revocation, Revocation::Unknown);
    assert!(codes(&report.signatures[0]).contains(&"revocation_unknown"));
}

#[test]
fn a_revoked_time_stamping_unit_proves_nothing_after_it_was_revoked() {
    let lists = |since: &str| given(&[issuing_list(NOW, 30, &[]), root_list(&[(&[0x12, 0x34], since)])]);
    let report = strictly(&stamped().bytes, &lists(EARLY));
    let signature = &report.signatures[0];
    assert!(codes(signature).contains(&"timestamp_authority_revoked"), "{:?}", codes(signature));
    assert_eq!(signature.time.timestamp, None);
    // RFC 3161 clause 4: without a reason the key may be in other hands, and the time in the token is its word.
    let report = strictly(&stamped().bytes, &lists(LATE));
    assert_eq!(report.signatures[0].time.timestamp, None);
    // Merely replaced by another unit, it did not lie before.
    let entry = [der::element(tag::INTEGER, &[0x12, 0x34]), generalized(at(LATE).unix()), superseded()];
    let replaced = root_list_of(vec![der::sequence(&[&entry.concat()])]);
    let report = strictly(&stamped().bytes, &given(&[issuing_list(NOW, 30, &[]), replaced]));
    assert_eq!(report.signatures[0].time.timestamp, Some(at("2026-02-05T05:56:34Z")));
}

#[test]
fn a_forged_list_says_nothing() {
    // Signed with another key than the authority's.
    let forged = list(&people().issuing, "p521", NOW, 30, &[]);
    let report = strictly(&signed(None).bytes, &given(&[forged, root_list(&[])]));
    let expected = (Indication::Indeterminate, Some(SubIndication::TryLater));
    assert_eq!(conclusion(&report.signatures[0]), expected);
}
