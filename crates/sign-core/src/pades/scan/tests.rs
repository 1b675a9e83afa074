use super::*;
use crate::limits::Limits;
use crate::pdf::fixture::FileBuilder;

/// A page with the words `Pay 100 dong` at 20, 50 in an embedded font.
struct Letter {
    catalog: &'static str,
    page: &'static str,
    font: &'static str,
    form: &'static str,
    content: &'static str,
    objects: Vec<(u32, &'static str)>,
}

impl Default for Letter {
    fn default() -> Self {
        Self {
            catalog: "",
            page: "",
            font: "/FontDescriptor 6 0 R",
            form: "/Subtype/Form",
            content: "BT /F 10 Tf 20 50 Td (Pay 100 dong) Tj ET",
            objects: Vec::new(),
        }
    }
}

impl Letter {
    fn build(&self) -> FileBuilder {
        let file = FileBuilder::new()
            .object(1, &format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog))
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(
                3,
                &format!(
                    "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 8 0 R>>>>{}>>",
                    self.page
                ),
            )
            .stream(4, "", self.content.as_bytes())
            .object(5, &format!("<</Type/Font/Subtype/TrueType/BaseFont/Times{}>>", self.font))
            .object(6, "<</Type/FontDescriptor/FontFile2 7 0 R>>")
            .stream(7, "", b"font")
            .stream(8, self.form, b"");
        self.objects.iter().fold(file, |file, (number, body)| file.object(*number, body))
    }

    fn codes(&self) -> Vec<&'static str> {
        codes(self.build().table(""))
    }
}

fn codes(file: FileBuilder) -> Vec<&'static str> {
    let document = Document::open(&file.bytes, Limits::default()).unwrap();
    scan(&document).unwrap().codes()
}

#[test]
fn a_plain_letter_has_no_findings() {
    assert_eq!(Letter::default().codes(), Vec::<&str>::new());
}

#[test]
fn names_what_the_catalog_and_its_actions_can_do() {
    for (code, catalog) in [
        ("javascript", "/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        ("javascript", "/AA<</WP<</S/JavaScript/JS(x)>>>>"),
        ("javascript", "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>"),
        ("javascript", "/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/JavaScript/JS(x)>>]>>"),
        ("launch_action", "/OpenAction<</S/Launch/F(calc.exe)>>"),
        ("remote_link", "/OpenAction<</S/GoToR/F(other.pdf)/D[0/Fit]>>"),
        ("web_link", "/OpenAction<</S/URI/URI(http://example.org)>>"),
        ("submit_action", "/OpenAction<</S/SubmitForm/F(http://example.org)>>"),
        ("field_action", "/OpenAction<</S/ImportData/F(a.fdf)>>"),
        ("layer_action", "/OpenAction<</S/SetOCGState/State[/ON 9 0 R]>>"),
        ("media_action", "/OpenAction<</S/Rendition/OP 0>>"),
        ("embedded_file", "/Names<</EmbeddedFiles<</Names[(a)<</F(a.xml)/EF<</F 7 0 R>>>>]>>>>"),
        ("portfolio", "/Collection<<>>"),
        ("xfa", "/AcroForm<</Fields[]/XFA 7 0 R>>"),
        ("need_appearances", "/AcroForm<</Fields[]/NeedAppearances true>>"),
        ("usage_rights", "/Perms<</UR3<<>>>>"),
        ("layers", "/OCProperties<</OCGs[7 0 R]/D<<>>>>"),
        ("layer_hidden", "/OCProperties<</OCGs[7 0 R]/D<</OFF[7 0 R]>>>>"),
        ("layer_hidden", "/OCProperties<</OCGs[7 0 R]/D<</BaseState/OFF>>>>"),
    ] {
        assert_eq!(Letter { catalog, ..Letter::default() }.codes(), [code], "{catalog}");
    }
}

#[test]
fn a_layer_that_only_prints_is_named() {
    let group = "<</Type/OCG/Name(Watermark)/Usage<</View<</ViewState/OFF>>/Print<</PrintState/ON>>>>>>";
    let catalog = "/OCProperties<</OCGs[9 0 R]/D<</AS[<</Event/View/OCGs[9 0 R]/Category[/View]>>]>>>>";
    let letter = Letter { catalog, objects: vec![(9, group)], ..Letter::default() };
    assert_eq!(letter.codes(), ["layer_depends_on_use"]);
}

#[test]
fn names_scripts_of_pages_annotations_and_fields() {
    for page in [
        "/AA<</O<</S/JavaScript/JS(x)>>>>",
        "/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(x)>>>>]",
        "/Annots[<</Subtype/Widget/Rect[0 0 0 0]/AA<</K<</S/JavaScript/JS(x)>>>>>>]",
    ] {
        let letter = Letter { page, ..Letter::default() };
        let file = letter.build().table("").bytes;
        let found = scan(&Document::open(&file, Limits::default()).unwrap()).unwrap();
        assert_eq!(found.codes(), ["javascript"], "{page}");
        assert_eq!((found.risks[0].page, found.risks[0].object), (Some(0), Some(ObjectId::new(3, 0))));
    }
}

#[test]
fn names_annotations_that_change_what_a_page_shows() {
    for (code, page) in [
        ("unknown_annotation", "/Annots[<</Subtype/Surprise/Rect[0 0 9 9]>>]"),
        ("rich_media", "/Annots[<</Subtype/3D/Rect[0 0 9 9]>>]"),
        ("redaction_pending", "/Annots[<</Subtype/Redact/Rect[0 0 9 9]>>]"),
        ("annotation_hidden", "/Annots[<</Subtype/Stamp/F 2/Rect[0 0 9 9]>>]"),
        ("annotation_over_text", "/Annots[<</Subtype/FreeText/Rect[20 45 90 65]>>]"),
    ] {
        assert_eq!(Letter { page, ..Letter::default() }.codes(), [code], "{page}");
    }
    // Beside the text, or meant to lie on it.
    for page in [
        "/Annots[<</Subtype/FreeText/Rect[20 5 90 25]>>]",
        "/Annots[<</Subtype/Highlight/Rect[20 45 90 65]>>]",
    ] {
        assert_eq!(Letter { page, ..Letter::default() }.codes(), Vec::<&str>::new(), "{page}");
    }
}

#[test]
fn a_field_on_the_middle_of_a_line_lies_on_its_text() {
    let over = |rect: &'static str| {
        let letter = Letter {
            catalog: "/AcroForm<</Fields[9 0 R]>>",
            page: "/Annots[9 0 R]",
            objects: vec![(9, rect)],
            ..Letter::default()
        };
        letter.codes()
    };
    // The amount is behind four letters of five points each.
    assert_eq!(over("<</FT/Tx/T(a)/Subtype/Widget/Rect[40 48 55 60]>>"), ["field_over_text"]);
    assert_eq!(over("<</FT/Tx/T(a)/Subtype/Widget/Rect[40 10 55 30]>>"), Vec::<&str>::new());
    // Signatures lie where they lie.
    assert_eq!(over("<</FT/Sig/T(a)/Subtype/Widget/Rect[40 48 55 60]>>"), Vec::<&str>::new());
}

