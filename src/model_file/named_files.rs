use std::fmt;
use std::sync::Arc;

/// Fetches the bytes of a file by the name that a value gives, or says why not.
pub type ReadFile = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

/// Where the files come from that values of a model name; this layer opens none itself.
#[derive(Clone, Default)]
pub struct NamedFiles(Option<Arc<ReadFile>>);

impl NamedFiles {
    /// Files as `read` fetches them.
    ///
    /// # Examples
    ///
    /// ```
    /// use capplan::model_file::{Document, NamedFiles, REFERENCE_MODEL};
    ///
    /// let files = NamedFiles::new(|name| match name {
    ///     "hits.csv" => Ok(b"object,count\na,3\nb,1\n".to_vec()),
    ///     _ => Err("there is no such file".to_owned()),
    /// });
    /// let document = Document::parse("web.toml", REFERENCE_MODEL).with_files(files);
    /// assert!(document.load(&[]).is_ok());
    /// ```
    pub fn new(read: impl Fn(&str) -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(read)))
    }

    /// Fetches a file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, as the end of a sentence.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        self.0.as_ref().map_or_else(|| Err("files are not read here".to_owned()), |read| read(name))
    }
}

impl fmt::Debug for NamedFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "NamedFiles(..)" } else { "NamedFiles" })
    }
}
