//! PNG pictures (a hand signature, a seal) as image XObjects (ISO 32000-2 8.9).
//!
//! The law asks for .png with a transparent background (NĐ 30/2020 Phụ lục I); nothing else is read.

use super::conformance::Drawing;
use super::font::compressed;
use crate::pdf::{Dictionary, Object, ObjectId, Objects};
use std::cell::OnceCell;
use std::io::Cursor;

/// Widest and tallest picture taken. A seal of 36 mm at 1,200 dpi has 1,700 pixels.
const MAX_SIDE: u32 = 4_096;
/// Memory the decoder may use.
const MAX_BYTES: usize = 128 << 20;

/// Less than a quarter of the ink: on white a shade nobody misses.
const HARDLY_VISIBLE: u8 = 64;

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

    /// Ready to be written into any number of documents.
    pub(crate) fn pack(self) -> PackedPicture {
        let (width, height) = (self.width, self.height);
        PackedPicture { width, height, picture: self, soft: OnceCell::new(), hard: OnceCell::new() }
    }

    /// The picture, and its transparency as a soft mask.
    fn soft(&self) -> Packed {
        let samples = |space: &str, data: &[u8]| {
            compressed(self.dictionary().with("ColorSpace", Object::name(space)), data)
        };
        let mask = self.alpha.as_ref().map(|alpha| samples("DeviceGray", alpha));
        Packed { image: samples(self.colour_space, &self.colour), mask }
    }

    /// The picture without half tones of transparency: a pixel is drawn as it looks on white, or not at
    /// all if hardly anything of it shows. The edges lose their softness, what lies beneath stays visible.
    fn hard(&self) -> Packed {
        let Some(alpha) = &self.alpha else { return self.soft() };
        let image = self.dictionary().with("ColorSpace", Object::name(self.colour_space));
        let mask = self.dictionary().with("ImageMask", true).with("BitsPerComponent", 1);
        let mask = Some(compressed(mask, &self.stencil(alpha)));
        Packed { image: compressed(image, &self.on_white(alpha)), mask }
    }

    /// Explicit mask (8.9.6.3): a bit a pixel, rows padded to bytes, 1 where nothing is drawn.
    fn stencil(&self, alpha: &[u8]) -> Vec<u8> {
        let rows = alpha.chunks(self.width as usize);
        let byte = |pixels: &[u8]| {
            let bits = pixels.iter().enumerate();
            bits.fold(0, |byte, (at, a)| byte | (u8::from(*a < HARDLY_VISIBLE) << (7 - at)))
        };
        rows.flat_map(|row| row.chunks(8).map(byte)).collect()
    }

    /// The colours as they look on white paper.
    fn on_white(&self, alpha: &[u8]) -> Vec<u8> {
        let colours = self.colour.len() / alpha.len().max(1);
        let pixels = self.colour.chunks(colours.max(1)).zip(alpha);
        let blend = |colour: u8, alpha: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            // At most 255.
            ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        pixels.flat_map(|(pixel, alpha)| pixel.iter().map(move |colour| blend(*colour, *alpha))).collect()
    }

    fn dictionary(&self) -> Dictionary {
        Dictionary::new()
            .with("Type", Object::name("XObject"))
            .with("Subtype", Object::name("Image"))
            .with("Width", i64::from(self.width))
            .with("Height", i64::from(self.height))
            .with("BitsPerComponent", 8)
    }
}

/// A picture compressed once, for any number of documents: either way when the first asks for it.
#[derive(Debug)]
pub(crate) struct PackedPicture {
    /// Pixels.
    pub(crate) width: u32,
    /// Pixels.
    pub(crate) height: u32,
    picture: Picture,
    soft: OnceCell<Packed>,
    hard: OnceCell<Packed>,
}

/// Streams as they will be written; the image lacks the reference to its mask.
#[derive(Debug)]
struct Packed {
    image: Object,
    mask: Option<Object>,
}

impl PackedPicture {
    /// Writes the picture into the update or new document and returns its reference.
    pub(crate) fn embed(&self, update: &mut impl Objects, drawing: Drawing) -> ObjectId {
        let (packed, key) = if drawing.soft_masks {
            (self.soft.get_or_init(|| self.picture.soft()), "SMask")
        } else {
            (self.hard.get_or_init(|| self.picture.hard()), "Mask")
        };
        let mut image = packed.image.clone();
        if let (Some(mask), Object::Stream(image)) = (&packed.mask, &mut image) {
            image.dictionary.insert(key, update.add(mask.clone()));
        }
        update.add(image)
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
    fn without_soft_masks_a_pixel_is_drawn_on_white_or_not_at_all() {
        // Red: whole, half, hardly there, absent; ten to a row, so that a row ends within a byte.
        let alphas = [255, 128, 10, 0, 255, 255, 255, 255, 0, 255];
        let samples: Vec<u8> = alphas.iter().flat_map(|alpha| [255, 0, 0, *alpha]).collect();
        let seal = Picture::from_png(&png(10, 1, png::ColorType::Rgba, &samples)).unwrap();
        let alpha = seal.alpha.as_deref().unwrap();
        assert_eq!(seal.stencil(alpha), [0b0011_0000, 0b1000_0000]);
        let on_white = seal.on_white(alpha);
        assert_eq!(on_white[..9], [255, 0, 0, 255, 127, 127, 255, 245, 245]);
        assert_eq!(on_white.len(), 30);
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
