//! Documents that another program encrypted (fixtures/pdf/plain/encrypted-*.pdf, made by qpdf), and
//! dictionaries that nobody should have written.

use super::super::fixture::FileBuilder;
use super::super::{Object, ObjectId, StreamData, Update};
use super::*;
use crate::crypto::document::open;
use std::rc::Rc;

/// File, user password, owner password.
const FILES: [(&str, &[u8], &str, &str); 6] = [
    ("rc4-40", include_bytes!("../../../../../fixtures/pdf/plain/encrypted-rc4-40.pdf"), "", "chu"),
    ("rc4-128", include_bytes!("../../../../../fixtures/pdf/plain/encrypted-rc4-128.pdf"), "", "chu"),
    (
        "aes-128",
        include_bytes!("../../../../../fixtures/pdf/plain/encrypted-aes-128.pdf"),
        "nguoi doc",
        "chu",
    ),
    (
        "aes-256-r5",
        include_bytes!("../../../../../fixtures/pdf/plain/encrypted-aes-256-r5.pdf"),
        "người đọc",
        "chủ",
    ),
    (
        "aes-256",
        include_bytes!("../../../../../fixtures/pdf/plain/encrypted-aes-256.pdf"),
        "người đọc",
        "chủ",
    ),
    ("restricted", include_bytes!("../../../../../fixtures/pdf/plain/encrypted-restricted.pdf"), "", "chủ"),
];

fn access(password: &Password) -> Access<'_> {
    Access { limits: Limits::default(), password: Some(password) }
}

/// The words of the page and the metadata, both from streams, and a string of the information
/// dictionary.
fn contents(document: &Document<'_>) -> (Vec<u8>, Vec<u8>, String) {
    let view = document.latest();
    let page = view.pages().unwrap().remove(0);
    let stream = |object: Rc<Object>| view.stream_data(object.as_stream().unwrap()).unwrap();
    let (_, catalog) = view.catalog().unwrap();
    let metadata = view.get(catalog.as_dictionary().unwrap(), "Metadata").unwrap();
    let information = view.get(view.trailer(), "Info").unwrap();
    let title = information.as_dictionary().unwrap().get("Title").unwrap().clone();
    let page = view.get(&page.dictionary, "Contents").unwrap();
    (stream(page), stream(metadata), title.as_string().unwrap().to_text())
}

#[test]
fn both_passwords_open_what_another_program_encrypted() {
    let plain = include_bytes!("../../../../../fixtures/pdf/plain/cong-van.pdf").to_vec();
    let plain = Document::open(&plain, Limits::default()).unwrap();
    let expected = contents(&plain);
    for (name, bytes, user, owner) in FILES {
        let bytes = bytes.to_vec();
        for (password, opened_as) in [(user, OpenedAs::User), (owner, OpenedAs::Owner)] {
            let document = open(&bytes, access(&Password::from(password))).unwrap();
            assert_eq!(document.encryption().unwrap().opened_as, opened_as, "{name} {password}");
            let found = contents(&document);
            assert_eq!(found.2, expected.2, "{name} {password}");
            assert!(found.0 == expected.0 && found.1 == expected.1, "{name} {password}: streams differ");
            assert_eq!(document.findings(), [], "{name}");
        }
    }
}

#[test]
fn a_missing_password_is_told_from_a_wrong_one() {
    for (name, bytes, user, _) in FILES {
        let bytes = bytes.to_vec();
        let without = open(&bytes, &Limits::default()).map(|_| ());
        let wrong = open(&bytes, access(&Password::from("sai"))).map(|_| ());
        if user.is_empty() {
            // Every reader tries the empty password first.
            assert_eq!((without, wrong), (Ok(()), Ok(())), "{name}");
        } else {
            assert_eq!(
                (without, wrong),
                (Err(PdfError::PasswordNeeded), Err(PdfError::WrongPassword)),
                "{name}"
            );
        }
    }
}

