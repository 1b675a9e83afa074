//! The newest revision against each older one, from the newest of them back to the first signed one.
//!
//! One step back changes what "before" means for the objects that the revision in between wrote, and
//! for those whose judgement looked at one of them. Only these are judged again; of all others the
//! judgement stands, and is kept with the span of revisions for which it does. So a letter of a
//! thousand signatures costs a thousand revisions' worth of objects, and not its square.

use super::super::scan::hiding::Words;
use super::roles::{self, Roles};
use super::rules::{Judge, Outcome};
use super::{Change, Differences, same, written_after};
use crate::error::PdfError;
use crate::pades::field::Form;
use crate::pdf::{Document, ObjectId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::rc::Rc;

/// What was found out about an object, and the signed revisions for which it holds.
struct Finding {
    id: ObjectId,
    signed: RangeInclusive<usize>,
    outcome: Result<Outcome, PdfError>,
}

/// The judgements on all objects that later revisions wrote.
#[derive(Default)]
pub(super) struct History {
    /// In the order of object numbers.
    findings: Vec<Finding>,
    /// The trailer's own, by signed revision.
    trailers: BTreeMap<usize, Result<Vec<Change>, PdfError>>,
}

impl History {
    /// Judges what revisions after `first_signed` wrote, as seen from each revision from there on.
    ///
    /// # Errors
    /// [`PdfError`] if the document's structure cannot be walked, not within its limits, or not at all.
    pub(super) fn compare(
        document: &Document<'_>,
        form: &Form,
        first_signed: usize,
    ) -> Result<Self, PdfError> {
        let written = written_after(document, first_signed);
        let newest = document.revisions().len().saturating_sub(1);
        if written.is_empty() && first_signed >= newest {
            return Ok(Self::default());
        }
        let numbers: BTreeSet<u32> = written.iter().map(|id| id.number).collect();
        let roles = roles::find(document.view(first_signed), document.latest(), form, numbers.clone())?;
        let mut run = Run::new(document, form, &roles, &written, first_signed);
        for signed in (first_signed..newest).rev() {
            run.step(signed)?;
        }
        Ok(run.end())
    }

    /// The differences between revision `signed` and the newest.
    ///
    /// # Errors
    /// [`PdfError`] if an object that matters could not be read.
    pub(super) fn since(&self, signed: usize) -> Result<Differences<'_>, PdfError> {
        let mut differences = Differences::default();
        if let Some(trailer) = self.trailers.get(&signed) {
            differences.changes.extend(trailer.as_ref().map_err(Clone::clone)?);
        }
        for finding in self.findings.iter().filter(|finding| finding.signed.contains(&signed)) {
            let outcome = finding.outcome.as_ref().map_err(Clone::clone)?;
            differences.changes.extend(&outcome.changes);
            differences.unreachable.extend(outcome.is_unreachable.then_some(finding.id));
        }
        Ok(differences)
    }
}

/// A way back through the revisions.
struct Run<'r, 'd> {
    document: &'r Document<'d>,
    form: &'r Form,
    roles: &'r Roles,
    first_signed: usize,
    /// The written objects, sorted, and the same numbers under every generation that is referred to: a
    /// freed entry carries the generation to come, not the one that vanished.
    ids: Vec<ObjectId>,
    /// Those that differ from what they were.
    changed: BTreeSet<ObjectId>,
    /// Those of which that cannot be told.
    unreadable: HashMap<ObjectId, PdfError>,
    /// Judgements that hold from here back, each with the newest revision it holds for.
    open: BTreeMap<ObjectId, (usize, Result<Outcome, PdfError>)>,
    /// Which judgements rest on an object of this number.
    resting: HashMap<u32, HashSet<ObjectId>>,
    history: History,
    /// The signed letters: those of the newest state, since page content that differs is never allowed. Read
    /// once, however many revisions are compared.
    words: Rc<RefCell<Words<'r>>>,
}

