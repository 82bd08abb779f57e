//! Histograms of requests by object, as CSV.

use csv::{ByteRecord, ReaderBuilder, Trim};

/// Why a histogram cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistogramError {
    /// It has no rows, or a header only.
    #[error("it has no rows; each is `object,count` or `rank,count`")]
    Empty,
    /// A row is not two cells.
    #[error("line {line}: there is no count; a row is `object,count` or `rank,count`")]
    NoCount {
        /// The line, from 1.
        line: u64,
    },
    /// A count is none.
    #[error("line {line}: count of `{text}` is not a number of at least 0")]
    NotACount {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// Nobody asked for anything.
    #[error("all counts are 0; at least one object needs a request")]
    NothingRequested,
    /// It is no CSV.
    #[error("{0}")]
    Csv(String),
}

/// Reads the counts of a histogram: rows of `object,count` or `rank,count`, in any order, with or without a header.
///
/// What stands before the count is not looked at, so objects may have any names; a count of 0 is allowed. A header may
/// name the column of the counts `count`, `accesses`, `requests` or `hits`, wherever it is; without one it is the
/// second.
///
/// # Errors
///
/// [`HistogramError`] with the line at fault.
///
/// # Examples
///
/// ```
/// let counts = capplan::model_file::read_histogram(b"object,count\n/index.html,120\n/about.html,7\n")?;
/// assert_eq!(counts, [120.0, 7.0]);
/// # Ok::<(), capplan::model_file::HistogramError>(())
/// ```
pub fn read_histogram(text: &[u8]) -> Result<Vec<f64>, HistogramError> {
    const NAMES: [&str; 4] = ["count", "accesses", "requests", "hits"];
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text);
    let mut record = ByteRecord::new();
    let mut counts = Vec::new();
    let mut column = 1;
    let mut first = true;
    while reader.read_byte_record(&mut record).map_err(|error| HistogramError::Csv(error.to_string()))? {
        let header = std::mem::take(&mut first);
        let line = || record.position().map_or(0, |start| line_of(text, start));
        if header {
            let named = |cell: &[u8]| NAMES.iter().any(|name| cell.eq_ignore_ascii_case(name.as_bytes()));
            if let Some(place) = record.iter().position(named) {
                column = place;
                continue;
            }
        }
        let Some(cell) = record.get(column) else { return Err(HistogramError::NoCount { line: line() }) };
        let count = std::str::from_utf8(cell).ok().and_then(|text| text.parse::<f64>().ok());
        match count {
            Some(count) if count >= 0.0 && count.is_finite() => counts.push(count),
            // A first row of two words is a header by other names.
            None if header && !cell.is_empty() && !cell.first().is_some_and(u8::is_ascii_digit) => {}
            _ => {
                let text = String::from_utf8_lossy(cell).chars().take(40).collect();
                return Err(HistogramError::NotACount { line: line(), text });
            }
        }
    }
    if counts.is_empty() {
        return Err(HistogramError::Empty);
    }
    if counts.iter().all(|&count| count == 0.0) {
        return Err(HistogramError::NothingRequested);
    }
    Ok(counts)
}

/// The line of a record: the reader counts empty lines before it as its own.
fn line_of(text: &[u8], start: &csv::Position) -> u64 {
    let before = usize::try_from(start.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let empty = before.iter().take_while(|byte| byte.is_ascii_whitespace()).filter(|&&byte| byte == b'\n').count();
    start.line() + empty as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        read_histogram(text.as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn a_header_is_optional_and_may_name_the_column() {
        for text in [
            "object,count\na,3\nb,0.5\n",
            "a,3\nb,0.5",
            "1,3\r\n2,0.5\r\n",
            "\"a, b\",3\nc, 0.5 \n",
            "key,number\na,3\nb,0.5\n",
            "Count,object\n3,a\n0.5,b\n",
            "\u{feff}object,count\na,3\nb,0.5\n",
        ] {
            assert_eq!(read_histogram(text.as_bytes()), Ok(vec![3.0, 0.5]), "{text}");
        }
    }

    #[test]
    fn what_is_no_histogram_is_named_with_its_line() {
        assert_eq!(message(""), "it has no rows; each is `object,count` or `rank,count`");
        assert_eq!(message("object,count\n"), "it has no rows; each is `object,count` or `rank,count`");
        assert_eq!(message("a,1\nb\n"), "line 2: there is no count; a row is `object,count` or `rank,count`");
        assert_eq!(message("a,1\n\nb,-2\n"), "line 3: count of `-2` is not a number of at least 0");
        assert_eq!(message("a,NaN\n"), "line 1: count of `NaN` is not a number of at least 0");
        assert_eq!(message("a,1\nb,inf\n"), "line 2: count of `inf` is not a number of at least 0");
        assert_eq!(message("a,1\nb,many\n"), "line 2: count of `many` is not a number of at least 0");
        assert_eq!(message("a,1x\nb,2\n"), "line 1: count of `1x` is not a number of at least 0");
        assert_eq!(message("a,1\nb,\n"), "line 2: count of `` is not a number of at least 0");
        assert_eq!(message("a,0\nb,0\n"), "all counts are 0; at least one object needs a request");
    }
}
