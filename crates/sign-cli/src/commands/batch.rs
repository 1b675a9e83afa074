//! The files of `sign`, one after the other with one key: where each result goes, what is said about
//! it, and going on after a failure.

use super::extend::{self, Grounds};
use super::holder;
use super::repair;
use super::scan;
use super::sign::{Paper, failure, request};
use crate::Outcome;
use crate::args::SignArgs;
use crate::failure::Failure;
use crate::i18n;
use crate::output::{Output, Progress};
use serde_json::{Value, json};
use sign_core::crypto::key::Signer;
use sign_core::limits::Limits;
use sign_core::pdf::repair::Repaired;
use sign_core::pdf::{Access, Password};
use sign_core::report::model::Level;
use sign_core::sign::options::SignRequest;
use sign_core::sign::{Prepared, SignError, Signed, Signing, TimeStamper, Unstamped};
use sign_core::source::Source;
use sign_io::file::FileSource;
use sign_io::longterm::{Reason, level_name, raise};
use sign_io::output::{Draft, Existing, InPlace, Readers, check_place};
use sign_io::tsa::Tsa;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{Write, sink};
use std::path::{Path, PathBuf};

/// What all files of one call are signed with.
pub(super) struct Batch<'b> {
    pub(super) args: &'b SignArgs,
    pub(super) key: &'b dyn Signer,
    pub(super) holder: holder::Known,
    pub(super) stamper: Option<Tsa>,
    /// For long-term levels.
    pub(super) grounds: Option<Grounds>,
    pub(super) image: Option<Vec<u8>>,
    pub(super) password: Option<Password>,
    pub(super) output: &'b Output,
}

/// Where the result goes, open already.
enum Target {
    InPlace(InPlace),
    /// The bytes of the source are in it.
    Draft(Draft),
}

/// One file that waits for the key.
struct Started<'f> {
    file: &'f Path,
    opened: FileSource,
    request: SignRequest,
    target: Target,
    out: PathBuf,
    repaired: Option<Repaired>,
}

impl Started<'_> {
    /// Where the bytes of the document are: in the file, or in its clean copy.
    fn source(&self) -> &dyn Source {
        self.repaired.as_ref().map_or(&self.opened, |repaired| &repaired.bytes)
    }

    fn write(self, signed: Signed, reached: Reached) -> Result<Done, Failure> {
        if self.opened.changed() {
            return Err(Failure::new("source_changed", self.file.display().to_string()));
        }
        match self.target {
            Target::InPlace(place) => place.append(signed.starts_at, &signed.appended)?,
            Target::Draft(mut draft) => {
                let full = |e: std::io::Error| {
                    Failure::new("output_not_writable", format!("{}: {}", self.out.display(), e.kind()))
                };
                draft.write_all(&signed.appended).map_err(full)?;
                draft.keep()?;
            }
        }
        Ok(Done { out: self.out, request: self.request, signed, reached, repaired: self.repaired })
    }
}

/// One file that was signed.
struct Done {
    out: PathBuf,
    request: SignRequest,
    signed: Signed,
    reached: Reached,
    repaired: Option<Repaired>,
}

/// The level of a signature, and why it is lower than was wanted.
struct Reached {
    level: Level,
    reasons: Vec<Reason>,
}

/// Refuses results that could not be written, before a key is asked for.
pub(super) fn check(args: &SignArgs) -> Result<(), Failure> {
    if let Some(out) = &args.to.out {
        if args.files.len() > 1 {
            return Err(Failure::new("bad_arguments", "--out takes one file; for several use --out-dir"));
        }
        check_place(out, existing(args))?;
    }
    if let Some(folder) = &args.to.out_dir {
        std::fs::create_dir_all(folder).map_err(|e| {
            Failure::new("output_not_writable", format!("{}: {}", folder.display(), e.kind()))
        })?;
    }
    Ok(())
}

fn existing(args: &SignArgs) -> Existing {
    if args.to.force { Existing::Replace } else { Existing::Keep }
}

