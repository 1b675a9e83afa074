//! Use cases: what the server does, without HTTP words. One file per resource, named as in `api`.

pub mod api_keys;
pub mod certificates;
pub mod commands;
pub mod courier;
pub mod deliveries;
pub mod documents;
pub mod exchange;
pub mod extend;
pub mod failure;
pub mod flow;
pub mod keys;
pub mod memory;
pub mod offices;
pub mod organisations;
pub mod papers;
pub mod people;
pub mod pins;
pub mod prepared;
pub mod registers;
pub mod sign;
pub mod timeline;
pub mod tokens;
pub mod trust;
pub mod verify;
