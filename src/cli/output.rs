//! Standard output, behind one buffer; a reader that leaves early is no error.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use capplan::report::{Block, Document, Grid};
use clap::builder::StyledStr;
use serde::Serialize;

use super::error::CliError;
use super::options::Format;
use super::table::for_people;

/// Standard output.
#[derive(Debug)]
pub struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    /// Takes standard output for the rest of the run.
    pub fn stdout() -> Self {
        Self(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    /// Writes a text as it is.
    ///
    /// # Errors
    ///
    /// [`CliError::ClosedPipe`] when the reader has left, [`CliError::Stdout`] for any other failure.
    pub fn text(&mut self, text: &str) -> Result<(), CliError> {
        self.bytes(text.as_bytes())
    }

    /// Writes the bytes of a text as they are.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn bytes(&mut self, text: &[u8]) -> Result<(), CliError> {
        self.0.write_all(text).map_err(stdout_error)
    }

    /// Returns a writer of rows of comma-separated values; each row that it ends reaches this output.
    pub fn rows(&mut self) -> Rows<'_> {
        Rows(csv::WriterBuilder::new().flexible(true).from_writer(&mut self.0))
    }

    /// Writes a text and ends the line.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        self.text(text)?;
        self.text("\n")
    }

    /// Writes a value as indented JSON and ends the line.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn json<T: Serialize>(&mut self, value: &T) -> Result<(), CliError> {
        serde_json::to_writer_pretty(&mut self.0, value).map_err(|error| stdout_error(error.into()))?;
        self.text("\n")
    }

    /// Writes a table in the form that was asked for; `json` is what it holds, for programs.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn table<T: Serialize>(&mut self, format: Format, table: &Grid, json: &T) -> Result<(), CliError> {
        match format {
            Format::Json => self.json(json),
            Format::Csv => self.bytes(&table.csv()),
            Format::Markdown => self.text(&table.markdown()),
            Format::Table => self.text(&for_people(table, terminal_width())),
        }
    }

    /// Writes an answer in the form that was asked for, of which no other form is made.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn answer<T: Serialize>(
        &mut self,
        format: Format,
        json: impl FnOnce() -> T,
        csv: impl FnOnce() -> Vec<u8>,
        document: impl FnOnce() -> Document,
    ) -> Result<(), CliError> {
        match format {
            Format::Json => self.json(&json()),
            Format::Csv => self.bytes(&csv()),
            Format::Table | Format::Markdown => self.document(format, &document()),
        }
    }

    /// Writes a document for a terminal or in Markdown, where a table stands between empty lines.
    fn document(&mut self, format: Format, document: &Document) -> Result<(), CliError> {
        let markdown = format == Format::Markdown;
        let mut in_paragraph = false;
        for block in &document.blocks {
            match block {
                Block::Heading(text) | Block::Note(text) | Block::Line(text) => self.line(text)?,
                Block::List(items) => self.list(items)?,
                Block::Details(title, items) => {
                    self.line(title)?;
                    self.list(items)?;
                }
                Block::Table(grid) => {
                    if markdown && in_paragraph {
                        self.line("")?;
                    }
                    self.grid(format, grid)?;
                }
            }
            in_paragraph = !matches!(block, Block::Table(_) | Block::Heading(_));
            if markdown && matches!(block, Block::Heading(_)) {
                self.line("")?;
            }
        }
        Ok(())
    }

    /// Writes a table for people; in Markdown an empty line ends it, since a line right below would belong to it.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn grid(&mut self, format: Format, grid: &Grid) -> Result<(), CliError> {
        self.table(format, grid, &())?;
        if format == Format::Markdown { self.line("") } else { Ok(()) }
    }

    fn list(&mut self, items: &[String]) -> Result<(), CliError> {
        items.iter().try_for_each(|item| self.line(&format!("- {item}")))
    }

    /// Writes a help page, with colours where they are wanted.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn styled(&mut self, text: &StyledStr) -> Result<(), CliError> {
        match AutoStream::choice(&io::stdout()) {
            ColorChoice::Never => self.text(&text.to_string()),
            _ => self.text(&text.ansi().to_string()),
        }
    }

    /// Hands everything written so far to the reader.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn flush(&mut self) -> Result<(), CliError> {
        self.0.flush().map_err(stdout_error)
    }

    /// Ends the output.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn finish(mut self) -> Result<(), CliError> {
        self.flush()
    }
}

/// Rows of comma-separated values on standard output.
#[derive(Debug)]
pub struct Rows<'a>(csv::Writer<&'a mut BufWriter<StdoutLock<'static>>>);

impl Rows<'_> {
    /// Writes a row.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn row<I: IntoIterator<Item: AsRef<[u8]>>>(&mut self, cells: I) -> Result<(), CliError> {
        self.0.write_record(cells).map_err(|error| stdout_error(io_error(error)))
    }

    /// Ends the rows.
    ///
    /// # Errors
    ///
    /// As [`Output::text`].
    pub fn finish(mut self) -> Result<(), CliError> {
        self.0.flush().map_err(stdout_error)
    }
}

/// The system's error behind one of a table; rows of any length are read and written, so there is no other.
pub fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn stdout_error(error: io::Error) -> CliError {
    if error.kind() == io::ErrorKind::BrokenPipe { CliError::ClosedPipe } else { CliError::Stdout(error) }
}

/// The width to wrap tables to; none where no person looks.
fn terminal_width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| width.0)
}
