//! The same questions put to OpenSSL (`openssl verify`, its X509_STORE), with the same certificates and
//! lists. Wherever it differs from us, the table says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::{CASES, Case, VALID};
use super::{AT, Suite, files};
use crate::workspace::peer;
use sign_core::time::Time;

/// Where OpenSSL judges otherwise, and why we do not.
const DIFFERENCES: &[(&str, &str)] = &[
    ("4.1.5", "it does not inherit DSA parameters while it looks for the issuer"),
    ("4.14.30", "it lets no issuer of lists vouch for itself, even where the authority arranged it so"),
];

/// A PEM text of all files.
fn pem(label: &str, files: &[PathBuf]) -> String {
    let block = |path: &PathBuf| {
        let text = openssl::base64::encode_block(&std::fs::read(path).unwrap());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    files.iter().map(block).collect()
}

/// Cases that ask the same: one call of the program for all of them.
fn groups() -> Vec<Vec<&'static Case>> {
    let mut groups: BTreeMap<(&str, &[u8]), Vec<&Case>> = BTreeMap::new();
    for case in CASES {
        groups.entry((case.flags, case.policies)).or_default().push(case);
    }
    groups.into_values().collect()
}

/// What OpenSSL says about each case: `None` if valid, else its words.
fn ask(program: &Path, suite: &Suite, folder: &Path) -> BTreeMap<&'static str, Option<String>> {
    let certificates = files(&suite.folder.join("certs"), ".crt");
    let (leaves, pool): (Vec<PathBuf>, Vec<PathBuf>) =
        certificates.into_iter().partition(|path| super::is_leaf(path));
    let (anchor, pool): (Vec<PathBuf>, Vec<PathBuf>) =
        pool.into_iter().partition(|path| path.ends_with("TrustAnchorRootCertificate.crt"));
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let anchor = write("anchor.pem", pem("CERTIFICATE", &anchor));
    let pool = write("pool.pem", pem("CERTIFICATE", &pool));
    let crls = write("crls.pem", pem("X509 CRL", &files(&suite.folder.join("crls"), ".crl")));
    for leaf in leaves {
        let name = leaf.file_stem().unwrap().to_string_lossy().into_owned();
        write(&format!("{name}.pem"), pem("CERTIFICATE", &[leaf]));
    }
    let at = Time::parse_rfc3339(AT).unwrap().unix().to_string();
    let mut said = BTreeMap::new();
    for group in groups() {
        let first = group[0];
        let mut command = Command::new(program);
        command.arg("verify").arg("-CAfile").arg(&anchor).arg("-untrusted").arg(&pool);
        command.arg("-CRLfile").arg(&crls).args(["-no-CApath", "-no-CAstore", "-attime", &at]);
        command.args(["-crl_check", "-crl_check_all", "-extended_crl", "-use_deltas", "-policy_check"]);
        for (flag, option) in [('E', "-explicit_policy"), ('M', "-inhibit_map"), ('A', "-inhibit_any")] {
            if first.flags.contains(flag) {
                command.arg(option);
            }
        }
        for policy in first.policy_identifiers() {
            command.arg("-policy").arg(policy);
        }
        if first.policies.is_empty() {
            command.args(["-policy", "anyPolicy"]);
        }
        let names: BTreeSet<&str> = group.iter().map(|case| case.leaf).collect();
        command.args(names.iter().map(|name| folder.join(format!("{name}.pem"))));
        let output = command.output().unwrap();
        let valid = String::from_utf8_lossy(&output.stdout).into_owned();
        let invalid = String::from_utf8_lossy(&output.stderr).into_owned();
        for case in group {
            let is_valid = valid.lines().any(|line| line.ends_with(&format!("/{}.pem: OK", case.leaf)));
            said.insert(case.number, if is_valid { None } else { Some(reason(&invalid, case.leaf)) });
        }
    }
    said
}

/// The `error … lookup:` line before the one that names the file.
fn reason(said: &str, leaf: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    let end = lines.iter().position(|line| line.contains(&format!("/{leaf}.pem: verification failed")));
    let before = lines.get(..end.unwrap_or(0)).unwrap_or_default();
    let found = before.iter().rev().find_map(|line| line.split_once("lookup:"));
    found.map_or_else(|| "no answer".to_owned(), |(_, reason)| reason.trim().to_owned())
}

#[test]
fn openssl_differs_only_where_the_table_says_so() {
    let (Some(suite), Some(program)) = (Suite::load(), peer("openssl")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let said = ask(&program, &suite, folder.path());
    let mut unexplained = Vec::new();
    for case in CASES {
        let theirs = &said[case.number];
        let differs = (case.expected == VALID) != theirs.is_none();
        let explained = DIFFERENCES.iter().find(|(number, _)| *number == case.number);
        let words = theirs.as_deref().unwrap_or("OK");
        match (differs, explained) {
            (true, Some((_, why))) => println!("  {:8} {words}; ours: {}; {why}", case.number, case.expected),
            (true, None) => {
                unexplained.push(format!("{} {}: {words}; ours: {}", case.number, case.leaf, case.expected));
            }
            (false, Some(_)) => unexplained.push(format!("{}: no difference any more", case.number)),
            (false, None) => {}
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}
