//! Which URLs are read, and which addresses are public.

use super::EgressError;
use hyper::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longer ones stand in no certificate but a hostile one.
const LONGEST_URL: usize = 2_048;

/// Where a question goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `https`.
    pub secure: bool,
    /// Name or address, without brackets.
    pub host: String,
    /// Port, the usual one if none is given.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Reads an `http` or `https` URL.
    ///
    /// # Errors
    /// [`EgressError::BadUrl`], also for one with a user name, which no certificate needs.
    pub fn parse(url: &str) -> Result<Self, EgressError> {
        let shown: String = url.chars().filter(|c| !c.is_control()).take(80).collect();
        let bad = || EgressError::BadUrl(shown.clone());
        if url.len() > LONGEST_URL || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bad());
        }
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad()),
        };
        let authority = uri.authority().ok_or_else(bad)?;
        let host = authority.host().trim_matches(['[', ']']);
        // A backslash or an at sign is read in different ways by different programs.
        if host.is_empty() || authority.as_str().contains(['@', '\\', '%']) {
            return Err(bad());
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => {
                port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?
            }
            _ if secure => 443,
            _ => 80,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { secure, host: host.to_ascii_lowercase(), port, path })
    }

    /// The value of `Host`.
    pub fn name(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

/// Whether an address is in the public network: not this machine, not this network, and not one of the
/// forms that hide an IPv4 address in an IPv6 one (IANA special-purpose registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    /// First address and length of the prefix.
    const SPECIAL: [([u8; 4], u32); 16] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 31, 196, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let bits = address.to_bits();
    !SPECIAL.iter().any(|(first, length)| {
        let shift = 32 - length;
        bits >> shift == u32::from_be_bytes(*first) >> shift
    })
}

/// Global unicast only (2000::/3), without the parts that carry other networks inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const SPECIAL: [(u128, u32); 4] = [
        // IETF protocols, Teredo among them; documentation; 6to4; documentation.
        (0x2001_0000 << 96, 23),
        (0x2001_0db8 << 96, 32),
        (0x2002_0000 << 96, 16),
        (0x3fff_0000 << 96, 20),
    ];
    let bits = address.to_bits();
    let global = bits >> 125 == 1;
    global
        && !SPECIAL.iter().any(|(first, length)| {
            let shift = 128 - length;
            bits >> shift == first >> shift
        })
}
