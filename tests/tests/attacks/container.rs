//! What is wrong inside the value: the CMS, the certificates, the evidence, the time stamps.

use openssl::sha::sha256;
use sign_core::crypto::der;

use super::case::{Case, Verdict, changed, failed, family, leader, open, passed};
use super::cms::{
    self, Info, attributes, content_type, detached, good_answer, message_digest, revocation_list,
    signed_data, signing_certificate, time_stamp, token,
};
use super::file::{
    CATALOG, FORM, Pdf, SIGNED_AT, Signing, hex, letter, signature_field, signed, signed_as, stream, taken,
};
use super::pki::{Identity, people};

const DATA: &str = "1.2.840.113549.1.7.1";
/// Room for many certificates: a hole of not quite 8 KiB.
const WIDE: usize = 4_090;

/// The letter with this value in its signature.
fn valued(value: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
    signed_as(&Signing { room: WIDE, ..Signing::by_leader(20).with_value(value) })
}

/// One signer with other attributes, and the right certificates.
fn attributed(make: fn(&[u8]) -> Vec<Vec<u8>>) -> Pdf {
    valued(&|covered| {
        let people = people();
        let info = Info::new(&people.leader, make(covered));
        detached(&[&people.leader.der, &people.issuing.der], &[info.der()])
    })
}

fn digest(covered: &[u8]) -> Vec<u8> {
    message_digest(&sha256(covered))
}

fn reference() -> Vec<u8> {
    signing_certificate(&people().leader.der)
}

/// A letter that says something else, signed by the leader: the value is good there.
fn other_value() -> Vec<u8> {
    let info = Info::new(&people().leader, attributes(b"another letter", &people().leader.der));
    detached(&[&people().leader.der, &people().issuing.der], &[info.der()])
}

