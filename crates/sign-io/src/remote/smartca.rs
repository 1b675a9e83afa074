//! VNPT SmartCA: a request with the digests, which its holder confirms on the phone, asked for until
//! the values are there.
//!
//! What is known of its fields, and what is not, is in docs/remote-keys.md. What a public description
//! leaves open is a setting here and not a guess.

use super::csc::lock;
use super::http::{Address, Http, Secretive, said, shown};
use super::tls::Authorities;
use super::{Credential, Patience, RemoteError, Service, Wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sign_core::crypto::key::Pin;
use sign_core::crypto::{DigestAlgorithm, SignatureAlgorithm};
use std::fmt::Write;
use std::sync::Mutex;

/// Where the service of the operator is.
pub const ADDRESS: &str = "https://gwsca.vnpt.vn";
const METHODS: &str = "sca/sp769/v1";
/// `status_code` of success; the status of HTTP says the same where the member is missing.
const DONE: u64 = 200;

/// One holder at SmartCA, as the contract with the operator says.
#[derive(Debug, Clone)]
pub struct Account {
    /// `sp_id`: us.
    pub sp_id: String,
    /// `sp_password`: ours.
    pub sp_password: Pin,
    /// `user_id`: the holder.
    pub user_id: String,
    /// `serial_number` of the certificate; without it the holder must have only one.
    pub serial_number: Option<String>,
    /// `transaction_desc`: what the phone shows.
    pub description: String,
    /// Digests in one request.
    pub most: usize,
    /// Words in `message` that say the holder refused.
    pub refused: Vec<String>,
    /// Words in `message` that say the request expired.
    pub expired: Vec<String>,
}

/// SmartCA and one holder's certificate there.
pub struct SmartCa {
    http: Http,
    account: Account,
    /// As the service writes it.
    serial_number: Mutex<String>,
}

impl std::fmt::Debug for SmartCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmartCa").field("account", &self.account).finish_non_exhaustive()
    }
}

impl SmartCa {
    /// The service at this address; nobody is asked yet.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn new(
        address: Address,
        authorities: &Authorities,
        account: Account,
        patience: Patience,
    ) -> Result<Self, RemoteError> {
        let http = Http::new(address, authorities, patience)?;
        Ok(Self { http, account, serial_number: Mutex::default() })
    }

    /// What every request begins with.
    fn body(&self, serial_number: &str) -> Result<Value, RemoteError> {
        Ok(json!({
            "sp_id": self.account.sp_id,
            "sp_password": self.account.sp_password.expose(),
            "user_id": self.account.user_id,
            "serial_number": serial_number,
            "transaction_id": random_name()?,
        }))
    }

    /// Asks; only an answer that says it is one comes back.
    fn ask(&self, method: &str, body: Secretive) -> Result<Secretive, RemoteError> {
        let (status, answer) = self.http.post(&format!("{METHODS}/{method}"), None, &body)?;
        // Before success is looked at: it is not known which status goes with these.
        let message = answer.get("message").and_then(Value::as_str).unwrap_or_default();
        let is_among = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(message));
        if is_among(&self.account.refused) {
            return Err(RemoteError::Refused(shown(message).unwrap_or_default()));
        }
        if is_among(&self.account.expired) {
            return Err(RemoteError::Expired(shown(message).unwrap_or_default()));
        }
        let code = answer.get("status_code").and_then(Value::as_u64);
        if status.is_success() && code.is_none_or(|code| code == DONE) {
            return Ok(answer);
        }
        let said = said(&answer).unwrap_or_else(|| status.to_string());
        match code {
            Some(401 | 403) => Err(RemoteError::NotLetIn(said)),
            Some(code) => Err(RemoteError::Rejected(format!("{code}: {said}"))),
            None => Err(RemoteError::Rejected(said)),
        }
    }

    /// The certificate that was asked for, or the only one.
    fn choose<'a>(&self, all: &'a [Value]) -> Result<&'a Value, RemoteError> {
        let number = |one: &'a Value| one.get("serial_number").and_then(Value::as_str).unwrap_or_default();
        let wanted = self.account.serial_number.as_deref();
        let mut fitting =
            all.iter().filter(|one| wanted.is_none_or(|wanted| number(one).eq_ignore_ascii_case(wanted)));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            _ => {
                let known = all.iter().filter_map(|one| shown(number(one))).collect::<Vec<_>>().join(", ");
                Err(RemoteError::NoCredential { wanted: wanted.unwrap_or_default().into(), known })
            }
        }
    }
}

