//! The files of `sign`, one after the other with one key: where each result goes, what is said about
//! it, and going on after a failure.

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
use sign_core::pdf::Password;
use sign_core::pdf::repair::Repaired;
use sign_core::sign::options::SignRequest;
use sign_core::sign::{SignError, Signed, Signing};
use sign_core::source::Source;
use sign_io::file::FileSource;
use sign_io::output::{Draft, Existing, InPlace, Readers, check_place};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What all files of one call are signed with.
pub(super) struct Batch<'b> {
    pub(super) args: &'b SignArgs,
    pub(super) key: &'b dyn Signer,
    pub(super) image: Option<Vec<u8>>,
    pub(super) password: Option<Password>,
    pub(super) output: &'b Output,
}

/// One file that was signed.
struct Done {
    out: PathBuf,
    request: SignRequest,
    signed: Signed,
    repaired: Option<Repaired>,
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
        let signing = Signing::new(self.key).map_err(|e| failure(&self.args.wishes, None, e))?;
        if let [file] = self.args.files.as_slice() {
            let done = self.sign(&signing, file)?;
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
        for (index, file) in self.args.files.iter().enumerate() {
            progress.show(index, file);
            let result = if key_failed {
                // A locked token or a service that refuses is not asked again.
                Err(Failure::new("not_tried", ""))
            } else if self.args.to.out_dir.is_some() && !names.insert(name_of(file)) {
                Err(Failure::new("output_exists", name_of(file).to_string_lossy()))
            } else {
                self.sign_noting(signing, file, &mut key_failed)
            };
            progress.clear();
            outcome = outcome.and(self.report(file, result));
        }
        outcome
    }

    fn report(&self, file: &Path, result: Result<Done, Failure>) -> Outcome {
        match result {
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

    fn sign(&self, signing: &Signing<'_>, file: &Path) -> Result<Done, Failure> {
        self.sign_noting(signing, file, &mut false)
    }

    /// Signs one file; notes whether it was the key that failed.
    fn sign_noting(
        &self,
        signing: &Signing<'_>,
        file: &Path,
        key_failed: &mut bool,
    ) -> Result<Done, Failure> {
        let opened = FileSource::open(file)?;
        let wishes = &self.args.wishes;
        let mut paper = Paper { file, source: &opened, password: self.password.as_ref() };
        let repaired = match self.args.repair {
            true => repair::if_damaged(&opened, paper.access()).map_err(|e| e.about(file))?,
            false => None,
        };
        // A damaged file is not signed itself: its clean copy is.
        let source: &dyn Source = repaired.as_ref().map_or(&opened, |repaired| &repaired.bytes);
        paper.source = source;
        scan::before_signing(source, paper.access(), wishes, self.output).map_err(|e| e.about(file))?;
        let request = request(wishes, &paper, self.key.certificates(), self.image.clone())?;
        let mut explain = |error: SignError| {
            *key_failed = matches!(error, SignError::Key(_));
            failure(&self.args.wishes, Some(file), error)
        };
        let access = paper.access();
        let unchanged = || {
            let changed = || Failure::new("source_changed", file.display().to_string());
            if opened.changed() { Err(changed()) } else { Ok(()) }
        };
        let Some(out) = self.place_of(file) else {
            let place = InPlace::open(file)?;
            let signed = signing.sign(source, &request, access).map_err(&mut explain)?;
            unchanged()?;
            place.append(signed.starts_at, &signed.appended)?;
            return Ok(Done { out: file.into(), request, signed, repaired });
        };
        let mut draft = Draft::create(&out, existing(self.args), Readers::Umask)?;
        let signed =
            signing.sign_into(source, &request, access, &mut draft).map_err(|error| match error {
                SignError::NotWritten { reason } => {
                    Failure::new("output_not_writable", format!("{}: {reason}", out.display()))
                }
                other => explain(other),
            })?;
        unchanged()?;
        draft.keep()?;
        Ok(Done { out, request, signed, repaired })
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
            "size": done.signed.starts_at + appended as u64,
            "appended": appended,
            "repaired": done.repaired.as_ref().map(repair::facts),
        })
    }

    fn words(&self, done: &Done, lang: sign_core::report::words::Lang) -> String {
        let [said, field, bytes] =
            lang.pick(["Đã ký", "trường", "byte được thêm"], ["Signed", "field", "bytes appended"]);
        let (appended, signed) = (done.signed.appended.len(), &done.signed);
        let line = format!("{said} {}: {field} {}, {appended} {bytes}", done.out.display(), signed.field);
        done.repaired.iter().fold(line, |line, repaired| format!("{line}\n{}", repair::text(repaired, lang)))
    }
}

const SCHEMA: &str = "sign.signed/1";

fn name_of(file: &Path) -> OsString {
    file.file_name().unwrap_or_default().to_owned()
}
