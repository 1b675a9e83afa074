//! Our signatures judged by pdfsig and pyHanko, and theirs by us. All files are made with `sign-cli`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice;
use std::time::Instant;

use crate::keys::{Keys, done, sign_cli};
use crate::peers::{pdfsig, pyhanko, pyhanko_trusting};
use crate::workspace::{binary, peer, root};

fn letter(name: &str) -> PathBuf {
    root().join("fixtures/pdf/plain").join(name)
}

/// Signs `source` into `out`.
fn sign<S: AsRef<OsStr>>(keys: &Keys, source: &Path, key: &Path, more: &[S], out: &Path) {
    let mut command = sign_cli();
    command.arg("sign").arg(source).arg("--key").arg(key).arg("--pin-file").arg(&keys.pin);
    done(command.args(more).arg("--out").arg(out));
}

/// Our own verdict: exit status and report.
fn verdict(keys: &Keys, pdf: &Path) -> (i32, serde_json::Value) {
    let output =
        sign_cli().args(["--json", "verify"]).arg(pdf).arg("--trust").arg(&keys.root).output().unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{}: {e}: {output:?}", pdf.display()));
    (output.status.code().unwrap(), report)
}

/// Parts of file names that say which algorithm a peer does not know; it is asked all the same, and what
/// it says is printed.
const UNKNOWN_TO_PDFSIG: [&str; 5] = ["ed25519", "ed448", "brainpool", "ml-dsa", "sha3"];
/// The twisted Brainpool curves; and RSA v1.5 with SHA-3, whose identifiers its ASN.1 library lacks.
const UNKNOWN_TO_PYHANKO: [&str; 2] = ["t1.pdf", "rsa2048--digestsha3-256.pdf"];

fn knows(unknown: &[&str], peer: &str, file: &str, said: &[&str]) -> bool {
    let named = unknown.iter().find(|part| file.contains(**part));
    if let Some(part) = named {
        println!("{file}: {peer} does not know {part}: {}", said.join(" | "));
    }
    named.is_none()
}

/// All three judges call every signature of these files valid, as far as they know the algorithm;
/// `signatures` says how many there are.
fn check_all_valid(keys: &Keys, files: &[(PathBuf, usize)]) {
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    let pyhanko = pyhanko(keys, &paths);
    for (path, signatures) in files {
        let name = path.file_name().unwrap().to_string_lossy();
        let (status, report) = verdict(keys, path);
        assert_eq!((status, report["verdict"].as_str()), (0, Some("valid")), "{name}: {report:#}");
        assert_eq!(report["signatures"].as_array().unwrap().len(), *signatures, "{name}");
        if let Some(answers) = pdfsig(path).filter(|answers| {
            let said: Vec<_> = answers.iter().map(|answer| answer.said.as_str()).collect();
            knows(&UNKNOWN_TO_PDFSIG, "pdfsig", &name, &said)
        }) {
            assert_eq!(answers.len(), *signatures, "{name}: {answers:?}");
            assert!(answers.iter().all(|answer| answer.valid), "{name}: {answers:?}");
            assert!(answers.iter().any(|answer| answer.total), "{name}: {answers:?}");
        }
        if let Some(answers) = pyhanko.as_ref().map(|answers| answers[path].as_ref().unwrap()) {
            let summaries: Vec<_> = answers.iter().map(|answer| answer.summary.as_str()).collect();
            if knows(&UNKNOWN_TO_PYHANKO, "pyHanko", &name, &summaries) {
                assert_eq!(answers.len(), *signatures, "{name}: {answers:?}");
                assert!(answers.iter().all(|answer| answer.valid), "{name}: {answers:?}");
                println!("{name}: {}", summaries.join(" | "));
            }
        }
    }
}

#[test]
fn peers_accept_every_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let mut files = Vec::new();
    for (kind, form, padding) in [
        ("rsa2048", "pkcs12", "pkcs1"),
        ("rsa2048", "pkcs12-legacy", "pkcs1"),
        ("rsa3072", "pkcs12", "pss"),
        ("p256", "pem", "pkcs1"),
        ("p384", "pkcs12", "pkcs1"),
        ("ed25519", "pkcs12", "pkcs1"),
    ] {
        let key = keys.person_with(kind, form);
        for source in ["cong-van.pdf", "quyet-dinh.pdf"] {
            let out = folder.path().join(format!("{kind}-{form}-{padding}-{source}"));
            sign(&keys, &letter(source), &key, &["--padding", padding], &out);
            files.push((out, 1));
        }
    }
    check_all_valid(&keys, &files);
}

