//! What a report comes down to for a clerk: the one sentence on top, and what to do now.
//!
//! Nothing is judged here: a situation is read off the report's verdict and sub-indications. What to do
//! follows the receiving of documents in NĐ 30/2020 Chương III: a document is accepted, or it goes back
//! to the office that sent it.

use super::Lang;
use super::facts::{has_open_status, is_revoked};
use crate::report::model::{Coverage, Report, SignatureReport};
use crate::verdict::{Indication, SubIndication, Verdict};

/// How good the news is: a colour and a symbol wherever it is shown, never a colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Tone {
    /// In order.
    Good,
    /// Something is open.
    Open,
    /// Something is wrong.
    Bad,
    /// Neither.
    Plain,
}

impl Tone {
    /// The tone of one signature's main status.
    pub(in crate::report) fn of(indication: Indication) -> Self {
        match indication {
            Indication::TotalPassed => Self::Good,
            Indication::Indeterminate => Self::Open,
            Indication::TotalFailed => Self::Bad,
        }
    }
}

/// The words of one situation.
pub(in crate::report) struct Situation {
    pub(in crate::report) tone: Tone,
    word: [&'static str; 2],
    /// The word with what must not be overlooked, where the word alone would say too much.
    but: [&'static str; 2],
    sentence: [&'static str; 2],
    advice: [&'static str; 2],
}

impl Situation {
    /// The verdict as one word, in capitals.
    pub(in crate::report) fn word(&self, lang: Lang) -> &'static str {
        pick(lang, self.word)
    }

    /// The verdict as it stands in large letters: the word, and in the same breath what is missing.
    pub(in crate::report) fn heading(&self, lang: Lang) -> String {
        format!("{}{}", self.word(lang), pick(lang, self.but))
    }

    /// What it rests on.
    pub(in crate::report) fn sentence(&self, lang: Lang) -> &'static str {
        pick(lang, self.sentence)
    }

    /// What to do now.
    pub(in crate::report) fn advice(&self, lang: Lang) -> &'static str {
        pick(lang, self.advice)
    }
}

fn pick(lang: Lang, [vi, en]: [&'static str; 2]) -> &'static str {
    lang.pick(vi, en)
}

/// The situation a document is in.
pub(in crate::report) fn situation(report: &Report) -> &'static Situation {
    match report.verdict {
        Verdict::Unsigned => &UNSIGNED,
        // Loud, never plain valid: TT 15/2025 Phụ lục II.
        Verdict::Valid if has_open_status(report) => &UNCHECKED,
        Verdict::Valid if !report.official.complete => &INCOMPLETE,
        Verdict::Valid => &COMPLETE,
        Verdict::Invalid => failed(report),
        Verdict::Indeterminate if is_revoked(report) => &REVOKED,
        Verdict::Indeterminate => open(report),
    }
}

/// Why the first signature that fails does so.
fn failed(report: &Report) -> &'static Situation {
    let Some(signature) = first(report, Indication::TotalFailed) else { return &WRONG };
    match signature.sub_indication {
        Some(SubIndication::HashFailure) => &ALTERED,
        Some(SubIndication::SigCryptoFailure) => &WRONG_VALUE,
        Some(SubIndication::FormatFailure) if !signature.changes.allowed => &CHANGED_LATER,
        Some(SubIndication::FormatFailure) if signature.coverage != Coverage::Partial => &BROKEN,
        _ => &WRONG,
    }
}

/// Why the first signature that stays open does so.
fn open(report: &Report) -> &'static Situation {
    let Some(signature) = first(report, Indication::Indeterminate) else { return &UNDECIDED };
    match signature.sub_indication {
        Some(SubIndication::NoCertificateChainFound) => &NO_ROOT,
        Some(SubIndication::OutOfBoundsNoPoe | SubIndication::OutOfBoundsNotRevoked) => &OUT_OF_DATE,
        Some(SubIndication::CryptoConstraintsFailure | SubIndication::CryptoConstraintsFailureNoPoe) => &WEAK,
        Some(SubIndication::TryLater) => &STATUS_MISSING,
        _ => &UNDECIDED,
    }
}

fn first(report: &Report, indication: Indication) -> Option<&SignatureReport> {
    report.signatures.iter().find(|signature| signature.indication == indication)
}

const VALID: [&str; 2] = ["HỢP LỆ", "VALID"];
const INVALID: [&str; 2] = ["KHÔNG HỢP LỆ", "INVALID"];
const OPEN: [&str; 2] = ["CHƯA KẾT LUẬN ĐƯỢC", "UNDECIDED"];

