//! Services of the Cloud Signature Consortium's API, versions 1.0.4 and 2.
//!
//! credentials/list and info say which certificate; credentials/authorize turns PIN and OTP into a
//! permit (SAD) for exactly these digests; signatures/signHash makes the values, at once or, where the
//! service offers it, asked for again with signatures/signPolling. A holder who confirms elsewhere is
//! waited for with credentials/authorizeCheck. Login and OAuth are the operator's: a bearer token comes
//! in as an argument.

use super::http::{Address, Http, Secretive, said};
use super::tls::Authorities;
use super::{Credential, Patience, RemoteError, Service, Wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use sign_core::crypto::SignatureAlgorithm;
use sign_core::crypto::der::{DerError, Reader, tag};
use sign_core::crypto::key::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A key that says only `rsaEncryption` takes the digest from hashAlgo.
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// Certificates and credentials read from one answer.
const MOST_ITEMS: usize = 64;

/// What the caller brings.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// Id of the credential; the only one there is if absent.
    pub credential: Option<String>,
    /// Bearer token of the service.
    pub token: Option<Pin>,
    /// PIN of the credential.
    pub pin: Option<Pin>,
    /// One-time password of the credential: good for one request.
    pub otp: Option<Pin>,
}

/// The two generations differ in names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// How a credential is authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    /// PIN, OTP or both go to credentials/authorize.
    Explicit,
    /// credentials/authorize without secrets: the holder confirms elsewhere.
    #[default]
    Implicit,
    /// The token itself is the permit.
    Token,
}

/// What is known of the credential.
#[derive(Debug, Clone, Default)]
struct Known {
    credential: String,
    algorithms: Vec<String>,
    mode: Mode,
    /// What `authorize` wants, as the service names it.
    secrets: Vec<String>,
}

/// What must not be sent a second time.
#[derive(Debug, Default)]
struct Spent {
    otp: bool,
    wrong: bool,
}

/// A CSC service and one of its credentials.
pub struct Csc {
    http: Http,
    version: Version,
    polls: bool,
    login: Login,
    known: Mutex<Known>,
    spent: Mutex<Spent>,
}

impl std::fmt::Debug for Csc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csc").field("version", &self.version).finish_non_exhaustive()
    }
}

/// What `signHash` is asked for.
struct Order<'o> {
    known: &'o Known,
    algorithm: SignatureAlgorithm,
    hashes: &'o [String],
}

impl Csc {
    /// The service at this address, which ends in `csc/v1` or `csc/v2`.
    ///
    /// # Errors
    /// [`RemoteError`] if it cannot be reached.
    pub fn new(
        address: Address,
        authorities: &Authorities,
        login: Login,
        patience: Patience,
    ) -> Result<Self, RemoteError> {
        let http = Http::new(address, authorities, patience)?;
        // The only method without authentication (CSC 2 clause 11.1); it names version and methods.
        let info = http.ask("info", None, &json!({}).into())?;
        let version = match info.get("specs").and_then(Value::as_str) {
            Some(specs) if specs.starts_with('1') => Version::One,
            Some(specs) if specs.starts_with('2') => Version::Two,
            _ => return Err(RemoteError::Unreadable("info has no specs of version 1 or 2".into())),
        };
        let methods = info.get("methods").and_then(Value::as_array);
        let polls = version == Version::Two
            && methods.is_some_and(|all| all.iter().any(|m| m == "signatures/signPolling"));
        let (known, spent) = (Mutex::default(), Mutex::default());
        Ok(Self { http, version, polls, login, known, spent })
    }

