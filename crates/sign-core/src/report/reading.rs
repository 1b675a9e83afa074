//! What a reader is told, and in which order: one for every page that shows a report (HTML, PDF).
//!
//! All texts here are in the reader's language and fit to be shown: control and direction-changing
//! characters made visible, long ones cut and said to be. How they look is left to those pages.

use super::model::{
    ChainLink, Change, ChangeLevel, DigestCheck, Finding, Kind, Level, Report, Revocation, SignatureCheck,
    SignatureReport, SignerClass,
};
use super::words::changes::rule_words;
use super::words::facts::{
    algorithm_words, authority_words, changes_words, class_words, coverage_words, indication_words,
    integrity_words, kind_words, moment, source_words, status_words, time_words, trust_words, wanted_words,
};
use super::words::situations::{Tone, situation};
use super::words::{Lang, official_reason, printable};
use crate::time::{Time, VIETNAM};
use crate::verdict::{Severity, Verdict};

/// Most signatures named on the first screen.
const SIGNERS_FIRST: usize = 4;
/// Most findings about the document on the first screen; all are further below.
const WARNINGS_FIRST: usize = 3;
/// Most changed objects shown for a signature; the JSON has all of them.
const CHANGES_SHOWN: usize = 40;
/// Most findings shown for a signature.
const FINDINGS_SHOWN: usize = 60;
/// Longest text taken from a document. A name of RFC 5280 has at most 64 characters, an issuer several.
const LONGEST: usize = 300;

/// A whole report, ready to be read.
pub(super) struct Reading {
    pub(super) title: String,
    pub(super) tone: Tone,
    /// The verdict in large letters.
    pub(super) heading: String,
    /// What it rests on.
    pub(super) sentence: &'static str,
    /// Word and sentence in the other language.
    pub(super) in_other_language: String,
    /// What to do now, the most important first.
    pub(super) advice: Vec<String>,
    /// Who, when, whole, revoked: the first screen.
    pub(super) summary: Vec<Row>,
    pub(super) signatures: Vec<SignatureReading>,
    /// About the document as a whole.
    pub(super) notes: Vec<Note>,
    /// What would settle what is open: its name, and addresses where it may be had.
    pub(super) wanted: Vec<(String, Vec<String>)>,
    /// The file, its digest, when and by which policy it was judged.
    pub(super) file: Vec<Row>,
}

/// A label and what is to be said of it.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) tone: Tone,
}

/// One signature.
pub(super) struct SignatureReading {
    /// As in `Chữ ký 1`.
    pub(super) name: String,
    /// Field, page, kind.
    pub(super) place: String,
    pub(super) tone: Tone,
    /// Main status in words, with the standard's reason.
    pub(super) status: String,
    /// Name of the signer.
    pub(super) signer: String,
    /// Organisation, where it is another word than the name.
    pub(super) organisation: String,
    /// When, shortly.
    pub(super) when: String,
    pub(super) rows: Vec<Row>,
    pub(super) chain: Vec<Vec<Row>>,
    pub(super) changes: Vec<ChangeReading>,
    /// How many changes are not shown.
    pub(super) more_changes: usize,
    pub(super) notes: Vec<Note>,
}

/// One changed object.
pub(super) struct ChangeReading {
    pub(super) page: String,
    pub(super) what: String,
    pub(super) old: String,
    pub(super) new: String,
}

/// Something noticed.
pub(super) struct Note {
    pub(super) tone: Tone,
    pub(super) text: String,
}

impl Tone {
    /// A symbol for those who do not see the colour.
    pub(super) fn symbol(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Open => '!',
            Self::Bad => '✗',
            Self::Plain => '–',
        }
    }
}

impl Reading {
    /// Puts a report into words.
    pub(super) fn new(report: &Report, lang: Lang) -> Self {
        let found = situation(report);
        let other = lang.pick(Lang::En, Lang::Vi);
        let mut signatures: Vec<_> =
            report.signatures.iter().enumerate().map(|(i, s)| signature(i, s, lang)).collect();
        for reading in &mut signatures {
            reading.notes.truncate(FINDINGS_SHOWN);
        }
        Self {
            title: format!(
                "{}: {}",
                lang.pick("Kết quả kiểm tra chữ ký số", "Signature verification report"),
                shown(&report.file.name)
            ),
            tone: found.tone,
            heading: found.heading(lang),
            sentence: found.sentence(lang),
            in_other_language: format!("{} — {}", found.word(other), found.sentence(other)),
            advice: advice(report, found.advice(lang), lang),
            summary: summary(report, &signatures, lang),
            signatures,
            notes: report.warnings.iter().map(|finding| note(finding, lang)).collect(),
            wanted: report
                .wanted
                .iter()
                .map(|wanted| {
                    let what = format!("{} {}", wanted_words(&wanted.kind, lang), shown(&wanted.subject));
                    (what, wanted.urls.iter().map(|url| shown(url)).collect())
                })
                .collect(),
            file: file(report, lang),
        }
    }
}

