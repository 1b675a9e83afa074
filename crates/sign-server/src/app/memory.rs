//! A document whose bytes are in memory, borrowed.

use sign_core::source::{Source, SourceError};

/// The bytes of one document.
#[derive(Clone, Copy)]
pub struct InMemory<'b>(pub &'b [u8]);

impl Source for InMemory<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, buffer)
    }
}
