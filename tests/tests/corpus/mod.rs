//! Real PDFs that nobody here wrote: each is signed once, signed twice and certified, or refused, and what
//! is signed must please pdfsig, pyHanko, qpdf and ourselves. What became of each file must be what
//! `docs/corpus.md` says, where the reasons for refusals stand too. The files are not in the repository;
//! they are looked for in `../shared/corpus` beside the checkout, or where SIGN_CORPUS says.

mod golden;
mod judges;
mod signing;

use std::path::PathBuf;
use std::sync::Mutex;

use signing::{Outcome, Row, Variant};

use crate::keys::Keys;
use crate::workspace::{binaries, must_have_peers, root};

/// Processor time one signature may take, in seconds (release build).
const LONGEST: f64 = 2.0;

fn corpus() -> Option<PathBuf> {
    let beside = root().join("../shared/corpus");
    let folder = std::env::var_os("SIGN_CORPUS").map_or(beside, PathBuf::from);
    if folder.join("manifest.csv").is_file() {
        return Some(folder);
    }
    assert!(!must_have_peers(), "no corpus at {}", folder.display());
    println!("skipped: no corpus at {}", folder.display());
    None
}

#[test]
fn real_pdfs_are_signed_again_and_certified_or_refused_with_a_reason() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    let seal = keys.organisation();
    let manifest = std::fs::read_to_string(corpus.join("manifest.csv")).unwrap();
    let lines: Vec<&str> = manifest.lines().skip(1).collect();

    let mut rows = in_two_threads(&lines, |line| {
        let row = signing::sign_every_way(line, &corpus, &keys, &seal, folder.path());
        judges::judge_quickly(row, &corpus, &keys)
    });
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    let all_judged = judges::judge_by_pyhanko(&mut rows, &keys);
    for row in &mut rows {
        for variant in &mut row.variants {
            if binaries().ends_with("release") && variant.seconds > LONGEST {
                variant.outcome = Outcome::Wrong(format!("took {:.1} s", variant.seconds));
            }
        }
    }
    print_table(&rows);
    // Without the judges, what is printed is all there is to see.
    if all_judged {
        golden::compare(&rows);
    }
}

/// Calls `work` for every line, in the two threads that CI has; the results come in any order.
fn in_two_threads<T: Send>(lines: &[&str], work: impl Fn(&str) -> T + Sync) -> Vec<T> {
    let (queue, done) = (Mutex::new(lines.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // The lock is released at the end of this statement, not of the loop's body.
                while let Some(line) = { queue.lock().unwrap().next() } {
                    let result = work(line);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn print_table(rows: &[Row]) {
    println!("{:<50} {:<30} {:>6} {:>6} {:>6}  once | twice | certified", "file", "kind", "CPU s", "s", "s");
    for row in rows {
        let seconds: Vec<String> = row.variants.iter().map(|v| format!("{:>6.2}", v.seconds)).collect();
        let said: Vec<String> = row.variants.iter().map(Variant::said).collect();
        println!("{:<50} {:<30} {}  {}", row.name, row.kind, seconds.join(" "), said.join(" | "));
    }
    let count = |at: usize| {
        rows.iter().filter(|row| row.variants.get(at).is_some_and(|v| v.outcome == Outcome::Accepted)).count()
    };
    println!(
        "{} files; accepted by all four: once {}, twice {}, certified {}",
        rows.len(),
        count(0),
        count(1),
        count(2)
    );
}
