//! edXML, the written form of messages (QCVN 102:2016/BTTTT; element names and order of the official Java SDK).
//!
//! Written strictly, read in any order. What is read is hostile: no DOCTYPE, no entities, bounded in every
//! direction. Compressed attachments, SOAP wrappers and the XML signature are not handled here; the legal
//! signatures are in the PDF.

mod error;
mod name;
mod read;
mod tree;
mod write;

pub use error::EdxmlError;
pub use name::safe_name;
pub use read::{Note, Package, Parsed, read};
pub use write::{write_message, write_status};

/// The namespace of QCVN 102:2016.
pub const NAMESPACE: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// How much of a package is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdxmlLimits {
    /// Bytes of the whole package.
    pub package_bytes: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
    /// Bytes of text in one element, other than an attachment's content.
    pub text_bytes: usize,
    /// Attachments.
    pub attachments: usize,
    /// Bytes of one attachment, decoded.
    pub attachment_bytes: usize,
}

impl Default for EdxmlLimits {
    fn default() -> Self {
        Self {
            package_bytes: 100 << 20,
            depth: 24,
            elements: 20_000,
            text_bytes: 64 << 10,
            attachments: 50,
            attachment_bytes: 64 << 20,
        }
    }
}

#[cfg(test)]
mod tests;