#[test]
fn peers_accept_every_curve_digest_and_size_they_know() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    // A PDF 2.0, so that the extensions are declared too.
    let source = folder.path().join("letter-2.0.pdf");
    let mut bytes = std::fs::read(letter("cong-van.pdf")).unwrap();
    bytes[..8].copy_from_slice(b"%PDF-2.0");
    std::fs::write(&source, bytes).unwrap();
    let cases: [(&str, &[&str]); 20] = [
        ("rsa4096", &[]),
        ("rsa2048", &["--digest", "sha512", "--padding", "pss"]),
        ("rsa2048", &["--digest", "sha3-256"]),
        ("rsa2048", &["--digest", "sha3-512", "--padding", "pss"]),
        ("p256", &["--digest", "sha512"]),
        ("p256", &["--digest", "sha3-256"]),
        ("p384", &["--digest", "sha3-384"]),
        ("p521", &[]),
        ("p521", &["--digest", "sha3-512"]),
        ("brainpool256r1", &[]),
        ("brainpool256t1", &[]),
        ("brainpool384r1", &[]),
        ("brainpool384t1", &[]),
        ("brainpool512r1", &["--digest", "sha3-512"]),
        ("brainpool512t1", &[]),
        ("ed25519", &[]),
        ("ed448", &[]),
        ("ml-dsa-44", &["--experimental"]),
        ("ml-dsa-65", &["--experimental"]),
        ("ml-dsa-87", &["--experimental"]),
    ];
    let (mut files, mut made) = (Vec::new(), BTreeMap::new());
    for (kind, more) in cases {
        let key = made.entry(kind).or_insert_with(|| keys.person_with(kind, "pem"));
        let out = folder.path().join(format!("{kind}{}.pdf", more.concat()));
        sign(&keys, &source, key, more, &out);
        files.push((out, 1));
    }
    check_all_valid(&keys, &files);
}

#[test]
fn we_accept_what_pyhanko_signs_with_other_keys() {
    let Some(program) = peer("pyhanko") else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    // Not ML-DSA: pyHanko's PKCS#12 reader knows no such keys.
    for kind in ["rsa4096", "p521", "brainpool256r1", "brainpool512r1", "ed25519", "ed448"] {
        let out = folder.path().join(format!("{kind}.pdf"));
        let mut command = Command::new(&program);
        command.args(["sign", "addsig", "--field", "Peer", "--use-pades", "pkcs12", "--passfile"]);
        command.arg(&keys.pin).arg(letter("cong-van.pdf")).arg(&out);
        done(command.arg(keys.person_with(kind, "pkcs12")));
        let (status, report) = verdict(&keys, &out);
        assert_eq!((status, report["verdict"].as_str()), (0, Some("valid")), "{kind}: {report:#}");
    }
}

#[test]
fn weak_and_experimental_wishes_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let lattice = keys.person_with("ml-dsa-65", "pkcs12");
    for (key, more, code) in [
        (&keys.person, vec!["--digest", "sha1"], "weak_digest"),
        (&keys.person, vec!["--digest", "md5"], "weak_digest"),
        (&keys.person, vec!["--digest", "sha257"], "unknown_digest"),
        (&keys.person, vec!["--digest", "shake256"], "digest_does_not_fit"),
        (&lattice, vec![], "experimental_algorithm"),
    ] {
        let out = folder.path().join("never.pdf");
        let mut command = sign_cli();
        command.arg("--json").arg("sign").arg(letter("cong-van.pdf")).arg("--key").arg(key);
        command.arg("--pin-file").arg(&keys.pin).args(&more).arg("--out").arg(&out);
        let output = command.output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(&format!("\"{code}\"")), "{more:?}: {said}");
        assert!(!out.exists(), "{more:?}");
    }
}

#[test]
fn peers_accept_signatures_in_series() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let mut source = letter("quyet-dinh.pdf");
    for n in 1..=3 {
        let out = folder.path().join(format!("series-{n}.pdf"));
        let page = ["--page", "2", "--rect"];
        let rect = format!("{},100,90,40", 100 * n);
        let visible = [page[0], page[1], page[2], &rect, "--text", "Đã kiểm tra"];
        sign(&keys, &source, &keys.person, &visible, &out);
        source = out;
    }
    check_all_valid(&keys, &[(source, 3)]);
}

/// Freeze, leader, seal: the letter as it leaves the office. Returns the sealed file.
fn official_letter(keys: &Keys, source: &Path, folder: &Path) -> PathBuf {
    let (frozen, led, sealed) =
        (folder.join("frozen.pdf"), folder.join("led.pdf"), folder.join("sealed.pdf"));
    let images = root().join("fixtures/images");
    let image = |name: &str| images.join(name).to_str().unwrap().to_owned();
    let mut freeze = sign_cli();
    freeze.arg("freeze").arg(source).args(["--title", "GIÁM ĐỐC", "--name", "Nguyễn Văn A", "--out"]);
    done(freeze.arg(&frozen));
    let leader = ["--role", "leader", "--certify", "2", "--image", &image("leader.png")];
    sign(keys, &frozen, &keys.person, &leader, &led);
    let seal = [
        "--role",
        "seal",
        "--image",
        &image("seal.png"),
        "--set",
        "Number=15",
        "--set",
        "Day=05",
        "--set",
        "Month=02",
    ];
    sign(keys, &led, &keys.organisation(), &seal, &sealed);
    sealed
}

