//! A folder of authorities: what is wrong with a certificate before it goes in, what goes in, what is there.
//!
//! Nothing here decides whom to trust: the operator does, with the hash and the dates in front of the eyes.
//! What the operator cannot have meant is refused: another certificate under a pinned authority's name.

use super::{LARGEST_FILE, TrustError, files_of};
use crate::file::read_small;
use crate::output::{Existing, OutputError, Part, Readers, write_whole};
use crate::structured::{self, StructuredError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sign_core::time::Time;
use sign_core::trust::CaClass;
use sign_core::trust::pins::{Pin, Pins, Standing};
use sign_core::x509::Certificate;
use std::path::{Path, PathBuf};
use unicode_normalization::UnicodeNormalization;

/// Letters of the subject in a file's name.
const LONGEST_NAME: usize = 40;

/// What is to be known about a certificate before it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The file it is in.
    pub file: PathBuf,
    /// The certificate.
    pub certificate: Certificate,
    /// The pin that is its own.
    pub pinned: Option<Pin>,
    /// The pinned authority that issued it.
    pub issued_by: Option<Pin>,
    /// Kind of authority.
    pub ca_class: CaClass,
    /// What is wrong or open.
    pub problems: Vec<Problem>,
}

/// What is wrong with a certificate, or open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Its subject contains the name of this pinned authority, and it is another certificate.
    ClaimsPinnedName(String),
    /// No pin is known for it, nor for its issuer.
    NotPinned,
    /// Neither an authority's certificate nor a time-stamping unit's.
    NotAnAuthority,
    /// It says it issued itself, and its signature says otherwise.
    WrongSelfSignature,
    /// Its validity is over.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
}

impl Problem {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ClaimsPinnedName(_) => "claims_pinned_name",
            Self::NotPinned => "not_pinned",
            Self::NotAnAuthority => "not_an_authority",
            Self::WrongSelfSignature => "self_signature_wrong",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
        }
    }

    /// Whether nobody can have meant to trust such a certificate. An expired one may be needed for old
    /// documents.
    pub fn forbids_trust(&self) -> bool {
        matches!(self, Self::ClaimsPinnedName(_) | Self::NotAnAuthority | Self::WrongSelfSignature)
    }
}

/// One certificate that is in a folder now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What is known about it.
    pub examined: Examined,
    /// Its file there.
    pub path: PathBuf,
}

/// Reads a list of pins, TOML or JSON.
///
/// # Errors
/// [`TrustError::Pins`].
pub fn load_pins(path: &Path) -> Result<Pins, TrustError> {
    let pins: Pins = structured::read(path)?;
    match pins.check() {
        Ok(()) => Ok(pins),
        Err(error) => Err(StructuredError::Shape { path: path.into(), reason: error.to_string() }.into()),
    }
}

/// The list as TOML, as [`load_pins`] reads it.
pub fn pins_to_toml(pins: &Pins) -> String {
    toml::to_string_pretty(pins).unwrap_or_default()
}

/// Looks at every certificate of these files, as of `at`.
///
/// # Errors
/// [`TrustError`] of the first file that cannot be read.
pub fn examine(files: &[PathBuf], pins: &Pins, at: Time) -> Result<Vec<Examined>, TrustError> {
    let classed: Vec<_> = files.iter().map(|file| (file.clone(), CaClass::Other)).collect();
    examine_all(&classed, &[], pins, at)
}

/// Looks at every certificate of a folder of authorities. The class is the one that it has there.
///
/// # Errors
/// [`TrustError`], also if there is none.
pub fn list(folder: &Path, pins: &Pins, at: Time) -> Result<Vec<Examined>, TrustError> {
    let files = files_of(folder, CaClass::Other)?;
    if files.is_empty() {
        return Err(TrustError::NoCertificate(folder.into()));
    }
    let mut found = examine_all(&files, &[], pins, at)?;
    let class_of = |file: &Path| files.iter().find(|(known, _)| known == file).map(|(_, class)| *class);
    for examined in &mut found {
        examined.ca_class = class_of(&examined.file).unwrap_or_default();
    }
    Ok(found)
}

