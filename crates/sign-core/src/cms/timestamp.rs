//! Time stamps (RFC 3161): questions to an authority written, its answers and tokens read.
//!
//! Facts only: what a token says, and everything that is wrong with it by itself. Whether its signer is
//! trusted is a matter of paths and policy.

use super::der::{self, DerError, Reader, Tlv, tag};
use super::signed_data::TST_INFO;
use super::{CmsError, SignedData, SignerInfo};
use crate::crypto::CryptoError;
use crate::crypto::algorithm::{digest_from_identifier, digest_identifier};
use crate::crypto::digest::{DigestAlgorithm, digest, hex};
use crate::crypto::verify::verify;
use crate::time::Time;
use crate::x509::Certificate;

/// Bytes of one answer that are looked at: a token with a long chain has a tenth of it.
pub const LARGEST_ANSWER: usize = 256 << 10;
/// Lines of a refusal that are kept.
const MAX_TEXTS: usize = 8;

/// What an authority is asked (RFC 3161 2.4.1). Its certificates are always asked for: the token must be
/// checkable from what is in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampRequest {
    /// What the data was hashed with.
    pub digest: DigestAlgorithm,
    /// The digest of the data.
    pub imprint: Vec<u8>,
    /// A number that was never used before, big-endian; makes an old answer useless.
    pub nonce: Option<Vec<u8>>,
    /// The policy under which to stamp, dotted; the authority's own if none.
    pub policy: Option<String>,
}

impl TimeStampRequest {
    /// TimeStampReq, DER.
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = der::sequence(&[&digest_identifier(self.digest), &der::octet_string(&self.imprint)]);
        let policy = self.policy.as_deref().map(der::oid).unwrap_or_default();
        let nonce = self.nonce.as_deref().map(positive).unwrap_or_default();
        let certificates = der::element(tag::BOOLEAN, &[0xff]);
        der::sequence(&[&der::integer(1), &imprint, &policy, &nonce, &certificates])
    }

    /// Reads the answer (TimeStampResp, RFC 3161 2.4.2) and checks that it is to this question.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn answer(&self, bytes: &[u8]) -> Result<TimeStampToken, AnswerError> {
        if bytes.len() > LARGEST_ANSWER {
            return Err(AnswerError::TooLong { length: bytes.len() });
        }
        let token = granted(bytes)?;
        let token = TimeStampToken::parse(token)?;
        let same_imprint = token.digest == Ok(self.digest) && token.imprint == self.imprint;
        if !same_imprint {
            return Err(AnswerError::OtherImprint);
        }
        if self.nonce.as_deref().map(without_zeros) != token.nonce.as_deref().map(without_zeros) {
            return Err(AnswerError::OtherNonce);
        }
        match &self.policy {
            Some(asked) if *asked != token.policy => {
                Err(AnswerError::OtherPolicy { asked: asked.clone(), found: token.policy })
            }
            _ => Ok(token),
        }
    }
}

/// Why an authority's answer is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It says no (RFC 3161 2.4.2 PKIStatusInfo).
    #[error("the time-stamping authority refuses: status {status}, {reason}")]
    Refused {
        /// PKIStatus: 2 rejection, 3 waiting, 4 and 5 about revocation.
        status: u64,
        /// Its words and the name of its failure bit, as far as given.
        reason: String,
    },
    /// More bytes than any answer has.
    #[error("an answer of {length} bytes")]
    TooLong {
        /// How many.
        length: usize,
    },
    /// The digest stamped is not the one sent.
    #[error("the token stamps other data")]
    OtherImprint,
    /// An answer to another question, or an old one.
    #[error("the token has another nonce")]
    OtherNonce,
    /// Another policy than the one asked for.
    #[error("the token was made under policy {found}, not {asked}")]
    OtherPolicy {
        /// Dotted.
        asked: String,
        /// Dotted.
        found: String,
    },
    /// Not an answer, or not a token inside.
    #[error("the answer cannot be read: {0}")]
    Malformed(#[from] CmsError),
}

impl AnswerError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "tsa_refused",
            Self::OtherImprint => "tsa_wrong_imprint",
            Self::OtherNonce => "tsa_wrong_nonce",
            Self::OtherPolicy { .. } => "tsa_wrong_policy",
            Self::TooLong { .. } | Self::Malformed(_) => "tsa_bad_answer",
        }
    }
}

