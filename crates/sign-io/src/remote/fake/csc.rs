//! A CSC service with one credential: permits are for exactly the digests they were given for and good
//! once, secrets are counted, and what is not in the description is refused.

use super::{Answer, Holder, Office, Phone, Question};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong PINs or one-time passwords before the credential is locked.
const TRIES: u32 = 3;
const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

/// A service of version 1.0.4 or 2 and its only credential, `mine`.
pub struct FakeCsc {
    /// 1 or 2; its address ends in `/csc/v1` or `/csc/v2`.
    pub version: u8,
    /// The bearer token it lets in.
    pub token: String,
    /// PIN it wants, if any.
    pub pin: Option<String>,
    /// One-time password it wants, if any; good once.
    pub otp: Option<String>,
    /// What the holder does: with no PIN and no OTP at the permit, else while the value is polled for.
    pub phone: Phone,
    /// Whether `signHash` is answered by polling (version 2).
    pub polls: bool,
    /// Most signatures a permit is for.
    pub multisign: usize,
    holder: Holder,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    wrong: u32,
    otp_used: bool,
    names: u32,
    /// Permit, and the digests it is for.
    permits: HashMap<String, Value>,
    /// Handle or request, its digests, and how often it was asked for.
    waiting: HashMap<String, (Value, u32)>,
}

impl State {
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}-{}", self.names)
    }
}

fn invalid(error: &str, description: &str) -> Answer {
    Some((400, json!({ "error": error, "error_description": description })))
}

fn invalid_request(description: &str) -> Answer {
    invalid("invalid_request", description)
}

impl FakeCsc {
    /// A service whose credential wants PIN 1234 and confirms nothing.
    pub fn new(version: u8, holder: Holder) -> Self {
        Self {
            version,
            token: "token".into(),
            pin: Some("1234".into()),
            otp: None,
            phone: Phone::Confirms(2),
            polls: version == 2,
            multisign: 2,
            holder,
            state: Mutex::default(),
        }
    }

    fn is_implicit(&self) -> bool {
        self.pin.is_none() && self.otp.is_none()
    }