fn messages() -> Vec<Case> {
    let people = people();
    let chain: [&[u8]; 2] = [&people.leader.der, &people.issuing.der];
    let broken = |code| failed("FORMAT_FAILURE", &[code]);
    vec![
        Case::new(
            "cms-other-document",
            "the value is a good one, of another letter",
            failed("HASH_FAILURE", &["digest_mismatch"]),
            valued(&|_| other_value()),
        ),
        Case::new(
            "cms-other-digest",
            "message-digest is that of other content",
            failed("HASH_FAILURE", &["digest_mismatch"]),
            attributed(|_| attributes(b"other", &super::pki::people().leader.der)),
        ),
        Case::new(
            "cms-digest-not-signed",
            "the right message-digest is put in after signing the wrong one",
            failed("SIG_CRYPTO_FAILURE", &["signature_bad"]),
            valued(&|covered| {
                let wrong = sha256(b"other");
                let mut value = detached(
                    &chain,
                    &[Info::new(&people.leader, attributes(b"other", &people.leader.der)).der()],
                );
                let at = value.windows(32).position(|window| window == wrong).unwrap();
                value[at..at + 32].copy_from_slice(&sha256(covered));
                value
            }),
        ),
        Case::new(
            "cms-no-signer",
            "no SignerInfo: a loop over none finds nothing wrong",
            broken("several_signers"),
            valued(&|_| detached(&chain, &[])),
        ),
        Case::new(
            "cms-two-signers",
            "two SignerInfos: the first is the insider's, good; the second the leader's, of another letter",
            broken("several_signers"),
            valued(&|covered| {
                let insider = Info::new(&people.insider, attributes(covered, &people.insider.der)).der();
                let stolen =
                    Info::new(&people.leader, attributes(b"another letter", &people.leader.der)).der();
                detached(&[&people.leader.der, &people.insider.der], &[insider, stolen])
            }),
        ),
        Case::new(
            "cms-same-signer-twice",
            "the same SignerInfo twice",
            broken("several_signers"),
            valued(&|covered| {
                let info = Info::new(&people.leader, attributes(covered, &people.leader.der)).der();
                detached(&chain, &[info.clone(), info])
            }),
        ),
        Case::new(
            "cms-content-inside",
            "the signed content is inside the CMS, and it is not the letter",
            broken("cms_not_detached"),
            valued(&|_| {
                let content = b"Pay 999 dong";
                signed_data(
                    &chain,
                    (DATA, Some(content)),
                    &[Info::new(&people.leader, attributes(content, &people.leader.der)).der()],
                )
            }),
        ),
        Case::new(
            "cms-content-inside-letter",
            "the signed content is inside the CMS, and message-digest is the letter's",
            broken("cms_not_detached"),
            valued(&|covered| {
                signed_data(
                    &chain,
                    (DATA, Some(b"Pay 999 dong")),
                    &[Info::new(&people.leader, attributes(covered, &people.leader.der)).der()],
                )
            }),
        ),
        Case::new(
            "cms-content-type-attribute",
            "the content-type attribute says TSTInfo: signed bytes of another protocol",
            broken("content_type_wrong"),
            attributed(|covered| {
                vec![content_type("1.2.840.113549.1.9.16.1.4"), digest(covered), reference()]
            }),
        ),
        Case::new(
            "cms-content-type",
            "the content is said to be a TSTInfo",
            broken("content_type_wrong"),
            valued(&|covered| {
                signed_data(
                    &chain,
                    ("1.2.840.113549.1.9.16.1.4", None),
                    &[Info::new(&people.leader, attributes(covered, &people.leader.der)).der()],
                )
            }),
        ),
        Case::new(
            "cms-no-content-type",
            "no content-type attribute",
            broken("signed_attributes_missing"),
            attributed(|covered| vec![digest(covered), reference()]),
        ),
        Case::new(
            "cms-no-message-digest",
            "no message-digest: nothing ties the value to the letter",
            broken("signed_attributes_missing"),
            attributed(|_| vec![content_type(DATA), reference()]),
        ),
        Case::new(
            "cms-two-message-digests",
            "message-digest twice: the letter's, and another's",
            failed("FORMAT_FAILURE", &["signed_attributes_missing"]),
            attributed(|covered| {
                vec![content_type(DATA), message_digest(&sha256(b"other")), digest(covered), reference()]
            }),
        ),
        Case::new(
            "cms-message-digest-two-values",
            "message-digest holds two values",
            failed("FORMAT_FAILURE", &["signed_attributes_missing"]),
            attributed(|covered| {
                let both = der::set_of(
                    der::tag::SET,
                    vec![der::octet_string(&sha256(covered)), der::octet_string(&sha256(b"other"))],
                );
                vec![
                    content_type(DATA),
                    der::sequence(&[&der::oid("1.2.840.113549.1.9.4"), &both]),
                    reference(),
                ]
            }),
        ),
        Case::new(
            "cms-no-signed-attributes",
            "no signed attributes: the value is over the letter's bytes, which might be read as attributes of another (RFC 5652 11.1; Strand 2025)",
            failed("FORMAT_FAILURE", &["signed_attributes_missing"]),
            valued(&|covered| {
                let value = people.leader.sign(covered);
                let algorithm = der::sequence(&[&der::oid("2.16.840.1.101.3.4.2.1")]);
                let info = der::sequence(&[
                    &der::integer(1),
                    &people.leader.sid(),
                    &algorithm,
                    &super::pki::ecdsa_with_sha256(),
                    &der::octet_string(&value),
                ]);
                detached(&chain, &[info])
            }),
        ),
        Case::new(
            "cms-no-reference",
            "no signing-certificate attribute: the certificate may be exchanged",
            open(Some("SIG_CONSTRAINTS_FAILURE"), &["signing_certificate_reference_missing"]),
            attributed(|covered| vec![content_type(DATA), digest(covered)]),
        ),
        Case::new(
            "cms-substituted",
            "the certificate in the CMS is not the one that the signature commits to",
            open(Some("NO_SIGNING_CERTIFICATE_FOUND"), &["signing_certificate_mismatch"]),
            valued(&|covered| {
                let info = Info::new(&people.leader, attributes(covered, &people.root.der));
                detached(&chain, &[info.der()])
            }),
        ),
        Case::new(
            "cms-not-the-named-one",
            "the insider signs and names the leader",
            failed("SIG_CRYPTO_FAILURE", &["signature_bad"]),
            valued(&|covered| {
                let info = Info {
                    named: &people.leader,
                    ..Info::new(&people.insider, attributes(covered, &people.leader.der))
                };
                detached(&chain, &[info.der()])
            }),
        ),
        Case::new(
            "cms-certificate-missing",
            "the signer's certificate is not there",
            open(Some("NO_SIGNING_CERTIFICATE_FOUND"), &["signing_certificate_not_found"]),
            valued(&|covered| {
                detached(
                    &[&people.issuing.der],
                    &[Info::new(&people.leader, attributes(covered, &people.leader.der)).der()],
                )
            }),
        ),
        Case::new(
            "cms-value-flipped",
            "one bit of the signature value",
            failed("SIG_CRYPTO_FAILURE", &["signature_bad"]),
            valued(&|covered| {
                let mut value = detached(
                    &chain,
                    &[Info::new(&people.leader, attributes(covered, &people.leader.der)).der()],
                );
                *value.last_mut().unwrap() ^= 1;
                value
            }),
        ),
        Case::new(
            "cms-value-zero",
            "ECDSA with r = s = 0, which a careless library accepts of any key",
            failed("SIG_CRYPTO_FAILURE", &["signature_bad"]),
            valued(&|covered| {
                let mut value = detached(
                    &chain,
                    &[Info::new(&people.leader, attributes(covered, &people.leader.der)).der()],
                );
                let at = value
                    .windows(5)
                    .rposition(|window| window[0] == 4 && window[2] == 0x30 && window[4] == 2)
                    .unwrap();
                let zero = [4, 8, 0x30, 6, 2, 1, 0, 2, 1, 0];
                let cut = value.len() - at - zero.len();
                value.truncate(at);
                value.extend(zero);
                shorten(&mut value, cut);
                value
            }),
        ),
    ]
}

