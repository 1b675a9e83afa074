//! Proofs of existence (EN 319 102-1 clause 5.6.2.3): what a document time stamp covers existed when it was
//! made. What none covers exists when it is judged, and no earlier.

use crate::time::Time;

/// Trusted word that something existed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Proof {
    /// When it existed at the latest.
    pub(in super::super) time: Time,
    /// Name of the time-stamping unit.
    pub(in super::super) tsa: Option<String>,
    /// The first revision whose document time stamp covers all that the unit's path rests on; none if the
    /// document does not have all of it.
    pub(in super::super) covered_from: Option<usize>,
}

/// The document time stamps that proved something.
#[derive(Debug, Default)]
pub(in super::super) struct Proofs {
    /// Each with the index of the revision it signs: all bytes up to that revision's end but its own value.
    stamps: Vec<(usize, Proof)>,
}

impl Proofs {
    /// A time stamp over revision `signed` passed.
    pub(in super::super) fn add(&mut self, signed: usize, proof: Proof) {
        self.stamps.push((signed, proof));
    }

    /// How many there are.
    pub(in super::super) fn len(&self) -> usize {
        self.stamps.len()
    }

    /// The newest revision that is signed.
    pub(in super::super) fn newest(&self) -> Option<usize> {
        self.stamps.iter().map(|(signed, _)| *signed).max()
    }

    /// The earliest proof for bytes that the revision of this index, and every later one, covers.
    pub(in super::super) fn over(&self, from: usize) -> Option<&Proof> {
        let covering = self.stamps.iter().filter(|(signed, _)| *signed >= from);
        covering.map(|(_, proof)| proof).min_by_key(|proof| proof.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_proves_what_its_revision_holds_and_nothing_later() {
        let mut proofs = Proofs::default();
        for (signed, seconds) in [(5, 500), (3, 300)] {
            proofs.add(signed, Proof { time: Time::from_unix(seconds), tsa: None, covered_from: None });
        }
        let time = |from| proofs.over(from).map(|proof| proof.time.unix());
        assert_eq!([0, 3, 4, 5, 6].map(time), [Some(300), Some(300), Some(500), Some(500), None]);
    }
}
