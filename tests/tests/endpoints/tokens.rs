//! A seal that stays in a token: registered by its address, used with the PIN of each command.

use super::{
    office::{Office, Staffed, authority, begin, years},
    process::{address, start_as},
};
use crate::{
    softhsm::{Asks, MODULE, PIN, Token},
    workspace::binary,
};
use serde_json::json;
use std::process::Command;

#[tokio::test]
async fn a_letter_is_sealed_with_a_key_that_stays_in_a_token() {
    const NAME: &str = "Sở Thông tin và Truyền thông";
    let authority = authority();
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (path, log) = (data.path().to_owned(), folder.path().join("log"));
    let admin = begin(&path, "H40.01", NAME);

    let organisation = sign_io::pki::Organisation { name: NAME, organ_id: "H40.01", parent: None };
    let kind = sign_io::pki::KeyKind::Rsa2048;
    let issued = authority.issue_organisation(&organisation, kind, years(5)).unwrap();
    let pem = folder.path().join("seal.pem");
    std::fs::write(&pem, issued.pem().unwrap()).unwrap();
    let Some(token) = Token::make(folder.path(), &[(1, &pem, Asks::Once)]) else { return };

    let mut command = Command::new(binary("sign-server"));
    command.args(["--pkcs11-module", MODULE]).env("SOFTHSM2_CONF", token.settings());
    let _running = start_as(command, &path, &log);
    let office = Office::at(data, address(&log).await, admin, "H40.01", NAME);
    let staffed = Staffed::fill(office, &authority).await;
    let (office, clerk) = (&staffed.office, &staffed.clerk);

    let register = async |uri: &str, pin: &str, holder: &str, key: &str| {
        let body = json!({ "kind": "pkcs11", "uri": uri, "pin": pin });
        office.post(&format!("/v1/keys?holder={holder}"), key, &body).await
    };
    let uri = "pkcs11:token=Office;id=%01";
    for (uri, code) in [
        ("pkcs11:token=Office;id=%01?module-path=/lib/x86_64-linux-gnu/libc.so.6", "module_not_allowed"),
        ("pkcs11:token=Office?pin-source=/etc/passwd", "bad_key_uri"),
        ("pkcs11:token=Elsewhere", "token_not_found"),
        ("pkcs11:token=Office;id=%07", "key_not_found"),
    ] {
        register(uri, PIN, "organisation", clerk).await.refused(422, code);
    }
    register(uri, "00000000", "organisation", clerk).await.refused(422, "wrong_pin");
    register(uri, PIN, "organisation", &staffed.leader).await.refused(403, "role_missing");
    register(uri, PIN, "person", clerk).await.refused(422, "wrong_key_class");
    let key = register(uri, PIN, "organisation", clerk).await.ok();
    assert_eq!(key.json()["kind"], "pkcs11");
    let key = key.text("id");

    let document = staffed.draft().await;
    staffed.steps(&document, &["freeze", "sign", "number"]).await;
    let seal_with = async |pin: &str| {
        let body = json!({ "command": "seal", "key": key, "pin": pin });
        office.command(&document, clerk, body).await
    };
    seal_with("00000000").await.refused(422, "wrong_pin");
    let sealed = seal_with(PIN).await.ok();
    assert_eq!(sealed.json()["state_name"], "sealed", "{}", sealed.json());
    let shown = String::from_utf8(office.get("/v1/keys", clerk).await.ok().body).unwrap();
    assert!(shown.contains(&key) && !shown.contains(PIN), "{shown}");
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(!logged.contains(PIN), "the PIN is in the log");
}
