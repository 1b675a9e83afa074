//! The steps of the demonstration, in order, and how to take each by hand.

use super::{
    Letter,
    cast::{Cast, Member, PIN, text},
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sign_core::report::words::Lang;

const SIGNATURE: &[u8] = include_bytes!("../../../../fixtures/images/leader.png");
const SEAL: &[u8] = include_bytes!("../../../../fixtures/images/seal.png");

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after the command or the event it waits for")]
pub enum Step {
    Prepare,
    Draft,
    Freeze,
    Sign,
    Number,
    Seal,
    Issue,
    Dispatch,
    Arrive,
    Verify,
    Register,
    Reject,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 12] = [
        Self::Prepare,
        Self::Draft,
        Self::Freeze,
        Self::Sign,
        Self::Number,
        Self::Seal,
        Self::Issue,
        Self::Dispatch,
        Self::Arrive,
        Self::Verify,
        Self::Register,
        Self::Reject,
    ];

    /// Its word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Draft => "draft",
            Self::Freeze => "freeze",
            Self::Sign => "sign",
            Self::Number => "number",
            Self::Seal => "seal",
            Self::Issue => "issue",
            Self::Dispatch => "dispatch",
            Self::Arrive => "arrive",
            Self::Verify => "verify",
            Self::Register => "register",
            Self::Reject => "reject",
        }
    }

    /// From its word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// What happens, for people.
    pub(super) fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Prepare => {
                lang.pick("Hai cơ quan, chứng thư và khóa", "Two offices, certificates and keys")
            }
            Self::Draft => lang.pick("Chuyên viên trình dự thảo", "The drafter hands in the draft"),
            Self::Freeze => lang.pick(
                "Chốt nội dung, đặt ô số, ngày, chữ ký, dấu",
                "The text is final; fields for number, date, signature and seal",
            ),
            Self::Sign => lang.pick("Lãnh đạo ký số", "The leader signs"),
            Self::Number => lang.pick("Văn thư lấy số, ngày từ sổ", "The clerk takes number and date"),
            Self::Seal => {
                lang.pick("Văn thư điền số, ngày và ký số cơ quan", "The clerk fills them in and seals")
            }
            Self::Issue => {
                lang.pick("Phát hành, vào sổ văn bản đi", "Issued, in the register of outgoing documents")
            }
            Self::Dispatch => lang.pick("Gửi đi bằng edXML", "Dispatched as edXML"),
            Self::Arrive => lang.pick("Nơi nhận báo 01 Đã đến", "The recipient reports 01 arrived"),
            Self::Verify => {
                lang.pick("Nơi nhận kiểm tra các chữ ký", "The recipient verifies all signatures")
            }
            Self::Register => lang.pick("Vào sổ văn bản đến, báo 03", "Registered there, 03 comes back"),
            Self::Reject => {
                lang.pick("Văn bản thứ hai bị trả lại, báo 02", "A second letter is returned, 02 comes back")
            }
        }
    }
}

/// Where the walk is.
pub(super) struct Walk {
    pub(super) cast: Cast,
    letter: Letter,
    file: Vec<u8>,
    lang: Lang,
    /// The letter on the sender's server.
    pub(super) document: String,
    /// The letter on the recipient's server.
    pub(super) incoming: String,
    /// The recipient's verification report.
    pub(super) report: Value,
}

impl Walk {
    pub(super) fn new(cast: Cast, letter: Letter, file: Vec<u8>, lang: Lang) -> Self {
        let (document, incoming, report) = Default::default();
        Self { cast, letter, file, lang, document, incoming, report }
    }

    pub(super) fn into_cast(self) -> Cast {
        self.cast
    }

    /// Takes a step; what there is to say about it.
    pub(super) async fn take(&mut self, step: Step) -> anyhow::Result<Vec<String>> {
        match step {
            Step::Prepare => Ok(self.introduction()),
            Step::Draft => {
                self.document = self.draft("").await?;
                Ok(vec![format!("{} → {}", self.cast.drafter.name, self.document)])
            }
            Step::Freeze | Step::Sign | Step::Number | Step::Seal | Step::Issue | Step::Dispatch => {
                let after = self.outgoing(step, &self.document).await?;
                Ok(vec![self.outcome(step, &after)])
            }
            Step::Arrive => self.arrive().await,
            Step::Verify => self.verify().await,
            Step::Register => self.register().await,
            Step::Reject => self.reject().await,
        }
    }

