//! `inspect --diff`: what the eye sees that differs between a signed revision and the file as it is now,
//! as lines of text and as pictures. No judgement: whether a change was allowed, `verify` says.

use crate::Outcome;
use crate::args::{DiffArgs, InspectArgs};
use crate::commands::password;
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pades::byte_range::ByteRange;
use sign_core::pades::coverage::extent;
use sign_core::pades::field::{Form, SignatureField};
use sign_core::pdf::{Access, Document};
use sign_core::report::words::{Lang, printable};
use sign_core::source::Source;
use sign_io::compare::{Compared, ComparedPage, Comparing, Line, compare};
use sign_io::file::read_small;
use sign_io::output::{Existing, OutputError, Part, Readers, check_place, write_whole};
use sign_io::{DrawLimits, Drawable};
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Difference {
    schema: &'static str,
    file: PathBuf,
    /// Number of the older revision, the first is 1.
    revision: usize,
    /// Number of revisions; the newest is compared.
    revisions: usize,
    /// The signature field that signs the older one, if it was chosen so.
    field: Option<String>,
    pages_before: usize,
    pages_now: usize,
    /// Areas that differ on all pages together.
    areas: usize,
    pages: Vec<PageRow>,
    /// First and last page that were not compared.
    left_out: Option<[usize; 2]>,
}

#[derive(Serialize)]
struct PageRow {
    page: usize,
    /// `[left, bottom, right, top]` in default user space units.
    areas: Vec<[f64; 4]>,
    removed: Vec<String>,
    added: Vec<String>,
    /// What was written to the folder.
    pictures: Vec<PathBuf>,
    #[serde(skip)]
    text: Vec<Line>,
}

/// The older state.
struct Before {
    /// Index of the revision.
    revision: usize,
    end: u64,
    revisions: usize,
    field: Option<String>,
}

pub(super) fn run(args: &InspectArgs, output: &Output) -> Result<Outcome, Failure> {
    let limits = DrawLimits::default();
    let bytes = read_small(&args.file, limits.document_bytes)?;
    let password = password(&args.password)?;
    let access = Access { limits: Limits::default(), password: password.as_ref() };
    let about = |failure: Failure| failure.about(&args.file);
    let before = before(&bytes, access, &args.compared).map_err(about)?;
    let comparing = Comparing {
        dpi: args.compared.dpi,
        page: args.compared.page.map(|page| (page as usize).saturating_sub(1)),
    };
    // The file as it was: its bytes up to the end of that revision.
    let end = usize::try_from(before.end).unwrap_or(bytes.len());
    let old = bytes.get(..end).unwrap_or(&bytes).to_vec();
    let old = Drawable { bytes: old, password: password.clone() };
    let new = Drawable { bytes, password: password.clone() };
    let compared = compare(old, new, comparing, &limits).map_err(|error| about(error.into()))?;
    let difference = write(args, before, compared)?;
    output.result(&difference, |lang| text(&difference, lang));
    Ok(Outcome::Good)
}

fn before(source: &dyn Source, access: Access<'_>, args: &DiffArgs) -> Result<Before, Failure> {
    let document = document::open(source, access)?;
    let (revision, field) = match (args.revision, &args.field) {
        (Some(number), _) => ((number as usize).saturating_sub(1), None),
        (None, Some(name)) => {
            let signed = signed(&document)?.into_iter().find(|(_, field)| field == name);
            let (revision, field) =
                signed.ok_or_else(|| Failure::new("no_such_signature", printable(name)))?;
            (revision, Some(field))
        }
        (None, None) => {
            let first = signed(&document)?.into_iter().min();
            let (revision, field) = first.ok_or_else(|| Failure::new("nothing_signed", ""))?;
            (revision, Some(field))
        }
    };
    let revisions = document.revisions().len();
    let Some(found) = document.revisions().get(revision) else {
        return Err(Failure::new("no_such_revision", format!("{} > {revisions}", revision + 1)));
    };
    Ok(Before { revision, end: found.end, revisions, field })
}

/// The revisions that signatures sign, with the names of their fields.
fn signed(document: &Document<'_>) -> Result<Vec<(usize, String)>, Failure> {
    let view = document.latest();
    let form = Form::read(&view, document.limits().fields)?;
    let mut found = Vec::new();
    for field in form.signature_fields(&view)? {
        if let Some(revision) = revision_of(document, &field) {
            found.push((revision, field.name));
        }
    }
    Ok(found)
}

fn revision_of(document: &Document<'_>, field: &SignatureField) -> Option<usize> {
    let (_, value) = field.value.as_ref()?;
    let range = value.as_dictionary()?.get("ByteRange");
    let range = ByteRange::read(range, document.source().len()).ok()?;
    extent(document.source(), document.revisions(), &range, &range.gap()).ok()?.1
}

