//! Documents in files: 500 MB of them, and 500,000 objects. Each job runs in a process of its own, so that
//! its memory is its own.

use super::documents::{many_objects, now, scan};
use super::measure::{alone, in_process_of_its_own, line, report, shown};
use sha2::{Digest, Sha256};
use sign_core::crypto::key::{Padding, SoftKey, from_pem};
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::sign::{SignRequest, Signing};
use sign_core::time::Time;
use sign_core::trust::{CaClass, Evidence, TrustStore};
use sign_core::verdict::Verdict;
use sign_core::verify::verify;
use sign_io::file::FileSource;
use sign_io::output::{Draft, Existing, InPlace, Readers};
use sign_io::pki::{Authority, KeyKind, Person, Validity};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

const LARGE: u64 = 500_000_000;
const OBJECTS: usize = 500_000;
/// Each job is done so often; the fastest counts: what slows a large copy down is never the program.
const TURNS: usize = 5;

/// A folder with `letter.pdf`, `key.pem` and `root.pem`.
fn folder(write: impl FnOnce(&mut BufWriter<File>)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut letter = BufWriter::new(File::create(path("letter.pdf")).unwrap());
    write(&mut letter);
    letter.flush().unwrap();
    let from = Time::parse_rfc3339("2026-01-01T00:00:00+07:00").unwrap();
    let validity = Validity::years(from, 5);
    let authority = Authority::create("Đo tốc độ", validity).unwrap();
    let person = Person { full_name: "Nguyễn Văn A", title: "", organisation: "Sở", email: "" };
    let issued = authority.issue_person(&person, KeyKind::P256, validity).unwrap();
    std::fs::write(path("key.pem"), &*issued.pem().unwrap()).unwrap();
    std::fs::write(path("root.pem"), authority.root_pem().unwrap()).unwrap();
    folder
}

fn best(job: &str, folder: &Path) -> (Duration, u64) {
    (0..TURNS).map(|_| in_process_of_its_own(job, folder.to_str().unwrap())).min().unwrap()
}

/// Floor: SHA-256 and a copy in one pass, which waits for the disk as we do.
pub(crate) fn large() {
    let folder = folder(|out| scan(LARGE, out));
    let (floor, _) = best("hash-and-copy", folder.path());
    let (hash, _) = best("hash", folder.path());
    let mut memory = 0;
    for (job, floor, bar) in [("sign", floor, 1.3), ("sign-in-place", hash, 1.3), ("verify", hash, 1.3)] {
        let (time, peak) = best(job, folder.path());
        memory = memory.max(peak);
        line(&format!("{job} 500 MB"), floor, time, bar);
    }
    alone("memory for 500 MB", &format!("{} MiB", memory >> 10), "32 MiB");
}

pub(crate) fn objects() {
    let folder = folder(|out| many_objects(OBJECTS, out));
    for job in ["sign", "sign-in-place", "verify"] {
        let (time, peak) = best(job, folder.path());
        alone(&format!("{job} 500,000 objects"), &shown(time), "0.5 s");
        alone("  its memory", &format!("{} MiB", peak >> 10), "100 MiB");
    }
}

/// One job on the letter in a folder; prints its time and memory.
pub(crate) fn job(name: &str, folder: &Path) {
    let letter = folder.join("letter.pdf");
    let key = || -> SoftKey {
        let pem = std::fs::read(folder.join("key.pem")).unwrap();
        from_pem(&pem, None, Some(Padding::Pkcs1)).unwrap()
    };
    match name {
        "hash" => timed(|| copy_and_hash(&letter, None)),
        "hash-and-copy" => timed(|| copy_and_hash(&letter, Some(&folder.join("copy.pdf")))),
        "sign" => {
            let key = key();
            timed(|| sign(&letter, &folder.join("signed.pdf"), &key));
        }
        "sign-in-place" => {
            let key = key();
            let length = std::fs::metadata(&letter).unwrap().len();
            timed(|| sign_in_place(&letter, &key));
            File::options().write(true).open(&letter).unwrap().set_len(length).unwrap();
        }
        "verify" => {
            let mut trust = TrustStore::new();
            trust.add_pem(&std::fs::read(folder.join("root.pem")).unwrap(), CaClass::Other).unwrap();
            timed(|| judge(&folder.join("signed.pdf"), &trust));
        }
        other => panic!("no job {other}"),
    }
}

fn timed(job: impl FnOnce()) {
    let start = Instant::now();
    job();
    report(start);
}

fn copy_and_hash(from: &Path, to: Option<&Path>) {
    let mut from = File::open(from).unwrap();
    let mut to = to.map(|to| File::create(to).unwrap());
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer).unwrap();
        if length == 0 {
            break;
        }
        hasher.update(&buffer[..length]);
        if let Some(to) = &mut to {
            to.write_all(&buffer[..length]).unwrap();
        }
    }
    if let Some(to) = to {
        to.sync_all().unwrap();
    }
    std::hint::black_box(hasher.finalize());
}

fn sign(letter: &Path, out: &Path, key: &SoftKey) {
    let source = FileSource::open(letter).unwrap();
    let mut draft = Draft::create(out, Existing::Replace, Readers::Umask).unwrap();
    let request = SignRequest::new(now());
    Signing::new(key).unwrap().sign_into(&source, &request, &Limits::default(), &mut draft).unwrap();
    draft.keep().unwrap();
}

fn sign_in_place(letter: &Path, key: &SoftKey) {
    let place = InPlace::open(letter).unwrap();
    let source = FileSource::open(letter).unwrap();
    let request = SignRequest::new(now());
    let signed = Signing::new(key).unwrap().sign(&source, &request, &Limits::default()).unwrap();
    place.append(signed.starts_at, &signed.appended).unwrap();
}

fn judge(letter: &Path, trust: &TrustStore) {
    let source = FileSource::open(letter).unwrap();
    let (policy, limits) = (Policy::default(), Limits::default());
    let report = verify(&source, "letter.pdf", trust, &Evidence::none(), &policy, now(), &limits).unwrap();
    assert_eq!(report.verdict, Verdict::Valid);
}