/// Takes `cut` from the lengths of all elements that hold the last one: two-byte lengths on the way down.
fn shorten(value: &mut [u8], cut: usize) {
    let end = value.len() + cut;
    let mut at = 0;
    while at + 4 < value.len() {
        let (header, length) = match value[at + 1] {
            0x82 => (4, usize::from(value[at + 2]) << 8 | usize::from(value[at + 3])),
            0x81 => (3, usize::from(value[at + 2])),
            short => (2, usize::from(short)),
        };
        let stop = at + header + length;
        if stop != end {
            at = stop;
            continue;
        }
        let new = length - cut;
        match header {
            4 => value[at + 2..at + 4].copy_from_slice(&(new as u16).to_be_bytes()),
            3 => value[at + 2] = new as u8,
            _ => value[at + 1] = new as u8,
        }
        at += header;
    }
}

/// The letter signed by somebody whose chain is in the CMS, in this order.
fn chained(by: &Identity, chain: &[&Identity]) -> Pdf {
    valued(&|covered| {
        let certificates: Vec<&[u8]> = chain.iter().map(|one| one.der.as_slice()).collect();
        detached(&certificates, &[Info::new(by, attributes(covered, &by.der)).der()])
    })
}

fn chains() -> Vec<Case> {
    let people = people();
    let no_chain = || open(Some("NO_CERTIFICATE_CHAIN_FOUND"), &["no_chain"]);
    let ended = || open(Some("OUT_OF_BOUNDS_NO_POE"), &["certificate_expired"]);
    let bad_chain = || open(Some("CERTIFICATE_CHAIN_GENERAL_FAILURE"), &["chain_invalid"]);
    vec![
        Case::new(
            "chain-same-names",
            "a root, an authority and a leader of the same names, made by the attacker",
            no_chain(),
            chained(&people.false_leader, &[&people.false_leader, &people.false_issuing, &people.false_root]),
        ),
        Case::new(
            "chain-same-names-first",
            "the attacker's certificates come first in the CMS, the real ones last; names and serial numbers are the same",
            no_chain(),
            chained(
                &people.false_leader,
                &[
                    &people.false_root,
                    &people.false_issuing,
                    &people.false_leader,
                    &people.leader,
                    &people.issuing,
                    &people.root,
                ],
            ),
        ),
        Case::new(
            "chain-real-first",
            "the real certificates come first, the attacker signs, the reference is to the real one",
            failed("SIG_CRYPTO_FAILURE", &["signature_bad"]),
            valued(&|covered| {
                let info = Info::new(&people.false_leader, attributes(covered, &people.leader.der));
                detached(&[&people.leader.der, &people.issuing.der, &people.false_leader.der], &[info.der()])
            }),
        ),
        Case::new(
            "chain-same-key-ids",
            "the attacker's authority carries the real one's name and key identifier and says that the real root issued it",
            no_chain(),
            chained(&people.pretended_leader, &[&people.pretended_leader, &people.pretended_issuing]),
        ),
        Case::new(
            "chain-mixed",
            "the attacker's leader with the real authority's certificate",
            no_chain(),
            chained(&people.false_leader, &[&people.false_leader, &people.issuing]),
        ),
        Case::new(
            "chain-self-signed",
            "the attacker's root signs by itself: its name is the trusted one's",
            no_chain(),
            chained(&people.false_root, &[&people.false_root]),
        ),
        Case::new(
            "chain-by-leaf",
            "a minister's certificate issued by the leader, who is no authority",
            bad_chain(),
            chained(&people.by_leader, &[&people.by_leader, &people.leader, &people.issuing]),
        ),
        Case::new(
            "chain-path-length",
            "an authority below one that may have none below it",
            bad_chain(),
            chained(&people.too_deep, &[&people.too_deep, &people.too_deep_issuing, &people.short_issuing]),
        ),
        Case::new(
            "chain-issuer-expired",
            "issued by an authority whose certificate had ended",
            ended(),
            chained(&people.by_ended, &[&people.by_ended, &people.ended_issuing]),
        ),
        Case::new(
            "chain-name-constraints",
            "an authority for one organisation's names issued another's",
            bad_chain(),
            chained(&people.outside_names, &[&people.outside_names, &people.narrow_issuing]),
        ),
        Case::new(
            "chain-no-cert-sign",
            "issued by an authority that may not sign certificates",
            bad_chain(),
            chained(&people.by_idle, &[&people.by_idle, &people.idle_issuing]),
        ),
        Case::new(
            "chain-unknown-critical",
            "the leader's certificate has a critical extension nobody knows",
            bad_chain(),
            chained(&people.critical, &[&people.critical, &people.issuing]),
        ),
        Case::new(
            "chain-encipherment",
            "the leader's certificate is for encryption only",
            open(Some("CHAIN_CONSTRAINTS_FAILURE"), &["key_usage_wrong"]),
            chained(&people.encipherer, &[&people.encipherer, &people.issuing]),
        ),
        Case::new(
            "chain-tsa-signs",
            "a time-stamping unit's certificate signs a letter",
            open(Some("CHAIN_CONSTRAINTS_FAILURE"), &["key_usage_wrong"]),
            chained(&people.tsa, &[&people.tsa, &people.issuing]),
        ),
        Case::new(
            "chain-authority-signs",
            "the issuing authority's own key signs a letter, for which it is not",
            open(Some("CHAIN_CONSTRAINTS_FAILURE"), &["key_usage_wrong"]),
            chained(&people.issuing, &[&people.issuing]),
        ),
        Case::new(
            "chain-backdated",
            "the stated time is before the certificate began",
            open(Some("SIG_CONSTRAINTS_FAILURE"), &["claimed_time_outside_validity"]),
            signed_as(&Signing { entries: "/M(D:20190101000000Z)".into(), ..Signing::by_leader(20) }),
        ),
        Case::new(
            "chain-expired",
            "the certificate ended in June 2026; nothing proves that the signature is older",
            open(Some("OUT_OF_BOUNDS_NO_POE"), &["certificate_expired"]),
            chained(&people.leader_before, &[&people.leader_before, &people.issuing]),
        )
        .at(LATER),
    ]
}

