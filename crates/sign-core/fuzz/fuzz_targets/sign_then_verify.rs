//! libFuzzer's door to the properties in `sign_core_fuzz::sign_then_verify`.
#![no_main]

#[path = "seeds.rs"]
mod seeds;

libfuzzer_sys::fuzz_target!(
    init: seeds::write("sign_then_verify"),
    |bytes: &[u8]| {
        sign_core_fuzz::sign_then_verify::check(bytes);
    }
);
