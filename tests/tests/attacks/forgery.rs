//! Universal signature forgery: the file says so little about the signature, or so oddly, that a careless
//! validator compares nothing and calls it valid. The amount in the letter is another one than was signed.

use super::case::{Case, Verdict, failed, family, open};
use super::file::{FORGED, HONEST, Pdf, RANGE, ROOM, Signing, find, signature_field, signed, signed_as};

/// The signed letter with the forged amount, and another text for the four numbers.
fn ranged(text: &str) -> Pdf {
    let file = signed(None).edited(HONEST, FORGED);
    let range = written_range(&file);
    file.edited(&range, text)
}

/// The text of `/ByteRange` with its padding.
fn written_range(file: &Pdf) -> String {
    let start = file.behind("/ByteRange ", 0);
    String::from_utf8(file.bytes[start..start + RANGE].to_vec()).unwrap()
}

fn numbers(file: &Pdf) -> [usize; 4] {
    let text = written_range(file);
    let numbers: Vec<usize> =
        text.trim().trim_matches(['[', ']']).split(' ').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// The same with numbers made from the right ones.
fn renumbered(text: impl Fn([usize; 4]) -> String) -> Pdf {
    ranged(&text(numbers(&signed(None))))
}

/// The signed letter with the forged amount, and another text for `/Contents` and its value.
fn valued(text: &str) -> Pdf {
    let file = signed(None).edited(HONEST, FORGED);
    let start = find(&file.bytes, "/Contents <3", 0);
    let value = String::from_utf8(file.bytes[start..start + "/Contents ".len() + 2 * ROOM + 2].to_vec());
    file.edited(&value.unwrap(), text)
}

/// An update that writes the signature dictionary anew, after the forged page.
fn rewritten(range: &str, contents: &str, more: Option<&str>) -> Pdf {
    let file = signed(None);
    let dictionary = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange {range}/Contents {contents}>>"
    );
    let file = file.object(4, &super::file::words(FORGED)).object(20, &dictionary);
    more.into_iter().fold(file, |file, body| file.object(30, body)).table("")
}

/// The value's hexadecimal digits.
fn digits(file: &Pdf) -> String {
    let start = file.behind("/Contents <", 0);
    String::from_utf8(file.bytes[start..start + 2 * ROOM].to_vec()).unwrap()
}

fn range_failed() -> Verdict {
    failed("FORMAT_FAILURE", &["byte_range_malformed"])
}

fn contents_failed() -> Verdict {
    failed("FORMAT_FAILURE", &["contents_malformed"])
}

