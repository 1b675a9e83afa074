//! Whom to trust: anchors the operator put into `DIR/trust`, as `sign-cli trust import` writes them, which hold
//! for every organisation of the server, and those an organisation's administrator added, which hold for it alone.

use super::failure::Failure;
use circulation::organ::OrganId;
use serde::Serialize;
use sign_core::{
    trust::{CaClass, TrustStore},
    x509::certificate::Certificate,
};
use sign_io::trust::load_folder;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Anchors by organisation, read once and again after each addition.
pub struct Anchors {
    directory: PathBuf,
    read: Mutex<HashMap<OrganId, Arc<TrustStore>>>,
}

/// One anchor as shown to its organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnchorRecord {
    /// Its subject.
    pub name: String,
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// Kind of authority.
    pub ca_class: CaClass,
}

impl Anchors {
    /// Uses (and at the first start makes) this directory.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self { directory: directory.to_owned(), read: Mutex::default() })
    }

    /// The anchors that hold for this organisation.
    ///
    /// # Errors
    /// If a file of anchors cannot be read.
    pub fn of(&self, organ: &OrganId) -> Result<Arc<TrustStore>, Failure> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = read.get(organ) {
            return Ok(Arc::clone(found));
        }
        let store = Arc::new(self.load(organ)?);
        read.insert(organ.clone(), Arc::clone(&store));
        Ok(store)
    }

    /// Adds an organisation's anchor, one PEM certificate.
    ///
    /// # Errors
    /// `bad_certificate` if it is none, or cannot be an anchor.
    pub fn add(&self, organ: &OrganId, pem: &[u8], ca_class: CaClass) -> Result<AnchorRecord, Failure> {
        let mut checked = TrustStore::default();
        let bad = |error: &dyn std::fmt::Display| Failure::unusable("bad_certificate", error.to_string());
        checked.add_pem(pem, ca_class).map_err(|error| bad(&error))?;
        let [anchor] = checked.anchors() else {
            return Err(Failure::unusable(
                "bad_certificate",
                "exactly one self-signed certificate is needed",
            ));
        };
        let record = record(&anchor.certificate, ca_class);
        let directory = self.directory.join(organ.as_str());
        fs::create_dir_all(&directory).map_err(Failure::internal)?;
        let path = directory.join(format!("{}.{}.pem", record.sha256, ca_class.word()));
        sign_io::output::write_whole(
            &path,
            &[sign_io::output::Part::Bytes(pem)],
            sign_io::output::Existing::Replace,
            sign_io::output::Readers::Umask,
        )
        .map_err(Failure::internal)?;
        self.read.lock().unwrap_or_else(PoisonError::into_inner).remove(organ);
        Ok(record)
    }

    /// The anchors that hold for this organisation, for people to read.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn list(&self, organ: &OrganId) -> Result<Vec<AnchorRecord>, Failure> {
        Ok(self.of(organ)?.anchors().iter().map(|a| record(&a.certificate, a.ca_class)).collect())
    }

    fn load(&self, organ: &OrganId) -> Result<TrustStore, Failure> {
        let mut store = TrustStore::default();
        for directory in [self.directory.clone(), self.directory.join(organ.as_str())] {
            if directory.is_dir() {
                load_folder(&mut store, &directory, CaClass::Other).map_err(Failure::internal)?;
            }
        }
        Ok(store)
    }
}

fn record(certificate: &Certificate, ca_class: CaClass) -> AnchorRecord {
    AnchorRecord { name: certificate.subject().to_string(), sha256: certificate.sha256_hex(), ca_class }
}
