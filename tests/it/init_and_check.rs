//! `init` and `check` as a user meets them: standard output, standard error and exit code, whole.

use std::fs;
use std::path::Path;

use capplan::model_file::{REFERENCE_MODEL, SHIPPED_MODELS};
use tempfile::TempDir;

use crate::command::{Said, capplan, fed, run, said};

fn run_with(folder: &Path, words: &[&str], stdin: &str, env: &[(&str, &str)]) -> Said {
    fed(capplan(folder).envs(env.iter().copied()).args(words), stdin)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What a check says of the reference system: as many defaults as it explains.
fn no_faults() -> String {
    let folder = folder();
    let (stdout, _, code) = run(folder.path(), &["check", "--explain", "--quiet", "--format", "csv"]);
    let defaults = stdout.lines().count().saturating_sub(1);
    assert!(code == Some(0) && defaults > 50, "{stdout}");
    format!("no faults; {defaults} defaults in force")
}

#[test]
fn init_writes_the_reference_model_once() {
    let folder = folder();
    let note = format!("note: wrote `capplan.toml`: {}\n", SHIPPED_MODELS[0].summary);
    assert_eq!(run(folder.path(), &["init"]), said("", &note, 0));
    let file = folder.path().join("capplan.toml");
    assert_eq!(fs::read_to_string(&file).expect("read"), REFERENCE_MODEL);
    fs::write(&file, "mine").expect("written");
    let refusal = "error: `capplan.toml` is there already; name another file, or replace it with `--force`\n";
    assert_eq!(run(folder.path(), &["init"]), said("", refusal, 2));
    assert_eq!(fs::read_to_string(&file).expect("read"), "mine");
    assert_eq!(run(folder.path(), &["init", "--force", "--quiet"]), said("", "", 0));
    assert_eq!(fs::read_to_string(&file).expect("read"), REFERENCE_MODEL);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn init_prints_any_shipped_model() {
    let folder = folder();
    for model in SHIPPED_MODELS {
        assert_eq!(run(folder.path(), &["init", "-", "--model", model.name]), said(model.text, "", 0));
    }
    assert_eq!(
        run(folder.path(), &["init", "-", "--model", "mesh"]),
        said("", "error: no model is called `mesh`; there are `web`, `single-server`, `stack-overflow-2016`\n", 2)
    );
    assert_eq!(
        run(folder.path(), &["init", "no/such/folder.toml"]),
        said("", "error: cannot write `no/such/folder.toml`: no such file or directory\n", 2)
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn check_finds_the_model_up_to_the_root_of_the_repository() {
    let root = folder();
    let inner = root.path().join("a/b");
    fs::create_dir_all(&inner).expect("made");
    let built_in = "note: no `capplan.toml` found; using the built-in reference system (`capplan init` writes it)\n";
    let answer = format!("the built-in reference system: {}\n", no_faults());
    assert_eq!(run(&inner, &["check"]), said(&answer, built_in, 0));
    assert_eq!(run(&inner, &["check", "--quiet"]), said(&answer, "", 0));
    fs::write(root.path().join("capplan.toml"), REFERENCE_MODEL).expect("written");
    // Outside a repository, a parent's file is somebody else's.
    assert_eq!(run(&inner, &["check"]), said(&answer, built_in, 0));
    fs::create_dir(root.path().join(".git")).expect("made");
    let answer = format!("../../capplan.toml: {}\n", no_faults());
    assert_eq!(run(&inner, &["check"]), said(&answer, "note: using `../../capplan.toml`\n", 0));
    // A repository inside the repository ends the search at its own root.
    fs::create_dir(inner.join(".git")).expect("made");
    assert_eq!(run(&inner, &["check"]).1, built_in);
}

#[test]
fn check_shows_every_fault_at_its_line() {
    let folder = folder();
    let text = "capplan = 1\nname = \"x\"\nzork = 1\nworkload = { users = \"5\", think_time = \"1 s\" }\n\n\
                [tiers.dns]\nkind = \"delay\"\nfixed_time = \"1 ms\"\n";
    let expected = "\
error[CAP0102]: `zork`: a model file has no key `zork`
 --> standard input:3:1
  |
3 | zork = 1
  | ^^^^
  |
  = help: its keys are `capplan`, `name`, `workload`, `region`, `objectives`, `scaling`, `health_check`, `deploy`, `clients`, `scenarios`, `network`, `classes`, `tiers`, `instance_types`

error[CAP0104]: `workload.users`: the text \"5\" stands where a number without quotes is expected
 --> standard input:4:22
  |
4 | workload = { users = \"5\", think_time = \"1 s\" }
  |                      ^^^
";
    assert_eq!(run_with(folder.path(), &["check", "-"], text, &[]), said("", expected, 2));
    // As JSON the faults are data too.
    let (stdout, stderr, code) = run_with(folder.path(), &["check", "-", "--format", "json"], text, &[]);
    let answer: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((stderr.as_str(), code), (expected, Some(2)));
    assert_eq!(answer["schema"], "capplan.check/1");
    let places: Vec<_> = answer["faults"].as_array().expect("a list").iter().map(|fault| &fault["line"]).collect();
    assert_eq!(places, [3, 4]);
}

#[test]
fn colours_are_written_when_asked_for_and_never_against_no_color() {
    let folder = folder();
    let words = ["check", "-", "--set", "zork=1"];
    let plain = run_with(folder.path(), &words, REFERENCE_MODEL, &[]).1;
    assert!(!plain.contains('\u{1b}'));
    let coloured = [&words[..], &["--color", "always"]].concat();
    assert!(run_with(folder.path(), &coloured, REFERENCE_MODEL, &[]).1.contains('\u{1b}'));
    let never = [&words[..], &["--color", "never"]].concat();
    assert_eq!(run_with(folder.path(), &never, REFERENCE_MODEL, &[("CLICOLOR_FORCE", "1")]).1, plain);
    assert_eq!(run_with(folder.path(), &words, REFERENCE_MODEL, &[("NO_COLOR", "1")]).1, plain);
}

#[test]
fn overrides_come_from_options_and_from_the_environment() {
    let folder = folder();
    let refused = "error[CAP0104]: --set workload.users=x: the text \"x\" stands where a number without quotes is \
                   expected\n";
    let words = ["check", "--quiet"];
    assert_eq!(run(folder.path(), &[&words[..], &["--set", "workload.users=x"]].concat()), said("", refused, 2));
    let env = [("CAPPLAN_SET", "workload.think_time=5 s\nworkload.users=x")];
    assert_eq!(run_with(folder.path(), &words, "", &env), said("", refused, 2));
    let (stdout, stderr, code) = run(folder.path(), &["check", "--set", "users"]);
    let refused = "error: invalid value 'users' for '--set <KEY=VALUE>': `users` is no override; write KEY=VALUE, such \
                   as `tiers.cache.memory=8GiB`\n\nFor more information, try '--help'.\n";
    assert_eq!((stdout, stderr, code), said("", refused, 2));
}

#[test]
fn explain_lists_every_default_in_every_form() {
    let folder = folder();
    let lines = |format: &str| {
        let (stdout, stderr, code) = run(folder.path(), &["check", "--explain", "--quiet", "--format", format]);
        assert_eq!((stderr.as_str(), code), ("", Some(0)));
        stdout
    };
    let csv = lines("csv");
    let defaults = csv.lines().count() - 1;
    assert_eq!(defaults, 118);
    assert_eq!(csv.lines().next(), Some("key,value,basis,source"));
    let round_trip = "network.round_trip_in_zone,0.15 ms,assumed,planning estimate for two instances in one zone";
    assert!(csv.lines().any(|line| line == round_trip), "{csv}");
    assert_eq!(lines("markdown").lines().nth(1), Some("| --- | --- | --- | --- |"));
    assert_eq!(lines("table").lines().count(), defaults + 4);
    let json: serde_json::Value = serde_json::from_str(&lines("json")).expect("JSON");
    assert_eq!(json["defaults"].as_array().map(Vec::len), Some(defaults));
    assert_eq!(json["defaults"][0]["basis"], "assumed");
}

#[test]
fn what_is_no_model_file_is_refused_with_a_way_out() {
    let folder = folder();
    fs::write(folder.path().join("empty.toml"), "").expect("written");
    fs::write(folder.path().join("latin.toml"), b"name = \"caf\xe9\"\n").expect("written");
    fs::write(folder.path().join("huge.toml"), " ".repeat((16 << 20) + 1)).expect("written");
    for (name, reason) in [
        (".", "it is a directory; name the model file in it"),
        ("empty.toml", "it is empty; `capplan init` writes a model to begin with"),
        ("gone.toml", "there is no such file; `capplan init` writes one to begin with"),
        ("latin.toml", "it is not text in UTF-8 (byte 12); save it as UTF-8"),
        ("huge.toml", "it has more than 16 MiB, so it is no model file"),
    ] {
        assert_eq!(
            run(folder.path(), &["check", name]),
            said("", &format!("error: cannot read `{name}`: {reason}\n"), 2)
        );
    }
    let empty = "error: cannot read `standard input`: it is empty; `capplan init` writes a model to begin with\n";
    assert_eq!(run(folder.path(), &["check", "-"]), said("", empty, 2));
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let file = folder.path().join("secret.toml");
    fs::write(&file, REFERENCE_MODEL).expect("written");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).expect("set");
    let expected = if fs::read(&file).is_ok() {
        // The superuser reads everything.
        said(&format!("secret.toml: {}\n", no_faults()), "", 0)
    } else {
        said("", "error: cannot read `secret.toml`: permission denied\n", 2)
    };
    assert_eq!(run(folder.path(), &["check", "secret.toml"]), expected);
}
