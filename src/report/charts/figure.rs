use crate::report::format;

/// A chart as plain data: what is drawn, not how.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// What the chart answers.
    pub title: String,
    /// How to read it, in one line.
    pub subtitle: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Notes beside the right end of the vertical axis' ticks, with their title.
    pub right: Option<(String, Vec<(f64, String)>)>,
    /// Curves.
    pub curves: Vec<Curve>,
    /// Straight lines from edge to edge.
    pub rules: Vec<Rule>,
    /// Single points.
    pub marks: Vec<Mark>,
}

/// How a value becomes a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Log,
}

/// An axis with its labels.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub title: String,
    pub scale: Scale,
    /// The values at the two ends; the first may be the larger one.
    pub ends: (f64, f64),
    pub ticks: Vec<(f64, String)>,
}

/// Whether a line is continuous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    Solid,
    Dashed,
}

/// The shape of a point: the second channel beside its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Circle,
    Hollow,
    Diamond,
    Square,
    Triangle,
}

impl Shape {
    /// The shape of the series with this number.
    pub const fn of(series: usize) -> Self {
        match series % 4 {
            0 => Self::Circle,
            1 => Self::Square,
            2 => Self::Triangle,
            _ => Self::Diamond,
        }
    }
}

/// A line through points.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    pub label: Option<String>,
    pub series: usize,
    pub stroke: Stroke,
    pub points: Vec<(f64, f64)>,
}

/// A straight line from edge to edge.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// At a value of the vertical axis.
    Across(f64, String),
    /// At a value of the horizontal axis.
    Up(f64, String),
}

/// What happens to a label that finds no free place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It is drawn all the same.
    Must,
    /// It is left out.
    May,
}

/// A single point.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub at: (f64, f64),
    /// The colour; `None` is ink.
    pub series: Option<usize>,
    pub shape: Shape,
    pub label: Option<(String, Need)>,
}

impl Axis {
    /// A linear axis from 0 to just past the largest value, at least to `least`.
    pub fn from_zero(title: &str, values: impl IntoIterator<Item = f64>, least: f64) -> Self {
        let top = values.into_iter().filter(|value| value.is_finite()).fold(least, f64::max);
        let top = if top > 0.0 { top * 1.03 } else { 1.0 };
        let step = neat_step(top / 6.0);
        let ticks = (0..=12)
            .map(|number| f64::from(number) * step)
            .take_while(|&value| value <= top)
            .map(|value| (value, format::short(value)))
            .collect();
        Self { title: title.to_owned(), scale: Scale::Linear, ends: (0.0, top), ticks }
    }

    /// A linear axis around values of which only the differences matter.
    pub fn around(title: &str, values: impl IntoIterator<Item = f64>, show: fn(f64) -> String) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        // At least 2 % of the value, so that a difference of cents does not fill the chart.
        let room = ((high - low) * 0.15).max(high.abs() * 0.02).max(1e-6);
        let ends = (if low >= 0.0 { (low - room).max(0.0) } else { low - room }, high + room);
        let step = neat_step((ends.1 - ends.0) / 6.0);
        let first = (ends.0 / step).ceil();
        let ticks = (0..=8)
            .map(|number| (first + f64::from(number)) * step)
            .take_while(|&value| value <= ends.1)
            .map(|value| (value, show(value)))
            .collect();
        Self { title: title.to_owned(), scale: Scale::Linear, ends, ticks }
    }

    /// A logarithmic axis around all values above 0.
    pub fn log(title: &str, values: impl IntoIterator<Item = f64>, show: fn(f64) -> String) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite() && *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if high > 0.0 { (low, high) } else { (1.0, 10.0) };
        // At least a factor of 4, so that equal values stand in the middle.
        let (low, high) = if high / low < 3.0 { (low / 2.0, high * 2.0) } else { (low / 1.15, high * 1.15) };
        Self { title: title.to_owned(), scale: Scale::Log, ends: (low, high), ticks: log_ticks(low, high, show) }
    }

    /// A logarithmic axis of times in seconds, with ticks at whole units.
    pub fn log_time(title: &str, values: impl IntoIterator<Item = f64>) -> Self {
        const WHOLE: [f64; 13] =
            [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0, 36_000.0, 864_000.0];
        let axis = Self::log(title, values, format::round_duration);
        let (low, high) = axis.ends;
        let whole = WHOLE.into_iter().filter(|value| (low..=high).contains(value));
        let ticks: Vec<(f64, String)> = whole.map(|value| (value, format::round_duration(value))).collect();
        if ticks.len() < 3 { axis } else { Self { ticks, ..axis } }
    }

    /// Where a value lies between the ends, 0 to 1 inside; `None` where the axis has no place for it.
    pub fn place(&self, value: f64) -> Option<f64> {
        let (first, last) = self.ends;
        let share = match self.scale {
            Scale::Linear => (value - first) / (last - first),
            Scale::Log if value > 0.0 => (value / first).ln() / (last / first).ln(),
            Scale::Log => return None,
        };
        share.is_finite().then_some(share)
    }
}

/// 1, 2 or 5 times a power of ten, at least `step`.
fn neat_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let lead = step / power;
    let neat = [1.0, 2.0, 5.0].into_iter().find(|&neat| lead <= neat * (1.0 + 1e-9)).unwrap_or(10.0);
    neat * power
}

/// Ticks at 1, 2, 5 in each decade where there are few, at each or every second, third … decade where there are many.
fn log_ticks(low: f64, high: f64, show: fn(f64) -> String) -> Vec<(f64, String)> {
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a finite f64 is below 400")]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = (high / low).log10();
    let leads: &[f64] = match decades {
        d if d < 0.8 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        d if d < 2.4 => &[1.0, 2.0, 5.0],
        d if d < 4.0 => &[1.0, 3.0],
        _ => &[1.0],
    };
    let every = if decades > 8.0 { (last - first) / 8 + 1 } else { 1 };
    (first..=last)
        .filter(|power| (power - first) % every == 0)
        .flat_map(|power| leads.iter().map(move |lead| decimal(*lead, power)))
        .filter(|value| (low..=high).contains(value))
        .map(|value| (value, show(value)))
        .collect()
}

/// `lead · 10^power` as the nearest float, so that `0.3` is not `0.30000000000000004`.
fn decimal(lead: f64, power: i32) -> f64 {
    if power < 0 { lead / 10_f64.powi(-power) } else { lead * 10_f64.powi(power) }
}
