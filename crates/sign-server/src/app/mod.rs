//! Use cases: what the server does, without HTTP words. One file per resource, named as in `api`.

pub mod api_keys;
pub mod certificates;
pub mod failure;
pub mod keys;
pub mod offices;
pub mod organisations;
pub mod people;
pub mod registers;
pub mod trust;
