//! Evidence into a document: its security store (DSS, ISO 32000-2 12.8.4.3; EN 319 142-1 clause 5.4.2), as
//! a revision of its own. What is worth keeping is the caller's matter; document time stamps, which seal the
//! evidence, are made in [`super::document_stamp`].
//!
//! The old store stays whole: validators take a store that lost something for an attack. Nothing is stored
//! twice. `/VRI` is kept as it is and not written: it is optional, says nothing that the lists do not, and
//! its `/TU` proves no time.

use super::SignError;
use super::edit::Edit;
use crate::crypto::document::open;
use crate::error::PdfError;
use crate::pades::dss::{self, Pieces};
use crate::pades::extension;
use crate::pdf::{Access, Appended, Dictionary, Document, Object, ObjectId, Stream};
use crate::source::Source;
use std::collections::HashSet;

/// The store in the catalog, and its lists.
const STORE: &str = "DSS";
const CERTIFICATES: &str = "Certs";
const ANSWERS: &str = "OCSPs";
const LISTS: &str = "CRLs";

/// The revision that puts `pieces` into the document's security store; `None` if all of them are there.
///
/// A certified document that allows no changes may be extended too (ISO 32000-2 12.8.5.3).
///
/// # Errors
/// [`SignError::Pdf`] if the document or its store cannot be read.
pub fn add_store<'p>(
    source: &dyn Source,
    pieces: &Pieces,
    access: impl Into<Access<'p>>,
) -> Result<Option<Appended>, SignError> {
    let document = open(source, access.into())?;
    let there = dss::store(document.latest())?;
    let missing = [
        (CERTIFICATES, missing(&there.certificates, &pieces.certificates)),
        (ANSWERS, missing(&there.ocsp, &pieces.ocsp)),
        (LISTS, missing(&there.crls, &pieces.crls)),
    ];
    if missing.iter().all(|(_, pieces)| pieces.is_empty()) {
        return Ok(None);
    }
    let mut edit = Edit::new(&document)?;
    let store = store_object(&mut edit)?;
    for (key, pieces) in missing {
        for der in pieces {
            let stream = edit.add(Object::Stream(Stream::new(Dictionary::new(), der.clone())));
            edit.push(store, key, stream)?;
        }
    }
    declare(&mut edit, &document)?;
    Ok(Some(edit.finish()?))
}

/// What of `wanted` is not there, each once.
fn missing<'p>(there: &[Vec<u8>], wanted: &'p [Vec<u8>]) -> Vec<&'p Vec<u8>> {
    let mut known: HashSet<&[u8]> = there.iter().map(Vec::as_slice).collect();
    wanted.iter().filter(|der| known.insert(der.as_slice())).collect()
}

/// The store as an object of its own, made if there is none.
fn store_object(edit: &mut Edit<'_>) -> Result<ObjectId, PdfError> {
    let (catalog_id, catalog) = edit.before().catalog()?;
    let catalog = catalog.as_dictionary().cloned().unwrap_or_default();
    let old = edit.before().get(&catalog, STORE)?;
    match (catalog.get(STORE), &*old) {
        (Some(Object::Reference(id)), Object::Dictionary(_)) => return Ok(*id),
        (_, Object::Dictionary(_) | Object::Null) => {}
        _ => {
            let (object, key) = (catalog_id.to_string(), STORE.into());
            return Err(PdfError::WrongType { object, key, expected: "dictionary" });
        }
    }
    let store = edit.add(old.as_dictionary().cloned().unwrap_or_default());
    edit.dictionary_mut(catalog_id)?.insert(STORE, store);
    Ok(store)
}

