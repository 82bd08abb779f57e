//! Feeds any line to `calc --jsonl`: `RUSTC_BOOTSTRAP=1 cargo fuzz run calc_line fuzz/corpus/calc_line
//! crates/calculators/data/reference`.
#![no_main]

use capplan_calculators::answer_line;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        let mut answer = Vec::new();
        answer_line(line, &mut answer);
        let answer = std::str::from_utf8(&answer).expect("an answer in UTF-8");
        assert!(answer.trim_end().lines().count() <= 1, "an answer of several lines");
        assert!(!answer.contains("NaN") && !answer.contains(":inf"), "{answer}");
    }
});