impl<'r, 'd> Run<'r, 'd> {
    fn new(
        document: &'r Document<'d>,
        form: &'r Form,
        roles: &'r Roles,
        written: &BTreeSet<ObjectId>,
        first_signed: usize,
    ) -> Self {
        let mut ids: Vec<ObjectId> = written.iter().copied().chain(roles.ids()).collect();
        ids.sort_unstable();
        ids.dedup();
        Self {
            document,
            form,
            roles,
            first_signed,
            ids,
            changed: BTreeSet::new(),
            unreadable: HashMap::new(),
            open: BTreeMap::new(),
            resting: HashMap::new(),
            history: History::default(),
            words: Rc::new(RefCell::new(Words::of(document.latest()))),
        }
    }

    /// One revision further back: from `signed + 1` to `signed`.
    fn step(&mut self, signed: usize) -> Result<(), PdfError> {
        let mut again = BTreeSet::new();
        let Some(revision) = self.document.revisions().get(signed + 1) else { return Ok(()) };
        for (ObjectId { number, .. }, _) in revision.entries() {
            let first = self.ids.partition_point(|id| id.number < number);
            let of_number = self.ids.iter().skip(first).take_while(|id| id.number == number);
            for id in of_number {
                self.unreadable.remove(id);
                match differs(self.document, signed, *id) {
                    Ok(true) => {
                        self.changed.insert(*id);
                    }
                    Ok(false) => {
                        self.changed.remove(id);
                    }
                    Err(error) => {
                        self.unreadable.insert(*id, unless_endless(error)?);
                    }
                }
                again.insert(*id);
            }
            again.extend(self.resting.remove(&number).into_iter().flatten());
        }
        self.judge(signed, &again)
    }

    fn judge(&mut self, signed: usize, again: &BTreeSet<ObjectId>) -> Result<(), PdfError> {
        let (old, new) = (self.document.view(signed), self.document.latest());
        let changed = std::mem::take(&mut self.changed);
        let words = Rc::clone(&self.words);
        let mut judge =
            Judge::new((old, new), self.document.source(), self.form, self.roles, &changed, words);
        let trailer = judge.trailer();
        let (outcome, _) = judge.take();
        self.history.trailers.insert(signed, trailer.map(|()| outcome.changes));
        for id in again {
            self.close(*id, signed);
            if let Some(error) = self.unreadable.get(id) {
                self.open.insert(*id, (signed, Err(error.clone())));
                continue;
            }
            if !changed.contains(id) {
                continue;
            }
            let judged = judge.object(*id);
            let (outcome, asked) = judge.take();
            for number in asked {
                // Nothing on the way back writes it again: what was seen there stays.
                if old.written_in(number).is_some_and(|index| index > self.first_signed) {
                    self.resting.entry(number).or_default().insert(*id);
                }
            }
            let judged = match judged {
                Ok(()) => Ok(outcome),
                Err(error) => Err(unless_endless(error)?),
            };
            self.open.insert(*id, (signed, judged));
        }
        drop(judge);
        self.changed = changed;
        Ok(())
    }

    /// Ends the span of an open judgement, which held down to the revision after `signed`.
    fn close(&mut self, id: ObjectId, signed: usize) {
        if let Some((newest, outcome)) = self.open.remove(&id)
            && newest > signed
        {
            self.history.findings.push(Finding { id, signed: signed + 1..=newest, outcome });
        }
    }

    fn end(mut self) -> History {
        for (id, (newest, outcome)) in std::mem::take(&mut self.open) {
            self.history.findings.push(Finding { id, signed: self.first_signed..=newest, outcome });
        }
        self.history.findings.sort_by_key(|finding| (finding.id, *finding.signed.start()));
        self.history
    }
}

/// What is wrong with one object; an exhausted limit or source is the end of all.
fn unless_endless(error: PdfError) -> Result<PdfError, PdfError> {
    match error {
        PdfError::Limit(_) | PdfError::Source(_) => Err(error),
        other => Ok(other),
    }
}

