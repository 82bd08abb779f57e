//! Holds the table of layers in ARCHITECTURE.md: which layer may import which, and which crate belongs to one layer.

use std::fs;
use std::path::{Path, PathBuf};

/// Layer, and the layers that it may import.
const LAYERS: [(&str, &[&str]); 15] = [
    ("units", &[]),
    ("numeric", &["units"]),
    ("queues", &["units", "numeric"]),
    ("cache", &["units", "numeric"]),
    ("availability", &["units", "numeric"]),
    ("overload", &["units", "numeric"]),
    ("network", &["units", "numeric", "queues"]),
    ("model", &["units"]),
    ("spec", &["units", "model"]),
    ("calc", &["units", "numeric", "queues", "cache", "availability", "overload", "network"]),
    ("evaluate", &["units", "numeric", "queues", "cache", "availability", "overload", "network", "model"]),
    ("whatif", &["units", "numeric", "queues", "cache", "availability", "overload", "network", "model", "evaluate"]),
    ("plan", &["units", "numeric", "queues", "availability", "model", "evaluate"]),
    ("sweep", &["units", "model", "evaluate", "whatif", "plan"]),
    ("report", &["units", "model", "evaluate", "whatif", "plan", "sweep"]),
];

/// Crate, and the layers that alone use it.
const CRATES: [(&str, &[&str]); 10] = [
    ("nalgebra", &["numeric", "network", "calc"]),
    ("statrs", &["queues", "cache", "availability"]),
    ("rayon", &["sweep"]),
    ("plotters", &["report"]),
    ("askama", &["report"]),
    ("toml", &["spec"]),
    ("roxmltree", &["spec"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("csv", &["spec", "report", "cli"]),
];

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

fn files_of(layer: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer), &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).expect("a source file"))).collect()
}

#[test]
fn a_layer_imports_only_layers_below_it() {
    let mut faults = Vec::new();
    for (layer, allowed) in LAYERS {
        let files = files_of(layer);
        assert!(!files.is_empty(), "layer {layer} has no files");
        for (path, text) in files {
            for line in code(&text) {
                for (at, _) in line.match_indices("crate::") {
                    let rest = &line[at + "crate::".len()..];
                    let named: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let known = LAYERS.iter().any(|(name, _)| *name == named);
                    if named != layer && (!known || !allowed.contains(&named.as_str())) {
                        faults.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_crate_belongs_to_its_layers() {
    let mut faults = Vec::new();
    let layers = LAYERS.iter().map(|(name, _)| *name).chain(["cli"]);
    for layer in layers {
        for (path, text) in files_of(layer) {
            for line in code(&text) {
                for (name, owners) in CRATES {
                    let used = line.contains(&format!("use {name}::")) || line.contains(&format!(" {name}::"));
                    if used && !owners.contains(&layer) {
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
    for (layer, _) in LAYERS {
        for (path, text) in files_of(layer) {
            for line in code(&text) {
                if ["std::fs", "println!", "eprintln!", "std::process"].iter().any(|word| line.contains(word)) {
                    faults.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
