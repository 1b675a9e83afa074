//! The digests over several byte ranges of one file, in one pass over it.
//!
//! The first range of every signature begins with byte 0, so that signatures in series share almost
//! all of what they hash: one running hasher is copied where a range ends. Fifty signatures, and the
//! digest of the file itself, then cost hardly more than one.

use super::byte_range::ByteRange;
use crate::crypto::digest::{DigestAlgorithm, Hasher};
use crate::source::{Source, SourceError};
use std::collections::BTreeMap;

/// Bytes read at a time: large enough to be fast, small enough for the processor's cache.
const WINDOW: usize = 256 << 10;

/// What [`digests`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256 of the whole file.
    pub file: Vec<u8>,
    /// The digest of each range asked for, in that order.
    pub ranges: Vec<Vec<u8>>,
}

/// Hashes the file and the ranges in it. A range must end inside the file.
///
/// # Errors
/// [`SourceError`] if the bytes cannot be read.
pub fn digests(source: &dyn Source, wanted: &[(ByteRange, DigestAlgorithm)]) -> Result<Digests, SourceError> {
    let mut pass = Pass::new(wanted);
    let mut buffer = vec![0; WINDOW.min(usize::try_from(source.len()).unwrap_or(WINDOW))];
    let mut at = 0;
    while at < source.len() {
        let end = pass.next_border(at).min(at.saturating_add(buffer.len() as u64)).min(source.len());
        let length = usize::try_from(end - at).unwrap_or(0);
        let window = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(at, window)?;
        pass.take(at, window);
        at = end;
    }
    Ok(pass.finish())
}

/// One range's state.
struct Job<'w> {
    range: &'w ByteRange,
    algorithm: DigestAlgorithm,
    /// Present once the first range has been read.
    hasher: Option<Hasher>,
}

/// The state at one position of the file.
struct Pass<'w> {
    file: Hasher,
    /// Running over the file from its first byte, for the first ranges of the other algorithms.
    running: BTreeMap<DigestAlgorithm, Hasher>,
    jobs: Vec<Job<'w>>,
    /// Where ranges begin and end, ascending.
    borders: Vec<u64>,
}

impl<'w> Pass<'w> {
    fn new(wanted: &'w [(ByteRange, DigestAlgorithm)]) -> Self {
        let jobs: Vec<_> = wanted
            .iter()
            .map(|(range, algorithm)| Job { range, algorithm: *algorithm, hasher: None })
            .collect();
        let others = jobs.iter().map(|job| job.algorithm).filter(|a| *a != DigestAlgorithm::Sha256);
        let of = |job: &Job<'_>| [job.range.first().end, job.range.second().start, job.range.second().end];
        let mut borders: Vec<u64> = jobs.iter().flat_map(of).collect();
        borders.sort_unstable();
        Self {
            file: Hasher::new(DigestAlgorithm::Sha256),
            running: others.map(|algorithm| (algorithm, Hasher::new(algorithm))).collect(),
            jobs,
            borders,
        }
    }

    fn next_border(&self, at: u64) -> u64 {
        let passed = self.borders.partition_point(|border| *border <= at);
        self.borders.get(passed).copied().unwrap_or(u64::MAX)
    }

    /// Takes the bytes from `at` on; no border lies inside them.
    fn take(&mut self, at: u64, bytes: &[u8]) {
        self.file.update(bytes);
        for hasher in self.running.values_mut() {
            hasher.update(bytes);
        }
        let end = at + bytes.len() as u64;
        for job in &mut self.jobs {
            if job.range.second().contains(&at)
                && let Some(hasher) = &mut job.hasher
            {
                hasher.update(bytes);
            }
            if job.range.first().end == end {
                job.hasher = Some(self.running.get(&job.algorithm).unwrap_or(&self.file).clone());
            }
        }
    }

    fn finish(mut self) -> Digests {
        let ranges = self.jobs.iter_mut().map(|job| job.hasher.as_mut().map(Hasher::finish));
        Digests { ranges: ranges.map(Option::unwrap_or_default).collect(), file: self.file.finish() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::digest;
    use crate::pdf::Object;

    fn range(numbers: [i64; 4], length: usize) -> ByteRange {
        let array = numbers.into_iter().map(Object::Integer).collect();
        ByteRange::read(Some(&Object::Array(array)), length as u64).unwrap()
    }

    #[test]
    fn each_range_has_the_digest_of_its_own_bytes() {
        use DigestAlgorithm::{Sha3_512, Sha256, Sha512};
        // Over several windows; ranges in series, alike, overlapping, and one inside a window.
        let bytes: Vec<u8> = (0..900_000_u32).map(|i| (i % 251) as u8).collect();
        let cases = [
            ([0, 300_000, 300_100, 200_000], Sha256),
            ([0, 600_000, 600_100, 299_900], Sha256),
            ([0, 600_000, 600_100, 299_900], Sha512),
            ([0, 10, 20, 899_980], Sha3_512),
            ([0, 1, 2, 1], Sha256),
            ([0, 262_144, 262_145, 1], Sha256),
        ];
        let wanted: Vec<_> =
            cases.iter().map(|(numbers, algorithm)| (range(*numbers, bytes.len()), *algorithm)).collect();
        let found = digests(&bytes, &wanted).unwrap();
        assert_eq!(found.file, digest(Sha256, &bytes));
        for (([_, first, second, length], algorithm), found) in cases.iter().zip(&found.ranges) {
            let [first, second, length] = [*first, *second, *length].map(|n| usize::try_from(n).unwrap());
            let covered = [&bytes[..first], &bytes[second..second + length]].concat();
            assert_eq!(*found, digest(*algorithm, &covered), "{first} {second} {length}");
        }
    }

    #[test]
    fn an_empty_file_has_a_digest_too() {
        let found = digests(&Vec::new(), &[]).unwrap();
        assert_eq!(found, Digests { file: digest(DigestAlgorithm::Sha256, b""), ranges: vec![] });
    }

    /// Counts the bytes that are read.
    struct Counting(Vec<u8>, std::sync::atomic::AtomicU64);

    impl Source for Counting {
        fn len(&self) -> u64 {
            Source::len(&self.0)
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
            self.1.fetch_add(buffer.len() as u64, std::sync::atomic::Ordering::Relaxed);
            self.0.read_at(offset, buffer)
        }
    }

    #[test]
    fn many_signatures_read_the_file_once() {
        let source = Counting(vec![1; 1_000_000], 0.into());
        let wanted: Vec<_> = (1..=50)
            .map(|n| (range([0, n * 19_000, n * 19_000 + 100, 500], 1_000_000), DigestAlgorithm::Sha256))
            .collect();
        digests(&source, &wanted).unwrap();
        assert_eq!(source.1.into_inner(), 1_000_000);
    }
}
