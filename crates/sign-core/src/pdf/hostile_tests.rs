//! Files made to hurt a reader: each is refused or read with a finding, none makes it panic, hang or
//! take memory.

use super::filter::tests::deflate;
use super::fixture::{FileBuilder, one_of_each_kind};
use super::{Document, Object, ObjectId, Update};
use crate::error::PdfError;
use crate::limits::Limits;
use crate::source::Source;

/// Everything a caller might ask of a document; only that it comes back matters.
fn read_whole(source: &dyn Source, limits: Limits) -> Result<(), PdfError> {
    let document = Document::open(source, limits)?;
    document.version();
    for index in 0..document.revisions().len() {
        let view = document.view(index);
        let _ = view.pages();
        for id in view.object_ids() {
            if let Ok(object) = view.object(id)
                && let Object::Stream(stream) = object.as_ref()
            {
                let _ = view.stream_data(stream);
            }
        }
    }
    if let Ok(mut update) = Update::new(&document) {
        let id = update.allocate();
        update.set(id, Object::Null);
        let appended = update.finish()?;
        let longer = [source.read_range(0..source.len())?, appended.bytes].concat();
        Document::open(&longer, limits).expect("what opens also opens with an update");
    }
    Ok(())
}

fn open_error(file: FileBuilder) -> PdfError {
    Document::open(&file.bytes, Limits::default()).map(|_| ()).unwrap_err()
}

/// The result of reading object `number` of the latest revision.
fn object(file: &FileBuilder, number: u32) -> Result<Object, PdfError> {
    let document = Document::open(&file.bytes, Limits::default()).unwrap();
    document.latest().object(ObjectId::new(number, 0)).map(|object| object.as_ref().clone())
}

#[test]
fn refuses_what_is_no_pdf_or_is_cut_off() {
    let whole = FileBuilder::new().with_a_page().table("").bytes;
    let code =
        |bytes: &[u8]| Document::open(&bytes.to_vec(), Limits::default()).map(|_| ()).unwrap_err().code();
    assert_eq!(code(b""), "not_pdf");
    assert_eq!(code(b"PK\x03\x04 some zip"), "not_pdf");
    assert_eq!(code(b"%PDF-1.7\n"), "truncated");
    assert_eq!(code(&whole[..whole.len() - 10]), "truncated");
    assert_eq!(code(&whole[..whole.len() / 2]), "truncated");
}

#[test]
fn refuses_loops_of_sections() {
    let file = FileBuilder::new().with_a_page();
    let at = file.offset();
    assert_eq!(open_error(file.table(&format!("/Prev {at}"))).code(), "reference_loop");

    let first = FileBuilder::new().with_a_page().table("/Prev 0000");
    assert_eq!(open_error(first).code(), "malformed_pdf");

    let mut file = FileBuilder::new().with_a_page();
    let second_at = file.table_text("/Prev 000000").len() + file.offset() + "startxref\n000\n%%EOF\n".len();
    file = file.table(&format!("/Prev {second_at:06}"));
    assert_eq!(file.offset(), second_at);
    assert_eq!(open_error(file.table("")).code(), "reference_loop");
}

#[test]
fn refuses_offsets_outside_the_file() {
    for offset in ["9999999999", "-5", "1e3", "(x)"] {
        let error = open_error(FileBuilder::new().with_a_page().table(&format!("/Prev {offset}")));
        assert!(matches!(error.code(), "truncated" | "malformed_pdf"), "{offset}: {error}");
    }
    let mut file = FileBuilder::new().with_a_page();
    file.entries.insert(4, super::EntryKind::InFile(9_999_999_999));
    file.entries.insert(5, super::EntryKind::InFile(3));
    let file = file.table("");
    assert!(matches!(object(&file, 4), Err(PdfError::Malformed { what: "object offset", .. })));
    assert!(object(&file, 5).is_err());
}

#[test]
fn refuses_an_object_under_another_number() {
    let mut file = FileBuilder::new().with_a_page();
    let place = file.entries[&3];
    file.entries.insert(7, place);
    assert!(matches!(object(&file.table(""), 7), Err(PdfError::Malformed { what: "object number", .. })));
}

