//! sign-cli
fn main() {}
