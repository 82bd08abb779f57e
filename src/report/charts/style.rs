use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ChartError;
use super::clip::{clipped, dashes};
use super::figure::{Figure, Mark, Rule, Shape, Stroke};
use super::labels::{Board, CHARACTER, Hold, Label};

/// Width of a chart in CSS pixels.
pub(super) const WIDTH: f64 = 720.0;
/// Height of a chart in CSS pixels.
pub(super) const HEIGHT: f64 = 420.0;

/// plotters has whole pixels only; drawing larger keeps flat curves from turning into stairs.
const FINE: f64 = 4.0;
/// plotters divides font sizes by this.
const FONT: f64 = 1.24;
/// Size of a label.
const TEXT: f64 = 12.5;

const LEFT: f64 = 64.0;
const TOP: f64 = 82.0;
/// Room for the horizontal axis.
const BELOW: f64 = 54.0;
const RIGHT: f64 = 704.0;
/// The right edge where the vertical axis has notes.
const RIGHT_NOTED: f64 = 640.0;

const INK: RGBColor = RGBColor(0x1A, 0x1A, 0x1A);
const MUTED: RGBColor = RGBColor(0x5A, 0x60, 0x66);
const GRID: RGBColor = RGBColor(0xD9, 0xD9, 0xD9);
const PAPER: RGBColor = RGBColor(0xFE, 0xFE, 0xFE);

/// Okabe and Ito's palette, which the colour-blind can tell apart; no yellow.
const PALETTE: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
];

/// The reader's own font and light or dark, by selectors on the attributes that plotters writes.
const STYLE: &str = "<style>\
svg.chart text{font-family:Inter,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;\
paint-order:stroke;stroke:#FEFEFE;stroke-width:10px;stroke-linejoin:round}\
@media screen and (prefers-color-scheme:dark){\
svg.chart text{stroke:#15191D}\
svg.chart [fill=\"#1A1A1A\"]{fill:#E8E8E8}svg.chart [stroke=\"#1A1A1A\"]{stroke:#E8E8E8}\
svg.chart [fill=\"#5A6066\"]{fill:#A9B0B7}svg.chart [stroke=\"#5A6066\"]{stroke:#A9B0B7}\
svg.chart [fill=\"#D9D9D9\"]{fill:#343B42}svg.chart [stroke=\"#D9D9D9\"]{stroke:#343B42}\
svg.chart [fill=\"#FEFEFE\"]{fill:#15191D}svg.chart [stroke=\"#FEFEFE\"]{stroke:#15191D}\
svg.chart [fill=\"#0072B2\"]{fill:#4FA9E0}svg.chart [stroke=\"#0072B2\"]{stroke:#4FA9E0}\
svg.chart [fill=\"#D55E00\"]{fill:#F08A3C}svg.chart [stroke=\"#D55E00\"]{stroke:#F08A3C}\
svg.chart [fill=\"#009E73\"]{fill:#2FC79B}svg.chart [stroke=\"#009E73\"]{stroke:#2FC79B}\
}</style>";

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), ChartError>;

/// A place in CSS pixels.
pub(super) type Place = (f64, f64);

/// The rectangle that data is drawn in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Frame {
    fn of(figure: &Figure, height: f64) -> Self {
        let right = if figure.right.is_some() { RIGHT_NOTED } else { RIGHT };
        let widest = figure.y.ticks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
        let left = LEFT.max(widest as f64 * CHARACTER + 16.0);
        Self { left, right, top: TOP, bottom: height - BELOW }
    }

    fn x(self, figure: &Figure, value: f64) -> Option<f64> {
        figure.x.place(value).map(|share| self.left + share * (self.right - self.left))
    }

    fn y(self, figure: &Figure, value: f64) -> Option<f64> {
        figure.y.place(value).map(|share| self.bottom - share * (self.bottom - self.top))
    }

    fn place(self, figure: &Figure, (x, y): (f64, f64)) -> Option<Place> {
        Some((self.x(figure, x)?, self.y(figure, y)?))
    }

    fn contains(self, (x, y): Place) -> bool {
        (self.left - 0.5..=self.right + 0.5).contains(&x) && (self.top - 0.5..=self.bottom + 0.5).contains(&y)
    }
}

