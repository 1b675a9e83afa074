//! Every kind of key with every digest it takes, from signing to the verdict, in one process; random
//! wishes; and random damage to the CMS and certificates that come out.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use sign_core::cms::SignedData;
use sign_core::crypto::key::{Padding, Signer, SoftKey, from_pem};
use sign_core::crypto::{DigestAlgorithm, verify};
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::policy::Policy;
use sign_core::report::model::{Level, Report};
use sign_core::sign::options::{DocMdp, FieldChoice, Place};
use sign_core::sign::{SignError, SignRequest, sign};
use sign_core::time::Time;
use sign_core::trust::{CaClass, Evidence, TrustStore};
use sign_core::verdict::Verdict;
use sign_core::x509::Certificate;
use sign_io::pki::{Authority, Issued, KeyKind, Person, Validity};

struct Bench {
    authority: Authority,
    validity: Validity,
    trust: TrustStore,
}

fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

impl Bench {
    fn new() -> Self {
        let validity = Validity::years(time("2026-01-01T00:00:00+07:00"), 5);
        let authority = Authority::create("Thử nghiệm", validity).unwrap();
        let mut trust = TrustStore::new();
        trust.add_pem(&authority.root_pem().unwrap(), CaClass::Other).unwrap();
        Self { authority, validity, trust }
    }

    fn issue(&self, kind: KeyKind) -> Issued {
        let person =
            Person {
                full_name: "Nguyễn Văn A", title: "Giám đốc", organisation: "Sở Nội vụ", email: ""
            };
        self.authority.issue_person(&person, kind, self.validity).unwrap()
    }

    /// `None` if the file cannot even be read.
    fn report(&self, document: &[u8]) -> Option<Report> {
        let (policy, at) = (Policy::default(), time("2026-03-01T00:00:00Z"));
        let (document, limits) = (document.to_vec(), Limits::default());
        sign_core::verify::verify(&document, "a.pdf", &self.trust, &Evidence::none(), &policy, at, &limits)
            .ok()
    }

    fn judge(&self, document: &[u8]) -> Report {
        self.report(document).unwrap()
    }

    fn verdict(&self, document: &[u8]) -> Option<Verdict> {
        self.report(document).map(|report| report.verdict)
    }
}

fn key(issued: &Issued, padding: Padding) -> SoftKey {
    from_pem(&issued.pem().unwrap(), None, Some(padding)).unwrap()
}

/// A plain letter that says it is of this version.
fn letter(version: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/pdf/plain/cong-van.pdf");
    let mut document = std::fs::read(path).unwrap();
    document[..8].copy_from_slice(format!("%PDF-{version}").as_bytes());
    document
}

fn request() -> SignRequest {
    SignRequest { experimental: true, ..SignRequest::new(time("2026-02-05T09:56:34+07:00")) }
}

fn signed(document: &[u8], request: &SignRequest, key: &SoftKey) -> Result<Vec<u8>, SignError> {
    let appended = sign(&document.to_vec(), request, key, &Limits::default())?.appended;
    Ok([document, &appended].concat())
}

/// What a signature with this key adds to a report about a PDF 2.0.
fn warned(kind: KeyKind) -> &'static [&'static str] {
    use KeyKind as K;
    match kind {
        K::Ed25519 | K::Ed448 => &["algorithm_not_listed"],
        K::MlDsa44 | K::MlDsa65 | K::MlDsa87 => &["algorithm_not_listed", "algorithm_not_in_pdf"],
        K::BrainpoolP256t1 | K::BrainpoolP384t1 | K::BrainpoolP512t1 => &["algorithm_not_in_pdf"],
        _ => &[],
    }
}

/// `/ExtensionLevel`s that the appended bytes declare.
fn declared(appended: &[u8]) -> Vec<u32> {
    let text = String::from_utf8_lossy(appended);
    let levels = [32001, 32002];
    levels.into_iter().filter(|level| text.contains(&format!("/ExtensionLevel {level}"))).collect()
}

