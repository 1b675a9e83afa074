//! Format checking (EN 319 102-1 clause 5.2.2): the signature dictionary, its byte range and the CMS
//! in it, as far as ISO 32000-2 12.8 and EN 319 142-1 clause 5 fix them.

use super::Findings;
use super::conclude::Format;
use super::context::Context;
use super::past::Proof;
use crate::cms::signed_data::DATA;
use crate::cms::timestamp::TimeStampToken;
use crate::cms::{CmsFinding, SignedData, SignerInfo};
use crate::crypto::{CryptoError, DigestAlgorithm};
use crate::error::PdfError;
use crate::pades::byte_range::{ByteRange, ByteRangeError};
use crate::pades::coverage::{self, Extent};
use crate::pades::field::SignatureField;
use crate::pdf::{Dictionary, Document, Object, PdfString};
use crate::time::Time;

/// The sub-filters this version judges.
pub(super) const CADES: &str = "ETSI.CAdES.detached";
const PKCS7: &str = "adbe.pkcs7.detached";
/// Time stamps over the signature that are looked at; more than two is unheard of.
pub(super) const MOST_TOKENS: usize = 8;
/// Time stamps over the content that are looked at.
const MOST_CONTENT_STAMPS: usize = 4;
/// The sub-filter of document time stamps.
const TIME_STAMP: &str = "ETSI.RFC3161";

/// What the signature dictionary and its value say.
pub(super) struct Container {
    pub(super) format: Format,
    pub(super) sub_filter: String,
    pub(super) byte_range: Option<ByteRange>,
    pub(super) extent: Extent,
    /// Index of the revision that is signed.
    pub(super) revision: Option<usize>,
    /// Present only with exactly one signer.
    pub(super) cms: Option<SignedData>,
    /// The token of a document time stamp; `cms` is what it is made of.
    pub(super) token: Option<TimeStampToken>,
    /// Time stamps over the content, made before signing (EN 319 122-1 clause 5.2.8).
    pub(super) content_stamps: Vec<TimeStampToken>,
    /// Digests of the byte range by [`Container::hashed_with`], once it has been hashed.
    pub(super) digests: Vec<(DigestAlgorithm, Vec<u8>)>,
    /// `/M`.
    pub(super) claimed: Option<Time>,
    /// EN 319 142-1 table 1: `/M` there, `/Cert` not.
    pub(super) dictionary_is_baseline: bool,
    pub(super) findings: Findings,
}

impl Container {
    /// The one signer.
    pub(super) fn signer(&self) -> Option<&SignerInfo> {
        self.cms.as_ref().and_then(|cms| cms.signer_infos().first())
    }

    /// What the byte range was hashed with by the signer, as far as somebody says so.
    pub(super) fn signed_with(&self) -> Option<Result<DigestAlgorithm, CryptoError>> {
        match &self.token {
            Some(token) => Some(token.digest()),
            None => self.signer().map(SignerInfo::digest_algorithm),
        }
    }

    /// What the byte range has to be hashed with, each algorithm once: as the signer did, and as those did who
    /// stamped the content before.
    pub(super) fn hashed_with(&self) -> Vec<Result<DigestAlgorithm, CryptoError>> {
        let mut all: Vec<_> = self.signed_with().into_iter().collect();
        for digest in self.content_stamps.iter().map(TimeStampToken::digest).filter(Result::is_ok) {
            if !all.contains(&digest) {
                all.push(digest);
            }
        }
        all
    }

    /// The byte range's digest by this algorithm.
    pub(super) fn digest(&self, algorithm: DigestAlgorithm) -> Option<&[u8]> {
        let found = self.digests.iter().find(|(known, _)| *known == algorithm);
        found.map(|(_, digest)| digest.as_slice())
    }

    pub(super) fn is_cades(&self) -> bool {
        self.sub_filter == CADES
    }

