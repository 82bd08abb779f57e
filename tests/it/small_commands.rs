//! `schema`, `explain`, `calc` and `completions`, and what happens when nobody reads the answer.

use std::process::Stdio;

use capplan::model_file::Code;

use crate::command::{Said, capplan, fed, package, said};

/// Runs the command with this text on standard input.
fn run(words: &[&str], stdin: &str) -> Said {
    fed(capplan(package()).args(words), stdin)
}

#[test]
fn the_schema_is_that_of_the_library() {
    let (stdout, stderr, code) = run(&["schema"], "");
    let schema: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((schema, stderr.as_str(), code), (capplan::model_file::schema(), "", Some(0)));
}

#[test]
fn every_code_is_explained() {
    let expected = "\
CAP0113: an override that cannot be applied

An override is the dotted path of a key and its value: `--set
tiers.cache.memory=8GiB`. The path must lead through tables of the file; put a
part that itself has dots in double quotes.
";
    assert_eq!(run(&["explain", "cap0113"], ""), said(expected, "", 0));
    let unknown = "error: no fault has the code `CAP9999`; `capplan explain` lists them all\n";
    assert_eq!(run(&["explain", "CAP9999"], ""), said("", unknown, 2));
    let (stdout, ..) = run(&["explain", "--format", "json"], "");
    let answer: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(answer["codes"].as_array().map(Vec::len), Some(Code::ALL.len()));
}

#[test]
fn a_calculator_answers_in_every_form() {
    let words = ["calc", "erlang-c", "--servers", "2", "--offered-load=1"];
    let with = |more: &[&str]| run(&[&words[..], more].concat(), "");
    let rule = "─".repeat(57);
    let table = format!(
        "{rule}\n result             value\n{rule}\n wait_probability   0.3333333333333333\n utilization        0.5\n \
         method             exact: M/M/c, Erlang C from Erlang B\n exact              true\n{rule}\n"
    );
    assert_eq!(with(&[]), said(&table, "", 0));
    let csv = "wait_probability,utilization,method,exact\n\
               0.3333333333333333,0.5,\"exact: M/M/c, Erlang C from Erlang B\",true\n";
    assert_eq!(with(&["--format", "csv"]), said(csv, "", 0));
    let json = "{\n  \"schema\": \"capplan.calc/1\",\n  \"calculator\": \"erlang_c\",\n  \"input\": {\n    \"servers\": 2,\n    \
                \"offered_load\": 1\n  },\n  \"result\": {\n    \"wait_probability\": 0.3333333333333333,\n    \
                \"utilization\": 0.5,\n    \"method\": \"exact: M/M/c, Erlang C from Erlang B\",\n    \"exact\": true\n  \
                }\n}\n";
    assert_eq!(with(&["--format=json", "--quiet"]), said(json, "", 0));
    let markdown = "| result | value |\n| --- | --- |\n| wait_probability | 0.3333333333333333 |\n| utilization | 0.5 |\n\
                    | method | exact: M/M/c, Erlang C from Erlang B |\n| exact | true |\n";
    assert_eq!(with(&["--format", "markdown"]), said(markdown, "", 0));
}

#[test]
fn a_calculator_without_an_answer_says_why() {
    for (words, message, code) in [
        (
            &["--servers", "2", "--offered-load", "2"][..],
            "offered load of 2 is too much for 2 servers; at least 3 are needed",
            1,
        ),
        (&["--servers", "2", "--offered-load"], "`--offered-load` needs a value", 2),
        (&["--load", "2"], "`erlang_c` has no `--load`; it takes `--servers`, `--offered-load`", 2),
        (&["3", "2"], "`3` is no input; write `--input-name value`", 2),
        (&["--format", "xml"], "`xml` is no format; there are `table`, `json`, `csv`, `markdown`", 2),
    ] {
        let words = [&["calc", "erlang_c"][..], words].concat();
        assert_eq!(run(&words, ""), said("", &format!("error: {message}\n"), code));
    }
    let nameless = "error: name a calculator; `capplan calc --list` shows them\n";
    assert_eq!(run(&["calc"], ""), said("", nameless, 2));
}

