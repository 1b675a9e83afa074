//! Writes PDFs revision by revision, and signatures into them; what it is told to write it writes, also what
//! no PDF may have. No compression, so that people can read the files.

use std::collections::BTreeMap;

use super::cms;
use super::pki::{Identity, people};

/// What a cross-reference says of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    At { offset: usize, generation: u16 },
    Packed { container: u32, index: u8 },
    Free { generation: u16 },
}

/// A file being written.
#[derive(Debug, Clone)]
pub(super) struct Pdf {
    pub(super) bytes: Vec<u8>,
    entries: BTreeMap<u32, Entry>,
    /// Offset of the newest cross-reference section.
    pub(super) previous: Option<usize>,
    size: u32,
    root: u32,
}

pub(super) fn stream(entries: &str, data: &str) -> String {
    format!("<<{entries}/Length {}>>stream\n{data}\nendstream", data.len())
}

impl Pdf {
    pub(super) fn new() -> Self {
        let bytes = b"%PDF-1.7\n".to_vec();
        Self { bytes, entries: BTreeMap::new(), previous: None, size: 1, root: 1 }
    }

    /// Bytes made elsewhere.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        Self { bytes: parts.concat(), ..Self::new() }
    }

    /// The section that the next trailer calls the one before it.
    pub(super) fn after(self, previous: Option<usize>) -> Self {
        Self { previous, ..self }
    }

    /// The object that following trailers call the catalog.
    pub(super) fn root(mut self, number: u32) -> Self {
        self.root = number;
        self
    }

    fn place(mut self, number: u32, entry: Entry) -> Self {
        self.entries.insert(number, entry);
        self.size = self.size.max(number + 1);
        self
    }

    pub(super) fn raw(mut self, text: &str) -> Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn object(self, number: u32, body: &str) -> Self {
        self.object_of(number, 0, body)
    }

    /// An object of this generation.
    pub(super) fn object_of(self, number: u32, generation: u16, body: &str) -> Self {
        let offset = self.bytes.len();
        self.place(number, Entry::At { offset, generation })
            .raw(&format!("{number} {generation} obj\n{body}\nendobj\n"))
    }

    pub(super) fn free(self, number: u32, generation: u16) -> Self {
        self.place(number, Entry::Free { generation })
    }

    /// An entry for something that stands in the file already.
    pub(super) fn entry(self, number: u32, offset: usize) -> Self {
        self.place(number, Entry::At { offset, generation: 0 })
    }

    /// An object stream with these objects.
    pub(super) fn packed(mut self, container: u32, objects: &[(u32, &str)]) -> Self {
        let (mut head, mut body) = (String::new(), String::new());
        for (index, (number, object)) in (0..).zip(objects) {
            head += &format!("{number} {} ", body.len());
            body += &format!("{object} ");
            self = self.place(*number, Entry::Packed { container, index });
        }
        let entries = format!("/Type/ObjStm/N {}/First {}", objects.len(), head.len());
        self.object(container, &stream(&entries, &(head + &body)))
    }

    /// Closes the revision with a table; `trailer` is what its trailer says besides.
    pub(super) fn table(mut self, trailer: &str) -> Self {
        let start = self.bytes.len();
        let text = self.table_text(trailer);
        self.entries.clear();
        self.previous = Some(start);
        self.raw(&format!("{text}startxref\n{start}\n%%EOF\n"))
    }

    /// The table and the trailer alone.
    pub(super) fn table_text(&self, trailer: &str) -> String {
        let mut text = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, entry) in &self.entries {
            text += &match entry {
                Entry::At { offset, generation } => format!("{number} 1\n{offset:010} {generation:05} n \n"),
                Entry::Free { generation } => format!("{number} 1\n0000000000 {generation:05} f \n"),
                Entry::Packed { .. } => format!("{number} 1\n0000000000 00000 f \n"),
            };
        }
        let previous = self.previous.map_or(String::new(), |offset| format!("/Prev {offset}"));
        text + &format!("trailer\n<</Size {}/Root {} 0 R{previous}{trailer}>>\n", self.size, self.root)
    }

    /// A cross-reference stream over the revision's entries, hexadecimal; the revision stays open. Returns its
    /// offset.
    pub(super) fn xref_object(mut self, number: u32, trailer: &str) -> (Self, usize) {
        let start = self.bytes.len();
        self.size = self.size.max(number + 1);
        let own = Entry::At { offset: start, generation: 0 };
        let (mut index, mut rows) = (String::new(), String::new());
        for (number, entry) in self.entries.iter().chain([(&number, &own)]) {
            index += &format!("{number} 1 ");
            rows += &match entry {
                Entry::Free { generation } => format!("0000000000{generation:04x}"),
                Entry::At { offset, generation } => format!("01{offset:08x}{generation:04x}"),
                Entry::Packed { container, index } => format!("02{container:08x}{index:04x}"),
            };
        }
        let previous = self.previous.map_or(String::new(), |offset| format!("/Prev {offset}"));
        let entries = format!(
            "/Type/XRef/W[1 4 2]/Index[{index}]/Size {}/Root {} 0 R{previous}{trailer}/Filter/ASCIIHexDecode",
            self.size, self.root
        );
        let body = stream(&entries, &(rows + ">"));
        (self.raw(&format!("{number} 0 obj\n{body}\nendobj\n")), start)
    }

    /// Closes the revision with a cross-reference stream.
    pub(super) fn xref_stream(self, number: u32, trailer: &str) -> Self {
        let (mut file, start) = self.xref_object(number, trailer);
        file.entries.clear();
        file.previous = Some(start);
        file.raw(&format!("startxref\n{start}\n%%EOF\n"))
    }

    /// Closes the revision with a table whose `/XRefStm` says something else: `table` of the objects in
    /// the table, `stream` of those in the stream.
    pub(super) fn hybrid(mut self, in_stream: &[u32], number: u32) -> Self {
        let mut table = std::mem::take(&mut self.entries);
        self.entries = in_stream.iter().filter_map(|id| Some((*id, table.remove(id)?))).collect();
        let previous = self.previous.take();
        let (mut file, start) = self.xref_object(number, "");
        file.previous = previous;
        file.entries = table;
        file.table(&format!("/XRefStm {start}"))
    }

    /// The place behind the first `text` at or after `from`.
    pub(super) fn behind(&self, text: &str, from: usize) -> usize {
        find(&self.bytes, text, from) + text.len()
    }

    /// Another text in the place of the first `text`, in as many bytes: what is shorter gets spaces.
    pub(super) fn edited(mut self, text: &str, new: &str) -> Self {
        assert!(new.len() <= text.len(), "{new} is longer than {text}");
        let start = find(&self.bytes, text, 0);
        self.bytes[start..start + text.len()]
            .copy_from_slice(format!("{new:width$}", width = text.len()).as_bytes());
        self
    }

    /// The same in the place of the last `text`.
    pub(super) fn edited_last(mut self, text: &str, new: &str) -> Self {
        assert!(new.len() <= text.len(), "{new} is longer than {text}");
        let start = self.bytes.windows(text.len()).rposition(|w| w == text.as_bytes()).unwrap();
        self.bytes[start..start + text.len()]
            .copy_from_slice(format!("{new:width$}", width = text.len()).as_bytes());
        self
    }
}

