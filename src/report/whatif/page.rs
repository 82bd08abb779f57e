use askama::Template;

use crate::model::System;
use crate::report::{Grid, PageError, Tone};
use crate::review::{ScenarioReview, Verdict};

use super::grids::{scenario_grid, stage_grid};
use super::words::impact_lines;

/// Everything that the page of a review shows, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct WhatIfPage<'a> {
    /// The system.
    pub system: &'a System,
    /// Its load and what runs, in words.
    pub load: &'a str,
    /// What was asked.
    pub reviewed: &'a [ScenarioReview],
    /// Charts as SVG elements with the names of their scenarios; they go into the page as they are.
    pub charts: &'a [(String, String)],
    /// Methods and assumptions, a sentence each.
    pub assumptions: &'a [String],
    /// The model file.
    pub model_text: &'a str,
    /// Version of the program.
    pub version: &'a str,
    /// The command that made the page.
    pub command: &'a str,
}

/// Returns the review as one HTML file that needs nothing else.
///
/// # Errors
///
/// [`PageError`] from the template.
pub fn whatif_html(page: &WhatIfPage<'_>) -> Result<String, PageError> {
    let all = scenario_grid(page.reviewed);
    let rows = all.rows.into_iter().zip(page.reviewed).map(|(cells, one)| Row { class: tone(one).class(), cells });
    let sections = page.reviewed.iter().filter_map(|one| {
        let impact = one.outcome.as_ref().ok()?;
        let chart = page.charts.iter().find(|(name, _)| *name == impact.scenario.name);
        let lines = impact_lines(impact);
        Some(ScenarioSection {
            name: impact.scenario.name.clone(),
            lines: lines.get(1..).unwrap_or_default().to_vec(),
            stages: stage_grid(page.system, impact),
            chart: chart.map_or_else(String::new, |(_, svg)| svg.clone()),
        })
    });
    let template =
        WhatIfTemplate { page: *page, header: all.header, rows: rows.collect(), sections: sections.collect() };
    Ok(template.render()?)
}

#[derive(Template)]
#[template(path = "whatif.html")]
struct WhatIfTemplate<'a> {
    page: WhatIfPage<'a>,
    header: Vec<String>,
    rows: Vec<Row>,
    sections: Vec<ScenarioSection>,
}

/// A scenario in the table of all.
struct Row {
    class: &'static str,
    cells: Vec<String>,
}

/// A scenario told at length.
struct ScenarioSection {
    name: String,
    lines: Vec<String>,
    stages: Grid,
    chart: String,
}

/// How good a verdict is.
pub(in crate::report) fn tone(one: &ScenarioReview) -> Tone {
    match one.outcome.as_ref().map(|impact| impact.verdict) {
        Ok(Verdict::Unnoticed) => Tone::Good,
        Ok(Verdict::Degraded) => Tone::Note,
        Ok(Verdict::Failing | Verdict::Down) => Tone::Bad,
        Err(_) => Tone::Muted,
    }
}
