//! CMS attributes (RFC 5652 11) and ESS signing-certificate references (RFC 2634 5.4, RFC 5035 4).

use super::CmsError;
use super::der::{self, DerError, Reader, Tlv, tag};
use crate::crypto::{DigestAlgorithm, algorithm};
use crate::time::Time;
use crate::x509::Certificate;

/// id-contentType.
pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
/// id-messageDigest.
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// id-signingTime. Read, never written: in PAdES the time belongs into /M (EN 319 142-1 6.3).
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
/// id-aa-signingCertificate (RFC 2634), by SHA-1.
pub const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
/// id-aa-signingCertificateV2 (RFC 5035).
pub const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// id-aa-signatureTimeStampToken (RFC 3161 appendix A).
pub const SIGNATURE_TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
/// id-aa-ets-contentTimestamp (EN 319 122-1 5.2.8): made before signing.
pub const CONTENT_TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.20";
/// id-aa-ets-sigPolicyId (EN 319 122-1 5.2.9).
pub const SIGNATURE_POLICY: &str = "1.2.840.113549.1.9.16.2.15";

/// Attributes of one signer, certificate references in one attribute.
const MAX_ATTRIBUTES: usize = 64;

/// One attribute with its values as encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, dotted.
    pub oid: String,
    /// Its values, each a complete element.
    pub values: Vec<Vec<u8>>,
}

/// A set of attributes in the order they were sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    list: Vec<Attribute>,
    /// The set as SET OF (tag 0x31) over the bytes that were sent.
    der: Vec<u8>,
    sorted: bool,
}

impl Attributes {
    /// Reads the elements of an `[0]` or `[1] IMPLICIT SET OF Attribute`.
    pub(super) fn read(set: Tlv<'_>) -> Result<Self, CmsError> {
        let mut inside = set.reader();
        let mut list = Vec::new();
        let mut sorted = true;
        let mut previous: &[u8] = &[];
        while !inside.is_empty() {
            if list.len() == MAX_ATTRIBUTES {
                return Err(CmsError::TooMany { what: "attributes", allowed: MAX_ATTRIBUTES });
            }
            let attribute = inside.expect(tag::SEQUENCE)?;
            sorted &= previous <= attribute.raw;
            previous = attribute.raw;
            list.push(Attribute::read(attribute)?);
        }
        // RFC 5652 5.4: what is hashed has the tag of SET OF, not the [0] it is sent with. Only the
        // header is made anew; the content stays as the signer wrote it.
        Ok(Self { list, der: der::element(tag::SET, set.content), sorted })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.list.iter()
    }

    /// The first attribute of a type.
    pub fn get(&self, oid: &str) -> Option<&Attribute> {
        self.list.iter().find(|attribute| attribute.oid == oid)
    }

    /// The message that the signature covers: the set with tag 0x31, its content byte for byte as sent.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether the order is that of DER.
    pub fn is_sorted(&self) -> bool {
        self.sorted
    }

    /// Types that occur twice, and types of [`Attributes::single`] without exactly one value.
    pub(super) fn miscounted(&self) -> Vec<String> {
        let single =
            [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2];
        let twice = |oid: &str| self.list.iter().filter(|a| a.oid == oid).count() > 1;
        let wrong = |a: &&Attribute| twice(&a.oid) || single.contains(&a.oid.as_str()) && a.values.len() != 1;
        let mut oids: Vec<String> = self.list.iter().filter(wrong).map(|a| a.oid.clone()).collect();
        oids.dedup();
        oids
    }

    /// The value of an attribute that must occur once with one value (RFC 5652 11.1, 11.2); None
    /// otherwise, so that a second value can never be the one that is checked.
    pub fn single(&self, oid: &str) -> Option<Tlv<'_>> {
        let mut all = self.list.iter().filter(|attribute| attribute.oid == oid);
        match (all.next().map(|attribute| attribute.values.as_slice()), all.next()) {
            (Some([value]), None) => Reader::new(value).read().ok(),
            _ => None,
        }
    }
}

impl Attribute {
    fn read(attribute: Tlv<'_>) -> Result<Self, CmsError> {
        let mut inside = attribute.reader();
        let oid = inside.expect(tag::OID)?.oid()?;
        let mut set = inside.expect(tag::SET)?.reader();
        inside.finish()?;
        let mut values = Vec::new();
        while !set.is_empty() {
            if values.len() == MAX_ATTRIBUTES {
                return Err(CmsError::TooMany { what: "attribute values", allowed: MAX_ATTRIBUTES });
            }
            values.push(set.read()?.raw.to_vec());
        }
        Ok(Self { oid, values })
    }
}

