//! Why a remote service did not sign: a person, a secret, the network or the service.

use sign_core::crypto::key::KeyError;

/// Why a remote service did not sign. Nothing is tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The address is not an `http` or `https` URL.
    #[error("not an address of a signing service: {0}")]
    BadAddress(String),
    /// PINs and tokens do not go over a network in the clear.
    #[error("plain http only to this machine: {0}")]
    PlainHttp(String),
    /// There are no certificates to check the service's with.
    #[error("no authorities to trust: {0}")]
    NoAuthorities(String),
    /// The server's certificate is not trusted, not for this name, or the handshake failed.
    #[error("TLS: {0}")]
    Tls(String),
    /// No connection, or it broke.
    #[error("the signing service cannot be reached: {0}")]
    Unreachable(String),
    /// The service did not answer in time.
    #[error("no answer within {seconds} s")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The holder of the key did not confirm in time.
    #[error("not confirmed within {seconds} s")]
    NotConfirmed {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The token or password of the service is not accepted.
    #[error("the signing service does not let us in: {0}")]
    NotLetIn(String),
    /// The PIN of the credential is wrong.
    #[error("wrong PIN: {0}")]
    WrongPin(String),
    /// The one-time password is wrong or too old.
    #[error("wrong one-time password: {0}")]
    WrongOtp(String),
    /// PIN or one-time password is wrong; the service does not say which.
    #[error("wrong PIN or one-time password: {0}")]
    WrongSecret(String),
    /// The credential is locked.
    #[error("locked: {0}")]
    Locked(String),
    /// The one-time password was used for another request.
    #[error("the one-time password was used for an earlier request")]
    OtpUsed,
    /// After a wrong PIN or password the credential is not tried again.
    #[error("not tried again after a wrong PIN or password")]
    NotTriedAgain,
    /// The holder of the key said no.
    #[error("refused: {0}")]
    Refused(String),
    /// The service said no.
    #[error("rejected: {0}")]
    Rejected(String),
    /// The request or its permit expired before it was used.
    #[error("expired: {0}")]
    Expired(String),
    /// The answer is not what the service's description says.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
    /// There is no such credential.
    #[error("no credential {wanted:?}; there are: {known}")]
    NoCredential {
        /// As asked for.
        wanted: String,
        /// What the service lists.
        known: String,
    },
    /// The credential cannot make the signature that is wanted.
    #[error("the credential cannot be used: {0}")]
    NotUsable(String),
    /// The service wants a secret that was not given.
    #[error("the credential needs its {0}")]
    SecretMissing(String),
    /// A value was not made by the key of the certificate.
    #[error("the value was not made by the key of the credential's certificate")]
    WrongValue,
}

impl RemoteError {
    /// Stable word for this cause.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadAddress(_) => "remote_bad_address",
            Self::PlainHttp(_) => "remote_plain_http",
            Self::NoAuthorities(_) => "remote_no_authorities",
            Self::Tls(_) => "remote_not_trusted",
            Self::Unreachable(_) => "remote_unreachable",
            Self::Timeout { .. } => "remote_timeout",
            Self::NotConfirmed { .. } => "remote_not_confirmed",
            Self::NotLetIn(_) => "remote_not_let_in",
            Self::WrongPin(_) => "remote_wrong_pin",
            Self::WrongOtp(_) => "remote_wrong_otp",
            Self::WrongSecret(_) => "remote_wrong_secret",
            Self::Locked(_) => "remote_locked",
            Self::OtpUsed => "remote_otp_used",
            Self::NotTriedAgain => "remote_not_tried_again",
            Self::Refused(_) => "remote_refused",
            Self::Rejected(_) => "remote_rejected",
            Self::Expired(_) => "remote_expired",
            Self::Unreadable(_) => "remote_unreadable",
            Self::NoCredential { .. } => "remote_no_credential",
            Self::NotUsable(_) => "remote_not_usable",
            Self::SecretMissing(_) => "remote_secret_missing",
            Self::WrongValue => "remote_wrong_value",
        }
    }
}

impl RemoteError {
    /// What a sentence made for the code does not say: mostly the service's own words.
    pub fn detail(&self) -> String {
        match self {
            Self::BadAddress(detail)
            | Self::PlainHttp(detail)
            | Self::NoAuthorities(detail)
            | Self::Tls(detail)
            | Self::Unreachable(detail)
            | Self::NotLetIn(detail)
            | Self::WrongPin(detail)
            | Self::WrongOtp(detail)
            | Self::WrongSecret(detail)
            | Self::Locked(detail)
            | Self::Refused(detail)
            | Self::Rejected(detail)
            | Self::Expired(detail)
            | Self::Unreadable(detail)
            | Self::NotUsable(detail)
            | Self::SecretMissing(detail) => detail.clone(),
            Self::Timeout { seconds } | Self::NotConfirmed { seconds } => format!("{seconds} s"),
            Self::NoCredential { wanted, known } => format!("{wanted:?}; {known}"),
            Self::OtpUsed | Self::NotTriedAgain | Self::WrongValue => String::new(),
        }
    }
}

impl From<RemoteError> for KeyError {
    fn from(error: RemoteError) -> Self {
        Self::Device { code: error.code(), reason: error.detail() }
    }
}

#[cfg(test)]
mod tests {
    use sign_core::report::words;

    #[test]
    fn every_code_has_its_sentences() {
        let source = include_str!("error.rs").split("mod tests").next().unwrap();
        let codes: Vec<&str> = source.split('"').filter(|text| text.starts_with("remote_")).collect();
        assert!(codes.len() >= 22, "{codes:?}");
        let unknown = words::error("no such code", "").message_en;
        for code in codes {
            let words = words::error(code, "");
            assert_ne!(words.message_en, unknown, "{code}");
            assert!(!words.message_en.contains(code) && words.message_vi != words.message_en, "{code}");
        }
    }
}