    /// Ids of the credentials the token may use.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn list(&self) -> Result<Vec<String>, RemoteError> {
        let (_, answer) = self.ask("credentials/list", json!({}).into())?;
        let ids = answer.get("credentialIDs").and_then(Value::as_array);
        let ids = ids.ok_or_else(|| RemoteError::Unreadable("credentials/list".into()))?;
        Ok(ids.iter().filter_map(Value::as_str).take(MOST_ITEMS).map(str::to_owned).collect())
    }

    fn ask(&self, method: &str, body: Secretive) -> Result<(StatusCode, Secretive), RemoteError> {
        let (status, answer) = self.http.post(method, self.login.token.as_ref(), &body)?;
        if status.is_success() {
            return Ok((status, answer));
        }
        let error = refusal(method, status, &answer);
        if is_about_secrets(&error) {
            lock(&self.spent).wrong = true;
        }
        Err(error)
    }

    /// The credential asked for, or the only one.
    fn choose(&self) -> Result<String, RemoteError> {
        if let Some(id) = &self.login.credential {
            return Ok(id.clone());
        }
        let mut ids = self.list()?;
        match (ids.pop(), ids.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => {
                ids.extend(last);
                Err(RemoteError::NoCredential { wanted: String::new(), known: ids.join(", ") })
            }
        }
    }

    fn info(&self, id: &str) -> Result<Secretive, RemoteError> {
        let body =
            json!({ "credentialID": id, "certificates": "chain", "certInfo": false, "authInfo": true });
        let rejected = match self.ask("credentials/info", body.into()) {
            Err(RemoteError::Rejected(reason)) => reason,
            other => return other.map(|(_, answer)| answer),
        };
        // Was it the id? The list knows, if we may read it.
        match self.list() {
            Ok(ids) if !ids.iter().any(|known| known == id) => {
                Err(RemoteError::NoCredential { wanted: id.into(), known: ids.join(", ") })
            }
            _ => Err(RemoteError::Rejected(rejected)),
        }
    }

    /// Digests and their algorithm, in the names of the version.
    fn with_hashes(&self, body: &mut Map<String, Value>, order: &Order<'_>) {
        let (hash, hash_algorithm) = match self.version {
            Version::One => ("hash", "hashAlgo"),
            Version::Two => ("hashes", "hashAlgorithmOID"),
        };
        body.insert(hash.into(), json!(order.hashes));
        body.insert(hash_algorithm.into(), json!(order.algorithm.digest().oid()));
    }

    /// The secrets the credential wants; a one-time password goes out once, and none after a wrong one.
    fn secrets(&self, known: &Known) -> Result<Vec<(String, &Pin)>, RemoteError> {
        let mut spent = lock(&self.spent);
        if spent.wrong {
            return Err(RemoteError::NotTriedAgain);
        }
        let given = |name: &String| {
            let secret = match name.as_str() {
                "PIN" => self.login.pin.as_ref(),
                "OTP" => self.login.otp.as_ref(),
                _ => None,
            };
            secret
                .map(|secret| (name.clone(), secret))
                .ok_or_else(|| RemoteError::SecretMissing(name.clone()))
        };
        let secrets: Vec<_> = known.secrets.iter().map(given).collect::<Result<_, _>>()?;
        if secrets.iter().any(|(name, _)| name == "OTP") && std::mem::replace(&mut spent.otp, true) {
            return Err(RemoteError::OtpUsed);
        }
        Ok(secrets)
    }

    /// credentials/authorize, once; then its holder is waited for.
    fn authorize(&self, order: &Order<'_>, wait: &Wait) -> Result<Pin, RemoteError> {
        let secrets = self.secrets(order.known)?;
        let mut body = Map::new();
        body.insert("credentialID".into(), json!(order.known.credential));
        body.insert("numSignatures".into(), json!(order.hashes.len()));
        self.with_hashes(&mut body, order);
        match self.version {
            Version::One => body.extend(secrets.iter().map(|(name, s)| (name.clone(), json!(s.expose())))),
            Version::Two if secrets.is_empty() => {}
            Version::Two => {
                let data = secrets.iter().map(|(name, s)| json!({ "id": name, "value": s.expose() }));
                body.insert("authData".into(), data.collect());
            }
        }
        let (_, mut answer) = self.ask("credentials/authorize", Value::Object(body).into())?;
        loop {
            if let Some(permit) = answer.get("SAD").and_then(Value::as_str) {
                return Ok(Pin::new(permit));
            }
            let handle = answer.get("handle").and_then(Value::as_str);
            let handle = handle.ok_or_else(|| RemoteError::Unreadable("credentials/authorize".into()))?;
            let body = json!({ "handle": handle });
            wait.pause()?;
            (_, answer) = self.ask("credentials/authorizeCheck", body.into())?;
        }
    }

    fn sign_hash(
        &self,
        order: &Order<'_>,
        permit: Option<&Pin>,
        wait: &Wait,
    ) -> Result<Vec<Vec<u8>>, RemoteError> {
        let (oid, parameters) = identifier(order.algorithm)?;
        let oid = offered(oid, order.algorithm, &order.known.algorithms)?;
        let mut body = Map::new();
        body.insert("credentialID".into(), json!(order.known.credential));
        if let Some(permit) = permit {
            body.insert("SAD".into(), json!(permit.expose()));
        }
        self.with_hashes(&mut body, order);
        body.insert("signAlgo".into(), json!(oid));
        if let Some(parameters) = parameters {
            body.insert("signAlgoParams".into(), json!(parameters));
        }
        if self.polls {
            body.insert("operationMode".into(), json!("A"));
        }
        let (_, answer) = self.ask("signatures/signHash", Value::Object(body).into())?;
        if let Some(values) = values(&answer)? {
            return Ok(values);
        }
        match answer.get("responseID").and_then(Value::as_str) {
            Some(id) if self.polls => self.poll(id, wait),
            _ => Err(RemoteError::Unreadable("signatures/signHash".into())),
        }
    }

    /// signatures/signPolling: 202 while it is not done (CSC 2 clause 11.12); some services say the
    /// same with the status of an error.
    fn poll(&self, id: &str, wait: &Wait) -> Result<Vec<Vec<u8>>, RemoteError> {
        loop {
            wait.pause()?;
            let body = json!({ "requestID": id }).into();
            let (status, answer) =
                self.http.post("signatures/signPolling", self.login.token.as_ref(), &body)?;
            let accepted = answer.get("error").is_some_and(|error| error == "accepted_request");
            if status == StatusCode::ACCEPTED || accepted {
                continue;
            }
            if !status.is_success() {
                return Err(refusal("signatures/signPolling", status, &answer));
            }
            return values(&answer)?.ok_or_else(|| RemoteError::Unreadable("signatures/signPolling".into()));
        }
    }
}

