//! Files under the hash of their content, in a directory.
//!
//! A blob is written first and its row second, so a crash leaves at most an
//! orphan, never a row without bytes. A blob becomes visible whole or not at all: temporary file,
//! fsync, rename to the final name, fsync of the directory. Two writers of one blob write the same bytes,
//! so whichever renames last changes nothing.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::digest::Hash;
use crate::error::StoreError;

/// Bytes read and hashed at a time.
const CHUNK: usize = 64 * 1024;

/// A directory of blobs.
#[derive(Debug)]
pub struct Blobs {
    /// Finished blobs: `sha256/ab/abcdef…`.
    root: PathBuf,
    /// Unfinished ones, on the same file system so that linking works.
    temporary: PathBuf,
    /// Directories below the root that this process knows to be durable.
    durable: Mutex<BTreeSet<PathBuf>>,
}

/// What [`Blobs::put`] stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The name of the blob.
    pub hash: Hash,
    /// Its length in bytes.
    pub size: u64,
}

impl Blobs {
    /// Opens (and creates) the directory, and clears what a crash left unfinished.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let root = directory.join("sha256");
        let temporary = directory.join("tmp");
        fs::create_dir_all(&root)?;
        fs::create_dir_all(&temporary)?;
        sync_directory(directory)?;
        for entry in fs::read_dir(&temporary)? {
            let path = entry?.path();
            // Another process may have removed it meanwhile; that is what we want too.
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error.into());
            }
        }
        Ok(Self { root, temporary, durable: Mutex::default() })
    }

    /// Stores `bytes`. Storing the same bytes twice is one blob.
    pub fn put(&self, bytes: &[u8]) -> Result<Stored, StoreError> {
        self.put_reader(bytes, u64::MAX)
    }

    /// Stores what `reader` gives, at most `limit` bytes, without holding it in memory.
    ///
    /// Fails with [`StoreError::TooLarge`] if there is more; nothing stays behind then.
    pub fn put_reader(&self, mut reader: impl Read, limit: u64) -> Result<Stored, StoreError> {
        let mut file = NamedTempFile::new_in(&self.temporary)?;
        let mut hasher = Sha256::new();
        let mut size = 0_u64;
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let part = buffer.get(..read).unwrap_or_default();
            size = size.saturating_add(part.len() as u64);
            if size > limit {
                return Err(StoreError::TooLarge { limit });
            }
            hasher.update(part);
            file.write_all(part)?;
        }
        let hash = Hash::from_hasher(hasher);
        self.publish(file, hash)?;
        Ok(Stored { hash, size })
    }

    /// Gives a finished temporary file its name.
    fn publish(&self, file: NamedTempFile, hash: Hash) -> Result<(), StoreError> {
        let path = self.path(hash);
        let directory = path.parent().unwrap_or(&self.root);
        self.make_durable(directory)?;
        // A blob that rotted on disk is healed by the good copy just received.
        if self.check(hash).is_err() {
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
        }
        // The writer that lost the race must not answer before the name is durable either.
        sync_directory(directory)
    }

    /// Makes a directory below the root, and its name survive a power cut. That it exists is not
    /// enough: whoever made it may not have come to sync it.
    fn make_durable(&self, directory: &Path) -> Result<(), StoreError> {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if !durable.contains(directory) {
            fs::create_dir_all(directory)?;
            sync_directory(&self.root)?;
            durable.insert(directory.to_owned());
        }
        Ok(())
    }

    /// The whole blob, its hash checked.
    ///
    /// Fails with [`StoreError::NotFound`], with [`StoreError::TooLarge`] if it is longer than
    /// `limit` bytes, and with [`StoreError::Corrupt`] if the bytes are not those of its name.
    pub fn get(&self, hash: Hash, limit: u64) -> Result<Vec<u8>, StoreError> {
        let (file, size) = self.open_file(hash)?;
        if size > limit {
            return Err(StoreError::TooLarge { limit });
        }
        let mut bytes = Vec::new();
        file.take(size.saturating_add(1)).read_to_end(&mut bytes)?;
        if Hash::of(&bytes) == hash { Ok(bytes) } else { Err(StoreError::corrupt("blob", hash)) }
    }

    /// Where the blob lies, for callers that read ranges of it. Its hash is not checked: see
    /// [`Blobs::check`].
    pub fn locate(&self, hash: Hash) -> Result<PathBuf, StoreError> {
        self.open_file(hash)?;
        Ok(self.path(hash))
    }

    /// Reads the blob through and says its length if every byte is as stored.
    pub fn check(&self, hash: Hash) -> Result<u64, StoreError> {
        let (mut file, size) = self.open_file(hash)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(buffer.get(..read).unwrap_or_default());
        }
        if Hash::from_hasher(hasher) == hash { Ok(size) } else { Err(StoreError::corrupt("blob", hash)) }
    }

    /// Whether a file can be made here at all.
    pub(crate) fn writable(&self) -> Result<(), StoreError> {
        NamedTempFile::new_in(&self.temporary)?;
        Ok(())
    }

    fn open_file(&self, hash: Hash) -> Result<(File, u64), StoreError> {
        let file = File::open(self.path(hash)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::not_found("blob", hash.to_hex()),
            _ => error.into(),
        })?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }

    fn path(&self, hash: Hash) -> PathBuf {
        let name = hash.to_hex();
        let prefix = name.get(..2).unwrap_or_default();
        self.root.join(prefix).join(&name)
    }
}

