//! `whatif` as a user meets it: standard output, standard error and exit code, whole.

use std::fs;
use std::path::Path;

use capplan::model_file::REFERENCE_MODEL;
use tempfile::TempDir;

use crate::command::{Said, capplan, fed, said};

/// Runs the command on the reference model.
fn run(folder: &Path, words: &[&str]) -> Said {
    fed(capplan(folder).args(["whatif", "-"]).args(words), REFERENCE_MODEL)
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
db-failover: failing (lost: the primary of db)
Breaks first: db: 10.0 % of requests fail there.
Objectives are missed for 90.0 s; the system recovers after 90.0 s.
Failed requests: 44,942 of 8,988,169: 44,942 while db had no primary.
| stage | from | lasts | served | failed | worst p99 | objectives | app busy | cache busy | db busy | peak |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| before |  |  | 100.0 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % | app 50 % |
| no primary | 0 s | 90.0 s | 90.0 % | 44,942 | 166 ms | missed | 50 % | 32 % | 18 % | app 50 % |
| on the new primary | 90.0 s | 28.5 min | 100.0 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % | app 50 % |
| the old primary is back | 30.0 min |  | 100.0 % | 0 | 160 ms | hold | 50 % | 32 % | 27 % | app 50 % |

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
| scenario | what happens | users notice | breaks first | requests failed | objectives missed | recovered |
| --- | --- | --- | --- | --- | --- | --- |
| zone-lost | lost: 20 of 60 app, 1 of 3 cache, 2 of 3 db with the primary | failing | app: 33.3 % of requests fail there | 177,709 | 90.0 s | 90.0 s |
| instance-lost | lost: 1 of 3 db | failing | db: 18.3 % of requests fail there | 45,752 | 50.0 s | 50.0 s |
| cache-lost | lost: all 3 instances of cache | degraded | db: load is 103 % of its capacity | 0 | 5.04 min | 5.04 min |
| cache-cold | cache is empty | unnoticed | nothing; load of db is 103 % of its capacity, for less than 1 s | 0 | not at all | at once |
| db-failover | lost: the primary of db | failing | db: 10.0 % of requests fail there | 44,942 | 90.0 s | 90.0 s |
| deploy | 15 of 60 app replaced at a time | unnoticed | nothing; app is 67 % busy | 0 | not at all | at once |
| spike | 3 times the usual load | degraded | app: load is 150 % of its capacity | 0 | 5.66 min | 5.66 min |
| retry-storm | 3 times the usual load, clients retry 2 times | degraded | app: load is 150 % of its capacity | 0 | 73.3 s | 73.3 s |

";

#[test]
fn what_must_survive_decides_the_exit_code() {
    let folder = folder();
    let words = ["--must-survive", "db-failover", "--scenario", "db-failover"];
    assert_eq!(run(folder.path(), &words).2, Some(0));
    let tight = [&words[..], &["--set", "scenarios.db-failover.recover_within=1 min", "--format", "markdown"]].concat();
    let (stdout, stderr, code) = run(folder.path(), &tight);
    assert_eq!((stderr.as_str(), code), ("", Some(1)));
    let lost = "Not survived: db-failover misses the objectives for 90.0 s, at most 60 s is allowed.\n";
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
    let set = ["--set", "scenarios.db-failover.recover_within=1 min"];
    let words = [&["--scenario", "db-failover,spike", "--out", "review", "--format", "csv"][..], &set[..]].concat();
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
    assert_eq!((stderr.as_str(), code), ("note: wrote 7 files to review\n", Some(0)));
    let first = read();
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "manifest.json",
        "timeline-db-failover.svg",
        "timeline-spike.svg",
        "whatif-stages.csv",
        "whatif.csv",
        "whatif.html",
        "whatif.json",
    ];
    assert_eq!(names, expected);
    assert_eq!(first[3].1, stdout.as_bytes());
    let manifest: serde_json::Value = serde_json::from_slice(&first[0].1).expect("JSON");
    let command =
        "capplan whatif - --scenario db-failover --scenario spike --set 'scenarios.db-failover.recover_within=1 min'";
    assert_eq!(manifest["command"], command);
    assert_eq!(run(folder.path(), &words).2, Some(0));
    assert_eq!(read(), first);
    // The chart of a scenario that was not asked for again is gone.
    let fewer = ["--scenario", "spike", "--out", "review", "--quiet", "--format", "json"];
    let (json, stderr, code) = run(folder.path(), &fewer);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    let names: Vec<String> = read().into_iter().map(|(name, _)| name).collect();
    let expected =
        ["manifest.json", "timeline-spike.svg", "whatif-stages.csv", "whatif.csv", "whatif.html", "whatif.json"];
    assert_eq!(names, expected);
    let answer: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(answer["schema"], "capplan.whatif/1");
    assert_eq!(answer["scenarios"][0]["breaks_first"]["tier"], "app");
    assert_eq!(answer["deployment"], "today");
    let before = &answer["before"];
    let near =
        |value: &serde_json::Value, known: f64| value.as_f64().is_some_and(|value| (value / known - 1.0).abs() < 5e-3);
    // As `capplan evaluate` says of the reference system.
    assert!(near(&before["arrival_rate"], 4993.0) && near(&before["p99"], 0.160), "{before}");
    assert!(before["tiers"][2]["name"] == "app" && near(&before["tiers"][2]["utilization"], 0.4993), "{before}");
    assert!(before["tiers"][2]["sojourn_time"].as_f64().is_some_and(|time| time > 0.0));
}

