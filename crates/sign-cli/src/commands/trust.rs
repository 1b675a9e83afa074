//! `trust`: the folder of authorities that `verify --trust` reads, and the hashes by which they are known.

use crate::Outcome;
use crate::args::{PinsArgs, TrustCommand, TrustImportArgs};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};
use sign_core::report::words::{Lang, ca_class, printable};
use sign_core::time::{Time, VIETNAM};
use sign_core::trust::CaClass;
use sign_core::trust::pins::Pins;
use sign_io::clock;
use sign_io::trust::folder::{self, Examined, Problem};

pub(crate) fn run(command: &TrustCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        TrustCommand::Check(args) => {
            let (pins, at) = by(&args.by)?;
            let found = folder::examine(&args.files, &pins, at)?;
            show(&found, output);
            Ok(outcome(&found, |_, _| false))
        }
        TrustCommand::Import(args) => import(args, output),
        TrustCommand::List(args) => {
            let (pins, at) = by(&args.by)?;
            let found = folder::list(&args.folder, &pins, at)?;
            show(&found, output);
            // The operator chose it; but nobody is of the public service by choice.
            Ok(outcome(&found, |one, problem| {
                *problem == Problem::NotPinned && one.ca_class != CaClass::PublicService
            }))
        }
        TrustCommand::Remove { folder, sha256 } => {
            let file = folder::remove(folder, sha256)?;
            output.result(&json!({ "schema": SCHEMA, "removed": file }), |lang| {
                format!("{} {}", lang.pick("Đã xoá", "Removed"), file.display())
            });
            Ok(Outcome::Good)
        }
        TrustCommand::Pins => {
            let pins = Pins::published();
            output.result(&pins, |_| folder::pins_to_toml(&pins));
            Ok(Outcome::Good)
        }
    }
}

fn by(args: &PinsArgs) -> Result<(Pins, Time), Failure> {
    let pins = match &args.pins {
        Some(file) => folder::load_pins(file)?,
        None => Pins::published(),
    };
    Ok((pins, args.at.unwrap_or_else(clock::now)))
}

fn import(args: &TrustImportArgs, output: &Output) -> Result<Outcome, Failure> {
    let (pins, at) = by(&args.by)?;
    let imported = folder::import(&args.files, &args.to, args.class, &pins, at)?;
    let certificates: Vec<Value> = imported
        .iter()
        .map(|one| {
            let mut value = facts(&one.examined);
            if let Some(object) = value.as_object_mut() {
                object.insert("out".into(), json!(one.path));
            }
            value
        })
        .collect();
    output.result(&json!({ "schema": SCHEMA, "certificates": certificates }), |lang| {
        let made = lang.pick("Đã lưu", "Put into");
        let line =
            |one: &folder::Imported| format!("{made} {}\n{}", one.path.display(), words(&one.examined, lang));
        imported.iter().map(line).collect()
    });
    Ok(Outcome::Good)
}

const SCHEMA: &str = "sign.trust/1";

fn show(found: &[Examined], output: &Output) {
    let certificates: Vec<Value> = found.iter().map(facts).collect();
    output.result(&json!({ "schema": SCHEMA, "certificates": certificates }), |lang| {
        found.iter().map(|one| format!("{}\n{}", one.file.display(), words(one, lang))).collect()
    });
}

fn outcome(found: &[Examined], passed_over: impl Fn(&Examined, &Problem) -> bool) -> Outcome {
    let clean = found.iter().all(|one| one.problems.iter().all(|problem| passed_over(one, problem)));
    if clean { Outcome::Good } else { Outcome::NotValid }
}

fn facts(one: &Examined) -> Value {
    let certificate = &one.certificate;
    json!({
        "file": one.file,
        "subject": certificate.subject().to_string(),
        "issuer": certificate.issuer().to_string(),
        "sha256": certificate.sha256_hex(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "self_signed": certificate.is_self_signed(),
        "ca_class": one.ca_class,
        "pinned": one.pinned,
        "issued_by": one.issued_by.as_ref().map(|pin| &pin.name),
        "problems": one.problems.iter().map(Problem::code).collect::<Vec<_>>(),
    })
}

fn words(one: &Examined, lang: Lang) -> String {
    let certificate = &one.certificate;
    let [issuer, hash, valid, class] =
        lang.pick(["nơi cấp", "SHA-256", "hiệu lực", "loại"], ["issuer", "SHA-256", "valid", "class"]);
    let by = match certificate.is_self_signed() {
        true => lang.pick("tự ký (chứng thư số gốc)", "itself (a root)").to_owned(),
        false => printable(&certificate.issuer().to_string()),
    };
    let [from, until] =
        [certificate.not_before(), certificate.not_after()].map(|time| time.in_offset(VIETNAM));
    let mut text = format!(
        "  {}\n    {issuer}: {by}\n    {hash}: {}\n    {valid}: {from} – {until}\n    {class}: {} ({})\n",
        printable(&certificate.subject().to_string()),
        certificate.sha256_hex(),
        one.ca_class.word(),
        ca_class(one.ca_class, lang),
    );
    if let Some(pin) = &one.pinned {
        let known = lang.pick("đúng mã băm đã biết của", "has the known hash of");
        let [compare, years] = lang.pick(["nguồn", "năm công bố"], ["source", "published years"]);
        let [first, last] = pin.years;
        text += &format!(
            "    ✓ {known} {} ({compare}: {}; {years}: {first}–{last})\n",
            printable(&pin.name),
            printable(&pin.source)
        );
    }
    if let Some(pin) = &one.issued_by {
        let issued = lang.pick("do nơi đã biết mã băm cấp:", "issued by one whose hash is known:");
        text += &format!("    ✓ {issued} {}\n", printable(&pin.name));
    }
    for problem in &one.problems {
        let mark = if problem.forbids_trust() { "✗" } else { "!" };
        text += &format!("    {mark} {}\n", problem_words(problem, lang));
    }
    text
}

fn problem_words(problem: &Problem, lang: Lang) -> String {
    match problem {
        Problem::ClaimsPinnedName(name) => {
            let name = printable(name);
            lang.pick(
                format!("MANG TÊN của cơ quan đã biết ({name}) NHƯNG MÃ BĂM KHÁC: không được tin cậy"),
                format!("BEARS THE NAME of a known authority ({name}) BUT HAS ANOTHER HASH: not to be trusted"),
            )
        }
        Problem::NotPinned => lang
            .pick(
                "không có trong danh sách mã băm: đối chiếu SHA-256 qua điện thoại với nơi cấp trước khi dùng",
                "no known hash: compare the SHA-256 with the authority by telephone before you use it",
            )
            .to_owned(),
        Problem::NotAnAuthority => lang
            .pick("không phải chứng thư số của nơi cấp", "not the certificate of an authority")
            .to_owned(),
        Problem::WrongSelfSignature => lang
            .pick("tự nhận là gốc nhưng chữ ký của nó sai", "says it is a root, but its own signature is wrong")
            .to_owned(),
        Problem::Expired => {
            lang.pick("đã hết hạn; chỉ còn dùng cho văn bản cũ", "expired; of use for old documents only").to_owned()
        }
        Problem::NotYetValid => lang.pick("chưa có hiệu lực", "not valid yet").to_owned(),
    }
}