pub(super) fn cases() -> Vec<Case> {
    let good = signed(None);
    let [_, b, c, d] = numbers(&good);
    let published = "Mladenov et al. 2019, 1 Trillion Dollar Refund, USF";
    let ranges = [
        Case::new(
            "usf-range-missing",
            "no /ByteRange: nothing to compare, and nothing compared",
            range_failed(),
            signed(None).edited(HONEST, FORGED).edited("/ByteRange ", "/ByteRangX "),
        ),
        Case::new("usf-range-null", "/ByteRange null", range_failed(), ranged("null")),
        Case::new("usf-range-empty", "/ByteRange [] covers no byte at all", range_failed(), ranged("[]")),
        Case::new("usf-range-zeros", "four zeros: the hash of nothing", range_failed(), ranged("[0 0 0 0]")),
        Case::new(
            "usf-range-negative",
            "a negative length may end a loop at once",
            range_failed(),
            ranged(&format!("[0 {b} {c} -{d}]")),
        ),
        Case::new(
            "usf-range-negative-start",
            "a negative offset, before the file",
            range_failed(),
            ranged(&format!("[-{b} {b} {c} {d}]")),
        ),
        Case::new(
            "usf-range-three",
            "three numbers: half a range",
            range_failed(),
            ranged(&format!("[0 {b} {c}]")),
        ),
        Case::new(
            "usf-range-two",
            "one range only, which ends before the value",
            range_failed(),
            ranged(&format!("[0 {b}]")),
        ),
        Case::new(
            "usf-range-six",
            "six numbers: a third range where others look at two",
            range_failed(),
            ranged(&format!("[0 {b} {c} {} {} 9]", d - 9, c + d - 9)),
        ),
        Case::new(
            "usf-range-huge",
            "lengths past any file: a sum that overflows",
            range_failed(),
            ranged(&format!("[0 {b} {c} 9223372036854775807]")),
        ),
        Case::new(
            "usf-range-wraps",
            "an offset that, added to the length, wraps around 64 bits",
            range_failed(),
            ranged(&format!("[0 {b} 9223372036854775807 9]")),
        ),
        Case::new(
            "usf-range-too-long",
            "ends nine bytes after the file",
            range_failed(),
            ranged(&format!("[0 {b} {c} {}]", d + 9)),
        ),
        Case::new(
            "usf-range-reals",
            "reals, which some round and some refuse",
            range_failed(),
            ranged(&format!("[0 {b}.0 {c} {d}]")),
        ),
        Case::new(
            "usf-range-names",
            "words in the place of numbers",
            range_failed(),
            ranged("[/a /b /c /d]"),
        ),
        Case::new(
            "usf-range-string",
            "a string in the place of the array",
            range_failed(),
            ranged(&format!("({b} {c})")),
        ),
        Case::new(
            "usf-range-not-from-zero",
            "the first byte signed is not the file's first: what stands before is free",
            range_failed(),
            renumbered(|[_, b, c, d]| format!("[9 {} {c} {d}]", b - 9)),
        ),
        Case::new(
            "usf-range-overlap",
            "the second range begins inside the first: the value is signed, and its own hash",
            range_failed(),
            renumbered(|[_, b, _, d]| format!("[0 {b} {} {d}]", b - 20)),
        ),
        Case::new(
            "usf-range-indirect",
            "/ByteRange is another object, which no signature covers",
            range_failed(),
            rewritten("30 0 R", &format!("<{}>", digits(&good)), Some(&format!("[0 {b} {c} {d}]"))),
        ),
        Case::new(
            "usf-range-element-indirect",
            "one number is another object",
            range_failed(),
            rewritten(&format!("[0 {b} {c} 30 0 R]"), &format!("<{}>", digits(&good)), Some(&d.to_string())),
        ),
    ];
    let values = [
        Case::new(
            "usf-contents-missing",
            "no /Contents: no value to verify",
            contents_failed(),
            signed(None).edited(HONEST, FORGED).edited("/Contents <3", "/Contentx <3"),
        ),
        Case::new("usf-contents-null", "/Contents null", contents_failed(), valued("/Contents null")),
        Case::new(
            "usf-contents-empty",
            "/Contents <>: the empty value",
            contents_failed(),
            valued("/Contents <>"),
        ),
        Case::new(
            "usf-contents-zero",
            "/Contents <00>: a value of one zero",
            failed("FORMAT_FAILURE", &["cms_malformed"]),
            valued("/Contents <00>"),
        ),
        Case::new(
            "usf-contents-zeros",
            "all of the room zero, as before signing",
            failed("FORMAT_FAILURE", &["cms_malformed"]),
            valued(&format!("/Contents <{}>", "0".repeat(2 * ROOM))),
        ),
        Case::new(
            "usf-contents-odd",
            "an odd number of digits: readers complete the last byte, or drop it",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            valued(&format!("/Contents <{}>", &digits(&good)[..2 * ROOM - 1])),
        ),
        Case::new(
            "usf-contents-indirect",
            "/Contents is another object: the hole in the byte range belongs to nobody",
            contents_failed(),
            rewritten(&format!("[0 {b} {c} {d}]"), "30 0 R", Some(&format!("<{}>", digits(&good)))),
        ),
        Case::new(
            "usf-contents-literal",
            "the value as a literal string in the hole's place",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            valued("/Contents (0\\200)"),
        ),
        Case::new(
            "usf-contents-cut",
            "the CMS ends in its middle, the rest is zero",
            failed("FORMAT_FAILURE", &["cms_malformed"]),
            valued(&format!("/Contents <{}{}>", &digits(&good)[..600], "0".repeat(2 * ROOM - 600))),
        ),
    ];
    let filters = [
        Case::new(
            "usf-sub-filter-missing",
            "no /SubFilter: nobody knows what the value is",
            open(None, &["sub_filter_unsupported"]),
            signed(None).edited(HONEST, FORGED).edited("/SubFilter/ETSI", "/SubFiltxx/ETSI"),
        ),
        Case::new(
            "usf-sub-filter-unknown",
            "a /SubFilter nobody knows",
            open(None, &["sub_filter_unsupported"]),
            signed(None).edited(HONEST, FORGED).edited("ETSI.CAdES.detached", "ETSI.CAdES.detachxx"),
        ),
        Case::new(
            "usf-sub-filter-sha1",
            "/SubFilter adbe.pkcs7.sha1: the value is said to hold the digest itself",
            open(None, &["sub_filter_unsupported"]),
            signed(None).edited(HONEST, FORGED).edited("ETSI.CAdES.detached", "adbe.pkcs7.sha1"),
        ),
        Case::new(
            "usf-type-missing",
            "no /Type and another amount: the value must be checked all the same",
            failed("HASH_FAILURE", &["digest_mismatch"]),
            signed(None).edited(HONEST, FORGED).edited("/Type/Sig/Filter", "/Typx/Sig/Filter"),
        ),
        Case::new(
            "usf-field-not-a-signature",
            "the field says /FT /Tx: a validator that looks for signature fields sees none, another shows one",
            Verdict::Unsigned("signature_removed"),
            signed(None)
                .object(4, &super::file::words(FORGED))
                .object(6, &signature_field("lanh_dao", "/V 20 0 R").replace("/FT/Sig", "/FT/Tx"))
                .table(""),
        ),
        Case::new(
            "usf-tampered",
            "one digit of the amount, nothing else",
            failed("HASH_FAILURE", &["digest_mismatch"]),
            signed(None).edited(HONEST, FORGED),
        ),
    ];
    let by_signer = [
        Case::new(
            "usf-range-short-end",
            "the signer's own range ends before the revision does: the rest is free",
            failed("FORMAT_FAILURE", &["coverage_partial"]),
            signed_as(&Signing { covers: |[a, b, c, d]| [a, b, c, d - 40], ..Signing::by_leader(20) }),
        ),
        Case::new(
            "usf-range-late-start",
            "the signer's own range begins at byte 9: the header is free",
            range_failed(),
            signed_as(&Signing { covers: |[_, b, c, d]| [9, b - 9, c, d], ..Signing::by_leader(20) }),
        ),
        Case::new(
            "usf-range-wide-gap",
            "the signer's own gap is 30 bytes wider than the value: room for keys",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            signed_as(&Signing { covers: |[a, b, c, d]| [a, b - 30, c, d], ..Signing::by_leader(20) }),
        ),
        Case::new(
            "usf-range-narrow-gap",
            "the brackets of the value are signed: whoever completes the digits chooses",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            signed_as(&Signing { covers: |[a, b, c, d]| [a, b + 1, c - 1, d + 1], ..Signing::by_leader(20) }),
        ),
    ];
    let all = ranges.into_iter().chain(values).chain(filters).collect();
    let mut cases = family("universal forgery", published, all);
    cases.extend(family("universal forgery", "ISO 32000-2 table 255; EN 319 142-1 5.2", by_signer.into()));
    cases
}
