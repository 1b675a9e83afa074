//! The words for the facts of a report: one function for each kind of fact, whatever page or file
//! shows them.

use super::{Lang, ca_class, printable};
use crate::report::model::{
    ChangeLevel, Coverage, DigestCheck, Kind, Report, Revocation, SignatureCheck, SignatureReport,
    SignerClass,
};
use crate::time::{Time, VIETNAM};
use crate::verdict::{Indication, SubIndication};
use std::fmt;

/// Appended to a signature's name; nothing for an ordinary one.
pub(in crate::report) fn kind_words(kind: Kind, lang: Lang) -> &'static str {
    match kind {
        Kind::Approval => "",
        Kind::Certification => lang.pick(", chứng nhận", ", certifies"),
        Kind::DocumentTimestamp => lang.pick(", dấu thời gian", ", time stamp"),
    }
}

/// The main status, with the standard's reason behind it.
pub(in crate::report) fn indication_words(signature: &SignatureReport, lang: Lang) -> String {
    let main = status_words(signature.indication, lang);
    match signature.sub_indication {
        Some(sub_indication) => format!("{main} [{}]", StandardName(sub_indication)),
        None => main.to_owned(),
    }
}

/// The main status alone.
pub(in crate::report) fn status_words(indication: Indication, lang: Lang) -> &'static str {
    match indication {
        Indication::TotalPassed => lang.pick("HỢP LỆ", "VALID"),
        Indication::TotalFailed => lang.pick("KHÔNG HỢP LỆ", "INVALID"),
        Indication::Indeterminate => lang.pick("CHƯA KẾT LUẬN ĐƯỢC", "UNDECIDED"),
    }
}

/// A sub-indication in the standard's own spelling, from its one source: how it is serialised.
pub(in crate::report) struct StandardName(pub(in crate::report) SubIndication);

impl fmt::Display for StandardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde::Serialize::serialize(&self.0, f)
    }
}

/// When, and by whose word.
pub(in crate::report) fn time_words(signature: &SignatureReport, lang: Lang) -> String {
    match (signature.time.timestamp, signature.time.claimed) {
        (Some(proven), _) => {
            let tsa = signature.time.tsa.as_deref().map(|tsa| format!(": {}", printable(tsa)));
            let stamp = lang.pick("dấu thời gian", "time stamp");
            format!("{} ({stamp}{})", moment(proven.in_offset(VIETNAM)), tsa.unwrap_or_default())
        }
        (None, Some(claimed)) => {
            let by =
                lang.pick("do người ký khai, không có dấu thời gian", "the signer's claim, no time stamp");
            format!("{} ({by})", moment(claimed))
        }
        (None, None) => lang.pick("không ghi", "not stated").to_owned(),
    }
}

/// Validity at the time of signing, as far as that time is proven.
pub(in crate::report) fn validity_words(signature: &SignatureReport, lang: Lang) -> &'static str {
    let open = matches!(signature.trust.revocation, Revocation::NotChecked | Revocation::Unknown);
    match (signature.indication, signature.time.timestamp, open) {
        (Indication::TotalPassed, Some(_), false) => {
            lang.pick("hợp lệ tại thời điểm của dấu thời gian", "valid at the time of the time stamp")
        }
        (Indication::TotalPassed, Some(_), true) => lang.pick(
            "hợp lệ tại thời điểm của dấu thời gian, nhưng CHƯA kiểm tra thu hồi",
            "valid at the time of the time stamp, but revocation was NOT checked",
        ),
        (Indication::TotalPassed, None, false) => lang.pick(
            "hợp lệ khi kiểm tra; thời điểm ký chưa được chứng minh",
            "valid when it was checked; the time of signing is not proven",
        ),
        (Indication::TotalPassed, None, true) => lang.pick(
            "CHƯA kiểm tra thu hồi; thời điểm ký chưa được chứng minh",
            "revocation was NOT checked; the time of signing is not proven",
        ),
        (Indication::TotalFailed, ..) => lang.pick("KHÔNG hợp lệ", "NOT valid"),
        (Indication::Indeterminate, ..) => lang.pick("CHƯA xác nhận được", "NOT established"),
    }
}

