//! Feeds any bytes to the reader of model files and evaluates the system that comes out:
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run model_file fuzz/corpus/model_file models tests/data`.
//!
//! The text up to the first NUL byte is the file; every line behind it is an override.
#![no_main]

use capplan::evaluate::{Condition, Prepared, evaluate};
use capplan::model_file::{Colour, Document, Override};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = std::str::from_utf8(bytes) else { return };
    let (text, lines) = input.split_once('\0').unwrap_or((input, ""));
    let overrides: Vec<Override> = lines.lines().filter_map(|line| Override::parse(line).ok()).collect();
    match Document::parse("fuzz.toml", text).load(&overrides) {
        Ok(loaded) => {
            let system = loaded.system;
            let Ok(prepared) = Prepared::new(&system) else { return };
            for condition in [Condition::AllUp, Condition::ZoneLost, Condition::DesignLoss] {
                if let Ok(evaluation) = evaluate(&prepared, &system.current_deployment(), condition) {
                    let times = evaluation.overall;
                    assert!(times.mean.is_finite() && times.percentiles.iter().all(|time| time.is_finite()));
                }
            }
        }
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty(), "a refusal without a reason");
            let _ = diagnostics.render(Colour::Plain);
        }
    }
});
