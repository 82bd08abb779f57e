//! Numbers with units: the one parser for every quantity of a model file or a command line.

use std::fmt;

use capplan_queueing::units::HOURS_PER_MONTH;

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// A length of time, read as seconds.
    Duration,
    /// An amount of data, read as bytes.
    Data,
    /// Events per time, read as events per second.
    Rate,
    /// A share of 1, read as a plain number; the only one that may stand without a unit.
    Ratio,
    /// An amount of money, read as US dollars.
    Money,
    /// Money per time, read as US dollars an hour.
    Price,
    /// Data per time, read as bytes per second.
    Throughput,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 7] =
        [Self::Duration, Self::Data, Self::Rate, Self::Ratio, Self::Money, Self::Price, Self::Throughput];

    /// What it is called, with its article.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Duration => "a duration",
            Self::Data => "an amount of data",
            Self::Rate => "a rate",
            Self::Ratio => "a share",
            Self::Money => "an amount of money",
            Self::Price => "a price per time",
            Self::Throughput => "an amount of data per second",
        }
    }

    /// A value of it, as one would write it.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Duration => "12 ms",
            Self::Data => "2 GiB",
            Self::Rate => "350/s",
            Self::Ratio => "99.95%",
            Self::Money => "25000 USD",
            Self::Price => "0.0816 USD/h",
            Self::Throughput => "125 MiB/s",
        }
    }

    /// Names of its units.
    pub fn unit_names(self) -> impl Iterator<Item = &'static str> {
        self.units().iter().map(|unit| unit.name)
    }

    const fn units(self) -> &'static [Unit] {
        match self {
            Self::Duration => &[
                Unit { name: "ns", scale: Scale::TenTo(-9) },
                Unit { name: "us", scale: Scale::TenTo(-6) },
                Unit { name: "ms", scale: Scale::TenTo(-3) },
                Unit { name: "s", scale: Scale::TenTo(0) },
                Unit { name: "min", scale: Scale::Times(60.0) },
                Unit { name: "h", scale: Scale::Times(3_600.0) },
                Unit { name: "d", scale: Scale::Times(86_400.0) },
                Unit { name: "y", scale: Scale::Times(365.0 * 86_400.0) },
            ],
            Self::Data => &[
                Unit { name: "B", scale: Scale::TenTo(0) },
                Unit { name: "kB", scale: Scale::TenTo(3) },
                Unit { name: "MB", scale: Scale::TenTo(6) },
                Unit { name: "GB", scale: Scale::TenTo(9) },
                Unit { name: "TB", scale: Scale::TenTo(12) },
                Unit { name: "KiB", scale: Scale::Times(1_024.0) },
                Unit { name: "MiB", scale: Scale::Times(1_048_576.0) },
                Unit { name: "GiB", scale: Scale::Times(1_073_741_824.0) },
                Unit { name: "TiB", scale: Scale::Times(1_099_511_627_776.0) },
            ],
            Self::Rate => &[
                Unit { name: "/s", scale: Scale::TenTo(0) },
                Unit { name: "/min", scale: Scale::Over(60.0) },
                Unit { name: "/h", scale: Scale::Over(3_600.0) },
                Unit { name: "/d", scale: Scale::Over(86_400.0) },
            ],
            Self::Ratio => &[Unit { name: "%", scale: Scale::TenTo(-2) }],
            Self::Money => &[Unit { name: "USD", scale: Scale::TenTo(0) }],
            Self::Price => &[
                Unit { name: "USD/h", scale: Scale::TenTo(0) },
                Unit { name: "USD/month", scale: Scale::Over(HOURS_PER_MONTH as f64) },
            ],
            Self::Throughput => &[
                Unit { name: "kB/s", scale: Scale::TenTo(3) },
                Unit { name: "MB/s", scale: Scale::TenTo(6) },
                Unit { name: "GB/s", scale: Scale::TenTo(9) },
                Unit { name: "KiB/s", scale: Scale::Times(1_024.0) },
                Unit { name: "MiB/s", scale: Scale::Times(1_048_576.0) },
                Unit { name: "GiB/s", scale: Scale::Times(1_073_741_824.0) },
            ],
        }
    }

    fn unit(self, name: &str) -> Option<&'static Unit> {
        self.units().iter().find(|unit| unit.name == name)
    }
}

/// A unit of one dimension.
#[derive(Debug)]
struct Unit {
    name: &'static str,
    scale: Scale,
}

/// How a number in a unit becomes one in the base unit.
#[derive(Debug, Clone, Copy)]
enum Scale {
    /// Shifts the decimal point before the number becomes binary, so that `"12 ms"` is the same as 0.012.
    TenTo(i32),
    Times(f64),
    Over(f64),
}