/// What to do, then which signatures are missing for an official document.
fn advice(report: &Report, first: &str, lang: Lang) -> Vec<String> {
    let mut advice = vec![first.to_owned()];
    if report.verdict == Verdict::Valid {
        advice.extend(report.official.reasons.iter().map(|code| format!("{}.", official_reason(code, lang))));
    }
    advice
}

fn summary(report: &Report, signatures: &[SignatureReading], lang: Lang) -> Vec<Row> {
    let mut rows: Vec<Row> = report
        .signatures
        .iter()
        .zip(signatures)
        .take(SIGNERS_FIRST)
        .map(|(s, r)| signed_by(s, r, lang))
        .collect();
    if let Some(more) = signatures.len().checked_sub(SIGNERS_FIRST).filter(|more| *more > 0) {
        let value = match lang {
            Lang::Vi => format!("và {more} chữ ký khác, xem danh sách bên dưới"),
            Lang::En => format!("and {more} more, see the list below"),
        };
        rows.push(plain("", value));
    }
    if !report.signatures.is_empty() {
        rows.push(integrity(report, lang));
        rows.push(later(report, lang));
        rows.push(revocation(report, lang));
        rows.push(official(report, lang));
    }
    let weighty = report.warnings.iter().filter(|finding| finding.severity >= Severity::Warning);
    let label = lang.pick("Lưu ý", "Take note");
    let warned = weighty.take(WARNINGS_FIRST).map(|finding| note(finding, lang));
    rows.extend(warned.map(|Note { tone, text }| Row { label, value: text, tone }));
    rows
}

fn signed_by(signature: &SignatureReport, reading: &SignatureReading, lang: Lang) -> Row {
    let label = match signature.signer.class {
        _ if signature.kind == Kind::DocumentTimestamp => lang.pick("Dấu thời gian", "Time stamp"),
        SignerClass::Personal => lang.pick("Người ký", "Signed by"),
        SignerClass::Organisation => lang.pick("Cơ quan ký", "Sealed by"),
        SignerClass::Tsa => lang.pick("Dấu thời gian", "Time stamp"),
        SignerClass::Unknown => lang.pick("Chữ ký", "Signature"),
    };
    let organisation = match reading.organisation.as_str() {
        "" => String::new(),
        organisation => format!(", {organisation}"),
    };
    let status = status_words(signature.indication, lang);
    let value = format!("{}{organisation} — {} — {status}", reading.signer, reading.when);
    Row { label, value, tone: reading.tone }
}

/// All signatures together: the worst is said, and whose it is.
fn integrity(report: &Report, lang: Lang) -> Row {
    let label = lang.pick("Toàn vẹn", "Integrity");
    let bad = |s: &SignatureReport| {
        s.integrity.digest == DigestCheck::Mismatch || s.integrity.signature == SignatureCheck::Bad
    };
    let sound = |s: &SignatureReport| {
        s.integrity.digest == DigestCheck::Ok && s.integrity.signature == SignatureCheck::Ok
    };
    let worst = report.signatures.iter().enumerate();
    let worst = worst.clone().find(|(_, s)| bad(s)).or_else(|| worst.clone().find(|(_, s)| !sound(s)));
    match worst {
        Some((index, signature)) => Row {
            label,
            value: of_signature(index, integrity_words(signature, lang), lang),
            tone: if bad(signature) { Tone::Bad } else { Tone::Open },
        },
        None => Row {
            label,
            value: lang.pick("nội dung được ký còn nguyên vẹn", "the signed content is intact").to_owned(),
            tone: Tone::Good,
        },
    }
}

fn later(report: &Report, lang: Lang) -> Row {
    let label = lang.pick("Thay đổi sau khi ký", "Changed after signing");
    let signatures = || report.signatures.iter().enumerate();
    let forbidden = signatures().find(|(_, s)| !s.changes.allowed);
    let farthest = signatures().max_by_key(|(_, s)| s.changes.level);
    match forbidden.or(farthest) {
        Some((index, signature)) if !signature.changes.allowed => {
            Row { label, value: of_signature(index, &changes_words(signature, lang), lang), tone: Tone::Bad }
        }
        Some((_, signature)) => Row { label, value: changes_words(signature, lang), tone: Tone::Good },
        None => plain(label, String::new()),
    }
}