    /// The tokens in the signature, as far as they can be read.
    pub(super) fn tokens(&self) -> Vec<TimeStampToken> {
        let signer = self.signer().into_iter();
        let all = signer.flat_map(|signer| signer.signature_time_stamps()).take(MOST_TOKENS);
        all.filter_map(|der| TimeStampToken::parse(der).ok())
            .chain(self.content_stamps.iter().cloned())
            .collect()
    }

    /// When a document time stamp proves that the value existed. It is outside of what its own revision
    /// signs, so only a later one covers it.
    pub(super) fn proof<'c>(&self, context: &'c Context<'_>) -> Option<&'c Proof> {
        context.proofs.over(self.revision? + 1)
    }

    /// Whether it is a document time stamp (EN 319 142-1 clause 5.4.3).
    pub(super) fn is_time_stamp(&self) -> bool {
        self.sub_filter == TIME_STAMP
    }

    fn broken(&mut self, code: &str, detail: impl std::fmt::Display) {
        self.format = Format::Broken;
        self.findings.add_with(code, detail);
    }

    fn unsupported(&mut self, code: &str, detail: impl std::fmt::Display) {
        if self.format == Format::Sound {
            self.format = Format::Unsupported;
        }
        self.findings.add_with(code, detail);
    }
}

/// Reads and checks one signature's container.
///
/// # Errors
/// [`PdfError`] if the file cannot be read; whatever is wrong with the signature is a fact.
pub(super) fn read(document: &Document<'_>, field: &SignatureField) -> Result<Container, PdfError> {
    let mut container = Container {
        format: Format::Sound,
        sub_filter: String::new(),
        byte_range: None,
        extent: Extent::Partial,
        revision: None,
        cms: None,
        token: None,
        content_stamps: Vec::new(),
        digests: Vec::new(),
        claimed: None,
        dictionary_is_baseline: false,
        findings: Findings::default(),
    };
    if !field.shared_with.is_empty() {
        // 12.7.5.5: a field has a signature of its own. One value shown twice would count as two people's.
        container.format = Format::Broken;
    }
    let value = field.value.as_ref().map(|(_, value)| value);
    let Some(entries) = value.and_then(|value| value.as_dictionary()) else {
        container.broken("contents_malformed", "no signature dictionary");
        return Ok(container);
    };
    let view = document.latest();
    if let Some(name) = view.get(entries, "SubFilter")?.as_name() {
        container.sub_filter = name.as_str().into_owned();
    }
    let claimed = view.get(entries, "M")?;
    read_time(&mut container, &claimed);
    container.dictionary_is_baseline = container.claimed.is_some() && !entries.contains("Cert");
    let contents = read_contents(&mut container, document, entries);
    read_range(&mut container, document, entries, contents)?;
    match container.sub_filter.as_str() {
        CADES | PKCS7 => {
            if let Some(contents) = contents {
                read_cms(&mut container, contents);
            }
        }
        TIME_STAMP => {
            if let Some(contents) = contents {
                read_token(&mut container, contents);
            }
        }
        _ => {
            let name = container.sub_filter.clone();
            container.unsupported("sub_filter_unsupported", name);
        }
    }
    Ok(container)
}

fn read_time(container: &mut Container, value: &Object) {
    let Some(text) = value.as_string() else { return };
    match Time::parse_pdf(&text.to_text()) {
        Ok(time) => container.claimed = Some(time),
        Err(error) => container.findings.add_with("claimed_time_unreadable", error.0),
    }
}

/// `/Contents`: a hexadecimal string in the dictionary itself, of bounded length.
fn read_contents<'e>(
    container: &mut Container,
    document: &Document<'_>,
    entries: &'e Dictionary,
) -> Option<&'e PdfString> {
    let Some(contents) = entries.get("Contents").and_then(Object::as_string) else {
        container.broken("contents_malformed", "not a string in the dictionary");
        return None;
    };
    let most = document.limits().contents;
    if contents.bytes.is_empty() || contents.bytes.len() as u64 > most {
        container.broken("contents_malformed", format!("{} bytes, at most {most}", contents.bytes.len()));
        return None;
    }
    Some(contents)
}

