//! A whole report as text: the first lines say what a clerk needs, the rest says why.
//!
//! Only sentences; nothing is judged here. TT 15/2025/TT-BKHCN asks a verifier to show at least the
//! issuing authority, the signer, the organisation, the signing time, integrity, validity at signing
//! time and the certificate's period; each has its line.

use super::model::{ChangeLevel, Report, SignatureReport};
use super::words::facts::{
    algorithm_words, authority_words, changes_words, class_words, coverage_words, indication_words,
    integrity_words, kind_words, moment, place_words, time_words, trust_words, validity_words, wanted_words,
};
use super::words::situations::situation;
use super::words::{Lang, official_reason, printable};
use crate::time::VIETNAM;
use crate::verdict::{Severity, Verdict};
use std::fmt::Write;

/// At most this many changed objects are listed per signature; the JSON has all of them.
const DETAILS_SHOWN: usize = 8;

/// The report in one language, lines ended by `\n`.
pub fn render_text(report: &Report, lang: Lang) -> String {
    let mut out = Lines { text: String::new(), lang };
    head(&mut out, report);
    for (number, signature) in report.signatures.iter().enumerate() {
        out.blank();
        signature_block(&mut out, number + 1, signature);
    }
    if !report.warnings.is_empty() {
        out.blank();
        out.line(lang.pick("Về cả tệp:", "About the document:"));
        for finding in &report.warnings {
            out.finding(finding.severity, lang.pick(&finding.message_vi, &finding.message_en));
        }
    }
    if !report.wanted.is_empty() {
        out.blank();
        out.line(lang.pick("Còn thiếu:", "Still open:"));
        for wanted in &report.wanted {
            let what = wanted_words(&wanted.kind, lang);
            out.line(&format!("  - {what}: {}", printable(&wanted.subject)));
        }
    }
    out.text
}

struct Lines {
    text: String,
    lang: Lang,
}

impl Lines {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One `label: value` line, values aligned.
    fn entry(&mut self, vi: &str, en: &str, value: &str) {
        let label = format!("{}:", self.lang.pick(vi, en));
        // Counted in characters: Vietnamese letters take several bytes.
        let padding = 22_usize.saturating_sub(label.chars().count()).max(1);
        let _ = writeln!(self.text, "  {label}{:padding$}{value}", "");
    }

    fn finding(&mut self, severity: Severity, message: &str) {
        let mark = match severity {
            Severity::Info => "·",
            Severity::Warning => "!",
            Severity::Error => "✗",
        };
        self.line(&format!("  {mark} {message}"));
    }
}

fn head(out: &mut Lines, report: &Report) {
    let lang = out.lang;
    let situation = situation(report);
    let verdict = format!("{} — {}", situation.word(lang), situation.sentence(lang));
    out.line(&format!("{}: {verdict}", lang.pick("KẾT LUẬN", "VERDICT")));
    let file = &report.file;
    let size = match lang {
        Lang::Vi => format!("{} byte, {} trang, {} lần lưu", file.size, file.pages, file.revisions),
        Lang::En => format!("{} bytes, {} pages, {} revisions", file.size, file.pages, file.revisions),
    };
    out.entry("Tệp", "File", &format!("{} ({size})", printable(&file.name)));
    let policy = lang.pick("chính sách", "policy");
    out.entry(
        "Xét tại",
        "Judged at",
        &format!("{} ({policy} {})", moment(report.verified_at), report.policy),
    );
    if report.verdict != Verdict::Unsigned {
        out.entry("Văn bản điện tử", "Official document", &official(report, lang));
    }
}

fn official(report: &Report, lang: Lang) -> String {
    let official = &report.official;
    if official.complete {
        return match lang {
            Lang::Vi => format!("đủ chữ ký của cá nhân ({}) và cơ quan ({})", official.leader, official.seal),
            Lang::En => {
                format!("signed by person ({}) and organisation ({})", official.leader, official.seal)
            }
        };
    }
    let reasons: Vec<String> = official.reasons.iter().map(|code| official_reason(code, lang)).collect();
    format!("{}: {}", lang.pick("chưa đủ", "not complete"), reasons.join("; "))
}

