//! The official letter: which empty fields a frozen draft gets, and where (NĐ 30/2020 Phụ lục I).
//!
//! The leader signs before the clerk gives number and date (Điều 14), and nothing may break the
//! leader's signature. So the frozen draft carries empty text fields for number and date and empty
//! signature fields for each signer; later steps only fill them:
//!
//! 1. [`freeze`] the draft;
//! 2. the leader signs [`FIELD_LEADER`] and certifies with DocMDP P=2 (form filling and signing);
//! 3. the clerk fills [`FIELD_NUMBER`], [`FIELD_DAY`], [`FIELD_MONTH`] and seals [`FIELD_SEAL`] in one
//!    revision; the seal's lock covers all fields, so that nothing can be filled after it.
//!
//! Where the anchors are on the page is found by the caller (`sign-io`) and comes in as a [`Layout`].

use super::SignError;
use super::edit::Edit;
use super::form::{FormEdit, SIGNATURES_EXIST, field_with_widget, page_of};
use super::options::{Fill, Place};
use super::permission::{Change, check_permission};
use super::structure::Structure;
use crate::crypto::document::open;
use crate::pades::appearance::{Align, FIELD_BASELINE, FontChoice, empty_form};
use crate::pades::field::Form;
use crate::pdf::{Access, Dictionary, Document, Object, ObjectId};
use crate::source::Source;
use crate::time::Time;

/// Text field for the digits of the number (Ô 3).
pub const FIELD_NUMBER: &str = "Number";
/// Text field for the day (Ô 4).
pub const FIELD_DAY: &str = "Day";
/// Text field for the month (Ô 4).
pub const FIELD_MONTH: &str = "Month";
/// Signature field for the drafter's initials (ký nháy).
pub const FIELD_INITIALS: &str = crate::pades::field::INITIALS;
/// Signature field for the competent person (Ô 7b).
pub const FIELD_LEADER: &str = "Leader";
/// Signature field for the organisation's seal (Ô 8).
pub const FIELD_SEAL: &str = "Seal";

/// Diameter of a seal in points: 36 mm, the size of a provincial agency's; drawn in real size.
pub const SEAL_DIAMETER: f64 = 36.0 / 25.4 * 72.0;

/// A gap in a line of the letter, to be filled with text later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextPlace {
    /// Page, counted from 0.
    pub page: usize,
    /// Left and right end of the gap in default user space units.
    pub x: [f64; 2],
    /// Baseline of the line the gap is in.
    pub baseline: f64,
    /// Size of the letters around the gap, in points.
    pub font_size: f64,
    /// Font that matches the letters around the gap.
    pub font: FontChoice,
    /// Where the text starts.
    pub align: Align,
}

impl TextPlace {
    /// The field's box: its text's baseline meets the baseline of the line.
    fn place(self) -> Place {
        let bottom = self.baseline - FIELD_BASELINE * self.font_size;
        // 1.2: room above for letters with two marks; the box itself is not drawn.
        Place { page: self.page, rect: [self.x[0], bottom, self.x[1], bottom + 1.2 * self.font_size] }
    }
}

/// The places of a letter's fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Digits of the number, behind `Số:`.
    pub number: TextPlace,
    /// Day, behind `ngày`.
    pub day: TextPlace,
    /// Month, behind `tháng`.
    pub month: TextPlace,
    /// Initials, if the office uses them.
    pub initials: Option<Place>,
    /// The competent person's signature, between title and name.
    pub leader: Place,
    /// The organisation's seal.
    pub seal: Place,
}

/// The seal's place beside a signature: a third of the signature is covered, on its left, centres
/// on one height (NĐ 30/2020 Phụ lục I Ô 8, Điều 33).
pub fn seal_beside(signature: Place, diameter: f64) -> Place {
    let [x0, y0, x1, y1] = signature.rect;
    let right = x0 + (x1 - x0) / 3.0;
    let middle = (y0 + y1) / 2.0;
    let rect = [right - diameter, middle - diameter / 2.0, right, middle + diameter / 2.0];
    Place { page: signature.page, rect }
}

