//! Round trips, golden files, and packages that mean harm.

use super::*;
use crate::date::{Date, Instant};
use crate::document::{Priority, ResponseFor, SignerTitle};
use crate::exchange::message::{
    Attachment, Business, BusinessKind, DocumentHeader, Message, Party, Staff, StatusMessage, Trace, TypeText,
};
use crate::exchange::status::StatusCode;
use crate::organ::Contact;

const DOCUMENT: &[u8] = include_bytes!("../../../../../fixtures/edxml/document.edxml");
const STATUS: &[u8] = include_bytes!("../../../../../fixtures/edxml/status-02.edxml");

const PEER: &[u8] = include_bytes!("../../../../../fixtures/edxml/by-hand.edxml");

fn at() -> Instant {
    Instant::from_edxml("2024/02/05 09:57:10").unwrap()
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n".to_vec()
}

fn party(organ: &str, name: &str) -> Party {
    let contact = Contact {
        address: Some("Nam Định".to_owned()),
        email: Some("vanthu@example.invalid".to_owned()),
        telephone: Some("0228000000".to_owned()),
        ..Contact::default()
    };
    let in_charge = "UBND tỉnh Nam Định".to_owned();
    Party { organ: organ.parse().unwrap(), in_charge, name: name.to_owned(), contact }
}

fn staff(name: &str) -> Staff {
    Staff {
        department: "Văn thư".to_owned(),
        name: name.to_owned(),
        email: "b@example.invalid".to_owned(),
        mobile: "0900000000".to_owned(),
    }
}

fn answered(code: &str) -> ResponseFor {
    ResponseFor {
        organ: "H40.02".parse().unwrap(),
        code: code.to_owned(),
        document_id: format!("H40.02,2024/01/20,{code}"),
        date: Date::new(2024, 1, 20),
    }
}

fn document_header() -> DocumentHeader {
    DocumentHeader {
        document_id: "H40.01,2024/02/05,15/STTTT-CNTT".to_owned(),
        number: "15".to_owned(),
        notation: "STTTT-CNTT".to_owned(),
        place: "Nam Định".to_owned(),
        date: Date::new(2024, 2, 5),
        kind: TypeText { group: "2".to_owned(), detail: "18".to_owned(), name: "Công văn".to_owned() },
        subject: "V/v triển khai chữ ký số <khẩn> & \"an toàn\"".to_owned(),
        content: "Dòng một\nDòng hai".to_owned(),
        signer: SignerTitle {
            competence: "KT. GIÁM ĐỐC".to_owned(),
            position: "PHÓ GIÁM ĐỐC".to_owned(),
            full_name: "Nguyễn Văn A".to_owned(),
        },
        due_date: Date::new(2024, 2, 20),
        places: vec!["Như trên".to_owned(), "Lưu: VT, CNTT".to_owned()],
        priority: Priority::Urgent,
        sphere: "Nội bộ".to_owned(),
        typist: "NVA".to_owned(),
        copies: Some(1),
        pages: Some(2),
        appendixes: vec!["Phụ lục 1.pdf".to_owned()],
        response_for: vec![answered("7/SNV-VP"), answered("8/SNV-VP")],
        steering: "0".to_owned(),
    }
}

fn document() -> Message {
    let file = |n: u8, name: &str, description: &str| Attachment {
        content_id: format!("cid:f{n}"),
        name: name.to_owned(),
        description: description.to_owned(),
        content_type: "application/pdf".to_owned(),
        bytes: pdf(),
    };
    Message {
        id: Some("018d76f2-0c5e-7000-8000-000000000001".parse().unwrap()),
        from: party("H40.01", "Sở Thông tin và Truyền thông"),
        to: vec![party("H40.02", "Sở Nội vụ"), party("000.00.03.H40", "Sở Y tế")],
        header: document_header(),
        business: Business {
            kind: BusinessKind::New,
            reason: "Văn bản điện tử mới".to_owned(),
            paper: "0".to_owned(),
            staff: staff("Trần Thị B"),
            document_id: String::new(),
        },
        traces: vec![Trace { organ: "H40.01".parse().unwrap(), at: at() }],
        attachments: vec![file(1, "15_STTTT-CNTT.pdf", "Văn bản chính"), file(2, "Phụ lục 1.pdf", "Phụ lục")],
    }
}

