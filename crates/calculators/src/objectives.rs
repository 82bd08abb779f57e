//! What a station has to achieve, as a question says it.

use capplan_queueing::queues::ServerObjective;
use capplan_queueing::units::{Probability, Seconds};

use super::CalcError;
use super::calculator::{Input, InputKind};
use super::error::named;

pub(super) const METRIC: Input = Input::required(
    "metric",
    InputKind::Word,
    "what is limited: `p_wait`, `p_loss` (blocked or given up), mean `wq` or `w`, or a percentile such as `wq_p95` or `w_p99_9`",
);
pub(super) const LIMIT: Input = Input::required("limit", InputKind::Number, "its limit, a probability or seconds");

pub(super) fn objective(metric: &str, limit: f64) -> Result<ServerObjective, CalcError> {
    let time = || named("limit", Seconds::new(limit));
    match metric {
        "p_wait" => return Ok(ServerObjective::WaitProbability(named("limit", Probability::new(limit))?)),
        "p_loss" => return Ok(ServerObjective::LostShare(named("limit", Probability::new(limit))?)),
        "wq" => return Ok(ServerObjective::WaitingTime(time()?)),
        "w" => return Ok(ServerObjective::SojournTime(time()?)),
        _ => {}
    }
    let quantile = metric.split_once("_p").and_then(|(figure, percent)| Some((figure, percentile(percent)?)));
    match quantile {
        Some(("wq", probability)) => Ok(ServerObjective::WaitingTimeQuantile(probability, time()?)),
        Some(("w", probability)) => Ok(ServerObjective::SojournTimeQuantile(probability, time()?)),
        _ => Err(CalcError::invalid(format!(
            "`metric` is \"{metric}\", not `p_wait`, `p_loss`, `wq`, `w` or a percentile such as `wq_p95` or `w_p99_9`"
        ))),
    }
}

/// Reads `95` or `99_9` as a probability above 0 and below 1.
fn percentile(text: &str) -> Option<Probability> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '_');
    let percent: f64 = text.replacen('_', ".", 1).parse().ok().filter(|_| plain)?;
    Probability::new(percent / 100.0).ok().filter(|p| p.get() > 0.0 && p.get() < 1.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn a_metric_nobody_knows_is_refused() {
        for metric in ["p95", "w_p", "w_p0", "w_p100", "w_p+5", "wq_p9_9_9", "x_p95"] {
            let input = json!({"arrival_rate": 1, "service_rate": 1, "metric": metric, "limit": 1});
            assert_eq!(
                run("min_servers", &input).expect_err("refused").message,
                format!(
                    "`metric` is \"{metric}\", not `p_wait`, `p_loss`, `wq`, `w` or a percentile such as `wq_p95` or `w_p99_9`"
                )
            );
        }
    }

    #[test]
    fn a_percentile_may_have_decimals() {
        let input = json!({"arrival_rate": 1, "service_rate": 1, "metric": "w_p99_9", "limit": 8});
        assert_eq!(run("min_servers", &input).expect("an answer")["feasible"], true);
    }
}
