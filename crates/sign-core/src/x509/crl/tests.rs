//! Lists made for the purpose; the algorithm as a whole is walked by the cases of NIST's PKITS.

use super::status::{Answer, CrlFault, Question, Status, ask};
use super::*;
use crate::crypto::der;
use crate::x509::certificate::Certificate;
use crate::x509::testing::{
    AT, DAY, Draft, ListDraft, REVOKED_AT, common_name, directory, entry, extension, issuing_point,
    key_usage, number, reason,
};

fn authority() -> Draft {
    Draft::root("Root", "p384").certifies("Issuing", "p521")
}

/// The certificate in question, with serial number 3.
fn leaf() -> Draft {
    authority().issues("x")
}

fn list() -> ListDraft {
    ListDraft::of(&authority())
}

fn ask_about(leaf: &Draft, lists: &[ListDraft], signers: &[Certificate], trusted: bool) -> Answer {
    let (certificate, issuer) = (leaf.make(), authority().make());
    let crls: Vec<Crl> = lists.iter().map(ListDraft::make).collect();
    ask(&Question {
        certificate: &certificate,
        issuer: &issuer,
        issuer_key: issuer.spki_der(),
        crls: &crls,
        signers,
        at: Time::from_unix(AT),
        holds: &|_| true,
        trusted: &|_, _| trusted,
    })
}

fn word(answer: &Answer) -> &'static str {
    match answer.status {
        Status::Good => "good",
        Status::Revoked(entry) => entry.reason.code(),
        Status::Unknown => "unknown",
    }
}

fn codes(answer: &Answer) -> Vec<&'static str> {
    answer.faults.iter().map(|(_, fault)| fault.code()).collect()
}

/// `[n] IMPLICIT BOOLEAN TRUE`.
fn flag(n: u8) -> Vec<u8> {
    der::element(tag::context_primitive(n), &[0xff])
}

/// `[0]` fullName of one address.
fn full_name(url: &str) -> Vec<u8> {
    der::container(
        tag::context(0),
        &[&der::container(tag::context(0), &[&der::element(0x86, url.as_bytes())])],
    )
}

/// onlySomeReasons or a point's reasons: ReasonFlags as bits of two bytes.
fn reasons(n: u8, bits: [u8; 2]) -> Vec<u8> {
    der::element(tag::context_primitive(n), &[&[7], bits.as_slice()].concat())
}

fn with_point(parts: &[&[u8]]) -> Draft {
    leaf().with("2.5.29.31", false, &der::sequence(&[&der::sequence(parts)]))
}

type Case = (&'static str, Draft, Vec<ListDraft>, &'static str, &'static [&'static str], &'static str);

fn soundness() -> Vec<Case> {
    let unknown = || extension("1.2.3.4", true, &[5, 0]);
    vec![
        ("empty", leaf(), vec![list()], "good", &[], "on no list"),
        ("listed", leaf(), vec![list().listing(&[3], &[reason(1)])], "keyCompromise", &[], "on the list"),
        (
            "listed without a reason",
            leaf(),
            vec![list().listing(&[3], &[])],
            "unspecified",
            &[],
            "5.3.1: absent means unspecified",
        ),
        ("another listed", leaf(), vec![list().listing(&[4], &[])], "good", &[], "another serial number"),
        (
            "spelled longer",
            leaf(),
            vec![list().listing(&[0, 3], &[])],
            "unspecified",
            &[],
            "BER may repeat the sign",
        ),
        ("none", leaf(), vec![], "unknown", &[], "nothing at hand"),
        (
            "another issuer's",
            leaf(),
            vec![ListDraft::of(&Draft::root("Root", "p384"))],
            "unknown",
            &[],
            "does not concern the certificate",
        ),
        (
            "out of date",
            leaf(),
            vec![ListDraft { next_update: Some(AT - 1), ..list() }],
            "unknown",
            &["crl_stale"],
            "a newer one must be there",
        ),
        (
            "without an end",
            leaf(),
            vec![ListDraft { next_update: None, ..list() }],
            "unknown",
            &["crl_stale"],
            "5.1.2.5 demands one",
        ),
        (
            "last second",
            leaf(),
            vec![ListDraft { next_update: Some(AT), ..list() }],
            "good",
            &[],
            "the end is inside",
        ),
        (
            "from the future",
            leaf(),
            vec![ListDraft { this_update: AT + 1, ..list() }],
            "unknown",
            &["crl_not_yet_issued"],
            "nobody had it then",
        ),
        (
            "another key",
            leaf(),
            vec![ListDraft { signer: "p256", ..list() }],
            "unknown",
            &["crl_bad_signature"],
            "not the authority's key",
        ),
        (
            "unknown critical",
            leaf(),
            vec![list().with(unknown())],
            "unknown",
            &["crl_unknown_critical_extension"],
            "5.2",
        ),
        (
            "unknown critical in another entry",
            leaf(),
            vec![list().listing(&[9], &[unknown()])],
            "unknown",
            &["crl_unknown_critical_extension"],
            "5.3: no status may be taken from it",
        ),
        (
            "unknown, not critical",
            leaf(),
            vec![list().with(extension("1.2.3.4", false, &[5, 0]))],
            "good",
            &[],
            "5.2",
        ),
        (
            "numbered twice",
            leaf(),
            vec![list().with(number("2.5.29.20", false, 8))],
            "unknown",
            &["crl_malformed_extension"],
            "nobody knows which counts",
        ),
        (
            "one sound and one not",
            leaf(),
            vec![ListDraft { signer: "p256", this_update: AT - 60, ..list() }, list()],
            "good",
            &["crl_bad_signature"],
            "the sound one answers",
        ),
    ]
}

