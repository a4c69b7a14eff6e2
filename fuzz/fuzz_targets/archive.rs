#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackmark_fuzz::feed("archive", bytes));
