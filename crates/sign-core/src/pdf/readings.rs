//! The same bytes by other readers: those that treat hybrid files otherwise (ISO 32000-2 7.5.8.4), and
//! those that look for objects themselves, of which the last of a number counts.

use super::document::Document;
use super::object::{Object, ObjectId};
use super::strays::{Stray, Strays};
use super::view::View;
use super::xref::{Entry, EntryKind, Hybrids, SectionKind};
use crate::error::PdfError;
use std::collections::{BTreeMap, BTreeSet};

impl<'s> Document<'s> {
    /// Whether any revision is hybrid: has a table that names a cross-reference stream.
    pub fn is_hybrid(&self) -> bool {
        let mut sections = self.revisions().iter().flat_map(|revision| &revision.sections);
        sections.any(|section| section.kind == SectionKind::HybridStream)
    }

    /// The document to readers that treat hybrid files so.
    ///
    /// # Errors
    /// As [`Document::open`].
    pub fn read_with(&self, hybrids: Hybrids) -> Result<Self, PdfError> {
        let other = Self::open_reading(self.source(), *self.limits(), hybrids)?;
        Ok(self.with_revisions(other.into_revisions()))
    }

    /// The document to readers that repair it: of each number the object that stands last in the file,
    /// whether a cross-reference leads there or not. It has one revision more, with what they see
    /// otherwise; `None` if that is nothing.
    ///
    /// # Errors
    /// [`PdfError`] if the file cannot be read.
    pub fn repaired_reading(&self, strays: &Strays) -> Result<Option<Self>, PdfError> {
        let Some(newest) = self.revisions().last() else { return Ok(None) };
        let mut last = self.last_of_each(strays);
        let packed = self.packed_in(strays, &last)?;
        for (number, (at, entry)) in packed {
            let place = last.entry(number).or_insert((at, entry));
            if place.0 <= at {
                *place = (at, entry);
            }
        }
        let view = self.latest();
        let moved = last.into_values().filter(|(at, entry)| {
            let now = view.entry_of(entry.id()).and_then(|kind| self.offset_of(kind, view));
            now.is_none_or(|now| now < *at)
        });
        let entries: Vec<Entry> = moved.map(|(_, entry)| entry).collect();
        let root = self.last_root(strays)?;
        if entries.is_empty() && root.is_none() {
            return Ok(None);
        }
        let mut revisions = self.revisions().to_vec();
        let mut repaired = newest.followed_by(entries, self.source().len());
        if let Some(root) = root {
            repaired.trailer = repaired.trailer.with("Root", Object::Reference(root));
        }
        revisions.push(repaired);
        Ok(Some(self.with_revisions(revisions)))
    }

    /// By number: the last place in the file, among strays and what any revision lists.
    fn last_of_each(&self, strays: &Strays) -> BTreeMap<u32, (u64, Entry)> {
        let mut last: BTreeMap<u32, (u64, Entry)> = BTreeMap::new();
        let mut keep = |at: u64, entry: Entry| {
            let place = last.entry(entry.number()).or_insert((at, entry));
            if place.0 <= at {
                *place = (at, entry);
            }
        };
        for revision in self.revisions() {
            let view = self.view(revision.index);
            for (id, kind) in revision.entries() {
                if let Some(at) = self.offset_of(kind, view) {
                    keep(at, Entry::new(id, kind));
                }
            }
        }
        for Stray { id, at } in strays.objects.iter().filter(|stray| stray.id.number != 0) {
            keep(*at, Entry::new(*id, EntryKind::InFile(*at)));
        }
        last
    }

    /// What object streams among the strays hold.
    fn packed_in(
        &self,
        strays: &Strays,
        last: &BTreeMap<u32, (u64, Entry)>,
    ) -> Result<BTreeMap<u32, (u64, Entry)>, PdfError> {
        let mut found = BTreeMap::new();
        let Some(newest) = self.revisions().last() else { return Ok(found) };
        // Only the last of its number is in force; those that no cross-reference leads to.
        let alone: BTreeMap<u32, Stray> = strays
            .objects
            .iter()
            .filter(|stray| last.get(&stray.id.number).is_some_and(|(at, _)| *at == stray.at))
            .map(|stray| (stray.id.number, *stray))
            .collect();
        let entries = alone.values().map(|stray| Entry::new(stray.id, EntryKind::InFile(stray.at))).collect();
        let mut revisions = self.revisions().to_vec();
        revisions.push(newest.followed_by(entries, self.source().len()));
        let other = self.with_revisions(revisions);
        for Stray { id, at } in alone.into_values() {
            let read = other.latest().object(id);
            if !read.is_ok_and(|object| is_object_stream(&object)) {
                continue;
            }
            let container = match other.latest().container(id.number) {
                Err(error) if error.is_malformed() => continue,
                read => read?,
            };
            for (index, number) in container.numbers().enumerate() {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                let kind = EntryKind::InStream { container: id.number, index };
                found.insert(number, (at, Entry::new(ObjectId::new(number, 0), kind)));
            }
        }
        Ok(found)
    }

    /// Whether an object that revisions after this one wrote stands, as it is now, before what one of them
    /// had written: honest programs append, and those who read for the last of each number see another.
    pub fn goes_back_after(&self, index: usize) -> bool {
        let mut highest: BTreeMap<u32, u64> = BTreeMap::new();
        for revision in self.revisions().iter().skip(index.saturating_add(1)) {
            let view = self.view(revision.index);
            for (id, kind) in revision.entries() {
                if let Some(at) = self.offset_of(kind, view) {
                    let known = highest.entry(id.number).or_insert(at);
                    *known = at.max(*known);
                }
            }
        }
        let view = self.latest();
        highest.into_iter().any(|(number, highest)| {
            let now = view.id_of(number).and_then(|id| self.offset_of(view.entry_of(id)?, view));
            now.is_some_and(|now| now < highest)
        })
    }