fn scope() -> Vec<Case> {
    let point = |parts: &[&[u8]]| list().with(issuing_point(parts));
    let (compromise, others) = ([0b0110_0000, 0], [0b0001_1111, 0x80]);
    let named = with_point(&[&full_name("http://a/1")]);
    let revoked = |draft: ListDraft| draft.listing(&[3], &[reason(1)]);
    vec![
        ("users only", leaf(), vec![point(&[&flag(1)])], "good", &[], "a user's certificate"),
        (
            "authorities only",
            leaf(),
            vec![point(&[&flag(2)])],
            "unknown",
            &["crl_other_kind"],
            "not an authority's",
        ),
        (
            "attributes only",
            leaf(),
            vec![point(&[&flag(5)])],
            "unknown",
            &["crl_other_kind"],
            "no attribute certificate",
        ),
        ("same point", named.clone(), vec![point(&[&full_name("http://a/1")])], "good", &[], "6.3.3 b 2 i"),
        (
            "other point",
            named.clone(),
            vec![revoked(point(&[&full_name("http://a/2")]))],
            "unknown",
            &["crl_other_point"],
            "a part that the certificate is not in",
        ),
        ("whole list for a point", named, vec![list()], "good", &[], "a list without a point covers all"),
        (
            "some reasons",
            leaf(),
            vec![point(&[&reasons(3, compromise)])],
            "unknown",
            &[],
            "the others are open",
        ),
        (
            "all reasons in two",
            leaf(),
            vec![point(&[&reasons(3, compromise)]), point(&[&reasons(3, others)])],
            "good",
            &[],
            "together they cover all",
        ),
        (
            "revoked for one of the reasons",
            leaf(),
            vec![revoked(point(&[&reasons(3, compromise)]))],
            "keyCompromise",
            &[],
            "no need to know the others",
        ),
        (
            "older list of the same scope",
            leaf(),
            vec![ListDraft { this_update: AT - 2 * DAY, ..list() }.listing(&[3], &[reason(6)]), list()],
            "good",
            &[],
            "the newer one took it off hold",
        ),
        (
            "two lists, the newer revokes",
            leaf(),
            vec![ListDraft { this_update: AT - 2 * DAY, ..list() }, revoked(list())],
            "keyCompromise",
            &[],
            "whichever comes first",
        ),
    ]
}

