//! The people of the attack files: an authority with a leader, an organisation's seal and a time-stamping
//! unit below it, and an attacker who made authorities of the same names. Everything follows from names:
//! keys are hashes of their names and ECDSA is deterministic, so the files come out the same every time.

use std::sync::OnceLock;

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::md::Md;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::{NonceType, PkeyCtx};
use openssl::sha::{sha1, sha256};
use sign_core::crypto::der::{self, tag};

const COMMON_NAME: &str = "2.5.4.3";
const COUNTRY: &str = "2.5.4.6";
const ORGANISATION: &str = "2.5.4.10";
const TITLE: &str = "2.5.4.12";
const PRINTABLE: u8 = 0x13;
/// Where revocation lists are said to be: nowhere, by RFC 2606. Who looks at revocation only if a certificate
/// names a place, looks.
const LIST: &str = "http://crl.invalid/a";
/// id-kp-timeStamping.
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// Bits of `/KeyUsage`, as the octets of its BIT STRING.
pub(super) const CERT_SIGN: &[u8] = &[1, 0x06];
pub(super) const SIGN: &[u8] = &[6, 0xc0];
const ENCIPHER: &[u8] = &[5, 0x20];

/// A key and the certificate that was issued to it.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) key: PKey<Private>,
    pub(super) der: Vec<u8>,
    /// DER of subject, issuer and serial number.
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) serial: Vec<u8>,
}

impl Identity {
    /// IssuerAndSerialNumber.
    pub(super) fn sid(&self) -> Vec<u8> {
        der::sequence(&[&self.issuer, &self.serial])
    }

    /// The public key as a BIT STRING holds it.
    pub(super) fn point(&self) -> Vec<u8> {
        let (group, mut context) = (curve(), BigNumContext::new().unwrap());
        let key = self.key.ec_key().unwrap();
        let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
        key.public_key().to_bytes(&group, form, &mut context).unwrap()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut context = PkeyCtx::new(&self.key).unwrap();
        context.sign_init().unwrap();
        context.set_signature_md(Md::sha256()).unwrap();
        context.set_nonce_type(NonceType::DETERMINISTIC_K).unwrap();
        let mut value = Vec::new();
        context.sign_to_vec(&sha256(message), &mut value).unwrap();
        value
    }
}

fn curve() -> EcGroup {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()
}

/// The key that a name stands for.
fn key(name: &str) -> PKey<Private> {
    let (group, mut context) = (curve(), BigNumContext::new().unwrap());
    let number = BigNum::from_slice(&sha256(format!("worthless test key of {name}").as_bytes())).unwrap();
    let mut point = EcPoint::new(&group).unwrap();
    point.mul_generator2(&group, &number, &mut context).unwrap();
    let key = EcKey::from_private_components(&group, &number, &point).unwrap();
    key.check_key().unwrap();
    PKey::from_ec_key(key).unwrap()
}

pub(super) fn ecdsa_with_sha256() -> Vec<u8> {
    der::sequence(&[&der::oid("1.2.840.10045.4.3.2")])
}

/// `Name` of attribute types and values.
fn name(parts: &[(&str, &str)]) -> Vec<u8> {
    let sets: Vec<Vec<u8>> = parts
        .iter()
        .map(|(oid, value)| {
            let kind = if *oid == COUNTRY { PRINTABLE } else { tag::UTF8_STRING };
            let pair = der::sequence(&[&der::oid(oid), &der::element(kind, value.as_bytes())]);
            der::container(tag::SET, &[&pair])
        })
        .collect();
    der::sequence(&sets.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::element(tag::BOOLEAN, &[0xff]) } else { Vec::new() };
    der::sequence(&[&der::oid(oid), &critical, &der::octet_string(value)])
}

/// What a certificate is to say.
pub(super) struct Spec<'a> {
    /// Whose key it is.
    pub(super) key: &'a str,
    pub(super) subject: &'a [(&'a str, &'a str)],
    pub(super) serial: u64,
    /// None: its own.
    pub(super) issuer: Option<&'a Identity>,
    /// Some: an authority, with this pathLenConstraint.
    pub(super) authority: Option<Option<u64>>,
    pub(super) usage: &'a [u8],
    /// UTCTime.
    pub(super) validity: [&'a str; 2],
    /// Whose key identifier it carries; an attacker may write any.
    pub(super) key_id_of: Option<&'a Identity>,
    pub(super) more: Vec<Vec<u8>>,
}

