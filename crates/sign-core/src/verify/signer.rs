//! Who signed, as the certificate names them. Facts for the report; nothing is judged here.

use crate::report::model::{CaClass, SignerClass, SignerFacts};
use crate::trust::{self, signer_class};
use crate::x509::Certificate;

/// Who the certificate names.
pub(super) fn facts(certificate: Option<&Certificate>, ca_class: CaClass) -> SignerFacts {
    let Some(certificate) = certificate else {
        return SignerFacts {
            name: None,
            organisation: None,
            email: None,
            serial: None,
            issuer: None,
            class: SignerClass::Unknown,
            ca_class: CaClass::Other,
            not_before: None,
            not_after: None,
        };
    };
    let subject = certificate.subject();
    SignerFacts {
        name: subject.common_name().map(str::to_owned),
        organisation: subject.organisation().map(str::to_owned),
        email: certificate.email().map(str::to_owned),
        serial: Some(certificate.serial_hex()),
        issuer: Some(certificate.issuer().to_string()),
        class: class(signer_class(certificate)),
        ca_class,
        not_before: Some(certificate.not_before()),
        not_after: Some(certificate.not_after()),
    }
}

fn class(class: trust::SignerClass) -> SignerClass {
    match class {
        trust::SignerClass::Personal => SignerClass::Personal,
        trust::SignerClass::Organisation => SignerClass::Organisation,
        trust::SignerClass::Tsa => SignerClass::Tsa,
        trust::SignerClass::Unknown => SignerClass::Unknown,
    }
}