fn deltas() -> Vec<Case> {
    let delta = |base, at_number| ListDraft {
        extensions: vec![number("2.5.29.20", false, at_number), number("2.5.29.27", true, base)],
        this_update: AT - 3600,
        ..list()
    };
    let hold = || list().listing(&[3], &[reason(6)]);
    vec![
        (
            "delta alone",
            leaf(),
            vec![delta(7, 8)],
            "unknown",
            &["crl_delta_without_base"],
            "what changed is not the whole",
        ),
        (
            "listed in the delta",
            leaf(),
            vec![list(), delta(7, 8).listing(&[3], &[reason(4)])],
            "superseded",
            &["crl_delta_without_base"],
            "newer than the base",
        ),
        (
            "taken off hold",
            leaf(),
            vec![hold(), delta(7, 8).listing(&[3], &[reason(8)])],
            "good",
            &["crl_delta_without_base"],
            "removeFromCRL",
        ),
        (
            "listed in the base only",
            leaf(),
            vec![hold(), delta(7, 8)],
            "certificateHold",
            &["crl_delta_without_base"],
            "nothing changed",
        ),
        (
            "base too old for the delta",
            leaf(),
            vec![hold(), delta(9, 10).listing(&[3], &[reason(8)])],
            "certificateHold",
            &["crl_delta_without_base"],
            "5.2.4: what lies between is not known",
        ),
        (
            "delta older than the list",
            leaf(),
            vec![hold(), delta(5, 6).listing(&[3], &[reason(8)])],
            "certificateHold",
            &["crl_delta_without_base"],
            "overtaken",
        ),
        (
            "the newest of two deltas",
            leaf(),
            vec![list(), delta(7, 9).listing(&[3], &[reason(1)]), delta(7, 8)],
            "keyCompromise",
            &["crl_delta_without_base", "crl_delta_without_base"],
            "in whatever order",
        ),
        (
            "a delta that is out of date",
            leaf(),
            vec![hold(), ListDraft { next_update: Some(AT - 1), ..delta(7, 8) }],
            "certificateHold",
            &["crl_delta_without_base", "crl_stale"],
            "the base still counts",
        ),
    ]
}