#[test]
fn every_key_signs_with_every_digest_it_takes_and_is_judged_by_the_law() {
    let (bench, document) = (Bench::new(), letter("2.0"));
    let mut signatures = 0;
    for kind in KeyKind::ALL {
        let issued = bench.issue(kind);
        for padding in [Padding::Pkcs1, Padding::Pss] {
            if padding == Padding::Pss && !kind.name().starts_with("rsa") {
                continue;
            }
            for digest in DigestAlgorithm::ALL {
                let Ok(key) = key(&issued, padding).with_digest(digest) else { continue };
                let name = format!("{} {padding:?} {}", kind.name(), digest.name());
                let signed = signed(&document, &request(), &key).unwrap();
                let report = bench.judge(&signed);
                assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:#?}");
                let signature = &report.signatures[0];
                assert_eq!(signature.level, Level::BB, "{name}");
                let facts = &signature.algorithm;
                assert_eq!(facts.digest.as_deref(), Some(digest.name()), "{name}");
                assert_eq!(facts.signature.as_deref(), Some(key.algorithm().name().as_str()), "{name}");
                assert!(facts.acceptable && facts.key_bits.is_some_and(|bits| bits >= 256), "{name}");
                let found: Vec<&str> = signature
                    .findings
                    .iter()
                    .map(|finding| finding.code.as_str())
                    .filter(|code| code.starts_with("algorithm_"))
                    .collect();
                assert_eq!(found, warned(kind), "{name}");
                let hashes = digest.name().starts_with("SHA3") || digest == DigestAlgorithm::Shake256;
                let curves = kind.name().starts_with("ed")
                    || (kind.name().starts_with("brainpool") && kind.name().ends_with("r1"));
                let expected = [(hashes, 32001), (curves, 32002)];
                let expected: Vec<u32> = expected.into_iter().filter(|e| e.0).map(|e| e.1).collect();
                assert_eq!(declared(&signed[document.len()..]), expected, "{name}");
                signatures += 1;
            }
        }
    }
    // RSA: three sizes, two paddings, six digests; nine curves with six; five without a choice.
    assert_eq!(signatures, 3 * 2 * 6 + 9 * 6 + 5);
}

#[test]
fn older_files_declare_nothing_and_the_report_says_what_is_newer() {
    let (bench, document) = (Bench::new(), letter("1.7"));
    for (kind, newer) in [(KeyKind::P256, 0), (KeyKind::BrainpoolP384r1, 1), (KeyKind::Ed448, 2)] {
        let key = key(&bench.issue(kind), Padding::Pkcs1);
        let signed = signed(&document, &request(), &key).unwrap();
        assert!(declared(&signed[document.len()..]).is_empty(), "{}", kind.name());
        let report = bench.judge(&signed);
        assert_eq!(report.verdict, Verdict::Valid);
        let codes = report.signatures[0].findings.iter().map(|finding| finding.code.as_str());
        let found = codes.filter(|code| *code == "algorithm_newer_than_file").count();
        assert_eq!(found, newer, "{}", kind.name());
    }
}

#[test]
fn extensions_are_declared_once_and_earlier_signatures_stay_valid() {
    let bench = Bench::new();
    let mut document = letter("2.0");
    for (kind, levels) in [
        (KeyKind::P384, vec![]),
        (KeyKind::Ed25519, vec![32002]),
        (KeyKind::Ed25519, vec![]),
        (KeyKind::Ed448, vec![32001, 32002]),
    ] {
        let key = key(&bench.issue(kind), Padding::Pkcs1);
        let next = signed(&document, &request(), &key).unwrap();
        assert_eq!(declared(&next[document.len()..]), levels, "{}", kind.name());
        document = next;
    }
    let report = bench.judge(&document);
    assert_eq!((report.verdict, report.signatures.len()), (Verdict::Valid, 4), "{report:#?}");
}

#[test]
fn experimental_keys_are_refused_unless_asked_for() {
    let bench = Bench::new();
    let key = key(&bench.issue(KeyKind::MlDsa87), Padding::Pkcs1);
    let careful = SignRequest { experimental: false, ..request() };
    let error = signed(&letter("2.0"), &careful, &key).unwrap_err();
    assert_eq!(error.code(), "experimental_algorithm");
    assert!(signed(&letter("2.0"), &request(), &key).is_ok());
}

/// The same choices on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

#[test]
fn whatever_is_asked_for_the_signature_is_valid_and_a_flipped_byte_is_not() {
    let bench = Bench::new();
    let document = letter("1.7");
    let keys: Vec<_> = [KeyKind::Rsa2048, KeyKind::P256, KeyKind::BrainpoolP512r1, KeyKind::Ed25519]
        .map(|kind| key(&bench.issue(kind), Padding::Pss))
        .into();
    let place = (0.0..300.0_f64, 0.0..600.0_f64, 20.0..200.0_f64, 10.0..90.0_f64);
    let wishes = (
        0..keys.len(),
        proptest::option::of(".{0,40}"),
        proptest::option::of("[\\PC\\n()\\\\]{0,40}"),
        proptest::option::of(place),
        proptest::option::of(1..=3_i64),
        proptest::option::of("[A-Za-zÀ-ỹ0-9 _-]{1,20}"),
        any::<prop::sample::Index>(),
    );
    let result = runner(24).run(&wishes, |(which, reason, location, place, certify, name, flipped)| {
        let place = place.map(|(x, y, width, height)| Place { page: 0, rect: [x, y, x + width, y + height] });
        let lines = vec!["Đã kiểm tra".to_owned()];
        let request = SignRequest {
            field: FieldChoice::New { name, place },
            appearance: place.map(|_| Appearance { lines, ..Appearance::default() }),
            reason,
            location,
            certify: certify.and_then(DocMdp::from_p),
            ..request()
        };
        let mut signed = match signed(&document, &request, &keys[which]) {
            Ok(signed) => signed,
            // A name of blanks only, or text that the fonts cannot show.
            Err(SignError::BadFieldName { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let report = bench.judge(&signed);
        prop_assert_eq!(report.verdict, Verdict::Valid);
        // Inside the first part of the byte range: the letter itself.
        let at = flipped.index(document.len());
        signed[at] ^= 0x20;
        prop_assert_ne!(bench.verdict(&signed), Some(Verdict::Valid));
        Ok(())
    });
    result.unwrap();
}

/// Random damage with a fixed seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }

    /// Flips, overwrites, removes, repeats or cuts, one to three times.
    fn damage(&mut self, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(24)).min(bytes.len());
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                // Lengths and tags are where readers stumble.
                1 if !bytes.is_empty() => {
                    bytes[at] = [0x00, 0x7f, 0x80, 0x84, 0xff, 0x30, 0x31, 0xa0][self.below(8)]
                }
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
                4 => bytes.truncate(at),
                _ => bytes.resize(bytes.len() + self.below(40), 0),
            }
        }
        bytes
    }
}