/// Loud when it was not checked: TT 15/2025 Phụ lục II.
fn revocation(report: &Report, lang: Lang) -> Row {
    let label = lang.pick("Thu hồi chứng thư số", "Revocation");
    let find = |wanted: &[Revocation]| {
        report.signatures.iter().position(|signature| wanted.contains(&signature.trust.revocation))
    };
    if let Some(index) = find(&[Revocation::Revoked]) {
        let words = lang.pick("chứng thư số ĐÃ BỊ THU HỒI", "the certificate was REVOKED");
        return Row { label, value: of_signature(index, words, lang), tone: Tone::Bad };
    }
    let (words, tone) = match find(&[Revocation::NotChecked, Revocation::Unknown]) {
        Some(_) => (
            lang.pick(
                "CHƯA KIỂM TRA ĐƯỢC: không biết chứng thư số có bị thu hồi hay không",
                "NOT CHECKED: nobody knows whether a certificate was revoked",
            ),
            Tone::Open,
        ),
        None => (lang.pick("đã kiểm tra, không bị thu hồi", "checked, none was revoked"), Tone::Good),
    };
    Row { label, value: words.to_owned(), tone }
}

fn official(report: &Report, lang: Lang) -> Row {
    let label = lang.pick("Văn bản chính thức", "Official document");
    let official = &report.official;
    if official.complete {
        let words = lang.pick(
            "đủ chữ ký của người có thẩm quyền và của cơ quan (NĐ 30/2020 Điều 5)",
            "signed by the competent person and the organisation (NĐ 30/2020 Điều 5)",
        );
        return Row { label, value: words.to_owned(), tone: Tone::Good };
    }
    let reasons: Vec<String> = official.reasons.iter().map(|code| official_reason(code, lang)).collect();
    let value = format!("{}: {}", lang.pick("chưa đủ", "not complete"), reasons.join("; "));
    Row { label, value, tone: Tone::Open }
}

fn of_signature(index: usize, words: &str, lang: Lang) -> String {
    format!("{words} ({} {})", lang.pick("chữ ký", "signature"), index + 1)
}

fn signature(index: usize, signature: &SignatureReport, lang: Lang) -> SignatureReading {
    let signer = &signature.signer;
    let nobody = lang.pick("không rõ người ký", "signer unknown");
    let name = signer.name.as_deref().map_or_else(|| nobody.to_owned(), shown);
    let organisation = signer.organisation.as_deref().map(shown).filter(|o| *o != name).unwrap_or_default();
    let page = signature.page.map(|page| format!(", {} {page}", lang.pick("trang", "page")));
    let place = format!(
        "{} “{}”{}{}",
        lang.pick("trường", "field"),
        shown(&signature.field),
        page.unwrap_or_default(),
        kind_words(signature.kind, lang)
    );
    let (changes, more_changes) = changes(signature, lang);
    SignatureReading {
        name: format!("{} {}", lang.pick("Chữ ký", "Signature"), index + 1),
        place,
        tone: Tone::of(signature.indication),
        status: indication_words(signature, lang),
        when: when(signature, lang),
        rows: rows(signature, &name, &organisation, lang),
        signer: name,
        organisation,
        chain: signature.chain.iter().map(|link| certificate(link, lang)).collect(),
        changes,
        more_changes,
        notes: signature.findings.iter().map(|finding| note(finding, lang)).collect(),
    }
}

