//! `capplan calc --explain` and `--csv`: whole answers, and how bad rows and tables end.

use std::fmt::Write;
use std::fs;

use crate::command::{Said, capplan, fed, package, said};

/// Runs `capplan calc` with this text on standard input.
fn calc(words: &[&str], stdin: &str) -> Said {
    fed(capplan(package()).arg("calc").args(words), stdin)
}

const METHOD: &str = "exact: M/M/c, Erlang C from Erlang B";

#[test]
fn an_explained_answer_has_the_numbers_in_the_formula() {
    let rule = "─".repeat(57);
    let text = format!(
        "{rule}\n result             value\n{rule}\n wait_probability   0.3333333333333333\n utilization        0.5\n \
         method             {METHOD}\n exact              true\n{rule}\n\nFormula:\n  ρ = a/c = 1/2 = 0.5\n  \
         C(c, a) = B(c, a)/(1 − ρ·(1 − B(c, a))),  B = Erlang B\n  C(2, 1) = 0.3333333333\n\nMethod:\n  {METHOD}\n\n\
         Reference:\n  Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5\n"
    );
    let inputs = ["--servers", "2", "--offered-load", "1"];
    let after = [&["erlang_c"], &inputs[..], &["--explain"]].concat();
    assert_eq!(calc(&after, ""), said(&text, "", 0));
    let before = [&["--explain", "erlang_c"], &inputs[..]].concat();
    assert_eq!(calc(&before, ""), said(&text, "", 0));
    let markdown = format!(
        "| result | value |\n| --- | --- |\n| wait_probability | 0.3333333333333333 |\n| utilization | 0.5 |\n\
         | method | {METHOD} |\n| exact | true |\n\n```text\nρ = a/c = 1/2 = 0.5\n\
         C(c, a) = B(c, a)/(1 − ρ·(1 − B(c, a))),  B = Erlang B\nC(2, 1) = 0.3333333333\n```\n\nMethod: {METHOD}\n\n\
         Reference: Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5\n"
    );
    assert_eq!(calc(&[&after[..], &["--format", "markdown"]].concat(), ""), said(&markdown, "", 0));
}

#[test]
fn an_explained_answer_in_json_has_an_object_for_it() {
    let json = format!(
        "{{\n  \"schema\": \"capplan.calc/1\",\n  \"calculator\": \"erlang_c\",\n  \"input\": {{\n    \"servers\": 2,\n    \
         \"offered_load\": 1\n  }},\n  \"result\": {{\n    \"wait_probability\": 0.3333333333333333,\n    \
         \"utilization\": 0.5,\n    \"method\": \"{METHOD}\",\n    \"exact\": true\n  }},\n  \"explain\": {{\n    \
         \"formula\": [\n      \"ρ = a/c = 1/2 = 0.5\",\n      \
         \"C(c, a) = B(c, a)/(1 − ρ·(1 − B(c, a))),  B = Erlang B\",\n      \"C(2, 1) = 0.3333333333\"\n    ],\n    \
         \"reference\": \"Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5\"\n  }}\n}}\n"
    );
    let words = ["erlang_c", "--servers", "2", "--explain", "--offered-load", "1", "--format", "json"];
    assert_eq!(calc(&words, ""), said(&json, "", 0));
}

#[test]
fn an_answer_with_lists_is_whole_in_every_form() {
    let words = ["k_of_n", "--k", "1", "--n", "1", "--availability", "0.75"];
    let with = |format: &str| calc(&[&words[..], &["--format", format]].concat(), "");
    let method = "exact: independent instances, binomial law";
    let csv = format!(
        "availability,unavailability,downtime_minutes_per_year,expected_up,up_probabilities[0],up_probabilities[1],\
         method,exact\n0.75,0.25,131400.0,0.75,0.25,0.75,\"{method}\",true\n"
    );
    assert_eq!(with("csv"), said(&csv, "", 0));
    let markdown = format!(
        "| result | value |\n| --- | --- |\n| availability | 0.75 |\n| unavailability | 0.25 |\n\
         | downtime_minutes_per_year | 131400.0 |\n| expected_up | 0.75 |\n| up_probabilities[0] | 0.25 |\n\
         | up_probabilities[1] | 0.75 |\n| method | {method} |\n| exact | true |\n"
    );
    assert_eq!(with("markdown"), said(&markdown, "", 0));
}

#[test]
fn rows_are_answered_in_order_and_a_bad_one_stops_nothing() {
    let good = "id,servers,offered-load\na,2,1\n";
    let header = "id,servers,offered-load,wait_probability,utilization,method,exact,error_kind,error\n";
    let answer = format!("a,2,1,0.3333333333333333,0.5,\"{METHOD}\",true,,\n");
    assert_eq!(calc(&["erlang_c", "--csv", "-"], good), said(&format!("{header}{answer}"), "", 0));
    let unstable = "\"b, c\",2,3,,,,,unstable,offered load of 3 is too much for 2 servers; at least 4 are needed\n";
    assert_eq!(
        calc(&["--csv", "-", "erlang_c"], &format!("{good}\"b, c\",2,3\n")),
        said(&format!("{header}{answer}{unstable}"), "", 1)
    );
    let bad = "d,many,1\ne,2\n,,1\na,2,1\n";
    let refused = "d,many,1,,,,,invalid_input,`servers` of `many` is not a whole number\n\
                   e,2,,,,,,invalid_input,the row has 2 cells for 3 columns\n\
                   ,,1,,,,,invalid_input,\"`erlang_c` also needs `servers` (number of parallel servers, at least 1)\"\n";
    assert_eq!(
        calc(&["erlang-c", "--csv=-"], &format!("{good}\"b, c\",2,3\n{bad}")),
        said(&format!("{header}{answer}{unstable}{refused}{answer}"), "", 2)
    );
}

