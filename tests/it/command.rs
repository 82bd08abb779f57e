//! Runs the real binary as a user would: in a folder of its own, without the environment of whoever runs the tests.

use std::fs;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A small system that the tests can state every figure of: a balancer, application servers, a database.
pub const SHOP: &str = include_str!("../data/shop.toml");

/// What a command wrote and how it ended.
pub type Said = (String, String, Option<i32>);

/// A folder with the model `shop.toml`.
pub fn shop() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("shop.toml"), SHOP).expect("written");
    folder
}

/// The command in a folder.
pub fn capplan(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_capplan"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAPPLAN_")) {
        command.env_remove(name);
    }
    command.env_remove("CLICOLOR_FORCE").current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(folder: &Path, words: &[&str]) -> Said {
    end(capplan(folder).args(words))
}

/// Runs a prepared command to its end with a text on standard input.
pub fn fed(command: &mut Command, stdin: &str) -> Said {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(stdin.as_bytes()).expect("written");
    file.rewind().expect("a file");
    end(command.stdin(file))
}

/// The folder of the package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a prepared command to its end.
pub fn end(command: &mut Command) -> Said {
    let output = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// What a command should say.
pub fn said(stdout: &str, stderr: &str, code: i32) -> Said {
    (stdout.to_owned(), stderr.to_owned(), Some(code))
}

/// Holds a command to a file of `tests/data/`. With `UPDATE_EXPECTED` in the environment the file is written instead, to
/// be read before it is committed.
pub fn assert_said(said: &Said, file: &str, stderr: &str, code: i32) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &said.0).expect("written");
    }
    let expected = fs::read_to_string(&path).expect("a file of expected output");
    assert!(said.0 == expected, "{file} is\n{expected}\nthe command says\n{}", said.0);
    assert_eq!((said.1.as_str(), said.2), (stderr, Some(code)));
}

/// The answer of a command as JSON.
pub fn json(said: &Said) -> serde_json::Value {
    serde_json::from_str(&said.0).expect("one JSON object and nothing else")
}

/// Names of a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