/// Whether an object is another now than it was in a revision.
fn differs(document: &Document<'_>, signed: usize, id: ObjectId) -> Result<bool, PdfError> {
    let (before, after) = (document.view(signed).object(id)?, document.latest().object(id)?);
    Ok(!same::same(document.source(), &before, &after)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::fixture::FileBuilder;

    /// A letter that was saved so often, each time with one more signature field and another value.
    fn saved(times: u32) -> Vec<u8> {
        let mut file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(3, "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>")
            .object(4, "<</Fields[5 0 R]>>")
            .object(5, "<</Subtype/Widget/FT/Tx/T(so)/V(0)/Rect[0 0 9 9]/P 3 0 R>>")
            .table("");
        let mut listed = String::from("5 0 R");
        for time in 0..times {
            let (field, value) = (10 + 2 * time, 11 + 2 * time);
            listed += &format!(" {field} 0 R");
            file = file
                .object(3, &format!("<</Type/Page/Parent 2 0 R/Annots[{listed}]>>"))
                .object(4, &format!("<</Fields[{listed}]>>"))
                .object(5, &format!("<</Subtype/Widget/FT/Tx/T(so)/V({time})/Rect[0 0 9 9]/P 3 0 R>>"))
                .object(
                    field,
                    &format!("<</Subtype/Widget/FT/Sig/T(k{time})/Rect[0 0 0 0]/P 3 0 R/V {value} 0 R>>"),
                )
                .object(value, "<</Type/Sig>>")
                .table("");
        }
        file.bytes
    }

    /// Objects read for all comparisons, and the changes after the first revision.
    fn compared(times: u32) -> (u64, usize) {
        let bytes = saved(times);
        let document = Document::open(&bytes, Limits::default()).unwrap();
        let form = Form::read(&document.latest(), 50_000).unwrap();
        let before = document.budget().objects_spent();
        let history = History::compare(&document, &form, 0).unwrap();
        let changes = history.since(0).unwrap().changes.len();
        (document.budget().objects_spent() - before, changes)
    }

    #[test]
    fn reads_as_many_objects_as_were_written_and_not_their_square() {
        let (few, few_changes) = compared(50);
        let (many, many_changes) = compared(500);
        // Each save adds a field and its value; three objects were there before.
        assert_eq!(many_changes - few_changes, 450);
        assert!(many <= few * 12, "{few} objects for 50 saves, {many} for 500");
        assert!(many <= 5 * 500 + 100, "{many} objects for 2,500 that were written");
    }

    #[test]
    fn a_way_back_finds_what_a_single_look_finds() {
        // Each revision against the newest, by all steps at once and by one step from there.
        let bytes = saved(9);
        let document = Document::open(&bytes, Limits::default()).unwrap();
        let form = Form::read(&document.latest(), 50_000).unwrap();
        let all = History::compare(&document, &form, 0).unwrap();
        for signed in 0..9 {
            let alone = History::compare(&document, &form, signed).unwrap();
            let (a, b) = (all.since(signed).unwrap(), alone.since(signed).unwrap());
            assert_eq!(a.changes, b.changes, "since {signed}");
            assert_eq!(a.unreachable, b.unreachable, "since {signed}");
            assert!(!a.changes.is_empty());
        }
        assert!(all.since(9).unwrap().changes.is_empty());
    }

    #[test]
    fn what_came_to_be_between_two_signatures_is_new_to_the_first_alone() {
        // Object 30 is there, unused, before the second signature; then it becomes a field.
        let list = "[5 0 R 30 0 R]";
        let file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(3, "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>")
            .object(4, "<</Fields[5 0 R]>>")
            .object(5, "<</Subtype/Widget/FT/Tx/T(so)/Rect[0 0 9 9]/P 3 0 R>>")
            .table("")
            .object(30, "<</Subtype/Widget/FT/Sig/T(k)/Rect[0 0 0 0]/P 3 0 R>>")
            .table("")
            .object(3, &format!("<</Type/Page/Parent 2 0 R/Annots{list}>>"))
            .object(4, &format!("<</Fields{list}>>"))
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let form = Form::read(&document.latest(), 50_000).unwrap();
        let history = History::compare(&document, &form, 0).unwrap();
        let levels = [0, 1].map(|signed| history.since(signed).unwrap().level());
        assert_eq!(levels, [super::super::Level::FormFilling, super::super::Level::Other]);
    }
}
