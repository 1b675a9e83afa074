//! libFuzzer's door to the properties in `sign_core_fuzz::revocation`.
#![no_main]

#[path = "seeds.rs"]
mod seeds;

libfuzzer_sys::fuzz_target!(
    init: seeds::write("revocation"),
    |bytes: &[u8]| {
        sign_core_fuzz::revocation::check(bytes);
    }
);
