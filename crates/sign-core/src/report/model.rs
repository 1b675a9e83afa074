//! The verification report, JSON `schema: "sign.report/1"`.
//!
//! Field names and enum words are a contract with other people's adapters: add, never rename. A
//! field whose value was not computed says `not_checked` (or `unchecked`, `unknown`), never a guess.

use crate::time::Time;
/// Which kind of certification authority stands behind a signature.
pub use crate::trust::CaClass;
use crate::verdict::{Indication, Severity, SubIndication, Verdict};
use serde::{Deserialize, Serialize};

/// Name of this shape; a change that breaks readers gets a new number.
pub const SCHEMA: &str = "sign.report/1";

/// What is known about one document after verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The document that was looked at.
    pub file: FileFacts,
    /// The time the judgement is about, as given by the caller.
    pub verified_at: Time,
    /// Name of the policy.
    pub policy: String,
    /// The verdict on the document.
    pub verdict: Verdict,
    /// Whether it counts as an official document (NĐ 30/2020 Điều 5).
    pub official: Official,
    /// The signatures, in the order of their revisions.
    pub signatures: Vec<SignatureReport>,
    /// Evidence that would settle what is open.
    pub wanted: Vec<Wanted>,
    /// Findings about the document as a whole.
    pub warnings: Vec<Finding>,
}

/// The document's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// File name as the caller gave it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    /// Number of pages in the newest revision.
    pub pages: u64,
    /// As in `1.7`.
    pub pdf_version: String,
    /// Whether the file is encrypted.
    pub encrypted: bool,
    /// Number of revisions.
    pub revisions: u64,
}

/// NĐ 30/2020 Điều 5: the paper original's value needs the competent person's and the
/// organisation's signatures, both valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Official {
    /// At least one valid personal and one valid organisation signature.
    pub complete: bool,
    /// Valid personal signatures.
    pub leader: u32,
    /// Valid organisation signatures.
    pub seal: u32,
    /// Codes of what is missing, e.g. `no_valid_personal_signature`.
    pub reasons: Vec<String>,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An ordinary signature.
    Approval,
    /// One that certifies the document (DocMDP).
    Certification,
    /// A document time stamp.
    DocumentTimestamp,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// Fully qualified field name.
    pub field: String,
    /// What it is for.
    pub kind: Kind,
    /// `/SubFilter`, as in `ETSI.CAdES.detached`.
    pub sub_filter: String,
    /// Number of the revision it signs, the first is 1.
    pub revision: u64,
    /// Page of its widget, the first is 1.
    pub page: Option<u64>,
    /// `[x0, y0, x1, y1]` in default user space units; null for a signature without a box.
    pub rect: Option<[f64; 4]>,
    /// Main status.
    pub indication: Indication,
    /// Reason, where there is one.
    pub sub_indication: Option<SubIndication>,
    /// The bytes and the mathematics.
    pub integrity: Integrity,
    /// How much of the file it covers.
    pub coverage: Coverage,
    /// What came after it.
    pub changes: Changes,
    /// Who signed.
    pub signer: SignerFacts,
    /// From the signer's certificate to the anchor, as far as it could be built.
    pub chain: Vec<ChainLink>,
    /// On what trust rests.
    pub trust: TrustFacts,
    /// When.
    pub time: TimeFacts,
    /// PAdES baseline level (EN 319 142-1 clause 6).
    pub level: Level,
    /// How.
    pub algorithm: AlgorithmFacts,
    /// The signature value, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_value: Option<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// The bytes and the mathematics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrity {
    /// Whether the signed bytes hash to the signed digest.
    pub digest: DigestCheck,
    /// Whether the signature value is right under the signer's key.
    pub signature: SignatureCheck,
}

/// Result of comparing digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words are the contract")]
pub enum DigestCheck {
    Ok,
    Mismatch,
    Unchecked,
}

/// Result of the signature mathematics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words are the contract")]
pub enum SignatureCheck {
    Ok,
    Bad,
    Unchecked,
}

/// How much of the file a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Everything but its own value.
    WholeFile,
    /// Everything up to the end of its revision; revisions follow.
    WholeRevision,
    /// Less: bytes of its own revision are not signed.
    Partial,
}

/// What later revisions changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The most far-reaching kind of change.
    pub level: ChangeLevel,
    /// Whether certification and locks allow all of them.
    pub allowed: bool,
    /// `/P` of the certification in force, if any.
    pub docmdp: Option<u8>,
    /// Each change.
    pub details: Vec<Change>,
}

/// Kinds of change, from none to anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeLevel {
    /// Nothing.
    None,
    /// Signatures' evidence (DSS) and document time stamps.
    Lta,
    /// Filling form fields and signing.
    FormFilling,
    /// Annotations.
    Annotations,
    /// Anything else.
    Other,
}

