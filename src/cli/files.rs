//! Files that are written whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tempfile::{NamedTempFile, PersistError};

use super::error::CliError;

/// The file that describes the others; it comes last, so that where it is, they are.
pub const MANIFEST: &str = "manifest.json";

/// Bytes after which a long file is sent to the disk.
const SEND: usize = 64 << 20;

/// What to do about a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Refuse to write.
    Keep,
    /// Write in its place.
    Replace,
}

/// Writes one file.
///
/// # Errors
///
/// [`CliError::Exists`] if it may not replace one, [`CliError::Write`] if the disk refuses.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), CliError> {
    let refuse = |error| CliError::write(path, error);
    if existing == Existing::Keep && path.symlink_metadata().is_ok() {
        return Err(CliError::Exists { path: path.to_owned() });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = temporary_in(folder).map_err(refuse)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(refuse)?;
    let persisted = match existing {
        Existing::Replace => file.persist(path),
        Existing::Keep => file.persist_noclobber(path),
    };
    persisted.map_err(|PersistError { error, .. }| match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::Exists { path: path.to_owned() },
        _ => refuse(error),
    })?;
    Ok(())
}

/// The temporary files and new folders of a run, oldest first. Whoever stops the run from another thread removes them
/// here, because destructors do not run then.
#[derive(Debug, Clone, Default)]
pub struct Leftovers(Arc<Mutex<Stage>>);

/// How far the outputs of a run are.
#[derive(Debug)]
enum Stage {
    /// These are there and have to go if the run stops.
    Writing(Vec<PathBuf>),
    /// The outputs have their names.
    Written,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Writing(Vec::new())
    }
}

impl Leftovers {
    fn lock(&self) -> MutexGuard<'_, Stage> {
        // A list of paths is whole even where a thread that held it is gone.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes something that has to go if the run stops; nobody stops it between making and listing.
    fn make<T>(&self, make: impl FnOnce() -> io::Result<(T, Vec<PathBuf>)>) -> io::Result<T> {
        let mut stage = self.lock();
        let (made, paths) = make()?;
        if let Stage::Writing(listed) = &mut *stage {
            listed.extend(paths);
        }
        Ok(made)
    }

    /// Removes everything and hands over why the run has no result. Waits while outputs are given their names; while
    /// `end` works, no other thread makes anything.
    pub fn abandon(&self, end: impl FnOnce(&CliError)) {
        let mut stage = self.lock();
        match &mut *stage {
            Stage::Writing(listed) => {
                for path in listed.drain(..).rev() {
                    // What is gone already needs no removing, and a folder with something in it is not ours alone.
                    let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
                }
                end(&CliError::Interrupted);
            }
            Stage::Written => end(&CliError::InterruptedLate),
        }
    }
}

/// A folder of outputs that appear together at the end.
///
/// Until [`OutputFolder::commit_all`] they are temporary files of the folder; dropped before, it removes them and the
/// folders that it has made.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    kept: Vec<(String, NamedTempFile)>,
    made: Vec<PathBuf>,
    leftovers: Leftovers,
}

/// A file of an [`OutputFolder`] that is being written.
#[derive(Debug)]
pub struct StagedFile {
    name: String,
    writer: BufWriter<NamedTempFile>,
    /// Bytes written since they were last sent to the disk.
    unsent: usize,
    /// Sends them while the next ones are computed, so that nobody waits for the disk at the end.
    sending: Option<JoinHandle<io::Result<()>>>,
}

