//! `sweep` as a user meets it: standard output, standard error, exit code and files, whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::command::{SHOP, assert_said, capplan, end, json, names, run, said, shop};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The files of a report about one load.
const FILES: [&str; 11] = [
    "availability.svg",
    "candidates.csv",
    "cost.svg",
    "manifest.json",
    "policies.svg",
    "recommendation.csv",
    "recommendation.json",
    "report.html",
    "response_time.svg",
    "thresholds.csv",
    "utilization.svg",
];

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).expect("read"))).collect()
}

fn csv(folder: &Path, name: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(folder.join(name)).expect("a file");
    // A row of another length would be an error.
    reader.records().collect::<Result<_, _>>().expect("rows of one length")
}

/// Panics where a number is missing that has to be there, or is none.
fn assert_finite(value: &Value, fields: &[&str]) {
    for field in fields {
        let number = value.pointer(field).and_then(Value::as_f64);
        assert!(number.is_some_and(f64::is_finite), "{field} of {value}");
    }
}

/// Every manifest names every other file of its folder with the hash of its bytes.
fn assert_manifest(folder: &Path) {
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).expect("read")).expect("JSON");
    let mut listed = vec!["manifest.json".to_owned()];
    for output in manifest["outputs"].as_array().expect("a list") {
        let name = output["name"].as_str().expect("a name");
        let bytes = fs::read(folder.join(name)).expect("listed files are there");
        let hash = Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(output["sha256"], hash.as_str(), "{name}");
        listed.push(name.to_owned());
    }
    listed.sort();
    assert_eq!(listed, names(folder));
}

#[test]
fn one_load_is_answered_in_full() {
    let folder = shop();
    let answer = run(folder.path(), &["sweep", "shop.toml"]);
    let expected = "sweep_shop.txt";
    assert_said(&answer, expected, "note: wrote 11 files; open reports/shop-1000/report.html\n", 0);
    let reports = folder.path().join("reports/shop-1000");
    assert_eq!(names(&reports), FILES);
    assert_manifest(&reports);
    // The model is hashed as it is, and the command in the manifest gives the same again.
    let manifest: Value =
        serde_json::from_slice(&fs::read(reports.join("manifest.json")).expect("read")).expect("JSON");
    assert_eq!(manifest["command"], "capplan sweep shop.toml");
    assert_eq!(manifest["inputs"][0]["name"], "shop.toml");
}

#[test]
fn every_form_says_the_same() {
    let folder = shop();
    let with =
        |format: &str| run(folder.path(), &["sweep", "shop.toml", "--out", "out", "--quiet", "--format", format]);
    let out = folder.path().join("out");
    let answer = with("json");
    assert_eq!((answer.1.as_str(), answer.2), ("", Some(0)));
    let mut printed = json(&answer);
    let mut kept: Value =
        serde_json::from_slice(&fs::read(out.join("recommendation.json")).expect("read")).expect("JSON");
    // Printed with their folder, as a shell needs them; in the folder itself without it.
    let paths: Vec<String> = printed["files"].as_array().expect("a list").iter().map(ToString::to_string).collect();
    assert!(paths.iter().all(|path| path.starts_with("\"out/")), "{paths:?}");
    printed["files"].take();
    kept["files"].take();
    assert_eq!(printed, kept);
    let table = fs::read_to_string(out.join("recommendation.csv")).expect("read");
    assert_eq!(with("csv"), said(&table, "", 0));
    assert_said(&with("markdown"), "sweep_shop.md", "", 0);
}

