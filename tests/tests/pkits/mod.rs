//! Certification paths and revocation by NIST's PKITS: all 224 tests, each path found by ourselves among
//! all certificates of the suite, and the same questions put to OpenSSL. The data is no part of the
//! project: `scripts/setup` installs it with the package cryptography-vectors.

mod openssl;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use sign_core::limits::Limits;
use sign_core::time::Time;
use sign_core::trust::{Evidence, Origin, StatusInputs, Statuses};
use sign_core::x509::path::{PathInputs, build_with};
use sign_core::x509::{Certificate, PathOutcome};

use crate::workspace::{must_have_peers, root};
use table::{CASES, Case};

/// All certificates are of 2010 to 2030 but those whose times are the test.
const AT: &str = "2015-01-01T00:00:00Z";

/// The suite's files.
pub(crate) struct Suite {
    folder: PathBuf,
    /// All authorities and signers of lists.
    pool: Vec<Certificate>,
    anchor: Certificate,
    evidence: Evidence,
}

impl Suite {
    /// None, with its name printed, when the data is missing and may be.
    fn load() -> Option<Self> {
        let python = root().join("target/peers/bin/python");
        let ask = "import os, cryptography_vectors as v; print(os.path.dirname(v.__file__))";
        let answer = Command::new(python).args(["-c", ask]).output();
        let Some(answer) = answer.ok().filter(|answer| answer.status.success()) else {
            assert!(!must_have_peers(), "cryptography-vectors is missing; run scripts/setup");
            println!("skipped: cryptography-vectors is missing; scripts/setup installs it");
            return None;
        };
        let package = PathBuf::from(String::from_utf8(answer.stdout).unwrap().trim());
        let folder = package.join("x509/PKITS_data");
        let authorities = files(&folder.join("certs"), ".crt").into_iter().filter(|path| !is_leaf(path));
        let pool = authorities.map(|path| read(&path)).collect();
        let mut evidence = Evidence::none();
        for path in files(&folder.join("crls"), ".crl") {
            evidence.add_crl(&std::fs::read(&path).unwrap(), Origin::Given).unwrap();
        }
        let anchor = read(&folder.join("certs/TrustAnchorRootCertificate.crt"));
        Some(Self { folder, pool, anchor, evidence })
    }

    fn leaf(&self, case: &Case) -> PathBuf {
        self.folder.join("certs").join(format!("{}.crt", case.leaf))
    }

    fn judge(&self, case: &Case) -> PathOutcome {
        let (at, limits) = (Time::parse_rfc3339(AT).unwrap(), Limits::default());
        let anchors = std::slice::from_ref(&self.anchor);
        let inputs = StatusInputs { at, pool: &self.pool, anchors, limits: &limits, existed: None };
        let statuses = Statuses::new(&self.evidence, inputs);
        let examine = |chain: &[Certificate]| statuses.examine(chain);
        let policies = case.policy_identifiers();
        let inputs = PathInputs {
            policies: &policies,
            require_explicit_policy: case.flags.contains('E'),
            inhibit_policy_mapping: case.flags.contains('M'),
            inhibit_any_policy: case.flags.contains('A'),
            examine: Some(&examine),
            ..PathInputs::at(at)
        };
        build_with(&read(&self.leaf(case)), &self.pool, anchors, &inputs, &limits)
    }
}

fn read(path: &Path) -> Certificate {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Certificate::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_leaf(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("EE"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let all = crate::workspace::files_below(folder);
    all.into_iter().filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

#[test]
fn every_case_is_judged_as_published() {
    let Some(suite) = Suite::load() else { return };
    let mut totals: BTreeMap<(usize, String), (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (position, case) in CASES.iter().enumerate() {
        let differences = case.differences(&suite.judge(case));
        let section = case.section();
        let first = CASES.iter().position(|other| other.section() == section).unwrap_or(position);
        let total = totals.entry((first, section)).or_default();
        total.0 += usize::from(differences.is_empty());
        total.1 += 1;
        if !differences.is_empty() {
            wrong.push(format!("{} {} ({}): {}", case.number, case.leaf, case.why, differences.join("; ")));
        }
    }
    println!("PKITS section: as published / asked");
    let told = std::fs::read_to_string(root().join("docs/validation.md")).unwrap();
    for ((_, section), (right, asked)) in &totals {
        println!("  {section:5} {right:3} / {asked:3}");
        let row = told.lines().find(|line| line.starts_with(&format!("| {section} |"))).unwrap();
        assert!(row.ends_with(&format!("| {right} / {asked} |")), "docs/validation.md: {row}");
    }
    assert!(wrong.is_empty(), "not as published:\n{}", wrong.join("\n"));
}

#[test]
fn every_last_certificate_of_the_suite_is_asked_about() {
    let Some(suite) = Suite::load() else { return };
    for path in files(&suite.folder.join("certs"), "EE.crt") {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(CASES.iter().any(|case| case.leaf == stem), "{stem} is in no case");
    }
    let tests: std::collections::BTreeSet<Vec<&str>> =
        CASES.iter().map(|case| case.number.splitn(4, '.').take(3).collect()).collect();
    assert_eq!(tests.len(), 224, "tests of PKITS 1.0.1 in 4.1 to 4.16");
}

/// DSA is computed with, so that old paths can be followed; but nothing that judges algorithms is told
/// that it is one of those it knows.
#[test]
fn dsa_certificates_have_no_algorithm_that_a_policy_could_accept() {
    let Some(suite) = Suite::load() else { return };
    let by_dsa = read(&suite.folder.join("certs/ValidDSASignaturesTest4EE.crt"));
    assert_eq!(by_dsa.signature_algorithm().unwrap_err().code(), "unsupported_algorithm");
}
