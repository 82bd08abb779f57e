//! How numbers look in every report: one place, so that the table, the page and the charts agree.
//!
//! A number that does not exist is [`MISSING`], never 0 or NaN.

/// What stands for a number that does not exist.
pub const MISSING: &str = "–";

const MINUTES_PER_YEAR: f64 = 525_600.0;

/// Three significant digits and a unit: `12.3 ms`.
///
/// # Units
///
/// `seconds` is in seconds.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return MISSING.to_owned();
    }
    if seconds == 0.0 {
        return "0 s".to_owned();
    }
    if seconds < 1e-12 {
        return "< 1 ps".to_owned();
    }
    let (scale, unit) = match seconds {
        s if s < 999.5e-12 => (1e12, "ps"),
        s if s < 999.5e-9 => (1e9, "ns"),
        s if s < 999.5e-6 => (1e6, "µs"),
        s if s < 0.9995 => (1e3, "ms"),
        s if s < 120.0 => (1.0, "s"),
        s if s < 7_200.0 => (1.0 / 60.0, "min"),
        s if s < 172_800.0 => (1.0 / 3_600.0, "h"),
        _ => (1.0 / 86_400.0, "d"),
    };
    format!("{} {unit}", significant(seconds * scale))
}

/// As [`duration`], without zeros at the end: `50 ms`, for axes.
pub fn round_duration(seconds: f64) -> String {
    let text = duration(seconds);
    match text.split_once(' ') {
        Some((number, unit)) => format!("{} {unit}", trimmed(number.to_owned())),
        None => text,
    }
}

/// A share as a percentage with `digits` decimals: `57.3 %`.
pub fn percent(share: f64, digits: usize) -> String {
    if share.is_finite() { format!("{:.digits$} %", share * 100.0) } else { MISSING.to_owned() }
}

/// A share as a percentage with up to three decimals, none of them a zero at the end: `95 %`, `31.989 %`.
pub fn significant_percent(share: f64) -> String {
    if share.is_finite() { format!("{} %", trimmed(format!("{:.3}", share * 100.0))) } else { MISSING.to_owned() }
}

/// A whole number with thousands separated: `100,000`.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    grouped(&format!("{value:.0}"))
}

/// US dollars without cents: `6,185`; below 10 dollars with cents.
pub fn money(usd: f64) -> String {
    if !usd.is_finite() {
        return MISSING.to_owned();
    }
    if usd != 0.0 && usd.abs() < 9.995 { format!("{usd:.2}") } else { count(usd) }
}

/// The share of time up that belongs to a share of time down, with two digits past the last nine at most: `99.969 %`.
pub fn availability(unavailability: f64) -> String {
    if !unavailability.is_finite() {
        return MISSING.to_owned();
    }
    if unavailability <= 0.0 {
        return "100 %".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 12")]
    let nines = (0.0 - unavailability.log10()).floor().clamp(0.0, 12.0) as usize;
    // 1 − U is taken on the digits that are shown, which no cancellation reaches before the twelfth nine.
    format!("{} %", trimmed(format!("{:.digits$}", (1.0 - unavailability) * 100.0, digits = nines.max(1))))
}

/// A share of time up beside another, with as many more digits as tell the two apart.
pub fn availability_beside(unavailability: f64, other: f64) -> String {
    let text = availability(unavailability);
    if unavailability == other || text != availability(other) {
        return text;
    }
    let digits = |digits: usize, u: f64| format!("{:.digits$} %", (1.0 - u) * 100.0);
    let apart = (1..=12).find(|&count| digits(count, unavailability) != digits(count, other));
    apart.map_or(text, |count| digits(count, unavailability))
}

/// The time down in a year of 365 days that belongs to a share of time down: `2.7 h`.
pub fn downtime_per_year(unavailability: f64) -> String {
    duration(minutes_per_year(unavailability) * 60.0)
}

/// The same in minutes, as a number.
pub fn minutes_per_year(unavailability: f64) -> f64 {
    unavailability * MINUTES_PER_YEAR
}

/// Events per second as events a year of 365 days: `4.5`.
pub fn per_year(per_second: f64) -> String {
    significant(yearly(per_second))
}

/// The same as a number.
pub fn yearly(per_second: f64) -> f64 {
    per_second * 365.0 * 86_400.0
}

/// A share with three significant digits however small, as a percentage: `0.00193 %`.
pub fn small_percent(share: f64) -> String {
    if share.is_finite() { format!("{} %", significant(share * 100.0)) } else { MISSING.to_owned() }
}

/// Events per second, three significant digits or whole: `4,975/s`.
pub fn rate(per_second: f64) -> String {
    if per_second.is_finite() { format!("{}/s", significant(per_second)) } else { MISSING.to_owned() }
}

/// A short number for an axis: `100k`, `1.5M`, `20`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let (scale, unit) = match value.abs() {
        v if v < 1e3 => (1.0, ""),
        v if v < 1e6 => (1e3, "k"),
        v if v < 1e9 => (1e6, "M"),
        _ => (1e9, "G"),
    };
    format!("{}{unit}", trimmed(format!("{:.2}", value / scale)))
}