#[test]
fn loads_are_a_list_or_a_range() {
    let folder = shop();
    for (spec, users) in [
        ("2000,500,2000", &[500.0, 2000.0][..]),
        ("500..2000:3", &[500.0, 1000.0, 2000.0]),
        ("500..1500:3:lin", &[500.0, 1000.0, 1500.0]),
        ("1_000", &[1000.0]),
    ] {
        let answer =
            json(&run(folder.path(), &["sweep", "shop.toml", "--users", spec, "--out", "out", "--format=json"]));
        let single = [answer.clone()];
        let points = answer["points"].as_array().map_or(&single[..], Vec::as_slice);
        let found: Vec<f64> = points.iter().filter_map(|point| point["users"].as_f64()).collect();
        assert_eq!(found, users, "{spec}");
        for point in points {
            assert_finite(
                point,
                &["/arrival_rate", "/recommendation/monthly_cost_usd", "/recommendation/response_time/p99"],
            );
        }
        // Charts over users where there are several, files of an earlier run gone.
        let charts: Vec<String> = names(&folder.path().join("out"))
            .into_iter()
            .filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "svg"))
            .collect();
        if users.len() > 1 {
            assert_eq!(charts, ["cost_over_users.svg", "plan_over_users.svg"]);
        } else {
            assert_eq!(
                charts,
                ["availability.svg", "cost.svg", "policies.svg", "response_time.svg", "utilization.svg"]
            );
        }
        assert_manifest(&folder.path().join("out"));
    }
}

#[test]
fn varied_keys_make_the_full_factorial_with_users_changing_fastest() {
    let folder = shop();
    let words = [
        "sweep",
        "shop.toml",
        "--out=out",
        "--users=500,1000",
        "--vary=tiers.app.service_time=10ms..40ms:3",
        "--vary=workload.think_time=5s,10s",
        "--set=tiers.app.max_instances=20",
        "--format=json",
        "--quiet",
    ];
    let answer = run(folder.path(), &words);
    assert_eq!((answer.1.as_str(), answer.2), ("", Some(0)));
    let answer = json(&answer);
    let points: Vec<(&str, &str, f64)> = answer["points"]
        .as_array()
        .expect("several points")
        .iter()
        .map(|point| {
            let value = |index: usize| point["variation"][index]["value"].as_str().expect("text");
            (value(0), value(1), point["users"].as_f64().expect("a number"))
        })
        .collect();
    let mut expected = Vec::new();
    for service_time in ["10 ms", "20 ms", "40 ms"] {
        for think_time in ["5s", "10s"] {
            expected.extend([500.0, 1000.0].map(|users| (service_time, think_time, users)));
        }
    }
    assert_eq!(points, expected);
    assert_eq!(answer["points"][0]["variation"][0]["key"], "tiers.app.service_time");
    let rows = csv(&folder.path().join("out"), "recommendation.csv");
    assert_eq!(
        rows[0].iter().take(4).collect::<Vec<_>>(),
        ["users", "tiers.app.service_time", "workload.think_time", "tier"]
    );
    assert_eq!(rows.len(), 1 + 12 * 3);
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/manifest.json")).expect("read")).expect("JSON");
    assert_eq!(
        manifest["command"],
        "capplan sweep shop.toml --users 500,1000 --vary 'tiers.app.service_time=10 ms,20 ms,40 ms' --vary \
         workload.think_time=5s,10s --set tiers.app.max_instances=20"
    );
    assert_manifest(&folder.path().join("out"));
}

