//! A test authority: certificates and key files for the demo, for trying things out and for tests.
//!
//! Never for real documents. Nobody vouches for these certificates, the authority's key lies in a file,
//! and every subject carries the words [`TEST_MARK`]. Times are arguments and nothing is written here;
//! keys are random, everything else follows from the arguments.

pub mod service;
pub mod stamp;
pub mod status;

use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time, Asn1Type};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{KeyType, PKey, Private};
use openssl::rand::rand_bytes;
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Crl, X509Extension, X509Name, X509NameBuilder, X509NameRef};
use sign_core::cms::der;
use sign_core::crypto::key::{Pin, load_legacy_algorithms};
use sign_core::crypto::pem::blocks;
use sign_core::time::Time;
use sign_core::x509::Certificate;
use zeroize::Zeroizing;

/// Words in every subject made here.
pub const TEST_MARK: &str = "TEST - Thử nghiệm, không có giá trị pháp lý";

/// 365.25 days.
const YEAR_SECONDS: i64 = 31_557_600;
/// qcStatements (RFC 3739 3.2.6) and id-etsi-qcs-QcType with its values (EN 319 412-5 4.2.3).
const QC_STATEMENTS: &str = "1.3.6.1.5.5.7.1.3";
const QC_TYPE: &str = "0.4.0.1862.1.6";
const QC_ESIGN: &str = "0.4.0.1862.1.6.1";
const QC_ESEAL: &str = "0.4.0.1862.1.6.2";
/// Rounds that turn a PIN into a key in PKCS#12 files; OpenSSL's default of 2,048 is from 1999.
const PKCS12_ROUNDS: u32 = 10_000;

/// What stands around the root's list in PEM.
const LIST_LABEL: &str = "X509 CRL";

/// Why nothing could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// OpenSSL refused, in its words.
    #[error("cannot make the certificate: {0}")]
    Library(String),
    /// The text given to [`Authority::from_pem`] is not what [`Authority::to_pem`] wrote.
    #[error("not a test authority: two certificates and one private key are needed")]
    NotAnAuthority,
    /// An OCSP question that cannot be read.
    #[error("not an OCSP request")]
    NotARequest,
}

impl PkiError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Library(_) => "pki_failed",
            Self::NotAnAuthority => "not_a_test_authority",
            Self::NotARequest => "not_an_ocsp_request",
        }
    }
}

impl From<ErrorStack> for PkiError {
    fn from(errors: ErrorStack) -> Self {
        let reason = errors.errors().iter().find_map(openssl::error::Error::reason);
        Self::Library(reason.unwrap_or("unknown").to_owned())
    }
}

/// Kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are those of the standards")]
pub enum KeyKind {
    #[default]
    Rsa2048,
    Rsa3072,
    Rsa4096,
    P256,
    P384,
    P521,
    BrainpoolP256r1,
    BrainpoolP256t1,
    BrainpoolP384r1,
    BrainpoolP384t1,
    BrainpoolP512r1,
    BrainpoolP512t1,
    Ed25519,
    Ed448,
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::P256,
        Self::P384,
        Self::P521,
        Self::BrainpoolP256r1,
        Self::BrainpoolP256t1,
        Self::BrainpoolP384r1,
        Self::BrainpoolP384t1,
        Self::BrainpoolP512r1,
        Self::BrainpoolP512t1,
        Self::Ed25519,
        Self::Ed448,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// Its name on a command line, as in `rsa2048`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::BrainpoolP256r1 => "brainpool256r1",
            Self::BrainpoolP256t1 => "brainpool256t1",
            Self::BrainpoolP384r1 => "brainpool384r1",
            Self::BrainpoolP384t1 => "brainpool384t1",
            Self::BrainpoolP512r1 => "brainpool512r1",
            Self::BrainpoolP512t1 => "brainpool512t1",
            Self::Ed25519 => "ed25519",
            Self::Ed448 => "ed448",
            Self::MlDsa44 => "ml-dsa-44",
            Self::MlDsa65 => "ml-dsa-65",
            Self::MlDsa87 => "ml-dsa-87",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        match self {
            Self::Rsa2048 => PKey::from_rsa(Rsa::generate(2048)?),
            Self::Rsa3072 => PKey::from_rsa(Rsa::generate(3072)?),
            Self::Rsa4096 => PKey::from_rsa(Rsa::generate(4096)?),
            Self::P256 => on_curve(Nid::X9_62_PRIME256V1),
            Self::P384 => on_curve(Nid::SECP384R1),
            Self::P521 => on_curve(Nid::SECP521R1),
            Self::BrainpoolP256r1 => on_curve(Nid::BRAINPOOL_P256R1),
            Self::BrainpoolP256t1 => on_curve(Nid::BRAINPOOL_P256T1),
            Self::BrainpoolP384r1 => on_curve(Nid::BRAINPOOL_P384R1),
            Self::BrainpoolP384t1 => on_curve(Nid::BRAINPOOL_P384T1),
            Self::BrainpoolP512r1 => on_curve(Nid::BRAINPOOL_P512R1),
            Self::BrainpoolP512t1 => on_curve(Nid::BRAINPOOL_P512T1),
            Self::Ed25519 => PKey::generate_ed25519(),
            Self::Ed448 => PKey::generate_ed448(),
            Self::MlDsa44 => of_lattice(KeyType::ML_DSA_44),
            Self::MlDsa65 => of_lattice(KeyType::ML_DSA_65),
            Self::MlDsa87 => of_lattice(KeyType::ML_DSA_87),
        }
    }
}

