//! `sign`: what is asked for, by which key. The files are signed in [`super::batch`].

use crate::Outcome;
use crate::args::{KeyArg, LevelArg, PaddingArg, SignArgs, WishArgs};
use crate::commands::batch::{self, Batch};
use crate::commands::extend::{self, Grounds};
use crate::commands::{holder, key_failure, password, pin, remote};
use crate::failure::Failure;
use crate::output::Output;
use sign_core::crypto::document;
use sign_core::crypto::key::{Padding, Signer, digest_for_signing};
use sign_core::limits::Limits;
use sign_core::pades::appearance::{Appearance, AppearanceError};
use sign_core::pades::field::Form;
use sign_core::pdf::{Access, Document, Password};
use sign_core::sign::options::{FieldChoice, Fill, Place, Role, SignRequest};
use sign_core::sign::{SignError, official};
use sign_core::source::Source;
use sign_core::time::{Time, VIETNAM};
use sign_core::x509::Certificate;
use sign_io::file::{FileSource, read_small};
use sign_io::pkcs11::{KeyUri, Opening, Pkcs11Key};
use sign_io::tsa::Tsa;
use sign_io::{DrawLimits, Drawable, anchor, clock, keystore, text};
use std::path::Path;

/// A seal or signature picture at 600 dpi stays under 4 MiB.
const LARGEST_IMAGE: u64 = 16 << 20;
/// A file of certificates with a long chain stays under 64 KiB.
const LARGEST_CERTIFICATES: u64 = 1 << 20;
/// Size of a signature placed by its anchor, in points (5.3 × 2.1 cm).
const ANCHORED: [f64; 2] = [150.0, 60.0];
/// Ô 14 and separate appendices: top right of the first page of A4 (domain: VGCA's own files).
const TOP_RIGHT: [f64; 4] = [382.8, 795.0, 552.8, 825.0];

pub(crate) fn run(args: &SignArgs, output: &Output) -> Result<Outcome, Failure> {
    let stamper = stamper(args)?;
    let grounds = grounds(args)?;
    batch::check(args)?;
    let image = image(&args.wishes)?;
    if let [file] = args.files.as_slice() {
        // What is wrong with the only file is said before the key is asked for.
        FileSource::open(file)?;
    }
    let key = load_key(args)?;
    let password = password(&args.wishes.password)?;
    let holder = holder::before_signing(&args.wishes, key.certificates(), grounds.as_ref(), output)?;
    let grounds = grounds.filter(|_| matches!(args.level, LevelArg::Lt | LevelArg::Lta));
    Batch { args, key: &*key, holder, stamper, grounds, image, password, output }.run()
}

/// Who stamps, if the level wants a time stamp.
fn stamper(args: &SignArgs) -> Result<Option<Tsa>, Failure> {
    match (args.level, extend::authorities(&args.tsa)?) {
        (LevelArg::B, None) => Ok(None),
        (LevelArg::B, Some(_)) => Err(Failure::new("bad_arguments", "--tsa is for --level t, lt and lta")),
        (_, None) => Err(Failure::new("tsa_missing", "")),
        (_, stamper) => Ok(stamper),
    }
}

/// What evidence is gathered from: for the signer's certificate before signing, and for the level.
fn grounds(args: &SignArgs) -> Result<Option<Grounds>, Failure> {
    match (args.level, args.grounds.trust.is_empty()) {
        (LevelArg::B | LevelArg::T, true) => Ok(None),
        (LevelArg::Lt | LevelArg::Lta, true) => {
            Err(Failure::new("bad_arguments", "--level lt and lta need --trust"))
        }
        (_, false) => Grounds::load(&args.grounds, &args.wishes.evidence).map(Some),
    }
}

/// What is signed.
pub(super) struct Paper<'p> {
    pub(super) file: &'p Path,
    pub(super) source: &'p dyn Source,
    pub(super) password: Option<&'p Password>,
}

