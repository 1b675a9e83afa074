//! The result's shape: plain data, the same from library, program and HTTP.
//!
//! Knows nothing of how a result was found.

pub mod model;
