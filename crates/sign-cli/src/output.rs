//! The only file that prints: results to stdout, problem and hint to stderr.

use crate::failure::Failure;
use crate::i18n;
use serde::Serialize;
use sign_core::report::words::Lang;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Where results go, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    lang: Lang,
    json: bool,
}

impl Output {
    /// For a reader of `lang`, or for a program.
    pub(crate) fn new(lang: Lang, json: bool) -> Self {
        Self { lang, json }
    }

    /// The reader's language.
    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether a program reads.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A result: `value` for a program, `text` for a person.
    pub(crate) fn result(&self, value: &impl Serialize, text: impl FnOnce(Lang) -> String) {
        if self.json {
            self.json_pretty(value);
        } else {
            print(text(self.lang).trim_end());
        }
    }

    /// An object over several lines.
    pub(crate) fn json_pretty(&self, value: &impl Serialize) {
        print(&serde_json::to_string_pretty(value).unwrap_or_default());
    }

    /// An object on one line (JSON Lines).
    pub(crate) fn json_line(&self, value: &impl Serialize) {
        print(&serde_json::to_string(value).unwrap_or_default());
    }

    /// One of several results: a line either way.
    pub(crate) fn line(&self, value: &impl Serialize, text: impl FnOnce(Lang) -> String) {
        if self.json {
            self.json_line(value);
        } else {
            print(text(self.lang).trim_end());
        }
    }

    /// A text for a person.
    pub(crate) fn text(&self, text: &str) {
        print(text.trim_end());
    }

    /// Problem and hint on stderr; for a program also the error object on stdout.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            self.json_pretty(&serde_json::json!({ "error": i18n::words_of(failure) }));
        }
        self.problem(failure);
    }

    /// Something to know on stderr; nothing went wrong.
    pub(crate) fn warning(&self, code: &str, message: &str) {
        let _ = writeln!(io::stderr(), "{}: {message} [{code}]", self.lang.pick("cảnh báo", "warning"));
    }

    /// Problem and hint on stderr.
    pub(crate) fn problem(&self, failure: &Failure) {
        let words = i18n::words_of(failure);
        let (label, message) = self.lang.pick(("lỗi", &words.message_vi), ("error", &words.message_en));
        let (tip, hint) = self.lang.pick(("gợi ý", &words.hint_vi), ("hint", &words.hint_en));
        let code = &words.code;
        let _ = writeln!(io::stderr(), "{label}: {message} [{code}]\n{tip}: {hint}");
    }
}

/// How far a job over several files is: a bar on stderr that goes again, if a person is watching.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    total: usize,
    watched: bool,
}

impl Progress {
    /// Cells of the bar.
    const WIDTH: usize = 20;

    /// For a job over `total` files.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, watched: io::stderr().is_terminal() }
    }

    /// `done` files are done, `next` is being worked on.
    pub(crate) fn show(self, done: usize, next: &Path) {
        if self.watched {
            let full = "#".repeat(done * Self::WIDTH / self.total.max(1));
            let (total, width, name) = (self.total, Self::WIDTH, next.display());
            let _ = write!(io::stderr(), "\r\x1b[K[{full:-<width$}] {done}/{total} {name}");
        }
    }

    /// Makes room for a result.
    pub(crate) fn clear(self) {
        if self.watched {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// What clap says about the arguments; help and version are results, the rest is exit code 2.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    // The arguments were not understood, so `--json` is looked for by itself.
    if std::env::args_os().any(|argument| argument == "--json") {
        // The first paragraph names the argument; usage and tips follow.
        let text = error.to_string();
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let first = lines.collect::<Vec<_>>().join(" ");
        let failure = Failure::new("bad_arguments", first.trim_start_matches("error: "));
        print(&serde_json::json!({ "error": i18n::words_of(&failure) }).to_string());
    }
    ExitCode::from(2)
}

/// Bytes as they are: a completion script.
pub(crate) fn raw(bytes: &[u8]) {
    let _ = io::stdout().write_all(bytes);
}

/// A reader that stops reading (`| head`) is no failure.
fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
