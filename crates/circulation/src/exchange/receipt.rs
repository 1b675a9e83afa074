//! The answer to a message that arrived. It is stored with the message, so that a repeat gets the same bytes.

use serde::{Deserialize, Serialize};

use crate::date::Instant;
use crate::id::{MessageId, Sha256Hex};
use crate::organ::OrganId;

/// Whether a message was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is stored; the clerk will see it (status 01 follows).
    Accepted,
    /// It is not, and sending it again will not help.
    Refused {
        /// Stable code of the refusal.
        code: String,
        /// The problem in words.
        problem: String,
    },
}

/// What the receiving server states about one message (EN 319 522: relay acceptance or rejection).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub message: MessageId,
    /// SHA-256 of the bytes that arrived.
    pub sha256: Sha256Hex,
    /// Who received it.
    pub receiver: OrganId,
    /// When.
    pub received_at: Instant,
    /// Whether it was taken.
    #[serde(flatten)]
    pub outcome: Outcome,
}
