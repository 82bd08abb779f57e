use crate::model::System;
use crate::report::Grid;
use crate::report::csv_line;
use crate::report::format::{MISSING, count, duration, percent};
use crate::whatif::{Cause, Course, Reviewed};

use super::words::{failed, missed, recovered, requests, slowest, strikes, weakness};

/// All scenarios, one a row.
pub fn review_grid(reviewed: &[Reviewed]) -> Grid {
    let header = [
        "scenario",
        "what is lost",
        "users notice",
        "breaks first",
        "requests failed",
        "objectives missed",
        "recovered",
    ];
    let row = |reviewed: &Reviewed| match &reviewed.outcome {
        Ok(course) => vec![
            course.name.clone(),
            strikes(course),
            course.verdict.name().to_owned(),
            weakness(course),
            failed(course),
            missed(course),
            recovered(course),
        ],
        Err(error) => {
            let mut cells = vec![reviewed.scenario.name.clone(), error.to_string()];
            cells.extend((0..5).map(|_| MISSING.to_owned()));
            cells
        }
    };
    Grid { header: header.map(str::to_owned).to_vec(), rows: reviewed.iter().map(row).collect() }
}

/// The stages of one course, with the load of every tier that queues.
pub fn stage_grid(system: &System, course: &Course) -> Grid {
    let queues: Vec<usize> = (0..system.tiers().len())
        .filter(|&tier| course.stages.iter().any(|stage| stage.load[tier].is_some()))
        .collect();
    let mut header = ["stage", "from", "lasts", "served", "failed", "p99", "objectives"].map(str::to_owned).to_vec();
    header.extend(queues.iter().map(|&tier| system.tiers()[tier].name.clone()));
    let before = course.before.evaluation.p99;
    let mut first = ["before", "", "", "100 %", "0"].map(str::to_owned).to_vec();
    first.push(duration(before));
    first.push("hold".to_owned());
    let share = |load: Option<f64>| match load {
        None => MISSING.to_owned(),
        Some(load) if load > 100.0 => "> 100 times".to_owned(),
        Some(load) => percent(load, 0),
    };
    first.extend(queues.iter().map(|&tier| share(course.before.evaluation.tiers[tier].load())));
    let mut rows = vec![first];
    rows.extend(course.stages.iter().map(|stage| {
        let mut cells = vec![
            stage.name.clone(),
            if stage.start > 0.0 { duration(stage.start) } else { "0 s".to_owned() },
            stage.duration.map_or_else(String::new, duration),
            percent(stage.served_share, 1),
            stage.failed.map_or_else(|| "goes on".to_owned(), requests),
            slowest(stage),
            if stage.holds { "hold" } else { "missed" }.to_owned(),
        ];
        cells.extend(queues.iter().map(|&tier| share(stage.load[tier])));
        cells
    }));
    Grid { header, rows }
}

/// `whatif.csv`: all scenarios, one a row.
pub fn review_csv(reviewed: &[Reviewed]) -> Vec<u8> {
    let mut out = csv_line(
        &[
            "scenario",
            "kind",
            "status",
            "verdict",
            "breaks_first",
            "requests",
            "requests_failed",
            "failed_dead_instance",
            "failed_no_primary",
            "failed_nothing_left",
            "failed_refused",
            "failed_timed_out",
            "peak_backlog",
            "longest_wait_s",
            "objectives_missed_s",
            "recovered_after_s",
            "must_survive",
            "survives",
        ]
        .map(str::to_owned),
    );
    let seconds = |time: Option<f64>| time.map_or_else(String::new, |time| format!("{time:.6}"));
    for one in reviewed {
        let (name, kind) = (one.scenario.name.clone(), one.scenario.kind.name().to_owned());
        let cells = match &one.outcome {
            Ok(course) => {
                let of = |cause: Cause| {
                    let of_cause = course.failures.iter().filter(|failures| failures.cause == cause);
                    format!("{:.3}", of_cause.map(|failures| failures.requests).fold(0.0, |sum, number| sum + number))
                };
                vec![
                    name,
                    kind,
                    "followed".to_owned(),
                    course.verdict.name().to_owned(),
                    weakness(course),
                    format!("{:.3}", course.arrivals),
                    format!("{:.3}", course.failed()),
                    of(Cause::DeadInstance),
                    of(Cause::NoPrimary),
                    of(Cause::NothingLeft),
                    of(Cause::Refused),
                    of(Cause::TimedOut),
                    format!("{:.3}", course.peak_backlog),
                    format!("{:.6}", course.longest_wait),
                    seconds(course.missed_time),
                    seconds(course.recovery_time),
                    course.must_survive.to_string(),
                    course.survives.to_string(),
                ]
            }
            Err(error) => {
                let mut cells = vec![name, kind, error.to_string()];
                cells.extend((0..15).map(|_| String::new()));
                cells
            }
        };
        out.extend(csv_line(&cells));
    }
    out
}

/// Instances and types of a deployment, in one line.
pub fn deployment_line(system: &System, choices: &[Option<crate::model::Choice>]) -> String {
    let parts = system.tiers().iter().zip(choices).filter_map(|(tier, choice)| {
        let (fleet, choice) = (tier.fleet()?, (*choice)?);
        let kind = &fleet.types[choice.instance_type].name;
        Some(format!("{} {} × {kind}", tier.name, count(f64::from(choice.count))))
    });
    parts.collect::<Vec<String>>().join(", ")
}
