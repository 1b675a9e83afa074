//! Evidence that travels with a document: its security store (ISO 32000-2 12.8.4.3) and what signatures
//! bring along. Collected, not judged; what cannot be read is counted and passed over.

use crate::cms::SignedData;
use crate::cms::der::{DerError, Reader, tag};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, View};
use std::collections::HashSet;

/// Streams of one list of the store that are read.
const MAX_STREAMS: usize = 512;
/// Bytes of all streams of the store together: a store of many small bombs must not cost more than one.
const MAX_BYTES: usize = 24 << 20;
/// What a stream counts that cannot be read: nobody knows how much of it was inflated on the way.
const UNREADABLE_BYTES: usize = 4 << 20;
/// id-ri-ocsp-response (RFC 5940 2.1): an OCSP answer among a CMS's revocation lists.
const RI_OCSP_RESPONSE: &str = "1.3.6.1.5.5.7.16.2";
/// adbe-revocationInfoArchival (ISO 32000-2 12.8.3.3.2).
const ADOBE_REVOCATION: &str = "1.2.840.113583.1.1.8";

/// DER pieces by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses.
    pub ocsp: Vec<Vec<u8>>,
    /// Entries that could not be read, or were too many.
    pub unread: usize,
    /// Of a security store: when its pieces were written.
    pub written: Written,
}

/// The indices of the revisions that wrote the pieces of a store, in the order of the pieces. Whoever
/// stamped such a revision, or a later one, stamped the piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Of the certificates.
    pub certificates: Vec<usize>,
    /// Of the revocation lists.
    pub crls: Vec<usize>,
    /// Of the OCSP responses.
    pub ocsp: Vec<usize>,
}

/// Reads the security store of the document as `view` sees it.
///
/// # Errors
/// [`PdfError`] if the catalog cannot be read; a damaged store is counted in [`Pieces::unread`].
pub fn store(view: View<'_>) -> Result<Pieces, PdfError> {
    let mut pieces = Pieces::default();
    let (_, catalog) = view.catalog()?;
    let Some(catalog) = catalog.as_dictionary() else { return Ok(pieces) };
    let store = view.get(catalog, "DSS")?;
    let Some(store) = store.as_dictionary() else { return Ok(pieces) };
    let mut reading = Reading { view, store, seen: HashSet::new(), left: MAX_BYTES, unread: 0 };
    (pieces.certificates, pieces.written.certificates) = reading.streams("Certs");
    (pieces.crls, pieces.written.crls) = reading.streams("CRLs");
    (pieces.ocsp, pieces.written.ocsp) = reading.streams("OCSPs");
    pieces.unread = reading.unread;
    Ok(pieces)
}

/// A store while it is read.
struct Reading<'v> {
    view: View<'v>,
    store: &'v Dictionary,
    /// Streams that are known: the same one twice says nothing new.
    seen: HashSet<ObjectId>,
    /// Bytes that may still be read.
    left: usize,
    unread: usize,
}

impl Reading<'_> {
    fn streams(&mut self, key: &str) -> (Vec<Vec<u8>>, Vec<usize>) {
        let Ok(list) = self.view.get(self.store, key) else {
            self.unread += 1;
            return Default::default();
        };
        let list = list.as_array().unwrap_or_default();
        self.unread += list.len().saturating_sub(MAX_STREAMS);
        let (mut found, mut written) = (Vec::new(), Vec::new());
        for entry in list.iter().take(MAX_STREAMS) {
            if entry.as_reference().is_some_and(|id| !self.seen.insert(id)) {
                continue;
            }
            match self.stream(entry) {
                Some(bytes) => {
                    written.push(self.written(entry, &bytes));
                    found.push(bytes);
                }
                None => self.unread += 1,
            }
        }
        (found, written)
    }

    /// The revision that wrote a stream, if it was the same then: a length that stands in another object
    /// may have been changed since.
    fn written(&self, entry: &Object, bytes: &[u8]) -> usize {
        let latest = self.view.revision_index();
        let Some(id) = entry.as_reference() else { return latest };
        let written = self.view.written_in(id.number).unwrap_or(latest);
        if written == latest {
            return latest;
        }
        let then = self.view.document().view(written);
        let same = then.object(id).is_ok_and(|object| {
            object.as_stream().is_some_and(|stream| then.stream_data(stream).is_ok_and(|data| data == bytes))
        });
        if same { written } else { latest }
    }

    fn stream(&mut self, entry: &Object) -> Option<Vec<u8>> {
        if self.left == 0 {
            return None;
        }
        let object = self.view.resolve(entry).ok()?;
        let bytes = self.view.stream_data(object.as_stream()?).ok();
        let cost = bytes.as_ref().map_or(UNREADABLE_BYTES, Vec::len);
        let fits = cost <= self.left;
        self.left = self.left.saturating_sub(cost);
        bytes.filter(|_| fits)
    }
}