/// A text that is no quantity of the wanted dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError {
    text: String,
    wanted: Dimension,
    kind: QuantityErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum QuantityErrorKind {
    NoNumber,
    NoUnit,
    OtherDimension(Dimension),
    UnknownUnit(String),
    TooLarge,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = super::tree::shorten(&self.text);
        let wanted = self.wanted.noun();
        match &self.kind {
            QuantityErrorKind::NoNumber => write!(f, "\"{text}\" is not {wanted}"),
            QuantityErrorKind::NoUnit => write!(f, "\"{text}\" has no unit, so it is not {wanted}"),
            QuantityErrorKind::OtherDimension(found) => write!(f, "\"{text}\" is {}, not {wanted}", found.noun()),
            QuantityErrorKind::UnknownUnit(unit) => write!(f, "\"{text}\" has the unknown unit `{unit}`"),
            QuantityErrorKind::TooLarge => write!(f, "\"{text}\" is too large a number"),
        }
    }
}

impl std::error::Error for QuantityError {}

impl QuantityError {
    /// Tells how to write the quantity.
    pub fn help(&self) -> String {
        if let QuantityErrorKind::UnknownUnit(unit) = &self.kind
            && let Some(meant) = self.wanted.unit_names().find(|name| name.eq_ignore_ascii_case(unit))
        {
            return format!("did you mean `{meant}`?");
        }
        how_to_write(self.wanted)
    }
}

/// How to write a quantity of a dimension.
pub fn how_to_write(dimension: Dimension) -> String {
    let units: Vec<_> = dimension.unit_names().map(|name| format!("`{name}`")).collect();
    let plural = if units.len() == 1 { "the unit is" } else { "the units are" };
    format!("write {} such as \"{}\"; {plural} {}", dimension.noun(), dimension.example(), units.join(", "))
}

/// Reads a quantity into the base unit of its dimension.
///
/// A space may stand between number and unit, underscores between digits, and the number may have an exponent.
///
/// # Errors
///
/// [`QuantityError`] if the text is no number with a unit of `dimension`, or too large for an `f64`. The sign is not
/// checked: which values make sense depends on the key.
///
/// # Examples
///
/// ```
/// use capplan::model_file::{Dimension, parse_quantity};
///
/// assert_eq!(parse_quantity(Dimension::Duration, "12 ms")?, 0.012);
/// assert_eq!(parse_quantity(Dimension::Ratio, "99.95%")?, 0.9995);
/// assert_eq!(
///     parse_quantity(Dimension::Duration, "2 GiB").unwrap_err().to_string(),
///     "\"2 GiB\" is an amount of data, not a duration"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_quantity(dimension: Dimension, text: &str) -> Result<f64, QuantityError> {
    let refuse = |kind| QuantityError { text: text.to_owned(), wanted: dimension, kind };
    let Some(Parts { number, unit }) = split(text) else { return Err(refuse(QuantityErrorKind::NoNumber)) };
    let scale = match dimension.unit(unit) {
        Some(unit) => unit.scale,
        None if unit.is_empty() && dimension == Dimension::Ratio => Scale::TenTo(0),
        None if unit.is_empty() => return Err(refuse(QuantityErrorKind::NoUnit)),
        None => {
            let other = Dimension::ALL.into_iter().find(|other| other.unit(unit).is_some());
            return Err(refuse(match other {
                Some(other) => QuantityErrorKind::OtherDimension(other),
                None => QuantityErrorKind::UnknownUnit(super::tree::shorten(unit)),
            }));
        }
    };
    let value = scaled(&number, scale).ok_or_else(|| refuse(QuantityErrorKind::NoNumber))?;
    if value.is_finite() { Ok(value) } else { Err(refuse(QuantityErrorKind::TooLarge)) }
}

/// Converts a number from one unit into another of the same dimension.
pub fn convert(number: f64, from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(number);
    }
    let (from, to) = Dimension::ALL.into_iter().find_map(|dimension| dimension.unit(from).zip(dimension.unit(to)))?;
    let base = match from.scale {
        Scale::TenTo(exponent) => number * 10_f64.powi(exponent),
        Scale::Times(factor) => number * factor,
        Scale::Over(divisor) => number / divisor,
    };
    Some(match to.scale {
        Scale::TenTo(exponent) => base / 10_f64.powi(exponent),
        Scale::Times(factor) => base / factor,
        Scale::Over(divisor) => base * divisor,
    })
}

fn scaled(number: &str, scale: Scale) -> Option<f64> {
    match scale {
        Scale::Times(factor) => number.parse::<f64>().ok().map(|number| number * factor),
        Scale::Over(divisor) => number.parse::<f64>().ok().map(|number| number / divisor),
        Scale::TenTo(0) => number.parse().ok(),
        Scale::TenTo(shift) => {
            let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
            // An exponent past 32 bits is refused as no number; nobody means it.
            let exponent = exponent.parse::<i32>().ok()?.checked_add(shift)?;
            format!("{mantissa}e{exponent}").parse().ok()
        }
    }
}

/// A number, ready for `f64::from_str`, and its unit, which may be empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Sign, digits, point and exponent (`e`), without underscores.
    pub number: String,
    /// The rest without spaces around it, normalized to the first of several spellings.
    pub unit: &'a str,
}