    fn hashes<'q>(&self, body: &'q Value) -> &'q Value {
        body.get(if self.version == 1 { "hash" } else { "hashes" }).unwrap_or(&Value::Null)
    }

    fn info(&self) -> Answer {
        let mut methods =
            vec!["credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"];
        if self.polls {
            methods.push("signatures/signPolling");
        }
        let specs = if self.version == 1 { "1.0.4.0" } else { "2.0.0.2" };
        Some((200, json!({ "specs": specs, "methods": methods })))
    }

    fn credential(&self, body: &Value) -> Answer {
        if body.get("credentialID").is_none_or(|id| id != "mine") {
            return invalid_request("Invalid parameter credentialID");
        }
        let certificates: Vec<_> =
            self.holder.certificates().iter().map(|der| STANDARD.encode(der)).collect();
        let algorithm = if self.holder.is_rsa() { "1.2.840.113549.1.1.1" } else { "1.2.840.10045.4.3.2" };
        let mut answer = json!({
            "key": { "status": "enabled", "algo": [algorithm] },
            "cert": { "status": "valid", "certificates": certificates },
            "multisign": self.multisign,
            "SCAL": "2",
        });
        if let (Some(answer), Value::Object(secrets)) = (answer.as_object_mut(), self.secrets()) {
            answer.extend(secrets);
        }
        Some((200, answer))
    }

    /// What a permit takes, in the words of the version.
    fn secrets(&self) -> Value {
        let mode = if self.is_implicit() { "implicit" } else { "explicit" };
        if self.version == 1 {
            let presence = |secret: &Option<String>| json!({ "presence": secret.is_some().to_string() });
            return json!({ "authMode": mode, "PIN": presence(&self.pin), "OTP": presence(&self.otp) });
        }
        let wanted = [("PIN", &self.pin), ("OTP", &self.otp)].into_iter().filter(|(_, s)| s.is_some());
        let objects: Vec<_> = wanted.map(|(id, _)| json!({ "id": id, "type": "Password" })).collect();
        json!({ "auth": { "mode": mode, "objects": objects } })
    }

    /// A refusal, if a secret is wrong, missing or used.
    fn refuses_secrets(&self, body: &Value, state: &mut State) -> Option<Answer> {
        if state.wrong >= TRIES {
            return Some(invalid_request("Credential locked"));
        }
        let given = |name: &str| match self.version {
            1 => body.get(name),
            _ => {
                let all = body.get("authData").and_then(Value::as_array)?;
                all.iter().find(|data| data.get("id").is_some_and(|id| id == name))?.get("value")
            }
        };
        let is_wrong = |name: &str, wanted: &Option<String>| {
            wanted.as_ref().is_some_and(|wanted| given(name).is_none_or(|given| given != wanted))
        };
        let wrong_pin = is_wrong("PIN", &self.pin);
        let wrong_otp = is_wrong("OTP", &self.otp) || (self.otp.is_some() && state.otp_used);
        state.otp_used |= self.otp.is_some();
        if !wrong_pin && !wrong_otp {
            return None;
        }
        state.wrong += 1;
        Some(match (self.version, wrong_pin) {
            (1, true) => invalid("invalid_pin", "The PIN is invalid"),
            (1, false) => invalid("invalid_otp", "The OTP is invalid"),
            _ => invalid("invalid_authentication_data", "The authentication data is invalid"),
        })
    }

    fn authorize(&self, body: &Value) -> Answer {
        let hashes = self.hashes(body);
        let wanted = body.get("numSignatures").and_then(Value::as_u64).unwrap_or(0);
        if wanted == 0 || hashes.as_array().is_none_or(|all| all.len() as u64 != wanted) {
            return invalid_request("Invalid value for parameter numSignatures");
        }
        if wanted > self.multisign as u64 {
            return invalid_request("Numbers of signatures is too high");
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(refusal) = self.refuses_secrets(body, &mut state) {
            return refusal;
        }
        if self.is_implicit() {
            let handle = state.name("handle");
            state.waiting.insert(handle.clone(), (hashes.clone(), 0));
            return Some((202, json!({ "handle": handle })));
        }
        Self::permit(&mut state, hashes.clone())
    }

    fn permit(state: &mut State, hashes: Value) -> Answer {
        let permit = state.name("permit");
        state.permits.insert(permit.clone(), hashes);
        Some((200, json!({ "SAD": permit })))
    }

    /// What the phone has to say about something that waits: done, or the answer.
    fn ask_phone(&self, state: &mut State, name: &str, pending: Answer) -> Result<Value, Answer> {
        let (hashes, asked) =
            state.waiting.get_mut(name).ok_or_else(|| invalid_request("Invalid parameter"))?;
        *asked += 1;
        match self.phone {
            Phone::Confirms(after) if *asked > after => Ok(hashes.clone()),
            Phone::Confirms(_) | Phone::Silent => Err(pending),
            Phone::Refuses => Err(invalid("access_denied", "The user declined the authorization request")),
            Phone::Late => Err(invalid_request("Authorization request expired")),
        }
    }

    fn check(&self, body: &Value) -> Answer {
        let handle = body.get("handle").and_then(Value::as_str).unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.ask_phone(&mut state, handle, Some((202, json!({ "handle": handle })))) {
            Ok(hashes) => {
                state.waiting.remove(handle);
                Self::permit(&mut state, hashes)
            }
            Err(answer) => answer,
        }
    }

    fn sign(&self, body: &Value) -> Answer {
        let algorithm = if self.version == 1 { "hashAlgo" } else { "hashAlgorithmOID" };
        if self.holder.is_rsa() && body.get(algorithm).is_none_or(|oid| oid != SHA_256) {
            return invalid_request("Invalid parameter hashAlgorithmOID");
        }
        let permit = body.get("SAD").and_then(Value::as_str).unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(permitted) = state.permits.remove(permit) else {
            return invalid_request("Invalid parameter SAD");
        };
        if self.hashes(body) != &permitted {
            return invalid_request("Hash is not authorized by the SAD");
        }
        if self.polls && body.get("operationMode").is_some_and(|mode| mode == "A") {
            let id = state.name("request");
            state.waiting.insert(id.clone(), (permitted, 0));
            return Some((200, json!({ "responseID": id })));
        }
        self.values(&permitted)
    }

    fn poll(&self, body: &Value) -> Answer {
        let id = body.get("requestID").and_then(Value::as_str).unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = Some((202, json!({ "error": "accepted_request" })));
        match self.ask_phone(&mut state, id, pending) {
            Ok(hashes) => self.values(&hashes),
            Err(answer) => answer,
        }
    }

    fn values(&self, hashes: &Value) -> Answer {
        let sign = |hash: &Value| {
            let digest = STANDARD.decode(hash.as_str()?).ok()?;
            Some(STANDARD.encode(self.holder.sign(&digest)?))
        };
        let values: Option<Vec<_>> = hashes.as_array()?.iter().map(sign).collect();
        match values {
            Some(values) => Some((200, json!({ "signatures": values }))),
            None => invalid_request("Invalid digest value length"),
        }
    }
}

impl Office for FakeCsc {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let Some(method) = question.path.strip_prefix(&format!("/csc/v{}/", self.version)) else {
            return Some((404, Value::Null));
        };
        if method != "info" && question.token != Some(&self.token) {
            return Some((401, json!({ "error": "invalid_token" })));
        }
        match method {
            "info" => self.info(),
            "credentials/list" => Some((200, json!({ "credentialIDs": ["mine"] }))),
            "credentials/info" => self.credential(question.body),
            "credentials/authorize" => self.authorize(question.body),
            "credentials/authorizeCheck" if self.version == 2 => self.check(question.body),
            "signatures/signHash" => self.sign(question.body),
            "signatures/signPolling" if self.polls => self.poll(question.body),
            _ => Some((404, Value::Null)),
        }
    }
}
