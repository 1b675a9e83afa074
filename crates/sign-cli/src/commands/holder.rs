//! The signer's certificate before signing (TT 15/2025 A1), and what is kept of it after.

use super::extend::Grounds;
use crate::args::WishArgs;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};
use sign_core::limits::Limits;
use sign_core::report::words::{self, printable};
use sign_core::sign::holder::{Checked, check};
use sign_core::time::{Time, VIETNAM};
use sign_core::trust::Evidence;
use sign_io::keep::{self, Occasion};
use sign_io::{clock, trust};
use std::path::Path;

/// What was found out before signing, and from what.
pub(super) struct Known {
    pub(super) checked: Checked,
    evidence: Evidence,
    at: Time,
}

/// Refuses a revoked certificate, and says on stderr what the signer should know.
///
/// With `grounds` the status services are asked first; without, the evidence given has to do.
pub(super) fn before_signing(
    wishes: &WishArgs,
    certificates: &[Vec<u8>],
    grounds: Option<&Grounds>,
    output: &Output,
) -> Result<Known, Failure> {
    let mut evidence = Evidence::default();
    for file in &wishes.evidence {
        trust::load_evidence(&mut evidence, file)?;
    }
    if let Some(grounds) = grounds {
        grounds.ask_about(certificates, &mut evidence);
    }
    let at = wishes.at.unwrap_or_else(|| clock::now().in_offset(VIETNAM));
    let checked = check(certificates, wishes.role, &evidence, at, &Limits::default())?;
    for (code, detail) in &checked.warnings {
        let finding = words::finding(code, &printable(detail));
        output.warning(code, output.lang().pick(&finding.message_vi, &finding.message_en));
    }
    Ok(Known { checked, evidence, at })
}

impl Known {
    /// For programs.
    pub(super) fn facts(&self) -> Value {
        let (checked, certificate) = (&self.checked, &self.checked.certificate);
        json!({
            "subject": certificate.subject().to_string(),
            "serial": certificate.serial_hex(),
            "sha256": certificate.sha256_hex(),
            "not_before": certificate.not_before(),
            "not_after": certificate.not_after(),
            "revocation": checked.status.word(),
            "source": checked.source,
            "warnings": checked.warnings.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        })
    }

    /// Keeps this with the document that was signed (TT 15/2025 A9).
    pub(super) fn keep(&self, folder: &Path, out: &Path, signed: &Value) -> Result<(), Failure> {
        let certificates: Vec<_> =
            std::iter::once(&self.checked.certificate).chain(&self.checked.issuers).cloned().collect();
        let sha256 = keep::sha256_of(out)?;
        keep::keep(folder, &sha256, Occasion::Signed, self.at, signed, &self.evidence, &certificates)?;
        Ok(())
    }
}
