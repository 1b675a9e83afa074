//! Reads PDFs whole, the way a hostile-input check does: every revision, page and object of each
//! file, one line per file.
//!
//! `cargo run -p sign-core --example inspect -- FILE…`; with `--findings` also what was unusual.
// A program, not the library: it may print, read files and take the time.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::BTreeSet;
use std::time::Instant;

use sign_core::error::PdfError;
use sign_core::limits::Limits;
use sign_core::pdf::{Document, Object, View};
use sign_core::source::Source;

/// What one file held.
#[derive(Default)]
struct Contents {
    pages: usize,
    objects: usize,
    encrypted: usize,
    undecoded: usize,
    broken: Vec<String>,
}

fn main() {
    let (options, files): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let show_findings = options.iter().any(|option| option == "--findings");
    for file in files {
        let name = file.rsplit('/').next().unwrap_or(&file);
        match std::fs::read(&file) {
            Ok(bytes) => println!("{name}: {}", inspect(&bytes, show_findings)),
            Err(error) => println!("{name}: {error}"),
        }
    }
}

fn inspect(source: &dyn Source, show_findings: bool) -> String {
    let start = Instant::now();
    let document = match Document::open(source, Limits::default()) {
        Ok(document) => document,
        Err(error) => return format!("REFUSED {}: {error}", error.code()),
    };
    let opened = start.elapsed().as_millis();
    let mut contents = Contents::default();
    match document.latest().pages() {
        Ok(pages) => contents.pages = pages.len(),
        Err(error) => contents.broken.push(format!("pages: {error}")),
    }
    for index in 0..document.revisions().len() {
        read_all(document.view(index), &mut contents);
    }

    let word = if contents.broken.is_empty() { "ok" } else { "BROKEN" };
    let codes: BTreeSet<_> = document.findings().iter().map(|finding| finding.code).collect();
    let mut line = format!(
        "{word} {} revisions, {} pages, {} objects, {} encrypted, {} undecoded, {opened}+{} ms {codes:?}",
        document.revisions().len(),
        contents.pages,
        contents.objects,
        contents.encrypted,
        contents.undecoded,
        start.elapsed().as_millis() - opened,
    );
    for broken in contents.broken.iter().take(5) {
        line += &format!("\n    {broken}");
    }
    for finding in document.findings().iter().filter(|_| show_findings) {
        line += &format!("\n    {} at {:?}: {}", finding.code, finding.at, finding.detail);
    }
    line
}

fn read_all(view: View<'_>, contents: &mut Contents) {
    for id in view.object_ids() {
        contents.objects += 1;
        let result = view.object(id).and_then(|object| match object.as_ref() {
            Object::Stream(stream) => view.stream_data(stream).map(|_| ()),
            _ => Ok(()),
        });
        match result {
            Ok(()) => {}
            Err(PdfError::Encrypted) => contents.encrypted += 1,
            Err(PdfError::UnsupportedFilter { .. }) => contents.undecoded += 1,
            Err(error) => contents.broken.push(format!("object {id}: {error}")),
        }
    }
}