#[test]
fn a_field_on_blanks_or_leaders_is_where_it_should_be() {
    for content in
        ["BT /F 10 Tf 20 50 Td (No: ......../TT) Tj ET", "BT /F 10 Tf 20 50 Td (No:         /TT) Tj ET"]
    {
        let letter = Letter {
            catalog: "/AcroForm<</Fields[9 0 R]>>",
            page: "/Annots[9 0 R]",
            content,
            objects: vec![(9, "<</FT/Tx/T(a)/Subtype/Widget/Rect[41 48 70 60]>>")],
            ..Letter::default()
        };
        assert_eq!(letter.codes(), Vec::<&str>::new(), "{content}");
    }
}

#[test]
fn a_picture_painted_over_words_hides_them() {
    let over = "BT /F 10 Tf 20 50 Td (Pay 100 dong) Tj ET q 100 0 0 30 10 40 cm /X Do Q";
    let under = "q 100 0 0 30 10 40 cm /X Do Q BT /F 10 Tf 20 50 Td (Pay 100 dong) Tj ET";
    let ocr = "BT 3 Tr /F 10 Tf 20 50 Td (Pay 100 dong) Tj ET q 100 0 0 30 10 40 cm /X Do Q";
    let codes = |content, form| Letter { content, form, ..Letter::default() }.codes();
    assert_eq!(codes(over, "/Subtype/Image"), ["image_over_text"]);
    assert_eq!(codes(under, "/Subtype/Image"), Vec::<&str>::new());
    assert_eq!(codes(ocr, "/Subtype/Image"), Vec::<&str>::new());
    // A seal lets the words through.
    assert_eq!(codes(over, "/Subtype/Image/SMask 7 0 R"), Vec::<&str>::new());
}

#[test]
fn names_what_lies_outside_the_file() {
    for (code, form) in [
        ("external_stream", "/Subtype/Form/F(other.bin)"),
        ("external_content", "/Subtype/Form/Ref<</F(other.pdf)/Page 0>>"),
        ("external_content", "/Subtype/Image/OPI<<>>"),
        ("alternate_image", "/Subtype/Image/Alternates[]"),
    ] {
        assert_eq!(Letter { form, ..Letter::default() }.codes(), [code], "{form}");
    }
    assert_eq!(Letter { font: "", ..Letter::default() }.codes(), ["font_not_embedded"]);
}

