//! Every way a file can be built that the standard or other people's programs allow: signed, and the
//! result judged by us, pdfsig, pyHanko and qpdf.

use super::made::*;
use crate::peers::{pdfsig, pyhanko_trusting, qpdf};
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::pdf::Document;
use sign_core::pdf::repair::{damage, repair};
use sign_core::report::model::Coverage;
use sign_core::report::words;
use sign_core::sign::SignRequest;
use sign_core::sign::options::{DocMdp, FieldChoice, Place};
use sign_core::verdict::Verdict;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// One way of building a file.
struct Case {
    name: String,
    bytes: Vec<u8>,
    /// The field that is signed; without one it is a new one.
    field: Option<&'static str>,
    /// Signatures that are there before.
    signatures: usize,
    /// Judges that cannot read files built like it, signed or not.
    unread_by: &'static [&'static str],
}

fn case(name: impl Into<String>, bytes: Vec<u8>) -> Case {
    Case { name: name.into(), bytes, field: None, signatures: 0, unread_by: &[] }
}

/// A document with an empty signature field or several fields around one.
fn with_fields(name: &str, field: &'static str, objects: &[&str]) -> Case {
    Case { field: Some(field), ..case(name, made(Xref::Table, objects)) }
}

const FORM: &str = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>";

/// A page in the middle of `depth` nodes, all it says inherited from the root.
fn tree(depth: usize) -> Vec<u8> {
    let mut objects = vec![CATALOG.to_owned()];
    let said = "/MediaBox[0 0 600 800]/CropBox[50 50 550 750]/Rotate 90/Resources<<>>";
    for level in 0..depth {
        let number = level + 2;
        let above = if level == 0 { said.to_owned() } else { format!("/Parent {} 0 R", number - 1) };
        objects.push(format!("<</Type/Pages/Kids[{} 0 R]/Count 1{above}>>", number + 1));
    }
    objects.push(format!("<</Type/Page/Parent {} 0 R>>", depth + 1));
    made(Xref::Table, &objects.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A page whose content only readers of /XRefStm see: object 4 is free in the table and stands in
/// the object stream 5.
fn hidden_hybrid() -> Vec<u8> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 4 0 R>>";
    let packed = "<</Type/ObjStm/N 1/First 4/Length 16>>\nstream\n4 0 <</Font<<>>>>\nendstream";
    let packed = packed.replace("Length 16", &format!("Length {}", "4 0 <</Font<<>>>>".len()));
    let mut file = made(Xref::Hybrid, &[CATALOG, PAGES, page, "null", &packed]);
    // In the table 4 becomes free, in the stream an object of the object stream.
    let table = find(&file, b"xref\n0 6\n") + 9 + 4 * 20;
    file[table..table + 18].copy_from_slice(b"0000000000 00000 f");
    let rows = find(&file, b"/Type/XRef");
    let rows = rows + find(&file[rows..], b"stream\n") + 7 + 4 * 6;
    file[rows..rows + 6].copy_from_slice(&[2, 0, 0, 0, 5, 0]);
    file
}

fn find(bytes: &[u8], text: &[u8]) -> usize {
    bytes.windows(text.len()).position(|window| window == text).unwrap()
}

/// Files with fields made for signing.
fn forms() -> Vec<Case> {
    let widget = "/Type/Annot/Subtype/Widget/P 3 0 R/F 132";
    let page = |annots: &str| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[{annots}]>>");
    let field = |more: &str| format!("<</FT/Sig/T(Ky){widget}/Rect[50 50 200 100]{more}>>");
    let merged = |name, more: &str, extra: &[&str]| {
        let (page, field) = (page("4 0 R"), field(more));
        with_fields(name, "Ky", &[&[FORM, PAGES, &page, &field], extra].concat())
    };
    let lock = "<</Type/SigFieldLock/Action/All>>";
    // Format and digest are both binding.
    let seed = "<</Type/SV/Ff 66/SubFilter[/ETSI.CAdES.detached]/DigestMethod[(SHA256)]>>";
    let other = format!("<</Parent 4 0 R{widget}/Rect[50 150 200 200]>>");
    let kid = format!("<</Parent 4 0 R{widget}/Rect[50 50 200 100]>>");
    let mut deep = vec![FORM.to_owned(), PAGES.to_owned(), page("33 0 R")];
    deep.push("<</T(l4)/Kids[5 0 R]>>".to_owned());
    deep.extend((5..33).map(|n| format!("<</T(l{n})/Parent {} 0 R/Kids[{} 0 R]>>", n - 1, n + 1)));
    deep.push(format!("<</T(Ky)/FT/Sig/Parent 32 0 R{widget}/Rect[50 50 200 100]>>"));
    vec![
        merged("an empty field", "", &[]),
        merged("a lock that is an object", "/Lock 5 0 R", &[lock]),
        merged("seed values", "/SV 5 0 R", &[seed]),
        merged("a lock inside and seed values", &format!("/Lock{lock}/SV 5 0 R"), &[seed]),
        Case {
            // It looks for the value in the widget and not in the field above it.
            unread_by: &["pdfsig"],
            ..with_fields(
                "two widgets on one field",
                "Ky",
                &[FORM, PAGES, &page("5 0 R 6 0 R"), "<</FT/Sig/T(Ky)/Kids[5 0 R 6 0 R]>>", &kid, &other],
            )
        },
        with_fields(
            "a field of thirty levels",
            DEEP.get_or_init(|| (4..33).map(|n| format!("l{n}.")).collect::<String>() + "Ky"),
            &deep.iter().map(String::as_str).collect::<Vec<_>>(),
        ),
        case(
            "usage rights",
            made(
                Xref::Table,
                &["<</Type/Catalog/Pages 2 0 R/Perms<</UR3 4 0 R>>>>", PAGES, PAGE, "<</Type/Sig>>"],
            ),
        ),
    ]
}

static DEEP: OnceLock<String> = OnceLock::new();

/// Certified by us around an empty field: pyHanko takes a new visible field after a certification for
/// a change that is not allowed.
fn certified(folder: &Path) -> Vec<Case> {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[4 0 R]>>";
    let field = "<</FT/Sig/T(Ky)/Type/Annot/Subtype/Widget/P 3 0 R/F 132/Rect[50 50 200 100]>>";
    let field_of_author = FieldChoice::New { name: Some("Author".into()), place: None };
    let document = |xref| made(xref, &[FORM, PAGES, page, field]);
    let case = |name: &str, document: Vec<u8>, p| {
        let certify = SignRequest { certify: Some(p), field: field_of_author.clone(), ..request() };
        let bytes = signed(&document, &certify).unwrap();
        Case { field: Some("Ky"), signatures: 1, ..case(name, bytes) }
    };
    let encrypted = by_qpdf(folder, &document(Xref::Table), AES_256);
    let mut cases = vec![
        case("certified, P=2", document(Xref::Table), DocMdp::FormFilling),
        case("certified, P=3", document(Xref::Stream), DocMdp::Annotations),
        case("certified hybrid, P=2", document(Xref::Hybrid), DocMdp::FormFilling),
    ];
    cases.extend(encrypted.map(|bytes| case("encrypted and certified, P=2", bytes, DocMdp::FormFilling)));
    cases
}

/// `bytes` as qpdf writes it; nothing where qpdf is missing.
fn by_qpdf(folder: &Path, bytes: &[u8], options: &[&str]) -> Option<Vec<u8>> {
    let (from, to) = (folder.join("from.pdf"), folder.join("to.pdf"));
    std::fs::write(&from, bytes).unwrap();
    let mut qpdf = Command::new(crate::workspace::peer("qpdf")?);
    let done = qpdf.args(options).arg("--static-id").arg(&from).arg(&to).status().unwrap();
    // 3: warnings, about what was made on purpose.
    assert!(matches!(done.code(), Some(0 | 3)), "{options:?}");
    Some(std::fs::read(to).unwrap())
}

const AES_256: &[&str] = &["--encrypt", "", "chu", "256", "--"];

/// What qpdf makes of some of them: linearised, packed, encrypted so that anybody may open it.
fn rewritten(folder: &Path, cases: &[Case]) -> Vec<Case> {
    const LINEARISED: &[&str] = &["--linearize"];
    const PACKED: &[&str] = &["--object-streams=generate"];
    const RC4: &[&str] = &["--allow-weak-crypto", "--encrypt", "", "chu", "128", "--use-aes=n", "--"];
    const AES_128: &[&str] = &["--encrypt", "", "chu", "128", "--use-aes=y", "--"];
    type Options = &'static [&'static str];
    let wishes: [(&str, &[&str], &[Options]); 8] = [
        ("linearised", &["table", "inherited"], &[LINEARISED]),
        ("packed by qpdf", &["table", "a lock inside"], &[PACKED]),
        ("linearised and packed", &["table"], &[LINEARISED, PACKED]),
        ("RC4", &["inherited", "two widgets"], &[RC4]),
        ("AES-128", &["larger", "a field of"], &[AES_128]),
        ("AES-256", &["seed", "a lock inside", "usage"], &[AES_256]),
        ("linearised, AES-256", &["inherited"], &[LINEARISED, AES_256]),
        ("packed, AES-256", &["two widgets", "hybrid"], &[PACKED, AES_256]),
    ];
    let mut made = Vec::new();
    for (how, names, options) in wishes {
        for case in cases.iter().filter(|case| names.iter().any(|name| case.name.starts_with(name))) {
            let options: Vec<&str> = options.concat();
            let bytes = by_qpdf(folder, &case.bytes, &options);
            // It does not read the lists in seed values that are encrypted.
            let closed = how.contains("AES") && case.name.contains("seed values");
            let unread_by = if closed { &["pyhanko"] } else { case.unread_by };
            let name = format!("{}, {how}", case.name);
            made.extend(bytes.map(|bytes| Case { name, bytes, unread_by, ..*case }));
        }
    }
    made
}

