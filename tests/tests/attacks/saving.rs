//! Incremental saving attack: content is appended in ways that a careless validator takes for no update at
//! all, while a careless viewer shows it.

use super::case::{Case, Verdict, changed, failed, family};
use super::file::{
    CATALOG, FORGED, FORM, HONEST, PAGE, Pdf, RANGE, ROOM, find, hex, signature_field, signed, words,
};
use super::pki::people;

const END: &str = "%%EOF\n";

/// The forged content appended, and what follows it.
fn appended(after: impl Fn(&Pdf, usize) -> String) -> Pdf {
    let file = signed(None);
    let start = file.bytes.len();
    let file = file.object(4, &words(FORGED));
    let text = after(&file, start);
    file.raw(&text)
}

fn previous(file: &Pdf) -> usize {
    file.previous.unwrap()
}

/// The signed file's own signature dictionary, byte for byte.
fn dictionary(file: &Pdf) -> String {
    let start = find(&file.bytes, "20 0 obj", 0);
    let end = find(&file.bytes, "endobj", start);
    String::from_utf8(file.bytes[start + "20 0 obj\n".len()..end - 1].to_vec()).unwrap()
}

/// A revision whose table lists every object anew and knows of no revision before.
fn without_previous(file: Pdf) -> Pdf {
    let offset = |number: u32| find(&file.bytes, &format!("\n{number} 0 obj"), 0) + 1;
    let last = |number: u32| {
        let text = format!("\n{number} 0 obj");
        file.bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).unwrap() + 1
    };
    let places: Vec<(u32, usize)> =
        [1, 2, 3, 5, 7, 8, 9, 10, 11].into_iter().map(|number| (number, offset(number))).collect();
    let newest = [(6, last(6)), (20, last(20))];
    let mut file = file.after(None);
    file = file.object(4, &words(FORGED));
    for (number, offset) in places.into_iter().chain(newest) {
        file = file.entry(number, offset);
    }
    file.table("")
}

/// Bytes that the readers' own rules call no part of the document.
fn foreign() -> Verdict {
    failed("FORMAT_FAILURE", &["changes_not_allowed"])
}

