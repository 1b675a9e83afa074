//! Addresses of keys in tokens: `pkcs11:` URIs (RFC 7512).
//!
//! Strict: an attribute that is not understood could have been what tells two keys apart, so it is
//! refused, not ignored. A PIN inside an address is refused too: command lines and address lists are
//! read by others.

use super::error::TokenError;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

const SCHEME: &str = "pkcs11:";
/// Longer than any address a token's fixed-size names can fill.
const LONGEST: usize = 4096;

/// Which key in which token, through which module. What is absent fits anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyUri {
    /// The token's label.
    pub token: Option<String>,
    /// The token's serial number.
    pub serial: Option<String>,
    /// The token's manufacturer.
    pub manufacturer: Option<String>,
    /// The token's model.
    pub model: Option<String>,
    /// Number of the slot the token is in.
    pub slot_id: Option<u64>,
    /// The key's label (CKA_LABEL).
    pub object: Option<String>,
    /// The key's id (CKA_ID).
    pub id: Option<Vec<u8>>,
    /// The PKCS#11 library that speaks to the token.
    pub module_path: Option<PathBuf>,
    /// File whose first line is the PIN.
    pub pin_source: Option<PathBuf>,
}

impl KeyUri {
    /// Whether a text is meant as such an address.
    pub fn is_one(text: &str) -> bool {
        text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`TokenError::BadUri`] with what is wrong.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if !Self::is_one(text) || text.len() > LONGEST {
            return Err(TokenError::bad_uri("an address begins with pkcs11:"));
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        for (name, value) in attributes(path, ';')? {
            uri.take_path(name, value)?;
        }
        for (name, value) in attributes(query, '&')? {
            uri.take_query(name, value)?;
        }
        Ok(uri)
    }

    fn take_path(&mut self, name: &str, value: Vec<u8>) -> Result<(), TokenError> {
        match name {
            "token" => once(&mut self.token, name, utf8(name, value)?),
            "serial" => once(&mut self.serial, name, utf8(name, value)?),
            "manufacturer" => once(&mut self.manufacturer, name, utf8(name, value)?),
            "model" => once(&mut self.model, name, utf8(name, value)?),
            "object" => once(&mut self.object, name, utf8(name, value)?),
            "id" => once(&mut self.id, name, value),
            "slot-id" => {
                let number = utf8(name, value)?.parse();
                let number = number.map_err(|_| TokenError::bad_uri("slot-id is not a number"))?;
                once(&mut self.slot_id, name, number)
            }
            // Only private keys sign; the word may stand there and changes nothing.
            "type" if value == b"private" => Ok(()),
            "type" => Err(TokenError::bad_uri("type must be private")),
            "module-path" | "pin-source" => {
                Err(TokenError::bad_uri(format!("{name} belongs after the question mark")))
            }
            _ => Err(TokenError::bad_uri(format!("{name} is not understood"))),
        }
    }

    fn take_query(&mut self, name: &str, value: Vec<u8>) -> Result<(), TokenError> {
        match name {
            "module-path" => once(&mut self.module_path, name, PathBuf::from(utf8(name, value)?)),
            "pin-source" => {
                let text = utf8(name, value)?;
                let path = text.strip_prefix("file:").unwrap_or(&text);
                // file:///path has an empty host (RFC 8089).
                let path = path.strip_prefix("//").unwrap_or(path);
                if !path.starts_with('/') {
                    return Err(TokenError::bad_uri("pin-source is not the absolute path of a file"));
                }
                once(&mut self.pin_source, name, PathBuf::from(path))
            }
            "pin-value" => Err(TokenError::bad_uri("a PIN has no place in an address: use a PIN file")),
            _ => Err(TokenError::bad_uri(format!("{name} is not understood"))),
        }
    }

    /// The same address for a key of this label and id.
    pub fn of_key(&self, object: Option<&str>, id: Option<&[u8]>) -> Self {
        Self { object: object.map(str::to_owned), id: id.map(<[u8]>::to_vec), ..self.clone() }
    }
}