impl Service for Csc {
    fn credential(&self) -> Result<Credential, RemoteError> {
        let id = self.choose()?;
        let info = self.info(&id)?;
        if info.pointer("/key/status").and_then(Value::as_str) == Some("disabled") {
            return Err(RemoteError::NotUsable(format!("{id} is disabled")));
        }
        let certificates = certificates(info.pointer("/cert/certificates"))?;
        let most = number(info.get("multisign")).and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
        let (mode, secrets) = how(&info);
        let algorithms = texts(info.pointer("/key/algo"));
        *lock(&self.known) = Known { credential: id, algorithms, mode, secrets };
        Ok(Credential { certificates, most })
    }

    fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        digests: &[Vec<u8>],
        wait: &Wait,
    ) -> Result<Vec<Vec<u8>>, RemoteError> {
        let known = lock(&self.known).clone();
        // Before anybody is asked to confirm what cannot be signed.
        offered(identifier(algorithm)?.0, algorithm, &known.algorithms)?;
        let hashes: Vec<String> = digests.iter().map(|digest| STANDARD.encode(digest)).collect();
        let order = Order { known: &known, algorithm, hashes: &hashes };
        match (known.mode, self.version) {
            // CSC 1 clause 8.3.2: the token of scope credential is the SAD. CSC 2: it is in the header.
            (Mode::Token, Version::One) => self.sign_hash(&order, self.login.token.as_ref(), wait),
            (Mode::Token, Version::Two) => self.sign_hash(&order, None, wait),
            _ => {
                let permit = self.authorize(&order, wait)?;
                self.sign_hash(&order, Some(&permit), wait)
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(MOST_ITEMS)
        .map(str::to_owned)
        .collect()
}

/// Certificates in base64, the signer's first.
pub(super) fn certificates(value: Option<&Value>) -> Result<Vec<Vec<u8>>, RemoteError> {
    let decoded: Result<_, _> = texts(value).iter().map(|text| STANDARD.decode(text)).collect();
    decoded.map_err(|error| RemoteError::Unreadable(format!("certificate: {error}")))
}

/// The values of `signatures`, if it is there.
pub(super) fn values(answer: &Value) -> Result<Option<Vec<Vec<u8>>>, RemoteError> {
    let Some(values) = answer.get("signatures").and_then(Value::as_array) else { return Ok(None) };
    let decode = |value: &Value| STANDARD.decode(value.as_str()?).ok();
    let values: Option<_> = values.iter().map(decode).collect();
    values.map(Some).ok_or_else(|| RemoteError::Unreadable("signatures".into()))
}

/// Mode and wanted secrets: `authMode`, `PIN`, `OTP` in version 1, `auth` in version 2.
fn how(info: &Value) -> (Mode, Vec<String>) {
    let word = info.get("authMode").or_else(|| info.pointer("/auth/mode")).and_then(Value::as_str);
    match word {
        Some("explicit") => {}
        Some("oauth2code") => return (Mode::Token, Vec::new()),
        _ => return (Mode::Implicit, Vec::new()),
    }
    let presence = |name: &str| info.pointer(&format!("/{name}/presence")).and_then(Value::as_str);
    let present = |name: &&str| presence(name).is_some_and(|presence| presence != "false");
    let objects = info.pointer("/auth/objects").and_then(Value::as_array).into_iter().flatten();
    let listed = objects.filter_map(|object| object.get("id").and_then(Value::as_str));
    let secrets = ["PIN", "OTP"].into_iter().filter(present).chain(listed);
    (Mode::Explicit, secrets.take(MOST_ITEMS).map(str::to_owned).collect())
}

pub(super) fn number(value: Option<&Value>) -> Option<u64> {
    value.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()))
}