impl<'p> Paper<'p> {
    pub(super) fn access(&self) -> Access<'p> {
        Access { limits: Limits::default(), password: self.password }
    }

    fn open(&self) -> Result<Document<'p>, Failure> {
        document::open(self.source, self.access()).map_err(|e| Failure::from(e).about(self.file))
    }
}

/// The picture that was named.
pub(super) fn image(args: &WishArgs) -> Result<Option<Vec<u8>>, Failure> {
    Ok(args.image.as_ref().map(|path| read_small(path, LARGEST_IMAGE)).transpose()?)
}

/// The failure, with the file it is about.
pub(super) fn failure(args: &WishArgs, file: Option<&Path>, error: SignError) -> Failure {
    match (&error, file, &args.image) {
        (SignError::Pdf(_), Some(file), _) => Failure::from(error).about(file),
        (SignError::Appearance(AppearanceError::Image(_)), _, Some(image)) => {
            Failure::from(error).about(image)
        }
        _ => error.into(),
    }
}

fn load_key(args: &SignArgs) -> Result<Box<dyn Signer>, Failure> {
    let padding = match args.padding {
        PaddingArg::Pkcs1 => Padding::Pkcs1,
        PaddingArg::Pss => Padding::Pss,
    };
    // A wrong wish is refused before the PIN is risked.
    let digest = args.digest.as_deref().map(digest_for_signing).transpose()?;
    let pin = pin(&args.pin)?;
    match &args.key {
        KeyArg::File(path) => {
            let key = keystore::load(path, pin.as_ref(), Some(padding)).map_err(|e| key_failure(e, path))?;
            Ok(match digest {
                Some(digest) => Box::new(key.with_digest(digest)?),
                None => Box::new(key),
            })
        }
        KeyArg::Token(uri) => {
            let module_path = uri.module_path.clone().or_else(|| args.pkcs11_module.clone());
            let uri = KeyUri { module_path, ..KeyUri::clone(uri) };
            let certificates = args.certificates.as_deref().map(certificates).transpose()?;
            let certificates = &certificates.unwrap_or_default();
            let (pin, tries) = (pin.as_ref(), args.pin_tries.into());
            Ok(Box::new(Pkcs11Key::open(&uri, &Opening { pin, padding, digest, tries, certificates })?))
        }
        KeyArg::Remote(which) => {
            let wanted = remote::Wanted { pin, padding, digest };
            Ok(Box::new(remote::open(&args.remote, which, wanted)?))
        }
    }
}

/// The certificates of a PEM file, DER.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let found = Certificate::parse_all(&read_small(path, LARGEST_CERTIFICATES)?);
    let found = found.map_err(|e| Failure::new(e.code(), e.to_string()).about(path))?;
    Ok(found.iter().map(|certificate| certificate.der().to_vec()).collect())
}

/// What is asked for one of the files; the certificates are the key's.
pub(super) fn request(
    args: &WishArgs,
    paper: &Paper<'_>,
    certificates: &[Vec<u8>],
    image: Option<Vec<u8>>,
) -> Result<SignRequest, Failure> {
    let at = args.at.unwrap_or_else(|| clock::now().in_offset(VIETNAM));
    let place = place(args, paper)?;
    let lines = lines(args, place.is_some() && image.is_none(), certificates, at);
    let drawn = image.is_some() || !lines.is_empty();
    Ok(SignRequest {
        field: field_choice(args, paper, place)?,
        appearance: drawn.then(|| Appearance { image_png: image, lines, ..Appearance::default() }),
        reason: args.reason.clone(),
        location: args.location.clone(),
        certify: args.certify,
        fills: args
            .set
            .iter()
            .map(|(field, text)| Fill { field: field.clone(), text: text.clone() })
            .collect(),
        role: args.role,
        contents_bytes: args.contents_bytes,
        experimental: args.experimental,
        ..SignRequest::new(at)
    })
}

