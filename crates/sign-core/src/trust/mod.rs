//! Whom the verifier trusts ([`anchor`]), which authorities are known by their hash ([`pins`]), what it knows about revocation ([`evidence`]) and what that says
//! of a certificate ([`status`]), and whose hand a certificate stands for ([`signer`]). Given
//! facts; what follows from them is concluded elsewhere.

pub mod anchor;
pub mod evidence;
pub mod pins;
pub mod signer;
pub mod status;
#[cfg(test)]
mod tests;

pub use anchor::{Anchor, CaClass, TrustStore};
pub use evidence::{Evidence, Origin};
pub use signer::{SignerClass, signer_class};
pub use status::{RevocationStatus, StatusInputs, Statuses};