fn signature_block(out: &mut Lines, number: usize, signature: &SignatureReport) {
    let lang = out.lang;
    let page = signature.page.map(|page| format!(", {} {page}", lang.pick("trang", "page")));
    out.line(&format!(
        "{} {number} ({} “{}”{}{}): {}",
        lang.pick("Chữ ký", "Signature"),
        lang.pick("trường", "field"),
        printable(&signature.field),
        page.unwrap_or_default(),
        kind_words(signature.kind, lang),
        indication_words(signature, lang),
    ));
    signer_lines(out, signature);
    out.entry("Thời điểm ký", "Signed at", &time_words(signature, lang));
    out.entry("Hiệu lực khi ký", "Valid when signed", validity_words(signature, lang));
    out.entry("Toàn vẹn", "Integrity", integrity_words(signature, lang));
    out.entry("Phạm vi", "Covers", coverage_words(signature.coverage, lang));
    out.entry("Thay đổi sau ký", "Changed after", &changes_words(signature, lang));
    change_lines(out, signature);
    out.entry("Tin cậy", "Trust", &trust_words(signature, lang));
    out.entry("Thuật toán", "Algorithm", &algorithm_words(signature, lang));
    for finding in &signature.findings {
        out.finding(finding.severity, lang.pick(&finding.message_vi, &finding.message_en));
    }
}

fn signer_lines(out: &mut Lines, signature: &SignatureReport) {
    let lang = out.lang;
    let signer = &signature.signer;
    let unknown = lang.pick("không rõ", "unknown");
    let text = |value: &Option<String>| value.as_deref().map_or(unknown.to_owned(), printable);
    out.entry("Người ký", "Signer", &format!("{} ({})", text(&signer.name), class_words(signer.class, lang)));
    out.entry("Cơ quan", "Organisation", &text(&signer.organisation));
    let authority = authority_words(signature, lang);
    out.entry("Nơi cấp chứng thư số", "Issued by", &format!("{} ({authority})", text(&signer.issuer)));
    if let (Some(from), Some(to)) = (signer.not_before, signer.not_after) {
        let period = format!("{} – {}", moment(from.in_offset(VIETNAM)), moment(to.in_offset(VIETNAM)));
        out.entry("Hạn chứng thư số", "Certificate valid", &period);
    }
}

