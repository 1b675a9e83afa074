//! `render`: pages as PNG files in a folder.

use crate::Outcome;
use crate::args::RenderArgs;
use crate::commands::password;
use crate::failure::Failure;
use crate::output::Output;
use serde::Serialize;
use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::Access;
use sign_core::source::Source;
use sign_io::file::read_small;
use sign_io::output::{Existing, OutputError, Part, Readers, check_place, write_whole};
use sign_io::render::{Drawing, Outline, pages_to_png};
use sign_io::{DrawLimits, Drawable};
use std::path::PathBuf;

#[derive(Serialize)]
struct Picture {
    page: usize,
    file: PathBuf,
    width: u32,
    height: u32,
}

pub(crate) fn run(args: &RenderArgs, output: &Output) -> Result<Outcome, Failure> {
    let limits = DrawLimits::default();
    let bytes = read_small(&args.file, limits.document_bytes)?;
    let password = password(&args.password)?;
    let access = Access { limits: Limits::default(), password: password.as_ref() };
    let pages = args.page.map(|page| (page as usize).saturating_sub(1)).map(|page| page..page + 1);
    let outlines = if args.outline_fields {
        outlines(&bytes, access).map_err(|f| f.about(&args.file))?
    } else {
        Vec::new()
    };
    let drawing = Drawing { dpi: args.dpi, pages, outlines };
    let drawable = Drawable { bytes, password: password.clone() };
    let pictures =
        pages_to_png(drawable, &drawing, &limits).map_err(|e| Failure::from(e).about(&args.file))?;

    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    let named: Vec<_> =
        pictures.into_iter().map(|p| (args.out.join(format!("page-{}.png", p.page + 1)), p)).collect();
    // All names are looked at before the first picture is written.
    for (path, _) in &named {
        check_place(path, existing)?;
    }
    std::fs::create_dir_all(&args.out)
        .map_err(|e| OutputError::NotWritable { path: args.out.clone(), reason: e.to_string() })?;
    let mut written = Vec::new();
    for (file, picture) in named {
        write_whole(&file, &[Part::Bytes(&picture.png)], existing, Readers::Umask)?;
        written.push(Picture { page: picture.page + 1, file, width: picture.width, height: picture.height });
    }
    output.result(&serde_json::json!({ "schema": "sign.render/1", "pictures": written }), |_| {
        let line = |p: &Picture| format!("{}  {} × {}\n", p.file.display(), p.width, p.height);
        written.iter().map(line).collect()
    });
    Ok(Outcome::Good)
}

/// One box for each widget of a field.
fn outlines(source: &dyn Source, access: Access<'_>) -> Result<Vec<Outline>, Failure> {
    let document = document::open(source, access)?;
    let form = Form::read(&document.latest(), Limits::default().fields)?;
    let widgets = form.nodes.iter().filter(|node| node.is_widget && node.is_visible());
    Ok(widgets.filter_map(|w| Some(Outline { page: w.page?, rect: w.rect? })).collect())
}