const VALID: [&str; 2] = ["260101000000Z", "491231235959Z"];

impl<'a> Spec<'a> {
    fn authority(key: &'a str, subject: &'a [(&'a str, &'a str)], issuer: Option<&'a Identity>) -> Self {
        Self {
            key,
            subject,
            serial: 1,
            issuer,
            authority: Some(None),
            usage: CERT_SIGN,
            validity: VALID,
            key_id_of: None,
            more: Vec::new(),
        }
    }

    fn leaf(key: &'a str, subject: &'a [(&'a str, &'a str)], issuer: &'a Identity) -> Self {
        Self { authority: None, usage: SIGN, ..Self::authority(key, subject, Some(issuer)) }
    }

    fn make(self) -> Identity {
        let key = key(self.key);
        let subject = name(self.subject);
        let issuer_name = self.issuer.map_or(&subject, |issuer| &issuer.subject).clone();
        let own = Identity {
            key,
            der: Vec::new(),
            subject,
            issuer: issuer_name.clone(),
            serial: der::integer(self.serial),
        };
        let key_id = |of: &Identity| sha1(&of.point());
        let mut extensions = Vec::new();
        if let Some(length) = self.authority {
            let length = length.map(der::integer).unwrap_or_default();
            let constraints = der::sequence(&[&der::element(tag::BOOLEAN, &[0xff]), &length]);
            extensions.push(extension("2.5.29.19", true, &constraints));
        }
        extensions.push(extension("2.5.29.15", true, &der::element(tag::BIT_STRING, self.usage)));
        let shown = self.key_id_of.unwrap_or(&own);
        extensions.push(extension("2.5.29.14", false, &der::octet_string(&key_id(shown))));
        if let Some(issuer) = self.issuer {
            let id = der::element(tag::context_primitive(0), &key_id(issuer));
            extensions.push(extension("2.5.29.35", false, &der::sequence(&[&id])));
            let address = der::element(tag::context_primitive(6), LIST.as_bytes());
            let name = der::container(tag::context(0), &[&der::container(tag::context(0), &[&address])]);
            extensions.push(extension("2.5.29.31", false, &der::sequence(&[&der::sequence(&[&name])])));
        }
        extensions.extend(self.more);
        let extensions = der::sequence(&extensions.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let [from, to] = self.validity.map(|time| der::element(tag::UTC_TIME, time.as_bytes()));
        let body = der::sequence(&[
            &der::container(tag::context(0), &[&der::integer(2)]),
            &own.serial,
            &ecdsa_with_sha256(),
            &own.issuer,
            &der::sequence(&[&from, &to]),
            &own.subject,
            &own.key.public_key_to_der().unwrap(),
            &der::container(tag::context(3), &[&extensions]),
        ]);
        let signature = self.issuer.unwrap_or(&own).sign(&body);
        let signature = der::element(tag::BIT_STRING, &[&[0], signature.as_slice()].concat());
        Identity { der: der::sequence(&[&body, &ecdsa_with_sha256(), &signature]), ..own }
    }
}

/// Everybody there is.
pub(super) struct People {
    /// The one that is trusted.
    pub(super) root: Identity,
    pub(super) issuing: Identity,
    pub(super) leader: Identity,
    pub(super) seal: Identity,
    pub(super) tsa: Identity,
    /// The leader's certificate of before: it ended in June 2026.
    pub(super) leader_before: Identity,
    /// Below the same authority, and not to be trusted with others' letters.
    pub(super) insider: Identity,
    /// The same names as the real ones, the attacker's keys.
    pub(super) false_root: Identity,
    pub(super) false_issuing: Identity,
    pub(super) false_leader: Identity,
    pub(super) false_tsa: Identity,
    /// An authority of the attacker's in the real issuing authority's name, with its key identifier and
    /// said to be issued by the real root.
    pub(super) pretended_issuing: Identity,
    pub(super) pretended_leader: Identity,
    /// Issued by the leader, who is no authority.
    pub(super) by_leader: Identity,
    /// Below an authority that may have none below it.
    pub(super) short_issuing: Identity,
    pub(super) too_deep_issuing: Identity,
    pub(super) too_deep: Identity,
    /// An authority that had ended when the letter was signed.
    pub(super) ended_issuing: Identity,
    pub(super) by_ended: Identity,
    /// An authority for one organisation's names only.
    pub(super) narrow_issuing: Identity,
    pub(super) outside_names: Identity,
    /// An authority's certificate that may not sign certificates.
    pub(super) idle_issuing: Identity,
    pub(super) by_idle: Identity,
    /// The leader again, with a key for encryption only; with a critical extension nobody knows.
    pub(super) encipherer: Identity,
    pub(super) critical: Identity,
}

const ROOT: &[(&str, &str)] = &[(COUNTRY, "VN"), (COMMON_NAME, "TEST Root")];
const ISSUING: &[(&str, &str)] = &[(COUNTRY, "VN"), (COMMON_NAME, "TEST Issuing CA")];
const OFFICE: (&str, &str) = (ORGANISATION, "UBND xã Giao Thuỷ");
const LEADER: &[(&str, &str)] = &[(COUNTRY, "VN"), OFFICE, (TITLE, "Chủ tịch"), (COMMON_NAME, "Trần Văn A")];
const SEAL: &[(&str, &str)] = &[(COUNTRY, "VN"), OFFICE, (COMMON_NAME, "UBND xã Giao Thuỷ")];
const INSIDER: &[(&str, &str)] = &[(COUNTRY, "VN"), OFFICE, (COMMON_NAME, "Lê Thị B")];
const TSA: &[(&str, &str)] = &[(COUNTRY, "VN"), (COMMON_NAME, "TEST TSA")];

pub(super) fn people() -> &'static People {
    static PEOPLE: OnceLock<People> = OnceLock::new();
    PEOPLE.get_or_init(make)
}

