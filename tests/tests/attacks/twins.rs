//! Honest files that look like attacks: strictness is measured both ways.

use super::case::{Case, Verdict, family, leader, passed};
use super::cms::{revocation_list, token};
use super::container::store;
use super::file::{
    CATALOG, FORM, Pdf, Signing, filled, letter, number_field, parts, sealed, signature_field, signed,
    signed_over, stream, taken,
};
use super::pki::people;

/// The leader's and one more signature, both good.
fn both(findings: &[&'static str], second: &'static str) -> Verdict {
    Verdict::Signed(vec![
        leader("TOTAL-PASSED", None, findings),
        leader("TOTAL-PASSED", None, &[]).of(second),
    ])
}

/// Signed, and the bytes at the end as they are here: the range ends where `covered` does.
fn ended(end: &str, covered: usize) -> Pdf {
    let less = end.len() - covered;
    // The closing of a table ends with one line feed, which is taken off first.
    let close = |file: Pdf| {
        let mut file = file.table("");
        file.bytes.truncate(file.bytes.len() - 1);
        file.raw(end)
    };
    match less {
        0 => Signing::by_leader(20).close_with(taken(letter(), None), close),
        1 => Signing {
            covers: |[a, b, c, d]| [a, b, c, d - 1],
            numbers: &|[a, b, c, d]| format!("[{a} {b} {c} {d}]"),
            ..Signing::by_leader(20)
        }
        .close_with(taken(letter(), None), close),
        _ => Signing { covers: |[a, b, c, d]| [a, b, c, d - 2], ..Signing::by_leader(20) }
            .close_with(taken(letter(), None), close),
    }
}

fn comment(p: u8, subtype: &str, rect: &str, more: &str) -> Pdf {
    signed(Some(p))
        .object(
            30,
            &format!(
                "<</Type/Annot/Subtype/{subtype}/Rect[{rect}]/P 3 0 R/F 4/T(Reader)/Contents(Agreed){more}>>"
            ),
        )
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
        .table("")
}

pub(super) fn cases() -> Vec<Case> {
    let people = people();
    let list = |number, time| revocation_list(&people.issuing, number, time, &[]);
    let seal_field = |rect: &str| {
        let field = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(den)/Rect[{rect}]/P 3 0 R/F 132/V 32 0 R/AP<</N 31 0 R>>>>"
        );
        let file = signed(None)
            .object(30, &field)
            .object(31, &stream(super::file::FORM_XOBJECT, "BT /F1 8 Tf 2 5 Td (Received 15/UBND) Tj ET"))
            .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
            .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]");
        Signing::by(32, &people.seal).close(file)
    };
    let cases = vec![
        Case::new("twin-signed", "a letter signed once", passed(&["time_not_proven"]), signed(None)),
        Case::new("twin-certified", "a letter certified with P=2", passed(&[]), signed(Some(2))),
        Case::new(
            "twin-sealed",
            "signed, then numbered and sealed: the office's daily work",
            both(&["form_filled_after"], "dau"),
            sealed(signed(None)),
        ),
        Case::new(
            "twin-certified-sealed",
            "certified with P=2, then numbered and sealed",
            both(&["form_filled_after"], "dau"),
            sealed(signed(Some(2))),
        ),
        Case::new(
            "twin-filled-p2",
            "certified with P=2, then a field filled",
            passed(&["form_filled_after"]),
            filled(signed(Some(2))).table(""),
        ),
        Case::new(
            "twin-comment-p3",
            "certified with P=3, then a note in the margin",
            passed(&["annotated_after"]),
            comment(3, "Text", "180 85 198 98", ""),
        ),
        Case::new(
            "twin-highlight-p3",
            "certified with P=3, then the amount marked with a highlighter",
            passed(&["annotated_after"]),
            comment(3, "Highlight", "10 78 90 92", "/QuadPoints[10 92 90 92 10 78 90 78]/C[1 1 0]"),
        ),
        Case::new(
            "twin-stamp-margin-p3",
            "certified with P=3, then a stamp in an empty corner",
            passed(&["annotated_after"]),
            signed(Some(3))
                .object(30, "<</Type/Annot/Subtype/Stamp/Rect[120 50 190 70]/P 3 0 R/F 4/AP<</N 31 0 R>>>>")
                .object(31, &stream(super::file::FORM_XOBJECT, "BT /F1 8 Tf 2 5 Td (Seen) Tj ET"))
                .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                .table(""),
        ),
        Case::new(
            "twin-counter-signature",
            "another office signs in a new field, visible, where nothing stands",
            both(&["form_filled_after"], "den"),
            seal_field("110 40 190 60"),
        ),
        Case::new(
            "twin-saved-twice",
            "two honest saves before signing: the draft was changed and changed again",
            passed(&[]),
            {
                let file = letter()
                    .object(4, &super::file::words("Pay 90 dong"))
                    .table("")
                    .object(4, &super::file::words("Pay 100 dong, please"))
                    .table("");
                signed_over(file, None)
            },
        ),
        Case::new(
            "twin-rewritten",
            "an update writes objects anew as they were: no change",
            passed(&[]),
            signed(Some(1))
                .object(4, &super::file::words(super::file::HONEST))
                .object(5, &number_field(""))
                .table(""),
        ),
        Case::new(
            "twin-end-without-line",
            "the file ends with %%EOF, no end of line",
            passed(&[]),
            ended("", 0),
        ),
        Case::new("twin-end-crlf", "CR LF after %%EOF, all signed", passed(&[]), ended("\r\n", 2)),
        Case::new("twin-end-cr", "CR after %%EOF, signed", passed(&[]), ended("\r", 1)),
        Case::new(
            "twin-end-line-unsigned",
            "LF after %%EOF, not signed: EN 319 142-1 leaves it open",
            passed(&[]),
            ended("\n", 0),
        ),
        Case::new("twin-end-crlf-unsigned", "CR LF after %%EOF, not signed", passed(&[]), ended("\r\n", 0)),
        Case::new(
            "twin-end-padded",
            "a transport added line ends and zeros behind the file",
            passed(&[]),
            signed(None).raw("\r\n\r\n\0\0\0\0"),
        ),
        Case::new(
            "twin-evidence",
            "a security store with the authority's list is added, and another later with more",
            passed(&["evidence_added_after"]),
            {
                let file = store(
                    signed(Some(1)),
                    &format!("{CATALOG}/Perms<</DocMDP 20 0 R>>"),
                    &[list(1, "260210000000Z")],
                    &[],
                )
                .table("");
                file.object(
                    53,
                    &stream("/Filter/ASCIIHexDecode", &(super::file::hex(&list(2, "260220000000Z")) + ">")),
                )
                .object(49, "<</Type/DSS/CRLs[50 0 R 53 0 R]/OCSPs[]>>")
                .table("")
            },
        ),
        Case::new(
            "twin-document-time-stamp",
            "a document time stamp after certification with P=1, which may always follow",
            both(&["evidence_added_after"], "stamp"),
            {
                let field =
                    "<</Type/Annot/Subtype/Widget/FT/Sig/T(stamp)/Rect[0 0 0 0]/P 3 0 R/F 132/V 21 0 R>>";
                let file = signed(Some(1))
                    .object(30, field)
                    .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]");
                let signing = Signing {
                    sub_filter: "ETSI.RFC3161",
                    entries: String::new(),
                    ..Signing::by(21, &people.tsa)
                };
                signing
                    .with_value(&|covered| {
                        token(
                            &people.tsa,
                            &[&people.tsa.der, &people.issuing.der],
                            covered,
                            "20260206030000Z",
                        )
                    })
                    .close(file)
            },
        ),
        Case::new(
            "twin-xref-streams",
            "object streams and cross-reference streams, signed and sealed",
            both(&["form_filled_after"], "dau"),
            {
                let file = parts(Pdf::new()).packed(40, &[(12, "(kept)")]).xref_stream(41, "");
                let signed =
                    Signing::by_leader(20).close_with(taken(file, None), |file| file.xref_stream(42, ""));
                let file = filled(signed).object(7, &signature_field("dau", "/V 21 0 R"));
                Signing::by(21, &people.seal).close_with(file, |file| file.xref_stream(43, ""))
            },
        ),
        Case::new("twin-hybrid", "a hybrid file in which both readings agree", passed(&[]), {
            let file = parts(Pdf::new()).packed(40, &[(12, "(kept)")]).hybrid(&[12], 41);
            signed_over(file, None)
        }),
        Case::new("twin-wide-room", "a hole ten times as wide as the value", passed(&[]), {
            let signing = Signing { room: 4_090, ..Signing::by_leader(20) };
            signing.close(taken(letter(), None))
        }),
        Case::new(
            "twin-pkcs7",
            "ISO 32000's own kind of signature, with the certificate committed to",
            passed(&[]),
            {
                let signing = Signing { sub_filter: "adbe.pkcs7.detached", ..Signing::by_leader(20) };
                signing.close(taken(letter(), None))
            },
        ),
        Case::new(
            "twin-metadata",
            "the metadata stream is written anew by an archive: told, and allowed",
            passed(&["form_filled_after"]),
            {
                let with = |text: &str| stream("/Type/Metadata/Subtype/XML", text);
                let file = parts(Pdf::new())
                    .object(1, &format!("<<{CATALOG}/Metadata 30 0 R>>"))
                    .object(30, &with("<x:xmpmeta/>"))
                    .table("");
                signed_over(file, None).object(30, &with("<x:xmpmeta></x:xmpmeta>")).table("")
            },
        ),
    ];
    family("honest twin", "", cases)
}
