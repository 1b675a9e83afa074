//! Attachments: decoded within limits and compared with the manifest.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::{EdxmlError, Note, Reader, safe_name};
use crate::exchange::edxml::tree::Node;
use crate::exchange::message::Attachment;

/// Base64 as senders write it: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const ZIP: &[u8] = b"PK\x03\x04";
const GZIP: &[u8] = b"\x1f\x8b";
const PDF: &[u8] = b"%PDF-";
/// How far into a file readers look for its header.
const PDF_HEADER_WITHIN: usize = 1024;

impl Reader<'_> {
    /// The files in the order of the manifest: each named there once and attached once.
    pub(super) fn attachments(
        &mut self,
        root: &Node,
        envelope: &Node,
    ) -> Result<Vec<Attachment>, EdxmlError> {
        let references = self.references(envelope)?;
        let nodes: Vec<&Node> = match root.optional("AttachmentEncoded")? {
            Some(block) => block.all("Attachment").collect(),
            None => Vec::new(),
        };
        let limit = self.limits.attachments;
        if nodes.len() > limit || references.len() > limit {
            return Err(EdxmlError::TooMany { what: "attachments", limit });
        }
        if nodes.len() != references.len() {
            let (references, attachments) = (references.len(), nodes.len());
            return Err(EdxmlError::AttachmentCount { references, attachments });
        }
        let mut by_id = BTreeMap::new();
        for node in nodes {
            let content_id = self.needed(node, "ContentId")?;
            if by_id.insert(content_id.clone(), node).is_some() {
                return Err(EdxmlError::AttachmentMismatch { content_id });
            }
        }
        let mut files = Vec::new();
        for reference in references {
            let node = by_id
                .remove(&reference.content_id)
                .ok_or_else(|| EdxmlError::AttachmentMismatch { content_id: reference.content_id.clone() })?;
            files.push(self.attachment(node, reference, files.len())?);
        }
        Ok(files)
    }

    fn references(&mut self, envelope: &Node) -> Result<Vec<Attachment>, EdxmlError> {
        let body = envelope.optional("edXMLBody")?;
        let manifest = body.map(|body| body.optional("edXMLManifest")).transpose()?.flatten();
        let mut found = Vec::new();
        for node in manifest.map(|m| m.all("Reference").collect::<Vec<_>>()).unwrap_or_default() {
            found.push(Attachment {
                content_id: self.needed(node, "ContentId")?,
                name: self.text(node, "AttachmentName")?,
                description: self.text(node, "Description")?,
                content_type: self.text(node, "ContentType")?,
                bytes: Vec::new(),
            });
        }
        Ok(found)
    }

    /// Completes what the manifest says with what is attached.
    fn attachment(
        &mut self,
        node: &Node,
        reference: Attachment,
        index: usize,
    ) -> Result<Attachment, EdxmlError> {
        let Attachment { content_id, name: listed, description, content_type, .. } = reference;
        // The raw text: cleaning first would hide from the note what was taken out of a name.
        let written = node.optional("AttachmentName")?.map_or("", |child| child.text.trim());
        let written = if written.is_empty() { listed.as_str() } else { written };
        let name = safe_name(written, &format!("tep-{}", index.saturating_add(1)));
        if name != written {
            let written = written.chars().take(100).collect();
            self.notes.push(Note::NameChanged { written, name: name.clone() });
        } else if !listed.is_empty() && listed != name {
            self.notes.push(Note::NameDiffers { content_id: content_id.clone() });
        }
        let own_type = self.text(node, "ContentType")?;
        let content_type = if own_type.is_empty() { content_type } else { own_type };
        let own_description = self.text(node, "Description")?;
        let description = if own_description.is_empty() { description } else { own_description };
        let bytes = self.decode(node, &name)?;
        check_content(&bytes, &content_type.to_ascii_lowercase(), &name)?;
        Ok(Attachment { content_id, name, description, content_type, bytes })
    }

    /// The bytes; the element is read with and without prefix.
    fn decode(&self, node: &Node, name: &str) -> Result<Vec<u8>, EdxmlError> {
        let content = node.required("ContentTransferEncoded")?;
        let text = content.text.trim_ascii();
        let compact: Cow<'_, str> = if text.contains(|c: char| c.is_ascii_whitespace()) {
            text.split_ascii_whitespace().collect()
        } else {
            text.into()
        };
        let limit = self.limits.attachment_bytes;
        if compact.len() / 4 * 3 > limit.saturating_add(2) {
            return Err(EdxmlError::TooLarge { what: "an attachment", limit });
        }
        let bytes =
            BASE64.decode(compact.as_bytes()).map_err(|_| EdxmlError::BadBase64 { name: name.to_owned() })?;
        if bytes.len() > limit {
            return Err(EdxmlError::TooLarge { what: "an attachment", limit });
        }
        Ok(bytes)
    }
}

/// A PDF is a PDF; what the sender's program packed without being asked is refused by name.
fn check_content(bytes: &[u8], content_type: &str, name: &str) -> Result<(), EdxmlError> {
    let lower = name.to_lowercase();
    let owned = || name.to_owned();
    if bytes.is_empty() {
        return Err(EdxmlError::ContentMismatch { name: owned() });
    }
    let zipped = bytes.starts_with(ZIP);
    let packed_by_sender = zipped && content_type == "application/zip" && !lower.ends_with(".zip");
    let gzipped = bytes.starts_with(GZIP) && !lower.ends_with(".gz") && !lower.ends_with(".tgz");
    let pdf = content_type == "application/pdf" || lower.ends_with(".pdf");
    if packed_by_sender || gzipped || (pdf && zipped) {
        return Err(EdxmlError::UnsupportedCompression { name: owned() });
    }
    let head = bytes.get(..PDF_HEADER_WITHIN.min(bytes.len())).unwrap_or_default();
    if pdf && !head.windows(PDF.len()).any(|window| window == PDF) {
        return Err(EdxmlError::ContentMismatch { name: owned() });
    }
    Ok(())
}
