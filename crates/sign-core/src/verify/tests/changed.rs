//! What later revisions do to a signed letter, and which of it the signature allows.

use super::bench::*;
use super::codes;
use crate::pdf::fixture::FileBuilder;
use crate::report::model::*;
use crate::verdict::Verdict;

type Update = fn(FileBuilder) -> FileBuilder;

/// The leader's signature after one more revision.
fn after(certify: Option<u8>, update: Update) -> (Verdict, SignatureReport) {
    let report = judged(&update(signed(certify)).table("/ID[<01><04>]").bytes);
    (report.verdict, report.signatures[0].clone())
}

fn fill(file: FileBuilder) -> FileBuilder {
    file.object(5, &number_field("15")).stream(8, "/Type/XObject/Subtype/Form/BBox[0 0 40 10]", b"(15)")
}

fn annotate(file: FileBuilder) -> FileBuilder {
    file.object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
        .object(30, "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(x)>>")
}

fn add_dss(file: FileBuilder) -> FileBuilder {
    file.object(1, &format!("<<{CATALOG}/DSS 30 0 R>>")).object(30, "<</Type/DSS/Certs[31 0 R]>>").stream(
        31,
        "",
        b"certificate",
    )
}

#[test]
fn certification_decides_what_may_follow() {
    use ChangeLevel::{Annotations, FormFilling, Lta};
    // (certification, update, level, allowed)
    let cases: &[(&str, Option<u8>, Update, ChangeLevel, bool)] = &[
        ("fill, not certified", None, fill, FormFilling, true),
        ("fill, P=1", Some(1), fill, FormFilling, false),
        ("fill, P=2", Some(2), fill, FormFilling, true),
        ("fill, P=3", Some(3), fill, FormFilling, true),
        ("annotate, not certified", None, annotate, Annotations, false),
        ("annotate, P=2", Some(2), annotate, Annotations, false),
        ("annotate, P=3", Some(3), annotate, Annotations, true),
        ("DSS, not certified", None, add_dss, Lta, true),
    ];
    for (what, certify, update, level, allowed) in cases {
        let (verdict, signature) = after(*certify, *update);
        let details = &signature.changes.details;
        assert_eq!(
            (signature.changes.level, signature.changes.allowed),
            (*level, *allowed),
            "{what}: {details:#?}"
        );
        assert_eq!(signature.changes.docmdp, *certify, "{what}");
        assert_eq!(verdict, if *allowed { Verdict::Valid } else { Verdict::Invalid }, "{what}");
        assert_eq!(signature.integrity.digest, DigestCheck::Ok, "{what}");
        assert_eq!(signature.coverage, Coverage::WholeRevision, "{what}");
    }
}

#[test]
fn sealing_a_letter_certified_against_changes_is_not_allowed() {
    let report = judged(&sealed(signed(Some(1))).bytes);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(codes(&report.signatures[0]).contains(&"changes_not_allowed"));
}

