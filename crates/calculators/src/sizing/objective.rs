//! What a station has to achieve, as a question says it.

use capplan_queueing::queues::ServerObjective;
use capplan_queueing::units::{Probability, Seconds};

use crate::CalcError;
use crate::declare::{InputKind, inputs};
use crate::error::named;
use crate::read::{InputValue, Misfit, Token};

inputs! {
    /// A figure of a station, and its limit.
    pub(super) struct ObjectiveInput {
        metric: Metric,
        /// its limit, a probability or seconds
        limit: f64,
    }
}

impl ObjectiveInput {
    pub(super) fn objective(&self) -> Result<ServerObjective, CalcError> {
        self.metric.at_most(self.limit)
    }
}

/// A figure that an objective limits.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: String,
    figure: LimitedFigure,
}

#[derive(Debug, Clone, Copy)]
enum LimitedFigure {
    WaitProbability,
    LostShare,
    WaitingTime,
    SojournTime,
    WaitingTimeQuantile(Probability),
    SojournTimeQuantile(Probability),
}

impl InputValue for Metric {
    const KIND: InputKind = InputKind::Word;
    const DOC: &'static str = "what is limited: `p_wait`, `p_loss` (blocked or given up), mean `wq` or `w`, or a percentile \
                               such as `wq_p95` or `w_p99_9`";

    fn from_token(token: &Token) -> Result<Self, Misfit> {
        let name = String::from_token(token)?;
        let quantile = name.split_once("_p").and_then(|(figure, percent)| Some((figure, percentile(percent)?)));
        let figure = match (name.as_str(), quantile) {
            ("p_wait", _) => LimitedFigure::WaitProbability,
            ("p_loss", _) => LimitedFigure::LostShare,
            ("wq", _) => LimitedFigure::WaitingTime,
            ("w", _) => LimitedFigure::SojournTime,
            (_, Some(("wq", probability))) => LimitedFigure::WaitingTimeQuantile(probability),
            (_, Some(("w", probability))) => LimitedFigure::SojournTimeQuantile(probability),
            _ => {
                return Err(Misfit::Said(format!(
                    " is \"{name}\", not `p_wait`, `p_loss`, `wq`, `w` or a percentile such as `wq_p95` or `w_p99_9`"
                )));
            }
        };
        Ok(Self { name, figure })
    }
}

impl Metric {
    /// Returns the objective that this figure keeps to a limit.
    pub(super) fn at_most(&self, limit: f64) -> Result<ServerObjective, CalcError> {
        let time = || named("limit", Seconds::new(limit));
        let share = || named("limit", Probability::new(limit));
        Ok(match self.figure {
            LimitedFigure::WaitProbability => ServerObjective::WaitProbability(share()?),
            LimitedFigure::LostShare => ServerObjective::LostShare(share()?),
            LimitedFigure::WaitingTime => ServerObjective::WaitingTime(time()?),
            LimitedFigure::SojournTime => ServerObjective::SojournTime(time()?),
            LimitedFigure::WaitingTimeQuantile(p) => ServerObjective::WaitingTimeQuantile(p, time()?),
            LimitedFigure::SojournTimeQuantile(p) => ServerObjective::SojournTimeQuantile(p, time()?),
        })
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
