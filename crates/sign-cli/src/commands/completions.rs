//! `completions`: a script for the shell, made from the definition of the arguments.

use crate::args::Cli;
use crate::failure::Failure;
use crate::{Outcome, output};
use clap::CommandFactory;
use clap_complete::Shell;

pub(crate) fn run(shell: Shell) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "sign-cli", &mut script);
    output::raw(&script);
    Ok(Outcome::Good)
}
