//! What an official document is made of: kind, urgency, secrecy, recipients, files, signatures found in them.

use serde::{Deserialize, Serialize};

use crate::certificate::SignerClass;
use crate::date::{Date, Instant};
use crate::id::{PersonId, Sha256Hex};
use crate::organ::OrganId;

/// The 29 kinds of administrative document (NĐ 30/2020 Điều 7; abbreviations of Phụ lục III).
///
/// Abbreviations are compared exactly, with case and diacritics: `QC` is not `QyĐ`, `ĐA` is not `DA`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each variant is the kind's Vietnamese name; `name` spells it with diacritics"
)]
pub enum DocumentType {
    NghiQuyet,
    QuyetDinh,
    ChiThi,
    QuyChe,
    QuyDinh,
    ThongCao,
    ThongBao,
    HuongDan,
    ChuongTrinh,
    KeHoach,
    PhuongAn,
    DeAn,
    DuAn,
    BaoCao,
    BienBan,
    ToTrinh,
    HopDong,
    CongVan,
    CongDien,
    BanGhiNho,
    BanThoaThuan,
    GiayUyQuyen,
    GiayMoi,
    GiayGioiThieu,
    GiayNghiPhep,
    PhieuGui,
    PhieuChuyen,
    PhieuBao,
    ThuCong,
}

/// Kind, abbreviation, name, number in group B of the edXML table of kinds (SĐ1:2022 QCVN 102:2016), if listed.
const KINDS: [(DocumentType, Option<&str>, &str, Option<u8>); 29] = [
    (DocumentType::NghiQuyet, Some("NQ"), "Nghị quyết", Some(1)),
    (DocumentType::QuyetDinh, Some("QĐ"), "Quyết định", Some(2)),
    (DocumentType::ChiThi, Some("CT"), "Chỉ thị", Some(3)),
    (DocumentType::QuyChe, Some("QC"), "Quy chế", Some(4)),
    (DocumentType::QuyDinh, Some("QyĐ"), "Quy định", Some(5)),
    (DocumentType::ThongCao, Some("TC"), "Thông cáo", Some(6)),
    (DocumentType::ThongBao, Some("TB"), "Thông báo", Some(7)),
    (DocumentType::HuongDan, Some("HD"), "Hướng dẫn", Some(8)),
    (DocumentType::ChuongTrinh, Some("CTr"), "Chương trình", Some(9)),
    (DocumentType::KeHoach, Some("KH"), "Kế hoạch", Some(10)),
    (DocumentType::PhuongAn, Some("PA"), "Phương án", Some(11)),
    (DocumentType::DeAn, Some("ĐA"), "Đề án", Some(12)),
    (DocumentType::DuAn, Some("DA"), "Dự án", Some(13)),
    (DocumentType::BaoCao, Some("BC"), "Báo cáo", Some(14)),
    (DocumentType::BienBan, Some("BB"), "Biên bản", Some(15)),
    (DocumentType::ToTrinh, Some("TTr"), "Tờ trình", Some(16)),
    (DocumentType::HopDong, Some("HĐ"), "Hợp đồng", Some(17)),
    (DocumentType::CongVan, None, "Công văn", Some(18)),
    (DocumentType::CongDien, Some("CĐ"), "Công điện", Some(19)),
    (DocumentType::BanGhiNho, Some("BGN"), "Bản ghi nhớ", Some(20)),
    (DocumentType::BanThoaThuan, Some("BTT"), "Bản thỏa thuận", Some(22)),
    (DocumentType::GiayUyQuyen, Some("GUQ"), "Giấy ủy quyền", Some(24)),
    (DocumentType::GiayMoi, Some("GM"), "Giấy mời", Some(25)),
    (DocumentType::GiayGioiThieu, Some("GGT"), "Giấy giới thiệu", Some(26)),
    (DocumentType::GiayNghiPhep, Some("GNP"), "Giấy nghỉ phép", None),
    (DocumentType::PhieuGui, Some("PG"), "Phiếu gửi", None),
    (DocumentType::PhieuChuyen, Some("PC"), "Phiếu chuyển", None),
    (DocumentType::PhieuBao, Some("PB"), "Phiếu báo", None),
    (DocumentType::ThuCong, None, "Thư công", None),
];

