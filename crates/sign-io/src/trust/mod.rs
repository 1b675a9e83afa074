//! Trusted certificates from PEM or DER files, or from all such files of a folder; evidence of revocation
//! from files. How such a folder is filled and looked at is in [`folder`].
//!
//! A folder of authorities: files directly in it, and the folders `public_service`, `public` and `other`,
//! whose files are of that class. A file named as in `name.public.pem` says its class itself.

pub mod folder;

use crate::file::{FileError, read_small};
use crate::structured::StructuredError;
use sign_core::trust::anchor::{CaClass, TrustStore};
use sign_core::trust::{Evidence, Origin};
use std::path::{Path, PathBuf};

/// A bundle of all of Vietnam's authorities has about 100 certificates, 200 KiB.
const LARGEST_FILE: u64 = 4 << 20;
const MOST_FILES: usize = 1_000;
/// The list of an authority with a million revoked certificates.
const LARGEST_EVIDENCE: u64 = 64 << 20;

/// A trust file or folder that could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no certificate in it.
    #[error("{}: no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// It is no list of pins.
    #[error(transparent)]
    Pins(#[from] StructuredError),
    /// It may not be trusted by name or use; why is its code.
    #[error("{}: {reason}", .path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Subject and hash.
        reason: String,
        /// Stable word.
        code: &'static str,
    },
    /// The folder cannot be written.
    #[error(transparent)]
    Output(#[from] crate::output::OutputError),
    /// It has no revocation list, OCSP response or certificate that can be read.
    #[error("{}: {reason}", .path.display())]
    NoEvidence {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It has what looks like a certificate and is not one.
    #[error("{}: {reason}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl TrustError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(e) => e.code(),
            Self::NoCertificate(_) | Self::Malformed { .. } => "trust_unreadable",
            Self::NoEvidence { .. } => "evidence_file_unreadable",
            Self::Pins(_) => "pins_unreadable",
            Self::Refused { code, .. } => code,
            Self::Output(error) => error.code(),
        }
    }
}

/// Adds the certificates of a file, or of the `.pem`, `.crt`, `.cer` and `.der` files of a folder and of its
/// folders named after classes, in the order of their names. `class` is for those that say none.
///
/// # Errors
/// [`TrustError`]; a folder without any certificate is an error too, since a wrong path would
/// otherwise look like distrust.
pub fn load(store: &mut TrustStore, path: &Path, class: CaClass) -> Result<(), TrustError> {
    if !path.is_dir() {
        return load_file(store, path, class);
    }
    match load_folder(store, path, class)? {
        0 => Err(TrustError::NoCertificate(path.into())),
        _ => Ok(()),
    }
}

/// As [`load`] for a folder, which may be empty; how many files there were.
///
/// # Errors
/// [`TrustError`].
pub fn load_folder(store: &mut TrustStore, path: &Path, class: CaClass) -> Result<usize, TrustError> {
    let files = files_of(path, class)?;
    files.iter().try_for_each(|(file, class)| load_file(store, file, *class))?;
    Ok(files.len())
}

/// The certificate files of a folder and of its folders named after classes, each with its class.
fn files_of(folder: &Path, class: CaClass) -> Result<Vec<(PathBuf, CaClass)>, TrustError> {
    let mut files = files_in(folder, class)?;
    for class in CaClass::ALL {
        let inner = folder.join(class.word());
        if inner.is_dir() {
            files.extend(files_in(&inner, class)?);
        }
    }
    if files.len() > MOST_FILES {
        let (size, allowed) = (files.len() as u64, MOST_FILES as u64);
        return Err(FileError::TooLarge { path: folder.into(), size, allowed }.into());
    }
    Ok(files)
}

fn files_in(folder: &Path, class: CaClass) -> Result<Vec<(PathBuf, CaClass)>, TrustError> {
    let files = files_like(folder, looks_like_certificate)?;
    let with_class = |file: PathBuf| {
        let class = class_in_name(&file).unwrap_or(class);
        (file, class)
    };
    Ok(files.into_iter().map(with_class).collect())
}

/// The files of a folder that look as wanted, by name.
fn files_like(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, TrustError> {
    let unreadable = |e: std::io::Error| FileError::Other { path: folder.into(), reason: e.to_string() };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if wanted(&file) && file.is_file() {
            files.push(file);
        }
        if files.len() > MOST_FILES {
            let allowed = MOST_FILES as u64;
            return Err(FileError::TooLarge { path: folder.into(), size: allowed + 1, allowed }.into());
        }
    }
    files.sort();
    Ok(files)
}

