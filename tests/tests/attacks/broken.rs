//! Files that are broken rather than evil, for `fixtures/pdf/broken`: each gives a report or an error with a
//! name, and no panic.

use super::case::{Case, Verdict, changed, family, passed};
use super::file::{
    CATALOG, FORM, HONEST, PAGE, Pdf, letter, parts, signature_field, signed, signed_over, stream,
};

fn refused(code: &'static str) -> Verdict {
    Verdict::Refused(code)
}

fn unsigned() -> Verdict {
    Verdict::Unsigned("")
}

/// The letter with one object written otherwise.
fn with(number: u32, body: &str) -> Pdf {
    parts(Pdf::new()).object(number, body).table("")
}

fn cut(file: &Pdf, length: usize) -> Pdf {
    Pdf::of(&[&file.bytes[..length]])
}

pub(super) fn cases() -> Vec<Case> {
    let whole = letter();
    let nested = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = vec![
        Case::new("empty", "no byte at all", refused("not_pdf"), Pdf::of(&[])),
        Case::new(
            "picture",
            "the first bytes of a PNG picture, named .pdf by somebody",
            refused("not_pdf"),
            Pdf::of(&[b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]),
        ),
        Case::new("header-only", "a header and nothing else", refused("truncated"), Pdf::new()),
        Case::new(
            "half",
            "a download that broke off in its middle",
            refused("truncated"),
            cut(&whole, whole.bytes.len() / 2),
        ),
        Case::new(
            "without-eof",
            "the last line is missing",
            refused("truncated"),
            cut(&whole, whole.bytes.len() - 6),
        ),
        Case::new(
            "signed-half",
            "a signed letter that broke off inside the signature value",
            refused("truncated"),
            {
                let file = signed(None);
                cut(&file, file.behind("/Contents <", 0) + 1_000)
            },
        ),
        Case::new(
            "startxref-beyond",
            "startxref leads behind the end of the file",
            refused("truncated"),
            Pdf::of(&[&whole.bytes[..whole.bytes.len() - 30], b"\nstartxref\n99999999\n%%EOF\n"]),
        ),
        Case::new(
            "startxref-into-object",
            "startxref leads into an object",
            refused("malformed_pdf"),
            Pdf::of(&[&whole.bytes, b"startxref\n20\n%%EOF\n"]),
        ),
        Case::new(
            "line-ends-converted",
            "somebody's editor put CR LF for LF: every offset is off",
            refused("malformed_pdf"),
            {
                let text = String::from_utf8(whole.bytes.clone()).unwrap().replace('\n', "\r\n");
                Pdf::of(&[text.as_bytes()])
            },
        ),
        Case::new(
            "offsets-off",
            "every offset of the table is one too large",
            refused("malformed_pdf"),
            parts(Pdf::new()).entry(1, 10).table(""),
        ),
        Case::new(
            "no-root",
            "the trailer names no catalog",
            refused("malformed_pdf"),
            letter().edited("/Root 1 0 R", "/Rood 1 0 R"),
        ),
        Case::new("root-is-array", "the catalog is an array", refused("malformed_pdf"), with(1, "[1 2 3]")),
        Case::new(
            "root-missing",
            "the catalog is freed",
            refused("malformed_pdf"),
            parts(Pdf::new()).free(1, 0).table(""),
        ),
        Case::new(
            "pages-missing",
            "the catalog has no /Pages",
            refused("malformed_pdf"),
            with(1, "<</Type/Catalog/AcroForm 10 0 R>>"),
        ),
        Case::new(
            "pages-loop",
            "the page tree leads back into itself",
            refused("reference_loop"),
            with(2, "<</Type/Pages/Kids[2 0 R]/Count 1/MediaBox[0 0 200 100]>>"),
        ),
        Case::new(
            "pages-count-huge",
            "/Count says two thousand million pages",
            unsigned(),
            with(2, "<</Type/Pages/Kids[3 0 R]/Count 2000000000/MediaBox[0 0 200 100]>>"),
        ),
        Case::new(
            "kids-null",
            "a page that is null",
            unsigned(),
            with(2, "<</Type/Pages/Kids[3 0 R 99 0 R]/Count 2/MediaBox[0 0 200 100]>>"),
        ),
        Case::new(
            "deep-nesting",
            "five thousand arrays inside each other",
            refused("limit_exceeded"),
            with(10, &format!("<<{FORM}/Fields[5 0 R]/X {nested}>>")),
        ),
        Case::new(
            "length-loop",
            "the /Length of a stream is that stream",
            unsigned(),
            with(4, "<</Length 4 0 R>>stream\nx\nendstream"),
        ),
        Case::new(
            "length-short",
            "a stream's /Length ends before the stream does",
            unsigned(),
            with(4, &format!("<</Length 6>>stream\nBT ({HONEST}) Tj ET\nendstream")),
        ),
        Case::new(
            "form-loop",
            "the form's fields are each other's kids",
            unsigned(),
            parts(Pdf::new()).object(5, "<</T(a)/Kids[6 0 R]>>").object(6, "<</T(b)/Kids[5 0 R]>>").table(""),
        ),
        Case::new(
            "form-is-number",
            "/AcroForm is a number",
            unsigned(),
            with(1, &format!("<<{}>>", CATALOG.replace("10 0 R", "7"))),
        ),
        Case::new("annots-self", "/Annots leads to itself", refused("reference_loop"), with(11, "11 0 R")),
        Case::new(
            "object-stream-in-itself",
            "an object stream that is said to be inside itself",
            refused("malformed_pdf"),
            parts(Pdf::new())
                .packed(40, &[(41, "(a)")])
                .packed(41, &[(40, "(b)"), (1, "<<>>")])
                .xref_stream(42, ""),
        ),
        Case::new(
            "object-stream-garbage",
            "the catalog is in an object stream whose /First is behind its end",
            refused("malformed_pdf"),
            {
                let file = parts(Pdf::new()).packed(40, &[(1, &format!("<<{CATALOG}>>"))]);
                file.object(40, "<</Type/ObjStm/N 1/First 900/Length 3>>stream\n1 0\nendstream")
                    .xref_stream(42, "")
            },
        ),
        Case::new(
            "xref-stream-widths",
            "a cross-reference stream with /W of no width",
            refused("malformed_pdf"),
            {
                let file = parts(Pdf::new()).xref_stream(42, "");
                file.edited("/W[1 4 2]", "/W[0 0 0]")
            },
        ),
        Case::new(
            "xref-stream-filter",
            "a cross-reference stream with a filter nobody knows",
            refused("unsupported_filter"),
            {
                let file = parts(Pdf::new()).xref_stream(42, "");
                file.edited("/ASCIIHexDecode", "/ASCIIHexDecodx")
            },
        ),
        Case::new("size-huge", "/Size says two thousand million objects", unsigned(), {
            let text = String::from_utf8(letter().bytes).unwrap().replace("/Size 12", "/Size 2000000000");
            Pdf::of(&[text.as_bytes()])
        }),
        Case::new(
            "content-garbage",
            "the page's content is no content; the signature over it is good",
            passed(&[]),
            signed_over(with(4, &stream("/Filter/FlateDecode", "garbage")), None),
        ),
        Case::new(
            "font-missing",
            "the page's font is not there; the signature is good",
            passed(&[]),
            signed_over(with(3, &format!("<<{}>>", PAGE.replace("9 0 R", "99 0 R"))), None),
        ),
        Case::new(
            "field-name-number",
            "a signed field whose name is a number",
            changed(),
            signed_over(letter(), None)
                .object(7, &signature_field("dau", "").replace("(dau)", " 7"))
                .table(""),
        ),
    ];
    family("broken", "", cases)
}
