//! HTTP server for signing, verifying and circulating official documents.
//!
//! `api` (thin: parse, authorise, answer) calls `app` (use cases, no HTTP words) calls the crates
//! below. Status codes exist in `error` only; outside requests, `worker` delivers messages.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
pub mod app;
pub mod auth;
pub mod config;
pub mod cpu;
pub mod demo;
pub mod error;
pub mod secret;
pub mod serve;
pub mod state;
pub mod words;
pub mod worker;