fn rows(signature: &SignatureReport, name: &str, organisation: &str, lang: Lang) -> Vec<Row> {
    let signer = &signature.signer;
    let unknown = lang.pick("không rõ", "unknown");
    let issuer = signer.issuer.as_deref().map_or(unknown.to_owned(), shown);
    let mut rows =
        vec![plain(lang.pick("Người ký", "Signer"), format!("{name} ({})", class_words(signer.class, lang)))];
    if !organisation.is_empty() {
        rows.push(plain(lang.pick("Cơ quan", "Organisation"), organisation.to_owned()));
    }
    if let Some(email) = &signer.email {
        rows.push(plain(lang.pick("Thư điện tử", "E-mail"), shown(email)));
    }
    rows.push(plain(
        lang.pick("Nơi cấp chứng thư số", "Issued by"),
        format!("{issuer} ({})", authority_words(signature, lang)),
    ));
    if let (Some(from), Some(to)) = (signer.not_before, signer.not_after) {
        rows.push(plain(lang.pick("Hạn chứng thư số", "Certificate valid"), period(from, to)));
    }
    rows.push(plain(lang.pick("Thời điểm ký", "Signed at"), time_words(signature, lang)));
    if let Some(tsa) = &signature.time.tsa {
        rows.push(plain(lang.pick("Nơi cấp dấu thời gian", "Time stamp by"), shown(tsa)));
    }
    rows.push(plain(lang.pick("Toàn vẹn", "Integrity"), integrity_words(signature, lang).to_owned()));
    rows.push(plain(lang.pick("Phạm vi", "Covers"), coverage_words(signature.coverage, lang).to_owned()));
    rows.push(plain(lang.pick("Thay đổi sau ký", "Changed after"), changes_words(signature, lang)));
    rows.push(plain(lang.pick("Tin cậy", "Trust"), shown(&trust_words(signature, lang))));
    if let Some(revoked) = signature.trust.revoked_at {
        let at = local(revoked);
        rows.push(Row { label: lang.pick("Bị thu hồi lúc", "Revoked at"), value: at, tone: Tone::Bad });
    }
    if let Some(source) = &signature.trust.source {
        rows.push(plain(lang.pick("Bằng chứng", "Evidence"), shown(&source_words(source, lang))));
    }
    rows.push(plain(lang.pick("Mức chữ ký", "Level"), level(signature.level, lang)));
    rows.push(plain(lang.pick("Thuật toán", "Algorithm"), shown(&algorithm_words(signature, lang))));
    rows
}

/// A level's name, and what it is worth.
fn level(level: Level, lang: Lang) -> String {
    let (name, means) = match level {
        Level::None => return lang.pick("không thuộc mức nào của PAdES", "no PAdES level").to_owned(),
        Level::BB => ("B-B", lang.pick("không có dấu thời gian", "no time stamp")),
        Level::BT => ("B-T", lang.pick("có dấu thời gian", "with a time stamp")),
        Level::BLt => ("B-LT", lang.pick("kèm bằng chứng xác minh lâu dài", "with long-term evidence")),
        Level::BLta => (
            "B-LTA",
            lang.pick("kèm bằng chứng lâu dài có dấu thời gian", "with time-stamped long-term evidence"),
        ),
    };
    format!("{name} ({means})")
}

fn when(signature: &SignatureReport, lang: Lang) -> String {
    match (signature.time.timestamp, signature.time.claimed) {
        (Some(proven), _) => format!("{} ({})", minute(proven), lang.pick("đã chứng minh", "proven")),
        (None, Some(claimed)) => {
            let by = lang.pick("theo lời người ký, chưa chứng minh", "claimed, not proven");
            format!("{} ({by})", minute(claimed))
        }
        (None, None) => lang.pick("không ghi thời điểm", "no time stated").to_owned(),
    }
}

fn certificate(link: &ChainLink, lang: Lang) -> Vec<Row> {
    vec![
        plain(lang.pick("Cấp cho", "Subject"), shown(&link.subject)),
        plain(lang.pick("Nơi cấp", "Issuer"), shown(&link.issuer)),
        plain(lang.pick("Số hiệu", "Serial number"), shown(&link.serial)),
        plain(lang.pick("Hiệu lực", "Valid"), period(link.not_before, link.not_after)),
        plain("SHA-256", shown(&link.sha256)),
    ]
}

fn changes(signature: &SignatureReport, lang: Lang) -> (Vec<ChangeReading>, usize) {
    if signature.changes.level <= ChangeLevel::Lta && signature.changes.allowed {
        return (Vec::new(), 0);
    }
    let details = &signature.changes.details;
    let shown = details.iter().take(CHANGES_SHOWN).map(|change| self::change(change, lang)).collect();
    (shown, details.len().saturating_sub(CHANGES_SHOWN))
}

fn change(change: &Change, lang: Lang) -> ChangeReading {
    let value = |text: &Option<String>| text.as_deref().map_or_else(|| "—".to_owned(), shown);
    ChangeReading {
        page: change.page.map_or_else(|| lang.pick("cả tệp", "file").to_owned(), |page| page.to_string()),
        what: format!("{} ({})", shown(rule_words(&change.rule, lang)), shown(&change.path)),
        old: value(&change.old),
        new: value(&change.new),
    }
}

fn note(finding: &Finding, lang: Lang) -> Note {
    let tone = match finding.severity {
        Severity::Info => Tone::Plain,
        Severity::Warning => Tone::Open,
        Severity::Error => Tone::Bad,
    };
    Note { tone, text: shown(lang.pick(&finding.message_vi, &finding.message_en)) }
}

