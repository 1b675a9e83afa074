//! The points about writing, by the number they are known under in this project.

use super::made::*;
use sign_core::cms::SignedData;
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::pdf::{Dictionary, Document, Object};
use sign_core::report::model::{ChangeLevel, Coverage, Kind};
use sign_core::sign::options::{DocMdp, FieldChoice, Fill, Place};
use sign_core::sign::{SignError, SignRequest, prepare, sign};
use sign_core::source::{Source, SourceError};
use sign_core::verdict::Verdict;
use sign_io::pki::{KeyKind, Validity};

fn find(haystack: &[u8], needle: &str) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle.as_bytes())
}

fn check_valid(document: &[u8]) {
    let report = report(document);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.signatures);
}

/// The bytes of the CMS in the last signature's hole, and the hole's length.
fn cms_of(document: &[u8]) -> (Vec<u8>, usize) {
    open(document, |seen| {
        let contents = seen.entry(&seen.signature(), "Contents");
        let bytes = contents.as_string().unwrap().bytes.clone();
        let length = SignedData::parse(&bytes).unwrap().length();
        (bytes[..length].to_vec(), bytes.len())
    })
}

#[test]
fn point_1_byte_range_is_everything_but_the_hexadecimal_string() {
    for xref in [Xref::Table, Xref::Stream, Xref::Hybrid] {
        for ending in ["", "\r\n", "\n\n"] {
            let mut document = plain(xref);
            document.truncate(document.len() - 1);
            document.extend(ending.bytes());
            let document = signed(&document, &request()).unwrap();
            let range = open(&document, |seen| {
                let range = seen.entry(&seen.signature(), "ByteRange");
                let numbers = range.as_array().unwrap().iter();
                numbers.map(|number| number.as_integer().unwrap() as usize).collect::<Vec<_>>()
            });
            assert_eq!(range[0], 0);
            assert_eq!(document[range[1]], b'<');
            assert_eq!(document[range[2] - 1], b'>');
            let hole = &document[range[1] + 1..range[2] - 1];
            assert!(hole.iter().all(u8::is_ascii_hexdigit) && hole.len().is_multiple_of(2));
            assert_eq!(range[2] + range[3], document.len());
            assert!(document.ends_with(b"%%EOF\n"));
            assert_eq!(report(&document).signatures[0].coverage, Coverage::WholeFile);
        }
    }
}

/// A file with zeros in the middle that nobody has to store.
struct Sparse {
    head: Vec<u8>,
    zeros: u64,
    tail: Vec<u8>,
}

impl Source for Sparse {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.zeros + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let tail_at = self.head.len() as u64 + self.zeros;
        for (index, byte) in buffer.iter_mut().enumerate() {
            let at = offset + index as u64;
            *byte = match at {
                at if at < self.head.len() as u64 => self.head[at as usize],
                at if at < tail_at => 0,
                at => self.tail[(at - tail_at) as usize],
            };
        }
        Ok(())
    }
}