#[test]
fn a_calculator_lists_its_inputs() {
    let rule = "─".repeat(68);
    let help = format!(
        "probability to wait for one of c servers (Erlang C)\n\nUsage: capplan calc erlang_c --servers VALUE \
         --offered-load VALUE\n\n{rule}\n input            need       meaning\n{rule}\n \
         --servers        required   number of parallel servers, at least 1\n \
         --offered-load   required   offered load in erlangs, at least 0\n{rule}\n\n\
         Lists are written `1,2,3`, matrices, popularities and trees as JSON. Times are in seconds, rates per second.\n\
         `--explain` shows the formula with the numbers in it; `--csv FILE` answers each row of a table of inputs.\n"
    );
    assert_eq!(run(&["calc", "erlang_c", "--help"], ""), said(&help, "", 0));
    let (stdout, ..) = run(&["calc", "--list", "--format", "csv"], "");
    // A header, the calculators, and the one that reads a file.
    assert_eq!(stdout.lines().count(), capplan_calculators::CALCULATORS.len() + 2);
    assert_eq!(
        stdout.lines().last(),
        Some("network,\"a network of queues from a file: open, closed or mixed classes; visits, routing or paths\"")
    );
}

#[test]
fn a_stream_answers_every_line_and_its_exit_code_is_the_worst() {
    let good = r#"{"calculator": "erlang_b", "id": 1, "input": {"servers": 1, "offered_load": 1}}"#;
    let overload = r#"{"calculator": "erlang_c", "id": 2, "input": {"servers": 1, "offered_load": 1}}"#;
    let answer = "{\"id\":1,\"calculator\":\"erlang_b\",\"result\":{\"blocking_probability\":0.5,\"utilization\":0.5,\
         \"method\":\"exact: M/M/c/c, Erlang's recursion or Temme's expansion of it\",\"exact\":true}}\n";
    let unstable = "{\"id\":2,\"calculator\":\"erlang_c\",\"error\":{\"kind\":\"unstable\",\"message\":\"offered load of 1 is \
                    too much for 1 server; at least 2 are needed\"}}\n";
    let broken = "{\"id\":null,\"calculator\":null,\"error\":{\"kind\":\"invalid_input\",\"message\":\"the line is not JSON: \
                  expected value at line 1 column 1\"}}\n";
    assert_eq!(run(&["calc", "--jsonl"], ""), said("", "", 0));
    assert_eq!(run(&["calc", "--jsonl"], good), said(answer, "", 0));
    assert_eq!(
        run(&["calc", "--jsonl"], &format!("{good}\r\n{overload}\n")),
        said(&format!("{answer}{unstable}"), "", 1)
    );
    assert_eq!(
        run(&["calc", "--jsonl"], &format!("oops\n{overload}\n{good}\n")),
        said(&format!("{broken}{unstable}{answer}"), "", 2)
    );
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (stdout, stderr, code) = run(&["completions", shell], "");
        assert_eq!((stdout.is_empty(), stderr.as_str(), code), (false, "", Some(0)));
    }
}

#[test]
fn help_begins_with_examples_and_names_the_exit_codes() {
    let (stdout, stderr, code) = run(&["--help"], "");
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!((lines[0], lines[2]), ("Size cloud systems with queueing theory", "Examples:"));
    let codes = lines.iter().position(|line| *line == "Exit codes:").expect("exit codes");
    assert_eq!(lines[codes + 4], "  130  interrupted");
    assert_eq!(run(&["help"], "").0, stdout);
    assert_eq!(run(&["--version"], ""), said(concat!("capplan ", env!("CARGO_PKG_VERSION"), "\n"), "", 0));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    for words in [&["schema"][..], &["check", "--explain"], &["--help"], &["calc", "--list"], &["completions", "bash"]]
    {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_capplan"))
            .args(words)
            .env("CAPPLAN_QUIET", "1")
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the command runs");
        assert_eq!(
            (String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()),
            ("", Some(0)),
            "{words:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_one_line() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the device that is always full");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_capplan"))
        .arg("schema")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .expect("the command runs");
    assert_eq!(
        (String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()),
        ("error: cannot write to standard output: no space left on device\n", Some(2))
    );
}
