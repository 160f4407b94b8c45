//! The files of one folder: a recording of several files, or what stands beside a recording, opened as every command opens it, and analyzed.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| endplate_fuzz::folder(bytes));
