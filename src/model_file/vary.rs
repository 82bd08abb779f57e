//! Values to vary a key over: lists and ranges, with units.

use super::keys::{self, Shape};
use super::overrides::split_path;
use super::quantity::{Parts, convert, split};
use super::tree::shorten;

/// The most points that one range may have.
const MOST_POINTS: usize = 10_000;

/// The most users that a model takes.
const MOST_USERS: f64 = 1e9;

/// A key and the values that it is to take, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variation {
    /// Dotted path of the key.
    pub key: String,
    /// The values, each as it would stand in an [`Override`](super::Override).
    pub values: Vec<String>,
}

/// A text that names no values.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VaryError {
    /// No equals sign, or nothing on one side of it.
    #[error("`{text}` varies nothing; write KEY=VALUES, such as `tiers.cache.memory=1GiB..64GiB:7`")]
    NoKey {
        /// What was written.
        text: String,
    },
    /// An empty value in a list.
    #[error("`{text}` has an empty value")]
    EmptyValue {
        /// What was written.
        text: String,
    },
    /// A range that cannot be taken apart.
    #[error("`{text}` is no range; write FIRST..LAST:POINTS, such as `{example}`, with `:lin` for even steps")]
    NoRange {
        /// What was written.
        text: String,
        /// A range of the kind that was expected.
        example: &'static str,
    },
    /// A number of points out of bounds.
    #[error("a range has 2 to {MOST_POINTS} points, not {points}")]
    Points {
        /// What was written.
        points: String,
    },
    /// Ends that measure different things.
    #[error("the ends `{first}` and `{last}` of a range need units of the same kind")]
    Units {
        /// First end.
        first: String,
        /// Last end.
        last: String,
    },
    /// Ends in the wrong order, or equal, or not finite.
    #[error("the range from `{first}` to `{last}` does not rise")]
    Order {
        /// First end.
        first: String,
        /// Last end.
        last: String,
    },
    /// A logarithmic range that reaches zero.
    #[error("a logarithmic range begins above 0, not at `{first}`; add `:lin` for even steps")]
    NotPositive {
        /// First end.
        first: String,
    },
    /// A number of users out of bounds.
    #[error("`{text}` is no whole number of users between 1 and 1,000,000,000")]
    Users {
        /// What was written.
        text: String,
    },
}

/// Reads `KEY=VALUES`, where VALUES is a list `a,b,c`, or a range `FIRST..LAST:POINTS` with logarithmic steps, or
/// `FIRST..LAST:POINTS:lin` with even ones. Both ends belong to the range; the unit is that of the first end.
///
/// # Errors
///
/// [`VaryError`], with how to write it.
///
/// # Examples
///
/// ```
/// use capplan::model_file::vary;
///
/// let memory = vary("tiers.cache.memory=1GiB..64GiB:4")?;
/// assert_eq!(memory.values, ["1 GiB", "4 GiB", "16 GiB", "64 GiB"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn vary(text: &str) -> Result<Variation, VaryError> {
    let no_key = || VaryError::NoKey { text: shorten(text) };
    let (key, values) = text.split_once('=').ok_or_else(no_key)?;
    let (key, values) = (key.trim(), values.trim());
    if key.is_empty() || values.is_empty() {
        return Err(no_key());
    }
    let values = match range(values, "1GiB..64GiB:7")? {
        None => list(values)?,
        Some(range) => range.texts(grain(key, &range)),
    };
    Ok(Variation { key: key.to_owned(), values })
}

/// Reads numbers of users: `100000`, `1000,2000` or `1000..1000000:25`; whole, rising, each once. What a range has
/// between its ends is rounded.
///
/// # Errors
///
/// [`VaryError`], with how to write it.
pub fn users_range(text: &str) -> Result<Vec<f64>, VaryError> {
    let text = text.trim();
    let refuse = |text: &str| VaryError::Users { text: shorten(text) };
    let allowed = |count: &f64| (1.0..=MOST_USERS).contains(count);
    let mut users = if text.is_empty() {
        return Err(refuse(text));
    } else if let Some(range) = range(text, "1000..1000000:25")? {
        if !range.unit.is_empty() || !allowed(&range.first) || !allowed(&range.last) {
            return Err(refuse(text));
        }
        range.points().into_iter().map(f64::round).collect()
    } else {
        list(text)?
            .iter()
            .map(|value| match split(value) {
                Some(Parts { number, unit: "" }) => number
                    .parse()
                    .ok()
                    .filter(|count: &f64| allowed(count) && count.fract() == 0.0)
                    .ok_or_else(|| refuse(value)),
                _ => Err(refuse(value)),
            })
            .collect::<Result<Vec<f64>, VaryError>>()?
    };
    users.sort_by(f64::total_cmp);
    users.dedup();
    Ok(users)
}