#[test]
fn the_full_grid_has_every_candidate_and_its_best_is_the_recommendation() {
    let folder = shop();
    let out = folder.path().join("out");
    let sweep = |more: &[&str]| {
        let words = [&["sweep", "shop.toml", "--out=out", "--format=json", "--quiet"][..], more].concat();
        json(&run(folder.path(), &words))
    };
    let quick = sweep(&[]);
    let evaluated = csv(&out, "candidates.csv");
    let full = sweep(&["--full"]);
    let all = csv(&out, "candidates.csv");
    // Two types of 1 to 8 for the application, one type with 0 to 3 replicas for the database.
    assert_eq!(full["grid"]["points"], 2 * 8 * 4);
    assert_eq!(all.len(), 1 + 64);
    assert_eq!(Some(evaluated.len() - 1), quick["grid"]["evaluated"].as_u64().and_then(|count| count.try_into().ok()));
    assert_eq!(evaluated[0], all[0]);
    assert_eq!(quick["recommendation"], full["recommendation"]);
    let header: Vec<&str> = all[0].iter().collect();
    assert_eq!(
        header,
        [
            "users",
            "arrival_rate_per_s",
            "app_type",
            "app_instances",
            "app_utilization",
            "db_type",
            "db_instances",
            "db_utilization",
            "monthly_cost_usd",
            "share_within_0.2_s",
            "share_within_0.4_s",
            "availability",
            "unavailability",
            "status",
            "reason"
        ]
    );
    let column = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let cost = |row: &&csv::StringRecord| row[column("monthly_cost_usd")].parse::<f64>().expect("a number");
    let best = all[1..]
        .iter()
        .filter(|row| &row[column("status")] == "feasible")
        .min_by(|one, other| cost(one).total_cmp(&cost(other)))
        .expect("a feasible candidate");
    let tier = |index: usize, field: &str| full["recommendation"]["tiers"][index][field].clone();
    assert_eq!(tier(1, "instance_type"), &best[column("app_type")]);
    assert_eq!(tier(1, "instances").to_string(), &best[column("app_instances")]);
    assert_eq!(tier(2, "instances").to_string(), &best[column("db_instances")]);
    // What the search evaluated stands in the full grid, figure for figure.
    assert!(evaluated[1..].iter().all(|row| all[1..].contains(row)));
    assert_manifest(&out);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = shop();
    let sweep = |jobs: &str, more: &[&str]| {
        let words =
            [&["sweep", "shop.toml", "--out=out", "--full", "--format=json", "--jobs", jobs][..], more].concat();
        (run(folder.path(), &words), files(&folder.path().join("out")))
    };
    for more in [&["--set=tiers.app.max_instances=60"][..], &["--users=500,1000", "--vary=workload.think_time=5s,10s"]]
    {
        let one = sweep("1", more);
        assert_eq!(one.0.2, Some(0));
        assert!(one == sweep("2", more), "two threads");
        assert!(one == sweep("8", more), "eight threads");
    }
}