fn file(report: &Report, lang: Lang) -> Vec<Row> {
    let file = &report.file;
    let size = match lang {
        Lang::Vi => format!("{} byte, {} trang, {} lần lưu", file.size, file.pages, file.revisions),
        Lang::En => format!("{} bytes, {} pages, {} revisions", file.size, file.pages, file.revisions),
    };
    let mut rows = vec![
        plain(lang.pick("Tệp", "File"), shown(&file.name)),
        plain(lang.pick("Kích thước", "Size"), size),
        plain("SHA-256", shown(&file.sha256)),
        plain(lang.pick("Phiên bản PDF", "PDF version"), shown(&file.pdf_version)),
    ];
    if file.encrypted {
        rows.push(plain(lang.pick("Mã hoá", "Encrypted"), lang.pick("có", "yes").to_owned()));
    }
    rows.push(plain(lang.pick("Xét tại thời điểm", "Judged as of"), local(report.verified_at)));
    rows.push(plain(lang.pick("Chính sách", "Policy"), shown(&report.policy)));
    rows
}

fn plain(label: &'static str, value: String) -> Row {
    Row { label, value, tone: Tone::Plain }
}

fn period(from: Time, to: Time) -> String {
    format!("{} – {}", local(from), local(to))
}

/// In Vietnam's zone, whatever zone it was written in: times on one page can be compared.
fn local(time: Time) -> String {
    moment(time.in_offset(VIETNAM))
}

/// As [`local`], to the minute.
fn minute(time: Time) -> String {
    let parts = time.in_offset(VIETNAM).parts();
    format!("{:02}/{:02}/{:04} {:02}:{:02}", parts.day, parts.month, parts.year, parts.hour, parts.minute)
}

/// The sentence with a capital letter at its beginning.
pub(super) fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

/// A text from a document, printable and not endless.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST).collect();
    let rest = text.chars().count().saturating_sub(LONGEST);
    let more = if rest > 0 { format!(" … (+{rest})") } else { String::new() };
    format!("{}{more}", printable(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_text_from_a_document_is_cut_and_made_visible() {
        let long = "ệ".repeat(10_000);
        let text = shown(&long);
        assert!(text.ends_with("… (+9700)"), "{text}");
        assert_eq!(shown("A\u{202e}B\nC"), "A\u{fffd}B\u{fffd}C");
    }

    #[test]
    fn the_first_screen_names_few_of_many_signers_and_says_so() {
        let mut report = sample::judged(Verdict::Valid, None);
        report.signatures = vec![report.signatures[0].clone(); 200];
        let reading = Reading::new(&report, Lang::Vi);
        assert_eq!(reading.summary.iter().filter(|row| row.label == "Người ký").count(), SIGNERS_FIRST);
        assert!(reading.summary.iter().any(|row| row.value.contains("196 chữ ký khác")));
    }

    #[test]
    fn a_signature_that_was_taken_away_is_told_on_the_first_screen() {
        let mut report = sample::judged(Verdict::Unsigned, None);
        report.warnings = vec![
            crate::report::words::finding("size_too_small", ""),
            crate::report::words::finding("signature_removed", "Leader"),
        ];
        let reading = Reading::new(&report, Lang::Vi);
        let [row] = reading.summary.as_slice() else { panic!("{}", reading.summary.len()) };
        assert!(row.value.contains("đã bị gỡ khỏi tệp: Leader") && row.tone == Tone::Bad);
    }

    #[test]
    fn a_proven_time_and_a_claimed_one_are_told_apart() {
        let mut report = sample::judged(Verdict::Valid, None);
        report.signatures[0].time.timestamp = Some(sample::time("2025-06-01T01:31:00Z"));
        let reading = Reading::new(&report, Lang::Vi);
        assert_eq!(reading.signatures[0].when, "01/06/2025 08:31 (đã chứng minh)");
        assert!(reading.signatures[1].when.ends_with("(theo lời người ký, chưa chứng minh)"));
    }

    #[test]
    fn what_is_wrong_with_one_of_several_signatures_is_said_of_that_one() {
        let mut report = sample::judged(Verdict::Invalid, None);
        report.signatures[1].integrity.digest = DigestCheck::Mismatch;
        report.signatures[1].trust.revocation = Revocation::Revoked;
        let reading = Reading::new(&report, Lang::En);
        for (label, words) in
            [("Integrity", "CHANGED (signature 2)"), ("Revocation", "REVOKED (signature 2)")]
        {
            let row = reading.summary.iter().find(|row| row.label == label).unwrap();
            assert!(row.value.ends_with(words) && row.tone == Tone::Bad, "{}", row.value);
        }
    }
}