/// Three significant digits below 1,000, whole and grouped above; below a thousandth as a power of ten.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let digits = match value.abs() {
        v if v == 0.0 || v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        v if v >= 0.099_95 => 3,
        v if v >= 0.009_995 => 4,
        v if v >= 0.000_999_5 => 5,
        _ => return format!("{value:.2e}"),
    };
    grouped(&format!("{value:.digits$}"))
}

/// Without the zeros after the last decimal that says something.
fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn grouped(number: &str) -> String {
    let (whole, rest) = number.find('.').map_or((number, ""), |dot| number.split_at(dot));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_take_the_unit_that_fits() {
        let shown: Vec<String> =
            [0.0, 1e-13, 8.24e-12, 1.5e-4, 0.0123, 0.4, 1.25, 90.0, 600.0, 9e3, 1e6].map(duration).to_vec();
        assert_eq!(
            shown,
            [
                "0 s", "< 1 ps", "8.24 ps", "150 µs", "12.3 ms", "400 ms", "1.25 s", "90.0 s", "10.0 min", "2.50 h",
                "11.6 d"
            ]
        );
    }

    #[test]
    fn counts_and_money_have_thousands() {
        assert_eq!(count(100_000.0), "100,000");
        assert_eq!(count(999.0), "999");
        assert_eq!(money(6185.4), "6,185");
        assert_eq!(money(0.5), "0.50");
        assert_eq!(short(100_000.0), "100k");
        assert_eq!(short(1.5e6), "1.5M");
    }

    #[test]
    fn percentages_have_fixed_decimals_or_those_that_say_something() {
        assert_eq!(percent(0.498_76, 1), "49.9 %");
        assert_eq!(percent(1.05, 0), "105 %");
        assert_eq!(significant_percent(0.95), "95 %");
        assert_eq!(significant_percent(0.319_89), "31.989 %");
        assert_eq!(small_percent(1.93e-5), "0.00193 %");
        assert_eq!(small_percent(0.0), "0 %");
    }

    #[test]
    fn rates_have_three_digits_or_thousands() {
        assert_eq!(rate(4_993.7), "4,994/s");
        assert_eq!(rate(0.012_34), "0.0123/s");
        assert_eq!(per_year(1.0 / (365.0 * 86_400.0)), "1.00");
        assert_eq!(round_duration(0.05), "50 ms");
    }

    #[test]
    fn availability_shows_the_digits_past_its_nines() {
        assert_eq!(availability(3.1e-4), "99.969 %");
        assert_eq!(availability(0.0), "100 %");
        assert_eq!(availability(1.0), "0 %");
        assert_eq!(availability_beside(1.0e-3, 1.0e-3), "99.9 %");
        assert_eq!(availability_beside(1.04e-3, 1.0e-3), "99.896 %");
        assert_eq!(availability_beside(2.0e-3, 1.0e-3), "99.8 %");
    }

    #[test]
    fn a_number_that_does_not_exist_is_a_dash() {
        assert_eq!(duration(f64::NAN), MISSING);
        assert_eq!(percent(f64::INFINITY, 1), MISSING);
        assert_eq!(rate(f64::NAN), MISSING);
    }
}
