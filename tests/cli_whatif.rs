//! `whatif` as a user meets it: standard output, standard error and exit code, whole.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use capplan::spec::REFERENCE_MODEL;
use tempfile::TempDir;

/// Runs the command on the reference model and returns what it wrote and how it ended.
fn run(folder: &Path, words: &[&str]) -> (String, String, Option<i32>) {
    let mut command: Command = assert_cmd::cargo::cargo_bin_cmd!("capplan");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAPPLAN_")) {
        command.env_remove(name);
    }
    command.env_remove("CLICOLOR_FORCE").current_dir(folder);
    let output = command.args(["whatif", "-"]).args(words).write_stdin(REFERENCE_MODEL).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn said(stdout: &str, stderr: &str, code: i32) -> (String, String, Option<i32>) {
    (stdout.to_owned(), stderr.to_owned(), Some(code))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The part of a text before what the figures rest on.
fn figures(text: &str) -> &str {
    text.split("These figures rest on:").next().unwrap_or_default()
}

#[test]
fn one_scenario_is_told_stage_by_stage() {
    let folder = folder();
    let (stdout, stderr, code) = run(folder.path(), &["--scenario", "db-failover", "--format", "markdown"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert_eq!(figures(&stdout), DB_FAILOVER);
}

const DB_FAILOVER: &str = "\
web: 100,000 users, 4,993/s requests; what runs today: app 60 × m7g.large, cache 3 × cache.r7g.large, db 3 × db.m6g.2xlarge
db-failover: failing (the primary of db)
Breaks first: db: 10.0 % of requests fail there.
Objectives are missed for 90.0 s; recovered after 90.0 s.
Requests failed: 44,942 of 8,988,169: 44,942 without a primary of db.
| stage | from | lasts | served | failed | p99 | objectives | app | cache | db |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| before |  |  | 100 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % |
| no primary | 0 s | 90.0 s | 90.0 % | 44,942 | 166 ms | missed | 50 % | 32 % | 18 % |
| on the new primary | 90.0 s | 28.5 min | 100.0 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % |
| the old primary is back | 30.0 min |  | 100.0 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % |

";

#[test]
fn all_scenarios_stand_in_one_table() {
    let folder = folder();
    let (stdout, stderr, code) = run(folder.path(), &["--all", "--format", "markdown"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert_eq!(figures(&stdout), ALL);
}

const ALL: &str = "\
web: 100,000 users, 4,993/s requests; what runs today: app 60 × m7g.large, cache 3 × cache.r7g.large, db 3 × db.m6g.2xlarge
| scenario | what is lost | users notice | breaks first | requests failed | objectives missed | recovered |
| --- | --- | --- | --- | --- | --- | --- |
| zone-lost | 20 of 60 app, 1 of 3 cache, 2 of 3 db, the primary among them | failing | db: 34.1 % of requests fail there | 161,229 | 90.0 s | 90.0 s |
| instance-lost | 1 of 3 db | failing | db: 18.3 % of requests fail there | 45,752 | 50.0 s | 50.0 s |
| cache-lost | all 3 cache | degraded | db: 103 % of what it can serve | 0 | 5.04 min | 5.04 min |
| cache-cold | all objects of cache | unnoticed | nothing; db is 92 % busy | 0 | not at all | at once |
| db-failover | the primary of db | failing | db: 10.0 % of requests fail there | 44,942 | 90.0 s | 90.0 s |
| deploy | 15 of 60 app at a time | unnoticed | nothing; app is 67 % busy | 0 | not at all | at once |
| spike | nothing; 3 times the load | degraded | app: 150 % of what it can serve | 0 | 5.66 min | 5.66 min |
| retry-storm | nothing; 3 times the load, clients try 2 times more | degraded | app: 150 % of what it can serve | 0 | 73.3 s | 73.3 s |

";

#[test]
fn what_must_survive_decides_the_exit_code() {
    let folder = folder();
    let words = ["--must-survive", "db-failover", "--scenario", "db-failover"];
    assert_eq!(run(folder.path(), &words).2, Some(0));
    let tight = [&words[..], &["--set", "scenarios.db-failover.recover_within=1 min", "--format", "markdown"]].concat();
    let (stdout, stderr, code) = run(folder.path(), &tight);
    assert_eq!((stderr.as_str(), code), ("", Some(1)));
    let lost = "Not survived: db-failover misses the objectives for 90.0 s, allowed are 60 s.\n";
    assert_eq!(figures(&stdout), format!("{DB_FAILOVER}{lost}"));
}

#[test]
fn an_unknown_scenario_is_refused_with_the_nearest_one() {
    let folder = folder();
    assert_eq!(
        run(folder.path(), &["--scenario", "zone-lots"]),
        said("", "error: no scenario is called `zone-lots`; did you mean `zone-lost`?\n", 2)
    );
    assert_eq!(
        run(folder.path(), &["--must-survive", "flood"]),
        said(
            "",
            "error: no scenario is called `flood`; there are `zone-lost`, `instance-lost`, `cache-lost`, `cache-cold`, \
             `db-failover`, `deploy`, `spike`, `retry-storm`\n",
            2
        )
    );
}

#[test]
fn a_system_that_does_not_work_is_not_reviewed() {
    let folder = folder();
    let overload = ["--set", "workload.think_time=0 s", "--set", "tiers.app.redundancy=none", "--plan"];
    let words = [&overload[..], &["--set", "tiers.app.max_instances=1", "--users", "1000000"]].concat();
    let reason = "no plan in the grid keeps every objective; `capplan sweep` says what is missed";
    assert_eq!(run(folder.path(), &words), said(&format!("web: {reason}\n"), "", 1));
    let json = run(folder.path(), &[&words[..], &["--format", "json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&json.0).expect("JSON");
    assert_eq!((answer["reason"].as_str(), json.2), (Some(reason), Some(1)));
}

#[test]
fn a_review_is_written_whole_and_the_same_each_time() {
    let folder = folder();
    let words = ["--scenario", "db-failover,spike", "--out", "review", "--format", "csv"];
    let read = || {
        let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder.path().join("review"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("read")))
            .collect();
        files.sort();
        files
    };
    let (stdout, stderr, code) = run(folder.path(), &words);
    assert_eq!((stderr.as_str(), code), ("note: wrote 6 files to review\n", Some(0)));
    let first = read();
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["manifest.json", "timeline-db-failover.svg", "timeline-spike.svg", "whatif.csv", "whatif.html", "whatif.json"];
    assert_eq!(names, expected);
    assert_eq!(first[3].1, stdout.as_bytes());
    assert_eq!(run(folder.path(), &words).2, Some(0));
    assert_eq!(read(), first);
    // The chart of a scenario that was not asked for again is gone.
    let fewer = ["--scenario", "spike", "--out", "review", "--quiet", "--format", "json"];
    let (json, stderr, code) = run(folder.path(), &fewer);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    let names: Vec<String> = read().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["manifest.json", "timeline-spike.svg", "whatif.csv", "whatif.html", "whatif.json"]);
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(answer["schema"], "capplan.whatif/1");
    assert_eq!(answer["scenarios"][0]["breaks_first"]["tier"], "app");
}
