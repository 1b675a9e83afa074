//! Licences of everything linked, crates we do not take, and the reason for each direct dependency.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Package};

use crate::workspace::{files_below, metadata, root};

/// Licences the product may contain: permissive ones, and file-level copyleft that leaves ours alone.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "BSL-1.0",
    "Unicode-3.0",
    "OpenSSL",
    "CDLA-Permissive-2.0",
];

/// Crates (by the start of their name) that must not appear, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("aws-lc", "a third cryptography library, with CMake; ring and OpenSSL are enough"),
    ("native-tls", "system OpenSSL; ours is vendored"),
    ("async-nats", "the outbox table is the queue"),
    ("nats", "the outbox table is the queue"),
    ("mupdf", "AGPL"),
    ("poppler", "GPL"),
    ("chrono", "the time crate does this job"),
    ("sqlx", "rusqlite does this job with a ninth of the work"),
    ("diesel", "rusqlite does this job"),
    ("openssl-probe", "no system certificates: trust comes in as an argument"),
    ("failure", "unmaintained"),
];

/// At most one of each row may be a direct dependency.
const SAME_JOB: &[(&str, &[&str])] = &[
    ("dates", &["time", "chrono", "jiff"]),
    ("HTTP client", &["reqwest", "ureq", "isahc", "attohttpc", "surf"]),
    ("HTTP server", &["axum", "actix-web", "warp", "rocket", "salvo"]),
    ("SQL", &["rusqlite", "sqlx", "diesel", "sea-orm"]),
    ("XML", &["quick-xml", "xml-rs", "roxmltree", "minidom"]),
    ("error enums", &["thiserror", "snafu", "derive_more"]),
    ("error boxes", &["anyhow", "eyre", "miette"]),
    ("command line", &["clap", "argh", "lexopt", "pico-args", "bpaf"]),
    ("base64", &["base64", "data-encoding", "base64ct"]),
    ("PNG", &["png", "image"]),
    ("page pictures", &["hayro", "pdfium-render", "mupdf"]),
    ("certificates", &["x509-parser", "x509-cert", "webpki", "certval"]),
    ("property tests", &["proptest", "quickcheck"]),
    ("logging", &["tracing", "log", "slog"]),
    ("ids", &["uuid", "ulid"]),
];

/// Whether one of the licences offered by `expression` (SPDX, or the old `A/B`) is in `ALLOWED`.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words) -> bool {
    let mut fits = both(words);
    while words.next_if_eq(&"OR").is_some() {
        fits |= both(words);
    }
    fits
}

fn both(words: &mut Words) -> bool {
    let mut fits = one(words);
    while words.next_if_eq(&"AND").is_some() {
        fits &= one(words);
    }
    fits
}

fn one(words: &mut Words) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let fits = either(words);
        return words.next() == Some(")") && fits;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    ALLOWED.contains(&licence.as_str())
}

fn outside() -> impl Iterator<Item = &'static Package> {
    // Packages that this platform's graph contains: the lock file names more.
    let graph = metadata().resolve.as_ref().unwrap();
    graph.nodes.iter().map(|node| &metadata()[&node.id]).filter(|package| package.source.is_some())
}

#[test]
fn every_crate_has_a_licence_we_allow() {
    let refused: Vec<String> = outside()
        .filter(|package| !package.license.as_deref().is_some_and(allowed))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(refused.is_empty(), "licences not allowed:\n{}", refused.join("\n"));
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    for (expression, fits) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("(MIT OR GPL-2.0) AND ISC", true),
        ("(AGPL-3.0 OR GPL-2.0) AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0 WITH Classpath-exception", false),
        ("", false),
    ] {
        assert_eq!(allowed(expression), fits, "{expression}");
    }
}

#[test]
fn no_forbidden_crate_is_linked() {
    for package in outside() {
        for (start, why) in FORBIDDEN {
            let same_family = *package.name == **start || package.name.starts_with(&format!("{start}-"));
            assert!(!same_family, "{} must not be here: {why}", package.name);
        }
    }
}

/// Crates our own crates name, tests and build scripts included.
fn direct() -> BTreeSet<String> {
    metadata()
        .workspace_packages()
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.path.is_none())
        .map(|dependency| dependency.name.clone())
        .collect()
}

#[test]
fn no_job_is_done_by_two_crates() {
    let direct = direct();
    for (job, crates) in SAME_JOB {
        let taken: Vec<_> = crates.iter().filter(|name| direct.contains(**name)).collect();
        assert!(taken.len() <= 1, "{job}: {taken:?}");
    }
}

#[test]
fn each_direct_dependency_has_its_reason_in_architecture_md() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let listed: BTreeSet<String> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let direct = direct();
    let missing: Vec<_> = direct.difference(&listed).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md gives no reason for {missing:?}");
}

#[test]
fn no_dependency_is_declared_in_vain() {
    let mut unused = Vec::new();
    for package in metadata().workspace_packages().iter().filter(|package| package.name != "sign-tests") {
        let source: String = files_below(package.manifest_path.parent().unwrap().as_std_path())
            .iter()
            .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Build)
        {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
            if !source.contains(&format!("{name}::")) && !source.contains(&format!("use {name}")) {
                unused.push(format!("{} → {}", package.name, dependency.name));
            }
        }
    }
    assert!(unused.is_empty(), "declared and never used:\n{}", unused.join("\n"));
}
