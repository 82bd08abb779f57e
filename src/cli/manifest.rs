//! What a report was made from, so that it can be made again.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::session::Session;

/// The manifest as `capplan.manifest/1`.
#[derive(Debug, Serialize)]
pub struct Manifest {
    schema: &'static str,
    version: &'static str,
    command: String,
    seed: u64,
    inputs: Vec<Input>,
    overrides: Vec<String>,
    outputs: Vec<Input>,
}

/// A file and the hash of its bytes.
#[derive(Debug, Serialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    sha256: String,
}

impl Input {
    /// Hashes bytes.
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), sha256: hex(&Sha256::digest(bytes)) }
    }

    /// Takes a hash that was made while the bytes were written.
    pub fn hashed(name: &str, hash: Sha256) -> Self {
        Self { name: name.to_owned(), sha256: hex(&hash.finalize()) }
    }
}

impl Manifest {
    /// Describes a run.
    pub fn new(session: &Session, command: String, seed: u64, inputs: Vec<Input>, mut outputs: Vec<Input>) -> Self {
        outputs.sort_by(|one, other| one.name.cmp(&other.name));
        let overrides = session.options.set.iter().map(|set| format!("{}={}", set.key, set.value)).collect();
        Self {
            schema: "capplan.manifest/1",
            version: env!("CARGO_PKG_VERSION"),
            command,
            seed,
            inputs,
            overrides,
            outputs,
        }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to memory does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