impl DocumentType {
    /// All kinds, in the order of Điều 7.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|kind| kind.0)
    }

    fn row(self) -> Option<&'static (Self, Option<&'static str>, &'static str, Option<u8>)> {
        KINDS.iter().find(|kind| kind.0 == self)
    }

    /// The abbreviation of Phụ lục III; công văn and thư công have none (`CV` is everyday speech only).
    pub fn abbreviation(self) -> Option<&'static str> {
        self.row().and_then(|kind| kind.1)
    }

    /// The name with diacritics, as printed on the document.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |kind| kind.2)
    }

    /// The kind with this abbreviation, compared exactly.
    pub fn from_abbreviation(text: &str) -> Option<Self> {
        KINDS.iter().find(|kind| kind.1 == Some(text)).map(|kind| kind.0)
    }

    /// The kind with this name, whatever the case of its letters.
    pub fn from_name(text: &str) -> Option<Self> {
        let wanted = text.trim().to_lowercase();
        KINDS.iter().find(|kind| kind.2.to_lowercase() == wanted).map(|kind| kind.0)
    }

    /// `TypeDetail` of edXML: the number in the group of administrative documents; none if not listed.
    pub fn edxml_number(self) -> Option<u8> {
        self.row().and_then(|kind| kind.3)
    }
}

/// Degree of urgency (NĐ 30/2020 Phụ lục I, ô 10b; the last one is edXML's).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Thường.
    #[default]
    Normal,
    /// Khẩn.
    Urgent,
    /// Thượng khẩn.
    VeryUrgent,
    /// Hỏa tốc.
    Express,
    /// Hỏa tốc hẹn giờ.
    ExpressAtTime,
}

impl Priority {
    const ALL: [Self; 5] = [Self::Normal, Self::Urgent, Self::VeryUrgent, Self::Express, Self::ExpressAtTime];

    /// The number edXML uses, 0 to 4.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The degree with edXML's number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Its name in Vietnamese.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "Thường",
            Self::Urgent => "Khẩn",
            Self::VeryUrgent => "Thượng khẩn",
            Self::Express => "Hỏa tốc",
            Self::ExpressAtTime => "Hỏa tốc hẹn giờ",
        }
    }
}

/// Degree of secrecy (Phụ lục I, ô 10a). Anything but [`Secrecy::None`] may not enter an open network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// Not secret.
    #[default]
    None,
    /// Mật.
    Secret,
    /// Tối mật.
    TopSecret,
    /// Tuyệt mật.
    UtmostSecret,
}

impl Secrecy {
    /// Its name in Vietnamese; empty if not secret.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Secret => "Mật",
            Self::TopSecret => "Tối mật",
            Self::UtmostSecret => "Tuyệt mật",
        }
    }
}

/// One organisation a document is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Its code, as the drafter gave it.
    pub organ: OrganId,
    /// Its name, for people to read.
    pub name: String,
}

/// The document another one answers (edXML `ResponseFor`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseFor {
    /// Its issuer.
    pub organ: OrganId,
    /// Its number and symbol, as `7/SNV-VP`.
    pub code: String,
    /// Its edXML document identifier; opaque.
    #[serde(default)]
    pub document_id: String,
    /// Its date.
    #[serde(default)]
    pub date: Option<Date>,
}

/// Who signs, in words: the block 7a–7b of Phụ lục I (NĐ 30/2020 Điều 13).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignerTitle {
    /// Authority: `KT. GIÁM ĐỐC`, `TM. …`, `TL. …`, `TUQ. …`, or empty for the head.
    pub competence: String,
    /// Position.
    pub position: String,
    /// Full name.
    pub full_name: String,
}