#[test]
fn refuses_huge_counts_before_allocating() {
    let table = |head: &str| {
        let file = FileBuilder::new().with_a_page();
        let at = file.offset();
        let text = format!("xref\n{head}\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R>>\n");
        open_error(file.close(at, &text)).code()
    };
    assert_eq!(table("0 900000000"), "truncated");
    assert_eq!(table("4294967295 4294967295"), "malformed_pdf");
    assert_eq!(table("0 -1"), "malformed_pdf");

    let stream = |entries: &str| {
        let file = FileBuilder::new().with_a_page();
        let at = file.offset();
        let entries = format!("/Type/XRef/Root 1 0 R/Filter/FlateDecode{entries}");
        let file = file.stream(9, &entries, &deflate(&[0; 4000]));
        open_error(file.close(at, "")).code()
    };
    assert_eq!(stream("/W[1 2 1]/Size 900000000"), "truncated");
    assert_eq!(stream("/W[1 2 1]/Size 10/Index[0 900000000]"), "truncated");
    assert_eq!(stream("/W[1 2 1]/Size 10/Index[4294967295 2]"), "malformed_pdf");
    assert_eq!(stream("/W[0 0 0]/Size 10"), "malformed_pdf");
    assert_eq!(stream("/W[1 2 9]/Size 10"), "malformed_pdf");
    assert_eq!(stream("/W[-1 2 1]/Size 10"), "malformed_pdf");
}

#[test]
fn counts_entries_against_the_limit() {
    let file = FileBuilder::new().with_a_page().table("");
    let limits = Limits { xref_entries: 3, ..Limits::default() };
    let error = Document::open(&file.bytes, limits).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "limit_exceeded");
}

#[test]
fn follows_no_chain_of_lengths() {
    // Each stream's length is the next stream: 10,000 frames deep for a reader that recurses.
    let mut file = FileBuilder::new().with_a_page();
    for number in 10..2_000 {
        file = file.stream_of_length(number, "", &format!("{} 0 R", number + 1), b"x");
    }
    let file = file.table("");
    assert!(matches!(object(&file, 10), Err(PdfError::WrongType { .. })));

    let file = FileBuilder::new().with_a_page().stream_of_length(10, "", "10 0 R", b"x").table("");
    assert!(object(&file, 10).is_err());
    let file =
        FileBuilder::new().with_a_page().stream_of_length(10, "", "11 0 R", b"x").object(11, "1").table("");
    assert!(object(&file, 10).is_ok());
}

#[test]
fn refuses_wrong_stream_lengths() {
    for length in ["0", "2", "5", "-1", "1.0", "9223372036854775807", "99 0 R"] {
        let file = FileBuilder::new().with_a_page().stream_of_length(10, "", length, b"xyz").table("");
        assert!(object(&file, 10).is_err(), "{length}");
    }
}

#[test]
fn reads_no_object_stream_through_another() {
    // An object stream said to be inside itself, and one whose length is inside itself.
    let mut inside = FileBuilder::new().with_a_page().object_stream(8, &[(4, "(x)")]);
    inside.entries.insert(8, super::EntryKind::InStream { container: 8, index: 0 });
    assert!(matches!(object(&inside.xref_stream(9, ""), 4), Err(PdfError::WrongType { .. })));

    let data = deflate(b"4 0 20 ");
    let mut length = FileBuilder::new().with_a_page().stream_of_length(
        8,
        "/Type/ObjStm/N 1/First 4/Extends 8 0 R/Filter/FlateDecode",
        "4 0 R",
        &data,
    );
    length.entries.insert(4, super::EntryKind::InStream { container: 8, index: 0 });
    assert!(matches!(object(&length.xref_stream(9, ""), 4), Err(PdfError::WrongType { .. })));
}

#[test]
fn refuses_object_streams_that_claim_too_much() {
    for head in ["/N 900000000/First 4", "/N 1/First 900000000", "/N -1/First 4", "/N 2/First 4"] {
        let mut file = FileBuilder::new().with_a_page().stream(8, &format!("/Type/ObjStm{head}"), b"4 0 20 ");
        file.entries.insert(4, super::EntryKind::InStream { container: 8, index: 0 });
        assert!(object(&file.xref_stream(9, ""), 4).is_err(), "{head}");
    }
    // The index of the cross-reference must lead to the number.
    let mut file = FileBuilder::new().with_a_page().object_stream(8, &[(4, "(x)"), (5, "(y)")]);
    file.entries.insert(4, super::EntryKind::InStream { container: 8, index: 1 });
    file.entries.insert(6, super::EntryKind::InStream { container: 8, index: 99 });
    let file = file.xref_stream(9, "");
    assert!(object(&file, 4).is_err());
    assert!(object(&file, 6).is_err());
    assert!(object(&file, 5).is_ok());
}

#[test]
fn stops_bombs_at_the_limit() {
    let limits = Limits { inflated_stream: 1 << 16, ..Limits::default() };
    let bomb = deflate(&vec![b' '; 1 << 20]);
    let mut file = FileBuilder::new()
        .with_a_page()
        .stream(10, "/Filter/FlateDecode", &bomb)
        .stream(11, "/Filter[/FlateDecode/FlateDecode]", &deflate(&bomb))
        .stream(8, "/Type/ObjStm/N 1/First 4/Filter/FlateDecode", &bomb);
    file.entries.insert(4, super::EntryKind::InStream { container: 8, index: 0 });
    let file = file.xref_stream(9, "");
    let document = Document::open(&file.bytes, limits).unwrap();
    let view = document.latest();
    for number in [10, 11] {
        let object = view.object(ObjectId::new(number, 0)).unwrap();
        let error = view.stream_data(object.as_stream().unwrap()).unwrap_err();
        assert_eq!(error.code(), "limit_exceeded");
    }
    assert_eq!(view.object(ObjectId::new(4, 0)).unwrap_err().code(), "limit_exceeded");
}

