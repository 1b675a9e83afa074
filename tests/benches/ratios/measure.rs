//! The clock, the memory of a process, and the lines of the table.

use std::process::Command;
use std::time::{Duration, Instant};

/// Median times of jobs that are done in turns, so that a slow moment of the machine meets all of them.
pub(crate) fn medians<const N: usize>(turns: usize, mut jobs: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(turns));
    for turn in 0..=turns {
        for (job, times) in jobs.iter_mut().zip(&mut times) {
            let start = Instant::now();
            job();
            // The first turn warms caches.
            if turn > 0 {
                times.push(start.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

/// A job against its floor; `bar` is the ratio to stay under.
pub(crate) fn line(job: &str, floor: Duration, ours: Duration, bar: f64) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!("{job:<44} {:>10} {:>10} {ratio:>7.2} {:>8}", shown(floor), shown(ours), format!("≤ {bar}"));
}

/// A job that has no floor; `bar` is what it may take.
pub(crate) fn alone(job: &str, ours: &str, bar: &str) {
    println!("{job:<44} {:>10} {ours:>10} {:>7} {:>8}", "", "", format!("≤ {bar}"));
}

/// A time in the unit that suits it.
pub(crate) fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        s if s < 0.001 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// Runs one job of this program in a process of its own; returns what it printed: its time in
/// microseconds and its memory (see [`report`]).
pub(crate) fn in_process_of_its_own(job: &str, argument: &str) -> (Duration, u64) {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args([job, argument]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.split_whitespace().map(|word| word.parse::<u64>().unwrap());
    (Duration::from_micros(words.next().unwrap()), words.next().unwrap())
}

/// Prints the time since `start` and the most memory this process ever had, in KiB.
pub(crate) fn report(start: Instant) {
    println!("{} {}", start.elapsed().as_micros(), peak_memory());
}

/// Peak resident set in KiB (Linux).
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
