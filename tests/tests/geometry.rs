//! A visible signature stands where it was asked for and upright, whatever the page's boxes and turn:
//! two renderers, pdftoppm and hayro, show the four colours of a picture in the four corners they belong.

use std::path::Path;
use std::process::Command;

use sign_core::report::model::Report;
use sign_io::DrawLimits;
use sign_io::illustrate::illustrate;

use crate::keys::{Keys, done, sign_cli};
use crate::workspace::peer;

/// A page: its own entries, and what it looks like with what it inherits.
struct Kind {
    entries: &'static str,
    /// The box that is shown: crop box, or media box where there is none.
    shown: [f64; 4],
    rotate: u16,
}

/// Inherited from the tree: `/MediaBox [0 0 300 400]`; by the pages of the inner node also `/Rotate 270`.
const KINDS: [Kind; 9] = [
    Kind { entries: "", shown: [0.0, 0.0, 300.0, 400.0], rotate: 0 },
    Kind { entries: "/Rotate 90", shown: [0.0, 0.0, 300.0, 400.0], rotate: 90 },
    Kind { entries: "/Rotate 180", shown: [0.0, 0.0, 300.0, 400.0], rotate: 180 },
    Kind {
        entries: "/Rotate -90/MediaBox[-100 -50 200 150]",
        shown: [-100.0, -50.0, 200.0, 150.0],
        rotate: 270,
    },
    Kind { entries: "/CropBox[40 30 240 330]", shown: [40.0, 30.0, 240.0, 330.0], rotate: 0 },
    Kind { entries: "/CropBox[40 30 240 330]/Rotate 450", shown: [40.0, 30.0, 240.0, 330.0], rotate: 90 },
    Kind { entries: "/UserUnit 2/Rotate 90", shown: [0.0, 0.0, 300.0, 400.0], rotate: 90 },
    Kind { entries: "/UserUnit 0.5/CropBox[240 330 40 30]", shown: [40.0, 30.0, 240.0, 330.0], rotate: 0 },
    // In the inner node.
    Kind { entries: "", shown: [0.0, 0.0, 250.0, 350.0], rotate: 270 },
];

/// Where the signature goes on each page: higher than wide, so that the square picture does not fill it.
const RECT: [f64; 4] = [60.0, 50.0, 120.0, 140.0];
/// The square in its middle that the picture fills.
const PICTURE: [f64; 4] = [60.0, 65.0, 120.0, 125.0];

/// Empty pages of all kinds.
fn document() -> Vec<u8> {
    let last = KINDS.len() + 3;
    let kids: String = (4..last).map(|number| format!("{number} 0 R ")).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{kids}3 0 R]/Count {}/MediaBox[0 0 300 400]>>", KINDS.len()),
        format!("<</Type/Pages/Parent 2 0 R/Kids[{last} 0 R]/Count 1/Rotate 270/MediaBox[0 0 250 350]>>"),
    ];
    for (number, kind) in (4..).zip(&KINDS) {
        let parent = if number == last { 3 } else { 2 };
        objects.push(format!("<</Type/Page/Parent {parent} 0 R{}>>", kind.entries));
    }
    let mut file = String::from("%PDF-1.7\n");
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    let size = objects.len() + 1;
    file += &format!("{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
}

/// Colours of a picture's quarters as its reader sees them: top left, top right, bottom left, bottom right.
const QUARTERS: [[u8; 3]; 4] = [[255, 0, 0], [0, 160, 0], [0, 0, 255], [0, 0, 0]];

fn write_picture(path: &Path) {
    let samples: Vec<u8> = (0..64 * 64)
        .flat_map(|at: usize| QUARTERS[usize::from(at / 64 >= 32) * 2 + usize::from(at % 64 >= 32)])
        .collect();
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), 64, 64);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&samples).unwrap();
}

/// A drawn page.
struct Drawn {
    width: usize,
    height: usize,
    /// Three bytes a pixel.
    samples: Vec<u8>,
}

impl Drawn {
    fn from_png(path: &Path) -> Self {
        let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut samples).unwrap();
        let channels = frame.color_type.samples();
        let samples = samples.chunks(channels).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Self { width: frame.width as usize, height: frame.height as usize, samples }
    }

    fn pixel(&self, x: f64, y: f64) -> [u8; 3] {
        let at = (y as usize * self.width + x as usize) * 3;
        [self.samples[at], self.samples[at + 1], self.samples[at + 2]]
    }

    /// Smallest box around what is not white: left, top, right, bottom.
    fn ink(&self) -> [f64; 4] {
        let mut ink = [self.width, self.height, 0, 0];
        for (at, pixel) in self.samples.chunks(3).enumerate() {
            if pixel.iter().any(|sample| *sample < 200) {
                let (x, y) = (at % self.width, at / self.width);
                ink = [ink[0].min(x), ink[1].min(y), ink[2].max(x + 1), ink[3].max(y + 1)];
            }
        }
        ink.map(|value| value as f64)
    }
}

