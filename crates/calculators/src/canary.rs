use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    CanaryDesign, CanaryTest, ExactCanary, MAX_CANARY_REQUESTS, Sides, SprtDesign, canary_size, exact_canary,
    exact_sprt, sprt,
};
use capplan_queueing::units::{ArrivalRate, Probability};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;

pub(super) const CANARY_SAMPLE_SIZE: Calculator = Calculator {
    name: "canary_sample_size",
    summary: "requests that a canary needs to find a regression, and what the test really does",
    inputs: &[
        Input::required("p0", InputKind::Number, "error share of the old version, above 0 and below 1"),
        Input::required("p1", InputKind::Number, "error share of a new version that must be found"),
        Input::optional("alpha", InputKind::Number, "probability of a false alarm (default 0.05)"),
        Input::optional("sides", InputKind::Count, "1 looks for more errors (default), 2 for any difference"),
        Input::optional("power", InputKind::Number, "probability to find the regression, for a size"),
        Input::optional("canary_fraction", InputKind::Number, "share of the traffic to the canary, for a size"),
        Input::optional("arrival_rate", InputKind::Number, "requests per second of both versions, for a duration"),
        Input::optional("n_canary", InputKind::Count, "requests of the canary, to judge a given test"),
        Input::optional("n_control", InputKind::Count, "requests of the old version, to judge a given test"),
    ],
    formula: &[
        "n = [z_α·√(p̄q̄(1 + 1/r)) + z_β·√(p₁q₁ + p₀q₀/r)]²/(p₁ − p₀)²,  r = (1 − f)/f,  p̄ = (p₁ + r·p₀)/(1 + r)",
        "p₀ = {p0},  p₁ = {p1},  α = {alpha|0.05},  power {power},  f = {canary_fraction}:  n = {n_canary_pooled}",
        "duration = ⌈n⌉/(f·λ) = {n_canary_pooled_ceil}/({canary_fraction}·{arrival_rate}) = {duration_s_pooled} s",
        "exact probability of an alarm: {exact_alpha} for a sound version, {exact_power} for a regressed one",
    ],
    reference: "Fleiss, Levin and Paik 2003, ch. 4",
    answer: |question| typed(question, sample_size),
};

