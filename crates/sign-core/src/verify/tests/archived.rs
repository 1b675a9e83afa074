//! Long-term evidence: levels B-LT and B-LTA, and letters that outlive every certificate (EN 319 102-1 clause 5.6).

use super::bench::*;
use super::codes;
use crate::cms::testing::{Authority, TIME_STAMPING, made};
use crate::crypto::testing::{NOT_AFTER, NOT_BEFORE};
use crate::limits::Limits;
use crate::pdf::fixture::FileBuilder;
use crate::policy::Policy;
use crate::report::model::*;
use crate::trust::{Evidence, Origin};
use crate::verdict::{Indication, SubIndication, Verdict};
use crate::verify::{Judged, judge};

/// Days after the signature and its time stamp of 2026-02-05, when the lists were made.
const LISTED: &str = "2026-02-07T00:00:00Z";
const STAMPED: &str = "20260205055634Z";
/// When the document was stamped.
const ARCHIVED: &str = "20260208000000Z";
/// All lists are old by then, every certificate still holds.
const LATER: &str = "2027-06-01T00:00:00Z";
/// Every certificate of the tests has ended (2030), but for a lasting time-stamping unit's.
const AFTER_EXPIRY: &str = "2031-06-01T00:00:00Z";

/// A signature with a time stamp.
fn stamped_letter() -> FileBuilder {
    let stamps = |value: &[u8]| vec![Authority::stamping(value, STAMPED).token()];
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    Signing { stamps: &stamps, ..Signing::by_leader(20) }.close(file)
}

/// Nobody taken back: the issuing authority's list, and the root's, which speaks for the authority and for
/// time-stamping units.
fn lists(made_at: &str) -> [Vec<u8>; 2] {
    [list(&people().issuing, "p384", made_at, 2, &[]), list(&people().root, "p256", made_at, 2, &[])]
}

fn unit(bytes: &[u8], time: &str) -> Vec<Vec<u8>> {
    vec![Authority::stamping(bytes, time).token()]
}

/// By a unit whose certificate outlives all others by three years.
fn lasting_unit(bytes: &[u8], time: &str) -> Vec<Vec<u8>> {
    let made = made(Some((&[TIME_STAMPING], true)), (NOT_BEFORE, NOT_AFTER + 99_000_000));
    vec![Authority { made, ..Authority::stamping(bytes, time) }.token()]
}

fn long_term() -> FileBuilder {
    with_store(stamped_letter(), 30, &lists(LISTED))
}

fn archived() -> FileBuilder {
    document_stamped(long_term(), &|bytes| lasting_unit(bytes, ARCHIVED))
}

/// Another field, so that the document can be stamped once more.
fn stamped_again(file: FileBuilder, time: &str) -> FileBuilder {
    let file = file
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 40 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 40 0 R]")
        .object(40, &signature_field("luu_tru", "/V 41 0 R"));
    stamped_in(file, 41, &|bytes| lasting_unit(bytes, time))
}

fn judged_with(bytes: &[u8], evidence: &Evidence, time: &str) -> Judged {
    let (policy, limits) = (Policy::preset("vn-2025").unwrap(), Limits::default());
    let bytes = bytes.to_vec();
    judge(&bytes, "letter.pdf", &trust(), evidence, &policy, at(time), &limits).unwrap()
}

/// Under the policy that demands a status, by what the document has.
fn alone(file: &FileBuilder, time: &str) -> Report {
    judged_with(&file.bytes, &Evidence::none(), time).report
}

/// The root's list, fresh at this time: for the last time-stamping unit, about which no document can have it.
fn fresh_root(time: &str) -> Evidence {
    let mut evidence = Evidence::none();
    evidence.add_crl(&list(&people().root, "p256", time, 30, &[]), Origin::Given).unwrap();
    evidence
}

