//! What the demonstration leaves behind: the signed letter, its pages as pictures, the message, both
//! timelines, the verification report, the authority to trust.

use super::{cast::Member, script::Walk};
use anyhow::Context;
use serde_json::Value;
use sign_core::{
    report::{
        model::Report,
        words::{Lang, render_text},
    },
    time::{Time, VIETNAM},
};
use sign_io::{
    DrawLimits,
    output::{Existing, Part, Readers, write_whole},
    render::{Drawing, pages_to_png},
};
use std::{io::Write, path::Path};

/// Fetches everything over HTTP, writes it, prints both timelines and the list of files.
pub(super) async fn everything(
    walk: &Walk,
    folder: &Path,
    lang: Lang,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let (clerk, other) = (&walk.cast.clerk, &walk.cast.receiving_clerk);
    let pdf = other.client.get_bytes(&format!("/v1/documents/{}/files/1", walk.incoming)).await?;
    let message = other.client.get_bytes(&format!("/v1/documents/{}/message", walk.incoming)).await?;
    let mut files = vec![
        ("van-ban.pdf".to_owned(), pdf.clone()),
        ("message.edxml".to_owned(), message),
        ("report.json".to_owned(), serde_json::to_vec_pretty(&walk.report)?),
        ("report.txt".to_owned(), report_text(&walk.report, lang)?),
        ("test-ca.pem".to_owned(), walk.cast.root_pem()?),
    ];
    let sides = [
        ("timeline-sender", clerk, walk.document.as_str(), walk.cast.sender.name),
        ("timeline-recipient", other, walk.incoming.as_str(), walk.cast.recipient.name),
    ];
    for (name, member, document, office) in sides {
        let timeline = timeline(member, document).await?;
        let text = timeline_text(&timeline, office, lang);
        write!(out, "\n{text}")?;
        files.push((format!("{name}.json"), serde_json::to_vec_pretty(&timeline)?));
        files.push((format!("{name}.txt"), text.into_bytes()));
    }
    let drawn = tokio::task::spawn_blocking(move || pictures(pdf)).await??;
    files.extend(drawn);

    writeln!(out, "\n{} {}", lang.pick("Để lại trong", "Left in"), folder.display())?;
    for (name, bytes) in &files {
        write_whole(&folder.join(name), &[Part::Bytes(bytes)], Existing::Replace, Readers::Umask)?;
        writeln!(out, "  {name} ({} B)", bytes.len())?;
    }
    Ok(())
}

async fn timeline(member: &Member, document: &str) -> anyhow::Result<Value> {
    member.client.get(&format!("/v1/documents/{document}/timeline")).await
}

fn timeline_text(timeline: &Value, office: &str, lang: Lang) -> String {
    let key = lang.pick("text_vi", "text_en");
    let mut text = format!("{office}\n");
    for entry in timeline.as_array().into_iter().flatten() {
        let part = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!("  {}  {:<14} {}\n", local(part("at")), part("actor"), part(key)));
    }
    text
}

/// The time of day where the offices are.
fn local(at: &str) -> String {
    let shown = |time: Time| {
        let p = time.in_offset(VIETNAM).parts();
        format!("{:02}/{:02}/{} {:02}:{:02}:{:02}", p.day, p.month, p.year, p.hour, p.minute, p.second)
    };
    Time::parse_rfc3339(at).map_or_else(|_| at.to_owned(), shown)
}

fn report_text(report: &Value, lang: Lang) -> anyhow::Result<Vec<u8>> {
    let report: Report = serde_json::from_value(report.clone()).context("the report has another shape")?;
    Ok(render_text(&report, lang).into_bytes())
}

fn pictures(pdf: Vec<u8>) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let drawing = Drawing { dpi: 110.0, ..Drawing::default() };
    let pages = pages_to_png(pdf, &drawing, &DrawLimits::default())?;
    Ok(pages.into_iter().map(|page| (format!("page-{}.png", page.page + 1), page.png)).collect())
}
