//! See `tests::fuzzing::bank`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::bank(data));
