//! What holds for every document and every change: signed is valid, a changed signed byte never is,
//! and whatever is appended, the signature before it no longer covers the whole file.

use proptest::prelude::*;
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::pdf::{Document, Object, ObjectId, Update};
use sign_core::report::model::{Coverage, DigestCheck};
use sign_core::sign::SignRequest;
use sign_core::sign::options::{DocMdp, FieldChoice, Place};
use sign_core::verdict::Verdict;

use crate::pitfalls::made::{Xref, made, open, report, request, signed, verify};

/// Cases of each property; a signature and a verification each.
fn config() -> ProptestConfig {
    // No file of failed seeds: what fails becomes a test of its own.
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

/// A document of some pages, turned and nested in some way, with a form or without.
fn documents() -> impl Strategy<Value = Vec<u8>> {
    let xref = prop_oneof![Just(Xref::Table), Just(Xref::Stream), Just(Xref::Hybrid)];
    let version = prop::sample::select(vec!["1.0", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"]);
    (xref, version, 1usize..6, 0usize..4, any::<bool>(), any::<bool>(), "[ -~]{0,40}", 0usize..3).prop_map(
        |(xref, version, pages, turn, form, indirect, text, tail)| {
            let form = if form { "/AcroForm<</Fields[]/DA(/Helv 0 Tf)>>" } else { "" };
            let kids: String = (0..pages).map(|page| format!("{} 0 R ", page + 4)).collect();
            let mut objects = vec![
                format!("<</Type/Catalog/Pages 2 0 R{form}>>"),
                format!(
                    "<</Type/Pages/Kids[{kids}]/Count {pages}/Rotate {}/MediaBox[0 0 595 842]>>",
                    turn * 90
                ),
                "[]".to_owned(),
            ];
            let list = if indirect { "/Annots 3 0 R" } else { "" };
            objects.extend((0..pages).map(|_| format!("<</Type/Page/Parent 2 0 R{list}>>")));
            let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            objects.push(format!("({escaped})"));
            let mut file = made(xref, &objects.iter().map(String::as_str).collect::<Vec<_>>());
            file[5..8].copy_from_slice(version.as_bytes());
            file.truncate(file.len() - 1);
            file.extend(["", "\n", "\r\n"][tail].bytes());
            file
        },
    )
}

fn requests() -> impl Strategy<Value = SignRequest> {
    let rect =
        (0f64..300.0, 0f64..300.0, 1f64..200.0, 1f64..200.0).prop_map(|(x, y, w, h)| [x, y, x + w, y + h]);
    (proptest::option::of(rect), proptest::option::of("\\PC{0,30}"), any::<bool>()).prop_map(
        |(rect, reason, certify)| {
            let visible =
                rect.map(|rect| FieldChoice::New { name: None, place: Some(Place { page: 0, rect }) });
            SignRequest {
                appearance: visible
                    .is_some()
                    .then(|| Appearance { lines: vec!["Đã ký".into()], ..Appearance::default() }),
                field: visible.unwrap_or(FieldChoice::FirstEmpty),
                reason,
                certify: certify.then_some(DocMdp::FormFilling),
                contents_bytes: Some(2_500),
                ..request()
            }
        },
    )
}

/// Where the value of the only signature stands, brackets included.
fn hole(document: &[u8]) -> std::ops::Range<usize> {
    open(document, |seen| {
        let span = seen.entry(&seen.signature(), "Contents").as_string().unwrap().span.clone().unwrap();
        span.start as usize..span.end as usize
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_signed_is_valid(document in documents(), request in requests()) {
        let signed = signed(&document, &request).unwrap();
        prop_assert!(signed.starts_with(&document));
        let report = report(&signed);
        prop_assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.signatures);
        prop_assert_eq!(report.signatures[0].coverage, Coverage::WholeFile);
    }

    #[test]
    fn a_changed_byte_in_the_covered_range_is_never_valid(
        document in documents(), request in requests(), place in any::<prop::sample::Index>(), by in 1u8..=255,
    ) {
        let mut signed = signed(&document, &request).unwrap();
        let hole = hole(&signed);
        let covered = signed.len() - hole.len();
        let index = place.index(covered);
        let index = if index < hole.start { index } else { index + hole.len() };
        signed[index] ^= by;
        if let Ok(report) = verify(&signed) {
            prop_assert_ne!(report.verdict, Verdict::Valid, "byte {}", index);
            // Where the array itself was changed the digest may not even be computed.
            let fits = report.signatures.iter().any(|s| s.integrity.digest == DigestCheck::Ok);
            prop_assert!(!fits, "byte {} and the digest still fits", index);
        }
    }

    #[test]
    fn an_appended_revision_is_never_covered(
        document in documents(), request in requests(), number in 0u32..12, text in "[ -~]{0,30}",
    ) {
        let signed = signed(&document, &request).unwrap();
        let appended = {
            let document = Document::open(&signed, Limits::default()).unwrap();
            let mut update = Update::new(&document).unwrap();
            let id = if number == 0 { update.allocate() } else { ObjectId::new(number, 0) };
            update.set(id, Object::text(&text));
            update.finish().unwrap().bytes
        };
        let longer = [signed, appended].concat();
        if let Ok(report) = verify(&longer) {
            for signature in report.signatures {
                prop_assert_ne!(signature.coverage, Coverage::WholeFile);
            }
        }
    }
}
