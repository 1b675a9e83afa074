//! Any bytes as a PDF to sign: what was signed verifies over the whole file; with a byte flipped it never
//! does; and with a revision behind it, it no longer covers the whole file.

use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pades::byte_range::ByteRange;
use sign_core::pades::field::Form;
use sign_core::pdf::{Object, Update};
use sign_core::policy::Policy;
use sign_core::report::model::{Coverage, DigestCheck, Report, SignatureCheck, SignatureReport};
use sign_core::sign::{SignRequest, sign};
use sign_core::trust::Evidence;
use sign_core::verdict::Verdict;
use sign_core::verify::verify;

use super::Reached;
use super::key::{key, now, trust};

/// Holds the bytes against the properties.
pub fn check(bytes: &[u8]) -> Reached {
    let mut file = bytes.to_vec();
    let Ok(signed) = sign(&file, &SignRequest::new(now()), key(), &Limits::default()) else {
        return Reached::Refused;
    };
    file.extend_from_slice(&signed.appended);
    let report = judge(&file).expect("what was signed can be read");
    let mine = of(&report, &signed.field).expect("the signature is found again");
    assert!(is_intact(mine), "{mine:?}");
    assert_eq!(mine.coverage, Coverage::WholeFile);

    check_flipped(&file, &signed.field);
    check_revision_behind(&file, &signed.field);
    Reached::Held
}

fn judge(file: &[u8]) -> Option<Report> {
    let (source, policy, limits) = (file.to_vec(), Policy::default(), Limits::default());
    verify(&source, "fuzz.pdf", &trust(), &Evidence::none(), &policy, now(), &limits).ok()
}

fn of<'r>(report: &'r Report, field: &str) -> Option<&'r SignatureReport> {
    report.signatures.iter().find(|signature| signature.field == field)
}

fn is_intact(signature: &SignatureReport) -> bool {
    let integrity = &signature.integrity;
    integrity.digest == DigestCheck::Ok && integrity.signature == SignatureCheck::Ok
}

/// One byte of those that are signed, chosen by what the file is: everywhere in the course of many inputs.
fn check_flipped(file: &[u8], field: &str) {
    let gap = gap(file, field);
    let chosen = file.iter().fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(*byte));
    let in_front = gap.start;
    let covered = in_front + (file.len() - gap.end);
    for chosen in [chosen % covered, in_front - 1, in_front, in_front + (chosen % (covered - in_front))] {
        let at = if chosen < in_front { chosen } else { gap.end + (chosen - in_front) };
        let mut flipped = file.to_vec();
        flipped[at] ^= 1 << (chosen % 8);
        // Refused is right as well.
        let Some(report) = judge(&flipped) else { continue };
        assert_ne!(report.verdict, Verdict::Valid, "byte {at} flipped");
        let mine = of(&report, field);
        assert!(!mine.is_some_and(is_intact), "byte {at} flipped: {mine:?}");
    }
}

/// Where the signature's value stands.
fn gap(file: &[u8], field: &str) -> std::ops::Range<usize> {
    let source = file.to_vec();
    let document = document::open(&source, &Limits::default()).expect("it was just verified");
    let view = document.latest();
    let form = Form::read(&view, Limits::default().fields).expect("with its form");
    let fields = form.signature_fields(&view).expect("and its signatures");
    let value = fields.into_iter().find(|known| known.name == field).and_then(|field| field.value);
    let (_, value) = value.expect("the field is signed");
    let range = value.as_dictionary().and_then(|value| value.get("ByteRange"));
    let gap = ByteRange::read(range, source.len() as u64).expect("ours is well formed").gap();
    usize::try_from(gap.start).unwrap()..usize::try_from(gap.end).unwrap()
}

fn check_revision_behind(file: &[u8], field: &str) {
    let mut source = file.to_vec();
    let appended = {
        let document = document::open(&source, &Limits::default()).expect("it was just verified");
        let mut update = Update::new(&document).expect("it was just updated");
        let new = update.allocate();
        update.set(new, Object::Integer(42));
        let Ok(appended) = update.finish() else { return };
        appended.bytes
    };
    source.extend_from_slice(&appended);
    let Some(report) = judge(&source) else { return };
    let mine = of(&report, field).expect("the signature is still there");
    assert!(is_intact(mine), "{mine:?}");
    assert_eq!(mine.coverage, Coverage::WholeRevision);
}
