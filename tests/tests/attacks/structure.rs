//! Cross-references that show different readers different documents, and updates that change what a page is
//! made of without touching its content stream.

use super::case::{Case, Verdict, changed, failed, family, open, passed};
use super::file::{
    CATALOG, FORGED, FORM, HONEST, PAGE, Pdf, Signing, filled, find, letter, letter_with, number_field,
    parts, signature_field, signed, signed_over, stream, taken, words,
};

/// The page with another content stream.
fn other_page(content: &str) -> String {
    format!("<<{}>>", PAGE.replace("4 0 R", content))
}

fn two_readings() -> Verdict {
    open(None, &["two_readings"])
}

fn cross_references() -> Vec<Case> {
    let forged = words(FORGED);
    vec![
        Case::new("xref-hybrid-page", "an update whose table leaves the page out, and whose /XRefStm shows another: readers of PDF 1.4 see the one, others the other", changed(), signed(None).object(41, &forged).object(3, &other_page("41 0 R")).hybrid(&[3], 42)),
        Case::new("xref-hybrid-both", "table and /XRefStm name different places for the page", two_readings(), {
            let file = signed(None).object(41, &forged).object(3, &other_page("41 0 R"));
            let file = file.hybrid(&[3], 42);
            let old = find(&file.bytes, "\n3 0 obj", 0) + 1;
            in_last_table(file, 3, old)
        }),
        Case::new("xref-hybrid-signed", "the signed file itself shows two letters: one in its table, one in its /XRefStm", two_readings(), {
            let file = parts(Pdf::new());
            let honest = find(&file.bytes, "\n4 0 obj", 0) + 1;
            let file = file.object(4, &forged).hybrid(&[4], 42);
            signed_over(in_last_table(file, 4, honest), None)
        }),
        Case::new("xref-hybrid-unreadable", "/XRefStm leads to no cross-reference: what it hides nobody knows", two_readings(), signed(None).object(5, &number_field("15")).table("/XRefStm 9")),
        Case::new("xref-stream-override", "an object stream brings another page content of the same number", changed(), signed(None).object(41, &forged).packed(40, &[(3, &other_page("41 0 R"))]).xref_stream(42, "")),
        Case::new("xref-object-stream-replaced", "the signed page stands in an object stream; the update replaces the stream, no page", changed(), {
            let page = other_page("4 0 R");
            let evil = other_page("41 0 R");
            let head = "3 0 ";
            let file = parts(Pdf::new()).packed(40, &[(3, &page)]).xref_stream(42, "");
            let file = Signing::by_leader(20).close_with(taken(file, None), |file| file.xref_stream(43, ""));
            let body = stream(&format!("/Type/ObjStm/N 1/First {}", head.len()), &format!("{head}{evil} "));
            file.object(41, &forged).object(40, &body).xref_stream(44, "")
        }),
        Case::new("xref-extends", "the update's object stream says /Extends: readers that look there find another page", changed(), {
            let head = "3 0 ";
            let body = stream(&format!("/Type/ObjStm/N 1/First {}/Extends 45 0 R", head.len()), &format!("{head}{} ", other_page("41 0 R")));
            signed(None).object(41, &forged).object(45, &body).packed(40, &[(3, &other_page("41 0 R"))]).xref_stream(42, "")
        }),
        Case::new("xref-generation", "the content comes back as generation 1, and the page asks for that", changed(), signed(None).object_of(4, 1, &forged).object(3, &other_page("4 1 R")).table("")),
        Case::new("xref-generation-unasked", "the content comes back as generation 1, and the page still asks for 0: some readers do not look", changed(), signed(None).object_of(4, 1, &forged).table("")),
        Case::new("xref-freed", "the content is freed: the page is empty", changed(), signed(None).free(4, 1).table("")),
        Case::new(
            "xref-flooded",
            "an update with two different entries for the page's content, behind 300 other oddities of its table",
            two_readings(),
            {
                let file = signed(None);
                let old = find(&file.bytes, "\n4 0 obj", 0) + 1;
                let at = file.bytes.len();
                let previous = file.previous.unwrap();
                let file = file.raw(&format!("4 0 obj\n{forged}\nendobj\n"));
                let start = file.bytes.len();
                let zeros = "0000000000 00000 n \n".repeat(300);
                file.raw(&format!("xref\n4 1\n{old:010} 00000 n \n4 1\n{at:010} 00000 n \n100 300\n{zeros}trailer\n<</Size 400/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"))
            },
        ),
        Case::new("xref-twice-in-table", "the update's table names the content twice: first as it was, then the forged one", two_readings(), {
            let file = signed(None);
            let old = find(&file.bytes, "\n4 0 obj", 0) + 1;
            let at = file.bytes.len();
            let previous = file.previous.unwrap();
            let file = file.raw(&format!("4 0 obj\n{forged}\nendobj\n"));
            let start = file.bytes.len();
            file.raw(&format!("xref\n4 1\n{old:010} 00000 n \n4 1\n{at:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"))
        }),
        Case::new("xref-twice-other-order", "the same, the forged one first", failed("FORMAT_FAILURE", &["changes_not_allowed", "two_readings"]), {
            let file = signed(None);
            let old = find(&file.bytes, "\n4 0 obj", 0) + 1;
            let at = file.bytes.len();
            let previous = file.previous.unwrap();
            let file = file.raw(&format!("4 0 obj\n{forged}\nendobj\n"));
            let start = file.bytes.len();
            file.raw(&format!("xref\n4 1\n{at:010} 00000 n \n4 1\n{old:010} 00000 n \ntrailer\n<</Size 21/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"))
        }),
        Case::new("xref-wrong-number", "the table's place for object 4 holds an object 44: some readers take what is there", open(None, &["changes_not_examined"]), {
            let file = signed(None);
            let at = file.bytes.len();
            file.raw(&format!("44 0 obj\n{forged}\nendobj\n")).entry(4, at).table("")
        }),
        Case::new("xref-prev-loop", "the update's /Prev leads to a section whose /Prev leads back", Verdict::Refused("reference_loop"), {
            let file = signed(None);
            let (first, second) = (file.bytes.len(), file.previous.unwrap());
            let table = |previous: usize| format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 21/Root 1 0 R/Prev {previous:06}>>\n");
            let later = first + table(0).len();
            let _ = second;
            file.raw(&table(later)).raw(&table(first)).raw(&format!("startxref\n{later}\n%%EOF\n"))
        }),
        Case::new("xref-prev-skips", "the update's /Prev passes over the signed revision to the one before it", failed("FORMAT_FAILURE", &["coverage_partial"]), {
            let draft = letter();
            let before = draft.previous.unwrap();
            let file = signed(None);
            let last = |number: u32| {
                let text = format!("\n{number} 0 obj");
                file.bytes.windows(text.len()).rposition(|window| window == text.as_bytes()).unwrap() + 1
            };
            let (field, signature) = (last(6), last(20));
            let file = file.after(Some(before));
            file.object(4, &forged).entry(6, field).entry(20, signature).table("")
        }),
        Case::new("xref-header-shift", "bytes before the header: every offset counts from another place", failed("FORMAT_FAILURE", &["contents_gap_mismatch"]), {
            let bytes = signed(None).bytes;
            Pdf::of(&[b"\n\n% moved\n", &bytes])
        }),
        Case::new("xref-header-shift-fits", "bytes before the header, and the byte range as if they were signed", failed("HASH_FAILURE", &["digest_mismatch"]), shifted()),
        Case::new("xref-second-header", "the update begins with a header of its own: readers that start at the last one see only it", changed(), signed(None).raw("%PDF-1.7\n").object(4, &forged).table("")),
        Case::new("xref-size-small", "the update's /Size is smaller than its objects' numbers: some readers drop them", changed(), {
            let file = signed(None).object(4, &forged).table("");
            file.edited_last("/Size 21", "/Size 3")
        }),
        Case::new("xref-root-swapped", "the newest trailer names another catalog, with another letter", changed(), signed(None)
            .object(40, &forged)
            .object(41, &other_page("40 0 R").replace("/Parent 2", "/Parent 42"))
            .object(42, "<</Type/Pages/Kids[41 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(43, &format!("<<{}>>", CATALOG.replace("2 0 R", "42 0 R")))
            .root(43)
            .table("")),
        Case::new("xref-root-swapped-bare", "the same, and the new catalog has no form: no signature is seen at all", Verdict::Unsigned("signature_removed"), signed(None)
            .object(40, &forged)
            .object(41, &other_page("40 0 R").replace("/Parent 2", "/Parent 42").replace("/Annots 11 0 R", ""))
            .object(42, "<</Type/Pages/Kids[41 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(43, "<</Type/Catalog/Pages 42 0 R>>")
            .root(43)
            .table("")),
        Case::new("xref-encrypt-added", "the newest trailer has /Encrypt: what is signed would be read as if it were encrypted", Verdict::Refused("malformed_pdf"), signed(None)
            .object(40, "<</Filter/Standard/V 1/R 2/O<0000000000000000000000000000000000000000000000000000000000000000>/U<0000000000000000000000000000000000000000000000000000000000000000>/P -4>>")
            .table("/Encrypt 40 0 R/ID[<01><02>]")),
        Case::new("xref-info-changed", "title and author in /Info are others: the letter is what it was, and the change is told", passed(&["form_filled_after"]), signed(None).object(40, "<</Title(Another)/Author(Another)>>").table("/Info 40 0 R")),
    ]
}

/// The offset of `number` in the last table.
fn in_last_table(mut file: Pdf, number: u32, offset: usize) -> Pdf {
    let head = format!("\n{number} 1\n");
    let text = head.as_bytes();
    let table = file.bytes.windows(9).rposition(|window| window == b"xref\n0 1\n").unwrap();
    let place = file.bytes[table..].windows(text.len()).rposition(|window| window == text);
    match place {
        Some(at) => {
            let at = table + at + text.len();
            file.bytes[at..at + 20].copy_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
            file
        }
        None => {
            // The table has no entry for it: one is put in, and what stands behind moves.
            let entry = format!("{number} 1\n{offset:010} 00000 n \n");
            let trailer = file.bytes.windows(8).rposition(|window| window == b"trailer\n").unwrap();
            file.bytes.splice(trailer..trailer, entry.into_bytes());
            file
        }
    }
}

/// Ten bytes before the header; the numbers of /ByteRange as they are now.
fn shifted() -> Pdf {
    let file = signed(None);
    let start = file.behind("/ByteRange [", 0);
    let end = find(&file.bytes, "]", start);
    let old = String::from_utf8(file.bytes[start..end].to_vec()).unwrap();
    let numbers: Vec<usize> = old.split(' ').map(|number| number.parse().unwrap()).collect();
    let new = format!("0 {} {} {}", numbers[1] + 10, numbers[2] + 10, numbers[3]);
    let file = file.edited(&format!("[{old}]  "), &format!("[{new}]"));
    Pdf::of(&[b"\n\n% moved\n", &file.bytes])
}

/// The signed letter after an update.
fn after(certify: Option<u8>, update: impl Fn(Pdf) -> Pdf) -> Pdf {
    update(signed(certify)).table("")
}

fn catalog(more: &str) -> String {
    format!("<<{CATALOG}{more}>>")
}

fn updates() -> Vec<Case> {
    let locked = |lock: &str| {
        let field = signature_field("lanh_dao", &format!("/V 20 0 R/Lock<</Type/SigFieldLock{lock}>>"));
        Signing::by_leader(20).close(letter().object(6, &field))
    };
    let layered = |state: &str| format!("/OCProperties<</OCGs[30 0 R]/D<</{state}[30 0 R]>>>>");
    let with_layer = || {
        let content = stream("", &format!("/OC /L BDC BT /F1 12 Tf 10 80 Td ({HONEST}) Tj ET EMC"));
        let page = format!("<<{}>>", PAGE.replace("/Font<<", "/Properties<</L 30 0 R>>/Font<<"));
        let file = parts(Pdf::new()).object(1, &catalog(&layered("ON"))).object(3, &page).object(4, &content);
        signed_over(file.object(30, "<</Type/OCG/Name(L)>>").table(""), None)
    };
    let attached = |text: &str| stream("/Type/EmbeddedFile", text);
    let with_file = || {
        let file = parts(Pdf::new())
            .object(1, &catalog("/Names<</EmbeddedFiles<</Names[(a.txt) 30 0 R]>>>>"))
            .object(30, "<</Type/Filespec/F(a.txt)/EF<</F 31 0 R>>>>")
            .object(31, &attached("100"));
        signed_over(file.table(""), None)
    };
    let forged = words(FORGED);
    vec![
        Case::new(
            "update-duplicate-key",
            "the page names its content twice: the forged one first, the signed one last; which counts, readers decide",
            two_readings(),
            after(None, |file| {
                let page = other_page("40 0 R");
                file.object(40, &forged).object(3, &page.replace(">>>>/Annots", ">>>>/Contents 4 0 R/Annots"))
            }),
        ),
        Case::new(
            "update-duplicate-key-other-order",
            "the same, the forged one last",
            changed(),
            after(None, |file| {
                let page = other_page("4 0 R");
                file.object(40, &forged)
                    .object(3, &page.replace(">>>>/Annots", ">>>>/Contents 40 0 R/Annots"))
            }),
        ),
        Case::new(
            "update-page-added",
            "a page is added behind the signed one",
            changed(),
            after(None, |file| {
                file.object(40, &forged)
                    .object(41, &other_page("40 0 R").replace("/Annots 11 0 R", ""))
                    .object(2, "<</Type/Pages/Kids[3 0 R 41 0 R]/Count 2/MediaBox[0 0 200 100]>>")
            }),
        ),
        Case::new(
            "update-page-removed",
            "the page tree is empty",
            Verdict::Signed(changed_signatures()),
            after(None, |file| file.object(2, "<</Type/Pages/Kids[]/Count 0>>")),
        ),
        Case::new(
            "update-media-box",
            "the inherited page box is smaller: the amount is cut off",
            changed(),
            after(None, |file| file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 70]>>")),
        ),
        Case::new(
            "update-rotate",
            "the page is turned upside down",
            changed(),
            after(None, |file| file.object(3, &format!("<<{PAGE}/Rotate 180>>"))),
        ),
        Case::new(
            "update-resources",
            "the page's fonts are others, of the same name",
            changed(),
            after(None, |file| {
                file.object(3, &format!("<<{}>>", PAGE.replace("/F1 9 0 R", "/F1 30 0 R")))
                    .object(30, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>")
            }),
        ),
        Case::new(
            "update-inherited-resources",
            "resources stand in the page tree and change there",
            changed(),
            {
                let page = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots 11 0 R>>";
                let tree = |font: &str| {
                    format!(
                        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Resources<</Font<</F1 {font} 0 R>>>>>>"
                    )
                };
                let file = parts(Pdf::new()).object(2, &tree("9")).object(3, page).table("");
                signed_over(file, None)
                    .object(30, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>")
                    .object(2, &tree("30"))
                    .table("")
            },
        ),
        Case::new(
            "update-to-unicode",
            "the font gets a map to other letters: what is copied or searched is another text",
            changed(),
            after(None, |file| {
                file.object(9, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 30 0 R>>").object(30, &stream("", "1 beginbfchar <31> <0039> endbfchar"))
            }),
        ),
        Case::new("update-font-program", "the font program, which is the glyphs, is exchanged", changed(), {
            let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FontDescriptor 30 0 R>>";
            let file = parts(Pdf::new())
                .object(9, font)
                .object(30, "<</Type/FontDescriptor/FontName/Helvetica/FontFile 31 0 R>>")
                .object(31, &stream("", "%!FontType1 a"));
            signed_over(file.table(""), None).object(31, &stream("", "%!FontType1 b")).table("")
        }),
        Case::new(
            "update-xobject-shared",
            "one form is a field's face, which filling may change, and painted by the page",
            changed(),
            {
                let page = format!("<<{}>>", PAGE.replace("/Font<<", "/XObject<</X 8 0 R>>/Font<<"));
                let content = stream("", &format!("BT /F1 12 Tf 10 80 Td ({HONEST}) Tj ET /X Do"));
                let file = parts(Pdf::new()).object(3, &page).object(4, &content).table("");
                filled(signed_over(file, None)).table("")
            },
        ),
        Case::new(
            "update-form-replaced",
            "the catalog names another form, with another field in the signature's name",
            failed("FORMAT_FAILURE", &["changes_not_allowed"]),
            after(None, |file| {
                file.object(40, &signature_field("lanh_dao", "/V 20 0 R"))
                    .object(41, &format!("<<{FORM}/Fields[40 0 R]>>"))
                    .object(1, &catalog("").replace("/AcroForm 10 0 R", "/AcroForm 41 0 R"))
            }),
        ),
        Case::new(
            "update-form-removed",
            "the form is gone: no signature is seen",
            Verdict::Unsigned("signature_removed"),
            after(None, |file| file.object(1, "<</Type/Catalog/Pages 2 0 R>>")),
        ),
        Case::new(
            "update-signature-cleared",
            "the field's value is taken away",
            Verdict::Unsigned("signature_removed"),
            after(None, |file| file.object(6, &signature_field("lanh_dao", ""))),
        ),
        Case::new(
            "update-perms-removed",
            "certified with P=1; /Perms is taken out of the catalog before annotating",
            changed(),
            after(Some(1), |file| file.object(1, &catalog("")).object(5, &number_field("15"))),
        ),
        Case::new(
            "update-perms-redirected",
            "certified with P=1; /Perms /DocMDP names another dictionary, with P=3",
            changed(),
            after(Some(1), |file| {
                file.object(40, "<</Type/Sig/Filter/Adobe.PPKLite/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 3>>>>]>>")
                .object(1, &catalog("/Perms<</DocMDP 40 0 R>>"))
            }),
        ),
        Case::new(
            "update-p1-filled",
            "certified with P=1; a field is filled",
            changed(),
            filled(signed(Some(1))).table(""),
        ),
        Case::new(
            "update-lock-all",
            "the signature field locks all fields (/Lock; no transform in the signature repeats it); one is filled",
            changed(),
            filled(locked("/Action/All")).table(""),
        ),
        Case::new(
            "update-lock-include",
            "the signature field locks the number (/Lock alone); it is filled",
            changed(),
            filled(locked("/Action/Include/Fields[(so)]")).table(""),
        ),
        Case::new(
            "update-lock-exclude",
            "the signature locks all fields but the seal's; the number is filled",
            changed(),
            filled(locked("/Action/Exclude/Fields[(dau)]")).table(""),
        ),
        Case::new(
            "update-lock-removed",
            "the signature locks all fields; an update takes the lock out and fills one",
            changed(),
            filled(locked("/Action/All").object(6, &signature_field("lanh_dao", "/V 20 0 R")).table(""))
                .table(""),
        ),
        Case::new(
            "update-field-mdp",
            "the signature dictionary's FieldMDP locks the number; it is filled",
            changed(),
            {
                let entries = format!(
                    "{}/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/Include/Fields[(so)]>>>>]",
                    super::file::SIGNED_AT
                );
                let file = Signing { entries, ..Signing::by_leader(20) }.close(taken(letter(), None));
                filled(file).table("")
            },
        ),
        Case::new(
            "update-field-added",
            "a text field over the amount is added, with a face",
            changed(),
            after(None, |file| {
                file.object(
                    30,
                    &number_field("999").replace("(so)", "(them)").replace("10 40 90 54", "10 75 190 95"),
                )
                .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
                .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
            }),
        ),
        Case::new(
            "update-field-moved",
            "the text field is filled and its box moved over the amount",
            changed(),
            after(None, |file| {
                file.object(5, &number_field("999").replace("10 40 90 54", "10 75 190 95"))
                    .object(8, &stream(super::file::FORM_XOBJECT, "BT /F1 12 Tf 0 5 Td (Pay 999 dong) Tj ET"))
            }),
        ),
        Case::new("update-read-only-filled", "a read-only field is filled", changed(), {
            let field = |value: &str| number_field(value).replace("/FT/Tx", "/FT/Tx/Ff 1");
            signed_over(parts(Pdf::new()).object(5, &field("")).table(""), None)
                .object(5, &field("999"))
                .table("")
        }),
        Case::new(
            "update-xfa",
            "an XFA form is added, which its readers show in the page's place",
            changed(),
            after(None, |file| {
                file.object(30, &stream("", "<xdp:xdp/>"))
                    .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R]/XFA 30 0 R>>"))
            }),
        ),
        Case::new(
            "update-need-appearances",
            "/NeedAppearances true: readers draw the fields anew, each its own way",
            changed(),
            after(None, |file| {
                file.object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R]/NeedAppearances true>>"))
            }),
        ),
        Case::new(
            "update-open-action",
            "a script runs when the document is opened",
            changed(),
            after(None, |file| {
                file.object(
                    1,
                    &catalog("/OpenAction<</S/JavaScript/JS(this.getField\\('so'\\).value='999')>>"),
                )
            }),
        ),
        Case::new(
            "update-catalog-actions",
            "additional actions of the document",
            changed(),
            after(None, |file| file.object(1, &catalog("/AA<</WP<</S/JavaScript/JS(1)>>>>"))),
        ),
        Case::new(
            "update-names-script",
            "a script by name",
            changed(),
            after(None, |file| {
                file.object(1, &catalog("/Names<</JavaScript<</Names[(a) 30 0 R]>>>>"))
                    .object(30, "<</S/JavaScript/JS(1)>>")
            }),
        ),
        Case::new(
            "update-field-script",
            "the field computes its value by a script from now on",
            changed(),
            after(None, |file| {
                file.object(
                    5,
                    &number_field("")
                        .replace("/FT/Tx", "/FT/Tx/AA<</F<</S/JavaScript/JS(event.value='999')>>>>"),
                )
            }),
        ),
        Case::new(
            "update-page-action",
            "a script runs when the page is shown",
            changed(),
            after(None, |file| file.object(3, &format!("<<{PAGE}/AA<</O<</S/JavaScript/JS(1)>>>>>>"))),
        ),
        Case::new(
            "update-layers-added",
            "optional content is added, off",
            changed(),
            after(None, |file| file.object(1, &catalog(&layered("OFF"))).object(30, "<</Type/OCG/Name(L)>>")),
        ),
        Case::new(
            "update-layer-switched",
            "the layer that the amount is on is switched off",
            changed(),
            with_layer().object(1, &catalog(&layered("OFF"))).table(""),
        ),
        Case::new(
            "update-layer-usage",
            "the layer is shown on screen and not in print",
            changed(),
            with_layer().object(30, "<</Type/OCG/Name(L)/Usage<</Print<</PrintState/OFF>>>>>>").table(""),
        ),
        Case::new(
            "update-page-labels",
            "the page is called page 7 of an annex",
            changed(),
            after(None, |file| file.object(1, &catalog("/PageLabels<</Nums[0<</S/D/St 7/P(Annex )>>]>>"))),
        ),
        Case::new(
            "update-outline",
            "an outline is added that says something else",
            changed(),
            after(None, |file| {
                file.object(1, &catalog("/Outlines 30 0 R"))
                    .object(30, "<</Type/Outlines/First 31 0 R/Last 31 0 R/Count 1>>")
                    .object(31, "<</Title(Pay 999 dong)/Parent 30 0 R/Dest[3 0 R/Fit]>>")
            }),
        ),
        Case::new(
            "update-file-exchanged",
            "an attached file is exchanged in place",
            changed(),
            with_file().object(31, &attached("999")).table(""),
        ),
        Case::new(
            "update-file-added",
            "a file is attached",
            changed(),
            after(None, |file| {
                file.object(1, &catalog("/Names<</EmbeddedFiles<</Names[(a.txt) 30 0 R]>>>>"))
                    .object(30, "<</Type/Filespec/F(a.txt)/EF<</F 31 0 R>>>>")
                    .object(31, &attached("999"))
            }),
        ),
        Case::new(
            "update-collection",
            "the document becomes a portfolio: readers show an attached file first",
            changed(),
            after(None, |file| {
                file.object(
                    1,
                    &catalog("/Collection<</D(a.pdf)>>/Names<</EmbeddedFiles<</Names[(a.pdf) 30 0 R]>>>>"),
                )
                .object(30, "<</Type/Filespec/F(a.pdf)/EF<</F 31 0 R>>>>")
                .object(31, &attached("%PDF-"))
            }),
        ),
        Case::new(
            "update-viewer",
            "the reader is told to print five copies and show a title",
            changed(),
            after(None, |file| {
                file.object(1, &catalog("/ViewerPreferences<</NumCopies 5/DisplayDocTitle true>>"))
            }),
        ),
        Case::new(
            "update-language",
            "the catalog says another language, for whoever reads aloud",
            changed(),
            after(None, |file| file.object(1, &catalog("/Lang(fr)"))),
        ),
        Case::new(
            "update-struct-alt",
            "the structure tree, added later, reads another amount aloud",
            changed(),
            after(None, |file| {
                file.object(1, &catalog("/StructTreeRoot 30 0 R/MarkInfo<</Marked true>>"))
                    .object(30, "<</Type/StructTreeRoot/K[31 0 R]>>")
                    .object(31, "<</Type/StructElem/S/P/P 30 0 R/Pg 3 0 R/ActualText(Pay 999 dong)>>")
            }),
        ),
        Case::new(
            "update-metadata-list",
            "/Metadata is no stream any more",
            changed(),
            after(None, |file| file.object(1, &catalog("/Metadata 30 0 R")).object(30, "[4 0 R]")),
        ),
        Case::new(
            "update-version-lower",
            "/Version goes back to 1.0: readers leave out what they think it has not",
            changed(),
            after(None, |file| file.object(1, &catalog("/Version/1.0"))),
        ),
        Case::new(
            "update-thumbnail",
            "the page gets a thumbnail of another letter",
            changed(),
            after(None, |file| {
                file.object(3, &format!("<<{PAGE}/Thumb 30 0 R>>")).object(30, &stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/ASCIIHexDecode", "00>"))
            }),
        ),
        Case::new("update-recycled", "an unused object of the signed file becomes a field", changed(), {
            let file = parts(Pdf::new()).object(30, &signature_field("den", "")).table("");
            signed_over(file, None)
                .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
                .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                .table("")
        }),
        Case::new(
            "update-recycled-signature",
            "an old signature dictionary, unused in the signed file, becomes the seal's",
            failed("FORMAT_FAILURE", &["changes_not_allowed"]).and_old(),
            {
                let draft = signed(None);
                let start = find(&draft.bytes, "20 0 obj\n", 0) + 9;
                let end = find(&draft.bytes, "\nendobj", start);
                let old = String::from_utf8(draft.bytes[start..end].to_vec()).unwrap();
                let file = signed_over(letter_with(Pdf::new()).object(21, &old).table(""), None);
                file.object(7, &signature_field("dau", "/V 21 0 R")).table("")
            },
        ),
        Case::new(
            "update-value-stream",
            "the number's value becomes a stream, which is no plain value",
            changed(),
            after(None, |file| {
                file.object(5, &number_field("").replace("/V()", "/V 30 0 R")).object(30, &stream("", "999"))
            }),
        ),
        Case::new(
            "update-contents-array",
            "the page's content becomes an array: the signed stream, and one more",
            changed(),
            after(None, |file| {
                file.object(40, &stream("", "1 1 1 rg 0 70 200 30 re f"))
                    .object(3, &other_page("[4 0 R 40 0 R]"))
            }),
        ),
        Case::new(
            "update-length-changed",
            "the content is given anew with a shorter /Length, bytes unchanged: it ends before the amount",
            changed(),
            after(None, |file| file.object(4, "<</Length 20>>stream\nBT /F1 12 Tf 10 80 T\nendstream")),
        ),
        Case::new(
            "update-length-object",
            "the length of the signed content is another object, which the update makes smaller",
            open(None, &["changes_not_examined"]),
            {
                let content = words(HONEST);
                let length = content.len() - content.find("stream\n").unwrap() - "stream\n\nendstream".len();
                let content = content.replace(&format!("/Length {length}"), "/Length 30 0 R");
                let file = parts(Pdf::new()).object(4, &content).object(30, &length.to_string()).table("");
                signed_over(file, None).object(30, "20").table("")
            },
        ),
        Case::new(
            "update-length-prepared",
            "the same; the content was prepared so that it ends well with the smaller length too",
            changed(),
            {
                let data = format!("q\nendstream\nBT /F1 12 Tf 10 80 Td ({HONEST}) Tj ET Q");
                let content = format!("<</Length 30 0 R>>stream\n{data}\nendstream");
                let file = parts(Pdf::new()).object(4, &content).object(30, &data.len().to_string());
                signed_over(file.table(""), None).object(30, "1").table("")
            },
        ),
        Case::new(
            "update-signed-time-trap",
            "the signature's /M is another object, which does not exist when it is made and is defined by an update",
            changed(),
            {
                let signing = Signing { entries: "/M 30 0 R".into(), ..Signing::by_leader(20) };
                signing.close(taken(letter(), None)).object(30, "(D:20260205095634+07'00')").table("")
            },
        ),
        Case::new(
            "update-filter-added",
            "the content is given anew with a filter: the same bytes, read as others",
            changed(),
            after(None, |file| {
                file.object(4, &words(HONEST).replace("<</Length", "<</Filter/ASCIIHexDecode/Length"))
            }),
        ),
        Case::new(
            "update-external-stream",
            "the content is said to lie in another file",
            changed(),
            after(None, |file| file.object(4, &words(HONEST).replace("<</Length", "<</F(evil.txt)/Length"))),
        ),
    ]
}

fn changed_signatures() -> Vec<super::case::Expected> {
    vec![super::case::leader("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["changes_not_allowed"])]
}

impl Verdict {
    /// The old value that the seal's field shows signs nothing here.
    fn and_old(self) -> Self {
        let Self::Signed(mut signatures) = self else { return self };
        let old = super::case::leader("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["contents_gap_mismatch"]);
        signatures.push(old.of("dau"));
        Self::Signed(signatures)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = family(
        "cross-references",
        "ISO 32000-2 7.5.4-7.5.8; Müller et al. 2019 on parser differences",
        cross_references(),
    );
    cases.extend(family("forbidden update", "ISO 32000-2 12.8.2; pyHanko's diff rules", updates()));
    cases
}