impl OutputFolder {
    /// Makes the folder and tries to write to it, so that work that takes long cannot end in vain.
    ///
    /// # Errors
    ///
    /// [`CliError::Folder`].
    pub fn create(path: &Path, leftovers: Leftovers) -> Result<Self, CliError> {
        let refuse = |source| CliError::Folder { path: path.to_owned(), source };
        let made: Vec<PathBuf> = path
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err())
            .map(Path::to_owned)
            .collect();
        // From here on a failure removes what has been made.
        let folder = Self { path: path.to_owned(), kept: Vec::new(), made, leftovers };
        if path.metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(refuse(io::ErrorKind::NotADirectory.into()));
        }
        let make = || fs::create_dir_all(path).map(|()| ((), folder.made.iter().rev().cloned().collect()));
        folder.leftovers.make(make).map_err(refuse)?;
        folder.temporary().map_err(refuse)?;
        Ok(folder)
    }

    fn temporary(&self) -> io::Result<NamedTempFile> {
        self.leftovers.make(|| {
            let file = temporary_in(&self.path)?;
            let path = file.path().to_owned();
            Ok((file, vec![path]))
        })
    }

    /// The path of a file of the folder.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Begins a file; [`OutputFolder::keep`] takes it back when it is written.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`].
    pub fn stage(&self, name: &str) -> Result<StagedFile, CliError> {
        let file = self.temporary().map_err(|error| CliError::write(&self.path_of(name), error))?;
        let writer = BufWriter::with_capacity(1 << 16, file);
        Ok(StagedFile { name: name.to_owned(), writer, unsent: 0, sending: None })
    }

    /// Takes a file that is written to its end, and sees it onto the disk.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`], for example when the disk is full.
    pub fn keep(&mut self, staged: StagedFile) -> Result<(), CliError> {
        let StagedFile { name, writer, sending, .. } = staged;
        let refuse = |error| CliError::write(&self.path_of(&name), error);
        if let Some(Ok(sent)) = sending.map(JoinHandle::join) {
            sent.map_err(refuse)?;
        }
        let file = writer.into_inner().map_err(|error| refuse(error.into_error()))?;
        file.as_file().sync_all().map_err(refuse)?;
        self.kept.push((name, file));
        Ok(())
    }

    /// Stages and keeps a file that is in memory.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`].
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), CliError> {
        let mut staged = self.stage(name)?;
        staged.write_all(bytes).map_err(|error| CliError::write(&self.path_of(name), error))?;
        self.keep(staged)
    }

    /// Gives every kept file its name, in the order of their names with the manifest last; returns their paths in that
    /// order. Files of an earlier run with a name in `names` that this run has not written are removed before the
    /// manifest is replaced.
    ///
    /// # Errors
    ///
    /// [`CliError::Write`].
    pub fn commit_all(mut self, names: &[&str]) -> Result<Vec<PathBuf>, CliError> {
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_by(|(one, _), (other, _)| (one == MANIFEST, one).cmp(&(other == MANIFEST, other)));
        let stale: Vec<PathBuf> = names
            .iter()
            .filter(|name| kept.iter().all(|(written, _)| written != *name))
            .map(|name| self.path_of(name))
            .filter(|path| path.is_file())
            .collect();
        let mut paths = Vec::with_capacity(kept.len());
        let leftovers = self.leftovers.clone();
        let mut stage = leftovers.lock();
        for (name, file) in kept {
            if name == MANIFEST {
                for path in &stale {
                    fs::remove_file(path).map_err(|error| CliError::write(path, error))?;
                }
            }
            let path = self.path_of(&name);
            file.persist(&path).map_err(|PersistError { error, .. }| CliError::write(&path, error))?;
            paths.push(path);
        }
        *stage = Stage::Written;
        Ok(paths)
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        self.kept.clear();
        for folder in &self.made {
            // Removes empty folders only.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.writer.write(bytes)?;
        self.unsent += count;
        if self.unsent >= SEND {
            self.send()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl StagedFile {
    /// Sends to the disk what is written, beside the work, one time after the other.
    fn send(&mut self) -> io::Result<()> {
        match self.sending.take() {
            Some(sending) if !sending.is_finished() => {
                self.sending = Some(sending);
                return Ok(());
            }
            Some(sending) => sending.join().unwrap_or(Ok(()))?,
            None => {}
        }
        let file = self.writer.get_ref().as_file().try_clone()?;
        self.sending = Some(thread::spawn(move || file.sync_data()));
        self.unsent = 0;
        Ok(())
    }
}

/// A temporary file beside its final place, with the permissions of any new file: 0666 less the umask.
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = OsString::from(".capplan-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(bare)
}

/// The system's error without the name of the temporary file, which means nothing to a user.
fn bare(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|wrapped| wrapped.source()?.downcast_ref::<io::Error>());
    match inner.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_and_the_manifest_last() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("reports/web");
        fs::create_dir_all(&path).expect("created");
        fs::write(path.join("old.svg"), "of an earlier run").expect("written");
        let mut folder = OutputFolder::create(&path, Leftovers::default()).expect("created");
        folder.write(MANIFEST, b"{}\n").expect("written");
        let mut rows = folder.stage("z.csv").expect("staged");
        rows.write_all(b"a\n").expect("written");
        folder.keep(rows).expect("kept");
        folder.write("b.csv", b"b\n").expect("written");
        assert!(names(&path).iter().all(|name| name == "old.svg" || name.starts_with(".capplan-")));
        let paths = folder.commit_all(&["b.csv", "old.svg"]).expect("committed");
        assert_eq!(paths, [path.join("b.csv"), path.join("z.csv"), path.join(MANIFEST)]);
        assert_eq!(names(&path), ["b.csv", MANIFEST, "z.csv"]);
        assert_eq!(fs::read(path.join("z.csv")).expect("read"), b"a\n");
    }

    #[test]
    fn a_run_that_stops_leaves_the_old_files_and_no_others() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("a.csv"), "old").expect("written");
        let mut folder = OutputFolder::create(root.path(), Leftovers::default()).expect("created");
        folder.write("a.csv", b"new").expect("written");
        drop(folder);
        assert_eq!(names(root.path()), ["a.csv"]);
        assert_eq!(fs::read(root.path().join("a.csv")).expect("read"), b"old");
    }

    #[test]
    fn a_run_that_is_stopped_from_another_thread_leaves_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let leftovers = Leftovers::default();
        let mut folder = OutputFolder::create(&root.path().join("a/b"), leftovers.clone()).expect("created");
        folder.write("a.csv", b"new").expect("written");
        let mut reason = String::new();
        leftovers.abandon(|error| reason = error.to_string());
        assert_eq!((names(root.path()), reason.as_str()), (Vec::new(), "interrupted; nothing was written"));
    }

    #[test]
    fn a_run_that_is_stopped_after_its_end_keeps_its_files() {
        let root = tempfile::tempdir().expect("a folder");
        let leftovers = Leftovers::default();
        let mut folder = OutputFolder::create(root.path(), leftovers.clone()).expect("created");
        folder.write("a.csv", b"new").expect("written");
        folder.commit_all(&[]).expect("committed");
        let mut reason = String::new();
        leftovers.abandon(|error| reason = error.to_string());
        assert_eq!(
            (names(root.path()), reason.as_str()),
            (vec!["a.csv".to_owned()], "interrupted; the files are written")
        );
    }

    #[test]
    fn a_folder_made_for_nothing_goes_away() {
        let root = tempfile::tempdir().expect("a folder");
        drop(OutputFolder::create(&root.path().join("reports/web"), Leftovers::default()).expect("created"));
        assert_eq!(names(root.path()), Vec::<String>::new());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused_before_the_work() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("taken");
        fs::write(&path, "").expect("written");
        let error = OutputFolder::create(&path, Leftovers::default()).expect_err("refused");
        assert_eq!(
            error.to_string(),
            format!("cannot write to the folder `{}`: not a directory; name another with `--out`", path.display())
        );
        assert!(path.is_file());
    }

    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().expect("a folder");
        let (ours, plain) = (root.path().join("ours"), root.path().join("plain"));
        write(&ours, b"", Existing::Keep).expect("written");
        fs::write(&plain, "").expect("written");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
