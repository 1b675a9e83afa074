//! PDF/A and PDF/UA documents keep what they claim through signing, freezing and filling: veraPDF, the
//! consortium's own judge, says so of every file made here from the fixtures in `pdf/standards`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::{Keys, done, sign_cli};
use crate::workspace::{must_have_peers, root};

/// The fixtures, and the flavour by which veraPDF calls each.
pub(crate) const STANDARDS: [(&str, &str); 5] =
    [("a-1b", "1b"), ("a-2b", "2b"), ("a-3b", "3b"), ("a-4", "4"), ("ua-1", "ua1")];

/// What veraPDF says of each file: passed or not, the flavour it found in the metadata, the rules broken.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) passed: bool,
    pub(crate) flavour: String,
    pub(crate) broken: Vec<String>,
}

/// Asks veraPDF about all files in one process: starting it takes longer than judging a letter. None, with
/// its name printed, when it is missing and may be.
pub(crate) fn verapdf(files: &[PathBuf]) -> Option<BTreeMap<String, Answer>> {
    let jar = root().join("target/peers/verapdf.jar");
    if !jar.is_file() {
        assert!(!must_have_peers(), "{} is missing; run scripts/setup", jar.display());
        println!("skipped: veraPDF is missing; scripts/setup installs it");
        return None;
    }
    let mut java = Command::new("java");
    java.arg("-cp").arg(jar).args(["org.verapdf.apps.GreenfieldCliWrapper", "--format", "text", "-v"]);
    let output = java.args(files).output().expect("java; scripts/setup installs it");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [verdict @ ("PASS" | "FAIL"), path @ .., flavour] if !path.is_empty() => {
                let (passed, flavour) = (*verdict == "PASS", (*flavour).to_owned());
                last = Path::new(&path.join(" ")).file_name().unwrap().to_str().unwrap().to_owned();
                answers.insert(last.clone(), Answer { passed, flavour, broken: Vec::new() });
            }
            ["FAIL", rule] => answers.get_mut(&last).unwrap().broken.push((*rule).to_owned()),
            _ => {}
        }
    }
    assert_eq!(answers.len(), files.len(), "veraPDF did not judge every file:\n{text}");
    Some(answers)
}

/// Makes files from one document in all the ways a document is touched.
struct Workshop<'w> {
    keys: &'w Keys,
    office: PathBuf,
    folder: &'w Path,
    made: Vec<(PathBuf, String)>,
}

impl Workshop<'_> {
    fn keep(&mut self, name: &str, flavour: &str) -> PathBuf {
        let path = self.folder.join(format!("{name}.pdf"));
        self.made.push((path.clone(), flavour.to_owned()));
        path
    }

    fn sign(&self, source: &Path, key: &Path, more: &[&str], out: &Path) {
        let mut command = sign_cli();
        command.arg("sign").arg(source).arg("--key").arg(key).arg("--pin-file").arg(&self.keys.pin);
        done(command.args(more).arg("--out").arg(out));
    }

    /// Signed once, invisibly and visibly, and a second time.
    fn ordinary(&mut self, source: &Path, name: &str, flavour: &str) {
        let seal = image("seal.png");
        let place = ["--page", "1", "--rect", "300,60,120,60"];
        let ways: [(&str, Vec<&str>); 3] = [
            ("invisible", vec![]),
            ("text", [&place[..], &["--text", "Đã kiểm tra"]].concat()),
            ("picture", [&place[..], &["--text", "Đã kiểm tra", "--image", &seal]].concat()),
        ];
        for (way, more) in ways {
            let out = self.keep(&format!("{name}-{way}"), flavour);
            self.sign(source, &self.keys.person, &more, &out);
        }
        let first = self.folder.join(format!("{name}-text.pdf"));
        let twice = self.keep(&format!("{name}-twice"), flavour);
        let beside = ["--page", "1", "--rect", "100,60,120,60", "--text", "Đồng ý"];
        self.sign(&first, &self.office, &beside, &twice);
    }

    /// Frozen, signed by the leader, filled and sealed.
    fn official(&mut self, source: &Path, name: &str, flavour: &str) {
        let frozen = self.keep(&format!("{name}-frozen"), flavour);
        let mut freeze = sign_cli();
        freeze.arg("freeze").arg(source).args(["--title", "GIÁM ĐỐC", "--name", "Nguyễn Văn A", "--out"]);
        done(freeze.arg(&frozen));
        let led = self.keep(&format!("{name}-led"), flavour);
        let leader = ["--role", "leader", "--certify", "2", "--image", &image("leader.png")];
        self.sign(&frozen, &self.keys.person, &leader, &led);
        let sealed = self.keep(&format!("{name}-sealed"), flavour);
        let seal = image("seal.png");
        let mut more = vec!["--role", "seal", "--image", &seal];
        more.extend(["--set", "Number=15", "--set", "Day=05", "--set", "Month=02"]);
        self.sign(&led, &self.office, &more, &sealed);
    }
}

