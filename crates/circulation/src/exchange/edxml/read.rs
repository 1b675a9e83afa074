//! Reading packages: children in any order, everything checked, what is tolerated is noted.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::name::{is_deceptive, safe_name};
use super::tree::{self, Node};
use super::{EdxmlError, EdxmlLimits};
use crate::date::{Date, Instant};
use crate::document::{Priority, ResponseFor, SignerTitle};
use crate::exchange::message::{
    Business, BusinessKind, DocumentHeader, Message, Party, Staff, StatusMessage, Trace, TypeText,
};
use crate::exchange::status::StatusCode;
use crate::organ::Contact;

mod attachment;

/// What a package holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Package {
    /// A document.
    Document(Box<Message>),
    /// A status.
    Status(Box<StatusMessage>),
}

/// Something that is not as the standard writes it and was tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// Status 14 was read as 15, or a code without its leading 0.
    StatusCodeCorrected {
        /// As written.
        written: String,
        /// As read.
        read: StatusCode,
    },
    /// The envelope uses another prefix than `edXML`.
    OtherPrefix {
        /// The prefix.
        prefix: String,
    },
    /// An element that is not read: of another namespace, or a block this version does not use.
    Ignored {
        /// The element.
        element: String,
    },
    /// Control or deceptive characters were taken out.
    TextCleaned {
        /// The element.
        element: String,
    },
    /// The name of an attachment was made safe.
    NameChanged {
        /// As written, shortened.
        written: String,
        /// As it is now.
        name: String,
    },
    /// Manifest and attachment name the file differently; the attachment's name counts.
    NameDiffers {
        /// The attachment.
        content_id: String,
    },
    /// The identifier of the message is not a token and was dropped.
    MessageIdDropped,
}

/// A package that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it holds.
    pub package: Package,
    /// What was tolerated.
    pub notes: Vec<Note>,
}

/// Reads a package: a document or a status.
pub fn read(bytes: &[u8], limits: &EdxmlLimits) -> Result<Parsed, EdxmlError> {
    let root = tree::parse(bytes, limits)?;
    check_root(&root)?;
    let mut reader = Reader { limits, notes: Vec::new() };
    let envelope = root.required("edXMLEnvelope")?;
    reader.check_prefixes(envelope)?;
    let header = envelope.required("edXMLHeader")?;
    let message_header = header.required("MessageHeader")?;
    let package = if message_header.optional("StatusCode")?.is_some() {
        Package::Status(Box::new(reader.status(message_header)?))
    } else {
        Package::Document(Box::new(reader.message(&root, envelope, header, message_header)?))
    };
    Ok(Parsed { package, notes: reader.notes })
}

fn check_root(root: &Node) -> Result<(), EdxmlError> {
    if root.name == "Envelope" && root.namespace.contains("soap") {
        return Err(EdxmlError::SoapRefused);
    }
    if !root.is_edxml() {
        return Err(EdxmlError::UnknownNamespace { namespace: root.namespace.chars().take(100).collect() });
    }
    if root.name != "edXML" {
        return Err(EdxmlError::MissingElement { element: "edXML".to_owned() });
    }
    Ok(())
}

struct Reader<'a> {
    limits: &'a EdxmlLimits,
    notes: Vec<Note>,
}

