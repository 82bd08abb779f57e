use crate::evaluate::{Breakdown, Condition, Evaluation, Prepared, evaluate_at};
use crate::model::{Objectives, ResponseObjective, System};
use capplan_queueing::units::{Price, Probability, Seconds};

use super::search::cheapest;
use super::{Found, HitRatioGroup};

/// A deployment on the frontier of cost against response time: nothing cheaper is as fast.
#[derive(Debug, Clone)]
pub struct FrontierPoint {
    /// The limit of the response time that the search kept, at the percentile of the frontier.
    pub limit: f64,
    /// The percentile's response time with nothing lost.
    pub response_time: f64,
    /// Response time at the percentile after the loss designed for.
    pub response_time_after_loss: f64,
    /// Price of the whole.
    pub price: Price,
    /// The system's own response-time objectives that it misses after that loss: the frontier asks for one percentile only.
    pub missed: Vec<ResponseObjective>,
    /// The deployment.
    pub found: Found,
}

/// Returns the cheapest deployment within `limit` seconds at a percentile after the loss designed for, the
/// availability objective kept and the budget set aside; `None` where there is none. `groups` are those of the system
/// at the arrival rate.
///
/// # Errors
///
/// [`Breakdown::Unsolved`] for a percentile or limit that is none.
pub fn frontier(
    system: &System,
    groups: &[HitRatioGroup],
    arrival_rate: f64,
    percentile: f64,
    limit: f64,
) -> Result<Option<FrontierPoint>, Breakdown> {
    let limit_time = Seconds::new(limit).map_err(|error| Breakdown::unsolved(system.name(), error))?;
    let objectives = Objectives {
        response_times: vec![ResponseObjective { class: None, percentile, limit: limit_time }],
        availability: system.objectives().availability,
        time_within: None,
        budget: None,
        headroom: system.objectives().headroom,
    };
    let relaxed = system.with_objectives(objectives);
    let prepared = Prepared::new(&relaxed)?;
    let groups: Vec<HitRatioGroup> = groups.iter().map(|group| group.under(&prepared)).collect();
    let Some(found) = cheapest(&prepared, &groups) else { return Ok(None) };
    let probability = Probability::new(percentile).map_err(|error| Breakdown::unsolved(system.name(), error))?;
    let quantile = |evaluation: &Evaluation| {
        evaluation.overall.law.quantile(probability).map_err(|error| Breakdown::unsolved(system.name(), error))
    };
    let all_up = evaluate_at(&prepared, &found.deployment, arrival_rate, Condition::AllUp)?;
    let after_loss = evaluate_at(&prepared, &found.deployment, arrival_rate, Condition::DesignLoss)?;
    let misses = |objective: &&ResponseObjective| {
        let times = objective.class.map_or(&after_loss.overall, |class| &after_loss.classes[class].times);
        times.law.cdf(objective.limit.get()) < objective.percentile
    };
    Ok(Some(FrontierPoint {
        limit,
        response_time: quantile(&all_up)?,
        response_time_after_loss: quantile(&after_loss)?,
        price: found.candidate.price,
        missed: system.objectives().response_times.iter().filter(misses).copied().collect(),
        found,
    }))
}
