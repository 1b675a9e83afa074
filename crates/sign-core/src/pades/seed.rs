//! Seed values: what a signature field asks of whoever signs it (ISO 32000-2 12.7.5.5, tables 237
//! to 239). Read and written here; whether a signature meets them is judged by `sign`.

use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, View};

/// Elements read of one list.
const MOST: usize = 256;

/// The constraints, by their bits in `/Ff`: a set bit makes a constraint binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// `/Filter`.
    Filter = 1,
    /// `/SubFilter`.
    SubFilter = 1 << 1,
    /// `/V`, the least version of the software.
    Version = 1 << 2,
    /// `/Reasons`.
    Reasons = 1 << 3,
    /// `/LegalAttestation`.
    LegalAttestation = 1 << 4,
    /// `/AddRevInfo`.
    AddRevInfo = 1 << 5,
    /// `/DigestMethod`.
    DigestMethod = 1 << 6,
    /// `/LockDocument`.
    LockDocument = 1 << 7,
    /// `/AppearanceFilter`.
    AppearanceFilter = 1 << 8,
}

impl Constraint {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 9] = [
        Self::Filter,
        Self::SubFilter,
        Self::Version,
        Self::Reasons,
        Self::LegalAttestation,
        Self::AddRevInfo,
        Self::DigestMethod,
        Self::LockDocument,
        Self::AppearanceFilter,
    ];

    /// The key of the seed value dictionary.
    pub fn key(self) -> &'static str {
        match self {
            Self::Filter => "Filter",
            Self::SubFilter => "SubFilter",
            Self::Version => "V",
            Self::Reasons => "Reasons",
            Self::LegalAttestation => "LegalAttestation",
            Self::AddRevInfo => "AddRevInfo",
            Self::DigestMethod => "DigestMethod",
            Self::LockDocument => "LockDocument",
            Self::AppearanceFilter => "AppearanceFilter",
        }
    }
}

/// `/LockDocument` (PDF 2.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockDocument {
    /// The document is locked when the field is signed.
    Locked,
    /// It is not.
    Open,
    /// As the signer likes.
    Either,
}

/// What the certificate has to be (table 238).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateSeed {
    /// `/Subject`: certificates (DER) one of which must sign.
    pub subjects: Vec<Vec<u8>>,
    /// `/Issuer`: certificates (DER) one of which must be in the signer's chain.
    pub issuers: Vec<Vec<u8>>,
    /// `/OID`: certificate policies one of which the certificate must name.
    pub policies: Vec<String>,
    /// `/SubjectDN`: name attributes, each set by its key (`CN`, `O`, an OID) and value.
    pub names: Vec<Vec<(String, String)>>,
    /// `/KeyUsage`: patterns of `0`, `1` and `X`, one of which must fit.
    pub key_usages: Vec<String>,
    /// `/Ff`: bits 1 subject, 2 issuer, 3 policy, 4 name, 6 key usage, 7 address.
    pub flags: i64,
}

/// The seed values of one field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeedValue {
    /// `/Ff`.
    pub flags: i64,
    /// `/Filter`.
    pub filter: Option<String>,
    /// `/SubFilter`, the wished one first.
    pub sub_filters: Vec<String>,
    /// `/DigestMethod`, as in `SHA256`.
    pub digests: Vec<String>,
    /// `/V`.
    pub version: Option<f64>,
    /// `/Reasons`; an empty list or a single `.` wants none.
    pub reasons: Option<Vec<String>>,
    /// `/P` of `/MDP`: 0 an approval signature, 1 to 3 a certification.
    pub mdp: Option<i64>,
    /// `/URL` of `/TimeStamp` and whether it is binding.
    pub time_stamp: Option<(String, bool)>,
    /// `/LegalAttestation`.
    pub legal_attestations: Vec<String>,
    /// `/AddRevInfo`.
    pub revocation_info: Option<bool>,
    /// `/LockDocument`.
    pub lock_document: Option<LockDocument>,
    /// `/AppearanceFilter`.
    pub appearance_filter: Option<String>,
    /// `/Cert`.
    pub certificate: Option<CertificateSeed>,
}

impl SeedValue {
    /// Reads a `/SV` dictionary.
    ///
    /// # Errors
    /// [`PdfError`] if a value cannot be read.
    pub fn read(view: &View<'_>, entries: &Dictionary) -> Result<Self, PdfError> {
        let reader = Reader { view, entries };
        let mdp = reader.dictionary("MDP")?;
        let stamp = reader.dictionary("TimeStamp")?;
        let certificate = reader.dictionary("Cert")?;
        Ok(Self {
            flags: reader.integer("Ff")?.unwrap_or(0),
            filter: reader.text("Filter")?,
            sub_filters: reader.texts("SubFilter")?.unwrap_or_default(),
            digests: reader.texts("DigestMethod")?.unwrap_or_default(),
            version: view.get(entries, "V")?.as_f64(),
            reasons: reader.texts("Reasons")?,
            mdp: mdp.map(|entries| Reader { view, entries: &entries }.integer("P")).transpose()?.flatten(),
            time_stamp: stamp.map(|entries| time_stamp(view, &entries)).transpose()?,
            legal_attestations: reader.texts("LegalAttestation")?.unwrap_or_default(),
            revocation_info: view.get(entries, "AddRevInfo")?.as_boolean(),
            lock_document: lock_document(reader.text("LockDocument")?, &*view.get(entries, "LockDocument")?),
            appearance_filter: reader.text("AppearanceFilter")?,
            certificate: certificate.map(|entries| certificate_seed(view, &entries)).transpose()?,
        })
    }