pub(super) fn find(bytes: &[u8], text: &str, from: usize) -> usize {
    let found = bytes[from..].windows(text.len()).position(|window| window == text.as_bytes());
    from + found.unwrap_or_else(|| panic!("no {text:?} after {from}"))
}

/// Room for the value, in bytes: the CMS with two certificates takes about 1,600.
pub(super) const ROOM: usize = 2_000;
/// Room for the four numbers.
pub(super) const RANGE: usize = 48;

type Numbers<'a> = &'a dyn Fn([i64; 4]) -> String;
type Value<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// A signature about to be made: all that may be unusual about it.
pub(super) struct Signing<'a> {
    pub(super) object: u32,
    pub(super) by: &'a Identity,
    pub(super) sub_filter: &'a str,
    /// What the dictionary says besides.
    pub(super) entries: String,
    /// The four numbers that are hashed, from the right ones.
    pub(super) covers: fn([i64; 4]) -> [i64; 4],
    /// How they are written.
    pub(super) numbers: Numbers<'a>,
    /// The value over the covered bytes; by default a CMS with the signer's and the authority's certificates.
    pub(super) value: Option<Value<'a>>,
    pub(super) room: usize,
}

/// Inside the validity of every certificate but one.
pub(super) const SIGNED_AT: &str = "/M(D:20260205095634+07'00')";