fn on_curve(curve: Nid) -> Result<PKey<Private>, ErrorStack> {
    PKey::from_ec_key(EcKey::generate(&*EcGroup::from_curve_name(curve)?)?)
}

/// FIPS 204 algorithm 1: 32 random bytes make the key.
fn of_lattice(kind: KeyType) -> Result<PKey<Private>, ErrorStack> {
    let mut seed = Zeroizing::new([0; 32]);
    rand_bytes(&mut *seed)?;
    PKey::private_key_from_seed(None, kind, None, &*seed)
}

/// From when until when a certificate is valid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub from: Time,
    /// Last second.
    pub until: Time,
}

impl Validity {
    /// So many years (of 365.25 days) from a time on.
    pub fn years(from: Time, years: u32) -> Self {
        Self { from, until: from.plus_seconds(YEAR_SECONDS.saturating_mul(i64::from(years))) }
    }
}

/// A person to be given a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'a> {
    /// CN.
    pub full_name: &'a str,
    /// title, as in "Chủ tịch"; empty for none.
    pub title: &'a str,
    /// O: where the person serves.
    pub organisation: &'a str,
    /// emailAddress; empty for none.
    pub email: &'a str,
}

/// An organisation to be given a certificate for its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation<'a> {
    /// CN and O.
    pub name: &'a str,
    /// organizationIdentifier: its code by QĐ 20/2020/QĐ-TTg, as in `000.00.01.H40`.
    pub organ_id: &'a str,
    /// OU: the organisation above it.
    pub parent: Option<&'a str>,
}

/// A root that trusts one issuing authority, which issues for persons, organisations and time-stamping units.
///
/// The root's private key is thrown away once it has signed the issuing authority's certificate.
pub struct Authority {
    root: X509,
    issuing: X509,
    key: PKey<Private>,
    /// The root's list, DER.
    root_list: Option<Vec<u8>>,
    /// Where lists and answers are found.
    address: Option<String>,
}

/// A certificate with its private key and its issuers.
pub struct Issued {
    key: PKey<Private>,
    certificate: X509,
    issuers: [X509; 2],
}

/// How a PKCS#12 file is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pkcs12Style {
    /// AES-256 and PBKDF2 with SHA-256.
    #[default]
    Modern,
    /// RC2-40 for certificates and 3DES for the key, as older authorities in Vietnam still deliver them.
    Legacy,
}

