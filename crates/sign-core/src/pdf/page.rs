//! Pages in order, with the attributes they inherit (ISO 32000-2 clauses 7.7.3.2–7.7.3.4).

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::indirect::wrong_type;
use super::object::{Dictionary, Object, ObjectId};
use super::view::View;
use crate::error::PdfError;
use crate::limits::LimitExceeded;

/// US Letter: what viewers take where a page tree has no `/MediaBox`, though it is required.
const DEFAULT_BOX: [f64; 4] = [0.0, 0.0, 612.0, 792.0];
/// What a page may take from a node above it (table 31).
const INHERITED: [&str; 4] = ["Resources", "MediaBox", "CropBox", "Rotate"];

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its object.
    pub id: ObjectId,
    /// Its dictionary as written, without what it inherits.
    pub dictionary: Dictionary,
    /// Lower left and upper right corner in user space units.
    pub media_box: [f64; 4],
    /// What a viewer shows; the part of it inside the media box.
    pub crop_box: [f64; 4],
    /// Clockwise turn when shown: 0, 90, 180 or 270 degrees.
    pub rotate: u16,
    /// Size of a user space unit in 1/72 inch.
    pub user_unit: f64,
    /// Its own or inherited resources; empty if there are none.
    pub resources: Dictionary,
}

/// A node of the tree still to be looked at.
struct Node {
    id: ObjectId,
    depth: u32,
    /// Shared by all children of a node.
    inherited: Rc<Dictionary>,
}