/// Whether the values between the ends are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    Whole,
    Fine,
}

/// Whole ends of a key that counts something stay whole in between.
fn grain(key: &str, range: &Range) -> Grain {
    let path = split_path(key).unwrap_or_default();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let counts =
        path == ["workload", "users"] || keys::find(&path).is_some_and(|row| matches!(row.shape, Shape::Count(_)));
    if counts && range.unit.is_empty() && range.first.fract() == 0.0 && range.last.fract() == 0.0 {
        Grain::Whole
    } else {
        Grain::Fine
    }
}

/// How the points of a range are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Logarithmic,
    Even,
}

#[derive(Debug)]
struct Range {
    first: f64,
    last: f64,
    unit: String,
    points: usize,
    spacing: Spacing,
}

impl Range {
    fn points(&self) -> Vec<f64> {
        let steps = (self.points - 1) as f64;
        let between = |index: usize| match self.spacing {
            Spacing::Even => self.first + (self.last - self.first) * (index as f64 / steps),
            Spacing::Logarithmic => self.first * (self.last / self.first).powf(index as f64 / steps),
        };
        // The ends are what was written, not what the formula makes of it.
        (0..self.points)
            .map(|index| match index {
                0 => self.first,
                last if last + 1 == self.points => self.last,
                index => between(index),
            })
            .collect()
    }

    fn texts(&self, grain: Grain) -> Vec<String> {
        let mut texts: Vec<String> = self
            .points()
            .into_iter()
            .map(|point| {
                let number = match grain {
                    Grain::Whole => point.round(),
                    Grain::Fine => six_digits(point),
                };
                if self.unit.is_empty() || self.unit.starts_with(['/', '%']) {
                    format!("{number}{}", self.unit)
                } else {
                    format!("{number} {}", self.unit)
                }
            })
            .collect();
        texts.dedup();
        texts
    }
}

