//! See `tests::fuzzing::apdu_card`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::apdu_card(data));