    fn introduction(&self) -> Vec<String> {
        let office =
            |office: &super::Office| format!("{} {} {}", office.code, office.name, office.admin.base());
        vec![office(&self.cast.sender), office(&self.cast.recipient)]
    }

    /// Hands the letter in; `remark` tells two of them apart.
    async fn draft(&self, remark: &str) -> anyhow::Result<String> {
        let metadata = self.metadata(remark);
        let file = Part::bytes(self.file.clone()).file_name("van-ban.pdf");
        let form = Form::new().text("metadata", metadata.to_string()).part("file", file);
        text(&self.cast.drafter.client.post_form("/v1/documents", form).await?, "id")
    }

    fn metadata(&self, remark: &str) -> Value {
        json!({
            "kind": self.letter.kind,
            "subject": format!("{}{remark}", self.letter.subject),
            "drafting_unit": self.letter.unit,
            "recipients": [{ "organ": self.cast.recipient.code, "name": self.cast.recipient.name }],
            "places": ["Như trên", "Lưu: VT"],
            "signer": { "position": self.letter.signer_title, "full_name": self.letter.signer_name },
        })
    }

    /// Who takes a step of the sender's side, and the command.
    fn command(&self, step: Step) -> (&Member, Value) {
        let cast = &self.cast;
        match step {
            Step::Freeze => (&cast.drafter, json!({ "command": "freeze" })),
            Step::Sign => (&cast.leader, signing("sign", &cast.leader_key, SIGNATURE)),
            Step::Seal => (&cast.clerk, signing("seal", &cast.seal_key, SEAL)),
            other => (&cast.clerk, json!({ "command": other.name() })),
        }
    }

    async fn outgoing(&self, step: Step, document: &str) -> anyhow::Result<Value> {
        let (member, command) = self.command(step);
        member.client.post(&format!("/v1/documents/{document}/commands"), &command).await
    }

    fn outcome(&self, step: Step, after: &Value) -> String {
        let (member, _) = self.command(step);
        let number = after.get("number").filter(|number| !number.is_null());
        let code = number.map(|n| {
            let digits = n.get("number").and_then(Value::as_u64).unwrap_or_default();
            format!(", {digits:02}/{}", n.get("notation").and_then(Value::as_str).unwrap_or_default())
        });
        let state = after.get("state_name").and_then(Value::as_str).unwrap_or_default();
        format!("{} → {state}{}", member.name, code.unwrap_or_default())
    }

    async fn arrive(&mut self) -> anyhow::Result<Vec<String>> {
        self.incoming = self.newest_incoming(1).await?;
        self.status(&self.document, "01").await?;
        Ok(vec![format!("{} → {}", self.cast.recipient.name, self.incoming)])
    }

    /// Waits until the recipient has so many documents and answers the newest.
    async fn newest_incoming(&self, count: usize) -> anyhow::Result<String> {
        let found = |list: &Value| {
            let list = list.as_array().filter(|list| list.len() >= count)?;
            Some(list.first()?.get("id")?.as_str()?.to_owned())
        };
        self.cast.receiving_clerk.client.wait("/v1/documents?direction=incoming", found).await
    }

    /// Waits until the delivery of a document shows a status.
    async fn status(&self, document: &str, code: &str) -> anyhow::Result<()> {
        let path = format!("/v1/deliveries?document={document}");
        let reported = |list: &Value| {
            let statuses = list.get(0)?.get("statuses")?.as_array()?;
            statuses.iter().any(|s| s.get("status").and_then(Value::as_str) == Some(code)).then_some(())
        };
        self.cast.clerk.client.wait(&path, reported).await
    }

    async fn verify(&mut self) -> anyhow::Result<Vec<String>> {
        let client = &self.cast.receiving_clerk.client;
        let pdf = client.get_bytes(&format!("/v1/documents/{}/files/1", self.incoming)).await?;
        let form = Form::new().part("file", Part::bytes(pdf).file_name("van-ban.pdf"));
        self.report = client.post_form("/v1/verify", form).await?;
        let signatures = self.report.get("signatures").and_then(Value::as_array);
        let line = |signature: &Value| {
            let part = |path: &str| signature.pointer(path).and_then(Value::as_str).unwrap_or("-").to_owned();
            format!(
                "{}: {} ({}, {})",
                part("/field"),
                part("/indication"),
                part("/signer/name"),
                part("/coverage")
            )
        };
        let mut lines: Vec<String> = signatures.into_iter().flatten().map(line).collect();
        lines.push(format!("{} → {}", self.lang.pick("Kết luận", "Verdict"), text(&self.report, "verdict")?));
        Ok(lines)
    }

