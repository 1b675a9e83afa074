//! The encryption dictionary of the standard handler (ISO 32000-2 tables 20, 21 and 25).

use super::super::object::{Dictionary, Name, Object};
use super::permission::Permissions;
use super::{Method, Methods};
use crate::error::PdfError;

/// What the dictionary says; lengths are checked here.
pub(super) struct Standard {
    pub(super) revision: u8,
    /// Bytes of the file key.
    pub(super) key_bytes: usize,
    pub(super) owner: Vec<u8>,
    pub(super) user: Vec<u8>,
    /// `/OE`, `/UE` and `/Perms`, from revision 5 on; empty before.
    pub(super) owner_key: Vec<u8>,
    pub(super) user_key: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    /// `/P` as its 32 bits.
    pub(super) bits: u32,
    pub(super) permissions: Permissions,
    pub(super) file_id: Vec<u8>,
    pub(super) methods: Methods,
}

impl Standard {
    pub(super) fn read(entries: &Dictionary, file_id: Vec<u8>) -> Result<Self, PdfError> {
        match entries.get("Filter").and_then(Object::as_name) {
            Some(name) if name == "Standard" => {}
            Some(name) => return Err(unsupported(format!("security handler {name}"))),
            None => return Err(wrong("Filter", "name")),
        }
        let integer =
            |key| entries.get(key).and_then(Object::as_integer).ok_or_else(|| wrong(key, "integer"));
        let (version, revision) = (integer("V")?, integer("R")?);
        let revision = match (version, revision) {
            (1 | 2, 2) => 2,
            (1 | 2, 3) => 3,
            (4, 4) => 4,
            (5, 5) => 5,
            (5, 6) => 6,
            _ => return Err(unsupported(format!("standard handler V {version}, R {revision}"))),
        };
        let key_bytes = key_bytes(entries, version, revision)?;
        let (hash, wrapped) = if revision >= 5 { (48, 32) } else { (32, 0) };
        let bits = bits(integer("P")?)?;
        Ok(Self {
            revision,
            key_bytes,
            owner: string(entries, "O", hash)?,
            user: string(entries, "U", hash)?,
            owner_key: string(entries, "OE", wrapped)?,
            user_key: string(entries, "UE", wrapped)?,
            sealed: string(entries, "Perms", wrapped / 2)?,
            bits,
            permissions: Permissions::new(bits, revision),
            file_id,
            methods: methods(entries, version)?,
        })
    }
}

/// 7.6.4.3.2: five bytes in revision 2, `/Length` bits in revision 3, 128 bits with crypt filters
/// (whose own `/Length` programs write in bytes or in bits), 256 bits after that.
fn key_bytes(entries: &Dictionary, version: i64, revision: u8) -> Result<usize, PdfError> {
    match (version, revision) {
        (1, _) | (_, 2) => Ok(5),
        (2, _) => {
            let bits = entries.get("Length").map_or(Some(40), Object::as_integer);
            let bits = bits.filter(|bits| (40..=128).contains(bits) && bits % 8 == 0);
            let bytes = bits.and_then(|bits| usize::try_from(bits / 8).ok());
            bytes.ok_or_else(|| wrong("Length", "multiple of 8 from 40 to 128"))
        }
        (4, _) => Ok(16),
        _ => Ok(32),
    }
}

/// A 32-bit number, which some programs write without its sign.
fn bits(value: i64) -> Result<u32, PdfError> {
    let signed = i32::try_from(value).ok().map(i32::cast_unsigned);
    signed.or_else(|| u32::try_from(value).ok()).ok_or_else(|| wrong("P", "32-bit integer"))
}

/// The first `length` bytes; some programs pad what they write.
fn string(entries: &Dictionary, key: &'static str, length: usize) -> Result<Vec<u8>, PdfError> {
    let bytes = entries.get(key).and_then(Object::as_string).map_or(&[][..], |string| &string.bytes);
    bytes.get(..length).map(<[u8]>::to_vec).ok_or_else(|| wrong(key, "string of its length"))
}

fn methods(entries: &Dictionary, version: i64) -> Result<Methods, PdfError> {
    let flag = entries.get("EncryptMetadata").and_then(Object::as_boolean);
    let all = |method| Methods {
        strings: method,
        streams: method,
        embedded: method,
        metadata: true,
        named: Vec::new(),
    };
    if version < 4 {
        return Ok(all(Method::Rc4));
    }
    let mut named = Vec::new();
    if let Some(Object::Dictionary(filters)) = entries.get("CF") {
        for (name, filter) in filters.iter() {
            named.push((name.clone(), method(filter, version)?));
        }
    }
    let find = |key: &str, otherwise: Method| match entries.get(key) {
        None | Some(Object::Null) => Ok(otherwise),
        Some(Object::Name(name)) => named_method(&named, name),
        Some(_) => Err(wrong("CF", "names of crypt filters")),
    };
    let streams = find("StmF", Method::Identity)?;
    Ok(Methods {
        strings: find("StrF", Method::Identity)?,
        embedded: find("EFF", streams)?,
        streams,
        metadata: flag.unwrap_or(true),
        named,
    })
}

/// 7.6.6: `/Identity` is always there.
pub(super) fn named_method(named: &[(Name, Method)], name: &Name) -> Result<Method, PdfError> {
    if name == "Identity" {
        return Ok(Method::Identity);
    }
    let found = named.iter().find(|(known, _)| known == name).map(|(_, method)| *method);
    found.ok_or_else(|| wrong("CF", "crypt filter of that name"))
}

fn method(filter: &Object, version: i64) -> Result<Method, PdfError> {
    let name = filter.as_dictionary().and_then(|filter| filter.get("CFM")).and_then(Object::as_name);
    match (name.map(|name| name.as_bytes()), version) {
        (Some(b"V2"), 4) => Ok(Method::Rc4),
        (Some(b"AESV2"), 4) => Ok(Method::AesV2),
        (Some(b"AESV3"), 5) => Ok(Method::AesV3),
        (Some(other), _) => {
            Err(unsupported(format!("crypt filter method {}", String::from_utf8_lossy(other))))
        }
        (None, _) => Err(unsupported("crypt filter without a method".into())),
    }
}

fn wrong(key: &str, expected: &'static str) -> PdfError {
    PdfError::WrongType { object: "Encrypt".into(), key: key.into(), expected }
}

fn unsupported(what: String) -> PdfError {
    PdfError::UnsupportedEncryption { what }
}
