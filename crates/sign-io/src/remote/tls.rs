//! TLS to a signing service (and random names for it), by the OpenSSL that is built in: versions 1.2 and 1.3, the chain and the
//! name of the server checked.
//!
//! The certificates to trust are named, or those of the system. There is no way to trust everything.

use super::RemoteError;
use crate::file::read_small;
use openssl::error::ErrorStack;
use openssl::ssl::{ErrorCode, Ssl, SslConnector, SslMethod, SslVersion};
use openssl::x509::X509;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

/// Where systems keep the authorities they trust: Debian, Fedora, SUSE, Alpine.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// A system's bundle is a quarter of this.
const LARGEST_BUNDLE: u64 = 4 << 20;

/// Whose word for the name of a server is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authorities {
    /// Those of the system.
    #[default]
    System,
    /// Those in this PEM file, and nobody else's.
    File(PathBuf),
}

/// Makes TLS connections; the authorities are read once.
pub(crate) struct Tls {
    connector: SslConnector,
}

impl Tls {
    pub(crate) fn new(authorities: &Authorities) -> Result<Self, RemoteError> {
        let file = match authorities {
            Authorities::File(file) => file.as_path(),
            Authorities::System => SYSTEM
                .iter()
                .map(Path::new)
                .find(|file| file.is_file())
                .ok_or_else(|| RemoteError::NoAuthorities("the system's are in no known place".into()))?,
        };
        let unusable = |reason: String| RemoteError::NoAuthorities(format!("{}: {reason}", file.display()));
        let pem = read_small(file, LARGEST_BUNDLE).map_err(|e| unusable(e.code().into()))?;
        let authorities = X509::stack_from_pem(&pem).map_err(|_| unusable("no PEM".into()))?;
        if authorities.is_empty() {
            return Err(unusable("no certificate".into()));
        }
        let connector = connector(authorities).map_err(|e| unusable(e.to_string()))?;
        Ok(Self { connector })
    }

    /// Shakes hands with the server of this name.
    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<SslStream<TcpStream>, RemoteError> {
        let library = |errors: ErrorStack| RemoteError::Tls(errors.to_string());
        // The name is sent and checked (RFC 6125); an address is compared with the certificate's.
        let ssl: Ssl = self.connector.configure().and_then(|c| c.into_ssl(host)).map_err(library)?;
        let mut stream = SslStream::new(ssl, stream).map_err(library)?;
        Pin::new(&mut stream).connect().await.map_err(|error| {
            let verdict = stream.ssl().verify_result();
            if error.code() == ErrorCode::SSL && verdict != openssl::x509::X509VerifyResult::OK {
                return RemoteError::Tls(verdict.error_string().into());
            }
            RemoteError::Tls(error.to_string())
        })?;
        Ok(stream)
    }
}

/// Random bytes, for names that nobody else uses.
pub(super) fn random(bytes: &mut [u8]) -> Result<(), RemoteError> {
    openssl::rand::rand_bytes(bytes).map_err(|errors| RemoteError::NotUsable(errors.to_string()))
}

fn connector(authorities: Vec<X509>) -> Result<SslConnector, ErrorStack> {
    // The builder has verification on and weak ciphers off.
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    let mut store = openssl::x509::store::X509StoreBuilder::new()?;
    for authority in authorities {
        store.add_cert(authority)?;
    }
    builder.set_cert_store(store.build());
    Ok(builder.build())
}