#[test]
fn what_cannot_be_met_names_the_nearest_candidate_and_what_it_misses() {
    let folder = shop();
    let words = ["sweep", "shop.toml", "--out=out", "--quiet", "--set=objectives.monthly_budget=700 USD"];
    assert_said(&run(folder.path(), &words), "sweep_over_budget.txt", "", 1);
    assert_manifest(&folder.path().join("out"));
    let answer = run(folder.path(), &[&words[..], &["--format=json"]].concat());
    assert_eq!((answer.1.as_str(), answer.2), ("", Some(1)));
    let answer = json(&answer);
    assert_eq!(answer["recommendation"], Value::Null);
    assert_eq!(answer["nearest"]["fails"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["nearest"]["fails"][0]["objective"], "monthly cost in USD");
    assert_finite(&answer, &["/nearest/fails/0/limit", "/nearest/fails/0/actual", "/nearest/monthly_cost_usd"]);
}

#[test]
fn a_load_that_no_candidate_carries_is_told_by_tier() {
    let folder = shop();
    let words = ["sweep", "shop.toml", "--out=out", "--quiet", "--users=20000"];
    assert_said(&run(folder.path(), &words), "sweep_overloaded.txt", "", 1);
    let answer = json(&run(folder.path(), &[&words[..], &["--format=json", "--full"]].concat()));
    assert_eq!(answer["recommendation"], Value::Null);
    let fails = answer["nearest"]["fails"].as_array().expect("a list");
    assert_eq!(fails[0]["objective"], "utilization of tier `app` after the designed loss");
    assert_eq!(fails[0]["limit"], json!(1.0));
    assert!(fails[0]["actual"].as_f64().is_some_and(|actual| actual > 1.0));
    // Nothing is left of a single instance when its zone is lost.
    let words = ["sweep", "shop.toml", "--out=out", "--quiet", "--set=tiers.app.max_instances=1", "--format=json"];
    let answer = json(&run(folder.path(), &words));
    assert_eq!(
        answer["nearest"]["fails"][0],
        json!({"objective": "instances of tier `app` left after the designed loss", "limit": 1.0, "actual": 0.0})
    );
    // One load of several without a plan is told too.
    let words = ["sweep", "shop.toml", "--out=out", "--quiet", "--users=1000,20000"];
    assert_said(&run(folder.path(), &words), "sweep_several.txt", "", 1);
    assert_manifest(&folder.path().join("out"));
}

/// Runs a sweep that is refused; nothing may appear on standard output or in the folder.
fn refusal(words: &[&str]) -> String {
    let folder = shop();
    let (stdout, stderr, code) = run(folder.path(), &[&["sweep", "shop.toml"][..], words].concat());
    assert_eq!((stdout.as_str(), code), ("", Some(2)), "{words:?} {stderr}");
    assert_eq!(names(folder.path()), ["shop.toml"], "{words:?}");
    stderr
}

/// What the parser of the command line says about the value of an option.
fn invalid(option: &str, value: &str, message: &str) -> String {
    format!("error: invalid value '{value}' for '{option}': {message}\n\nFor more information, try '--help'.\n")
}

#[test]
fn what_is_no_number_of_users_is_refused() {
    let whole = |text: &str| format!("`{text}` is no whole number of users between 1 and 1,000,000,000");
    let range = |text: &str| {
        format!(
            "`{text}` is no range; write FIRST..LAST:POINTS, such as `1000..1000000:25`, with `:lin` for even steps"
        )
    };
    for (value, message) in [
        ("0", whole("0")),
        ("-5", whole("-5")),
        ("NaN", whole("NaN")),
        ("inf", whole("inf")),
        ("1e400", whole("1e400")),
        ("1e12", whole("1e12")),
        ("1.5", whole("1.5")),
        ("100k", whole("100k")),
        ("many", whole("many")),
        ("5 s", whole("5 s")),
        ("10..1", range("10..1")),
        ("1..10:3:cubic", range("1..10:3:cubic")),
        ("10..1:3", "the range from `10` to `1` does not rise".to_owned()),
        ("0..10:3", "a logarithmic range begins above 0, not at `0`; add `:lin` for even steps".to_owned()),
        ("1..1e400:3", "the range from `1` to `1e400` does not rise".to_owned()),
        ("1..10:1", "a range has 2 to 10000 points, not 1".to_owned()),
        ("1..10:1000000", "a range has 2 to 10000 points, not 1000000".to_owned()),
        ("1,,2", "`1,,2` has an empty value".to_owned()),
    ] {
        assert_eq!(refusal(&["--users", value]), invalid("--users <SPEC>", value, &message));
    }
    assert_eq!(refusal(&["--users="]), invalid("--users <SPEC>", "", &whole("")));
}

#[test]
fn what_varies_nothing_is_refused() {
    let nothing =
        |text: &str| format!("`{text}` varies nothing; write KEY=VALUES, such as `tiers.cache.memory=1GiB..64GiB:7`");
    for (value, message) in [
        ("tiers.app.service_time", nothing("tiers.app.service_time")),
        ("tiers.app.service_time=", nothing("tiers.app.service_time=")),
        ("=1,2", nothing("=1,2")),
        ("tiers.app.service_time=1ms,,2ms", "`1ms,,2ms` has an empty value".to_owned()),
        (
            "tiers.app.service_time=1ms..2GiB:3",
            "the ends `1ms` and `2GiB` of a range need units of the same kind".to_owned(),
        ),
    ] {
        assert_eq!(refusal(&["--vary", value]), invalid("--vary <KEY=VALUES>", value, &message));
    }
    let twice = ["--vary=tiers.app.service_scv=1,2", "--vary=tiers.app.service_scv=3"];
    assert_eq!(refusal(&twice), "error: `--vary` names `tiers.app.service_scv` twice; put its values into one list\n");
    assert_eq!(
        refusal(&["--users=5", "--vary=workload.users=5,6"]),
        "error: `--users` and `--vary workload.users` give the same key; keep one of them\n"
    );
}

#[test]
fn a_fault_of_a_varied_value_names_the_option_the_key_and_the_value() {
    for (words, message) in [
        (
            "--vary=tiers.ap.instances=1,2",
            "error[CAP0109]: --vary tiers.ap.instances=1: the file has no tier `ap`\n |\n = help: did you mean `app`?\n",
        ),
        (
            "--vary=tiers.app.instnces=1,2",
            "error[CAP0102]: --vary tiers.app.instnces=1: a service tier has no key `instnces`\n |\n = help: did you mean \
             `instances`?\n",
        ),
        (
            "--vary=tiers.app.service_time=1ms,2GiB",
            "error[CAP0105]: --vary tiers.app.service_time=2GiB: \"2GiB\" is an amount of data, not a duration\n |\n = help: \
             write a duration such as \"12 ms\"; the units are `ns`, `us`, `ms`, `s`, `min`, `h`, `d`, `y`\n",
        ),
        (
            "--vary=tiers.app.routing=1..4:2",
            "error[CAP0104]: --vary tiers.app.routing=1: the number 1 stands where one of `random`, \
             `round_robin`, `least_outstanding`, `power_of_two`, `shared_queue` is expected\n",
        ),
        (
            "--vary=tiers.app.max_instances=4,0",
            "error[CAP0106]: --vary tiers.app.max_instances=0: 0 is below the least, 1\n",
        ),
        ("--set=tiers.app=1", "error[CAP0104]: --set tiers.app=1: the number 1 stands where a table is expected\n"),
    ] {
        assert_eq!(refusal(&[words]), message);
    }
    let folder = shop();
    let open = SHOP.replace("users = 1000, think_time = \"10 s\"", "arrival_rate = \"100/s\"");
    fs::write(folder.path().join("open.toml"), open).expect("written");
    assert_eq!(
        run(folder.path(), &["sweep", "open.toml", "--users=5,6"]),
        said(
            "",
            "error[CAP0110]: --users 5: a workload has either `users` with `think_time` or `arrival_rate`, not both\n |\n = \
             help: remove `arrival_rate` from the file or do not set `users`\n",
            2
        )
    );
}

#[test]
fn other_options_are_refused_with_their_limits() {
    for jobs in ["0", "-1", "many", "1000000"] {
        let message = format!("`{jobs}` is no number of threads between 1 and 1024");
        assert_eq!(refusal(&["--jobs", jobs]), invalid("--jobs <N>", jobs, &message));
    }
    let message = "`users` is no override; write KEY=VALUE, such as `tiers.cache.memory=8GiB`";
    assert_eq!(refusal(&["--set", "users"]), invalid("--set <KEY=VALUE>", "users", message));
    let vary = |key: &str| format!("--vary=tiers.app.{key}=1..2:1000");
    assert_eq!(
        refusal(&[&vary("service_scv"), "--users=1..1000:101:lin"]),
        "error: `--users` and `--vary` make 101000 points; the limit is 100000: name fewer values\n"
    );
    // Their product has no 64 bits.
    let many: Vec<String> = (0..8).map(|key| vary(&format!("key{key}"))).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        refusal(&many),
        "error: `--users` and `--vary` make too many points; the limit is 100000: name fewer values\n"
    );
}

