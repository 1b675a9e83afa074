//! Use cases: what the server does, without HTTP words. One file per resource, named as in `api`.

pub mod failure;