fn read_range(
    container: &mut Container,
    document: &Document<'_>,
    entries: &Dictionary,
    contents: Option<&PdfString>,
) -> Result<(), PdfError> {
    let range = match ByteRange::read(entries.get("ByteRange"), document.source().len()) {
        Ok(range) => range,
        Err(error) => {
            container.broken("byte_range_malformed", error);
            return Ok(());
        }
    };
    let Some(contents) = contents else { return Ok(()) };
    let gap = range.check_gap(contents);
    if let (Err(ByteRangeError::GapMismatch), _) | (_, None) = (gap, &contents.span) {
        container.broken("contents_gap_mismatch", format!("{:?} and {:?}", range.gap(), contents.span));
        return Ok(());
    }
    (container.extent, container.revision) =
        coverage::extent(document.source(), document.revisions(), &range, &range.gap())?;
    if container.extent == Extent::Partial {
        container.findings.add("coverage_partial");
    }
    container.byte_range = Some(range);
    Ok(())
}

/// A document time stamp: `/Contents` is a token over the byte range (EN 319 142-1 clause 5.4.3).
fn read_token(container: &mut Container, contents: &PdfString) {
    let token = match TimeStampToken::parse(&contents.bytes) {
        Ok(token) => token,
        Err(error) => return container.broken("timestamp_malformed", error),
    };
    let cms = token.signed_data();
    for finding in cms.findings() {
        container.findings.add_with(finding.code(), format!("{finding:?}"));
    }
    if cms.signer_infos().len() != 1 {
        return container.broken("several_signers", cms.signer_infos().len());
    }
    container.cms = Some(cms.clone());
    container.token = Some(token);
}

fn read_cms(container: &mut Container, contents: &PdfString) {
    let cms = match SignedData::parse(&contents.bytes) {
        Ok(cms) => cms,
        Err(error) => return container.broken("cms_malformed", error),
    };
    for finding in cms.findings() {
        let detail = format!("{finding:?}");
        match finding {
            // ISO 32000-2 table 255: zeros and nothing else fill the room. What stands there is signed by nobody.
            CmsFinding::TrailingBytes { .. } => container.broken(finding.code(), detail),
            _ => container.findings.add_with(finding.code(), detail),
        }
    }
    let signer = match cms.signer_infos() {
        [signer] => signer,
        signers => return container.broken("several_signers", signers.len()),
    };
    if cms.content().is_some() {
        return container.broken("cms_not_detached", cms.content_type());
    }
    if cms.content_type() != DATA {
        return container.broken("content_type_wrong", cms.content_type());
    }
    if signer.signed_attributes().is_none() {
        if container.is_cades() {
            return container.broken("signed_attributes_missing", CADES);
        }
        return container.unsupported("sub_filter_unsupported", "PKCS#7 without signed attributes");
    }
    if signer.message_digest().is_none() {
        return container.broken("signed_attributes_missing", "message-digest");
    }
    match signer.content_type() {
        Some(oid) if oid == DATA => {}
        Some(oid) => return container.broken("content_type_wrong", oid),
        None => return container.broken("signed_attributes_missing", "content-type"),
    }
    read_content_stamps(container, signer.content_time_stamps());
    container.cms = Some(cms);
}

/// One is usual; each may ask for a digest of its own.
fn read_content_stamps(container: &mut Container, tokens: Vec<&[u8]>) {
    if tokens.len() > MOST_CONTENT_STAMPS {
        container.findings.add_with("timestamps_not_all_examined", tokens.len());
    }
    for bytes in tokens.into_iter().take(MOST_CONTENT_STAMPS) {
        match TimeStampToken::parse(bytes) {
            Ok(token) => container.content_stamps.push(token),
            Err(error) => container.findings.add_with("timestamp_malformed", error),
        }
    }
}
