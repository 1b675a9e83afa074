//! Writes the revision that will carry the signature, with a hole where its value goes.
//!
//! The value may come at once from a key file, or tomorrow from a phone: [`Prepared`] holds all that
//! is needed to finish, and no part of the document before the appended bytes.

use super::edit::Edit;
use super::embed::Signed;
use super::form::{
    APPEND_ONLY, FormEdit, SIGNATURES_EXIST, check_partial_name, field_with_widget, frame_of,
    normal_appearance, page_of,
};
use super::options::{DocMdp, FieldChoice, SignRequest};
use super::permission::{Change, check_permission};
use super::seed::Asked;
use super::signer::Credentials;
use super::structure::Structure;
use super::{Looks, SignError, fill, official};
use crate::cms::timestamp::TimeStampToken;
use crate::cms::{self, Embedded};
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::{DigestAlgorithm, Hasher};
use crate::crypto::document::open;
use crate::error::PdfError;
use crate::limits::LimitExceeded;
use crate::pades::appearance::{Frame, empty_form};
use crate::pades::changes::permission::{FieldLock, certification, lock_p, locks};
use crate::pades::conformance::Claims;
use crate::pades::extension::{self, Extension};
use crate::pades::field::{Form, SignatureField};
use crate::pades::seed::SeedValue;
use crate::pdf::{Access, Appended, Dictionary, Document, Hole, Object, ObjectId, View};
use crate::source::Source;
use std::io::Write;
use std::sync::Arc;

/// Room beside the estimated CMS: a time stamp and its chain fit in later.
const MARGIN: usize = 12 << 10;

/// What the signature dictionary says (table 255).
pub(super) const FILTER: &str = "Adobe.PPKLite";
/// EN 319 142-1 6.3.
pub(super) const SUB_FILTER: &str = "ETSI.CAdES.detached";

/// A revision that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub(super) appended: Vec<u8>,
    pub(super) starts_at: u64,
    pub(super) hole: std::ops::Range<usize>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) embedded: Arc<Embedded>,
    pub(super) signed_attributes: Vec<u8>,
    pub(super) field: String,
    pub(super) byte_range: [u64; 4],
    pub(super) message_digest: Vec<u8>,
}

impl Prepared {
    /// The DER bytes the key signs (RFC 5652 5.4): hash them with the algorithm's digest, or hand
    /// them whole to a key that hashes itself.
    pub fn signed_attributes(&self) -> &[u8] {
        &self.signed_attributes
    }

    /// `/ByteRange`.
    pub fn byte_range(&self) -> [u64; 4] {
        self.byte_range
    }

    /// Digest over the byte range.
    pub fn message_digest(&self) -> &[u8] {
        &self.message_digest
    }

    /// Fully qualified name of the field that takes the signature.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Puts the signature value into its place.
    ///
    /// # Errors
    /// [`SignError::HoleTooSmall`] if the CMS does not fit: prepare again with a larger
    /// [`SignRequest::contents_bytes`].
    pub fn complete(self, signature: &[u8]) -> Result<Signed, SignError> {
        super::embed::embed(self, signature, &[])
    }

    /// As [`Prepared::complete`], with a time stamp over the value beside it: level B-T.
    ///
    /// # Errors
    /// As [`Prepared::complete`]; [`SignError::Stamp`] if the token stamps something else or is broken.
    pub fn complete_stamped(self, signature: &[u8], token: &TimeStampToken) -> Result<Signed, SignError> {
        let attribute = super::stamp::attribute(token, signature)?;
        super::embed::embed(self, signature, &[attribute])
    }
}

/// Writes the revision for one signature by the key of `certificates` (leaf first, DER).
///
/// Everything that can be refused is refused here, before a key is asked: the certificate's
/// validity at [`SignRequest::at`], the document's certification and locks, the field.
///
/// # Errors
/// [`SignError`].
pub fn prepare<'p>(
    source: &dyn Source,
    request: &SignRequest,
    algorithm: SignatureAlgorithm,
    certificates: &[Vec<u8>],
    access: impl Into<Access<'p>>,
) -> Result<Prepared, SignError> {
    let credentials = Credentials::read(certificates, algorithm)?;
    let access = access.into();
    let preparation = Preparation { credentials: &credentials, looks: &Looks::default(), access };
    preparation.run(source, request, &mut std::io::sink())
}

