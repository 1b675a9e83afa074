//! Ideas of attackers, and habits of honest writers: what a revision after a signature may do, each case
//! with its reason. Asked of a signature without certification, and with P=1, 2 and 3.

use super::bench::*;
use crate::limits::Limits;
use crate::pades::changes::{Comparison, Level};
use crate::pades::field::Form;
use crate::pdf::Document;
use crate::pdf::fixture::FileBuilder;
use crate::report::model::*;
use crate::verdict::Verdict;

/// What the next revision writes; the text is what the catalog has from the certification.
type Update = fn(FileBuilder, &str) -> FileBuilder;

/// A letter with everything in it that somebody could want to change: a second page, form fields of
/// each kind, an annotation, a link, metadata, information, outlines, names, layers, evidence.
fn rich(certify: Option<u8>) -> (FileBuilder, String) {
    let perms = if certify.is_some() { "/Perms<</DocMDP 20 0 R>>" } else { "" };
    let file = FileBuilder::new()
        .object(1, &format!("<<{RICH}>>"))
        .object(2, "<</Type/Pages/Kids[3 0 R 33 0 R]/Count 2/MediaBox[0 0 200 100]/Resources 12 0 R>>")
        .object(3, &format!("<<{RICH_PAGE}>>"))
        .stream(4, "/Length1 13 0 R", b"BT /F1 10 Tf 10 80 Td (The letter) Tj ET")
        .object(5, &number_field(""))
        .object(6, &signature_field("lanh_dao", ""))
        .object(7, &signature_field("dau", ""))
        .stream(8, "/Type/XObject/Subtype/Form/BBox[0 0 40 10]", b"")
        .object(9, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
        .object(10, &format!("<<{RICH_FORM}>>"))
        .object(11, ANNOTATIONS)
        .object(12, "<</Font<</F1 9 0 R>>>>")
        .object(13, "40")
        .object(14, CHOICE)
        .object(15, TICK)
        .object(16, READ_ONLY)
        .object(17, PUSH)
        .object(18, "<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(seen)>>")
        .object(19, "<</Type/Annot/Subtype/Link/Rect[1 1 9 9]/Dest[3 0 R/Fit]>>")
        .object(33, "<</Type/Page/Parent 2 0 R>>")
        .object(34, "<</Title(Letter)/ModDate(D:20260101)/Producer(x)>>")
        .stream(35, "/Type/Metadata/Subtype/XML", PACKET.as_bytes())
        .object(36, "<</Type/Outlines/First 37 0 R/Last 37 0 R/Count 1>>")
        .object(37, "<</Title(Start)/Parent 36 0 R/Dest[3 0 R/Fit]>>")
        .object(38, "<</Dests 39 0 R>>")
        .object(39, "<</Names[(start)[3 0 R/Fit]]>>")
        .object(43, "<</OCGs[44 0 R]/D<</ON[44 0 R]>>>>")
        .object(44, "<</Type/OCG/Name(stamp)>>")
        .object(45, "<</ADBE<</BaseVersion/1.7/ExtensionLevel 5>>>>")
        .object(46, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>")
        .table("/ID[<01><02>]/Info 34 0 R")
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    let signing = Signing { trailer: "/ID[<01><03>]/Info 34 0 R", ..Signing::by_leader(20) };
    let signing = match certify {
        Some(p) => signing.certifying(p),
        None => signing,
    };
    (signing.close(file.object(1, &format!("<<{RICH}{perms}>>"))), perms.to_owned())
}

const RICH: &str = "/Type/Catalog/Pages 2 0 R/AcroForm 10 0 R/Metadata 35 0 R/Outlines 36 0 R/Names 38 0 R\
    /OCProperties 43 0 R/Extensions 45 0 R/PageMode/UseNone";
const RICH_PAGE: &str = "/Type/Page/Parent 2 0 R/Contents 4 0 R/Annots 11 0 R";
const RICH_FORM: &str = "/SigFlags 3/NeedAppearances true/DR<</Font<</F1 9 0 R/F2 46 0 R>>>>\
    /Fields[5 0 R 6 0 R 7 0 R 14 0 R 15 0 R 16 0 R 17 0 R]";
const ANNOTATIONS: &str = "[5 0 R 6 0 R 7 0 R 14 0 R 15 0 R 16 0 R 17 0 R 18 0 R 19 0 R]";
const CHOICE: &str = "<</Type/Annot/Subtype/Widget/FT/Ch/Ff 2097152/T(muc)/Rect[1 30 9 39]/P 3 0 R/Opt[(a)(b)(c)]/V[(a)]/I[0]>>";
const TICK: &str = "<</Type/Annot/Subtype/Widget/FT/Btn/T(khan)/Rect[1 40 9 49]/P 3 0 R/V/Off/AS/Off/AP<</N<</Off 8 0 R/Yes 8 0 R>>>>>>";
const READ_ONLY: &str = "<</Type/Annot/Subtype/Widget/FT/Tx/Ff 1/T(co)/Rect[1 50 9 59]/P 3 0 R/V(fixed)>>";
const PUSH: &str =
    "<</Type/Annot/Subtype/Widget/FT/Btn/Ff 65536/T(in)/Rect[1 60 9 69]/P 3 0 R/MK<</CA(Print)>>>>";
const PACKET: &str = "<rdf:RDF><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">Letter</rdf:li></rdf:Alt></dc:title>\
    <xmp:ModifyDate>2026-01-01</xmp:ModifyDate></rdf:RDF>";

const NEW_PICTURE: &str = "/Type/XObject/Subtype/Form/BBox[0 0 40 10]";

fn catalog(file: FileBuilder, perms: &str, more: &str) -> FileBuilder {
    file.object(1, &format!("<<{RICH}{perms}{more}>>"))
}

/// The first signature after one more revision.
fn after(certify: Option<u8>, update: Update) -> (Verdict, SignatureReport) {
    let (file, perms) = rich(certify);
    let trailer = "/ID[<01><04>]/Info 34 0 R";
    let report = judged(&update(file, &perms).table(trailer).bytes);
    (report.verdict, report.signatures[0].clone())
}

/// The level that every case has, whatever the certification; whether it is allowed follows from it.
fn check(expected: ChangeLevel, cases: &[(&str, Update)]) {
    use ChangeLevel::{Annotations, FormFilling, Lta, None as Nothing};
    for (why, update) in cases {
        for certify in [None, Some(1), Some(2), Some(3)] {
            let (verdict, signature) = after(certify, *update);
            let changes = &signature.changes;
            assert_eq!(changes.level, expected, "{why}, {certify:?}: {:#?}", changes.details);
            let allowed = match expected {
                Nothing | Lta => true,
                FormFilling => certify != Some(1),
                Annotations => certify == Some(3),
                ChangeLevel::Other => false,
            };
            assert_eq!(changes.allowed, allowed, "{why}, {certify:?}");
            let verdict_expected = if allowed { Verdict::Valid } else { Verdict::Invalid };
            assert_eq!(verdict, verdict_expected, "{why}, {certify:?}: {:#?}", signature.findings);
        }
    }
}

#[test]
fn what_programs_note_when_they_save_is_allowed_even_with_p_1() {
    check(
        ChangeLevel::Lta,
        &[
            ("the date of saving", |file, _| {
                file.object(34, "<</Title(Letter)/ModDate(D:20260301)/Producer(y)>>")
            }),
            ("the date of saving in XMP", |file, _| {
                let packet = PACKET.replace("2026-01-01", "2026-03-01") + "   \n  ";
                file.stream(35, "/Type/Metadata/Subtype/XML", packet.as_bytes())
            }),
            ("an extension raised", |file, _| {
                file.object(45, "<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>/ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>")
            }),
            ("the version raised", |file, perms| catalog(file, perms, "/Version/2.0")),
        ],
    );
}

#[test]
fn what_honest_form_fillers_write_is_form_filling() {
    check(
        ChangeLevel::FormFilling,
        &[
            ("a text with its look drawn anew by a new object", |file, _| {
                let field = number_field("15").replace("8 0 R", "50 0 R");
                file.object(5, &field).stream(50, NEW_PICTURE, b"(15)")
            }),
            ("what the field looks like when drawn anew", |file, _| {
                file.object(5, &number_field("15").replace("/P 3", "/MK<<>>/P 3"))
            }),
            ("as Acrobat saves: dates, a font for the form, no more NeedAppearances", |file, _| {
                let form = RICH_FORM
                    .replace("/NeedAppearances true", "")
                    .replace("/F2 46 0 R", "/F2 46 0 R/F3 51 0 R")
                    .replace("/DR<<", "/DR<</Encoding<</PDFDocEncoding 52 0 R>>");
                file.object(5, &number_field("15"))
                    .stream(8, NEW_PICTURE, b"(15)")
                    .object(10, &format!("<<{form}/DA(/F1 0 Tf 0 g)>>"))
                    .object(51, "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>")
                    .object(52, "<</Type/Encoding/Differences[24/breve]>>")
                    .object(34, "<</Title(Letter)/ModDate(D:20260301)/Producer(Acrobat)>>")
                    .stream(35, "/Type/Metadata/Subtype/XML", PACKET.replace("01-01", "03-01").as_bytes())
            }),
            ("a choice", |file, _| file.object(14, &CHOICE.replace("[(a)]/I[0]", "[(b)(c)]/I[1 2]"))),
            ("a box ticked", |file, _| file.object(15, &TICK.replace("/V/Off/AS/Off", "/V/Yes/AS/Yes"))),
            ("the title", |file, _| file.object(34, "<</Title(Another)/ModDate(D:20260101)/Producer(x)>>")),
            ("the title in XMP", |file, _| {
                file.stream(35, "/Type/Metadata/Subtype/XML", PACKET.replace("Letter", "Another").as_bytes())
            }),
            ("an empty signature field for the next signer", |file, _| {
                file.object(10, &format!("<<{}>>", RICH_FORM.replace("17 0 R]", "17 0 R 50 0 R]")))
                    .object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, &signature_field("den", ""))
            }),
        ],
    );
}

#[test]
fn comments_are_allowed_by_p_3_only() {
    check(
        ChangeLevel::Annotations,
        &[
            ("a comment added", |file, _| {
                file.object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, "<</Type/Annot/Subtype/FreeText/Rect[1 1 9 9]/Contents(no)>>")
            }),
            ("a comment reworded", |file, _| {
                file.object(18, "<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(seen, approved)>>")
            }),
            ("a comment removed", |file, _| file.object(11, &ANNOTATIONS.replace(" 18 0 R", ""))),
            ("a comment freed", |file, _| file.free(18)),
        ],
    );
}