fn place(args: &WishArgs, paper: &Paper<'_>) -> Result<Option<Place>, Failure> {
    if let Some(words) = &args.anchor {
        return anchored(words, paper).map(Some);
    }
    match (args.page, args.rect) {
        (Some(page), Some([x, y, width, height])) => {
            let page = page.checked_sub(1).ok_or_else(|| Failure::new("no_such_page", "0"))?;
            Ok(Some(Place { page, rect: [x, y, x + width, y + height] }))
        }
        (None, None) => Ok(top_right(args.role)),
        _ => Err(Failure::new("place_unclear", "")),
    }
}

/// Copies, appendices and incoming papers carry their text at the top right (Phụ lục I Ô 14).
fn top_right(role: Role) -> Option<Place> {
    matches!(role, Role::Copy | Role::Appendix | Role::Incoming).then_some(Place { page: 0, rect: TOP_RIGHT })
}

fn anchored(words: &str, paper: &Paper<'_>) -> Result<Place, Failure> {
    let limits = DrawLimits::default();
    let source = paper.source;
    if source.len() > limits.document_bytes {
        return Err(Failure::new("limit_exceeded", "document_bytes"));
    }
    // Our own reader first: it names what is wrong with a file better than the drawing library.
    paper.open()?;
    let bytes = source.read_range(0..source.len()).map_err(|e| Failure::new("unreadable", e.to_string()))?;
    let drawable = Drawable { bytes, password: paper.password.cloned() };
    let lines = text::page_lines(drawable, None, &limits)?;
    let found = anchor::find_text(&lines, words).pop();
    let found = found.ok_or_else(|| Failure::new("anchor_not_found", words))?;
    let [width, height] = ANCHORED;
    let (centre, bottom) = (f64::midpoint(found.rect[0], found.rect[2]), found.rect[3] + 2.0);
    let rect = [centre - width / 2.0, bottom, centre + width / 2.0, bottom + height];
    Ok(Place { page: found.page, rect })
}

fn field_choice(args: &WishArgs, paper: &Paper<'_>, place: Option<Place>) -> Result<FieldChoice, Failure> {
    let of_role = match args.role {
        Role::Leader => Some(official::FIELD_LEADER),
        Role::Seal => Some(official::FIELD_SEAL),
        Role::Initials => Some(official::FIELD_INITIALS),
        _ => None,
    };
    let Some(name) = args.field.as_deref().or(of_role) else {
        return Ok(match place {
            Some(place) => FieldChoice::New { name: None, place: Some(place) },
            None => FieldChoice::FirstEmpty,
        });
    };
    let document = paper.open()?;
    let exists = Form::read(&document.latest(), Limits::default().fields)?.field(name).is_some();
    match (exists, place) {
        (true, Some(_)) => Err(Failure::new("field_unclear", name)),
        (true, None) => Ok(FieldChoice::Existing(name.into())),
        // A role's field has to be there, unless it is told where it goes.
        (false, None) if args.field.is_none() => Ok(FieldChoice::Existing(name.into())),
        (false, place) => Ok(FieldChoice::New { name: Some(name.into()), place }),
    }
}

/// The visible text: what was typed, and what the law adds for the role.
fn lines(args: &WishArgs, bare: bool, certificates: &[Vec<u8>], at: Time) -> Vec<String> {
    let mut lines = args.text.clone();
    let holder = || {
        let certificate = Certificate::parse(certificates.first()?).ok()?;
        certificate.subject().common_name().map(|name| name.to_string())
    };
    match args.role {
        // NĐ 30/2020 Phụ lục I: form of copy, organisation, time.
        Role::Copy | Role::Incoming => {
            lines.extend(holder());
            lines.push(format!("Thời gian ký: {at}"));
        }
        // Number and notation come as text; then the time.
        Role::Appendix => lines.push(format!("Thời gian ký: {at}")),
        Role::Approval if bare && lines.is_empty() => {
            lines.extend(holder().map(|name| format!("Người ký: {name}")));
            lines.push(format!("Thời gian ký: {at}"));
        }
        _ => {}
    }
    lines
}
