//! Trust anchors and the intermediate certificates that help to reach them.

use crate::x509::{Certificate, X509Error};
use serde::{Deserialize, Serialize};

/// What kind of authority an anchor is, as the law tells them apart (Luật Giao dịch điện tử 2023).
///
/// The words are the same everywhere: in reports, on the command line, over HTTP, as names of folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaClass {
    /// Chữ ký số chuyên dùng công vụ: the government's own authority.
    PublicService,
    /// Chữ ký số công cộng: a licensed public authority under the national root.
    Public,
    /// Any other.
    #[default]
    Other,
}

impl CaClass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PublicService, Self::Public, Self::Other];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::PublicService => "public_service",
            Self::Public => "public",
            Self::Other => "other",
        }
    }

    /// The class of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// One authority that is trusted for being named by the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its certificate.
    pub certificate: Certificate,
    /// What to call it.
    pub name: String,
    /// Its kind.
    pub ca_class: CaClass,
}

/// Everything the operator trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
}

/// What [`TrustStore::add_pem`] took from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Self-signed certificates, now trusted.
    pub anchors: usize,
    /// Others, only used to build paths.
    pub intermediates: usize,
}

impl TrustStore {
    /// Trusts nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a bundle of certificates, PEM (several) or DER (one): self-issued ones become anchors, the
    /// others intermediates. To trust an authority that is not self-signed use [`Self::add_anchor`].
    ///
    /// # Errors
    /// [`X509Error`] if one certificate is malformed or there is none; then nothing is taken.
    pub fn add_pem(&mut self, bytes: &[u8], ca_class: CaClass) -> Result<Added, X509Error> {
        let mut added = Added { anchors: 0, intermediates: 0 };
        for certificate in Certificate::parse_all(bytes)? {
            if certificate.is_self_issued() {
                self.add_anchor(certificate, ca_class);
                added.anchors += 1;
            } else {
                self.add_intermediate(certificate);
                added.intermediates += 1;
            }
        }
        Ok(added)
    }

    /// Trusts this certificate, whoever issued it. The first class given to it stays.
    pub fn add_anchor(&mut self, certificate: Certificate, ca_class: CaClass) {
        if self.anchor_of(&certificate).is_none() {
            let name = certificate.subject().display_name();
            self.anchors.push(Anchor { certificate, name, ca_class });
        }
    }

    /// Offers this certificate for building paths.
    pub fn add_intermediate(&mut self, certificate: Certificate) {
        if !self.intermediates.contains(&certificate) {
            self.intermediates.push(certificate);
        }
    }

    /// All anchors.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// Certificates of all anchors, as [`crate::x509::path::build`] takes them.
    pub fn anchor_certificates(&self) -> Vec<Certificate> {
        self.anchors.iter().map(|anchor| anchor.certificate.clone()).collect()
    }

    /// All intermediates.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The anchor with this certificate.
    pub fn anchor_of(&self, certificate: &Certificate) -> Option<&Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate == *certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing;

    #[test]
    fn a_class_has_one_word_everywhere() {
        for class in CaClass::ALL {
            assert_eq!(CaClass::from_word(class.word()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.word());
        }
        assert_eq!(CaClass::from_word("own"), None);
    }

    #[test]
    fn a_bundle_is_sorted_into_anchors_and_intermediates() {
        let chain = testing::person("p256");
        let pem: Vec<u8> = chain[1..].iter().flat_map(|made| made.certificate.to_pem().unwrap()).collect();
        let mut store = TrustStore::new();
        let added = store.add_pem(&pem, CaClass::PublicService).unwrap();
        assert_eq!(added, Added { anchors: 1, intermediates: 1 });
        store.add_pem(&pem, CaClass::Public).unwrap();
        assert_eq!((store.anchors().len(), store.intermediates().len()), (1, 1), "nothing twice");
        let root = store.anchor_certificates().remove(0);
        let anchor = store.anchor_of(&root).unwrap();
        assert_eq!((anchor.name.as_str(), anchor.ca_class), ("TEST Root", CaClass::PublicService));
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        assert!(TrustStore::new().add_pem(b"-----BEGIN X-----\n-----END X-----\n", CaClass::Other).is_err());
        assert!(TrustStore::new().add_pem(b"", CaClass::Other).is_err());
    }
}
