//! Pictures of a document's pages, drawn by the caller, for reports that show them.
//!
//! Never evidence: what a page shows and what a signature covers are two questions.

/// The pages a report shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pictures {
    /// In the order of the document.
    pub pages: Vec<PagePicture>,
    /// How many pages the document has; those without a picture are said to be left out.
    pub of: u64,
    /// Code of the error why there are none, as in `pages_unreadable`.
    pub problem: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct PagePicture {
    /// The page, the first is 1.
    pub page: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The picture, PNG.
    pub png: Vec<u8>,
    /// Where signatures stand on it.
    pub marks: Vec<Mark>,
}

/// The box of a signature on a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Index into the report's signatures.
    pub signature: usize,
    /// `[left, top, right, bottom]` in pixels from the picture's upper left corner.
    pub rect: [f64; 4],
}

/// Numbers moved aside at most; more boxes at one place cannot be told apart anyway.
const MOST_MOVES: usize = 12;

impl PagePicture {
    /// Where the numbers of the marks stand, in pixels: middles of discs of this radius, at the upper left
    /// corners of the boxes, inside the picture, and not one over the other.
    pub(super) fn badges(&self, radius: f64) -> Vec<(f64, f64)> {
        let inside = |at: f64, side: u32| at.clamp(radius, (f64::from(side) - radius).max(radius));
        let mut badges: Vec<(f64, f64)> = Vec::with_capacity(self.marks.len());
        for mark in &self.marks {
            let [left, top, ..] = mark.rect;
            let (mut x, y) = (inside(left, self.width), inside(top, self.height));
            for _ in 0..MOST_MOVES {
                let near = |(a, b): &(f64, f64)| (a - x).hypot(b - y) < 2.0 * radius;
                if !badges.iter().rev().take(MOST_MOVES).any(near) {
                    break;
                }
                x = inside(x + 2.0 * radius, self.width);
            }
            badges.push((x, y));
        }
        badges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_their_boxes_inside_the_picture_and_apart() {
        let mark = |rect| Mark { signature: 0, rect };
        let marks = vec![
            mark([50.0, 50.0, 90.0, 60.0]),
            mark([52.0, 50.0, 90.0, 60.0]),
            mark([-20.0, 500.0, 90.0, 600.0]),
        ];
        let picture = PagePicture { page: 1, width: 100, height: 200, png: Vec::new(), marks };
        let badges = picture.badges(5.0);
        assert_eq!(badges, [(50.0, 50.0), (62.0, 50.0), (5.0, 195.0)]);
    }
}
