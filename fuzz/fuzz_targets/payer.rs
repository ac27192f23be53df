//! See `tests::fuzzing::payer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::payer(data));
