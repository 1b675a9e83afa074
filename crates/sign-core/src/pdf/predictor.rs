//! Predictors of Flate and LZW data (ISO 32000-2 clause 7.4.4.4; PNG, ISO/IEC 15948 clause 9).

use super::object::Dictionary;

/// Shape of the rows, from the filter's parameters.
struct Rows {
    /// Bytes of one row.
    length: usize,
    /// Bytes of one pixel, at least one.
    pixel: usize,
    colors: usize,
    bits: usize,
}

impl Rows {
    fn new(parameters: &Dictionary) -> Option<Self> {
        let number = |key: &str, default: usize, most: usize| {
            let value = match parameters.get(key) {
                None => default,
                Some(value) => usize::try_from(value.as_integer()?).ok()?,
            };
            (1..=most).contains(&value).then_some(value)
        };
        let colors = number("Colors", 1, 64)?;
        let bits = number("BitsPerComponent", 8, 16)?;
        let columns = number("Columns", 1, 1 << 24)?;
        if !matches!(bits, 1 | 2 | 4 | 8 | 16) {
            return None;
        }
        let length = (colors * bits * columns).div_ceil(8);
        Some(Self { length, pixel: (colors * bits).div_ceil(8), colors, bits })
    }
}

/// The data before prediction; `None` if the parameters or the data make no sense.
pub(crate) fn undo(data: Vec<u8>, parameters: &Dictionary) -> Option<Vec<u8>> {
    match parameters.get("Predictor").map_or(Some(1), |value| value.as_integer())? {
        1 => Some(data),
        2 => tiff(data, &Rows::new(parameters)?),
        // Which PNG filter is used stands in front of each row; the number here is only a hint.
        10..=15 => png(&data, &Rows::new(parameters)?),
        _ => None,
    }
}

/// TIFF 6.0 section 14: each component is the difference to the one before it.
fn tiff(mut data: Vec<u8>, rows: &Rows) -> Option<Vec<u8>> {
    for row in data.chunks_mut(rows.length) {
        match rows.bits {
            8 => add_bytes(row, rows.colors),
            16 => add_words(row, rows.colors),
            _ => add_bits(row, rows)?,
        }
    }
    Some(data)
}

fn add_bytes(row: &mut [u8], colors: usize) {
    for index in colors..row.len() {
        let before = row.get(index - colors).copied().unwrap_or(0);
        if let Some(byte) = row.get_mut(index) {
            *byte = byte.wrapping_add(before);
        }
    }
}

fn add_words(row: &mut [u8], colors: usize) {
    let mut before = vec![0u16; colors];
    for (index, pair) in row.chunks_exact_mut(2).enumerate() {
        if let ([high, low], Some(before)) = (pair, before.get_mut(index % colors)) {
            *before = before.wrapping_add(u16::from_be_bytes([*high, *low]));
            [*high, *low] = before.to_be_bytes();
        }
    }
}

/// Components of 1, 2 or 4 bits.
fn add_bits(row: &mut [u8], rows: &Rows) -> Option<()> {
    let mask = (1u8 << rows.bits) - 1;
    let mut before = vec![0u8; rows.colors];
    let per_byte = 8 / rows.bits;
    for index in 0..row.len() * per_byte {
        let shift = 8 - rows.bits * (index % per_byte + 1);
        let byte = row.get_mut(index / per_byte)?;
        let sum = before.get_mut(index % rows.colors)?;
        *sum = sum.wrapping_add(*byte >> shift) & mask;
        *byte = *byte & !(mask << shift) | *sum << shift;
    }
    Some(())
}

fn png(data: &[u8], rows: &Rows) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len());
    // /Columns may claim any length; the data is what there is.
    let mut above = vec![0; rows.length.min(data.len())];
    for row in data.chunks(rows.length + 1) {
        let (kind, encoded) = row.split_first()?;
        let mut decoded = encoded.to_vec();
        png_row(*kind, &mut decoded, &above, rows.pixel)?;
        out.extend_from_slice(&decoded);
        // A short last row is allowed for, as in every common reader.
        decoded.resize(above.len(), 0);
        above = decoded;
    }
    Some(out)
}

fn png_row(kind: u8, row: &mut [u8], above: &[u8], pixel: usize) -> Option<()> {
    for index in 0..row.len() {
        let at = |slice: &[u8], index: Option<usize>| index.and_then(|i| slice.get(i).copied()).unwrap_or(0);
        let left = at(row, index.checked_sub(pixel));
        let up = at(above, Some(index));
        let corner = at(above, index.checked_sub(pixel));
        let predicted = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => u8::midpoint(left, up),
            4 => paeth(left, up, corner),
            _ => return None,
        };
        let byte = row.get_mut(index)?;
        *byte = byte.wrapping_add(predicted);
    }
    Some(())
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |byte: u8| (estimate - i16::from(byte)).abs();
    let nearest = |a: u8, b: u8| if distance(a) <= distance(b) { a } else { b };
    // Ties go to left, then up.
    nearest(nearest(left, up), corner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameters: &[(&str, i64)], data: &[u8], expected: Option<&[u8]>) {
        let mut dictionary = Dictionary::new();
        for (key, value) in parameters {
            dictionary.insert(key, *value);
        }
        assert_eq!(undo(data.to_vec(), &dictionary).as_deref(), expected, "{parameters:?}");
    }

    #[test]
    fn undoes_each_png_filter() {
        let parameters = [("Predictor", 15), ("Columns", 3)];
        let rows = [0, 1, 2, 3, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1];
        let plain = [1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5];
        check(&parameters, &rows, Some(&plain));
        check(&parameters, &[2, 9, 9], Some(&[9, 9]));
        check(&parameters, &[5, 1, 2, 3], None);
    }

    #[test]
    fn undoes_the_tiff_predictor_at_each_depth() {
        let with =
            |bits, colors| [("Predictor", 2), ("Columns", 4), ("BitsPerComponent", bits), ("Colors", colors)];
        check(&with(8, 1), &[1, 1, 1, 1, 5, 1, 1, 1], Some(&[1, 2, 3, 4, 5, 6, 7, 8]));
        check(&with(8, 2), &[1, 9, 1, 1, 1, 1, 1, 1], Some(&[1, 9, 2, 10, 3, 11, 4, 12]));
        check(&with(16, 1), &[0, 255, 0, 1, 0, 1, 0, 1], Some(&[0, 255, 1, 0, 1, 1, 1, 2]));
        check(&with(4, 1), &[0x11, 0x11], Some(&[0x12, 0x34]));
        check(&with(1, 1), &[0b1110_0000], Some(&[0b1011_1111]));
    }

    #[test]
    fn refuses_impossible_parameters() {
        for wrong in [("Columns", 0), ("Columns", i64::MAX), ("Colors", -1), ("BitsPerComponent", 3)] {
            check(&[("Predictor", 12), wrong], &[0, 0], None);
        }
        check(&[("Predictor", 3)], &[0], None);
    }
}
