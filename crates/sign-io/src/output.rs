//! Results appear whole or not at all: a temporary file in the same folder, fsync, rename. Or bytes are
//! appended to a file in place ([`InPlace`]), which is cut back if that fails.
//!
//! An existing file is replaced only when the caller says so, and only a regular file is: a rename
//! over a device or a folder would do more than write a result. The file that is being read may be
//! replaced too; its open descriptor keeps the old bytes until the copy is done.

use sign_core::source::{Source, SourceError};
use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What to do when there is a file already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and fail.
    Keep,
    /// Replace it in one step.
    Replace,
}

/// Who may read the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// As the process's umask says.
    Umask,
    /// The owner only: private keys, PINs.
    Owner,
}

/// A piece of the result.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// All bytes of a source, copied in pieces.
    Source(&'a dyn Source),
    /// Bytes in memory.
    Bytes(&'a [u8]),
}

/// A result that could not be written. Nothing is left at the path.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// There is a file and the caller wants to keep it.
    #[error("{}: exists already", .0.display())]
    Exists(PathBuf),
    /// There is a folder, pipe or device.
    #[error("{}: is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The folder is missing or may not be written to, or the disk is full.
    #[error("{}: cannot be written: {reason}", .path.display())]
    NotWritable {
        /// The result's path.
        path: PathBuf,
        /// What kind of refusal the system gave.
        reason: String,
    },
    /// The bytes to copy could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl OutputError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists(_) => "output_exists",
            Self::NotAFile(_) => "output_not_a_file",
            Self::NotWritable { .. } => "output_not_writable",
            Self::Source(_) => "unreadable",
        }
    }
}

/// Writes the parts one after the other to `path`, whole or not at all.
///
/// # Errors
/// [`OutputError`]; then nothing has changed at `path`.
pub fn write_whole(
    path: &Path,
    parts: &[Part<'_>],
    existing: Existing,
    readers: Readers,
) -> Result<(), OutputError> {
    let mut draft = Draft::create(path, existing, readers)?;
    for part in parts {
        match part {
            Part::Bytes(bytes) => draft.write_all(bytes).map_err(|e| not_writable(path, &e))?,
            Part::Source(source) => copy(*source, &mut draft, path)?,
        }
    }
    draft.keep()
}

/// A result while it is written: a temporary file beside its place, gone when dropped unless it is kept.
#[derive(Debug)]
pub struct Draft {
    file: tempfile::NamedTempFile,
    path: PathBuf,
    existing: Existing,
}

impl Draft {
    /// Begins a result for `path`.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn create(path: &Path, existing: Existing, readers: Readers) -> Result<Self, OutputError> {
        check_place(path, existing)?;
        let file = temporary(folder_of(path), readers).map_err(|e| not_writable(path, &e))?;
        Ok(Self { file, path: path.into(), existing })
    }

    /// Puts what was written in its place, in one step.
    ///
    /// # Errors
    /// [`OutputError`]; then nothing has changed there.
    pub fn keep(self) -> Result<(), OutputError> {
        let Self { file, path, existing } = self;
        file.as_file().sync_all().map_err(|e| not_writable(&path, &e))?;
        match existing {
            Existing::Replace => file.persist(&path).map(drop).map_err(|e| not_writable(&path, &e.error))?,
            // Not looked at twice: the link fails if somebody made the file meanwhile.
            Existing::Keep => file.persist_noclobber(&path).map(drop).map_err(|e| match e.error.kind() {
                io::ErrorKind::AlreadyExists => OutputError::Exists(path.clone()),
                _ => not_writable(&path, &e.error),
            })?,
        }
        sync_folder(folder_of(&path));
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file that more bytes are appended to, while nobody else who asks for its lock does the same.
#[derive(Debug)]
pub struct InPlace {
    file: File,
    path: PathBuf,
}

impl InPlace {
    /// Opens and locks an existing regular file.
    ///
    /// # Errors
    /// [`OutputError`], also if another program holds the lock.
    pub fn open(path: &Path) -> Result<Self, OutputError> {
        check_place(path, Existing::Replace)?;
        let opened = File::options().read(true).write(true).open(path);
        let file = opened.map_err(|e| not_writable(path, &e))?;
        file.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => {
                OutputError::NotWritable { path: path.into(), reason: "in use by another program".into() }
            }
            TryLockError::Error(error) => not_writable(path, &error),
        })?;
        Ok(Self { file, path: path.into() })
    }

    /// Appends `bytes` to the file, which must be `length` bytes long. If that fails, the file is cut
    /// back to that length. A power cut in between leaves the old bytes with a part of the new ones
    /// behind them.
    ///
    /// # Errors
    /// [`OutputError`]; then the file is as it was.
    pub fn append(mut self, length: u64, bytes: &[u8]) -> Result<(), OutputError> {
        let found = self.file.metadata().map_err(|e| not_writable(&self.path, &e))?.len();
        if found != length {
            let reason = format!("{found} bytes long now, {length} before");
            return Err(OutputError::NotWritable { path: self.path, reason });
        }
        self.write_at_end(bytes).map_err(|error| {
            // Nothing more can be done if this fails too; the old bytes are there in any case.
            let _ = self.file.set_len(length).and_then(|()| self.file.sync_all());
            not_writable(&self.path, &error)
        })
    }

    fn write_at_end(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }
}

fn not_writable(path: &Path, error: &io::Error) -> OutputError {
    OutputError::NotWritable { path: path.into(), reason: error.kind().to_string() }
}