/// Issuer and serial number of a certificate as encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSerial {
    /// Issuer Name, DER.
    pub issuer: Vec<u8>,
    /// Content bytes of the serial number INTEGER.
    pub serial: Vec<u8>,
}

impl IssuerSerial {
    /// Whether it names this certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        self.issuer == certificate.raw_issuer() && self.serial == certificate.raw_serial()
    }
}

/// A reference to a certificate by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EssCertId {
    /// Digest over the whole certificate; None if the algorithm is unknown.
    pub digest: Option<DigestAlgorithm>,
    /// Its value.
    pub hash: Vec<u8>,
    /// Issuer and serial number, if given.
    pub issuer_serial: Option<IssuerSerial>,
}

impl EssCertId {
    /// Whether the hash, and issuer and serial number if given, are those of this certificate.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        let hash = self.digest.is_some_and(|digest| certificate.digest(digest) == self.hash);
        hash && self.issuer_serial.as_ref().is_none_or(|names| names.names(certificate))
    }

    /// `SigningCertificate` or `SigningCertificateV2`: SEQUENCE { certs SEQUENCE OF …, policies }.
    pub(super) fn read_all(value: Tlv<'_>, v2: bool) -> Result<Vec<Self>, CmsError> {
        if value.tag != tag::SEQUENCE {
            return Err(DerError::UnexpectedTag { expected: tag::SEQUENCE, found: value.tag }.into());
        }
        let mut certs = value.reader().expect(tag::SEQUENCE)?.reader();
        let mut found = Vec::new();
        while !certs.is_empty() {
            if found.len() == MAX_ATTRIBUTES {
                return Err(CmsError::TooMany { what: "certificate references", allowed: MAX_ATTRIBUTES });
            }
            found.push(Self::read(certs.expect(tag::SEQUENCE)?, v2)?);
        }
        Ok(found)
    }

    fn read(id: Tlv<'_>, v2: bool) -> Result<Self, CmsError> {
        let mut inside = id.reader();
        let digest = match v2 {
            false => Some(DigestAlgorithm::Sha1),
            // hashAlgorithm DEFAULT SHA-256: the hash is an OCTET STRING, so a SEQUENCE is the algorithm.
            true => match inside.optional(tag::SEQUENCE)? {
                Some(identifier) => algorithm::digest_from_identifier(identifier.raw).ok(),
                None => Some(DigestAlgorithm::Sha256),
            },
        };
        let hash = inside.read()?.octets()?.into_owned();
        let issuer_serial = match inside.optional(tag::SEQUENCE)? {
            Some(names) => Some(issuer_serial(names)?),
            None => None,
        };
        inside.finish()?;
        Ok(Self { digest, hash, issuer_serial })
    }
}

/// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }, of which `[4]` is a Name.
fn issuer_serial(names: Tlv<'_>) -> Result<IssuerSerial, DerError> {
    let mut inside = names.reader();
    let issuer = inside.expect(tag::SEQUENCE)?.reader().expect(tag::context(4))?.content.to_vec();
    let serial = inside.expect(tag::INTEGER)?.content.to_vec();
    Ok(IssuerSerial { issuer, serial })
}

/// `Time ::= CHOICE { UTCTime, GeneralizedTime }` (RFC 5652 11.3), in UTC.
pub(super) fn time(value: Tlv<'_>) -> Option<Time> {
    let text = std::str::from_utf8(value.content).ok()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (stamp, zone) = text.split_at_checked(digits)?;
    let century = match value.tag {
        tag::GENERALIZED_TIME if digits == 14 => "",
        tag::UTC_TIME if digits == 12 && stamp < "50" => "20",
        tag::UTC_TIME if digits == 12 => "19",
        _ => return None,
    };
    // The PDF spelling of a date is the same digits with the century.
    if zone == "Z" { Time::parse_pdf(&format!("{century}{stamp}Z")).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_take_their_century_from_rfc_5652() {
        let cases = [
            (tag::UTC_TIME, "260205025634Z", Some("2026-02-05T02:56:34Z")),
            (tag::UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59Z")),
            (tag::UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (tag::GENERALIZED_TIME, "20500101000000Z", Some("2050-01-01T00:00:00Z")),
            (tag::UTC_TIME, "2602050256Z", None),
            (tag::GENERALIZED_TIME, "20500101000000.5Z", None),
            (tag::UTC_TIME, "260205025634+0700", None),
            (tag::OCTET_STRING, "260205025634Z", None),
        ];
        for (tag, text, expected) in cases {
            let bytes = der::element(tag, text.as_bytes());
            let time = time(Reader::new(&bytes).read().unwrap());
            assert_eq!(time.map(|t| t.to_string()), expected.map(str::to_owned), "{text}");
        }
    }
}