pub(super) const CANARY_SPRT: Calculator = Calculator {
    name: "canary_sprt",
    summary: "sequential test of a canary: bounds, steps and mean number of requests",
    inputs: &[
        Input::required("p0", InputKind::Number, "error share of the old version, taken as known"),
        Input::required("p1", InputKind::Number, "error share of a new version that must be found, above `p0`"),
        Input::optional("alpha", InputKind::Number, "probability of a false alarm (default 0.05)"),
        Input::optional("beta", InputKind::Number, "probability of a missed regression (default 0.1)"),
        Input::optional(
            "method",
            InputKind::Choice(&["wald", "exact"]),
            "`wald` approximates the mean length (default), `exact` also counts errors and lengths",
        ),
    ],
    formula: &[
        "A = ln((1 − β)/α) = ln((1 − {beta|0.1})/{alpha|0.05}) = {upper_log_bound}",
        "B = ln(β/(1 − α)) = ln({beta|0.1}/(1 − {alpha|0.05})) = {lower_log_bound}",
        "each failure adds ln(p₁/p₀) = ln({p1}/{p0}) = {llr_per_failure}, each success ln((1 − p₁)/(1 − p₀)) = \
         {llr_per_success}",
        "mean requests ≈ {asn_h0_wald} for a sound version, {asn_h1_wald} for a regressed one",
        "exact: {type_1_error} false alarms, power {power}, {asn_h0} and {asn_h1} requests",
    ],
    reference: "Wald 1945",
    answer: |question| typed(question, sequential),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeInput {
    p0: f64,
    p1: f64,
    alpha: Option<f64>,
    sides: Option<u64>,
    power: Option<f64>,
    canary_fraction: Option<f64>,
    arrival_rate: Option<f64>,
    n_canary: Option<u64>,
    n_control: Option<u64>,
}

#[derive(Serialize)]
struct SizeAnswer {
    #[serde(flatten)]
    size: Option<Size>,
    /// Absent for more requests than are summed.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact_alpha: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exact_power: Option<f64>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct Size {
    n_canary_pooled: f64,
    n_canary_pooled_ceil: u64,
    n_canary_unpooled: f64,
    n_canary_arcsine: f64,
    control_per_canary: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s_pooled: Option<f64>,
    expected_bad_requests_if_regressed: f64,
}

fn sample_size(input: &SizeInput) -> Result<SizeAnswer, CalcError> {
    let baseline = named("p0", Probability::new(input.p0))?;
    let regressed = named("p1", Probability::new(input.p1))?;
    let alpha = named("alpha", Probability::new(input.alpha.unwrap_or(0.05)))?;
    let sides = match input.sides.unwrap_or(1) {
        1 => Sides::One,
        2 => Sides::Two,
        other => return Err(CalcError::invalid(format!("`sides` of {other} is not 1 or 2"))),
    };
    let test = |canary, control| CanaryTest { baseline, regressed, alpha, sides, canary, control };
    match (input.power, input.canary_fraction, input.n_canary, input.n_control) {
        (None, None, Some(canary), Some(control)) => {
            let ExactCanary { size, power } = exact_canary(&test(canary, control))?;
            Ok(SizeAnswer {
                size: None,
                exact_alpha: Some(size),
                exact_power: Some(power),
                method: "exact: both binomial laws summed over the outcomes of the pooled z-test",
                exact: true,
            })
        }
        (Some(power), Some(fraction), None, None) => {
            let power = named("power", Probability::new(power))?;
            let fraction = named("canary_fraction", Probability::new(fraction))?;
            let design = CanaryDesign { baseline, regressed, alpha, power, sides, fraction };
            let size = sized(input, &design)?;
            let control = (size.control_per_canary * size.n_canary_pooled_ceil as f64).ceil();
            let summed = if control <= MAX_CANARY_REQUESTS as f64 && size.n_canary_pooled_ceil <= MAX_CANARY_REQUESTS {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 10⁷")]
                let control = (control as u64).max(1);
                Some(exact_canary(&test(size.n_canary_pooled_ceil, control))?)
            } else {
                None
            };
            Ok(SizeAnswer {
                size: Some(size),
                exact_alpha: summed.map(|summed| summed.size),
                exact_power: summed.map(|summed| summed.power),
                method: "approximate: normal law for the size; `exact_alpha` and `exact_power` are what it does",
                exact: false,
            })
        }
        _ => Err(CalcError::invalid(
            "`canary_sample_size` also needs `power` and `canary_fraction`, or `n_canary` and `n_control`",
        )),
    }
}

fn sized(input: &SizeInput, design: &CanaryDesign) -> Result<Size, CalcError> {
    const MAX_REQUESTS: f64 = 1e15;
    let size = canary_size(design)?;
    let requests = size.pooled.ceil().max(1.0);
    if requests > MAX_REQUESTS {
        return Err(CalcError::new(
            super::ErrorKind::OutOfRange,
            format!("a canary of {requests:e} requests is past 1e15; the error shares are too close"),
        ));
    }
    let duration = match input.arrival_rate {
        Some(rate) => {
            let rate = named("arrival_rate", ArrivalRate::new(rate))?.get();
            if rate == 0.0 {
                return Err(CalcError::invalid("`arrival_rate` of 0 is not above 0; leave it out"));
            }
            Some(requests / (design.fraction.get() * rate))
        }
        None => None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e15")]
    let n_canary_pooled_ceil = requests as u64;
    Ok(Size {
        n_canary_pooled: size.pooled,
        n_canary_pooled_ceil,
        n_canary_unpooled: size.unpooled,
        n_canary_arcsine: size.arcsine,
        control_per_canary: size.control_per_canary,
        duration_s_pooled: duration,
        expected_bad_requests_if_regressed: requests * (design.regressed.get() - design.baseline.get()),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SprtInput {
    p0: f64,
    p1: f64,
    alpha: Option<f64>,
    beta: Option<f64>,
    #[serde(default)]
    method: Method,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    Wald,
    Exact,
}

#[derive(Serialize)]
struct SprtAnswer {
    upper_log_bound: f64,
    lower_log_bound: f64,
    llr_per_failure: f64,
    llr_per_success: f64,
    asn_h0_wald: f64,
    asn_h1_wald: f64,
    min_failures_to_stop: u64,
    #[serde(flatten)]
    counted: Option<Counted>,
    method: &'static str,
    exact: bool,
}

#[derive(Serialize)]
struct Counted {
    type_1_error: f64,
    power: f64,
    asn_h0: f64,
    asn_h1: f64,
}

fn sequential(input: &SprtInput) -> Result<SprtAnswer, CalcError> {
    let design = SprtDesign {
        baseline: named("p0", Probability::new(input.p0))?,
        regressed: named("p1", Probability::new(input.p1))?,
        alpha: named("alpha", Probability::new(input.alpha.unwrap_or(0.05)))?,
        beta: named("beta", Probability::new(input.beta.unwrap_or(0.1)))?,
    };
    let test = sprt(&design)?;
    let counted = match input.method {
        Method::Wald => None,
        Method::Exact => {
            let exact = exact_sprt(&design)?;
            Some(Counted {
                type_1_error: exact.type_1_error,
                power: exact.power,
                asn_h0: exact.mean_requests_sound,
                asn_h1: exact.mean_requests_regressed,
            })
        }
    };
    let exact = counted.is_some();
    Ok(SprtAnswer {
        upper_log_bound: test.upper,
        lower_log_bound: test.lower,
        llr_per_failure: test.per_failure,
        llr_per_success: test.per_success,
        asn_h0_wald: test.mean_requests_sound,
        asn_h1_wald: test.mean_requests_regressed,
        min_failures_to_stop: test.min_failures_to_stop,
        counted,
        method: if exact {
            "exact: every outcome followed request by request; the `_wald` figures neglect the overshoot"
        } else {
            "approximate: Wald's mean lengths neglect the overshoot; the bounds are exact"
        },
        exact,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn half_a_question_is_refused() {
        let message = |input| run("canary_sample_size", &input).expect_err("refused").message;
        let needs = "`canary_sample_size` also needs `power` and `canary_fraction`, or `n_canary` and `n_control`";
        assert_eq!(message(json!({"p0": 0.1, "p1": 0.2})), needs);
        assert_eq!(message(json!({"p0": 0.1, "p1": 0.2, "power": 0.8, "n_canary": 3})), needs);
        assert_eq!(message(json!({"p0": 0.1, "p1": 0.2, "sides": 3})), "`sides` of 3 is not 1 or 2");
        assert_eq!(message(json!({"p0": 0.1, "p1": 1.2})), "`p1`: probability of 1.2 is not between 0 and 1");
    }
}
