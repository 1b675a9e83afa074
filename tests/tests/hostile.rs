//! Files made to hurt, given to `sign-cli sign`, `verify` and `inspect` as a stranger would send them: each
//! ends with a word for what is wrong, and its limit where there is one, in under a second of processor
//! time and 64 MiB of memory. What each limit does is tested beside the reader.

use std::fmt::Write;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::keys::Keys;
use crate::pitfalls::made::{CATALOG, PAGE, PAGES, Xref, made};
use crate::workspace::{binaries, binary, peer, root};

/// Seconds of processor time in a release build; a debug build is not measured.
const LONGEST: f64 = 1.0;
const MOST_MEMORY_KIB: u64 = 64 << 10;
/// Seconds after which a command is killed: far beyond what may be.
const KILLED_AFTER: &str = "120";

/// What a command says in the end: the code, and the limit where one was reached; empty for any good end.
const FINE: &str = "";

/// A file that hurts, and what each command says of it.
struct Case {
    name: &'static str,
    file: fn() -> Vec<u8>,
    sign: &'static str,
    verify: &'static str,
    inspect: &'static str,
}

/// A case of which all three say the same.
const fn case(name: &'static str, file: fn() -> Vec<u8>, says: &'static str) -> Case {
    Case { name, file, sign: says, verify: says, inspect: says }
}

/// A case of what only signing looks for: a page.
const fn of_pages(name: &'static str, file: fn() -> Vec<u8>, says: &'static str) -> Case {
    Case { name, file, sign: says, verify: FINE, inspect: FINE }
}

const CASES: &[Case] = &[
    case("a chain of lengths", chain_of_lengths, "malformed_pdf"),
    case("an object stream that is a bomb", || in_object_stream(1), "inflated_stream (at most 25165824)"),
    case("a bomb in a bomb", || in_object_stream(2), "inflated_stream (at most 25165824)"),
    case("cross-references that are a bomb", xref_bomb, "inflated_stream (at most 25165824)"),
    case("100,000 revisions", endless_prev, "revisions (at most 4096)"),
    case("/Prev in a circle", circle_of_sections, "reference_loop"),
    case("a table of two thousand million entries", || sized("2147483648"), "truncated"),
    case("object numbers at the end of 32 bits", || sized("4294967290 4294967290"), "malformed_pdf"),
    case("an /Index of two thousand million", || indexed("0 2147483647"), "truncated"),
    case("a million fields in one array", million_fields, "object_values (at most 500000)"),
    case("fields below fields", fields_below_fields, "fields (at most 50000)"),
    // The second time a field is listed it is passed over, and that is a finding.
    case("fields in a circle", fields_in_a_circle, FINE),
    case("fields without end", fields_without_end, "reference_chain (at most 64)"),
    of_pages("pages in a circle", pages_in_a_circle, "reference_loop"),
    of_pages("pages without end", pages_without_end, "reference_chain (at most 64)"),
    of_pages("pages that double at each level", pages_that_double, "reference_loop"),
    of_pages("400,000 pages in one list", many_pages, "pages (at most 100000)"),
    case("arrays in each other", || nested("["), "depth (at most 64)"),
    case("dictionaries in each other", || nested("<</A"), "depth (at most 64)"),
    case("a million values in one object", million_values, "object_values (at most 500000)"),
    case("references in a row", references_in_a_row, "reference_loop"),
    case("strings in each other", strings_in_each_other, "truncated"),
    case("page content that is a bomb", content_bomb, FINE),
    // What cannot be read of the evidence is a warning of the report.
    case("evidence that is a bomb, many times", evidence_bombs, FINE),
    case("a drawing that draws itself", drawing_of_itself, FINE),
    case("names in a circle", names_in_a_circle, FINE),
];

fn of(objects: &[String]) -> Vec<u8> {
    made(Xref::Table, &objects.iter().map(String::as_str).collect::<Vec<_>>())
}

fn catalog(more: &str) -> String {
    format!("<</Type/Catalog/Pages 2 0 R{more}>>")
}