impl Batch<'_> {
    /// Signs every file; a single one's failure is the command's.
    pub(super) fn run(&self) -> Result<Outcome, Failure> {
        let mut signing = Signing::new(self.key).map_err(|e| failure(&self.args.wishes, None, e))?;
        if let Some(stamper) = &self.stamper {
            let unstamped = if self.args.grounds.allow_lower { Unstamped::Told } else { Unstamped::Refused };
            signing = signing.with_time_stamper_or(stamper, unstamped);
        }
        if let [file] = self.args.files.as_slice() {
            let started = self.start(&signing, file)?;
            let done = self.finish(&signing, vec![Ok(started)], &mut false).pop();
            let done = done.unwrap_or_else(|| Err(not_tried()))?;
            self.keep(file, &done)?;
            self.output.result(&self.value(file, &done), |lang| self.words(&done, lang));
            return Ok(Outcome::Good);
        }
        Ok(self.sign_all(&signing))
    }

    fn sign_all(&self, signing: &Signing<'_>) -> Outcome {
        let mut outcome = Outcome::Good;
        let mut names: HashSet<OsString> = HashSet::new();
        let mut key_failed = false;
        let progress = Progress::new(self.args.files.len());
        let mut index = 0;
        for group in groups(&self.args.files, self.key.most_at_once()) {
            let mut started = Vec::with_capacity(group.len());
            for file in group {
                progress.show(index, file);
                index += 1;
                started.push(if key_failed {
                    // A locked token or a service that refuses is not asked again.
                    Err(not_tried())
                } else if self.args.to.out_dir.is_some() && !names.insert(name_of(file)) {
                    Err(Failure::new("output_exists", name_of(file).to_string_lossy()))
                } else {
                    self.start(signing, file)
                });
            }
            let results = self.finish(signing, started, &mut key_failed);
            progress.clear();
            for (file, result) in group.iter().zip(results) {
                outcome = outcome.and(self.report(file, result));
            }
        }
        outcome
    }

    /// The document is signed all the same if this fails.
    fn keep(&self, file: &Path, done: &Done) -> Result<(), Failure> {
        match &self.args.keep {
            Some(folder) => self.holder.keep(folder, &done.out, &self.value(file, done)),
            None => Ok(()),
        }
    }

    fn report(&self, file: &Path, result: Result<Done, Failure>) -> Outcome {
        match result.and_then(|done| self.keep(file, &done).map(|()| done)) {
            Ok(done) => {
                self.output.line(&self.value(file, &done), |lang| self.words(&done, lang));
                Outcome::Good
            }
            Err(failure) => {
                let failure = if failure.detail.contains(&*file.to_string_lossy()) {
                    failure
                } else {
                    failure.about(file)
                };
                if self.output.is_json() {
                    let error = i18n::words_of(&failure);
                    self.output.json_line(&json!({ "schema": SCHEMA, "file": file, "error": error }));
                }
                self.output.problem(&failure);
                Outcome::Failed
            }
        }
    }

    /// Does everything but asking the key.
    fn start<'f>(&self, signing: &Signing<'_>, file: &'f Path) -> Result<(Started<'f>, Prepared), Failure> {
        let opened = FileSource::open(file)?;
        let wishes = &self.args.wishes;
        let mut paper = Paper { file, source: &opened, password: self.password.as_ref() };
        let mut repaired = match self.args.repair {
            true => repair::if_damaged(&opened, paper.access()).map_err(|e| e.about(file))?,
            false => None,
        };
        // A damaged file is not signed itself: its clean copy is.
        let source: &dyn Source = repaired.as_ref().map_or(&opened, |repaired| &repaired.bytes);
        paper.source = source;
        scan::before_signing(source, paper.access(), wishes, self.output).map_err(|e| e.about(file))?;
        let request = request(wishes, &paper, self.key.certificates(), self.image.clone())?;
        let (mut target, out) = match self.place_of(file) {
            None => (Target::InPlace(InPlace::open(file)?), file.to_owned()),
            Some(out) => (Target::Draft(Draft::create(&out, existing(self.args), Readers::Umask)?), out),
        };
        let prepared = match &mut target {
            Target::InPlace(_) => signing.prepare_into(source, &request, paper.access(), &mut sink()),
            Target::Draft(draft) => signing.prepare_into(source, &request, paper.access(), draft),
        };
        let prepared = prepared.map_err(|error| match error {
            SignError::NotWritten { reason } => {
                Failure::new("output_not_writable", format!("{}: {reason}", out.display()))
            }
            other => failure(wishes, Some(file), other),
        })?;
        if let (Some(repaired), None) = (&mut repaired, &self.grounds) {
            // It is in the draft; others may wait for the key together with this one.
            repaired.bytes = Vec::new();
        }
        Ok((Started { file, opened, request, target, out, repaired }, prepared))
    }

    /// Finishes those that could be started, with one question to the key, and notes whether it failed:
    /// that is each file's failure.
    fn finish(
        &self,
        signing: &Signing<'_>,
        started: Vec<Result<(Started<'_>, Prepared), Failure>>,
        key_failed: &mut bool,
    ) -> Vec<Result<Done, Failure>> {
        let mut prepared = Vec::new();
        let started: Vec<Result<Started<'_>, Failure>> = started
            .into_iter()
            .map(|started| {
                started.map(|(started, waiting)| {
                    prepared.push(waiting);
                    started
                })
            })
            .collect();
        // A key at a service is not troubled for nothing.
        let signed = if prepared.is_empty() { Ok(Vec::new()) } else { signing.finish(prepared) };
        *key_failed |= matches!(signed, Err(SignError::Key(_)));
        let mut signed = signed.map(Vec::into_iter);
        let mut write = |started: Started<'_>| {
            let signed = match &mut signed {
                Ok(signed) => signed.next().ok_or_else(not_tried)?,
                Err(error) => Err(error.clone()),
            };
            let mut signed = signed.map_err(|error| failure(&self.args.wishes, Some(started.file), error))?;
            let reached = self.raise(&started, &mut signed).map_err(|e| e.about(started.file))?;
            started.write(signed, reached)
        };
        started.into_iter().map(|started| started.and_then(&mut write)).collect()
    }

    /// Adds what the level wants behind the signature.
    fn raise(&self, started: &Started<'_>, signed: &mut Signed) -> Result<Reached, Failure> {
        let unstamped =
            signed.unstamped.take().map(|error| Reason { code: error.code.to_owned(), detail: error.reason });
        let plain = match (&self.stamper, &unstamped) {
            (Some(_), None) => Level::BT,
            _ => Level::BB,
        };
        let mut reasons: Vec<Reason> = unstamped.into_iter().collect();
        // Nobody who did not stamp the signature is asked to stamp the document.
        let (Some(grounds), true) = (&self.grounds, reasons.is_empty()) else {
            return Ok(Reached { level: plain, reasons });
        };
        let stamper = self.stamper.as_ref().map(|tsa| tsa as &dyn TimeStamper);
        let access = Access { limits: Limits::default(), password: self.password.as_ref() };
        let raising = grounds.raising(self.args.level.into(), stamper, access);
        let raised = raise(started.source(), std::mem::take(&mut signed.appended), &raising)?;
        extend::warn(&raised, self.output);
        signed.appended = raised.tail;
        reasons.extend(raised.reasons);
        Ok(Reached { level: raised.level, reasons })
    }

    /// Where the signed file goes; `None` for in place.
    fn place_of(&self, file: &Path) -> Option<PathBuf> {
        let folder = || self.args.to.out_dir.as_ref().map(|folder| folder.join(name_of(file)));
        self.args.to.out.clone().or_else(folder)
    }

    fn value(&self, file: &Path, done: &Done) -> Value {
        let appended = done.signed.appended.len();
        json!({
            "schema": SCHEMA,
            "file": file,
            "out": done.out,
            "field": done.signed.field,
            "role": done.request.role.as_str(),
            "at": done.request.at,
            "algorithm": self.key.algorithm().name(),
            "level": level_name(done.reached.level),
            "reasons": extend::reasons(&done.reached.reasons),
            "size": done.signed.starts_at + appended as u64,
            "appended": appended,
            "certificate": self.holder.facts(),
            "repaired": done.repaired.as_ref().map(repair::facts),
        })
    }

    fn words(&self, done: &Done, lang: sign_core::report::words::Lang) -> String {
        let [said, field, bytes] =
            lang.pick(["Đã ký", "trường", "byte được thêm"], ["Signed", "field", "bytes appended"]);
        let (appended, signed) = (done.signed.appended.len(), &done.signed);
        let line = format!("{said} {}: {field} {}, {appended} {bytes}", done.out.display(), signed.field);
        let line = match (done.reached.level, done.reached.reasons.as_slice()) {
            (Level::BB, []) => line,
            (level, reasons) => format!("{line}, {}{}", level_name(level), extend::told(reasons, lang)),
        };
        done.repaired.iter().fold(line, |line, repaired| format!("{line}\n{}", repair::text(repaired, lang)))
    }
}

