//! See `tests::fuzzing::payee`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::payee(data));