/// The texts the clerk's step fills: number and date of issue, as the law writes them
/// (a number below 10, a day below 10 and the months 1 and 2 with a zero in front).
pub fn number_and_date(number: u32, date: Time) -> Vec<Fill> {
    let parts = date.parts();
    let month = if parts.month <= 2 { format!("{:02}", parts.month) } else { parts.month.to_string() };
    let texts = [
        (FIELD_NUMBER, format!("{number:02}")),
        (FIELD_DAY, format!("{:02}", parts.day)),
        (FIELD_MONTH, month),
    ];
    texts.into_iter().map(|(field, text)| Fill { field: field.into(), text }).collect()
}

/// What a screen reader says of a field, in the language of the letters (`/TU`; ISO 14289-1 7.18.1).
pub(super) fn spoken(field: &str) -> &'static str {
    match field {
        FIELD_NUMBER => "Số văn bản",
        FIELD_DAY => "Ngày ban hành",
        FIELD_MONTH => "Tháng ban hành",
        FIELD_INITIALS => "Chữ ký nháy",
        FIELD_LEADER => "Chữ ký số của người có thẩm quyền",
        FIELD_SEAL => "Chữ ký số của cơ quan, tổ chức",
        _ => "Chữ ký số",
    }
}

/// Freezes a draft: appends the empty fields. Returns the bytes to append.
///
/// # Errors
/// [`SignError::AlreadySigned`] for a document with signatures, [`SignError::FieldExists`] for one
/// that has a field of these names, [`SignError::NoSuchPage`] and [`SignError::BadRect`] for a
/// layout that does not fit, [`SignError::NotPermitted`] for an encrypted one that forbids it.
pub fn freeze<'p>(
    source: &dyn Source,
    layout: &Layout,
    access: impl Into<Access<'p>>,
) -> Result<Vec<u8>, SignError> {
    let document = open(source, access)?;
    refuse_fields(&document, layout)?;
    check_permission(&document, Change::CreateFields)?;
    let mut edit = Edit::new(&document)?;
    let form = FormEdit::open(&mut edit)?;
    let structure = Structure::read(document.latest())?;
    let mut draft = Draft { edit, form, structure };

    for (name, text) in [(FIELD_NUMBER, layout.number), (FIELD_DAY, layout.day), (FIELD_MONTH, layout.month)]
    {
        draft.add_text_field(name, text)?;
    }
    if let Some(place) = layout.initials {
        draft.add_signature_field(FIELD_INITIALS, place, None)?;
    }
    draft.add_signature_field(FIELD_LEADER, layout.leader, None)?;
    // Table 235: the lock is an object of its own.
    let lock = draft.edit.add(lock_all());
    draft.add_signature_field(FIELD_SEAL, layout.seal, Some(lock))?;
    draft.form.set_signature_flags(&mut draft.edit, SIGNATURES_EXIST)?;
    Ok(draft.edit.finish()?.bytes)
}

fn refuse_fields(document: &Document<'_>, layout: &Layout) -> Result<(), SignError> {
    let view = document.latest();
    let form = Form::read(&view, document.limits().fields)?;
    let signatures = form.signature_fields(&view)?.iter().filter(|field| field.value.is_some()).count();
    if signatures > 0 {
        return Err(SignError::AlreadySigned { signatures });
    }
    let mut names = vec![FIELD_NUMBER, FIELD_DAY, FIELD_MONTH, FIELD_LEADER, FIELD_SEAL];
    names.extend(layout.initials.map(|_| FIELD_INITIALS));
    match names.into_iter().find(|name| form.nodes.iter().any(|node| node.name == *name)) {
        Some(name) => Err(SignError::FieldExists { name: name.into() }),
        None => Ok(()),
    }
}