const SCHEMA: &str = "sign.signed/1";

fn not_tried() -> Failure {
    Failure::new("not_tried", "")
}

/// The files in groups of at most `most`, one after the other. A file that is named again begins a new
/// group: signed in place, it has to be finished before it is read again.
fn groups(files: &[PathBuf], most: usize) -> Vec<&[PathBuf]> {
    let mut groups = Vec::new();
    let mut start = 0;
    for (index, file) in files.iter().enumerate() {
        let group = files.get(start..index).unwrap_or_default();
        let same = |other: &PathBuf| other == file || is_same(other, file);
        if group.len() >= most.max(1) || group.iter().any(same) {
            groups.push(group);
            start = index;
        }
    }
    groups.extend(files.get(start..).filter(|rest| !rest.is_empty()));
    groups
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn name_of(file: &Path) -> OsString {
    file.file_name().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_the_order_and_no_file_is_twice_in_one() {
        let of = |names: &str, most| {
            let files: Vec<PathBuf> = names.split(' ').filter(|n| !n.is_empty()).map(Into::into).collect();
            let join = |group: &[PathBuf]| group.iter().map(|p| p.to_string_lossy()).collect::<String>();
            groups(&files, most).into_iter().map(join).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("a b c", 1), "a b c");
        assert_eq!(of("a b c d e", 2), "ab cd e");
        assert_eq!(of("a b a c c", 10), "ab ac c");
        assert_eq!(of("", 3), "");
        assert_eq!(of("a b", 0), "a b");
    }
}