/// Object identifier, and parameters in base64 where they say something (PSS).
fn identifier(algorithm: SignatureAlgorithm) -> Result<(String, Option<String>), RemoteError> {
    let der = algorithm.algorithm_identifier();
    let read = || {
        let mut inside = Reader::new(&der).expect(tag::SEQUENCE)?.reader();
        let oid = inside.expect(tag::OID)?.oid()?;
        Ok((oid, inside.optional(tag::SEQUENCE)?.map(|parameters| STANDARD.encode(parameters.raw))))
    };
    read().map_err(|e: DerError| RemoteError::NotUsable(e.to_string()))
}

/// The identifier to ask for, if the credential offers it.
fn offered(oid: String, algorithm: SignatureAlgorithm, offers: &[String]) -> Result<String, RemoteError> {
    let bare = matches!(algorithm, SignatureAlgorithm::RsaPkcs1v15(_));
    if offers.is_empty() || offers.contains(&oid) {
        Ok(oid)
    } else if bare && offers.iter().any(|offer| offer == RSA_ENCRYPTION) {
        Ok(RSA_ENCRYPTION.into())
    } else {
        Err(RemoteError::NotUsable(format!("{} is not among {}", algorithm.name(), offers.join(", "))))
    }
}

/// What an error answer means. The words are those of CSC 1.0.4 and 2 (the tables under each method) and
/// of OAuth 2 (RFC 6749 4.1.2.1); what has no word of its own there is told by its description.
fn refusal(method: &str, status: StatusCode, answer: &Value) -> RemoteError {
    let words = said(answer).unwrap_or_else(|| format!("{method}: {status}"));
    let lower = words.to_ascii_lowercase();
    match answer.get("error").and_then(Value::as_str) {
        Some("invalid_pin") => RemoteError::WrongPin(words),
        Some("invalid_otp") => RemoteError::WrongOtp(words),
        Some("invalid_authentication_data") => RemoteError::WrongSecret(words),
        Some("access_denied") => RemoteError::Refused(words),
        _ if lower.contains("locked") => RemoteError::Locked(words),
        _ if lower.contains("certificate") => RemoteError::Rejected(words),
        _ if lower.contains("expired") => RemoteError::Expired(words),
        _ => RemoteError::Rejected(words),
    }
}

/// Whether another try would count against the holder.
fn is_about_secrets(error: &RemoteError) -> bool {
    use RemoteError::{Locked, WrongOtp, WrongPin, WrongSecret};
    matches!(error, WrongPin(_) | WrongOtp(_) | WrongSecret(_) | Locked(_))
}
