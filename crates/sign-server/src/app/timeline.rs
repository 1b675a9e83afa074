//! Events in words: what a person reads in a document's timeline.

use circulation::{
    date::Instant,
    exchange::status::StatusCode,
    workflow::{event::Event, state::IncomingFinding},
};
use circulation_store::StoredEvent;
use serde::Serialize;

/// One line of a timeline.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Its place, counted from 1.
    pub sequence: i64,
    /// When.
    pub at: Instant,
    /// Name of who caused it.
    pub actor: String,
    /// In Vietnamese.
    pub text_vi: String,
    /// In English.
    pub text_en: String,
    /// The event itself.
    pub event: Event,
}

/// An event in words.
pub fn entry(stored: StoredEvent) -> Entry {
    let (text_vi, text_en) = words(&stored.event);
    let actor = if stored.actor.system { "system".to_owned() } else { stored.actor.name };
    Entry { sequence: stored.sequence, at: stored.at, actor, text_vi, text_en, event: stored.event }
}

fn words(event: &Event) -> (String, String) {
    match event {
        Event::Created { metadata, .. } => {
            (format!("Khởi tạo dự thảo: {}", metadata.subject), format!("Draft begun: {}", metadata.subject))
        }
        Event::Edited { .. } => ("Sửa dự thảo".into(), "Draft changed".into()),
        Event::Frozen { .. } => (
            "Chốt nội dung; đặt sẵn ô số, ngày và các ô chữ ký".into(),
            "Text final; empty fields for number, date and signatures placed".into(),
        ),
        Event::LeaderSigned { signer, .. } => (format!("{signer} ký số"), format!("Signed by {signer}")),
        Event::Returned { reason } => {
            (format!("Trả lại người soạn: {reason}"), format!("Returned to the drafter: {reason}"))
        }
        Event::Cancelled { reason } => (format!("Hủy: {reason}"), format!("Given up: {reason}")),
        Event::NumberAssigned { number, date, .. } => {
            (format!("Cấp số {number}, {}", date.to_vietnamese()), format!("Number {number} of {date}"))
        }
        Event::SealRecorded { .. } => (
            "Điền số, ngày và ký số của cơ quan".into(),
            "Number and date filled in, sealed with the organisation's signature".into(),
        ),
        Event::Issued { row } => {
            (format!("Phát hành, vào sổ đi: {}", row.code), format!("Issued and registered: {}", row.code))
        }
        _ => exchange_words(event),
    }
}

fn exchange_words(event: &Event) -> (String, String) {
    match event {
        Event::DeliveryQueued { recipient, .. } => (
            format!("Chờ gửi tới {} ({})", recipient.name, recipient.organ),
            format!("Waiting to be sent to {} ({})", recipient.name, recipient.organ),
        ),
        Event::Dispatched { .. } => ("Chuyển văn bản đi".into(), "Dispatched".into()),
        Event::DeliveryAccepted { .. } => {
            ("Máy chủ nơi nhận đã nhận gói tin".into(), "The recipient's server took the message".into())
        }
        Event::DeliveryFailed { reason, .. } => {
            (format!("Gửi không thành công: {reason}"), format!("Delivery failed: {reason}"))
        }
        Event::StatusRecorded { reported, .. } => with_reason(
            format!("Nơi nhận báo {}", status_vi(reported.status)),
            format!("Recipient reports {}", status_en(reported.status)),
            &reported.description,
        ),
        Event::StatusIgnored { status, .. } => (
            format!("Bỏ qua trạng thái {} (muộn hoặc lặp lại)", status.code()),
            format!("Status {} ignored (late or repeated)", status.code()),
        ),
        Event::Received { arrival, findings, .. } => {
            received_words(&arrival.header.printed_code(), &arrival.from.name, findings)
        }
        Event::DoubtRecorded { note } => (format!("Ghi nghi vấn: {note}"), format!("Doubt recorded: {note}")),
        Event::Registered { row, .. } => (
            format!("Vào sổ đến, số đến {:02}", row.number),
            format!("Registered, incoming number {:02}", row.number),
        ),
        Event::Rejected { reason } => {
            (format!("Trả lại nơi gửi: {reason}"), format!("Returned to the sender: {reason}"))
        }
        Event::StatusQueued { status, description, .. } => with_reason(
            format!("Báo nơi gửi {}", status_vi(*status)),
            format!("Sender is told {}", status_en(*status)),
            description,
        ),
        other => (other.name().to_owned(), other.name().to_owned()),
    }
}

fn received_words(code: &str, from: &str, findings: &[IncomingFinding]) -> (String, String) {
    if findings.is_empty() {
        return (
            format!("Nhận {code} của {from}; mọi chữ ký hợp lệ"),
            format!("{code} received from {from}; all signatures valid"),
        );
    }
    let count = findings.len();
    (
        format!("Nhận {code} của {from}; {count} điểm cần xem"),
        format!("{code} received from {from}; {count} findings"),
    )
}

fn with_reason(vi: String, en: String, reason: &str) -> (String, String) {
    if reason.is_empty() { (vi, en) } else { (format!("{vi}: {reason}"), format!("{en}: {reason}")) }
}

fn status_vi(status: StatusCode) -> String {
    format!("{} {}", status.code(), status.name_vi())
}

fn status_en(status: StatusCode) -> String {
    format!("{} {}", status.code(), status.name_en())
}
