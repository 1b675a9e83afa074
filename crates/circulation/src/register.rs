//! Registers of outgoing and incoming documents: sequences, numbers, symbols, rows
//! (NĐ 30/2020 Điều 15, 16, 22; Phụ lục III and IV). Storing them gap-free is the store's work; what the next
//! number is and how it is written is decided here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::document::{DocumentType, Metadata};
use crate::organ::{OrganId, Organisation};

/// Which book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterKind {
    /// Sổ đăng ký văn bản đi.
    Outgoing,
    /// Sổ đăng ký văn bản đến.
    Incoming,
}

impl RegisterKind {
    /// `outgoing` or `incoming`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outgoing => "outgoing",
            Self::Incoming => "incoming",
        }
    }
}

/// How administrative documents are numbered; the head of the organisation rules (Điều 15).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SequencePolicy {
    /// One sequence for all kinds.
    #[default]
    Common,
    /// A sequence for each kind.
    PerType,
}

/// A sequence of numbers, which starts at 1 each year (Điều 15). Unique: organisation, year, book, sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegisterKey {
    /// Whose book.
    pub organ: OrganId,
    /// The year, in Viet Nam.
    pub year: i32,
    /// Which book.
    pub kind: RegisterKind,
    /// `common`, or the abbreviation of the kind (`cong_van`, `thu_cong` for those without).
    pub sequence: String,
}

impl RegisterKey {
    /// The sequence that numbers outgoing documents of `document` kind.
    pub fn outgoing(organ: &OrganId, year: i32, policy: SequencePolicy, document: DocumentType) -> Self {
        let sequence = match (policy, document.abbreviation(), document) {
            (SequencePolicy::Common, ..) => "common",
            (SequencePolicy::PerType, Some(short), _) => short,
            (SequencePolicy::PerType, None, DocumentType::ThuCong) => "thu_cong",
            (SequencePolicy::PerType, None, _) => "cong_van",
        };
        Self { organ: organ.clone(), year, kind: RegisterKind::Outgoing, sequence: sequence.to_owned() }
    }

    /// The sequence of incoming numbers, one for paper and electronic documents (Điều 22).
    pub fn incoming(organ: &OrganId, year: i32) -> Self {
        Self { organ: organ.clone(), year, kind: RegisterKind::Incoming, sequence: "common".to_owned() }
    }
}

/// Where a sequence stands, as the store reads it in the transaction that will append the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterFacts {
    /// Which sequence.
    pub key: RegisterKey,
    /// The last number given; 0 if none yet.
    pub last_number: u32,
    /// The day the last number was given.
    #[serde(default)]
    pub last_date: Option<Date>,
}

impl RegisterFacts {
    /// A sequence nobody has used yet.
    pub fn empty(key: RegisterKey) -> Self {
        Self { key, last_number: 0, last_date: None }
    }

    /// The next number; none after 4 294 967 295.
    pub fn next_number(&self) -> Option<u32> {
        self.last_number.checked_add(1)
    }
}

/// A number as written: below 10 with a leading 0 (Phụ lục I, ô 3).
pub fn format_number(number: u32) -> String {
    format!("{number:02}")
}

/// The symbol (ký hiệu): kind and issuer for named kinds (`QĐ-UBND`), issuer and drafting unit for công văn
/// (`UBND-VP`); Phụ lục I, ô 3.
pub fn notation(kind: DocumentType, issuer_symbol: &str, drafting_unit: Option<&str>) -> String {
    match (kind.abbreviation(), drafting_unit.filter(|unit| !unit.is_empty())) {
        (Some(short), _) => format!("{short}-{issuer_symbol}"),
        (None, Some(unit)) => format!("{issuer_symbol}-{unit}"),
        (None, None) => issuer_symbol.to_owned(),
    }
}

/// Number and symbol of an outgoing document. Displays as `05/QĐ-UBND`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DocumentNumber {
    /// The number in its sequence.
    pub number: u32,
    /// The symbol.
    pub notation: String,
}

impl DocumentNumber {
    /// Number `number` for a document of `organisation` with `metadata`.
    pub fn new(number: u32, organisation: &Organisation, metadata: &Metadata) -> Self {
        let unit = metadata.drafting_unit.as_deref();
        Self { number, notation: notation(metadata.kind, &organisation.symbol, unit) }
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{}", self.number, self.notation)
    }
}

/// A row of the register of outgoing documents: the ten columns of Phụ lục IV, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingRow {
    /// 1 Số, ký hiệu văn bản.
    pub code: String,
    /// 2 Ngày tháng văn bản.
    pub date: Date,
    /// 3 Tên loại và trích yếu nội dung.
    pub title: String,
    /// 4 Người ký.
    pub signer: String,
    /// 5 Nơi nhận văn bản.
    pub recipients: String,
    /// 6 Đơn vị, người nhận bản lưu.
    pub kept_by: String,
    /// 7 Số lượng bản.
    pub copies: u32,
    /// 8 Ngày chuyển; empty until dispatched.
    pub sent_on: Option<Date>,
    /// 9 Ký nhận: who received it and when, one line each.
    pub received_by: String,
    /// 10 Ghi chú.
    pub note: String,
}

/// A row of the register of incoming documents: the ten columns of Phụ lục IV, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingRow {
    /// 1 Ngày đến.
    pub arrived_on: Date,
    /// 2 Số đến.
    pub number: u32,
    /// 3 Tác giả.
    pub author: String,
    /// 4 Số, ký hiệu văn bản.
    pub code: String,
    /// 5 Ngày tháng văn bản.
    pub date: Option<Date>,
    /// 6 Tên loại và trích yếu nội dung.
    pub title: String,
    /// 7 Đơn vị hoặc người nhận.
    pub assigned_to: String,
    /// 8 Ngày chuyển.
    pub passed_on: Option<Date>,
    /// 9 Ký nhận.
    pub received_by: String,
    /// 10 Ghi chú.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organ() -> OrganId {
        "H40.01".parse().unwrap()
    }

    #[test]
    fn numbers_below_ten_carry_a_leading_zero() {
        let written = [1, 9, 10, 123].map(format_number);
        assert_eq!(written, ["01", "09", "10", "123"]);
    }

    #[test]
    fn a_decision_names_its_kind_and_a_letter_its_unit() {
        assert_eq!(notation(DocumentType::QuyetDinh, "UBND", Some("VP")), "QĐ-UBND");
        assert_eq!(notation(DocumentType::CongVan, "UBND", Some("VP")), "UBND-VP");
        assert_eq!(notation(DocumentType::CongVan, "UBND", None), "UBND");
        let number = DocumentNumber { number: 5, notation: "QĐ-UBND".to_owned() };
        assert_eq!(number.to_string(), "05/QĐ-UBND");
    }

    #[test]
    fn kinds_share_a_sequence_only_where_the_head_ruled_so() {
        let of = |policy, kind| RegisterKey::outgoing(&organ(), 2024, policy, kind);
        let (common, per_type) = (SequencePolicy::Common, SequencePolicy::PerType);
        assert_eq!(of(common, DocumentType::QuyetDinh), of(common, DocumentType::ChiThi));
        let mut keys: Vec<_> = DocumentType::all().map(|kind| of(per_type, kind)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 29);
    }

    #[test]
    fn sequences_start_again_each_year() {
        let (old, new) = (RegisterKey::incoming(&organ(), 2024), RegisterKey::incoming(&organ(), 2025));
        assert_ne!(old, new);
        assert_eq!(RegisterFacts::empty(new).next_number(), Some(1));
    }
}