impl From<DerError> for AnswerError {
    fn from(error: DerError) -> Self {
        Self::Malformed(error.into())
    }
}

/// A token: SignedData over TSTInfo.
#[derive(Debug, Clone)]
pub struct TimeStampToken {
    der: Vec<u8>,
    info: Vec<u8>,
    policy: String,
    digest: Result<DigestAlgorithm, CryptoError>,
    imprint: Vec<u8>,
    serial: Vec<u8>,
    time: Time,
    accuracy_micros: Option<u64>,
    ordering: bool,
    nonce: Option<Vec<u8>>,
    signed_data: SignedData,
}

/// Something wrong with a token by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenProblem {
    /// RFC 3161 2.4.2: signed by the authority and nobody else.
    SignerCount(usize),
    /// None of its certificates, and none of those given, is the signer's.
    NoSigner,
    /// The signed attributes are missing or say another content type.
    Attributes,
    /// The TSTInfo is not what was signed.
    DigestMismatch,
    /// The mathematics do not fit.
    BadSignature,
    /// The mathematics cannot be done.
    Unsupported(CryptoError),
    /// RFC 3161 2.4.2, RFC 5816: the signer's certificate must be named in the signed attributes.
    NoCertificateReference,
    /// The one named is not the signer's.
    OtherCertificate,
    /// RFC 3161 2.3: extendedKeyUsage must be there, critical, with timeStamping alone.
    ExtendedKeyUsage,
    /// The certificate was not valid at the token's time.
    OutsideValidity,
}

impl TokenProblem {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignerCount(_) => "timestamp_signer_count",
            Self::NoSigner => "timestamp_no_signer",
            Self::Attributes => "timestamp_attributes",
            Self::DigestMismatch => "timestamp_digest_mismatch",
            Self::BadSignature => "timestamp_bad_signature",
            Self::Unsupported(_) => "timestamp_algorithm_unsupported",
            Self::NoCertificateReference => "timestamp_certificate_not_referenced",
            Self::OtherCertificate => "timestamp_certificate_mismatch",
            Self::ExtendedKeyUsage => "timestamp_key_usage",
            Self::OutsideValidity => "timestamp_outside_validity",
        }
    }
}

/// A token examined: its signer, and all that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The signer's certificate, if it was found.
    pub signer: Option<Certificate>,
    /// Empty if the token is sound by itself.
    pub problems: Vec<TokenProblem>,
}