fn cases(folder: &Path) -> Vec<Case> {
    let page = |more: &str| PAGE.replace("/Type/Page/", &format!("/Type/Page{more}/"));
    let mut cases = vec![
        case("table", plain(Xref::Table)),
        case("stream", plain(Xref::Stream)),
        case("hybrid", plain(Xref::Hybrid)),
        case("hidden objects in a hybrid", hidden_hybrid()),
        case("object streams only", packed(&[CATALOG, PAGES, PAGE])),
        case("inherited attributes, rotated, cropped", tree(1)),
        case("page tree of 60 levels", tree(60)),
        case("larger units", made(Xref::Table, &[CATALOG, PAGES, &page("/UserUnit 2.5")])),
        Case {
            unread_by: &["pyhanko"],
            ..case(
                "header not at byte 0",
                [b"Received: by mail\r\n".as_slice(), &plain(Xref::Table)].concat(),
            )
        },
    ];
    for turn in [90, 180, 270, -90] {
        let page = page(&format!("/Rotate {turn}/CropBox[40 30 500 700]"));
        cases.push(case(format!("rotated {turn}, cropped"), made(Xref::Stream, &[CATALOG, PAGES, &page])));
    }
    for version in ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"] {
        let mut bytes = plain(Xref::Table);
        bytes[5..8].copy_from_slice(version.as_bytes());
        cases.push(case(format!("PDF {version}"), bytes));
    }
    cases.extend(forms());
    cases.extend(certified(folder));
    let rewritten = rewritten(folder, &cases);
    cases.extend(rewritten);
    cases
}