/// Draws a figure as one SVG element.
pub(super) fn draw(figure: &Figure) -> Result<String, ChartError> {
    Ok(format!("{}{}", head(figure, HEIGHT), body(figure, HEIGHT)?))
}

/// A figure with others of the same horizontal axis below it, each with its height in CSS pixels.
pub(super) fn draw_panels(first: (&Figure, f64), below: &[(Figure, f64)]) -> Result<String, ChartError> {
    let (figure, mut top) = first;
    let height = below.iter().fold(top, |sum, (_, height)| sum + height);
    let mut svg = head(figure, height);
    svg.push_str(inner(&body(figure, top)?));
    for (figure, height) in below {
        let panel = body(figure, *height)?;
        let placed = format!("<g transform=\"translate(0 {})\">\n{}</g>\n", top * FINE, inner(&panel).trim_start());
        svg.push_str(&placed);
        top += height;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// The begin of an SVG element for a figure and what stands below it.
fn head(figure: &Figure, height: f64) -> String {
    let summary = escaped(&format!("{}. {}", figure.title, figure.subtitle));
    format!(
        "<svg class=\"chart\" role=\"img\" aria-label=\"{summary}\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\">\n{STYLE}",
        WIDTH * FINE,
        height * FINE
    )
}

/// What stands in an SVG element, its end included.
fn body(figure: &Figure, height: f64) -> Result<String, ChartError> {
    let mut svg = String::new();
    {
        let (wide, high) = fine((WIDTH, height));
        let size = (wide.unsigned_abs(), high.unsigned_abs());
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&PAPER)?;
        let frame = Frame::of(figure, height);
        draw_axes(&area, figure, frame)?;
        draw_data(&area, figure, frame)?;
        area.present()?;
    }
    let body = svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, body)| body);
    Ok(body.to_owned())
}

/// The same without its end.
fn inner(body: &str) -> &str {
    body.trim_end().trim_end_matches("</svg>")
}

fn draw_axes(area: &Area<'_>, figure: &Figure, frame: Frame) -> Drawn {
    text(area, &figure.title, (16.0, 20.0), 17.0, INK, HPos::Left, FontStyle::Bold)?;
    text(area, &figure.subtitle, (16.0, 41.0), TEXT, MUTED, HPos::Left, FontStyle::Normal)?;
    text(area, &figure.y.title, (16.0, 66.0), TEXT, INK, HPos::Left, FontStyle::Normal)?;
    text(area, &figure.x.title, (frame.right, frame.bottom + 38.0), TEXT, INK, HPos::Right, FontStyle::Normal)?;
    for (value, label) in &figure.y.ticks {
        let Some(y) = frame.y(figure, *value) else { continue };
        line(area, &[(frame.left, y), (frame.right, y)], GRID, 1.0)?;
        text(area, label, (frame.left - 7.0, y), TEXT, MUTED, HPos::Right, FontStyle::Normal)?;
    }
    for (value, label) in &figure.x.ticks {
        let Some(x) = frame.x(figure, *value) else { continue };
        line(area, &[(x, frame.bottom), (x, frame.bottom + 5.0)], MUTED, 1.0)?;
        text(area, label, (x, frame.bottom + 16.0), TEXT, MUTED, HPos::Center, FontStyle::Normal)?;
    }
    if let Some((title, notes)) = &figure.right {
        text(area, title, (WIDTH - 12.0, 66.0), TEXT, MUTED, HPos::Right, FontStyle::Normal)?;
        for (value, label) in notes {
            let Some(y) = frame.y(figure, *value) else { continue };
            text(area, label, (frame.right + 7.0, y), TEXT, MUTED, HPos::Left, FontStyle::Normal)?;
        }
    }
    line(area, &[(frame.left, frame.bottom), (frame.right, frame.bottom)], MUTED, 1.0)
}

