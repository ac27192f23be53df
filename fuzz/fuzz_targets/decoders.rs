//! See `tests::fuzzing::decoders`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests::fuzzing::decoders(data));