/// The plain page behind a catalog, and more objects from 4 on.
fn document(more: &str, objects: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut all = vec![catalog(more), PAGES.to_owned(), PAGE.to_owned()];
    all.extend(objects);
    of(&all)
}

/// 80 MiB of spaces, deflated as often as said.
fn bomb(layers: usize) -> Vec<u8> {
    static ONE: OnceLock<Vec<u8>> = OnceLock::new();
    let one = ONE.get_or_init(|| deflate(&vec![b' '; 80 << 20])).clone();
    (1..layers).fold(one, |data, _| deflate(&data))
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn stream(file: &mut Vec<u8>, number: u32, dictionary: &str, data: &[u8]) -> usize {
    let at = file.len();
    let length = data.len();
    file.extend(format!("{number} 0 obj\n<<{dictionary}/Length {length}>>\nstream\n").bytes());
    file.extend(data);
    file.extend(b"\nendstream\nendobj\n");
    at
}

/// A file whose catalog is said to be in a bomb.
fn in_object_stream(layers: usize) -> Vec<u8> {
    let filter = ["/FlateDecode"; 2][..layers].concat();
    let mut file = b"%PDF-1.7\n".to_vec();
    let at = stream(&mut file, 2, &format!("/Type/ObjStm/N 1/First 4/Filter[{filter}]"), &bomb(layers));
    let xref = file.len();
    let mut rows = vec![0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0];
    for offset in [at, xref] {
        rows.push(1);
        rows.extend((offset as u32).to_be_bytes());
        rows.push(0);
    }
    stream(&mut file, 3, "/Type/XRef/Size 4/W[1 4 1]/Root 1 0 R", &rows);
    file.extend(format!("startxref\n{xref}\n%%EOF\n").bytes());
    file
}

fn xref_bomb() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    let head = "/Type/XRef/Size 20000000/W[1 2 1]/Root 1 0 R/Filter/FlateDecode";
    let at = stream(&mut file, 2, head, &bomb(1));
    file.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
    file
}

fn indexed(index: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    let head = format!("/Type/XRef/Size 2147483647/Index[{index}]/W[1 2 1]/Root 1 0 R");
    let at = stream(&mut file, 2, &head, &[1, 0, 9, 0]);
    file.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
    file
}

/// The table of a plain file with another number of entries.
fn sized(entries: &str) -> Vec<u8> {
    let mut file = made(Xref::Table, &[CATALOG, PAGES, PAGE]);
    let at = file.windows(9).position(|window| window == b"xref\n0 4\n").unwrap() + 5;
    let entries = if entries.contains(' ') { entries.to_owned() } else { format!("0 {entries}") };
    file.splice(at..at + 3, entries.bytes());
    file
}

fn endless_prev() -> Vec<u8> {
    let mut file = made(Xref::Table, &[CATALOG, PAGES, PAGE]);
    let mut at = file.windows(6).rposition(|window| window == b"\nxref\n").unwrap() + 1;
    for _ in 0..100_000 {
        let next = file.len();
        write!(file, "xref\n0 0\ntrailer\n<</Size 4/Root 1 0 R/Prev {at}>>\nstartxref\n{next}\n%%EOF\n")
            .unwrap();
        at = next;
    }
    file
}

fn circle_of_sections() -> Vec<u8> {
    let file = made(Xref::Table, &[CATALOG, PAGES, PAGE]);
    let at = file.windows(6).rposition(|window| window == b"\nxref\n").unwrap() + 1;
    let key = file.windows(7).rposition(|window| window == b"/Custom").unwrap();
    [&file[..key], format!("/Prev {at}").as_bytes(), &file[key..]].concat()
}

fn chain_of_lengths() -> Vec<u8> {
    let link = |next| format!("<</Length {next} 0 R>>\nstream\nx\nendstream");
    document("/AcroForm 4 0 R", (5..20_000).map(link))
}

fn million_fields() -> Vec<u8> {
    let fields = "4 0 R ".repeat(1_000_000);
    document(&format!("/AcroForm<</Fields[{fields}]>>"), ["<</T(x)/FT/Tx>>".to_owned()])
}

