//! A test in a process of its own, so that its memory can be measured: this binary is started again for
//! one ignored test, which says what it found in its last words.

use std::process::Command;

use crate::workspace::root;

const ASKED: &str = "SIGN_TEST_CASE";
const SAID: &str = "child says: ";

/// What the child said.
pub(crate) struct Told {
    pub(crate) text: String,
    /// The most memory it ever had (VmHWM).
    pub(crate) peak_kib: u64,
}

/// Runs the ignored test `name` for `case`; fails if it fails.
pub(crate) fn run(name: &str, case: &str) -> Told {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--ignored", "--nocapture"])
        .env(ASKED, case)
        .current_dir(root())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} for {case}:\n{stdout}{stderr}");
    let said = stdout.split(SAID).nth(1).and_then(|rest| rest.lines().next());
    let (peak, text) =
        said.and_then(|said| said.split_once(' ')).unwrap_or_else(|| panic!("{case}: {stdout}"));
    Told { text: text.to_owned(), peak_kib: peak.parse().unwrap() }
}

/// In the child: the case it is to run; `None` if somebody runs all ignored tests.
pub(crate) fn asked_for() -> Option<String> {
    std::env::var(ASKED).ok()
}

/// In the child: its last words, with the most memory it had until now.
pub(crate) fn tell(text: &str) {
    println!("\n{SAID}{} {text}", peak_kib());
}

/// Linux tells it in /proc; elsewhere 0, which is below every limit.
pub(crate) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
