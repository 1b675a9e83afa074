//! `kept`: what `sign --keep` and `verify --keep` put aside, and deleting it with its document.

use crate::Outcome;
use crate::args::KeptCommand;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_io::keep::{self, Kept};
use std::path::Path;

pub(crate) fn run(command: &KeptCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        KeptCommand::List { folder } => {
            let all = keep::list(folder)?;
            output.result(&json!({ "schema": SCHEMA, "documents": all }), |lang| {
                let none = lang.pick("Không lưu gì", "Nothing is kept");
                if all.is_empty() { none.to_owned() } else { all.iter().map(lines).collect() }
            });
        }
        KeptCommand::Delete { folder, document } => {
            let sha256 = if keep::is_hash(document) {
                document.clone()
            } else {
                keep::sha256_of(Path::new(document))?
            };
            let gone = keep::delete(folder, &sha256)?;
            output.result(&json!({ "schema": SCHEMA, "deleted": gone }), |lang| {
                format!("{}\n{}", lang.pick("Đã xoá", "Deleted"), lines(&gone))
            });
        }
    }
    Ok(Outcome::Good)
}

const SCHEMA: &str = "sign.kept/1";

fn lines(kept: &Kept) -> String {
    let files: String = kept.files.iter().map(|file| format!("  {file}\n")).collect();
    format!("{}\n{files}", kept.sha256)
}