impl Reader<'_> {
    /// Every element of the envelope carries a prefix; those of other namespaces are left alone.
    fn check_prefixes(&mut self, envelope: &Node) -> Result<(), EdxmlError> {
        let mut open = vec![envelope];
        let mut others = BTreeMap::new();
        while let Some(node) = open.pop() {
            if !node.is_edxml() {
                self.notes.push(Note::Ignored { element: node.name.clone() });
                continue;
            }
            match node.prefix.as_deref() {
                None => return Err(EdxmlError::MissingPrefix { element: node.name.clone() }),
                Some("edXML") => {}
                Some(prefix) => drop(others.insert(prefix, ())),
            }
            open.extend(&node.children);
        }
        self.notes.extend(others.into_keys().map(|p| Note::OtherPrefix { prefix: p.to_owned() }));
        Ok(())
    }

    /// The text of a child; absent is empty.
    fn text(&mut self, node: &Node, name: &str) -> Result<String, EdxmlError> {
        Ok(node.optional(name)?.map(|child| self.own_text(child)).unwrap_or_default())
    }

    /// The text of an element, without blanks around it and without characters that deceive.
    fn own_text(&mut self, node: &Node) -> String {
        let harmful = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || is_deceptive(c);
        let text = node.text.trim();
        if !text.contains(harmful) {
            return text.to_owned();
        }
        self.notes.push(Note::TextCleaned { element: node.name.clone() });
        text.chars().filter(|c| !harmful(*c)).collect()
    }

    fn needed(&mut self, node: &Node, name: &str) -> Result<String, EdxmlError> {
        let text = self.text(node, name)?;
        if text.is_empty() { Err(EdxmlError::MissingElement { element: name.to_owned() }) } else { Ok(text) }
    }

    fn optional_text(&mut self, node: &Node, name: &str) -> Result<Option<String>, EdxmlError> {
        Ok(Some(self.text(node, name)?).filter(|text| !text.is_empty()))
    }

    fn parsed<T: FromStr>(&mut self, node: &Node, name: &str) -> Result<Option<T>, EdxmlError> {
        let text = self.optional_text(node, name)?;
        text.map(|text| text.parse().map_err(|_| invalid(name))).transpose()
    }

    fn date(&mut self, node: &Node, name: &str) -> Result<Option<Date>, EdxmlError> {
        let text = self.optional_text(node, name)?;
        text.map(|text| Date::from_slashes(&text).map_err(|_| invalid(name))).transpose()
    }

    fn instant(&mut self, node: &Node, name: &str) -> Result<Instant, EdxmlError> {
        Instant::from_edxml(&self.needed(node, name)?).map_err(|_| invalid(name))
    }

    fn needed_as<T: FromStr>(&mut self, node: &Node, name: &str) -> Result<T, EdxmlError> {
        self.needed(node, name)?.parse().map_err(|_| invalid(name))
    }

    fn party(&mut self, node: &Node) -> Result<Party, EdxmlError> {
        Ok(Party {
            organ: self.needed_as(node, "OrganId")?,
            in_charge: self.text(node, "OrganizationInCharge")?,
            name: self.text(node, "OrganName")?,
            contact: Contact {
                address: self.optional_text(node, "OrganAdd")?,
                email: self.optional_text(node, "Email")?,
                telephone: self.optional_text(node, "Telephone")?,
                fax: self.optional_text(node, "Fax")?,
                website: self.optional_text(node, "Website")?,
            },
        })
    }

    fn response_for(&mut self, node: &Node) -> Result<ResponseFor, EdxmlError> {
        Ok(ResponseFor {
            organ: self.needed_as(node, "OrganId")?,
            code: self.text(node, "Code")?,
            document_id: self.text(node, "DocumentId")?,
            date: self.date(node, "PromulgationDate")?,
        })
    }

    fn staff(&mut self, parent: &Node) -> Result<Staff, EdxmlError> {
        let Some(node) = parent.optional("StaffInfo")? else {
            return Ok(Staff::default());
        };
        Ok(Staff {
            department: self.text(node, "Department")?,
            name: self.text(node, "Staff")?,
            email: self.text(node, "Email")?,
            mobile: self.text(node, "Mobile")?,
        })
    }

    fn status(&mut self, header: &Node) -> Result<StatusMessage, EdxmlError> {
        let written = self.needed(header, "StatusCode")?;
        let (status, corrected) = StatusCode::read(&written).map_err(|_| invalid("StatusCode"))?;
        if corrected {
            self.notes.push(Note::StatusCodeCorrected { written, read: status });
        }
        Ok(StatusMessage {
            from: self.party(header.required("From")?)?,
            response_for: self.response_for(header.required("ResponseFor")?)?,
            staff: self.staff(header)?,
            status,
            description: self.text(header, "Description")?,
            at: self.instant(header, "Timestamp")?,
        })
    }

    fn message(
        &mut self,
        root: &Node,
        envelope: &Node,
        header: &Node,
        message_header: &Node,
    ) -> Result<Message, EdxmlError> {
        let from = self.party(message_header.required("From")?)?;
        let mut to = Vec::new();
        for node in message_header.all("To") {
            to.push(self.party(node)?);
        }
        if to.is_empty() {
            return Err(EdxmlError::MissingElement { element: "To".to_owned() });
        }
        let list = header.optional("TraceHeaderList")?;
        let business = list.map(|list| self.business(list)).transpose()?.unwrap_or_default();
        let document = self.header(message_header)?;
        if business.kind == BusinessKind::New {
            check_new(&document)?;
        }
        let attachments = self.attachments(root, envelope)?;
        if business.kind == BusinessKind::New && attachments.is_empty() {
            return Err(EdxmlError::NoAttachment);
        }
        Ok(Message {
            id: list.and_then(|list| self.message_id(list)),
            from,
            to,
            header: document,
            business,
            traces: list.map(|list| self.traces(list)).transpose()?.unwrap_or_default(),
            attachments,
        })
    }

    fn message_id(&mut self, list: &Node) -> Option<crate::id::MessageId> {
        let (_, text) = list.attributes.iter().find(|(name, _)| name == "id")?;
        let id = text.parse().ok();
        if id.is_none() && !text.is_empty() {
            self.notes.push(Note::MessageIdDropped);
        }
        id
    }

    fn traces(&mut self, list: &Node) -> Result<Vec<Trace>, EdxmlError> {
        let mut traces = Vec::new();
        for node in list.all("TraceHeader") {
            traces.push(Trace {
                organ: self.needed_as(node, "OrganId")?,
                at: self.instant(node, "Timestamp")?,
            });
        }
        Ok(traces)
    }

    fn business(&mut self, list: &Node) -> Result<Business, EdxmlError> {
        let Some(node) = list.optional("Bussiness")? else {
            return Ok(Business::default());
        };
        for unused in ["BussinessDocumentInfo", "ReplacementInfoList"] {
            if node.all(unused).next().is_some() {
                self.notes.push(Note::Ignored { element: unused.to_owned() });
            }
        }
        let number = self.parsed::<u8>(node, "BussinessDocType")?.unwrap_or_default();
        Ok(Business {
            document_id: self.text(node, "DocumentId")?,
            kind: BusinessKind::from_number(number).ok_or_else(|| invalid("BussinessDocType"))?,
            reason: self.text(node, "BussinessDocReason")?,
            paper: self.text(node, "Paper")?,
            staff: self.staff(node)?,
        })
    }

    fn header(&mut self, node: &Node) -> Result<DocumentHeader, EdxmlError> {
        let nothing = Node::default();
        let part = |name| node.optional(name).map(|found| found.unwrap_or(&nothing));
        let (code, promulgation) = (part("Code")?, part("PromulgationInfo")?);
        let (kind, signer) = (part("DocumentType")?, part("SignerInfo")?);
        let (other, places) = (part("OtherInfo")?, part("ToPlaces")?);
        let mut response_for = Vec::new();
        for answered in node.all("ResponseFor") {
            response_for.push(self.response_for(answered)?);
        }
        let priority = self.parsed::<u8>(other, "Priority")?.unwrap_or_default();
        Ok(DocumentHeader {
            document_id: self.text(node, "DocumentId")?,
            number: self.text(code, "CodeNumber")?,
            notation: self.text(code, "CodeNotation")?,
            place: self.text(promulgation, "Place")?,
            date: self.date(promulgation, "PromulgationDate")?,
            kind: TypeText {
                group: self.text(kind, "Type")?,
                detail: self.text(kind, "TypeDetail")?,
                name: self.text(kind, "TypeName")?,
            },
            subject: self.text(node, "Subject")?,
            content: self.text(node, "Content")?,
            signer: SignerTitle {
                competence: self.text(signer, "Competence")?,
                position: self.text(signer, "Position")?,
                full_name: self.text(signer, "FullName")?,
            },
            due_date: self.date(node, "DueDate")?,
            places: places.all("Place").map(|place| self.own_text(place)).collect(),
            priority: Priority::from_number(priority).ok_or_else(|| invalid("Priority"))?,
            sphere: self.text(other, "SphereOfPromulgation")?,
            typist: self.text(other, "TyperNotation")?,
            copies: self.parsed(other, "PromulgationAmount")?,
            pages: self.parsed(other, "PageAmount")?,
            appendixes: self.appendixes(other)?,
            response_for,
            steering: self.text(node, "SteeringType")?,
        })
    }

    fn appendixes(&mut self, other: &Node) -> Result<Vec<String>, EdxmlError> {
        let list = other.optional("Appendixes")?;
        let nodes = list.map(|list| list.all("Appendix").collect::<Vec<_>>()).unwrap_or_default();
        Ok(nodes.into_iter().map(|node| self.own_text(node)).collect())
    }
}

/// A new document names itself and says what it is about.
fn check_new(header: &DocumentHeader) -> Result<(), EdxmlError> {
    let missing = |element: &str| Err(EdxmlError::MissingElement { element: element.to_owned() });
    if header.document_id.is_empty() && header.code().is_empty() {
        missing("DocumentId")
    } else if header.subject.is_empty() {
        missing("Subject")
    } else {
        Ok(())
    }
}

fn invalid(name: &str) -> EdxmlError {
    EdxmlError::InvalidValue { element: name.to_owned() }
}