/// A file whose cross-references lie beyond `zeros` bytes of stream data.
fn sparse(zeros: u64) -> Sparse {
    let mut head = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in [(1, CATALOG), (2, PAGES), (3, PAGE)] {
        offsets.push(head.len());
        head.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    offsets.push(head.len());
    head.extend(format!("4 0 obj\n<</Length {zeros}>>\nstream\n").bytes());
    let mut tail = b"\nendstream\nendobj\n".to_vec();
    let at = head.len() as u64 + zeros + tail.len() as u64;
    tail.extend(b"xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        tail.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    tail.extend(format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    Sparse { head, zeros, tail }
}

#[test]
fn point_2_offsets_pass_two_and_four_gigabytes() {
    // Only reading and writing: hashing so many zeros proves nothing more.
    let source = sparse((1 << 32) + 12_345);
    let document = Document::open(&source, Limits::default()).unwrap();
    let mut update = sign_core::pdf::Update::new(&document).unwrap();
    let id = update.allocate();
    update.set_signature(id, Dictionary::new(), 16);
    let appended = update.finish().unwrap();
    let [_, gap, _, rest] = appended.hole.unwrap().covered;
    assert!(gap > u64::from(u32::MAX));
    assert!(rest > 0);

    let longer = Sparse { tail: [source.tail.clone(), appended.bytes].concat(), ..source };
    let document = Document::open(&longer, Limits::default()).unwrap();
    assert_eq!(document.revisions().len(), 2);
    let written = document.latest().object(id).unwrap();
    let range = written.as_dictionary().unwrap().get("ByteRange").unwrap().as_array().unwrap();
    assert_eq!(range[1].as_integer(), Some(gap as i64));
}

#[test]
fn point_2_a_byte_range_of_ten_digits_fits_its_room() {
    // 100,000,000 bytes once broke a signer whose room was made for smaller files.
    let source = sparse(100_000_001);
    let signed = sign(&source, &request(), key(), &Limits::default()).unwrap();
    let longer = Sparse { tail: [source.tail.clone(), signed.appended].concat(), ..source };
    Document::open(&longer, Limits::default()).unwrap();
}

#[test]
fn point_3_room_for_the_longest_usual_key_is_enough() {
    let from = Validity::years(now().plus_seconds(-3600), 1);
    for kind in [KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::P384, KeyKind::Ed25519] {
        let key = key_of(kind, from);
        let document = plain(Xref::Table);
        let signed = sign(&document, &request(), &key, &Limits::default()).unwrap();
        check_valid(&[document, signed.appended].concat());
    }
}

#[test]
fn point_3_a_hole_too_small_names_both_sizes_and_asks_the_key_once() {
    use sign_core::crypto::key::{KeyError, Signer};
    use std::sync::atomic::{AtomicU32, Ordering};
    struct Counting(AtomicU32);
    impl Signer for Counting {
        fn algorithm(&self) -> sign_core::crypto::SignatureAlgorithm {
            key().algorithm()
        }
        fn certificates(&self) -> &[Vec<u8>] {
            key().certificates()
        }
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            key().sign(message)
        }
    }
    let counting = Counting(AtomicU32::new(0));
    let small = SignRequest { contents_bytes: Some(100), ..request() };
    let error = sign(&plain(Xref::Table), &small, &counting, &Limits::default()).unwrap_err();
    assert!(matches!(error, SignError::HoleTooSmall { needed, reserved: 100 } if needed > 500), "{error}");
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);

    let huge = SignRequest { contents_bytes: Some(usize::MAX / 4), ..request() };
    let error = sign(&plain(Xref::Table), &huge, &counting, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "limit_exceeded");
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
}

#[test]
fn point_4_zeros_fill_the_hole_behind_the_cms() {
    let document = signed(&plain(Xref::Table), &request()).unwrap();
    let (cms, hole) = cms_of(&document);
    assert!(cms.len() < hole);
    let zeros = open(&document, |seen| {
        let contents = seen.entry(&seen.signature(), "Contents");
        contents.as_string().unwrap().bytes[cms.len()..].iter().all(|byte| *byte == 0)
    });
    assert!(zeros);
}

#[test]
fn point_5_what_is_added_to_an_encrypted_file_is_encrypted_too() {
    let fixtures = crate::workspace::root().join("fixtures/pdf/plain");
    let document = std::fs::read(fixtures.join("encrypted-rc4-128.pdf")).unwrap();
    let wish = SignRequest { reason: Some("a reason nobody shall read".into()), ..request() };
    let after = signed(&document, &wish).unwrap();
    check_valid(&after);
    let added = &after[document.len()..];
    for plain in ["a reason nobody shall read", "(D:20", "/T(Signature1)"] {
        assert!(find(added, plain).is_none(), "{plain} is there to read");
    }
    assert!(find(added, "/Encrypt ").is_some(), "the new trailer names the encryption");
}

#[test]
fn point_5_a_file_with_a_password_is_refused_without_it() {
    let fixtures = crate::workspace::root().join("fixtures/pdf/plain");
    let document = std::fs::read(fixtures.join("encrypted-aes-256.pdf")).unwrap();
    assert_eq!(signed(&document, &request()).unwrap_err().code(), "password_needed");
}

