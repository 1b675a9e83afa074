//! Pictures of a document's pages, drawn by the caller, for reports that show them.
//!
//! Never evidence: what a page shows and what a signature covers are two questions.

/// The pages a report shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pictures {
    /// In the order of the document.
    pub pages: Vec<PagePicture>,
    /// How many pages the document has; those without a picture are said to be left out.
    pub of: u64,
    /// Code of the error why there are none, as in `pages_unreadable`.
    pub problem: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct PagePicture {
    /// The page, the first is 1.
    pub page: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The picture, PNG.
    pub png: Vec<u8>,
    /// Where signatures stand on it.
    pub marks: Vec<Mark>,
}

/// The box of a signature on a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Index into the report's signatures.
    pub signature: usize,
    /// `[left, top, right, bottom]` in pixels from the picture's upper left corner.
    pub rect: [f64; 4],
}
