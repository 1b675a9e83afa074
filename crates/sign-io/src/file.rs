//! A file as a [`Source`]: length fixed when opened, reads at an offset, nothing kept in memory.

use sign_core::source::{Source, SourceError};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is nothing at that path.
    #[error("{}: no such file", .0.display())]
    NotFound(PathBuf),
    /// A folder, pipe or device.
    #[error("{}: not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The system does not let us read it.
    #[error("{}: permission denied", .0.display())]
    Denied(PathBuf),
    /// More bytes than this kind of file may have.
    #[error("{}: {size} bytes, at most {allowed} are read", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The bound.
        allowed: u64,
    },
    /// Anything else the system said.
    #[error("{}: {reason}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

impl FileError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "file_not_found",
            Self::NotAFile(_) => "not_a_file",
            Self::Denied(_) => "permission_denied",
            Self::TooLarge { .. } => "file_too_large",
            Self::Other { .. } => "unreadable",
        }
    }

    /// The file it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::NotFound(path) | Self::NotAFile(path) | Self::Denied(path) => path,
            Self::TooLarge { path, .. } | Self::Other { path, .. } => path,
        }
    }

    fn from_io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound(path.into()),
            io::ErrorKind::PermissionDenied => Self::Denied(path.into()),
            _ => Self::Other { path: path.into(), reason: error.to_string() },
        }
    }
}

/// An open regular file.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// [`FileError`]; a folder, pipe or device is [`FileError::NotAFile`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        // Asked before opening: opening a pipe would wait for its writer.
        let facts = std::fs::metadata(path).map_err(|e| FileError::from_io(path, &e))?;
        check_regular(path, &facts)?;
        let file = File::open(path).map_err(|e| FileError::from_io(path, &e))?;
        let facts = file.metadata().map_err(|e| FileError::from_io(path, &e))?;
        check_regular(path, &facts)?;
        Ok(Self { file, length: facts.len(), modified: facts.modified().ok() })
    }

    /// Whether the file was written to since it was opened (by its length and modification time).
    /// What was read before may then not belong together.
    pub fn changed(&self) -> bool {
        match self.file.metadata() {
            Ok(facts) => facts.len() != self.length || facts.modified().ok() != self.modified,
            Err(_) => true,
        }
    }
}

fn check_regular(path: &Path, facts: &Metadata) -> Result<(), FileError> {
    if facts.is_file() { Ok(()) } else { Err(FileError::NotAFile(path.into())) }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let length = buffer.len() as u64;
        let failed = |reason: String| SourceError { offset, length, reason };
        match offset.checked_add(length) {
            Some(end) if end <= self.length => {}
            _ => return Err(failed("past the end".into())),
        }
        read_exact_at(&self.file, offset, buffer).map_err(|e| failed(e.to_string()))
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(read..).unwrap_or_default();
        offset = offset.saturating_add(read as u64);
    }
    Ok(())
}

/// The whole of a small file: a key, a certificate, a picture, a PIN.
///
/// # Errors
/// As [`FileSource::open`], and [`FileError::TooLarge`] over `allowed` bytes.
pub fn read_small(path: &Path, allowed: u64) -> Result<Vec<u8>, FileError> {
    let source = FileSource::open(path)?;
    if source.len() > allowed {
        return Err(FileError::TooLarge { path: path.into(), size: source.len(), allowed });
    }
    let read = source.read_range(0..source.len());
    read.map_err(|e| FileError::Other { path: path.into(), reason: e.reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_inside_and_refuses_outside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"0123456789").unwrap();
        let source = FileSource::open(&path).unwrap();
        assert_eq!(source.read_range(3..6).unwrap(), b"345");
        assert!(source.read_at(8, &mut [0; 3]).is_err());
        assert!(source.read_at(u64::MAX, &mut [0; 3]).is_err());
        assert!(!source.changed());
        std::fs::write(&path, b"0123456789!").unwrap();
        assert!(source.changed());
    }

    #[test]
    fn names_why_a_path_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| FileSource::open(path).unwrap_err().code();
        assert_eq!(code(folder.path()), "not_a_file");
        assert_eq!(code(&folder.path().join("none")), "file_not_found");
        let path = folder.path().join("long");
        std::fs::write(&path, b"four").unwrap();
        assert_eq!(read_small(&path, 3).unwrap_err().code(), "file_too_large");
        assert_eq!(read_small(&path, 4).unwrap(), b"four");
    }
}
