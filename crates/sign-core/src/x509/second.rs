//! A second reader of certificates, by other people: x509-parser.
//!
//! Our own reader takes what national authorities got wrong and says so ([`super::Oddity`]). What is left
//! to fear is a certificate that other programs read differently: they would see another name or another
//! key under the same signature. So a certificate that both readers accept must say the same to both.

use super::extension::Extension;
use super::layout::Layout;
use super::signed::Outer;
use super::time::time;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// What the second reader thinks of a certificate that the first one has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecondReading {
    /// It reads the same.
    Same,
    /// It cannot read it.
    Refused,
    /// It reads something else.
    Other,
}

/// Reads `der` again and compares names, number, key, validity, extensions and signature.
pub(super) fn read(der: &[u8], layout: &Layout<'_>, extensions: &[Extension<'_>]) -> SecondReading {
    let Ok((rest, parsed)) = X509Certificate::from_der(der) else { return SecondReading::Refused };
    let tbs = &parsed.tbs_certificate;
    let Outer { signature, .. } = &layout.outer;
    let instant = |value| time(value).map(crate::time::Time::unix);
    let same_extensions = tbs.extensions().len() == extensions.len()
        && tbs.extensions().iter().zip(extensions).all(|(theirs, ours)| {
            theirs.oid.to_id_string() == ours.oid
                && theirs.critical == ours.critical
                && theirs.value == &*ours.value
        });
    let same = rest.is_empty()
        && tbs.raw_serial() == layout.serial
        && tbs.issuer.as_raw() == layout.issuer
        && tbs.subject.as_raw() == layout.subject
        && tbs.subject_pki.raw == layout.spki
        && instant(layout.not_before) == Some(tbs.validity.not_before.timestamp())
        && instant(layout.not_after) == Some(tbs.validity.not_after.timestamp())
        && (signature.is_empty() || parsed.signature_value.data.as_ref() == *signature)
        && same_extensions;
    if same { SecondReading::Same } else { SecondReading::Other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::testing::Draft;

    fn reading(der: &[u8], of: &[u8]) -> SecondReading {
        let layout = Layout::read(of).unwrap();
        let extensions = Extension::read_all(layout.extensions.unwrap().content).unwrap();
        read(der, &layout, &extensions)
    }

    #[test]
    fn what_differs_in_any_part_is_told() {
        let draft = Draft::root("Root", "p256").certifies("Sub", "p384");
        let der = draft.der();
        assert_eq!(reading(&der, &der), SecondReading::Same);
        let others = [
            Draft { serial: vec![9], ..draft.clone() },
            Draft { subject: crate::x509::testing::common_name("Other"), ..draft.clone() },
            Draft { issuer: crate::x509::testing::common_name("Other"), ..draft.clone() },
            Draft { key: "p521", ..draft.clone() },
            Draft { validity: (draft.validity.0, draft.validity.1 - 1), ..draft.clone() },
            draft.clone().with("1.2.3.4", false, b"x"),
            draft.clone(),
        ];
        for (index, other) in others.iter().enumerate() {
            // ECDSA signs anew each time, so even the last one differs by its signature.
            assert_eq!(reading(&other.der(), &der), SecondReading::Other, "{index}");
        }
        assert_eq!(reading(b"\x30\x00", &der), SecondReading::Refused);
    }
}
