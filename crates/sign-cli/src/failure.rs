//! Why a command could not be carried out: a stable code and the values a reader needs.

use sign_core::report::model::ErrorWords;
use sign_io::DrawError;
use sign_io::file::FileError;
use sign_io::keystore::KeystoreError;
use sign_io::output::OutputError;
use sign_io::pkcs11::TokenError;
use std::path::Path;

/// One failure; the sentences are made in [`crate::i18n`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Stable word.
    pub(crate) code: String,
    /// A path, a name, a position; may be empty.
    pub(crate) detail: String,
    /// Sentences, where the library that refused makes them itself.
    pub(crate) words: Option<Box<ErrorWords>>,
}

impl Failure {
    /// A failure with what it is about.
    pub(crate) fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), words: None }
    }

    /// The same failure, said about a file.
    pub(crate) fn about(self, path: &Path) -> Self {
        let path = path.display();
        let detail =
            if self.detail.is_empty() { path.to_string() } else { format!("{path}: {}", self.detail) };
        Self { detail, ..self }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let detail = match &error {
            FileError::Other { .. } | FileError::TooLarge { .. } => error.to_string(),
            _ => error.path().display().to_string(),
        };
        Self::new(error.code(), detail)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        let detail = match &error {
            OutputError::Exists(path) | OutputError::NotAFile(path) => path.display().to_string(),
            OutputError::NotWritable { path, reason } => format!("{}: {reason}", path.display()),
            OutputError::Source(source) => source.to_string(),
        };
        Self::new(error.code(), detail)
    }
}

impl From<DrawError> for Failure {
    fn from(error: DrawError) -> Self {
        let detail = match &error {
            DrawError::Limit { .. } | DrawError::NoSuchPage { .. } | DrawError::NotEncoded { .. } => {
                error.to_string()
            }
            _ => String::new(),
        };
        Self::new(error.code(), detail)
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        match error {
            KeystoreError::File(file) => file.into(),
            KeystoreError::Key(key) => key.into(),
            KeystoreError::NoPin => Self::new(error.code(), ""),
        }
    }
}

impl From<sign_core::crypto::key::KeyError> for Failure {
    fn from(error: sign_core::crypto::key::KeyError) -> Self {
        use sign_core::crypto::key::KeyError;
        let detail = match &error {
            KeyError::NotAKeyFile { .. }
            | KeyError::UnsupportedKey { .. }
            | KeyError::WeakKey { .. }
            | KeyError::WeakDigest { .. }
            | KeyError::UnknownDigest { .. }
            | KeyError::DigestDoesNotFit { .. }
            | KeyError::Device { .. }
            | KeyError::Failed { .. } => error.to_string(),
            _ => String::new(),
        };
        Self::new(error.code(), detail)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Key(key) => key.into(),
            TokenError::PinFile(file) => file.into(),
            TokenError::PinMissing
            | TokenError::PinTriesLow { last: false }
            | TokenError::ModuleNotGiven
            | TokenError::KeyNotFound => Self::new(error.code(), ""),
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl From<sign_io::remote::RemoteError> for Failure {
    fn from(error: sign_io::remote::RemoteError) -> Self {
        Self::new(error.code(), error.detail())
    }
}

impl From<sign_core::error::PdfError> for Failure {
    fn from(error: sign_core::error::PdfError) -> Self {
        use sign_core::error::PdfError;
        let detail = match &error {
            PdfError::NotPdf | PdfError::Encrypted | PdfError::PasswordNeeded | PdfError::WrongPassword => {
                String::new()
            }
            _ => error.to_string(),
        };
        Self::new(error.code(), detail)
    }
}

impl From<sign_core::report::words::SheetError> for Failure {
    fn from(error: sign_core::report::words::SheetError) -> Self {
        Self::new("report_not_made", error.to_string())
    }
}

impl From<sign_core::pdf::repair::RepairError> for Failure {
    fn from(error: sign_core::pdf::repair::RepairError) -> Self {
        use sign_core::pdf::repair::RepairError;
        match error {
            RepairError::Pdf(pdf) => pdf.into(),
            RepairError::NotDamaged => Self::new(error.code(), ""),
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl From<sign_core::sign::SignError> for Failure {
    fn from(error: sign_core::sign::SignError) -> Self {
        use sign_core::sign::SignError;
        match error {
            SignError::Pdf(pdf) => pdf.into(),
            SignError::Key(key) => key.into(),
            SignError::Stamp(stamp) => stamp.into(),
            SignError::NoCertificate | SignError::CertifiedNoChanges | SignError::XfaForm => {
                Self::new(error.code(), "")
            }
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl From<sign_core::sign::StampError> for Failure {
    fn from(error: sign_core::sign::StampError) -> Self {
        Self::new(error.code, error.reason)
    }
}

impl From<sign_io::longterm::RaiseError> for Failure {
    fn from(error: sign_io::longterm::RaiseError) -> Self {
        use sign_io::longterm::RaiseError;
        match error {
            RaiseError::Pdf(pdf) => pdf.into(),
            RaiseError::Sign(sign) => sign.into(),
            RaiseError::Unsigned => Self::new(error.code(), ""),
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl From<sign_io::layout::LayoutError> for Failure {
    fn from(error: sign_io::layout::LayoutError) -> Self {
        use sign_io::layout::LayoutError;
        let code = error.code();
        match error {
            LayoutError::Draw(draw) => draw.into(),
            LayoutError::AnchorNotFound { anchor }
            | LayoutError::AlreadyFilled { anchor }
            | LayoutError::TooSmall { anchor } => Self::new(code, anchor),
        }
    }
}

impl From<sign_io::trust::TrustError> for Failure {
    fn from(error: sign_io::trust::TrustError) -> Self {
        use sign_io::trust::TrustError;
        let code = error.code();
        match error {
            TrustError::File(file) => file.into(),
            TrustError::NoCertificate(path) => Self::new(code, path.display().to_string()),
            TrustError::Pins(error) => crate::commands::structured(error, code),
            TrustError::Output(error) => error.into(),
            TrustError::Refused { path, reason, .. }
            | TrustError::Malformed { path, reason }
            | TrustError::NoEvidence { path, reason } => {
                Self::new(code, format!("{}: {reason}", path.display()))
            }
        }
    }
}

impl From<sign_io::keep::KeepError> for Failure {
    fn from(error: sign_io::keep::KeepError) -> Self {
        use sign_io::keep::KeepError;
        match error {
            KeepError::File(file) => file.into(),
            KeepError::Output(output) => output.into(),
            _ => Self::new(error.code(), error.to_string()),
        }
    }
}

impl From<sign_io::pki::PkiError> for Failure {
    fn from(error: sign_io::pki::PkiError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<circulation::exchange::edxml::EdxmlError> for Failure {
    fn from(error: circulation::exchange::edxml::EdxmlError) -> Self {
        let words = error.words();
        let words = ErrorWords {
            code: error.code().to_owned(),
            message_vi: words.problem_vi,
            message_en: words.problem_en,
            hint_vi: words.hint_vi,
            hint_en: words.hint_en,
        };
        Self { words: Some(Box::new(words)), ..Self::new(error.code(), "") }
    }
}
