//! A small, bounded, namespace-aware element tree: what `read` works on.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::{EdxmlError, EdxmlLimits, NAMESPACE};

/// Most attributes of one element; the standard has four.
const MAX_ATTRIBUTES: usize = 32;

/// An element with its text and children.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Name without prefix.
    pub(super) name: String,
    /// The prefix it was written with.
    pub(super) prefix: Option<String>,
    /// Its namespace; empty if none.
    pub(super) namespace: String,
    /// Attributes as written, without namespace declarations.
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text.
    pub(super) text: String,
    /// Elements inside it.
    pub(super) children: Vec<Node>,
}

impl Node {
    pub(super) fn is_edxml(&self) -> bool {
        self.namespace == NAMESPACE
    }

    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.is_edxml() && child.name == name)
    }

    /// The child of that name, if there is one; two are an error, for it would be unclear which one counts.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&Node>, EdxmlError> {
        let mut found = self.all(name);
        let first = found.next();
        if found.next().is_some() {
            return Err(EdxmlError::RepeatedElement { element: name.to_owned() });
        }
        Ok(first)
    }

    pub(super) fn required(&self, name: &str) -> Result<&Node, EdxmlError> {
        self.optional(name)?.ok_or_else(|| EdxmlError::MissingElement { element: name.to_owned() })
    }
}

/// Reads the whole document.
pub(super) fn parse(bytes: &[u8], limits: &EdxmlLimits) -> Result<Node, EdxmlError> {
    if bytes.len() > limits.package_bytes {
        return Err(EdxmlError::TooLarge { what: "the package", limit: limits.package_bytes });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| EdxmlError::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder { limits, stack: Vec::new(), root: None, elements: 0 };
    loop {
        let at = reader.buffer_position();
        let malformed = EdxmlError::Malformed { at };
        let (namespace, event) = reader.read_resolved_event().map_err(|_| malformed.clone())?;
        match event {
            Event::Start(start) => builder.open(node(&start, &namespace, &malformed)?)?,
            Event::Empty(start) => {
                builder.open(node(&start, &namespace, &malformed)?)?;
                builder.close(malformed)?;
            }
            Event::End(_) => builder.close(malformed)?,
            Event::Text(text) => builder.text(&text.xml10_content(), malformed)?,
            Event::CData(text) => builder.text(&text.xml10_content(), malformed)?,
            Event::GeneralRef(name) => builder.text(reference(&name)?.as_str(), malformed)?,
            Event::DocType(_) => return Err(EdxmlError::DoctypeRefused),
            Event::Decl(decl) => match decl.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => return Err(EdxmlError::NotUtf8),
                Some(Err(_)) => return Err(malformed),
                _ => {}
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return builder.finish(malformed),
        }
    }
}

/// One of XML's own five entities, or a character by its number.
fn reference(name: &quick_xml::events::BytesRef<'_>) -> Result<String, EdxmlError> {
    let refused = || EdxmlError::EntityRefused { name: name.chars().take(40).collect() };
    if name.is_char_ref() {
        let character = name.resolve_char_ref().ok().flatten().ok_or_else(refused)?;
        return Ok(character.to_string());
    }
    let value = quick_xml::escape::resolve_predefined_entity(name).ok_or_else(refused)?;
    Ok(value.to_owned())
}

fn node(
    start: &BytesStart<'_>,
    namespace: &ResolveResult<'_>,
    malformed: &EdxmlError,
) -> Result<Node, EdxmlError> {
    let namespace = match namespace {
        ResolveResult::Bound(Namespace(name)) => (*name).to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => {
            return Err(EdxmlError::UnknownNamespace { namespace: prefix.chars().take(100).collect() });
        }
    };
    let attributes = attributes(start, malformed)?;
    let (name, prefix) = start.name().decompose();
    Ok(Node {
        name: name.into_inner().to_owned(),
        prefix: prefix.map(|prefix| prefix.into_inner().to_owned()),
        namespace,
        attributes,
        ..Node::default()
    })
}

/// Namespace declarations are not among them. The reader's own check for repeated names takes quadratic time,
/// so it is done here, after counting.
fn attributes(start: &BytesStart<'_>, malformed: &EdxmlError) -> Result<Vec<(String, String)>, EdxmlError> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (index, attribute) in start.attributes().with_checks(false).enumerate() {
        if index >= MAX_ATTRIBUTES {
            return Err(EdxmlError::TooMany { what: "attributes", limit: MAX_ATTRIBUTES });
        }
        let attribute = attribute.map_err(|_| malformed.clone())?;
        let name = attribute.key.into_inner();
        let value =
            attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|_| malformed.clone())?;
        if found.iter().any(|(known, _)| known == name) {
            return Err(malformed.clone());
        }
        found.push((name.to_owned(), value.into_owned()));
    }
    found.retain(|(name, _)| name != "xmlns" && !name.starts_with("xmlns:"));
    Ok(found)
}

struct Builder<'a> {
    limits: &'a EdxmlLimits,
    stack: Vec<Node>,
    root: Option<Node>,
    elements: usize,
}

impl Builder<'_> {
    fn open(&mut self, node: Node) -> Result<(), EdxmlError> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(EdxmlError::TooMany { what: "elements", limit: self.limits.elements });
        }
        if self.stack.len() >= self.limits.depth {
            return Err(EdxmlError::TooDeep { limit: self.limits.depth });
        }
        self.stack.push(node);
        Ok(())
    }

    fn close(&mut self, malformed: EdxmlError) -> Result<(), EdxmlError> {
        let node = self.stack.pop().ok_or_else(|| malformed.clone())?;
        match self.stack.last_mut() {
            Some(parent) => parent.children.push(node),
            None if self.root.is_none() => self.root = Some(node),
            None => return Err(malformed),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, malformed: EdxmlError) -> Result<(), EdxmlError> {
        let Some(node) = self.stack.last_mut() else {
            return if text.trim().is_empty() { Ok(()) } else { Err(malformed) };
        };
        // Base64 is bounded by the attachment's own limit; a third is added by the coding, a part by line ends.
        let (what, limit) = if node.name == "ContentTransferEncoded" {
            ("an attachment", self.limits.attachment_bytes.saturating_mul(3) / 2)
        } else {
            ("a text", self.limits.text_bytes)
        };
        if node.text.len().saturating_add(text.len()) > limit {
            return Err(EdxmlError::TooLarge { what, limit });
        }
        node.text.push_str(text);
        Ok(())
    }

    fn finish(self, malformed: EdxmlError) -> Result<Node, EdxmlError> {
        if self.stack.is_empty() { self.root.ok_or(malformed) } else { Err(malformed) }
    }
}