/// After [`people`]'s `leader_before` ended.
const LATER: &str = "2027-01-01T00:00:00Z";
const STAMPED: &str = "20260205030000Z";

/// A signature with the expired certificate and time stamps over its value.
fn stamped(stamps: &dyn Fn(&[u8]) -> Vec<u8>) -> Pdf {
    valued(&|covered| {
        let by = &people().leader_before;
        let unsigned = |value: &[u8]| vec![time_stamp(&stamps(value))];
        let info = Info { unsigned: &unsigned, ..Info::new(by, attributes(covered, &by.der)) };
        detached(&[&by.der, &people().issuing.der], &[info.der()])
    })
}

fn expired(code: &'static str) -> Verdict {
    open(Some("OUT_OF_BOUNDS_NO_POE"), &[code])
}

/// A new field `stamp` with the value 21, which shows nothing.
fn stamp_field(file: Pdf) -> Pdf {
    let field = signature_field("stamp", "/V 21 0 R").replace("110 10 190 30", "0 0 0 0");
    file.object(30, &field)
        .object(10, &format!("<<{FORM}/Fields[5 0 R 6 0 R 7 0 R 30 0 R]>>"))
        .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
}

/// A document time stamp in a new field, after a signature with the expired certificate.
fn document_stamped(
    by: &Identity,
    covers: fn([i64; 4]) -> [i64; 4],
    stamp: &dyn Fn(&[u8]) -> Vec<u8>,
) -> Pdf {
    let old = &people().leader_before;
    let file = signed_as(&Signing::by(20, old));
    let signing = Signing {
        sub_filter: "ETSI.RFC3161",
        room: WIDE,
        entries: String::new(),
        covers,
        ..Signing::by(21, by)
    };
    signing.with_value(stamp).close(stamp_field(file))
}

