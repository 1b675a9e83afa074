//! Whose hand a certificate stands for: a person's, an organisation's seal, or a time-stamping service.
//!
//! A letter needs a leader's signature and the organisation's seal (NĐ 30/2020 Điều 13 and Phụ lục I),
//! and nothing in a signature but its certificate tells the two apart.

use crate::x509::{Certificate, Name};

/// Kind of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignerClass {
    /// A natural person.
    Personal,
    /// An organisation: its signature is the seal.
    Organisation,
    /// A time-stamping service.
    Tsa,
    /// The certificate does not say.
    Unknown,
}

/// Tells the kind of subject from what its certificate says, the most explicit statement first:
/// extKeyUsage, qcType (EN 319 412-5 4.2.3), attributes only a person has, attributes only an
/// organisation has, and last the habit of authorities without those: CN = O for organisations, a
/// person's name in CN beside the O of the office, with an e-mail address. A name and an address without an
/// office say nothing: services that sign by themselves have just these.
pub fn signer_class(certificate: &Certificate) -> SignerClass {
    if certificate.is_for_time_stamping() {
        return SignerClass::Tsa;
    }
    match (certificate.is_for_eseal(), certificate.is_for_esign()) {
        (true, false) => return SignerClass::Organisation,
        (false, true) => return SignerClass::Personal,
        _ => {}
    }
    let subject = certificate.subject();
    if has_person_attributes(subject) {
        return SignerClass::Personal;
    }
    if subject.organisation_identifier().is_some() {
        return SignerClass::Organisation;
    }
    match (subject.common_name(), subject.organisation()) {
        (Some(name), Some(organisation)) if same_text(name, organisation) => SignerClass::Organisation,
        (Some(_), Some(_)) if certificate.email().is_some() => SignerClass::Personal,
        _ => SignerClass::Unknown,
    }
}

fn has_person_attributes(subject: &Name) -> bool {
    subject.given_name().or(subject.surname()).or(subject.title()).is_some()
}

fn same_text(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::der;
    use crate::crypto::testing::{self, Spec};

    fn class(subject: &[(&str, &str)], extensions: &[(&str, bool, &[u8])]) -> SignerClass {
        let root = testing::person("p256").pop().unwrap();
        let made = Spec { extensions, ..Spec::leaf(subject, &root) }.make();
        signer_class(&Certificate::parse(&made.der()).unwrap())
    }

    #[test]
    fn subjects_are_told_apart_by_name() {
        let unit = "Sở Nội vụ tỉnh Nam Định";
        let person = "Trần Văn A";
        let cases: [(&[(&str, &str)], SignerClass); 8] = [
            (&[("O", unit), ("CN", person), ("title", "Giám đốc")], SignerClass::Personal),
            (&[("O", unit), ("CN", person), ("emailAddress", "a@namdinh.gov.vn")], SignerClass::Personal),
            (&[("O", unit), ("CN", unit)], SignerClass::Organisation),
            (&[("O", unit), ("CN", unit), ("emailAddress", "snv@namdinh.gov.vn")], SignerClass::Organisation),
            (
                &[("O", "UBND tỉnh"), ("CN", unit), ("organizationIdentifier", "000.00.01.H40")],
                SignerClass::Organisation,
            ),
            (&[("O", unit), ("CN", person)], SignerClass::Unknown),
            (&[("CN", "Signing Service"), ("emailAddress", "service@example.org")], SignerClass::Unknown),
            (&[("OU", unit)], SignerClass::Unknown),
        ];
        for (subject, expected) in cases {
            assert_eq!(class(subject, &[]), expected, "{subject:?}");
        }
    }

    #[test]
    fn an_explicit_statement_outweighs_the_name() {
        let statement = |oid: &str| {
            let types = der::sequence(&[&der::oid(oid)]);
            der::sequence(&[&der::sequence(&[&der::oid("0.4.0.1862.1.6"), &types])])
        };
        let qc = "1.3.6.1.5.5.7.1.3";
        let (esign, eseal) = (statement("0.4.0.1862.1.6.1"), statement("0.4.0.1862.1.6.2"));
        let person = [("CN", "Trần Văn A"), ("title", "Giám đốc")];
        assert_eq!(class(&person, &[(qc, false, &eseal)]), SignerClass::Organisation);
        assert_eq!(class(&[("CN", "x"), ("O", "x")], &[(qc, false, &esign)]), SignerClass::Personal);
        let time_stamping = der::sequence(&[&der::oid("1.3.6.1.5.5.7.3.8")]);
        assert_eq!(class(&person, &[("2.5.29.37", true, &time_stamping)]), SignerClass::Tsa);
    }
}
