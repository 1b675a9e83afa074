//! Runs hayro where its failures do no harm: bounded input, a thread of its own, a deadline.
//!
//! hayro (pictures and text of pages) is not the reader that judges signatures. On hostile files it
//! may panic, which ends its thread and becomes an error here, or take long, where the caller stops
//! waiting. What cannot be caught is an abort for want of memory: a server draws strangers' files
//! only inside its own memory limit.

use crate::freed;
use hayro_syntax::{LoadPdfError, Pdf, PdfData};
use sign_core::pdf::Password;
use std::sync::mpsc;
use std::time::Duration;

/// How much one drawing job may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawLimits {
    /// Bytes of the document; hayro holds it in memory.
    pub document_bytes: u64,
    /// Pages drawn or read.
    pub pages: usize,
    /// Pixels of one page. A4 at 300 dpi has 8.7 million.
    pub page_pixels: u64,
    /// Pixels of all pages together.
    pub total_pixels: u64,
    /// Glyphs of all pages together.
    pub glyphs: usize,
    /// How long the caller waits. The thread of a job that is late runs on until it ends.
    pub patience: Duration,
}

impl Default for DrawLimits {
    fn default() -> Self {
        Self {
            document_bytes: 256 << 20,
            pages: 200,
            page_pixels: 36_000_000,
            total_pixels: 600_000_000,
            glyphs: 2_000_000,
            patience: Duration::from_secs(30),
        }
    }
}

/// A document to draw: its bytes, and the password if it is encrypted. hayro takes the user password;
/// the empty one is tried as well, so the owner's will do for documents that anybody may open.
#[derive(Debug, Clone)]
pub struct Drawable {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Its password.
    pub password: Option<Password>,
}

impl From<Vec<u8>> for Drawable {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, password: None }
    }
}

/// Pages that could not be drawn or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// hayro finds no pages in it.
    #[error("the pages cannot be read")]
    Unreadable,
    /// It needs a password.
    #[error("the document needs a password")]
    PasswordNeeded,
    /// The password given is not the user's.
    #[error("the password does not open the document for drawing")]
    WrongPassword,
    /// It is encrypted in a way the drawing library does not read.
    #[error("the document is encrypted in a way that is not drawn")]
    UnsupportedEncryption,
    /// More work than the limits allow.
    #[error("limit reached: {limit} (at most {allowed})")]
    Limit {
        /// Name of the field in [`DrawLimits`].
        limit: &'static str,
        /// Its value.
        allowed: u64,
    },
    /// The page asked for does not exist.
    #[error("there is no page {page}, the document has {pages}")]
    NoSuchPage {
        /// Number of the page, the first is 1.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The picture could not be encoded.
    #[error("page {page} cannot be written as PNG")]
    NotEncoded {
        /// Number of the page, the first is 1.
        page: usize,
    },
    /// The drawing library gave up on this file.
    #[error("drawing broke off")]
    BrokeOff,
}

impl DrawError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "pages_unreadable",
            Self::PasswordNeeded => "password_needed",
            Self::WrongPassword => "wrong_password",
            Self::UnsupportedEncryption => "unsupported_encryption",
            Self::Limit { .. } => "limit_exceeded",
            Self::NoSuchPage { .. } => "no_such_page",
            Self::NotEncoded { .. } => "picture_not_encoded",
            Self::BrokeOff => "drawing_broke_off",
        }
    }
}

/// Opens the document in a thread of its own and does `job` there.
pub(crate) fn with_pdf<T: Send + 'static>(
    document: Drawable,
    limits: &DrawLimits,
    job: impl FnOnce(&Pdf) -> Result<T, DrawError> + Send + 'static,
) -> Result<T, DrawError> {
    if document.bytes.len() as u64 > limits.document_bytes {
        return Err(DrawError::Limit { limit: "document_bytes", allowed: limits.document_bytes });
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = move || {
        let result = open(document).and_then(|pdf| job(&pdf));
        // The caller may have stopped waiting; then nobody wants the result.
        let _ = sender.send(result);
    };
    // 16 MiB: forms nest; the default 2 MiB of a thread is too little for honest ones.
    let thread = std::thread::Builder::new().name("draw".into()).stack_size(16 << 20).spawn(work);
    thread.map_err(|_| DrawError::BrokeOff)?;
    match receiver.recv_timeout(limits.patience) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            Err(DrawError::Limit { limit: "patience", allowed: limits.patience.as_secs() })
        }
        // A panic in the thread drops the sender.
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(DrawError::BrokeOff),
    }
}

pub(crate) fn open(document: Drawable) -> Result<Pdf, DrawError> {
    let data = PdfData::from(freed::as_null(document.bytes, document.password.as_ref()));
    let first =
        document.password.as_ref().map(|password| Pdf::new_with_password(data.clone(), password.expose()));
    match first {
        Some(Ok(pdf)) => Ok(pdf),
        given => Pdf::new(data).map_err(|error| refusal(&error, given.is_some())),
    }
}

fn refusal(error: &LoadPdfError, password: bool) -> DrawError {
    use hayro_syntax::DecryptionError::PasswordProtected;
    match error {
        LoadPdfError::Decryption(PasswordProtected) if password => DrawError::WrongPassword,
        LoadPdfError::Decryption(PasswordProtected) => DrawError::PasswordNeeded,
        LoadPdfError::Decryption(_) => DrawError::UnsupportedEncryption,
        _ => DrawError::Unreadable,
    }
}