fn change_lines(out: &mut Lines, signature: &SignatureReport) {
    let details = &signature.changes.details;
    if signature.changes.level <= ChangeLevel::Lta {
        return;
    }
    for change in details.iter().take(DETAILS_SHOWN) {
        let page = change.page.map(|page| place_words(page, change.rect, out.lang));
        let values = match (&change.old, &change.new) {
            (None, None) => String::new(),
            (old, new) => format!(
                ": “{}” → “{}”",
                printable(old.as_deref().unwrap_or("")),
                printable(new.as_deref().unwrap_or(""))
            ),
        };
        out.line(&format!(
            "      {} {}{}{values}",
            change.object,
            printable(&change.path),
            page.unwrap_or_default()
        ));
    }
    if details.len() > DETAILS_SHOWN {
        let more = details.len() - DETAILS_SHOWN;
        out.line(&format!("      … {more} {}", out.lang.pick("đối tượng khác", "more objects")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{CaClass, Revocation};
    use crate::report::sample::{report, time};
    use crate::verdict::{Indication, SubIndication};

    #[test]
    fn a_revoked_certificate_is_in_the_first_line() {
        for reason in [SubIndication::RevokedNoPoe, SubIndication::RevokedCaNoPoe] {
            let mut report = report();
            report.signatures[0].sub_indication = Some(reason);
            assert!(render_text(&report, Lang::Vi).lines().next().unwrap().contains("đã bị thu hồi"));
            assert!(render_text(&report, Lang::En).lines().next().unwrap().contains("was revoked"));
        }
        assert!(!render_text(&report(), Lang::En).contains("was revoked"));
    }

    /// TT 15/2025/TT-BKHCN: what a verifier displays at least, each with its label, whatever the verdict.
    #[test]
    fn shows_the_eight_items_that_circular_15_names() {
        let items = [
            ("Nơi cấp chứng thư số:", "Issued by:", "CN=CA thử nghiệm"),
            ("Người ký:", "Signer:", "Trần Thị Bình"),
            ("Cơ quan:", "Organisation:", "UBND xã Giao Thuỷ"),
            ("Thời điểm ký:", "Signed at:", "01/06/2025 08:30:00 +07:00"),
            ("dấu thời gian: TSA", "time stamp: TSA", "02/06/2025"),
            ("Toàn vẹn:", "Integrity:", ""),
            ("Hiệu lực khi ký:", "Valid when signed:", ""),
            ("Hạn chứng thư số:", "Certificate valid:", "01/01/2025 07:00:00 +07:00 – 01/01/2026"),
        ];
        let mut stamped = report();
        stamped.signatures[0].time.timestamp = Some(time("2025-06-02T08:30:00+07:00"));
        stamped.signatures[0].time.tsa = Some("TSA".into());
        for indication in [Indication::TotalPassed, Indication::TotalFailed, Indication::Indeterminate] {
            for lang in [Lang::Vi, Lang::En] {
                let render = |mut report: Report| {
                    report.signatures[0].indication = indication;
                    render_text(&report, lang)
                };
                let both = render(report()) + &render(stamped.clone());
                for (vi, en, value) in items {
                    let label = lang.pick(vi, en);
                    let line = both.lines().find(|line| line.contains(label) && line.contains(value));
                    assert!(line.is_some(), "{label} {value} is missing in:\n{both}");
                }
            }
        }
    }

    /// TT 15/2025 Phụ lục II: "if the status cannot be checked the software must warn".
    #[test]
    fn a_valid_signature_without_a_status_is_never_called_plainly_valid() {
        for revocation in [Revocation::NotChecked, Revocation::Unknown] {
            for stamp in [None, Some(time("2025-06-02T08:30:00+07:00"))] {
                let mut report = report();
                report.verdict = Verdict::Valid;
                let signature = &mut report.signatures[0];
                (signature.indication, signature.sub_indication) = (Indication::TotalPassed, None);
                (signature.trust.revocation, signature.time.timestamp) = (revocation, stamp);
                for (lang, warning) in
                    [(Lang::Vi, "CHƯA kiểm tra thu hồi"), (Lang::En, "revocation was NOT checked")]
                {
                    let text = render_text(&report, lang);
                    let first = text.lines().next().unwrap();
                    assert!(first.contains(warning), "{first}");
                    let label = lang.pick("Hiệu lực khi ký:", "Valid when signed:");
                    let line = text.lines().find(|line| line.contains(label)).unwrap();
                    assert!(line.contains(warning), "{line}");
                }
                report.signatures[0].trust.revocation = Revocation::Good;
                assert!(!render_text(&report, Lang::Vi).contains("CHƯA kiểm tra thu hồi"));
            }
        }
    }

    #[test]
    fn the_class_of_the_authority_is_said_and_never_in_passing() {
        let line = |class, anchored: bool| {
            let mut report = report();
            report.signatures[0].signer.ca_class = class;
            report.signatures[0].trust.anchor = anchored.then(|| "Root".into());
            let text = render_text(&report, Lang::Vi);
            text.lines().find(|line| line.contains("Nơi cấp chứng thư số:")).unwrap().to_owned()
        };
        assert!(line(CaClass::PublicService, true).ends_with("(chuyên dùng công vụ)"));
        assert!(line(CaClass::Public, true).ends_with("(công cộng)"));
        assert!(line(CaClass::Other, true).contains("KHÔNG phải chuyên dùng công vụ, KHÔNG phải công cộng"));
        for class in CaClass::ALL {
            assert!(line(class, false).contains("CHƯA RÕ loại nơi cấp"), "trusted by nobody");
        }
    }

    #[test]
    fn shows_what_circular_15_asks_a_verifier_to_show() {
        let text = render_text(&report(), Lang::Vi);
        for wanted in [
            "KẾT LUẬN: CHƯA KẾT LUẬN ĐƯỢC",
            "Trần Thị Bình (cá nhân)",
            "UBND xã Giao Thuỷ",
            "CN=CA thử nghiệm",
            "01/06/2025 08:30:00 +07:00 (do người ký khai",
            "nội dung được ký còn nguyên vẹn",
            "01/01/2025 07:00:00 +07:00 – 01/01/2026 07:00:00 +07:00",
            "CHƯA kiểm tra thu hồi",
            "[OUT_OF_BOUNDS_NO_POE]",
            "“” → “15/UBND”",
        ] {
            assert!(text.contains(wanted), "{wanted} is missing in:\n{text}");
        }
    }

    #[test]
    fn english_says_the_same() {
        let text = render_text(&report(), Lang::En);
        for wanted in [
            "VERDICT: UNDECIDED",
            "(a person)",
            "form filling, further signatures (allowed)",
            "RSA-PSS 3072 bit",
        ] {
            assert!(text.contains(wanted), "{wanted} is missing in:\n{text}");
        }
    }
}