/// Writes named files into a new folder, all or none: a temporary folder beside it, fsync, rename.
/// The names are plain file names, checked by the caller.
///
/// # Errors
/// [`OutputError`]; [`OutputError::Exists`] for anything at that path, also an empty folder.
pub fn write_folder(path: &Path, files: &[(String, &[u8])]) -> Result<(), OutputError> {
    let not_writable = |e: io::Error| not_writable(path, &e);
    if path.symlink_metadata().is_ok() {
        return Err(OutputError::Exists(path.into()));
    }
    let folder =
        tempfile::Builder::new().prefix(".sign-").tempdir_in(folder_of(path)).map_err(not_writable)?;
    for (name, bytes) in files {
        write_whole(&folder.path().join(name), &[Part::Bytes(bytes)], Existing::Keep, Readers::Umask)?;
    }
    // A temporary folder is its owner's only; this one is a result.
    open_to_readers(folder.path()).map_err(not_writable)?;
    std::fs::rename(folder.path(), path).map_err(not_writable)?;
    sync_folder(folder_of(path));
    Ok(())
}

#[cfg(unix)]
fn open_to_readers(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_readers(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Where the temporary file goes: a rename works only inside one file system.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The name itself has to survive a power cut; a folder that cannot be opened is not an error.
fn sync_folder(folder: &Path) {
    if let Ok(handle) = std::fs::File::open(folder) {
        let _ = handle.sync_all();
    }
}

/// Whether a result may be put at `path`, asked before the work is done.
///
/// # Errors
/// [`OutputError::Exists`] or [`OutputError::NotAFile`].
pub fn check_place(path: &Path, existing: Existing) -> Result<(), OutputError> {
    match std::fs::metadata(path) {
        Ok(facts) if !facts.is_file() => Err(OutputError::NotAFile(path.into())),
        Ok(_) if existing == Existing::Keep => Err(OutputError::Exists(path.into())),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn temporary(folder: &Path, readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mode = match readers {
        Readers::Umask => 0o666,
        Readers::Owner => 0o600,
    };
    let permissions = std::fs::Permissions::from_mode(mode);
    tempfile::Builder::new().prefix(".sign-").permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn temporary(folder: &Path, _readers: Readers) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".sign-").tempfile_in(folder)
}

fn copy(source: &dyn Source, file: &mut impl Write, path: &Path) -> Result<(), OutputError> {
    // 1 MiB: large enough that system calls do not count, small against the 32 MiB bar.
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < source.len() {
        let wanted = usize::try_from(source.len() - at).unwrap_or(usize::MAX).min(buffer.len());
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        source.read_at(at, piece)?;
        file.write_all(piece).map_err(|e| not_writable(path, &e))?;
        at += wanted as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn writes_all_parts_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let source = vec![7_u8; 3 << 20];
        let parts = [Part::Source(&source), Part::Bytes(b"tail")];
        write_whole(&path, &parts, Existing::Keep, Readers::Umask).unwrap();
        let written = std::fs::read(&path).unwrap();
        assert_eq!(written.len(), source.len() + 4);
        assert!(written.ends_with(b"\x07tail"));
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn keeps_an_existing_file_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, b"old").unwrap();
        let write = |existing| write_whole(&path, &[Part::Bytes(b"new")], existing, Readers::Owner);
        assert_eq!(write(Existing::Keep).unwrap_err().code(), "output_exists");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        write(Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn leaves_nothing_behind_when_the_source_fails() {
        struct Short;
        impl Source for Short {
            fn len(&self) -> u64 {
                10
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
                Err(SourceError { offset, length: buffer.len() as u64, reason: "gone".into() })
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let parts = [Part::Bytes(b"head"), Part::Source(&Short)];
        let error = write_whole(&path, &parts, Existing::Keep, Readers::Umask).unwrap_err();
        assert_eq!(error.code(), "unreadable");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_draft_that_is_not_kept_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut draft = Draft::create(&path, Existing::Keep, Readers::Umask).unwrap();
        draft.write_all(b"half").unwrap();
        drop(draft);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn appends_in_place_only_to_the_file_that_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"old").unwrap();
        InPlace::open(&path).unwrap().append(3, b" and new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old and new");

        let error = InPlace::open(&path).unwrap().append(3, b"lost").unwrap_err();
        assert_eq!(error.code(), "output_not_writable");
        assert_eq!(std::fs::read(&path).unwrap(), b"old and new");

        let first = InPlace::open(&path).unwrap();
        let second = InPlace::open(&path).unwrap_err();
        assert!(second.to_string().contains("in use"), "{second}");
        drop(first);
        assert!(InPlace::open(&path).is_ok());
        assert!(InPlace::open(folder.path()).is_err());
    }

    #[test]
    fn refuses_folders_and_devices_and_missing_folders() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| {
            write_whole(path, &[Part::Bytes(b"x")], Existing::Replace, Readers::Umask).unwrap_err().code()
        };
        assert_eq!(code(folder.path()), "output_not_a_file");
        assert_eq!(code(Path::new("/dev/null")), "output_not_a_file");
        assert_eq!(code(&folder.path().join("no/such/out")), "output_not_writable");
    }

    #[test]
    fn a_folder_appears_with_all_its_files_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        let files = [("a".to_owned(), &b"1"[..]), ("b".to_owned(), &b"2"[..])];
        write_folder(&path, &files).unwrap();
        assert_eq!(std::fs::read(path.join("b")).unwrap(), b"2");
        assert_eq!(write_folder(&path, &files).unwrap_err().code(), "output_exists");
        let bad = [("a".to_owned(), &b"1"[..]), ("no/b".to_owned(), &b"2"[..])];
        assert!(write_folder(&folder.path().join("other"), &bad).is_err());
        assert_eq!(names(folder.path()), ["new"]);
    }

    #[cfg(unix)]
    #[test]
    fn key_files_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_whole(&path, &[Part::Bytes(b"x")], Existing::Keep, Readers::Owner).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
