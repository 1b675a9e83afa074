//! Where things are: the checkout, the programs under test, the peers.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use cargo_metadata::{Metadata, MetadataCommand};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned())
}

/// The folder with the programs built by the same profile as this test (`target/release` …).
pub(crate) fn binaries() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    exe.parent().and_then(Path::parent).unwrap().to_owned()
}

/// The path of one of our programs; fails with the command that builds it.
pub(crate) fn binary(name: &str) -> PathBuf {
    let path = binaries().join(name);
    let profile = if binaries().ends_with("release") { " --release" } else { "" };
    assert!(
        path.is_file(),
        "{} is not built; run `cargo build{profile} --workspace --bins` first (scripts/test does)",
        path.display()
    );
    path
}

/// Whether something that is missing here must fail instead of being skipped by name.
pub(crate) fn must_have_peers() -> bool {
    let set = |name| std::env::var(name).is_ok_and(|value| value == "true" || value == "1");
    set("CI") || set("SIGN_REQUIRE_PEERS")
}

/// Finds a peer program in target/peers/bin or in PATH. None, with its name printed, when it is missing
/// and may be: `scripts/setup` installs it.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(root().join("target/peers/bin")).chain(std::env::split_paths(&in_path));
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(!must_have_peers(), "{name} is missing; run scripts/setup");
        println!("skipped: {name} is missing; scripts/setup installs it");
    }
    found
}

/// A port that nobody listens at. It lies below those the system gives to connections, and no other test of
/// this process gets the same one: between naming it and using it some time may pass.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let of_process = u16::try_from(std::process::id() % 80).unwrap() * 100;
    loop {
        let port = 24_000 + of_process + NEXT.fetch_add(1, Ordering::SeqCst) % 100;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The documents name ports a reader may use; here another test may have them.
pub(crate) fn with_free_ports(text: String) -> String {
    ["127.0.0.1:18080", "127.0.0.1:18081", "127.0.0.1:18082"]
        .into_iter()
        .fold(text, |text, named| text.replace(named, &format!("127.0.0.1:{}", free_port())))
}

/// What cargo knows of the workspace: packages of this platform only, nothing fetched.
pub(crate) fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(["--locked", "--offline", "--filter-platform", &platform].map(str::to_owned))
            .exec()
            .expect("cargo metadata")
    })
}

/// All files below `folder`, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}
