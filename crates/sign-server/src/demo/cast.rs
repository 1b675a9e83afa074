//! Who takes part: two offices on two servers, their people, a test authority.

use super::{client::Client, config};
use crate::{
    app::offices::{self, NewOffice},
    serve::Server,
};
use anyhow::Context;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sign_core::{crypto::key::Pin, report::words::Lang};
use sign_io::pki::{Authority, Issued, KeyKind, Organisation, Person, Pkcs12Style, Validity};
use std::path::Path;

/// PIN of every key of the demonstration: they are worth nothing.
pub(super) const PIN: &str = "demo-1234";

/// A person with a way to their server.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) client: Client,
}

/// One office: its server and people.
pub(super) struct Office {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    server: Server,
    pub(super) admin: Client,
}

/// Everybody.
pub(super) struct Cast {
    pub(super) sender: Office,
    pub(super) recipient: Office,
    pub(super) drafter: Member,
    pub(super) leader: Member,
    pub(super) clerk: Member,
    pub(super) receiving_clerk: Member,
    /// Keys on the sender's server.
    pub(super) leader_key: String,
    pub(super) seal_key: String,
    authority: Authority,
}

const SENDER: Described =
    Described { code: "H40.01", name: "Sở Thông tin và Truyền thông", symbol: "STTTT" };
const RECIPIENT: Described =
    Described {
        code: "H40.02", name: "Văn phòng Ủy ban nhân dân tỉnh Nam Định", symbol: "VPUBND"
    };

struct Described {
    code: &'static str,
    name: &'static str,
    symbol: &'static str,
}

impl Cast {
    /// Starts both servers and brings everybody in.
    pub(super) async fn open(data: &Path, leader: &str, lang: Lang) -> anyhow::Result<Self> {
        let sender = Office::open(data, "sender", &SENDER, lang).await?;
        let recipient = Office::open(data, "recipient", &RECIPIENT, lang).await?;
        let authority = authority()?;
        let root = authority.root_pem()?;
        for office in [&sender, &recipient] {
            office.admin.post_bytes("/v1/trust-anchors", root.clone()).await?;
        }
        introduce(&sender, &recipient).await?;
        introduce(&recipient, &sender).await?;

        let drafter = sender.hire("Trần Thị B", "Chuyên viên", "drafter").await?;
        let leader = sender.hire(leader, "Lãnh đạo", "leader").await?;
        let clerk = sender.hire("Lê Văn C", "Văn thư", "clerk").await?;
        let receiving_clerk = recipient.hire("Phạm Thị D", "Văn thư", "clerk").await?;

        let leader_key = give_key(&leader, "person", &leader_certificate(&authority, &leader.name)?).await?;
        let seal_key = give_key(&clerk, "organisation", &seal_certificate(&authority)?).await?;
        Ok(Self {
            sender,
            recipient,
            drafter,
            leader,
            clerk,
            receiving_clerk,
            leader_key,
            seal_key,
            authority,
        })
    }

    /// The authority to trust, PEM.
    pub(super) fn root_pem(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.authority.root_pem()?)
    }

    /// Stops both servers.
    pub(super) async fn close(self) {
        self.sender.server.stop().await;
        self.recipient.server.stop().await;
    }
}

impl Office {
    async fn open(data: &Path, folder: &str, described: &Described, lang: Lang) -> anyhow::Result<Self> {
        let data = data.join(folder);
        let new = NewOffice {
            code: described.code.to_owned(),
            name: described.name.to_owned(),
            symbol: described.symbol.to_owned(),
            place: "Nam Định".to_owned(),
        };
        // What `sign-server init` does: the operator's own step before there is anybody to ask.
        let begun = data.clone();
        let made = tokio::task::spawn_blocking(move || offices::begin(&begun, new)).await??;
        let server = Server::start(config(data)).await?;
        let language = lang.pick("vi", "en");
        let admin = Client::new(server.address, made.api_key.expose(), language)?;
        Ok(Self { name: described.name, code: described.code, server, admin })
    }

    /// Adds a person with one role and gives them an API key.
    async fn hire(&self, name: &str, title: &str, role: &str) -> anyhow::Result<Member> {
        let person = json!({ "full_name": name, "title": title, "roles": [role] });
        let person = self.admin.post("/v1/people", &person).await?;
        let key = json!({ "for": "person", "person": text(&person, "id")? });
        let key = self.admin.post("/v1/api-keys", &key).await?;
        Ok(Member { name: name.to_owned(), client: self.admin.with_key(&text(&key, "api_key")?) })
    }
}

/// `to` gives `from` a key, and `from` writes address and key into its directory.
async fn introduce(from: &Office, to: &Office) -> anyhow::Result<()> {
    let key = json!({ "for": "peer", "organisation": from.code });
    let key = to.admin.post("/v1/api-keys", &key).await?;
    let partner = json!({
        "id": to.code,
        "name": to.name,
        "exchange_url": to.admin.base(),
        "peer_api_key": text(&key, "api_key")?,
    });
    from.admin.post("/v1/organisations", &partner).await?;
    Ok(())
}

fn authority() -> anyhow::Result<Authority> {
    Ok(Authority::create("Sign Demo", validity())?)
}

/// From an hour ago, so that no clock is too early, for five years.
fn validity() -> Validity {
    Validity::years(sign_io::clock::now().plus_seconds(-3600), 5)
}

fn leader_certificate(authority: &Authority, name: &str) -> anyhow::Result<Issued> {
    let person = Person {
        full_name: name,
        title: "Lãnh đạo",
        organisation: SENDER.name,
        email: "lanhdao@example.gov.vn",
    };
    Ok(authority.issue_person(&person, KeyKind::P256, validity())?)
}

fn seal_certificate(authority: &Authority) -> anyhow::Result<Issued> {
    let parent = Some("Ủy ban nhân dân tỉnh Nam Định");
    let organisation = Organisation { name: SENDER.name, organ_id: SENDER.code, parent };
    Ok(authority.issue_organisation(&organisation, KeyKind::Rsa3072, validity())?)
}

/// Uploads a PKCS#12 file as its holder would.
async fn give_key(member: &Member, holder: &str, issued: &Issued) -> anyhow::Result<String> {
    let file = issued.pkcs12(&Pin::new(PIN), Pkcs12Style::Modern)?;
    let form = Form::new().part("file", Part::bytes(file).file_name("key.p12")).text("pin", PIN);
    let key = member.client.post_form(&format!("/v1/keys?holder={holder}"), form).await?;
    text(&key, "id")
}

/// A text of a JSON object.
pub(super) fn text(object: &Value, key: &str) -> anyhow::Result<String> {
    let found = object.get(key).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("{key} is missing in {object}"))
}