#[test]
fn twelve_faults_get_twelve_messages_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let faulty = SHOP
        .replace("users = 1000", "users = \"many\"")
        .replace("10 s", "10")
        .replace("zones = 2", "zones = 9")
        .replace("99.5%", "99.5 ms")
        .replace("2000 USD", "2000 EUR")
        .replace("p95", "p101")
        .replace("share = 0.8", "share = 8")
        .replace("kind = \"load_balancer\"", "kind = \"balancer\"")
        .replace("service_time = \"20 ms\"", "service_tim = \"20 ms\"")
        .replace("[\"small\", \"large\"]", "[\"small\", \"lerge\"]")
        .replace("price = \"0.3 USD/h\"", "price = \"-0.3 USD/h\"");
    fs::write(folder.path().join("faulty.toml"), faulty).expect("written");
    let (stdout, stderr, code) = run(folder.path(), &["sweep", "faulty.toml", "--format=json"]);
    assert_eq!((stdout.as_str(), code), ("", Some(2)));
    let faults: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error[")).collect();
    assert_eq!(
        faults,
        [
            "error[CAP0104]: `workload.users`: the text \"many\" stands where a number without quotes is expected",
            "error[CAP0105]: `workload.think_time`: \"10\" has no unit, so it is not a duration",
            "error[CAP0106]: `region.zones`: 9 is above the most, 6",
            "error[CAP0105]: `objectives.availability`: \"99.5 ms\" is a duration, not a share",
            "error[CAP0105]: `objectives.monthly_budget`: \"2000 EUR\" has the unknown unit `EUR`",
            "error[CAP0112]: `objectives.response_time.p101`: `p101` is not a percentile above 0 and below 100",
            "error[CAP0106]: `classes.view.share`: 8 is above the most, 1",
            "error[CAP0107]: `tiers.lb.kind`: \"balancer\" is not a kind of tier",
            "error[CAP0103]: `tiers.app.service_time`: a service tier needs the key `service_time`",
            "error[CAP0102]: `tiers.app.service_tim`: a service tier has no key `service_tim`",
            "error[CAP0108]: `tiers.app.candidate_types`: the catalogue has no EC2 type `lerge`",
            "error[CAP0106]: `instance_types.disk.price`: \"-0.3 USD/h\" is below the least, 0 USD/h",
        ]
    );
    assert_eq!(names(folder.path()), ["faulty.toml"]);
}

