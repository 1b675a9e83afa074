//! Each kind of damage, and what may not be repaired.

use super::super::fixture::{FileBuilder, one_of_each_kind};
use super::super::{Document, Object, ObjectId, Update};
use super::*;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The same bytes with every `from` replaced.
fn with(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert!(!at.is_empty(), "no {from}");
    let mut bytes = bytes.to_vec();
    for at in at.into_iter().rev() {
        bytes.splice(at..at + from.len(), to.bytes());
    }
    bytes
}

#[allow(clippy::ptr_arg, reason = "a slice by itself is no source")]
fn repaired(bytes: &Vec<u8>, limits: Limits) -> Result<Repaired, RepairError> {
    repair(bytes, Document::open(bytes, limits), &limits)
}

/// Repairs and checks that page, rotation and a string came through.
fn check(what: &str, bytes: &[u8]) -> Repaired {
    let bytes = bytes.to_vec();
    let repaired = repaired(&bytes, Limits::default()).unwrap_or_else(|e| panic!("{what}: {e}"));
    let document = Document::open(&repaired.bytes, Limits::default()).unwrap();
    assert_eq!(document.findings(), [], "{what}");
    assert_eq!(document.revisions().len(), 1, "{what}");
    assert_eq!(document.latest().pages().unwrap()[0].rotate, 90, "{what}");
    let string = document.latest().object(ObjectId::new(5, 0)).unwrap();
    assert_eq!(string.as_string().unwrap().bytes, b"second", "{what}");
    assert_eq!(damage(Document::open(&repaired.bytes, Limits::default())), Ok(None), "{what}");
    repaired
}

fn refused(bytes: &[u8]) -> &'static str {
    repaired(&bytes.to_vec(), Limits::default()).unwrap_err().code()
}

#[test]
fn leaves_a_sound_file_alone() {
    for (kind, bytes) in one_of_each_kind() {
        assert_eq!(repaired(&bytes, Limits::default()), Err(RepairError::NotDamaged), "{kind}");
    }
}

#[test]
fn finds_the_newest_objects_however_the_way_to_them_is_broken() {
    for (kind, bytes) in one_of_each_kind() {
        let last = bytes.windows(9).rposition(|window| window == b"startxref").unwrap();
        let wrong = [&bytes[..last], b"startxref\n7\n%%EOF\n"].concat();
        let repaired = check(kind, &wrong);
        // The page of the first revision.
        assert_eq!((repaired.superseded, repaired.dropped.len()), (1, 0), "{kind}");
        assert_eq!(repaired.kept, 5, "{kind}");

        check(&format!("{kind} without any startxref"), &with(&bytes, "startxref", "stortxref"));
        // An editor that made CRLF of LF, or counted from another byte: every offset is wrong.
        check(&format!("{kind} shifted"), &with(&bytes, "%PDF-1.7\n", "%PDF-1.7\n% one line more\n"));
        let junk = [b"HTTP/1.1 200 OK\n".as_slice(), &bytes].concat();
        let from_zero = with(&junk, "/Prev ", "/Prev 9");
        check(&format!("{kind} with something in front"), &from_zero);
    }
}

#[test]
fn offsets_from_byte_zero_behind_junk_are_damage() {
    // What a proxy left in front of the header was counted by the writer.
    let mut file = FileBuilder::after("junk\n").with_a_page().object(5, "(second)");
    file = file.object(3, "<</Type/Page/Parent 2 0 R/Rotate 90>>");
    for place in file.entries.values_mut() {
        let super::super::EntryKind::InFile(offset) = place else { panic!("in the file") };
        *offset += 5;
    }
    let at = file.bytes.len();
    let table = file.table_text("");
    let file = file.close(at, &table);
    assert!(damage(Document::open(&file.bytes, Limits::default())).unwrap().is_some());
    assert!(check("from byte 0", &file.bytes).bytes.starts_with(b"%PDF-1.7\n"));
}

#[test]
fn keeps_trailer_streams_and_generations() {
    let file = FileBuilder::new()
        .with_a_page()
        .object(3, "<</Type/Page/Parent 2 0 R/Rotate 90/Contents 6 0 R>>")
        .object(5, "(second)")
        .stream_of_length(6, "", "7 0 R", b"1 0 obj (a stream may look like objects) endobj\nendstream x")
        .object(7, "59")
        .raw("8 3 obj (third) endobj\n")
        .table("/Info 5 0 R/ID[<01><02>]/Custom/Kept");
    let repaired = check("streams", &with(&file.bytes, "startxref\n", "startxref\n9"));
    let document = Document::open(&repaired.bytes, Limits::default()).unwrap();
    let trailer = document.latest().trailer();
    assert!(["Root", "Info", "ID", "Custom"].iter().all(|key| trailer.contains(key)), "{trailer:?}");
    assert_eq!(trailer.get("Size"), Some(&Object::Integer(9)));
    assert!(!document.latest().object(ObjectId::new(8, 3)).unwrap().is_null());
    let stream = document.latest().object(ObjectId::new(6, 0)).unwrap();
    let data = document.latest().stream_data(stream.as_stream().unwrap()).unwrap();
    assert!(data.ends_with(b"endobj\nendstream x"), "{}", text(&data));
}