#[test]
fn the_csv_of_one_scenario_has_its_stages() {
    let folder = folder();
    let (stdout, stderr, code) =
        run(folder.path(), &["--scenario", "deploy", "--scenario", "deploy", "--format", "csv"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    let cells: Vec<Vec<&str>> = stdout.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| cells[0].iter().position(|cell| *cell == name).expect("a column");
    let of = |name: &str| cells[1..].iter().map(|row| row[column(name)]).collect::<Vec<&str>>();
    // Asked for twice, told once.
    assert_eq!(of("stage"), ["before", "4 batches of 15", "deployed"]);
    assert_eq!(of("lasts_s"), ["", "480.000000", ""]);
    assert_eq!(of("objectives"), ["hold"; 3]);
    let busy: Vec<f64> = of("load_app").iter().map(|cell| cell.parse().expect("a load")).collect();
    // Three quarters of the instances carry the same load.
    assert!((busy[1] / busy[0] - 4.0 / 3.0).abs() < 1e-3 && busy[2] == busy[0], "{busy:?}");
    assert_eq!(of("peak_tier"), ["app"; 3]);
}

#[test]
fn objectives_that_are_missed_before_decide_the_exit_code() {
    let folder = folder();
    let words = ["--scenario", "deploy", "--set", "objectives.response_time.p99=0.1 s", "--format", "markdown"];
    let (stdout, stderr, code) = run(folder.path(), &words);
    assert_eq!((stderr.as_str(), code), ("", Some(1)));
    assert_eq!(stdout.lines().nth(3), Some("Objectives are missed even before the fault."));
}

#[test]
fn more_than_there_is_cannot_be_lost() {
    let folder = folder();
    let (stdout, stderr, code) = run(folder.path(), &["--set", "scenarios.zone-lost.zones=5"]);
    assert_eq!((stdout.as_str(), code), ("", Some(2)));
    let message =
        "--set scenarios.zone-lost.zones=5: 5 zones cannot be lost of 3; give at most 3, which is the whole region";
    assert_eq!(stderr.lines().next().and_then(|line| line.split_once(": ")).map(|(_, fault)| fault), Some(message));
}

#[test]
fn blue_and_green_run_beside_each_other_and_cost() {
    let folder = folder();
    let words =
        ["--scenario", "deploy", "--set", "deploy.batch=0%", "--set", "deploy.surge=100%", "--format", "markdown"];
    let (stdout, _, code) = run(folder.path(), &words);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[1], "deploy: unnoticed (all 60 app replaced, new ones first)");
    // 60 m7g.large at 0.0816 USD an hour for two minutes.
    assert_eq!(lines[4], "The deployment takes 2.00 min; up to 60 extra instances of app cost 0.16 USD.");
}
