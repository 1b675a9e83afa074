//! Viettel MySign with one holder. Numbers of a refusal and an expiry are those seen in public clients
//! (docs/remote-keys.md).

use super::{Answer, Holder, Office, Phone, Question};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const METHODS: &str = "/vtss/service/";

/// The service; its operator's secret for us is `secret`, the holder is `user` with the credential `mine`.
pub struct FakeMySign {
    /// `client_secret` that is let in.
    pub secret: String,
    /// What the holder does.
    pub phone: Phone,
    /// `multisign` of the credential.
    pub multisign: usize,
    holder: Holder,
    waiting: Mutex<HashMap<String, (Value, u32)>>,
}

fn invalid(error: u32, description: &str) -> Answer {
    Some((400, json!({ "error": error, "error_description": description })))
}

impl FakeMySign {
    /// A service whose holder confirms after being asked for twice.
    pub fn new(holder: Holder) -> Self {
        let (secret, phone, waiting) = ("secret".into(), Phone::Confirms(2), Mutex::default());
        Self { secret, phone, multisign: usize::MAX >> 33, holder, waiting }
    }

    /// What is wrong with who asks and for whom.
    fn refuses(&self, body: &Value, of_user: bool) -> Option<Answer> {
        let is = |name: &str, wanted: &str| body.get(name).is_some_and(|value| value == wanted);
        if !is("client_id", "office") || !is("client_secret", &self.secret) {
            return Some(Some((
                401,
                json!({ "error": 86024, "error_description": "Client secret is invalid" }),
            )));
        }
        if of_user && !(is("user_id", "user") && is("profile_id", "profile")) {
            return Some(invalid(58008, "User ID does not exist"));
        }
        None
    }

    fn certificates(&self) -> Answer {
        let certificates: Vec<_> =
            self.holder.certificates().iter().map(|der| STANDARD.encode(der)).collect();
        Some((
            200,
            json!([{
                "key": { "status": "enabled", "algo": ["1.2.840.113549.1.1.1"] },
                "cert": { "status": "valid", "certificates": certificates },
                "authMode": "implicit",
                "multisign": self.multisign.to_string(),
                "credential_id": "mine",
            }]),
        ))
    }

    fn sign(&self, body: &Value) -> Answer {
        let count = |name: &str| body.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        let wanted = body.get("numSignatures").and_then(Value::as_u64).unwrap_or(0);
        let fitting = wanted > 0 && count("hash") as u64 == wanted && count("documents") as u64 == wanted;
        if !fitting || count("hash") > self.multisign {
            return invalid(1, "numSignatures");
        }
        let is = |name: &str, wanted: &str| body.get(name).is_some_and(|value| value == wanted);
        if !is("credentialID", "mine") {
            return invalid(2, "credentialID");
        }
        if !is("hashAlgo", "2.16.840.1.101.3.4.2.1") || !is("signAlgo", "1.2.840.113549.1.1.1") {
            return invalid(3, "algorithm");
        }
        let sign = |hash: &Value| {
            let digest = STANDARD.decode(hash.as_str()?).ok().filter(|digest| digest.len() == 32)?;
            Some(STANDARD.encode(self.holder.sign(&digest)?))
        };
        let hashes = body.get("hash").and_then(Value::as_array)?;
        let Some(values) = hashes.iter().map(sign).collect::<Option<Vec<_>>>() else {
            return invalid(4, "hash");
        };
        if body.get("async").is_none_or(|mode| mode != 1) {
            return invalid(5, "async");
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("fake-{}", waiting.len() + 1);
        waiting.insert(id.clone(), (json!(values), 0));
        Some((200, json!({ "transactionId": id })))
    }

    fn status(&self, body: &Value) -> Answer {
        let id = body.get("transactionId").and_then(Value::as_str).unwrap_or_default();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((values, asked)) = waiting.get_mut(id) else { return invalid(6, "transactionId") };
        *asked += 1;
        Some((
            200,
            match self.phone {
                Phone::Confirms(after) if *asked > after => json!({ "status": "1", "signatures": values }),
                Phone::Confirms(_) | Phone::Silent => json!({ "status": "0" }),
                Phone::Refuses => json!({ "status": "4002" }),
                Phone::Late => json!({ "status": "4001" }),
            },
        ))
    }
}

impl Office for FakeMySign {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let Some(method) = question.path.strip_prefix(METHODS) else { return Some((404, Value::Null)) };
        if method != "ras/v1/login" && question.token != Some("session") {
            return Some((401, json!({ "error": "invalid_token" })));
        }
        if method != "requests/status"
            && let Some(refusal) = self.refuses(question.body, method != "signHash")
        {
            return refusal;
        }
        match method {
            "ras/v1/login" => Some((200, json!({ "access_token": "session", "token_type": "Bearer" }))),
            "certificates/info" => self.certificates(),
            "signHash" => self.sign(question.body),
            "requests/status" => self.status(question.body),
            _ => Some((404, Value::Null)),
        }
    }
}
