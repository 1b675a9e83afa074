//! Stream filters (ISO 32000-2 clause 7.4), every output bounded. Image filters are not decoded.

use flate2::{Decompress, FlushDecompress, Status};

use super::indirect::wrong_type;
use super::object::{Dictionary, Name, Object};
use super::predictor;
use super::token::{hex_value, is_white};
use crate::error::PdfError;
use crate::limits::{Budget, LimitExceeded};

/// Honest files chain two filters; each one more multiplies what a small file can expand to.
pub(crate) const MOST_FILTERS: usize = 8;

/// One filter of a stream with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) name: Name,
    pub(crate) parameters: Dictionary,
}

impl Filter {
    /// The filters named in a stream dictionary, first to undo first; `resolve` follows references.
    pub(crate) fn list(
        dictionary: &Dictionary,
        resolve: &mut dyn FnMut(&Object) -> Result<Object, PdfError>,
    ) -> Result<Vec<Self>, PdfError> {
        // The abbreviations of inline images are not allowed here and not looked for.
        let names = one_or_more(dictionary.get("Filter"), resolve)?;
        let parameters = one_or_more(dictionary.get("DecodeParms"), resolve)?;
        let filters = names.into_iter().enumerate().map(|(index, name)| {
            let Object::Name(name) = name else { return Err(wrong_type("stream", "Filter", "name")) };
            let parameters = match parameters.get(index) {
                None | Some(Object::Null) => Dictionary::new(),
                Some(Object::Dictionary(parameters)) => resolved_values(parameters, resolve)?,
                Some(_) => return Err(wrong_type("stream", "DecodeParms", "dictionary")),
            };
            Ok(Self { name, parameters })
        });
        filters.collect()
    }
}

/// A value that may stand alone or in an array.
fn one_or_more(
    value: Option<&Object>,
    resolve: &mut dyn FnMut(&Object) -> Result<Object, PdfError>,
) -> Result<Vec<Object>, PdfError> {
    match value.map(&mut *resolve).transpose()? {
        None | Some(Object::Null) => Ok(Vec::new()),
        Some(Object::Array(items)) if items.len() > MOST_FILTERS => {
            Err(wrong_type("stream", "Filter", "short array"))
        }
        Some(Object::Array(items)) => items.iter().map(resolve).collect(),
        Some(single) => Ok(vec![single]),
    }
}

fn resolved_values(
    dictionary: &Dictionary,
    resolve: &mut dyn FnMut(&Object) -> Result<Object, PdfError>,
) -> Result<Dictionary, PdfError> {
    let mut resolved = Dictionary::new();
    for (key, value) in dictionary.iter() {
        resolved.insert(&key.as_str(), resolve(value)?);
    }
    Ok(resolved)
}

/// Where a stream is, for errors, and what it may cost.
#[derive(Clone, Copy)]
pub(crate) struct Decoding<'b> {
    pub(crate) at: u64,
    pub(crate) budget: &'b Budget,
}

