//! `freeze`: the empty fields of an official letter, at the anchors found in its text.

use crate::Outcome;
use crate::args::FreezeArgs;
use crate::commands::password;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_core::crypto::document;
use sign_core::limits::Limits;
use sign_core::pdf::Access;
use sign_core::sign::official::{self, Layout, TextPlace};
use sign_core::sign::options::Place;
use sign_io::file::read_small;
use sign_io::layout::{Letter, layout};
use sign_io::output::{Existing, Part, Readers, check_place, write_whole};
use sign_io::{DrawLimits, Drawable};

pub(crate) fn run(args: &FreezeArgs, output: &Output) -> Result<Outcome, Failure> {
    let existing = if args.out.force { Existing::Replace } else { Existing::Keep };
    check_place(&args.out.out, existing)?;
    let draw_limits = DrawLimits::default();
    let bytes = read_small(&args.file, draw_limits.document_bytes)?;
    // Our own reader first: it names what is wrong with a file better than the drawing library.
    let password = password(&args.password)?;
    let access = Access { limits: Limits::default(), password: password.as_ref() };
    document::open(&bytes, access).map_err(|e| Failure::from(e).about(&args.file))?;
    let drawable = Drawable { bytes: bytes.clone(), password: password.clone() };
    let found = layout(drawable, &letter(args)?, &draw_limits)?;
    let appended = official::freeze(&bytes, &found, access)?;
    write_whole(&args.out.out, &[Part::Bytes(&bytes), Part::Bytes(&appended)], existing, Readers::Umask)?;

    let fields = places(&found);
    let value = json!({
        "schema": "sign.freeze/1",
        "out": args.out.out,
        "fields": fields.iter().map(|(field, place)| json!({
            "field": field, "page": place.page + 1, "rect": place.rect,
        })).collect::<Vec<_>>(),
    });
    output.result(&value, |lang| {
        let title = lang.pick("Đã đặt các trường trong", "Fields placed in");
        let page = lang.pick("trang", "page");
        let mut text = format!("{title} {}\n", args.out.out.display());
        for (field, place) in fields {
            let [x0, y0, x1, y1] = place.rect;
            text += &format!("  {field:<9} {page} {}  {x0:.1},{y0:.1} – {x1:.1},{y1:.1}\n", place.page + 1);
        }
        text
    });
    Ok(Outcome::Good)
}

fn letter(args: &FreezeArgs) -> Result<Letter, Failure> {
    let place = |given: Option<[f64; 5]>| given.map(place).transpose();
    Ok(Letter {
        title: args.title.clone(),
        name: args.name.clone(),
        leader: place(args.leader_at)?,
        seal: place(args.seal_at)?,
        initials: place(args.initials_at)?,
        number: place(args.number_at)?,
        day: place(args.day_at)?,
        month: place(args.month_at)?,
    })
}

/// Pages are counted from 1 on the command line, from 0 in the library.
fn page(number: f64) -> Result<usize, Failure> {
    let whole = number.fract() == 0.0 && (1.0..=1e9).contains(&number);
    if whole { Ok(number as usize - 1) } else { Err(Failure::new("no_such_page", number.to_string())) }
}

fn place([number, x, y, width, height]: [f64; 5]) -> Result<Place, Failure> {
    Ok(Place { page: page(number)?, rect: [x, y, x + width, y + height] })
}

/// The fields in the order of the letter.
fn places(layout: &Layout) -> Vec<(&'static str, Place)> {
    let text = |t: TextPlace| {
        let rect = [t.x[0], t.baseline - 0.25 * t.font_size, t.x[1], t.baseline + 0.95 * t.font_size];
        Place { page: t.page, rect }
    };
    let mut places = vec![
        (official::FIELD_NUMBER, text(layout.number)),
        (official::FIELD_DAY, text(layout.day)),
        (official::FIELD_MONTH, text(layout.month)),
    ];
    places.extend(layout.initials.map(|place| (official::FIELD_INITIALS, place)));
    places.extend([(official::FIELD_LEADER, layout.leader), (official::FIELD_SEAL, layout.seal)]);
    places
}
