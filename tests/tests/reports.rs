//! Reports for people and for other programs: as they were last looked at (`fixtures/reports`), as their
//! standards want them, and sealed.
//!
//! When the looks or words change on purpose, `SIGN_UPDATE_REPORTS=1` writes the files anew; their rows in
//! fixtures/README.md then want the new hashes, which the test `fixtures` names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use sign_core::report::model::Report;
use sign_core::report::pictures::{Mark, PagePicture, Pictures};
use sign_core::report::words::{self, Lang};

use crate::conformance::verapdf;
use crate::keys::{Keys, done, sign_cli};
use crate::workspace::{binary, files_below, must_have_peers, peer, root};

/// The reports of `fixtures/reports`, one of each verdict.
const REPORTS: [&str; 5] = ["valid", "unchecked", "invalid", "undecided", "unsigned"];

fn fixture(name: &str) -> PathBuf {
    root().join("fixtures/reports").join(name)
}

fn report(name: &str) -> Report {
    let text = std::fs::read_to_string(fixture(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A page that is one grey pixel, with a box for each signature.
fn pictures(report: &Report) -> Pictures {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 1, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[0xdd]).unwrap();
    let marks = (0..report.signatures.len())
        .map(|signature| Mark { signature, rect: [300.0, 700.0, 450.0 + 20.0 * signature as f64, 800.0] })
        .collect();
    let page = PagePicture { page: 1, width: 827, height: 1170, png, marks };
    Pictures { pages: vec![page], of: report.file.pages, problem: None }
}

#[test]
fn reports_look_as_they_did_when_they_were_last_looked_at() {
    let update = std::env::var_os("SIGN_UPDATE_REPORTS").is_some();
    let mut changed = Vec::new();
    for name in REPORTS {
        let report = report(name);
        let pictures = pictures(&report);
        for (ending, text) in [
            ("vi.html", words::render_html(&report, &pictures, Lang::Vi)),
            ("en.html", words::render_html(&report, &pictures, Lang::En)),
            ("vi.txt", words::render_text(&report, Lang::Vi)),
            ("xml", words::render_etsi(&report)),
        ] {
            let path = fixture(&format!("{name}.{ending}"));
            if update {
                std::fs::write(&path, &text).unwrap();
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                changed.push(path);
            }
        }
    }
    assert!(changed.is_empty(), "not as they were; see the head of this file: {changed:#?}");
}

/// Reads a schema with the others it imports from one folder, then judges files by it.
const SCHEMA: &str = r#"
import sys
from pathlib import Path
from lxml import etree
folder = Path(sys.argv[1])
class Local(etree.Resolver):
    def resolve(self, url, _id, context):
        name = url.rsplit("/", 1)[-1]
        # The version of TS 119 612 that is there; the types that are used are the same.
        name = "ts_119612v020301_xsd.xsd" if name.startswith("ts_119612") else name
        return self.resolve_filename(str(folder / name), context)
parser = etree.XMLParser(no_network=True)
parser.resolvers.add(Local())
schema = etree.XMLSchema(etree.parse(str(folder / "TS119102-2-v122.xsd"), parser))
for name in sys.argv[2:]:
    schema.assertValid(etree.parse(name))
    print("valid", name)
"#;

/// What the schema of ETSI TS 119 102-2 says of files; None, with its name printed, if it is missing and
/// may be.
fn valid_by_schema(files: &[PathBuf]) -> Option<String> {
    let folder = root().join("target/peers/etsi/xsd");
    if !folder.is_dir() {
        assert!(!must_have_peers(), "{} is missing; run scripts/setup", folder.display());
        println!("skipped: the schemas of ETSI TS 119 102-2 are missing; scripts/setup installs them");
        return None;
    }
    let mut python = Command::new(root().join("target/peers/bin/python"));
    let output = python.args(["-c", SCHEMA]).arg(folder).args(files).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn reports_for_programs_fit_the_schema_of_their_standard() {
    let files: Vec<PathBuf> = REPORTS.iter().map(|name| fixture(&format!("{name}.xml"))).collect();
    let Some(said) = valid_by_schema(&files) else { return };
    assert_eq!(said.lines().filter(|line| line.starts_with("valid ")).count(), REPORTS.len(), "{said}");
    // And the judge does object.
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.xml");
    let text = std::fs::read_to_string(fixture("valid.xml")).unwrap();
    std::fs::write(&wrong, text.replace("HashOnly", "OnlyHash")).unwrap();
    assert!(std::panic::catch_unwind(|| valid_by_schema(&[wrong])).is_err());
}

/// A letter that the leader and the office signed.
fn letter(keys: &Keys, office: &Path, folder: &Path) -> PathBuf {
    let (led, sealed) = (folder.join("led.pdf"), folder.join("Công văn 15.pdf"));
    let sign = |source: &Path, key: &Path, out: &Path, rect: &str| {
        let mut command = sign_cli();
        command.arg("sign").arg(source).arg("--key").arg(key).arg("--pin-file").arg(&keys.pin);
        done(command.args(["--page", "1", "--rect", rect, "--text", "Đã ký"]).arg("--out").arg(out));
    };
    sign(&root().join("fixtures/pdf/plain/cong-van.pdf"), &keys.person, &led, "300,100,120,60");
    sign(&led, office, &sealed, "240,100,50,50");
    sealed
}

#[test]
fn a_report_as_a_document_keeps_pdf_a_and_can_be_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let office = keys.organisation();
    let sealed = letter(&keys, &office, folder.path());
    let mut made = Vec::new();
    for (lang, sentence) in [("vi", "CHƯA KIỂM TRA THU HỒI"), ("en", "BUT REVOCATION NOT CHECKED")] {
        let at = |name: &str| folder.path().join(format!("{lang}-{name}.pdf"));
        let mut verify = Command::new(binary("sign-cli"));
        verify.args(["--lang", lang, "verify"]).arg(&sealed).arg("--trust").arg(&keys.root);
        done(verify.args(["--report", "pdf", "--out"]).arg(at("report")));
        let mut sign = sign_cli();
        sign.arg("sign").arg(at("report")).arg("--key").arg(&office).arg("--pin-file").arg(&keys.pin);
        done(sign.arg("--out").arg(at("sealed")));
        done(sign_cli().arg("verify").arg(at("sealed")).arg("--trust").arg(&keys.root));
        if let Some(qpdf) = peer("qpdf") {
            done(Command::new(qpdf).arg("--check").arg(at("report")));
        }
        if let Some(pdftotext) = peer("pdftotext") {
            let text = done(Command::new(pdftotext).arg("-layout").arg(at("report")).arg("-")).stdout;
            let text = String::from_utf8(text).unwrap();
            // Wherever a line ends.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for wanted in [sentence, "Nguyễn Văn A", "Sở Thông tin và Truyền thông", "Công văn 15.pdf", "1/"]
            {
                assert!(text.contains(wanted), "{wanted} is missing in\n{text}");
            }
        }
        made.extend([at("report"), at("sealed")]);
    }
    let Some(answers) = verapdf(&made) else { return };
    for (name, answer) in answers {
        assert!(answer.passed && answer.flavour == "2b", "{name}: {answer:?}");
    }
}

#[test]
fn a_report_is_written_of_one_file_and_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let sealed = letter(&keys, &keys.organisation(), folder.path());
    let out = folder.path().join("report.html");
    let verify = |files: &[&Path], more: &[&str]| {
        let mut command = sign_cli();
        command.arg("verify").args(files).args(["--report", "html", "--out"]).arg(&out).args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = verify(&[&sealed, &sealed], &[]);
    assert!(status == Some(2) && said.contains("[report_of_several]") && !out.exists(), "{said}");
    // Not valid, for there is no anchor; the report is written all the same.
    assert_eq!(verify(&[&sealed], &[]).0, Some(1));
    let page = std::fs::read_to_string(&out).unwrap();
    assert!(page.contains("data:image/png;base64,") && page.contains("<h1>UNDECIDED</h1>"));
    let (status, said) = verify(&[&sealed], &[]);
    assert!(status == Some(2) && said.contains("[output_exists]"), "{said}");
    assert_eq!(verify(&[&sealed], &["--force"]).0, Some(1));
}

/// What the calls of `functions` in a source are given first, where that is a text.
fn first_arguments(source: &str, functions: &[&str]) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = functions.iter().flat_map(|function| code.split(function).skip(1));
    let quoted = calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next());
    quoted.map(str::to_owned).collect()
}

#[test]
fn every_finding_of_the_verifier_has_its_own_words() {
    let functions = ["findings.add(", "findings.add_with(", "words::finding("];
    let mut codes = BTreeSet::new();
    for path in files_below(&root().join("crates/sign-core/src/verify")) {
        let path_text = path.to_string_lossy().into_owned();
        if path_text.ends_with(".rs") && !path_text.contains("tests") {
            codes.extend(first_arguments(&std::fs::read_to_string(&path).unwrap(), &functions));
        }
    }
    assert!(codes.len() > 40, "{codes:?}");
    let general = words::finding("no_such_code", "");
    let without: Vec<_> =
        codes.iter().filter(|code| words::finding(code, "").message_vi == general.message_vi).collect();
    assert!(without.is_empty(), "{without:?}");
}
