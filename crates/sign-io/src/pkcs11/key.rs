//! A private key in a token: found by its address, with its certificates, and signing.

use super::error::TokenError;
use super::mechanism::{self, Hashing};
use super::module::Module;
use super::token::{Lease, Tries};
use super::uri::KeyUri;
use crate::keystore;
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::AuthPin;
use sign_core::cms::der::{Reader, tag};
use sign_core::crypto::digest::hex;
use sign_core::crypto::key::{KeyError, Padding, Pin, Signer, usual_algorithm, with_digest};
use sign_core::crypto::verify::{PublicKeyKind, verify};
use sign_core::crypto::{DigestAlgorithm, SignatureAlgorithm};
use sign_core::x509::Certificate;

/// Certificates looked at in one token.
const MOST_CERTIFICATES: usize = 256;
/// Issuers above a certificate: public authorities have two.
const LONGEST_CHAIN: usize = 8;

/// How a key is to be opened.
#[derive(Debug, Default)]
pub struct Opening<'a> {
    /// The PIN; without one, that of the address's `pin-source`.
    pub pin: Option<&'a Pin>,
    /// Which RSA signatures to make.
    pub padding: Padding,
    /// What to sign over instead of the key's usual digest.
    pub digest: Option<DigestAlgorithm>,
    /// How far the PIN may be risked.
    pub tries: Tries,
    /// Certificates that are not in the token, DER, in any order.
    pub certificates: &'a [Vec<u8>],
}

/// A private key in a token. It never leaves it; the PIN is kept while keys of the token are open.
pub struct Pkcs11Key {
    lease: Lease,
    key: ObjectHandle,
    algorithm: SignatureAlgorithm,
    hashing: Hashing,
    asks_each_time: bool,
    certificates: Vec<Vec<u8>>,
    spki: Vec<u8>,
}

impl std::fmt::Debug for Pkcs11Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pkcs11Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Pkcs11Key {
    /// Finds a key and logs in to its token. The PIN is tried once at most.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(uri: &KeyUri, opening: &Opening<'_>) -> Result<Self, TokenError> {
        let module = Module::load(uri.module_path.as_deref().ok_or(TokenError::ModuleNotGiven)?)?;
        let tokens = module.tokens()?;
        let present = tokens.iter().map(|(_, info)| info.label().to_owned()).collect();
        let mut fitting = tokens.into_iter().filter(|(slot, info)| fits(uri, slot.id(), info));
        let (slot, info) = fitting.next().ok_or(TokenError::TokenNotFound { present })?;
        if let Some((_, other)) = fitting.next() {
            let name = |info: &TokenInfo| format!("{} (serial {})", info.label(), info.serial_number());
            return Err(TokenError::AmbiguousToken { tokens: vec![name(&info), name(&other)] });
        }
        let read = uri.pin_source.as_deref().filter(|_| opening.pin.is_none()).map(keystore::read_pin);
        let read = read.transpose()?;
        let lease = module.token(slot, &info).lease(opening.pin.or(read.as_ref()), opening.tries)?;
        let found = lease.with(|session, _| Found::search(session, uri, opening.certificates))?;
        Self::new(lease, found, opening)
    }

    fn new(lease: Lease, found: Found, opening: &Opening<'_>) -> Result<Self, TokenError> {
        let (leaf, issuers) = found.certificates.split_first().ok_or(KeyError::NoCertificate)?;
        let facts = leaf.public_key().ok_or(KeyError::NoCertificate)?;
        let usual = usual_algorithm(facts, opening.padding)?;
        let algorithm = opening.digest.map_or(Ok(usual), |digest| with_digest(usual, digest))?;
        let offered = lease.token().module.context.get_mechanism_list(lease.token().slot)?;
        let hashing = mechanism::choose(algorithm, &offered, found.asks_each_time)?;
        let der = |certificate: &Certificate| certificate.der().to_vec();
        Ok(Self {
            key: found.key,
            algorithm,
            hashing,
            asks_each_time: found.asks_each_time,
            certificates: std::iter::once(leaf).chain(issuers).map(der).collect(),
            spki: leaf.spki_der().to_vec(),
            lease,
        })
    }

    fn sign_in(&self, session: &Session, pin: Option<&Pin>, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let missing = || TokenError::MechanismMissing { needed: self.algorithm.name() };
        let mechanism = mechanism::mechanism(self.algorithm, self.hashing).ok_or_else(missing)?;
        let input = mechanism::input(self.algorithm, self.hashing, message);
        if !self.asks_each_time {
            return Ok(session.sign(&mechanism, self.key, &input)?);
        }
        session.sign_init(&mechanism, self.key)?;
        let secret = pin.map(|pin| AuthPin::from(pin.expose()));
        session.login(UserType::ContextSpecific, secret.as_ref()).map_err(|error| match error {
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
                TokenError::WrongPin { tries_left: None }
            }
            other => other.into(),
        })?;
        session.sign_update(&input)?;
        Ok(session.sign_final()?)
    }
}

