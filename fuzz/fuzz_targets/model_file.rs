//! Feeds any bytes to the reader of model files: `cargo +nightly fuzz run model_file fuzz/corpus/model_file models`.
//!
//! The text up to the first NUL byte is the file; every line behind it is an override.
#![no_main]

use capplan::spec::{Colour, Document, Override};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = std::str::from_utf8(bytes) else { return };
    let (text, lines) = input.split_once('\0').unwrap_or((input, ""));
    let overrides: Vec<Override> = lines.lines().filter_map(|line| Override::parse(line).ok()).collect();
    if let Err(diagnostics) = Document::parse("fuzz.toml", text).load(&overrides) {
        assert!(!diagnostics.is_empty(), "a refusal without a reason");
        let _ = diagnostics.render(Colour::Plain);
    }
});