#[test]
fn the_level_says_what_the_document_has() {
    let stamp_without_store = document_stamped(stamped_letter(), &|bytes| unit(bytes, ARCHIVED));
    let half = with_store(stamped_letter(), 30, &lists(LISTED)[..1]);
    let store_after_stamp = with_store(stamp_without_store.clone(), 30, &lists(LISTED));
    for (file, level, why) in [
        (signed(None), Level::BB, "nothing beside the signature"),
        (stamped_letter(), Level::BT, "a time stamp"),
        (half, Level::BT, "the authority's own status is missing"),
        (long_term(), Level::BLt, "all statuses, the unit's among them"),
        (stamp_without_store, Level::BT, "stamped, but nothing to archive"),
        (store_after_stamp, Level::BLt, "what was stored after the stamp is not covered by it"),
        (archived(), Level::BLta, "all covered"),
    ] {
        let evidence = fresh_root("2026-02-08T12:00:00Z");
        let report = judged_with(&file.bytes, &evidence, "2026-02-08T12:00:00Z").report;
        assert_eq!(report.signatures[0].level, level, "{why}: {:#?}", report.signatures[0].findings);
    }
}

#[test]
fn evidence_given_beside_the_document_makes_no_level() {
    let mut evidence = Evidence::none();
    for list in lists(LISTED) {
        evidence.add_crl(&list, Origin::Given).unwrap();
    }
    let report = judged_with(&stamped_letter().bytes, &evidence, "2026-02-08T00:00:00Z").report;
    assert_eq!((report.verdict, report.signatures[0].level), (Verdict::Valid, Level::BT));
}

#[test]
fn old_evidence_speaks_for_a_stamped_signature() {
    let report = alone(&long_term(), LATER);
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}");
    assert_eq!(signature.trust.revocation, Revocation::Good);
    // The unit's own status could be asked anew: nothing proves when its token was made.
    assert_eq!(report.wanted.len(), 1, "{:?}", report.wanted);
}

#[test]
fn an_archived_letter_outlives_every_certificate() {
    let report = judged_with(&archived().bytes, &fresh_root("2031-05-30T00:00:00Z"), AFTER_EXPIRY).report;
    let [signature, stamp] = report.signatures.as_slice() else { panic!("two") };
    assert_eq!(report.verdict, Verdict::Valid, "{signature:#?}\n{stamp:#?}");
    assert_eq!((signature.level, signature.trust.revocation), (Level::BLta, Revocation::Good));
    assert_eq!(signature.time.timestamp, Some(at("2026-02-05T05:56:34Z")));
    assert!(codes(signature).contains(&"certificate_expired_since_timestamp"));
    assert!(report.wanted.is_empty(), "{:?}", report.wanted);

    // Without the document time stamp nobody knows how old evidence and stamp are.
    let report = alone(&long_term(), AFTER_EXPIRY);
    assert_ne!(report.verdict, Verdict::Valid);
    assert_eq!(report.signatures[0].indication, Indication::Indeterminate);
}

#[test]
fn a_renewed_stamp_vouches_for_the_one_before() {
    // The first document time stamp is by a unit that ends with 2030.
    let first = document_stamped(long_term(), &|bytes| unit(bytes, ARCHIVED));
    let fresh = fresh_root("2031-05-30T00:00:00Z");
    let lapsed = judged_with(&first.bytes, &fresh, AFTER_EXPIRY).report;
    assert_eq!(lapsed.verdict, Verdict::Indeterminate);
    let [signature, stamp] = lapsed.signatures.as_slice() else { panic!("two") };
    assert_eq!(conclusion(stamp).1, Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(signature.time.timestamp, None, "{signature:#?}");

    // Renewed in time: its unit's status is stored, and a new stamp put over all.
    let stored = with_store_and(first, 50, &[31, 32], &lists("2029-01-01T00:00:00Z"));
    let renewed = stamped_again(stored, "20290102000000Z");
    let report = judged_with(&renewed.bytes, &fresh, AFTER_EXPIRY).report;
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures);
    assert_eq!(report.signatures[0].time.timestamp, Some(at("2026-02-05T05:56:34Z")));
    assert_eq!(report.signatures[0].level, Level::BLta);
}

