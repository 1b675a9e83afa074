//! Writing messages and statuses, in the names and order of the official Java SDK. Empty values are left out.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::escape::partial_escape;

use super::NAMESPACE;
use crate::document::ResponseFor;
use crate::exchange::message::{
    Attachment, Business, DocumentHeader, Message, Party, Staff, StatusMessage, Trace,
};

/// The package of a document, UTF-8.
pub fn write_message(message: &Message) -> Vec<u8> {
    let mut out = Xml::start();
    out.inside("edXML:edXMLHeader", |out| {
        out.inside("edXML:MessageHeader", |out| message_header(out, message));
        let id = message.id.as_ref().map_or("", |id| id.as_str());
        trace_list(out, id, &message.business, &message.traces);
    });
    out.inside("edXML:edXMLBody", |out| {
        out.with("edXML:edXMLManifest", "version=\"1.0\"", |out| {
            for file in &message.attachments {
                out.inside("edXML:Reference", |out| reference(out, file));
            }
        });
    });
    out.close("edXML:edXMLEnvelope");
    out.inside("AttachmentEncoded", |out| {
        for file in &message.attachments {
            out.inside("Attachment", |out| attachment(out, file));
        }
    });
    out.finish()
}

/// The package of a status, UTF-8.
pub fn write_status(status: &StatusMessage) -> Vec<u8> {
    let mut out = Xml::start();
    out.inside("edXML:edXMLHeader", |out| {
        out.inside("edXML:MessageHeader", |out| {
            out.inside("edXML:From", |out| party(out, &status.from));
            out.inside("edXML:ResponseFor", |out| response_for(out, &status.response_for));
            out.inside("edXML:StaffInfo", |out| staff(out, &status.staff));
            out.leaf("edXML:StatusCode", status.status.code());
            out.leaf("edXML:Description", &status.description);
            out.leaf("edXML:Timestamp", &status.at.to_edxml());
        });
    });
    out.close("edXML:edXMLEnvelope");
    out.finish()
}

fn message_header(out: &mut Xml, message: &Message) {
    let header = &message.header;
    out.inside("edXML:From", |out| party(out, &message.from));
    for to in &message.to {
        out.inside("edXML:To", |out| party(out, to));
    }
    out.leaf("edXML:DocumentId", &header.document_id);
    out.inside("edXML:Code", |out| {
        out.leaf("edXML:CodeNumber", &header.number);
        out.leaf("edXML:CodeNotation", &header.notation);
    });
    out.inside("edXML:PromulgationInfo", |out| {
        out.leaf("edXML:Place", &header.place);
        out.leaf("edXML:PromulgationDate", &header.date.map(|d| d.to_slashes()).unwrap_or_default());
    });
    out.inside("edXML:DocumentType", |out| {
        out.leaf("edXML:Type", &header.kind.group);
        out.leaf("edXML:TypeDetail", &header.kind.detail);
        out.leaf("edXML:TypeName", &header.kind.name);
    });
    out.leaf("edXML:Subject", &header.subject);
    out.leaf("edXML:Content", &header.content);
    out.inside("edXML:SignerInfo", |out| {
        out.leaf("edXML:Competence", &header.signer.competence);
        out.leaf("edXML:Position", &header.signer.position);
        out.leaf("edXML:FullName", &header.signer.full_name);
    });
    out.leaf("edXML:DueDate", &header.due_date.map(|d| d.to_slashes()).unwrap_or_default());
    out.inside("edXML:ToPlaces", |out| {
        for place in &header.places {
            out.leaf("edXML:Place", place);
        }
    });
    out.inside("edXML:OtherInfo", |out| other_info(out, header));
    for answered in &header.response_for {
        out.inside("edXML:ResponseFor", |out| response_for(out, answered));
    }
    out.leaf("edXML:SteeringType", &header.steering);
}

fn other_info(out: &mut Xml, header: &DocumentHeader) {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    out.leaf("edXML:Priority", &header.priority.number().to_string());
    out.leaf("edXML:SphereOfPromulgation", &header.sphere);
    out.leaf("edXML:TyperNotation", &header.typist);
    out.leaf("edXML:PromulgationAmount", &number(header.copies));
    out.leaf("edXML:PageAmount", &number(header.pages));
    out.inside("edXML:Appendixes", |out| {
        for appendix in &header.appendixes {
            out.leaf("edXML:Appendix", appendix);
        }
    });
}