impl Signer for Pkcs11Key {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Asks the token once. What it answers is checked with the certificate before it is used.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let answer = self.lease.with(|session, pin| self.sign_in(session, pin, message))?;
        let signature = mechanism::output(self.algorithm, answer);
        match verify(self.algorithm, &self.spki, message, &signature) {
            Ok(true) => Ok(signature),
            _ => Err(KeyError::KeyDoesNotMatchCertificate),
        }
    }
}

fn fits(uri: &KeyUri, slot: u64, info: &TokenInfo) -> bool {
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    same(&uri.token, info.label())
        && same(&uri.serial, info.serial_number())
        && same(&uri.manufacturer, info.manufacturer_id())
        && same(&uri.model, info.model())
        && uri.slot_id.is_none_or(|wanted| wanted == slot)
}

/// A private key, and its certificate followed by its issuers.
struct Found {
    key: ObjectHandle,
    asks_each_time: bool,
    certificates: Vec<Certificate>,
}

impl Found {
    fn search(session: &Session, uri: &KeyUri, given: &[Vec<u8>]) -> Result<Self, TokenError> {
        let key = private_key(session, uri)?;
        let about = PrivateKey::read(session, key)?;
        let public = about.public_value(session)?;
        let mut pool = certificates(session)?;
        let outside = given.iter().filter_map(|der| Certificate::parse(der).ok());
        pool.extend(outside.map(|certificate| (None, certificate)));
        let belongs = |certificate: &Certificate| {
            about.is_kind_of(certificate)
                && public.as_deref().is_none_or(|value| contains(certificate.spki_der(), value))
        };
        // By id; a certificate without one belongs if it holds the key's public half.
        let fits = |(id, certificate): &&Candidate| match (id, &public) {
            (Some(id), _) if !id.is_empty() => *id == about.id && belongs(certificate),
            (_, Some(_)) => belongs(certificate),
            // Given by the caller for a key that shows nothing of itself: the first signature tells.
            (None, None) => about.is_kind_of(certificate) && !certificate.is_ca(),
            (Some(_), None) => false,
        };
        // What the caller gives goes first; then the newest, for after a renewal the old one may still
        // lie in the token.
        let rank = |(id, certificate): &&Candidate| (id.is_none(), certificate.not_after().unix());
        let leaf = pool.iter().filter(fits).max_by_key(rank);
        let (_, leaf) = leaf.ok_or_else(|| TokenError::NoCertificate { id: hex(&about.id) })?;
        let others: Vec<&Certificate> = pool.iter().map(|(_, certificate)| certificate).collect();
        Ok(Self { key, asks_each_time: about.asks_each_time, certificates: chain(leaf, &others) })
    }
}