#[test]
fn takes_a_stream_to_its_end_when_its_length_is_wrong() {
    for length in ["9999", "1", "77 0 R", "(x)"] {
        let file = FileBuilder::new()
            .with_a_page()
            .object(3, "<</Type/Page/Parent 2 0 R/Rotate 90/Contents 6 0 R>>")
            .stream_of_length(6, "", length, b"q Q")
            .object(5, "(second)")
            .table("");
        let repaired = check(length, &file.bytes);
        assert!(text(&repaired.bytes).contains("6 0 obj\n<</Length 3>>\nstream\nq Q\nendstream"), "{length}");
    }
}

#[test]
fn finds_the_catalog_without_a_trailer_and_lists_what_it_cannot_read() {
    let file = FileBuilder::new().with_a_page().object(3, "<</Type/Page/Parent 2 0 R/Rotate 90>>");
    let file = file.object(5, "(second)").object(6, "<</Broken >").object(7, "<</Fine true>>");
    let repaired = check("no trailer", &file.bytes);
    let dropped: Vec<u32> = repaired.dropped.iter().map(|dropped| dropped.id.number).collect();
    assert_eq!(dropped, [6]);
    assert!(text(&repaired.bytes).contains("xref\n0 8\n"), "one piece, with a free entry for 6");
}

#[test]
fn is_not_steered_by_numbers_a_file_cannot_have() {
    let file = FileBuilder::new().with_a_page().object(3, "<</Type/Page/Parent 2 0 R/Rotate 90>>");
    let file = file
        .object(5, "(second)")
        .raw("4294967295 0 obj 1 endobj\n0 0 obj 1 endobj\n99999999999 0 obj 1 endobj\n");
    let repaired = check("huge numbers", &file.bytes);
    assert_eq!(repaired.dropped.len(), 2);
    assert!(repaired.bytes.len() < 2_000);
}

#[test]
fn never_breaks_a_signature() {
    let plain = FileBuilder::new().with_a_page().table("");
    let document = Document::open(&plain.bytes, Limits::default()).unwrap();
    let mut update = Update::new(&document).unwrap();
    let id = update.allocate();
    update.set_signature(id, crate::pdf::Dictionary::new().with("Type", Object::name("Sig")), 16);
    let signed = [plain.bytes.clone(), update.finish().unwrap().bytes].concat();
    assert_eq!(refused(&with(&signed, "startxref\n", "startxref\n9")), "repair_breaks_signature");
    // Inside its field, in an object stream, in an object that cannot be read, its name spelled otherwise.
    let broken = |file: FileBuilder| refused(&file.bytes);
    let page = || FileBuilder::new().with_a_page();
    assert_eq!(broken(page().object(4, "<</FT/Sig/V<</ByteRange[0 1 2 3]>>>>")), "repair_breaks_signature");
    assert_eq!(broken(page().object(4, "<</Byte#52ange[0 1 2 3]>>")), "repair_breaks_signature");
    assert_eq!(broken(page().object_stream(8, &[(4, "[<</ByteRange[]>>]")])), "repair_breaks_signature");
    assert_eq!(broken(page().object(4, "<</ByteRange[0 1 2 3]")), "repair_breaks_signature");
}

#[test]
fn refuses_what_no_copy_can_help() {
    assert_eq!(refused(b"no PDF"), "not_pdf");
    assert_eq!(refused(b"%PDF-1.7\nnothing else"), "malformed_pdf");
    assert_eq!(
        refused(&FileBuilder::new().object(1, "<</Type/Catalog/Pages 2 0 R>>").bytes),
        "malformed_pdf"
    );
    // A tree that is none stays none.
    let circle = FileBuilder::new().with_a_page().object(2, "<</Type/Pages/Kids[2 0 R]>>");
    assert_eq!(refused(&circle.bytes), "reference_loop");
    let encrypted = FileBuilder::new().with_a_page().table("/Encrypt<</Filter/Standard>>");
    assert_eq!(refused(&with(&encrypted.bytes, "startxref\n", "startxref\n9")), "repair_encrypted");
    // The trailer that named the handler is lost: the handler is still there.
    let handler = FileBuilder::new().with_a_page().object(4, "<</Filter/Standard/V 2/R 3/O(o)/U(u)/P -4>>");
    assert_eq!(refused(&handler.bytes), "repair_encrypted");
    // A sound one may be sound behind its password.
    assert_eq!(refused(&encrypted.bytes), "encrypted");
    let file = FileBuilder::new().with_a_page();
    let small = Limits { repaired_bytes: 100, ..Limits::default() };
    assert_eq!(repaired(&file.bytes, small).unwrap_err().code(), "limit_exceeded");
}

#[test]
fn reads_a_file_about_once_whatever_begins_inside_what() {
    // Strings, streams and arrays that never end, each begun inside the one before: without a bound
    // the last byte would be read once for each.
    for body in ["(", "<</Length 9>>\nstream\n", "<</A["] {
        let mut bytes = FileBuilder::new().with_a_page().bytes;
        for number in 10..5_000 {
            bytes.extend(format!("{number} 0 obj {body}\n").bytes());
        }
        match repaired(&bytes, Limits::default()) {
            Ok(repaired) => assert!(!repaired.dropped.is_empty(), "{body}"),
            Err(error) => assert_eq!(error.code(), "limit_exceeded", "{body}"),
        }
    }
}