#[test]
fn point_6_the_update_has_the_kind_of_cross_references_the_file_has() {
    for (xref, table) in [(Xref::Table, true), (Xref::Stream, false), (Xref::Hybrid, true)] {
        let document = plain(xref);
        let after = &signed(&document, &request()).unwrap()[document.len()..];
        assert_eq!(find(after, "\nxref\n").is_some(), table, "{xref:?}");
        assert_eq!(find(after, "/XRef").is_some(), !table, "{xref:?}");
        assert_eq!(find(after, "/XRefStm"), None, "{xref:?}");
    }
}

#[test]
fn point_7_table_entries_have_20_bytes_and_the_trailer_keeps_its_keys() {
    let document = plain(Xref::Table);
    let after = &signed(&document, &request()).unwrap()[document.len()..];
    let table = &after[find(after, "\nxref\n").unwrap() + 6..find(after, "trailer").unwrap()];
    let mut rest = table;
    while !rest.is_empty() {
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let head = std::str::from_utf8(&rest[..line]).unwrap();
        let count: usize = head.split(' ').nth(1).unwrap().parse().unwrap();
        for entry in rest[line + 1..][..count * 20].chunks(20) {
            assert!(entry.ends_with(b" n \n") || entry.ends_with(b" n\r\n"), "{entry:?}");
        }
        rest = &rest[line + 1 + count * 20..];
    }
    open(&[document.as_slice(), after].concat(), |seen| {
        let trailer = seen.0.latest().trailer().clone();
        assert_eq!(trailer.get("Custom").unwrap().as_name().unwrap(), "Kept");
        let id = trailer.get("ID").unwrap().as_array().unwrap().to_vec();
        assert_eq!(id[0].as_string().unwrap().bytes[..2], [0x00, 0x11]);
        assert_ne!(id[1].as_string().unwrap().bytes[..2], [0xff, 0xee]);
        let highest = seen.written().into_iter().max().unwrap();
        assert_eq!(trailer.get("Size").unwrap().as_integer(), Some(i64::from(highest) + 1));
    });
}

#[test]
fn point_8_only_what_must_change_is_written_again() {
    let document = signed(&plain(Xref::Table), &request()).unwrap();
    let old: Vec<u32> = open(&document, |seen| seen.written().into_iter().filter(|n| *n <= 3).collect());
    // The catalog gets its form, the page its annotation; the page tree stays as it was.
    assert_eq!(old, [1, 3]);
}

#[test]
fn point_9_nothing_of_a_signing_revision_is_in_an_object_stream() {
    let document = plain(Xref::Stream);
    let document = signed(&document, &request()).unwrap();
    open(&document, |seen| {
        for (id, kind) in seen.0.revisions().last().unwrap().entries() {
            assert!(matches!(kind, sign_core::pdf::EntryKind::InFile { .. }), "{id}: {kind:?}");
        }
    });
}

#[test]
fn point_10_an_existing_form_is_kept_where_it_is() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Extensions<<>>>>";
    let form = "<</Fields 5 0 R/NeedAppearances true/DA(/Helv 0 Tf 0 g)/DR<</Font<<>>>>>>";
    let document = made(Xref::Table, &[catalog, PAGES, PAGE, form, "[]"]);
    let document = signed(&document, &request()).unwrap();
    open(&document, |seen| {
        assert_eq!(seen.object(5).as_array().unwrap().len(), 1);
        let form = seen.object(4);
        let form = form.as_dictionary().unwrap();
        assert_eq!(form.get("Fields").unwrap().as_reference().unwrap().number, 5);
        assert_eq!(form.get("SigFlags").unwrap().as_integer(), Some(3));
        assert!(!form.contains("NeedAppearances"));
        assert_eq!(text(form, "DA"), "/Helv 0 Tf 0 g");
        assert!(form.contains("DR"));
        assert!(!seen.written().contains(&1), "the catalog needs no change");
    });
}

