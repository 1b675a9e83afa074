//! Classic cross-reference tables (ISO 32000-2 clause 7.5.4).

use super::object::ObjectId;
use super::token::{Lexer, Token};
use super::xref::{Entry, EntryKind, Section, SectionKind, XrefReader};
use crate::error::PdfError;

impl<'r> XrefReader<'r> {
    /// 7.5.4, after the keyword.
    pub(super) fn table(self, offset: u64, mut lexer: Lexer<'r>) -> Result<Section, PdfError> {
        let mut entries = Vec::new();
        loop {
            match lexer.next()? {
                (Token::Integer(first), span) => {
                    self.subsection(first, span.start, &mut lexer, &mut entries)?
                }
                (token, _) if token.is_keyword(b"trailer") => break,
                (Token::End, span) => return Err(PdfError::Truncated { at: span.start, what: "trailer" }),
                (_, span) => {
                    return Err(PdfError::Malformed { at: span.start, what: "cross-reference table" });
                }
            }
        }
        let mut parser = self.reader.parser(lexer.cursor.position(), self.end());
        let trailer = parser.dictionary()?;
        let previous = self.offset_at(&trailer, "Prev")?;
        let hybrid = self.offset_at(&trailer, "XRefStm")?;
        let end = parser.position();
        Ok(Section { kind: SectionKind::Table, offset, end, entries, trailer, previous, hybrid })
    }

    fn subsection(
        self,
        first: i64,
        at: u64,
        lexer: &mut Lexer<'r>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), PdfError> {
        let malformed = PdfError::Malformed { at, what: "cross-reference subsection" };
        let Token::Integer(count) = lexer.next()?.0 else { return Err(malformed) };
        let (Ok(first), Ok(count)) = (u32::try_from(first), u32::try_from(count)) else {
            return Err(malformed);
        };
        if first.checked_add(count).is_none() {
            return Err(malformed);
        }
        lexer.skip_white()?;
        let start = lexer.cursor.position();
        // Before anything is allocated: even a badly written entry takes 18 bytes.
        if u64::from(count) * 18 > self.end().saturating_sub(start) {
            return Err(PdfError::Truncated { at: start, what: "cross-reference entries" });
        }
        self.reader.budget.spend_xref_entries(count.into())?;

        let new = self.table_entries(first, count, lexer)?;
        let shifted = self.starts_at_one(at, &new);
        entries.extend(new.into_iter().map(|entry| entry.renumbered(entry.number() - u32::from(shifted))));
        Ok(())
    }

    /// Entries of exactly 20 bytes, read in blocks; from the first that is not, token by token.
    fn table_entries(self, first: u32, count: u32, lexer: &mut Lexer<'r>) -> Result<Vec<Entry>, PdfError> {
        const BLOCK: u32 = 3_000;
        let mut entries = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
        let mut done = 0;
        while done < count {
            let start = lexer.cursor.position();
            let stop = start.saturating_add(20 * u64::from(BLOCK.min(count - done))).min(self.end());
            let block = self.reader.source.read_range(start..stop)?;
            let before = done;
            for text in block.chunks(20) {
                let Some(entry) = strict_entry(text) else { break };
                entries.push(self.table_entry(first + done, entry, start)?);
                done += 1;
            }
            let read = 20 * u64::from(done - before);
            lexer.cursor.seek(start + read);
            if read == 0 || read < stop - start {
                return self.loose_entries(first, count, lexer, entries);
            }
        }
        Ok(entries)
    }

