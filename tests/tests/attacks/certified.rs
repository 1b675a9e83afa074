//! Attacks on certified documents: annotations and signatures are allowed, and made to lie over the text.
//! And the shadow attacks: the file was prepared before it was signed, and an update springs the trap.

use super::case::{Case, Verdict, changed, family, leader, passed};
use super::file::{
    CATALOG, FONT, FORGED, FORM, FORM_XOBJECT, HONEST, PAGE, Pdf, Signing, filled, find, number_field, parts,
    signature_field, signed, signed_over, stream, taken, words,
};
use super::pki::people;

/// A white box with other words, where the letter's words are.
fn cover() -> String {
    let draw = format!("1 1 1 rg 0 0 180 20 re f 0 g BT /F1 12 Tf 0 5 Td ({FORGED}) Tj ET");
    stream(FORM_XOBJECT, &draw)
}

/// An annotation of this subtype over the letter's words, added after certification with `/P`.
fn annotated(p: u8, subtype: &str, more: &str) -> Pdf {
    signed(Some(p))
        .object(
            30,
            &format!(
                "<</Type/Annot/Subtype/{subtype}/Rect[10 75 190 95]/P 3 0 R/F 4{more}/AP<</N 31 0 R>>>>"
            ),
        )
        .object(31, &cover())
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
        .table("")
}

/// The insider's signature in a new field whose face covers the letter's words.
fn sneaky(p: Option<u8>, rect: &str, look: &str) -> Pdf {
    let field = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(den)/Rect[{rect}]/P 3 0 R/F 132/V 32 0 R/AP<</N 31 0 R>>>>"
    );
    let file = signed(p)
        .object(30, &field)
        .object(31, look)
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]");
    Signing::by(32, &people().insider).close(file)
}

/// The first signature's judgement, and that of the insider's own, which is good.
fn and_insider(first: Verdict) -> Verdict {
    let Verdict::Signed(mut signatures) = first else { return first };
    signatures.push(leader("TOTAL-PASSED", None, &[]).of("den"));
    Verdict::Signed(signatures)
}

