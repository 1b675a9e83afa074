//! A letter with form fields, signed in code: revision by revision, right or wrong on purpose.

use crate::cms::attribute::{CONTENT_TIME_STAMP, SIGNATURE_TIME_STAMP};
use crate::cms::{self, der};
use crate::crypto::SignatureAlgorithm;
use crate::crypto::der::{Reader, tag};
use crate::crypto::digest::{DigestAlgorithm, digest};
use crate::crypto::testing::{self, Made, Spec, key};
use crate::limits::Limits;
use crate::pdf::fixture::FileBuilder;
use crate::policy::Policy;
use crate::report::model::{Report, SignatureReport};
use crate::time::Time;
use crate::trust::{CaClass, Evidence, TrustStore};
use crate::verdict::{Indication, SubIndication};
use crate::x509::Certificate;
use crate::x509::testing::{ListDraft, generalized, number};
use std::sync::OnceLock;

/// Inside the validity of every certificate here (2026 to 2030).
pub(super) const SIGNED_AT: &str = "D:20260205095634+07'00'";

/// Root, issuing authority, a person and an organisation below it.
pub(super) struct People {
    pub(super) root: Made,
    pub(super) issuing: Made,
    pub(super) leader: Made,
    pub(super) office: Made,
}

pub(super) fn people() -> &'static People {
    static PEOPLE: OnceLock<People> = OnceLock::new();
    PEOPLE.get_or_init(|| {
        let root = Spec::root(&[("C", "VN"), ("CN", "TEST Root")]).make();
        let issuing = Spec {
            issuer: Some(&root),
            serial: 2,
            key: key("p384"),
            ..Spec::root(&[("C", "VN"), ("CN", "TEST Issuing CA")])
        }
        .make();
        let person = [("C", "VN"), ("O", "UBND xã Giao Thuỷ"), ("title", "Chủ tịch"), ("CN", "Trần Văn A")];
        let leader = Spec { serial: 3, ..Spec::leaf(&person, &issuing) }.make();
        let organisation = [("C", "VN"), ("O", "UBND xã Giao Thuỷ"), ("CN", "UBND xã Giao Thuỷ")];
        let office = Spec { serial: 4, key: key("rsa-2048"), ..Spec::leaf(&organisation, &issuing) }.make();
        People { root, issuing, leader, office }
    })
}

pub(super) fn trust() -> TrustStore {
    let mut trust = TrustStore::new();
    trust.add_anchor(Certificate::parse(&people().root.der()).unwrap(), CaClass::Other);
    trust
}

pub(super) fn at(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

/// The report under the default policy, trusting the root, in 2026.
pub(super) fn judged(bytes: &[u8]) -> Report {
    judged_at(bytes, "2026-03-01T00:00:00Z")
}

/// As [`judged`], at another time.
pub(super) fn judged_at(bytes: &[u8], time: &str) -> Report {
    let policy = Policy::default();
    let bytes = bytes.to_vec();
    super::super::verify(
        &bytes,
        "letter.pdf",
        &trust(),
        &Evidence::none(),
        &policy,
        at(time),
        &Limits::default(),
    )
    .unwrap()
}

/// The text field as it stands with this value.
pub(super) fn number_field(value: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(so)/Rect[10 10 50 20]/P 3 0 R/DA(/F1 10 Tf 0 g)/V({value})/AP<</N 8 0 R>>>>"
    )
}

/// A signature field: object 6 is `lanh_dao`, object 7 is `dau`.
pub(super) fn signature_field(name: &str, more: &str) -> String {
    format!("<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/Rect[60 10 90 20]/P 3 0 R/F 132{more}>>")
}

pub(super) const CATALOG: &str = "/Type/Catalog/Pages 2 0 R/AcroForm 10 0 R";
pub(super) const PAGE: &str =
    "/Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 9 0 R>>>>/Annots 11 0 R";
pub(super) const FORM: &str = "/SigFlags 3/DR<</Font<</F1 9 0 R>>>>";

/// An unsigned letter: page 3 with content 4, text field 5 with appearance 8, empty signature
/// fields 6 and 7, font 9, form 10, annotations 11.
pub(super) fn letter() -> FileBuilder {
    letter_in(FileBuilder::new())
}

/// The same, in a file that has begun.
pub(super) fn letter_in(file: FileBuilder) -> FileBuilder {
    file.object(1, &format!("<<{CATALOG}>>"))
        .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
        .object(3, &format!("<<{PAGE}>>"))
        .stream(4, "", b"BT /F1 10 Tf 10 80 Td (The letter) Tj ET")
        .object(5, &number_field(""))
        .object(6, &signature_field("lanh_dao", ""))
        .object(7, &signature_field("dau", ""))
        .stream(8, "/Type/XObject/Subtype/Form/BBox[0 0 40 10]", b"")
        .object(9, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R]")
        .table("/ID[<01><02>]")
}

