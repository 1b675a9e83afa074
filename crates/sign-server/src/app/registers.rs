//! The books of outgoing and incoming documents (NĐ 30/2020 Phụ lục IV).

use super::failure::Failure;
use crate::state::State;
use circulation::{
    organ::OrganId,
    register::{IncomingRow, OutgoingRow, RegisterKind},
};
use circulation_store::{RegisterEntry, RegisterPage};
use serde::{Deserialize, Serialize};

const LONGEST_PAGE: u32 = 500;

/// Which lines to read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// One sequence of numbers; all if absent.
    pub sequence: Option<String>,
    /// Sequence and number of the last line seen, as in `common:12`.
    pub after: Option<String>,
    /// How many, at most 500.
    pub count: Option<u32>,
}

/// A line.
#[derive(Debug, Serialize)]
pub struct Line<Row> {
    sequence: String,
    number: u32,
    document: String,
    /// The ten columns; none while a number is given and the line not written yet.
    row: Option<Row>,
}

/// Lines of one of the two books.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Lines {
    /// Of outgoing documents.
    Outgoing(Vec<Line<OutgoingRow>>),
    /// Of incoming documents.
    Incoming(Vec<Line<IncomingRow>>),
}

/// Reads a part of a book.
///
/// # Errors
/// From the store.
pub async fn read(
    state: &State,
    organ: OrganId,
    kind: RegisterKind,
    year: i32,
    part: Part,
) -> Result<Lines, Failure> {
    let after = part.after.as_deref().map(|text| {
        let split = text.rsplit_once(':').and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
        split.ok_or_else(|| Failure::malformed("after: SEQUENCE:NUMBER"))
    });
    let after: Option<(String, u32)> = after.transpose()?;
    state
        .store(move |store| {
            let page = RegisterPage {
                year,
                sequence: part.sequence.as_deref(),
                after: after.as_ref().map(|(name, number)| (name.as_str(), *number)),
                count: part.count.unwrap_or(100).min(LONGEST_PAGE),
            };
            Ok(match kind {
                RegisterKind::Outgoing => {
                    Lines::Outgoing(store.outgoing_register(&organ, page)?.into_iter().map(line).collect())
                }
                RegisterKind::Incoming => {
                    Lines::Incoming(store.incoming_register(&organ, page)?.into_iter().map(line).collect())
                }
            })
        })
        .await
}

fn line<Row>(entry: RegisterEntry<Row>) -> Line<Row> {
    Line {
        sequence: entry.sequence,
        number: entry.number,
        document: entry.dossier.to_string(),
        row: entry.row,
    }
}
