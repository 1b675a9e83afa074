//! The own organisation and the partners it exchanges documents with.

use super::failure::Failure;
use crate::{secret::Secret, state::State};
use circulation::{
    date::Date,
    organ::{Contact, OrganId, Organisation},
};
use circulation_store::Partner;
use serde::{Deserialize, Serialize};

/// A partner as an administrator describes it.
#[derive(Deserialize)]
pub struct NewPartner {
    /// Its code.
    pub id: OrganId,
    /// Its name.
    pub name: String,
    /// Where its server takes messages: the base address, as `http://10.0.0.2:8080`.
    pub exchange_url: String,
    /// The API key it gave us; kept sealed, never shown again.
    #[serde(default)]
    pub peer_api_key: Option<Secret>,
}

/// A partner as shown.
#[derive(Debug, Serialize)]
pub struct PartnerView {
    /// Its code.
    pub id: OrganId,
    /// Its name.
    pub name: String,
    /// Where its server takes messages.
    pub exchange_url: String,
    /// Whether a key of theirs is kept.
    pub has_peer_api_key: bool,
}

/// The own organisation and its partners.
#[derive(Debug, Serialize)]
pub struct Directory {
    /// The organisation itself.
    pub own: Organisation,
    /// Its partners.
    pub partners: Vec<PartnerView>,
}

/// The label a partner's key is sealed under: it opens for this pair only.
fn label(organ: &OrganId, partner: &OrganId) -> String {
    format!("peer-api-key:{organ}:{partner}")
}

/// Everything known.
///
/// # Errors
/// From the store.
pub async fn list(state: &State, organ: OrganId) -> Result<Directory, Failure> {
    state
        .store(move |store| {
            let partners = store.partners(&organ)?.into_iter().map(view).collect();
            Ok(Directory { own: store.organisation(&organ)?, partners })
        })
        .await
}

/// Adds or changes a partner. Without a key the one kept stays.
///
/// # Errors
/// `unsupported_scheme` for anything but `http://`.
pub async fn put_partner(state: &State, organ: OrganId, new: NewPartner) -> Result<PartnerView, Failure> {
    check_url(&new.exchange_url)?;
    let sealed = match &new.peer_api_key {
        Some(key) => {
            let sealed = state.key.seal(&label(&organ, &new.id), key.expose().trim().as_bytes());
            Some(sealed.map_err(Failure::internal)?)
        }
        None => None,
    };
    let now = state.now();
    state
        .store(move |store| {
            let known = store.partners(&organ)?.into_iter().find(|known| known.organisation.id == new.id);
            let partner = Partner {
                organ,
                organisation: described(new)?,
                credential: sealed.or_else(|| known.and_then(|known| known.credential)),
                updated_at: now,
            };
            store.put_partner(&partner)?;
            Ok(view(partner))
        })
        .await
}

/// The key a partner gave us.
///
/// # Errors
/// `no_peer_key` if there is none, or it was sealed by another server.
pub fn peer_key(state: &State, partner: &Partner) -> Result<Secret, Failure> {
    let label = label(&partner.organ, &partner.organisation.id);
    let opened = partner.credential.as_deref().and_then(|sealed| state.key.open_sealed(&label, sealed));
    let text = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let missing = || Failure::unusable("no_peer_key", format!("partner {}", partner.organisation.id));
    text.map(Secret::from).ok_or_else(missing)
}

/// Only the operator's administrators enter addresses, so loopback and private ones are allowed; the
/// scheme must be one this version speaks.
fn check_url(url: &str) -> Result<(), Failure> {
    let host = url.strip_prefix("http://").ok_or_else(|| Failure::unusable("unsupported_scheme", ""))?;
    let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && b != b'@');
    if plain { Ok(()) } else { Err(Failure::malformed("exchange_url is not an address")) }
}

fn described(new: NewPartner) -> Result<Organisation, Failure> {
    // The address book does not know since when a partner exists: since there have been any.
    let valid_from = Date::new(1945, 9, 2).ok_or_else(|| Failure::internal("a day of the calendar"))?;
    Ok(Organisation {
        id: new.id,
        name: new.name,
        symbol: String::new(),
        place: String::new(),
        parent: None,
        valid_from,
        valid_to: None,
        exchange_url: Some(new.exchange_url.trim_end_matches('/').to_owned()),
        contact: Contact::default(),
    })
}

fn view(partner: Partner) -> PartnerView {
    PartnerView {
        id: partner.organisation.id,
        name: partner.organisation.name,
        exchange_url: partner.organisation.exchange_url.unwrap_or_default(),
        has_peer_api_key: partner.credential.is_some(),
    }
}