impl Authority {
    /// Makes a root and an issuing authority below it, both valid as said. Its certificates name no
    /// addresses.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn create(name: &str, validity: Validity) -> Result<Self, PkiError> {
        Self::create_at(name, validity, None)
    }

    /// The same; the certificates say that lists and answers are found at this address, as in
    /// `http://127.0.0.1:8089`, under the paths of [`status`].
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn create_at(name: &str, validity: Validity, address: Option<&str>) -> Result<Self, PkiError> {
        let root_key = KeyKind::P384.generate()?;
        let key = KeyKind::P384.generate()?;
        let root_name = authority_name(&format!("{name} Root CA"))?;
        let root =
            Draft { subject: &root_name, key: &root_key, validity, extensions: authority_extensions(1)? }
                .sign(None, &root_key)?;
        let issuing_name = authority_name(&format!("{name} Issuing CA"))?;
        let mut extensions = authority_extensions(0)?;
        if let Some(address) = address {
            extensions.push(status::distribution_point(address, status::ROOT_LIST_PATH)?);
        }
        let issuing =
            Draft { subject: &issuing_name, key: &key, validity, extensions }.sign(Some(&root), &root_key)?;
        let root_list = status::list(&root, &root_key, &[], validity.from, validity.until)?;
        Ok(Self { root, issuing, key, root_list: Some(root_list), address: address.map(str::to_owned) })
    }

    /// Reads what [`Authority::to_pem`] wrote.
    ///
    /// # Errors
    /// [`PkiError::NotAnAuthority`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, PkiError> {
        let not_one = |_| PkiError::NotAnAuthority;
        // A callback, so that OpenSSL never asks for a password on the terminal.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(not_one)?;
        let certificates = X509::stack_from_pem(pem).map_err(not_one)?;
        let lists = blocks(pem).into_iter().filter(|block| block.label == LIST_LABEL);
        let root_list = lists.filter_map(|block| block.contents).next();
        match <[X509; 2]>::try_from(certificates) {
            Ok([root, issuing]) if issuing.public_key()?.public_eq(&key) => {
                let address = address_in(&issuing)?;
                Ok(Self { root, issuing, key, root_list, address })
            }
            _ => Err(PkiError::NotAnAuthority),
        }
    }

    /// Root, issuing authority, the latter's private key, unencrypted, and the root's list.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn to_pem(&self) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let mut pem = join_pem(&[&self.root, &self.issuing], &self.key)?;
        if let Some(list) = &self.root_list {
            pem.extend_from_slice(&X509Crl::from_der(list)?.to_pem()?);
        }
        Ok(pem)
    }

    /// The root's certificate, PEM: what a verifier is told to trust.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn root_pem(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.root.to_pem()?)
    }

    /// The issuing authority's certificate, PEM.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn issuing_pem(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.issuing.to_pem()?)
    }

    /// The root's certificate, DER.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn root_der(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.root.to_der()?)
    }

    /// Issues for a person: qcType esign.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn issue_person(
        &self,
        person: &Person<'_>,
        kind: KeyKind,
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let mut name = name_in(Some(person.organisation), None)?;
        utf8(&mut name, "CN", person.full_name)?;
        utf8(&mut name, "title", person.title)?;
        if !person.email.is_empty() {
            name.append_entry_by_text_with_type("emailAddress", person.email, Asn1Type::IA5STRING)?;
        }
        self.issue(&name.build(), qc_statements(QC_ESIGN)?, kind, validity)
    }

    /// Issues for an organisation's seal: CN = O, organizationIdentifier, qcType eseal.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn issue_organisation(
        &self,
        organisation: &Organisation<'_>,
        kind: KeyKind,
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let mut name = name_in(Some(organisation.name), organisation.parent)?;
        utf8(&mut name, "organizationIdentifier", organisation.organ_id)?;
        utf8(&mut name, "CN", organisation.name)?;
        self.issue(&name.build(), qc_statements(QC_ESEAL)?, kind, validity)
    }

    /// Issues for a time-stamping unit: extendedKeyUsage timeStamping alone, critical (RFC 3161 2.3).
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn issue_time_stamping(
        &self,
        name: &str,
        kind: KeyKind,
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let mut subject = name_in(None, None)?;
        utf8(&mut subject, "CN", name)?;
        let purpose = ExtendedKeyUsage::new().critical().time_stamping().build()?;
        self.issue(&subject.build(), purpose, kind, validity)
    }

    fn issue(
        &self,
        subject: &X509NameRef,
        purpose: X509Extension,
        kind: KeyKind,
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let key = kind.generate()?;
        let usage = KeyUsage::new().critical().digital_signature().non_repudiation().build()?;
        let constraints = BasicConstraints::new().critical().build()?;
        let mut extensions = vec![constraints, usage, purpose];
        if let Some(address) = &self.address {
            extensions.extend(status::addresses(address)?);
        }
        let certificate =
            Draft { subject, key: &key, validity, extensions }.sign(Some(&self.issuing), &self.key)?;
        Ok(Issued { key, certificate, issuers: [self.issuing.clone(), self.root.clone()] })
    }
}