fn status() -> StatusMessage {
    StatusMessage {
        from: party("H40.02", "Sở Nội vụ"),
        response_for: ResponseFor {
            organ: "H40.01".parse().unwrap(),
            code: "15/STTTT-CNTT".to_owned(),
            document_id: "H40.01,2024/02/05,15/STTTT-CNTT".to_owned(),
            date: Date::new(2024, 2, 5),
        },
        staff: staff("Lê Thị C"),
        status: StatusCode::Rejected,
        description: "Gửi nhầm đơn vị; không thuộc thẩm quyền".to_owned(),
        at: at(),
    }
}

fn read_default(bytes: &[u8]) -> Result<Parsed, EdxmlError> {
    read(bytes, &EdxmlLimits::default())
}

fn read_document(bytes: &[u8]) -> (Message, Vec<Note>) {
    let parsed = read_default(bytes).unwrap();
    match parsed.package {
        Package::Document(message) => (*message, parsed.notes),
        Package::Status(_) => panic!("a status was read"),
    }
}

/// The document's package with one piece of text changed; the piece must be there.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(write_message(&document())).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn refusal(bytes: &[u8]) -> &'static str {
    let error = read_default(bytes).unwrap_err();
    let words = error.words();
    assert!(!words.problem_vi.is_empty() && !words.hint_en.is_empty());
    error.code()
}

#[test]
fn what_is_written_is_exactly_the_golden_file() {
    assert_eq!(
        String::from_utf8(write_message(&document())).unwrap(),
        std::str::from_utf8(DOCUMENT).unwrap()
    );
    assert_eq!(String::from_utf8(write_status(&status())).unwrap(), std::str::from_utf8(STATUS).unwrap());
}

/// Written by hand after QCVN 102:2016 in the order of the .NET serialiser, with comments and xlink attributes.
#[test]
fn a_package_made_by_hand_is_read() {
    let (message, notes) = read_document(PEER);
    assert_eq!(notes, []);
    assert_eq!(message.id, None);
    assert_eq!(message.from.organ.as_str(), "000.00.22.H40");
    assert_eq!(message.to.len(), 2);
    assert_eq!(message.header.code(), "7816/VPCP-TTĐT");
    assert_eq!(message.header.document_id, "000.00.22.H40,2018/09/20,7816/VPCP-TTĐT");
    assert_eq!(message.header.date, Date::new(2018, 9, 20));
    assert_eq!(message.header.kind.name, "Công văn");
    assert_eq!(message.header.signer.full_name, "Nguyễn Văn A");
    assert_eq!(message.attachments[0].bytes, pdf());
}

#[test]
fn documents_and_statuses_survive_the_round_trip() {
    assert_eq!(read_document(&write_message(&document())), (document(), vec![]));
    let parsed = read_default(&write_status(&status())).unwrap();
    assert_eq!(parsed, Parsed { package: Package::Status(Box::new(status())), notes: vec![] });
}

#[test]
fn header_elements_stand_in_the_order_of_the_java_sdk() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    let order = [
        "<edXML:From>",
        "<edXML:To>",
        "<edXML:DocumentId>",
        "<edXML:Code>",
        "<edXML:PromulgationInfo>",
        "<edXML:DocumentType>",
        "<edXML:Subject>",
        "<edXML:Content>",
        "<edXML:SignerInfo>",
        "<edXML:DueDate>",
        "<edXML:ToPlaces>",
        "<edXML:OtherInfo>",
        "<edXML:ResponseFor>",
        "<edXML:SteeringType>",
        "<edXML:TraceHeaderList ",
        "<edXML:Bussiness>",
        "<edXML:TraceHeader>",
        "<edXML:edXMLBody>",
        "<AttachmentEncoded>",
        "<edXML:ContentTransferEncoded ",
    ];
    let places: Vec<usize> = order.iter().map(|tag| text.find(tag).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn empty_values_are_left_out_and_read_as_empty() {
    let mut message = document();
    message.header.content = String::new();
    message.header.signer = SignerTitle::default();
    message.header.due_date = None;
    message.header.places.clear();
    message.header.response_for.clear();
    message.business.staff = Staff::default();
    message.traces.clear();
    message.id = None;
    let bytes = write_message(&message);
    let text = String::from_utf8_lossy(&bytes);
    for absent in ["SignerInfo", "DueDate", "ToPlaces", "ResponseFor", "StaffInfo", " id="] {
        assert!(!text.contains(absent), "{absent}");
    }
    assert_eq!(read_document(&bytes), (message, vec![]));
}

#[test]
fn the_order_of_the_other_official_serialiser_is_read_too() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    let id = "   <edXML:DocumentId>H40.01,2024/02/05,15/STTTT-CNTT</edXML:DocumentId>\n";
    let moved = text.replacen(id, "", 1).replacen(
        "</edXML:SteeringType>\n",
        &format!("</edXML:SteeringType>\n{id}"),
        1,
    );
    assert_ne!(moved, text);
    assert_eq!(read_document(moved.as_bytes()).0, document());
}