fn image(name: &str) -> String {
    root().join("fixtures/images").join(name).to_str().unwrap().to_owned()
}

/// The same document without its output intent, which PDF/A allows where all colours are calibrated, as
/// the fixtures' are: nothing then says what plain red or black is.
fn without_output_intent(source: &Path, folder: &Path) -> PathBuf {
    let mut bytes = std::fs::read(source).unwrap();
    let key = b"/OutputIntents";
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    // Another key of the same length, which means nothing.
    bytes[at..at + key.len()].copy_from_slice(b"/XutputIntents");
    let out = folder.join("source.pdf");
    std::fs::write(&out, bytes).unwrap();
    out
}

#[test]
fn archival_and_accessible_documents_keep_their_claims() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let mut shop =
        Workshop { keys: &keys, office: keys.organisation(), folder: folder.path(), made: Vec::new() };
    for (name, flavour) in STANDARDS {
        let source = root().join("fixtures/pdf/standards").join(format!("{name}.pdf"));
        // Before: what is broken already cannot be kept.
        let before = shop.keep(&format!("{name}-before"), flavour);
        std::fs::copy(&source, before).unwrap();
        shop.ordinary(&source, name, flavour);
        shop.official(&source, name, flavour);
    }
    for (name, flavour) in STANDARDS.into_iter().filter(|(name, _)| ["a-1b", "a-2b", "a-4"].contains(name)) {
        let source = root().join("fixtures/pdf/standards").join(format!("{name}.pdf"));
        let source = without_output_intent(&source, folder.path());
        shop.ordinary(&source, &format!("{name}-no-intent"), flavour);
    }

    let signed_twice = |name: &str| name.ends_with("-sealed.pdf") || name.ends_with("-twice.pdf");
    for (path, _) in shop.made.iter().filter(|(path, _)| signed_twice(path.to_str().unwrap())) {
        check_earlier_signature(&keys, path);
    }

    let paths: Vec<PathBuf> = shop.made.iter().map(|(path, _)| path.clone()).collect();
    let Some(answers) = verapdf(&paths) else { return };
    let mut broken = Vec::new();
    for (path, flavour) in &shop.made {
        let name = path.file_name().unwrap().to_str().unwrap();
        let answer = &answers[name];
        println!("{name:<28} {:<4} {}", answer.flavour, if answer.passed { "conformant" } else { "BROKEN" });
        if !answer.passed || answer.flavour != *flavour {
            broken.push(format!("{name}: {answer:?}"));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What the later revision did to keep the claim is no more than filling in and signing.
fn check_earlier_signature(keys: &Keys, path: &Path) {
    let output =
        sign_cli().args(["--json", "verify"]).arg(path).arg("--trust").arg(&keys.root).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"], "valid", "{}: {report:#}", path.display());
    assert_eq!(report["signatures"][0]["changes"]["level"], "form_filling", "{}", path.display());
}