/// Two hundred fields of a thousand each: all are there.
fn fields_below_fields() -> Vec<u8> {
    let list = |from: usize, count: usize| {
        (from..from + count).fold(String::new(), |list, number| list + &format!("{number} 0 R "))
    };
    let parents = (0..200).map(|n| format!("<</T(f{n})/Kids[{}]>>", list(204 + n * 1_000, 1_000)));
    let kids = (0..200_000).map(|n| format!("<</T(k{n})/FT/Tx>>"));
    document(&format!("/AcroForm<</Fields[{}]>>", list(4, 200)), parents.chain(kids))
}

fn fields_in_a_circle() -> Vec<u8> {
    let kids = ["<</T(a)/Kids[5 0 R]>>".to_owned(), "<</T(b)/Parent 4 0 R/Kids[4 0 R]>>".to_owned()];
    document("/AcroForm<</Fields[4 0 R]>>", kids)
}

fn fields_without_end() -> Vec<u8> {
    let below = |next| format!("<</T(f)/Kids[{next} 0 R]>>");
    document("/AcroForm<</Fields[4 0 R]>>", (5..20_000).map(below))
}

fn pages_in_a_circle() -> Vec<u8> {
    let back = "<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>";
    made(Xref::Table, &[CATALOG, PAGES, back])
}

fn pages_without_end() -> Vec<u8> {
    let mut tree = vec![CATALOG.to_owned()];
    tree.extend((3..50_000).map(|next| format!("<</Type/Pages/Kids[{next} 0 R]/Count 1>>")));
    of(&tree)
}

/// Forty nodes with the next one twice: 2⁴⁰ pages.
fn pages_that_double() -> Vec<u8> {
    let mut tree = vec![CATALOG.to_owned()];
    tree.extend((3..43).map(|next| format!("<</Type/Pages/Kids[{next} 0 R {next} 0 R]/Count 2>>")));
    tree.push("<</Type/Page/MediaBox[0 0 9 9]>>".to_owned());
    of(&tree)
}

fn many_pages() -> Vec<u8> {
    let kids = "3 0 R ".repeat(400_000);
    made(Xref::Table, &[CATALOG, &format!("<</Type/Pages/Kids[{kids}]/Count 400000>>"), PAGE])
}

fn nested(opening: &str) -> Vec<u8> {
    made(Xref::Table, &[&catalog(&format!("/AcroForm{}", opening.repeat(100_000))), PAGES, PAGE])
}

fn million_values() -> Vec<u8> {
    document(&format!("/AcroForm[{}]", "0 ".repeat(1_000_000)), [])
}

fn references_in_a_row() -> Vec<u8> {
    document("/AcroForm 4 0 R", (5..20_000).map(|next| format!("{next} 0 R")))
}

fn strings_in_each_other() -> Vec<u8> {
    (1..40_000).fold(b"%PDF-1.7\n".to_vec(), |mut file, number| {
        writeln!(file, "{number} 0 obj (").unwrap();
        file
    })
}

fn content_bomb() -> Vec<u8> {
    // In latin text, which the builder of these files takes: a stored hexadecimal string of the bomb.
    let data = bomb(1).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    // A field that may cover text is what makes the scan read it.
    let catalog = catalog("/AcroForm<</Fields[5 0 R]>>");
    let page = PAGE.replace("/Type/Page/", "/Type/Page/Contents 4 0 R/Annots[5 0 R]/");
    let field = "<</T(x)/FT/Tx/Type/Annot/Subtype/Widget/Rect[9 9 99 99]/P 3 0 R/F 4>>";
    let filter = "/Filter[/ASCIIHexDecode/FlateDecode]";
    let content = format!("<<{filter}/Length {}>>\nstream\n{data}>\nendstream", data.len() + 1);
    made(Xref::Table, &[&catalog, PAGES, &page, &content, field])
}

