//! The demonstration: a letter goes from one office to another, over the public HTTP API only.
//!
//! Two servers are started on loopback with data of their own, a test authority gives everybody a
//! certificate, and then each person does what they would do by hand with curl. Waiting is asking the
//! API until a deadline, never a fixed sleep.

mod cast;
mod client;
mod leave;
mod script;

use crate::config::Config;
use cast::{Cast, Office};
use sign_core::report::words::Lang;
use std::{
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

pub use script::Step;

/// The letter that is sent if no other is given.
const LETTER_FILE: &[u8] = include_bytes!("../../../../fixtures/pdf/plain/cong-van.pdf");

/// What is declared about the letter; title and name must stand on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Kind without diacritics, as in `cong_van`, `quyet_dinh`.
    pub kind: String,
    /// Abstract.
    pub subject: String,
    /// Unit that drafted it, the second half of a công văn's notation.
    pub unit: String,
    /// Title above the signature.
    pub signer_title: String,
    /// Name below it.
    pub signer_name: String,
}

impl Default for Letter {
    /// The letter that comes with the program.
    fn default() -> Self {
        Self {
            kind: "cong_van".to_owned(),
            subject: "V/v ký số và gửi, nhận văn bản điện tử giữa các cơ quan".to_owned(),
            unit: "CNTT".to_owned(),
            signer_title: "GIÁM ĐỐC".to_owned(),
            signer_name: "Nguyễn Văn A".to_owned(),
        }
    }
}

/// What may be chosen.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for what is left behind.
    pub out: PathBuf,
    /// Another letter.
    pub pdf: Option<PathBuf>,
    /// What is declared about it.
    pub letter: Letter,
    /// Language of what is printed.
    pub lang: Lang,
    /// Stop after this step and leave the servers running.
    pub stop_after: Option<Step>,
}

/// A walk that ended; the servers still run.
pub struct Ended {
    cast: Cast,
    data: tempfile::TempDir,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Ended {
    /// Stops the servers and removes their data.
    ///
    /// # Errors
    /// If the data cannot be removed.
    pub async fn close(self) -> std::io::Result<()> {
        self.cast.close().await;
        self.data.close()
    }
}

/// Walks the letter through both offices and leaves everything in a folder.
///
/// # Errors
/// The first step that did not work, with the server's own words.
pub async fn run(options: &Options, out: &mut (dyn Write + Send)) -> anyhow::Result<Ended> {
    let started = Instant::now();
    std::fs::create_dir_all(&options.out)?;
    let file = match &options.pdf {
        Some(path) => std::fs::read(path)?,
        None => LETTER_FILE.to_vec(),
    };
    let data = tempfile::Builder::new().prefix("data-").tempdir_in(&options.out)?;
    let cast = Cast::open(data.path(), &options.letter.signer_name, options.lang).await?;
    let mut walk = script::Walk::new(cast, options.letter.clone(), file, options.lang);
    for (number, step) in Step::ALL.into_iter().enumerate() {
        // The cast was called in before the first step.
        let begun = if number == 0 { started } else { Instant::now() };
        let lines = walk.take(step).await?;
        let title = step.title(options.lang);
        writeln!(out, "{:>2}. {title} [{}] ({} ms)", number + 1, step.name(), begun.elapsed().as_millis())?;
        for line in lines {
            writeln!(out, "      {line}")?;
        }
        if options.stop_after == Some(step) {
            writeln!(out, "\n{}", walk.how_to_go_on(step))?;
            return Ok(Ended { cast: walk.into_cast(), data, stopped: true });
        }
    }
    leave::everything(&walk, &options.out, options.lang, out).await?;
    let took = started.elapsed();
    writeln!(out, "\n{}: {:.1} s", options.lang.pick("Tổng thời gian", "Whole time"), took.as_secs_f64())?;
    Ok(Ended { cast: walk.into_cast(), data, stopped: false })
}

/// A server of the demonstration: quick to try again, small, on any free port of loopback.
fn config(data: PathBuf) -> Config {
    Config {
        listen: std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0)),
        retries: vec![Duration::from_millis(200); 5],
        ..Config::new(data)
    }
}
