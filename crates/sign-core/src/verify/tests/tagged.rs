//! What a later revision may do to the structure tree of a tagged letter: name its new signature
//! field there, and nothing else.

use super::bench::*;
use crate::pdf::fixture::FileBuilder;
use crate::report::model::*;

const TAGGED: &str = "/MarkInfo<</Marked true>>/StructTreeRoot 40 0 R";
const ROOT: &str = "<</Type/StructTreeRoot/K[41 0 R]/ParentTree<</Nums[0 42 0 R]>>/ParentTreeNextKey 1>>";
const GROWN_ROOT: &str =
    "<</Type/StructTreeRoot/K[41 0 R]/ParentTree<</Nums[0 42 0 R 1 44 0 R]>>/ParentTreeNextKey 2>>";
const DOCUMENT: &str = "<</Type/StructElem/S/Document/P 40 0 R/K[43 0 R]>>";
const GROWN_DOCUMENT: &str = "<</Type/StructElem/S/Document/P 40 0 R/K[43 0 R 44 0 R]>>";
const FORM_ELEMENT: &str =
    "<</Type/StructElem/S/Form/P 41 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 30 0 R/Pg 3 0 R>>>>";

/// A tagged letter of one paragraph, signed by its leader.
fn tagged() -> FileBuilder {
    let file = letter()
        .object(1, &format!("<<{CATALOG}{TAGGED}>>"))
        .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
        .object(40, ROOT)
        .object(41, DOCUMENT)
        .object(42, "[43 0 R]")
        .object(43, "<</Type/StructElem/S/P/P 41 0 R/Pg 3 0 R/K 0>>");
    Signing::by_leader(20).close(file)
}

/// The changes seen after another signature in a new field, entered into the structure; `more` may
/// write objects over.
fn after(more: &[(u32, &str)]) -> Changes {
    let mut file = tagged()
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
        .object(30, &signature_field("den", "/V 21 0 R/AP<</N 31 0 R>>/StructParent 1"))
        .stream(31, "/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"x");
    let grown = [(40, GROWN_ROOT), (41, GROWN_DOCUMENT), (44, FORM_ELEMENT)];
    for (number, object) in grown.iter().filter(|(number, _)| more.iter().all(|(n, _)| n != number)) {
        file = file.object(*number, object);
    }
    for (number, object) in more {
        file = file.object(*number, object);
    }
    judged(&Signing::by_office(21).close(file).bytes).signatures[0].changes.clone()
}

#[test]
fn a_new_field_may_be_named_in_the_structure() {
    let leaf = "<</Limits[1 1]/Nums[1 44 0 R]>>";
    let page = format!("<<{PAGE}/Tabs/S>>");
    let cases: &[(&str, &[(u32, &str)])] = &[
        ("as we write it", &[]),
        ("with the order of the tab key", &[(3, &page)]),
        ("kids in an object of their own", &[(41, DOCUMENT.replace("[43 0 R]", "[43 0 R 44 0 R]").leak())]),
        ("only in the parent tree", &[(41, DOCUMENT)]),
        ("not at all", &[(40, ROOT), (41, DOCUMENT)]),
        ("a leaf nobody lists", &[(45, leaf)]),
    ];
    for (what, more) in cases {
        let changes = after(more);
        assert_eq!(
            (changes.level, changes.allowed),
            (ChangeLevel::FormFilling, true),
            "{what}: {changes:#?}"
        );
    }
}

#[test]
fn everything_else_in_the_structure_is_other() {
    let cases: &[(&str, &[(u32, &str)])] = &[
        (
            "a paragraph read aloud otherwise",
            &[(43, "<</Type/StructElem/S/P/P 41 0 R/Pg 3 0 R/K 0/Alt(No)>>")],
        ),
        ("a paragraph taken out", &[(41, &GROWN_DOCUMENT.replace("43 0 R ", ""))]),
        ("another order", &[(41, &GROWN_DOCUMENT.replace("43 0 R 44 0 R", "44 0 R 43 0 R 43 0 R"))]),
        ("no form element", &[(44, &FORM_ELEMENT.replace("/S/Form", "/S/P"))]),
        ("a form element with text", &[(44, &FORM_ELEMENT.replace("/Pg", "/ActualText(No)/Pg"))]),
        ("a form element around an old field", &[(44, &FORM_ELEMENT.replace("30 0 R", "5 0 R"))]),
        (
            "a form element around the page's text",
            &[(44, "<</Type/StructElem/S/Form/P 41 0 R/Pg 3 0 R/K 0>>")],
        ),
        ("text given to another element", &[(40, &GROWN_ROOT.replace("0 42 0 R 1", "0 44 0 R 1"))]),
        ("a key the field does not name", &[(40, &GROWN_ROOT.replace("R 1 44", "R 7 44"))]),
        ("the text's elements rewritten", &[(42, "[41 0 R]")]),
        ("other roles", &[(40, &GROWN_ROOT.replace("/K[", "/RoleMap<</P/Artifact>>/K["))]),
        (
            "another tree",
            &[
                (1, &format!("<<{CATALOG}/MarkInfo<</Marked true>>/StructTreeRoot 46 0 R>>")),
                (46, GROWN_ROOT.replace("1 44", "2 44").leak()),
            ],
        ),
        ("no tree", &[(1, &format!("<<{CATALOG}/MarkInfo<</Marked true>>>>"))]),
    ];
    for (what, more) in cases {
        let changes = after(more);
        assert_eq!((changes.level, changes.allowed), (ChangeLevel::Other, false), "{what}: {changes:#?}");
    }
}
