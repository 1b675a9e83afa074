//! What the steps of an official letter do to its PDF: fields at the places the law gives, the
//! leader's signature, number with date and seal. Work on bytes only; nothing is recorded here.

use super::{failure::Failure, memory::InMemory};
use circulation::{
    certificate::SignerClass,
    date::Date,
    document::{Coverage, SignatureFacts, SignerTitle},
    register::DocumentNumber,
};
use serde::Deserialize;
use sign_core::{
    crypto::key::Signer,
    limits::Limits,
    pades::appearance::Appearance,
    pdf::Access,
    report::{
        model::{self, ContentFinding, Report, SignatureReport},
        words,
    },
    sign::{
        SignRequest, content, official,
        options::{DocMdp, FieldChoice, Place, Role},
        sign,
    },
    time::{Time, VIETNAM},
    verdict::{Indication, Severity},
};
use sign_io::{
    DrawLimits,
    layout::{Letter, layout},
};

/// A box given by hand instead of found.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenBox {
    /// Page, the first is 1.
    pub page: usize,
    /// `[x0, y0, x1, y1]` in default user space units.
    pub rect: [f64; 4],
}

impl GivenBox {
    /// As signing takes it.
    ///
    /// # Errors
    /// `malformed_request` for page 0.
    pub fn place(self) -> Result<Place, Failure> {
        let page = self.page.checked_sub(1).ok_or_else(|| Failure::malformed("the first page is 1"))?;
        Ok(Place { page, rect: self.rect })
    }
}

/// Places given by hand, those not given are found in the page's text.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenPlaces {
    /// The gap for the number's digits.
    pub number: Option<GivenBox>,
    /// The gap for the day.
    pub day: Option<GivenBox>,
    /// The gap for the month.
    pub month: Option<GivenBox>,
    /// The leader's signature.
    pub leader: Option<GivenBox>,
    /// The seal.
    pub seal: Option<GivenBox>,
}

/// The draft with its empty fields: number, day, month, leader, seal.
///
/// # Errors
/// `anchor_not_found` if the page text does not show where; what signing says about the file.
pub fn freeze(draft: &[u8], signer: &SignerTitle, given: GivenPlaces) -> Result<Vec<u8>, Failure> {
    let place = |given: Option<GivenBox>| given.map(GivenBox::place).transpose();
    let letter = Letter {
        title: signer.position.clone(),
        name: signer.full_name.clone(),
        initials: None,
        leader: place(given.leader)?,
        seal: place(given.seal)?,
        number: place(given.number)?,
        day: place(given.day)?,
        month: place(given.month)?,
    };
    let layout = layout(draft.to_vec(), &letter, &DrawLimits::default())
        .map_err(|error| Failure::from_words(error.code(), error.to_string()))?;
    let appended = official::freeze(&InMemory(draft), &layout, &Limits::default())?;
    Ok([draft, &appended].concat())
}

/// What in a file can change its look after it is signed, if it weighs as a warning. Strictly, such a
/// file is refused; and so is one that cannot be looked through.
///
/// # Errors
/// `risky_content`, or what reading says.
pub fn look(file: &[u8], access: Access<'_>, strict: bool) -> Result<Vec<ContentFinding>, Failure> {
    let scan = match content::look(&InMemory(file), access) {
        Ok(scan) => scan,
        Err(error) if strict => return Err(error.into()),
        Err(error) => {
            let model::Finding { code, severity, message_vi, message_en } =
                words::finding("scan_incomplete", &error.to_string());
            return Ok(vec![ContentFinding {
                code,
                severity,
                object: None,
                page: None,
                message_vi,
                message_en,
            }]);
        }
    };
    if strict {
        content::refuse_risky(&scan)?;
    }
    let mut findings = words::content_findings(&scan);
    findings.retain(|finding| finding.severity >= Severity::Warning);
    Ok(findings)
}

/// A signed file and the name of the field that took the signature.
pub struct SignedPaper {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Field of the new signature.
    pub field: String,
}

