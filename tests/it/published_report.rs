//! The report in `reports/` is what the program writes today.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How far a figure may be from the published one: processors differ in the last digit of `exp` and `ln`, and a root is
/// found to about this.
const FIGURES: f64 = 1e-6;

/// The same for coordinates of charts, where a rounding may move a point to the next pixel.
const PIXELS: f64 = 1.0;

/// Attributes of a drawing that hold coordinates.
const COORDINATES: [&str; 11] =
    [" x=", " y=", " cx=", " cy=", " x1=", " y1=", " x2=", " y2=", " points=", " width=", " height="];

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

/// Whether two texts have the same words, and the same numbers within a tolerance: relative, or absolute if that is more.
fn alike(one: &str, other: &str, absolute: f64) -> bool {
    let ((words, numbers), (other_words, other_numbers)) = (taken_apart(one), taken_apart(other));
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= (FIGURES * a.abs()).max(absolute) || (a.is_nan() && b.is_nan());
    words == other_words && numbers.iter().zip(&other_numbers).all(close)
}

/// Takes a page or a drawing apart into pieces, each with the absolute tolerance of its numbers: some for coordinates inside
/// `<svg>`, none for anything that is read.
fn pieces(text: &str) -> Vec<(&str, f64)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("<svg") {
        pieces.push((&rest[..start], 0.0));
        let end = rest[start..].find("</svg>").map_or(rest.len(), |end| start + end);
        for tag in rest[start..end].split_inclusive('>') {
            let (label, tag) = tag.find('<').map_or((tag, ""), |at| tag.split_at(at));
            pieces.push((label, 0.0));
            let mut name = "";
            for (index, part) in tag.split('"').enumerate() {
                let is_coordinate = index % 2 == 1 && COORDINATES.iter().any(|coordinate| name.ends_with(coordinate));
                pieces.push((part, if is_coordinate { PIXELS } else { 0.0 }));
                name = part;
            }
        }
        rest = &rest[end..];
    }
    pieces.push((rest, 0.0));
    pieces
}

/// Whether two pages or drawings say the same, with points of charts in the same places.
fn drawn_alike(one: &str, other: &str) -> bool {
    let (one, other) = (pieces(one), pieces(other));
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| alike(one.0, other.0, one.1))
}

#[test]
fn texts_are_alike_when_their_numbers_are() {
    assert!(alike("a 1.5 b", "a 1.5000001 b", 0.0));
    assert!(!alike("a 1.5 b", "a 1.51 b", 0.0));
    assert!(!alike("a 1.5 b", "a 1.5 c", 0.0));
    assert!(!alike("a 1 b", "a 1 b 2", 0.0));
}

#[test]
fn only_coordinates_of_charts_may_move() {
    let page = |instances: u32, x: u32, size: u32, label: u32| {
        format!("<p>{instances} instances</p><svg><text x=\"{x}\" font-size=\"{size}\">{label} ms</text></svg>")
    };
    assert!(drawn_alike(&page(15, 100, 12, 250), &page(15, 101, 12, 250)));
    assert!(!drawn_alike(&page(15, 100, 12, 250), &page(15, 102, 12, 250)));
    assert!(!drawn_alike(&page(15, 100, 12, 250), &page(16, 100, 12, 250)));
    assert!(!drawn_alike(&page(15, 100, 12, 250), &page(15, 100, 13, 250)));
    assert!(!drawn_alike(&page(15, 100, 12, 250), &page(15, 100, 12, 251)));
    assert!(!drawn_alike(&page(15, 100, 12, 250), "<p>15 instances</p>"));
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
    assert!(alike(shown, &printed, 0.0), "README.md shows\n{shown}\nnow it is\n{printed}");
    let written = files(&scratch.path().join("report"));
    assert_eq!(written.keys().collect::<Vec<_>>(), published.keys().collect::<Vec<_>>());
    for (name, then) in published.iter().filter(|(name, _)| *name != "manifest.json") {
        let drawn = Path::new(name).extension().is_some_and(|kind| kind == "svg" || kind == "html");
        assert!(
            if drawn { drawn_alike(then, &written[name]) } else { alike(then, &written[name], 0.0) },
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
