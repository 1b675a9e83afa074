//! Viettel MySign: login, then a request with the digests, which its holder confirms on the phone, asked
//! for until the values are there. It resembles the CSC API and is not it.
//!
//! What is known of its fields, and what is not, is in docs/remote-keys.md. What a public description
//! leaves open is a setting here and not a guess.

use super::csc::{certificates, lock, number, values};
use super::http::{Address, Http, Secretive, said, shown};
use super::smartca::{only_usual, random_name};
use super::tls::Authorities;
use super::{Credential, Patience, RemoteError, Service, Wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use serde_json::{Value, json};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::key::Pin;
use std::sync::Mutex;

/// Where the service of the operator is.
pub const ADDRESS: &str = "https://remotesigning.viettel.vn";
const METHODS: &str = "vtss/service";
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// `status` of a request whose values are there.
const SIGNED: &str = "1";

/// One holder at MySign, as the contract with the operator says.
#[derive(Debug, Clone)]
pub struct Account {
    /// `client_id`: us.
    pub client_id: String,
    /// `client_secret`: ours.
    pub client_secret: Pin,
    /// `profile_id`.
    pub profile_id: String,
    /// `user_id`: the holder.
    pub user_id: String,
    /// `credential_id`; without it the holder must have only one.
    pub credential: Option<String>,
    /// What the phone shows for a document.
    pub description: String,
    /// Digests in one request; the service may allow fewer.
    pub most: usize,
    /// `status` of a request that waits.
    pub pending: Vec<String>,
    /// `status` of a request the holder refused.
    pub refused: Vec<String>,
    /// `status` of a request that expired.
    pub expired: Vec<String>,
}

/// MySign and one holder's certificate there.
pub struct MySign {
    http: Http,
    account: Account,
    session: Mutex<Session>,
}

/// What login and `certificates/info` gave.
#[derive(Clone, Default)]
struct Session {
    token: Option<Pin>,
    credential: String,
}

impl std::fmt::Debug for MySign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MySign").field("account", &self.account).finish_non_exhaustive()
    }
}

impl MySign {
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
        Ok(Self { http, account, session: Mutex::default() })
    }

    fn ask(&self, method: &str, token: Option<&Pin>, body: Value) -> Result<Secretive, RemoteError> {
        let (status, answer) = self.http.post(&format!("{METHODS}/{method}"), token, &body.into())?;
        let error = answer.get("error").filter(|error| !error.is_null());
        if status.is_success() && error.is_none() {
            return Ok(answer);
        }
        let said = said(&answer).or_else(|| error.and_then(|error| shown(&error.to_string())));
        let said = said.unwrap_or_else(|| status.to_string());
        // 401 and 403 are told by the status already.
        if method.ends_with("/login") && status != StatusCode::NOT_FOUND {
            return Err(RemoteError::NotLetIn(said));
        }
        Err(RemoteError::Rejected(said))
    }

    /// Who we are and for whom; login and `certificates/info` begin with it.
    fn body(&self) -> Value {
        json!({
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret.expose(),
            "profile_id": self.account.profile_id,
            "user_id": self.account.user_id,
        })
    }

    fn login(&self) -> Result<Pin, RemoteError> {
        let answer = self.ask("ras/v1/login", None, self.body())?;
        let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        token.map(Pin::new).ok_or_else(|| RemoteError::Unreadable("access_token".into()))
    }

    /// The credential that was asked for, or the only one.
    fn choose<'a>(&self, all: &'a [Value]) -> Result<(&'a Value, &'a str), RemoteError> {
        let id = |one: &'a Value| one.get("credential_id").and_then(Value::as_str).unwrap_or_default();
        let wanted = self.account.credential.as_deref();
        let mut fitting = all.iter().filter(|one| wanted.is_none_or(|wanted| id(one) == wanted));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok((only, id(only))),
            _ => {
                let known = all.iter().filter_map(|one| shown(id(one))).collect::<Vec<_>>().join(", ");
                Err(RemoteError::NoCredential { wanted: wanted.unwrap_or_default().into(), known })
            }
        }
    }

    /// The values, `None` while the holder has not confirmed.
    fn standing(&self, answer: &Value) -> Result<Option<Vec<Vec<u8>>>, RemoteError> {
        let status = match answer.get("status") {
            Some(Value::String(status)) => status.clone(),
            Some(Value::Number(status)) => status.to_string(),
            _ => return Err(RemoteError::Unreadable("requests/status".into())),
        };
        let is_among = |words: &[String]| words.contains(&status);
        if status == SIGNED {
            let values = values(answer)?;
            return values.map(Some).ok_or_else(|| RemoteError::Unreadable("signatures".into()));
        }
        if is_among(&self.account.pending) {
            return Ok(None);
        }
        let status = format!("status {}", shown(&status).unwrap_or_default());
        if is_among(&self.account.refused) {
            return Err(RemoteError::Refused(status));
        }
        if is_among(&self.account.expired) {
            return Err(RemoteError::Expired(status));
        }
        Err(RemoteError::Rejected(status))
    }
}

impl Service for MySign {
    fn credential(&self) -> Result<Credential, RemoteError> {
        let token = self.login()?;
        let mut body = self.body();
        if let Some(members) = body.as_object_mut() {
            members.insert("certificates".into(), json!("chain"));
            members.insert("certInfo".into(), json!(true));
            members.insert("authInfo".into(), json!(true));
        }
        let answer = self.ask("certificates/info", Some(&token), body)?;
        let all = answer.as_array().ok_or_else(|| RemoteError::Unreadable("certificates/info".into()))?;
        let (chosen, id) = self.choose(all)?;
        if chosen.pointer("/key/status").and_then(Value::as_str) == Some("disabled") {
            return Err(RemoteError::NotUsable(format!("{id} is disabled")));
        }
        let certificates = certificates(chosen.pointer("/cert/certificates"))?;
        let allowed = number(chosen.get("multisign")).and_then(|most| usize::try_from(most).ok());
        let most = allowed.unwrap_or(1).min(self.account.most);
        *lock(&self.session) = Session { token: Some(token), credential: id.to_owned() };
        Ok(Credential { certificates, most })
    }

    fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        digests: &[Vec<u8>],
        wait: &Wait,
    ) -> Result<Vec<Vec<u8>>, RemoteError> {
        only_usual(algorithm)?;
        let session = lock(&self.session).clone();
        let name = STANDARD.encode(&self.account.description);
        let documents =
            digests.iter().map(|_| Ok(json!({ "document_id": random_name()?, "document_name": name })));
        let documents: Vec<Value> = documents.collect::<Result<_, RemoteError>>()?;
        let hashes: Vec<String> = digests.iter().map(|digest| STANDARD.encode(digest)).collect();
        let body = json!({
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret.expose(),
            "credentialID": session.credential,
            "numSignatures": digests.len(),
            "description": name,
            "documents": documents,
            "hash": hashes,
            "hashAlgo": algorithm.digest().oid(),
            "signAlgo": RSA_ENCRYPTION,
            "async": 1,
        });
        let token = session.token.as_ref();
        let answer = self.ask("signHash", token, body)?;
        let id = answer.get("transactionId").and_then(Value::as_str);
        let id = id.ok_or_else(|| RemoteError::Unreadable("transactionId".into()))?.to_owned();
        loop {
            wait.pause()?;
            let answer = self.ask("requests/status", token, json!({ "transactionId": id }))?;
            if let Some(values) = self.standing(&answer)? {
                return Ok(values);
            }
        }
    }
}
