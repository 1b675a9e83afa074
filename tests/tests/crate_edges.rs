//! Which crate may use which: arrows between our own crates point down, and each outside world (SQL, HTTP,
//! command line, drawing, cryptography) is named in one place.

use std::collections::{BTreeSet, VecDeque};

use cargo_metadata::{DependencyKind, Package};

use crate::workspace::{files_below, metadata, root};

/// Our crates and which of our crates each may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("sign-core", &[]),
    ("circulation", &[]),
    ("sign-io", &["sign-core"]),
    ("circulation-store", &["circulation"]),
    ("sign-server", &["sign-core", "sign-io", "circulation", "circulation-store"]),
    ("sign-cli", &["sign-core", "sign-io", "circulation", "circulation-store"]),
];

/// Outside crates that only these crates of ours may name. (sign-tests looks at everything from outside.)
const OWNERS: &[(&str, &[&str])] = &[
    ("rusqlite", &["circulation-store"]),
    ("axum", &["sign-server"]),
    ("tower-http", &["sign-server"]),
    // In sign-io for one thing: the conversation with a remote signing service (remote/http.rs).
    ("tokio", &["sign-server", "sign-cli", "sign-io"]),
    ("tokio-openssl", &["sign-io"]),
    ("hyper", &["sign-io"]),
    ("http-body-util", &["sign-io"]),
    ("reqwest", &["sign-server", "sign-cli"]),
    ("clap", &["sign-server", "sign-cli"]),
    ("anyhow", &["sign-server", "sign-cli"]),
    ("hayro", &["sign-io"]),
    ("hayro-interpret", &["sign-io"]),
    ("cryptoki", &["sign-io"]),
    ("quick-xml", &["circulation", "sign-core"]),
    ("x509-parser", &["sign-core"]),
    ("lopdf", &["sign-core"]),
];

/// What the two pure crates may not reach, even through others.
const IMPURE: &[&str] = &[
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "axum",
    "reqwest",
    "rusqlite",
    "libsqlite3-sys",
    "tempfile",
    "rayon",
    "chrono",
    "cryptoki",
];

/// Where the source may name a cryptography library, and why.
const CRYPTO_ROOMS: &[(&str, &str)] = &[
    ("crates/sign-core/src/crypto/", "the one wrapper around them"),
    ("crates/sign-core/fuzz/src/", "makes the key that signs there, and PEM"),
    ("crates/sign-core/build.rs", "switches on OpenSSL's legacy provider"),
    ("crates/sign-io/src/pki", "issues certificates: the test authority"),
    ("crates/sign-io/src/remote/tls.rs", "TLS to remote signing services"),
    ("crates/sign-io/src/remote/fake/", "signs as such a service does, for tests and trials"),
    ("crates/sign-io/src/doctor.rs", "says which library is inside"),
    ("crates/circulation-store/src/digest.rs", "links of the audit log; the store does not know sign-core"),
    ("crates/circulation-store/src/blob.rs", "addresses of stored files"),
    ("crates/sign-server/src/secret.rs", "random keys and their comparison"),
];

fn package(name: &str) -> &'static Package {
    metadata()
        .packages
        .iter()
        .find(|package| package.name == name)
        .unwrap_or_else(|| panic!("no crate {name}"))
}

/// Names of the crates that `package` depends on outside its tests.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn our_crates_know_only_those_below() {
    for (name, allowed) in ARROWS {
        let ours = |dependency: &&str| ARROWS.iter().any(|(crate_name, _)| crate_name == dependency);
        for dependency in dependencies(package(name)).into_iter().filter(ours) {
            assert!(allowed.contains(&dependency), "{name} may not depend on {dependency}");
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_arrows() {
    for package in metadata().workspace_packages() {
        let known = ARROWS.iter().any(|(name, _)| package.name == *name);
        assert!(known || package.name == "sign-tests", "{} is missing in ARROWS", package.name);
    }
}

#[test]
fn each_outside_world_has_one_owner() {
    for (outside, owners) in OWNERS {
        for (name, _) in ARROWS.iter().filter(|(name, _)| !owners.contains(name)) {
            assert!(
                !dependencies(package(name)).contains(outside),
                "{name} may not depend on {outside}; that belongs in {owners:?}"
            );
        }
    }
}

#[test]
fn the_pure_crates_reach_no_world_through_others() {
    for name in ["sign-core", "circulation"] {
        let reached = reached_from(name);
        for impure in IMPURE {
            assert!(!reached.contains(*impure), "{name} reaches {impure}");
        }
    }
}

/// Every crate linked into `name`, by the resolved graph; build scripts and tests aside.
fn reached_from(name: &str) -> BTreeSet<String> {
    let graph = metadata().resolve.as_ref().unwrap();
    let mut queue = VecDeque::from([package(name).id.clone()]);
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some(id) = queue.pop_front() {
        if !seen.insert(id.clone()) {
            continue;
        }
        names.insert(metadata()[&id].name.to_string());
        let node = graph.nodes.iter().find(|node| node.id == id).unwrap();
        let linked =
            node.deps.iter().filter(|edge| edge.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
        queue.extend(linked.map(|edge| edge.pkg.clone()));
    }
    names
}

#[test]
fn cryptography_libraries_are_named_only_in_their_rooms() {
    let mut found = Vec::new();
    for path in files_below(&root().join("crates")) {
        let place = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        if !place.ends_with(".rs") || CRYPTO_ROOMS.iter().any(|(room, _)| place.starts_with(room)) {
            continue;
        }
        for (line, text) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            let code = text.split("//").next().unwrap_or_default();
            let words: Vec<&str> =
                code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).collect();
            let names = |library: &str| {
                words.iter().any(|word| {
                    word.starts_with(&format!("{library}::")) || word.starts_with(&format!("::{library}::"))
                })
            };
            if ["openssl", "ring", "sha2"].into_iter().any(names) {
                found.push(format!("{place}:{}: {}", line + 1, text.trim()));
            }
        }
    }
    assert!(found.is_empty(), "cryptography outside its rooms:\n{}", found.join("\n"));
}
