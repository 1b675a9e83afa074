//! What a module has: its tokens, and the objects in them with the addresses to use.

use super::error::TokenError;
use super::module::Module;
use super::token::Tries;
use super::uri::KeyUri;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};
use serde::Serialize;
use sign_core::crypto::digest::hex;
use sign_core::crypto::key::Pin;
use sign_core::time::Time;
use sign_core::x509::Certificate;
use std::path::Path;
use std::sync::Arc;

/// Objects listed of one token.
const MOST_OBJECTS: usize = 1024;

/// A module and its tokens.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// `sign.tokens/1`.
    pub schema: String,
    /// The module's path as given.
    pub module: String,
    /// What it calls itself.
    pub description: String,
    /// Who made it.
    pub manufacturer: String,
    /// The tokens present.
    pub tokens: Vec<ListedToken>,
}

/// A token.
#[derive(Debug, Clone, Serialize)]
pub struct ListedToken {
    /// Number of its slot; it may change when tokens are plugged in.
    pub slot_id: u64,
    /// Its label.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// What it says about the user's PIN.
    pub pin: PinState,
    /// Whether private keys are listed too, which takes the PIN.
    pub logged_in: bool,
    /// Keys and certificates.
    pub objects: Vec<ListedObject>,
}

/// What a token says about the user's PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    /// No wrong one since the last right one, or the token does not tell.
    Usual,
    /// A wrong one was given.
    TriesLow,
    /// The next wrong one locks it.
    LastTry,
    /// No more are taken.
    Locked,
    /// None was ever set.
    NotSet,
}

/// Kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A key to sign with.
    PrivateKey,
    /// Its public half.
    PublicKey,
    /// A certificate.
    Certificate,
}

/// A key or certificate.
#[derive(Debug, Clone, Serialize)]
pub struct ListedObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its label.
    pub label: String,
    /// Its id in hexadecimal digits; a key and its certificate have the same.
    pub id: String,
    /// For private keys: what to give to `--key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// For certificates: whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// For certificates: until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Time>,
}

/// Lists what a module has. With the label of a token and its PIN, that one's private keys too; the PIN
/// goes to no other token.
///
/// # Errors
/// [`TokenError`].
pub fn list(path: &Path, only: Option<&str>, pin: Option<&Pin>, tries: Tries) -> Result<Listing, TokenError> {
    let module = Module::load(path)?;
    let about = module.context.get_library_info()?;
    let all = module.tokens()?;
    let present = all.iter().map(|(_, info)| info.label().to_owned()).collect();
    let wanted: Vec<_> =
        all.into_iter().filter(|(_, info)| only.is_none_or(|label| info.label() == label)).collect();
    if wanted.is_empty() && only.is_some() {
        return Err(TokenError::TokenNotFound { present });
    }
    if pin.is_some() && wanted.len() != 1 {
        let names = wanted.iter().map(|(_, info)| info.label().to_owned()).collect();
        return Err(TokenError::AmbiguousToken { tokens: names });
    }
    let read = |(slot, info): &(Slot, TokenInfo)| read(&module, path, *slot, info, pin, tries);
    Ok(Listing {
        schema: "sign.tokens/1".to_owned(),
        module: path.display().to_string(),
        description: about.library_description().to_owned(),
        manufacturer: about.manufacturer_id().to_owned(),
        tokens: wanted.iter().map(read).collect::<Result<_, _>>()?,
    })
}

fn read(
    module: &Arc<Module>,
    path: &Path,
    slot: Slot,
    info: &TokenInfo,
    pin: Option<&Pin>,
    tries: Tries,
) -> Result<ListedToken, TokenError> {
    let address = KeyUri {
        token: Some(info.label().to_owned()),
        serial: Some(info.serial_number().to_owned()),
        module_path: Some(path.to_owned()),
        ..KeyUri::default()
    };
    let objects = match pin {
        Some(_) => {
            let lease = module.token(slot, info).lease(pin, tries)?;
            lease.with(|session, _| objects(session, &KINDS, &address))?
        }
        // Somebody else of this process may be logged in; that is not shown to those who are not.
        None => {
            let [_, public @ ..] = KINDS;
            objects(&module.context.open_ro_session(slot)?, &public, &address)?
        }
    };
    Ok(ListedToken {
        slot_id: slot.id(),
        label: info.label().to_owned(),
        serial: info.serial_number().to_owned(),
        manufacturer: info.manufacturer_id().to_owned(),
        model: info.model().to_owned(),
        pin: pin_state(info),
        logged_in: pin.is_some(),
        objects,
    })
}

fn pin_state(info: &TokenInfo) -> PinState {
    if !info.user_pin_initialized() {
        PinState::NotSet
    } else if info.user_pin_locked() {
        PinState::Locked
    } else if info.user_pin_final_try() {
        PinState::LastTry
    } else if info.user_pin_count_low() {
        PinState::TriesLow
    } else {
        PinState::Usual
    }
}

/// What is listed, in this order.
const KINDS: [(ObjectClass, ObjectKind); 3] = [
    (ObjectClass::PRIVATE_KEY, ObjectKind::PrivateKey),
    (ObjectClass::PUBLIC_KEY, ObjectKind::PublicKey),
    (ObjectClass::CERTIFICATE, ObjectKind::Certificate),
];

fn objects(
    session: &Session,
    kinds: &[(ObjectClass, ObjectKind)],
    address: &KeyUri,
) -> Result<Vec<ListedObject>, TokenError> {
    let mut listed = Vec::new();
    for (class, kind) in kinds.iter().copied() {
        for object in session.find_objects(&[Attribute::Class(class)])? {
            if listed.len() >= MOST_OBJECTS {
                return Ok(listed);
            }
            // A private key's value is never asked for.
            let wanted: &[_] = match kind {
                ObjectKind::Certificate => &[AttributeType::Label, AttributeType::Id, AttributeType::Value],
                _ => &[AttributeType::Label, AttributeType::Id],
            };
            listed.push(listed_object(kind, session.get_attributes(object, wanted)?, address));
        }
    }
    Ok(listed)
}

fn listed_object(kind: ObjectKind, attributes: Vec<Attribute>, address: &KeyUri) -> ListedObject {
    let (mut label, mut id, mut certificate) = (String::new(), Vec::new(), None);
    for attribute in attributes {
        match attribute {
            Attribute::Label(text) => label = String::from_utf8_lossy(&text).into_owned(),
            Attribute::Id(bytes) => id = bytes,
            Attribute::Value(der) => certificate = Certificate::parse(&der).ok(),
            _ => {}
        }
    }
    // An id is enough; without one the label has to do.
    let uri = match kind {
        ObjectKind::PrivateKey if id.is_empty() => Some(address.of_key(Some(&label), None)),
        ObjectKind::PrivateKey => Some(address.of_key(None, Some(&id))),
        _ => None,
    };
    ListedObject {
        kind,
        id: hex(&id),
        uri: uri.map(|uri| uri.to_string()),
        subject: certificate.as_ref().map(|certificate| certificate.subject().display_name()),
        not_after: certificate.as_ref().map(Certificate::not_after),
        label,
    }
}