impl View<'_> {
    /// The number of pages the page tree's root claims, or the true one if it claims none.
    ///
    /// # Errors
    /// As [`View::pages`].
    pub fn page_count(self) -> Result<u64, PdfError> {
        match self.claimed_page_count()? {
            Some(count) => Ok(count),
            None => Ok(self.pages()?.len() as u64),
        }
    }

    /// All pages in order.
    ///
    /// # Errors
    /// [`PdfError::Loop`] if the tree is none, [`PdfError::WrongType`] if a node is not a dictionary,
    /// [`PdfError::Limit`] past [`crate::limits::Limits::pages`] nodes, and as [`View::object`].
    pub fn pages(self) -> Result<Vec<Page>, PdfError> {
        let mut pages = Vec::new();
        self.walk_pages(&mut |leaf| {
            pages.push(leaf.page()?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(pages)
    }

    /// The page `index`, counted from 0; `None` if there are not so many. Nothing behind it is read.
    ///
    /// Pages are counted by walking to them: what `/Count` claims for a branch may be wrong.
    ///
    /// # Errors
    /// As [`View::pages`].
    pub fn page(self, index: usize) -> Result<Option<Page>, PdfError> {
        let mut found = None;
        self.walk_pages(&mut |leaf| {
            if leaf.index < index {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(leaf.page()?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// Calls `take` with each page's index and dictionary in order: less work than [`View::pages`],
    /// which also resolves what they inherit.
    ///
    /// # Errors
    /// As [`View::pages`], and what `take` returns.
    pub(crate) fn page_dictionaries(
        self,
        mut take: impl FnMut(usize, &Dictionary) -> Result<(), PdfError>,
    ) -> Result<(), PdfError> {
        self.walk_pages(&mut |leaf| {
            take(leaf.index, leaf.dictionary)?;
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Visits the leaves of the page tree in order until `visit` breaks off.
    fn walk_pages(self, visit: &mut Visit<'_>) -> Result<(), PdfError> {
        let (catalog_id, catalog) = self.catalog()?;
        let root = catalog.as_dictionary().and_then(|catalog| catalog.get("Pages")?.as_reference());
        let root = root.ok_or_else(|| wrong_type(catalog_id, "Pages", "reference"))?;

        let mut walk = Walk { view: self, inner: HashSet::new(), visited: 0, found: 0 };
        let mut open = vec![Node { id: root, depth: 0, inherited: Rc::default() }];
        while let Some(node) = open.pop() {
            match walk.visit(node, visit)? {
                ControlFlow::Continue(children) => open.extend(children.into_iter().rev()),
                ControlFlow::Break(()) => return Ok(()),
            }
        }

        let (found, claimed) = (walk.found as u64, self.claimed_page_count()?);
        if claimed != Some(found) {
            let claimed = claimed.map_or("no number".to_owned(), |count| count.to_string());
            self.document().note("page_count_differs", None, format!("{found} pages, /Count says {claimed}"));
        }
        Ok(())
    }

    fn claimed_page_count(self) -> Result<Option<u64>, PdfError> {
        let (_, catalog) = self.catalog()?;
        let Some(catalog) = catalog.as_dictionary() else { return Ok(None) };
        let root = self.get(catalog, "Pages")?;
        let Some(root) = root.as_dictionary() else { return Ok(None) };
        Ok(self.get(root, "Count")?.as_integer().and_then(|count| u64::try_from(count).ok()))
    }
}

/// What is done with each page; breaks off when it has seen enough.
type Visit<'v> = dyn FnMut(Leaf<'_>) -> Result<ControlFlow<()>, PdfError> + 'v;

/// A page that has been reached.
struct Leaf<'w> {
    view: View<'w>,
    index: usize,
    node: &'w Node,
    dictionary: &'w Dictionary,
}

struct Walk<'d> {
    view: View<'d>,
    inner: HashSet<ObjectId>,
    visited: u64,
    /// Pages so far.
    found: usize,
}

impl Walk<'_> {
    /// Shows a page, or returns the children of an inner node in order.
    fn visit(&mut self, node: Node, visit: &mut Visit<'_>) -> Result<ControlFlow<(), Vec<Node>>, PdfError> {
        self.count(&node)?;
        let object = self.view.object(node.id)?;
        let Some(dictionary) = object.as_dictionary() else {
            if object.is_null() {
                self.view.document().note(
                    "page_missing",
                    None,
                    format!("page tree node {} is null", node.id),
                );
                return Ok(ControlFlow::Continue(Vec::new()));
            }
            return Err(wrong_type(node.id, "Kids", "dictionary"));
        };
        if dictionary.contains("Kids") {
            return Ok(ControlFlow::Continue(self.children(&node, dictionary)?));
        }
        let leaf = Leaf { view: self.view, index: self.found, node: &node, dictionary };
        self.found += 1;
        Ok(visit(leaf)?.map_continue(|()| Vec::new()))
    }

    fn count(&mut self, node: &Node) -> Result<(), PdfError> {
        let limits = self.view.document().limits();
        self.visited += 1;
        if self.visited > limits.pages {
            return Err(LimitExceeded { limit: "pages", allowed: limits.pages }.into());
        }
        if node.depth > limits.reference_chain {
            let allowed = limits.reference_chain.into();
            return Err(LimitExceeded { limit: "reference_chain", allowed }.into());
        }
        Ok(())
    }

    fn children(&mut self, node: &Node, dictionary: &Dictionary) -> Result<Vec<Node>, PdfError> {
        // A page may be listed twice, though it should not; a node that is, lists all its pages again,
        // and one below itself has no end.
        if !self.inner.insert(node.id) {
            return Err(PdfError::Loop { object: node.id.to_string() });
        }
        let kids = self.view.get(dictionary, "Kids")?;
        let kids = kids.as_array().ok_or_else(|| wrong_type(node.id, "Kids", "array"))?;
        if kids.len() as u64 > self.view.document().limits().pages {
            let allowed = self.view.document().limits().pages;
            return Err(LimitExceeded { limit: "pages", allowed }.into());
        }
        let mut inherited = node.inherited.as_ref().clone();
        for key in INHERITED {
            if let Some(value) = dictionary.get(key).filter(|value| !value.is_null()) {
                inherited.insert(key, value.clone());
            }
        }
        let inherited = Rc::new(inherited);
        let child = |kid: &Object| match kid {
            Object::Reference(id) => {
                Ok(Node { id: *id, depth: node.depth + 1, inherited: Rc::clone(&inherited) })
            }
            _ => Err(wrong_type(node.id, "Kids", "array of references")),
        };
        kids.iter().map(child).collect()
    }
}

impl Leaf<'_> {
    /// The page with what it inherits.
    fn page(&self) -> Result<Page, PdfError> {
        let Self { view, node, dictionary, .. } = *self;
        if dictionary.type_name().is_none_or(|name| name != "Page") {
            view.document().note("page_type", None, format!("object {}: /Type is not /Page", node.id));
        }
        let attribute = |key: &str| match dictionary.get(key).filter(|value| !value.is_null()) {
            Some(_) => view.get(dictionary, key),
            None => view.get(&node.inherited, key),
        };
        let media_box = match self.rectangle(attribute("MediaBox")?.as_ref())? {
            Some(rectangle) => rectangle,
            None => {
                view.document().note(
                    "media_box_missing",
                    None,
                    format!("page {}: no usable /MediaBox", node.id),
                );
                DEFAULT_BOX
            }
        };
        let crop_box = self.rectangle(attribute("CropBox")?.as_ref())?;
        let crop_box = crop_box.and_then(|crop| intersection(crop, media_box)).unwrap_or(media_box);
        let user_unit = view.get(dictionary, "UserUnit")?.as_f64().filter(|unit| *unit > 0.0).unwrap_or(1.0);
        Ok(Page {
            id: node.id,
            dictionary: dictionary.clone(),
            media_box,
            crop_box,
            rotate: self.rotation(node.id, attribute("Rotate")?.as_ref()),
            user_unit,
            resources: attribute("Resources")?.as_dictionary().cloned().unwrap_or_default(),
        })
    }

    /// 7.9.5: two opposite corners, any two.
    fn rectangle(&self, object: &Object) -> Result<Option<[f64; 4]>, PdfError> {
        let Some([x1, y1, x2, y2]) = object.as_array() else { return Ok(None) };
        let number = |object: &Object| self.view.resolve(object).map(|value| value.as_f64());
        let (Some(x1), Some(y1), Some(x2), Some(y2)) = (number(x1)?, number(y1)?, number(x2)?, number(y2)?)
        else {
            return Ok(None);
        };
        let rectangle = [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)];
        let has_area = rectangle[0] < rectangle[2] && rectangle[1] < rectangle[3];
        Ok(has_area.then_some(rectangle))
    }

    fn rotation(&self, id: ObjectId, object: &Object) -> u16 {
        let degrees = object.as_integer().unwrap_or(0);
        if degrees % 90 != 0 {
            let detail = format!("page {id}: /Rotate {degrees} is not a multiple of 90");
            self.view.document().note("page_rotation", None, detail);
            return 0;
        }
        u16::try_from(degrees.rem_euclid(360)).unwrap_or(0)
    }
}

fn intersection(a: [f64; 4], b: [f64; 4]) -> Option<[f64; 4]> {
    let both = [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])];
    (both[0] < both[2] && both[1] < both[3]).then_some(both)
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::super::fixture::FileBuilder;
    use super::*;
    use crate::limits::Limits;

    fn page(tree: &str, page: &str) -> (Page, Vec<&'static str>) {
        let file = FileBuilder::new()
            .with_a_page()
            .object(2, &format!("<</Type/Pages/Kids[3 0 R]/Count 1{tree}>>"))
            .object(3, &format!("<</Type/Page{page}>>"))
            .object(4, "<</Font 5 0 R>>")
            .object(6, "70")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let page = document.latest().pages().unwrap().remove(0);
        (page, document.findings().iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn inherits_what_a_page_does_not_say() {
        let tree = "/MediaBox[0 0 100 200]/CropBox[10 10 90 900]/Rotate 90/Resources 4 0 R";
        let (found, _) = page(tree, "");
        assert_eq!(found.media_box, [0.0, 0.0, 100.0, 200.0]);
        assert_eq!(found.crop_box, [10.0, 10.0, 90.0, 200.0]);
        assert_eq!((found.rotate, found.user_unit), (90, 1.0));
        assert!(found.resources.contains("Font"));

        let own = "/MediaBox[100 6 0 R 0 0]/CropBox null/Rotate -90/Resources<<>>/UserUnit 2.5";
        let (found, codes) = page(tree, own);
        assert_eq!(found.media_box, [0.0, 0.0, 100.0, 70.0]);
        assert_eq!(found.crop_box, [10.0, 10.0, 90.0, 70.0]);
        assert_eq!((found.rotate, found.user_unit), (270, 2.5));
        assert!(found.resources.is_empty());
        assert_eq!(codes, [""; 0]);
    }

    #[test]
    fn says_what_a_page_lacks() {
        let (found, codes) = page("", "/Rotate 45");
        assert_eq!((found.media_box, found.rotate), (DEFAULT_BOX, 0));
        assert_eq!(codes, ["media_box_missing", "page_rotation"]);
        let (found, _) = page("", "/MediaBox[0 0 0 10]");
        assert_eq!(found.media_box, DEFAULT_BOX);
    }

    #[test]
    fn finds_one_page_without_reading_those_behind_it() {
        let file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R 4 0 R 9 0 R]/Count 7/MediaBox[0 0 1 1]>>")
            .object(3, "<</Type/Page>>")
            .object(4, "<</Type/Pages/Kids[5 0 R]/Count 1/Rotate 90>>")
            .object(5, "<</Type/Page>>")
            .object(9, "(no page)")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let view = document.latest();
        let found = |index| view.page(index).map(|page| page.map(|page| (page.id.number, page.rotate)));
        assert_eq!(found(0), Ok(Some((3, 0))));
        assert_eq!(found(1), Ok(Some((5, 90))));
        assert!(matches!(found(2), Err(PdfError::WrongType { .. })));
        assert!(view.pages().is_err());

        let one = FileBuilder::new().with_a_page().table("");
        let document = Document::open(&one.bytes, Limits::default()).unwrap();
        assert_eq!(document.latest().page(1).map(|page| page.is_none()), Ok(true));
    }

    #[test]
    fn keeps_the_order_of_the_tree() {
        let file = FileBuilder::new()
            .object(1, "<</Type/Catalog/Pages 2 0 R>>")
            .object(2, "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 9 0 R]/Count 5/MediaBox[0 0 1 1]>>")
            .object(3, "<</Type/Page>>")
            .object(4, "<</Type/Pages/Kids[6 0 R 7 0 R]/Count 2>>")
            .object(5, "<</Type/Page>>")
            .object(6, "<</Type/Page>>")
            .object(7, "<</Type/Page>>")
            .table("");
        let document = Document::open(&file.bytes, Limits::default()).unwrap();
        let order: Vec<u32> = document.latest().pages().unwrap().iter().map(|page| page.id.number).collect();
        assert_eq!(order, [3, 6, 7, 5]);
        let codes: Vec<_> = document.findings().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["page_missing", "page_count_differs"]);
        assert_eq!(document.latest().page_count(), Ok(5));
    }
}
