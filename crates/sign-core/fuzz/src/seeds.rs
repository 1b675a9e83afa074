//! Inputs to start from: small, and with the structures that chance would not find.

use std::fmt::Write;
use std::rc::Rc;

use sign_core::crypto::der::{self, tag};
use sign_core::crypto::digest::digest;
use sign_core::crypto::key::Signer;
use sign_core::crypto::{DigestAlgorithm, SignatureAlgorithm};
use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::{Document, Object};
use sign_core::sign::{SignRequest, sign};

use super::key::{certificate, key, now};

/// Documents: a page and a form field, plain and signed once.
pub fn documents() -> Vec<Vec<u8>> {
    vec![letter(), signed()]
}

/// The CMS of the signed one.
pub fn signatures() -> Vec<Vec<u8>> {
    let file = signed();
    let document = Document::open(&file, Limits::default()).expect("ours can be read");
    let view = document.latest();
    let form = Form::read(&view, Limits::default().fields).expect("its form too");
    let fields = form.signature_fields(&view).expect("and its signature");
    let values = fields.into_iter().filter_map(|field| field.value);
    let contents = |(_, value): (_, Rc<Object>)| {
        value.as_dictionary()?.get("Contents")?.as_string().map(|text| text.bytes.clone())
    };
    values.filter_map(contents).collect()
}

/// A certificate as DER and as PEM.
pub fn certificates() -> Vec<Vec<u8>> {
    let der = key().certificates().to_vec();
    let pem = openssl::x509::X509::from_der(&der[0]).and_then(|certificate| certificate.to_pem());
    vec![der[0].clone(), pem.expect("OpenSSL writes PEM")]
}

/// A revocation list with entries and an OCSP answer about the key's certificate, signed by nobody.
pub fn revocation() -> Vec<Vec<u8>> {
    let certificate = certificate();
    let time = der::element(tag::GENERALIZED_TIME, b"20260901000000Z");
    let later = der::element(tag::GENERALIZED_TIME, b"20261001000000Z");
    let algorithm = SignatureAlgorithm::Ed25519.algorithm_identifier();
    let signature = der::element(tag::BIT_STRING, &[0; 65]);
    let extension =
        |oid: &str, value: &[u8]| der::sequence(&[&der::oid(oid), &[1, 1, 0xff], &der::octet_string(value)]);
    let serial = der::element(tag::INTEGER, certificate.raw_serial());

    let of = der::sequence(&[&der::container(tag::context(4), &[certificate.raw_issuer()])]);
    let about = der::sequence(&[&extension("2.5.29.21", &[0x0a, 1, 1]), &extension("2.5.29.29", &of)]);
    let entries = der::sequence(&[&der::sequence(&[&serial, &time, &about])]);
    let point = der::sequence(&[&der::element(tag::context_primitive(4), &[0xff])]);
    let facts = der::sequence(&[&extension("2.5.29.20", &der::integer(7)), &extension("2.5.29.28", &point)]);
    let facts = der::container(tag::context(0), &[&facts]);
    let list = [&der::integer(1), &algorithm, certificate.raw_issuer(), &time, &later, &entries, &facts];
    let list = der::sequence(&[&der::sequence(&list), &algorithm, &signature]);

    let hash = |bytes: &[u8]| der::octet_string(&digest(DigestAlgorithm::Sha1, bytes));
    let sha1 = der::sequence(&[&der::oid(DigestAlgorithm::Sha1.oid())]);
    let id = der::sequence(&[&sha1, &hash(certificate.raw_issuer()), &hash(&[]), &serial]);
    let single = der::sequence(&[&id, &[0x80, 0], &time, &der::container(tag::context(0), &[&later])]);
    let responder = der::container(tag::context(1), &[certificate.raw_subject()]);
    let data = der::sequence(&[&responder, &time, &der::sequence(&[&single])]);
    let sent = der::container(tag::context(0), &[&der::sequence(&[certificate.der()])]);
    let basic = der::sequence(&[&data, &algorithm, &signature, &sent]);
    let typed = der::sequence(&[&der::oid("1.3.6.1.5.5.7.48.1.1"), &der::octet_string(&basic)]);
    vec![list, der::sequence(&[&[0x0a, 1, 0], &der::container(tag::context(0), &[&typed])])]
}

fn signed() -> Vec<u8> {
    let mut file = letter();
    let result = sign(&file, &SignRequest::new(now()), key(), &Limits::default());
    file.extend(result.expect("a letter can be signed").appended);
    file
}

fn letter() -> Vec<u8> {
    const OBJECTS: [&str; 6] = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [ 5 0 R ] /DA (/F 10 Tf) >> >>",
        "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 4 0 R /Annots [ 5 0 R ] >>",
        "<< /Length 6 0 R >>\nstream\nBT ET\nendstream",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (so) /V (12) /P 3 0 R /Rect [ 9 9 99 29 ] /F 4 >>",
        "5",
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (number, object) in (1..).zip(OBJECTS) {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    let _ = write!(file, "xref\n0 7\n{table}trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}