const RETURN: [&str; 2] = [
    "KHÔNG vào sổ. Trả lại nơi gửi và đề nghị gửi lại bản gốc; giữ nguyên tệp này làm bằng chứng.",
    "Do NOT register it. Return it to the sender and ask for the original; keep this file as evidence.",
];

const COMPLETE: Situation = Situation {
    tone: Tone::Good,
    word: VALID,
    but: ["", ""],
    sentence: ["mọi chữ ký đều hợp lệ", "every signature is valid"],
    advice: [
        "Được tiếp nhận và vào sổ văn bản đến.",
        "Accept the document and enter it in the register of incoming documents.",
    ],
};

const UNCHECKED: Situation = Situation {
    tone: Tone::Open,
    word: VALID,
    but: [", NHƯNG CHƯA KIỂM TRA THU HỒI", ", BUT REVOCATION NOT CHECKED"],
    sentence: [
        "mọi chữ ký đều hợp lệ, nhưng CHƯA kiểm tra thu hồi chứng thư số",
        "every signature is valid, but revocation was NOT checked",
    ],
    advice: [
        "CHƯA vào sổ: kiểm tra tình trạng thu hồi (CRL, OCSP) trước, hoặc hỏi người quản trị.",
        "Do not register it YET: have the certificates' status checked (CRL, OCSP) first, or ask your administrator.",
    ],
};

const INCOMPLETE: Situation = Situation {
    tone: Tone::Open,
    word: VALID,
    but: [", NHƯNG CHƯA ĐỦ CHỮ KÝ", ", BUT A SIGNATURE IS MISSING"],
    sentence: [
        "mọi chữ ký đều hợp lệ, nhưng CHƯA ĐỦ chữ ký của một văn bản chính thức",
        "every signature is valid, but an official document needs MORE signatures",
    ],
    advice: [
        "CHƯA vào sổ như văn bản chính thức: đề nghị nơi gửi bổ sung chữ ký còn thiếu.",
        "Do not register it as an official document YET: ask the sender for the missing signature.",
    ],
};

const ALTERED: Situation = Situation {
    tone: Tone::Bad,
    word: INVALID,
    but: ["", ""],
    sentence: ["nội dung đã bị sửa sau khi ký", "the content was changed after it was signed"],
    advice: RETURN,
};

const CHANGED_LATER: Situation = Situation {
    tone: Tone::Bad,
    word: INVALID,
    but: ["", ""],
    sentence: [
        "sau khi ký, tệp bị thay đổi ngoài phạm vi cho phép",
        "after signing, the file was changed beyond what is allowed",
    ],
    advice: RETURN,
};

const WRONG_VALUE: Situation = Situation {
    tone: Tone::Bad,
    word: INVALID,
    but: ["", ""],
    sentence: [
        "giá trị chữ ký sai, không phải do khoá của người ký tạo ra",
        "a signature value is wrong: the signer's key did not make it",
    ],
    advice: RETURN,
};

const BROKEN: Situation = Situation {
    tone: Tone::Bad,
    word: INVALID,
    but: ["", ""],
    sentence: ["dữ liệu chữ ký bị hỏng hoặc bị làm giả", "the signature data is damaged or forged"],
    advice: RETURN,
};

const WRONG: Situation = Situation {
    tone: Tone::Bad,
    word: INVALID,
    but: ["", ""],
    sentence: ["có chữ ký sai hoặc nội dung đã bị sửa", "a signature is wrong or the content was changed"],
    advice: RETURN,
};

const REVOKED: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: [
        "chứng thư số đã bị thu hồi và không chứng minh được là ký trước đó",
        "a certificate was revoked, and nothing proves that the signature came before",
    ],
    advice: [
        "KHÔNG vào sổ. Báo nơi gửi và đề nghị ký lại bằng chứng thư số còn hiệu lực.",
        "Do NOT register it. Tell the sender, and ask for a signature with a certificate that is in force.",
    ],
};

const NO_ROOT: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: [
        "chưa biết nơi cấp chứng thư số của người ký có đáng tin cậy không",
        "it is not known whether the authority behind a signer can be trusted",
    ],
    advice: [
        "CHƯA vào sổ. Đề nghị người quản trị thêm chứng thư số của nơi cấp (xem “Còn thiếu”), rồi kiểm tra lại.",
        "Do not register it YET. Ask your administrator to add the authority's certificate (see “Still open”), then check again.",
    ],
};