    fn loose_entries(
        self,
        first: u32,
        count: u32,
        lexer: &mut Lexer<'r>,
        mut entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, PdfError> {
        let start = lexer.cursor.position();
        self.note("xref_entry_width", start, "cross-reference entries are not 20 bytes long");
        let done = u32::try_from(entries.len()).unwrap_or(count);
        for number in first.saturating_add(done)..first.saturating_add(count) {
            let at = lexer.cursor.position();
            let malformed = PdfError::Malformed { at, what: "cross-reference entry" };
            let (offset, generation, keyword) = (lexer.next()?.0, lexer.next()?.0, lexer.next()?.0);
            let in_use = keyword.is_keyword(b"n");
            match (offset, generation) {
                (Token::Integer(offset), Token::Integer(generation))
                    if in_use || keyword.is_keyword(b"f") =>
                {
                    let offset = u64::try_from(offset).map_err(|_| malformed.clone())?;
                    let generation = u32::try_from(generation).map_err(|_| malformed)?;
                    entries.push(self.table_entry(number, (offset, generation, in_use), at)?);
                }
                _ => return Err(malformed),
            }
        }
        Ok(entries)
    }

    fn table_entry(
        self,
        number: u32,
        (offset, generation, in_use): (u64, u32, bool),
        at: u64,
    ) -> Result<Entry, PdfError> {
        let Ok(generation) = u16::try_from(generation) else {
            return Err(PdfError::Malformed { at, what: "generation number" });
        };
        let kind = match (in_use, offset) {
            (false, _) => EntryKind::Free,
            (true, 0) => {
                // No object can stand where the header does; writers that lost an object do this.
                self.note("xref_offset_zero", at, format!("object {number} is in use at offset 0"));
                EntryKind::Free
            }
            (true, offset) => EntryKind::InFile(self.base.saturating_add(offset)),
        };
        Ok(Entry::new(ObjectId::new(number, generation), kind))
    }

    /// Some writers begin the first subsection with `1 n` and mean `0 n`. Tolerated only where the
    /// head of the free list comes first and an object in use carries the number before.
    fn starts_at_one(self, at: u64, entries: &[Entry]) -> bool {
        let [head, rest @ ..] = entries else { return false };
        if head.number() != 1 || !head.is_free() || head.id().generation != u16::MAX {
            return false;
        }
        let in_use = rest.iter().find_map(|entry| match entry.kind() {
            EntryKind::InFile(offset) => Some((entry.number(), offset)),
            _ => None,
        });
        let Some((number, offset)) = in_use else { return false };
        let header = self.reader.parser(offset, self.end()).header();
        let proven = header.is_ok_and(|id| id.number == number - 1);
        if proven {
            self.note(
                "xref_starts_at_one",
                at,
                "first cross-reference subsection numbered from 1 instead of 0",
            );
        }
        proven
    }
}

/// `nnnnnnnnnn ggggg n` and two bytes of end of line.
fn strict_entry(text: &[u8]) -> Option<(u64, u32, bool)> {
    let [offset @ .., b' ', g1, g2, g3, g4, g5, b' ', kind @ (b'n' | b'f'), eol1, eol2] = text else {
        return None;
    };
    let eol_fits = matches!((eol1, eol2), (b' ', b'\r' | b'\n') | (b'\r', b'\n'));
    if !eol_fits || offset.len() != 10 {
        return None;
    }
    let generation = decimal(&[*g1, *g2, *g3, *g4, *g5])?;
    Some((decimal(offset)?, u32::try_from(generation).ok()?, *kind == b'n'))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0u64, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::super::fixture::FileBuilder;
    use super::*;
    use crate::limits::Limits;

    /// A file whose only table is `table`, `{1}` … `{3}` in it being the offsets of the page's objects.
    fn with_table(table: &str) -> FileBuilder {
        let file = FileBuilder::new().with_a_page();
        let mut text = table.to_owned();
        for (number, kind) in &file.entries {
            let EntryKind::InFile(offset) = kind else { continue };
            text = text.replace(&format!("{{{number}}}"), &format!("{offset:010}"));
        }
        let at = file.offset();
        file.close(at, &format!("xref\n{text}trailer\n<</Size 4/Root 1 0 R>>\n"))
    }

    fn check(table: &str, findings: &[&str]) {
        let file = with_table(table);
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().pages().unwrap().len(), 1, "{table:?}");
        let codes: Vec<_> = document.findings().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, findings, "{table:?}");
    }

    #[test]
    fn reads_tables_as_they_are_written_and_says_what_is_odd() {
        check("0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n", &[]);
        check("0 4\r\n0000000000 65535 f\r\n{1} 00000 n\r\n{2} 00000 n\r\n{3} 00000 n\r\n", &[]);
        check("0 1\n0000000000 65535 f \n1 1\n{1} 00000 n \n2 2\n{2} 00000 n \n{3} 00000 n \n", &[]);
        check("0 4\n0000000000 65535 f\n{1} 00000 n\n{2} 00000 n\n{3} 00000 n\n", &["xref_entry_width"]);
        check("0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n\n", &["xref_entry_width"]);
        check(
            "1 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n",
            &["xref_starts_at_one"],
        );
        check(
            "0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n1 1\n0000000011 00000 n \n",
            &["xref_conflict"],
        );
        check(
            "0 4\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n1 1\n{1} 00000 n \n",
            &["xref_duplicate_entry"],
        );
        check(
            "0 5\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n0000000000 00000 n \n",
            &["xref_offset_zero"],
        );
        check(
            "0 5\n0000000000 65535 f \n{1} 00000 n \n{2} 00000 n \n{3} 00000 n \n{3} 00000 n \n",
            &["size_too_small"],
        );
    }

    #[test]
    fn says_when_the_table_is_not_quite_where_it_should_be() {
        let file = FileBuilder::new().with_a_page();
        let (at, text) = (file.offset(), file.table_text(""));
        let close = |file: FileBuilder, before: &str, at| file.close(at, &format!("{before}{text}"));
        let early = close(FileBuilder::new().with_a_page(), "\n", at);
        let document = Document::open(&early.bytes, Limits::default()).unwrap();
        assert_eq!(document.findings()[0].code, "xref_offset");
        let late = close(FileBuilder::new().with_a_page(), "", at + 1);
        assert!(Document::open(&late.bytes, Limits::default()).is_err());
        assert!(Document::open(&close(file, "", at - 3).bytes, Limits::default()).is_err());
    }

    #[test]
    fn refuses_tables_that_are_none() {
        for table in
            ["0 4\n{1} 00000 x \n", "0\n", "0 1\n0000000000 99999 f \n", "1 2 3\n", "0 1\nabc 0 n \n"]
        {
            let file = with_table(table);
            assert!(Document::open(&file.bytes, Limits::default()).is_err(), "{table:?}");
        }
    }
}