/// What may be unusual about a signature.
pub(super) struct Signing<'a> {
    pub(super) object: u32,
    pub(super) by: &'a Made,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) certificates: Vec<Vec<u8>>,
    /// The certificate that the ESS attribute commits to.
    pub(super) committed: Vec<u8>,
    pub(super) sub_filter: &'a str,
    pub(super) entries: String,
    /// Of the revision's trailer.
    pub(super) trailer: &'a str,
    /// Makes the four numbers and the CMS wrong.
    pub(super) numbers: fn([i64; 4]) -> String,
    pub(super) spoil: fn(Vec<u8>) -> Vec<u8>,
    /// Makes time-stamp tokens of the signature value; of a document time stamp, the one token of the
    /// signed bytes.
    pub(super) stamps: &'a dyn Fn(&[u8]) -> Vec<Vec<u8>>,
    /// Makes time-stamp tokens of the content, which are signed too.
    pub(super) content_stamps: Stamps<'a>,
}

const CONTENTS_BYTES: usize = 8000;
const RANGE_WIDTH: usize = 60;

impl<'a> Signing<'a> {
    pub(super) fn by_leader(object: u32) -> Self {
        Self::by(object, &people().leader, SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256))
    }

    pub(super) fn by_office(object: u32) -> Self {
        Self::by(object, &people().office, SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha256))
    }

    fn by(object: u32, by: &'a Made, algorithm: SignatureAlgorithm) -> Self {
        Self {
            object,
            by,
            algorithm,
            // The issuing authority first on purpose: the first certificate is not the signer's.
            certificates: vec![by.der(), people().issuing.der()],
            committed: by.der(),
            sub_filter: "ETSI.CAdES.detached",
            entries: format!("/M({SIGNED_AT})"),
            trailer: "/ID[<01><03>]",
            numbers: |[a, b, c, d]| format!("[{a} {b} {c} {d}]"),
            spoil: |cms| cms,
            stamps: &|_| Vec::new(),
            content_stamps: &|_| Vec::new(),
        }
    }

    /// Certifies with `/P`.
    pub(super) fn certifying(mut self, p: u8) -> Self {
        self.entries += &format!(
            "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P {p}>>>>]"
        );
        self
    }

    /// Writes the signature dictionary into the open revision, closes it and fills it in.
    pub(super) fn close(&self, file: FileBuilder) -> FileBuilder {
        let from = file.bytes.len();
        let body = format!(
            "<<{}/Filter/Adobe.PPKLite/SubFilter/{}{}/ByteRange {:RANGE_WIDTH$}/Contents <{}>>>",
            // Time stamps say what they are themselves.
            if self.entries.contains("/Type/Doc") { "" } else { "/Type/Sig" },
            self.sub_filter,
            self.entries,
            "[]",
            "0".repeat(CONTENTS_BYTES * 2)
        );
        let mut file = file.object(self.object, &body).table(self.trailer);
        let (bytes, at) = (&mut file.bytes, |text: &[u8], bytes: &[u8]| {
            from + bytes[from..].windows(text.len()).position(|window| window == text).unwrap() + text.len()
        });
        let range = at(b"/ByteRange ", bytes);
        let gap = at(b"/Contents ", bytes);
        let after = gap + CONTENTS_BYTES * 2 + 2;
        let numbers = [0, gap, after, bytes.len() - after].map(|number| number as i64);
        let text = format!("{:RANGE_WIDTH$}", (self.numbers)(numbers));
        bytes[range..range + RANGE_WIDTH].copy_from_slice(text.as_bytes());
        let covered = [&bytes[..gap], &bytes[after..]].concat();
        let cms = (self.spoil)(self.cms(&covered));
        let hex: String = cms.iter().map(|byte| format!("{byte:02x}")).collect();
        bytes[gap + 1..gap + 1 + hex.len()].copy_from_slice(hex.as_bytes());
        file
    }

    fn with_content_stamps(&self, attributes: Vec<u8>, covered: &[u8]) -> Vec<u8> {
        let mut inside = Reader::new(&attributes).read().unwrap().reader();
        let mut all = Vec::new();
        while !inside.is_empty() {
            all.push(inside.read().unwrap().raw.to_vec());
        }
        all.extend((self.content_stamps)(covered).iter().map(|token| {
            der::sequence(&[&der::oid(CONTENT_TIME_STAMP), &der::container(tag::SET, &[token.as_slice()])])
        }));
        der::set_of(tag::SET, all)
    }

    fn cms(&self, covered: &[u8]) -> Vec<u8> {
        if self.sub_filter == "ETSI.RFC3161" {
            return (self.stamps)(covered).remove(0);
        }
        let hash = self.algorithm.digest();
        let committed = Certificate::parse(&self.committed).unwrap();
        let attributes = cms::signed_attributes(hash, &digest(hash, covered), &committed);
        let attributes = self.with_content_stamps(attributes, covered);
        let value = testing::sign(&self.by.key, self.algorithm, &attributes);
        let embedded = cms::Embedded::choose(&self.certificates).unwrap();
        let tokens = (self.stamps)(&value);
        let tokens: Vec<&[u8]> = tokens.iter().map(Vec::as_slice).collect();
        let unsigned = match tokens.as_slice() {
            [] => Vec::new(),
            some => {
                vec![der::sequence(&[&der::oid(SIGNATURE_TIME_STAMP), &der::container(der::tag::SET, some)])]
            }
        };
        let mut cms =
            cms::build_signed_data(&attributes, self.algorithm, &value, &embedded, &unsigned).unwrap();
        assert!(cms.len() <= CONTENTS_BYTES, "{} bytes", cms.len());
        cms.truncate(CONTENTS_BYTES);
        cms
    }
}