/// Makes names created in `directory` survive a power cut.
fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    File::open(directory)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(directory.path()).unwrap();
        (directory, blobs)
    }

    fn unfinished(directory: &Path) -> usize {
        fs::read_dir(directory.join("tmp")).unwrap().count()
    }

    #[test]
    fn gives_back_what_was_stored_under_its_hash() {
        let (directory, blobs) = blobs();
        let stored = blobs.put(b"cong van").unwrap();
        assert_eq!(stored, Stored { hash: Hash::of(b"cong van"), size: 8 });
        assert_eq!(blobs.put(b"cong van").unwrap(), stored);
        assert_eq!(blobs.get(stored.hash, 8).unwrap(), b"cong van");
        assert_eq!(unfinished(directory.path()), 0);
    }

    #[test]
    fn too_long_a_body_leaves_nothing() {
        let (directory, blobs) = blobs();
        let body = vec![7; CHUNK + 1];
        let error = blobs.put_reader(body.as_slice(), CHUNK as u64).unwrap_err();
        assert_eq!(error.code(), "too_large");
        assert_eq!(blobs.check(Hash::of(&body)).unwrap_err().code(), "not_found");
        assert_eq!(unfinished(directory.path()), 0);
        assert_eq!(blobs.put_reader(body.as_slice(), body.len() as u64).unwrap().size, 65537);
        assert_eq!(blobs.get(Hash::of(&body), 10).unwrap_err().code(), "too_large");
    }

    #[test]
    fn a_reader_that_breaks_leaves_nothing() {
        struct Breaks(bool);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("connection lost"));
                }
                buffer[0] = 1;
                Ok(1)
            }
        }
        let (directory, blobs) = blobs();
        assert_eq!(blobs.put_reader(Breaks(false), 100).unwrap_err().code(), "io");
        assert_eq!(unfinished(directory.path()), 0);
    }

    #[test]
    fn a_flipped_bit_is_noticed_and_healed_by_the_next_good_copy() {
        let (_directory, blobs) = blobs();
        let hash = blobs.put(b"quyet dinh").unwrap().hash;
        fs::write(blobs.locate(hash).unwrap(), b"quyet dinI").unwrap();
        assert_eq!(blobs.get(hash, 100).unwrap_err().code(), "corrupt");
        assert_eq!(blobs.check(hash).unwrap_err().code(), "corrupt");
        blobs.put(b"quyet dinh").unwrap();
        assert_eq!(blobs.check(hash).unwrap(), 10);
    }

    #[test]
    fn opening_clears_what_a_crash_left() {
        let (directory, _) = blobs();
        fs::write(directory.path().join("tmp/half"), b"ha").unwrap();
        Blobs::open(directory.path()).unwrap();
        assert_eq!(unfinished(directory.path()), 0);
    }
}
