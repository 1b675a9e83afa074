//! What a timeline says about each event, in Vietnamese and English.

use serde::{Deserialize, Serialize};

use crate::exchange::status::{StatusCode, StatusStep};
use crate::workflow::event::Event;
use crate::workflow::state::IncomingFinding;

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

fn say(vi: impl Into<String>, en: impl Into<String>) -> Sentence {
    Sentence { vi: vi.into(), en: en.into() }
}

impl Event {
    /// The event as a sentence, without who and when.
    pub fn describe(&self) -> Sentence {
        match self {
            Self::Created { metadata, .. } => {
                let (kind, subject) = (metadata.kind.name(), &metadata.subject);
                say(format!("Tạo dự thảo: {kind} {subject}"), format!("Draft created: {kind} {subject}"))
            }
            Self::Edited { .. } => say("Sửa dự thảo", "Draft changed"),
            Self::Frozen { .. } => say(
                "Chốt dự thảo, đặt các ô số, ngày và chữ ký",
                "Draft frozen, with fields for number, date and signatures",
            ),
            Self::LeaderSigned { signer, .. } => {
                say(format!("Người có thẩm quyền ký số: {signer}"), format!("Signed by the leader: {signer}"))
            }
            Self::Returned { reason } => say(
                format!("Trả lại người soạn thảo: {reason}"),
                format!("Returned to the drafter: {reason}"),
            ),
            Self::Cancelled { reason } => {
                say(format!("Hủy dự thảo: {reason}"), format!("Draft cancelled: {reason}"))
            }
            Self::NumberAssigned { number, date, .. } => say(
                format!("Cấp số {number}, {}", date.to_vietnamese()),
                format!("Numbered {number}, {date}"),
            ),
            Self::SealRecorded { .. } => say("Ký số của cơ quan", "Signed by the organisation"),
            Self::Issued { row } => say(
                format!("Phát hành, vào sổ đăng ký văn bản đi: {}", row.code),
                format!("Issued, in the register of outgoing documents: {}", row.code),
            ),
            Self::Dispatched { .. } => say("Đã chuyển gửi các nơi nhận", "Dispatched to all recipients"),
            Self::Received { arrival, findings, .. } => received(&arrival.from.name, findings),
            Self::DoubtRecorded { note } => {
                say(format!("Ghi nghi vấn: {note}"), format!("Doubt recorded: {note}"))
            }
            Self::Registered { row, .. } => say(
                format!("Vào sổ đăng ký văn bản đến, số đến {:02}", row.number),
                format!("Registered as incoming number {:02}", row.number),
            ),
            Self::Rejected { reason } => {
                say(format!("Từ chối tiếp nhận: {reason}"), format!("Returned to its sender: {reason}"))
            }
            _ => self.describe_exchange(),
        }
    }

    fn describe_exchange(&self) -> Sentence {
        match self {
            Self::DeliveryQueued { recipient, .. } => {
                say(format!("Chờ gửi đến {}", recipient.name), format!("To be sent to {}", recipient.name))
            }
            Self::DeliveryAccepted { .. } => {
                say("Máy chủ bên nhận đã nhận thông điệp", "The recipient's server took the message")
            }
            Self::DeliveryFailed { reason, .. } => {
                say(format!("Không gửi được: {reason}"), format!("Could not be delivered: {reason}"))
            }
            Self::StatusRecorded { reported, .. } => {
                let words = &reported.description;
                status("Bên nhận báo", "The recipient reports", reported.status, words)
            }
            Self::StatusIgnored { status, why, .. } => ignored(*status, *why),
            Self::StatusQueued { status: code, description, .. } => {
                status("Báo bên gửi", "Reported to the sender", *code, description)
            }
            _ => say(self.name(), self.name()),
        }
    }
}

fn status(vi: &str, en: &str, status: StatusCode, words: &str) -> Sentence {
    let tail = if words.is_empty() { String::new() } else { format!(" – {words}") };
    say(
        format!("{vi}: {status} {}{tail}", status.name_vi()),
        format!("{en}: {status} {}{tail}", status.name_en()),
    )
}

fn ignored(status: StatusCode, why: StatusStep) -> Sentence {
    let (vi, en) = match why {
        StatusStep::Duplicate => ("trùng lặp", "a repeat"),
        StatusStep::Late => ("đến muộn", "late"),
        StatusStep::Advance | StatusStep::Impossible => ("không hợp lệ lúc này", "impossible now"),
    };
    say(format!("Bỏ qua trạng thái {status} ({vi})"), format!("Status {status} ignored ({en})"))
}

fn received(from: &str, findings: &[IncomingFinding]) -> Sentence {
    if findings.is_empty() {
        return say(
            format!("Nhận văn bản từ {from}; mọi chữ ký số hợp lệ"),
            format!("Received from {from}; every signature holds"),
        );
    }
    let sentences: Vec<Sentence> = findings.iter().map(IncomingFinding::describe).collect();
    let join = |f: fn(&Sentence) -> &str| sentences.iter().map(f).collect::<Vec<_>>().join("; ");
    say(
        format!("Nhận văn bản từ {from}; lưu ý: {}", join(|s| &s.vi)),
        format!("Received from {from}; note: {}", join(|s| &s.en)),
    )
}

impl IncomingFinding {
    /// The finding as a phrase.
    pub fn describe(&self) -> Sentence {
        match self {
            Self::WrongAddressee => {
                say("văn bản không gửi cho cơ quan này", "not addressed to this organisation")
            }
            Self::SenderMismatch { peer } => say(
                format!("thực tế do cơ quan {peer} gửi"),
                format!("in fact sent by the organisation {peer}"),
            ),
            Self::InvalidSignature { file, field, indication } => say(
                format!("chữ ký {field} trong {file} không hợp lệ ({indication})"),
                format!("the signature {field} in {file} does not hold ({indication})"),
            ),
            Self::NoPersonalSignature => say(
                "thiếu chữ ký số hợp lệ của người có thẩm quyền",
                "no valid signature of a competent person",
            ),
            Self::NoOrganisationSignature => {
                say("thiếu chữ ký số hợp lệ của cơ quan", "no valid signature of an organisation")
            }
            Self::SealOfAnother { organisation } => say(
                format!("chữ ký số của cơ quan khác: {organisation}"),
                format!("signed by another organisation: {organisation}"),
            ),
            Self::NotWholeFile { file } => say(
                format!("chữ ký cuối không bao phủ toàn bộ tệp {file}"),
                format!("the last signature does not cover all of {file}"),
            ),
        }
    }
}