impl TimeStampToken {
    /// Reads a token: a ContentInfo with SignedData over TSTInfo (RFC 3161 2.4.2). Zero bytes may follow.
    ///
    /// # Errors
    /// [`CmsError`] if it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, CmsError> {
        let signed_data = SignedData::parse(bytes)?;
        let info = match signed_data.content() {
            Some(content) if signed_data.content_type() == TST_INFO => content.to_vec(),
            _ => return Err(CmsError::NotATimeStamp { content: signed_data.content_type().to_owned() }),
        };
        let mut outer = Reader::new(&info);
        let mut inside = outer.expect(tag::SEQUENCE)?.reader();
        outer.finish()?;
        if inside.expect(tag::INTEGER)?.unsigned()? != 1 {
            return Err(DerError::BadInteger.into());
        }
        let policy = inside.expect(tag::OID)?.oid()?;
        let (digest, imprint) = message_imprint(inside.expect(tag::SEQUENCE)?)?;
        let serial = inside.expect(tag::INTEGER)?.content.to_vec();
        let time = generalized_time(inside.expect(tag::GENERALIZED_TIME)?).ok_or(DerError::BadInteger)?;
        let accuracy_micros = inside.optional(tag::SEQUENCE)?.map(accuracy).transpose()?;
        let ordering = inside.optional(tag::BOOLEAN)?.is_some_and(|value| value.content != [0]);
        let nonce = inside.optional(tag::INTEGER)?.map(|nonce| nonce.content.to_vec());
        // tsa [0] and extensions [1]: hints, no part of what is judged.
        inside.optional(tag::context(0))?;
        inside.optional(tag::context(1))?;
        inside.finish()?;
        let der = bytes.get(..signed_data.length()).unwrap_or(bytes).to_vec();
        Ok(Self {
            der,
            policy,
            digest,
            imprint,
            serial,
            time,
            accuracy_micros,
            ordering,
            nonce,
            info: info.clone(),
            signed_data,
        })
    }

    /// The token without what follows it.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// `genTime`, to the second: parts of a second are cut off.
    pub fn time(&self) -> Time {
        self.time
    }

    /// `accuracy` in microseconds, if given.
    pub fn accuracy_micros(&self) -> Option<u64> {
        self.accuracy_micros
    }

    /// The authority promises that its tokens can be ordered by time alone.
    pub fn ordering(&self) -> bool {
        self.ordering
    }

    /// The policy it was made under, dotted.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Serial number in hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex(&self.serial)
    }

    /// What the stamped data was hashed with.
    ///
    /// # Errors
    /// [`CryptoError`] if it is unknown.
    pub fn digest(&self) -> Result<DigestAlgorithm, CryptoError> {
        self.digest.clone()
    }

    /// The digest that was stamped.
    pub fn imprint(&self) -> &[u8] {
        &self.imprint
    }

    /// Whether it stamps these bytes.
    pub fn stamps(&self, data: &[u8]) -> bool {
        self.digest.as_ref().is_ok_and(|algorithm| digest(*algorithm, data) == self.imprint)
    }

    /// The SignedData around it, with its certificates.
    pub fn signed_data(&self) -> &SignedData {
        &self.signed_data
    }

    /// Whether its one signer's attributes are about this very TSTInfo (RFC 5652 5.4).
    pub fn content_is_signed(&self) -> bool {
        matches!(self.signed_data.signer_infos(), [signer] if self.content_problems(signer).is_none())
    }

    /// Examines the token by itself; `others` are certificates to look for its signer among, if it
    /// brings none.
    pub fn examine(&self, others: &[Certificate]) -> TokenFacts {
        let [signer] = self.signed_data.signer_infos() else {
            let count = self.signed_data.signer_infos().len();
            return TokenFacts { signer: None, problems: vec![TokenProblem::SignerCount(count)] };
        };
        let own = signer.signer_certificate(self.signed_data.certificates());
        let Some(certificate) = own.or_else(|| signer.signer_certificate(others)) else {
            return TokenFacts { signer: None, problems: vec![TokenProblem::NoSigner] };
        };
        let mut problems: Vec<TokenProblem> = self.content_problems(signer).into_iter().collect();
        problems.extend(signature_problem(signer, certificate));
        problems.extend(self.certificate_problems(signer, certificate));
        TokenFacts { signer: Some(certificate.clone()), problems }
    }

    /// RFC 5652 5.4: the attributes bind the content.
    fn content_problems(&self, signer: &SignerInfo) -> Option<TokenProblem> {
        if signer.content_type().as_deref() != Some(TST_INFO) {
            return Some(TokenProblem::Attributes);
        }
        let algorithm = match signer.digest_algorithm() {
            Ok(algorithm) => algorithm,
            Err(error) => return Some(TokenProblem::Unsupported(error)),
        };
        match signer.message_digest() {
            None => Some(TokenProblem::Attributes),
            Some(said) if said == digest(algorithm, &self.info) => None,
            Some(_) => Some(TokenProblem::DigestMismatch),
        }
    }

    fn certificate_problems(&self, signer: &SignerInfo, certificate: &Certificate) -> Vec<TokenProblem> {
        let mut problems = Vec::new();
        match signer.ess_matches(certificate) {
            Some(true) => {}
            Some(false) => problems.push(TokenProblem::OtherCertificate),
            None => problems.push(TokenProblem::NoCertificateReference),
        }
        if !certificate.is_for_time_stamping_only() {
            problems.push(TokenProblem::ExtendedKeyUsage);
        }
        if self.time < certificate.not_before() || self.time > certificate.not_after() {
            problems.push(TokenProblem::OutsideValidity);
        }
        problems
    }
}

fn signature_problem(signer: &SignerInfo, certificate: &Certificate) -> Option<TokenProblem> {
    let checked = signer.signature_algorithm().and_then(|algorithm| match signer.signed_message() {
        Some(message) => verify(algorithm, certificate.spki_der(), message, signer.signature()),
        None => Ok(false),
    });
    match checked {
        Ok(true) => None,
        Ok(false) => Some(TokenProblem::BadSignature),
        Err(error) => Some(TokenProblem::Unsupported(error)),
    }
}