/// Where a box in user space is seen on the page: left, top, right, bottom, and the page's size.
fn seen(kind: &Kind, [x0, y0, x1, y1]: [f64; 4]) -> ([f64; 4], [f64; 2]) {
    let [left, bottom, right, top] = kind.shown;
    let (width, height) = (right - left, top - bottom);
    match kind.rotate {
        0 => ([x0 - left, top - y1, x1 - left, top - y0], [width, height]),
        90 => ([y0 - bottom, x0 - left, y1 - bottom, x1 - left], [height, width]),
        180 => ([right - x1, y0 - bottom, right - x0, y1 - bottom], [width, height]),
        270 => ([top - y1, right - x1, top - y0, right - x0], [height, width]),
        other => panic!("{other}"),
    }
}

fn check(drawn: &Drawn, kind: &Kind, renderer: &str) {
    let what = format!("{renderer}, page with {:?} turned {}", kind.entries, kind.rotate);
    let (expected, [width, height]) = seen(kind, PICTURE);
    // A renderer may or may not take /UserUnit into account; it must do so for the whole page.
    let scale = drawn.width as f64 / width;
    assert!((drawn.height as f64 - height * scale).abs() < 1.5, "{what}: {} x {}", drawn.width, drawn.height);
    let ink = drawn.ink();
    for (found, expected) in ink.iter().zip(expected) {
        assert!(
            (found - expected * scale).abs() < 2.0,
            "{what}: ink at {ink:?}, expected {expected:?} x {scale}"
        );
    }
    for (quarter, colour) in QUARTERS.iter().enumerate() {
        let part = |low: f64, high: f64, second: bool| low + (high - low) * if second { 0.75 } else { 0.25 };
        let x = part(ink[0], ink[2], quarter % 2 == 1);
        let y = part(ink[1], ink[3], quarter / 2 == 1);
        let found = drawn.pixel(x, y);
        let near = found.iter().zip(colour).all(|(a, b)| a.abs_diff(*b) < 40);
        assert!(near, "{what}: quarter {quarter} is {found:?}, not {colour:?}: not upright");
    }
}

/// A report's pictures have their boxes where the signatures are seen.
fn check_marks(signed: &Path, keys: &Keys) {
    let judged =
        sign_cli().args(["--json", "verify"]).arg(signed).arg("--trust").arg(&keys.root).output().unwrap();
    let report: Report = serde_json::from_slice(&judged.stdout).unwrap();
    let pictures = illustrate(std::fs::read(signed).unwrap(), &report, &DrawLimits::default());
    assert_eq!((pictures.problem, pictures.pages.len()), (None, KINDS.len()));
    for (picture, kind) in pictures.pages.iter().zip(&KINDS) {
        let (expected, [width, _]) = seen(kind, RECT);
        let scale = f64::from(picture.width) / width;
        let [mark] = picture.marks.as_slice() else { panic!("{:?}", picture.marks) };
        for (found, expected) in mark.rect.iter().zip(expected) {
            let what = format!("page {}: {:?}, expected {expected:?} x {scale}", picture.page, mark.rect);
            assert!((found - expected * scale).abs() < 2.0, "{what}");
        }
    }
}

#[test]
fn visible_signatures_stand_upright_where_asked_on_every_kind_of_page() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let keys = Keys::make(folder.path());
    write_picture(&at("quarters.png"));
    std::fs::write(at("0.pdf"), document()).unwrap();
    let [x0, y0, x1, y1] = RECT;
    let rect = format!("{x0},{y0},{},{}", x1 - x0, y1 - y0);
    for page in 1..=KINDS.len() {
        let mut command = sign_cli();
        command.arg("sign").arg(at(&format!("{}.pdf", page - 1))).arg("--key").arg(&keys.person);
        command.arg("--pin-file").arg(&keys.pin).args(["--page", &page.to_string(), "--rect", &rect]);
        command.arg("--image").arg(at("quarters.png"));
        done(command.arg("--out").arg(at(&format!("{page}.pdf"))));
    }
    let signed = at(&format!("{}.pdf", KINDS.len()));
    check_marks(&signed, &keys);

    done(sign_cli().arg("render").arg(&signed).args(["--dpi", "72", "--out"]).arg(at("hayro")));
    for (page, kind) in (1..).zip(&KINDS) {
        check(&Drawn::from_png(&at("hayro").join(format!("page-{page}.png"))), kind, "hayro");
    }
    let Some(pdftoppm) = peer("pdftoppm") else { return };
    done(Command::new(pdftoppm).args(["-cropbox", "-r", "72", "-png"]).arg(&signed).arg(at("poppler")));
    for (page, kind) in (1..).zip(&KINDS) {
        check(&Drawn::from_png(&at(&format!("poppler-{page}.png"))), kind, "pdftoppm");
    }
}