pub(super) fn cases() -> Vec<Case> {
    let isa = vec![
        Case::new(
            "isa-update",
            "an ordinary update with another amount: objects, table, trailer",
            changed(),
            signed(None).object(4, &words(FORGED)).table(""),
        ),
        Case::new(
            "isa-update-stream",
            "the same, closed with a cross-reference stream after a table",
            changed(),
            signed(None).object(4, &words(FORGED)).xref_stream(40, ""),
        ),
        Case::new(
            "isa-no-xref",
            "objects and a trailer, no table: readers that repair the file find the objects",
            foreign(),
            appended(|file, _| format!("trailer\n<</Size 21/Root 1 0 R/Prev {}>>\n{END}", previous(file))),
        ),
        Case::new(
            "isa-no-trailer",
            "objects and a table, no trailer and no startxref",
            foreign(),
            appended(|file, start| format!("xref\n4 1\n{start:010} 00000 n \n% after {}\n", previous(file))),
        ),
        Case::new("isa-body-only", "objects alone after the end", foreign(), appended(|_, _| String::new())),
        Case::new(
            "isa-body-and-end",
            "objects, and the signed revision's startxref once more: the newest section is the signed one",
            failed("FORMAT_FAILURE", &["coverage_partial"]),
            appended(|file, _| format!("startxref\n{}\n{END}", previous(file))),
        ),
        Case::new(
            "isa-comment",
            "the objects in comments behind the end, for whoever reads line by line",
            foreign(),
            signed(None).raw(&format!("%4 0 obj\r4 0 obj\n{}\nendobj\n%", words(FORGED))),
        ),
        Case::new(
            "isa-copied-signature",
            "objects with a copy of the signature dictionary, as if the update were signed; no table",
            Verdict::Refused("truncated"),
            appended(|file, _| format!("20 0 obj\n{}\nendobj\ntrailer\n<</Root 1 0 R>>\n", dictionary(file))),
        ),
        Case::new(
            "isa-copied-signature-table",
            "a whole update that holds a copy of the signature dictionary",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            {
                let file = signed(None);
                let copy = dictionary(&file);
                file.object(4, &words(FORGED)).object(20, &copy).table("")
            },
        ),
        Case::new(
            "isa-copied-signature-second",
            "a second field shows a copy of the signature over the update",
            failed("FORMAT_FAILURE", &["changes_not_allowed"]).and_copy(),
            {
                let file = signed(None);
                let copy = dictionary(&file);
                file.object(4, &words(FORGED))
                    .object(7, &signature_field("dau", "/V 21 0 R"))
                    .object(21, &copy)
                    .table("")
            },
        ),
        Case::new(
            "isa-no-previous",
            "the update's trailer has no /Prev: the signed revision is none of this document",
            failed("FORMAT_FAILURE", &["coverage_partial"]),
            without_previous(signed(None)),
        ),
        Case::new(
            "isa-second-end",
            "after the end another whole PDF, of which nothing is signed",
            Verdict::Refused("malformed_pdf"),
            signed(None).raw(&{
                let other =
                    super::file::parts(Pdf::new()).edited(HONEST, FORGED).raw("% another\n").table("");
                String::from_utf8(other.bytes).unwrap()
            }),
        ),
    ];
    let malformed = vec![
        Case::new(
            "trailing-xref-offset-zero",
            "an update whose startxref is 0",
            Verdict::Refused("malformed_pdf"),
            appended(|file, start| {
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {}>>\nstartxref\n0\n{END}",
                    previous(file)
                )
            }),
        ),
        Case::new(
            "trailing-no-eof",
            "an update whose %%EOF is missing: some readers go back to the one before",
            Verdict::Refused("truncated"),
            appended(|file, start| {
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {}>>\nstartxref\n{}\n",
                    previous(file),
                    find(&file.bytes, "endobj\n", start) + 7
                )
            }),
        ),
        Case::new(
            "trailing-no-startxref",
            "an update with %%EOF and no startxref: the last one found is the signed revision's",
            foreign(),
            appended(|file, start| {
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {}>>\n{END}",
                    previous(file)
                )
            }),
        ),
        Case::new(
            "trailing-startxref-word",
            "startxref is followed by a word",
            Verdict::Refused("malformed_pdf"),
            appended(|file, start| {
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {}>>\nstartxref\nhere\n{END}",
                    previous(file)
                )
            }),
        ),
        Case::new(
            "trailing-table-cut",
            "the update's table ends in an entry",
            Verdict::Refused("malformed_pdf"),
            appended(|file, start| {
                let at = find(&file.bytes, "endobj\n", start) + 7;
                format!(
                    "xref\n4 1\n{start:08}\ntrailer\n<</Size 21/Root 1 0 R/Prev {}>>\nstartxref\n{at}\n{END}",
                    previous(file)
                )
            }),
        ),
        Case::new(
            "trailing-trailer-open",
            "the update's trailer dictionary is never closed",
            Verdict::Refused("malformed_pdf"),
            appended(|file, start| {
                let at = find(&file.bytes, "endobj\n", start) + 7;
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {}\nstartxref\n{at}\n{END}",
                    previous(file)
                )
            }),
        ),
        Case::new(
            "trailing-prev-into-update",
            "the update's /Prev leads to itself",
            Verdict::Refused("reference_loop"),
            appended(|file, start| {
                let at = find(&file.bytes, "endobj\n", start) + 7;
                format!(
                    "xref\n4 1\n{start:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {at}>>\nstartxref\n{at}\n{END}"
                )
            }),
        ),
        Case::new(
            "trailing-padding-then-object",
            "ten kilobytes of white space, then an object: out of sight of whoever looks at the tail",
            Verdict::Refused("truncated"),
            signed(None).raw(&" ".repeat(10_000)).raw(&format!("4 0 obj\n{}\nendobj\n", words(FORGED))),
        ),
    ];
    let mut cases = family("incremental saving", "Mladenov et al. 2019, 1 Trillion Dollar Refund, ISA", isa);
    cases.extend(family(
        "malformed trailing update",
        "ISO 32000-2 7.5.5, 7.5.6; Rohlmann et al. 2023, Every Signature is Broken",
        malformed,
    ));
    cases.extend(family(
        "signature wrapping",
        "Mladenov et al. 2019, 1 Trillion Dollar Refund, SWA",
        wrapping(),
    ));
    cases
}