/// Names the PAdES extension in a PDF 1.7 (EN 319 142-1 clause 5.1); PDF 2.0 has stores of its own.
pub(super) fn declare(edit: &mut Edit<'_>, document: &Document<'_>) -> Result<(), PdfError> {
    if document.version() != (1, 7) {
        return Ok(());
    }
    let (catalog_id, catalog) = edit.before().catalog()?;
    let old = edit.before().get(&catalog.as_dictionary().cloned().unwrap_or_default(), "Extensions")?;
    if let Some(new) = extension::with_pades(&old.as_dictionary().cloned().unwrap_or_default()) {
        edit.dictionary_mut(catalog_id)?.insert("Extensions", new);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::der;
    use crate::limits::Limits;
    use crate::pdf::fixture::{FileBuilder, one_of_each_kind};

    fn piece(n: u64) -> Vec<u8> {
        der::sequence(&[&der::integer(n)])
    }

    fn pieces(certificates: &[u64], ocsp: &[u64], crls: &[u64]) -> Pieces {
        let all = |numbers: &[u64]| numbers.iter().copied().map(piece).collect();
        Pieces { certificates: all(certificates), ocsp: all(ocsp), crls: all(crls), ..Pieces::default() }
    }

    fn extended(file: &[u8], pieces: &Pieces) -> Vec<u8> {
        let appended = add_store(&file.to_vec(), pieces, &Limits::default()).unwrap().unwrap();
        [file, &appended.bytes].concat()
    }

    fn store(file: &[u8]) -> Pieces {
        let file = file.to_vec();
        let pieces = dss::store(Document::open(&file, Limits::default()).unwrap().latest()).unwrap();
        // Which revision wrote what is another test's matter.
        Pieces { written: Default::default(), ..pieces }
    }

    #[test]
    fn the_store_grows_without_losing_or_repeating_anything() {
        for (kind, file) in one_of_each_kind() {
            let first = extended(&file, &pieces(&[1, 2, 1], &[3], &[]));
            assert!(first.starts_with(&file));
            assert_eq!(store(&first), pieces(&[1, 2], &[3], &[]), "{kind}");
            let second = extended(&first, &pieces(&[2, 5], &[3], &[4]));
            assert_eq!(store(&second), pieces(&[1, 2, 5], &[3], &[4]), "{kind}");
            let again = add_store(&second, &pieces(&[1], &[3], &[4]), &Limits::default()).unwrap();
            assert_eq!(again, None, "{kind}");
            let document = Document::open(&second, Limits::default()).unwrap();
            let [.., before, newest] = document.revisions() else { panic!("{kind}") };
            assert_eq!(before.uses_xref_stream(), newest.uses_xref_stream(), "{kind}");
        }
    }

    /// A store that others wrote: where it may stand, and what it may hold.
    #[test]
    fn a_store_that_others_wrote_is_kept_whole() {
        let cases = [
            // In the catalog itself.
            ("/DSS << /Certs [10 0 R] /VRI << /AB << /Cert [10 0 R] >> >> >>", ""),
            // Lists in objects of their own.
            ("/DSS 11 0 R", "<< /Certs 12 0 R /VRI << /AB << /Cert [10 0 R] >> >> >>"),
        ];
        for (catalog, own) in cases {
            let mut builder =
                FileBuilder::new().object(1, &format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"));
            builder = builder.object(2, "<< /Type /Pages /Kids [] /Count 0 >>");
            builder = builder.stream(10, "", &piece(9));
            if !own.is_empty() {
                builder = builder.object(11, own).object(12, "[10 0 R]");
            }
            let file = builder.table("/Root 1 0 R").bytes;
            assert_eq!(store(&file).certificates, [piece(9)], "{catalog}");
            let grown = extended(&file, &pieces(&[9, 8], &[], &[7]));
            assert_eq!(store(&grown), pieces(&[9, 8], &[], &[7]), "{catalog}");
            let document = Document::open(&grown, Limits::default()).unwrap();
            let view = document.latest();
            let (_, catalog) = view.catalog().unwrap();
            let dss = view.get(catalog.as_dictionary().unwrap(), "DSS").unwrap();
            assert!(dss.as_dictionary().unwrap().contains("VRI"));
        }
    }

    #[test]
    fn a_store_that_is_no_dictionary_is_refused() {
        let file = FileBuilder::new()
            .object(1, "<< /Type /Catalog /Pages 2 0 R /DSS 7 >>")
            .object(2, "<< /Type /Pages /Kids [] /Count 0 >>")
            .table("/Root 1 0 R")
            .bytes;
        let error = add_store(&file, &pieces(&[1], &[], &[]), &Limits::default()).unwrap_err();
        assert!(matches!(error, SignError::Pdf(PdfError::WrongType { .. })), "{error}");
    }

    #[test]
    fn pdf_1_7_names_the_pades_extension_and_keeps_the_others() {
        let file = FileBuilder::new()
            .object(1, "<< /Type /Catalog /Pages 2 0 R /Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >> >>")
            .object(2, "<< /Type /Pages /Kids [] /Count 0 >>")
            .table("/Root 1 0 R")
            .bytes;
        let grown = extended(&file, &pieces(&[1], &[], &[]));
        let document = Document::open(&grown, Limits::default()).unwrap();
        let (_, catalog) = document.latest().catalog().unwrap();
        let extensions = catalog.as_dictionary().unwrap().get("Extensions").unwrap();
        let extensions = extensions.as_dictionary().unwrap();
        assert!(extensions.contains("ADBE"));
        assert_eq!(extensions.contains("ESIC"), document.version() == (1, 7));
    }
}