    /// Whether the constraint is binding.
    pub fn requires(&self, constraint: Constraint) -> bool {
        self.flags & constraint as i64 != 0
    }

    /// As a `/SV` dictionary, without `/Cert`.
    pub fn to_dictionary(&self) -> Dictionary {
        let mut entries = Dictionary::new().with("Type", Object::name("SV"));
        let texts = |list: &[String]| list.iter().map(|text| Object::text(text)).collect::<Vec<_>>();
        let mut put = |key: &str, value: Option<Object>| {
            if let Some(value) = value {
                entries.insert(key, value);
            }
        };
        let list = |list: &[String]| (!list.is_empty()).then(|| Object::Array(texts(list)));
        put("Ff", (self.flags != 0).then(|| self.flags.into()));
        put("Filter", self.filter.as_deref().map(Object::name));
        let sub_filters = self.sub_filters.iter().map(|name| Object::name(name)).collect::<Vec<_>>();
        put("SubFilter", (!sub_filters.is_empty()).then_some(Object::Array(sub_filters)));
        put("DigestMethod", list(&self.digests));
        put("V", self.version.map(Object::real));
        put("Reasons", self.reasons.as_deref().map(|reasons| Object::Array(texts(reasons))));
        put("MDP", self.mdp.map(|p| Dictionary::new().with("P", p).into()));
        put(
            "TimeStamp",
            self.time_stamp.as_ref().map(|(url, required)| {
                Dictionary::new().with("URL", Object::text(url)).with("Ff", i64::from(*required)).into()
            }),
        );
        put("LegalAttestation", list(&self.legal_attestations));
        put("AddRevInfo", self.revocation_info.map(Object::Boolean));
        put(
            "LockDocument",
            self.lock_document.map(|lock| {
                Object::name(match lock {
                    LockDocument::Locked => "true",
                    LockDocument::Open => "false",
                    LockDocument::Either => "auto",
                })
            }),
        );
        put("AppearanceFilter", self.appearance_filter.as_deref().map(Object::text));
        entries
    }
}

struct Reader<'v, 'd> {
    view: &'v View<'d>,
    entries: &'v Dictionary,
}

impl Reader<'_, '_> {
    fn integer(&self, key: &str) -> Result<Option<i64>, PdfError> {
        Ok(self.view.get(self.entries, key)?.as_integer())
    }

    fn text(&self, key: &str) -> Result<Option<String>, PdfError> {
        Ok(text(&*self.view.get(self.entries, key)?))
    }

    fn dictionary(&self, key: &str) -> Result<Option<Dictionary>, PdfError> {
        Ok(self.view.get(self.entries, key)?.as_dictionary().cloned())
    }

    /// A list of names or texts; one alone is a list too.
    fn texts(&self, key: &str) -> Result<Option<Vec<String>>, PdfError> {
        let value = self.view.get(self.entries, key)?;
        let Some(items) = value.as_array() else { return Ok(text(&value).map(|text| vec![text])) };
        let mut texts = Vec::new();
        for item in items.iter().take(MOST) {
            texts.extend(text(&*self.view.resolve(item)?));
        }
        Ok(Some(texts))
    }

    fn bytes(&self, key: &str) -> Result<Vec<Vec<u8>>, PdfError> {
        let value = self.view.get(self.entries, key)?;
        let mut found = Vec::new();
        for item in value.as_array().unwrap_or_default().iter().take(MOST) {
            found.extend(self.view.resolve(item)?.as_string().map(|string| string.bytes.clone()));
        }
        Ok(found)
    }
}

fn text(object: &Object) -> Option<String> {
    match object {
        Object::String(text) => Some(text.to_text()),
        Object::Name(name) => Some(name.as_str().into_owned()),
        _ => None,
    }
}

fn time_stamp(view: &View<'_>, entries: &Dictionary) -> Result<(String, bool), PdfError> {
    let reader = Reader { view, entries };
    Ok((reader.text("URL")?.unwrap_or_default(), reader.integer("Ff")? == Some(1)))
}

/// A name in the standard, a boolean in some files.
fn lock_document(name: Option<String>, value: &Object) -> Option<LockDocument> {
    match (name.as_deref(), value.as_boolean()) {
        (Some("true"), _) | (_, Some(true)) => Some(LockDocument::Locked),
        (Some("false"), _) | (_, Some(false)) => Some(LockDocument::Open),
        (Some(_), _) => Some(LockDocument::Either),
        _ => None,
    }
}

fn certificate_seed(view: &View<'_>, entries: &Dictionary) -> Result<CertificateSeed, PdfError> {
    let reader = Reader { view, entries };
    let mut names = Vec::new();
    for item in view.get(entries, "SubjectDN")?.as_array().unwrap_or_default().iter().take(MOST) {
        let item = view.resolve(item)?;
        let mut attributes = Vec::new();
        for (key, value) in item.as_dictionary().into_iter().flat_map(Dictionary::iter).take(MOST) {
            let value = text(&*view.resolve(value)?).unwrap_or_default();
            attributes.push((key.as_str().into_owned(), value));
        }
        names.push(attributes);
    }
    Ok(CertificateSeed {
        subjects: reader.bytes("Subject")?,
        issuers: reader.bytes("Issuer")?,
        policies: reader.texts("OID")?.unwrap_or_default(),
        names,
        key_usages: reader.texts("KeyUsage")?.unwrap_or_default(),
        flags: reader.integer("Ff")?.unwrap_or(0),
    })
}
