//! Inputs to start from: small, and with the structures that chance would not find.

use std::fmt::Write;
use std::rc::Rc;

use sign_core::crypto::key::Signer;
use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::{Document, Object};
use sign_core::sign::{SignRequest, sign};

use super::key::{key, now};

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