impl Decoding<'_> {
    fn malformed(self, what: &'static str) -> PdfError {
        PdfError::Malformed { at: self.at, what }
    }

    /// Undoes `filters`, first one first.
    pub(crate) fn decode(self, data: Vec<u8>, filters: &[Filter]) -> Result<Vec<u8>, PdfError> {
        if filters.len() > MOST_FILTERS {
            return Err(self.malformed("filter chain"));
        }
        filters.iter().try_fold(data, |data, filter| self.step(&data, filter))
    }

    fn step(self, data: &[u8], filter: &Filter) -> Result<Vec<u8>, PdfError> {
        let mut out = Sink { bytes: Vec::new(), most: self.budget.limits().inflated_stream };
        match filter.name.as_bytes() {
            b"FlateDecode" | b"Fl" => self.flate(data, &mut out)?,
            b"LZWDecode" | b"LZW" => self.lzw(data, early_change(&filter.parameters), &mut out)?,
            b"ASCIIHexDecode" | b"AHx" => self.ascii_hex(data, &mut out)?,
            b"ASCII85Decode" | b"A85" => self.ascii_85(data, &mut out)?,
            b"RunLengthDecode" | b"RL" => self.run_length(data, &mut out)?,
            b"Crypt" if is_identity(&filter.parameters) => out.extend(data)?,
            _ => {
                let object = format!("stream at byte {}", self.at);
                return Err(PdfError::UnsupportedFilter { object, filter: filter.name.to_string() });
            }
        }
        self.budget.spend_inflated(out.bytes.len() as u64)?;
        match filter.name.as_bytes() {
            b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW" => {
                predictor::undo(out.bytes, &filter.parameters).ok_or(self.malformed("predictor"))
            }
            _ => Ok(out.bytes),
        }
    }

    /// 7.4.4
    fn flate(self, data: &[u8], out: &mut Sink) -> Result<(), PdfError> {
        let mut inflater = Decompress::new(true);
        let mut buffer = vec![0; 32 << 10];
        let mut rest = data;
        loop {
            let (consumed, produced) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(rest, &mut buffer, FlushDecompress::None)
                .map_err(|_| self.malformed("flate data"))?;
            let used = usize::try_from(inflater.total_in() - consumed).unwrap_or(rest.len());
            let made = usize::try_from(inflater.total_out() - produced).unwrap_or(0);
            out.extend(buffer.get(..made).unwrap_or_default())?;
            rest = rest.get(used..).unwrap_or_default();
            match status {
                Status::StreamEnd => return Ok(()),
                _ if used == 0 && made == 0 => return Err(self.malformed("flate data")),
                _ => {}
            }
        }
    }

    /// 7.4.4.2; codes of 9 to 12 bits, 256 clears the table, 257 ends.
    fn lzw(self, data: &[u8], early_change: bool, out: &mut Sink) -> Result<(), PdfError> {
        let mut table = LzwTable::new();
        let mut bits = Bits { data, position: 0 };
        let mut previous: Option<u16> = None;
        // Some writers end without the end code; the data ends then.
        while let Some(code) = bits.take(table.width(early_change)) {
            match (code, previous) {
                (256, _) => {
                    table = LzwTable::new();
                    previous = None;
                    continue;
                }
                (257, _) => return Ok(()),
                (_, None) => {}
                (_, Some(before)) => {
                    // A code not yet in the table is the previous string and its own first byte.
                    let source = if code == table.next_code() { before } else { code };
                    let first = table.first(source).ok_or(self.malformed("LZW data"))?;
                    table.add(before, first);
                }
            }
            let string = table.string(code).ok_or(self.malformed("LZW data"))?;
            out.extend(&string)?;
            previous = Some(code);
        }
        Ok(())
    }

    /// 7.4.2
    fn ascii_hex(self, data: &[u8], out: &mut Sink) -> Result<(), PdfError> {
        let mut half = None;
        for &byte in data {
            match (hex_value(byte), half.take()) {
                (Some(high), None) => half = Some(high),
                (Some(low), Some(high)) => out.extend(&[high << 4 | low])?,
                (None, pending) if is_white(byte) => half = pending,
                (None, pending) if byte == b'>' => {
                    half = pending;
                    break;
                }
                _ => return Err(self.malformed("ASCIIHex data")),
            }
        }
        half.map_or(Ok(()), |high| out.extend(&[high << 4]))
    }

    /// 7.4.3
    fn ascii_85(self, data: &[u8], out: &mut Sink) -> Result<(), PdfError> {
        let mut group: Vec<u8> = Vec::with_capacity(5);
        for &byte in data {
            match byte {
                b'~' => break,
                b'z' if group.is_empty() => out.extend(&[0; 4])?,
                b'!'..=b'u' => group.push(byte - b'!'),
                _ if is_white(byte) => {}
                _ => return Err(self.malformed("ASCII85 data")),
            }
            if group.len() == 5 {
                self.ascii_85_group(&group, out)?;
                group.clear();
            }
        }
        match group.len() {
            0 => Ok(()),
            1 => Err(self.malformed("ASCII85 data")),
            _ => self.ascii_85_group(&group, out),
        }
    }

    /// n digits give n-1 bytes; a short group is filled up with `u`.
    fn ascii_85_group(self, digits: &[u8], out: &mut Sink) -> Result<(), PdfError> {
        let filled = digits.iter().copied().chain(std::iter::repeat(84)).take(5);
        let value = filled.fold(0u64, |value, digit| value * 85 + u64::from(digit));
        let value = u32::try_from(value).map_err(|_| self.malformed("ASCII85 data"))?;
        out.extend(value.to_be_bytes().get(..digits.len() - 1).unwrap_or_default())
    }

    /// 7.4.5
    fn run_length(self, data: &[u8], out: &mut Sink) -> Result<(), PdfError> {
        let mut rest = data;
        while let [length, tail @ ..] = rest {
            let length = usize::from(*length);
            rest = match length {
                128 => return Ok(()),
                0..=127 => {
                    let (run, tail) = tail.split_at_checked(length + 1).ok_or(self.malformed("run"))?;
                    out.extend(run)?;
                    tail
                }
                _ => {
                    let (byte, tail) = tail.split_first().ok_or(self.malformed("run"))?;
                    out.extend(&vec![*byte; 257 - length])?;
                    tail
                }
            };
        }
        Ok(())
    }
}

