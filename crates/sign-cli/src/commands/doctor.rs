//! `doctor`: whether this program can do its work here, by doing a little of each kind.

use crate::Outcome;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::report::words::Lang;
use sign_io::DrawLimits;
use sign_io::doctor::{Check, check};

pub(crate) fn run(output: &Output) -> Result<Outcome, Failure> {
    let checks = check();
    let good = checks.iter().all(|check| check.good);
    let policies = Policy::preset_names();
    let (limits, drawing) = (Limits::default(), DrawLimits::default());
    let value = json!({
        "schema": "sign.doctor/1",
        "version": env!("CARGO_PKG_VERSION"),
        "checks": checks,
        "policies": policies,
        "limits": {
            "revisions": limits.revisions, "xref_entries": limits.xref_entries,
            "inflated_total": limits.inflated_total, "signatures": limits.signatures,
            "contents": limits.contents, "drawn_document_bytes": drawing.document_bytes,
            "drawn_pages": drawing.pages,
        },
    });
    output.result(&value, |lang| text(&checks, policies, lang));
    Ok(if good { Outcome::Good } else { Outcome::Failed })
}

fn text(checks: &[Check], policies: &[&str], lang: Lang) -> String {
    let mut text = format!("sign-cli {}\n", env!("CARGO_PKG_VERSION"));
    for check in checks {
        let mark = if check.good { lang.pick("tốt", "good") } else { lang.pick("LỖI", "BAD") };
        text += &format!("  {:<16} {mark:<5} {}\n", check.name, check.found);
    }
    text + &format!("  {:<16}       {}\n", "policies", policies.join(", "))
}
