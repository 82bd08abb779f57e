use crate::model::System;
use crate::report::Grid;
use crate::report::csv_line;
use crate::report::format::{MISSING, count, duration, percent};
use crate::review::{Cause, Impact, ScenarioReview};

use super::words::{event, failed, missed, recovered, requests, slowest, weakness};

/// All scenarios, a row each.
pub fn scenario_grid(reviewed: &[ScenarioReview]) -> Grid {
    let header = [
        "scenario",
        "what happens",
        "users notice",
        "breaks first",
        "requests failed",
        "objectives missed",
        "recovered",
    ];
    let row = |reviewed: &ScenarioReview| match &reviewed.outcome {
        Ok(impact) => vec![
            impact.scenario.name.clone(),
            event(impact),
            impact.verdict.name().to_owned(),
            weakness(impact),
            failed(impact),
            missed(impact),
            recovered(impact),
        ],
        Err(error) => {
            let mut cells = vec![reviewed.scenario.name.clone(), error.to_string()];
            cells.extend((0..5).map(|_| MISSING.to_owned()));
            cells
        }
    };
    Grid::new(header).with_rows(reviewed.iter().map(row))
}

/// Stages of one scenario, with the load of every tier that queues.
pub fn stage_grid(system: &System, impact: &Impact) -> Grid {
    let queues: Vec<usize> = (0..system.tiers().len())
        .filter(|&tier| impact.stages.iter().any(|stage| stage.load[tier].is_some()))
        .collect();
    let mut header =
        ["stage", "from", "lasts", "served", "failed", "worst p99", "objectives"].map(str::to_owned).to_vec();
    header.extend(queues.iter().map(|&tier| format!("{} busy", system.tiers()[tier].name)));
    header.push("peak".to_owned());
    let before = impact.before.evaluation.p99;
    let mut first = ["before", "", ""].map(str::to_owned).to_vec();
    first.extend([percent(impact.before.shares.served, 1), "0".to_owned()]);
    first.push(duration(before));
    first.push(if impact.held_before { "hold" } else { "missed" }.to_owned());
    let share = |load: Option<f64>| match load {
        None => MISSING.to_owned(),
        Some(load) if load > 100.0 => "> 100 times".to_owned(),
        Some(load) => percent(load, 0),
    };
    first.extend(queues.iter().map(|&tier| share(impact.before.evaluation.tiers[tier].load())));
    let peak = |peak: Option<(usize, f64)>| {
        peak.map_or_else(
            || MISSING.to_owned(),
            |(tier, load)| format!("{} {}", system.tiers()[tier].name, share(Some(load))),
        )
    };
    first.push(peak(busiest(impact)));
    let mut rows = vec![first];
    rows.extend(impact.stages.iter().map(|stage| {
        let mut cells = vec![
            stage.name.clone(),
            if stage.start > 0.0 { duration(stage.start) } else { "0 s".to_owned() },
            stage.duration.map_or_else(String::new, duration),
            percent(stage.served_share, 1),
            stage.failed.map_or_else(|| "goes on".to_owned(), requests),
            slowest(impact, stage),
            if stage.holds { "hold" } else { "missed" }.to_owned(),
        ];
        cells.extend(queues.iter().map(|&tier| share(stage.load[tier])));
        cells.push(peak(stage.peak_load));
        cells
    }));
    Grid::new(header).with_rows(rows)
}

/// `whatif.csv`: all scenarios, a row each.
pub fn scenario_csv(reviewed: &[ScenarioReview]) -> Vec<u8> {
    let mut header = ["scenario", "kind", "status", "verdict", "breaks_first", "requests", "requests_failed"]
        .map(str::to_owned)
        .to_vec();
    header.extend(Cause::ALL.map(|cause| format!("failed_{}", cause.name())));
    let last =
        ["peak_backlog", "longest_wait_s", "objectives_missed_s", "recovered_after_s", "must_survive", "survives"];
    header.extend(last.map(str::to_owned));
    let mut out = csv_line(&header);
    let seconds = |time: Option<f64>| time.map_or_else(String::new, |time| format!("{time:.6}"));
    let number = |requests: f64| format!("{requests:.3}");
    for one in reviewed {
        let mut cells = vec![one.scenario.name.clone(), one.scenario.kind.name().to_owned()];
        match &one.outcome {
            Ok(impact) => {
                cells.extend(["followed".to_owned(), impact.verdict.name().to_owned(), weakness(impact)]);
                cells.extend([number(impact.timeline.arrivals), number(impact.timeline.failed())]);
                cells.extend(Cause::ALL.map(|cause| {
                    let failures = impact.timeline.failures.iter().filter(|failures| failures.cause == cause);
                    number(failures.fold(0.0, |sum, failures| sum + failures.requests))
                }));
                cells.extend([
                    number(impact.peak_backlog),
                    seconds(Some(impact.longest_wait)),
                    seconds(impact.missed_time),
                    seconds(impact.recovery_time),
                    impact.scenario.must_survive.to_string(),
                    impact.survives.to_string(),
                ]);
            }
            Err(error) => {
                cells.push(error.to_string());
                cells.resize(header.len(), String::new());
            }
        }
        out.extend(csv_line(&cells));
    }
    out
}