impl Issued {
    /// The certificate, DER.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn certificate_der(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.certificate.to_der()?)
    }

    /// The certificate, PEM.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn certificate_pem(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.certificate.to_pem()?)
    }

    /// Certificate, issuers and the private key, unencrypted PEM.
    ///
    /// # Errors
    /// [`PkiError::Library`].
    pub fn pem(&self) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let [issuing, root] = &self.issuers;
        Ok(join_pem(&[&self.certificate, issuing, root], &self.key)?)
    }

    /// Certificate, issuers and private key as a PKCS#12 file under a PIN.
    ///
    /// # Errors
    /// [`PkiError::Library`], also for a PIN with a zero byte.
    pub fn pkcs12(&self, pin: &Pin, style: Pkcs12Style) -> Result<Vec<u8>, PkiError> {
        if pin.expose().contains('\0') {
            return Err(PkiError::Library("a PIN cannot hold a zero byte".into()));
        }
        let mut issuers = Stack::new()?;
        for issuer in &self.issuers {
            issuers.push(issuer.clone())?;
        }
        let mut builder = Pkcs12::builder();
        builder.name("TEST").pkey(&self.key).cert(&self.certificate).ca(issuers).key_iter(PKCS12_ROUNDS);
        match style {
            Pkcs12Style::Modern => builder.mac_iter(PKCS12_ROUNDS),
            Pkcs12Style::Legacy => {
                load_legacy_algorithms();
                builder
                    .key_algorithm(Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC)
                    .cert_algorithm(Nid::PBE_WITHSHA1AND40BITRC2_CBC)
                    .mac_md(MessageDigest::sha1())
            }
        };
        Ok(builder.build2(pin.expose())?.to_der()?)
    }
}

/// Everything a certificate needs but its issuer.
struct Draft<'a> {
    subject: &'a X509NameRef,
    key: &'a PKey<Private>,
    validity: Validity,
    extensions: Vec<X509Extension>,
}

impl Draft<'_> {
    /// Signs with a P-384 key; without an issuer the certificate is self-signed.
    fn sign(self, issuer: Option<&X509>, issuer_key: &PKey<Private>) -> Result<X509, ErrorStack> {
        let mut builder = X509Builder::new()?;
        builder.set_version(2)?;
        builder.set_serial_number(&*self.serial_number()?)?;
        builder.set_subject_name(self.subject)?;
        builder.set_issuer_name(issuer.map_or(self.subject, |issuer| issuer.subject_name()))?;
        builder.set_not_before(&*Asn1Time::from_unix(self.validity.from.unix())?)?;
        builder.set_not_after(&*Asn1Time::from_unix(self.validity.until.unix())?)?;
        builder.set_pubkey(self.key)?;
        for extension in &self.extensions {
            builder.append_extension2(extension)?;
        }
        let key_id = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(key_id)?;
        if let Some(issuer) = issuer {
            let context = builder.x509v3_context(Some(issuer), None);
            let authority = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
            builder.append_extension(authority)?;
        }
        builder.sign(issuer_key, MessageDigest::sha384())?;
        Ok(builder.build())
    }

    /// 16 bytes from the digest of key, subject and begin: unique without remembering what was issued.
    fn serial_number(&self) -> Result<Asn1Integer, ErrorStack> {
        let mut unique = self.key.public_key_to_der()?;
        unique.extend(self.subject.to_der()?);
        unique.extend(self.validity.from.unix().to_be_bytes());
        let digest = hash(MessageDigest::sha256(), &unique)?;
        let mut serial: Vec<u8> = digest.iter().copied().take(16).collect();
        if let Some(first) = serial.first_mut() {
            // Positive and always of the same length (RFC 5280 4.1.2.2).
            *first = *first & 0x7f | 0x40;
        }
        BigNum::from_slice(&serial)?.to_asn1_integer()
    }
}

