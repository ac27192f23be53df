//! See `tests::fuzzing::apdu_reader`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::apdu_reader(data));