/// The one private key that fits.
fn private_key(session: &Session, uri: &KeyUri) -> Result<ObjectHandle, TokenError> {
    let mut wanted = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
    wanted.extend(uri.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
    wanted.extend(uri.id.as_ref().map(|id| Attribute::Id(id.clone())));
    let found = session.find_objects(&wanted)?;
    match found.as_slice() {
        [] => Err(TokenError::KeyNotFound),
        [key] => Ok(*key),
        several => {
            let name = |key: &ObjectHandle| {
                let about = PrivateKey::read(session, *key).ok()?;
                Some(format!("{} (id {})", about.label, hex(&about.id)))
            };
            Err(TokenError::AmbiguousKey { keys: several.iter().take(16).filter_map(name).collect() })
        }
    }
}

/// What a private key shows of itself.
struct PrivateKey {
    kind: Option<KeyType>,
    id: Vec<u8>,
    label: String,
    modulus: Option<Vec<u8>>,
    asks_each_time: bool,
}

impl PrivateKey {
    fn read(session: &Session, key: ObjectHandle) -> Result<Self, TokenError> {
        let wanted = [
            AttributeType::KeyType,
            AttributeType::Id,
            AttributeType::Label,
            AttributeType::Modulus,
            AttributeType::AlwaysAuthenticate,
        ];
        let mut about =
            Self { kind: None, id: Vec::new(), label: String::new(), modulus: None, asks_each_time: false };
        for attribute in session.get_attributes(key, &wanted)? {
            match attribute {
                Attribute::KeyType(kind) => about.kind = Some(kind),
                Attribute::Id(id) => about.id = id,
                Attribute::Label(label) => about.label = String::from_utf8_lossy(&label).into_owned(),
                Attribute::Modulus(modulus) => about.modulus = Some(modulus).filter(|m| !m.is_empty()),
                Attribute::AlwaysAuthenticate(asks) => about.asks_each_time = asks,
                _ => {}
            }
        }
        Ok(about)
    }

    /// Modulus or point: what a certificate of this key must contain. None if the token shows neither.
    fn public_value(&self, session: &Session) -> Result<Option<Vec<u8>>, TokenError> {
        if self.modulus.is_some() || self.id.is_empty() {
            return Ok(self.modulus.clone());
        }
        let wanted = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Id(self.id.clone())];
        let Some(key) = session.find_objects(&wanted)?.into_iter().next() else { return Ok(None) };
        let shown = session.get_attributes(key, &[AttributeType::EcPoint])?;
        Ok(shown.into_iter().find_map(|attribute| match attribute {
            Attribute::EcPoint(point) => Some(bare_point(&point)).filter(|point| !point.is_empty()),
            _ => None,
        }))
    }

    fn is_kind_of(&self, certificate: &Certificate) -> bool {
        let Some(facts) = certificate.public_key() else { return false };
        let is = match facts.kind {
            PublicKeyKind::Rsa | PublicKeyKind::RsaPss => KeyType::RSA,
            PublicKeyKind::Ed25519 | PublicKeyKind::Ed448 => KeyType::EC_EDWARDS,
            _ => KeyType::EC,
        };
        self.kind.is_none_or(|kind| kind == is)
    }
}

/// CKA_EC_POINT is an OCTET STRING around the point (PKCS#11 3.0 2.3.3); some tokens leave that out.
fn bare_point(point: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(point);
    let inner = reader.expect(tag::OCTET_STRING).ok().filter(|_| reader.is_empty());
    inner.map_or(point, |inner| inner.content).to_vec()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && bytes.windows(part.len()).any(|window| window == part)
}

/// A certificate with its CKA_ID; without one if it was given by the caller.
type Candidate = (Option<Vec<u8>>, Certificate);

/// Every readable certificate of the token with its CKA_ID, which may be empty.
fn certificates(session: &Session) -> Result<Vec<Candidate>, TokenError> {
    let mut found = Vec::new();
    let objects = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])?;
    for object in objects.into_iter().take(MOST_CERTIFICATES) {
        let (mut id, mut der) = (Vec::new(), Vec::new());
        for attribute in session.get_attributes(object, &[AttributeType::Id, AttributeType::Value])? {
            match attribute {
                Attribute::Id(value) => id = value,
                Attribute::Value(value) => der = value,
                _ => {}
            }
        }
        found.extend(Certificate::parse(&der).ok().map(|certificate| (Some(id), certificate)));
    }
    Ok(found)
}

/// The certificate and those above it, as far as they are known.
fn chain(leaf: &Certificate, pool: &[&Certificate]) -> Vec<Certificate> {
    let mut chain = vec![leaf.clone()];
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued() && chain.len() < LONGEST_CHAIN) {
        let issued = |issuer: &&&Certificate| {
            issuer.raw_subject() == last.raw_issuer() && last.is_signed_by(issuer.spki_der()) == Ok(true)
        };
        let Some(issuer) = pool.iter().find(issued) else { break };
        if chain.iter().any(|known| known.der() == issuer.der()) {
            break;
        }
        chain.push((**issuer).clone());
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_found_with_and_without_its_wrapping() {
        let point = [4, 1, 2, 3, 4];
        assert_eq!(bare_point(&[4, 5, 4, 1, 2, 3, 4]), point);
        assert_eq!(bare_point(&point), point, "0x04 is also the tag of an OCTET STRING: the length decides");
        assert!(contains(&[0, 4, 1, 2, 3, 4], &point) && !contains(&[1], &[]));
    }
}