/// The address that the issuing authority's certificate names for the root's list.
fn address_in(issuing: &X509) -> Result<Option<String>, PkiError> {
    let issuing = Certificate::parse(&issuing.to_der()?).map_err(|_| PkiError::NotAnAuthority)?;
    let mut urls = issuing.crl_urls().iter();
    Ok(urls.find_map(|url| url.strip_suffix(status::ROOT_LIST_PATH)).map(str::to_owned))
}

fn authority_name(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut name = name_in(None, None)?;
    utf8(&mut name, "CN", &format!("{common_name} (TEST)"))?;
    Ok(name.build())
}

/// C, O and OU, the latter with the words that mark it as a test.
fn name_in(organisation: Option<&str>, unit: Option<&str>) -> Result<X509NameBuilder, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text_with_type("C", "VN", Asn1Type::PRINTABLESTRING)?;
    if let Some(organisation) = organisation {
        utf8(&mut name, "O", organisation)?;
    }
    if let Some(unit) = unit {
        utf8(&mut name, "OU", unit)?;
    }
    utf8(&mut name, "OU", TEST_MARK)?;
    Ok(name)
}

/// UTF8String as it is: OpenSSL's own choice of type would refuse the names of organisations that are
/// longer than the 64 characters of X.520, which real authorities issue too.
/// An empty text is left out.
fn utf8(name: &mut X509NameBuilder, field: &str, value: &str) -> Result<(), ErrorStack> {
    if value.is_empty() {
        return Ok(());
    }
    name.append_entry_by_text_with_type(field, value, Asn1Type::UTF8STRING)
}

fn authority_extensions(path_length: u32) -> Result<Vec<X509Extension>, ErrorStack> {
    Ok(vec![
        BasicConstraints::new().critical().ca().pathlen(path_length).build()?,
        KeyUsage::new().critical().key_cert_sign().crl_sign().build()?,
    ])
}

/// QCStatements with one statement, QcType (EN 319 412-5 4.2.3).
fn qc_statements(qc_type: &str) -> Result<X509Extension, ErrorStack> {
    let types = der::sequence(&[&der::oid(qc_type)]);
    let statements = der::sequence(&[&der::sequence(&[&der::oid(QC_TYPE), &types])]);
    let value = Asn1OctetString::new_from_bytes(&statements)?;
    X509Extension::new_from_der(&*Asn1Object::from_str(QC_STATEMENTS)?, false, &value)
}

fn join_pem(certificates: &[&X509], key: &PKey<Private>) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
    let mut pem = Zeroizing::new(Vec::new());
    for certificate in certificates {
        pem.extend(certificate.to_pem()?);
    }
    pem.extend_from_slice(&Zeroizing::new(key.private_key_to_pem_pkcs8()?));
    Ok(pem)
}

