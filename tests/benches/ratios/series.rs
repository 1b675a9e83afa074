//! Serial signatures on one letter, verified with all changes between them.

use super::documents::{now, person, scan};
use super::measure::{alone, medians, shown};
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::sign::{SignRequest, Signing};
use sign_core::trust::Evidence;
use sign_core::verdict::Verdict;
use sign_core::verify::verify;
use sign_io::pki::KeyKind;
use std::hint::black_box;

pub(crate) fn run() {
    let (key, trust) = person(KeyKind::P256);
    let (request, limits, policy) = (SignRequest::new(now()), Limits::default(), Policy::default());
    let signing = Signing::new(&key).unwrap();
    let mut document = Vec::new();
    scan(100_000, &mut document);
    for signatures in 1..=1_000 {
        let appended = signing.sign(&document, &request, &limits).unwrap().appended;
        document.extend_from_slice(&appended);
        if ![1, 10, 25, 50, 250, 500, 1_000].contains(&signatures) {
            continue;
        }
        let judge =
            || verify(&document, "letter.pdf", &trust, &Evidence::none(), &policy, now(), &limits).unwrap();
        let report = judge();
        assert_eq!((report.verdict, report.signatures.len()), (Verdict::Valid, signatures));
        let turns = if signatures > 50 { 3 } else { 10 };
        let [time] = medians(turns, [&mut || drop(black_box(judge()))]);
        let bar = match signatures {
            50 => "60 ms",
            1_000 => "1 s",
            _ => "linear",
        };
        alone(&format!("verify {signatures} serial signatures"), &shown(time), bar);
    }
}
