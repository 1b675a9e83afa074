//! Looks at what signing needs from the machine: the crypto library, a folder for results, the
//! clock.

use crate::clock;
use crate::output::{Existing, Part, Readers, write_whole};
use openssl::provider::Provider;
use serde::Serialize;
use sign_core::time::{Time, VIETNAM};

/// The result of one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, one word or two.
    pub name: &'static str,
    /// Whether it will do.
    pub good: bool,
    /// What was found.
    pub found: String,
}

/// All checks.
pub fn check() -> Vec<Check> {
    vec![crypto_library(), legacy_provider(), results(), clock_reading()]
}

fn crypto_library() -> Check {
    // 3.5 is the LTS line this program is built with (ARCHITECTURE.md).
    let good = openssl::version::number() >= 0x3050_0000;
    Check { name: "OpenSSL", good, found: openssl::version::version().to_owned() }
}

/// Old PKCS#12 files are encrypted with RC2-40 and 3DES, which OpenSSL 3 keeps in a provider.
fn legacy_provider() -> Check {
    let (good, found) = match Provider::try_load(None, "legacy", true) {
        Ok(_) => (true, "RC2 and 3DES PKCS#12 files can be read".to_owned()),
        Err(e) => (false, e.to_string()),
    };
    Check { name: "legacy PKCS#12", good, found }
}

fn results() -> Check {
    let tried = tempfile::tempdir().map_err(|e| e.to_string()).and_then(|folder| {
        let path = folder.path().join("result");
        write_whole(&path, &[Part::Bytes(b"whole")], Existing::Keep, Readers::Owner)
            .map_err(|e| e.to_string())
    });
    let good = tried.is_ok();
    let found = tried.err().unwrap_or_else(|| std::env::temp_dir().display().to_string());
    Check { name: "writing results", good, found }
}

fn clock_reading() -> Check {
    let now = clock::now();
    // Before this program was written: the clock is not set, and certificates would seem not yet valid.
    let good = now > Time::from_unix(1_767_225_600);
    Check { name: "clock", good, found: now.in_offset(VIETNAM).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_build_can_do_its_work() {
        for check in check().iter().filter(|check| check.name != "clock") {
            assert!(check.good, "{check:?}");
        }
    }
}