const OUT_OF_DATE: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: [
        "chứng thư số không còn (hoặc chưa có) hiệu lực và không có dấu thời gian chứng minh lúc ký",
        "a certificate is out of date, and no time stamp proves when the signature was made",
    ],
    advice: [
        "CHƯA vào sổ. Đề nghị nơi gửi gửi bản có dấu thời gian, hoặc ký lại.",
        "Do not register it YET. Ask the sender for a copy with a time stamp, or for a new signature.",
    ],
};

const WEAK: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: ["thuật toán ký không còn an toàn", "the signature's algorithm is no longer safe"],
    advice: [
        "CHƯA vào sổ. Đề nghị nơi gửi ký lại bằng thuật toán hiện hành.",
        "Do not register it YET. Ask the sender for a signature with a present-day algorithm.",
    ],
};

const STATUS_MISSING: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: [
        "chưa kiểm tra được chứng thư số có bị thu hồi hay không",
        "it could not be checked whether a certificate was revoked",
    ],
    advice: [
        "CHƯA vào sổ. Kiểm tra lại khi có CRL hoặc OCSP (xem “Còn thiếu”), hoặc hỏi người quản trị.",
        "Do not register it YET. Check again with a CRL or OCSP answer (see “Still open”), or ask your administrator.",
    ],
};

const UNDECIDED: Situation = Situation {
    tone: Tone::Open,
    word: OPEN,
    but: ["", ""],
    sentence: [
        "không phát hiện sai, nhưng thiếu căn cứ",
        "nothing wrong was found, but something is missing",
    ],
    advice: [
        "CHƯA vào sổ. Xem những điều còn thiếu dưới đây và hỏi người quản trị.",
        "Do not register it YET. See below what is missing, and ask your administrator.",
    ],
};

const UNSIGNED: Situation = Situation {
    tone: Tone::Plain,
    word: ["CHƯA KÝ", "UNSIGNED"],
    but: ["", ""],
    sentence: ["tệp không có chữ ký số", "the file has no signature"],
    advice: [
        "KHÔNG vào sổ như văn bản điện tử đã ký. Đề nghị nơi gửi gửi bản đã ký số.",
        "Do NOT register it as a signed document. Ask the sender for the signed one.",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// What makes a situation out of a sound report, and a word its sentence must have.
    #[test]
    fn each_verdict_leads_to_its_own_advice() {
        use SubIndication::*;
        let open = Verdict::Indeterminate;
        let cases = [
            (Verdict::Valid, None, "vào sổ văn bản đến"),
            (Verdict::Invalid, Some(HashFailure), "Trả lại nơi gửi"),
            (Verdict::Invalid, Some(SigCryptoFailure), "Trả lại nơi gửi"),
            (Verdict::Invalid, Some(FormatFailure), "Trả lại nơi gửi"),
            (open, Some(RevokedNoPoe), "KHÔNG vào sổ"),
            (open, Some(RevokedCaNoPoe), "KHÔNG vào sổ"),
            (open, Some(NoCertificateChainFound), "chứng thư số của nơi cấp"),
            (open, Some(OutOfBoundsNoPoe), "dấu thời gian"),
            (open, Some(CryptoConstraintsFailureNoPoe), "thuật toán"),
            (open, Some(TryLater), "CRL hoặc OCSP"),
            (open, None, "hỏi người quản trị"),
            (Verdict::Unsigned, None, "bản đã ký số"),
        ];
        for (verdict, reason, advice) in cases {
            let report = sample::judged(verdict, reason);
            let found = situation(&report);
            assert!(found.advice(Lang::Vi).contains(advice), "{verdict:?} {reason:?}");
            assert_eq!(found.tone == Tone::Good, verdict == Verdict::Valid, "{verdict:?} {reason:?}");
            assert!(!found.advice(Lang::En).is_empty() && !found.sentence(Lang::En).is_empty());
        }
    }

    #[test]
    fn a_valid_signature_alone_is_not_good_news() {
        let mut report = sample::judged(Verdict::Valid, None);
        report.official.complete = false;
        assert_eq!(situation(&report).tone, Tone::Open);
        assert!(situation(&report).sentence(Lang::Vi).contains("CHƯA ĐỦ"));
        // That the status is open weighs more.
        report.signatures[0].trust.revocation = crate::report::model::Revocation::NotChecked;
        assert!(situation(&report).sentence(Lang::Vi).contains("CHƯA kiểm tra thu hồi"));
        assert_eq!(situation(&report).heading(Lang::En), "VALID, BUT REVOCATION NOT CHECKED");
    }
}