/// Writes the pictures, if a folder was named.
fn write(args: &InspectArgs, before: Before, compared: Compared) -> Result<Difference, Failure> {
    let [pages_before, pages_now] = compared.pages;
    let mut rows = Vec::new();
    if let Some(folder) = &args.compared.out {
        let existing = if args.compared.force { Existing::Replace } else { Existing::Keep };
        // All names are looked at before the first picture is written.
        for (path, _) in compared.differing.iter().flat_map(|page| named(folder, page)) {
            check_place(&path, existing)?;
        }
        std::fs::create_dir_all(folder)
            .map_err(|e| OutputError::NotWritable { path: folder.clone(), reason: e.to_string() })?;
        for page in &compared.differing {
            for (path, png) in named(folder, page) {
                write_whole(&path, &[Part::Bytes(png)], existing, Readers::Umask)?;
            }
        }
    }
    for page in compared.differing {
        let pictures = match &args.compared.out {
            Some(folder) => named(folder, &page).into_iter().map(|(path, _)| path).collect(),
            None => Vec::new(),
        };
        let lines =
            |wanted: fn(&Line) -> Option<&String>| page.text.iter().filter_map(wanted).cloned().collect();
        rows.push(PageRow {
            page: page.page + 1,
            removed: lines(|line| if let Line::Removed(text) = line { Some(text) } else { None }),
            added: lines(|line| if let Line::Added(text) = line { Some(text) } else { None }),
            areas: page.areas,
            pictures,
            text: page.text,
        });
    }
    Ok(Difference {
        schema: "sign.diff/1",
        file: args.file.clone(),
        revision: before.revision + 1,
        revisions: before.revisions,
        field: before.field,
        pages_before,
        pages_now,
        areas: rows.iter().map(|row| row.areas.len()).sum(),
        pages: rows,
        left_out: compared.left_out.map(|pages| [pages.start + 1, pages.end]),
    })
}

/// The pictures of a page with their names.
fn named<'p>(folder: &Path, page: &'p ComparedPage) -> Vec<(PathBuf, &'p [u8])> {
    let name = |state: &str| folder.join(format!("page-{}-{state}.png", page.page + 1));
    let states = [("old", page.old.as_ref()), ("new", page.new.as_ref()), ("marked", Some(&page.marked))];
    let there = states.into_iter().filter_map(|(state, picture)| Some((state, picture?)));
    there.map(|(state, picture)| (name(state), picture.png.as_slice())).collect()
}

/// Lines of unchanged text shown around changed ones.
const CONTEXT: usize = 2;

fn text(difference: &Difference, lang: Lang) -> String {
    let d = difference;
    let signed = match &d.field {
        Some(field) => format!(" ({} “{}”)", lang.pick("ký bởi trường", "signed by field"), printable(field)),
        None => String::new(),
    };
    let mut text = match lang {
        Lang::Vi => {
            format!("{}: lần lưu {}{signed} so với lần lưu {}\n", d.file.display(), d.revision, d.revisions)
        }
        Lang::En => format!(
            "{}: revision {}{signed} against revision {}\n",
            d.file.display(),
            d.revision,
            d.revisions
        ),
    };
    if d.pages_before != d.pages_now {
        let pages = lang.pick("Số trang", "Pages");
        text += &format!("{pages}: {} → {}\n", d.pages_before, d.pages_now);
    }
    if d.pages.is_empty() {
        text += lang.pick(
            "Không thấy khác nhau trên các trang đã so sánh\n",
            "No difference seen on the compared pages\n",
        );
    }
    for page in &d.pages {
        let areas = page.areas.len();
        text += &match lang {
            Lang::Vi => format!("Trang {}: {areas} vùng khác nhau\n", page.page),
            Lang::En => format!("Page {}: {areas} areas differ\n", page.page),
        };
        for [left, bottom, right, top] in &page.areas {
            let area = lang.pick("ô", "box");
            text += &format!("  {area} {left:.0}, {bottom:.0} – {right:.0}, {top:.0}\n");
        }
        text += &unified(page, d, lang);
        for picture in &page.pictures {
            text += &format!("  {}\n", picture.display());
        }
    }
    if let Some([first, last]) = d.left_out {
        text += &match lang {
            Lang::Vi => format!("Chưa so sánh các trang {first} – {last}; xem từng trang bằng --page\n"),
            Lang::En => format!("Pages {first} – {last} were not compared; look at one with --page\n"),
        };
    }
    text
}

/// The changed lines of a page, with a few around them.
fn unified(page: &PageRow, difference: &Difference, lang: Lang) -> String {
    if page.text.is_empty() {
        return String::new();
    }
    let [revision, at] = lang.pick(["lần lưu", "trang"], ["revision", "page"]);
    let mut text = format!(
        "  --- {revision} {}, {at} {}\n  +++ {revision} {}, {at} {}\n",
        difference.revision, page.page, difference.revisions, page.page
    );
    let changed: Vec<usize> =
        (0..page.text.len()).filter(|index| !matches!(page.text.get(*index), Some(Line::Kept(_)))).collect();
    let mut last = None;
    for (index, line) in page.text.iter().enumerate() {
        let after = changed.partition_point(|changed| *changed < index);
        let next = changed.get(after).map(|next| next - index);
        let previous =
            after.checked_sub(1).and_then(|before| changed.get(before)).map(|before| index - before);
        if next.into_iter().chain(previous).all(|distance| distance > CONTEXT) {
            continue;
        }
        if last.is_some_and(|last| last + 1 != index) {
            text += "  …\n";
        }
        last = Some(index);
        let (sign, words) = match line {
            Line::Kept(words) => (' ', words),
            Line::Removed(words) => ('-', words),
            Line::Added(words) => ('+', words),
        };
        text += &format!("  {sign} {}\n", printable(words));
    }
    text
}
