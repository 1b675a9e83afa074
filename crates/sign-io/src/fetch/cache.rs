//! Answers on disk, until they expire. A hint, never a proof: what is read from here is looked at and
//! judged like an answer of today, what is damaged is not there, and a cache that cannot be written is no
//! error.
//!
//! ```text
//! "SGNC" version 1 | expires 8 (seconds since 1970, big-endian) | SHA-256 of the rest 32 | answer
//! ```
//!
//! One file for each answer, named by the SHA-256 of what was asked. Times are arguments.

use crate::output::{Existing, Part, Readers, write_whole};
use sign_core::crypto::digest::{DigestAlgorithm, digest, hex};
use sign_core::source::Source;
use sign_core::time::Time;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const MAGIC: &[u8; 5] = b"SGNC\x01";
const HEAD: usize = MAGIC.len() + 8 + 32;
const EXTENSION: &str = "answer";
/// Bytes that are kept, if nobody says otherwise.
const MOST_BYTES: u64 = 64 << 20;
/// Files that are looked at when making room.
const MOST_FILES: usize = 4_096;

/// What was asked, as a file name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(String);

impl Key {
    /// Of an address and what was sent there, without what is new each time.
    pub(super) fn of(url: &str, question: &[u8]) -> Self {
        // An address holds no zero byte.
        let whole = [url.as_bytes(), &[0], question].concat();
        Self(hex(&digest(DigestAlgorithm::Sha256, &whole)))
    }
}

/// A folder with answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
}

impl Cache {
    /// Keeps answers in this folder, which is made when the first one comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), most_bytes: MOST_BYTES }
    }

    /// Keeps no more bytes than this.
    #[must_use]
    pub fn of_size(self, most_bytes: u64) -> Self {
        Self { most_bytes, ..self }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(&key.0).with_extension(EXTENSION)
    }

    /// The answer, if it is there, whole and not expired.
    pub(super) fn read(&self, key: &Key, now: Time) -> Option<Vec<u8>> {
        let source = crate::file::FileSource::open(&self.path(key)).ok()?;
        if source.len() > self.most_bytes {
            return None;
        }
        let whole = source.read_range(0..source.len()).ok()?;
        let (head, answer) = whole.split_at_checked(HEAD)?;
        let (expires, mark) = head.strip_prefix(MAGIC)?.split_at_checked(8)?;
        let expires = Time::from_unix(i64::from_be_bytes(expires.try_into().ok()?));
        let good = now < expires && digest(DigestAlgorithm::Sha256, answer) == mark;
        if !good {
            self.forget(key);
        }
        good.then(|| answer.to_vec())
    }

    /// Keeps an answer, in one step: who reads meanwhile sees the old one or the new one.
    pub(super) fn write(&self, key: &Key, answer: &[u8], expires: Time) {
        let size = (HEAD + answer.len()) as u64;
        if size > self.most_bytes || fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        self.make_room(size);
        let mark = digest(DigestAlgorithm::Sha256, answer);
        let head = [MAGIC.as_slice(), &expires.unix().to_be_bytes(), &mark].concat();
        let parts = [Part::Bytes(&head), Part::Bytes(answer)];
        // Without it the next one asks again.
        let _ = write_whole(&self.path(key), &parts, Existing::Replace, Readers::Owner);
    }

    /// Throws an answer away.
    pub(super) fn forget(&self, key: &Key) {
        let _ = fs::remove_file(self.path(key));
    }

    /// Throws the oldest answers away until `size` more bytes fit.
    fn make_room(&self, size: u64) {
        let mut files = answers(&self.folder);
        let mut sum: u64 = files.iter().map(|(_, size, _)| size).sum();
        files.sort();
        for (_, bytes, path) in files {
            if sum.saturating_add(size) <= self.most_bytes {
                return;
            }
            if fs::remove_file(path).is_ok() {
                sum = sum.saturating_sub(bytes);
            }
        }
    }
}

/// Files of the cache with when they were written and how long they are.
fn answers(folder: &Path) -> Vec<(SystemTime, u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MOST_FILES);
    let ours = entries.filter(|entry| entry.path().extension().is_some_and(|found| found == EXTENSION));
    ours.filter_map(|entry| {
        let facts = entry.metadata().ok()?;
        Some((facts.modified().ok()?, facts.len(), entry.path()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(seconds: i64) -> Time {
        Time::from_unix(1_800_000_000 + seconds)
    }

    fn cache() -> (tempfile::TempDir, Cache, Key) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("answers"));
        (folder, cache, Key::of("http://ocsp.example.vn/", b"question"))
    }

    #[test]
    fn an_answer_is_there_until_it_expires() {
        let (_folder, cache, key) = cache();
        assert_eq!(cache.read(&key, now(0)), None);
        cache.write(&key, b"answer", now(10));
        assert_eq!(cache.read(&key, now(9)).as_deref(), Some(&b"answer"[..]));
        assert_eq!(cache.read(&Key::of("http://ocsp.example.vn/", b"other"), now(0)), None);
        assert_eq!(cache.read(&key, now(10)), None);
        assert!(!cache.path(&key).exists(), "what expired is gone");
        cache.write(&key, b"newer", now(10));
        assert_eq!(cache.read(&key, now(0)).as_deref(), Some(&b"newer"[..]));
    }

    #[test]
    fn a_damaged_answer_is_not_there() {
        let (_folder, cache, key) = cache();
        cache.write(&key, b"answer", now(10));
        let whole = fs::read(cache.path(&key)).unwrap();
        for at in 0..whole.len() {
            // Another time of expiry is no damage that can be seen; the answer itself is judged again.
            if (MAGIC.len()..MAGIC.len() + 8).contains(&at) {
                continue;
            }
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(cache.path(&key), &damaged).unwrap();
            assert_eq!(cache.read(&key, now(0)), None, "byte {at}");
        }
        for length in 0..whole.len() {
            fs::write(cache.path(&key), &whole[..length]).unwrap();
            assert_eq!(cache.read(&key, now(0)), None, "{length} bytes");
        }
        cache.write(&key, b"answer", now(10));
        assert!(cache.read(&key, now(0)).is_some(), "replaced");
    }

    #[test]
    fn the_oldest_answers_make_room() {
        let (_folder, cache, _) = cache();
        let cache = cache.of_size(3 * (HEAD as u64 + 100));
        let keys: Vec<Key> = (0..5_u8).map(|n| Key::of("http://a/", &[n])).collect();
        for (n, key) in keys.iter().enumerate() {
            cache.write(key, &[0; 100], now(10));
            // Files written in one tick of the clock have no order.
            let written = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000 + n as u64);
            fs::File::options().write(true).open(cache.path(key)).unwrap().set_modified(written).unwrap();
        }
        let there: Vec<bool> = keys.iter().map(|key| cache.read(key, now(0)).is_some()).collect();
        assert_eq!(there, [false, false, true, true, true]);
        cache.write(&keys[0], &[0; 1_000], now(10));
        assert_eq!(cache.read(&keys[0], now(0)), None, "larger than all");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        let (cache, key) = (Cache::new(&file), Key::of("http://a/", b""));
        cache.write(&key, b"answer", now(10));
        assert_eq!(cache.read(&key, now(0)), None);
    }
}
