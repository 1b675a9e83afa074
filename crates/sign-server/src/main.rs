//! sign-server
fn main() {}
