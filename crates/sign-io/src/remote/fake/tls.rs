//! A certificate for a service on this machine, by an authority made for it.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef};
use std::pin::Pin;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

/// What a fake service shows as its own.
pub struct FakeTls {
    acceptor: SslAcceptor,
    authority: Vec<u8>,
}

impl FakeTls {
    /// A certificate for a name, as in `localhost`.
    ///
    /// # Errors
    /// What OpenSSL says.
    pub fn new(name: &str) -> Result<Self, String> {
        Self::make(name).map_err(|errors| errors.to_string())
    }

    /// PEM of the authority to trust.
    pub fn authority(&self) -> &[u8] {
        &self.authority
    }

    pub(super) fn acceptor(&self) -> Acceptor {
        Acceptor(self.acceptor.clone())
    }

    fn make(name: &str) -> Result<Self, ErrorStack> {
        let (authority_key, own_key) = (key()?, key()?);
        let (authority_name, own_name) = (named("Fake authority")?, named(name)?);
        let mut authority = certificate(&authority_name, &authority_name, &authority_key)?;
        authority.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        authority.sign(&authority_key, MessageDigest::sha256())?;
        let authority = authority.build();
        let mut own = certificate(&own_name, &authority_name, &own_key)?;
        let names =
            SubjectAlternativeName::new().dns(name).build(&own.x509v3_context(Some(&authority), None))?;
        own.append_extension(names)?;
        own.sign(&authority_key, MessageDigest::sha256())?;
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        acceptor.set_private_key(&own_key)?;
        acceptor.set_certificate(&own.build())?;
        Ok(Self { acceptor: acceptor.build(), authority: authority.to_pem()? })
    }
}

#[derive(Clone)]
pub(super) struct Acceptor(SslAcceptor);

impl Acceptor {
    /// `None` if the other side does not go on: it may not trust us.
    pub(super) async fn accept(&self, stream: TcpStream) -> Option<SslStream<TcpStream>> {
        let mut stream = SslStream::new(Ssl::new(self.0.context()).ok()?, stream).ok()?;
        Pin::new(&mut stream).accept().await.ok()?;
        Some(stream)
    }
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&curve)?)
}

fn named(name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

/// Valid from now on for a day: a fake is not for longer.
fn certificate(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKey<Private>,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let mut number = BigNum::new()?;
    number.rand(127, openssl::bn::MsbOption::ONE, false)?;
    builder.set_serial_number(&*number.to_asn1_integer()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    builder.set_not_after(&*Asn1Time::days_from_now(1)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}
