//! Damage of twenty thousand kinds to signed and unsigned files: no panic, none slow, little memory, and
//! never valid unless the covered bytes are untouched. The run has a process of its own, whose memory is
//! its alone. `SIGN_MUTATION=NUMBER` runs one case, writes its file and says what became of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use sign_core::limits::Limits;
use sign_core::pades::field::Form;
use sign_core::pdf::repair::repair;
use sign_core::pdf::{Dictionary, Document};
use sign_core::report::model::Coverage;
use sign_core::sign::SignRequest;
use sign_core::sign::options::{DocMdp, FieldChoice};
use sign_core::verdict::{Indication, Verdict};

use crate::child;
use crate::pitfalls::made::{CATALOG, PAGE, PAGES, Xref, key, packed, plain, request, signed, verify};
use crate::pitfalls::written::locked;

/// Cases; fewer where nothing is optimised.
const CASES: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };
/// Nanoseconds of processor time one case may take.
const LONGEST: u64 = 1_000_000_000;
/// Of the whole process, all its threads together.
const MOST_MEMORY_KIB: u64 = 128 << 10;
/// Where all cases begin.
const SEED: u64 = 0x5eed_2026_0205_0956;

/// xorshift64* (Vigna 2016): the same files on every machine.
struct Random(u64);

