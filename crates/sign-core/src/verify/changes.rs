//! What came after a signature, and whether it allows that.

use super::Findings;
use super::conclude::LaterChanges;
use super::context::Context;
use super::format::Container;
use crate::error::PdfError;
use crate::pades::changes::permission::{self, Permission};
use crate::pades::changes::{self, Differences, Level};
use crate::pades::coverage::Trailing;
use crate::pades::field::SignatureField;
use crate::report::model::{Change, ChangeLevel, Changes, Kind};

/// Most changed objects listed of one signature, of all together, and of one when these are used up; the
/// level and the verdict rest on all of them. A thousand signatures would list a million changes.
const MOST_LISTED: usize = 1_000;
const MOST_LISTED_OF_ALL: usize = 20_000;
const LISTED_AT_LEAST: usize = 20;

/// What was found, for the report and for the conclusion.
pub(super) struct Later {
    pub(super) kind: Kind,
    pub(super) changes: Changes,
    pub(super) state: LaterChanges,
}

/// Compares everything after the signed revision with it. What cannot be compared is a finding.
pub(super) fn examine(
    context: &Context<'_>,
    field: &SignatureField,
    container: &Container,
    findings: &mut Findings,
) -> Later {
    let Some(revision) = container.revision else {
        // Nothing is known to compare with; the coverage says so and fails the signature.
        return unexamined(plain_kind(container), None);
    };
    let (kind, permission) = match permission_of(context, field, container, revision, findings) {
        Ok(found) => found,
        Err(error) => {
            findings.add_with("changes_not_examined", error);
            return unexamined(plain_kind(container), None);
        }
    };
    let comparison = match context.comparison {
        Some(Ok(comparison)) => comparison,
        Some(Err(error)) => {
            findings.add_with("changes_not_examined", error);
            return unexamined(kind, permission.docmdp);
        }
        // Without a signed revision there is nothing to compare with; told above.
        None => return unexamined(kind, permission.docmdp),
    };
    let mut differences = match comparison.since(revision) {
        Ok(differences) => differences,
        Err(error) => {
            findings.add_with("changes_not_examined", error);
            return unexamined(kind, permission.docmdp);
        }
    };
    let foreign = foreign_bytes();
    if context.trailing == Trailing::Foreign {
        differences.changes.push(&foreign);
    }
    let written_twice = is_written_twice(context, revision);
    if written_twice {
        findings.add("two_readings");
    }
    for reading in comparison.readings() {
        findings.add_with("two_readings", reading);
    }
    if !differences.unreachable.is_empty() {
        findings.add_with("unreachable_objects_added", differences.unreachable.len());
    }
    let left = MOST_LISTED_OF_ALL.saturating_sub(comparison.told());
    let most = left.clamp(LISTED_AT_LEAST, MOST_LISTED);
    let mut later = Later { kind, ..judge(&differences, &permission, most, findings) };
    comparison.tell(later.changes.details.len());
    let two_readings = written_twice || !comparison.readings().is_empty();
    if two_readings && later.state == LaterChanges::Allowed {
        later.state = LaterChanges::Unexamined;
    }
    later
}

/// Nothing is known about later changes, so nothing is said to be allowed.
fn unexamined(kind: Kind, docmdp: Option<u8>) -> Later {
    let changes = Changes { level: ChangeLevel::Other, allowed: false, docmdp, details: Vec::new() };
    Later { kind, changes, state: LaterChanges::Unexamined }
}

/// Whether something is written twice, so that readers may choose: two entries for one object, or an entry twice
/// in a dictionary written after the signed revision. Compared was one choice; the other is anybody's guess.
fn is_written_twice(context: &Context<'_>, signed: usize) -> bool {
    let revisions = context.document.revisions();
    let end = revisions.get(signed).map_or(0, |revision| revision.end);
    let last = signed + 1 == revisions.len();
    context.document.findings().iter().any(|finding| match finding.code {
        "xref_conflict" => true,
        // An object inside an object stream has no place of its own.
        "duplicate_key" => !last && finding.at.is_none_or(|at| at >= end),
        _ => false,
    })
}

fn judge(
    differences: &Differences<'_>,
    permission: &Permission,
    most: usize,
    findings: &mut Findings,
) -> Later {
    let refused = differences.changes.iter().find(|change| !permission.allows(change));
    let level = differences.level();
    match refused {
        Some(change) => {
            findings.add_with("changes_not_allowed", format!("{} ({})", change.path, change.rule))
        }
        None => match level {
            Level::None | Level::Other => {}
            Level::Lta => findings.add("evidence_added_after"),
            Level::FormFilling => findings.add("form_filled_after"),
            Level::Annotations => findings.add("annotated_after"),
        },
    }
    let allowed = refused.is_none();
    let mut shown: Vec<&changes::Change> = differences.changes.clone();
    if shown.len() > most {
        findings.add_with("changes_listed_in_part", format!("{most} / {}", shown.len()));
        // What is not allowed is never what is left out first.
        shown.sort_by_key(|change| permission.allows(change));
        shown.truncate(most);
    }
    let details = shown.into_iter().map(listed).collect();
    Later {
        kind: Kind::Approval,
        changes: Changes { level: level_of(level), allowed, docmdp: permission.docmdp, details },
        state: if allowed { LaterChanges::Allowed } else { LaterChanges::Forbidden },
    }
}

/// What the signed revision records about certification and locks.
fn permission_of(
    context: &Context<'_>,
    field: &SignatureField,
    container: &Container,
    revision: usize,
    findings: &mut Findings,
) -> Result<(Kind, Permission), PdfError> {
    let view = context.document.view(revision);
    let Some((id, signature)) = &field.value else { return Ok((Kind::Approval, Permission::default())) };
    let certification = permission::certification(&view)?;
    let certifies = matches!((&certification, id), (Some((Some(certified), _)), Some(id)) if certified == id);
    if !certifies && permission::claims_certification(&view, signature)? {
        findings.add("certification_not_in_force");
    }
    let mut docmdp = certification.map(|(_, p)| p);
    if let Some(lock) = &field.lock {
        let p = permission::lock_p(&view, lock)?;
        docmdp = docmdp.into_iter().chain(p).min();
    }
    let locks = permission::locks(&view, signature, field.lock.as_ref())?;
    let kind = if certifies { Kind::Certification } else { plain_kind(container) };
    Ok((kind, Permission { docmdp, locks }))
}

fn plain_kind(container: &Container) -> Kind {
    if container.is_time_stamp() { Kind::DocumentTimestamp } else { Kind::Approval }
}

fn foreign_bytes() -> changes::Change {
    changes::Change {
        object: None,
        path: "after the last %%EOF".to_owned(),
        rule: "bytes_after_last_revision",
        level: Level::Other,
        field: None,
        page: None,
        rect: None,
        old: None,
        new: None,
    }
}

fn listed(change: &changes::Change) -> Change {
    Change {
        object: change.object.map_or("trailer".to_owned(), |id| id.to_string()),
        path: change.path.clone(),
        rule: change.rule.to_owned(),
        page: change.page.map(|page| page as u64 + 1),
        rect: change.rect,
        old: change.old.clone(),
        new: change.new.clone(),
    }
}

fn level_of(level: Level) -> ChangeLevel {
    match level {
        Level::None => ChangeLevel::None,
        Level::Lta => ChangeLevel::Lta,
        Level::FormFilling => ChangeLevel::FormFilling,
        Level::Annotations => ChangeLevel::Annotations,
        Level::Other => ChangeLevel::Other,
    }
}