fn early_change(parameters: &Dictionary) -> bool {
    parameters.get("EarlyChange").and_then(|value| value.as_integer()) != Some(0)
}

/// 7.4.10: the Crypt filter named Identity, also the default, changes nothing.
fn is_identity(parameters: &Dictionary) -> bool {
    parameters.get("Name").is_none_or(|name| name.as_name().is_some_and(|name| name == "Identity"))
}

/// Output that refuses to grow past a limit.
struct Sink {
    bytes: Vec<u8>,
    most: u64,
}

impl Sink {
    fn extend(&mut self, more: &[u8]) -> Result<(), PdfError> {
        if (self.bytes.len() + more.len()) as u64 > self.most {
            return Err(LimitExceeded { limit: "inflated_stream", allowed: self.most }.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }
}

/// Bits of a byte string, highest first.
struct Bits<'d> {
    data: &'d [u8],
    position: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: usize) -> Option<u16> {
        let mut value = 0;
        for _ in 0..width {
            let byte = self.data.get(self.position / 8)?;
            value = value << 1 | u16::from(byte >> (7 - self.position % 8) & 1);
            self.position += 1;
        }
        Some(value)
    }
}

/// Strings as (previous code, last byte), so that the table takes no more than 4096 entries.
struct LzwTable(Vec<(u16, u8)>);

impl LzwTable {
    const FIRST: u16 = 258;

    fn new() -> Self {
        Self(Vec::new())
    }

    fn next_code(&self) -> u16 {
        Self::FIRST + u16::try_from(self.0.len()).unwrap_or(u16::MAX - Self::FIRST)
    }

    fn width(&self, early_change: bool) -> usize {
        match self.next_code() + u16::from(early_change) {
            0..=511 => 9,
            512..=1023 => 10,
            1024..=2047 => 11,
            _ => 12,
        }
    }

    fn add(&mut self, before: u16, last: u8) {
        if self.next_code() < 4096 {
            self.0.push((before, last));
        }
    }

    fn entry(&self, code: u16) -> Option<(u16, u8)> {
        self.0.get(usize::from(code.checked_sub(Self::FIRST)?)).copied()
    }