#[test]
fn evidence_written_after_its_signer_ended_says_nothing() {
    // Good by their dates, but stored when nobody can tell any more who has the keys.
    let stamped = document_stamped(stamped_letter(), &|bytes| lasting_unit(bytes, ARCHIVED));
    let late = with_store(stamped, 30, &lists(LISTED));
    let report = judged_with(&late.bytes, &fresh_root("2031-05-30T00:00:00Z"), AFTER_EXPIRY).report;
    let signature = &report.signatures[0];
    assert_eq!(
        conclusion(signature),
        (Indication::Indeterminate, Some(SubIndication::RevocationOutOfBoundsNoPoe)),
        "{signature:#?}"
    );
    let told = signature.findings.iter().find(|finding| finding.code == "revocation_required").unwrap();
    assert!(told.message_en.contains("crl_out_of_bounds"), "{told:?}");
}

#[test]
fn evidence_below_an_authority_taken_back_counts_only_if_it_is_older() {
    let taken_back = |since: &str| {
        let mut evidence = Evidence::none();
        let list = list(&people().root, "p256", "2027-05-31T00:00:00Z", 30, &[(&[2], since)]);
        evidence.add_crl(&list, Origin::Given).unwrap();
        evidence
    };
    // The document proves that the issuing authority's list is of 2026.
    for (file, since, verdict) in [
        (archived(), "2026-12-01T00:00:00Z", Verdict::Valid),
        (archived(), "2026-02-01T00:00:00Z", Verdict::Indeterminate),
        // Without that proof the list may have been written with the key that was lost.
        (long_term(), "2026-12-01T00:00:00Z", Verdict::Indeterminate),
    ] {
        let report = judged_with(&file.bytes, &taken_back(since), LATER).report;
        assert_eq!(report.verdict, verdict, "{since}: {:#?}", report.signatures[0]);
    }
}

#[test]
fn what_a_judgement_rested_on_is_enough_for_the_next_one() {
    let mut evidence = Evidence::none();
    for list in lists(LISTED) {
        evidence.add_crl(&list, Origin::Fetched).unwrap();
    }
    // Something that nobody asked for.
    evidence.add_crl(&list(&people().leader, "p256", LISTED, 2, &[]), Origin::Given).unwrap();
    let judged = judged_with(&stamped_letter().bytes, &evidence, "2026-02-08T00:00:00Z");
    assert_eq!(judged.report.verdict, Verdict::Valid);
    let material = judged.material;
    assert_eq!((material.crls.len(), material.ocsp.len()), (2, 0));
    // Leader, issuing authority, root and time-stamping unit.
    assert_eq!(material.certificates.len(), 4);
    let file = with_store(stamped_letter(), 30, &material.crls);
    let report = alone(&file, "2026-02-08T00:00:00Z");
    assert_eq!((report.verdict, report.signatures[0].level), (Verdict::Valid, Level::BLt));
}

#[test]
fn a_document_stamp_from_the_future_proves_nothing_yet() {
    // Judged as of a day before the document was stamped, and within what clocks may be apart.
    for (time, used) in [("2026-02-07T12:00:00Z", false), ("2026-02-07T23:58:00Z", true)] {
        let report = judged_with(&archived().bytes, &fresh_root("2026-02-07T11:00:00Z"), time).report;
        let [signature, stamp] = report.signatures.as_slice() else { panic!("two") };
        assert_eq!(codes(stamp).contains(&"timestamp_in_future"), !used, "{time}");
        assert_eq!(stamp.indication == Indication::TotalPassed, used, "{time}: {stamp:#?}");
        assert_eq!(signature.level == Level::BLta, used, "{time}: {signature:#?}");
        assert_eq!(signature.indication, Indication::TotalPassed, "by its own stamp: {signature:#?}");
    }
}