/// Rounds to six significant digits: a swept value should be one that a person would write.
fn six_digits(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// Reads a range; `None` if the text is a list. `example` is what a message shows.
fn range(text: &str, example: &'static str) -> Result<Option<Range>, VaryError> {
    let Some((first_text, rest)) = text.split_once("..") else { return Ok(None) };
    if text.contains(['"', '[', ',']) {
        return Ok(None);
    }
    let no_range = || VaryError::NoRange { text: shorten(text), example };
    let mut parts = rest.split(':');
    let (Some(last_text), Some(points_text)) = (parts.next(), parts.next()) else { return Err(no_range()) };
    let spacing = match (parts.next(), parts.next()) {
        (None | Some("log"), None) => Spacing::Logarithmic,
        (Some("lin"), None) => Spacing::Even,
        _ => return Err(no_range()),
    };
    let points = points_text
        .trim()
        .parse()
        .ok()
        .filter(|points| (2..=MOST_POINTS).contains(points))
        .ok_or_else(|| VaryError::Points { points: shorten(points_text.trim()) })?;
    let (Some(first), Some(last)) = (split(first_text), split(last_text)) else { return Err(no_range()) };
    let ends = || (shorten(first_text.trim()), shorten(last_text.trim()));
    let number = |parts: &Parts<'_>| parts.number.parse::<f64>().map_err(|_| no_range());
    let unit = first.unit.to_owned();
    let (first, last) = (
        number(&first)?,
        convert(number(&last)?, last.unit, first.unit).ok_or_else(|| {
            let (first, last) = ends();
            VaryError::Units { first, last }
        })?,
    );
    if !(first < last && first.is_finite() && last.is_finite()) {
        let (first, last) = ends();
        return Err(VaryError::Order { first, last });
    }
    if spacing == Spacing::Logarithmic && first <= 0.0 {
        return Err(VaryError::NotPositive { first: ends().0 });
    }
    Ok(Some(Range { first, last, unit, points, spacing }))
}

/// Splits a list at its commas; a value in brackets or quotes keeps its own.
fn list(text: &str) -> Result<Vec<String>, VaryError> {
    let mut values = vec![String::new()];
    let (mut depth, mut quoted) = (0_u32, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                values.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = values.last_mut() {
            last.push(c);
        }
    }
    let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err(VaryError::EmptyValue { text: shorten(text) });
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        vary(text).unwrap_or_else(|error| panic!("{text}: {error}")).values
    }

    #[test]
    fn a_range_keeps_the_unit_of_its_first_end() {
        assert_eq!(values("tiers.cache.memory=512MiB..2GiB:3"), ["512 MiB", "1024 MiB", "2048 MiB"]);
        assert_eq!(values("workload.arrival_rate=100/s..300/s:3:lin"), ["100/s", "200/s", "300/s"]);
        assert_eq!(
            values("tiers.cache.memory=1GiB..64GiB:7"),
            ["1 GiB", "2 GiB", "4 GiB", "8 GiB", "16 GiB", "32 GiB", "64 GiB"]
        );
    }

    #[test]
    fn counts_stay_whole_and_come_once() {
        assert_eq!(values("tiers.app.instances=1..4:7"), ["1", "2", "3", "4"]);
        assert_eq!(values("workload.users=1000..10000:3"), ["1000", "3162", "10000"]);
        assert_eq!(values("tiers.app.service_scv=1..4:3"), ["1", "2", "4"]);
        assert_eq!(values("tiers.app.service_scv=1..2:3"), ["1", "1.41421", "2"]);
    }

    #[test]
    fn a_list_keeps_its_values_as_they_are() {
        assert_eq!(values("tiers.app.routing=random, shared_queue"), ["random", "shared_queue"]);
        assert_eq!(values("a.b=[1, 2],\"x,y\""), ["[1, 2]", "\"x,y\""]);
    }

    #[test]
    fn users_are_whole_and_rise() {
        assert_eq!(users_range("100_000").expect("users"), [100_000.0]);
        assert_eq!(users_range("2000,1000,2000").expect("users"), [1000.0, 2000.0]);
        assert_eq!(users_range("1..4:7").expect("users"), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(users_range("1000..1000000:4").expect("users"), [1e3, 1e4, 1e5, 1e6]);
    }

    #[test]
    fn what_is_no_range_says_how_to_write_one() {
        let message = |text: &str| vary(text).expect_err("refused").to_string();
        assert_eq!(
            message("users"),
            "`users` varies nothing; write KEY=VALUES, such as `tiers.cache.memory=1GiB..64GiB:7`"
        );
        assert_eq!(
            message("a=1..2"),
            "`1..2` is no range; write FIRST..LAST:POINTS, such as `1GiB..64GiB:7`, with `:lin` for even steps"
        );
        assert_eq!(message("a=1..2:x"), "a range has 2 to 10000 points, not x");
        assert_eq!(message("a=1..2:1"), "a range has 2 to 10000 points, not 1");
        assert_eq!(message("a=1ms..2GiB:3"), "the ends `1ms` and `2GiB` of a range need units of the same kind");
        assert_eq!(message("a=5..1:3"), "the range from `5` to `1` does not rise");
        assert_eq!(message("a=0..1:3"), "a logarithmic range begins above 0, not at `0`; add `:lin` for even steps");
        assert_eq!(message("a=1,,2"), "`1,,2` has an empty value");
        let users = |text: &str| users_range(text).expect_err("refused").to_string();
        assert_eq!(users("100k"), "`100k` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(users("0"), "`0` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(users(""), "`` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(users("1.5"), "`1.5` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(users("0..5:3:lin"), "`0..5:3:lin` is no whole number of users between 1 and 1,000,000,000");
        assert_eq!(
            users("10..1"),
            "`10..1` is no range; write FIRST..LAST:POINTS, such as `1000..1000000:25`, with `:lin` for even steps"
        );
        assert_eq!(users("1e12"), "`1e12` is no whole number of users between 1 and 1,000,000,000");
    }
}
