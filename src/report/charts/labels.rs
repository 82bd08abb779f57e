use super::figure::Need;
use super::style::{Frame, Place};

/// Width of a character, wide enough for the widest of the fonts that a reader may have.
pub(super) const CHARACTER: f64 = 7.0;
/// Height of a line.
const LINE: f64 = 15.0;
/// Distance between a label and what it names.
const GAP: f64 = 8.0;
/// A line within a label.
const CROSSED: f64 = 1.0;
/// A label within a label.
const COVERED: f64 = 100.0;
/// A label farther from the place that is liked best.
const LATER: f64 = 0.04;

/// Which part of a text is held fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Start,
    Middle,
    End,
}

impl Hold {
    const fn share(self) -> f64 {
        match self {
            Self::Start => 0.0,
            Self::Middle => 0.5,
            Self::End => 1.0,
        }
    }
}

/// A label and the places that it may stand at, the best first.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub text: String,
    pub series: Option<usize>,
    need: Need,
    /// Left ends of the middle line, and which part of the text is held fast there: the width is a guess, and a text
    /// to the left of a thing must end beside it whatever its font.
    spots: Vec<(Place, Hold)>,
}

impl Label {
    fn width(text: &str) -> f64 {
        text.chars().count() as f64 * CHARACTER
    }

    /// Names a curve: beside its end, or above or below any of its points.
    pub fn on(text: &str, piece: &[Place], series: usize) -> Self {
        let width = Self::width(text);
        let mut spots = Vec::new();
        if let Some(&(x, y)) = piece.last() {
            spots.extend([((x + GAP, y), Hold::Start), ((x + GAP, y + LINE), Hold::Start)]);
        }
        let steps = 24_u32;
        for step in 0..=steps {
            let share = 1.0 - f64::from(step) / f64::from(steps);
            let Some((x, y)) = along(piece, share) else { continue };
            spots.extend([
                ((x - width - GAP, y - GAP), Hold::End),
                ((x - width / 2.0, y - LINE), Hold::Middle),
                ((x + GAP, y + GAP), Hold::Start),
                ((x - width / 2.0, y + LINE), Hold::Middle),
                ((x + GAP, y - GAP), Hold::Start),
            ]);
        }
        Self { text: text.to_owned(), series: Some(series), need: Need::Must, spots }
    }

    /// Names a horizontal line.
    pub fn along(text: &str, [from, to]: [Place; 2]) -> Self {
        let width = Self::width(text);
        let room = to.0 - from.0 - width - 2.0 * GAP;
        let spots = (0..=12)
            .flat_map(|step| {
                let x = from.0 + GAP + room * f64::from(step) / 12.0;
                [((x, from.1 - LINE * 0.65), Hold::Start), ((x, from.1 + LINE * 0.65), Hold::Start)]
            })
            .collect();
        Self { text: text.to_owned(), series: None, need: Need::Must, spots }
    }

    /// Names a vertical line.
    pub fn beside(text: &str, [from, to]: [Place; 2]) -> Self {
        let width = Self::width(text);
        let room = from.1 - to.1 - LINE;
        let spots = (0..=16)
            .flat_map(|step| {
                let y = to.1 + LINE / 2.0 + room * f64::from(step) / 16.0;
                [((from.0 + GAP * 0.8, y), Hold::Start), ((from.0 - width - GAP * 0.8, y), Hold::End)]
            })
            .collect();
        Self { text: text.to_owned(), series: None, need: Need::Must, spots }
    }