fn with_stamp(first: Verdict, stamp: (&'static str, Option<&'static str>, &[&'static str])) -> Verdict {
    let Verdict::Signed(mut signatures) = first else { return first };
    signatures.push(leader(stamp.0, stamp.1, stamp.2).of("stamp"));
    Verdict::Signed(signatures)
}

fn time_stamps() -> Vec<Case> {
    let people = people();
    let chain: [&[u8]; 2] = [&people.tsa.der, &people.issuing.der];
    let false_chain: [&[u8]; 3] = [&people.false_tsa.der, &people.false_issuing.der, &people.false_root.der];
    let whole = |numbers| numbers;
    vec![
        Case::new("tsa-honest", "expired now, stamped while valid: good at the time of signing", passed(&["certificate_expired_since_timestamp"]), stamped(&|value| token(&people.tsa, &chain, value, STAMPED))).at(LATER),
        Case::new("tsa-other-signature", "a good token, of another signature value", expired("timestamp_wrong_imprint"), stamped(&|_| token(&people.tsa, &chain, b"another value", STAMPED))).at(LATER),
        Case::new("tsa-attacker", "a token of the attacker's time-stamping unit, of the real one's name", expired("timestamp_not_trusted"), stamped(&|value| token(&people.false_tsa, &false_chain, value, STAMPED))).at(LATER),
        Case::new("tsa-attacker-first", "the same, with the real unit's certificates in it too", expired("timestamp_not_trusted"), stamped(&|value| token(&people.false_tsa, &[&people.false_tsa.der, &people.false_issuing.der, &people.tsa.der, &people.issuing.der], value, STAMPED))).at(LATER),
        Case::new("tsa-by-leader", "a token that the leader made with a signing certificate", expired("timestamp_key_usage"), stamped(&|value| token(&people.leader, &[&people.leader.der, &people.issuing.der], value, STAMPED))).at(LATER),
        Case::new("tsa-changed-time", "a token whose time was changed after it was made", expired("timestamp_digest_mismatch"), stamped(&|value| {
            let mut token = token(&people.tsa, &chain, value, "20261201030000Z");
            let at = token.windows(15).position(|window| window == b"20261201030000Z").unwrap();
            token[at..at + 15].copy_from_slice(STAMPED.as_bytes());
            token
        })).at(LATER),
        Case::new("tsa-document-attacker", "a document time stamp by the attacker's unit", with_stamp(expired("certificate_expired"), ("INDETERMINATE", Some("NO_CERTIFICATE_CHAIN_FOUND"), &["no_chain"])), document_stamped(&people.false_tsa, whole, &|covered| token(&people.false_tsa, &false_chain, covered, STAMPED))).at(LATER),
        Case::new("tsa-document-other", "a document time stamp of another document", with_stamp(expired("certificate_expired"), ("TOTAL-FAILED", Some("HASH_FAILURE"), &["digest_mismatch"])), document_stamped(&people.tsa, whole, &|_| token(&people.tsa, &chain, b"another document", STAMPED))).at(LATER),
        Case::new("tsa-document-half", "a document time stamp whose range ends before its revision does", with_stamp(expired("certificate_expired"), ("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["coverage_partial"])), document_stamped(&people.tsa, |[a, b, c, d]| [a, b, c, d - 60], &|covered| token(&people.tsa, &chain, covered, STAMPED))).at(LATER),
        Case::new("tsa-document-before", "a document time stamp over an empty first revision, and the signature after it: it proves nothing", {
            let Verdict::Signed(signatures) = expired("certificate_expired") else { return Vec::new() };
            let mut all = vec![leader("TOTAL-PASSED", None, &[]).of("dau")];
            all.extend(signatures);
            Verdict::Signed(all)
        }, {
            let field = signature_field("dau", "/V 21 0 R").replace("110 10 190 30", "0 0 0 0");
            let stamp = Signing { sub_filter: "ETSI.RFC3161",
        room: WIDE, entries: String::new(), ..Signing::by(21, &people.tsa) };
            let stamped = stamp.with_value(&|covered| token(&people.tsa, &[&people.tsa.der, &people.issuing.der], covered, STAMPED)).close(letter().object(7, &field));
            Signing::by(20, &people.leader_before).close(taken(stamped, None))
        }).at(LATER),
        Case::new("tsa-cms-as-time-stamp", "an approval signature's CMS in a document time stamp", with_stamp(expired("certificate_expired"), ("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["timestamp_malformed"])), document_stamped(&people.tsa, whole, &|covered| detached(&chain, &[Info::new(&people.tsa, attributes(covered, &people.tsa.der)).der()]))).at(LATER),
        Case::new("tsa-time-stamp-as-signature", "a token over the letter in an approval signature: nobody approved", failed("FORMAT_FAILURE", &["cms_not_detached"]), valued(&|covered| token(&people.tsa, &chain, covered, STAMPED))),
    ]
}

/// A security store after the signature, with these lists and answers.
fn with_evidence(lists: &[Vec<u8>], answers: &[Vec<u8>]) -> Pdf {
    store(signed(None), CATALOG, lists, answers).table("")
}

pub(super) fn store(mut file: Pdf, catalog: &str, lists: &[Vec<u8>], answers: &[Vec<u8>]) -> Pdf {
    let mut number = 50;
    let mut named = Vec::new();
    for (key, pieces) in [("CRLs", lists), ("OCSPs", answers)] {
        let mut references = Vec::new();
        for piece in pieces {
            file = file.object(number, &stream("/Filter/ASCIIHexDecode", &(hex(piece) + ">")));
            references.push(format!("{number} 0 R"));
            number += 1;
        }
        named.push(format!("/{key}[{}]", references.join(" ")));
    }
    file.object(49, &format!("<</Type/DSS{}>>", named.concat()))
        .object(1, &format!("<<{catalog}/DSS 49 0 R>>"))
}

fn evidence() -> Vec<Case> {
    let people = people();
    let revoked = || open(Some("REVOKED_NO_POE"), &["certificate_revoked"]);
    let list =
        |by: &Identity, number, time, revoked: &[&Identity]| revocation_list(by, number, time, revoked);
    let truth = || list(&people.issuing, 1, "260210000000Z", &[&people.leader]);
    vec![
        Case::new(
            "dss-revoked",
            "the authority took the certificate back: its own list says so",
            revoked(),
            with_evidence(&[truth()], &[]),
        ),
        Case::new(
            "dss-false-list",
            "the list says revoked; a newer one, made by the attacker in the authority's name, does not",
            revoked(),
            with_evidence(&[truth(), list(&people.false_issuing, 9, "260220000000Z", &[])], &[]),
        ),
        Case::new(
            "dss-false-answer",
            "the list says revoked; a newer OCSP answer of the attacker's says good",
            revoked(),
            with_evidence(
                &[truth()],
                &[good_answer(&people.false_issuing, &people.issuing, &people.leader, "20260220000000Z")],
            ),
        ),
        Case::new(
            "dss-answer-by-insider",
            "the list says revoked; a newer OCSP answer signed by another person of the same authority says good",
            revoked(),
            with_evidence(
                &[truth()],
                &[good_answer(&people.insider, &people.issuing, &people.leader, "20260220000000Z")],
            ),
        ),
        Case::new(
            "dss-old-list",
            "the list says revoked; an older one, genuine, did not yet",
            revoked(),
            with_evidence(&[truth(), list(&people.issuing, 0, "260115000000Z", &[])], &[]),
        ),
        Case::new(
            "dss-other-list",
            "the list says revoked; a genuine one of the root's says nothing of the kind",
            revoked(),
            with_evidence(&[truth(), list(&people.root, 5, "260220000000Z", &[])], &[]),
        ),
        Case::new(
            "dss-accuses",
            "the attacker's own list calls the leader revoked: it is not the authority's, and the letter stays valid",
            passed(&["evidence_added_after"]),
            with_evidence(&[list(&people.false_issuing, 9, "260220000000Z", &[&people.leader])], &[]),
        ),
        Case::new(
            "dss-page-inside",
            "what is added is said to be evidence, and the page's content at the same time",
            changed(),
            {
                let file = store(signed(None), CATALOG, &[truth()], &[]);
                file.object(
                    3,
                    &format!("<<{}>>", super::file::PAGE.replace("/Contents 4 0 R", "/Contents 50 0 R")),
                )
                .table("")
            },
        ),
    ]
}

fn shared() -> Vec<Case> {
    let both = |names: &[&'static str]| {
        Verdict::Signed(
            names
                .iter()
                .map(|name| leader("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["value_shared"]).of(name))
                .collect(),
        )
    };
    vec![
        Case::new(
            "shared-value",
            "two fields show one value: one person seems to be two",
            both(&["lanh_dao", "dau"]),
            {
                let file = letter()
                    .object(6, &signature_field("lanh_dao", "/V 20 0 R"))
                    .object(7, &signature_field("dau", "/V 20 0 R"));
                Signing::by_leader(20).close(file)
            },
        ),
        Case::new(
            "shared-value-later",
            "after signing, the seal's field is given the leader's value",
            both(&["lanh_dao", "dau"]),
            signed(None).object(7, &signature_field("dau", "/V 20 0 R")).table(""),
        ),
        Case::new(
            "shared-copy",
            "after signing, the seal's field is given a copy of the leader's value",
            Verdict::Signed(vec![
                leader("TOTAL-PASSED", None, &["form_filled_after"]),
                leader("TOTAL-FAILED", Some("FORMAT_FAILURE"), &["contents_gap_mismatch"]).of("dau"),
            ]),
            {
                let file = signed(None);
                let start = super::file::find(&file.bytes, "20 0 obj\n", 0) + 9;
                let end = super::file::find(&file.bytes, "\nendobj", start);
                let copy = String::from_utf8(file.bytes[start..end].to_vec()).unwrap();
                file.object(21, &copy).object(7, &signature_field("dau", "/V 21 0 R")).table("")
            },
        ),
        Case::new(
            "shared-annotation",
            "a widget on the page that is no field of the form shows the signature's value as its own",
            changed(),
            {
                signed(None)
                    .object(
                        30,
                        "<</Type/Annot/Subtype/Widget/FT/Sig/T(khac)/Rect[0 0 50 50]/P 3 0 R/V 20 0 R>>",
                    )
                    .object(11, "[5 0 R 6 0 R 7 0 R 30 0 R]")
                    .table("")
            },
        ),
        Case::new(
            "orphan-annotation",
            "the only signature is a widget on the page and no field of the form: some list it, some do not",
            Verdict::Unsigned("fields_not_examined"),
            {
                let file = letter()
                    .object(10, &format!("<<{FORM}/Fields[5 0 R 7 0 R]>>"))
                    .object(6, &signature_field("lanh_dao", "/V 20 0 R"));
                Signing::by_leader(20).close(file)
            },
        ),
        Case::new("direct-value", "the signature dictionary stands in the field itself", passed(&[]), {
            let close = |file: Pdf| file.table("");
            direct(&close)
        }),
    ]
}

/// The signature dictionary as a direct value of the field.
fn direct(close: &dyn Fn(Pdf) -> Pdf) -> Pdf {
    let file = letter();
    let from = file.bytes.len();
    let room = super::file::ROOM;
    let body = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached{SIGNED_AT}/ByteRange {:width$}/Contents <{}>>>",
        "[]",
        "0".repeat(room * 2),
        width = super::file::RANGE
    );
    let mut file = close(file.object(6, &signature_field("lanh_dao", &format!("/V {body}"))));
    let range = file.behind("/ByteRange ", from);
    let gap = file.behind("/Contents ", from);
    let after = gap + room * 2 + 2;
    let numbers = [0, gap, after, file.bytes.len() - after].map(|number| number as i64);
    let [a, b, c, d] = numbers;
    let text = format!("[{a} {b} {c} {d}]");
    file.bytes[range..range + text.len()].copy_from_slice(text.as_bytes());
    let covered = super::file::covered(&file.bytes, numbers);
    let info = Info::new(&people().leader, cms::attributes(&covered, &people().leader.der));
    let value = hex(&detached(&[&people().leader.der, &people().issuing.der], &[info.der()]));
    file.bytes[gap + 1..gap + 1 + value.len()].copy_from_slice(value.as_bytes());
    file
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = family("CMS", "RFC 5652 5.3-5.6, 11; EN 319 142-1 6.3", messages());
    cases.extend(family("spoofed chain", "RFC 5280 6.1; RFC 5035", chains()));
    cases.extend(family("time stamp", "RFC 3161 2.3, 2.4; EN 319 142-1 5.4", time_stamps()));
    cases.extend(family("false evidence", "RFC 5280 6.3; RFC 6960 4.2.2.2; EN 319 142-1 5.4.2", evidence()));
    cases.extend(family("shared value", "ISO 32000-2 12.7.5.5; domain of the signature field", shared()));
    cases
}
