//! Small PDFs made here, one for each way a file can be built, and a key to sign them with.

use sign_core::crypto::key::{Pin, SoftKey, from_pkcs12};
use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pdf::{Dictionary, Document, Object, ObjectId};
use sign_core::report::model::Report;
use sign_core::sign::{SignError, SignRequest, sign};
use sign_core::time::Time;
use sign_core::trust::{CaClass, Evidence, TrustStore};
use sign_io::pki::{Authority, KeyKind, Person, Pkcs12Style, Validity};
use std::rc::Rc;
use std::sync::OnceLock;

/// When everything here is signed.
pub(crate) fn now() -> Time {
    Time::parse_rfc3339("2026-02-05T09:56:34+07:00").unwrap()
}

/// One authority for all tests of this binary: making RSA keys takes time.
pub(crate) fn authority() -> &'static (Authority, Vec<u8>) {
    static AUTHORITY: OnceLock<(Authority, Vec<u8>)> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let validity = Validity::years(Time::parse_rfc3339("2025-01-01T00:00:00Z").unwrap(), 10);
        let authority = Authority::create("Thử nghiệm", validity).unwrap();
        let root = authority.root_pem().unwrap();
        (authority, root)
    })
}

pub(crate) fn key_of(kind: KeyKind, validity: Validity) -> SoftKey {
    let person = Person {
        full_name: "Nguyễn Văn (A)",
        title: "Giám đốc",
        organisation: "Sở Thông tin và Truyền thông",
        email: "a@example.invalid",
    };
    let issued = authority().0.issue_person(&person, kind, validity).unwrap();
    let pin = Pin::new("12345678");
    from_pkcs12(&issued.pkcs12(&pin, Pkcs12Style::default()).unwrap(), &pin, None).unwrap()
}

pub(crate) fn key() -> &'static SoftKey {
    static KEY: OnceLock<SoftKey> = OnceLock::new();
    let from = Time::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
    KEY.get_or_init(|| key_of(KeyKind::P256, Validity::years(from, 2)))
}

pub(crate) fn request() -> SignRequest {
    SignRequest::new(now())
}

/// Signs and puts the two parts together.
pub(crate) fn signed(document: &[u8], request: &SignRequest) -> Result<Vec<u8>, SignError> {
    let signed = sign(&document.to_vec(), request, key(), &Limits::default())?;
    assert_eq!(signed.starts_at, document.len() as u64);
    Ok([document, &signed.appended].concat())
}

/// Our verdict about a document that can be read.
pub(crate) fn report(document: &[u8]) -> Report {
    verify(&document.to_vec()).unwrap()
}

#[allow(clippy::ptr_arg, reason = "a slice by itself is no source")]
pub(crate) fn verify(document: &Vec<u8>) -> Result<Report, PdfError> {
    static TRUST: OnceLock<TrustStore> = OnceLock::new();
    let trust = TRUST.get_or_init(|| {
        let mut trust = TrustStore::new();
        trust.add_pem(&authority().1, CaClass::Other).unwrap();
        trust
    });
    let policy = sign_core::policy::Policy::preset("vn-2025-b").unwrap();
    let limits = Limits::default();
    sign_core::verify::verify(document, "x.pdf", trust, &Evidence::none(), &policy, now(), &limits)
}

/// A document's newest revision, to look into.
pub(crate) struct Seen<'d>(pub(crate) &'d Document<'d>);

impl Seen<'_> {
    pub(crate) fn object(&self, number: u32) -> Rc<Object> {
        self.0.latest().object(ObjectId::new(number, 0)).unwrap()
    }

    pub(crate) fn entry(&self, object: &Object, key: &str) -> Rc<Object> {
        self.0.latest().get(object.as_dictionary().unwrap(), key).unwrap()
    }

    pub(crate) fn catalog(&self) -> Rc<Object> {
        self.0.latest().catalog().unwrap().1
    }

    pub(crate) fn form(&self) -> Rc<Object> {
        self.entry(&self.catalog(), "AcroForm")
    }

    /// The field dictionary at the end of /Fields.
    pub(crate) fn last_field(&self) -> Rc<Object> {
        let fields = self.entry(&self.form(), "Fields");
        self.0.latest().resolve(fields.as_array().unwrap().last().unwrap()).unwrap()
    }

    pub(crate) fn signature(&self) -> Rc<Object> {
        self.entry(&self.last_field(), "V")
    }

    /// Numbers of the objects the newest revision writes.
    pub(crate) fn written(&self) -> Vec<u32> {
        self.0.revisions().last().unwrap().entries().map(|(id, _)| id.number).collect()
    }
}

