//! Walks one official letter through its signatures, without a server:
//! `cargo run -p sign-io --example letter -- LETTER.pdf LEADER.p12 SEAL.p12 PIN OUT.pdf`.
//!
//! The draft is frozen with empty fields at `Số:` and `ngày … tháng …`; the leader signs and
//! certifies; number and date are filled and the seal put on in one revision.

use sign_core::crypto::key::{Pin, SoftKey, from_pkcs12};
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::sign::official::{FIELD_LEADER, FIELD_SEAL, freeze, number_and_date};
use sign_core::sign::options::{DocMdp, FieldChoice, Role};
use sign_core::sign::{SignRequest, sign};
use sign_core::time::VIETNAM;
use sign_io::DrawLimits;
use sign_io::layout::{Letter, layout};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [letter, leader, seal, pin, out] = arguments.as_slice() else {
        return Err("usage: letter LETTER.pdf LEADER.p12 SEAL.p12 PIN OUT.pdf".into());
    };
    let mut document = std::fs::read(letter)?;
    let signer = Letter { title: "GIÁM ĐỐC".into(), name: "Nguyễn Văn A".into(), ..Letter::default() };
    let places = layout(document.clone(), &signer, &DrawLimits::default())?;
    document.extend(freeze(&document, &places, &Limits::default())?);

    let now = sign_io::clock::now().in_offset(VIETNAM);
    let base = SignRequest::new(now);
    let by_leader = SignRequest {
        field: FieldChoice::Existing(FIELD_LEADER.into()),
        appearance: picture("fixtures/images/leader.png")?,
        certify: Some(DocMdp::FormFilling),
        role: Role::Leader,
        ..base.clone()
    };
    add_signature(&mut document, &by_leader, &key(leader, pin)?)?;
    let by_clerk = SignRequest {
        field: FieldChoice::Existing(FIELD_SEAL.into()),
        appearance: picture("fixtures/images/seal.png")?,
        fills: number_and_date(5, now),
        role: Role::Seal,
        ..base
    };
    add_signature(&mut document, &by_clerk, &key(seal, pin)?)?;
    std::fs::write(out, document)?;
    Ok(())
}

fn add_signature(document: &mut Vec<u8>, request: &SignRequest, key: &SoftKey) -> Result<(), Failure> {
    let signed = sign(document, request, key, &Limits::default())?;
    document.extend(signed.appended);
    Ok(())
}

fn picture(path: &str) -> Result<Option<Appearance>, Failure> {
    Ok(Some(Appearance { image_png: Some(std::fs::read(path)?), ..Appearance::default() }))
}

fn key(path: &str, pin: &str) -> Result<SoftKey, Failure> {
    Ok(from_pkcs12(&std::fs::read(path)?, &Pin::new(pin), None)?)
}
