//! Small files that a person writes for the program, TOML or JSON: policies, lists of pins.

use crate::file::{FileError, read_small};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// Such files have some dozen lines.
const LARGEST: u64 = 256 << 10;

/// A file that does not hold what it should.
#[derive(Debug, thiserror::Error)]
pub enum StructuredError {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not of that shape, or says what cannot be.
    #[error("{}: {reason}", .path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        reason: String,
    },
}

/// Reads a file: JSON if it begins with a brace, otherwise TOML.
///
/// # Errors
/// [`StructuredError`].
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, StructuredError> {
    let bytes = read_small(path, LARGEST)?;
    let shape = |reason: String| StructuredError::Shape { path: path.into(), reason };
    let text = std::str::from_utf8(&bytes).map_err(|error| shape(error.to_string()))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| shape(error.to_string()));
    }
    toml::from_str(text).map_err(|error| {
        // Its own text draws the line over several lines.
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.lines().count());
        let place = line.map(|line| format!("line {}: ", line.max(1))).unwrap_or_default();
        shape(format!("{place}{}", error.message().replace('\n', " ")))
    })
}