/// What one signature is made of: CMS, leaf and issuer certificates.
fn parts(bench: &Bench, kind: KeyKind) -> (Vec<u8>, Vec<Vec<u8>>) {
    let key = key(&bench.issue(kind), Padding::Pss);
    let prepared = sign_core::sign::prepare(
        &letter("1.7"),
        &request(),
        key.algorithm(),
        key.certificates(),
        &Limits::default(),
    )
    .unwrap();
    let signature = key.sign(prepared.signed_attributes()).unwrap();
    let cms = sign_core::cms::build_signed_data(
        prepared.signed_attributes(),
        key.algorithm(),
        &signature,
        &sign_core::cms::Embedded::choose(key.certificates()).unwrap(),
        &[],
    );
    (cms.unwrap(), key.certificates().to_vec())
}

#[test]
fn damaged_cms_and_certificates_never_panic_or_verify_as_something_else() {
    const CASES: usize = 8_000;
    let bench = Bench::new();
    let kinds = [KeyKind::P256, KeyKind::Rsa2048, KeyKind::Ed448, KeyKind::MlDsa44, KeyKind::BrainpoolP256r1];
    let all: Vec<_> = kinds.into_iter().map(|kind| parts(&bench, kind)).collect();
    let mut dice = Dice(0x5eed_2026_1122_0110);
    let (mut read, mut verified, mut slowest) = (0, 0, Duration::ZERO);
    for case in 0..CASES {
        let (cms, certificates) = &all[case % all.len()];
        let started = Instant::now();
        if case % 2 == 0 {
            let damaged = dice.damage(cms);
            if let Ok(parsed) = SignedData::parse(&damaged) {
                read += 1;
                verified += usize::from(verifies_as(&parsed, cms));
            }
        } else {
            let damaged = dice.damage(&certificates[0]);
            if let Ok(parsed) = Certificate::parse(&damaged) {
                read += 1;
                verified += usize::from(certificate_verifies_as(&parsed, certificates));
            }
        }
        slowest = slowest.max(started.elapsed());
    }
    println!("{CASES} damaged, {read} read, {verified} still verified, slowest {slowest:?}");
    assert!(read > CASES / 20 && verified > 0, "the damage is too great to test anything");
    assert!(slowest < Duration::from_secs(2), "{slowest:?} for one");
}

/// Whether it verifies; if it does, it must say what the original says.
fn verifies_as(parsed: &SignedData, original: &[u8]) -> bool {
    let original = SignedData::parse(original).unwrap();
    let expected = original.signer_infos()[0].signed_message();
    parsed.signer_infos().iter().any(|signer| {
        let Some(certificate) = signer.signer_certificate(parsed.certificates()) else { return false };
        let (Ok(algorithm), Some(message)) = (signer.signature_algorithm(), signer.signed_message()) else {
            return false;
        };
        let verified = verify::verify(algorithm, certificate.spki_der(), message, signer.signature());
        if verified == Ok(true) {
            assert_eq!(Some(message), expected, "signed attributes changed and the signature holds");
        }
        verified == Ok(true)
    })
}

fn certificate_verifies_as(parsed: &Certificate, chain: &[Vec<u8>]) -> bool {
    let original = Certificate::parse(&chain[0]).unwrap();
    let issuer = Certificate::parse(&chain[1]).unwrap();
    let verified = parsed.is_signed_by(issuer.spki_der()) == Ok(true);
    if verified {
        assert_eq!(parsed.subject().to_string(), original.subject().to_string());
        assert_eq!(parsed.spki_der(), original.spki_der());
        assert_eq!((parsed.not_before(), parsed.not_after()), (original.not_before(), original.not_after()));
    }
    verified
}