fn issuing<'a>(key: &'a str, root: &'a Identity) -> Spec<'a> {
    Spec { serial: 2, ..Spec::authority(key, ISSUING, Some(root)) }
}

fn stamping() -> Vec<Vec<u8>> {
    vec![extension("2.5.29.37", true, &der::sequence(&[&der::oid(TIME_STAMPING)]))]
}

fn make() -> People {
    let root = Spec::authority("root", ROOT, None).make();
    let real_issuing = issuing("issuing", &root).make();
    let leader = Spec { serial: 3, ..Spec::leaf("leader", LEADER, &real_issuing) }.make();
    let seal = Spec { serial: 4, ..Spec::leaf("seal", SEAL, &real_issuing) }.make();
    let tsa = Spec { serial: 5, more: stamping(), ..Spec::leaf("tsa", TSA, &real_issuing) }.make();
    let insider = Spec { serial: 6, ..Spec::leaf("insider", INSIDER, &real_issuing) }.make();
    let leader_before = Spec {
        serial: 7,
        validity: ["260101000000Z", "260630235959Z"],
        ..Spec::leaf("leader before", LEADER, &real_issuing)
    }
    .make();
    let false_root = Spec::authority("false root", ROOT, None).make();
    let false_issuing = issuing("false issuing", &false_root).make();
    let false_leader = Spec { serial: 3, ..Spec::leaf("false leader", LEADER, &false_issuing) }.make();
    let false_tsa =
        Spec { serial: 5, more: stamping(), ..Spec::leaf("false tsa", TSA, &false_issuing) }.make();
    // Issued by the attacker's root, whose name is the real one's; the key identifiers are the real ones.
    let pretended_issuing =
        Spec { key_id_of: Some(&real_issuing), ..issuing("false issuing", &false_root) }.make();
    let pretended_leader = Spec {
        serial: 3,
        key_id_of: Some(&leader),
        ..Spec::leaf("false leader", LEADER, &pretended_issuing)
    }
    .make();
    let minister = &[(COUNTRY, "VN"), (ORGANISATION, "Bộ"), (COMMON_NAME, "Nguyễn Văn C")];
    let by_leader = Spec { serial: 8, ..Spec::leaf("false leader", minister, &leader) }.make();
    let short = [(COUNTRY, "VN"), (COMMON_NAME, "TEST Issuing CA without others")];
    let short_issuing =
        Spec { serial: 9, authority: Some(Some(0)), ..Spec::authority("short issuing", &short, Some(&root)) }
            .make();
    let deep = [(COUNTRY, "VN"), (COMMON_NAME, "TEST Another issuing CA")];
    let too_deep_issuing =
        Spec { serial: 10, ..Spec::authority("too deep issuing", &deep, Some(&short_issuing)) }.make();
    let too_deep = Spec { serial: 11, ..Spec::leaf("too deep", LEADER, &too_deep_issuing) }.make();
    let ended = [(COUNTRY, "VN"), (COMMON_NAME, "TEST Issuing CA of before")];
    let ended_issuing = Spec {
        serial: 12,
        validity: ["200101000000Z", "251231235959Z"],
        ..Spec::authority("ended issuing", &ended, Some(&root))
    }
    .make();
    let by_ended = Spec { serial: 13, ..Spec::leaf("by ended", LEADER, &ended_issuing) }.make();
    let narrow = [(COUNTRY, "VN"), (COMMON_NAME, "TEST Issuing CA of one office")];
    let allowed = name(&[(COUNTRY, "VN"), (ORGANISATION, "UBND xã Khác")]);
    let subtree = der::sequence(&[&der::container(tag::context(4), &[&allowed])]);
    let constraints = der::sequence(&[&der::container(tag::context(0), &[&subtree])]);
    let narrow_issuing = Spec {
        serial: 14,
        more: vec![extension("2.5.29.30", true, &constraints)],
        ..Spec::authority("narrow issuing", &narrow, Some(&root))
    }
    .make();
    let outside_names = Spec { serial: 15, ..Spec::leaf("outside names", LEADER, &narrow_issuing) }.make();
    let idle = [(COUNTRY, "VN"), (COMMON_NAME, "TEST CA that signs no certificates")];
    let idle_issuing =
        Spec { serial: 16, usage: SIGN, ..Spec::authority("idle issuing", &idle, Some(&root)) }.make();
    let by_idle = Spec { serial: 17, ..Spec::leaf("by idle", LEADER, &idle_issuing) }.make();
    let encipherer =
        Spec { serial: 18, usage: ENCIPHER, ..Spec::leaf("encipherer", LEADER, &real_issuing) }.make();
    let unknown = vec![extension("1.3.6.1.4.1.99999.1", true, &der::null())];
    let critical = Spec { serial: 19, more: unknown, ..Spec::leaf("critical", LEADER, &real_issuing) }.make();
    People {
        issuing: real_issuing,
        root,
        leader,
        seal,
        tsa,
        leader_before,
        insider,
        false_root,
        false_issuing,
        false_leader,
        false_tsa,
        pretended_issuing,
        pretended_leader,
        by_leader,
        short_issuing,
        too_deep_issuing,
        too_deep,
        ended_issuing,
        by_ended,
        narrow_issuing,
        outside_names,
        idle_issuing,
        by_idle,
        encipherer,
        critical,
    }
}

