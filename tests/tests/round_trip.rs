//! What our signer makes, our verifier judges: the official order over the fixture letters, in one
//! process, and single changed bytes all over the result.

use sign_core::crypto::key::{Padding, SoftKey, from_pem};
use sign_core::limits::Limits;
use sign_core::pades::appearance::Appearance;
use sign_core::pdf::Document;
use sign_core::policy::Policy;
use sign_core::report::model::{ChangeLevel, Coverage, Level, Report, SignerClass};
use sign_core::sign::official::{FIELD_LEADER, FIELD_SEAL, freeze, number_and_date};
use sign_core::sign::options::{DocMdp, FieldChoice, Place, Role};
use sign_core::sign::{SignRequest, Signing, content, sign};
use sign_core::time::Time;
use sign_core::trust::{CaClass, Evidence, TrustStore};
use sign_core::verdict::Verdict;
use sign_core::verify::verify;
use sign_io::DrawLimits;
use sign_io::layout::{Letter, layout};
use sign_io::pki::{Authority, KeyKind, Organisation, Person, Validity};

pub(crate) struct Office {
    pub(crate) trust: TrustStore,
    pub(crate) leader: SoftKey,
    pub(crate) seal: SoftKey,
}

pub(crate) fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

pub(crate) fn office() -> Office {
    let validity = Validity::years(time("2026-01-01T00:00:00+07:00"), 5);
    let authority = Authority::create("Thử nghiệm", validity).unwrap();
    let person = Person {
        full_name: "Nguyễn Văn A",
        title: "Giám đốc",
        organisation: "Sở Thông tin và Truyền thông",
        email: "a@example.vn",
    };
    let organisation =
        Organisation { name: "Sở Thông tin và Truyền thông", organ_id: "000.00.10.H40", parent: None };
    let leader = authority.issue_person(&person, KeyKind::P256, validity).unwrap();
    let seal = authority.issue_organisation(&organisation, KeyKind::Rsa2048, validity).unwrap();
    let key = |pem: &[u8]| from_pem(pem, None, Some(Padding::Pss)).unwrap();
    let mut trust = TrustStore::new();
    trust.add_pem(&authority.root_pem().unwrap(), CaClass::Other).unwrap();
    Office { trust, leader: key(&leader.pem().unwrap()), seal: key(&seal.pem().unwrap()) }
}

pub(crate) fn judge(office: &Office, document: &[u8]) -> Option<Report> {
    let document = document.to_vec();
    let at = time("2026-03-01T00:00:00Z");
    let policy = Policy::default();
    verify(&document, "letter.pdf", &office.trust, &Evidence::none(), &policy, at, &Limits::default()).ok()
}

/// Frozen, signed by the leader who certifies, then numbered, dated and sealed in one revision.
fn official_letter(office: &Office, name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/pdf/plain/");
    let mut document = std::fs::read(format!("{path}{name}")).unwrap();
    let letter = Letter { title: "GIÁM ĐỐC".into(), name: "Nguyễn Văn A".into(), ..Letter::default() };
    let places = layout(document.clone(), &letter, &DrawLimits::default()).unwrap();
    document.extend(freeze(&document, &places, &Limits::default()).unwrap());
    let signed_at = time("2026-02-05T09:56:34+07:00");
    let by_leader = SignRequest {
        field: FieldChoice::Existing(FIELD_LEADER.into()),
        certify: Some(DocMdp::FormFilling),
        role: Role::Leader,
        ..SignRequest::new(signed_at)
    };
    document.extend(sign(&document, &by_leader, &office.leader, &Limits::default()).unwrap().appended);
    let by_clerk = SignRequest {
        field: FieldChoice::Existing(FIELD_SEAL.into()),
        fills: number_and_date(15, signed_at),
        role: Role::Seal,
        ..SignRequest::new(signed_at)
    };
    document.extend(sign(&document, &by_clerk, &office.seal, &Limits::default()).unwrap().appended);
    document
}

