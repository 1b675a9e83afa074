//! Files that two readers read as two documents, and files that only look so.

use super::bench::*;
use super::codes;
use crate::pdf::EntryKind;
use crate::pdf::fixture::FileBuilder;
use crate::report::model::*;
use crate::verdict::Verdict;

/// The verdict, and what the signature's finding says of another reading.
fn read(file: FileBuilder) -> (Verdict, Vec<String>) {
    let report = judged(&file.bytes);
    let findings = &report.signatures[0].findings;
    let told = findings.iter().filter(|finding| finding.code == "two_readings");
    (report.verdict, told.map(|finding| finding.message_en.clone()).collect())
}

fn check_differs(what: &str, file: FileBuilder, difference: &str) {
    let (verdict, told) = read(file);
    assert_ne!(verdict, Verdict::Valid, "{what}");
    assert!(told.iter().any(|text| text.contains(difference)), "{what}: {told:?}");
}

fn check_one(what: &str, file: FileBuilder) {
    assert_eq!(read(file), (Verdict::Valid, Vec::new()), "{what}");
}

const SIGNED: &str = "/V 20 0 R";

#[test]
fn what_readers_of_tables_miss_is_another_document_if_it_shows() {
    let hybrid = |number: u32, body: &str, catalog: &str| {
        let file = letter()
            .object(1, &format!("<<{CATALOG}{catalog}>>"))
            .object(6, &signature_field("lanh_dao", SIGNED))
            .object_stream(40, &[(number, body)])
            .hybrid(&[number], 41, "/ID[<01><02>]");
        Signing::by_leader(20).close(file)
    };
    check_differs("annotations", hybrid(11, "[5 0 R 6 0 R]", ""), "tables only: /Root/Pages[0]/Annots");
    check_differs("a font", hybrid(9, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>", ""), "Font");
    let outlines = "<</Type/Outlines/Count 0>>";
    check_differs("outlines", hybrid(42, outlines, "/Outlines 42 0 R"), "/Root/Outlines");
    // What the standard has hybrid files for: structure, which older readers do without.
    check_one("a structure tree", hybrid(42, "<</Type/StructTreeRoot>>", "/StructTreeRoot 42 0 R"));
    check_one("what nothing refers to", hybrid(42, "(x)", ""));
    let same = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    check_differs("hidden from tables, though it was the same before", hybrid(9, same, ""), "tables only");
}

#[test]
fn changes_that_only_readers_of_tables_see_count() {
    // What the signer saw in the newest revision's state is the same for both; what was signed is not.
    let file = letter()
        .object(6, &signature_field("lanh_dao", SIGNED))
        .object_stream(40, &[(11, "[5 0 R 6 0 R 7 0 R]")])
        .hybrid(&[11], 41, "/ID[<01><02>]");
    let signed = Signing::by_leader(20).close(file);
    let shown_to_all = signed.object(11, "[5 0 R 6 0 R 7 0 R]").table("/ID[<01><04>]");
    let report = judged(&shown_to_all.bytes);
    let changes = &report.signatures[0].changes;
    assert_eq!((changes.level, report.verdict), (ChangeLevel::Other, Verdict::Invalid), "{changes:#?}");
}

fn plainly_signed(file: FileBuilder) -> FileBuilder {
    Signing::by_leader(20).close(file.object(6, &signature_field("lanh_dao", SIGNED)))
}

const OTHER_CONTENT: &str = "4 0 obj\n<</Length 24>>stream\nBT (Another letter) Tj ET\nendstream\nendobj\n";

#[test]
fn what_a_repairing_reader_would_find_must_show_the_same() {
    let update = |file: FileBuilder, stray: &str| file.object(5, &number_field("15")).raw(stray).table("");
    let strays = |stray: &str| update(plainly_signed(letter()), stray);
    check_differs("another content", strays(OTHER_CONTENT), "repaired: /Root/Pages[0]/Contents (4 0)");
    check_differs(
        "another page",
        strays("3 0 obj <</Type/Page/Parent 2 0 R>> endobj\n"),
        "repaired: /Root/Pages[0]",
    );
    let behind_all = strays("").raw("trailer <</Root 9 0 R>>\n");
    check_differs("another catalog", behind_all, "repaired: /Root");
    check_one("a trailer that another follows", strays("trailer <</Root 9 0 R>>\n"));
    check_one("nothing stray", strays(""));
    check_one("an object that nothing refers to", strays("90 0 obj (x) endobj\n"));
    check_one(
        "the same once more",
        strays("9 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n"),
    );
    check_one("a trailer that says the same", strays("trailer <</Root 1 0 R>>\n"));
    check_one("an object in the data of a stream", {
        let file = plainly_signed(letter()).stream(
            8,
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]",
            OTHER_CONTENT.as_bytes(),
        );
        file.object(5, &number_field("15")).table("")
    });
}

#[test]
fn what_was_written_and_taken_back_is_still_there_for_some() {
    // Another content, and a table that leads back to the signed one: no change by the cross-references.
    let signed = plainly_signed(letter());
    let at = signed.bytes.windows(8).position(|window| window == b"\n4 0 obj").unwrap() + 1;
    let mut file = signed.stream(4, "", b"BT (Another letter) Tj ET").table("");
    file.entries.insert(4, EntryKind::InFile(at as u64));
    check_differs("taken back", file.table(""), "repaired: /Root/Pages[0]/Contents (4 0)");
}

#[test]
fn strays_that_were_signed_count_where_a_reader_has_cause_to_repair() {
    let with_stray = |file: FileBuilder| plainly_signed(letter_in(file.raw("")).raw(OTHER_CONTENT));
    // Undamaged, the file is read by its cross-references, by everybody.
    check_one("no cause", with_stray(FileBuilder::new()));
    check_differs(
        "bytes before the header",
        with_stray(FileBuilder::after("junk\n")),
        "repaired: /Root/Pages[0]/Contents",
    );
    // Cause alone is none: what later revisions replaced stands earlier.
    let damaged = sealed(plainly_signed(letter_in(FileBuilder::after("junk\n"))));
    check_one("honestly damaged", damaged);
}

#[test]
fn a_reading_that_cannot_be_compared_is_not_believed() {
    let mut file = plainly_signed(letter()).object(5, &number_field("15"));
    let nowhere = file.offset();
    file = file.table(&format!("/XRefStm {nowhere}"));
    let report = judged(&file.bytes);
    assert_eq!(report.verdict, Verdict::Indeterminate, "{report:#?}");
    assert!(codes(&report.signatures[0]).contains(&"two_readings"));
}
