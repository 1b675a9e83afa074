//! Builds PDFs for tests, revision by revision, with every kind of cross-reference. What it is told
//! to write, it writes: also what no PDF may have.

use std::collections::BTreeMap;

use super::filter::tests::deflate;
use super::xref::EntryKind;

/// A file being written.
#[derive(Clone)]
pub(crate) struct FileBuilder {
    pub(crate) bytes: Vec<u8>,
    /// Entries of the revision being written.
    pub(crate) entries: BTreeMap<u32, EntryKind>,
    previous: Option<usize>,
    size: u32,
    base: usize,
}

impl FileBuilder {
    pub(crate) fn new() -> Self {
        Self::after("")
    }

    /// A file with something before its header.
    pub(crate) fn after(junk: &str) -> Self {
        let bytes = format!("{junk}%PDF-1.7\n").into_bytes();
        Self { bytes, entries: BTreeMap::new(), previous: None, size: 1, base: junk.len() }
    }

    /// A catalog, a page tree node and a page: objects 1, 2 and 3.
    pub(crate) fn with_a_page(self) -> Self {
        self.object(1, "<</Type/Catalog/Pages 2 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
            .object(3, "<</Type/Page/Parent 2 0 R>>")
    }

    pub(crate) fn offset(&self) -> usize {
        self.bytes.len() - self.base
    }

    fn place(&mut self, number: u32, kind: EntryKind) {
        self.entries.insert(number, kind);
        self.size = self.size.max(number + 1);
    }

    pub(crate) fn raw(mut self, text: &str) -> Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn object(mut self, number: u32, body: &str) -> Self {
        self.place(number, EntryKind::InFile(self.offset() as u64));
        self.raw(&format!("{number} 0 obj\n{body}\nendobj\n"))
    }

    pub(crate) fn free(mut self, number: u32) -> Self {
        self.place(number, EntryKind::Free);
        self
    }

    /// `entries` are those of the dictionary besides /Length.
    pub(crate) fn stream(self, number: u32, entries: &str, data: &[u8]) -> Self {
        let length = data.len().to_string();
        self.stream_of_length(number, entries, &length, data)
    }

    pub(crate) fn stream_of_length(mut self, number: u32, entries: &str, length: &str, data: &[u8]) -> Self {
        self.place(number, EntryKind::InFile(self.offset() as u64));
        let mut file = self.raw(&format!("{number} 0 obj\n<<{entries}/Length {length}>>\nstream\n"));
        file.bytes.extend_from_slice(data);
        file.raw("\nendstream\nendobj\n")
    }

    pub(crate) fn object_stream(mut self, container: u32, objects: &[(u32, &str)]) -> Self {
        let (mut head, mut body) = (String::new(), String::new());
        for (index, (number, object)) in objects.iter().enumerate() {
            head += &format!("{number} {} ", body.len());
            body += &format!("{object} ");
            let index = u32::try_from(index).unwrap();
            self.place(*number, EntryKind::InStream { container, index });
        }
        let entries = format!("/Type/ObjStm/N {}/First {}/Filter/FlateDecode", objects.len(), head.len());
        self.stream(container, &entries, &deflate((head + &body).as_bytes()))
    }

    /// Closes the revision with a table.
    pub(crate) fn table(self, trailer: &str) -> Self {
        let (at, text) = (self.offset(), self.table_text(trailer));
        self.close(at, &text)
    }

    /// Closes it with a table whose /XRefStm shows `hidden` numbers, which the table calls free.
    pub(crate) fn hybrid(mut self, hidden: &[u32], stream_number: u32, trailer: &str) -> Self {
        let mut shown = BTreeMap::new();
        for number in hidden {
            shown.insert(*number, self.entries.insert(*number, EntryKind::Free).unwrap());
        }
        let stream_at = self.offset();
        let text = self.xref_stream_text(stream_number, &shown, "");
        self.bytes.extend_from_slice(&text);
        self.size = self.size.max(stream_number + 1);
        self.table(&format!("{trailer}/XRefStm {stream_at}"))
    }

    /// Closes the revision with a cross-reference stream.
    pub(crate) fn xref_stream(mut self, number: u32, trailer: &str) -> Self {
        let at = self.offset();
        self.place(number, EntryKind::InFile(at as u64));
        let previous = self.previous.map_or(String::new(), |offset| format!("/Prev {offset}"));
        let text = self.xref_stream_text(number, &self.entries, &format!("{previous}{trailer}"));
        self.bytes.extend_from_slice(&text);
        self.close(at, "")
    }

    pub(crate) fn close(mut self, at: usize, text: &str) -> Self {
        self.entries.clear();
        self.previous = Some(at);
        self.raw(&format!("{text}startxref\n{at}\n%%EOF\n"))
    }

    pub(crate) fn table_text(&self, trailer: &str) -> String {
        let mut text = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, kind) in &self.entries {
            text += &match kind {
                EntryKind::InFile(offset) => format!("{number} 1\n{offset:010} 00000 n \n"),
                _ => format!("{number} 1\n0000000000 00000 f \n"),
            };
        }
        let previous = self.previous.map_or(String::new(), |offset| format!("/Prev {offset}"));
        text + &format!("trailer\n<</Size {}/Root 1 0 R{previous}{trailer}>>\n", self.size)
    }

