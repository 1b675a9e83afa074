//! What new PAdES implementers get wrong, one test for each point: how our signatures must be written.
//!
//! What a verifier must refuse is tested in sign-core, beside the code that refuses it.

mod files;
pub(crate) mod made;
pub(crate) mod table;
pub(crate) mod written;