    /// The `/Root` of the last trailer in the file, if it is another than this document's.
    fn last_root(&self, strays: &Strays) -> Result<Option<ObjectId>, PdfError> {
        let last_listed = self.revisions().iter().map(|revision| revision.startxref).max().unwrap_or(0);
        let now = self.latest().trailer().get("Root").and_then(Object::as_reference);
        for at in strays.trailers.iter().rev().filter(|at| **at > last_listed) {
            let after = at.saturating_add("trailer".len() as u64);
            let trailer = match self.reader().parser(after, self.source().len()).dictionary() {
                Ok(trailer) => trailer,
                Err(error @ (PdfError::Limit(_) | PdfError::Source(_))) => return Err(error),
                // No trailer to anybody.
                Err(_) => continue,
            };
            if let Some(root) = trailer.get("Root").and_then(Object::as_reference) {
                return Ok(Some(root).filter(|root| Some(*root) != now));
            }
        }
        Ok(None)
    }

    /// Numbers of objects that the two readings may see otherwise, as their newest revisions have it.
    pub fn numbers_that_differ(&self, other: &Self) -> BTreeSet<u32> {
        let (a, b) = (self.latest(), other.latest());
        let numbers = |document: &Self, except: &Self| -> BTreeSet<u32> {
            let shared = except.revisions();
            let revisions = document.revisions().iter().filter(|revision| {
                let twin = shared.get(revision.index);
                twin.is_none_or(|twin| !twin.has_entries_of(revision))
            });
            revisions.flat_map(|revision| revision.entries().map(|(id, _)| id.number)).collect()
        };
        let place = |document: &Self, view: View<'_>, number: u32| {
            let index = view.written_in(number)?;
            let entry = document.revisions().get(index)?.entry(number)?;
            Some((entry.id(), entry.kind()))
        };
        let mut differ = numbers(self, other);
        differ.extend(numbers(other, self));
        differ.retain(|number| place(self, a, *number) != place(other, b, *number));
        differ
    }
}

fn is_object_stream(object: &Object) -> bool {
    let kind = object.dictionary().and_then(|entries| entries.type_name());
    object.as_stream().is_some() && kind.is_some_and(|kind| kind == "ObjStm")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::FileBuilder;
    use super::*;
    use crate::limits::Limits;

    fn rotation(document: &Document<'_>) -> u16 {
        document.latest().pages().unwrap()[0].rotate
    }

    const TURNED: &str = "<</Type/Page/Parent 2 0 R/Rotate 90>>";

    #[test]
    fn readers_of_hybrid_files_see_what_they_know() {
        // The table has page 3 as it was; the stream shows it turned.
        let file = FileBuilder::new().with_a_page().table("").object_stream(8, &[(3, TURNED)]);
        let file = file.hybrid(&[3], 9, "");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert!(document.is_hybrid());
        let by = |hybrids| rotation(&document.read_with(hybrids).unwrap());
        assert_eq!((rotation(&document), by(Hybrids::First)), (90, 90));
        let ignored = document.read_with(Hybrids::Ignored).unwrap();
        assert!(document.numbers_that_differ(&ignored).contains(&3));
        // The table calls it free: to them there is no page.
        assert!(ignored.latest().object(ObjectId::new(3, 0)).unwrap().is_null());
    }

    #[test]
    fn readers_that_repair_take_the_last_of_each_number() {
        let plain = || FileBuilder::new().with_a_page();
        let stray = format!("3 0 obj\n{TURNED}\nendobj\n");
        let cases: [(&str, FileBuilder, Option<u16>); 4] = [
            ("nothing stray", plain().table(""), None),
            (
                "a stray before the object",
                {
                    let file = FileBuilder::new().raw(&stray);
                    file.with_a_page().table("")
                },
                None,
            ),
            ("a stray after it", plain().raw(&stray).table(""), Some(90)),
            (
                "a stray object stream",
                {
                    let mut file = plain().object_stream(8, &[(3, TURNED)]);
                    file.entries.remove(&8);
                    file.entries.insert(3, EntryKind::InFile(file_offset(&file, b"3 0 obj")));
                    file.table("")
                },
                Some(90),
            ),
        ];
        for (what, file, expected) in cases {
            let document = Document::open(&file.bytes, Limits::default()).unwrap();
            assert_eq!(rotation(&document), 0, "{what}");
            let strays = document.strays(0..file.bytes.len() as u64, 100).unwrap();
            let repaired = document.repaired_reading(&strays).unwrap();
            assert_eq!(repaired.as_ref().map(rotation), expected, "{what}: {strays:?}");
        }
    }

    fn file_offset(file: &FileBuilder, what: &[u8]) -> u64 {
        file.bytes.windows(what.len()).position(|window| window == what).unwrap() as u64
    }

    #[test]
    fn readers_that_repair_take_the_last_trailer() {
        let file = FileBuilder::new().with_a_page().object(5, "<</Type/Catalog/Pages 2 0 R>>").table("");
        let plain = file.bytes.len();
        let file = file.raw("trailer\n<</Root 5 0 R>>\n");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let strays = document.strays(0..file.bytes.len() as u64, 100).unwrap();
        assert_eq!(strays.trailers, [plain as u64]);
        let repaired = document.repaired_reading(&strays).unwrap().unwrap();
        assert_eq!(repaired.latest().catalog().unwrap().0, ObjectId::new(5, 0));
    }
}
