//! `evaluate`, and `init`, `check`, `schema` and `explain` around it, as a user meets them.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::command::{SHOP, assert_said, capplan, end, json, names, run, said, shop};
use capplan::model_file::REFERENCE_MODEL;
use serde_json::{Value, json};

/// The shop with a rate in place of its users: an open workload, which can be too much.
fn open_shop() -> tempfile::TempDir {
    let folder = shop();
    let open = SHOP.replace("users = 1000, think_time = \"10 s\"", "arrival_rate = \"100/s\"");
    fs::write(folder.path().join("open.toml"), open).expect("written");
    folder
}

#[test]
fn a_system_as_it_stands_is_evaluated_in_full() {
    let folder = shop();
    let expected = "evaluate_shop.txt";
    assert_said(&run(folder.path(), &["evaluate", "shop.toml"]), expected, "", 0);
    // The file that is found is named; an override and the option say the same.
    fs::rename(folder.path().join("shop.toml"), folder.path().join("capplan.toml")).expect("renamed");
    let found = "note: using `capplan.toml`\n";
    assert_said(&run(folder.path(), &["evaluate", "--users", "1_000"]), expected, found, 0);
    assert_said(&run(folder.path(), &["evaluate", "-q", "--set", "workload.users=1e3"]), expected, "", 0);
    // Nothing is written by an evaluation.
    assert_eq!(names(folder.path()), ["capplan.toml"]);
}

#[test]
fn every_form_is_one_document() {
    let folder = shop();
    let with = |format: &str| run(folder.path(), &["evaluate", "shop.toml", "--format", format]);
    assert_said(&with("csv"), "evaluate_shop.csv", "", 0);
    assert_said(&with("markdown"), "evaluate_shop.md", "", 0);
    let answer = with("json");
    assert_eq!((answer.1.as_str(), answer.2), ("", Some(0)));
    let answer = json(&answer);
    assert_eq!(answer["schema"], "capplan.evaluate/1");
    assert_eq!((&answer["missed"], &answer["missed_after_designed_loss"]), (&json!([]), &json!([])));
    assert_eq!(answer["evaluation"]["tiers"].as_array().map(Vec::len), Some(3));
    assert!(answer["evaluation"]["response_time"]["p99"].as_f64().is_some_and(|p99| p99 > 0.1 && p99 < 0.2));
}

#[test]
fn what_to_promise_is_answered_in_numbers() {
    let folder = shop();
    let answer = json(&run(folder.path(), &["evaluate", "shop.toml", "--format=json"]));
    let promises = &answer["evaluation"]["promises"];
    let number = |path: &str| promises.pointer(path).and_then(Value::as_f64).expect(path);
    let close = |path: &str, want: f64| assert!((number(path) / want - 1.0).abs() < 1e-6, "{path}: {}", number(path));
    // 99.5 % of 43,200 min leave 216; a full outage is noticed after 14.4·0.005 of an hour.
    close("/error_budget/minutes", 216.0);
    close("/error_budget/failed_requests", 216.0 * 60.0 * answer["arrival_rate"].as_f64().expect("a rate"));
    close("/error_budget/alerts/0/full_outage_noticed_after", 259.2);
    // An instance every 30 s, 5 s to answer, the second one counts.
    close("/health_checks/0/detection_mean", 50.0);
    // The primary fails every 7,008,000 s, 4.5 times a year, of the time in which there is one.
    assert!((number("/failovers/0/outages_per_year") / 4.5 - 1.0).abs() < 1e-4);
    close("/managed_services/unavailability", 1e-4);
    assert_eq!(promises["health_checks"][0]["cascade_begins_at"], 3);
    assert_eq!(promises["failovers"][0]["successor"], "standby");
    assert_eq!((&promises["hangs_on"][0]["cause"], &promises["hangs_on"][0]["tier"]), (&json!("region"), &Value::Null));
    let months = promises["months"].as_array().expect("a list");
    let broken: Vec<f64> = months.iter().filter_map(|month| month["breach_probability"].as_f64()).collect();
    assert!(broken.len() == 5 && broken.is_sorted() && broken.iter().all(|share| (0.0..=1.0).contains(share)));
    // A replica that is promoted lacks the writes of its lag; a promise that is not made has no budget.
    let changed = SHOP
        .replace("availability = \"99.5%\"\n", "")
        .replace("read_replicas = 1", "read_replicas = 1\nstandby = false");
    fs::write(folder.path().join("changed.toml"), changed).expect("written");
    let answer = json(&run(folder.path(), &["evaluate", "changed.toml", "--format=json"]));
    let promises = &answer["evaluation"]["promises"];
    assert_eq!((&promises["error_budget"], &promises["failovers"][0]["successor"]), (&Value::Null, &json!("replica")));
    assert!(promises["failovers"][0]["lost_writes"]["mean_per_failover"].as_f64().is_some_and(|mean| mean > 0.0));
}