/// Stages of all scenarios, a row each, with the load of every tier.
pub fn stages_csv(system: &System, reviewed: &[ScenarioReview]) -> Vec<u8> {
    let mut header = [
        "scenario",
        "status",
        "stage",
        "from_s",
        "lasts_s",
        "served_share",
        "requests_failed",
        "worst_p99_s",
        "longest_wait_s",
        "backlog_at_end",
        "objectives",
        "peak_tier",
        "peak_load",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(system.tiers().iter().map(|tier| format!("load_{}", tier.name)));
    let mut out = csv_line(&header);
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    for one in reviewed {
        let name = one.scenario.name.clone();
        let impact = match &one.outcome {
            Ok(impact) => impact,
            Err(error) => {
                let mut cells = vec![name, error.to_string()];
                cells.resize(header.len(), String::new());
                out.extend(csv_line(&cells));
                continue;
            }
        };
        let (before, followed) = (before_cells(impact), || "followed".to_owned());
        let mut cells = vec![name.clone(), followed()];
        cells.extend(before);
        out.extend(csv_line(&cells));
        for stage in &impact.stages {
            let mut cells = vec![
                name.clone(),
                followed(),
                stage.name.clone(),
                number(Some(stage.start)),
                number(stage.duration),
                number(Some(stage.served_share)),
                number(stage.failed),
                number(stage.p99),
                number(Some(stage.backlog_wait)),
                number(Some(stage.backlog)),
                if stage.holds { "hold" } else { "missed" }.to_owned(),
                stage.peak_load.map_or_else(String::new, |(tier, _)| system.tiers()[tier].name.clone()),
                number(stage.peak_load.map(|(_, load)| load)),
            ];
            cells.extend(stage.load.iter().map(|load| number(*load)));
            out.extend(csv_line(&cells));
        }
    }
    out
}

/// The row before the fault, from its stage on.
fn before_cells(impact: &Impact) -> Vec<String> {
    let number = |value: f64| format!("{value:.6}");
    let found = &impact.before.evaluation;
    let mut cells = ["before", "", ""].map(str::to_owned).to_vec();
    cells.extend([number(impact.before.shares.served), String::new(), number(found.p99)]);
    cells.extend([number(0.0), number(0.0)]);
    cells.push(if impact.held_before { "hold" } else { "missed" }.to_owned());
    let peak = busiest(impact);
    cells.push(peak.map_or_else(String::new, |(tier, _)| found.tiers[tier].name.clone()));
    cells.push(peak.map_or_else(String::new, |(_, load)| number(load)));
    cells.extend(found.tiers.iter().map(|tier| tier.load().map_or_else(String::new, number)));
    cells
}

/// The busiest tier before a fault.
fn busiest(impact: &Impact) -> Option<(usize, f64)> {
    let tiers = impact.before.evaluation.tiers.iter().enumerate();
    let loads = tiers.filter_map(|(tier, found)| Some((tier, found.load()?)));
    loads.reduce(|one, other| if other.1 > one.1 { other } else { one })
}

/// Counts and types of the instances of a deployment, in one line.
pub fn deployment_line(system: &System, choices: &[Option<crate::model::Choice>]) -> String {
    let parts = system.tiers().iter().zip(choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        let kind = &fleet.types[choice.instance_type].name;
        Some(format!("{} {} × {kind}", tier.name, count(f64::from(choice.count))))
    });
    parts.collect::<Vec<String>>().join(", ")
}