/// Revocation lists and OCSP responses in the `crls` of a CMS (RFC 5652 10.2.1, RFC 5940).
pub fn of_cms(cms: &SignedData) -> Pieces {
    let mut pieces = Pieces::default();
    for entry in cms.crls() {
        match Reader::new(entry).read() {
            Ok(element) if element.tag == tag::SEQUENCE => pieces.crls.push(entry.clone()),
            Ok(element) if element.tag == tag::context(1) => match other_format(element.reader()) {
                Ok(Some(ocsp)) => pieces.ocsp.push(ocsp),
                _ => pieces.unread += 1,
            },
            _ => pieces.unread += 1,
        }
    }
    pieces
}

/// OtherRevocationInfoFormat ::= SEQUENCE { format OBJECT IDENTIFIER, info ANY }.
fn other_format(mut inside: Reader<'_>) -> Result<Option<Vec<u8>>, DerError> {
    let format = inside.expect(tag::OID)?.oid()?;
    let info = inside.read()?.raw;
    Ok((format == RI_OCSP_RESPONSE).then(|| info.to_vec()))
}

/// What Adobe's attribute of the signer holds, signed as it should be, or not.
pub fn of_adobe_attribute(cms: &SignedData) -> Pieces {
    let mut pieces = Pieces::default();
    for signer in cms.signer_infos() {
        let signed = signer.signed_attributes().into_iter().flat_map(|attributes| attributes.iter());
        let all = signed.chain(signer.unsigned_attributes().iter());
        for value in all.filter(|a| a.oid == ADOBE_REVOCATION).flat_map(|attribute| &attribute.values) {
            if archival(value, &mut pieces).is_err() {
                pieces.unread += 1;
            }
        }
    }
    pieces
}

/// RevocationInfoArchival ::= SEQUENCE { crl [0] EXPLICIT SEQUENCE OF CertificateList OPTIONAL,
/// ocsp [1] EXPLICIT SEQUENCE OF OCSPResponse OPTIONAL, otherRevInfo [2] … OPTIONAL }.
fn archival(value: &[u8], pieces: &mut Pieces) -> Result<(), DerError> {
    let mut inside = Reader::new(value).expect(tag::SEQUENCE)?.reader();
    for (n, list) in [(0, &mut pieces.crls), (1, &mut pieces.ocsp)] {
        let Some(explicit) = inside.optional(tag::context(n))? else { continue };
        let mut elements = explicit.reader().expect(tag::SEQUENCE)?.reader();
        while !elements.is_empty() && list.len() < MAX_STREAMS {
            list.push(elements.read()?.raw.to_vec());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::der;

    #[test]
    fn adobes_attribute_holds_lists_and_answers() {
        let (crl, ocsp) = (der::sequence(&[&der::integer(1)]), der::sequence(&[&der::integer(2)]));
        let explicit = |n: u8, items: &[&[u8]]| der::container(tag::context(n), &[&der::sequence(items)]);
        for (value, crls, answers) in [
            (der::sequence(&[&explicit(0, &[&crl]), &explicit(1, &[&ocsp, &ocsp])]), 1, 2),
            (der::sequence(&[&explicit(1, &[&ocsp])]), 0, 1),
            (der::sequence(&[]), 0, 0),
        ] {
            let mut pieces = Pieces::default();
            archival(&value, &mut pieces).unwrap();
            assert_eq!((pieces.crls.len(), pieces.ocsp.len()), (crls, answers));
        }
        assert!(archival(&[0x30, 0x05, 0xa0], &mut Pieces::default()).is_err());
    }

    #[test]
    fn an_ocsp_response_may_stand_among_the_lists_of_a_cms() {
        let ocsp = der::sequence(&[&der::integer(2)]);
        let read = |oid: &str| {
            let info = [der::oid(oid), ocsp.clone()].concat();
            other_format(Reader::new(&info))
        };
        assert_eq!(read(RI_OCSP_RESPONSE), Ok(Some(ocsp.clone())));
        assert_eq!(read("1.2.3"), Ok(None));
    }
}