#[test]
fn number_date_and_seal_leave_the_leaders_signature_valid() {
    for source in ["cong-van.pdf", "quyet-dinh.pdf"] {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::make(folder.path());
        let sealed = official_letter(&keys, &letter(source), folder.path());
        check_all_valid(&keys, &[(sealed.clone(), 2)]);

        let (_, report) = verdict(&keys, &sealed);
        assert_eq!(report["official"]["complete"], true, "{report:#}");
        let Some(answers) = pyhanko(&keys, slice::from_ref(&sealed)) else { continue };
        let [leader, seal] = answers[&sealed].as_ref().unwrap().as_slice() else { panic!("two signatures") };
        assert_eq!((leader.field.as_str(), leader.changes.as_str()), ("Leader", "FORM_FILLING"));
        assert_eq!((seal.field.as_str(), seal.coverage.as_str()), ("Seal", "ENTIRE_FILE"));
    }
}

#[test]
fn peers_accept_the_letter_of_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    done(Command::new(binary("sign-server")).args(["demo", "--lang", "en", "--out"]).arg(folder.path()));
    println!("the demo took {:.1} s", started.elapsed().as_secs_f64());

    let letter = folder.path().join("van-ban.pdf");
    for name in
        ["page-1.png", "message.edxml", "timeline-sender.txt", "timeline-recipient.txt", "report.json"]
    {
        assert!(folder.path().join(name).is_file(), "the demo did not leave {name}");
    }
    if let Some(answers) = pdfsig(&letter) {
        assert!(answers.len() == 2 && answers.iter().all(|answer| answer.valid), "{answers:?}");
    }
    let root = folder.path().join("test-ca.pem");
    let Some(answers) = pyhanko_trusting(&[&root], slice::from_ref(&letter)) else { return };
    let answers = answers[&letter].as_ref().unwrap();
    assert!(answers.len() == 2 && answers.iter().all(|answer| answer.valid), "{answers:?}");
}

#[test]
fn all_judges_reject_a_changed_byte() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let signed = folder.path().join("signed.pdf");
    sign(&keys, &letter("cong-van.pdf"), &keys.person, &[] as &[&str], &signed);
    let mut bytes = std::fs::read(&signed).unwrap();
    // Inside the first page's compressed content: signed, and nothing the file's structure rests on.
    bytes[5_000] ^= 1;
    let changed = folder.path().join("changed.pdf");
    std::fs::write(&changed, bytes).unwrap();

    let (status, report) = verdict(&keys, &changed);
    assert_eq!((status, report["verdict"].as_str()), (1, Some("invalid")), "{report:#}");
    assert_eq!(report["signatures"][0]["integrity"]["digest"], "mismatch");
    if let Some(answers) = pdfsig(&changed) {
        assert!(!answers[0].valid, "{answers:?}");
    }
    if let Some(answers) = pyhanko(&keys, slice::from_ref(&changed)) {
        assert!(!answers[&changed].as_ref().unwrap()[0].valid);
    }
}

#[test]
fn we_accept_what_pyhanko_signs() {
    let Some(program) = peer("pyhanko") else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    for name in ["cong-van.pdf", "quyet-dinh.pdf"] {
        let out = folder.path().join(name);
        let mut command = Command::new(&program);
        command.args([
            "sign",
            "addsig",
            "--field",
            "1/300,100,400,150/Peer",
            "--use-pades",
            "pkcs12",
            "--passfile",
        ]);
        done(command.arg(&keys.pin).arg(letter(name)).arg(&out).arg(&keys.person));
        let (status, report) = verdict(&keys, &out);
        assert_eq!((status, report["verdict"].as_str()), (0, Some("valid")), "{report:#}");
        assert_eq!(report["signatures"][0]["coverage"], "whole_file");
    }
}

#[test]
fn we_judge_the_time_stamps_of_pyhanko_as_it_means_them() {
    let Some(program) = peer("pyhanko") else { return };
    let python = program.with_file_name("python3");
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let tsa = keys.tsa();
    for (level, signatures) in [("t", 1), ("d", 2)] {
        let out = folder.path().join(format!("{level}.pdf"));
        let mut command = Command::new(&python);
        command.arg(root().join("tests/peers/stamp.py")).arg(level).arg(letter("cong-van.pdf")).arg(&out);
        done(command.args([&keys.person, &keys.pin, &tsa]));
        let (status, report) = verdict(&keys, &out);
        assert_eq!((status, report["verdict"].as_str()), (0, Some("valid")), "{report:#}");
        let found = report["signatures"].as_array().unwrap();
        assert_eq!(found.len(), signatures);
        assert_eq!(found[0]["level"], "B-T");
        assert_eq!(found[0]["time"]["tsa"], "Dấu thời gian thử nghiệm");
        assert_eq!(found[0]["time"]["best"], found[0]["time"]["timestamp"]);
        if let Some(stamp) = found.get(1) {
            assert_eq!(
                (&stamp["kind"], &stamp["coverage"]),
                (&"document_timestamp".into(), &"whole_file".into())
            );
            assert_eq!(stamp["indication"], "TOTAL-PASSED");
        }
        // Without the root nobody vouches for the time either.
        let output = sign_cli().args(["--json", "verify"]).arg(&out).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["verdict"], "indeterminate");
        assert_eq!(report["signatures"][0]["time"]["timestamp"], serde_json::Value::Null);
    }
}