/// Splits a text into number and unit; `None` if it does not begin with a number.
pub fn split(text: &str) -> Option<Parts<'_>> {
    let text = text.trim();
    let (text, dollars) = match text.strip_prefix('$') {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    let length = number_length(text)?;
    let (number, unit) = text.split_at(length);
    let unit = match unit.trim() {
        "" if dollars => "USD",
        "/h" if dollars => "USD/h",
        "/month" if dollars => "USD/month",
        _ if dollars => return None,
        "µs" | "μs" => "us",
        "KB" => "kB",
        unit => unit,
    };
    let number = number.chars().filter(|&c| c != '_').map(|c| c.to_ascii_lowercase()).collect();
    Some(Parts { number, unit })
}

/// Length of the number that `text` begins with.
fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let digits = |from: usize| {
        let run = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
        // An underscore stands between digits or not at all.
        let run_bytes = &bytes[from..from + run];
        let well_formed = !run_bytes.starts_with(b"_") && !run_bytes.ends_with(b"_");
        if run > 0 && well_formed { Some(from + run) } else { None }
    };
    let mut end = digits(sign)?;
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        // `5 exabytes` is no exponent: an `e` counts only with digits behind it.
        if let Some(after) = digits(end + 1 + sign) {
            end = after;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dimension: Dimension, text: &str) -> f64 {
        parse_quantity(dimension, text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn refusal(dimension: Dimension, text: &str) -> String {
        parse_quantity(dimension, text).expect_err("refused").to_string()
    }

    #[test]
    fn every_unit_is_read() {
        assert_eq!(read(Dimension::Duration, "12ns"), 12e-9);
        assert_eq!(read(Dimension::Duration, "0.1 us"), 0.1e-6);
        assert_eq!(read(Dimension::Duration, "100 µs"), 100e-6);
        assert_eq!(read(Dimension::Duration, "12 ms"), 0.012);
        assert_eq!(read(Dimension::Duration, "20s"), 20.0);
        assert_eq!(read(Dimension::Duration, "5 min"), 300.0);
        assert_eq!(read(Dimension::Duration, "720 h"), 2_592_000.0);
        assert_eq!(read(Dimension::Duration, "1 d"), 86_400.0);
        assert_eq!(read(Dimension::Duration, "2 y"), 63_072_000.0);
        assert_eq!(read(Dimension::Data, "1 kB"), 1e3);
        assert_eq!(read(Dimension::Data, "20 KiB"), 20_480.0);
        assert_eq!(read(Dimension::Data, "16 GiB"), 17_179_869_184.0);
        assert_eq!(read(Dimension::Rate, "350/s"), 350.0);
        assert_eq!(read(Dimension::Rate, "6 /min"), 0.1);
        assert_eq!(read(Dimension::Ratio, "99.95%"), 0.9995);
        assert_eq!(read(Dimension::Ratio, "0.9"), 0.9);
        assert_eq!(read(Dimension::Money, "25_000 USD"), 25_000.0);
        assert_eq!(read(Dimension::Money, "$25000"), 25_000.0);
        assert_eq!(read(Dimension::Price, "0.0816 USD/h"), 0.0816);
        assert_eq!(read(Dimension::Price, "$73/month"), 0.1);
        assert_eq!(read(Dimension::Duration, "1.5e-3 s"), 0.0015);
        assert_eq!(read(Dimension::Duration, "1e3 ms"), 1.0);
    }

    #[test]
    fn what_is_no_quantity_is_named_with_what_was_expected() {
        assert_eq!(refusal(Dimension::Duration, "12"), "\"12\" has no unit, so it is not a duration");
        assert_eq!(refusal(Dimension::Duration, "soon"), "\"soon\" is not a duration");
        assert_eq!(refusal(Dimension::Duration, "nan s"), "\"nan s\" is not a duration");
        assert_eq!(refusal(Dimension::Data, "8Gx"), "\"8Gx\" has the unknown unit `Gx`");
        assert_eq!(refusal(Dimension::Rate, "12 ms"), "\"12 ms\" is a duration, not a rate");
        assert_eq!(refusal(Dimension::Money, "25 EUR"), "\"25 EUR\" has the unknown unit `EUR`");
        assert_eq!(refusal(Dimension::Duration, "1e999 s"), "\"1e999 s\" is too large a number");
        assert_eq!(refusal(Dimension::Duration, "1,5 s"), "\"1,5 s\" has the unknown unit `,5 s`");
        assert_eq!(refusal(Dimension::Duration, "1__ s"), "\"1__ s\" is not a duration");
    }

    #[test]
    fn the_help_names_the_units_or_the_right_spelling() {
        let help = |dimension, text| parse_quantity(dimension, text).expect_err("refused").help();
        assert_eq!(help(Dimension::Data, "2 gib"), "did you mean `GiB`?");
        assert_eq!(
            help(Dimension::Rate, "12"),
            "write a rate such as \"350/s\"; the units are `/s`, `/min`, `/h`, `/d`"
        );
        assert_eq!(help(Dimension::Ratio, "x"), "write a share such as \"99.95%\"; the unit is `%`");
    }

    #[test]
    fn units_convert_within_their_dimension_only() {
        assert_eq!(convert(2048.0, "MiB", "GiB"), Some(2.0));
        assert_eq!(convert(3.0, "", ""), Some(3.0));
        assert_eq!(convert(3.0, "ms", "GiB"), None);
    }
}