#[test]
fn point_10_a_form_inside_the_catalog_stays_inside() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>/Extensions<<>>>>";
    let document = signed(&made(Xref::Table, &[catalog, PAGES, PAGE]), &request()).unwrap();
    open(&document, |seen| {
        let form = seen.catalog().as_dictionary().unwrap().get("AcroForm").cloned().unwrap();
        assert_eq!(form.as_dictionary().unwrap().get("Fields").unwrap().as_array().unwrap().len(), 1);
    });
    check_valid(&document);
}

#[test]
fn point_11_the_widget_stands_in_its_page_s_list_and_prints() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots 4 0 R>>";
    let document = made(Xref::Table, &[CATALOG, PAGES, page, "[]"]);
    let place = Place { page: 0, rect: [100.0, 100.0, 250.0, 150.0] };
    let visible = SignRequest {
        field: FieldChoice::New { name: Some("Seen".into()), place: Some(place) },
        appearance: Some(Appearance { lines: vec!["Nguyễn Văn A".into()], ..Appearance::default() }),
        ..request()
    };
    for (request, rect) in [(visible, [100.0, 100.0, 250.0, 150.0]), (request(), [0.0; 4])] {
        let document = signed(&document, &request).unwrap();
        open(&document, |seen| {
            let field = seen.last_field();
            let field = field.as_dictionary().unwrap();
            assert_eq!(field.get("P").unwrap().as_reference().unwrap().number, 3);
            assert_eq!(field.get("F").unwrap().as_integer(), Some(4 | 128));
            let written: Vec<f64> =
                field.get("Rect").unwrap().as_array().unwrap().iter().filter_map(Object::as_f64).collect();
            assert_eq!(written, rect);
            let appearance = seen.entry(&seen.entry(&seen.last_field(), "AP"), "N");
            assert!(appearance.as_stream().is_some());
            // The list is an object of its own: it changes, the page does not.
            assert_eq!(seen.object(4).as_array().unwrap().len(), 1);
            assert!(!seen.written().contains(&3));
        });
        check_valid(&document);
    }
}

fn named(name: &str) -> SignRequest {
    SignRequest { field: FieldChoice::New { name: Some(name.into()), place: None }, ..request() }
}

fn existing(name: &str) -> SignRequest {
    SignRequest { field: FieldChoice::Existing(name.into()), ..request() }
}

#[test]
fn point_12_field_names_are_unique_and_have_no_dot() {
    let once = signed(&plain(Xref::Table), &named("Leader")).unwrap();
    let refused = |name| signed(&once, &named(name)).unwrap_err();
    assert!(matches!(refused("Leader"), SignError::FieldExists { .. }));
    assert!(matches!(refused("a.b"), SignError::BadFieldName { .. }));
    assert!(matches!(refused(""), SignError::BadFieldName { .. }));
    assert!(matches!(signed(&once, &existing("Leader")).unwrap_err(), SignError::FieldAlreadySigned { .. }));
    assert!(matches!(signed(&once, &existing("Seal")).unwrap_err(), SignError::FieldNotFound { .. }));
    // Without a name the next free one is taken.
    let twice = signed(&signed(&once, &request()).unwrap(), &request()).unwrap();
    let names: Vec<String> = report(&twice).signatures.into_iter().map(|s| s.field).collect();
    assert_eq!(names, ["Leader", "Signature1", "Signature2"]);
}

/// A form with a text field `a.b`, a text field `ab` and an empty signature field with a lock on `a`.
pub(crate) fn locked() -> Vec<u8> {
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 6 0 R 7 0 R]/DA(/Helv 10 Tf 0 g)>>>>";
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[5 0 R 6 0 R 7 0 R]>>";
    let widget = "/Type/Annot/Subtype/Widget/P 3 0 R/F 4";
    let objects = [
        catalog.to_owned(),
        PAGES.to_owned(),
        page.to_owned(),
        "<</T(a)/Kids[5 0 R]/FT/Tx>>".to_owned(),
        format!("<</T(b)/Parent 4 0 R{widget}/Rect[10 10 110 30]>>"),
        format!("<</T(ab)/FT/Tx{widget}/Rect[10 40 110 60]>>"),
        format!("<</T(Sig)/FT/Sig/Lock 8 0 R{widget}/Rect[10 70 110 90]>>"),
        "<</Type/SigFieldLock/Action/Include/Fields[(a)]>>".to_owned(),
    ];
    made(Xref::Table, &objects.iter().map(String::as_str).collect::<Vec<_>>())
}