#[test]
fn whatever_else_differs_is_other() {
    check(
        ChangeLevel::Other,
        &[
            // What is drawn.
            ("resources that pages inherit", |file, _| file.object(12, "<</Font<</F1 46 0 R>>>>")),
            ("a box that pages inherit", |file, _| {
                file.object(
                    2,
                    "<</Type/Pages/Kids[3 0 R 33 0 R]/Count 2/MediaBox[0 0 20 10]/Resources 12 0 R>>",
                )
            }),
            ("a page removed", |file, _| {
                file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Resources 12 0 R>>")
            }),
            ("pages in another order", |file, _| {
                file.object(
                    2,
                    "<</Type/Pages/Kids[33 0 R 3 0 R]/Count 2/MediaBox[0 0 200 100]/Resources 12 0 R>>",
                )
            }),
            ("a stream's entry that is an object of its own", |file, _| file.object(13, "39")),
            ("a page's own look of things", |file, _| file.object(3, &format!("<<{RICH_PAGE}/UserUnit 2>>"))),
            ("a page that plays", |file, _| file.object(3, &format!("<<{RICH_PAGE}/AA<</O<<>>>>>>"))),
            ("the order of the tab key taken from the signer", |file, _| {
                file.object(3, &format!("<<{RICH_PAGE}/Tabs/R>>"))
            }),
            ("layers switched", |file, _| file.object(43, "<</OCGs[44 0 R]/D<</OFF[44 0 R]>>>>")),
            ("a layer's use", |file, _| {
                file.object(44, "<</Type/OCG/Name(stamp)/Usage<</Print<</PrintState/OFF>>>>>>")
            }),
            // Where a click leads.
            ("an outline's target", |file, _| {
                file.object(37, "<</Title(Start)/Parent 36 0 R/Dest[33 0 R/Fit]>>")
            }),
            ("a named target", |file, _| file.object(39, "<</Names[(start)[33 0 R/Fit]]>>")),
            ("scripts by name", |file, _| {
                file.object(38, "<</Dests 39 0 R/JavaScript<</Names[(x)<</S/JavaScript/JS(x)>>]>>>>")
            }),
            ("an attachment", |file, _| {
                file.object(38, "<</Dests 39 0 R/EmbeddedFiles<</Names[(x)<<>>]>>>>")
            }),
            ("an action when opened", |file, perms| catalog(file, perms, "/OpenAction[33 0 R/Fit]")),
            ("actions of the document", |file, perms| catalog(file, perms, "/AA<</WC<<>>>>")),
            ("targets of the old kind", |file, perms| catalog(file, perms, "/Dests<</start[33 0 R/Fit]>>")),
            ("how it is shown first", |file, perms| {
                catalog(file, perms, "/ViewerPreferences<</HideToolbar true>>")
            }),
            ("what the pages are called", |file, perms| {
                catalog(file, perms, "/PageLabels<</Nums[0<</S/r>>]>>")
            }),
            ("a link's target", |file, _| {
                file.object(19, "<</Type/Annot/Subtype/Link/Rect[1 1 9 9]/Dest[33 0 R/Fit]>>")
            }),
            ("a link added", |file, _| {
                file.object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, "<</Type/Annot/Subtype/Link/Rect[1 1 9 9]/A<</S/URI/URI(http://x)>>>>")
            }),
            ("a comment that acts", |file, _| {
                file.object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, "<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/A<</S/Launch/F(x)>>>>")
            }),
            ("a watermark", |file, _| {
                file.object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, "<</Type/Annot/Subtype/Watermark/Rect[1 1 99 99]/AP<</N 8 0 R>>>>")
            }),
            ("what lies on what", |file, _| {
                file.object(11, &ANNOTATIONS.replace("18 0 R 19 0 R", "19 0 R 18 0 R"))
            }),
            // The form.
            ("a look for an empty signature field", |file, _| {
                file.object(7, &signature_field("dau", "/AP<</N 50 0 R>>")).stream(50, NEW_PICTURE, b"(SEAL)")
            }),
            ("an empty signature field made to print", |file, _| {
                file.object(7, &signature_field("dau", "").replace("/F 132", "/F 4"))
            }),
            ("a text hidden", |file, _| file.object(5, &number_field("").replace("/P 3", "/F 2/P 3"))),
            ("a field made read-only", |file, _| {
                file.object(5, &number_field("").replace("/P 3", "/Ff 1/P 3"))
            }),
            ("a field made writable", |file, _| file.object(16, &READ_ONLY.replace("/Ff 1", ""))),
            ("a field that nobody may fill", |file, _| file.object(16, &READ_ONLY.replace("fixed", "other"))),
            ("a button's caption", |file, _| file.object(17, &PUSH.replace("Print", "Sign"))),
            ("what may be chosen", |file, _| file.object(14, &CHOICE.replace("(c)", "(d)"))),
            ("a field renamed", |file, _| file.object(5, &number_field("").replace("(so)", "(xo)"))),
            ("a font of the form written anew", |file, _| {
                file.object(
                    46,
                    "<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding<</Differences[49/two]>>>>",
                )
            }),
            ("viewers told that nothing is signed", |file, _| {
                file.object(10, &format!("<<{}>>", RICH_FORM.replace("/SigFlags 3", "/SigFlags 0")))
            }),
            ("another field of the signed field's name", |file, _| {
                file.object(10, &format!("<<{}>>", RICH_FORM.replace("17 0 R]", "17 0 R 50 0 R]")))
                    .object(11, &ANNOTATIONS.replace(']', " 50 0 R]"))
                    .object(50, &signature_field("lanh_dao", ""))
            }),
            ("an old field below a new one", |file, _| {
                file.object(10, &format!("<<{}>>", RICH_FORM.replace("17 0 R]", "17 0 R 50 0 R]")))
                    .object(50, "<</FT/Sig/T(x)/Kids[5 0 R]>>")
            }),
            ("calculations", |file, _| file.object(10, &format!("<<{RICH_FORM}/CO[5 0 R]>>"))),
            ("forms of the other kind", |file, _| file.object(10, &format!("<<{RICH_FORM}/XFA[(x)8 0 R]>>"))),
            ("the signature's own value written anew", |file, _| {
                file.object(20, "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached>>")
            }),
            ("a field that points to an old dictionary as if to a signature", |file, _| {
                file.object(7, &signature_field("dau", "/V 34 0 R"))
            }),
            ("a field whose value is drawn by the page", |file, _| {
                file.object(5, &number_field("").replace("/V()", "/V 4 0 R"))
            }),
            ("a field moved to another page", |file, _| {
                file.object(5, &number_field("").replace("/P 3 0 R", "/P 33 0 R"))
                    .object(11, &ANNOTATIONS.replace("5 0 R ", ""))
                    .object(33, "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>")
            }),
            ("a field listed on two pages", |file, _| {
                file.object(33, "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>")
            }),
            ("a text field that is a signature now", |file, _| {
                file.object(5, &number_field("").replace("/FT/Tx", "/FT/Sig"))
            }),
            // The frame.
            ("an extension lowered", |file, _| {
                file.object(45, "<</ADBE<</BaseVersion/1.7/ExtensionLevel 3>>>>")
            }),
            ("an extension gone", |file, _| {
                file.object(45, "<</ESIC<</BaseVersion/1.7/ExtensionLevel 8>>>>")
            }),
            ("the version lowered", |file, perms| catalog(file, perms, "/Version/1.4")),
            ("metadata that are none", |file, _| file.object(35, "(x)")),
            ("a claim to be tagged", |file, perms| catalog(file, perms, "/MarkInfo<</Marked true>>")),
            ("a structure tree where there was none", |file, perms| {
                catalog(file, perms, "/StructTreeRoot 50 0 R").object(50, "<</Type/StructTreeRoot>>")
            }),
            ("the document's language", |file, perms| catalog(file, perms, "/Lang(en)")),
        ],
    );
}

