//! A document's password and the bytes that are made of it.

use super::super::text;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Bytes of a password that count from revision 5 on (7.6.4.3.3).
const MOST_BYTES: usize = 127;

/// A user or owner password. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as typed.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Zeroizing::new(password.into()))
    }

    /// The password itself, for the call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What revisions 2 to 4 may have been given: PDFDocEncoding as the standard says, and UTF-8, as
    /// programs do with letters that PDFDocEncoding lacks.
    pub(super) fn short_forms(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let utf8 = Zeroizing::new(self.0.as_bytes().to_vec());
        match text::encode_pdf_doc(&self.0).map(Zeroizing::new) {
            Some(encoded) if *encoded != *utf8 => vec![encoded, utf8],
            _ => vec![utf8],
        }
    }

    /// What revisions 5 and 6 may have been given: UTF-8 of the text after SASLprep (RFC 4013), and as
    /// typed.
    ///
    /// Of SASLprep only what makes two keyboards agree is done: NFKC, other spaces to a space, and
    /// soft hyphens and joiners dropped. Prohibited characters and direction rules are not checked:
    /// a password that breaks them opens nothing or was accepted by whoever encrypted.
    pub(super) fn long_forms(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let typed = Zeroizing::new(self.0.as_bytes().to_vec());
        let mapped = self.0.chars().filter(|c| !dropped(*c)).map(|c| if is_space(c) { ' ' } else { c });
        let prepared: Zeroizing<String> = Zeroizing::new(mapped.nfkc().collect());
        let prepared = Zeroizing::new(prepared.as_bytes().to_vec());
        let mut forms = if prepared == typed { vec![typed] } else { vec![prepared, typed] };
        for form in &mut forms {
            form.truncate(MOST_BYTES);
        }
        forms
    }
}

/// RFC 3454 table B.1, the part that people can type or paste.
fn dropped(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// RFC 3454 table C.1.2.
fn is_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl From<&str> for Password {
    fn from(password: &str) -> Self {
        Self::new(password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(forms: &[Zeroizing<Vec<u8>>]) -> Vec<&[u8]> {
        forms.iter().map(|form| form.as_slice()).collect()
    }

    #[test]
    fn a_password_typed_on_another_keyboard_is_the_same() {
        // "Số" composed, and as macOS may decompose it.
        let (composed, decomposed) = (Password::new("S\u{1ed1}"), Password::new("So\u{302}\u{301}"));
        assert_eq!(composed.long_forms()[0], decomposed.long_forms()[0]);
        assert_eq!(texts(&Password::new("a\u{a0}b\u{ad}").long_forms())[0], b"a b");
    }

    #[test]
    fn old_handlers_are_offered_both_encodings() {
        assert_eq!(texts(&Password::new("é").short_forms()), [&b"\xe9"[..], "é".as_bytes()]);
        assert_eq!(texts(&Password::new("ố").short_forms()), ["ố".as_bytes()]);
        assert_eq!(texts(&Password::new("plain").short_forms()), [b"plain"]);
    }

    #[test]
    fn only_127_bytes_count_and_nothing_is_shown() {
        let long = Password::new("x".repeat(300));
        assert_eq!(long.long_forms()[0].len(), 127);
        assert_eq!(format!("{long:?}"), "Password(hidden)");
    }
}