/// ` (page 1, box 60, 700 – 150, 718)`: points from the lower left corner, as a ruler would have it.
pub(in crate::report) fn place_words(page: u64, rect: Option<[f64; 4]>, lang: Lang) -> String {
    let page = format!("{} {page}", lang.pick("trang", "page"));
    match rect {
        Some([left, bottom, right, top]) => {
            let at = lang.pick("ô", "box");
            format!(" ({page}, {at} {left:.0}, {bottom:.0} – {right:.0}, {top:.0})")
        }
        None => format!(" ({page})"),
    }
}

/// Bytes and mathematics.
pub(in crate::report) fn integrity_words(signature: &SignatureReport, lang: Lang) -> &'static str {
    match (signature.integrity.digest, signature.integrity.signature) {
        (DigestCheck::Mismatch, _) => {
            lang.pick("NỘI DUNG ĐƯỢC KÝ ĐÃ BỊ SỬA", "THE SIGNED CONTENT WAS CHANGED")
        }
        (_, SignatureCheck::Bad) => lang.pick("GIÁ TRỊ CHỮ KÝ SAI", "THE SIGNATURE VALUE IS WRONG"),
        (DigestCheck::Ok, SignatureCheck::Ok) => {
            lang.pick("nội dung được ký còn nguyên vẹn", "the signed content is intact")
        }
        _ => lang.pick("chưa kiểm tra được", "could not be checked"),
    }
}

/// How much of the file is signed.
pub(in crate::report) fn coverage_words(coverage: Coverage, lang: Lang) -> &'static str {
    match coverage {
        Coverage::WholeFile => lang.pick("toàn bộ tệp", "the whole file"),
        Coverage::WholeRevision => lang.pick(
            "tệp lúc ký; sau đó tệp được lưu thêm",
            "the file as it was then; it was saved again later",
        ),
        Coverage::Partial => lang.pick("CHỈ MỘT PHẦN tệp", "ONLY A PART of the file"),
    }
}

/// What came later, and whether it may.
pub(in crate::report) fn changes_words(signature: &SignatureReport, lang: Lang) -> String {
    let level = match signature.changes.level {
        ChangeLevel::None => return lang.pick("không có", "nothing").to_owned(),
        ChangeLevel::Lta => lang.pick("dữ liệu xác minh lâu dài", "long-term evidence"),
        ChangeLevel::FormFilling => lang.pick("điền biểu mẫu, ký thêm", "form filling, further signatures"),
        ChangeLevel::Annotations => lang.pick("chú thích", "annotations"),
        ChangeLevel::Other => lang.pick("nội dung văn bản", "the document itself"),
    };
    let allowed = if signature.changes.allowed {
        lang.pick("được phép", "allowed")
    } else {
        lang.pick("KHÔNG ĐƯỢC PHÉP", "NOT ALLOWED")
    };
    format!("{level} ({allowed})")
}

/// Root and status.
pub(in crate::report) fn trust_words(signature: &SignatureReport, lang: Lang) -> String {
    let anchor = match &signature.trust.anchor {
        Some(name) => format!("{} {}", lang.pick("tới gốc", "leads to"), printable(name)),
        None => lang.pick("không tới gốc tin cậy nào", "leads to no trusted root").to_owned(),
    };
    let status = match signature.trust.revocation {
        Revocation::Good => lang.pick("chưa bị thu hồi", "not revoked"),
        Revocation::Revoked => lang.pick("ĐÃ BỊ THU HỒI", "REVOKED"),
        Revocation::Unknown => lang.pick("không rõ tình trạng thu hồi", "revocation status unknown"),
        Revocation::NotChecked => lang.pick("CHƯA kiểm tra thu hồi", "revocation NOT checked"),
    };
    format!("{anchor}; {status}")
}