#[test]
fn an_object_stream_that_comes_into_being_is_other() {
    // The signed page has an object in object stream 40, which does not exist: nobody could read it.
    let mut file = letter()
        .object(3, &format!("<<{PAGE}/PieceInfo 12 0 R>>"))
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    file.entries.insert(12, crate::pdf::EntryKind::InStream { container: 40, index: 0 });
    let file = Signing::by_leader(20).close(with_stream(file, 41));
    let sprung = file.stream(40, "/Type/ObjStm/N 1/First 5", b"12 0 (here I am)").table("").bytes;
    let report = judged(&sprung);
    assert_ne!(report.verdict, Verdict::Valid, "{:#?}", report.signatures[0].changes);
}

/// Closes the revision with a cross-reference stream, for entries that a table cannot hold.
fn with_stream(file: FileBuilder, number: u32) -> FileBuilder {
    file.xref_stream(number, "/ID[<01><02>]")
}

#[test]
fn the_encryption_dictionary_may_not_be_written_anew() {
    // Referred to from the trailer alone; not read here, for the file says only that it is encrypted.
    let file = FileBuilder::new().with_a_page().object(60, "<</Filter/Standard>>").table("");
    let signed = file.raw("").table("/ID[<01><02>]/Encrypt 60 0 R");
    let bytes = signed.object(60, "<</Filter/Other>>").table("/ID[<01><02>]/Encrypt 60 0 R").bytes;
    let document = Document::open(&bytes, Limits::default()).unwrap();
    let comparison = Comparison::new(&document, &Form::default(), 1).unwrap();
    let differences = comparison.since(1).unwrap();
    assert_eq!(differences.level(), Level::Other, "{differences:?}");
}