fn party(out: &mut Xml, party: &Party) {
    let contact = &party.contact;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    out.leaf("edXML:OrganId", party.organ.as_str());
    out.leaf("edXML:OrganizationInCharge", &party.in_charge);
    out.leaf("edXML:OrganName", &party.name);
    out.leaf("edXML:OrganAdd", &text(&contact.address));
    out.leaf("edXML:Email", &text(&contact.email));
    out.leaf("edXML:Telephone", &text(&contact.telephone));
    out.leaf("edXML:Fax", &text(&contact.fax));
    out.leaf("edXML:Website", &text(&contact.website));
}

fn response_for(out: &mut Xml, answered: &ResponseFor) {
    out.leaf("edXML:OrganId", answered.organ.as_str());
    out.leaf("edXML:Code", &answered.code);
    out.leaf("edXML:DocumentId", &answered.document_id);
    out.leaf("edXML:PromulgationDate", &answered.date.map(|d| d.to_slashes()).unwrap_or_default());
}

fn staff(out: &mut Xml, staff: &Staff) {
    out.leaf("edXML:Department", &staff.department);
    out.leaf("edXML:Staff", &staff.name);
    out.leaf("edXML:Email", &staff.email);
    out.leaf("edXML:Mobile", &staff.mobile);
}

fn trace_list(out: &mut Xml, id: &str, business: &Business, traces: &[Trace]) {
    // An identifier is a token (crate::id), so it needs no escaping in an attribute.
    let attributes = if id.is_empty() { String::new() } else { format!("id=\"{id}\" ") };
    out.with("edXML:TraceHeaderList", &format!("{attributes}version=\"1.0\""), |out| {
        out.inside("edXML:Bussiness", |out| {
            out.leaf("edXML:DocumentId", &business.document_id);
            out.leaf("edXML:BussinessDocType", &business.kind.number().to_string());
            out.leaf("edXML:BussinessDocReason", &business.reason);
            out.leaf("edXML:Paper", &business.paper);
            out.inside("edXML:StaffInfo", |out| staff(out, &business.staff));
        });
        for trace in traces {
            out.inside("edXML:TraceHeader", |out| {
                out.leaf("edXML:OrganId", trace.organ.as_str());
                out.leaf("edXML:Timestamp", &trace.at.to_edxml());
            });
        }
    });
}

fn reference(out: &mut Xml, file: &Attachment) {
    out.leaf("edXML:ContentId", &file.content_id);
    out.leaf("edXML:ContentType", &file.content_type);
    out.leaf("edXML:Description", &file.description);
    out.leaf("edXML:AttachmentName", &file.name);
}

fn attachment(out: &mut Xml, file: &Attachment) {
    out.leaf("ContentId", &file.content_id);
    out.leaf("AttachmentName", &file.name);
    out.leaf("Description", &file.description);
    out.leaf("ContentType", &file.content_type);
    out.content(&file.bytes);
}

/// Text under construction, one element a line. Names are constants of this file.
struct Xml {
    text: String,
    depth: usize,
}

impl Xml {
    fn start() -> Self {
        let text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let mut out = Self { text, depth: 0 };
        out.open("edXML", &format!("xmlns=\"{NAMESPACE}\""));
        out.open("edXML:edXMLEnvelope", &format!("xmlns:edXML=\"{NAMESPACE}\""));
        out
    }

    fn finish(mut self) -> Vec<u8> {
        self.close("edXML");
        self.text.into_bytes()
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n(' ', self.depth));
    }

    fn open(&mut self, name: &str, attributes: &str) {
        self.indent();
        let space = if attributes.is_empty() { "" } else { " " };
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "<{name}{space}{attributes}>");
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    fn with(&mut self, name: &str, attributes: &str, body: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        body(self);
        self.close(name);
    }

    /// An element with children; left out if it gets none.
    fn inside(&mut self, name: &str, body: impl FnOnce(&mut Self)) {
        let before = self.text.len();
        self.open(name, "");
        let opened = self.text.len();
        body(self);
        let empty = self.text.len() == opened;
        self.close(name);
        if empty {
            self.text.truncate(before);
        }
    }

    /// An element with text; left out if there is none.
    fn leaf(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.indent();
        let legal: String = value.chars().filter(|c| is_xml_text(*c)).collect();
        let _ = writeln!(self.text, "<{name}>{}</{name}>", partial_escape(legal));
    }

    /// The content of an attachment; prefixed, as the Java SDK writes it.
    fn content(&mut self, bytes: &[u8]) {
        self.indent();
        let _ = write!(self.text, "<edXML:ContentTransferEncoded xmlns:edXML=\"{NAMESPACE}\">");
        STANDARD.encode_string(bytes, &mut self.text);
        self.text.push_str("</edXML:ContentTransferEncoded>\n");
    }
}

/// Characters XML 1.0 allows in text, without the carriage return that readers turn into a line feed.
fn is_xml_text(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