#[test]
fn each_list_answers_what_it_can_and_no_more() {
    let mut wrong = Vec::new();
    for (name, leaf, lists, expected, faults, why) in [soundness(), scope(), deltas()].concat() {
        let answer = ask_about(&leaf, &lists, &[], false);
        let mut found = codes(&answer);
        found.dedup();
        let mut faults = faults.to_vec();
        faults.dedup();
        let missing = faults.iter().find(|fault| !found.contains(fault));
        let spare = found.iter().find(|fault| !faults.contains(fault));
        // A list that a second point meets again has nothing new to say.
        let spare = spare.filter(|fault| **fault != "crl_nothing_new");
        if word(&answer) != expected || missing.is_some() || spare.is_some() {
            wrong.push(format!(
                "{name} ({why}): expected {expected} {faults:?}, found {} {found:?}",
                word(&answer)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_key_of_the_authority_signs_if_it_may_and_is_trusted() {
    let signer = |bits: &[u8]| {
        let root = Draft::root("Root", "p384");
        Draft { extensions: vec![key_usage(bits)], ..root.certifies("Issuing", "p256") }.make()
    };
    let lists = [ListDraft { signer: "p256", ..list() }];
    let for_lists = signer(&[6]);
    let ask_with = |signer: &Certificate, trusted| {
        let answer = ask_about(&leaf(), &lists, std::slice::from_ref(signer), trusted);
        (word(&answer), codes(&answer).first().copied())
    };
    assert_eq!(ask_with(&for_lists, true), ("good", None));
    assert_eq!(ask_with(&for_lists, false), ("unknown", Some("crl_signer_not_trusted")));
    assert_eq!(ask_with(&signer(&[5]), true), ("unknown", Some("crl_signer_key_usage")));
}

#[test]
fn an_indirect_list_speaks_for_the_issuers_it_names() {
    let lister =
        Draft { extensions: vec![key_usage(&[6])], ..Draft::root("Root", "p384").certifies("Lists", "p256") };
    let crl_issuer = der::container(tag::context(2), &[&directory(&common_name("Lists"))]);
    let leaf = with_point(&[&crl_issuer]);
    let of = |name: &str| extension("2.5.29.29", true, &der::sequence(&[&directory(&common_name(name))]));
    let base = ListDraft::of(&lister);
    let indirect = |draft: ListDraft| draft.with(issuing_point(&[&flag(4)]));
    let cases: [(ListDraft, &str, &str); 5] = [
        (
            indirect(base.clone()).listing(&[3], &[]),
            "good",
            "entries are the list's issuer's until one names another",
        ),
        (indirect(base.clone()).listing(&[3], &[of("Issuing")]), "unspecified", "named"),
        (
            indirect(base.clone()).listing(&[9], &[of("Issuing")]).listing(&[3], &[]),
            "unspecified",
            "named before",
        ),
        (
            indirect(base.clone()).listing(&[9], &[of("Issuing")]).listing(&[3], &[of("Other")]),
            "good",
            "another authority's serial number",
        ),
        (base.clone().listing(&[3], &[of("Issuing")]), "unknown", "a list that does not say it is indirect"),
    ];
    for (draft, expected, why) in cases {
        let answer = ask_about(&leaf, &[draft], &[lister.make()], true);
        assert_eq!(word(&answer), expected, "{why}");
    }
    let answer = ask_about(&leaf, &[indirect(base)], &[lister.make()], false);
    assert_eq!(answer.faults, [(0, CrlFault::SignerNotTrusted)]);
}

#[test]
fn a_list_tells_its_facts() {
    let expired = extension("2.5.29.60", false, &crate::x509::testing::generalized(AT - 9 * DAY));
    let invalid_since = extension("2.5.29.24", false, &crate::x509::testing::generalized(AT - 20 * DAY));
    let crl = list().with(expired).listing(&[3], &[reason(1), invalid_since]).make();
    assert_eq!(crl.issuer().common_name(), Some("Issuing"));
    assert_eq!((crl.number(), crl.delta_base(), crl.len()), (Some(&[7][..]), None, 1));
    assert_eq!(crl.keeps_expired_since(), Some(Time::from_unix(AT - 9 * DAY)));
    assert_eq!((crl.this_update().unix(), crl.next_update().map(Time::unix)), (AT - DAY, Some(AT + DAY)));
    let issuer = leaf().make().issuer().clone();
    let found = crl.find(&[3], &issuer).unwrap();
    assert_eq!(found.revoked_at.unix(), REVOKED_AT);
    assert_eq!(found.invalid_since.map(Time::unix), Some(AT - 20 * DAY));
    assert_eq!(crl.find(&[4], &issuer), None);
}

#[test]
fn a_list_of_a_million_entries_is_walked() {
    let serial = |n: u32| [&[0x40], n.to_be_bytes().as_slice()].concat();
    let one = entry(&serial(0), &[]);
    let mut entries = Vec::with_capacity(one.len() * 1_000_000);
    for n in 0..1_000_000_u32 {
        let start = entries.len() + 5;
        entries.extend_from_slice(&one);
        entries[start..start + 4].copy_from_slice(&n.to_be_bytes());
    }
    let crl = ListDraft { entries: vec![entries], ..list() }.make();
    assert_eq!(crl.len(), 1_000_000);
    let issuer = leaf().make().issuer().clone();
    assert!(crl.find(&serial(999_999), &issuer).is_some());
    assert_eq!(crl.find(&serial(1_000_000), &issuer), None);
}

#[test]
fn damaged_lists_are_refused_or_read_without_a_panic() {
    let der = list()
        .with(issuing_point(&[&full_name("http://a/1"), &reasons(3, [0x60, 0])]))
        .listing(&[3], &[reason(1)])
        .der();
    for at in 0..der.len() {
        for value in [0, 0x30, 0x7f, 0x80, 0xff] {
            let mut damaged = der.clone();
            damaged[at] = value;
            if let Ok(crl) = Crl::parse(&damaged) {
                let _ = crl.find(&[3], crl.issuer());
            }
        }
        assert!(Crl::parse(&der[..at]).is_err(), "cut off at {at}");
    }
}

#[test]
fn a_heap_of_extensions_is_refused_before_they_are_compared() {
    let list = |count: u64| {
        let draft = ListDraft::of(&Draft::root("Root", "p256"));
        let extensions = (0..count).map(|n| extension(&format!("1.2.3.{n}"), false, &[5, 0])).collect();
        super::Crl::parse(&ListDraft { extensions, ..draft }.der()).is_ok()
    };
    assert!(list(256) && !list(257));
}
