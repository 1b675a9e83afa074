//! Signed files with random damage: never a panic, and never valid if a signed byte changed.

use super::bench::*;
use crate::error::PdfError;
use crate::limits::Limits;
use crate::policy::Policy;
use crate::report::model::Report;
use crate::trust::Evidence;
use crate::verdict::Verdict;

pub(super) fn judge(bytes: &[u8]) -> Result<Report, PdfError> {
    let bytes = bytes.to_vec();
    let (policy, time) = (Policy::default(), at("2026-03-01T00:00:00Z"));
    super::super::verify(&bytes, "m.pdf", &trust(), &Evidence::none(), &policy, time, &Limits::default())
}

/// A small generator with a fixed seed (xorshift64*): the same files on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let place = dice.below(bytes.len());
    match dice.below(6) {
        0 => bytes[place] ^= 1 << dice.below(8),
        1 => bytes[place] = b"0123456789<>[]/()R \n"[dice.below(20)],
        2 => {
            let end = (place + 1 + dice.below(40)).min(bytes.len());
            bytes.drain(place..end);
        }
        3 => {
            let end = (place + 1 + dice.below(40)).min(bytes.len());
            let copy = bytes[place..end].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        4 => {
            let end = (place + 1 + dice.below(40)).min(bytes.len());
            let copy = bytes[place..end].to_vec();
            let to = dice.below(bytes.len() - copy.len());
            bytes[to..to + copy.len()].copy_from_slice(&copy);
        }
        _ => bytes.truncate(place.max(1)),
    }
}

#[test]
fn damage_never_passes_for_valid_and_never_panics() {
    let files = [signed(None).bytes, sealed(signed(Some(2))).bytes];
    let mut dice = Dice(0x5eed_2026_0205_0956);
    let mut reported = 0;
    for round in 0..3_000 {
        let original = &files[round % files.len()];
        let mut bytes = original.clone();
        for _ in 0..=dice.below(3) {
            damage(&mut bytes, &mut dice);
        }
        let Ok(report) = judge(&bytes) else { continue };
        reported += 1;
        if report.verdict == Verdict::Valid {
            assert!(harmless(original, &bytes), "round {round}: valid although a signed byte changed");
        }
    }
    assert!(reported > 300, "only {reported} damaged files could be read at all");
}

/// Valid may be: what is the same, the padding of a signature value spelled differently, or an
/// earlier revision of the file by itself.
fn harmless(original: &[u8], bytes: &[u8]) -> bool {
    let covered = |bytes: &[u8]| {
        // Everything but hexadecimal strings as long as a signature value.
        let mut rest = bytes.to_vec();
        let mut at = 0;
        while let Some(open) = rest[at..].iter().position(|byte| *byte == b'<').map(|place| at + place) {
            match rest[open..].iter().position(|byte| *byte == b'>') {
                Some(length) if length > 4_000 => {
                    rest.drain(open..open + length);
                    at = open;
                }
                _ => at = open + 1,
            }
        }
        rest
    };
    let (before, after) = (covered(original), covered(bytes));
    before.starts_with(&after)
        || after.strip_prefix(before.as_slice()).is_some_and(<[u8]>::is_empty)
        || after.starts_with(&before) && after[before.len()..].iter().all(u8::is_ascii_whitespace)
}