fn filling(field: &str) -> SignRequest {
    SignRequest { fills: vec![Fill { field: field.into(), text: "Số 05".into() }], ..request() }
}

#[test]
fn point_12_a_lock_becomes_a_transform_and_compares_parts_of_names() {
    let document = signed(&locked(), &existing("Sig")).unwrap();
    open(&document, |seen| {
        let references = seen.entry(&seen.signature(), "Reference");
        let reference = references.as_array().unwrap()[0].clone();
        assert_eq!(*seen.entry(&reference, "TransformMethod"), Object::name("FieldMDP"));
        assert_eq!(
            *seen.entry(&seen.entry(&reference, "TransformParams"), "Action"),
            Object::name("Include")
        );
        // /Data names the catalog.
        let data = reference.as_dictionary().unwrap().get("Data").unwrap().as_reference().unwrap();
        assert_eq!(data.number, 1);
    });
    assert!(matches!(signed(&document, &filling("a.b")).unwrap_err(), SignError::FieldLocked { .. }));
    // `ab` only begins like `a`.
    let filled = signed(&document, &filling("ab")).unwrap();
    let report = report(&filled);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.signatures);
    assert_eq!(report.signatures[0].changes.level, ChangeLevel::FormFilling);
}

#[test]
fn point_13_certifying_writes_both_places_and_only_once() {
    let certify = |p| SignRequest { certify: Some(p), ..request() };
    let document = signed(&plain(Xref::Table), &certify(DocMdp::FormFilling)).unwrap();
    open(&document, |seen| {
        let in_catalog = seen.entry(&seen.entry(&seen.catalog(), "Perms"), "DocMDP");
        assert_eq!(in_catalog, seen.signature());
        let reference = seen.entry(&seen.signature(), "Reference").as_array().unwrap()[0].clone();
        let parameters = seen.entry(&reference, "TransformParams");
        assert_eq!(seen.entry(&parameters, "P").as_integer(), Some(2));
        assert_eq!(*seen.entry(&parameters, "V"), Object::name("1.2"));
    });
    assert_eq!(report(&document).signatures[0].kind, Kind::Certification);
    assert!(matches!(
        signed(&document, &certify(DocMdp::FormFilling)).unwrap_err(),
        SignError::NotFirstSignature { signatures: 1 }
    ));
    let twice = signed(&document, &request()).unwrap();
    check_valid(&twice);

    let closed = signed(&plain(Xref::Table), &certify(DocMdp::NoChanges)).unwrap();
    assert_eq!(signed(&closed, &request()).unwrap_err(), SignError::CertifiedNoChanges);
}

#[test]
fn point_13_usage_rights_are_dropped() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/Perms<</UR3 4 0 R>>>>";
    let document = made(Xref::Table, &[catalog, PAGES, PAGE, "<</Type/Sig>>"]);
    let document = signed(&document, &request()).unwrap();
    open(&document, |seen| {
        assert!(!seen.entry(&seen.catalog(), "Perms").as_dictionary().unwrap().contains("UR3"));
    });
}

#[test]
fn point_16_the_cms_is_the_one_of_pades() {
    let document = signed(&plain(Xref::Table), &request()).unwrap();
    let (cms, _) = cms_of(&document);
    let parsed = SignedData::parse(&cms).unwrap();
    assert!(parsed.findings().is_empty(), "{:?}", parsed.findings());
    assert_eq!(parsed.content(), None);
    let [signer] = parsed.signer_infos() else { panic!("not one signer") };
    let attributes = signer.signed_attributes().unwrap();
    assert!(attributes.is_sorted());
    let mut kinds: Vec<&str> = attributes.iter().map(|attribute| attribute.oid.as_str()).collect();
    kinds.sort_unstable();
    // content-type, message-digest, signing-certificate-v2; no signing-time: that is in /M.
    assert_eq!(kinds, ["1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"]);
    assert_eq!(signer.signing_time(), None);
    open(&document, |seen| {
        let signature = seen.signature();
        let signature = signature.as_dictionary().unwrap();
        assert_eq!(text(signature, "M"), "D:20260205095634+07'00'");
        assert_eq!(*signature.get("SubFilter").unwrap(), Object::name("ETSI.CAdES.detached"));
        assert!(!signature.contains("Cert"));
    });
}