#[test]
fn objectives_that_only_hold_with_nothing_lost_are_missed() {
    let folder = shop();
    // Half of the application is too little: users who wait longer ask less often, so there is a steady state, but a slow one.
    let expected = "evaluate_after_loss.txt";
    assert_said(&run(folder.path(), &["evaluate", "shop.toml", "--users=2000"]), expected, "", 1);
    let answer = run(folder.path(), &["evaluate", "shop.toml", "--users=2000", "--format=json"]);
    assert_eq!(answer.2, Some(1));
    let answer = json(&answer);
    assert_eq!(answer["missed"], json!([]));
    assert_eq!(answer["missed_after_designed_loss"].as_array().map(Vec::len), Some(2));
    // The limit that is printed is the one that decides.
    let most = answer["evaluation"]["max_users_after_designed_loss"].as_f64().expect("a number").floor();
    assert_eq!(run(folder.path(), &["evaluate", "shop.toml", &format!("--users={most}")]).2, Some(0));
    assert_eq!(run(folder.path(), &["evaluate", "shop.toml", &format!("--users={}", most + 2.0)]).2, Some(1));
}

#[test]
fn overload_is_an_answer_with_exit_code_1() {
    let folder = open_shop();
    let reason = "tier `app` is overloaded: it would have to be busy 150.0 % of the time";
    let words = ["evaluate", "open.toml", "--set", "workload.arrival_rate=500/s"];
    let expected =
        format!("shop: {reason}; run more or faster instances, or less load (`capplan sweep` finds how many)\n");
    assert_eq!(run(folder.path(), &words), said(&expected, "", 1));
    let table = format!("state,status\nall_up,{reason}\n");
    assert_eq!(run(folder.path(), &[&words[..], &["--format=csv"]].concat()), said(&table, "", 1));
    let answer = run(folder.path(), &[&words[..], &["--format=json"]].concat());
    assert_eq!((answer.1.as_str(), answer.2), ("", Some(1)));
    assert_eq!(
        json(&answer),
        json!({
            "schema": "capplan.evaluate/1",
            "model": "shop",
            "users": null,
            "evaluation": null,
            "reason": reason,
        })
    );
}

#[test]
fn what_is_no_single_number_of_users_is_refused() {
    let folder = open_shop();
    let invalid = |value: &str, message: &str| {
        let text = format!(
            "error: invalid value '{value}' for '--users <N>': {message}\n\nFor more information, try '--help'.\n"
        );
        said("", &text, 2)
    };
    for value in ["0", "-5", "NaN", "1e400", "1.5", "many"] {
        let message = format!("`{value}` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(run(folder.path(), &["evaluate", "shop.toml", "--users", value]), invalid(value, &message));
    }
    for value in ["1000,2000", "1..10:3"] {
        let message = format!("`{value}` is more than one number of users; `capplan sweep` takes several");
        assert_eq!(run(folder.path(), &["evaluate", "shop.toml", "--users", value]), invalid(value, &message));
    }
    let conflict = "error[CAP0110]: --users 5: a workload has either `users` with `think_time` or `arrival_rate`, not both\n \
                    |\n = help: remove `arrival_rate` from the file or do not set `users`\n";
    assert_eq!(run(folder.path(), &["evaluate", "open.toml", "--users=5"]), said("", conflict, 2));
}

#[test]
fn what_is_no_model_is_refused() {
    let folder = shop();
    fs::create_dir(folder.path().join("models")).expect("made");
    fs::write(folder.path().join("binary.toml"), [0xff, 0xfe, 0x00]).expect("written");
    for (name, reason) in [
        ("models", "it is a directory; name the model file in it"),
        ("binary.toml", "it is not text in UTF-8 (byte 1); save it as UTF-8"),
        ("gone.toml", "there is no such file; `capplan init` writes one to begin with"),
    ] {
        let message = format!("error: cannot read `{name}`: {reason}\n");
        assert_eq!(run(folder.path(), &["evaluate", name]), said("", &message, 2));
    }
    let nothing = "error: cannot read `standard input`: it is empty; `capplan init` writes a model to begin with\n";
    assert_eq!(run(folder.path(), &["evaluate", "-"]), said("", nothing, 2));
}

#[test]
fn names_that_would_break_a_table_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("comma.toml"),
        SHOP.replace("small", "a,b").replace("[instance_types.a,b]", "[instance_types.\"a,b\"]"),
    )
    .expect("written");
    let (stdout, stderr, code) = run(folder.path(), &["evaluate", "comma.toml"]);
    let first: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error") || line.contains("help")).collect();
    assert_eq!((stdout.as_str(), code), ("", Some(2)));
    assert_eq!(
        first,
        [
            "error[CAP0114]: `instance_types.\"a,b\"`: \"a,b\" cannot be the name of an instance type",
            "   = help: it has 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_reader_that_leaves_and_a_full_device_end_every_command_as_they_should() {
    let folder = shop();
    for words in [
        &["evaluate", "shop.toml"][..],
        &["evaluate", "shop.toml", "--format=json"],
        &["check", "shop.toml", "--explain", "--format=csv"],
        &["explain", "CAP0105"],
        &["explain"],
        &["init", "-"],
        &["schema"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = capplan(folder.path()).args(words).stdout(writer).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            (String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()),
            ("", Some(0)),
            "{words:?}"
        );
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device that is always full");
        let child = capplan(folder.path()).args(words).stdout(full).stderr(Stdio::piped()).spawn().expect("it runs");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            (String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()),
            ("error: cannot write to standard output: no space left on device\n", Some(2)),
            "{words:?}"
        );
    }
}