/// The parts of the signed file: up to the value, the value's digits, and what comes behind it.
struct Parts {
    head: Vec<u8>,
    value: String,
    tail: Vec<u8>,
    /// Where the table stood.
    table: usize,
}

fn parts() -> Parts {
    let file = signed(None);
    let gap = file.behind("/Contents ", find(&file.bytes, "20 0 obj", 0));
    let after = gap + 2 * ROOM + 2;
    let value = value_length(&file, gap);
    Parts {
        head: file.bytes[..gap].to_vec(),
        value: String::from_utf8(file.bytes[gap + 1..gap + 1 + value].to_vec()).unwrap(),
        tail: file.bytes[after..].to_vec(),
        table: file.previous.unwrap(),
    }
}

/// Digits of the CMS without the zeros behind it.
fn value_length(file: &Pdf, gap: usize) -> usize {
    let digits = &file.bytes[gap + 1..gap + 1 + 2 * ROOM];
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    (2 * ROOM - zeros).next_multiple_of(2)
}

/// The hole is as wide as it was and holds a shorter value and something else.
fn in_the_hole(something: &str) -> Pdf {
    let Parts { head, value, tail, .. } = parts();
    let hole = format!("<{value}>{something}");
    let hole = format!("{hole:width$}", width = 2 * ROOM + 2);
    assert_eq!(hole.len(), 2 * ROOM + 2, "the hole is full");
    Pdf::of(&[&head, hole.as_bytes(), &tail])
}

/// The second range moved to the end; where the table stood, there is the attacker's, and a second /ByteRange
/// in the hole tells where the signed bytes went.
fn moved(range: impl Fn(usize, usize, usize) -> String, with_startxref: bool) -> Pdf {
    let Parts { head, value, tail, table } = parts();
    let signature = find(&head, "20 0 obj", 0);
    let mut file = Pdf::new();
    let offset = |number: u32| {
        let text = format!("\n{number} 0 obj");
        head.windows(text.len()).rposition(|window| window == text.as_bytes()).unwrap() + 1
    };
    for number in [1, 2, 3, 5, 6, 7, 8, 9, 10, 11] {
        file = file.entry(number, offset(number));
    }
    file = file.entry(20, signature);
    let write = |moved_to: usize| {
        let mut bytes = head.clone();
        let numbers = range(head.len(), moved_to, tail.len());
        bytes.extend(format!("<{value}>{numbers}>>\nendobj\n").bytes());
        let forged = bytes.len();
        bytes.extend(format!("4 0 obj\n{}\nendobj\n", words(FORGED)).bytes());
        assert!(bytes.len() <= table, "the forged object fits before the table's place");
        bytes.resize(table, b' ');
        let mut text = file.clone().entry(4, forged).table_text("");
        if with_startxref {
            text += &format!("startxref\n{table}\n{END}");
        }
        bytes.extend(text.bytes());
        bytes
    };
    // The place of the second range is written inside what decides it; its digits are always five.
    let length = write(10_000).len();
    let bytes = write(length);
    assert_eq!(bytes.len(), length);
    Pdf::of(&[&bytes, &tail])
}

