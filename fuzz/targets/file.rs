//! The bytes of one file, through the reader that `ENDPLATE_FUZZ_FORMAT` names (without it through whichever claims them) and the analysis.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| endplate_fuzz::file(bytes));