fn field(field: &'static str, drawing: &str) -> Vec<&'static str> {
    let letter = Letter {
        catalog: "/AcroForm<</Fields[9 0 R]>>",
        page: "/Annots[9 0 R]",
        objects: vec![(9, field)],
        ..Letter::default()
    };
    let resources = "/Subtype/Form/BBox[0 0 50 20]/Resources<</Font<</F 5 0 R>>>>";
    codes(letter.build().stream(10, resources, drawing.as_bytes()).table(""))
}

#[test]
fn a_field_that_shows_another_value_than_it_has_is_named() {
    let text = "<</FT/Tx/T(a)/V(100 dong)/Subtype/Widget/Rect[10 10 60 30]/AP<</N 10 0 R>>>>";
    assert_eq!(field(text, "BT /F 9 Tf 2 2 Td (100) Tj 0 -9 Td (dong) Tj ET"), Vec::<&str>::new());
    assert_eq!(field(text, "BT /F 9 Tf 2 2 Td (900 dong) Tj ET"), ["field_value_differs"]);
    assert_eq!(field(text, ""), ["field_value_differs"]);
    let bare = "<</FT/Tx/T(a)/V(100)/Subtype/Widget/Rect[10 10 60 30]>>";
    assert_eq!(field(bare, ""), ["field_without_appearance", "unused_objects"]);
    let ticked = "<</FT/Btn/T(a)/V/Off/AS/Yes/Subtype/Widget/Rect[10 10 60 30]/AP<</N<</Yes 10 0 R>>>>>>";
    assert_eq!(field(ticked, ""), ["field_value_differs"]);
}

/// Christian Mainka, Vladislav Mladenov, Simon Rohlmann, “Shadow Attacks”, NDSS 2021: each needs
/// something in the file before the victim signs.
#[test]
fn what_shadow_attacks_prepare_is_found() {
    // Hide: a picture lies over the words the attacker will show later (their variant 1).
    let hide = "BT /F 10 Tf 20 50 Td (Pay 9 999 dong) Tj ET q 100 0 0 30 10 40 cm /X Do Q";
    assert!(
        Letter { content: hide, form: "/Subtype/Image", ..Letter::default() }
            .codes()
            .contains(&"image_over_text")
    );

    // Hide and replace: a second page that no page tree has.
    let shadow = "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>";
    assert_eq!(Letter { objects: vec![(9, shadow)], ..Letter::default() }.codes(), ["unreachable_page"]);

    // The same with the object's number in use already, and only one of the two in the table.
    let plain = Letter::default().build();
    let hidden = plain.raw("4 0 obj\n<</Length 3>>\nstream\nBT \nendstream\nendobj\n").table("");
    assert_eq!(codes(hidden), ["duplicate_object"]);

    // An object that stands in no table at all, to be led to later.
    let hidden = Letter::default().build().raw("77 0 obj\n(later)\nendobj\n").table("");
    assert_eq!(codes(hidden), ["hidden_object"]);

    // Replace: the content was another one in an earlier revision.
    let replaced =
        Letter::default().build().table("").stream(4, "", b"BT /F 10 Tf 20 50 Td (Pay 5) Tj ET").table("");
    assert_eq!(codes(replaced), ["content_replaced"]);
    let replaced = Letter::default()
        .build()
        .table("")
        .object(3, "<</Type/Page/Parent 2 0 R/Contents 8 0 R/Resources<</Font<</F 5 0 R>>>>>>")
        .table("");
    assert!(codes(replaced).contains(&"content_replaced"));
}

#[test]
fn bytes_in_a_stream_that_look_like_an_object_are_none() {
    let file =
        Letter::default().build().stream(9, "/Subtype/Form", b"\n77 0 obj\n(text)\nendobj\n").table("");
    assert_eq!(codes(file), ["unused_objects"]);
}

#[test]
fn a_field_filled_in_an_update_replaces_no_content() {
    let letter = Letter {
        catalog: "/AcroForm<</Fields[9 0 R]>>",
        page: "/Annots[9 0 R]",
        objects: vec![(9, "<</FT/Tx/T(a)/Subtype/Widget/Rect[10 10 60 30]/AP<</N 8 0 R>>>>")],
        ..Letter::default()
    };
    let resources = "/Subtype/Form/Resources<</Font<</F 5 0 R>>>>";
    let filled = letter
        .build()
        .table("")
        .object(9, "<</FT/Tx/T(a)/V(100)/Subtype/Widget/Rect[10 10 60 30]/AP<</N 10 0 R>>>>")
        .stream(10, resources, b"BT /F 9 Tf (100) Tj ET")
        .table("");
    assert_eq!(codes(filled), Vec::<&str>::new());
}

#[test]
fn an_unreadable_object_is_a_finding_and_a_limit_an_error() {
    let letter = Letter { page: "/Annots[9 0 R]", objects: vec![(9, "<</Broken")], ..Letter::default() };
    assert_eq!(letter.codes(), ["object_unreadable"]);
    let file = Letter::default().build().table("").bytes;
    let document = Document::open(&file, Limits { objects: 4, ..Limits::default() }).unwrap();
    assert!(matches!(scan(&document), Err(PdfError::Limit(_))));
}

#[test]
fn keeps_a_few_findings_of_a_code_and_counts_the_rest() {
    let mut found = Found::default();
    for number in 0..100 {
        found.add("web_link", None, Some(ObjectId::new(number, 0)), "");
    }
    let scan = found.sorted();
    assert_eq!((scan.risks.len(), scan.left_out), (16, 84));
}
