//! `policy`, and the policy that `--policy` names.

use crate::Outcome;
use crate::args::PolicyCommand;
use crate::failure::Failure;
use crate::output::Output;
use sign_core::policy::Policy;
use sign_io::policy;
use std::path::Path;

pub(crate) fn run(command: &PolicyCommand, output: &Output) -> Result<Outcome, Failure> {
    let PolicyCommand::Show { policy } = command;
    let policy = named(Some(policy))?;
    output.result(&policy, |_| policy::to_toml(&policy));
    Ok(Outcome::Good)
}

/// The policy of this name, or in this file; the default without one. What looks like a path is one.
pub(super) fn named(name: Option<&str>) -> Result<Policy, Failure> {
    let Some(name) = name else { return Ok(Policy::default()) };
    if let Some(preset) = Policy::preset(name) {
        return Ok(preset);
    }
    let path = Path::new(name);
    if !path.is_file() && !name.contains(['/', '\\', '.']) {
        return Err(Failure::new(
            "policy_not_found",
            format!("{name} ({})", Policy::preset_names().join(", ")),
        ));
    }
    policy::load(path).map_err(|error| structured(error, "policy_unreadable"))
}

/// What is wrong with a file that a person wrote.
pub(crate) fn structured(error: sign_io::structured::StructuredError, code: &str) -> Failure {
    match error {
        sign_io::structured::StructuredError::File(file) => file.into(),
        shape => Failure::new(code, shape.to_string()),
    }
}