/// What preparing any document with one key needs.
#[derive(Clone, Copy)]
pub(super) struct Preparation<'p> {
    pub(super) credentials: &'p Credentials,
    pub(super) looks: &'p Looks,
    pub(super) access: Access<'p>,
}

impl Preparation<'_> {
    /// As [`prepare`]; writes the bytes of `source` to `copy` while hashing them, once it is known what
    /// will be signed.
    pub(super) fn run(
        self,
        source: &dyn Source,
        request: &SignRequest,
        copy: &mut dyn Write,
    ) -> Result<Prepared, SignError> {
        let Self { credentials, looks, access } = self;
        credentials.check(request)?;
        let document = open(source, access)?;
        let facts = Facts::read(&document)?;
        let request = &facts.meet_seed_values(&document, request, credentials)?;
        facts.refuse(request)?;
        facts.refuse_by_permissions(&document, request)?;

        let reserved = request.contents_bytes.unwrap_or(credentials.cms_bytes + MARGIN);
        let most = access.limits.contents;
        if reserved as u64 > most {
            return Err(LimitExceeded { limit: "contents", allowed: most }.into());
        }
        let common_name = || credentials.certificate.subject().common_name().map(str::to_owned);
        let name = request.name.clone().or_else(common_name);
        let extensions = &credentials.extensions;
        let writer = Writer { request, facts: &facts, looks, name, reserved, extensions };
        let (appended, field) = writer.write(&document)?;
        let hole = hole_of(&appended)?;
        let digest = credentials.algorithm.digest();
        let message_digest = hash(source, &appended.bytes, &hole.contents, digest, copy)?;
        Ok(Prepared {
            starts_at: appended.starts_at,
            byte_range: hole.covered,
            hole: hole.contents.clone(),
            signed_attributes: cms::signed_attributes(digest, &message_digest, &credentials.certificate),
            appended: appended.bytes,
            algorithm: credentials.algorithm,
            embedded: Arc::clone(&credentials.embedded),
            field,
            message_digest,
        })
    }
}

/// What the document says about fields and permissions.
struct Facts {
    form: Form,
    signatures: Vec<SignatureField>,
    certified: Option<DocMdp>,
    locks: Vec<FieldLock>,
    claims: Claims,
}

impl Facts {
    fn read(document: &Document<'_>) -> Result<Self, SignError> {
        let view = document.latest();
        let form = Form::read(&view, document.limits().fields)?;
        if form.fields().next().is_none() {
            // A form's pages are looked up whenever it is read. The one that is made here will be read too:
            // what could be signed but never verified is refused.
            view.page_dictionaries(|_, page| view.get(page, "Annots").map(drop))?;
        }
        let signatures = form.signature_fields(&view)?;
        let mut locked = Vec::new();
        // PDF 2.0: also an approval signature can close the document, by its field's lock.
        let mut closed = false;
        for field in &signatures {
            if let Some((_, signature)) = &field.value {
                locked.extend(locks(&view, signature, field.lock.as_ref())?);
                let p = field.lock.as_ref().map(|lock| lock_p(&view, lock)).transpose()?.flatten();
                closed |= p == Some(1);
            }
        }
        let certified = certification(&view)?.and_then(|(_, p)| DocMdp::from_p(p.into()));
        let certified = if closed { Some(DocMdp::NoChanges) } else { certified };
        Ok(Self { form, signatures, certified, locks: locked, claims: Claims::read(view)? })
    }

    fn signed(&self) -> usize {
        self.signatures.iter().filter(|field| field.value.is_some()).count()
    }

    fn is_locked(&self, name: &str) -> bool {
        self.locks.iter().any(|lock| lock.covers(name))
    }