#[test]
fn flags_are_for_all_rows_and_lists_are_one_cell() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), "\u{feff}servers,quantiles\n1,\"0.5,0.75\"\n2,0.5\n").expect("written");
    let path = file.path().to_str().expect("a path");
    let method = "exact: M/M/c, birth-death closed form";
    let expected = format!(
        "servers,quantiles,utilization,offered_load,wait_probability,empty_probability,mean_in_queue,mean_in_system,\
         waiting_time,sojourn_time,waiting_time_quantiles.0.5,waiting_time_quantiles.0.75,sojourn_time_quantiles.0.5,\
         sojourn_time_quantiles.0.75,method,exact,error_kind,error\n\
         1,\"0.5,0.75\",0.0,0.0,0.0,1.0,0.0,0.0,0.0,1.0,0.0,0.0,0.6931471805599453,1.3862943611198906,\"{method}\",true,,\n\
         2,0.5,0.0,0.0,0.0,1.0,0.0,0.0,0.0,1.0,0.0,,0.6931471805599453,,\"{method}\",true,,\n"
    );
    let words = ["mmc", "--csv", path, "--arrival-rate", "0", "--service-rate", "1"];
    assert_eq!(calc(&words, ""), said(&expected, "", 0));
    let group = "k,availability,n\n1,0.75,1\n";
    let expected = "k,availability,n,result.availability,unavailability,downtime_minutes_per_year,expected_up,\
                    up_probabilities,method,exact,error_kind,error\n1,0.75,1,0.75,0.25,131400.0,0.75,0.25;0.75,\
                    \"exact: independent instances, binomial law\",true,,\n";
    assert_eq!(calc(&["k_of_n", "--csv", "-"], group), said(expected, "", 0));
}

#[test]
fn a_figure_that_comes_too_late_is_told() {
    let mut table = "top_k\n".to_owned();
    (0..1000).for_each(|_| table.push('\n'));
    let blank = calc(&["zipf", "--csv", "-", "--objects", "1", "--exponent", "1"], &table);
    assert_eq!(blank, said("top_k,error_kind,error\n", "", 0), "blank lines are no rows");
    let mut table = "id,top_k\n".to_owned();
    let method = "\"exact: sum over the objects, its tail by Euler–Maclaurin\",true";
    let mut expected = "id,top_k,harmonic_number,top_1_share,method,exact,error_kind,error\n".to_owned();
    for row in 0..1000 {
        writeln!(table, "{row},").expect("written");
        writeln!(expected, "{row},,1.0,1.0,{method},,").expect("written");
    }
    table.push_str("last,1\n");
    writeln!(
        expected,
        "last,1,1.0,1.0,{method},out_of_range,\"`top_k_share` has no column, for none of the first 1000 rows has it; \
         put this row among them\""
    )
    .expect("written");
    let late = calc(&["zipf", "--csv", "-", "--objects", "1", "--exponent", "1"], &table);
    assert_eq!(late, said(&expected, "", 2));
}

#[test]
fn a_table_that_cannot_be_used_is_refused_as_a_whole() {
    for (table, words, reason) in [
        ("", &[][..], "it is empty; its first line names the inputs"),
        ("server,offered_load\n1,1\n", &[], "`erlang_b` has no input `server`; did you mean `servers`?"),
        ("servers,load\n1,1\n", &[], "`erlang_b` has no input `load`; it takes `servers`, `offered_load`"),
        ("servers,servers\n", &[], "the column `servers` stands there twice; leave one of them out"),
        ("servers,offered_load\n", &["--servers", "1"], "`servers` is a column and a flag; leave one of them out"),
        (
            "servers\n1\n",
            &[],
            "it has no column `offered_load` (offered load in erlangs, at least 0); add it, or give `--offered-load` \
             for all rows",
        ),
    ] {
        let words = [&["erlang_b", "--csv", "-"], words].concat();
        assert_eq!(calc(&words, table), said("", &format!("error: cannot use `standard input`: {reason}\n"), 2));
    }
    let missing = "error: cannot use `no such.csv`: no such file or directory\n";
    assert_eq!(calc(&["erlang_b", "--csv", "no such.csv"], ""), said("", missing, 2));
}

#[test]
fn a_header_alone_is_an_answer_without_rows() {
    let expected = said("servers,error_kind,error\n", "", 0);
    assert_eq!(calc(&["erlang_b", "--csv", "-", "--offered-load", "1"], "servers\n"), expected);
}

#[test]
fn options_that_do_not_fit_together_are_refused() {
    for (words, message) in [
        (&["--csv", "-", "--explain"][..], "give `--explain` or `--csv`, not both"),
        (&["--csv", "-", "--format", "json"], "`--csv` answers in CSV; leave `--format` out, or ask with `--jsonl`"),
        (
            &["--explain", "--format", "csv"],
            "`--explain` has no place in CSV; use the format `table`, `json` or `markdown`",
        ),
        (&["--csv"], "`--csv` needs a value"),
    ] {
        let words = [&["erlang_b"], words].concat();
        assert_eq!(calc(&words, ""), said("", &format!("error: {message}\n"), 2));
    }
}