#[test]
fn a_model_comes_from_a_file_or_from_standard_input() {
    let folder = shop();
    let from_file = run(folder.path(), &["sweep", "shop.toml", "--out=file", "--format=csv", "-q"]);
    let shop = fs::File::open(folder.path().join("shop.toml")).expect("opened");
    let mut command = capplan(folder.path());
    let from_stdin = end(command.args(["sweep", "-", "--out=stdin", "--format=csv", "-q"]).stdin(shop));
    assert_eq!(from_stdin, from_file);
    assert_eq!(from_file.2, Some(0));
    fs::create_dir(folder.path().join("models")).expect("made");
    fs::write(folder.path().join("empty.toml"), "").expect("written");
    fs::write(folder.path().join("binary.toml"), [0x7f, 0x45, 0x4c, 0x46, 0xff]).expect("written");
    fs::write(folder.path().join("nul.toml"), [0; 64]).expect("written");
    fs::write(folder.path().join("huge.toml"), vec![b'#'; (16 << 20) + 1]).expect("written");
    for (name, reason) in [
        ("models", "it is a directory; name the model file in it"),
        ("empty.toml", "it is empty; `capplan init` writes a model to begin with"),
        ("gone.toml", "there is no such file; `capplan init` writes one to begin with"),
        ("binary.toml", "it is not text in UTF-8 (byte 5); save it as UTF-8"),
        ("huge.toml", "it has more than 16 MiB, so it is no model file"),
    ] {
        let message = format!("error: cannot read `{name}`: {reason}\n");
        assert_eq!(run(folder.path(), &["sweep", name, "--out=new"]), said("", &message, 2));
    }
    let (stdout, stderr, code) = run(folder.path(), &["sweep", "nul.toml", "--out=new"]);
    assert_eq!((stdout.as_str(), code, stderr.is_empty()), ("", Some(2), false));
    assert!(!folder.path().join("new").exists());
}