#[test]
fn everything_but_forms_signatures_and_evidence_is_other() {
    let widget = "<</Type/Annot/Subtype/Widget/FT/Tx/T(new)/Rect[0 0 9 9]/V(x)>>";
    let cases: &[(&str, Update)] = &[
        ("content stream", |file| file.stream(4, "", b"BT (Another letter) Tj ET")),
        ("page's contents", |file| {
            file.object(3, &format!("<<{}>>", PAGE.replace("4 0 R", "30 0 R"))).stream(30, "", b"x")
        }),
        ("content added", |file| {
            file.object(3, &format!("<<{}>>", PAGE.replace("4 0 R", "[4 0 R 30 0 R]"))).stream(30, "", b"x")
        }),
        ("page rotated", |file| file.object(3, &format!("<<{PAGE}/Rotate 90>>"))),
        ("page added", |file| {
            file.object(2, "<</Type/Pages/Kids[3 0 R 30 0 R]/Count 2/MediaBox[0 0 200 100]>>")
                .object(30, "<</Type/Page/Parent 2 0 R>>")
        }),
        ("font replaced", |file| file.object(9, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>")),
        ("open action", |file| file.object(1, &format!("<<{CATALOG}/OpenAction<</S/JavaScript/JS(x)>>>>"))),
        ("layers", |file| file.object(1, &format!("<<{CATALOG}/OCProperties<<>>>>"))),
        ("field moved", |file| file.object(5, &number_field("").replace("[10 10", "[0 0"))),
        ("field with action", |file| file.object(5, &number_field("").replace("/P 3", "/AA<</K<<>>>>/P 3"))),
        ("content freed", |file| file.free(4)),
        ("field freed", |file| file.free(5)),
        ("signature field's box", |file| {
            file.object(6, &signature_field("lanh_dao", "/V 20 0 R").replace("[60 10", "[0 0"))
        }),
        ("signature's look", |file| {
            let field = signature_field("lanh_dao", "/V 20 0 R/AP<</N 30 0 R>>");
            file.object(6, &field).stream(30, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"x")
        }),
        ("signature removed from the form", |file| {
            file.object(10, &format!("<<{FORM}/Fields[5 0 R 7 0 R]>>")).object(30, "<<>>")
        }),
        ("widget removed from the page", |file| file.object(11, "[6 0 R 7 0 R]")),
        ("value in another field", |file| file.object(7, &signature_field("dau", "/V 20 0 R"))),
        ("value that is a stream", |file| {
            file.object(5, &number_field("").replace("/V()", "/V 30 0 R")).stream(30, "", b"x")
        }),
        ("resources of the form replaced", |file| {
            file.object(10, "<</SigFlags 3/DR<</Font<</F1 30 0 R>>>>/Fields[5 0 R 6 0 R 7 0 R]>>")
                .object(30, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>")
        }),
        ("viewer told to draw the form", |file| {
            file.object(10, &format!("<<{FORM}/NeedAppearances true/Fields[5 0 R 6 0 R 7 0 R]>>"))
        }),
    ];
    for certify in [None, Some(2), Some(3)] {
        for (what, update) in cases {
            let report = judged(&update(signed(certify)).table("/ID[<01><04>]").bytes);
            let Some(signature) = report.signatures.first() else {
                assert_eq!(*what, "signature removed from the form");
                assert_eq!(report.verdict, Verdict::Unsigned);
                assert!(report.warnings.iter().any(|warning| warning.code == "signature_removed"));
                continue;
            };
            let changes = &signature.changes;
            assert_eq!((changes.level, changes.allowed), (ChangeLevel::Other, false), "{what}: {changes:#?}");
            assert_eq!(report.verdict, Verdict::Invalid, "{what}");
        }
    }
    // A text field is not signing.
    let report = judged(
        &signed(None)
            .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
            .object(30, widget)
            .table("")
            .bytes,
    );
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::Other);
}

#[test]
fn a_new_signature_field_is_signing() {
    let file = signed(Some(2))
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
        .object(30, &signature_field("den", "/V 21 0 R/AP<</N 31 0 R>>"))
        .stream(31, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"x");
    let report = judged(&Signing::by_office(21).close(file).bytes);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.signatures[0].changes);
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::FormFilling);
    let rules: Vec<&str> =
        report.signatures[0].changes.details.iter().map(|change| change.rule.as_str()).collect();
    assert!(rules.contains(&"signature_added"), "{rules:?}");
}

#[test]
fn an_object_reached_on_a_forbidden_path_too_is_other() {
    // The number's appearance is drawn by the page as well: filling it in changes the page.
    let file = letter()
        .object(3, &format!("<<{}>>", PAGE.replace("/Font", "/XObject<</X 8 0 R>>/Font")))
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let report = judged(&fill(Signing::by_leader(20).close(file)).table("").bytes);
    let changes = &report.signatures[0].changes;
    assert_eq!((changes.level, report.verdict), (ChangeLevel::Other, Verdict::Invalid), "{changes:#?}");
}