    /// Every entry points to an older one, so this ends.
    fn string(&self, mut code: u16) -> Option<Vec<u8>> {
        let mut reversed = Vec::new();
        while code >= Self::FIRST {
            let (before, last) = self.entry(code)?;
            reversed.push(last);
            code = before;
        }
        reversed.push(u8::try_from(code).ok()?);
        reversed.reverse();
        Some(reversed)
    }

    fn first(&self, mut code: u16) -> Option<u8> {
        while code >= Self::FIRST {
            code = self.entry(code)?.0;
        }
        u8::try_from(code).ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;
    use crate::limits::Limits;

    pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn decode_with(
        name: &str,
        parameters: Dictionary,
        data: &[u8],
        limits: Limits,
    ) -> Result<Vec<u8>, PdfError> {
        let filter = Filter { name: Name::from(name), parameters };
        Decoding { at: 7, budget: &Budget::new(limits) }.decode(data.to_vec(), &[filter])
    }

    fn decode(name: &str, data: &[u8]) -> Result<Vec<u8>, PdfError> {
        decode_with(name, Dictionary::new(), data, Limits::default())
    }

    #[test]
    fn decodes_each_filter() {
        let cases: [(&str, &[u8], &[u8]); 8] = [
            ("ASCIIHexDecode", b"48 656C6c6F 7>junk", b"Hellop"),
            ("ASCII85Decode", b"87cUR\nD]i,\"Ebo80~>", b"Hello World!"),
            ("ASCII85Decode", b"z!!~>", b"\0\0\0\0\0"),
            ("RunLengthDecode", b"\x02abc\xFEx\x80junk", b"abcxxx"),
            // The example of ISO 32000-2 7.4.4.2.
            ("LZWDecode", &[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01], b"-----A---B"),
            ("FlateDecode", &deflate(b"flat"), b"flat"),
            ("Fl", &[&deflate(b"flat")[..], b"\r\n"].concat(), b"flat"),
            ("Crypt", b"same", b"same"),
        ];
        for (name, data, plain) in cases {
            assert_eq!(decode(name, data).unwrap(), plain, "{name}");
        }
    }

    #[test]
    fn refuses_broken_data_and_other_filters() {
        let cut = deflate(b"some data that is cut");
        let cases: [(&str, &[u8]); 8] = [
            ("ASCIIHexDecode", b"4x"),
            ("ASCII85Decode", b"s8W-\"~>"),
            ("ASCII85Decode", b"!~>"),
            ("RunLengthDecode", b"\x05ab"),
            ("LZWDecode", &[0xFF, 0xFF, 0xFF]),
            ("FlateDecode", &cut[..cut.len() / 2]),
            ("FlateDecode", b"not flate"),
            ("DCTDecode", b""),
        ];
        for (name, data) in cases {
            assert!(decode(name, data).is_err(), "{name}");
        }
    }

    #[test]
    fn stops_a_flate_bomb_at_the_limit() {
        let bomb = deflate(&vec![0; 1 << 20]);
        let limits = Limits { inflated_stream: 1 << 16, ..Limits::default() };
        let result = decode_with("FlateDecode", Dictionary::new(), &bomb, limits);
        assert!(matches!(result, Err(PdfError::Limit(LimitExceeded { limit: "inflated_stream", .. }))));
        let limits = Limits { inflated_total: 1 << 16, ..Limits::default() };
        let result = decode_with("FlateDecode", Dictionary::new(), &bomb, limits);
        assert!(matches!(result, Err(PdfError::Limit(LimitExceeded { limit: "inflated_total", .. }))));
    }

    #[test]
    fn undoes_the_predictor_after_the_filter() {
        let parameters =
            Dictionary::new().with("Predictor", Object::Integer(12)).with("Columns", Object::Integer(2));
        let rows = deflate(&[2, 1, 2, 2, 1, 1]);
        assert_eq!(decode_with("FlateDecode", parameters, &rows, Limits::default()).unwrap(), [1, 2, 2, 3]);
    }
}
