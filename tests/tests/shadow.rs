//! The three shadow attacks (Mainka, Mladenov, Rohlmann 2021): a file is prepared so that, after it is signed,
//! a small update shows other content. Before signing `inspect` names what was prepared, `sign` warns and
//! `sign --strict` refuses; if the file was signed all the same, `verify` does not believe the update.

use std::ffi::OsStr;
use std::path::Path;

use crate::keys::{Keys, sign_cli};

/// One attack.
struct Attack {
    name: &'static str,
    /// Objects of the file before it is signed, and some that no cross-reference leads to.
    objects: Vec<(u32, String)>,
    hidden: Vec<(u32, String)>,
    /// Code of what was prepared.
    code: &'static str,
    /// What is appended after signing, made from the signed file.
    springs: fn(&[u8]) -> Vec<u8>,
}

fn stream(entries: &str, data: &str) -> String {
    format!("<<{entries}/Length {}>>stream\n{data}\nendstream", data.len())
}

const SIZE: u32 = 20;

/// A letter with the words `Pay 100 dong` and an image that is painted, if it is, by `content`.
fn letter(content: &str, page: &str, catalog: &str) -> Vec<(u32, String)> {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>{page}>>"
    );
    vec![
        (1, format!("<</Type/Catalog/Pages 2 0 R{catalog}>>")),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page),
        (4, stream("", content)),
        (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned()),
        (
            6,
            stream(
                "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
                "\u{7f}",
            ),
        ),
    ]
}

const WORDS: &str = "BT /F 20 Tf 50 100 Td (Pay 100 dong) Tj ET";

fn attacks() -> Vec<Attack> {
    let field = "<</FT/Tx/T(sum)/V(100)/Subtype/Widget/Rect[50 40 150 60]/P 3 0 R/AP<</N 8 0 R>>>>";
    let drawn = "/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F 5 0 R>>>>";
    let with = |mut objects: Vec<(u32, String)>, more: &[(u32, String)]| {
        objects.extend_from_slice(more);
        objects
    };
    vec![
        Attack {
            name: "hide",
            objects: letter(&format!("{WORDS} q 200 0 0 40 40 90 cm /X Do Q"), "", ""),
            hidden: vec![],
            code: "image_over_text",
            // The picture is freed: what it lay on comes to light.
            springs: |signed| update(signed, &[], &[(6, None)]),
        },
        Attack {
            name: "replace",
            objects: with(
                letter(WORDS, "/Annots[7 0 R]", "/AcroForm<</Fields[7 0 R]>>"),
                &[(7, field.to_owned()), (8, stream(drawn, "BT /F 9 Tf 2 5 Td (900) Tj ET"))],
            ),
            hidden: vec![],
            code: "field_value_differs",
            // The value was there all the time: only the drawing is taken away.
            springs: |signed| {
                let field = "<</FT/Tx/T(sum)/V(100)/Subtype/Widget/Rect[50 90 250 130]/P 3 0 R>>";
                update(signed, &[(7, field.to_owned())], &[])
            },
        },
        Attack {
            name: "hide and replace",
            objects: letter(WORDS, "", ""),
            hidden: vec![(4, stream("", "BT /F 20 Tf 50 100 Td (Pay 999 dong) Tj ET"))],
            code: "duplicate_object",
            // Nothing but a table: the other content is in the signed bytes already.
            springs: |signed| {
                let other = position(signed, b"4 0 obj", position(signed, b"endstream", 0));
                update(signed, &[], &[(4, Some(other))])
            },
        },
    ]
}

fn position(file: &[u8], what: &[u8], from: usize) -> usize {
    from + file[from..].windows(what.len()).position(|bytes| bytes == what).unwrap()
}

/// The file before it is signed.
fn prepared(attack: &Attack) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = vec![(0, None)];
    let listed = attack.objects.iter().map(|object| (object, true));
    for ((number, body), is_listed) in listed.chain(attack.hidden.iter().map(|object| (object, false))) {
        if is_listed {
            places.push((*number, Some(file.len())));
        }
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    table(&mut file, &places, "");
    file
}