#[test]
fn changes_say_what_was_and_what_is_and_where() {
    // (update, rule, path's end, old, new, page, box)
    type Case = (
        Update,
        &'static str,
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Option<u64>,
        Option<[f64; 4]>,
    );
    let page = [0.0, 0.0, 200.0, 100.0];
    let cases: &[Case] = &[
        (
            |file, _| file.object(5, &number_field("15")),
            "field_value",
            "(so)",
            Some(""),
            Some("15"),
            Some(1),
            Some([10.0, 10.0, 50.0, 20.0]),
        ),
        (
            |file, _| file.object(14, &CHOICE.replace("[(a)]/I[0]", "[(b)(c)]/I[1 2]")),
            "field_value",
            "(muc)",
            Some("a"),
            Some("b, c"),
            Some(1),
            Some([1.0, 30.0, 9.0, 39.0]),
        ),
        (
            |file, _| file.object(15, &TICK.replace("/V/Off/AS/Off", "/V/Yes/AS/Yes")),
            "field_value",
            "(khan)",
            Some("Off"),
            Some("Yes"),
            Some(1),
            Some([1.0, 40.0, 9.0, 49.0]),
        ),
        (
            |file, _| file.object(34, "<</Title(Another)/ModDate(D:20260101)/Producer(x)>>"),
            "document_information",
            "/Info/Title",
            Some("Letter"),
            Some("Another"),
            None,
            None,
        ),
        (
            |file, _| {
                file.stream(35, "/Type/Metadata/Subtype/XML", PACKET.replace("Letter", "Another").as_bytes())
            },
            "metadata",
            "/Metadata",
            Some("Letter"),
            Some("Another"),
            None,
            None,
        ),
        (
            |file, _| file.object(18, "<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(no)>>"),
            "annotation_changed",
            "/Contents",
            Some("seen"),
            Some("no"),
            Some(1),
            Some([1.0, 1.0, 9.0, 9.0]),
        ),
        (
            |file, _| file.object(11, &ANNOTATIONS.replace(" 18 0 R", "")),
            "annotation_removed",
            "/Annots",
            Some("seen"),
            None,
            Some(1),
            Some([1.0, 1.0, 9.0, 9.0]),
        ),
        (
            |file, _| {
                file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Resources 12 0 R>>")
            },
            "content",
            "/Pages/Count",
            Some("2"),
            Some("1"),
            None,
            None,
        ),
        (|file, _| file.stream(4, "", b"x"), "content", "/Contents", None, None, Some(1), Some(page)),
        (
            |file, _| file.object(3, &format!("<<{RICH_PAGE}/Rotate 90>>")),
            "page",
            "/Rotate",
            None,
            Some("90"),
            Some(1),
            Some(page),
        ),
        (
            |file, perms| catalog(file, perms, "/Lang(en)"),
            "catalog_entry",
            "/Lang",
            None,
            Some("en"),
            None,
            None,
        ),
    ];
    for (index, (update, rule, path, old, new, page, rect)) in cases.iter().enumerate() {
        let (_, signature) = after(None, *update);
        let details = &signature.changes.details;
        let found = details.iter().find(|change| change.rule == *rule && change.path.ends_with(path));
        let Some(found) = found else { panic!("case {index}: {details:#?}") };
        assert_eq!((found.old.as_deref(), found.new.as_deref()), (*old, *new), "case {index}: {found:#?}");
        assert_eq!((found.page, found.rect), (*page, *rect), "case {index}: {found:#?}");
    }
}