impl<'a> Signing<'a> {
    pub(super) fn by(object: u32, by: &'a Identity) -> Self {
        Self {
            object,
            by,
            sub_filter: "ETSI.CAdES.detached",
            entries: SIGNED_AT.to_owned(),
            covers: |numbers| numbers,
            numbers: &|[a, b, c, d]| format!("[{a} {b} {c} {d}]"),
            value: None,
            room: ROOM,
        }
    }

    pub(super) fn by_leader(object: u32) -> Self {
        Self::by(object, &people().leader)
    }

    pub(super) fn with_value(self, value: Value<'a>) -> Self {
        Self { value: Some(value), ..self }
    }

    /// Certifies with `/P`.
    pub(super) fn certifying(mut self, p: u8) -> Self {
        self.entries += &format!(
            "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P {p}>>>>]"
        );
        self
    }

    /// Writes the dictionary into the open revision, closes it with a table and fills it in.
    pub(super) fn close(&self, file: Pdf) -> Pdf {
        self.close_with(file, |file| file.table(""))
    }

    pub(super) fn close_with(&self, file: Pdf, close: impl FnOnce(Pdf) -> Pdf) -> Pdf {
        let from = file.bytes.len();
        let body = format!(
            "<</Type/{}/Filter/Adobe.PPKLite/SubFilter/{}{}/ByteRange {:RANGE$}/Contents <{}>>>",
            if self.sub_filter == "ETSI.RFC3161" { "DocTimeStamp" } else { "Sig" },
            self.sub_filter,
            self.entries,
            "[]",
            "0".repeat(self.room * 2)
        );
        let mut file = close(file.object(self.object, &body));
        let range = file.behind("/ByteRange ", from);
        let gap = file.behind("/Contents ", from);
        let after = gap + self.room * 2 + 2;
        let right = [0, gap, after, file.bytes.len() - after].map(|number| number as i64);
        let numbers = (self.covers)(right);
        let text = format!("{:RANGE$}", (self.numbers)(numbers));
        assert_eq!(text.len(), RANGE, "{text}");
        file.bytes[range..range + RANGE].copy_from_slice(text.as_bytes());
        let value = self.value_of(&covered(&file.bytes, numbers));
        assert!(value.len() <= self.room, "{} bytes", value.len());
        file.bytes[gap + 1..gap + 1 + value.len() * 2].copy_from_slice(hex(&value).as_bytes());
        file
    }

    fn value_of(&self, covered: &[u8]) -> Vec<u8> {
        match self.value {
            Some(value) => value(covered),
            None => {
                let info = cms::Info::new(self.by, cms::attributes(covered, &self.by.der));
                cms::detached(&[&self.by.der, &people().issuing.der], &[info.der()])
            }
        }
    }
}