impl Service for SmartCa {
    fn credential(&self) -> Result<Credential, RemoteError> {
        let wanted = self.account.serial_number.as_deref().unwrap_or_default();
        let answer = self.ask("credentials/get_certificate", self.body(wanted)?.into())?;
        let all = answer.pointer("/data/user_certificates").and_then(Value::as_array);
        let all = all.ok_or_else(|| RemoteError::Unreadable("get_certificate".into()))?;
        let chosen = self.choose(all)?;
        let text = |path: &str| chosen.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
        // The chain is not always there; a verifier may know it.
        let chain = ["/cert_data", "/chain_data/ca_cert", "/chain_data/root_cert"];
        let certificates = chain.into_iter().filter_map(text).map(der).collect::<Result<Vec<_>, _>>()?;
        if text("/cert_data").is_none() {
            return Err(RemoteError::Unreadable("cert_data".into()));
        }
        *lock(&self.serial_number) = text("/serial_number").unwrap_or(wanted).to_owned();
        Ok(Credential { certificates, most: self.account.most })
    }

    fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        digests: &[Vec<u8>],
        wait: &Wait,
    ) -> Result<Vec<Vec<u8>>, RemoteError> {
        only_usual(algorithm)?;
        let serial_number = lock(&self.serial_number).clone();
        let mut body = self.body(&serial_number)?;
        let files = digests.iter().enumerate().map(|(index, digest)| {
            json!({
                "data_to_be_signed": hex(digest),
                "doc_id": doc_id(index),
                "file_type": "pdf",
                "sign_type": "hash",
            })
        });
        if let Some(members) = body.as_object_mut() {
            members.insert("transaction_desc".into(), json!(self.account.description));
            members.insert("sign_files".into(), files.collect());
        }
        let answer = self.ask("signatures/sign", body.into())?;
        let id = answer.pointer("/data/transaction_id").and_then(Value::as_str);
        // It becomes a part of an address.
        let id = id.filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        let id = id.ok_or_else(|| RemoteError::Unreadable("transaction_id".into()))?;
        loop {
            wait.pause()?;
            let answer = self.ask(&format!("signatures/sign/{id}/status"), json!({}).into())?;
            let signatures = answer.pointer("/data/signatures").and_then(Value::as_array);
            if let Some(signatures) = signatures.filter(|signatures| !signatures.is_empty()) {
                return (0..digests.len()).map(|index| value(signatures, &doc_id(index))).collect();
            }
        }
    }
}

/// The value for one document of a request.
fn value(signatures: &[Value], doc_id: &str) -> Result<Vec<u8>, RemoteError> {
    let of_document = |one: &&Value| one.get("doc_id").is_some_and(|id| id == doc_id);
    let value = signatures.iter().find(of_document).and_then(|one| one.get("signature_value")?.as_str());
    let value = value.and_then(|value| STANDARD.decode(value).ok());
    value.ok_or_else(|| RemoteError::Unreadable(format!("signature_value of {doc_id}")))
}

/// The same for every request: the name of the request tells them apart.
fn doc_id(index: usize) -> String {
    format!("document-{}", index + 1)
}

/// Base64, with the line breaks of some answers.
fn der(text: &str) -> Result<Vec<u8>, RemoteError> {
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).map_err(|error| RemoteError::Unreadable(format!("certificate: {error}")))
}

/// The requests say no algorithm, or only this one: RSA, version 1.5, SHA-256.
pub(super) fn only_usual(algorithm: SignatureAlgorithm) -> Result<(), RemoteError> {
    if algorithm == SignatureAlgorithm::RsaPkcs1v15(DigestAlgorithm::Sha256) {
        return Ok(());
    }
    Err(RemoteError::NotUsable(format!("{}: the service makes RSA v1.5 with SHA-256 only", algorithm.name())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A name nobody else uses: 128 random bits.
pub(super) fn random_name() -> Result<String, RemoteError> {
    let mut bytes = [0; 16];
    super::tls::random(&mut bytes)?;
    Ok(hex(&bytes))
}