    async fn register(&self) -> anyhow::Result<Vec<String>> {
        let path = format!("/v1/documents/{}/commands", self.incoming);
        let command = json!({ "command": "register", "assigned_to": "Phòng Hành chính" });
        let after = self.cast.receiving_clerk.client.post(&path, &command).await?;
        self.status(&self.document, "03").await?;
        let number = after.get("number").and_then(Value::as_u64).context("no incoming number")?;
        let label = self.lang.pick("số đến", "incoming number");
        Ok(vec![format!("{} → {label} {number:02}", self.cast.receiving_clerk.name)])
    }

    /// The same letter once more, which the recipient has already.
    async fn reject(&self) -> anyhow::Result<Vec<String>> {
        let second = self.draft(" (gửi lần 2)").await?;
        for step in [Step::Freeze, Step::Sign, Step::Number, Step::Seal, Step::Issue, Step::Dispatch] {
            self.outgoing(step, &second).await?;
        }
        let incoming = self.newest_incoming(2).await?;
        let reason = "Trùng nội dung với văn bản đã đăng ký";
        let command = json!({ "command": "reject", "reason": reason });
        let path = format!("/v1/documents/{incoming}/commands");
        self.cast.receiving_clerk.client.post(&path, &command).await?;
        self.status(&second, "02").await?;
        Ok(vec![format!("{} → 02: {reason}", self.cast.receiving_clerk.name)])
    }

    /// The next step by hand.
    pub(super) fn how_to_go_on(&self, done: Step) -> String {
        let next = Step::ALL.iter().skip_while(|step| **step != done).nth(1).copied();
        let waiting = self.lang.pick(
            "Hai máy chủ vẫn chạy; Ctrl-C để dừng và xóa dữ liệu. Bước tiếp theo:",
            "Both servers keep running; Ctrl-C stops them and removes their data. The next step:",
        );
        let Some(next) = next else { return waiting.to_owned() };
        format!("{waiting}\n\n{}", self.by_hand(next))
    }

    fn by_hand(&self, step: Step) -> String {
        let cast = &self.cast;
        let curl = |member: &Member, rest: &str| {
            let (key, base) = (member.client.key(), member.client.base());
            format!("curl -H 'Authorization: Bearer {key}' {rest}").replace("BASE", base)
        };
        let command = |member: &Member, document: &str, body: &Value| {
            curl(member, &format!("-d '{body}' BASE/v1/documents/{document}/commands"))
        };
        match step {
            Step::Prepare | Step::Draft => {
                let metadata = self.metadata("");
                let form = format!("-F 'metadata={metadata}' -F file=@van-ban.pdf BASE/v1/documents");
                curl(&cast.drafter, &form)
            }
            Step::Sign => command(
                &cast.leader,
                &self.document,
                &json!({ "command": "sign", "key": cast.leader_key, "pin": PIN }),
            ),
            Step::Seal => command(
                &cast.clerk,
                &self.document,
                &json!({ "command": "seal", "key": cast.seal_key, "pin": PIN }),
            ),
            Step::Freeze => command(&cast.drafter, &self.document, &json!({ "command": "freeze" })),
            Step::Number | Step::Issue | Step::Dispatch => {
                command(&cast.clerk, &self.document, &json!({ "command": step.name() }))
            }
            Step::Arrive => curl(&cast.clerk, &format!("'BASE/v1/deliveries?document={}'", self.document)),
            Step::Verify => {
                let file = format!("-o van-ban.pdf BASE/v1/documents/{}/files/1", self.incoming);
                let verify = "--data-binary @van-ban.pdf BASE/v1/verify";
                format!("{}\n{}", curl(&cast.receiving_clerk, &file), curl(&cast.receiving_clerk, verify))
            }
            Step::Register => {
                command(&cast.receiving_clerk, &self.incoming, &json!({ "command": "register" }))
            }
            Step::Reject => {
                let body = json!({ "command": "reject", "reason": "…" });
                command(&cast.receiving_clerk, "DOCUMENT", &body)
            }
        }
    }
}

fn signing(command: &str, key: &str, image: &[u8]) -> Value {
    json!({ "command": command, "key": key, "pin": PIN, "image_png": STANDARD.encode(image) })
}