/// The token of a granted answer: TimeStampResp ::= SEQUENCE { status PKIStatusInfo, token OPTIONAL }.
fn granted(bytes: &[u8]) -> Result<&[u8], AnswerError> {
    let mut outer = Reader::new(bytes);
    let mut answer = outer.expect(tag::SEQUENCE)?.reader();
    outer.finish()?;
    let mut info = answer.expect(tag::SEQUENCE)?.reader();
    let status = info.expect(tag::INTEGER)?.unsigned()?;
    // 0 granted, 1 granted with changes: what was changed is compared with the question.
    if status > 1 {
        return Err(AnswerError::Refused { status, reason: refusal(&mut info)? });
    }
    let token = answer.expect(tag::SEQUENCE)?.raw;
    answer.finish()?;
    Ok(token)
}

/// PKIFreeText and PKIFailureInfo as one line.
fn refusal(info: &mut Reader<'_>) -> Result<String, DerError> {
    let mut said = Vec::new();
    if let Some(texts) = info.optional(tag::SEQUENCE)? {
        let mut texts = texts.reader();
        while !texts.is_empty() && said.len() < MAX_TEXTS {
            let text = texts.read()?.content;
            // From a stranger, for a log and a screen.
            said.push(String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(200).collect());
        }
    }
    if let Some(bits) = info.optional(tag::BIT_STRING)? {
        said.push(failure_name(bits.content).to_owned());
    }
    Ok(said.join("; "))
}

/// PKIFailureInfo (RFC 3161 2.4.2); `content` begins with the number of unused bits.
fn failure_name(content: &[u8]) -> &'static str {
    const NAMES: [(usize, &str); 8] = [
        (0, "badAlg"),
        (2, "badRequest"),
        (5, "badDataFormat"),
        (14, "timeNotAvailable"),
        (15, "unacceptedPolicy"),
        (16, "unacceptedExtension"),
        (17, "addInfoNotAvailable"),
        (25, "systemFailure"),
    ];
    let is_set = |bit: usize| content.get(1 + bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    NAMES.iter().find(|(bit, _)| is_set(*bit)).map_or("no reason given", |(_, name)| name)
}

/// MessageImprint ::= SEQUENCE { hashAlgorithm, hashedMessage OCTET STRING }.
fn message_imprint(imprint: Tlv<'_>) -> Result<(Result<DigestAlgorithm, CryptoError>, Vec<u8>), DerError> {
    let mut inside = imprint.reader();
    let algorithm = digest_from_identifier(inside.expect(tag::SEQUENCE)?.raw);
    let hashed = inside.expect(tag::OCTET_STRING)?.content.to_vec();
    inside.finish()?;
    Ok((algorithm, hashed))
}

/// Accuracy ::= SEQUENCE { seconds INTEGER, millis [0], micros [1] }, all optional.
fn accuracy(value: Tlv<'_>) -> Result<u64, DerError> {
    let mut inside = value.reader();
    let seconds = inside.optional(tag::INTEGER)?.map_or(Ok(0), |seconds| seconds.unsigned())?;
    let mut part = |n: u8| -> Result<u64, DerError> {
        let Some(part) = inside.optional(tag::context_primitive(n))? else { return Ok(0) };
        Tlv { tag: tag::INTEGER, ..part }.unsigned()
    };
    let (millis, micros) = (part(0)?, part(1)?);
    inside.finish()?;
    let seconds = seconds.saturating_mul(1_000_000);
    Ok(seconds.saturating_add(millis.saturating_mul(1_000)).saturating_add(micros))
}

/// GeneralizedTime in UTC; parts of a second may follow a point (RFC 3161 2.4.2).
fn generalized_time(value: Tlv<'_>) -> Option<Time> {
    let text = std::str::from_utf8(value.content).ok()?;
    let (stamp, rest) = text.split_at_checked(14)?;
    let rest = rest.strip_suffix('Z')?;
    let fraction = match rest.strip_prefix('.') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()),
        None => rest.is_empty(),
    };
    let digits = stamp.bytes().all(|digit| digit.is_ascii_digit());
    if digits && fraction { Time::parse_pdf(&format!("{stamp}Z")).ok() } else { None }
}

/// INTEGER of unsigned big-endian bytes.
fn positive(bytes: &[u8]) -> Vec<u8> {
    let bytes = without_zeros(bytes);
    let sign: &[u8] = if bytes.first().is_none_or(|&byte| byte >= 0x80) { &[0] } else { &[] };
    der::element(tag::INTEGER, &[sign, bytes].concat())
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
