//! The procedures of ETSI EN 319 102-1: facts are gathered, then [`conclude`] judges them.

pub mod conclude;