#[test]
fn point_17_signer_and_issuers_come_once_and_the_root_not_at_all() {
    let document = signed(&plain(Xref::Table), &request()).unwrap();
    let (cms, _) = cms_of(&document);
    let parsed = SignedData::parse(&cms).unwrap();
    assert_eq!(parsed.certificates().len(), 2, "signer and issuing authority");
    assert!(parsed.certificates().iter().all(|certificate| !certificate.is_self_issued()));
    let signer = parsed.signer_infos()[0].signer_certificate(parsed.certificates()).unwrap();
    assert_eq!(parsed.signer_infos()[0].ess_matches(signer), Some(true));
}

#[test]
fn point_23_texts_of_any_kind_come_back_as_they_went_in() {
    let request = SignRequest {
        reason: Some("Ký ban hành (lần 1)\\2".into()),
        location: Some("Nam Dinh".into()),
        contact: Some("số 1, đường Ủy ban".into()),
        ..request()
    };
    let document = signed(&plain(Xref::Table), &request).unwrap();
    open(&document, |seen| {
        let signature = seen.signature();
        let signature = signature.as_dictionary().unwrap();
        assert_eq!(text(signature, "Reason"), "Ký ban hành (lần 1)\\2");
        assert_eq!(text(signature, "Location"), "Nam Dinh");
        assert_eq!(text(signature, "ContactInfo"), "số 1, đường Ủy ban");
        assert_eq!(text(signature, "Name"), "Nguyễn Văn (A)");
    });
    check_valid(&document);
}

#[test]
fn a_certificate_out_of_its_time_is_refused_before_the_document_is_touched() {
    let early = key_of(KeyKind::P256, Validity::years(now().plus_seconds(3600), 1));
    let late =
        key_of(KeyKind::P256, Validity { from: now().plus_seconds(-7200), until: now().plus_seconds(-3600) });
    let attempt = |key| sign(&plain(Xref::Table), &request(), key, &Limits::default()).unwrap_err();
    assert_eq!(attempt(&early).code(), "certificate_not_yet_valid");
    assert_eq!(attempt(&late).code(), "certificate_expired");
    // Not even a PDF, and still the certificate is what is said: it was looked at first.
    let error = sign(&b"no PDF".to_vec(), &request(), &late, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "certificate_expired");
}

#[test]
fn a_prepared_revision_can_be_finished_later_elsewhere() {
    use sign_core::crypto::key::Signer;
    let document = plain(Xref::Stream);
    let limits = Limits::default();
    let prepared = prepare(&document, &request(), key().algorithm(), key().certificates(), &limits).unwrap();
    let signature = key().sign(prepared.signed_attributes()).unwrap();
    let signed = prepared.complete(&signature).unwrap();
    check_valid(&[document, signed.appended].concat());
}

#[test]
fn a_box_without_area_or_off_the_pages_is_refused() {
    let at = |page, rect| SignRequest {
        field: FieldChoice::New { name: None, place: Some(Place { page, rect }) },
        ..request()
    };
    let refused = |request| signed(&plain(Xref::Table), &request).unwrap_err().code();
    assert_eq!(refused(at(1, [0.0, 0.0, 10.0, 10.0])), "no_such_page");
    assert_eq!(refused(at(0, [10.0, 10.0, 10.0, 20.0])), "bad_rect");
    assert_eq!(refused(at(0, [f64::NAN, 10.0, 20.0, 20.0])), "bad_rect");
}