/// The letter, signed by its leader in field 6 (object 20), certified with `/P` if given.
pub(super) fn signed(certify: Option<u8>) -> FileBuilder {
    let file = letter().object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    match certify {
        None => Signing::by_leader(20).close(file),
        Some(p) => {
            let catalog = format!("<<{CATALOG}/Perms<</DocMDP 20 0 R>>>>");
            Signing::by_leader(20).certifying(p).close(file.object(1, &catalog))
        }
    }
}

/// The clerk's step: number filled in, seal in field 7 (object 21).
pub(super) fn sealed(file: FileBuilder) -> FileBuilder {
    let file = file
        .object(5, &number_field("15/UBND"))
        .stream(8, "/Type/XObject/Subtype/Form/BBox[0 0 40 10]", b"BT /F1 10 Tf (15/UBND) Tj ET")
        .object(7, &signature_field("dau", "/V 21 0 R"));
    Signing::by_office(21).close(file)
}

/// Makes tokens of what is to be stamped.
pub(super) type Stamps<'a> = &'a dyn Fn(&[u8]) -> Vec<Vec<u8>>;

/// A document time stamp in field 7 (object 21).
pub(super) fn document_stamped(file: FileBuilder, stamps: Stamps<'_>) -> FileBuilder {
    stamped_in(file.object(7, &signature_field("dau", "/V 21 0 R")), 21, stamps)
}

/// A document time stamp as this object, which a field of the open revision has as its value.
pub(super) fn stamped_in(file: FileBuilder, object: u32, stamps: Stamps<'_>) -> FileBuilder {
    let entries = "/Type/DocTimeStamp".to_owned();
    Signing { sub_filter: "ETSI.RFC3161", entries, stamps, ..Signing::by_leader(object) }.close(file)
}

/// A security store with these revocation lists, in objects from `first` on.
pub(super) fn with_store(file: FileBuilder, first: u32, lists: &[Vec<u8>]) -> FileBuilder {
    with_store_and(file, first, &[], lists)
}

/// The same, keeping lists of an older store in the objects `kept`.
pub(super) fn with_store_and(file: FileBuilder, first: u32, kept: &[u32], lists: &[Vec<u8>]) -> FileBuilder {
    let numbers = kept.iter().copied().chain((first + 1..).take(lists.len()));
    let references: String = numbers.map(|n| format!("{n} 0 R ")).collect();
    let file = file
        .object(1, &format!("<<{CATALOG}/DSS {first} 0 R>>"))
        .object(first, &format!("<</Type/DSS/CRLs[{references}]>>"));
    let file = (first + 1..).zip(lists).fold(file, |file, (number, list)| file.stream(number, "", list));
    file.table("/ID[<01><04>]")
}

pub(super) fn conclusion(signature: &SignatureReport) -> (Indication, Option<SubIndication>) {
    (signature.indication, signature.sub_indication)
}

/// A revocation list of `authority`, good for `days` from `made_at` on.
pub(super) fn list(
    authority: &Made,
    key: &'static str,
    made_at: &str,
    days: i64,
    revoked: &[(&[u8], &str)],
) -> Vec<u8> {
    let entries = revoked.iter().map(|(serial, since)| {
        der::sequence(&[&der::element(tag::INTEGER, serial), &generalized(at(since).unix())])
    });
    list_of(authority, key, made_at, days, entries.collect())
}

pub(super) fn list_of(
    authority: &Made,
    key: &'static str,
    made_at: &str,
    days: i64,
    entries: Vec<Vec<u8>>,
) -> Vec<u8> {
    let certificate = Certificate::parse(&authority.der()).unwrap();
    let this_update = at(made_at).unix();
    let draft = ListDraft {
        issuer: certificate.raw_subject().to_vec(),
        signer: key,
        this_update,
        next_update: Some(this_update + days * 86_400),
        entries,
        extensions: vec![number("2.5.29.20", false, 7)],
    };
    draft.der()
}