/// The address as RFC 7512 writes it; [`KeyUri::parse`] reads it again.
impl fmt::Display for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.slot_id.map(|number| number.to_string());
        let parts = [
            ("token", self.token.as_deref().map(str::as_bytes)),
            ("manufacturer", self.manufacturer.as_deref().map(str::as_bytes)),
            ("model", self.model.as_deref().map(str::as_bytes)),
            ("serial", self.serial.as_deref().map(str::as_bytes)),
            ("slot-id", slot.as_deref().map(str::as_bytes)),
            ("object", self.object.as_deref().map(str::as_bytes)),
            ("id", self.id.as_deref()),
        ];
        let path = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value?))));
        write!(f, "{SCHEME}{}", path.collect::<Vec<_>>().join(";"))?;
        let file = |path: &Path| escaped(path.to_string_lossy().as_bytes());
        let query = [
            self.module_path.as_deref().map(|path| format!("module-path={}", file(path))),
            self.pin_source.as_deref().map(|path| format!("pin-source=file:{}", file(path))),
        ];
        let query: Vec<String> = query.into_iter().flatten().collect();
        if query.is_empty() { Ok(()) } else { write!(f, "?{}", query.join("&")) }
    }
}

fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), TokenError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(TokenError::bad_uri(format!("{name} stands there twice"))),
    }
}

fn utf8(name: &str, value: Vec<u8>) -> Result<String, TokenError> {
    String::from_utf8(value).map_err(|_| TokenError::bad_uri(format!("{name} is not UTF-8")))
}

/// `name=value` pairs, values decoded.
fn attributes(text: &str, separator: char) -> Result<Vec<(&str, Vec<u8>)>, TokenError> {
    let pairs = text.split(separator).filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| TokenError::bad_uri("name=value is wanted"))?;
        Ok((name, unescaped(value)?))
    });
    pairs.collect()
}

/// Percent-decoding (RFC 3986 2.1).
fn unescaped(text: &str) -> Result<Vec<u8>, TokenError> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let value = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        decoded.push(value.ok_or_else(|| TokenError::bad_uri("% needs two hexadecimal digits"))?);
    }
    Ok(decoded)
}

/// Everything but letters, digits and a few harmless signs as `%XX`.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_attribute_that_names_a_key() {
        let text = "pkcs11:token=V%C4%83n%20ph%C3%B2ng;serial=0a1b;manufacturer=ACME;model=m;slot-id=7;\
                    object=a%3Bb;id=%01%fF;type=private?module-path=/usr/lib/x.so&pin-source=file:///run/pin";
        let uri = KeyUri::parse(text).unwrap();
        let expected = KeyUri {
            token: Some("Văn phòng".into()),
            serial: Some("0a1b".into()),
            manufacturer: Some("ACME".into()),
            model: Some("m".into()),
            slot_id: Some(7),
            object: Some("a;b".into()),
            id: Some(vec![1, 255]),
            module_path: Some("/usr/lib/x.so".into()),
            pin_source: Some("/run/pin".into()),
        };
        assert_eq!(uri, expected);
        assert_eq!(KeyUri::parse(&uri.to_string()).unwrap(), uri, "written and read again: {uri}");
        assert_eq!(KeyUri::parse("PKCS11:").unwrap(), KeyUri::default(), "any key of any token");
    }

    #[test]
    fn refuses_what_could_name_another_key_than_was_meant() {
        for (text, why) in [
            ("pkcs:token=a", "another scheme"),
            ("pkcs11:token=a;token=b", "said twice"),
            ("pkcs11:tokn=a", "misspelt, would fit any token"),
            ("pkcs11:token", "no value"),
            ("pkcs11:id=%1", "half a byte"),
            ("pkcs11:id=%+1", "not hexadecimal"),
            ("pkcs11:object=%ff", "a label that is not UTF-8"),
            ("pkcs11:slot-id=-1", "no slot number"),
            ("pkcs11:type=cert", "certificates do not sign"),
            ("pkcs11:module-path=/x.so", "a query attribute in the path"),
            ("pkcs11:?module-name=x", "would be searched for in folders we do not choose"),
            ("pkcs11:?pin-value=1234", "a PIN that other users read in the list of processes"),
            ("pkcs11:?pin-source=pin.txt", "relative to nobody knows what"),
            ("pkcs11:?pin-source=%7Crun", "RFC 7512's commands are not run"),
        ] {
            assert_eq!(KeyUri::parse(text).unwrap_err().code(), "bad_key_uri", "{text}: {why}");
        }
        assert!(KeyUri::parse(&format!("pkcs11:token={}", "a".repeat(LONGEST))).is_err());
    }
}