/// Puts every certificate of these files into `folder`, one PEM file each, below its class. A pinned
/// certificate and what it issued have the pin's class, any other the one given.
///
/// # Errors
/// [`TrustError::Refused`] for what nobody can have meant to trust, for a class that is not the pin's, and for
/// `public_service` without a pin; then nothing is written. Other [`TrustError`]s for files.
pub fn import(
    files: &[PathBuf],
    folder: &Path,
    class: Option<CaClass>,
    pins: &Pins,
    at: Time,
) -> Result<Vec<Imported>, TrustError> {
    let there = if folder.is_dir() { files_of(folder, CaClass::Other)? } else { Vec::new() };
    let there = read_all(&there)?;
    let known: Vec<Certificate> = there.iter().map(|(_, _, certificate)| certificate.clone()).collect();
    let classed: Vec<_> = files.iter().map(|file| (file.clone(), class.unwrap_or_default())).collect();
    let found = examine_all(&classed, &known, pins, at)?;
    for examined in &found {
        may_be_trusted(examined, class)?;
        let elsewhere = there.iter().find(|(_, class, certificate)| {
            *certificate == examined.certificate && *class != examined.ca_class
        });
        if let Some((path, ..)) = elsewhere {
            return Err(refused(examined, "trust_class_differs", &path.display().to_string()));
        }
    }
    found.into_iter().map(|examined| put(examined, folder)).collect()
}

/// Takes the certificate with this SHA-256 out of a folder of authorities: deletes its file, of which it must be
/// the only one.
///
/// # Errors
/// [`TrustError::Refused`] if it is not there, or not alone in its file.
pub fn remove(folder: &Path, sha256: &str) -> Result<PathBuf, TrustError> {
    let all = read_all(&files_of(folder, CaClass::Other)?)?;
    let refused =
        |code, path: &Path| Err(TrustError::Refused { path: path.into(), reason: sha256.to_owned(), code });
    let is_it = |(_, _, certificate): &&(PathBuf, CaClass, Certificate)| {
        certificate.sha256_hex().eq_ignore_ascii_case(sha256)
    };
    let Some((file, ..)) = all.iter().find(is_it) else { return refused("trust_not_there", folder) };
    if all.iter().filter(|(other, ..)| other == file).count() != 1 {
        return refused("trust_not_alone", file);
    }
    std::fs::remove_file(file)
        .map_err(|e| OutputError::NotWritable { path: file.clone(), reason: e.kind().to_string() })?;
    Ok(file.clone())
}

fn may_be_trusted(examined: &Examined, class: Option<CaClass>) -> Result<(), TrustError> {
    if let Some(problem) = examined.problems.iter().find(|problem| problem.forbids_trust()) {
        let code = match problem {
            Problem::ClaimsPinnedName(_) => "trust_claims_pinned_name",
            Problem::WrongSelfSignature => "trust_self_signature_wrong",
            _ => "trust_not_an_authority",
        };
        return Err(refused(examined, code, ""));
    }
    if class.is_some_and(|class| class != examined.ca_class) {
        return Err(refused(examined, "trust_class_differs", examined.ca_class.word()));
    }
    let pinned = examined.pinned.is_some() || examined.issued_by.is_some();
    if examined.ca_class == CaClass::PublicService && !pinned {
        return Err(refused(examined, "trust_class_not_pinned", ""));
    }
    Ok(())
}

fn refused(examined: &Examined, code: &'static str, detail: &str) -> TrustError {
    let (subject, hash) = (examined.certificate.subject(), examined.certificate.sha256_hex());
    let detail = if detail.is_empty() { String::new() } else { format!(", {detail}") };
    TrustError::Refused { path: examined.file.clone(), reason: format!("{subject}, {hash}{detail}"), code }
}

fn put(examined: Examined, folder: &Path) -> Result<Imported, TrustError> {
    let folder = folder.join(examined.ca_class.word());
    std::fs::create_dir_all(&folder)
        .map_err(|e| OutputError::NotWritable { path: folder.clone(), reason: e.kind().to_string() })?;
    let path = folder.join(file_name(&examined.certificate));
    let text = pem(&examined.certificate);
    write_whole(&path, &[Part::Bytes(text.as_bytes())], Existing::Replace, Readers::Umask)?;
    Ok(Imported { examined, path })
}

/// Subject in plain letters, and the beginning of the hash: the same certificate always has the same file.
fn file_name(certificate: &Certificate) -> String {
    let mut name = String::new();
    let subject = certificate.subject().display_name().to_lowercase().replace('đ', "d");
    for c in subject.nfkd() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c),
            c if c.is_ascii() && !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => {}
        }
        if name.len() >= LONGEST_NAME {
            break;
        }
    }
    let hash: String = certificate.sha256_hex().chars().take(16).collect();
    format!("{}-{hash}.pem", name.trim_end_matches('-')).trim_start_matches('-').to_owned()
}

