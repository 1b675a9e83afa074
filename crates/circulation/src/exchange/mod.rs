//! How documents travel between organisations (QCVN 102:2016/BTTTT): messages, statuses, receipts, edXML.
//! Sending them is the server's work; here is what they say.

pub mod compose;
pub mod edxml;
pub mod message;
pub mod receipt;
pub mod status;
