//! PNG pictures (a hand signature, a seal) as image XObjects (ISO 32000-2 8.9).
//!
//! The law asks for .png with a transparent background (NĐ 30/2020 Phụ lục I); nothing else is read.

use super::font::{add, compressed};
use crate::pdf::{Dictionary, Object, ObjectId, Update};
use std::io::Cursor;

/// Widest and tallest picture taken. A seal of 36 mm at 1,200 dpi has 1,700 pixels.
const MAX_SIDE: u32 = 4_096;
/// Memory the decoder may use.
const MAX_BYTES: usize = 128 << 20;

/// A picture could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The bytes are not a readable PNG.
    #[error("not a readable PNG: {0}")]
    Unreadable(String),
    /// Too many pixels.
    #[error("picture of {width} x {height} pixels, at most {MAX_SIDE} a side")]
    TooLarge {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

/// A decoded picture: colour samples and, if any pixel is not opaque, its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    colour_space: &'static str,
    colour: Vec<u8>,
    alpha: Option<Vec<u8>>,
}

impl Picture {
    /// Decodes a PNG file.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn from_png(bytes: &[u8]) -> Result<Self, ImageError> {
        let unreadable = |e: png::DecodingError| ImageError::Unreadable(e.to_string());
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MAX_BYTES });
        // To 8 bits a sample, palettes and key colours resolved.
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(ImageError::TooLarge { width, height });
        }
        let size = reader.output_buffer_size().ok_or(ImageError::TooLarge { width, height })?;
        let mut samples = vec![0; size];
        let frame = reader.next_frame(&mut samples).map_err(unreadable)?;
        samples.truncate(frame.buffer_size());

        let (colours, has_alpha) = match frame.color_type {
            png::ColorType::Grayscale => (1, false),
            png::ColorType::GrayscaleAlpha => (1, true),
            png::ColorType::Rgb => (3, false),
            png::ColorType::Rgba => (3, true),
            png::ColorType::Indexed => return Err(ImageError::Unreadable("palette not expanded".into())),
        };
        let (colour, alpha) = split_alpha(samples, colours, has_alpha);
        let colour_space = if colours == 1 { "DeviceGray" } else { "DeviceRGB" };
        Ok(Self { width, height, colour_space, colour, alpha })
    }

    /// The picture as the streams that will be written.
    pub(crate) fn pack(&self) -> PackedPicture {
        PackedPicture {
            width: self.width,
            height: self.height,
            image: compressed(self.dictionary(self.colour_space), &self.colour),
            mask: self.alpha.as_ref().map(|alpha| compressed(self.dictionary("DeviceGray"), alpha)),
        }
    }

    fn dictionary(&self, colour_space: &str) -> Dictionary {
        Dictionary::new()
            .with("Type", Object::name("XObject"))
            .with("Subtype", Object::name("Image"))
            .with("Width", i64::from(self.width))
            .with("Height", i64::from(self.height))
            .with("ColorSpace", Object::name(colour_space))
            .with("BitsPerComponent", 8)
    }
}

/// A picture compressed once, for any number of documents.
#[derive(Debug)]
pub(crate) struct PackedPicture {
    /// Pixels.
    pub(crate) width: u32,
    /// Pixels.
    pub(crate) height: u32,
    image: Object,
    mask: Option<Object>,
}

impl PackedPicture {
    /// Writes the picture into the update and returns its reference.
    pub(crate) fn embed(&self, update: &mut Update<'_>) -> ObjectId {
        let mut image = self.image.clone();
        if let (Some(mask), Object::Stream(image)) = (&self.mask, &mut image) {
            image.dictionary.insert("SMask", add(update, mask.clone()));
        }
        add(update, image)
    }
}

/// Takes interleaved samples apart; a mask without a transparent pixel is dropped.
fn split_alpha(samples: Vec<u8>, colours: usize, has_alpha: bool) -> (Vec<u8>, Option<Vec<u8>>) {
    if !has_alpha {
        return (samples, None);
    }
    let mut colour = Vec::with_capacity(samples.len());
    let mut alpha = Vec::with_capacity(samples.len() / (colours + 1));
    for pixel in samples.chunks_exact(colours + 1) {
        if let Some((mask, rest)) = pixel.split_last() {
            colour.extend_from_slice(rest);
            alpha.push(*mask);
        }
    }
    let opaque = alpha.iter().all(|a| *a == 255);
    (colour, (!opaque).then_some(alpha))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, colour: png::ColorType, samples: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        bytes
    }

    #[test]
    fn keeps_transparency_and_drops_an_opaque_mask() {
        let seal =
            Picture::from_png(&png(2, 1, png::ColorType::Rgba, &[255, 0, 0, 255, 0, 0, 0, 0])).unwrap();
        assert_eq!(seal.colour, [255, 0, 0, 0, 0, 0]);
        assert_eq!(seal.alpha.as_deref(), Some(&[255, 0][..]));
        let opaque = Picture::from_png(&png(1, 1, png::ColorType::Rgba, &[1, 2, 3, 255])).unwrap();
        assert_eq!(opaque.alpha, None);
    }

    #[test]
    fn refuses_what_is_not_a_png_or_too_large() {
        assert!(matches!(Picture::from_png(b"GIF89a"), Err(ImageError::Unreadable(_))));
        let mut wide = png(1, 1, png::ColorType::Grayscale, &[0]);
        // Width in the IHDR chunk; its checksum no longer fits, which is refused just as well.
        wide[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        assert!(Picture::from_png(&wide).is_err());
        let cut = png(64, 64, png::ColorType::Rgb, &[7; 64 * 64 * 3]);
        assert!(Picture::from_png(&cut[..cut.len() / 2]).is_err());
    }
}