/// The update that springs the trap: objects, and entries of the table for objects already there.
fn update(signed: &[u8], objects: &[(u32, String)], entries: &[(u32, Option<usize>)]) -> Vec<u8> {
    let tail = String::from_utf8_lossy(&signed[signed.len() - 40..]).into_owned();
    let previous: usize =
        tail.split("startxref").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    let mut file = signed.to_vec();
    let mut places = entries.to_vec();
    for (number, body) in objects {
        places.push((*number, Some(file.len())));
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    table(&mut file, &places, &format!("/Prev {previous}"));
    file
}

/// `None` is a free object.
fn table(file: &mut Vec<u8>, places: &[(u32, Option<usize>)], trailer: &str) {
    let start = file.len();
    file.extend(b"xref\n");
    for (number, offset) in places {
        let entry = match offset {
            Some(offset) => format!("{offset:010} 00000 n \n"),
            None => "0000000000 65535 f \n".to_owned(),
        };
        file.extend(format!("{number} 1\n{entry}").bytes());
    }
    file.extend(
        format!("trailer\n<</Size {SIZE}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
}

/// What `sign-cli` says.
struct Answer {
    json: serde_json::Value,
    warnings: String,
    status: i32,
}

fn ask(command: &str, file: &Path, more: &[&OsStr]) -> Answer {
    let output = sign_cli().args(["--json", command]).arg(file).args(more).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Answer {
        json: serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}")),
        warnings: String::from_utf8_lossy(&output.stderr).into_owned(),
        status: output.status.code().unwrap(),
    }
}

#[test]
fn shadow_attacks_are_named_before_signing_and_disbelieved_after() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::make(folder.path());
    for attack in attacks() {
        let name = attack.name;
        let file = folder.path().join(format!("{name}.pdf"));
        let signed = folder.path().join(format!("{name}-signed.pdf"));
        std::fs::write(&file, prepared(&attack)).unwrap();

        let inspected = ask("inspect", &file, &[]).json;
        let codes: Vec<&str> =
            inspected["scan"].as_array().unwrap().iter().filter_map(|risk| risk["code"].as_str()).collect();
        assert!(codes.contains(&attack.code), "{name}: {codes:?}");

        let options: [&OsStr; 6] = [
            "--key".as_ref(),
            keys.person.as_ref(),
            "--pin-file".as_ref(),
            keys.pin.as_ref(),
            "--out".as_ref(),
            signed.as_ref(),
        ];
        let refused = ask("sign", &file, &[&options[..], &["--strict".as_ref()]].concat());
        assert_eq!((refused.status, &refused.json["error"]["code"]), (2, &"risky_content".into()), "{name}");
        assert!(!signed.exists(), "{name}");
        let warned = ask("sign", &file, &options);
        let warning = format!("[{}]", attack.code);
        assert!(warned.status == 0 && warned.warnings.contains(&warning), "{name}: {}", warned.warnings);

        let trust: [&OsStr; 2] = ["--trust".as_ref(), keys.root.as_ref()];
        assert_eq!(ask("verify", &signed, &trust).json["verdict"], "valid", "{name}: not sprung yet");
        let sprung = (attack.springs)(&std::fs::read(&signed).unwrap());
        std::fs::write(&signed, sprung).unwrap();
        let report = ask("verify", &signed, &trust).json;
        let changes = &report["signatures"][0]["changes"];
        assert_eq!(
            (&report["verdict"], &changes["allowed"]),
            (&"invalid".into(), &false.into()),
            "{name}: {changes}"
        );
        let seen = ask("inspect", &signed, &["--diff".as_ref()]).json;
        assert!(seen["areas"].as_u64().is_some_and(|areas| areas > 0), "{name}: {seen}");
        if name == "hide and replace" {
            let page = &seen["pages"][0];
            assert_eq!(
                (&page["removed"][0], &page["added"][0]),
                (&"Pay 100 dong".into(), &"Pay 999 dong".into())
            );
        }
    }
}
