//! Signs and verifies PDF documents (PAdES, ETSI EN 319 142-1) for official correspondence.
//!
//! Bytes, certificates, evidence and the time come in as arguments; reports and appended bytes
//! come out. Nothing in here reads a clock, a file or a socket: that is `sign-io`'s job.
//!
//! Modules stand on floors; a module imports only from lower ones (the test `floors` reads the
//! imports from the source):
//!
//! | floor | modules |
//! |---|---|
//! | 8 | [`verify`] · [`sign`] |
//! | 7 | [`report`] |
//! | 6 | [`policy`] |
//! | 5 | [`pades`] · [`trust`] |
//! | 4 | [`cms`] |
//! | 3 | [`x509`] |
//! | 2 | [`crypto`] |
//! | 1 | [`pdf`] |
//! | 0 | [`error`] · [`limits`] · [`time`] · [`verdict`] · [`source`] |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

pub mod cms;
pub mod crypto;
pub mod error;
pub mod limits;
pub mod pades;
pub mod pdf;
pub mod policy;
pub mod report;
pub mod sign;
pub mod source;
pub mod time;
pub mod trust;
pub mod verdict;
pub mod verify;
pub mod x509;
