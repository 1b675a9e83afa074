//! Access permissions (ISO 32000-2 table 22). What an application refuses because of them is its own
//! good manners: the key opens everything.

/// Which password opened a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenedAs {
    /// The user password, often empty: the permissions bind.
    User,
    /// The owner password: everything is allowed.
    Owner,
}

impl OpenedAs {
    /// `user` or `owner`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Owner => "owner",
        }
    }
}

/// `/P` with the revision that says what its bits mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    bits: u32,
    revision: u8,
}

/// Bits of table 22, counted from 1 there.
const MODIFY: u32 = 1 << 3;
const ANNOTATE: u32 = 1 << 5;
const FILL: u32 = 1 << 8;
const ASSEMBLE: u32 = 1 << 10;

impl Permissions {
    pub(super) fn new(bits: u32, revision: u8) -> Self {
        Self { bits, revision }
    }

    /// What both allow.
    pub(super) fn both(self, other: Self) -> Self {
        Self { bits: self.bits & other.bits, revision: self.revision }
    }

    fn has(self, bit: u32) -> bool {
        self.bits & bit != 0
    }

    /// Filling in form fields and signing signature fields that exist: bit 6, or bit 9 alone from
    /// revision 3 on.
    pub fn may_fill_fields(self) -> bool {
        self.has(ANNOTATE) || (self.revision >= 3 && self.has(FILL))
    }

    /// Making new form fields, signature fields too: bits 4 and 6 together.
    pub fn may_create_fields(self) -> bool {
        self.has(MODIFY) && self.has(ANNOTATE)
    }

    /// The words for what is allowed, of the bits that concern changes.
    pub fn words(self) -> Vec<&'static str> {
        let newer = self.revision >= 3;
        let all = [
            (self.has(MODIFY), "modify"),
            (self.has(ANNOTATE), "annotate"),
            (self.may_fill_fields(), "fill"),
            (if newer { self.has(ASSEMBLE) } else { self.has(MODIFY) }, "assemble"),
        ];
        all.into_iter().filter_map(|(allowed, word)| allowed.then_some(word)).collect()
    }
}

impl std::fmt::Display for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.bits.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_needs_the_bits_of_table_22() {
        let cases = [
            (0b1_0010_1000, 3, (true, true), "fill, annotate and modify"),
            (0b1_0000_0000, 3, (true, false), "bit 9 alone lets existing fields be signed"),
            (0b0_0010_0000, 3, (true, false), "bit 6 alone fills, and makes no fields"),
            (0b0_0000_1000, 3, (false, false), "bit 4 alone is about other contents"),
            (0b1_0000_0000, 2, (false, false), "revision 2 knows no bit 9"),
            (0, 6, (false, false), "nothing"),
        ];
        for (bits, revision, expected, why) in cases {
            let permissions = Permissions::new(bits, revision);
            assert_eq!((permissions.may_fill_fields(), permissions.may_create_fields()), expected, "{why}");
        }
    }
}