#[test]
fn attachment_content_is_read_with_and_without_prefix_and_with_line_ends() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    let open = format!("<edXML:ContentTransferEncoded xmlns:edXML=\"{NAMESPACE}\">");
    let plain = text
        .replace(&open, "<ContentTransferEncoded>\r\n  ")
        .replace("</edXML:ContentTransferEncoded>", "\n</ContentTransferEncoded>");
    assert_eq!(read_document(plain.as_bytes()).0, document());
}

#[test]
fn another_prefix_for_the_same_namespace_is_noted() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    let other = text
        .replace("edXML:edXML", "ns1:edXML")
        .replace("edXML:", "ns1:")
        .replace("xmlns:edXML=", "xmlns:ns1=");
    let (message, notes) = read_document(other.as_bytes());
    assert_eq!(message, document());
    assert_eq!(notes, [Note::OtherPrefix { prefix: "ns1".to_owned() }]);
}

#[test]
fn an_envelope_without_prefix_is_refused_by_name() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    assert_eq!(refusal(text.replace("edXML:", "").as_bytes()), "edxml_missing_prefix");
    let one = changed("<edXML:Email>", "<Email>");
    let one = String::from_utf8(one).unwrap().replacen("</edXML:Email>", "</Email>", 1);
    assert_eq!(refusal(one.as_bytes()), "edxml_missing_prefix");
}

#[test]
fn other_dialects_are_refused_by_their_namespace() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    for other in ["http://www.go.vn/eDoc", "http://www.e-doc.vn/Schema/", "", "urn:x"] {
        assert_eq!(refusal(text.replace(NAMESPACE, other).as_bytes()), "edxml_namespace", "{other}");
    }
    let undeclared = text.replacen(&format!(" xmlns:edXML=\"{NAMESPACE}\""), "", 1);
    assert_eq!(refusal(undeclared.as_bytes()), "edxml_namespace");
    let soap = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"/>";
    assert_eq!(refusal(soap.as_bytes()), "edxml_soap");
}

#[test]
fn elements_of_other_namespaces_are_ignored_with_a_note() {
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:From/></ds:Signature>";
    let bytes = changed("</edXML:edXMLHeader>", &format!("{signature}</edXML:edXMLHeader>"));
    let (message, notes) = read_document(&bytes);
    assert_eq!(message, document());
    assert_eq!(notes, [Note::Ignored { element: "Signature".to_owned() }]);
}

#[test]
fn doctypes_and_entities_are_refused_before_anything_is_resolved() {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let xxe = "<!DOCTYPE edXML [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    assert_eq!(refusal(&changed(head, &format!("{head}{xxe}"))), "edxml_doctype");
    assert_eq!(refusal(&changed("Như trên", "&x;")), "edxml_entity");
    assert_eq!(refusal(&changed("Như trên", "&#0;")), "edxml_entity");
    let lol = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><edXML>&b;</edXML>";
    assert_eq!(refusal(lol.as_bytes()), "edxml_doctype");
    let (message, _) = read_document(&changed("Như trên", "&#78;h&#x1B0; &lt;trên&gt;"));
    assert_eq!(message.header.places[0], "Như <trên>");
}