/// One changed object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// As in `12 0`.
    pub object: String,
    /// Where it hangs, as in `/Root/AcroForm/Fields[2]`.
    pub path: String,
    /// Name of the rule that allowed or refused it.
    pub rule: String,
    /// Page it shows on, the first is 1.
    pub page: Option<u64>,
    /// Where on that page: `[x0, y0, x1, y1]` in default user space units; the whole page for what its
    /// content shows.
    #[serde(default)]
    pub rect: Option<[f64; 4]>,
    /// Value before, where it is a text.
    pub old: Option<String>,
    /// Value after, where it is a text.
    pub new: Option<String>,
}

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words are the contract")]
pub enum SignerClass {
    Personal,
    Organisation,
    Tsa,
    Unknown,
}

/// Who signed, from the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerFacts {
    /// Common name.
    pub name: Option<String>,
    /// Organisation.
    pub organisation: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Serial number, lower-case hex.
    pub serial: Option<String>,
    /// Issuer as RFC 4514 text.
    pub issuer: Option<String>,
    /// Person, organisation, time-stamping unit.
    pub class: SignerClass,
    /// Kind of authority.
    pub ca_class: CaClass,
    /// First second of validity.
    pub not_before: Option<Time>,
    /// Last second of validity.
    pub not_after: Option<Time>,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// Subject as RFC 4514 text.
    pub subject: String,
    /// Issuer as RFC 4514 text.
    pub issuer: String,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// First second of validity.
    pub not_before: Time,
    /// Last second of validity.
    pub not_after: Time,
    /// SHA-256 of the certificate, lower-case hex.
    pub sha256: String,
}

/// Status of the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words are the contract")]
pub enum Revocation {
    Good,
    Revoked,
    Unknown,
    NotChecked,
}

/// On what trust rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustFacts {
    /// Name of the anchor the chain ends in.
    pub anchor: Option<String>,
    /// Revocation status.
    pub revocation: Revocation,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// Which evidence said so.
    pub source: Option<String>,
    /// The pieces of evidence that the statuses of the whole chain rest on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<UsedEvidence>,
}

/// A revocation list or OCSP response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedEvidence {
    /// `crl` or `ocsp`.
    pub kind: String,
    /// Where it came from, as in `dss`.
    pub origin: String,
    /// The time for which it speaks; of several parts of one list, the one that decided.
    pub this_update: Time,
    /// SHA-256 of its DER bytes, lower-case hex.
    pub sha256: String,
}

/// When it was signed, by whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeFacts {
    /// The signer's own claim (`/M`, or the signing-time attribute).
    pub claimed: Option<Time>,
    /// A time stamp's word: it existed then.
    pub timestamp: Option<Time>,
    /// A content time stamp's word: it was not signed before.
    #[serde(default)]
    pub content_timestamp: Option<Time>,
    /// The earliest proven time of existence; the time of judgement without proof.
    pub best: Option<Time>,
    /// Name of the time-stamping unit.
    pub tsa: Option<String>,
}

/// PAdES baseline level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "EN 319 142-1 clause 6 defines them")]
pub enum Level {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "B-B")]
    BB,
    #[serde(rename = "B-T")]
    BT,
    #[serde(rename = "B-LT")]
    BLt,
    #[serde(rename = "B-LTA")]
    BLta,
}

/// Algorithms of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlgorithmFacts {
    /// As in `SHA-256`.
    pub digest: Option<String>,
    /// As in `RSA-PSS`.
    pub signature: Option<String>,
    /// Size of the signer's key.
    pub key_bits: Option<u32>,
    /// Whether the policy accepts them.
    pub acceptable: bool,
}

/// Something noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable word.
    pub code: String,
    /// Weight.
    pub severity: Severity,
    /// For a reader, in Vietnamese.
    pub message_vi: String,
    /// For a reader, in English.
    pub message_en: String,
}

/// Something in a document that can change its look later, or shows it differently to different
/// readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentFinding {
    /// Stable word.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The object it is in, as in `12 0`.
    pub object: Option<String>,
    /// The page it is on, the first is 1.
    pub page: Option<usize>,
    /// Vietnamese sentence.
    pub message_vi: String,
    /// English sentence.
    pub message_en: String,
}

/// Evidence that would settle an open question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// `issuer_certificate`, `revocation`, `anchor`.
    pub kind: String,
    /// Subject or issuer name it is about, RFC 4514.
    pub subject: String,
    /// Where the certificate says it could be found; fetched only by the guarded egress client.
    pub urls: Vec<String>,
}

/// What is printed instead of a report when a file could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The file's name.
    pub file: String,
    /// Why.
    pub error: ErrorWords,
}

/// One error for a machine and for two readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorWords {
    /// Stable word.
    pub code: String,
    /// The problem, in Vietnamese.
    pub message_vi: String,
    /// The problem, in English.
    pub message_en: String,
    /// What to do, in Vietnamese.
    pub hint_vi: String,
    /// What to do, in English.
    pub hint_en: String,
}
