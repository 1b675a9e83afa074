//! libFuzzer's door to the properties in `sign_core_fuzz::certificate`.
#![no_main]

#[path = "seeds.rs"]
mod seeds;

libfuzzer_sys::fuzz_target!(
    init: seeds::write("certificate"),
    |bytes: &[u8]| {
        sign_core_fuzz::certificate::check(bytes);
    }
);
