use capplan_queueing::availability::{
    AvailabilityError, BurnRateAlert, BurnRateSettings, IncidentAlert, MixedBreach, OutageKind, Period, Structure,
    composite_sla, downtime_minutes, mixed_sla_breach,
};
use capplan_queueing::units::{Probability, Seconds};

use super::outages::{OutageSource, Outages};
use super::seconds_of;

/// Promises of the usual sizes.
const PROMISES: [f64; 5] = [0.99, 0.995, 0.999, 0.9995, 0.9999];

const HOUR: f64 = 3600.0;

/// The alerts of the SRE Workbook: share of a month's budget whose loss within the long window, in hours, fires them.
const ALERTS: [(Severity, f64, f64); 4] = [
    (Severity::Page, 0.02, 1.0),
    (Severity::Page, 0.05, 6.0),
    (Severity::Ticket, 0.10, 24.0),
    (Severity::Ticket, 0.10, 72.0),
];

/// How likely a month breaks a promise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthlyPromise {
    /// The promised share of time up.
    pub availability: f64,
    /// Probability that a month is down for longer than that allows.
    pub breach_probability: f64,
}

/// What an alert asks of whom it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// To act now.
    Page,
    /// To act within days.
    Ticket,
}

impl Severity {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// An alert on how fast the budget is spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alert {
    /// What it asks for.
    pub severity: Severity,
    /// Its long window in seconds.
    pub long_window: f64,
    /// Its threshold and its short window.
    pub settings: BurnRateSettings,
    /// What it does when everything fails.
    pub full_outage: IncidentAlert,
}

/// What a promised availability allows in a month, and what the system makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorBudget {
    /// The promised share of time up.
    pub promise: f64,
    /// Minutes that a month may be down.
    pub minutes: f64,
    /// Requests that may fail in a month at the rate of the workload.
    pub requests: f64,
    /// Share of it that a month spends on average; `None` for a promise of 1, which leaves no budget.
    pub spent: Option<f64>,
    /// What a month does to the promise; `None` for a system that is never down.
    pub breach: Option<MixedBreach>,
    /// Alerts; empty for a promise of 1.
    pub alerts: Vec<Alert>,
}

/// The probability that a month breaks each of the usual promises; empty where [`breach`] has no answer.
pub(super) fn months(outages: &Outages) -> Result<Vec<MonthlyPromise>, capplan_queueing::Error> {
    let mut months = Vec::new();
    for availability in PROMISES {
        if let Some(found) = breach(outages, Probability::new(availability)?)? {
            months.push(MonthlyPromise { availability, breach_probability: found.breach_probability });
        }
    }
    Ok(months)
}

/// The error budget of a promise at `arrival_rate` requests per second.
pub(super) fn error_budget(
    promise: Probability,
    outages: &Outages,
    unavailability: f64,
    arrival_rate: f64,
) -> Result<ErrorBudget, capplan_queueing::Error> {
    let minutes = downtime_minutes(1.0 - promise.get(), Period::ThirtyDays);
    let whole = Structure::Component { name: "whole".to_owned(), unavailability: Probability::new(unavailability)? };
    let alert = |alert| burn_rate_alert(promise, alert);
    Ok(ErrorBudget {
        promise: promise.get(),
        minutes,
        requests: minutes * 60.0 * arrival_rate,
        spent: composite_sla(&whole, promise)?.budget_fraction,
        breach: breach(outages, promise)?,
        alerts: if promise == Probability::ONE {
            Vec::new()
        } else {
            ALERTS.into_iter().map(alert).collect::<Result<_, _>>()?
        },
    })
}

/// `None` for a system that is never down, and for one with more outages a month than the formula takes.
fn breach(outages: &Outages, promise: Probability) -> Result<Option<MixedBreach>, capplan_queueing::Error> {
    let kind = |source: &OutageSource| {
        // Each cause comes and goes by itself: up for the rest of its time.
        let up = source.mean_length * (1.0 - source.unavailability) / source.unavailability;
        Ok(OutageKind { mtbf: Seconds::new(up)?, mttr: Seconds::new(source.mean_length)? })
    };
    let kinds = outages.sources.iter().map(kind).collect::<Result<Vec<OutageKind>, capplan_queueing::Error>>()?;
    match mixed_sla_breach(&kinds, promise, Seconds::new(seconds_of(Period::ThirtyDays))?) {
        Ok(found) => Ok(Some(found)),
        Err(AvailabilityError::Empty(_) | AvailabilityError::OutOfDomain { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn burn_rate_alert(
    slo: Probability,
    (severity, budget, hours): (Severity, f64, f64),
) -> Result<Alert, capplan_queueing::Error> {
    let alert = BurnRateAlert {
        slo,
        period: Seconds::new(seconds_of(Period::ThirtyDays))?,
        budget_fraction: Probability::new(budget)?,
        long_window: Seconds::new(hours * HOUR)?,
    };
    Ok(Alert {
        severity,
        long_window: hours * HOUR,
        settings: alert.settings()?,
        full_outage: alert.incident(Probability::ONE)?,
    })
}
