//! Whom the verifier trusts ([`anchor`]), what it knows about revocation ([`evidence`]), and whose hand
//! a certificate stands for ([`signer`]). Given facts; what follows from them is concluded elsewhere.

pub mod anchor;
pub mod evidence;
pub mod signer;

pub use anchor::{Anchor, CaClass, TrustStore};
pub use evidence::Evidence;
pub use signer::{SignerClass, signer_class};