    fn refuse(&self, request: &SignRequest) -> Result<(), SignError> {
        if self.certified == Some(DocMdp::NoChanges) {
            return Err(SignError::CertifiedNoChanges);
        }
        if request.certify.is_some() && self.signed() > 0 {
            return Err(SignError::NotFirstSignature { signatures: self.signed() });
        }
        let existing = match &request.field {
            FieldChoice::Existing(name) => Some(name),
            FieldChoice::New { .. } | FieldChoice::FirstEmpty => None,
        };
        let touched = request.fills.iter().map(|fill| &fill.field).chain(existing);
        match touched.into_iter().find(|name| self.is_locked(name)) {
            Some(name) => Err(SignError::FieldLocked { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// The request with what the field's seed values choose.
    fn meet_seed_values(
        &self,
        document: &Document<'_>,
        request: &SignRequest,
        credentials: &Credentials,
    ) -> Result<SignRequest, SignError> {
        let Some(field) = self.target(&request.field)? else { return Ok(request.clone()) };
        let Some(entries) = &field.seed else { return Ok(request.clone()) };
        let view = document.latest();
        let own_p = field.lock.as_ref().map(|lock| lock_p(&view, lock)).transpose()?.flatten();
        let asked = Asked {
            field: &field.name,
            digest: credentials.algorithm.digest(),
            certificate: &credentials.certificate,
            chain: credentials.embedded.certificates(),
            signatures: self.signed(),
            locks_document: own_p == Some(1),
        };
        asked.meet(&SeedValue::read(&view, entries)?, request)
    }

    /// Whether a new field is entered into the structure tree. After a signature only where PDF/UA is
    /// claimed: some validators take any change to the tree for a change to the signed content.
    fn may_grow_structure(&self) -> bool {
        self.claims.pdf_ua || self.signed() == 0
    }

    /// ISO 32000-2 table 22: what the author of an encrypted document allows to those without the
    /// owner password.
    fn refuse_by_permissions(&self, document: &Document<'_>, request: &SignRequest) -> Result<(), SignError> {
        match self.target(&request.field)? {
            Some(_) => check_permission(document, Change::FillFields),
            None => check_permission(document, Change::CreateFields),
        }
    }

    /// The existing field that was asked for; `None` for a new one.
    fn target(&self, choice: &FieldChoice) -> Result<Option<&SignatureField>, SignError> {
        match choice {
            FieldChoice::New { .. } => Ok(None),
            FieldChoice::FirstEmpty => {
                Ok(self.signatures.iter().find(|f| f.value.is_none() && !self.is_locked(&f.name)))
            }
            FieldChoice::Existing(name) => self.existing(name).map(Some),
        }
    }

    fn existing(&self, name: &str) -> Result<&SignatureField, SignError> {
        match self.signatures.iter().find(|field| field.name == name) {
            Some(field) if field.value.is_some() => Err(SignError::FieldAlreadySigned { name: name.into() }),
            Some(field) => Ok(field),
            None if self.form.field(name).is_some() => {
                Err(SignError::WrongFieldType { name: name.into(), expected: "signature" })
            }
            None => Err(SignError::FieldNotFound { name: name.into() }),
        }
    }

    /// The name for a new field: the one asked for, or the first free `Signature<n>`.
    fn new_name(&self, wanted: Option<&str>) -> Result<String, SignError> {
        let taken = |name: &str| self.form.nodes.iter().any(|node| node.is_field && node.name == name);
        match wanted {
            Some(name) => {
                check_partial_name(name)?;
                if taken(name) {
                    return Err(SignError::FieldExists { name: name.into() });
                }
                Ok(name.into())
            }
            // One of n + 1 names is not among n fields.
            None => (1..=self.form.nodes.len() + 1)
                .map(|n| format!("Signature{n}"))
                .find(|name| !taken(name))
                .ok_or_else(|| SignError::FieldExists { name: "Signature".into() }),
        }
    }
}

/// One revision being written.
struct Writer<'r> {
    request: &'r SignRequest,
    facts: &'r Facts,
    looks: &'r Looks,
    name: Option<String>,
    reserved: usize,
    extensions: &'r [Extension],
}

impl Writer<'_> {
    fn write(&self, document: &Document<'_>) -> Result<(Appended, String), SignError> {
        let mut edit = Edit::new(document)?;
        let form = FormEdit::open(&mut edit)?;
        for request in &self.request.fills {
            fill::fill(&mut edit, &self.facts.form, self.facts.claims.drawing(), request)?;
        }
        let value = edit.update().allocate();
        let target = self.facts.target(&self.request.field)?;
        let field = match target {
            Some(field) => self.sign_existing(&mut edit, field, value)?,
            None => self.sign_new(&mut edit, form, value)?,
        };
        form.set_signature_flags(&mut edit, SIGNATURES_EXIST | APPEND_ONLY)?;
        self.update_catalog(&mut edit, document, value)?;
        let dictionary = self.signature_dictionary(&edit, target)?;
        edit.update().set_signature(value, dictionary, self.reserved);
        Ok((edit.finish()?, field))
    }

    fn sign_existing(
        &self,
        edit: &mut Edit<'_>,
        field: &SignatureField,
        value: ObjectId,
    ) -> Result<String, SignError> {
        edit.dictionary_mut(field.id)?.insert("V", value);
        let node = self.facts.form.node(field.id);
        for widget in node.into_iter().flat_map(|node| self.facts.form.widgets(node)) {
            let frame = frame_of(edit.before(), widget)?;
            let drawing = self.draw(edit, frame)?;
            edit.dictionary_mut(widget.id)?.insert("AP", normal_appearance(drawing));
        }
        Ok(field.name.clone())
    }

    fn sign_new(&self, edit: &mut Edit<'_>, form: FormEdit, value: ObjectId) -> Result<String, SignError> {
        let (wanted, place) = match &self.request.field {
            FieldChoice::New { name, place } => (name.as_deref(), *place),
            FieldChoice::Existing(_) | FieldChoice::FirstEmpty => (None, None),
        };
        let name = self.facts.new_name(wanted)?;
        let (page, frame, rect) = match place {
            Some(place) => {
                let (page, frame) = page_of(edit.before(), place)?;
                (page, frame, place.rect)
            }
            // An invisible signature has a widget without area on the first page (12.7.5.5).
            None => (first_page(edit.before())?, Frame::default(), [0.0; 4]),
        };
        let drawing = self.draw(edit, frame)?;
        let field =
            field_with_widget(&name, official::spoken(&name), "Sig", page, rect, drawing).with("V", value);
        let field = edit.add(field);
        edit.push(page, "Annots", field)?;
        if place.is_some()
            && self.facts.may_grow_structure()
            && let Some(mut structure) = Structure::read(edit.before())?
        {
            structure.add_form_element(edit, field, page)?;
        }
        form.add_field(edit, field)?;
        Ok(name)
    }

    fn draw(&self, edit: &mut Edit<'_>, frame: Frame) -> Result<ObjectId, SignError> {
        let drawing = match &self.request.appearance {
            Some(appearance) if frame.width > 0.0 && frame.height > 0.0 => {
                self.looks.of(appearance)?.draw(edit.update(), frame, self.facts.claims.drawing())?
            }
            _ => empty_form(edit.update(), frame)?,
        };
        Ok(drawing)
    }

    /// ISO 32000-2 table 255; the update adds /ByteRange and /Contents. No /Cert: PAdES keeps the
    /// certificates in the CMS (EN 319 142-1 6.3).
    fn signature_dictionary(
        &self,
        edit: &Edit<'_>,
        target: Option<&SignatureField>,
    ) -> Result<Dictionary, SignError> {
        let mut dictionary = Dictionary::new()
            .with("Type", Object::name("Sig"))
            .with("Filter", Object::name(FILTER))
            .with("SubFilter", Object::name(SUB_FILTER))
            .with("M", Object::text(&self.request.at.to_pdf()));
        let texts = [
            ("Name", &self.name),
            ("Reason", &self.request.reason),
            ("Location", &self.request.location),
            ("ContactInfo", &self.request.contact),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                dictionary.insert(key, Object::text(text));
            }
        }
        let mut references: Vec<Object> = Vec::new();
        references.extend(self.request.certify.map(|certify| doc_mdp_reference(certify).into()));
        if let Some(lock) = target.and_then(|field| field.lock.as_ref()) {
            let (catalog, _) = edit.before().catalog()?;
            references.push(field_mdp_reference(lock, catalog).into());
        }
        if !references.is_empty() {
            dictionary.insert("Reference", references);
        }
        Ok(dictionary)
    }

    /// /Perms when certifying; usage rights go, their signature cannot survive; /Extensions names
    /// the PAdES extension for the first signature of a PDF 1.7 (EN 319 142-1 6.1), and in a PDF 2.0
    /// what the algorithms need beyond it.
    fn update_catalog(
        &self,
        edit: &mut Edit<'_>,
        document: &Document<'_>,
        value: ObjectId,
    ) -> Result<(), SignError> {
        let (catalog_id, catalog) = edit.before().catalog()?;
        let catalog = catalog.as_dictionary().cloned().unwrap_or_default();
        let old = edit.before().get(&catalog, "Perms")?.as_dictionary().cloned().unwrap_or_default();
        let mut new = old.clone();
        new.remove("UR");
        new.remove("UR3");
        if self.request.certify.is_some() {
            new.insert("DocMDP", value);
        }
        if new != old {
            edit.dictionary_mut(catalog_id)?.insert("Perms", new);
        }
        if document.version() == (1, 7)
            && self.facts.signed() == 0
            && !catalog.contains("Extensions")
            && let Some(new) = extension::with_pades(&Dictionary::new())
        {
            edit.dictionary_mut(catalog_id)?.insert("Extensions", new);
        }
        if document.version() >= extension::BASE {
            let old = edit.before().get(&catalog, "Extensions")?;
            let old = old.as_dictionary().cloned().unwrap_or_default();
            if let Some(new) = extension::declared(&old, self.extensions) {
                edit.dictionary_mut(catalog_id)?.insert("Extensions", new);
            }
        }
        Ok(())
    }
}

pub(super) fn first_page(view: View<'_>) -> Result<ObjectId, SignError> {
    view.page(0)?.map(|page| page.id).ok_or(SignError::NoSuchPage { page: 1, pages: 0 })
}

fn doc_mdp_reference(certify: DocMdp) -> Dictionary {
    let parameters = Dictionary::new()
        .with("Type", Object::name("TransformParams"))
        .with("P", certify.p())
        .with("V", Object::name("1.2"));
    signature_reference("DocMDP", parameters)
}

/// ISO 32000-2 12.8.2.4: what the lock says becomes the transform's parameters.
fn field_mdp_reference(lock: &Dictionary, catalog: ObjectId) -> Dictionary {
    let mut parameters = Dictionary::new().with("Type", Object::name("TransformParams"));
    for key in ["Action", "Fields"] {
        if let Some(value) = lock.get(key) {
            parameters.insert(key, value.clone());
        }
    }
    parameters.insert("V", Object::name("1.2"));
    signature_reference("FieldMDP", parameters).with("Data", catalog)
}

fn signature_reference(method: &str, parameters: Dictionary) -> Dictionary {
    Dictionary::new()
        .with("Type", Object::name("SigRef"))
        .with("TransformMethod", Object::name(method))
        .with("TransformParams", parameters)
}

pub(super) fn hole_of(appended: &Appended) -> Result<&Hole, PdfError> {
    let missing = PdfError::Malformed { at: appended.starts_at, what: "appended signature" };
    appended.hole.as_ref().ok_or(missing)
}

/// How much of a document is in memory at a time: what fits the processor's cache.
const WINDOW: usize = 64 << 10;

/// Digest over the document and the appended bytes, but the hole; the document's bytes go to `copy`.
pub(super) fn hash(
    source: &dyn Source,
    appended: &[u8],
    hole: &std::ops::Range<usize>,
    digest: DigestAlgorithm,
    copy: &mut dyn Write,
) -> Result<Vec<u8>, SignError> {
    let mut hasher = Hasher::new(digest);
    match source.bytes() {
        Some(bytes) => {
            for window in bytes.chunks(WINDOW) {
                hasher.update(window);
                copy.write_all(window).map_err(|error| SignError::not_written(&error))?;
            }
        }
        None => hash_windows(source, &mut hasher, copy)?,
    }
    hasher.update(appended.get(..hole.start).unwrap_or_default());
    hasher.update(appended.get(hole.end..).unwrap_or_default());
    Ok(hasher.finish())
}

/// Reads, hashes and copies a window at a time.
fn hash_windows(source: &dyn Source, hasher: &mut Hasher, copy: &mut dyn Write) -> Result<(), SignError> {
    let mut buffer = vec![0; usize::try_from(source.len()).unwrap_or(WINDOW).min(WINDOW)];
    let mut offset = 0;
    while offset < source.len() {
        let length = usize::try_from(source.len() - offset).unwrap_or(usize::MAX).min(buffer.len());
        let window = buffer.get_mut(..length).unwrap_or_default();
        source.read_at(offset, window)?;
        hasher.update(window);
        copy.write_all(window).map_err(|error| SignError::not_written(&error))?;
        offset += length as u64;
    }
    Ok(())
}
