//! Writes the inputs that a target starts from into the folder that the variable SEEDS names, before libFuzzer
//! reads it.

use std::{env, fs, path::PathBuf};

pub fn write(target: &str) {
    let Some(folder) = env::var_os("SEEDS").map(PathBuf::from) else { return };
    let target = sign_core_fuzz::TARGETS.iter().find(|known| known.name == target).expect("a target's name");
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed).expect("room to write");
    }
}