    fn xref_stream_text(&self, number: u32, entries: &BTreeMap<u32, EntryKind>, trailer: &str) -> Vec<u8> {
        let (mut index, mut rows) = (String::new(), Vec::new());
        for (number, kind) in entries {
            index += &format!("{number} 1 ");
            let (code, second, third) = match kind {
                EntryKind::Free => (0u8, 0u32, 0u16),
                EntryKind::InFile(offset) => (1, u32::try_from(*offset).unwrap(), 0),
                EntryKind::InStream { container, index } => (2, *container, u16::try_from(*index).unwrap()),
            };
            rows.push(code);
            rows.extend(second.to_be_bytes());
            rows.extend(third.to_be_bytes());
        }
        let data = deflate(&rows);
        let size = self.size.max(number + 1);
        let mut text = format!(
            "{number} 0 obj\n<</Type/XRef/W[1 4 2]/Index[{index}]/Size {size}/Root 1 0 R{trailer}/Filter/FlateDecode/Length {}>>\nstream\n",
            data.len()
        )
        .into_bytes();
        text.extend_from_slice(&data);
        text.extend_from_slice(b"\nendstream\nendobj\n");
        text
    }
}

/// One file of each kind, each with two revisions in the second of which object 3 is replaced.
pub(crate) fn one_of_each_kind() -> Vec<(&'static str, Vec<u8>)> {
    let table = FileBuilder::new().with_a_page().object(4, "(first)").table("/ID[<01><02>]");
    let stream = FileBuilder::new().with_a_page().object(4, "(first)").xref_stream(9, "/ID[<01><02>]");
    let packed = FileBuilder::new()
        .object_stream(
            8,
            &[
                (1, "<</Type/Catalog/Pages 2 0 R>>"),
                (2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>"),
                (3, "<</Type/Page/Parent 2 0 R>>"),
                (4, "(first)"),
            ],
        )
        .xref_stream(9, "/ID[<01><02>]");
    let hybrid =
        FileBuilder::new().with_a_page().object_stream(8, &[(4, "(first)")]).hybrid(&[4], 9, "/ID[<01><02>]");
    let update =
        |file: FileBuilder| file.object(3, "<</Type/Page/Parent 2 0 R/Rotate 90>>").object(5, "(second)");
    vec![
        ("table", update(table).table("/ID[<01><03>]").bytes),
        ("stream", update(stream).xref_stream(10, "/ID[<01><03>]").bytes),
        ("object stream", update(packed).xref_stream(10, "/ID[<01><03>]").bytes),
        ("hybrid", update(hybrid).table("/ID[<01><03>]").bytes),
    ]
}