fn wrapping() -> Vec<Case> {
    let attacker = people().false_leader.der.as_slice();
    let twice = |b: usize, c: usize, d: usize| format!("/ByteRange [0 {b} {c} {d}]");
    vec![
        Case::new(
            "swa-moved",
            "the value is made shorter, a second /ByteRange, a forged page and a table follow in the hole, and the signed rest is moved behind them, to where the second /ByteRange says",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            moved(twice, true),
        ),
        Case::new(
            "swa-moved-no-startxref",
            "the same; the table in the hole has no startxref of its own and is reached by the signed one",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            moved(twice, false),
        ),
        Case::new(
            "swa-moved-one-range",
            "the signed rest is moved, and /ByteRange stays: a validator that looks for the signed bytes itself finds them",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            moved(|_, _, _| String::new(), true),
        ),
        Case::new(
            "swa-hole-key",
            "the hole holds a shorter value and another /ByteRange, of nothing",
            failed("FORMAT_FAILURE", &["byte_range_malformed"]),
            in_the_hole("/ByteRange[0 0 0 0]"),
        ),
        Case::new(
            "swa-hole-contents",
            "the hole holds the value and a second /Contents",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            in_the_hole("/Contents <30030201>"),
        ),
        Case::new(
            "swa-hole-entry",
            "the hole holds the value and another entry of the dictionary, which nobody signed",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            in_the_hole("/Reason(Approved by the minister)"),
        ),
        Case::new(
            "swa-hole-object",
            "the hole closes the dictionary and holds an object; the signed rest of the dictionary follows",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            in_the_hole(&format!(">>\nendobj\n4 0 obj\n{}\nendobj\n<<", words(FORGED))),
        ),
        Case::new(
            "swa-hole-comment",
            "the hole holds the value and a comment, which a reader passes over",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            in_the_hole("%4 0 obj hidden\n"),
        ),
        Case::new(
            "swa-hole-spaces",
            "spaces between the value and the signed rest: the gap is not the value alone",
            failed("FORMAT_FAILURE", &["contents_gap_mismatch"]),
            in_the_hole(""),
        ),
        Case::new(
            "swa-padding",
            "behind the CMS, in the room that should hold zeros, an attacker's certificate",
            failed("FORMAT_FAILURE", &["cms_trailing_bytes"]),
            {
                let Parts { head, value, tail, .. } = parts();
                let more = hex(&attacker[..200]);
                let hole = format!("<{value}{more}{}>", "0".repeat(2 * ROOM - value.len() - more.len()));
                Pdf::of(&[&head, hole.as_bytes(), &tail])
            },
        ),
        Case::new(
            "swa-inserted-before",
            "a comment is inserted before the signed catalog: every offset and range is off",
            Verdict::Refused("malformed_pdf"),
            {
                let bytes = signed(None).bytes;
                Pdf::of(&[&bytes[..9], b"% inserted\n", &bytes[9..]])
            },
        ),
        Case::new(
            "swa-signed-inside",
            "a new letter whose signature dictionary's hole holds all of the signed letter",
            failed("FORMAT_FAILURE", &["byte_range_malformed"]),
            {
                let inner = signed(None);
                let text = format!(
                    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange [0 9 20 {}]/Contents ({:RANGE$})>>",
                    inner.bytes.len() - 20,
                    "(see below)".trim_matches(['(', ')'])
                );
                let file = Pdf::new().raw(&format!("% {}\n", inner.bytes.len()));
                super::file::parts(file)
                    .object(1, &format!("<<{CATALOG}>>"))
                    .object(3, &format!("<<{PAGE}>>"))
                    .object(4, &words(FORGED))
                    .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
                    .object(10, &format!("<<{FORM}/Fields[6 0 R]>>"))
                    .object(20, &text)
                    .table("")
            },
        ),
    ]
}

impl Verdict {
    /// The copy that the second field shows is no better.
    fn and_copy(self) -> Self {
        match self {
            Self::Signed(mut signatures) => {
                signatures.push(
                    super::case::leader("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["contents_gap_mismatch"])
                        .of("dau"),
                );
                Self::Signed(signatures)
            }
            other => other,
        }
    }
}
