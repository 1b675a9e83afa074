//! How near signing and verifying come to what the hardware needs:
//! `cargo bench -p sign-tests --bench ratios`, or with `-- small`, `series`, `objects`, `large` for a part.
//!
//! Each line compares a job with its floor, the least work that any program has to do for it, measured
//! in turns in the same run: a ratio means the same on every machine. Not run by `cargo test`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measuring program: what fails ends it, and it prints for people"
)]

mod documents;
mod files;
mod measure;
mod series;
mod small;

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    // A job in a process of its own, for its memory (measure::in_process_of_its_own).
    if let [job, folder] = arguments.as_slice()
        && Path::new(folder).is_dir()
    {
        return files::job(job, Path::new(folder));
    }
    println!("{:<44} {:>10} {:>10} {:>7} {:>8}", "job", "floor", "ours", "ratio", "bar");
    let parts = [
        ("small", small::run as fn()),
        ("series", series::run),
        ("objects", files::objects),
        ("large", files::large),
    ];
    for (part, run) in parts {
        if arguments.is_empty() || arguments.iter().any(|word| word == part) {
            run();
        }
    }
}
