//! Holds the table of layers in ARCHITECTURE.md: which room may import which, and which crate belongs to one room.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folder of a room, and the rooms of the same crate that it may import.
const ROOMS: [(&str, &[&str]); 16] = [
    ("crates/queueing/src/units", &[]),
    ("crates/queueing/src/numeric", &["units"]),
    ("crates/queueing/src/queues", &["units", "numeric"]),
    ("crates/queueing/src/cache", &["units", "numeric"]),
    ("crates/queueing/src/availability", &["units", "numeric"]),
    ("crates/queueing/src/overload", &["units", "numeric"]),
    ("crates/queueing/src/network", &["units", "numeric", "queues"]),
    ("src/model", &[]),
    ("src/model_file", &["model"]),
    ("src/queueing_network", &["model_file"]),
    ("src/evaluate", &["model"]),
    ("src/plan", &["model", "evaluate"]),
    ("src/review", &["model", "evaluate", "plan"]),
    ("src/sweep", &["model", "evaluate", "plan", "review"]),
    ("src/report", &["model", "evaluate", "plan", "review", "sweep"]),
    ("src/cli", &[]),
];

/// Crate, and the rooms that alone use it.
const CRATES: [(&str, &[&str]); 11] = [
    ("libm", &["numeric", "queues", "network"]),
    ("nalgebra", &["numeric", "network"]),
    ("statrs", &["queues", "cache", "availability"]),
    ("rayon", &["review", "sweep"]),
    ("plotters", &["report"]),
    ("askama", &["report"]),
    ("toml", &["model_file"]),
    ("roxmltree", &["queueing_network"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("csv", &["model_file", "report", "cli"]),
];

/// The name of a room: the last part of its folder.
fn name(room: &'static str) -> &'static str {
    room.rsplit('/').next().unwrap_or(room)
}

/// Rooms of the planner's library: they neither print nor open a file.
fn library_rooms() -> impl Iterator<Item = &'static str> {
    ROOMS.iter().map(|(room, _)| *room).filter(|room| *room != "src/cli")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// Lines that are code of the layer: comments and docs name what they like, and tests may build on any layer.
fn code(text: &str) -> Vec<&str> {
    let mut code = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // What is only for tests: one line, or a block to the brace that stands below its first line.
            let first = lines.next().unwrap_or_default();
            let indent = &first[..first.len() - first.trim_start().len()];
            if first.trim_end().ends_with('{') {
                let end = format!("{indent}}}");
                lines.by_ref().find(|line| *line == end);
            }
        } else if !line.trim_start().starts_with("//") {
            code.push(line);
        }
    }
    code
}

#[test]
fn code_after_a_test_module_is_still_code() {
    let text = "one\n#[cfg(test)]\nmod laws;\ntwo\n#[cfg(test)]\nmod tests {\n    three\n}\nfour\n// five";
    assert_eq!(code(text), ["one", "two", "four"]);
}

fn files_of(room: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room), &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).expect("a source file"))).collect()
}

#[test]
fn a_room_imports_only_rooms_below_it() {
    let mut faults = Vec::new();
    for (room, allowed) in ROOMS.into_iter().filter(|(room, _)| *room != "src/cli") {
        let files = files_of(room);
        assert!(!files.is_empty(), "room {room} has no files");
        for (path, text) in files {
            for line in code(&text) {
                for (at, _) in line.match_indices("crate::") {
                    let rest = &line[at + "crate::".len()..];
                    let named: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    if named != name(room) && !allowed.contains(&named.as_str()) {
                        faults.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_dependency_belongs_to_its_rooms() {
    let mut faults = Vec::new();
    for (room, _) in ROOMS {
        for (path, text) in files_of(room) {
            for line in code(&text) {
                for (dependency, owners) in CRATES {
                    let used =
                        line.contains(&format!("use {dependency}::")) || line.contains(&format!(" {dependency}::"));
                    if used && !owners.contains(&name(room)) {
                        faults.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_library_opens_no_file_and_prints_nothing() {
    let mut faults = Vec::new();
    for room in library_rooms().chain(["crates/calculators/src"]) {
        for (path, text) in files_of(room) {
            for line in code(&text) {
                if ["std::fs", "println!", "eprintln!", "std::process"].iter().any(|word| line.contains(word)) {
                    faults.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_root_holds_known_files_and_none_is_large() {
    const KNOWN: [&str; 20] = [
        ".ci",
        ".gitignore",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "NOTATION.md",
        "README.md",
        "benches",
        "crates",
        "data",
        "examples",
        "fuzz",
        "models",
        "reports",
        "rustfmt.toml",
        "src",
        "templates",
        "tests",
    ];
    const LARGEST: u64 = 1 << 20;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().expect("git lists the files");
    assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("UTF-8");
    let files: Vec<&str> = listed.split('\0').filter(|file| !file.is_empty()).collect();
    assert!(files.len() > 100, "{} tracked files", files.len());
    let mut faults = Vec::new();
    for file in files {
        let first = file.split('/').next().unwrap_or(file);
        if !KNOWN.contains(&first) {
            faults.push(format!("{file}: is no part of the project's root"));
        }
        if fs::metadata(root.join(file)).is_ok_and(|metadata| metadata.len() > LARGEST) {
            faults.push(format!("{file}: is above 1 MiB"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Names under `[dependencies]` of a manifest, but for those that a feature switches on.
fn dependencies(manifest: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
    let text = fs::read_to_string(&path).expect("a manifest");
    let section = text.split("\n[").find_map(|section| section.strip_prefix("dependencies]"));
    let lines = section.expect("dependencies").lines().filter(|line| line.contains('=') && !line.contains("optional"));
    lines.map(|line| line.split(['.', '=', ' ']).next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_formulas_bring_mathematics_only() {
    assert_eq!(dependencies("crates/queueing/Cargo.toml"), ["libm", "nalgebra", "statrs", "thiserror"]);
}

#[test]
fn the_library_without_the_command_brings_no_terminal() {
    let library = dependencies("Cargo.toml");
    assert!(library.contains(&"capplan-queueing".to_owned()), "{library:?}");
    for terminal in ["anstream", "clap", "clap_complete", "comfy-table", "ctrlc", "indicatif", "terminal_size"] {
        assert!(!library.contains(&terminal.to_owned()), "{terminal}");
    }
}