#[test]
fn an_update_is_encrypted_and_read_back() {
    for (name, bytes, user, _) in FILES {
        let (mut bytes, password) = (bytes.to_vec(), Password::from(user));
        let document = open(&bytes, access(&password)).unwrap();
        let mut update = Update::new(&document).unwrap();
        let (string, stream, copy, value) =
            (update.allocate(), update.allocate(), update.allocate(), update.allocate());
        update.set(string, vec![Object::text("bí mật one"), Object::text("")]);
        update.set(stream, super::super::Stream::new(Dictionary::new(), b"secret two".to_vec()));
        let page = document.latest().pages().unwrap().remove(0);
        let original = document.latest().get(&page.dictionary, "Contents").unwrap();
        update.set(copy, original.as_ref().clone());
        update.set_signature(value, Dictionary::new().with("Reason", Object::text("secret three")), 8);
        let appended = update.finish().unwrap();
        for plain in ["secret two", "secret three"] {
            assert!(!appended.bytes.windows(plain.len()).any(|w| w == plain.as_bytes()), "{name}: {plain}");
        }
        let hole = appended.hole.unwrap();
        assert_eq!(appended.bytes[hole.contents], *b"<0000000000000000>", "{name}");

        let data = document.latest().stream_data(original.as_stream().unwrap()).unwrap();
        let trailer = document.latest().trailer().clone();
        bytes.extend(appended.bytes);
        let document = open(&bytes, access(&password)).unwrap();
        let view = document.latest();
        let read = |id: ObjectId| view.object(id).unwrap();
        let texts: Vec<_> =
            read(string).as_array().unwrap().iter().map(|s| s.as_string().unwrap().to_text()).collect();
        assert_eq!(texts, ["bí mật one", ""], "{name}");
        assert_eq!(view.stream_data(read(stream).as_stream().unwrap()).unwrap(), b"secret two", "{name}");
        assert_eq!(
            view.stream_data(read(copy).as_stream().unwrap()).unwrap(),
            data,
            "{name}: under another number"
        );
        let signature = read(value);
        let signature = signature.as_dictionary().unwrap();
        assert_eq!(signature.get("Reason").unwrap().as_string().unwrap().to_text(), "secret three");
        assert_eq!(signature.get("Contents").unwrap().as_string().unwrap().bytes, [0; 8], "{name}");
        assert_eq!(view.trailer().get("Encrypt"), trailer.get("Encrypt"));
        let first = |trailer: &Dictionary| trailer.get("ID").unwrap().as_array().unwrap()[0].clone();
        assert_eq!(first(view.trailer()), first(&trailer), "{name}: the key depends on it");
        assert_eq!(document.findings(), [], "{name}");
    }
}

/// The error code of opening a page with this `/Encrypt`.
fn code(encrypt: &str) -> &'static str {
    let file = FileBuilder::new().with_a_page().table(&format!("/Encrypt {encrypt}"));
    open(&file.bytes, &Limits::default()).map(|_| ()).unwrap_err().code()
}

#[test]
fn says_why_an_encryption_dictionary_cannot_be_used() {
    let (o32, s48, s32) = ("O".repeat(32), "S".repeat(48), "s".repeat(32));
    let keys = format!("/O({o32})/U({o32})/P -4");
    let long = format!("/O({s48})/U({s48})/OE({s32})/UE({s32})/Perms({})/P -4", "p".repeat(16));
    let cases = [
        (format!("<</Filter/Standard/V 2/R 3/Length 128{keys}>>"), "password_needed", "a usual one"),
        ("<</Filter/Adobe.PubSec/V 4>>".into(), "unsupported_encryption", "for certificates"),
        ("<</V 2/R 3>>".into(), "malformed_pdf", "no handler"),
        ("7 0 R".into(), "malformed_pdf", "an object that is not there"),
        ("(text)".into(), "malformed_pdf", "no dictionary"),
        ("<</Filter/Standard/V 2/R 3/Length 128/P -4>>".into(), "malformed_pdf", "no /O and /U"),
        (format!("<</Filter/Standard/V 2/R 3/O({o32})/U(u)/P -4>>"), "malformed_pdf", "a short /U"),
        (format!("<</Filter/Standard/V 2/R 3/Length 99999999{keys}>>"), "malformed_pdf", "a huge key"),
        (format!("<</Filter/Standard/V 2/R 3/Length -8{keys}>>"), "malformed_pdf", "a negative key"),
        (format!("<</Filter/Standard/V 2/R 3/Length 41{keys}>>"), "malformed_pdf", "not whole bytes"),
        (
            format!("<</Filter/Standard/V 2/R 3/O({o32})/U({o32})/P 99999999999>>"),
            "malformed_pdf",
            "/P beyond 32 bits",
        ),
        (format!("<</Filter/Standard/V 3/R 3{keys}>>"), "unsupported_encryption", "an unpublished algorithm"),
        (format!("<</Filter/Standard/V 6/R 7{keys}>>"), "unsupported_encryption", "a version yet to come"),
        (
            format!("<</Filter/Standard/V 4/R 4{keys}/CF<</A<</CFM/None>>>>/StmF/A>>"),
            "unsupported_encryption",
            "a method unknown",
        ),
        (format!("<</Filter/Standard/V 4/R 4{keys}/StmF/A>>"), "malformed_pdf", "a filter that is not there"),
        (
            format!("<</Filter/Standard/V 4/R 4{keys}/CF<</A<</CFM/AESV3>>>>/StmF/A>>"),
            "unsupported_encryption",
            "a key too short for it",
        ),
        (format!("<</Filter/Standard/V 5/R 6{long}>>"), "password_needed", "everything there"),
        (format!("<</Filter/Standard/V 5/R 6{keys}>>"), "malformed_pdf", "revision 6 with the strings of 3"),
    ];
    for (encrypt, expected, why) in cases {
        assert_eq!(code(&encrypt), expected, "{why}");
    }
}