fn evil_annotations() -> Vec<Case> {
    vec![
        Case::new(
            "eaa-free-text",
            "certified with P=3; a FreeText annotation with other words lies over the amount",
            changed(),
            annotated(3, "FreeText", "/DA(/F1 12 Tf 0 g)/Contents(Pay 999 dong)"),
        ),
        Case::new(
            "eaa-stamp",
            "certified with P=3; a stamp with other words lies over the amount",
            changed(),
            annotated(3, "Stamp", "/Name/Draft"),
        ),
        Case::new(
            "eaa-redact",
            "certified with P=3; a redaction covers the amount and waits to be applied",
            changed(),
            annotated(3, "Redact", "/OverlayText(Pay 999 dong)"),
        ),
        Case::new(
            "eaa-square",
            "certified with P=3; a white filled square over the amount",
            changed(),
            annotated(3, "Square", "/IC[1 1 1]/C[1 1 1]"),
        ),
        Case::new(
            "eaa-ink",
            "certified with P=3; broad white ink over the amount",
            changed(),
            annotated(3, "Ink", "/InkList[[10 85 190 85]]/C[1 1 1]/BS<</W 20>>"),
        ),
        Case::new(
            "eaa-watermark",
            "certified with P=3; a watermark annotation, which is drawn as if it were the page",
            changed(),
            annotated(3, "Watermark", ""),
        ),
        Case::new(
            "eaa-rich-media",
            "certified with P=3; a screen annotation with other content over the amount",
            changed(),
            annotated(3, "Screen", ""),
        ),
        Case::new(
            "eaa-unknown-subtype",
            "certified with P=3; an annotation of no known kind, drawn by its appearance",
            changed(),
            annotated(3, "Whatever", ""),
        ),
        Case::new(
            "eaa-no-subtype",
            "certified with P=3; an annotation without /Subtype",
            changed(),
            annotated(3, "Stamp", "").edited_last("/Subtype/Stamp", ""),
        ),
        Case::new(
            "eaa-widget",
            "certified with P=3; a widget of no field, drawn over the amount",
            changed(),
            annotated(3, "Widget", "/FT/Tx/V(999)"),
        ),
        Case::new(
            "eaa-highlight-face",
            "certified with P=3; a highlight whose appearance is a white box with other words",
            changed(),
            annotated(3, "Highlight", "/QuadPoints[10 95 190 95 10 75 190 75]"),
        ),
        Case::new(
            "eaa-note-face",
            "certified with P=3; a note whose appearance is a white box with other words, as large as the line",
            changed(),
            annotated(3, "Text", "/Name/Note/Contents(Agreed)"),
        ),
        Case::new(
            "eaa-over-field",
            "certified with P=3; a stamp lies over the number that was filled in",
            changed(),
            filled(signed(Some(3)))
                .object(30, "<</Type/Annot/Subtype/Stamp/Rect[10 40 90 54]/P 3 0 R/F 4/AP<</N 31 0 R>>>>")
                .object(31, &cover())
                .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                .table(""),
        ),
        Case::new(
            "eaa-removed",
            "certified with P=3; a stamp that hid other words when the letter was signed is removed",
            changed(),
            {
                let content = stream("", &format!("BT /F1 12 Tf 10 80 Td ({FORGED}) Tj ET"));
                let stamp = "<</Type/Annot/Subtype/Stamp/Rect[10 75 190 95]/P 3 0 R/F 4/AP<</N 31 0 R>>>>";
                let file = parts(Pdf::new())
                    .object(4, &content)
                    .object(30, stamp)
                    .object(31, &cover().replace(FORGED, HONEST))
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("");
                signed_over(file, Some(3)).object(11, "[5 0 R 6 0 R 7 0 R]").table("")
            },
        ),
        Case::new(
            "eaa-reordered",
            "certified with P=3; of two stamps, one on the other, the lower one is put on top",
            changed(),
            {
                let stamp = |look: u32| {
                    format!(
                        "<</Type/Annot/Subtype/Stamp/Rect[110 50 190 70]/P 3 0 R/F 4/AP<</N {look} 0 R>>>>"
                    )
                };
                let file = parts(Pdf::new())
                    .object(30, &stamp(31))
                    .object(31, &cover())
                    .object(32, &stamp(33))
                    .object(33, &cover().replace(FORGED, HONEST))
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R 32 0 R]")
                    .table("");
                signed_over(file, Some(3)).object(11, "[5 0 R 6 0 R 7 0 R 32 0 R 30 0 R]").table("")
            },
        ),
        Case::new(
            "eaa-free-text-changed",
            "certified with P=3; a FreeText that was signed says something else",
            changed(),
            {
                let text = |words: &str| {
                    format!(
                        "<</Type/Annot/Subtype/FreeText/Rect[110 50 190 70]/P 3 0 R/F 4/DA(/F1 12 Tf 0 g)/Contents({words})>>"
                    )
                };
                let file = parts(Pdf::new())
                    .object(30, &text(HONEST))
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("");
                signed_over(file, Some(3)).object(30, &text(FORGED)).table("")
            },
        ),
        Case::new(
            "eaa-p2",
            "the stamp again, certified with P=2: no annotations",
            changed(),
            annotated(2, "Stamp", "/Name/Draft"),
        ),
        Case::new(
            "eaa-p1",
            "the stamp again, certified with P=1: nothing at all",
            changed(),
            annotated(1, "Stamp", "/Name/Draft"),
        ),
        Case::new(
            "eaa-uncertified",
            "the stamp again, on an approval signature: nobody allowed annotations",
            changed(),
            {
                signed(None)
                    .object(
                        30,
                        "<</Type/Annot/Subtype/Stamp/Rect[10 75 190 95]/P 3 0 R/F 4/AP<</N 31 0 R>>>>",
                    )
                    .object(31, &cover())
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("")
            },
        ),
        Case::new(
            "eaa-existing-moved",
            "certified with P=3; a stamp that was signed elsewhere on the page is moved over the amount",
            changed(),
            {
                let stamp = |rect: &str| {
                    format!("<</Type/Annot/Subtype/Stamp/Rect[{rect}]/P 3 0 R/F 4/AP<</N 31 0 R>>>>")
                };
                let file = parts(Pdf::new())
                    .object(30, &stamp("10 5 40 9"))
                    .object(31, &cover())
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("");
                signed_over(file, Some(3)).object(30, &stamp("10 75 190 95")).table("")
            },
        ),
        Case::new(
            "eaa-hidden-shown",
            "certified with P=3; a hidden stamp over the amount loses its hidden flag",
            changed(),
            {
                let stamp = |flags: u8| {
                    format!(
                        "<</Type/Annot/Subtype/Stamp/Rect[10 75 190 95]/P 3 0 R/F {flags}/AP<</N 31 0 R>>>>"
                    )
                };
                let file = parts(Pdf::new())
                    .object(30, &stamp(2))
                    .object(31, &cover())
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("");
                signed_over(file, Some(3)).object(30, &stamp(4)).table("")
            },
        ),
        Case::new(
            "eaa-seal-removed",
            "certified with P=3; the signature field's widget is taken off its page",
            changed(),
            signed(Some(3)).object(11, "[5 0 R 7 0 R]").table(""),
        ),
    ]
}