/// The leader's signature: certifies the letter so that only filling and signing may follow.
///
/// # Errors
/// What signing says.
pub fn sign_as_leader(
    frozen: &[u8],
    key: &dyn Signer,
    image: Option<Vec<u8>>,
    name: &str,
    at: Time,
) -> Result<SignedPaper, Failure> {
    let lines = if image.is_some() { Vec::new() } else { default_lines(name, at) };
    let request = SignRequest {
        field: FieldChoice::Existing(official::FIELD_LEADER.to_owned()),
        appearance: Some(Appearance { image_png: image, lines, ..Appearance::default() }),
        certify: Some(DocMdp::FormFilling),
        role: Role::Leader,
        ..SignRequest::new(at)
    };
    complete(frozen, &request, key)
}

/// Number and date filled in and the organisation's signature, in one revision.
///
/// # Errors
/// What signing says.
pub fn seal(
    signed: &[u8],
    key: &dyn Signer,
    number: &DocumentNumber,
    date: Date,
    image: Option<Vec<u8>>,
    name: &str,
    at: Time,
) -> Result<SignedPaper, Failure> {
    let lines = if image.is_some() { Vec::new() } else { default_lines(name, at) };
    let request = SignRequest {
        field: FieldChoice::Existing(official::FIELD_SEAL.to_owned()),
        appearance: Some(Appearance { image_png: image, lines, ..Appearance::default() }),
        fills: official::number_and_date(number.number, noon(date)?),
        role: Role::Seal,
        ..SignRequest::new(at)
    };
    complete(signed, &request, key)
}

/// What a signature without a picture shows.
pub fn default_lines(name: &str, at: Time) -> Vec<String> {
    let p = at.in_offset(VIETNAM).parts();
    let day = format!(
        "{:02}/{:02}/{} {:02}:{:02}:{:02} +07:00",
        p.day, p.month, p.year, p.hour, p.minute, p.second
    );
    vec![format!("Ký bởi: {name}"), format!("Thời gian ký: {day}")]
}

/// A day of the calendar as an instant of it.
fn noon(date: Date) -> Result<Time, Failure> {
    Time::parse_rfc3339(&format!("{date}T12:00:00+07:00")).map_err(Failure::internal)
}

/// Signs and puts the file together.
///
/// # Errors
/// What signing says.
pub fn complete(file: &[u8], request: &SignRequest, key: &dyn Signer) -> Result<SignedPaper, Failure> {
    complete_with(file, request, key, Access::from(&Limits::default()))
}

/// As [`complete`], for a file that may be encrypted.
///
/// # Errors
/// What signing says.
pub fn complete_with(
    file: &[u8],
    request: &SignRequest,
    key: &dyn Signer,
    access: Access<'_>,
) -> Result<SignedPaper, Failure> {
    let signed = sign(&InMemory(file), request, key, access)?;
    Ok(SignedPaper { bytes: [file, &signed.appended].concat(), field: signed.field })
}

/// What the workflow keeps about the signatures of a report.
pub fn facts(report: &Report) -> Vec<SignatureFacts> {
    report.signatures.iter().map(facts_of).collect()
}

fn facts_of(found: &SignatureReport) -> SignatureFacts {
    let indication = serde_json::to_value(found.indication).ok();
    SignatureFacts {
        field: found.field.clone(),
        class: match found.signer.class {
            model::SignerClass::Personal => SignerClass::Personal,
            model::SignerClass::Organisation => SignerClass::Organisation,
            model::SignerClass::Tsa => SignerClass::Tsa,
            model::SignerClass::Unknown => SignerClass::Unknown,
        },
        certificate_sha256: found.chain.first().and_then(|link| link.sha256.parse().ok()),
        signer_name: found.signer.name.clone().unwrap_or_default(),
        organisation: found.signer.organisation.clone(),
        valid: found.indication == Indication::TotalPassed,
        indication: indication.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default(),
        coverage: match found.coverage {
            model::Coverage::WholeFile => Coverage::WholeFile,
            model::Coverage::WholeRevision => Coverage::WholeRevision,
            model::Coverage::Partial => Coverage::Partial,
        },
        signed_at: found.time.best.or(found.time.claimed).map(crate::state::instant),
    }
}
