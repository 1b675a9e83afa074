//! A new document: objects to a file of one revision (ISO 32000-2 7.5). For what we write ourselves from
//! nothing; documents that exist get an [`Update`].
//!
//! Deterministic: the same objects give the same bytes.

use super::append::{Update, fingerprint};
use super::object::{Dictionary, Object, ObjectId, PdfString};
use super::write::{write_dictionary, write_indirect};
use crate::error::PdfError;

/// Where new objects go: into an update of a document, or into a new one.
pub trait Objects {
    /// A number that no object has.
    fn allocate(&mut self) -> ObjectId;

    /// Writes `object` as `id`.
    fn set(&mut self, id: ObjectId, object: Object);

    /// Writes a new object.
    fn add(&mut self, object: impl Into<Object>) -> ObjectId
    where
        Self: Sized,
    {
        let id = self.allocate();
        self.set(id, object.into());
        id
    }
}

impl Objects for Update<'_> {
    fn allocate(&mut self) -> ObjectId {
        Update::allocate(self)
    }

    fn set(&mut self, id: ObjectId, object: Object) {
        Update::set(self, id, object);
    }
}

/// A document while it is made.
#[derive(Debug, Default)]
pub struct NewDocument {
    /// Object number n is at n - 1.
    objects: Vec<Object>,
}

impl NewDocument {
    /// The file, PDF 1.7, with this catalog.
    ///
    /// # Errors
    /// [`PdfError`] for stream data that is in another file.
    pub fn finish(self, catalog: ObjectId) -> Result<Vec<u8>, PdfError> {
        // Bytes above 127 say that the file is binary (7.5.2).
        let mut out = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let mut offsets = Vec::with_capacity(self.objects.len());
        for (number, object) in (1..).zip(&self.objects) {
            offsets.push(out.len());
            write_indirect(&mut out, ObjectId::new(number, 0), object, &Vec::new())?;
        }
        let at = out.len();
        let size = self.objects.len() + 1;
        let id = Object::String(PdfString::hexadecimal(fingerprint(&[&out])));
        out.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for offset in offsets {
            out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        let trailer = Dictionary::new()
            .with("Size", i64::try_from(size).unwrap_or(i64::MAX))
            .with("Root", catalog)
            .with("ID", vec![id.clone(), id]);
        out.extend_from_slice(b"trailer\n");
        write_dictionary(&mut out, &trailer);
        out.extend_from_slice(format!("\nstartxref\n{at}\n%%EOF\n").as_bytes());
        Ok(out)
    }
}

impl Objects for NewDocument {
    fn allocate(&mut self) -> ObjectId {
        self.objects.push(Object::Null);
        ObjectId::new(u32::try_from(self.objects.len()).unwrap_or(u32::MAX), 0)
    }

    fn set(&mut self, id: ObjectId, object: Object) {
        let index = (id.number as usize).checked_sub(1);
        if let Some(place) = index.and_then(|index| self.objects.get_mut(index)) {
            *place = object;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::Document;

    #[test]
    fn what_is_made_can_be_read_and_updated() {
        let mut made = NewDocument::default();
        let pages = made.allocate();
        let page = Dictionary::new()
            .with("Type", Object::name("Page"))
            .with("Parent", pages)
            .with("MediaBox", [0, 0, 10, 10].map(Object::from).to_vec());
        let page = made.add(page);
        let kids = Dictionary::new().with("Type", Object::name("Pages")).with("Count", 1);
        made.set(pages, kids.with("Kids", vec![Object::Reference(page)]).into());
        let catalog = made.add(Dictionary::new().with("Type", Object::name("Catalog")).with("Pages", pages));
        let bytes = made.finish(catalog).unwrap();
        let document = Document::open(&bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().page_count().unwrap(), 1);
        assert!(document.findings().is_empty(), "{:?}", document.findings());
        assert_eq!(Update::new(&document).unwrap().allocate().number, 4);
    }
}