#[test]
fn a_report_without_boxes_can_still_be_read() {
    let old = r#"{"object":"5 0","path":"/x","rule":"field_value","page":1,"old":null,"new":"15"}"#;
    assert_eq!(serde_json::from_str::<Change>(old).unwrap().rect, None);
}

#[test]
fn fields_that_the_signature_itself_locks_may_not_be_filled() {
    let cases = [
        ("/Action/All", false),
        ("/Action/Include/Fields[(so)]", false),
        ("/Action/Include/Fields[(dau)]", true),
        ("/Action/Exclude/Fields[(so)]", true),
        ("/Action/Exclude/Fields[(dau)]", false),
        // An action that nobody knows is read as the strictest.
        ("/Action/Some/Fields[(dau)]", false),
    ];
    for (lock, allowed) in cases {
        let parameters = format!("/TransformParams<</Type/TransformParams/V/1.2{lock}>>");
        let transform = format!("/Type/SigRef/TransformMethod/FieldMDP/Data 1 0 R{parameters}");
        let entries = format!("/M({SIGNED_AT})/Reference[<<{transform}>>]");
        let signing = Signing { entries, ..Signing::by_leader(20) };
        let file = signing.close(letter().object(6, &signature_field("lanh_dao", "/V 20 0 R")));
        let report = judged(&file.object(5, &number_field("15")).table("").bytes);
        assert_eq!(report.signatures[0].changes.allowed, allowed, "{lock}");
    }
}

