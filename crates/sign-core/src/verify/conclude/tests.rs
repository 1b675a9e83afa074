//! The truth table, and what must hold over all combinations of facts.

use super::*;

const SOUND: Facts = Facts {
    format: Format::Sound,
    certificate: SigningCertificate::Found,
    digest: DigestCheck::Ok,
    signature: SignatureCheck::Ok,
    coverage: Coverage::WholeFile,
    changes: LaterChanges::Allowed,
    chain: Chain::Trusted,
    usage_fits: true,
    period: Period::Inside,
    claimed_time_fits: true,
    algorithm_acceptable: true,
    revocation: Revocation::Good,
    evidence_lacks_proof: false,
    proven: false,
    stamps_in_order: true,
    made_after: MadeAfter::Nothing,
};

fn apply(facts: &mut Facts, word: &str) {
    match word {
        "format=broken" => facts.format = Format::Broken,
        "format=unsupported" => facts.format = Format::Unsupported,
        "certificate=not_found" => facts.certificate = SigningCertificate::NotFound,
        "certificate=mismatch" => facts.certificate = SigningCertificate::Mismatch,
        "certificate=reference_missing" => facts.certificate = SigningCertificate::ReferenceMissing,
        "digest=mismatch" => facts.digest = DigestCheck::Mismatch,
        "digest=unchecked" => facts.digest = DigestCheck::Unchecked,
        "signature=bad" => facts.signature = SignatureCheck::Bad,
        "signature=unchecked" => facts.signature = SignatureCheck::Unchecked,
        "coverage=whole_revision" => facts.coverage = Coverage::WholeRevision,
        "coverage=partial" => facts.coverage = Coverage::Partial,
        "changes=forbidden" => facts.changes = LaterChanges::Forbidden,
        "changes=unexamined" => facts.changes = LaterChanges::Unexamined,
        "chain=none" => facts.chain = Chain::None,
        "chain=invalid" => facts.chain = Chain::Invalid,
        "chain=revoked" => facts.chain = Chain::Revoked,
        "usage=wrong" => facts.usage_fits = false,
        "period=before" => facts.period = Period::Before,
        "period=after" => facts.period = Period::After,
        "claimed=outside" => facts.claimed_time_fits = false,
        "algorithm=weak" => facts.algorithm_acceptable = false,
        "evidence=lacks_proof" => facts.evidence_lacks_proof = true,
        "stamps=out_of_order" => facts.stamps_in_order = false,
        "made_after=revocation" => facts.made_after = MadeAfter::Revocation,
        "made_after=expiry" => facts.made_after = MadeAfter::Expiry,
        "proven" => facts.proven = true,
        "revocation=revoked" => facts.revocation = Revocation::Revoked,
        "revocation=unknown" => facts.revocation = Revocation::Unknown,
        "revocation=not_checked" => facts.revocation = Revocation::NotChecked,
        other => panic!("unknown word {other}"),
    }
}

fn spelled((indication, sub_indication): Conclusion) -> String {
    let json = serde_json::json!([indication, sub_indication]);
    let word = |index: usize| json[index].as_str().unwrap_or("").to_owned();
    format!("{} {}", word(0), word(1)).trim_end().to_owned()
}

#[test]
fn follows_the_truth_table() {
    let table = include_str!("conclude.table");
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (condition, expected) = line.split_once("->").unwrap();
        let (words, demand) = condition.split_once('|').unwrap();
        let mut facts = SOUND;
        words.split_whitespace().for_each(|word| apply(&mut facts, word));
        let demand = match demand.trim() {
            "warn" => RevocationDemand::Warn,
            "required" => RevocationDemand::Required,
            other => panic!("unknown demand {other}"),
        };
        assert_eq!(spelled(conclude(&facts, demand)), expected.trim(), "{line}");
        rows += 1;
    }
    assert!(rows > 30, "the table was read");
}

/// Every deviation that alone keeps a signature from passing does so in every company.
#[test]
fn one_thing_wrong_is_never_outweighed() {
    let words: Vec<&str> = "format=broken format=unsupported certificate=not_found certificate=mismatch \
        certificate=reference_missing digest=mismatch digest=unchecked signature=bad signature=unchecked \
        coverage=partial changes=forbidden changes=unexamined chain=none chain=invalid usage=wrong \
        period=before period=after claimed=outside algorithm=weak revocation=revoked"
        .split_whitespace()
        .collect();
    for first in &words {
        for second in &words {
            let mut facts = SOUND;
            apply(&mut facts, first);
            apply(&mut facts, second);
            let (indication, _) = conclude(&facts, RevocationDemand::Warn);
            assert_ne!(indication, Indication::TotalPassed, "{first} {second}");
        }
    }
}

#[test]
fn a_document_is_as_good_as_its_worst_signature() {
    use Indication::{Indeterminate, TotalFailed, TotalPassed};
    assert_eq!(verdict(&[]), Verdict::Unsigned);
    assert_eq!(verdict(&[TotalPassed, TotalPassed]), Verdict::Valid);
    assert_eq!(verdict(&[TotalPassed, Indeterminate]), Verdict::Indeterminate);
    assert_eq!(verdict(&[Indeterminate, TotalFailed, TotalPassed]), Verdict::Invalid);
}

#[test]
fn an_official_document_needs_person_and_organisation_and_nothing_wrong() {
    use Indication::{Indeterminate, TotalPassed};
    use SignerClass::{Organisation, Personal, Unknown};
    assert!(official(&[(Personal, TotalPassed), (Organisation, TotalPassed)]).complete);
    let half = official(&[(Personal, TotalPassed), (Unknown, TotalPassed)]);
    assert_eq!(half.reasons, ["no_valid_organisation_signature"]);
    let doubtful =
        official(&[(Personal, TotalPassed), (Organisation, TotalPassed), (Organisation, Indeterminate)]);
    assert!(!doubtful.complete);
    assert_eq!((doubtful.leader, doubtful.seal), (1, 1));
    assert_eq!(official(&[]).reasons.len(), 2);
}
