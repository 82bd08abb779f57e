//! Which model a command works on, and how its text is read.

use std::env;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use capplan::model_file::{Document, Loaded, NamedFiles, REFERENCE_MODEL};

use super::error::{CliError, plain};
use super::session::Session;

/// The name that is looked for when none is given.
pub const DEFAULT_FILE: &str = "capplan.toml";

/// What the built-in model is called.
pub const BUILT_IN: &str = "the built-in reference system";

/// The largest text that is read: far more than any system needs, far less than the memory of any machine.
const MOST_BYTES: u64 = 16 << 20;

/// The largest histogram that is read.
const MOST_BYTES_OF_HISTOGRAM: u64 = 1 << 30;

/// A model that could be read and has no faults.
#[derive(Debug)]
pub struct ModelFile {
    /// What messages and manifests call it.
    pub name: String,
    /// Its text, before overrides.
    pub text: String,
    /// The text taken apart, to be loaded again with other overrides.
    pub document: Document,
    /// The system with the overrides of the command line, and its defaults.
    pub loaded: Loaded,
}

/// Why a model cannot be read.
#[derive(Debug)]
pub enum UnreadableModel {
    /// There is nothing of this name.
    Missing,
    /// It is a folder.
    Folder,
    /// It holds nothing.
    Empty,
    /// It is too large to be a model.
    TooLarge,
    /// It is not UTF-8 from this byte on.
    NotText {
        /// The first byte that is not text.
        byte: usize,
    },
    /// The system refuses.
    System(io::Error),
}

impl Display for UnreadableModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file; `capplan init` writes one to begin with"),
            Self::Folder => f.write_str("it is a directory; name the model file in it"),
            Self::Empty => f.write_str("it is empty; `capplan init` writes a model to begin with"),
            Self::TooLarge => write!(f, "it has more than {} MiB, so it is no model file", MOST_BYTES >> 20),
            Self::NotText { byte } => {
                write!(f, "it is not text in UTF-8 (byte {byte}); save it as UTF-8")
            }
            Self::System(error) => f.write_str(&plain(error)),
        }
    }
}

impl std::error::Error for UnreadableModel {}

/// A text that may be a model.
#[derive(Debug)]
pub struct Source {
    /// What messages and manifests call it.
    pub name: String,
    /// The text.
    pub text: String,
    /// Where the files are that it names.
    pub folder: PathBuf,
}

impl Source {
    /// Makes the model, with the overrides of the command line put in.
    ///
    /// # Errors
    ///
    /// [`CliError::Model`] with every fault.
    pub fn load(self, session: &Session) -> Result<ModelFile, CliError> {
        let Self { name, text, folder } = self;
        let document = Document::parse(&name, &text).with_files(files_in(folder));
        let loaded = document.load(&session.options.set)?;
        Ok(ModelFile { name, text, document, loaded })
    }
}

/// Reads the model that a command works on: [`find`], then [`Source::load`].
///
/// # Errors
///
/// [`CliError::Unreadable`], or [`CliError::Model`] with every fault.
pub fn read(path: Option<&Path>, session: &Session) -> Result<ModelFile, CliError> {
    find(path, session)?.load(session)
}

/// Reads the text that a command works on: the named file, `-` for standard input, else `capplan.toml` in this folder or
/// a parent up to the root of the repository, else the built-in reference system.
///
/// # Errors
///
/// [`CliError::Unreadable`].
pub fn find(path: Option<&Path>, session: &Session) -> Result<Source, CliError> {
    let path = match path {
        Some(path) if path == Path::new("-") => {
            if io::stdin().is_terminal() {
                session.note("reading the model from the terminal; Ctrl-D ends it");
            }
            return source("standard input".to_owned(), PathBuf::new(), decode(io::stdin().lock()));
        }
        Some(path) => path.to_owned(),
        None => {
            let Some(path) = discover() else {
                session.note(format_args!("no `{DEFAULT_FILE}` found; using {BUILT_IN} (`capplan init` writes it)"));
                return Ok(Source {
                    name: BUILT_IN.to_owned(),
                    text: REFERENCE_MODEL.to_owned(),
                    folder: PathBuf::new(),
                });
            };
            session.note(format_args!("using `{}`", path.display()));
            path
        }
    };
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    source(path.display().to_string(), folder, open(&path).and_then(decode))
}

fn source(name: String, folder: PathBuf, text: Result<String, UnreadableModel>) -> Result<Source, CliError> {
    match text {
        Ok(text) => Ok(Source { name, text, folder }),
        Err(reason) => Err(CliError::Unreadable { name, reason: reason.into() }),
    }
}

/// Files by their names relative to the model file's folder.
fn files_in(folder: PathBuf) -> NamedFiles {
    NamedFiles::new(move |name| {
        let mut bytes = Vec::new();
        let file = File::open(folder.join(name)).map_err(|error| plain(&error))?;
        file.take(MOST_BYTES_OF_HISTOGRAM + 1).read_to_end(&mut bytes).map_err(|error| plain(&error))?;
        if bytes.len() as u64 > MOST_BYTES_OF_HISTOGRAM {
            return Err("it has more than 1 GiB; leave out objects that are hardly asked for".to_owned());
        }
        Ok(bytes)
    })
}

fn open(path: &Path) -> Result<File, UnreadableModel> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => UnreadableModel::Missing,
        io::ErrorKind::IsADirectory => UnreadableModel::Folder,
        _ => UnreadableModel::System(error),
    })?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(UnreadableModel::Folder);
    }
    Ok(file)
}

fn decode(reader: impl Read) -> Result<String, UnreadableModel> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells too much from just enough, also where a file has no length of its own.
    reader.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(UnreadableModel::System)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(UnreadableModel::TooLarge);
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| UnreadableModel::NotText { byte: error.utf8_error().valid_up_to() + 1 })?;
    if text.trim().is_empty() { Err(UnreadableModel::Empty) } else { Ok(text) }
}

/// Looks for the default file in this folder and, inside a repository, in its parents up to the root.
fn discover() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let depth = here.ancestors().position(|folder| folder.join(".git").exists()).unwrap_or(0);
    let level = here.ancestors().take(depth + 1).position(|folder| folder.join(DEFAULT_FILE).exists())?;
    let mut path: PathBuf = std::iter::repeat_n("..", level).collect();
    path.push(DEFAULT_FILE);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: impl Read) -> String {
        decode(bytes).expect_err("refused").to_string()
    }

    #[test]
    fn what_is_no_text_is_refused_with_a_way_out() {
        assert_eq!(refusal(&b" \n"[..]), "it is empty; `capplan init` writes a model to begin with");
        assert_eq!(refusal(&b"ab\xff"[..]), "it is not text in UTF-8 (byte 3); save it as UTF-8");
        assert_eq!(refusal(io::repeat(b'a')), "it has more than 16 MiB, so it is no model file");
    }
}
