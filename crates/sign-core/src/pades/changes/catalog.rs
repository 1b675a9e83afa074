//! What may change in the catalog and beside it: evidence, permissions, extensions, version, metadata
//! (ISO 32000-2 7.7.2, 12.8.4.3, 12.8.6, 7.12, 14.3).

use super::rules::{At, Judge, Judged};
use super::same::{paired, same};
use super::{LONGEST_VALUE, Level, shown};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use std::collections::HashSet;

/// Levels of nesting looked through in DSS; the standard's own structure has four.
const DSS_DEPTH: u32 = 12;
/// Levels of nesting in `/Extensions`: developers, versions, entries.
const EXTENSIONS_DEPTH: u32 = 4;
/// Entries of the document information that a program writes whenever it saves.
const BOOKKEEPING: &[&str] = &["ModDate", "Producer"];
/// The same in XMP metadata.
const XMP_BOOKKEEPING: &[&str] = &["xmp:ModifyDate", "xmp:MetadataDate", "xmpMM:InstanceID", "pdf:Producer"];

impl Judge<'_, '_> {
    /// DSS: may grow, must not lose or change anything (EN 319 142-1 clause 5.4.2).
    pub(super) fn evidence(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let level = if self.only_grew(old, new, DSS_DEPTH)? { Level::Lta } else { Level::Other };
        self.note(at, "dss", level);
        Ok(())
    }