impl Random {
    /// Each case has numbers of its own: it is repeated by its number alone.
    fn of_case(number: usize) -> Self {
        Self(SEED ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// What a writer with an error, or somebody with a purpose, would put in.
const PIECES: [&str; 18] = [
    "0",
    "-1",
    "<<",
    ">>",
    "[",
    "]",
    "(",
    " 0 R",
    "null ",
    "endobj\n",
    "stream\n",
    "endstream\n",
    "/Prev 15",
    "startxref\n",
    "%%EOF\n",
    "/ByteRange[0 1 2 3]",
    "4 0 obj\n",
    "trailer\n<</Root 1 0 R>>\n",
];

/// Numbers at which arithmetic goes wrong.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "2",
    "255",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
];

/// Keys whose numbers say where things are, how long and how many.
const NUMBERED: [&str; 14] = [
    "/Length ",
    "/Size ",
    "/Prev ",
    "/XRefStm ",
    "/N ",
    "/First ",
    "/Index[",
    "/W[",
    "/ByteRange[",
    "/ByteRange [",
    "/Count ",
    "startxref\n",
    "xref\n",
    "/Kids[",
];

fn finds(bytes: &[u8], text: &[u8]) -> Vec<usize> {
    let found = bytes.windows(text.len()).enumerate().filter(|(_, window)| *window == text);
    found.map(|(at, _)| at).collect()
}

/// The runs of bytes that are a number or a word, outside of strings and streams or inside.
fn tokens(bytes: &[u8], is_part: fn(&u8) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
        if (1..=40).contains(&length) {
            tokens.push(at..at + length);
        }
        at += length + 1;
    }
    tokens
}

fn replace(bytes: &mut Vec<u8>, range: std::ops::Range<usize>, with: &[u8]) {
    bytes.splice(range, with.iter().copied());
}

/// Changes a number behind one of the keys, or any.
fn change_number(bytes: &mut Vec<u8>, random: &mut Random) {
    let key = random.of(&NUMBERED).unwrap();
    let from = random.of(&finds(bytes, key.as_bytes())).map_or(0, |at| at + key.len());
    let end = if from == 0 { bytes.len() } else { (from + 60).min(bytes.len()) };
    let numbers = tokens(&bytes[from..end], u8::is_ascii_digit);
    let Some(number) = random.of(&numbers) else { return };
    let number = from + number.start..from + number.end;
    let was: u64 = std::str::from_utf8(&bytes[number.clone()]).unwrap().parse().unwrap_or(0);
    let digits = number.len();
    let new = match random.below(4) {
        0 => (*random.of(&NUMBERS).unwrap()).to_owned(),
        // As wide as before: everything behind it stays where it is.
        1 => format!("{:0digits$}", was.wrapping_add(1)),
        2 => format!("{:0digits$}", was.saturating_sub(1 + random.below(20) as u64)),
        _ => format!("{:0digits$}", random.below(bytes.len())),
    };
    replace(bytes, number, new.as_bytes());
}

fn swap_tokens(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut words = tokens(bytes, |byte| byte.is_ascii_alphanumeric());
    let Some(a) = random.of(&words).cloned() else { return };
    if random.below(4) > 0 {
        words.retain(|word| word.len() == a.len());
    }
    let Some(b) = random.of(&words).cloned() else { return };
    let (first, second) = if a.start < b.start { (a, b) } else { (b, a) };
    if first.end <= second.start {
        let (x, y) = (bytes[first.clone()].to_vec(), bytes[second.clone()].to_vec());
        replace(bytes, second, &x);
        replace(bytes, first, &y);
    }
}

/// A copy of a whole object somewhere else, at times under another number.
fn duplicate_object(bytes: &mut Vec<u8>, random: &mut Random) {
    let Some(&start) = random.of(&finds(bytes, b" 0 obj")) else { return };
    let start = bytes[..start].iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
    let length = bytes[start..].windows(6).position(|window| window == b"endobj").map_or(40, |at| at + 7);
    let mut object = bytes[start..(start + length).min(bytes.len())].to_vec();
    if random.below(2) == 0 {
        let digits = object.iter().take_while(|byte| byte.is_ascii_digit()).count();
        replace(&mut object, 0..digits, (1 + random.below(12)).to_string().as_bytes());
    }
    let place = random.of(&finds(bytes, b"endobj\n")).map_or(bytes.len(), |at| at + 7);
    replace(bytes, place..place, &object);
}

/// A place anywhere, seldom inside the hexadecimal values that most of a small signed file consists of.
fn place(bytes: &[u8], random: &mut Random) -> usize {
    let is_in_value = |at: usize| {
        let around = bytes.get(at.saturating_sub(20)..at + 20).unwrap_or_default();
        !around.is_empty() && around.iter().all(u8::is_ascii_hexdigit)
    };
    let mut at = random.below(bytes.len());
    for _ in 0..8 {
        if is_in_value(at) {
            at = random.below(bytes.len());
        }
    }
    at
}

/// Kinds of damage; those behind the first ones tear a file apart.
const KINDS: usize = 17;
const MILD: usize = 9;

fn damage(bytes: &mut Vec<u8>, other: &[u8], kinds: usize, random: &mut Random) {
    let at = place(bytes, random);
    let end = (at + 1 + random.below(60)).min(bytes.len());
    match random.below(kinds) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = b"0123456789<>[]/()R \n"[random.below(20)],
        2..=5 => change_number(bytes, random),
        6..=8 => swap_tokens(bytes, random),
        9 => replace(bytes, at..end, b""),
        10 => replace(bytes, at..at, PIECES[random.below(PIECES.len())].as_bytes()),
        11 => {
            let copy = bytes[at..end].to_vec();
            let to = random.below(bytes.len());
            replace(bytes, to..to, &copy);
        }
        12 => duplicate_object(bytes, random),
        // The start of one and the end of another, where both are, or cut anywhere.
        13 => {
            let rest = bytes.len();
            replace(bytes, at..rest, &other[at.min(other.len())..]);
        }
        14 => replace(bytes, at..at, &other[random.below(other.len())..]),
        // The last section once more.
        15 => {
            let from = random.of(&finds(bytes, b"xref\n")).copied().unwrap_or(at);
            let copy = bytes[from..].to_vec();
            bytes.extend(copy);
        }
        _ => bytes.truncate(at.max(1)),
    }
    // Splices may not grow from case to case into something else than damage.
    bytes.truncate(256 << 10);
    if bytes.is_empty() {
        bytes.push(b'%');
    }
}

/// What changed, in as many bytes as there were: everything behind it stays where the cross-references
/// say, and damage gets past them.
fn in_place(was: &[u8], new: &[u8]) -> Vec<u8> {
    let shorter = was.len().min(new.len());
    let same = was.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = was.iter().rev().zip(new.iter().rev()).take(shorter - same);
    let behind = rest.take_while(|(a, b)| a == b).count();
    let mut changed = new[same..new.len() - behind].to_vec();
    changed.resize(changed.len().max(was.len() - behind - same), b' ');
    changed.truncate(was.len() - same);
    [&was[..same], &changed, &was[same + changed.len()..]].concat()
}

