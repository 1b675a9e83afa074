//! The result's shape: plain data, the same from library, program and HTTP, and its words.
//!
//! Knows nothing of how a result was found.

pub mod model;
mod text;
pub mod words;