/// A draft while it gets its fields.
struct Draft<'d> {
    edit: Edit<'d>,
    form: FormEdit,
    structure: Option<Structure>,
}

impl Draft<'_> {
    fn add_text_field(&mut self, name: &str, text: TextPlace) -> Result<(), SignError> {
        let place = text.place();
        let (page, frame) = page_of(self.edit.before(), place)?;
        let (key, font) = default_font(text.font);
        self.form.add_default_font(&mut self.edit, key, font)?;

        let drawing = empty_form(self.edit.update(), frame)?;
        let field = field_with_widget(name, spoken(name), "Tx", page, place.rect, drawing)
            .with("DA", Object::text(&format!("/{key} {} Tf 0 g", text.font_size)))
            .with("Q", text.align.quadding());
        self.add(page, field)
    }

    fn add_signature_field(
        &mut self,
        name: &str,
        place: Place,
        lock: Option<ObjectId>,
    ) -> Result<(), SignError> {
        let (page, frame) = page_of(self.edit.before(), place)?;
        let drawing = empty_form(self.edit.update(), frame)?;
        let mut field = field_with_widget(name, spoken(name), "Sig", page, place.rect, drawing);
        if let Some(lock) = lock {
            field.insert("Lock", lock);
        }
        self.add(page, field)
    }

    fn add(&mut self, page: ObjectId, field: Dictionary) -> Result<(), SignError> {
        let field = self.edit.add(field);
        self.edit.push(page, "Annots", field)?;
        if let Some(structure) = &mut self.structure {
            structure.add_form_element(&mut self.edit, field, page)?;
        }
        self.form.add_field(&mut self.edit, field)
    }
}

/// ISO 32000-2 table 236: after the seal no field changes.
fn lock_all() -> Dictionary {
    Dictionary::new().with("Type", Object::name("SigFieldLock")).with("Action", Object::name("All"))
}

/// The font a viewer would use while typing; what we fill in embeds its own.
fn default_font(font: FontChoice) -> (&'static str, Dictionary) {
    let (key, base) = match font {
        FontChoice::SerifRegular => ("SignSerif", "Times-Roman"),
        FontChoice::SerifBold => ("SignSerifBold", "Times-Bold"),
        FontChoice::SerifItalic => ("SignSerifItalic", "Times-Italic"),
        FontChoice::SansRegular => ("SignSans", "Helvetica"),
        FontChoice::SansBold => ("SignSansBold", "Helvetica-Bold"),
    };
    let dictionary = Dictionary::new()
        .with("Type", Object::name("Font"))
        .with("Subtype", Object::name("Type1"))
        .with("BaseFont", Object::name(base))
        .with("Encoding", Object::name("WinAnsiEncoding"));
    (key, dictionary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seal_covers_the_left_third_of_the_signature_at_its_height() {
        let signature = Place { page: 0, rect: [350.0, 150.0, 500.0, 210.0] };
        let seal = seal_beside(signature, SEAL_DIAMETER);
        assert!((seal.rect[2] - 400.0).abs() < 1e-9);
        assert!(((seal.rect[1] + seal.rect[3]) / 2.0 - 180.0).abs() < 1e-9);
        assert!((seal.rect[2] - seal.rect[0] - 102.047).abs() < 0.001);
    }

    #[test]
    fn number_and_date_carry_the_zeros_of_the_decree() {
        let texts = |number, time| -> Vec<String> {
            let time = Time::parse_rfc3339(time).unwrap();
            number_and_date(number, time).into_iter().map(|fill| fill.text).collect()
        };
        assert_eq!(texts(5, "2026-02-05T23:30:00+07:00"), ["05", "05", "02"]);
        assert_eq!(texts(150, "2026-11-21T08:00:00+07:00"), ["150", "21", "11"]);
        // Months from 3 on have no zero in front.
        assert_eq!(texts(10, "2026-03-09T08:00:00+07:00"), ["10", "09", "3"]);
    }
}