    /// Names a point.
    pub fn at(text: &str, (x, y): Place, series: Option<usize>, need: Need) -> Self {
        let width = Self::width(text);
        let spots = [1.0, 1.6, 2.4, 3.4]
            .into_iter()
            .flat_map(|far| {
                let (gap, line) = (GAP * 1.2 * far, LINE * far);
                [
                    ((x + gap, y - line * 0.6), Hold::Start),
                    ((x + gap, y), Hold::Start),
                    ((x + gap, y + line * 0.6), Hold::Start),
                    ((x - width / 2.0, y - line), Hold::Middle),
                    ((x - width / 2.0, y + line), Hold::Middle),
                    ((x - width - gap, y - line * 0.6), Hold::End),
                    ((x - width - gap, y), Hold::End),
                    ((x - width - gap, y + line * 0.6), Hold::End),
                ]
            })
            .collect();
        Self { text: text.to_owned(), series, need, spots }
    }
}

/// What is drawn already.
#[derive(Debug)]
pub(super) struct Board {
    frame: Frame,
    dots: Vec<Place>,
    /// Left, top, right, bottom.
    boxes: Vec<[f64; 4]>,
}

impl Board {
    pub const fn new(frame: Frame) -> Self {
        Self { frame, dots: Vec::new(), boxes: Vec::new() }
    }

    /// Remembers a line.
    pub fn line(&mut self, places: &[Place]) {
        for pair in places.windows(2) {
            let length = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length within the chart")]
            let steps = (length / 3.0).ceil().clamp(1.0, 400.0) as u32;
            self.dots.extend((0..=steps).map(|step| {
                let share = f64::from(step) / f64::from(steps);
                (pair[0].0 + share * (pair[1].0 - pair[0].0), pair[0].1 + share * (pair[1].1 - pair[0].1))
            }));
        }
    }

    /// Remembers a point.
    pub fn mark(&mut self, (x, y): Place) {
        self.boxes.push([x - 5.0, y - 5.0, x + 5.0, y + 5.0]);
    }

    /// Finds the place of the part of a label that is held fast, and remembers it; `None` where it is in the way and may be left out.
    pub fn settle(&mut self, label: &Label) -> Option<(Place, Hold)> {
        let width = Label::width(&label.text);
        let area = |(x, y): Place| [x - 2.0, y - LINE / 2.0, x + width + 2.0, y + LINE / 2.0];
        let mut best: Option<(f64, Place, Hold)> = None;
        for (number, &(spot, hold)) in label.spots.iter().enumerate() {
            // Kept inside: a label that would stick out is moved in.
            let x = spot.0.min(self.frame.right - width).max(self.frame.left + 3.0);
            let y = spot.1.min(self.frame.bottom - LINE / 2.0).max(self.frame.top + LINE / 2.0);
            let moved = (x - spot.0).hypot(y - spot.1);
            let cost = self.cost(area((x, y))) + moved * 0.15 + number as f64 * LATER;
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, (x, y), hold));
            }
        }
        let (_, place, hold) = best?;
        if label.need == Need::May && self.cost(area(place)) > 2.0 * CROSSED {
            return None;
        }
        self.boxes.push(area(place));
        Some(((place.0 + hold.share() * width, place.1), hold))
    }

    fn cost(&self, [left, top, right, bottom]: [f64; 4]) -> f64 {
        let crossed =
            self.dots.iter().filter(|(x, y)| (left..=right).contains(x) && (top..=bottom).contains(y)).count();
        let covered = self
            .boxes
            .iter()
            .filter(|other| other[0] < right && other[2] > left && other[1] < bottom && other[3] > top);
        crossed as f64 * CROSSED + covered.count() as f64 * COVERED
    }
}

/// The place at a share of the length of a line.
fn along(piece: &[Place], share: f64) -> Option<Place> {
    let length = |pair: &[Place]| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
    let mut left = share * piece.windows(2).map(length).sum::<f64>();
    for pair in piece.windows(2) {
        let step = length(pair);
        if left <= step && step > 0.0 {
            let part = left / step;
            return Some((pair[0].0 + part * (pair[1].0 - pair[0].0), pair[0].1 + part * (pair[1].1 - pair[0].1)));
        }
        left -= step;
    }
    piece.last().copied()
}