fn sneaky_signatures() -> Vec<Case> {
    let whole = "10 75 190 95";
    let logo = stream(FORM_XOBJECT, "BT /F1 8 Tf 2 5 Td (Le Thi B) Tj ET");
    vec![
        Case::new(
            "ssa-p2",
            "certified with P=2; a signature is added whose face covers the amount with another",
            and_insider(changed()),
            sneaky(Some(2), whole, &cover()),
        ),
        Case::new(
            "ssa-p1",
            "certified with P=1; the same",
            and_insider(changed()),
            sneaky(Some(1), whole, &cover()),
        ),
        Case::new(
            "ssa-approval",
            "an approval signature; the same",
            and_insider(changed()),
            sneaky(None, whole, &cover()),
        ),
        Case::new(
            "ssa-whole-page",
            "certified with P=2; the added signature's face covers all of the page",
            and_insider(changed()),
            sneaky(Some(2), "0 0 200 100", &cover()),
        ),
        Case::new(
            "ssa-empty-field",
            "certified with P=2; an empty signature field is added whose face covers the amount",
            changed(),
            {
                let field = format!(
                    "<</Type/Annot/Subtype/Widget/FT/Sig/T(den)/Rect[{whole}]/P 3 0 R/F 132/AP<</N 31 0 R>>>>"
                );
                signed(Some(2))
                    .object(30, &field)
                    .object(31, &cover())
                    .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("")
            },
        ),
        Case::new(
            "ssa-prepared-field",
            "certified with P=2; an empty signature field, which nobody sees, lay over the amount when the leader signed, and gets a face that covers it",
            and_seal(changed()),
            {
                let field = |more: &str| signature_field("dau", more).replace("110 10 190 30", whole);
                let file = signed_over(parts(Pdf::new()).object(7, &field("")).table(""), Some(2));
                let file = file.object(7, &field("/V 21 0 R/AP<</N 31 0 R>>")).object(31, &cover());
                Signing::by(21, &people().insider).close(file)
            },
        ),
        Case::new(
            "ssa-signed-face",
            "the face of the signature that is there is drawn anew, over the amount",
            changed(),
            {
                let field =
                    signature_field("lanh_dao", "/V 20 0 R/AP<</N 31 0 R>>").replace("110 10 190 30", whole);
                signed(Some(2)).object(6, &field).object(31, &cover()).table("")
            },
        ),
        Case::new(
            "ssa-face-in-place",
            "the face of the signature that is there is replaced in its own object",
            changed(),
            {
                let field = signature_field("lanh_dao", "/V 20 0 R/AP<</N 31 0 R>>");
                let file = taken(letter_with_face(&logo), Some(2)).object(6, &field);
                Signing::by_leader(20).certifying(2).close(file).object(31, &cover()).table("")
            },
        ),
        Case::new(
            "ssa-empty-moved",
            "certified with P=2; the seal's empty field is moved over the amount while it is signed",
            and_seal(changed()),
            {
                let field =
                    signature_field("dau", "/V 21 0 R/AP<</N 31 0 R>>").replace("110 10 190 30", whole);
                let file = signed(Some(2)).object(7, &field).object(31, &cover());
                Signing::by(21, &people().insider).close(file)
            },
        ),
    ]
}

fn and_seal(first: Verdict) -> Verdict {
    let Verdict::Signed(mut signatures) = first else { return first };
    signatures.push(leader("TOTAL-PASSED", None, &[]).of("dau"));
    Verdict::Signed(signatures)
}

/// The letter whose first signature field has a face already.
fn letter_with_face(look: &str) -> Pdf {
    parts(Pdf::new()).object(31, look).table("")
}

