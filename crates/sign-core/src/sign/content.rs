//! Before you sign, what do you sign: the content looked through, and refused if it can change its look.

use super::SignError;
use crate::crypto::document::open;
use crate::pades::scan::{self, Scan};
use crate::pdf::Access;
use crate::report::words;
use crate::source::Source;
use crate::verdict::Severity;

/// Looks through a document before it is signed.
///
/// # Errors
/// [`SignError::Pdf`] if it cannot be read to its end.
pub fn look<'p>(source: &dyn Source, access: impl Into<Access<'p>>) -> Result<Scan, SignError> {
    Ok(scan::scan(&open(source, access)?)?)
}

/// Refuses what weighs as a warning; links and attached files, for instance, do not.
///
/// # Errors
/// [`SignError::RiskyContent`] with the codes.
pub fn refuse_risky(scan: &Scan) -> Result<(), SignError> {
    let risky = |code: &&str| words::finding(code, "").severity >= Severity::Warning;
    let codes: Vec<&'static str> = scan.codes().into_iter().filter(risky).collect();
    if codes.is_empty() { Ok(()) } else { Err(SignError::RiskyContent { codes }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::pdf::fixture::FileBuilder;

    #[test]
    fn strictness_refuses_scripts_and_lets_links_pass() {
        let letter = |action: &str| {
            let catalog = format!("<</Type/Catalog/Pages 2 0 R/OpenAction<</S/{action}>>>>");
            // Each object once: a second one of the same number would be told, too.
            FileBuilder::new()
                .object(1, &catalog)
                .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
                .object(3, "<</Type/Page/Parent 2 0 R>>")
                .table("")
                .bytes
        };
        let checked = |action| refuse_risky(&look(&letter(action), &Limits::default()).unwrap());
        assert!(checked("URI/URI(x)").is_ok());
        let SignError::RiskyContent { codes } = checked("JavaScript/JS(x)").unwrap_err() else { panic!() };
        assert_eq!(codes, ["javascript"]);
    }
}