    fn only_grew(&self, old: &Object, new: &Object, depth: u32) -> Result<bool, PdfError> {
        if old.is_null() || same(self.source, old, new)? {
            return Ok(true);
        }
        let Some(depth) = depth.checked_sub(1) else { return Ok(false) };
        let (old, new) = (self.resolved_old(Some(old))?, self.resolved(self.new, Some(new))?);
        match (&*old, &*new) {
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                for (before, after) in paired(old, new).values() {
                    let kept = match (before, after) {
                        (None, _) => true,
                        (Some(before), Some(after)) => self.only_grew(before, after, depth)?,
                        (Some(_), None) => false,
                    };
                    if !kept {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Object::Array(old), Object::Array(new)) => {
                let kept: HashSet<ObjectId> = new.iter().filter_map(Object::as_reference).collect();
                Ok(old.iter().all(|item| item.as_reference().is_some_and(|id| kept.contains(&id))))
            }
            (old, new) => Ok(same(self.source, old, new)?),
        }
    }

    /// `/Perms`: a certification may be recorded; nothing recorded may go.
    pub(super) fn perms(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let none = Dictionary::default();
        let Some(new) = new.as_dictionary() else { return self.other(at, "permissions") };
        let old = old.as_dictionary().unwrap_or(&none);
        for key in self.differing(old, new)? {
            let target = new.get(&key).and_then(Object::as_reference);
            let fresh = match target {
                Some(id) => self.was(id)?.is_null(),
                None => false,
            };
            if key != "DocMDP" || old.contains("DocMDP") || !fresh {
                return self.other(at, "permissions");
            }
            self.note(at, "certification_recorded", Level::FormFilling);
        }
        Ok(())
    }

    /// `/Extensions`: may be added and raised, not taken away or lowered.
    pub(super) fn extensions(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let raised = self.only_raised(old, new, EXTENSIONS_DEPTH)?;
        self.note(at, "extensions", if raised { Level::Lta } else { Level::Other });
        Ok(())
    }

    fn only_raised(&self, old: &Object, new: &Object, depth: u32) -> Result<bool, PdfError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(false) };
        let (old, new) = (self.resolved_old(Some(old))?, self.resolved(self.new, Some(new))?);
        match (&*old, &*new) {
            (Object::Null, Object::Dictionary(_)) => Ok(true),
            (Object::Dictionary(old), Object::Dictionary(new)) if old.contains("ExtensionLevel") => {
                let level = |entries: &Dictionary| entries.get("ExtensionLevel")?.as_integer();
                let base = |entries: &Dictionary| number(entries.get("BaseVersion"));
                Ok(level(new) >= level(old) && base(new) >= base(old))
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                for (key, value) in old.iter() {
                    let Some(after) = new.get(&key.as_str()) else { return Ok(false) };
                    if !self.only_raised(value, after, depth)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            // ISO 32000-2 7.12.3: one extension needs no array, a second one beside it does.
            (Object::Dictionary(_), Object::Array(new)) => {
                for after in new {
                    if self.only_raised(&old, after, depth)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (Object::Array(old), Object::Array(new)) if old.len() <= new.len() => {
                for (before, after) in old.iter().zip(new) {
                    if !self.only_raised(before, after, depth)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (old, new) => Ok(same(self.source, old, new)?),
        }
    }

    /// `/Version`: only raised.
    pub(super) fn version(&mut self, at: At<'_>, old: Option<&Object>, new: Option<&Object>) {
        let (major, minor) = self.old.document().version_of_header();
        let header = f64::from(major) + f64::from(minor) / 10.0;
        let raised = number(new).is_some_and(|after| after >= number(old).unwrap_or(header));
        let level = if raised { Level::Lta } else { Level::Other };
        self.push(at, "version", level, None, [shown(old), shown(new)]);
    }

    /// `/SigFlags`: only raised; lowered, viewers would not look for signatures.
    pub(super) fn signature_flags(
        &mut self,
        at: At<'_>,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Judged {
        let flags = |value: Option<&Object>| value.and_then(Object::as_integer).unwrap_or(0);
        if flags(old) & !flags(new) != 0 {
            return self.other_value(at, "signature_flags", old, new);
        }
        self.note(at, "signature_flags", Level::Lta);
        Ok(())
    }

    /// `/Info`, or a value in it: what programs note when they save counts with the evidence they add; a
    /// title is somebody's doing.
    pub(super) fn information(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        let none = Dictionary::default();
        let (before, after) = match (old, new) {
            (Object::Dictionary(before), Object::Dictionary(after)) => (before, after),
            (Object::Null, Object::Dictionary(after)) => (&none, after),
            (Object::Dictionary(before), Object::Null) => (before, &none),
            _ => {
                let values = [shown(Some(old)), shown(Some(new))];
                self.push(at, "document_information", Level::FormFilling, None, values);
                return Ok(());
            }
        };
        for key in self.differing(before, after)? {
            let path = format!("{}/{key}", at.path);
            let at = At { path: &path, ..at };
            let kept = BOOKKEEPING.contains(&key.as_str());
            let level = if kept { Level::Lta } else { Level::FormFilling };
            let old = self.resolved_old(before.get(&key))?;
            let new = self.resolved(self.new, after.get(&key))?;
            let values = [shown(Some(&old)), shown(Some(&new))];
            self.push(at, "document_information", level, None, values);
        }
        Ok(())
    }

    /// XMP: what programs note when they save counts with the evidence they add.
    pub(super) fn metadata(&mut self, at: At<'_>, old: &Object, new: &Object) -> Judged {
        if !new.is_null() && new.as_stream().is_none() {
            return self.other(at, "metadata");
        }
        let (before, after) = (packet(self.old, old), packet(self.new, new));
        match (before, after) {
            (Some(before), Some(after)) if essence(&before) == essence(&after) => {
                self.note(at, "metadata", Level::Lta);
            }
            (before, after) => {
                let title = |packet: Option<String>| packet.as_deref().and_then(title);
                let (before, after) = (title(before), title(after));
                let values = if before == after { [None, None] } else { [before, after] };
                self.push(at, "metadata", Level::FormFilling, None, values);
            }
        }
        Ok(())
    }
}

/// `1.7`, as a name.
fn number(value: Option<&Object>) -> Option<f64> {
    value?.as_name()?.as_str().parse().ok()
}

/// The text of a metadata stream; none if it cannot be read, which then is a change like any other.
fn packet(view: View<'_>, metadata: &Object) -> Option<String> {
    let data = view.stream_data(metadata.as_stream()?).ok()?;
    String::from_utf8(data).ok()
}

/// The packet without bookkeeping and without the white space that it is padded with. It is compared,
/// not understood: how a property is written counts as a part of it.
fn essence(packet: &str) -> String {
    let mut rest = packet.to_owned();
    for name in XMP_BOOKKEEPING {
        rest = without_element(&rest, name);
        rest = without_attribute(&rest, name);
    }
    rest.split_whitespace().collect()
}

fn without_element(text: &str, name: &str) -> String {
    cut_out(text, &format!("<{name}>"), &format!("</{name}>"))
}

fn without_attribute(text: &str, name: &str) -> String {
    cut_out(&cut_out(text, &format!("{name}=\""), "\""), &format!("{name}='"), "'")
}

/// The text without the parts from `start` to the next `end`.
fn cut_out(text: &str, start: &str, end: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(start) {
        let Some((_, behind)) = after.split_once(end) else { break };
        kept.push_str(before);
        rest = behind;
    }
    kept + rest
}

/// The first of `dc:title`, as it stands there.
fn title(packet: &str) -> Option<String> {
    let (_, title) = packet.split_once("<dc:title>")?;
    let (title, _) = title.split_once("</dc:title>")?;
    let (_, item) = title.split_once("<rdf:li")?;
    let (_, text) = item.split_once('>')?;
    let (text, _) = text.split_once('<')?;
    (!text.is_empty()).then(|| text.chars().take(LONGEST_VALUE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_the_same_whenever_it_was_saved() {
        let saved = |date: &str, more: &str| {
            format!(
                "<rdf:Description xmp:ModifyDate=\"{date}\" xmpMM:InstanceID='uuid:{date}'>\
                 <xmp:MetadataDate>{date}</xmp:MetadataDate>{more}</rdf:Description>  \n"
            )
        };
        assert_eq!(essence(&saved("2026-01-01", "")), essence(&saved("2027-12-31", "\n")));
        assert_ne!(essence(&saved("2026-01-01", "")), essence(&saved("2026-01-01", "<dc:title/>")));
        // Not closed: it stays, whatever follows.
        assert_eq!(essence("<pdf:Producer>x"), "<pdf:Producer>x");
    }

    #[test]
    fn reads_the_title() {
        let packet =
            "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">Công văn</rdf:li></rdf:Alt></dc:title>";
        assert_eq!(title(packet).as_deref(), Some("Công văn"));
        assert_eq!(title("<dc:title>"), None);
    }
}