/// RFC 7468, with what a reader wants to know before it.
pub(crate) fn pem(certificate: &Certificate) -> String {
    let base64 = STANDARD.encode(certificate.der());
    let lines: Vec<&str> =
        (0..base64.len()).step_by(64).filter_map(|i| base64.get(i..base64.len().min(i + 64))).collect();
    let (subject, hash) = (certificate.subject().to_string(), certificate.sha256_hex());
    // What the certificate says stays on its line.
    let subject: String = subject.chars().filter(|c| !c.is_control()).collect();
    format!(
        "Subject: {subject}\nSHA-256: {hash}\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

fn read_all(files: &[(PathBuf, CaClass)]) -> Result<Vec<(PathBuf, CaClass, Certificate)>, TrustError> {
    let mut all = Vec::new();
    for (file, class) in files {
        let bytes = read_small(file, LARGEST_FILE)?;
        let malformed = |e: sign_core::x509::X509Error| TrustError::Malformed {
            path: file.clone(),
            reason: e.to_string(),
        };
        for certificate in Certificate::parse_all(&bytes).map_err(malformed)? {
            all.push((file.clone(), *class, certificate));
        }
    }
    Ok(all)
}

fn examine_all(
    files: &[(PathBuf, CaClass)],
    known: &[Certificate],
    pins: &Pins,
    at: Time,
) -> Result<Vec<Examined>, TrustError> {
    let all = read_all(files)?;
    let others: Vec<Certificate> =
        all.iter().map(|(_, _, certificate)| certificate).chain(known).cloned().collect();
    let examine = |(file, class, certificate): (PathBuf, CaClass, Certificate)| {
        let mut problems = Vec::new();
        let (mut pinned, mut issued_by) = (None, None);
        match pins.standing(&certificate, &others) {
            Standing::Pinned(pin) => pinned = Some(pin.clone()),
            Standing::Issued(pin) => issued_by = Some(pin.clone()),
            Standing::Claims(pin) => problems.push(Problem::ClaimsPinnedName(pin.name.clone())),
            Standing::Unknown => problems.push(Problem::NotPinned),
        }
        // Version 1 knows no basicConstraints: a root of that age is self-signed.
        if !certificate.is_ca() && !certificate.is_for_time_stamping() && !certificate.is_self_signed() {
            problems.push(Problem::NotAnAuthority);
        }
        if certificate.is_self_issued() && !certificate.is_self_signed() {
            problems.push(Problem::WrongSelfSignature);
        }
        if at > certificate.not_after() {
            problems.push(Problem::Expired);
        } else if at < certificate.not_before() {
            problems.push(Problem::NotYetValid);
        }
        let ca_class = pinned.as_ref().or(issued_by.as_ref()).map_or(class, |pin| pin.ca_class);
        Examined { file, certificate, pinned, issued_by, ca_class, problems }
    };
    Ok(all.into_iter().map(examine).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{Authority, KeyKind, Person, Validity};
    use sign_core::trust::TrustStore;

    const FROM: i64 = 1_767_225_600;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
            let path = self.0.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        }

        fn trust(&self) -> PathBuf {
            self.0.path().join("trust")
        }
    }

    fn authority(name: &str) -> Authority {
        Authority::create(name, Validity::years(Time::from_unix(FROM), 5)).unwrap()
    }

    fn at() -> Time {
        Time::from_unix(FROM + 86_400)
    }

    fn pins(authority: &Authority) -> Pins {
        let hash = Certificate::parse(&authority.root_der().unwrap()).unwrap().sha256_hex();
        let text = format!(
            "[[pin]]\nname = \"Root\"\nsha256 = \"{hash}\"\nrole = \"root\"\nca_class = \"public_service\"\n\
            years = [2026, 2031]\nclaims = [\"Ban Cơ yếu Chính phủ\"]\n"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn pinned_authorities_are_imported_with_their_class_and_verify_reads_it() {
        let folder = Folder(tempfile::tempdir().unwrap());
        let real = authority("Ban Cơ yếu Chính phủ");
        let both = [real.root_pem().unwrap(), real.issuing_pem().unwrap()].concat();
        let file = folder.file("both.pem", &both);
        let imported =
            import(std::slice::from_ref(&file), &folder.trust(), None, &pins(&real), at()).unwrap();
        let facts: Vec<_> = imported
            .iter()
            .map(|one| {
                (one.examined.pinned.is_some(), one.examined.issued_by.is_some(), one.examined.ca_class)
            })
            .collect();
        let class = CaClass::PublicService;
        assert_eq!(facts, [(true, false, class), (false, true, class)]);
        let name = imported[0].path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("ban-co-yeu-chinh-phu-root-ca-"), "{name}");
        let mut store = TrustStore::new();
        super::super::load(&mut store, &folder.trust(), CaClass::Other).unwrap();
        assert_eq!(store.anchors()[0].ca_class, class);
        assert_eq!(store.intermediates().len(), 1);
        // Again: the same files.
        let again = import(&[file], &folder.trust(), Some(class), &pins(&real), at()).unwrap();
        assert_eq!(
            again.iter().map(|one| &one.path).collect::<Vec<_>>(),
            imported.iter().map(|one| &one.path).collect::<Vec<_>>()
        );
        let listed = list(&folder.trust(), &pins(&real), at()).unwrap();
        assert!(listed.iter().all(|one| one.problems.is_empty() && one.ca_class == class), "{listed:?}");
        // And out again.
        let hash = listed[0].certificate.sha256_hex().to_uppercase();
        assert_eq!(remove(&folder.trust(), &hash).unwrap(), listed[0].file);
        assert_eq!(list(&folder.trust(), &pins(&real), at()).unwrap().len(), 1);
        assert_eq!(remove(&folder.trust(), &hash).unwrap_err().code(), "trust_not_there");
        std::fs::write(folder.trust().join("both.pem"), &both).unwrap();
        assert_eq!(remove(&folder.trust(), &hash).unwrap_err().code(), "trust_not_alone");
    }

    /// domain: a self-made root with the committee's name.
    #[test]
    fn what_claims_a_pinned_name_or_class_is_refused_and_nothing_written() {
        let folder = Folder(tempfile::tempdir().unwrap());
        let (real, fake) = (authority("Ban Cơ yếu Chính phủ"), authority("BAN CO YEU CHINH PHU"));
        let other = authority("Sở Nội vụ");
        let person = Person { full_name: "Trần Văn A", title: "", organisation: "Sở", email: "" };
        let validity = Validity::years(Time::from_unix(FROM), 1);
        let person = other.issue_person(&person, KeyKind::P256, validity).unwrap();
        let mut spoilt = other.root_der().unwrap();
        *spoilt.last_mut().unwrap() ^= 1;
        let cases = [
            (fake.root_pem().unwrap(), None, "trust_claims_pinned_name"),
            (fake.issuing_pem().unwrap(), Some(CaClass::Other), "trust_claims_pinned_name"),
            ([real.root_pem().unwrap(), fake.root_pem().unwrap()].concat(), None, "trust_claims_pinned_name"),
            (real.root_pem().unwrap(), Some(CaClass::Public), "trust_class_differs"),
            (other.root_pem().unwrap(), Some(CaClass::PublicService), "trust_class_not_pinned"),
            (person.certificate_der().unwrap(), None, "trust_not_an_authority"),
            (spoilt, None, "trust_self_signature_wrong"),
            (b"nothing".to_vec(), None, "trust_unreadable"),
        ];
        for (bytes, class, code) in cases {
            let file = folder.file("given", &bytes);
            let error = import(&[file], &folder.trust(), class, &pins(&real), at()).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(!folder.trust().exists(), "{code}");
        }
        // The office's own authority is its own choice; but not twice under two classes.
        let file = folder.file("own.pem", &other.root_pem().unwrap());
        import(std::slice::from_ref(&file), &folder.trust(), None, &pins(&real), at()).unwrap();
        let error = import(&[file], &folder.trust(), Some(CaClass::Public), &pins(&real), at()).unwrap_err();
        assert_eq!(error.code(), "trust_class_differs", "{error}");
    }

    #[test]
    fn an_expired_root_is_told_and_may_be_needed() {
        let folder = Folder(tempfile::tempdir().unwrap());
        let real = authority("Ban Cơ yếu Chính phủ");
        let file = folder.file("root.pem", &real.root_pem().unwrap());
        let later = Time::from_unix(FROM).plus_seconds(20 * 31_557_600);
        let found = examine(std::slice::from_ref(&file), &pins(&real), later).unwrap();
        assert_eq!(found[0].problems, [Problem::Expired]);
        let earlier = Time::from_unix(FROM - 86_400);
        assert_eq!(
            examine(std::slice::from_ref(&file), &pins(&real), earlier).unwrap()[0].problems,
            [Problem::NotYetValid]
        );
        assert!(import(&[file], &folder.trust(), None, &pins(&real), later).is_ok());
    }

    #[test]
    fn the_published_pins_survive_their_file() {
        let folder = Folder(tempfile::tempdir().unwrap());
        let file = folder.file("pins.toml", pins_to_toml(&Pins::published()).as_bytes());
        assert_eq!(load_pins(&file).unwrap(), Pins::published());
        let file = folder.file("bad.toml", b"[[pin]]\nname = 1\n");
        assert_eq!(load_pins(&file).unwrap_err().code(), "pins_unreadable");
    }
}
