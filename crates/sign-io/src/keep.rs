//! What went with a signature when it was made or checked, kept beside the document: certificates, revocation
//! lists and OCSP answers, and the result of the check (TT 15/2025/TT-BKHCN: store and delete it).
//!
//! A document of level B-LT carries the same inside. This is for those that do not, and for what no PDF
//! carries: what was concluded, when. Every document has a folder named by its SHA-256:
//!
//! ```text
//! FOLDER/3f1c…/checked-20260205T025634Z.json   the report
//!              signed-20260205T025634Z.json    what was found out before signing
//!              certificate-77a0….pem  crl-0b12….crl  ocsp-9e44….ors
//! ```
//!
//! Pieces are named by their own hash: what is kept twice is there once.

use crate::file::{FileError, FileSource};
use crate::output::{Existing, OutputError, Part, Readers, write_whole};
use crate::trust::folder::pem;
use serde::Serialize;
use sign_core::crypto::digest::{DigestAlgorithm, Hasher, digest, hex};
use sign_core::source::Source;
use sign_core::time::Time;
use sign_core::trust::Evidence;
use sign_core::x509::Certificate;
use std::path::{Path, PathBuf};

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 100_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A signature was made.
    Signed,
    /// Signatures were checked.
    Checked,
}

impl Occasion {
    fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Checked => "checked",
        }
    }
}

/// What is kept of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// SHA-256 of the document.
    pub sha256: String,
    /// Names of the files about it.
    pub files: Vec<String>,
}

/// Why something could not be kept, found or deleted.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Nothing is kept about this document.
    #[error("{0}")]
    NothingKept(String),
    /// In the folder is a file that this program did not put there; nothing was deleted.
    #[error("{}", .0.display())]
    ForeignFile(PathBuf),
    /// The system refused.
    #[error("{}: {reason}", .path.display())]
    Refused {
        /// File or folder.
        path: PathBuf,
        /// What kind of refusal it was.
        reason: String,
    },
}

impl KeepError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::Output(error) => error.code(),
            Self::NothingKept(_) => "nothing_kept",
            Self::ForeignFile(_) => "kept_foreign_file",
            Self::Refused { .. } => "kept_not_accessible",
        }
    }
}

/// SHA-256 of a file in hexadecimal.
///
/// # Errors
/// [`FileError`].
pub fn sha256_of(file: &Path) -> Result<String, FileError> {
    let source = FileSource::open(file)?;
    let unreadable =
        |e: sign_core::source::SourceError| FileError::Other { path: file.into(), reason: e.to_string() };
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    let (mut at, mut buffer) = (0, vec![0; 1 << 20]);
    while at < source.len() {
        let wanted = usize::try_from(source.len() - at).unwrap_or(usize::MAX).min(buffer.len());
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        source.read_at(at, piece).map_err(unreadable)?;
        hasher.update(piece);
        at += wanted as u64;
    }
    Ok(hex(&hasher.finish()))
}

/// Keeps the result of what was done at `at` with the document of this hash, with all evidence and these
/// certificates. The folder it is in.
///
/// # Errors
/// [`KeepError::Output`], [`KeepError::Refused`].
pub fn keep(
    folder: &Path,
    sha256: &str,
    occasion: Occasion,
    at: Time,
    result: &impl Serialize,
    evidence: &Evidence,
    certificates: &[Certificate],
) -> Result<PathBuf, KeepError> {
    let folder = folder.join(sha256);
    std::fs::create_dir_all(&folder).map_err(|error| refused(&folder, &error))?;
    let write = |name: String, bytes: &[u8]| {
        write_whole(&folder.join(name), &[Part::Bytes(bytes)], Existing::Replace, Readers::Umask)
    };
    let named = |kind: &str, der: &[u8], extension: &str| {
        let hash = hex(&digest(DigestAlgorithm::Sha256, der));
        format!("{kind}-{}.{extension}", hash.get(..32).unwrap_or(&hash))
    };
    let held = evidence.certificates().iter().map(|held| &held.item);
    for certificate in certificates.iter().chain(held) {
        write(named("certificate", certificate.der(), "pem"), pem(certificate).as_bytes())?;
    }
    for crl in evidence.crls() {
        write(named("crl", crl.item.der(), "crl"), crl.item.der())?;
    }
    for response in evidence.responses() {
        write(named("ocsp", response.item.der(), "ors"), response.item.der())?;
    }
    // Last: where there is a result, there is what it rests on.
    let json = serde_json::to_vec_pretty(result).unwrap_or_default();
    let moment: String = at.in_offset(0).to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    write(format!("{}-{moment}.json", occasion.word()), &json)?;
    Ok(folder)
}

