//! libFuzzer's door to the properties in `sign_core_fuzz::cms`.
#![no_main]

#[path = "seeds.rs"]
mod seeds;

libfuzzer_sys::fuzz_target!(
    init: seeds::write("cms"),
    |bytes: &[u8]| {
        sign_core_fuzz::cms::check(bytes);
    }
);