#[test]
fn what_is_not_utf8_xml_is_refused() {
    assert_eq!(refusal(b"\xff\xfe<\x00"), "edxml_not_utf8");
    assert_eq!(refusal(&changed("UTF-8", "UTF-16")), "edxml_not_utf8");
    for text in
        ["", "   ", "x", "<edXML", "<a></b>", "<a/><b/>", "<a>", "</a>", "<a b='1' b='2'/>", "%PDF-1.7"]
    {
        assert_eq!(refusal(text.as_bytes()), "edxml_malformed", "{text:?}");
    }
    let whole = write_message(&document());
    for end in (0..whole.len() - 1).step_by(97) {
        assert!(read_default(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_second_element_where_one_may_stand_is_refused() {
    let twice = "<edXML:Subject>A</edXML:Subject><edXML:Subject>";
    assert_eq!(refusal(&changed("<edXML:Subject>", twice)), "edxml_repeated_element");
    let envelope = format!("</edXML:edXMLEnvelope><edXML:edXMLEnvelope xmlns:edXML=\"{NAMESPACE}\"/>");
    assert_eq!(refusal(&changed("</edXML:edXMLEnvelope>", &envelope)), "edxml_repeated_element");
}

#[test]
fn obligatory_elements_are_missed_by_name() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    for (element, hidden) in
        [("From", "edXML:From"), ("Subject", "edXML:Subject"), ("MessageHeader", "edXML:MessageHeader")]
    {
        let other = text.replace(&format!("{hidden}>"), "edXML:Other>");
        let error = read_default(other.as_bytes()).unwrap_err();
        assert_eq!(error, EdxmlError::MissingElement { element: element.to_owned() });
    }
    assert_eq!(refusal(text.replace("edXML:To>", "edXML:Other>").as_bytes()), "edxml_missing_element");
}

#[test]
fn values_that_are_not_of_their_form_are_refused() {
    for (from, to) in [
        ("<edXML:OrganId>H40.01<", "<edXML:OrganId>h40/01<"),
        ("2024/02/20", "2024-02-20"),
        ("2024/02/05</edXML:PromulgationDate>", "2024/02/30</edXML:PromulgationDate>"),
        ("<edXML:Priority>1<", "<edXML:Priority>9<"),
        ("<edXML:PageAmount>2<", "<edXML:PageAmount>-2<"),
        ("<edXML:BussinessDocType>0<", "<edXML:BussinessDocType>4<"),
        ("2024/02/05 09:57:10", "2024/02/05 25:57:10"),
    ] {
        assert_eq!(refusal(&changed(from, to)), "edxml_invalid_value", "{to}");
    }
}

#[test]
fn attachments_and_manifest_must_agree() {
    let text = String::from_utf8(write_message(&document())).unwrap();
    let second = text.find("  <Attachment>\n   <ContentId>cid:f2").unwrap();
    let end = text.find(" </AttachmentEncoded>").unwrap();
    let dropped = format!("{}{}", &text[..second], &text[end..]);
    assert_eq!(refusal(dropped.as_bytes()), "edxml_attachment_count");
    let doubled = format!("{}{}{}", &text[..end], &text[second..end], &text[end..]);
    assert_eq!(refusal(doubled.as_bytes()), "edxml_attachment_count");
    let strange = changed("<ContentId>cid:f2", "<ContentId>cid:f9");
    assert_eq!(refusal(&strange), "edxml_attachment_mismatch");
    let twin = changed("<ContentId>cid:f2", "<ContentId>cid:f1");
    assert_eq!(refusal(&twin), "edxml_attachment_mismatch");
    let listed_twice = changed("<edXML:ContentId>cid:f2", "<edXML:ContentId>cid:f1");
    assert_eq!(refusal(&listed_twice), "edxml_attachment_mismatch");
    let none = Message { attachments: vec![], ..document() };
    assert_eq!(refusal(&write_message(&none)), "edxml_no_attachment");
}

#[test]
fn a_recall_needs_no_file() {
    let business =
        Business { kind: BusinessKind::Revoke, document_id: "x".to_owned(), ..Business::default() };
    let recall = Message { attachments: vec![], business, ..document() };
    assert_eq!(read_document(&write_message(&recall)).0, recall);
}

fn with_file(name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    let mut message = document();
    message.attachments.truncate(1);
    message.attachments[0].name = name.to_owned();
    message.attachments[0].content_type = content_type.to_owned();
    message.attachments[0].bytes = bytes.to_vec();
    write_message(&message)
}

#[test]
fn compressed_and_mislabelled_files_are_refused_by_name() {
    let zip = b"PK\x03\x04rest";
    assert_eq!(refusal(&with_file("a.pdf", "application/pdf", zip)), "edxml_compression");
    assert_eq!(refusal(&with_file("a.txt", "application/zip", zip)), "edxml_compression");
    assert_eq!(refusal(&with_file("a.pdf", "application/pdf", b"\x1f\x8b\x08")), "edxml_compression");
    assert_eq!(refusal(&with_file("a.pdf", "application/pdf", b"MZ\x90")), "edxml_content_mismatch");
    assert_eq!(refusal(&with_file("a.pdf", "application/octet-stream", b"x")), "edxml_content_mismatch");
    assert_eq!(refusal(&with_file("a.pdf", "application/pdf", b"")), "edxml_content_mismatch");
    let (message, _) = read_document(&with_file("a.zip", "application/zip", zip));
    assert_eq!(message.attachments[0].bytes, zip, "a user's own archive stays as it is");
}

#[test]
fn broken_base64_is_refused() {
    let start = "JVBERi0xLjc";
    assert_eq!(refusal(&changed(start, "!!!!Ri0xLjc")), "edxml_base64");
    assert_eq!(refusal(&changed(start, "JVB=Ri0xLjc")), "edxml_base64");
}

#[test]
fn names_with_paths_and_tricks_become_harmless_and_are_noted() {
    for (written, safe) in [("../../etc/x.pdf", "x.pdf"), ("a\u{202E}fdp.pdf", "afdp.pdf"), ("..", "tep-1")] {
        let (message, notes) = read_document(&with_file(written, "application/pdf", &pdf()));
        assert_eq!(message.attachments[0].name, safe);
        assert!(matches!(&notes[..], [.., Note::NameChanged { name, .. }] if name == safe), "{notes:?}");
    }
}

#[test]
fn invisible_and_direction_turning_characters_are_taken_out_of_texts() {
    let (message, notes) = read_document(&changed("Nguyễn Văn A", "Nguyễn\u{202E} Văn\u{200B} A"));
    assert_eq!(message.header.signer.full_name, "Nguyễn Văn A");
    assert_eq!(notes, [Note::TextCleaned { element: "FullName".to_owned() }]);
}

#[test]
fn sizes_depths_and_counts_are_bounded() {
    let tight = |change: fn(&mut EdxmlLimits)| {
        let mut limits = EdxmlLimits::default();
        change(&mut limits);
        read(&write_message(&document()), &limits).unwrap_err().code()
    };
    assert_eq!(tight(|l| l.package_bytes = 1000), "edxml_too_large");
    assert_eq!(tight(|l| l.depth = 4), "edxml_too_deep");
    assert_eq!(tight(|l| l.elements = 20), "edxml_too_many");
    assert_eq!(tight(|l| l.text_bytes = 10), "edxml_too_large");
    assert_eq!(tight(|l| l.attachments = 1), "edxml_too_many");
    assert_eq!(tight(|l| l.attachment_bytes = 10), "edxml_too_large");
    let deep = format!("<edXML xmlns=\"{NAMESPACE}\">{}", "<a>".repeat(1_000_000));
    assert_eq!(refusal(deep.as_bytes()), "edxml_too_deep");
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=''")).collect();
    assert_eq!(refusal(format!("<edXML{attributes}/>").as_bytes()), "edxml_too_many");
    let spaces: String = (0..200_000).map(|n| format!(" xmlns:a{n}='u'")).collect();
    assert!(read_default(format!("<edXML{spaces}/>").as_bytes()).is_err());
    let wide = format!("<edXML xmlns=\"{NAMESPACE}\">{}</edXML>", "<a/>".repeat(100_000));
    assert_eq!(refusal(wide.as_bytes()), "edxml_too_many");
}

#[test]
fn status_fourteen_is_read_as_fifteen_with_a_note() {
    let text = String::from_utf8(write_status(&status())).unwrap();
    let odd = text.replace("<edXML:StatusCode>02<", "<edXML:StatusCode>14<");
    let parsed = read_default(odd.as_bytes()).unwrap();
    let (written, read) = ("14".to_owned(), StatusCode::ChangeAgreed);
    assert_eq!(parsed.notes, [Note::StatusCodeCorrected { written, read }]);
    let unknown = text.replace("<edXML:StatusCode>02<", "<edXML:StatusCode>99<");
    assert_eq!(refusal(unknown.as_bytes()), "edxml_invalid_value");
}

#[test]
fn a_message_identifier_that_is_no_token_is_dropped_with_a_note() {
    let id = "018d76f2-0c5e-7000-8000-000000000001";
    let (message, notes) = read_document(&changed(id, "../../x"));
    assert_eq!((message.id, notes), (None, vec![Note::MessageIdDropped]));
}

#[test]
fn platform_codes_tell_a_bad_file_from_bad_xml() {
    let of = |bytes: &[u8]| read_default(bytes).unwrap_err().platform_code();
    assert_eq!(of(b"x"), 22);
    assert_eq!(of(&with_file("a.pdf", "application/pdf", b"MZ\x90")), 10);
}

mod any_input {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Damage anywhere gives an answer, never a panic.
        #[test]
        fn damaged_packages_never_panic(at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000) {
            let mut bytes = write_message(&document());
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
            let _ = read_default(&bytes);
            bytes.truncate(cut);
            let _ = read_default(&bytes);
        }

        /// Any text a clerk may type comes back, but for what XML cannot carry and what deceives.
        #[test]
        fn texts_survive(subject in "[^\\p{C}\\p{Z}][^\\p{C}\\p{Zl}\\p{Zp}]{0,40}[^\\p{C}\\p{Z}]") {
            let mut message = document();
            message.header.subject = subject.clone();
            let (read, _) = read_document(&write_message(&message));
            prop_assert_eq!(read.header.subject, subject);
        }
    }
}
