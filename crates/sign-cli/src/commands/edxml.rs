//! `edxml`: messages between organisations, to look at and to make by hand.

use crate::Outcome;
use crate::args::{EdxmlCommand, OutArgs};
use crate::failure::Failure;
use crate::output::Output;
use circulation::exchange::edxml::{
    EdxmlLimits, Package, Parsed, read, safe_name, write_message, write_status,
};
use circulation::exchange::message::{Message, StatusMessage};
use serde_json::{Value, json};
use sign_core::report::words::Lang;
use sign_io::file::read_small;
use sign_io::output::{Existing, Part, Readers, check_place, write_folder, write_whole};
use std::path::Path;

const DESCRIPTION: &str = "message.json";

pub(crate) fn run(command: &EdxmlCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        EdxmlCommand::Check { file } => {
            let parsed = parse(file)?;
            output.result(&summary(&parsed)?, |lang| text(&parsed, lang));
        }
        EdxmlCommand::Unpack { file, out } => unpack(file, out, output)?,
        EdxmlCommand::Pack { folder, out } => pack(folder, out, output)?,
    }
    Ok(Outcome::Good)
}

fn parse(file: &Path) -> Result<Parsed, Failure> {
    let limits = EdxmlLimits::default();
    let bytes = read_small(file, limits.package_bytes as u64)?;
    Ok(read(&bytes, &limits)?)
}

/// The message as JSON, the bytes of its files aside.
fn description(parsed: &Parsed) -> Result<Value, Failure> {
    let value = match &parsed.package {
        Package::Document(message) => serde_json::to_value(message).map(|m| json!({ "document": m })),
        Package::Status(status) => serde_json::to_value(status).map(|s| json!({ "status": s })),
    };
    value.map_err(|e| Failure::new("not_json", e.to_string()))
}

fn summary(parsed: &Parsed) -> Result<Value, Failure> {
    let mut value = description(parsed)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("schema".into(), "sign.edxml/1".into());
        object.insert("notes".into(), serde_json::to_value(&parsed.notes).unwrap_or_default());
        if let Package::Document(message) = &parsed.package {
            let sizes: Vec<usize> = message.attachments.iter().map(|a| a.bytes.len()).collect();
            object.insert("attachment_bytes".into(), json!(sizes));
        }
    }
    Ok(value)
}

fn text(parsed: &Parsed, lang: Lang) -> String {
    let mut text = match &parsed.package {
        Package::Document(message) => document_text(message, lang),
        Package::Status(status) => status_text(status, lang),
    };
    for note in &parsed.notes {
        let note = serde_json::to_string(note).unwrap_or_default();
        text += &format!("{}: {note}\n", lang.pick("lưu ý", "note"));
    }
    text
}

fn document_text(message: &Message, lang: Lang) -> String {
    let [title, from, to, file] =
        lang.pick(["Văn bản", "từ", "đến", "tệp"], ["Document", "from", "to", "file"]);
    let header = &message.header;
    let mut text = format!("{title} {}: {}\n", header.printed_code(), header.subject);
    text += &format!("  {from}: {} ({})\n", message.from.name, message.from.organ.as_str());
    for party in &message.to {
        text += &format!("  {to}: {} ({})\n", party.name, party.organ.as_str());
    }
    for attachment in &message.attachments {
        text += &format!("  {file}: {}, {} byte\n", attachment.name, attachment.bytes.len());
    }
    text
}

fn status_text(status: &StatusMessage, lang: Lang) -> String {
    let code = status.status;
    let name = lang.pick(code.name_vi(), code.name_en());
    let title = lang.pick("Trạng thái", "Status");
    let from = lang.pick("từ", "from");
    let mut text = format!("{title} {} {name}\n", code.code());
    text += &format!("  {from}: {} ({})\n", status.from.name, status.from.organ.as_str());
    if !status.description.is_empty() {
        text += &format!("  {}\n", status.description);
    }
    text
}

fn unpack(file: &Path, out: &Path, output: &Output) -> Result<(), Failure> {
    let parsed = parse(file)?;
    let mut value = description(&parsed)?;
    let mut files: Vec<(String, &[u8])> = Vec::new();
    if let Package::Document(message) = &parsed.package {
        for (index, attachment) in message.attachments.iter().enumerate() {
            files.push((file_name(index, &attachment.name), &attachment.bytes));
        }
    }
    let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    if let Some(object) = value.as_object_mut() {
        object.insert("files".into(), json!(names));
    }
    let description =
        serde_json::to_vec_pretty(&value).map_err(|e| Failure::new("not_json", e.to_string()))?;
    files.push((DESCRIPTION.to_owned(), &description));

    write_folder(out, &files)?;
    let names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
    output.result(&json!({ "schema": "sign.edxml/1", "out": out, "files": names }), |_| {
        names.iter().map(|name| format!("{}\n", out.join(name).display())).collect()
    });
    Ok(())
}

/// Numbered: two attachments may have one name, and one may be called message.json.
fn file_name(index: usize, name: &str) -> String {
    format!("{:02}-{}", index + 1, safe_name(name, "file"))
}

fn pack(folder: &Path, out: &OutArgs, output: &Output) -> Result<(), Failure> {
    let existing = if out.force { Existing::Replace } else { Existing::Keep };
    check_place(&out.out, existing)?;
    let limits = EdxmlLimits::default();
    let path = folder.join(DESCRIPTION);
    let wrong = |reason: String| Failure::new("no_message_json", format!("{}: {reason}", path.display()));
    let mut value: Value =
        serde_json::from_slice(&read_small(&path, 4 << 20)?).map_err(|e| wrong(e.to_string()))?;
    let bytes = if let Some(status) = value.get_mut("status") {
        let status: StatusMessage =
            serde_json::from_value(status.take()).map_err(|e| wrong(e.to_string()))?;
        write_status(&status)
    } else {
        let files: Vec<String> = value
            .get("files")
            .cloned()
            .map(serde_json::from_value)
            .transpose()
            .map_err(|e| wrong(e.to_string()))?
            .unwrap_or_default();
        let message = value.get_mut("document").map(Value::take).unwrap_or_default();
        let mut message: Message = serde_json::from_value(message).map_err(|e| wrong(e.to_string()))?;
        if files.len() != message.attachments.len() {
            return Err(wrong(format!("{} files, {} attachments", files.len(), message.attachments.len())));
        }
        for (attachment, name) in message.attachments.iter_mut().zip(&files) {
            // A name with a slash would take a file from elsewhere into the message.
            if safe_name(name, "") != *name {
                return Err(wrong(format!("{name:?}")));
            }
            attachment.bytes = read_small(&folder.join(name), limits.attachment_bytes as u64)?;
        }
        write_message(&message)
    };
    // What we would refuse from others is not sent.
    let parsed = read(&bytes, &limits)?;
    write_whole(&out.out, &[Part::Bytes(&bytes)], existing, Readers::Umask)?;
    output.result(&summary(&parsed)?, |lang| format!("{}\n{}", out.out.display(), text(&parsed, lang)));
    Ok(())
}