/// Forty streams, each listed three times in the security store.
fn evidence_bombs() -> Vec<u8> {
    let data = bomb(1).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let filter = "/Filter[/ASCIIHexDecode/FlateDecode]";
    let stream = format!("<<{filter}/Length {}>>\nstream\n{data}>\nendstream", data.len() + 1);
    let references: String = (4..44).map(|number| format!("{number} 0 R ")).collect();
    let lists = ["Certs", "CRLs", "OCSPs"].map(|key| format!("/{key}[{references}]")).concat();
    let catalog = catalog(&format!("/DSS<<{lists}>>"));
    let mut objects = vec![catalog.as_str(), PAGES, PAGE];
    objects.extend(std::iter::repeat_n(stream.as_str(), 40));
    made(Xref::Table, &objects)
}

fn drawing_of_itself() -> Vec<u8> {
    let page = PAGE.replace("/Type/Page/", "/Type/Page/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>/");
    let drawing = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>\n\
                   stream\n/X Do /X Do\nendstream";
    let content = "<</Length 11>>\nstream\n/X Do /X Do\nendstream";
    made(Xref::Table, &[CATALOG, PAGES, &page, content, drawing])
}

fn names_in_a_circle() -> Vec<u8> {
    let tree = ["<</Kids[5 0 R 5 0 R]>>".to_owned(), "<</Kids[4 0 R 4 0 R]>>".to_owned()];
    document("/Names<</JavaScript 4 0 R/EmbeddedFiles 5 0 R>>/Outlines 4 0 R/StructTreeRoot 5 0 R", tree)
}

/// What became of one command: what it said, seconds of processor time, memory.
struct Ended {
    said: String,
    cpu: f64,
    rss_kib: u64,
}

fn run(arguments: &[&std::ffi::OsStr]) -> Option<Ended> {
    let output = Command::new(peer("python3")?)
        .arg(root().join("tests/peers/measure.py"))
        .arg(KILLED_AFTER)
        .arg(binary("sign-cli"))
        .args(["--lang", "en", "--json"])
        .args(arguments)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let report: Value = serde_json::from_str(answer["stdout"].as_str().unwrap()).unwrap_or_default();
    let error = &report["error"];
    let said = match (answer["status"].as_i64().unwrap(), error["code"].as_str()) {
        (0 | 1, _) => FINE.to_owned(),
        (2, Some(code)) => format!("{code}: {}", error["message_en"].as_str().unwrap_or_default()),
        (status, _) => format!("ended with {status}: {}", answer["stderr"].as_str().unwrap()),
    };
    Some(Ended { said, cpu: answer["cpu"].as_f64().unwrap(), rss_kib: answer["rss_kib"].as_u64().unwrap() })
}

fn judge(case: &Case, folder: &Path, keys: &Keys) -> Vec<String> {
    let (file, out) = (folder.join("hostile.pdf"), folder.join("signed.pdf"));
    std::fs::write(&file, (case.file)()).unwrap();
    let (file, out) = (file.as_os_str(), out.as_os_str());
    let sign = ["sign".as_ref(), file, "--key".as_ref(), keys.person.as_os_str(), "--pin-file".as_ref()];
    let sign = [&sign[..], &[keys.pin.as_os_str(), "--out".as_ref(), out, "--force".as_ref()]].concat();
    let verify = ["verify".as_ref(), file, "--trust".as_ref(), keys.root.as_os_str()];
    let inspect = ["inspect".as_ref(), file];
    let mut wrong = Vec::new();
    for (command, arguments, expected) in [
        ("sign", &sign[..], case.sign),
        ("verify", &verify[..], case.verify),
        ("inspect", &inspect[..], case.inspect),
    ] {
        let Some(Ended { said, cpu, rss_kib }) = run(arguments) else { return Vec::new() };
        let line = format!("{:<42} {command:<8} {cpu:>5.2} s {:>3} MiB  {said}", case.name, rss_kib >> 10);
        println!("{line}");
        let fits = if expected == FINE { said == FINE } else { said.contains(expected) };
        let measured = binaries().ends_with("release");
        if !fits || measured && (cpu >= LONGEST || rss_kib >= MOST_MEMORY_KIB) {
            wrong.push(format!("{line}\n    expected: {expected}"));
        }
    }
    wrong
}

#[test]
fn hostile_files_end_with_a_named_limit_in_time_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let wrong: Vec<String> = CASES.iter().flat_map(|case| judge(case, folder.path(), &keys)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
