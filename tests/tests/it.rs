//! Every test that crosses a crate border, in one binary: the shape of the workspace, the documents'
//! examples, and what other people's programs say about our files. What one crate can test alone is
//! tested in that crate.
// All of this is test code: a failed expectation is a failed test, and tables are printed for people.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod algorithms;
mod attacks;
mod batch;
mod child;
mod clippy_bans;
mod conformance;
mod console;
mod corpus;
mod crate_edges;
mod diff;
mod encrypted;
mod endpoints;
mod fixtures;
mod floors;
mod fuzzed;
mod geometry;
mod help_examples;
mod hostile;
mod interop;
mod keys;
mod legal;
mod licences;
mod long_term;
mod mutations;
mod peers;
mod pitfalls;
mod pkits;
mod properties;
mod readme;
mod remote_keys;
mod repair;
mod reports;
mod revocation;
mod round_trip;
mod seed_values;
mod shadow;
mod softhsm;
mod time_stamps;
mod tokens;
mod validation;
mod workspace;