#[test]
fn ends_reference_and_page_loops() {
    let file = FileBuilder::new().with_a_page().object(4, "5 0 R").object(5, "4 0 R").table("");
    let document = Document::open(&file.bytes, Limits::default()).unwrap();
    let result = document.latest().resolve(&Object::Reference(ObjectId::new(4, 0)));
    assert_eq!(result.unwrap_err().code(), "reference_loop");

    for kids in ["2 0 R", "4 0 R", "3 0 R 4 0 R 4 0 R"] {
        let file = FileBuilder::new()
            .with_a_page()
            .object(2, &format!("<</Type/Pages/Kids[{kids}]/Count 1>>"))
            .object(4, "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1>>")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().pages().unwrap_err().code(), "reference_loop", "{kids}");
    }
}

#[test]
fn bounds_the_page_tree() {
    let kids = "3 0 R ".repeat(200);
    let file = FileBuilder::new()
        .with_a_page()
        .object(2, &format!("<</Type/Pages/Kids[{kids}]/Count 200/MediaBox[0 0 1 1]>>"))
        .table("");
    let count = |pages| {
        let document = Document::open(&file.bytes, Limits { pages, ..Limits::default() }).unwrap();
        document.latest().pages().map(|pages| pages.len())
    };
    assert_eq!(count(1_000), Ok(200));
    assert!(matches!(count(100), Err(PdfError::Limit(_))));
}

#[test]
fn refuses_deep_nesting() {
    let file = FileBuilder::new().with_a_page().object(4, &"[".repeat(100_000)).table("");
    assert!(matches!(object(&file, 4), Err(PdfError::Limit(_))));
}

#[test]
fn pays_for_objects_that_begin_inside_each_other() {
    // Every object is a string that holds all the objects after it.
    let mut file = FileBuilder::new().with_a_page();
    for number in 10..400 {
        file.entries.insert(number, super::EntryKind::InFile(file.offset() as u64));
        file = file.raw(&format!("{number} 0 obj (\n"));
    }
    let file = file.raw(&" ".repeat(100_000)).raw(&")".repeat(390)).table("");
    let limits = Limits { parsed_total: 1 << 20, ..Limits::default() };
    let document = Document::open(&file.bytes, limits).unwrap();
    let view = document.latest();
    let limited = |id: &ObjectId| matches!(view.object(*id), Err(PdfError::Limit(_)));
    assert!(view.object_ids().iter().filter(|id| limited(id)).count() > 300);
}

#[test]
fn has_no_object_zero() {
    let mut file = FileBuilder::new().with_a_page();
    let place = file.entries[&3];
    file.entries.insert(0, place);
    let file = file.xref_stream(9, "");
    let document = Document::open(&file.bytes, Limits::default()).unwrap();
    assert!(document.latest().object(ObjectId::new(0, 0)).unwrap().is_null());
    assert_eq!(document.latest().object_ids()[0].number, 1);
}

/// Seeded, so that a failure can be repeated (xorshift64*, Vigna 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        usize::try_from(mixed >> 33).unwrap() % most
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const PIECES: [&[u8]; 12] = [
        b"0",
        b"9999999999",
        b"-1",
        b"<<",
        b">>",
        b"[",
        b"(",
        b"R",
        b"endobj",
        b"stream\n",
        b"/Prev 15",
        b"startxref",
    ];
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
        1 => bytes[at] ^= 1 << random.below(8),
        2 => {
            let end = (at + random.below(20)).min(bytes.len() - 1);
            bytes.drain(at..end);
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())];
            bytes.splice(at..at, piece.iter().copied());
        }
    }
}

#[test]
fn survives_any_change_of_any_kind_of_file() {
    let limits =
        Limits { inflated_stream: 1 << 16, inflated_total: 1 << 20, objects: 10_000, ..Limits::default() };
    let mut random = Random(0x5EED);
    for (_, seed) in one_of_each_kind() {
        read_whole(&seed, limits).unwrap();
        for length in 0..seed.len() {
            let _ = read_whole(&seed[..length].to_vec(), limits);
        }
        for _ in 0..800 {
            let mut bytes = seed.clone();
            for _ in 0..=random.below(3) {
                mutate(&mut bytes, &mut random);
            }
            let _ = read_whole(&bytes, limits);
        }
    }
}