#[test]
fn official_letters_are_valid_complete_and_of_level_b_b() {
    let office = office();
    for name in ["cong-van.pdf", "quyet-dinh.pdf"] {
        let report = judge(&office, &official_letter(&office, name)).unwrap();
        assert_eq!(report.verdict, Verdict::Valid, "{name}: {report:#?}");
        assert!(report.official.complete && report.warnings.is_empty(), "{name}: {report:#?}");
        let [leader, seal] = report.signatures.as_slice() else { panic!("{name}: two signatures") };
        assert_eq!((leader.level, seal.level), (Level::BB, Level::BB));
        assert_eq!((leader.coverage, seal.coverage), (Coverage::WholeRevision, Coverage::WholeFile));
        assert_eq!(
            (leader.signer.class, seal.signer.class),
            (SignerClass::Personal, SignerClass::Organisation)
        );
        assert_eq!((leader.changes.level, leader.changes.docmdp), (ChangeLevel::FormFilling, Some(2)));
        let filled: Vec<&str> =
            leader.changes.details.iter().filter_map(|change| change.new.as_deref()).collect();
        assert!(filled.contains(&"15"), "{filled:?}");
    }
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    let office = office();
    let document = official_letter(&office, "cong-van.pdf");
    // Prime steps over the file: every structure of it is hit, in a bounded time.
    for place in (0..document.len()).step_by(389) {
        let mut changed = document.clone();
        changed[place] ^= 1;
        if let Some(report) = judge(&office, &changed)
            && report.verdict == Verdict::Valid
        {
            let hole = document[..place].iter().rposition(|byte| matches!(byte, b'<' | b'>')).unwrap();
            let inside_value =
                document[hole] == b'<' && document[hole..place].iter().all(|b| !b.is_ascii_whitespace());
            assert!(inside_value, "byte {place} was changed and the letter is still called valid");
        }
    }
}

#[test]
fn an_official_letter_has_nothing_that_can_change_its_look() {
    let office = office();
    for name in ["cong-van.pdf", "quyet-dinh.pdf"] {
        let letter = official_letter(&office, name);
        let document = Document::open(&letter, Limits::default()).unwrap();
        // At each step: the draft, frozen, signed by the leader, numbered and sealed.
        assert_eq!(document.revisions().len(), 4);
        for revision in document.revisions() {
            let step = letter[..usize::try_from(revision.end).unwrap()].to_vec();
            let found = content::look(&step, &Limits::default()).unwrap();
            // A field that is filled or signed leaves its empty drawing behind, which nothing uses.
            let odd: Vec<_> = found.risks.iter().filter(|risk| risk.code != "unused_objects").collect();
            assert!(odd.is_empty(), "{name}, revision {}: {odd:#?}", revision.index);
        }
    }
}

/// Takes a few bytes, then no more.
struct Tight(usize);

impl std::io::Write for Tight {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_key_made_ready_signs_as_a_new_one_does() {
    let from = time("2026-01-01T00:00:00+07:00");
    let authority = Authority::create("Thử nghiệm", Validity::years(from, 5)).unwrap();
    let person = Person { full_name: "Nguyễn Văn A", title: "", organisation: "", email: "" };
    // Ed25519 signs alike each time.
    let issued = authority.issue_person(&person, KeyKind::Ed25519, Validity::years(from, 5)).unwrap();
    let key = from_pem(&issued.pem().unwrap(), None, None).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/");
    let picture = std::fs::read(format!("{folder}images/seal.png")).unwrap();
    let shown = |lines: &[&str], image_png| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let place = Place { page: 0, rect: [50.0, 50.0, 150.0, 100.0] };
        SignRequest {
            field: FieldChoice::New { name: None, place: Some(place) },
            appearance: Some(Appearance { image_png, lines, ..Appearance::default() }),
            ..SignRequest::new(time("2026-02-05T09:56:34+07:00"))
        }
    };
    let requests =
        [shown(&["Đã ký"], None), shown(&["Đã ký"], None), shown(&[], Some(picture)), shown(&["Khác"], None)];
    let limits = Limits::default();
    let ready = Signing::new(&key).unwrap();
    for name in ["cong-van.pdf", "quyet-dinh.pdf"] {
        let document = std::fs::read(format!("{folder}pdf/plain/{name}")).unwrap();
        for request in &requests {
            let expected = sign(&document, request, &key, &limits).unwrap();
            assert!(ready.sign(&document, request, &limits).unwrap() == expected, "{name}");
            let mut whole = Vec::new();
            assert!(ready.sign_into(&document, request, &limits, &mut whole).unwrap() == expected);
            assert!(whole == [document.as_slice(), &expected.appended].concat(), "{name}");
        }
        for room in [0, 1_000, document.len(), document.len() + 1_000] {
            let error = ready.sign_into(&document, &requests[0], &limits, &mut Tight(room)).unwrap_err();
            assert_eq!(error.code(), "output_not_writable", "{room}");
        }
    }
}
