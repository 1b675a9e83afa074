//! Unusual and hostile certificates, each with what has to come out and why. The ideas are those of
//! x509-limbo; where that suite follows the web's stricter rules, the standard's are followed here.

use super::*;
use crate::crypto::der::{self, tag};
use crate::crypto::testing::NOT_BEFORE;
use crate::x509::Oddity;
use crate::x509::testing::{AT, DAY, Draft, authority, common_name, directory, extension, key_usage, name};

const NAME_CONSTRAINTS: &str = "2.5.29.30";
const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const POLICIES: &str = "2.5.29.32";
const MAPPINGS: &str = "2.5.29.33";

/// One path to be found: the last certificate first, then authorities, then the anchor.
struct Scene {
    certificates: Vec<Certificate>,
    anchors: Vec<Certificate>,
}

impl Scene {
    /// The last one is the anchor.
    fn of(drafts: &[&Draft]) -> Self {
        let mut certificates: Vec<Certificate> = drafts.iter().map(|draft| draft.make()).collect();
        let anchors = certificates.split_off(certificates.len() - 1);
        Self { certificates, anchors }
    }

    fn outcome(&self) -> PathOutcome {
        let at = Time::from_unix(AT);
        build(&self.certificates[0], &self.certificates, &self.anchors, at, &Limits::default())
    }
}