pub(crate) fn open<T>(document: &[u8], look: impl FnOnce(Seen<'_>) -> T) -> T {
    let bytes = document.to_vec();
    let document = Document::open(&bytes, Limits::default()).unwrap();
    look(Seen(&document))
}

pub(crate) fn text(dictionary: &Dictionary, key: &str) -> String {
    dictionary.get(key).and_then(Object::as_string).unwrap().to_text()
}

/// How the cross-references of a made file are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Xref {
    Table,
    Stream,
    Hybrid,
}

/// The usual page: 1 catalog, 2 pages, 3 page.
pub(crate) const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
pub(crate) const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
pub(crate) const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";

/// A file of the given objects, numbered from 1, the first one its catalog.
pub(crate) fn made(xref: Xref, objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let id = "/ID[<00112233445566778899aabbccddeeff><ffeeddccbbaa99887766554433221100>]/Custom/Kept";
    let stream_at = file.len();
    if xref != Xref::Table {
        let number = objects.len() + 1;
        let size = number + 1;
        let mut rows = vec![0, 0, 0, 0, 0, 255];
        for offset in offsets.iter().chain([&stream_at]) {
            rows.push(1);
            rows.extend((*offset as u32).to_be_bytes());
            rows.push(0);
        }
        let head = format!(
            "{number} 0 obj\n<</Type/XRef/Size {size}/W[1 4 1]/Root 1 0 R{id}/Length {}>>\nstream\n",
            rows.len()
        );
        file.extend(head.bytes());
        file.extend(rows);
        file.extend(b"\nendstream\nendobj\n");
    }
    let mut at = stream_at;
    if xref != Xref::Stream {
        at = file.len();
        let size = objects.len() + 1;
        file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
        for offset in &offsets {
            file.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        let hybrid = if xref == Xref::Hybrid { format!("/XRefStm {stream_at}") } else { String::new() };
        file.extend(format!("trailer\n<</Size {size}/Root 1 0 R{id}{hybrid}>>\n").bytes());
    }
    file.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
    file
}

/// The same with all objects but the cross-references in one object stream, as PDF 1.5 writers make it.
pub(crate) fn packed(objects: &[&str]) -> Vec<u8> {
    let (mut index, mut data) = (String::new(), String::new());
    for (number, object) in (1..).zip(objects) {
        index += &format!("{number} {} ", data.len());
        data += &format!("{object}\n");
    }
    let (container, xref) = (objects.len() + 1, objects.len() + 2);
    let mut file = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let container_at = file.len();
    let (count, first, length) = (objects.len(), index.len(), index.len() + data.len());
    let head =
        format!("{container} 0 obj\n<</Type/ObjStm/N {count}/First {first}/Length {length}>>\nstream\n");
    file.extend(format!("{head}{index}{data}\nendstream\nendobj\n").bytes());
    let xref_at = file.len();
    let mut rows = vec![0, 0, 0, 0, 0, 255];
    for place in 0..objects.len() {
        rows.push(2);
        rows.extend((container as u32).to_be_bytes());
        rows.push(place as u8);
    }
    for offset in [container_at, xref_at] {
        rows.push(1);
        rows.extend((offset as u32).to_be_bytes());
        rows.push(0);
    }
    let (size, length) = (xref + 1, rows.len());
    let head =
        format!("{xref} 0 obj\n<</Type/XRef/Size {size}/W[1 4 1]/Root 1 0 R/Length {length}>>\nstream\n");
    file.extend(head.bytes());
    file.extend(rows);
    file.extend(format!("\nendstream\nendobj\nstartxref\n{xref_at}\n%%EOF\n").bytes());
    file
}

/// The plainest file.
pub(crate) fn plain(xref: Xref) -> Vec<u8> {
    made(xref, &[CATALOG, PAGES, PAGE])
}
