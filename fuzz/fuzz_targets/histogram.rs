//! Feeds any bytes to the reader of histograms: `RUSTC_BOOTSTRAP=1 cargo fuzz run histogram`.
#![no_main]

use capplan::model_file::read_histogram;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(counts) = read_histogram(bytes) {
        assert!(counts.iter().all(|count| *count >= 0.0 && count.is_finite()));
        assert!(counts.iter().any(|count| *count > 0.0), "a histogram of nothing");
    }
});
