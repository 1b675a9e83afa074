//! A file with what must be said about it, and the text that stands beside it.

use super::file::Pdf;

/// When everything is judged, unless the attack needs another time.
pub(super) const AT: &str = "2026-03-01T00:00:00Z";

/// What must be said about one signature.
pub(super) struct Expected {
    pub(super) field: &'static str,
    pub(super) indication: &'static str,
    pub(super) sub_indication: Option<&'static str>,
    /// Codes that must be among the findings.
    pub(super) findings: Vec<&'static str>,
}

/// What must be said about a file.
pub(super) enum Verdict {
    /// It is not read at all; the error's code.
    Refused(&'static str),
    /// No signature is seen; the warning that must be there.
    Unsigned(&'static str),
    Signed(Vec<Expected>),
}

/// One file.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) family: &'static str,
    /// Where it was described.
    pub(super) published: &'static str,
    pub(super) reason: &'static str,
    pub(super) at: &'static str,
    pub(super) expected: Verdict,
    pub(super) bytes: Vec<u8>,
}

/// Fails for good.
pub(super) fn failed(sub_indication: &'static str, findings: &[&'static str]) -> Verdict {
    Verdict::Signed(vec![leader("TOTAL-FAILED", Some(sub_indication), findings)])
}

/// Stays open.
pub(super) fn open(sub_indication: Option<&'static str>, findings: &[&'static str]) -> Verdict {
    Verdict::Signed(vec![leader("INDETERMINATE", sub_indication, findings)])
}

/// Honest.
pub(super) fn passed(findings: &[&'static str]) -> Verdict {
    Verdict::Signed(vec![leader("TOTAL-PASSED", None, findings)])
}

/// A change after signing that is not allowed.
pub(super) fn changed() -> Verdict {
    failed("FORMAT_FAILURE", &["changes_not_allowed"])
}

pub(super) fn leader(
    indication: &'static str,
    sub_indication: Option<&'static str>,
    findings: &[&'static str],
) -> Expected {
    Expected { field: "lanh_dao", indication, sub_indication, findings: findings.to_vec() }
}

impl Expected {
    pub(super) fn of(self, field: &'static str) -> Self {
        Self { field, ..self }
    }
}

impl Case {
    pub(super) fn new(name: &'static str, reason: &'static str, expected: Verdict, file: Pdf) -> Self {
        Self { name, family: "", published: "", reason, at: AT, expected, bytes: file.bytes }
    }

    pub(super) fn at(self, at: &'static str) -> Self {
        Self { at, ..self }
    }

    /// `valid`, `invalid`, `indeterminate`, `unsigned`, or `unreadable`.
    pub(super) fn verdict(&self) -> &'static str {
        let signatures = match &self.expected {
            Verdict::Refused(_) => return "unreadable",
            Verdict::Unsigned(_) => return "unsigned",
            Verdict::Signed(signatures) => signatures,
        };
        let any = |indication| signatures.iter().any(|signature| signature.indication == indication);
        match (any("TOTAL-FAILED"), any("INDETERMINATE")) {
            (true, _) => "invalid",
            (_, true) => "indeterminate",
            _ => "valid",
        }
    }

    /// Where it belongs below `fixtures/pdf`.
    pub(super) fn folder(&self) -> &'static str {
        if self.family == "broken" { "broken" } else { "attack" }
    }

    /// The facts beside the file.
    pub(super) fn toml(&self) -> String {
        let listed =
            |codes: &[&str]| codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ");
        let published = match self.published {
            "" => String::new(),
            described => format!("published = \"{described}\"\n"),
        };
        let mut text = format!(
            "family = \"{}\"\n{published}reason = \"{}\"\nat = \"{}\"\nverdict = \"{}\"\n",
            self.family,
            self.reason,
            self.at,
            self.verdict()
        );
        match &self.expected {
            Verdict::Refused(code) => text += &format!("error = \"{code}\"\n"),
            Verdict::Unsigned("") => {}
            Verdict::Unsigned(code) => text += &format!("warning = \"{code}\"\n"),
            Verdict::Signed(signatures) => {
                for signature in signatures {
                    text += &format!(
                        "\n[[signature]]\nfield = \"{}\"\nindication = \"{}\"\n",
                        signature.field, signature.indication
                    );
                    if let Some(sub_indication) = signature.sub_indication {
                        text += &format!("sub_indication = \"{sub_indication}\"\n");
                    }
                    text += &format!("findings = [{}]\n", listed(&signature.findings));
                }
            }
        }
        text
    }
}

/// Gives cases their family and the description they come from.
pub(super) fn family(family: &'static str, published: &'static str, cases: Vec<Case>) -> Vec<Case> {
    cases.into_iter().map(|case| Case { family, published, ..case }).collect()
}