/// Name, scene, codes of the problems, oddities of the whole path, and why.
type Case = (&'static str, Scene, &'static [&'static str], &'static [Oddity], &'static str);

fn root() -> Draft {
    Draft::root("Root", "p384")
}

fn issuing() -> Draft {
    root().certifies("Issuing", "p521")
}

/// A chain whose authority is changed.
fn with_authority(change: impl FnOnce(Draft) -> Draft) -> Scene {
    let authority = change(issuing());
    Scene::of(&[&authority.issues("x"), &authority, &root()])
}

/// A chain whose last certificate is changed.
fn with_leaf(change: impl FnOnce(Draft) -> Draft) -> Scene {
    Scene::of(&[&change(issuing().issues("x")), &issuing(), &root()])
}

/// nameConstraints: permitted and excluded bases, each a GeneralName.
fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let list = |n, bases: &[Vec<u8>]| match bases {
        [] => Vec::new(),
        all => {
            let subtrees: Vec<u8> = all.iter().flat_map(|base| der::sequence(&[base])).collect();
            der::element(tag::context(n), &subtrees)
        }
    };
    der::sequence(&[&list(0, permitted), &list(1, excluded)])
}

fn dns(host: &str) -> Vec<u8> {
    der::element(0x82, host.as_bytes())
}

fn names(all: &[Vec<u8>]) -> Vec<u8> {
    der::element(tag::SEQUENCE, &all.concat())
}

/// An authority with these constraints, and a leaf with these alternative names.
fn constrained(permitted: &[Vec<u8>], excluded: &[Vec<u8>], alternative: &[Vec<u8>]) -> Scene {
    let authority = issuing().with(NAME_CONSTRAINTS, true, &constraints(permitted, excluded));
    Scene::of(&[
        &authority.issues("x").with(SUBJECT_ALT_NAME, false, &names(alternative)),
        &authority,
        &root(),
    ])
}

fn shape() -> Vec<Case> {
    let bare = |draft: Draft| Draft { extensions: Vec::new(), version: None, ..draft };
    vec![
        ("plain", with_leaf(|leaf| leaf), &[], &[], "nothing is unusual"),
        (
            "authority of version 1",
            with_authority(bare),
            &["issuer_not_ca"],
            &[],
            "only version 3 can say that it is one (4.2.1.9)",
        ),
        (
            "no basicConstraints",
            with_authority(|ca| Draft { extensions: vec![key_usage(&[5])], ..ca }),
            &["issuer_not_ca"],
            &[Oddity::AuthorityTraitsWithoutCa],
            "keyCertSign alone makes nobody an authority",
        ),
        (
            "basicConstraints not critical",
            with_authority(|ca| Draft {
                extensions: vec![extension("2.5.29.19", false, &der::sequence(&[&[1, 1, 0xff]]))],
                ..ca
            }),
            &[],
            &[],
            "obeyed all the same",
        ),
        (
            "extensions in version 1",
            with_leaf(|leaf| Draft { version: None, ..leaf }),
            &[],
            &[Oddity::ExtensionsWithoutVersion3],
            "they are obeyed, and the version is noted",
        ),
        (
            "negative serial number",
            with_leaf(|leaf| Draft { serial: vec![0xff], ..leaf }),
            &[],
            &[Oddity::NegativeSerial],
            "some authorities wrote them; 4.1.2.2 asks readers to bear it",
        ),
        (
            "serial number zero",
            with_leaf(|leaf| Draft { serial: vec![0], ..leaf }),
            &[],
            &[Oddity::ZeroSerial],
            "the same",
        ),
        (
            "serial number of 40 bytes",
            with_leaf(|leaf| Draft { serial: vec![7; 40], ..leaf }),
            &[],
            &[Oddity::LongSerial],
            "the same",
        ),
        (
            "two algorithms",
            with_leaf(|leaf| Draft {
                inner_algorithm: Some(der::sequence(&[&der::oid("1.2.840.10045.4.3.3")])),
                ..leaf
            }),
            &["certificate_unsupported_signature"],
            &[],
            "the signed one and the other must be the same (4.1.1.2)",
        ),
        (
            "unused bits in the signature",
            with_leaf(|leaf| Draft { unused_bits: 3, ..leaf }),
            &["certificate_bad_signature"],
            &[Oddity::RefusedBySecondReader],
            "the same signature must not be spelled in several ways",
        ),
        (
            "critical authorityKeyIdentifier",
            with_leaf(|leaf| leaf.with("2.5.29.35", true, &der::sequence(&[]))),
            &[],
            &[Oddity::CriticalKeyIdentifier],
            "4.2.1.1 forbids writing it so, not reading it",
        ),
    ]
}

fn extensions() -> Vec<Case> {
    let unknown = |draft: Draft| draft.with("1.2.3.4", true, &[5, 0]);
    vec![
        (
            "the same extension twice",
            with_leaf(|leaf| {
                leaf.with(SUBJECT_ALT_NAME, false, &names(&[dns("a")])).with(
                    SUBJECT_ALT_NAME,
                    false,
                    &names(&[dns("b")]),
                )
            }),
            &["malformed_extension"],
            &[],
            "nobody knows which one counts (4.2)",
        ),
        (
            "an unknown extension twice",
            with_leaf(|leaf| leaf.with("1.2.3.4", false, &[5, 0]).with("1.2.3.4", false, &[5, 0])),
            &["malformed_extension"],
            &[],
            "not even one that nobody knows",
        ),
        ("unknown critical, last", with_leaf(unknown), &["unknown_critical_extension"], &[], "4.2"),
        ("unknown critical, authority", with_authority(unknown), &["unknown_critical_extension"], &[], "4.2"),
        (
            "unknown critical, anchor",
            Scene::of(&[&issuing().issues("x"), &issuing(), &unknown(root())]),
            &[],
            &[],
            "an anchor is a name and a key (6.1.1 d)",
        ),
        ("unknown, not critical", with_leaf(|leaf| leaf.with("1.2.3.4", false, &[5, 0])), &[], &[], "4.2"),
        (
            "negative pathLen",
            with_authority(|ca| Draft {
                extensions: vec![extension(
                    "2.5.29.19",
                    true,
                    &der::sequence(&[&[1, 1, 0xff], &[2, 1, 0xff]]),
                )],
                ..ca
            }),
            &["malformed_extension", "issuer_not_ca"],
            &[],
            "what cannot be read says nothing",
        ),
        (
            "enormous pathLen",
            with_authority(|ca| Draft { extensions: vec![authority(Some(1 << 40))], ..ca }),
            &[],
            &[],
            "a limit that is never reached",
        ),
        (
            "malformed distribution point",
            with_leaf(|leaf| leaf.with("2.5.29.31", false, &der::sequence(&[&[5, 0]]))),
            &["malformed_extension"],
            &[],
            "one that is known has to be readable",
        ),
        (
            "alternative names, but none",
            with_leaf(|leaf| leaf.with(SUBJECT_ALT_NAME, false, &names(&[]))),
            &["malformed_extension"],
            &[],
            "GeneralNames are one or more (4.2.1.6)",
        ),
    ]
}

fn paths() -> Vec<Case> {
    let expired = |draft: Draft| Draft { validity: (NOT_BEFORE - 9 * DAY, AT - 1), ..draft };
    let narrow = Draft { extensions: vec![authority(Some(0)), key_usage(&[5])], ..issuing() };
    let reissued = Draft { serial: vec![9], ..narrow.certifies("Issuing", "brainpool256r1") };
    let below = narrow.certifies("Below", "brainpool256r1");
    let cross_old = expired(issuing());
    let spoofed =
        Draft::root("Issuing", "brainpool384r1").with("2.5.29.14", false, &der::octet_string(b"id"));
    let hinted =
        issuing().issues("x").with("2.5.29.35", false, &der::sequence(&[&der::element(0x80, b"id")]));
    let a = Draft::root("A", "p384");
    let b = Draft::root("B", "p521");
    let by_other = |draft: &Draft, issuer: &Draft| Draft {
        issuer: issuer.subject.clone(),
        signer: issuer.key,
        ..draft.clone()
    };
    let printable = Draft { subject: name("2.5.4.3", 0x13, "ISSUING  ca"), ..issuing() };
    let mut deep = vec![root()];
    for step in 0..13 {
        let key = if step % 2 == 0 { "p521" } else { "p384" };
        deep.insert(0, deep[0].certifies(&format!("CA {step}"), key));
    }
    deep.insert(0, deep[0].issues("x"));
    vec![
        (
            "expired anchor",
            Scene::of(&[&issuing().issues("x"), &issuing(), &expired(root())]),
            &[],
            &[],
            "an anchor is a name and a key (6.1.1 d)",
        ),
        ("expired authority", with_authority(expired), &["certificate_expired"], &[], "6.1.3 a 2"),
        (
            "valid for one second",
            with_leaf(|leaf| Draft { validity: (AT, AT), ..leaf }),
            &[],
            &[],
            "both ends are inside",
        ),
        (
            "pathLen 0 and a self-issued authority",
            Scene::of(&[&reissued.issues("x"), &reissued, &narrow, &root()]),
            &[],
            &[],
            "self-issued ones do not count (4.2.1.9)",
        ),
        (
            "pathLen 0 and another authority",
            Scene::of(&[&below.issues("x"), &below, &narrow, &root()]),
            &["path_too_long"],
            &[],
            "4.2.1.9",
        ),
        (
            "two certificates of one authority",
            Scene::of(&[
                &issuing().issues("x"),
                &cross_old,
                &Draft { serial: vec![8], ..issuing() },
                &root(),
            ]),
            &[],
            &[],
            "the valid one is chosen",
        ),
        (
            "key identifier that points elsewhere",
            Scene::of(&[&hinted, &spoofed, &issuing(), &root()]),
            &[],
            &[],
            "a hint only; the signature proves the key",
        ),
        (
            "cross-certificates in a circle",
            Scene::of(&[&a.issues("x"), &by_other(&a, &b), &by_other(&b, &a), &root()]),
            &["no_issuer_found"],
            &[],
            "the search ends",
        ),
        (
            "name in another spelling",
            Scene::of(&[
                &Draft { issuer: common_name("issuing CA"), ..printable.issues("x") },
                &printable,
                &root(),
            ]),
            &[],
            &[],
            "string type, case and spaces do not count (7.1)",
        ),
        (
            "a longer path than anyone has",
            Scene::of(&deep.iter().collect::<Vec<_>>()),
            &["path_limit_reached"],
            &[],
            "work is bounded",
        ),
        (
            "an end entity as issuer",
            Scene::of(&[&issuing().issues("x").issues("y"), &issuing().issues("x"), &issuing(), &root()]),
            &["issuer_not_ca", "issuer_key_usage"],
            &[],
            "6.1.4 k and n",
        ),
        (
            "a self-signed stranger",
            Scene { certificates: vec![Draft::root("x", "p256").make()], anchors: vec![root().make()] },
            &["untrusted_root"],
            &[],
            "signed by nobody who is trusted",
        ),
        (
            "no issuer",
            with_leaf(|leaf| Draft { issuer: der::sequence(&[]), ..leaf }),
            &["no_issuer_found"],
            &[Oddity::EmptyIssuer],
            "4.1.2.4 demands a name",
        ),
        (
            "an authority without a name",
            Scene::of(&[
                &Draft { issuer: der::sequence(&[]), ..issuing().issues("x") },
                &Draft { subject: der::sequence(&[]), ..issuing() },
                &root(),
            ]),
            &["no_issuer_found"],
            &[Oddity::EmptyIssuer],
            "nobody can be told from nobody",
        ),
        (
            "no subject but an alternative name",
            with_leaf(|leaf| {
                Draft { subject: der::sequence(&[]), ..leaf }.with(
                    SUBJECT_ALT_NAME,
                    true,
                    &names(&[dns("a.example")]),
                )
            }),
            &[],
            &[],
            "4.1.2.6 allows it for end entities",
        ),
    ]
}

fn name_rules() -> Vec<Case> {
    let inside = [dns("example.com")];
    let other_name = |text: &str| {
        der::container(
            0xa0,
            &[&der::oid("1.2.3"), &der::container(0xa0, &[&der::element(0x0c, text.as_bytes())])],
        )
    };
    let subtree = directory(&common_name("Elsewhere"));
    let constrained_root =
        issuing().with(NAME_CONSTRAINTS, true, &constraints(std::slice::from_ref(&subtree), &[]));
    let same_name = Draft { serial: vec![9], ..constrained_root.certifies("Issuing", "brainpool256r1") };
    let elsewhere = Draft { subject: common_name("Elsewhere"), ..same_name.issues("x") };
    let many: Vec<Vec<u8>> = (0..1200).map(|n| dns(&format!("h{n}.example.com"))).collect();
    vec![
        ("permitted host", constrained(&inside, &[], &[dns("a.example.com")]), &[], &[], "below the domain"),
        (
            "other host",
            constrained(&inside, &[], &[dns("example.org")]),
            &["name_not_permitted"],
            &[],
            "outside",
        ),
        (
            "one of two names outside",
            constrained(&inside, &[], &[dns("example.com"), dns("example.org")]),
            &["name_not_permitted"],
            &[],
            "every name counts",
        ),
        (
            "names of another form",
            constrained(&inside, &[], &[der::element(0x86, b"http://example.org/")]),
            &[],
            &[],
            "hosts do not constrain addresses",
        ),
        (
            "wildcard over an excluded host",
            constrained(&[], &[dns("www.example.com")], &[dns("*.example.com")]),
            &["name_excluded"],
            &[],
            "it would stand for the host",
        ),
        (
            "permitted and excluded",
            constrained(&inside, &[dns("b.example.com")], &[dns("a.b.example.com")]),
            &["name_excluded"],
            &[],
            "exclusion wins",
        ),
        (
            "a form nobody can compare",
            constrained(&[other_name("a")], &[], &[other_name("b")]),
            &["name_unclear"],
            &[],
            "6.1.4 g: process or reject",
        ),
        (
            "a form nobody can compare, unused",
            constrained(&[other_name("a")], &[], &[dns("b")]),
            &[],
            &[],
            "it concerns no name",
        ),
        (
            "address range with a gap in its mask",
            constrained(&[der::element(0x87, &[10, 0, 0, 0, 255, 0, 255, 0])], &[], &[dns("a")]),
            &["malformed_extension"],
            &[],
            "RFC 4632 has none",
        ),
        (
            "empty constraints",
            with_authority(|ca| ca.with(NAME_CONSTRAINTS, true, &der::sequence(&[]))),
            &["malformed_extension"],
            &[],
            "4.2.1.10",
        ),
        (
            "a self-issued authority outside",
            Scene::of(&[&elsewhere, &same_name, &constrained_root, &root()]),
            &[],
            &[],
            "6.1.3 b exempts it",
        ),
        (
            "below a self-issued authority",
            Scene::of(&[&same_name.issues("x"), &same_name, &constrained_root, &root()]),
            &["name_not_permitted"],
            &[],
            "and nothing below it",
        ),
        (
            "a mailbox in the subject",
            {
                let authority = issuing().with(
                    NAME_CONSTRAINTS,
                    true,
                    &constraints(&[der::element(0x81, b"example.com")], &[]),
                );
                let subject = name("1.2.840.113549.1.9.1", 0x16, "boss@example.org");
                let leaf = Draft { subject, ..authority.issues("x") }.with(
                    SUBJECT_ALT_NAME,
                    false,
                    &names(&[dns("a")]),
                );
                Scene::of(&[&leaf, &authority, &root()])
            },
            &["name_not_permitted"],
            &[],
            "people are shown it, whatever else the certificate names",
        ),
        (
            "more names than anyone has",
            constrained(&many, &[], &many),
            &["too_many_names"],
            &[],
            "work is bounded",
        ),
        (
            "constraints of an end entity",
            with_leaf(|leaf| {
                leaf.with(NAME_CONSTRAINTS, true, &constraints(std::slice::from_ref(&subtree), &[]))
            }),
            &[],
            &[],
            "nothing is below it",
        ),
    ]
}

fn encodings() -> Vec<Case> {
    let negative = {
        let rsa = crate::crypto::testing::key("rsa-2048").rsa().unwrap();
        let key = der::sequence(&[&der::element(tag::INTEGER, &rsa.n().to_vec()), &der::integer(65_537)]);
        let algorithm = der::sequence(&[&der::oid("1.2.840.113549.1.1.1"), &der::null()]);
        der::sequence(&[&algorithm, &der::element(tag::BIT_STRING, &[&[0], key.as_slice()].concat())])
    };
    let rsa = Draft { spki: Some(negative), ..root().certifies("Issuing", "rsa-2048") };
    let leaf = issuing().issues("x").der();
    let content = der::Reader::new(&leaf).read().unwrap().content;
    let ber = [&[0x30, 0x80], content, &[0, 0]].concat();
    vec![
        (
            "modulus without its sign byte",
            Scene::of(&[&rsa.issues("x"), &rsa, &root()]),
            &[],
            &[Oddity::NegativeModulus],
            "seen of national authorities, and meant unsigned",
        ),
        (
            "indefinite length",
            Scene {
                certificates: vec![Certificate::parse(&ber).unwrap(), issuing().make()],
                anchors: vec![root().make()],
            },
            &[],
            &[Oddity::Ber],
            "what is signed is DER, only its wrapping is not",
        ),
    ]
}

fn sections() -> [(&'static str, Vec<Case>); 5] {
    [
        ("shape of certificates", shape()),
        ("extensions", extensions()),
        ("paths", paths()),
        ("name constraints", name_rules()),
        ("encodings", encodings()),
    ]
}

#[test]
fn unusual_and_hostile_paths_are_judged_by_the_standard() {
    let mut wrong = Vec::new();
    let told = include_str!("../../../../../docs/validation.md");
    for (section, cases) in &sections() {
        let row = format!("| {section} | {0} / {0} |", cases.len());
        assert!(told.contains(&row), "docs/validation.md has no row {row}");
    }
    for (name, scene, expected, oddities, why) in sections().into_iter().flat_map(|(_, cases)| cases) {
        let outcome = scene.outcome();
        let codes: Vec<&str> = outcome.problems.iter().map(|problem| problem.kind.code()).collect();
        let seen: Vec<Oddity> =
            outcome.chain.iter().flat_map(|certificate| certificate.oddities().to_vec()).collect();
        if codes != expected || seen != oddities {
            wrong.push(format!(
                "{name} ({why}): expected {expected:?} {oddities:?}, found {codes:?} {seen:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Policies 1.2.0 to 1.2.(n-1), as certificatePolicies.
fn policies(count: u32) -> Vec<u8> {
    let all: Vec<u8> = (0..count).flat_map(|n| der::sequence(&[&der::oid(&format!("1.2.{n}"))])).collect();
    der::element(tag::SEQUENCE, &all)
}

/// Each of the policies mapped to each of them.
fn mappings(count: u32) -> Vec<u8> {
    let pair =
        |from, to| der::sequence(&[&der::oid(&format!("1.2.{from}")), &der::oid(&format!("1.2.{to}"))]);
    let all: Vec<u8> = (0..count).flat_map(|from| (0..count).flat_map(move |to| pair(from, to))).collect();
    der::element(tag::SEQUENCE, &all)
}

#[test]
fn policies_that_multiply_at_every_step_stay_few() {
    // 16 policies, each mapped to all 16, over nine authorities: 16^9 nodes in the tree of RFC 5280.
    let mut chain = vec![root()];
    for step in 0..9 {
        let key = if step % 2 == 0 { "p521" } else { "p384" };
        let authority = chain[0].certifies(&format!("CA {step}"), key);
        chain.insert(0, authority.with(POLICIES, true, &policies(16)).with(MAPPINGS, true, &mappings(16)));
    }
    chain.insert(0, chain[0].issues("x").with(POLICIES, true, &policies(16)));
    let outcome = Scene::of(&chain.iter().collect::<Vec<_>>()).outcome();
    assert!(outcome.is_clean(), "{:?}", outcome.problems);
    assert_eq!(outcome.policies.authority.len(), 16);
}

#[test]
fn more_policies_than_anyone_has_are_malformed() {
    let outcome = with_leaf(|leaf| leaf.with(POLICIES, false, &policies(300))).outcome();
    assert_eq!(outcome.problems[0].kind, ProblemKind::MalformedExtension { oid: POLICIES.into() });
}

#[test]
fn purposes_narrow_along_the_path_as_a_fact() {
    let purposes = |all: &[&str]| {
        let oids: Vec<Vec<u8>> = all.iter().map(|oid| der::oid(oid)).collect();
        der::element(tag::SEQUENCE, &oids.concat())
    };
    let (mail, tls, any) = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1", "2.5.29.37.0");
    let of = |authority_has: &[&str], leaf_has: &[&str]| {
        let authority = issuing().with("2.5.29.37", false, &purposes(authority_has));
        let leaf = authority.issues("x").with("2.5.29.37", false, &purposes(leaf_has));
        let outcome = Scene::of(&[&leaf, &authority, &root()]).outcome();
        assert!(outcome.is_clean(), "RFC 5280 does not nest purposes");
        outcome.purposes()
    };
    assert_eq!(of(&[mail, tls], &[mail]), Some(vec![mail.to_owned()]));
    assert_eq!(of(&[tls], &[mail]), Some(vec![]));
    assert_eq!(of(&[any], &[mail]), Some(vec![mail.to_owned()]));
    assert_eq!(with_leaf(|leaf| leaf).outcome().purposes(), None);
}

#[test]
fn a_further_look_sends_the_search_to_the_next_path() {
    // Two certificates of the authority; the first one found is refused.
    let renewed = Draft { serial: vec![8], ..issuing() };
    let scene = Scene::of(&[&issuing().issues("x"), &issuing(), &renewed, &root()]);
    let refuse = |serial: &'static str| {
        move |chain: &[Certificate]| {
            let refused = chain.iter().filter(|certificate| certificate.serial_hex() == serial);
            refused
                .map(|certificate| PathProblem {
                    certificate: certificate.clone(),
                    kind: ProblemKind::StatusUnknown,
                })
                .collect::<Vec<_>>()
        }
    };
    for (refused, chosen) in [("02", "08"), ("08", "02")] {
        let examine = refuse(refused);
        let inputs = PathInputs { examine: Some(&examine), ..PathInputs::at(Time::from_unix(AT)) };
        let (pool, anchors) = (&scene.certificates, &scene.anchors);
        let outcome = build_with(&pool[0], pool, anchors, &inputs, &Limits::default());
        assert!(outcome.is_clean(), "{:?}", outcome.problems);
        assert_eq!(outcome.chain[1].serial_hex(), chosen);
    }
}
