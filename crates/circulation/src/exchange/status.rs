//! Status codes of the exchange and the order in which they may arrive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What became of a document at its recipient (QCVN 102:2016, codes 01 to 16). Serialised as its two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StatusCode {
    /// 01 Đã đến: in the recipient's software, the clerk has not acted yet.
    #[serde(rename = "01")]
    Arrived,
    /// 02 Từ chối tiếp nhận: returned, with a reason (NĐ 30/2020 Điều 21).
    #[serde(rename = "02")]
    Rejected,
    /// 03 Đã tiếp nhận: registered (Điều 22).
    #[serde(rename = "03")]
    Accepted,
    /// 04 Phân công (Điều 23).
    #[serde(rename = "04")]
    Assigned,
    /// 05 Đang xử lý (Điều 24).
    #[serde(rename = "05")]
    InProgress,
    /// 06 Hoàn thành.
    #[serde(rename = "06")]
    Finished,
    /// 13 Lấy lại: the sender asks for it back (Điều 18).
    #[serde(rename = "13")]
    RecallAsked,
    /// 15 Đồng ý cập nhật hoặc lấy lại.
    #[serde(rename = "15")]
    ChangeAgreed,
    /// 16 Từ chối cập nhật hoặc lấy lại.
    #[serde(rename = "16")]
    ChangeRefused,
}

/// What a status that arrives does to the one known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusStep {
    /// It is news.
    Advance,
    /// It is known already.
    Duplicate,
    /// It was overtaken by a later one.
    Late,
    /// It cannot follow: after a refusal or the end, or an answer to a question nobody asked.
    Impossible,
}

impl StatusCode {
    const ALL: [Self; 9] = [
        Self::Arrived,
        Self::Rejected,
        Self::Accepted,
        Self::Assigned,
        Self::InProgress,
        Self::Finished,
        Self::RecallAsked,
        Self::ChangeAgreed,
        Self::ChangeRefused,
    ];

    /// The two digits.
    pub fn code(self) -> &'static str {
        match self {
            Self::Arrived => "01",
            Self::Rejected => "02",
            Self::Accepted => "03",
            Self::Assigned => "04",
            Self::InProgress => "05",
            Self::Finished => "06",
            Self::RecallAsked => "13",
            Self::ChangeAgreed => "15",
            Self::ChangeRefused => "16",
        }
    }

    /// Its official name.
    pub fn name_vi(self) -> &'static str {
        match self {
            Self::Arrived => "Đã đến",
            Self::Rejected => "Từ chối tiếp nhận",
            Self::Accepted => "Đã tiếp nhận",
            Self::Assigned => "Phân công",
            Self::InProgress => "Đang xử lý",
            Self::Finished => "Hoàn thành",
            Self::RecallAsked => "Lấy lại",
            Self::ChangeAgreed => "Đồng ý cập nhật/lấy lại",
            Self::ChangeRefused => "Từ chối cập nhật/lấy lại",
        }
    }

    /// Its name in English.
    pub fn name_en(self) -> &'static str {
        match self {
            Self::Arrived => "Arrived",
            Self::Rejected => "Rejected",
            Self::Accepted => "Accepted",
            Self::Assigned => "Assigned",
            Self::InProgress => "In progress",
            Self::Finished => "Finished",
            Self::RecallAsked => "Recall asked",
            Self::ChangeAgreed => "Change or recall agreed",
            Self::ChangeRefused => "Change or recall refused",
        }
    }

    /// Reads the code; `1` is read as `01` and `14` as 15, each with `true` for "not as the standard writes it"
    /// (the official .NET sample named 15 carries 14).
    pub fn read(text: &str) -> Result<(Self, bool), Refusal> {
        if let Ok(code) = text.parse() {
            return Ok((code, false));
        }
        if text == "14" {
            return Ok((Self::ChangeAgreed, true));
        }
        format!("0{text}").parse().map(|code| (code, true))
    }

    /// Whether the rules demand a reason with it.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Rejected | Self::ChangeRefused)
    }

    /// What `self` does when `known` is the latest status: 01 → 02, or 01 → 03 → 04 → 05 → 06. Earlier steps
    /// may be missing; 02 and 06 are the end.
    pub fn after(self, known: Option<Self>) -> StatusStep {
        let (Some(new_rank), known_rank) = (self.rank(), known.and_then(Self::rank).unwrap_or(0)) else {
            return StatusStep::Impossible;
        };
        if known == Some(self) {
            StatusStep::Duplicate
        } else if new_rank < known_rank {
            StatusStep::Late
        } else if known == Some(Self::Rejected) || (self == Self::Rejected && known_rank > 1) {
            StatusStep::Impossible
        } else {
            StatusStep::Advance
        }
    }

    /// Place in the normal course; 02 and 03 are alternatives. None for recall and its answers.
    fn rank(self) -> Option<u8> {
        match self {
            Self::Arrived => Some(1),
            Self::Rejected | Self::Accepted => Some(2),
            Self::Assigned => Some(3),
            Self::InProgress => Some(4),
            Self::Finished => Some(5),
            Self::RecallAsked | Self::ChangeAgreed | Self::ChangeRefused => None,
        }
    }
}

impl FromStr for StatusCode {
    type Err = Refusal;

    /// Reads exactly the two digits.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let found = Self::ALL.into_iter().find(|status| status.code() == text);
        found.ok_or_else(|| Refusal::UnknownStatusCode { given: text.chars().take(8).collect() })
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::StatusCode::*;
    use super::*;

    #[test]
    fn statuses_go_forward_and_may_skip() {
        assert_eq!(Arrived.after(None), StatusStep::Advance);
        assert_eq!(Accepted.after(None), StatusStep::Advance);
        assert_eq!(Rejected.after(Some(Arrived)), StatusStep::Advance);
        assert_eq!(InProgress.after(Some(Accepted)), StatusStep::Advance);
        assert_eq!(Finished.after(Some(InProgress)), StatusStep::Advance);
    }

    #[test]
    fn repeats_latecomers_and_contradictions_are_told_apart() {
        assert_eq!(Accepted.after(Some(Accepted)), StatusStep::Duplicate);
        assert_eq!(Arrived.after(Some(Accepted)), StatusStep::Late);
        assert_eq!(Accepted.after(Some(Rejected)), StatusStep::Impossible);
        assert_eq!(Rejected.after(Some(Accepted)), StatusStep::Impossible);
        assert_eq!(ChangeAgreed.after(Some(Accepted)), StatusStep::Impossible);
        assert_eq!(Rejected.after(Some(Finished)), StatusStep::Late);
    }

    #[test]
    fn fourteen_is_read_as_fifteen_with_a_note() {
        assert_eq!(StatusCode::read("14").unwrap(), (ChangeAgreed, true));
        assert_eq!(StatusCode::read("3").unwrap(), (Accepted, true));
        assert_eq!(StatusCode::read("03").unwrap(), (Accepted, false));
        for bad in ["", "7", "00", "003", "é", "99"] {
            assert!(StatusCode::read(bad).is_err(), "{bad}");
        }
    }
}
