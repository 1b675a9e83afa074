//! A letter of 100 KB, in memory, by a key that is open: the work of a server.

use super::documents::{now, person, scan};
use super::measure::{line, medians};
use sign_core::crypto::algorithm::SignatureAlgorithm;
use sign_core::crypto::digest::{DigestAlgorithm, digest};
use sign_core::crypto::key::{Signer, SoftKey};
use sign_core::crypto::verify::verify as check_signature;
use sign_core::limits::Limits;
use sign_core::policy::Policy;
use sign_core::sign::{SignRequest, Signing, sign};
use sign_core::trust::{Evidence, TrustStore};
use sign_core::verdict::Verdict;
use sign_core::verify::verify;
use sign_core::x509::Certificate;
use sign_io::pki::KeyKind;
use std::hint::black_box;

const TURNS: usize = 300;

pub(crate) fn run() {
    let mut letter = Vec::new();
    scan(100_000, &mut letter);
    for (kind, bar) in [(KeyKind::P256, 2.0), (KeyKind::Rsa2048, 1.15), (KeyKind::Rsa3072, 1.15)] {
        let (key, trust) = person(kind);
        signing(kind, &letter, &key, bar);
        verifying(kind, &letter, &key, &trust);
    }
}

/// Floor: one signature, SHA-256 of the letter, a copy of it.
fn signing(kind: KeyKind, letter: &Vec<u8>, key: &SoftKey, bar: f64) {
    let (request, limits) = (SignRequest::new(now()), Limits::default());
    let message = vec![7; 200];
    let ready = Signing::new(key).unwrap();
    let whole = |appended: &[u8]| black_box([letter.as_slice(), appended].concat());
    let [floor, ours, first] = medians(
        TURNS,
        [
            &mut || {
                black_box((digest(DigestAlgorithm::Sha256, letter), key.sign(&message).unwrap()));
                whole(&[]);
            },
            &mut || drop(whole(&ready.sign(letter, &request, &limits).unwrap().appended)),
            &mut || drop(whole(&sign(letter, &request, key, &limits).unwrap().appended)),
        ],
    );
    line(&format!("sign 100 KB, {}, key ready", kind.name()), floor, ours, bar);
    line(&format!("sign 100 KB, {}, key's first", kind.name()), floor, first, bar);
}

/// Floor: SHA-256 of the signed letter, and the signatures of the signer, of the certificate and of its
/// issuer's certificate.
fn verifying(kind: KeyKind, letter: &Vec<u8>, key: &SoftKey, trust: &TrustStore) {
    let (limits, policy) = (Limits::default(), Policy::default());
    let signed = sign(letter, &SignRequest::new(now()), key, &limits).unwrap();
    let signed = [letter.as_slice(), &signed.appended].concat();
    let judge = || verify(&signed, "letter.pdf", trust, &Evidence::none(), &policy, now(), &limits).unwrap();
    assert_eq!(judge().verdict, Verdict::Valid);

    let message = vec![7; 200];
    let value = key.sign(&message).unwrap();
    let leaf = Certificate::parse(&key.certificates()[0]).unwrap();
    let issuing = Certificate::parse(&key.certificates()[1]).unwrap();
    // The authorities of the tests sign with P-384; what they signed has no other cost than this.
    let (authority, _) = person(KeyKind::P384);
    let authority_value = authority.sign(&message).unwrap();
    let authority_key = Certificate::parse(&authority.certificates()[0]).unwrap();
    assert_eq!(issuing.key_bits(), 384);
    let by_authority = || {
        let algorithm = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384);
        check_signature(algorithm, authority_key.spki_der(), &message, &authority_value).unwrap()
    };
    let [floor, ours] = medians(
        TURNS,
        [
            &mut || {
                let own = check_signature(key.algorithm(), leaf.spki_der(), &message, &value).unwrap();
                assert!(own && by_authority() && by_authority());
                black_box(digest(DigestAlgorithm::Sha256, &signed));
            },
            &mut || drop(black_box(judge())),
        ],
    );
    line(&format!("verify 100 KB, {}", kind.name()), floor, ours, 2.0);
}
