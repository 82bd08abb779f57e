//! The report in `reports/` is what the program writes today.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How far a figure may be from the published one: processors differ in the last digit of `exp` and `ln`, and a root is
/// found to about this.
const FIGURES: f64 = 1e-6;

/// The same for charts, where a rounding may move a point to the next pixel.
const PIXELS: f64 = 1.0;

fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

/// Takes a text apart into the words between its numbers, and its numbers.
fn taken_apart(text: &str) -> (Vec<&str>, Vec<f64>) {
    let (mut words, mut numbers) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        words.push(&rest[..start]);
        let number = &rest[start..];
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        numbers.push(number[..end].trim_end_matches('.').parse().unwrap_or(f64::NAN));
        rest = &number[end..];
    }
    words.push(rest);
    (words, numbers)
}

/// Whether two texts have the same words, and the same numbers within a tolerance.
fn alike(one: &str, other: &str, relative: f64, absolute: f64) -> bool {
    let ((words, numbers), (other_words, other_numbers)) = (taken_apart(one), taken_apart(other));
    let close =
        |(a, b): (&f64, &f64)| (a - b).abs() <= (relative * a.abs()).max(absolute) || (a.is_nan() && b.is_nan());
    words == other_words && numbers.iter().zip(&other_numbers).all(close)
}

#[test]
fn texts_are_alike_when_their_numbers_are() {
    assert!(alike("a 1.5 b", "a 1.5000001 b", FIGURES, 0.0));
    assert!(!alike("a 1.5 b", "a 1.51 b", FIGURES, 0.0));
    assert!(!alike("a 1.5 b", "a 1.5 c", FIGURES, 0.0));
    assert!(!alike("a 1 b", "a 1 b 2", FIGURES, 0.0));
}

#[test]
fn the_published_report_is_written_again() {
    let published = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/web-100000"));
    let scratch = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_capplan"))
        .args(["sweep", "--users", "100000", "--quiet", "--out", "report"])
        .current_dir(scratch.path())
        .env_clear()
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", output.status);
    let printed = String::from_utf8(output.stdout).expect("text");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("text");
    let (_, shown) = readme.split_once("```text\n").expect("a screen of output");
    let (shown, _) = shown.split_once("```").expect("its end");
    assert!(alike(shown, &printed, FIGURES, 0.0), "README.md shows\n{shown}\nnow it is\n{printed}");
    let written = files(&scratch.path().join("report"));
    assert_eq!(written.keys().collect::<Vec<_>>(), published.keys().collect::<Vec<_>>());
    for (name, then) in published.iter().filter(|(name, _)| *name != "manifest.json") {
        let drawn = Path::new(name).extension().is_some_and(|kind| kind == "svg" || kind == "html");
        assert!(
            alike(then, &written[name], FIGURES, if drawn { PIXELS } else { 0.0 }),
            "{name} has changed: if that is right, run `cargo run --release -- sweep --users 100000` and say why in the \
             changelog"
        );
    }
    let manifest = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
    let (then, now) = (manifest(&published["manifest.json"]), manifest(&written["manifest.json"]));
    for field in ["schema", "command", "seed", "inputs", "overrides"] {
        assert_eq!(then[field], now[field], "{field}: run `cargo run --release -- sweep --users 100000`");
    }
}
