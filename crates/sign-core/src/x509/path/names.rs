//! Name constraints along a path (RFC 5280 6.1.3 b and c, 6.1.4 g).

use super::ProblemKind;
use crate::crypto::digest::hex;
use crate::x509::certificate::Certificate;
use crate::x509::constraints::{Match, compare, compare_excluded};
use crate::x509::general_name::GeneralName;

/// Comparisons of a name with a subtree in one path: names times constraints must not burn time.
const MAX_COMPARISONS: u32 = 250_000;

/// The constraints of all authorities above.
///
/// Their permitted subtrees are kept apart instead of being intersected: a name lies in the
/// intersection when each authority permits it.
pub(super) struct NameRules {
    permitted: Vec<Vec<GeneralName>>,
    excluded: Vec<GeneralName>,
    comparisons_left: u32,
}

impl Default for NameRules {
    fn default() -> Self {
        Self { permitted: Vec::new(), excluded: Vec::new(), comparisons_left: MAX_COMPARISONS }
    }
}

impl NameRules {
    /// Takes the constraints of an authority, for what follows below it.
    pub(super) fn add(&mut self, authority: &Certificate) {
        if let Some(constraints) = authority.name_constraints() {
            self.permitted.push(constraints.permitted.clone());
            self.excluded.extend(constraints.excluded.iter().cloned());
        }
    }

    /// Tells every name of the certificate that the authorities above it may not certify.
    pub(super) fn check(&mut self, certificate: &Certificate, tell: &mut impl FnMut(ProblemKind)) {
        if self.permitted.is_empty() && self.excluded.is_empty() {
            return;
        }
        for name in names_of(certificate) {
            let per_name = self.excluded.len() + self.permitted.iter().map(Vec::len).sum::<usize>();
            let cost = u32::try_from(per_name).unwrap_or(u32::MAX);
            match self.comparisons_left.checked_sub(cost) {
                Some(left) => self.comparisons_left = left,
                None => return tell(ProblemKind::TooManyNames),
            }
            if let Some(problem) = self.problem_of(&name) {
                tell(problem);
            }
        }
    }

    fn problem_of(&self, name: &GeneralName) -> Option<ProblemKind> {
        let shown = || match name {
            GeneralName::Directory(name) => name.to_string(),
            GeneralName::Mail(text) | GeneralName::Dns(text) | GeneralName::Uri(text) => text.clone(),
            GeneralName::Ip(bytes) | GeneralName::Other { raw: bytes, .. } => hex(bytes),
        };
        for base in &self.excluded {
            match compare_excluded(name, base) {
                Match::Inside => return Some(ProblemKind::NameExcluded { name: shown() }),
                Match::Unclear => return Some(ProblemKind::NameUnclear { name: shown() }),
                Match::Outside | Match::OtherForm => {}
            }
        }
        for subtrees in &self.permitted {
            let matches: Vec<Match> = subtrees.iter().map(|base| compare(name, base)).collect();
            if matches.iter().all(|one| *one == Match::OtherForm) || matches.contains(&Match::Inside) {
                continue;
            }
            let name = shown();
            return Some(if matches.contains(&Match::Unclear) {
                ProblemKind::NameUnclear { name }
            } else {
                ProblemKind::NameNotPermitted { name }
            });
        }
        None
    }
}

/// The subject, the alternative names, and e-mail addresses inside the subject. RFC 5280 4.2.1.10 asks
/// for the latter only without alternative names; but people are shown them either way.
fn names_of(certificate: &Certificate) -> Vec<GeneralName> {
    let subject = certificate.subject();
    let directory = (!subject.is_empty()).then(|| GeneralName::Directory(subject.clone()));
    let mails = subject.emails().map(|mail| GeneralName::Mail(mail.to_owned()));
    directory.into_iter().chain(mails).chain(certificate.subject_names().iter().cloned()).collect()
}