/// What stands in `fixtures/pki`: names of files and their text.
pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    let people = people();
    let named = [
        ("root", &people.root, "the trusted root of the attack files"),
        ("issuing", &people.issuing, "the issuing authority below it"),
        ("leader", &people.leader, "a person below that"),
        ("seal", &people.seal, "an organisation below that"),
        ("tsa", &people.tsa, "a time-stamping unit below that"),
        ("insider", &people.insider, "another person, honest to nobody"),
        ("false-root", &people.false_root, "the attacker's own root, of the trusted one's name"),
        ("false-issuing", &people.false_issuing, "the attacker's issuing authority, of the real one's name"),
        ("false-leader", &people.false_leader, "the attacker as the person"),
        ("false-tsa", &people.false_tsa, "the attacker as the time-stamping unit"),
    ];
    let mut files = Vec::new();
    for (name, identity, what) in named {
        let certificate = openssl::x509::X509::from_der(&identity.der).unwrap().to_pem().unwrap();
        let key = identity.key.private_key_to_pem_pkcs8().unwrap();
        let label = format!("TEST ONLY: {what}. Its key is public.\n").into_bytes();
        files.push((format!("{name}.pem"), [label, certificate].concat()));
        let label = b"TEST KEY: published, made from its name, worthless. Protects nothing.\n";
        files.push((format!("{name}.key"), [label.as_slice(), &key].concat()));
    }
    files
}
