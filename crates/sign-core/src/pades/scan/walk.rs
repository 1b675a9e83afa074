//! Every object of the newest revision once, from the pages and then from the catalog: actions, data
//! outside the file, fonts.

use super::{Found, Reached, entry, name_of, text_of};
use crate::error::PdfError;
use crate::pdf::{Dictionary, Object, ObjectId, Page, Stream, View};
use std::rc::Rc;

/// Ways back up, or into the structure tree, which names content and draws nothing.
const NOT_FOLLOWED: [&str; 5] = ["Parent", "P", "StructTreeRoot", "Pg", "StructParents"];

/// Where a walk is.
#[derive(Clone, Copy)]
struct Place {
    page: Option<usize>,
    /// In contents or resources of the page.
    painted: bool,
    /// In the form's default resources, which only show while somebody types.
    defaults: bool,
}

struct Walk<'d, 'f> {
    view: View<'d>,
    found: &'f mut Found,
    reached: Reached,
    open: Vec<(ObjectId, Place)>,
}

/// Walks pages first, so that what a page uses is said to be on it.
pub(super) fn everything(view: View<'_>, pages: &[Page], found: &mut Found) -> Result<Reached, PdfError> {
    let mut walk = Walk { view, found, reached: Reached::default(), open: Vec::new() };
    // A link from one page to another must not make the second a part of the first.
    walk.reached.all.extend(pages.iter().map(|page| page.id));
    for painted in [true, false] {
        for (number, page) in pages.iter().enumerate() {
            let place = Place { page: Some(number), painted, defaults: false };
            walk.page(page, place)?;
        }
    }
    let nowhere = Place { page: None, painted: false, defaults: false };
    if let Some(root) = view.trailer().get("Root") {
        walk.values(root, None, nowhere);
    }
    walk.follow_all()?;
    Ok(walk.reached)
}

impl Walk<'_, '_> {
    fn page(&mut self, page: &Page, place: Place) -> Result<(), PdfError> {
        let paints = |key: &str| matches!(key, "Contents" | "Resources");
        for (key, value) in page.dictionary.iter() {
            let key = key.as_str();
            if paints(&key) == place.painted && !NOT_FOLLOWED.contains(&&*key) {
                self.values(value, Some(page.id), place);
            }
        }
        if place.painted && !page.dictionary.contains("Resources") {
            self.entries(&page.resources, None, place);
        }
        self.follow_all()
    }

    fn follow_all(&mut self) -> Result<(), PdfError> {
        while let Some((id, place)) = self.open.pop() {
            let read = self.view.object(id);
            if let Some(object) = self.found.unless_unreadable(read, place.page, Some(id))? {
                self.object(&object, id, place);
            }
        }
        Ok(())
    }

    fn object(&mut self, object: &Rc<Object>, id: ObjectId, place: Place) {
        if let Object::Stream(stream) = &**object {
            self.stream(stream, id, place);
        }
        self.values(object, Some(id), place);
    }

    /// Depth is that of the parser, which was bounded.
    fn values(&mut self, object: &Object, home: Option<ObjectId>, place: Place) {
        match object {
            Object::Reference(id) if self.reached.all.insert(*id) => {
                if place.painted {
                    self.reached.painted.insert(*id);
                }
                self.open.push((*id, place));
            }
            Object::Array(items) => items.iter().for_each(|item| self.values(item, home, place)),
            Object::Dictionary(entries) | Object::Stream(Stream { dictionary: entries, .. }) => {
                self.dictionary(entries, object, home, place);
                self.entries(entries, home, place);
            }
            _ => {}
        }
    }

    fn entries(&mut self, entries: &Dictionary, home: Option<ObjectId>, place: Place) {
        for (key, value) in entries.iter() {
            let key = key.as_str();
            if !NOT_FOLLOWED.contains(&&*key) {
                self.values(value, home, Place { defaults: place.defaults || key == "DR", ..place });
            }
        }
    }

    fn stream(&mut self, stream: &Stream, id: ObjectId, place: Place) {
        // Table 5: with /F the data are those of another file.
        if stream.dictionary.contains("F") {
            let file = entry(self.view, &Object::Dictionary(stream.dictionary.clone()), "F");
            self.found.add("external_stream", place.page, Some(id), file_name(self.view, &file));
        }
    }

    fn dictionary(&mut self, entries: &Dictionary, whole: &Object, home: Option<ObjectId>, place: Place) {
        let mut add = |code, detail: String| self.found.add(code, place.page, home, detail);
        let view = self.view;
        let name = |key: &str| entries.get(key).map(name_of).unwrap_or_default();
        // Structure elements have /S too, and /K.
        if let Some(code) = action_code(&name("S")).filter(|_| !entries.contains("K")) {
            add(code, action_target(view, whole));
        } else if entries.contains("JS") {
            add("javascript", String::new());
        }
        if name("FS") == "URL" {
            add("external_stream", file_name(view, whole));
        }
        match name("Subtype").as_str() {
            "Form" if entries.contains("Ref") || entries.contains("OPI") => {
                add("external_content", String::new());
            }
            "Image" if entries.contains("OPI") => add("external_content", String::new()),
            "Image" if entries.contains("Alternates") => add("alternate_image", String::new()),
            kind if !place.defaults && is_font(kind) && !is_embedded(view, whole) => {
                add("font_not_embedded", text_of(&entry(view, whole, "BaseFont")));
            }
            _ => {}
        }
        if entries.contains("EF") {
            add("embedded_file", file_name(view, whole));
        }
    }
}

fn action_code(action: &str) -> Option<&'static str> {
    Some(match action {
        "JavaScript" => "javascript",
        "Launch" => "launch_action",
        "GoToR" | "GoToE" | "Thread" => "remote_link",
        "URI" => "web_link",
        "SubmitForm" => "submit_action",
        "ImportData" | "ResetForm" | "Hide" => "field_action",
        "SetOCGState" => "layer_action",
        "Rendition" | "Movie" | "Sound" | "GoTo3DView" | "RichMediaExecute" => "media_action",
        _ => return None,
    })
}

/// Address or file of an action.
fn action_target(view: View<'_>, action: &Object) -> String {
    match entry(view, action, "URI") {
        Object::Null => file_name(view, &entry(view, action, "F")),
        address => text_of(&address),
    }
}

/// The name in a file specification (7.11.3).
fn file_name(view: View<'_>, file: &Object) -> String {
    let named = |key: &str| Some(text_of(&entry(view, file, key))).filter(|name| !name.is_empty());
    match file {
        Object::String(name) => name.to_text(),
        _ => named("UF").or_else(|| named("F")).unwrap_or_default(),
    }
}

fn is_font(subtype: &str) -> bool {
    matches!(subtype, "Type1" | "MMType1" | "TrueType" | "CIDFontType0" | "CIDFontType2")
}

/// Table 120; a font file dictionary by itself (/FontFile3 with /Subtype /Type1C) is no font.
fn is_embedded(view: View<'_>, font: &Object) -> bool {
    let descriptor = entry(view, font, "FontDescriptor");
    let has = |key: &str| descriptor.dictionary().is_some_and(|entries| entries.contains(key));
    let is_font_dictionary = name_of(&entry(view, font, "Type")) == "Font";
    !is_font_dictionary || has("FontFile") || has("FontFile2") || has("FontFile3")
}
