//! Documents to sign, and keys to sign them with.

use sign_core::crypto::key::{Padding, SoftKey, from_pem};
use sign_core::time::Time;
use sign_core::trust::{CaClass, TrustStore};
use sign_io::pki::{Authority, KeyKind, Person, Validity};
use std::io::Write;

fn time(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

/// When everything is signed and judged.
pub(crate) fn now() -> Time {
    time("2026-02-05T09:56:34+07:00")
}

/// A person's key and certificates, and the root that is trusted.
pub(crate) fn person(kind: KeyKind) -> (SoftKey, TrustStore) {
    let validity = Validity::years(time("2026-01-01T00:00:00+07:00"), 5);
    let authority = Authority::create("Đo tốc độ", validity).unwrap();
    let person =
        Person { full_name: "Nguyễn Văn A", title: "Giám đốc", organisation: "Sở", email: "" };
    let issued = authority.issue_person(&person, kind, validity).unwrap();
    let key = from_pem(&issued.pem().unwrap(), None, Some(Padding::Pkcs1)).unwrap();
    let mut trust = TrustStore::new();
    trust.add_pem(&authority.root_pem().unwrap(), CaClass::Other).unwrap();
    (key, trust)
}

/// One page and a stream of noise, as a scan is: `bytes` long, but for a few hundred.
pub(crate) fn scan(bytes: u64, out: &mut impl Write) {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R>>".to_owned(),
    ];
    write(&objects, bytes.saturating_sub(500), out);
}

/// `count` small objects, one in fifty of them a page.
pub(crate) fn many_objects(count: usize, out: &mut impl Write) {
    let pages = count / 50;
    let kids: String = (0..pages).map(|n| format!("{} 0 R ", n + 3)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{kids}]/Count {pages}/MediaBox[0 0 595 842]>>"),
    ];
    objects.extend((0..pages).map(|_| "<</Type/Page/Parent 2 0 R/Resources<<>>>>".to_owned()));
    objects.extend((objects.len()..count).map(|n| format!("<</Kind/Cell/Row {n}/Text(cell {n})>>")));
    write(&objects, 16, out);
}

/// Objects 1, 2, …, a stream with `noise` bytes, table and trailer.
fn write(objects: &[String], noise: u64, out: &mut impl Write) {
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        out.write_all(bytes).unwrap();
        at += bytes.len() as u64;
        at
    };
    let mut position = put(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{position:010} 00000 n \n");
        position = put(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    table += &format!("{position:010} 00000 n \n");
    put(format!("{} 0 obj\n<</Length {noise}>>stream\n", objects.len() + 1).as_bytes());
    let block: Vec<u8> = (0..1_u32 << 16).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut left = noise;
    while left > 0 {
        let length = left.min(block.len() as u64);
        put(&block[..usize::try_from(length).unwrap()]);
        left -= length;
    }
    position = put(b"\nendstream\nendobj\n");
    let size = objects.len() + 2;
    let trailer =
        format!("trailer\n<</Size {size}/Root 1 0 R/ID[<01><02>]>>\nstartxref\n{position}\n%%EOF\n");
    put(format!("xref\n0 {size}\n{table}{trailer}").as_bytes());
}