/// What the drafter declares about an outgoing document (NĐ 30/2020 Điều 8 and 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Kind (tên loại).
    pub kind: DocumentType,
    /// Abstract (trích yếu).
    pub subject: String,
    /// Short content, if it is to be said in the message.
    #[serde(default)]
    pub content: Option<String>,
    /// Urgency.
    #[serde(default)]
    pub priority: Priority,
    /// Secrecy.
    #[serde(default)]
    pub secrecy: Secrecy,
    /// Symbol of the unit that drafted it, as `VP`: the second half of a công văn's symbol.
    #[serde(default)]
    pub drafting_unit: Option<String>,
    /// Main recipients, who get it delivered.
    pub recipients: Vec<Recipient>,
    /// Lines of `Nơi nhận` (ô 9b).
    #[serde(default)]
    pub places: Vec<String>,
    /// Who will sign, in words.
    #[serde(default)]
    pub signer: SignerTitle,
    /// Answer wanted by.
    #[serde(default)]
    pub due_date: Option<Date>,
    /// The documents it answers.
    #[serde(default)]
    pub response_for: Vec<ResponseFor>,
    /// Drafter's initials (ô 12).
    #[serde(default)]
    pub typist: Option<String>,
    /// Number of copies.
    #[serde(default)]
    pub copies: Option<u32>,
    /// Number of pages.
    #[serde(default)]
    pub pages: Option<u32>,
    /// Unit or person that keeps the file copy; none means the office of records (VT).
    #[serde(default)]
    pub kept_by: Option<String>,
}

/// What a file is in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The document itself; exactly one.
    Main,
    /// An appendix in its own file.
    Appendix,
}

/// A file, known by what it contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Name to show; never used as a path.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Hex,
    /// Size in bytes.
    pub size: u64,
    /// Media type, as `application/pdf`.
    pub media_type: String,
    /// What it is in the document.
    pub role: FileRole,
}

/// How much of the file a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of it.
    WholeFile,
    /// All of it as it was when signed; something was appended since.
    WholeRevision,
    /// Not even that.
    Partial,
}

/// One signature as a verifier found it in a file; the words are those of the verification report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureFacts {
    /// Name of the signature field.
    pub field: String,
    /// Whose key made it.
    pub class: SignerClass,
    /// SHA-256 of the signer's certificate.
    pub certificate_sha256: Option<Sha256Hex>,
    /// Signer's name.
    pub signer_name: String,
    /// Signer's organisation.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Whether it holds: integrity, chain, time, and only allowed changes after it.
    pub valid: bool,
    /// Indication of EN 319 102-1: `TOTAL-PASSED`, `TOTAL-FAILED`, `INDETERMINATE`.
    pub indication: String,
    /// How much of the file it covers.
    pub coverage: Coverage,
    /// Best known signing time.
    #[serde(default)]
    pub signed_at: Option<Instant>,
}

/// Who drafted a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafter {
    /// The person, if a person did.
    pub person: Option<PersonId>,
    /// Name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_29_kinds_with_distinct_abbreviations_and_names() {
        let mut short: Vec<_> = DocumentType::all().filter_map(DocumentType::abbreviation).collect();
        let mut names: Vec<_> = DocumentType::all().map(DocumentType::name).collect();
        for list in [&mut short, &mut names] {
            list.sort_unstable();
            list.dedup();
        }
        assert_eq!((short.len(), names.len()), (27, 29));
    }

    #[test]
    fn abbreviations_are_told_apart_by_case_and_diacritics() {
        assert_eq!(DocumentType::from_abbreviation("QyĐ"), Some(DocumentType::QuyDinh));
        assert_eq!(DocumentType::from_abbreviation("QC"), Some(DocumentType::QuyChe));
        assert_eq!(DocumentType::from_abbreviation("DA"), Some(DocumentType::DuAn));
        assert_eq!(DocumentType::from_abbreviation("ĐA"), Some(DocumentType::DeAn));
        for none in ["CV", "qđ", "QD", "ctr", ""] {
            assert_eq!(DocumentType::from_abbreviation(none), None, "{none}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_own_name() {
        for kind in DocumentType::all() {
            assert_eq!(DocumentType::from_name(&kind.name().to_uppercase()), Some(kind));
        }
    }

    #[test]
    fn priorities_have_the_numbers_of_edxml() {
        assert_eq!(Priority::from_number(3), Some(Priority::Express));
        assert_eq!(Priority::from_number(5), None);
        assert!((0..5).all(|n| Priority::from_number(n).unwrap().number() == n));
    }
}