#[test]
fn encryption_may_not_change_from_one_revision_to_the_next() {
    let encrypt = format!("/Encrypt<</Filter/Standard/V 1/R 2/O({0})/U({0})/P -4>>", "x".repeat(32));
    let begun = FileBuilder::new().with_a_page().table("").object(4, "1").table(&encrypt);
    let ended = FileBuilder::new().with_a_page().table(&encrypt).object(4, "1").table("");
    let dictionary = encrypt.strip_prefix("/Encrypt").unwrap();
    let replaced = FileBuilder::new().with_a_page().object(5, dictionary).table("/Encrypt 5 0 R");
    let replaced = replaced.object(5, dictionary).table("/Encrypt 5 0 R");
    for file in [begun, ended, replaced] {
        let error = open(&file.bytes, &Limits::default()).map(|_| ()).unwrap_err();
        assert!(matches!(error, PdfError::Malformed { .. } | PdfError::WrongType { .. }), "{error}");
    }
}

#[test]
fn damaged_data_is_an_error_and_never_a_panic() {
    let original = FILES.iter().find(|file| file.0 == "aes-256").unwrap().1;
    let password = Password::from("chủ");
    // One byte spoiled at a time, every 1,999th: the key derivation costs.
    for at in (0..original.len()).step_by(1999) {
        let mut bytes = original.to_vec();
        bytes[at] ^= 0x55;
        let Ok(document) = open(&bytes, access(&password)) else { continue };
        let view = document.latest();
        for id in view.object_ids() {
            let Ok(object) = view.object(id) else { continue };
            if let Some(stream) = object.as_stream() {
                let _ = view.stream_data(stream);
            }
        }
    }
}

#[test]
fn data_that_is_no_whole_blocks_is_malformed() {
    let bytes = FILES[4].1.to_vec();
    let document = open(&bytes, access(&Password::from(FILES[4].2))).unwrap();
    let crypt = document.crypt().unwrap();
    let id = ObjectId::new(9, 0);
    for data in [&[1u8; 5][..], &[1; 16], &[1; 40]] {
        let opened = crypt.open_stream(id, &Dictionary::new(), &[], data, 7);
        assert_eq!(
            opened,
            Err(PdfError::Malformed { at: 7, what: "encrypted data" }),
            "{} bytes",
            data.len()
        );
    }
    assert_eq!(crypt.open_stream(id, &Dictionary::new(), &[], &[], 7), Ok(Vec::new()), "nothing is nothing");
}

#[test]
fn streams_say_which_filter_encrypts_them() {
    let bytes = FILES[4].1.to_vec();
    let document = open(&bytes, access(&Password::from(FILES[4].2))).unwrap();
    let mut update = Update::new(&document).unwrap();
    let id = update.allocate();
    let dictionary = Dictionary::new().with("Filter", vec![Object::name("Crypt")]);
    update.set(id, super::super::Stream::new(dictionary, b"left plain".to_vec()));
    let appended = update.finish().unwrap().bytes;
    assert!(appended.windows(10).any(|window| window == b"left plain"), "7.4.10: Identity without a name");
    let after = [bytes.as_slice(), &appended].concat();
    let document = open(&after, access(&Password::from(FILES[4].2))).unwrap();
    let stream = document.latest().object(id).unwrap();
    let stream = stream.as_stream().unwrap();
    assert!(matches!(stream.data, StreamData::Encrypted { .. }));
    assert_eq!(document.latest().stream_data(stream).unwrap(), b"left plain");
}