pub(super) fn covered(bytes: &[u8], [a, b, c, d]: [i64; 4]) -> Vec<u8> {
    let part = |from: i64, length: i64| &bytes[from as usize..(from + length) as usize];
    [part(a, b), part(c, d)].concat()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// The letter that everything is done to: page 3 with content 4, a text field 5 with appearance 8, empty
// signature fields 6 and 7, font 9, form 10, annotations 11; signatures will be 20 and 21.

pub(super) const CATALOG: &str = "/Type/Catalog/Pages 2 0 R/AcroForm 10 0 R";
pub(super) const PAGE: &str =
    "/Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 9 0 R>>>>/Annots 11 0 R";
pub(super) const FORM: &str = "/SigFlags 3/DR<</Font<</F1 9 0 R>>>>";
pub(super) const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";
pub(super) const FORM_XOBJECT: &str =
    "/Type/XObject/Subtype/Form/BBox[0 0 180 20]/Resources<</Font<</F1 9 0 R>>>>";

/// A page's content that says this.
pub(super) fn words(text: &str) -> String {
    stream("", &format!("BT /F1 12 Tf 10 80 Td ({text}) Tj ET"))
}

pub(super) const HONEST: &str = "Pay 100 dong";
pub(super) const FORGED: &str = "Pay 999 dong";

pub(super) fn number_field(value: &str) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(so)/Rect[10 40 90 54]/P 3 0 R/DA(/F1 10 Tf 0 g)/V({value})/AP<</N 8 0 R>>>>"
    )
}

pub(super) fn signature_field(name: &str, more: &str) -> String {
    format!("<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/Rect[110 10 190 30]/P 3 0 R/F 132{more}>>")
}

pub(super) fn letter() -> Pdf {
    letter_with(Pdf::new())
}

/// The letter's objects after what is there, closed with a table.
pub(super) fn letter_with(file: Pdf) -> Pdf {
    parts(file).table("/ID[<01><02>]")
}

/// The letter's objects, the revision open.
pub(super) fn parts(file: Pdf) -> Pdf {
    file.object(1, &format!("<<{CATALOG}>>"))
        .object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>")
        .object(3, &format!("<<{PAGE}>>"))
        .object(4, &words(HONEST))
        .object(5, &number_field(""))
        .object(6, &signature_field("lanh_dao", ""))
        .object(7, &signature_field("dau", ""))
        .object(8, &stream(FORM_XOBJECT, ""))
        .object(9, FONT)
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R]")
}

/// What the first signature writes besides its dictionary: the field's value and, to certify, the catalog.
pub(super) fn taken(file: Pdf, certify: Option<u8>) -> Pdf {
    let file = file.object(6, &signature_field("lanh_dao", "/V 20 0 R"));
    match certify {
        None => file,
        Some(_) => file.object(1, &format!("<<{CATALOG}/Perms<</DocMDP 20 0 R>>>>")),
    }
}

/// The letter signed by its leader in field 6 (object 20), certified with `/P` if given.
pub(super) fn signed(certify: Option<u8>) -> Pdf {
    signed_over(letter(), certify)
}

pub(super) fn signed_over(file: Pdf, certify: Option<u8>) -> Pdf {
    let signing = Signing::by_leader(20);
    let signing = certify.into_iter().fold(signing, Signing::certifying);
    signing.close(taken(file, certify))
}

/// The letter signed in an unusual way.
pub(super) fn signed_as(signing: &Signing<'_>) -> Pdf {
    signing.close(taken(letter(), None))
}

/// The clerk's step: number filled in, seal in field 7 (object 21).
pub(super) fn sealed(file: Pdf) -> Pdf {
    let file = filled(file).object(7, &signature_field("dau", "/V 21 0 R"));
    Signing::by(21, &people().seal).close(file)
}

/// The number filled in; the revision stays open.
pub(super) fn filled(file: Pdf) -> Pdf {
    file.object(5, &number_field("15/UBND"))
        .object(8, &stream(FORM_XOBJECT, "BT /F1 10 Tf 2 5 Td (15/UBND) Tj ET"))
}