#[test]
fn traps_laid_before_signing_are_other() {
    // The signed page refers to objects that do not exist yet.
    let trapped = |page: &str| {
        let file = letter().object(3, page).object(6, &signature_field("lanh_dao", "/V 20 0 R"));
        Signing::by_leader(20).close(file)
    };
    let content = trapped(&format!("<<{}>>", PAGE.replace("4 0 R", "[4 0 R 40 0 R]")));
    let annotated = "[5 0 R 6 0 R 7 0 R 30 0 R]";
    let field = |file: FileBuilder| {
        // Allowed by itself: a new signature field. The page changes, and with it the trap springs.
        file.object(11, annotated)
            .object(30, &signature_field("den", ""))
            .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
    };
    let report = judged(&field(content).stream(40, "", b"sprung").table("").bytes);
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::Other);
    let harmless = trapped(&format!("<<{}>>", PAGE.replace("4 0 R", "[4 0 R 40 0 R]")));
    assert_eq!(judged(&field(harmless).table("").bytes).verdict, Verdict::Valid);
    // A field that is the page's table of pictures at the same time.
    let double = letter()
        .object(3, &format!("<<{}>>", PAGE.replace("/Font", "/XObject 5 0 R/Font")))
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let report = judged(&fill(Signing::by_leader(20).close(double)).table("").bytes);
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::Other);
}

#[test]
fn locked_fields_may_not_be_filled() {
    let locked = |lock: &str| {
        let field = signature_field("lanh_dao", &format!("/V 20 0 R/Lock<</Type/SigFieldLock{lock}>>"));
        let file = Signing::by_leader(20).close(letter().object(6, &field));
        judged(&fill(file).table("").bytes)
    };
    let cases = [
        ("/Action/All", false),
        ("/Action/Include/Fields[(so)]", false),
        ("/Action/Include/Fields[(s)]", true),
        ("/Action/Include/Fields[(dau)]", true),
        ("/Action/Exclude/Fields[(so)]", true),
        ("/Action/Exclude/Fields[(dau)]", false),
        ("/Action/Include/Fields[(dau)]/P 1", false),
        ("/Action/Include/Fields[(dau)]/P 2", true),
    ];
    for (lock, allowed) in cases {
        let report = locked(lock);
        assert_eq!(report.signatures[0].changes.allowed, allowed, "{lock}");
    }
}

#[test]
fn rewriting_an_object_as_it_was_is_no_change() {
    let (verdict, signature) = after(Some(1), |file| {
        file.object(5, &number_field("")).stream(4, "", b"BT /F1 10 Tf 10 80 Td (The letter) Tj ET")
    });
    assert_eq!((verdict, signature.changes.level), (Verdict::Valid, ChangeLevel::None));
}

#[test]
fn objects_that_nothing_uses_are_told_and_harmless() {
    let (verdict, signature) = after(Some(1), |file| file.object(40, "(nobody refers to this)"));
    assert_eq!((verdict, signature.changes.level), (Verdict::Valid, ChangeLevel::None));
    assert!(codes(&signature).contains(&"unreachable_objects_added"));
}

#[test]
fn an_annotation_keeps_its_look_even_where_annotations_are_allowed() {
    let note =
        |look: &str| format!("<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/Contents(x)/AP<</N {look}>>>>");
    let base = |file: FileBuilder| {
        file.object(11, "[5 0 R 6 0 R 7 0 R 12 0 R]")
            .object(12, &note("13 0 R"))
            .stream(13, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"")
            .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
            .object(1, &format!("<<{CATALOG}/Perms<</DocMDP 20 0 R>>>>"))
    };
    let stamped = || Signing::by_leader(20).certifying(3).close(base(letter()));
    let looks: [Update; 2] = [
        |file| file.stream(13, "/Type/XObject/Subtype/Form/BBox[0 0 99 99]", b"evil"),
        |file| file.object(12, "<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/Contents(x)/AP<</N 13 0 R>>>>"),
    ];
    for look in looks {
        let report = judged(&look(stamped()).table("").bytes);
        assert_eq!(report.signatures[0].changes.level, ChangeLevel::Other);
    }
    let reworded = note("13 0 R").replace("(x)", "(y)");
    let report = judged(&stamped().object(12, &reworded).table("").bytes);
    assert_eq!(
        (report.signatures[0].changes.level, report.verdict),
        (ChangeLevel::Annotations, Verdict::Valid)
    );
}

