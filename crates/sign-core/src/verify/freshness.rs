//! Revocation freshness (EN 319 102-1 clause 5.2.5): for which times evidence is asked so that what it says holds
//! for something that existed at a proven time.
//!
//! Evidence made later than the proven time is best: it would tell what was taken back by then. Evidence that
//! was still good at the proven time is accepted too.

use super::context::Context;
use crate::time::Time;

/// Times at which evidence is tried for one certificate.
const MOST_TIMES: usize = 8;

/// The time of judgement, then those of evidence made between it and the proven time, newest first, then the
/// proven time itself.
pub(super) fn times(context: &Context<'_>, proven: Option<Time>) -> Vec<Time> {
    let mut times = vec![context.at];
    if let Some(proven) = proven {
        let evidence = &context.evidence.all;
        let lists = evidence.crls().iter().map(|held| held.item.this_update());
        let answers = evidence.responses().iter().map(|held| held.item.produced_at());
        let mut made: Vec<Time> =
            lists.chain(answers).filter(|made| (proven..=context.at).contains(made)).collect();
        made.sort_unstable_by(|a, b| b.cmp(a));
        made.dedup();
        times.extend(made.into_iter().take(MOST_TIMES - 2));
        times.push(proven);
    }
    times
}
