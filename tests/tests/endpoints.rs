//! The server from outside: every refusal with its status and code, repeats, the exchange between two
//! servers, and what must never be in a log.

mod crash;
mod demo;
mod exchange;
mod log;
mod long_term;
mod numbers;
mod office;
mod prepared;
mod process;
mod refusals;
mod repeats;
mod reports;
mod tokens;
