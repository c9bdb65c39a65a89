#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oftp_tests::fuzz::challenge(data));