fn draw_data(area: &Area<'_>, figure: &Figure, frame: Frame) -> Drawn {
    let mut board = Board::new(frame);
    let mut labels: Vec<Label> = Vec::new();
    for rule in &figure.rules {
        let (ends, label, upright) = match rule {
            Rule::Across(value, label) => match frame.y(figure, *value) {
                Some(y) => ([(frame.left, y), (frame.right, y)], label, false),
                None => continue,
            },
            Rule::Up(value, label) => match frame.x(figure, *value) {
                Some(x) => ([(x, frame.bottom), (x, frame.top)], label, true),
                None => continue,
            },
        };
        if !ends.iter().all(|&end| frame.contains(end)) {
            continue;
        }
        for dash in dashes(&ends, 6.0, 4.0) {
            line(area, &dash, INK, 1.2)?;
        }
        board.line(&ends);
        if label.is_empty() {
            continue;
        }
        labels.push(if upright { Label::beside(label, ends) } else { Label::along(label, ends) });
    }
    for curve in &figure.curves {
        let places: Vec<Place> = curve.points.iter().filter_map(|&point| frame.place(figure, point)).collect();
        let colour = PALETTE[curve.series % PALETTE.len()];
        let pieces = clipped(&places, frame);
        for piece in &pieces {
            match curve.stroke {
                Stroke::Solid => line(area, piece, colour, 2.0)?,
                Stroke::Dashed => {
                    for dash in dashes(piece, 7.0, 4.0) {
                        line(area, &dash, colour, 2.0)?;
                    }
                }
            }
            board.line(piece);
        }
        if let Some((label, piece)) = curve.label.as_ref().zip(pieces.last()) {
            labels.push(Label::on(label, piece, curve.series));
        }
    }
    for mark in &figure.marks {
        let Some(place) = frame.place(figure, mark.at).filter(|&place| frame.contains(place)) else { continue };
        draw_mark(area, mark, place)?;
        board.mark(place);
        if let Some((label, need)) = &mark.label {
            labels.push(Label::at(label, place, mark.series, *need));
        }
    }
    for label in labels {
        let Some((spot, hold)) = board.settle(&label) else { continue };
        let side = match hold {
            Hold::Start => HPos::Left,
            Hold::Middle => HPos::Center,
            Hold::End => HPos::Right,
        };
        let colour = label.series.map_or(INK, |series| PALETTE[series % PALETTE.len()]);
        text(area, &label.text, spot, TEXT, colour, side, FontStyle::Normal)?;
    }
    Ok(())
}

fn draw_mark(area: &Area<'_>, mark: &Mark, place: Place) -> Drawn {
    let colour = mark.series.map_or(INK, |series| PALETTE[series % PALETTE.len()]);
    let (x, y) = place;
    let polygon =
        |corners: &[Place]| Polygon::new(corners.iter().copied().map(fine).collect::<Vec<_>>(), colour.filled());
    match mark.shape {
        Shape::Circle => area.draw(&Circle::new(fine(place), 16, colour.filled()))?,
        Shape::Hollow => {
            area.draw(&Circle::new(fine(place), 16, PAPER.filled()))?;
            area.draw(&Circle::new(fine(place), 16, colour.stroke_width(7)))?;
        }
        Shape::Square => {
            area.draw(&polygon(&[(x - 4.0, y - 4.0), (x + 4.0, y - 4.0), (x + 4.0, y + 4.0), (x - 4.0, y + 4.0)]))?;
        }
        Shape::Diamond => {
            area.draw(&polygon(&[(x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)]))?;
        }
        Shape::Triangle => area.draw(&polygon(&[(x, y - 5.5), (x + 5.0, y + 4.0), (x - 5.0, y + 4.0)]))?,
    }
    Ok(())
}

fn line(area: &Area<'_>, places: &[Place], colour: RGBColor, width: f64) -> Drawn {
    let path: Vec<(i32, i32)> = places.iter().copied().map(fine).collect();
    let (width, _) = fine((width, 0.0));
    area.draw(&PathElement::new(path, colour.stroke_width(width.unsigned_abs())))?;
    Ok(())
}

/// Draws text whose middle line goes through `place`.
fn text(
    area: &Area<'_>,
    text: &str,
    place: Place,
    size: f64,
    colour: RGBColor,
    side: HPos,
    weight: FontStyle,
) -> Drawn {
    let font = FontDesc::new(FontFamily::SansSerif, size * FINE * FONT, weight);
    let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
    area.draw(&Text::new(text.to_owned(), fine(place), style))?;
    Ok(())
}

/// Whole pixels of the drawing.
fn fine((x, y): Place) -> (i32, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "places lie within a chart of some thousand pixels")]
    let whole = |value: f64| (value * FINE).round() as i32;
    (whole(x), whole(y))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
