//! What a caller asks for when signing. Plain data; nothing is read or checked here.

use crate::pades::appearance::Appearance;
use crate::time::Time;

/// A box on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Page, counted from 0.
    pub page: usize,
    /// `[x0, y0, x1, y1]` in default user space units (1/72 inch, origin bottom left).
    pub rect: [f64; 4],
}

/// Which signature field takes the signature.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldChoice {
    /// The field of this fully qualified name, which must exist and be empty.
    Existing(String),
    /// A new field; without a name the first free `Signature1`, `Signature2`, …; without a place an
    /// invisible one.
    New {
        /// Partial name, without a dot.
        name: Option<String>,
        /// Where it shows.
        place: Option<Place>,
    },
    /// The first empty signature field; a new invisible one if there is none.
    FirstEmpty,
}

/// DocMDP permissions after a certification signature (ISO 32000-2 table 257).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocMdp {
    /// No changes.
    NoChanges = 1,
    /// Filling forms and signing.
    FormFilling = 2,
    /// As before, and annotations.
    Annotations = 3,
}

impl DocMdp {
    /// From `/P`.
    pub fn from_p(p: i64) -> Option<Self> {
        match p {
            1 => Some(Self::NoChanges),
            2 => Some(Self::FormFilling),
            3 => Some(Self::Annotations),
            _ => None,
        }
    }

    /// `/P`.
    pub fn p(self) -> i64 {
        self as i64
    }
}

/// The office's word for what this signature does (domain terms of NĐ 30/2020).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// No particular role: an ordinary signature.
    #[default]
    Approval,
    /// Ký nháy: the drafter's or checker's initials.
    Initials,
    /// Ký duyệt: the competent person.
    Leader,
    /// Ký phát hành: the organisation, sealed by the clerk.
    Seal,
    /// Sao y, sao lục, trích sao: the organisation, text at the top right.
    Copy,
    /// A separate appendix file: the organisation, text at the top right.
    Appendix,
    /// Digitised incoming paper: the organisation, text at the top right.
    Incoming,
}

impl Role {
    /// The word used on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Initials => "initials",
            Self::Leader => "leader",
            Self::Seal => "seal",
            Self::Copy => "copy",
            Self::Appendix => "appendix",
            Self::Incoming => "incoming",
        }
    }

    /// From the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Approval, Self::Initials, Self::Leader, Self::Seal, Self::Copy, Self::Appendix, Self::Incoming]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// A text field filled in the same revision as the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// Fully qualified name of a text field that exists.
    pub field: String,
    /// Its new value.
    pub text: String,
}

/// Everything about one signature but the document and the key.
#[derive(Debug, Clone, PartialEq)]
pub struct SignRequest {
    /// Which field.
    pub field: FieldChoice,
    /// Its look; `None` leaves the box empty.
    pub appearance: Option<Appearance>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/Name`; the certificate's common name if absent.
    pub name: Option<String>,
    /// `/ContactInfo`.
    pub contact: Option<String>,
    /// Certify the document; only its first signature can.
    pub certify: Option<DocMdp>,
    /// Text fields to fill in the same revision.
    pub fills: Vec<Fill>,
    /// Signing time, written as `/M`; the certificate must be valid then.
    pub at: Time,
    /// Room for the CMS in bytes; `None` estimates it.
    pub contents_bytes: Option<usize>,
    /// What the signature does.
    pub role: Role,
    /// Allow algorithms that no standard for PDF names yet, such as ML-DSA.
    pub experimental: bool,
}

impl SignRequest {
    /// An invisible approval signature at `at` in the first empty or a new field.
    pub fn new(at: Time) -> Self {
        Self {
            field: FieldChoice::FirstEmpty,
            appearance: None,
            reason: None,
            location: None,
            name: None,
            contact: None,
            certify: None,
            fills: Vec::new(),
            at,
            contents_bytes: None,
            role: Role::Approval,
            experimental: false,
        }
    }
}