/// A piece of evidence and where it came from, out of `crl, dss`.
pub(in crate::report) fn source_words(source: &str, lang: Lang) -> String {
    let word = |part: &str| match part.trim() {
        "crl" => lang.pick("danh sách thu hồi (CRL)", "revocation list (CRL)").to_owned(),
        "ocsp" => lang.pick("câu trả lời OCSP", "OCSP response").to_owned(),
        "cms" => lang.pick("kèm trong chữ ký", "inside the signature").to_owned(),
        "adobe_attribute" => {
            lang.pick("kèm trong chữ ký kiểu Adobe", "inside the signature, Adobe's way").to_owned()
        }
        "dss" => lang.pick("kèm trong tệp (DSS)", "inside the file (DSS)").to_owned(),
        "given" => lang.pick("do người kiểm tra đưa vào", "given by the verifier").to_owned(),
        "fetched" => lang.pick("lấy từ nơi cấp", "fetched from the authority").to_owned(),
        other => printable(other),
    };
    source.split(',').map(word).collect::<Vec<_>>().join(", ")
}

/// Digest, signature, key.
pub(in crate::report) fn algorithm_words(signature: &SignatureReport, lang: Lang) -> String {
    let facts = &signature.algorithm;
    let name = |value: &Option<String>| value.as_deref().map_or("?".to_owned(), printable);
    let bits = facts.key_bits.map(|bits| format!(" {bits} bit")).unwrap_or_default();
    let weak = if facts.acceptable {
        ""
    } else {
        lang.pick(" (KHÔNG được chấp nhận)", " (NOT acceptable)")
    };
    format!("{} + {}{bits}{weak}", name(&facts.digest), name(&facts.signature))
}

/// What kind of evidence is missing; its subject follows.
pub(in crate::report) fn wanted_words(kind: &str, lang: Lang) -> &'static str {
    match kind {
        "anchor" => lang.pick("chứng thư số gốc tin cậy của", "the trusted root of"),
        "issuer_certificate" => lang.pick("chứng thư số của nơi cấp", "the issuer's certificate"),
        "revocation" => {
            lang.pick("tình trạng thu hồi (OCSP, CRL) của", "the revocation status (OCSP, CRL) of")
        }
        _ => lang.pick("bằng chứng về", "evidence about"),
    }
}

/// `05/02/2026 09:56:34 +07:00`: the order of a Vietnamese date, unambiguous with its year and zone.
pub(in crate::report) fn moment(time: Time) -> String {
    let parts = time.parts();
    let text = time.to_string();
    let zone =
        if text.ends_with('Z') { "UTC" } else { text.get(text.len().saturating_sub(6)..).unwrap_or("") };
    format!(
        "{:02}/{:02}/{:04} {:02}:{:02}:{:02} {zone}",
        parts.day, parts.month, parts.year, parts.hour, parts.minute, parts.second
    )
}

/// Whose certificate it is.
pub(in crate::report) fn class_words(class: SignerClass, lang: Lang) -> &'static str {
    match class {
        SignerClass::Personal => lang.pick("cá nhân", "a person"),
        SignerClass::Organisation => lang.pick("cơ quan, tổ chức", "an organisation"),
        SignerClass::Tsa => lang.pick("dịch vụ dấu thời gian", "a time-stamping unit"),
        SignerClass::Unknown => lang.pick(
            "chứng thư số không cho biết cá nhân hay cơ quan",
            "the certificate does not say: person or organisation",
        ),
    }
}

/// Which kind of authority stands behind it. Without a path to an anchor nobody knows.
pub(in crate::report) fn authority_words(signature: &SignatureReport, lang: Lang) -> &'static str {
    match signature.trust.anchor {
        Some(_) => ca_class(signature.signer.ca_class, lang),
        None => lang.pick("CHƯA RÕ loại nơi cấp", "kind of authority UNKNOWN"),
    }
}

/// Whether nothing tells the status of some signer's certificate.
pub(in crate::report) fn has_open_status(report: &Report) -> bool {
    let open = [Revocation::NotChecked, Revocation::Unknown];
    report.signatures.iter().any(|signature| open.contains(&signature.trust.revocation))
}

/// Whether a certificate of a signature's path was taken back, so that something is wrong indeed.
pub(in crate::report) fn is_revoked(report: &Report) -> bool {
    let revoked = [Some(SubIndication::RevokedNoPoe), Some(SubIndication::RevokedCaNoPoe)];
    report.signatures.iter().any(|signature| revoked.contains(&signature.sub_indication))
}