/// What is kept in a folder, by document.
///
/// # Errors
/// [`KeepError::Refused`].
pub fn list(folder: &Path) -> Result<Vec<Kept>, KeepError> {
    let mut all = Vec::new();
    for name in names_in(folder)? {
        if is_hash(&name) {
            all.push(Kept { files: names_in(&folder.join(&name))?, sha256: name });
        }
    }
    Ok(all)
}

/// Deletes all that is kept about one document, or nothing.
///
/// # Errors
/// [`KeepError::NothingKept`]; [`KeepError::ForeignFile`]; [`KeepError::Refused`].
pub fn delete(folder: &Path, sha256: &str) -> Result<Kept, KeepError> {
    let place = folder.join(sha256);
    // What is no hash could be a path that leads elsewhere.
    if !is_hash(sha256) || !place.is_dir() {
        return Err(KeepError::NothingKept(sha256.to_owned()));
    }
    let files = names_in(&place)?;
    if let Some(name) = files.iter().find(|name| !is_ours(name) || !place.join(name).is_file()) {
        return Err(KeepError::ForeignFile(place.join(name)));
    }
    for name in &files {
        let file = place.join(name);
        std::fs::remove_file(&file).map_err(|error| refused(&file, &error))?;
    }
    std::fs::remove_dir(&place).map_err(|error| refused(&place, &error))?;
    Ok(Kept { sha256: sha256.to_owned(), files })
}

/// 64 hexadecimal digits, small.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_ours(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once('-') else { return false };
    let extension = Path::new(rest).extension().and_then(|extension| extension.to_str());
    matches!(
        (kind, extension),
        ("certificate", Some("pem"))
            | ("crl", Some("crl"))
            | ("ocsp", Some("ors"))
            | ("signed" | "checked", Some("json"))
    )
}

fn names_in(folder: &Path) -> Result<Vec<String>, KeepError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| refused(folder, &error))?.take(MOST_ENTRIES) {
        let entry = entry.map_err(|error| refused(folder, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn refused(path: &Path, error: &std::io::Error) -> KeepError {
    KeepError::Refused { path: path.into(), reason: error.kind().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::{Authority, Validity};
    use serde_json::json;

    fn certificate() -> Certificate {
        let from = Time::from_unix(1_767_225_600);
        let authority = Authority::create("CA", Validity::years(from, 5)).unwrap();
        Certificate::parse(&authority.root_der().unwrap()).unwrap()
    }

    #[test]
    fn what_is_kept_is_listed_read_again_and_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("document");
        std::fs::write(&document, b"abc").unwrap();
        let hash = sha256_of(&document).unwrap();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let kept = folder.path().join("kept");
        let at = Time::from_unix(1_770_260_194);
        let (evidence, certificates) = (Evidence::none(), [certificate()]);
        for occasion in [Occasion::Signed, Occasion::Checked, Occasion::Checked] {
            keep(&kept, &hash, occasion, at, &json!({"a": 1}), &evidence, &certificates).unwrap();
        }
        let [one] = <[Kept; 1]>::try_from(list(&kept).unwrap()).unwrap();
        assert_eq!(one.sha256, hash);
        let names = one.files.iter().map(String::as_str).collect::<Vec<_>>();
        let [pem, checked, signed] = names.as_slice() else { panic!("{names:?}") };
        assert_eq!((*checked, *signed), ("checked-20260205T025634Z.json", "signed-20260205T025634Z.json"));
        let bytes = std::fs::read(kept.join(&hash).join(pem)).unwrap();
        assert_eq!(Certificate::parse_all(&bytes).unwrap(), certificates);

        assert_eq!(delete(&kept, &hash).unwrap(), one);
        assert!(list(&kept).unwrap().is_empty());
        assert_eq!(delete(&kept, &hash).unwrap_err().code(), "nothing_kept");
        assert!(document.is_file());
    }

    #[test]
    fn nothing_else_is_ever_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (hash, other) = ("a".repeat(64), "b".repeat(64));
        let place = folder.path().join(&hash);
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join("crl-1.crl"), b"").unwrap();
        std::fs::write(place.join("contract.pdf"), b"mine").unwrap();
        assert_eq!(delete(folder.path(), &hash).unwrap_err().code(), "kept_foreign_file");
        assert!(place.join("crl-1.crl").is_file(), "all or nothing");
        std::fs::create_dir_all(folder.path().join(&other).join("crl-2.crl")).unwrap();
        assert_eq!(delete(folder.path(), &other).unwrap_err().code(), "kept_foreign_file");
        for path in ["..", ".", "", "../x", &hash.to_uppercase()] {
            assert_eq!(delete(folder.path(), path).unwrap_err().code(), "nothing_kept", "{path}");
        }
    }
}
