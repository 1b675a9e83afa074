//! `sign-cli`: signs and verifies PDFs, prepares official letters, talks to a sign-server.
//!
//! [`args`] is what was typed, `commands` has one file for each verb, [`output`] is the only place
//! that prints, [`i18n`] the only place with words of its own. Exit codes: 0 done or all signatures
//! valid, 1 checked and not valid or unsigned, 2 could not be done.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod args;
mod commands;
mod failure;
mod i18n;
mod output;

use clap::Parser;
use output::Output;
use std::process::ExitCode;

/// How a command that was carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All signatures valid, or the job is done.
    Good,
    /// Checked, and at least one signature is not valid or there is none.
    NotValid,
    /// Some of several inputs could not be judged.
    Failed,
}

impl Outcome {
    /// The one that weighs more.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::NotValid, _) | (_, Self::NotValid) => Self::NotValid,
            _ => Self::Good,
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::NotValid => 1,
            Self::Failed => 2,
        }
    }
}

fn main() -> ExitCode {
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let output = Output::new(i18n::language(cli.lang), cli.json);
    let result = commands::run(&cli.command, &output);
    let outcome = result.unwrap_or_else(|failure| {
        output.failure(&failure);
        Outcome::Failed
    });
    ExitCode::from(outcome.code())
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Failed, Good, NotValid};

    #[test]
    fn the_worst_of_several_files_decides() {
        for (a, b, both) in [(Good, Good, Good), (Good, NotValid, NotValid), (Failed, NotValid, Failed)] {
            assert_eq!((a.and(b), b.and(a)), (both, both));
        }
    }
}
