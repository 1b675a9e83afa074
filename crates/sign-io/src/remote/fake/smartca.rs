//! VNPT SmartCA with one holder. The words of a refusal and an expiry are those of the service's other
//! interface; which ones this interface sends is not published (docs/remote-keys.md).

use super::{Answer, Holder, Office, Phone, Question};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const METHODS: &str = "/sca/sp769/v1/";

/// The service; its operator's password for us is `password`, the holder is `user`.
pub struct FakeSmartCa {
    /// `sp_password` that is let in.
    pub password: String,
    /// What the holder does.
    pub phone: Phone,
    holder: Holder,
    /// Our own names, so that a repeated request is seen; the service's names and what is signed there.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seen: Vec<String>,
    waiting: HashMap<String, (Value, u32)>,
}

/// An answer in the service's envelope.
fn answer(code: u16, message: &str, data: Value) -> Answer {
    Some((200, json!({ "status_code": code, "message": message, "data": data })))
}

impl FakeSmartCa {
    /// A service whose holder confirms after being asked for twice.
    pub fn new(holder: Holder) -> Self {
        Self { password: "password".into(), phone: Phone::Confirms(2), holder, state: Mutex::default() }
    }

    /// What is wrong with the members every request has.
    fn refuses(&self, body: &Value) -> Option<Answer> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("sp_id") != "office" || text("sp_password") != self.password {
            return Some(answer(401, "Unauthorized", Value::Null));
        }
        if text("user_id") != "user" {
            return Some(answer(404, "User not found", Value::Null));
        }
        let name = text("transaction_id").to_owned();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if name.is_empty() || state.seen.contains(&name) {
            return Some(answer(400, "transaction_id", Value::Null));
        }
        state.seen.push(name);
        None
    }

    fn certificate(&self) -> Answer {
        let mut chain = self.holder.certificates().iter().map(|der| STANDARD.encode(der));
        let one = json!({
            "serial_number": self.holder.serial_number(),
            "cert_data": chain.next(),
            "chain_data": { "ca_cert": chain.next(), "root_cert": chain.next() },
        });
        answer(200, "SUCCESS", json!({ "user_certificates": [one] }))
    }

    fn sign(&self, body: &Value) -> Answer {
        let text =
            |from: &Value, name: &str| from.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text(body, "serial_number") != self.holder.serial_number()
            || text(body, "transaction_desc").is_empty()
        {
            return answer(400, "Bad request", Value::Null);
        }
        let files = body.get("sign_files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let sign = |file: &Value| {
            let fitting = text(file, "file_type") == "pdf" && text(file, "sign_type") == "hash";
            let digest =
                unhex(&text(file, "data_to_be_signed")).filter(|digest| fitting && digest.len() == 32)?;
            let value = STANDARD.encode(self.holder.sign(&digest)?);
            Some(json!({ "doc_id": file.get("doc_id"), "signature_value": value }))
        };
        let values: Option<Vec<Value>> = files.iter().map(sign).collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            return answer(400, "sign_files", Value::Null);
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("fake-{}", state.waiting.len() + 1);
        state.waiting.insert(id.clone(), (json!(values), 0));
        answer(200, "SUCCESS", json!({ "transaction_id": id }))
    }

    fn status(&self, id: &str) -> Answer {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((values, asked)) = state.waiting.get_mut(id) else {
            return answer(404, "Transaction not found", Value::Null);
        };
        *asked += 1;
        let data = |values: Value| json!({ "transaction_id": id, "signatures": values });
        match self.phone {
            Phone::Confirms(after) if *asked > after => answer(200, "SUCCESS", data(values.clone())),
            Phone::Confirms(_) | Phone::Silent => answer(200, "PENDING", data(Value::Null)),
            Phone::Refuses => answer(200, "SIGNER_REJECTED", data(Value::Null)),
            Phone::Late => answer(200, "EXPIRED", data(Value::Null)),
        }
    }
}

impl Office for FakeSmartCa {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let Some(method) = question.path.strip_prefix(METHODS) else { return Some((404, Value::Null)) };
        let id = method.strip_prefix("signatures/sign/").and_then(|rest| rest.strip_suffix("/status"));
        if let Some(id) = id {
            return self.status(id);
        }
        if let Some(refusal) = self.refuses(question.body) {
            return refusal;
        }
        match method {
            "credentials/get_certificate" => self.certificate(),
            "signatures/sign" => self.sign(question.body),
            _ => Some((404, Value::Null)),
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
