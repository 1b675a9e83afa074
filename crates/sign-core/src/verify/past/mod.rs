//! Judging the past (EN 319 102-1 clause 5.6.2): what was true when something is proven to have existed.
//!
//! | clause | building block | here |
//! |---|---|---|
//! | 5.6.2.1 | past certificate validation | `super::chain`: the path as it stood at the proven time, then sliding along it |
//! | 5.6.2.2 | validation time sliding | [`sliding`] |
//! | 5.6.2.3 | extraction of proofs of existence | [`proof`] |
//! | 5.6.2.4 | past signature validation | `super::signature`: the same facts, asked for the proven time |
//!
//! There is one procedure and not two: without a proof a signature exists when it is judged, and judging
//! the past at that time is what the standard calls basic validation (clause 5.3).

mod proof;
mod sliding;

pub(super) use proof::{Proof, Proofs};
pub(super) use sliding::{Existence, Note, NoteKind, Slid, slide};
