//! What is known about revocation: lists, OCSP answers and the certificates that help to check them,
//! each with where it came from. What follows for one certificate is [`super::status`]'s.

use crate::crypto::der::tag;
use crate::crypto::pem;
use crate::x509::ocsp::{OcspError, Response};
use crate::x509::{Certificate, Crl, X509Error};

/// Items of one kind. An archive of decades with several signers has some hundred.
const MAX_ITEMS: usize = 4096;
/// Bytes of all items together.
const MAX_BYTES: usize = 512 * 1024 * 1024;

/// Where a piece of evidence came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// In the CMS of a signature (RFC 5652 5.1, RFC 5940).
    Cms,
    /// In the document's security store (ISO 32000-2 12.8.4.3).
    Dss,
    /// In Adobe's signed attribute (adbe-revocationInfoArchival, ISO 32000-1 12.8.3.3.2).
    AdobeAttribute,
    /// Given by the user.
    Given,
    /// Fetched from the address that the certificate names.
    Fetched,
}

impl Origin {
    /// A stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cms => "cms",
            Self::Dss => "dss",
            Self::AdobeAttribute => "adobe_attribute",
            Self::Given => "given",
            Self::Fetched => "fetched",
        }
    }
}

/// One piece and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<T> {
    /// The piece.
    pub item: T,
    /// Where it came from first.
    pub origin: Origin,
}

/// Why a piece of evidence was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// It is no certificate or revocation list.
    #[error(transparent)]
    X509(#[from] X509Error),
    /// It is no OCSP answer.
    #[error(transparent)]
    Ocsp(#[from] OcspError),
    /// There is more than any honest document needs.
    #[error("more evidence than is looked at")]
    TooMuch,
}

impl EvidenceError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::X509(error) => error.code(),
            Self::Ocsp(error) => error.code(),
            Self::TooMuch => "too_much_evidence",
        }
    }
}

/// Evidence gathered for one verification. Every piece is there once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    crls: Vec<Held<Crl>>,
    responses: Vec<Held<Response>>,
    certificates: Vec<Held<Certificate>>,
    bytes: usize,
}

impl Evidence {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes a revocation list; its place among them, also when it was there already.
    ///
    /// # Errors
    /// [`EvidenceError`]; then everything else stays as it was.
    pub fn add_crl(&mut self, der: &[u8], origin: Origin) -> Result<usize, EvidenceError> {
        self.room(der)?;
        let item = Crl::parse(der)?;
        let (place, bytes) = add(&mut self.crls, item, der, origin)?;
        self.bytes += bytes;
        Ok(place)
    }

    /// Takes an OCSP answer; its place among them, also when it was there already.
    ///
    /// # Errors
    /// [`EvidenceError`]; then everything else stays as it was.
    pub fn add_ocsp(&mut self, der: &[u8], origin: Origin) -> Result<usize, EvidenceError> {
        self.room(der)?;
        let item = Response::parse(der)?;
        let (place, bytes) = add(&mut self.responses, item, der, origin)?;
        self.bytes += bytes;
        Ok(place)
    }

    /// Takes a certificate; its place among them, also when it was there already.
    ///
    /// # Errors
    /// [`EvidenceError`]; then everything else stays as it was.
    pub fn add_certificate(&mut self, der: &[u8], origin: Origin) -> Result<usize, EvidenceError> {
        self.room(der)?;
        self.hold_certificate(Certificate::parse(der)?, origin)
    }

    /// As [`Self::add_certificate`], of one that was read already.
    ///
    /// # Errors
    /// [`EvidenceError::TooMuch`].
    pub fn hold_certificate(&mut self, item: Certificate, origin: Origin) -> Result<usize, EvidenceError> {
        self.room(item.der())?;
        let der = item.clone();
        let (place, bytes) = add(&mut self.certificates, item, der.der(), origin)?;
        self.bytes += bytes;
        Ok(place)
    }

    /// Takes what a file holds: revocation lists, OCSP responses and certificates as PEM, or one of them as
    /// DER. How many pieces there were.
    ///
    /// # Errors
    /// [`EvidenceError`] of the first piece that cannot be read; of DER that is nothing of all this, what is
    /// wrong with it as a certificate.
    pub fn add_file(&mut self, bytes: &[u8], origin: Origin) -> Result<usize, EvidenceError> {
        if bytes.first() == Some(&tag::SEQUENCE) {
            if self.add_crl(bytes, origin).is_ok() || self.add_ocsp(bytes, origin).is_ok() {
                return Ok(1);
            }
            return self.add_certificate(bytes, origin).map(|_| 1);
        }
        let mut pieces = 0;
        for block in pem::blocks(bytes) {
            let contents = block.contents.as_deref().unwrap_or_default();
            match block.label.as_str() {
                "X509 CRL" => self.add_crl(contents, origin)?,
                "OCSP RESPONSE" => self.add_ocsp(contents, origin)?,
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                    self.add_certificate(contents, origin)?
                }
                _ => continue,
            };
            pieces += 1;
        }
        Ok(pieces)
    }

    fn room(&self, der: &[u8]) -> Result<(), EvidenceError> {
        if self.bytes.saturating_add(der.len()) > MAX_BYTES { Err(EvidenceError::TooMuch) } else { Ok(()) }
    }

    /// All revocation lists.
    pub fn crls(&self) -> &[Held<Crl>] {
        &self.crls
    }

    /// All OCSP answers.
    pub fn responses(&self) -> &[Held<Response>] {
        &self.responses
    }

    /// All certificates.
    pub fn certificates(&self) -> &[Held<Certificate>] {
        &self.certificates
    }
}

/// Adds what is not there yet; its place, and the bytes that were added.
fn add<T: PartialEq>(
    list: &mut Vec<Held<T>>,
    item: T,
    der: &[u8],
    origin: Origin,
) -> Result<(usize, usize), EvidenceError> {
    if let Some(place) = list.iter().position(|held| held.item == item) {
        return Ok((place, 0));
    }
    if list.len() >= MAX_ITEMS {
        return Err(EvidenceError::TooMuch);
    }
    list.push(Held { item, origin });
    Ok((list.len() - 1, der.len()))
}