/// What all cases begin with.
struct Seeds {
    files: Vec<Vec<u8>>,
    /// What the signatures in them cover.
    covered: Vec<Vec<u8>>,
}

/// Once and twice signed, certified and locked, and before signing; each kind of cross-references; small, so
/// that they are many.
fn seeds() -> &'static Seeds {
    static SEEDS: OnceLock<Seeds> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let room = SignRequest { contents_bytes: Some(2_500), ..request() };
        let certify = SignRequest { certify: Some(DocMdp::FormFilling), ..room.clone() };
        let lock = SignRequest { field: FieldChoice::Existing("Sig".into()), ..room.clone() };
        let packed = packed(&[CATALOG, PAGES, PAGE]);
        let mut files =
            vec![signed(&locked(), &lock).unwrap(), signed(&packed, &room).unwrap(), locked(), packed];
        for xref in [Xref::Table, Xref::Stream, Xref::Hybrid] {
            files.push(signed(&plain(xref), &room).unwrap());
            files.push(signed(&signed(&plain(xref), &certify).unwrap(), &room).unwrap());
            files.push(plain(xref));
        }
        let covered = files.iter().flat_map(all_covered).collect();
        Seeds { files, covered }
    })
}

/// The bytes each signature of a file covers, by its array as it stands there.
#[allow(clippy::ptr_arg, reason = "a slice by itself is no source")]
fn all_covered(bytes: &Vec<u8>) -> Vec<Vec<u8>> {
    let Ok(document) = Document::open(bytes, Limits::default()) else { return Vec::new() };
    let view = document.latest();
    let Ok(form) = Form::read(&view, 1_000) else { return Vec::new() };
    let part = |from: u64, length: u64| {
        let (from, to) = (from as usize, from.saturating_add(length) as usize);
        bytes.get(from..to).unwrap_or_default()
    };
    let covered = |value: &Dictionary| {
        let array = value.get("ByteRange")?.as_array()?;
        let numbers: Vec<u64> = array.iter().filter_map(|n| u64::try_from(n.as_integer()?).ok()).collect();
        let [a, b, c, d] = numbers.try_into().ok()?;
        Some([part(a, b), part(c, d)].concat())
    };
    let fields = form.signature_fields(&view).unwrap_or_default();
    fields.iter().filter_map(|field| covered(field.value.as_ref()?.1.as_dictionary()?)).collect()
}

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// With which code it was refused.
    Refused(&'static str),
    NotValid,
    /// Valid, and rightly so.
    Valid,
    /// It carried no signature; it got one, which is valid.
    Signed,
}

/// Judges a damaged file; `Err` says what is wrong with how the product did.
fn judge(bytes: &Vec<u8>) -> Result<Became, String> {
    let limits = Limits::default();
    let _ = repair(bytes, Document::open(bytes, limits), &limits);
    let report = match verify(bytes) {
        Ok(report) => report,
        Err(error) => return Ok(Became::Refused(error.code())),
    };
    if report.signatures.is_empty() {
        return Ok(match signed(bytes, &request()) {
            Ok(file) => {
                let report = verify(&file).map_err(|e| format!("signed, and then not readable: {e}"))?;
                if report.verdict == Verdict::Invalid {
                    return Err(format!("signed, and then invalid: {:?}", report.signatures));
                }
                Became::Signed
            }
            Err(error) => Became::Refused(error.code()),
        });
    }
    let now = all_covered(bytes);
    let passed = report.signatures.iter().filter(|s| s.indication == Indication::TotalPassed).count();
    let untouched = now.iter().filter(|covered| seeds().covered.contains(covered)).count();
    if passed > untouched {
        return Err(format!("{passed} passed, but only {untouched} cover what was signed"));
    }
    if report.verdict != Verdict::Valid {
        return Ok(Became::NotValid);
    }
    // Whoever appends something must not make the last signature cover it.
    let whole = report.signatures.iter().filter(|s| s.coverage == Coverage::WholeFile);
    let is_whole_seed = |bytes: &[u8]| seeds().files.iter().any(|seed| seed.starts_with(bytes));
    let same_length = seeds().files.iter().any(|seed| seed.len() == bytes.len());
    if whole.count() > 0 && !same_length && !is_whole_seed(bytes.trim_ascii_end()) {
        return Err("valid and whole, though something was put in or taken out".into());
    }
    Ok(Became::Valid)
}

