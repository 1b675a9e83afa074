//! The result's shape: plain data, the same from library, program and HTTP, and its words.
//!
//! Knows nothing of how a result was found.

mod etsi;
mod html;
pub mod model;
mod paper;
pub mod pictures;
mod reading;
#[cfg(test)]
mod sample;
mod sheet;
mod text;
pub mod words;
