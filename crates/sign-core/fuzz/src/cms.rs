//! CMS SignedData, as it stands in /Contents: the zeros behind it change nothing, what is hashed is what
//! stands in the bytes, and a good signature is good for nothing else.

use sign_core::cms::{SignedData, SignerInfo};
use sign_core::crypto::verify::verify;

use super::Reached;

/// Holds the bytes against the properties.
pub fn check(bytes: &[u8]) -> Reached {
    let Ok(signed) = SignedData::parse(bytes) else { return Reached::Refused };
    let own = bytes.get(..signed.length()).expect("it ends inside the bytes");
    let padded = [own, &[0; 64]].concat();
    for other in [own, &padded] {
        let again = SignedData::parse(other).expect("the same bytes, less or more behind them");
        assert_eq!(facts(&again), facts(&signed), "what stands behind it counts");
    }
    for signer in signed.signer_infos() {
        check_signer(own, &signed, signer);
    }
    Reached::Held
}

fn facts(signed: &SignedData) -> String {
    let parts = (signed.content_type(), signed.content(), signed.certificates(), signed.crls());
    format!("{:?} {parts:?} {:?}", signed.length(), signed.signer_infos())
}

fn check_signer(bytes: &[u8], signed: &SignedData, signer: &SignerInfo) {
    // These must end, whatever they say.
    let _ = (signer.message_digest(), signer.content_type(), signer.signing_time());
    let _ = (signer.signature_time_stamps(), signer.signing_certificates());
    let message = signer.signed_message();
    if let Some([tag, rest @ ..]) = message {
        assert_eq!(*tag, 0x31, "RFC 5652 5.4: hashed as a SET");
        assert!(bytes.windows(rest.len().max(1)).any(|window| window == rest), "hashed, but not there");
    }
    let Some(certificate) = signer.signer_certificate(signed.certificates()) else { return };
    let _ = signer.ess_matches(certificate);
    let (Ok(algorithm), Some(message)) = (signer.signature_algorithm(), message) else { return };
    let good = |message: &[u8]| verify(algorithm, certificate.spki_der(), message, signer.signature());
    if good(message) == Ok(true) {
        let mut other = message.to_vec();
        if let Some(last) = other.last_mut() {
            *last ^= 1;
        }
        assert_ne!(good(&other), Ok(true), "good for another message too");
    }
}