#[test]
fn a_document_time_stamp_may_follow_even_a_certification_against_changes() {
    let stamp = "<</Type/Annot/Subtype/Widget/FT/Sig/T(stamp)/Rect[0 0 0 0]/P 3 0 R/F 132/V 21 0 R>>";
    // The catalog once more, with what the certification recorded in it.
    let file = add_dss(signed(Some(1)))
        .object(1, &format!("<<{CATALOG}/Perms<</DocMDP 20 0 R>>/DSS 30 0 R>>"))
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 32 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 32 0 R]")
        .object(32, stamp)
        .object(21, "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/Contents<00>>>");
    let report = judged(&file.table("").bytes);
    let changes = &report.signatures[0].changes;
    assert_eq!((changes.level, changes.allowed), (ChangeLevel::Lta, true), "{changes:#?}");
}

#[test]
fn evidence_may_grow_but_not_change() {
    let base = || {
        let file = letter()
            .object(1, &format!("<<{CATALOG}/DSS 30 0 R>>"))
            .object(30, "<</Type/DSS/Certs[31 0 R]>>")
            .stream(31, "", b"certificate")
            .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
        Signing::by_leader(20).close(file)
    };
    let cases: &[(Update, ChangeLevel)] = &[
        (
            |file| file.object(30, "<</Type/DSS/Certs[31 0 R 33 0 R]>>").stream(33, "", b"more"),
            ChangeLevel::Lta,
        ),
        (|file| file.object(30, "<</Type/DSS/Certs[33 0 R]>>").stream(33, "", b"more"), ChangeLevel::Other),
        (|file| file.object(30, "<</Type/DSS>>"), ChangeLevel::Other),
        (|file| file.stream(31, "", b"another"), ChangeLevel::Other),
        (|file| file.object(1, &format!("<<{CATALOG}>>")), ChangeLevel::Other),
    ];
    for (index, (update, level)) in cases.iter().enumerate() {
        let report = judged(&update(base()).table("").bytes);
        assert_eq!(report.signatures[0].changes.level, *level, "case {index}");
    }
}

#[test]
fn replacing_an_object_stream_of_the_signed_revision_is_other() {
    let file = letter()
        .object_stream(40, &[(12, "(kept)")])
        .object(3, &format!("<<{PAGE}/PieceInfo 12 0 R>>"))
        .xref_stream(41, "")
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let signed = Signing::by_leader(20).close(file);
    assert_eq!(judged(&signed.bytes).verdict, Verdict::Valid);
    // Object 12 has no new entry; its container has.
    let report = judged(&signed.stream(40, "/Type/ObjStm/N 1/First 5", b"12 0 (other)").table("").bytes);
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::Other);
}

#[test]
fn a_file_of_two_readings_is_not_valid() {
    // The table shows one annotation list, its /XRefStm another.
    let file = signed(None).object(5, &number_field("15")).object_stream(40, &[(11, "[5 0 R]")]);
    let hybrid = file.hybrid(&[11], 41, "");
    let mut bytes = hybrid.bytes;
    let conflicting = b"11 1\n0000000000 00000 f";
    let place = bytes.windows(conflicting.len()).rposition(|window| window == conflicting).unwrap();
    let shown = bytes.windows(8).position(|window| window == b"11 0 obj").unwrap();
    bytes[place..place + conflicting.len()].copy_from_slice(format!("11 1\n{shown:010} 00000 n").as_bytes());
    let report = judged(&bytes);
    assert_ne!(report.verdict, Verdict::Valid, "{report:#?}");
    assert!(codes(&report.signatures[0]).contains(&"two_readings"));
}