/// A certificate of the same names and key with extensions that a hostile authority chose.
#[cfg(test)]
pub(crate) fn with_extensions(issued: &Issued, extensions: &[(&str, Vec<u8>)]) -> Certificate {
    let like = &issued.certificate;
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(like.serial_number()).unwrap();
    builder.set_subject_name(like.subject_name()).unwrap();
    builder.set_issuer_name(like.issuer_name()).unwrap();
    builder.set_not_before(like.not_before()).unwrap();
    builder.set_not_after(like.not_after()).unwrap();
    builder.set_pubkey(&issued.key).unwrap();
    for (oid, value) in extensions {
        let value = Asn1OctetString::new_from_bytes(value).unwrap();
        let oid = Asn1Object::from_str(oid).unwrap();
        builder.append_extension(X509Extension::new_from_der(&oid, false, &value).unwrap()).unwrap();
    }
    builder.sign(&issued.key, MessageDigest::sha256()).unwrap();
    Certificate::parse(&builder.build().to_der().unwrap()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sign_core::crypto::key::{KeyError, Padding, Signer, from_pem, from_pkcs12};
    use sign_core::crypto::verify::verify;
    use sign_core::limits::Limits;
    use sign_core::trust::{SignerClass, signer_class};
    use sign_core::x509::path;

    fn at(text: &str) -> Time {
        Time::parse_rfc3339(text).unwrap()
    }

    fn authority() -> (Authority, Validity) {
        let validity = Validity::years(at("2026-01-01T00:00:00+07:00"), 5);
        (Authority::create("Nam Định", validity).unwrap(), validity)
    }

    fn leader() -> Person<'static> {
        let organisation = "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh Nam Định";
        Person {
            full_name: "Trần Văn A", title: "Chánh Văn phòng", organisation, email: "a@namdinh.gov.vn"
        }
    }

    fn office() -> Organisation<'static> {
        Organisation {
            name: "Sở Nội vụ tỉnh Nam Định",
            organ_id: "000.00.10.H40",
            parent: Some("UBND tỉnh Nam Định"),
        }
    }

    #[test]
    fn persons_and_organisations_are_told_apart_and_trusted_through_the_root() {
        let (authority, validity) = authority();
        let person = authority.issue_person(&leader(), KeyKind::P256, validity).unwrap();
        let seal = authority.issue_organisation(&office(), KeyKind::P384, validity).unwrap();
        let root = Certificate::parse(&authority.root_der().unwrap()).unwrap();
        let pool = Certificate::parse_all(&authority.issuing_pem().unwrap()).unwrap();
        for (issued, class) in [(person, SignerClass::Personal), (seal, SignerClass::Organisation)] {
            let leaf = Certificate::parse(&issued.certificate_der().unwrap()).unwrap();
            let inside = at("2026-11-22T00:00:00Z");
            let outcome = path::build(&leaf, &pool, std::slice::from_ref(&root), inside, &Limits::default());
            assert!(outcome.is_clean(), "{:?}", outcome.problems);
            assert_eq!(signer_class(&leaf), class);
            assert!(outcome.chain.iter().all(|c| c.subject().to_string().contains("TEST")));
        }
    }

    #[test]
    fn every_kind_of_key_signs_from_both_styles_of_pkcs12_and_from_pem() {
        let (authority, validity) = authority();
        let pin = Pin::from("mã PIN 123");
        for kind in KeyKind::ALL {
            let issued = authority.issue_person(&leader(), kind, validity).unwrap();
            let modern = issued.pkcs12(&pin, Pkcs12Style::Modern).unwrap();
            let legacy = issued.pkcs12(&pin, Pkcs12Style::Legacy).unwrap();
            assert_eq!(from_pkcs12(&modern, &Pin::from("123"), None).unwrap_err(), KeyError::WrongPin);
            let keys = [
                from_pkcs12(&modern, &pin, Some(Padding::Pss)).unwrap(),
                from_pkcs12(&legacy, &pin, None).unwrap(),
                from_pem(&issued.pem().unwrap(), None, None).unwrap(),
            ];
            for key in keys {
                let leaf = Certificate::parse(&key.certificates()[0]).unwrap();
                assert_eq!(leaf.der(), issued.certificate_der().unwrap());
                assert_eq!(key.certificates().len(), 3, "the chain comes along");
                let signature = key.sign(b"m").unwrap();
                assert_eq!(verify(key.algorithm(), leaf.spki_der(), b"m", &signature), Ok(true), "{kind:?}");
            }
        }
    }

    #[test]
    fn an_authority_survives_being_written_and_read() {
        let (authority, validity) = authority();
        let again = Authority::from_pem(&authority.to_pem().unwrap()).unwrap();
        assert_eq!(again.root_der(), authority.root_der());
        let issued = again.issue_organisation(&office(), KeyKind::Ed25519, validity).unwrap();
        let leaf = Certificate::parse(&issued.certificate_der().unwrap()).unwrap();
        let issuing = Certificate::parse_all(&authority.issuing_pem().unwrap()).unwrap().remove(0);
        assert_eq!(leaf.is_signed_by(issuing.spki_der()), Ok(true));
        assert_eq!(leaf.subject().organisation_identifier(), Some("000.00.10.H40"));
        assert!(Authority::from_pem(&authority.root_pem().unwrap()).is_err());
        assert!(Authority::from_pem(&issued.pem().unwrap()).is_err());
    }

    #[test]
    fn validity_is_what_was_asked_for() {
        let (authority, _) = authority();
        let past = Validity { from: at("2020-01-01T00:00:00Z"), until: at("2021-01-01T00:00:00Z") };
        let issued = authority.issue_person(&leader(), KeyKind::P256, past).unwrap();
        let leaf = Certificate::parse(&issued.certificate_der().unwrap()).unwrap();
        assert_eq!((leaf.not_before(), leaf.not_after()), (past.from, past.until));
    }
}
