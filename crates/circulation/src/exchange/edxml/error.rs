//! Why a package is not read. The words are in `refusal`.

/// A package that is refused as a whole. Nothing of it may be stored outside a quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdxmlError {
    /// A part is longer than its limit.
    #[error("{what} is longer than {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its limit in bytes.
        limit: usize,
    },
    /// There are more parts than their limit.
    #[error("there are more than {limit} {what}")]
    TooMany {
        /// Which parts.
        what: &'static str,
        /// Their limit.
        limit: usize,
    },
    /// Elements are nested deeper than the limit.
    #[error("elements are nested deeper than {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The bytes are not UTF-8, or declare another encoding.
    #[error("the package is not UTF-8")]
    NotUtf8,
    /// It is not well-formed XML.
    #[error("the XML is not well formed near byte {at}")]
    Malformed {
        /// Where.
        at: u64,
    },
    /// It has a document type declaration.
    #[error("a DOCTYPE is not allowed")]
    DoctypeRefused,
    /// It refers to an entity other than XML's own five.
    #[error("the entity {name:?} is not allowed")]
    EntityRefused {
        /// The entity.
        name: String,
    },
    /// It is wrapped in SOAP.
    #[error("a SOAP envelope is not accepted")]
    SoapRefused,
    /// An element belongs to no namespace or to another than that of QCVN 102:2016.
    #[error("the namespace {namespace:?} is not that of QCVN 102:2016")]
    UnknownNamespace {
        /// The namespace, or the prefix that none was declared for.
        namespace: String,
    },
    /// An element of the envelope has no prefix: exchange platforms refuse that.
    #[error("the element {element} has no edXML prefix")]
    MissingPrefix {
        /// The element.
        element: String,
    },
    /// An obligatory element is absent or empty.
    #[error("the element {element} is missing")]
    MissingElement {
        /// The element.
        element: String,
    },
    /// An element that may occur once occurs again.
    #[error("the element {element} occurs more than once")]
    RepeatedElement {
        /// The element.
        element: String,
    },
    /// An element has a value that is not of its form.
    #[error("the value of {element} is not valid")]
    InvalidValue {
        /// The element.
        element: String,
    },
    /// Not as many attachments as the manifest names.
    #[error("the manifest names {references} files, {attachments} are attached")]
    AttachmentCount {
        /// Named.
        references: usize,
        /// Attached.
        attachments: usize,
    },
    /// An attachment the manifest does not name, or names twice.
    #[error("the attachment {content_id:?} does not match the manifest")]
    AttachmentMismatch {
        /// Its identifier.
        content_id: String,
    },
    /// A new document without a file.
    #[error("no file is attached")]
    NoAttachment,
    /// The content of an attachment is not base64.
    #[error("the content of {name:?} is not base64")]
    BadBase64 {
        /// Its name, made safe.
        name: String,
    },
    /// The content of an attachment is compressed.
    #[error("the content of {name:?} is compressed in an unsupported way")]
    UnsupportedCompression {
        /// Its name, made safe.
        name: String,
    },
    /// The content of an attachment is not what its type says.
    #[error("the content of {name:?} is not of its declared type")]
    ContentMismatch {
        /// Its name, made safe.
        name: String,
    },
}

impl EdxmlError {
    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "edxml_too_large",
            Self::TooMany { .. } => "edxml_too_many",
            Self::TooDeep { .. } => "edxml_too_deep",
            Self::NotUtf8 => "edxml_not_utf8",
            Self::Malformed { .. } => "edxml_malformed",
            Self::DoctypeRefused => "edxml_doctype",
            Self::EntityRefused { .. } => "edxml_entity",
            Self::SoapRefused => "edxml_soap",
            Self::UnknownNamespace { .. } => "edxml_namespace",
            Self::MissingPrefix { .. } => "edxml_missing_prefix",
            Self::MissingElement { .. } => "edxml_missing_element",
            Self::RepeatedElement { .. } => "edxml_repeated_element",
            Self::InvalidValue { .. } => "edxml_invalid_value",
            Self::AttachmentCount { .. } => "edxml_attachment_count",
            Self::AttachmentMismatch { .. } => "edxml_attachment_mismatch",
            Self::NoAttachment => "edxml_no_attachment",
            Self::BadBase64 { .. } => "edxml_base64",
            Self::UnsupportedCompression { .. } => "edxml_compression",
            Self::ContentMismatch { .. } => "edxml_content_mismatch",
        }
    }

    /// The number exchange platforms use for it: 10 a file that is not valid, 22 edXML that is not.
    pub fn platform_code(&self) -> u16 {
        match self {
            Self::AttachmentCount { .. }
            | Self::AttachmentMismatch { .. }
            | Self::NoAttachment
            | Self::BadBase64 { .. }
            | Self::UnsupportedCompression { .. }
            | Self::ContentMismatch { .. } => 10,
            _ => 22,
        }
    }
}