#[test]
fn an_output_folder_that_cannot_be_written_is_refused_before_the_work() {
    let folder = shop();
    fs::write(folder.path().join("taken"), "mine").expect("written");
    let mut refused = vec![("taken", "not a directory"), ("taken/inside", "not a directory")];
    if cfg!(target_os = "linux") {
        // Nobody may make a folder there, the superuser included.
        refused.push(("/proc/capplan", "no such file or directory"));
    }
    for (out, reason) in refused {
        let message = format!("error: cannot write to the folder `{out}`: {reason}; name another with `--out`\n");
        assert_eq!(run(folder.path(), &["sweep", "shop.toml", "--out", out]), said("", &message, 2));
    }
    assert_eq!(fs::read_to_string(folder.path().join("taken")).expect("read"), "mine");
    assert_eq!(names(folder.path()), ["shop.toml", "taken"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_refused_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;

    let folder = shop();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("made");
    fs::set_permissions(&out, PermissionsExt::from_mode(0o555)).expect("set");
    let superuser = fs::write(out.join("probe"), "").and_then(|()| fs::remove_file(out.join("probe"))).is_ok();
    let (stdout, stderr, code) = run(folder.path(), &["sweep", "shop.toml", "--out=out"]);
    if superuser {
        // Permissions do not bind the superuser.
        assert_eq!(code, Some(0));
    } else {
        let message = "error: cannot write to the folder `out`: permission denied; name another with `--out`\n";
        assert_eq!((stdout, stderr, code), said("", message, 2));
        assert_eq!(names(&out), Vec::<String>::new());
    }
    fs::set_permissions(&out, PermissionsExt::from_mode(0o755)).expect("set");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_the_files_of_the_run_before() {
    let folder = shop();
    let out = folder.path().join("out");
    assert_eq!(run(folder.path(), &["sweep", "shop.toml", "--out=out"]).2, Some(0));
    let before = files(&out);
    // No file may grow past two blocks; the shell ignores the signal, so that writing fails as on a full disk.
    let mut shell = std::process::Command::new("sh");
    shell.current_dir(folder.path()).args([
        "-c",
        "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_capplan"),
    ]);
    let answer = end(shell.args(["sweep", "shop.toml", "--out=out", "--full", "--users=2000"]));
    assert_eq!(answer, said("", "error: cannot write `out/candidates.csv`: file too large\n", 2));
    assert!(files(&out) == before);
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_takes_nothing_is_told_and_one_that_is_closed_is_not() {
    let folder = shop();
    for format in ["table", "json", "csv", "markdown"] {
        let words = ["sweep", "shop.toml", "--out=out", "--quiet", "--format", format];
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("the device that is always full");
        let (_, stderr, code) = end_without_stdout(capplan(folder.path()).args(words).stdout(full));
        assert_eq!(
            (stderr.as_str(), code),
            ("error: cannot write to standard output: no space left on device\n", Some(2))
        );
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let (_, stderr, code) = end_without_stdout(capplan(folder.path()).args(words).stdout(writer));
        assert_eq!((stderr.as_str(), code), ("", Some(0)));
        // The files were written before anybody was told.
        assert_manifest(&folder.path().join("out"));
    }
}

#[cfg(target_os = "linux")]
fn end_without_stdout(command: &mut std::process::Command) -> crate::command::Said {
    let child = command.stderr(std::process::Stdio::piped()).spawn().expect("the command runs");
    let output = child.wait_with_output().expect("it ends");
    (String::new(), String::from_utf8(output.stderr).expect("UTF-8"), output.status.code())
}

/// Starts a sweep, waits until `ready` holds of its output folder, and sends it a signal.
#[cfg(target_os = "linux")]
fn stop(
    folder: &Path,
    signal: &str,
    words: &[&str],
    ready: impl Fn(&Path) -> bool,
) -> (String, std::process::ExitStatus) {
    use std::time::{Duration, Instant};

    let mut command = capplan(folder);
    command.args(["sweep", "shop.toml", "--out=out", "--jobs=1"]).args(words);
    let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let child = child.spawn().expect("the command runs");
    let begun = Instant::now();
    while !ready(&folder.join("out")) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the sweep does not get that far");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.is_ok_and(|status| status.success()), "it was over before it could be stopped");
    let output = child.wait_with_output().expect("it ends");
    (String::from_utf8(output.stderr).expect("UTF-8"), output.status)
}

/// Far more candidates than a test has time for.
#[cfg(target_os = "linux")]
const LONG: [&str; 3] = ["--full", "--set=tiers.app.max_instances=400", "--set=tiers.db.max_read_replicas=800"];

#[cfg(target_os = "linux")]
fn is_writing(out: &Path) -> bool {
    fs::read_dir(out).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            entry.file_name().to_string_lossy().starts_with(".capplan-")
                && entry.metadata().is_ok_and(|metadata| metadata.len() > 100_000)
        })
    })
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_the_folder_as_it_was() {
    let folder = shop();
    let out = folder.path().join("out");
    // Without a run before, there is no folder afterwards.
    let (stderr, status) = stop(folder.path(), "-INT", &LONG, is_writing);
    assert_eq!((stderr.as_str(), status.code()), ("error: interrupted; nothing was written\n", Some(130)));
    assert_eq!(names(folder.path()), ["shop.toml"]);
    assert_eq!(run(folder.path(), &["sweep", "shop.toml", "--out=out"]).2, Some(0));
    let before = files(&out);
    let (stderr, status) = stop(folder.path(), "-TERM", &LONG, is_writing);
    assert_eq!((stderr.as_str(), status.code()), ("error: interrupted; nothing was written\n", Some(130)));
    assert!(files(&out) == before);
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_search_that_takes_long() {
    let folder = shop();
    let huge = ["--set=tiers.app.max_instances=100000", "--set=tiers.db.max_read_replicas=1000"];
    let (stderr, status) = stop(folder.path(), "-INT", &huge, Path::is_dir);
    assert_eq!((stderr.as_str(), status.code()), ("error: interrupted; nothing was written\n", Some(130)));
    assert_eq!(names(folder.path()), ["shop.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_killed_leaves_the_files_of_the_run_before() {
    let folder = shop();
    let out = folder.path().join("out");
    assert_eq!(run(folder.path(), &["sweep", "shop.toml", "--out=out"]).2, Some(0));
    let before = files(&out);
    let (_, status) = stop(folder.path(), "-KILL", &LONG, is_writing);
    assert_eq!(status.code(), None);
    let mut after = files(&out);
    // A killed program cannot tidy up; what it leaves is hidden.
    after.retain(|name, _| !name.starts_with(".capplan-"));
    assert!(after == before);
}

#[test]
fn the_reference_system_is_swept_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = run(folder.path(), &["sweep", "--out=out", "--format=json", "--users=2000"]);
    assert_eq!(answer.2, Some(0), "{}", answer.1);
    let answer = json(&answer);
    assert_eq!(answer["schema"], "capplan.sweep/1");
    assert_finite(
        &answer,
        &[
            "/users",
            "/arrival_rate",
            "/grid/points",
            "/recommendation/response_time/mean",
            "/recommendation/response_time/p99_9",
            "/recommendation/response_time_zone_lost/p99",
            "/recommendation/availability",
            "/recommendation/max_users",
            "/recommendation/monthly_cost_usd",
        ],
    );
    for file in answer["files"].as_array().expect("a list") {
        assert!(folder.path().join(file.as_str().expect("a path")).is_file(), "{file}");
    }
    for tier in answer["recommendation"]["tiers"].as_array().expect("a list") {
        assert_finite(tier, &["/arrival_rate", "/sojourn_time", "/unavailability", "/monthly_cost_usd"]);
    }
    let rows = csv(&folder.path().join("out"), "candidates.csv");
    assert_eq!(Some(rows.len() as u64 - 1), answer["grid"]["evaluated"].as_u64());
    assert_manifest(&folder.path().join("out"));
}
