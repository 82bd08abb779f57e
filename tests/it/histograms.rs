//! Histograms of requests on the command line.

use std::fs;

use serde_json::{Value, json};

use crate::command::{Said, capplan, fed};

/// Runs a calculator in a folder with the file `hist.csv`.
fn run(histogram: &str, words: &[&str], stdin: &str) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("hist.csv"), histogram).expect("written");
    fed(capplan(folder.path()).args(words), stdin)
}

const HISTOGRAM: &str = "object,count\nb,3\na,9\nc,3\n";

fn answer(words: &[&str], stdin: &str) -> Value {
    let (stdout, stderr, code) = run(HISTOGRAM, &[&["calc"], words, &["--format", "json"]].concat(), stdin);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    serde_json::from_str(&stdout).expect("JSON")
}

#[test]
fn a_file_a_pipe_and_json_are_one_histogram() {
    let file = answer(&["cache-fit", "--histogram", "hist.csv"], "");
    let pipe = answer(&["cache-fit", "--histogram=-"], HISTOGRAM);
    let pairs = answer(&["cache-fit", "--histogram", "[[9, 1], [3, 2]]"], "");
    assert_eq!((&file["result"], &pipe["result"]), (&pairs["result"], &pairs["result"]));
    assert_eq!(file["result"]["objects"], 3);
    // The answer repeats the name, not a million counts.
    assert_eq!(file["input"], json!({"histogram": "hist.csv"}));
}

#[test]
fn any_popularity_may_come_from_a_file() {
    let words = ["cache", "--popularity", "hist.csv", "--capacity-objects", "1"];
    let weights =
        ["cache", "--popularity", "{\"type\": \"weights\", \"weights\": [9, 3, 3]}", "--capacity-objects", "1"];
    let (file, weights) = (answer(&words, ""), answer(&weights, ""));
    let hits = |answer: &Value| answer["result"]["hit_ratio"].as_f64().expect("a ratio");
    assert!((hits(&file) - hits(&weights)).abs() < 1e-14);
}

#[test]
fn what_cannot_be_used_is_said_with_its_line() {
    let refused = |histogram: &str, file: &str| run(histogram, &["calc", "cache_fit", "--histogram", file], "");
    let said = |stderr: &str| (String::new(), stderr.to_owned(), Some(2));
    assert_eq!(
        refused("a,1\nb,-4\n", "hist.csv"),
        said("error: cannot use `hist.csv`: line 2: count of `-4` is not a number of at least 0\n")
    );
    assert_eq!(
        refused("object,count\n", "hist.csv"),
        said("error: cannot use `hist.csv`: it has no rows; each is `object,count` or `rank,count`\n")
    );
    assert_eq!(refused(HISTOGRAM, "none.csv"), said("error: cannot use `none.csv`: no such file or directory\n"));
    let twice = ["calc", "cache_fit", "--histogram", "hist.csv", "--histogram", "[[1, 2]]"];
    assert_eq!(run(HISTOGRAM, &twice, ""), said("error: `--histogram` is given twice\n"));
}