#[test]
fn what_is_not_allowed_is_listed_however_much_else_changed() {
    let numbers = 100..1_150;
    let listed: String = numbers.clone().map(|number| format!(" {number} 0 R")).collect();
    let fields = |mut file: FileBuilder, value: &str| {
        for number in numbers.clone() {
            let field = "/Type/Annot/Subtype/Widget/FT/Tx/Rect[0 0 9 9]/P 3 0 R";
            file = file.object(number, &format!("<<{field}/T(f{number})/V({value})>>"));
        }
        file
    };
    let file = letter()
        .object(3, &format!("<<{PAGE}/PieceInfo 2000 0 R>>"))
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
        .object(10, &format!("<<{FORM}/Fields[6 0 R{listed}]>>"))
        .object(11, &format!("[6 0 R{listed}]"))
        .object(2_000, "(kept)");
    let signed = Signing::by_leader(20).close(fields(file, ""));
    let report = judged(&fields(signed, "x").object(2_000, "(changed)").table("").bytes);
    let signature = &report.signatures[0];
    assert_eq!((report.verdict, signature.changes.details.len()), (Verdict::Invalid, 1_000));
    assert!(signature.changes.details.iter().any(|change| change.rule == "content"));
    assert!(super::codes(signature).contains(&"changes_listed_in_part"));
}