fn file_of(number: usize) -> Vec<u8> {
    let (seeds, mut random) = (&seeds().files, Random::of_case(number));
    let mut bytes = seeds[number % seeds.len()].clone();
    // Most keep their places and are torn less: else few would get past the cross-references.
    let keeps_places = random.below(4) > 0;
    let (kinds, times) = if keeps_places { (MILD, 1) } else { (KINDS, 3) };
    for _ in 0..=random.below(times) {
        let other = &seeds[random.below(seeds.len())];
        let was = bytes.clone();
        damage(&mut bytes, other, kinds, &mut random);
        if keeps_places {
            bytes = in_place(&was, &bytes);
        }
    }
    bytes
}

/// Nanoseconds this thread was on a processor; what other processes do costs nothing. Linux only.
fn on_processor() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Names the case when it panics.
struct Named(usize);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("panic in case {0} of seed {SEED:#x}: repeat with SIGN_MUTATION={0}", self.0);
        }
    }
}

fn run(number: usize) -> (Result<Became, String>, u64) {
    let bytes = file_of(number);
    let _named = Named(number);
    let before = on_processor();
    let became = judge(&bytes);
    (became, on_processor().saturating_sub(before))
}

#[test]
#[ignore = "run by the test below in a process of its own"]
fn in_a_process_of_its_own() {
    let Some(_) = child::asked_for() else { return };
    key();
    if let Some(number) = std::env::var("SIGN_MUTATION").ok().and_then(|number| number.parse().ok()) {
        let path = crate::workspace::root().join(format!("target/mutation-{number}.pdf"));
        std::fs::write(&path, file_of(number)).unwrap();
        println!("case {number} is {}", path.display());
        let (became, took) = run(number);
        became.unwrap();
        child::tell(&format!("one case, {} ms", took / 1_000_000));
        return;
    }
    for seed in &seeds().files {
        assert!(matches!(judge(seed), Ok(Became::Valid | Became::Signed)), "a seed itself");
    }
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let work = || {
        let mut mine = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= CASES {
                break;
            }
            mine.push((number, run(number)));
        }
        all.lock().unwrap().extend(mine);
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(work);
        }
    });
    let all = all.into_inner().unwrap();
    let mut wrong = Vec::new();
    for (number, (became, took)) in &all {
        match became {
            Err(why) => wrong.push(format!("case {number}: {why}")),
            Ok(_) if *took > LONGEST => wrong.push(format!("case {number} took {} ms", took / 1_000_000)),
            Ok(_) => {}
        }
    }
    assert!(wrong.is_empty(), "seed {SEED:#x}, repeat with SIGN_MUTATION=NUMBER:\n{}", wrong.join("\n"));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for became in all.iter().filter_map(|(_, (became, _))| became.as_ref().ok()) {
        *counts.entry(format!("{became:?}")).or_default() += 1;
    }
    let refused = all.iter().filter(|(_, (became, _))| matches!(became, Ok(Became::Refused(_)))).count();
    assert!(refused < CASES * 3 / 4, "most damage ends where reading begins: {counts:?}");
    let slowest = all.iter().map(|(_, (_, took))| took / 1_000_000).max().unwrap_or(0);
    child::tell(&format!("{} cases, slowest {slowest} ms: {counts:?}", all.len()));
}

#[test]
fn damage_of_twenty_thousand_kinds_is_never_valid_and_never_slow() {
    let told = child::run("mutations::in_a_process_of_its_own", "all");
    println!("{}; {} MiB at most", told.text, told.peak_kib >> 10);
    let one = std::env::var_os("SIGN_MUTATION").is_some();
    assert!(one || told.text.starts_with(&format!("{CASES} cases")), "{}", told.text);
    assert!(told.peak_kib < MOST_MEMORY_KIB, "{} KiB", told.peak_kib);
}