/// `name.public_service.pem`.
fn class_in_name(file: &Path) -> Option<CaClass> {
    let stem = file.file_stem()?.to_str()?;
    CaClass::from_word(stem.rsplit_once('.')?.1)
}

/// Adds the revocation lists, OCSP responses and certificates of a file, PEM or DER; of a folder, those of its
/// `.crl`, `.ors` and certificate files, as [`crate::keep`] writes them.
///
/// # Errors
/// [`TrustError`], also for a file or folder without any.
pub fn load_evidence(evidence: &mut Evidence, path: &Path) -> Result<(), TrustError> {
    let unreadable = |reason: String| TrustError::NoEvidence { path: path.into(), reason };
    if path.is_dir() {
        let is_evidence = |file: &Path| looks_like_certificate(file) || has_extension(file, &["crl", "ors"]);
        let files = files_like(path, is_evidence)?;
        if files.is_empty() {
            return Err(unreadable("no .crl, .ors or certificate file".into()));
        }
        return files.iter().try_for_each(|file| load_evidence(evidence, file));
    }
    match evidence.add_file(&read_small(path, LARGEST_EVIDENCE)?, Origin::Given) {
        Ok(0) => Err(unreadable("no revocation list, OCSP response or certificate".into())),
        Ok(_) => Ok(()),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

fn looks_like_certificate(path: &Path) -> bool {
    has_extension(path, &["pem", "crt", "cer", "der"])
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| wanted.contains(&extension.as_str()))
}

fn load_file(store: &mut TrustStore, path: &Path, class: CaClass) -> Result<(), TrustError> {
    let bytes = read_small(path, LARGEST_FILE)?;
    match store.add_pem(&bytes, class) {
        Ok(added) if added.anchors + added.intermediates == 0 => Err(TrustError::NoCertificate(path.into())),
        Ok(_) => Ok(()),
        Err(e) => Err(TrustError::Malformed { path: path.into(), reason: e.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_certificates_and_a_file_that_is_none_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let code = |path: &Path| load(&mut TrustStore::new(), path, CaClass::Other).unwrap_err().code();
        assert_eq!(code(folder.path()), "trust_unreadable");
        std::fs::write(folder.path().join("readme.txt"), b"not looked at").unwrap();
        assert_eq!(code(folder.path()), "trust_unreadable");
        std::fs::write(folder.path().join("root.PEM"), b"not a certificate").unwrap();
        assert_eq!(code(folder.path()), "trust_unreadable");
        assert_eq!(code(&folder.path().join("none.pem")), "file_not_found");
    }

    #[test]
    fn folders_and_names_say_the_class() {
        use crate::pki::{Authority, Validity};
        let from = sign_core::time::Time::from_unix(1_767_225_600);
        let folder = tempfile::tempdir().unwrap();
        let places =
            ["a.pem", "b.public.pem", "public_service/c.pem", "other/d.crt", "public_service/e.public.pem"];
        for place in places {
            let authority = Authority::create(place, Validity::years(from, 5)).unwrap();
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, authority.root_pem().unwrap()).unwrap();
        }
        let mut store = TrustStore::new();
        load(&mut store, folder.path(), CaClass::Public).unwrap();
        let mut found: Vec<_> = store.anchors().iter().map(|a| (a.name.clone(), a.ca_class)).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let classes: Vec<CaClass> = found.into_iter().map(|(_, class)| class).collect();
        let expected =
            [CaClass::Public, CaClass::Public, CaClass::Other, CaClass::PublicService, CaClass::Public];
        assert_eq!(classes, expected);
    }

    #[test]
    fn loads_every_certificate_of_a_folder() {
        use crate::pki::{Authority, Validity};
        let from = sign_core::time::Time::from_unix(1_767_225_600);
        let authority = Authority::create("CA", Validity::years(from, 5)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.der"), authority.root_der().unwrap()).unwrap();
        std::fs::write(folder.path().join("issuing.pem"), authority.issuing_pem().unwrap()).unwrap();
        let mut store = TrustStore::new();
        load(&mut store, folder.path(), CaClass::Public).unwrap();
        assert_eq!((store.anchors().len(), store.intermediates().len()), (1, 1));
    }
}