fn shadow() -> Vec<Case> {
    let image = "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/ASCIIHexDecode";
    let page = |more: &str| format!("<<{}>>", PAGE.replace("/Font<<", &format!("{more}/Font<<")));
    let pictured = || {
        let content =
            stream("", &format!("BT /F1 12 Tf 10 80 Td ({FORGED}) Tj ET q 180 0 0 20 10 75 cm /X Do Q"));
        let file = parts(Pdf::new()).object(3, &page("/XObject<</X 30 0 R>>")).object(4, &content);
        signed_over(file.object(30, &stream(image, "ff>")).table(""), None)
    };
    vec![
        Case::new(
            "shadow-hide",
            "the signer saw a picture, and beneath it lay other words; the update frees the picture",
            changed(),
            pictured().free(30, 1).table(""),
        ),
        Case::new(
            "shadow-hide-null",
            "the same; the picture becomes null",
            changed(),
            pictured().object(30, "null").table(""),
        ),
        Case::new(
            "shadow-hide-smaller",
            "the same; the picture is replaced by one that is painted nowhere",
            changed(),
            pictured().object(30, &stream(image, ">")).table(""),
        ),
        Case::new(
            "shadow-hide-resource",
            "the same; the page's resources lose the picture",
            changed(),
            pictured().object(3, &page("")).table(""),
        ),
        Case::new(
            "shadow-replace-value",
            "a text field shows 100 and holds 999; the update takes the drawing away",
            changed(),
            {
                let field = |look: &str| {
                    format!(
                        "<</Type/Annot/Subtype/Widget/FT/Tx/Ff 1/T(so)/Rect[10 40 90 54]/P 3 0 R/DA(/F1 10 Tf 0 g)/V(999){look}>>"
                    )
                };
                let file = parts(Pdf::new())
                    .object(5, &field("/AP<</N 8 0 R>>"))
                    .object(8, &stream(FORM_XOBJECT, "BT /F1 10 Tf 2 5 Td (100) Tj ET"))
                    .table("");
                signed_over(file, None).object(5, &field("")).table("")
            },
        ),
        Case::new(
            "shadow-replace-overlay",
            "a read-only text field's drawing is replaced by other words",
            changed(),
            {
                let field = number_field("100").replace("/FT/Tx", "/FT/Tx/Ff 1");
                let file = parts(Pdf::new())
                    .object(5, &field)
                    .object(8, &stream(FORM_XOBJECT, "BT /F1 10 Tf 2 5 Td (100) Tj ET"))
                    .table("");
                signed_over(file, None)
                    .object(8, &stream(FORM_XOBJECT, "BT /F1 10 Tf 2 5 Td (999) Tj ET"))
                    .table("")
            },
        ),
        Case::new(
            "shadow-replace-font",
            "the font that the words are drawn with is replaced: 1 looks like 9",
            changed(),
            signed(None)
                .object(
                    9,
                    &FONT
                        .replace("/Encoding/WinAnsiEncoding", "/Encoding<</Differences[49/nine/nine/nine]>>"),
                )
                .table(""),
        ),
        Case::new(
            "shadow-hide-and-replace",
            "other content stood in the signed bytes, in no table; the update is a table that leads to it",
            changed(),
            hidden_twin(&|file, other| file.entry(4, other).table("")),
        ),
        Case::new(
            "shadow-hide-and-replace-page",
            "another page stood in the signed bytes, in no table; the update's table leads to it",
            changed(),
            {
                let file = Pdf::new()
                    .raw(&format!("3 0 obj\n<<{}>>\nendobj\n", PAGE.replace("4 0 R", "40 0 R")))
                    .object(40, &words(FORGED));
                let other = find(&file.bytes, "3 0 obj", 0);
                signed_over(parts(file).table(""), None).entry(3, other).table("")
            },
        ),
        Case::new(
            "shadow-hide-and-replace-catalog",
            "another catalog stood in the signed bytes, unused; the update's trailer names it",
            changed(),
            {
                let other = CATALOG.replace("2 0 R", "42 0 R");
                let file = parts(Pdf::new())
                    .object(40, &words(FORGED))
                    .object(
                        41,
                        &format!(
                            "<<{}>>",
                            PAGE.replace("4 0 R", "40 0 R").replace("/Parent 2", "/Parent 42")
                        ),
                    )
                    .object(42, "<</Type/Pages/Kids[41 0 R]/Count 1/MediaBox[0 0 200 100]>>")
                    .object(43, &format!("<<{other}>>"))
                    .table("");
                signed_over(file, None).root(43).table("")
            },
        ),
        Case::new(
            "shadow-kids",
            "a second page stood in the signed bytes, unused; the update puts it into the page tree",
            changed(),
            {
                let file = parts(Pdf::new())
                    .object(40, &words(FORGED))
                    .object(
                        41,
                        &format!("<<{}>>", PAGE.replace("4 0 R", "40 0 R").replace("/Annots 11 0 R", "")),
                    )
                    .table("");
                signed_over(file, None)
                    .object(2, "<</Type/Pages/Kids[41 0 R]/Count 1/MediaBox[0 0 200 100]>>")
                    .table("")
            },
        ),
        Case::new(
            "shadow-trap",
            "the signed page names a content stream that does not exist; the update defines it",
            changed(),
            {
                let page = format!("<<{}>>", PAGE.replace("/Contents 4 0 R", "/Contents[4 0 R 40 0 R]"));
                let file = parts(Pdf::new()).object(3, &page).table("");
                signed_over(file, None)
                    .object(
                        40,
                        &stream(
                            "",
                            &format!("1 1 1 rg 0 70 200 30 re f 0 g BT /F1 12 Tf 10 80 Td ({FORGED}) Tj ET"),
                        ),
                    )
                    .table("")
            },
        ),
        Case::new(
            "shadow-field-over-words",
            "an empty text field lay over the amount when the letter was signed; it is filled, and its face covers the amount with another",
            changed(),
            {
                let field = |value: &str| number_field(value).replace("10 40 90 54", "10 75 190 95");
                let file = signed_over(parts(Pdf::new()).object(5, &field("")).table(""), None);
                file.object(5, &field("999")).object(8, &cover()).table("")
            },
        ),
        Case::new(
            "shadow-button-over-words",
            "a check box lay over the amount, off and transparent, when the letter was signed; it is switched on, and its other face covers the amount",
            changed(),
            {
                let button = |state: &str| {
                    format!(
                        "<</Type/Annot/Subtype/Widget/FT/Btn/T(so)/Rect[10 75 190 95]/P 3 0 R/V/{state}/AS/{state}/AP<</N<</Off 8 0 R/Yes 30 0 R>>>>>>"
                    )
                };
                let file = parts(Pdf::new()).object(5, &button("Off")).object(30, &cover()).table("");
                signed_over(file, None).object(5, &button("Yes")).table("")
            },
        ),
        Case::new(
            "shadow-unsprung",
            "the hidden content is there and no update leads to it: the signature is what it was, and inspect names the trap",
            passed(&[]),
            hidden_twin(&|file, _| file),
        ),
        Case::new(
            "shadow-appearance-state",
            "a check box is shown as its other state, whose drawing was prepared before",
            passed(&["form_filled_after"]),
            {
                let button = |state: &str| {
                    format!(
                        "<</Type/Annot/Subtype/Widget/FT/Btn/T(so)/Rect[10 40 90 54]/P 3 0 R/V/{state}/AS/{state}/AP<</N<</Off 8 0 R/Yes 30 0 R>>>>>>"
                    )
                };
                let file = parts(Pdf::new())
                    .object(5, &button("Off"))
                    .object(30, &stream(FORM_XOBJECT, "BT /F1 10 Tf 2 5 Td (x) Tj ET"))
                    .table("");
                signed_over(file, None).object(5, &button("Yes")).table("")
            },
        ),
    ]
}

/// Two objects 4 in the signed bytes, of which the table knows the honest one.
fn hidden_twin(update: &dyn Fn(Pdf, usize) -> Pdf) -> Pdf {
    let file = Pdf::new().raw(&format!("4 0 obj\n{}\nendobj\n", words(FORGED)));
    let other = find(&file.bytes, "4 0 obj", 0);
    let file = signed_over(parts(file).table(""), None);
    assert!(find(&file.bytes, HONEST, 0) > other);
    update(file, other)
}

pub(super) fn cases() -> Vec<Case> {
    let certified = "Rohlmann et al. 2021, Breaking the Specification";
    let mut cases = family("evil annotation", certified, evil_annotations());
    cases.extend(family("sneaky signature", certified, sneaky_signatures()));
    cases.extend(family("shadow", "Mainka et al. 2021, Shadow Attacks", shadow()));
    cases
}