#[test]
fn the_first_steps_of_a_newcomer_work() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &["init", "-q", "--model", "single-server"]), said("", "", 0));
    assert_eq!(run(folder.path(), &["check", "-q"]).2, Some(0));
    let answer = run(folder.path(), &["evaluate", "-q", "--format=json"]);
    assert_eq!(answer.1, "");
    assert!(json(&answer)["evaluation"]["monthly_cost_usd"].as_f64().is_some_and(f64::is_finite));
    // An earlier model is not lost to a second try.
    assert_eq!(run(folder.path(), &["init"]).2, Some(2));
    let text = fs::read_to_string(folder.path().join("capplan.toml")).expect("read");
    assert!(text.contains("name = \"single-server\""));
}

#[test]
fn every_example_of_every_help_page_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    // The reference system with fewer choices, to be quick.
    let few = REFERENCE_MODEL
        .replace("max_instances = 150", "max_instances = 20")
        .replace("\"m7g.large\", \"m7g.xlarge\", \"m7g.2xlarge\", \"c7g.large\", \"c7g.xlarge\", ", "")
        .replace("\"db.m6g.large\", \"db.m6g.xlarge\", \"db.m6g.2xlarge\", \"db.r6g.xlarge\", ", "");
    for name in ["web.toml", "capplan.toml"] {
        fs::write(folder.path().join(name), &few).expect("written");
    }
    let mut tried = 0;
    for command in ["init", "check", "evaluate", "sweep", "explain", "schema", "completions"] {
        let (stdout, stderr, code) = run(folder.path(), &[command, "--help"]);
        assert_eq!((stderr.as_str(), code), ("", Some(0)));
        let examples = stdout.lines().skip_while(|line| *line != "Examples:").skip(1);
        for line in examples.take_while(|line| line.starts_with("  ")) {
            // Behind two spaces stands what the example does.
            let words = line.trim().split("  ").next().unwrap_or_default();
            let words: Vec<&str> =
                words.split(' ').skip(1).take_while(|word| !word.starts_with(['>', '<', '|'])).collect();
            let (_, stderr, code) = end(capplan(folder.path()).args(with_small_work(&words)));
            // `init` keeps a model that is there already, which is no fault of the example.
            let kept = words.as_slice() == ["init"] && stderr.contains("is there already");
            assert!(kept || matches!(code, Some(0 | 1)), "{line}: {stderr}");
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried} examples");
}

/// An example with fewer points, to be quick; the words are read all the same.
fn with_small_work(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.replace("1000..1000000:13", "1000..2000:2").replace("64GiB:7", "64GiB:2")).collect()
}

/// The reference system: structure only.
#[test]
fn the_reference_system_is_evaluated() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = run(folder.path(), &["evaluate", "--format=json", "--quiet"]);
    let answer = json(&answer);
    let finite = |pointer: &str| answer.pointer(pointer).and_then(Value::as_f64).is_some_and(f64::is_finite);
    for pointer in ["/arrival_rate", "/evaluation/response_time/p99", "/evaluation/availability"] {
        assert!(finite(pointer), "{pointer}");
    }
    assert!(names(Path::new(folder.path())).is_empty());
}