fn invisible(case: &Case) -> SignRequest {
    let field = case.field.map(|name| FieldChoice::Existing(name.into()));
    SignRequest { field: field.unwrap_or(FieldChoice::New { name: None, place: None }), ..request() }
}

fn visible(case: &Case) -> SignRequest {
    let place = Place { page: 0, rect: [100.0, 100.0, 250.0, 150.0] };
    let field = case.field.map(|name| FieldChoice::Existing(name.into()));
    SignRequest {
        field: field.unwrap_or(FieldChoice::New { name: None, place: Some(place) }),
        appearance: Some(Appearance { lines: vec!["Nguyễn Văn A".into()], ..Appearance::default() }),
        ..request()
    }
}

#[test]
fn every_way_of_building_a_file_is_signed_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let anchor = folder.path().join("root.pem");
    std::fs::write(&anchor, &authority().1).unwrap();
    let cases = cases(folder.path());
    let mut files: Vec<(String, PathBuf, &Case)> = Vec::new();
    for case in &cases {
        for (how, request) in [("invisible", invisible(case)), ("visible", visible(case))] {
            let name = format!("{}, {how}", case.name);
            let bytes = signed(&case.bytes, &request).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(bytes.starts_with(&case.bytes), "{name}");
            let report = report(&bytes);
            assert_eq!(report.verdict, Verdict::Valid, "{name}: {:?}", report.signatures);
            assert_eq!(report.signatures.len(), case.signatures + 1, "{name}");
            assert_eq!(report.signatures[case.signatures].coverage, Coverage::WholeFile, "{name}");
            let path = folder.path().join(format!("{}.pdf", files.len()));
            std::fs::write(&path, bytes).unwrap();
            files.push((name, path, case));
        }
    }
    let paths: Vec<PathBuf> = files.iter().map(|file| file.1.clone()).collect();
    let pyhanko = pyhanko_trusting(&[&anchor], &paths);
    let mut wrong = Vec::new();
    for (name, path, case) in &files {
        let mut note = |judge: &str, fine: bool, said: String| {
            if fine == case.unread_by.contains(&judge) {
                wrong.push(format!("{name}: {judge}: {said}"));
            }
        };
        if let Some(answers) = pdfsig(path) {
            let all = answers.len() == case.signatures + 1 && answers.iter().all(|answer| answer.valid);
            let fine = all && answers.iter().any(|answer| answer.total);
            note("pdfsig", fine, format!("{answers:?}"));
        }
        if let Some((status, said)) = qpdf(path) {
            note("qpdf", status == 0, said);
        }
        if let Some(answers) = &pyhanko {
            let answer = &answers[path];
            let fine = answer.as_ref().is_ok_and(|all| {
                let last = all.get(case.signatures).is_some_and(|last| last.coverage == "ENTIRE_FILE");
                all.len() == case.signatures + 1 && all.iter().all(|one| one.valid) && last
            });
            note("pyhanko", fine, format!("{answer:?}"));
        }
    }
    println!("{} files of {} kinds, each judged by four", files.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_form_of_xfa_and_a_final_certification_are_refused_with_a_hint() {
    let xfa = |kind: &str| {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA{kind}>>>>");
        made(Xref::Table, &[&catalog, PAGES, PAGE, "<</Length 6>>\nstream\n<xdp/>\nendstream"])
    };
    let closed = SignRequest { certify: Some(DocMdp::NoChanges), ..request() };
    let closed = signed(&plain(Xref::Stream), &closed).unwrap();
    for (what, bytes, code) in [
        ("one stream", xfa(" 4 0 R"), "xfa_form"),
        ("packets", xfa("[(template) 4 0 R]"), "xfa_form"),
        ("P=1", closed, "certified_no_changes"),
    ] {
        let error = signed(&bytes, &request()).unwrap_err();
        assert_eq!(error.code(), code, "{what}");
        assert!(words::error(code, "").hint_en.len() > 20 && words::error(code, "").hint_vi.len() > 20);
    }
}

#[test]
fn a_tree_deeper_than_the_limit_is_refused_by_its_name() {
    let error = signed(&tree(70), &request()).unwrap_err();
    assert_eq!(error.code(), "limit_exceeded");
    assert!(error.to_string().contains("reference_chain"), "{error}");
}

#[test]
fn point_14_both_readings_of_a_hybrid_file_show_the_signature() {
    let file = signed(&hidden_hybrid(), &request()).unwrap();
    // A reader of PDF 1.4 looks at tables only.
    let mut old_reader = file.clone();
    let key = find(&old_reader, b"/XRefStm");
    old_reader[key..key + 8].copy_from_slice(b"/Unknown");
    for (reading, hidden) in [(&file, false), (&old_reader, true)] {
        open(reading, |seen| {
            assert_eq!(seen.object(4).is_null(), hidden);
            assert!(seen.signature().as_dictionary().unwrap().contains("ByteRange"));
            assert!(!seen.0.latest().trailer().contains("XRefStm"));
            assert!(!seen.0.revisions().last().unwrap().uses_xref_stream());
        });
    }
    assert_eq!(report(&file).verdict, Verdict::Valid);
}

#[test]
fn point_15_the_extension_is_named_where_pades_is_one() {
    for (version, catalog, expected) in [
        ("1.7", CATALOG, true),
        // PDF 2.0 has PAdES itself; before 1.7 there were no extensions; one that is there stays.
        ("2.0", CATALOG, false),
        ("1.6", CATALOG, false),
        (
            "1.7",
            "<</Type/Catalog/Pages 2 0 R/Extensions<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>>>",
            false,
        ),
    ] {
        let mut bytes = made(Xref::Table, &[catalog, PAGES, PAGE]);
        bytes[5..8].copy_from_slice(version.as_bytes());
        let document = signed(&bytes, &request()).unwrap();
        open(&document, |seen| {
            let extensions = seen.entry(&seen.catalog(), "Extensions");
            let has = |name| extensions.as_dictionary().is_some_and(|e| e.contains(name));
            assert_eq!(has("ESIC"), expected, "{version}");
            assert_eq!(has("ADBE"), catalog.contains("ADBE"), "{version}");
        });
    }
}

#[test]
fn point_26_a_wrong_startxref_is_refused_and_signed_only_as_a_clean_copy() {
    let folder = tempfile::tempdir().unwrap();
    for xref in [Xref::Table, Xref::Stream, Xref::Hybrid] {
        let mut damaged = plain(xref);
        let at = find(&damaged, b"startxref\n") + 10;
        damaged[at] = b'9';
        let code = signed(&damaged, &request()).unwrap_err().code();
        assert!(matches!(code, "malformed_pdf" | "truncated"));
        assert!(words::error(code, "").hint_en.contains("--repair"), "{code}");
        let limits = Limits::default();
        let copy = repair(&damaged, Document::open(&damaged, limits), &limits).unwrap().bytes;
        assert_eq!(damage(Document::open(&copy, limits)), Ok(None));
        assert_eq!(Document::open(&copy, Limits::default()).unwrap().revisions().len(), 1);
        let signed = signed(&copy, &request()).unwrap();
        assert_eq!(report(&signed).verdict, Verdict::Valid, "{xref:?}");
        let path = folder.path().join(format!("{xref:?}.pdf"));
        std::fs::write(&path, &signed).unwrap();
        if let Some((status, said)) = qpdf(&path) {
            assert_eq!(status, 0, "{xref:?}: {said}");
        }
    }
}
