use capplan_queueing::availability::{
    CanaryDesign, CanaryTest, ExactCanary, MAX_CANARY_REQUESTS, Sides, SprtDesign, canary_size, exact_canary,
    exact_sprt, sprt,
};
use capplan_queueing::units::{ArrivalRate, Probability};

use crate::answer::{Answer, Method};
use crate::declare::{Calculator, Inputs, choices, inputs};
use crate::{CalcError, ErrorKind};

inputs! {
    struct SizeInput {
        /// error share of the old version, above 0 and below 1
        p0: Probability,
        /// error share of a new version that must be found
        p1: Probability,
        /// probability of a false alarm
        alpha: Probability = 0.05,
        /// 1 looks for more errors, 2 for any difference
        sides: u64 = 1,
        /// probability to find the regression, for a size
        power: Option<Probability>,
        /// share of the traffic to the canary, for a size
        canary_fraction: Option<Probability>,
        /// requests per second of both versions, for a duration
        arrival_rate: Option<ArrivalRate>,
        /// requests of the canary, to judge a given test
        n_canary: Option<u64>,
        /// requests of the old version, to judge a given test
        n_control: Option<u64>,
    }
}

pub(crate) const CANARY_SAMPLE_SIZE: Calculator = Calculator {
    name: "canary_sample_size",
    summary: "requests that a canary needs to find a regression, and what the test really does",
    inputs: SizeInput::INPUTS,
    formula: &[
        "n = [z_α·√(p̄q̄(1 + 1/r)) + z_β·√(p₁q₁ + p₀q₀/r)]²/(p₁ − p₀)²,  r = (1 − f)/f,  p̄ = (p₁ + r·p₀)/(1 + r)",
        "p₀ = {p0},  p₁ = {p1},  α = {alpha},  power {power},  f = {canary_fraction}:  n = {n_canary_pooled}",
        "duration = ⌈n⌉/(f·λ) = {n_canary_pooled_ceil}/({canary_fraction}·{arrival_rate}) = {duration_s_pooled} s",
        "exact probability of an alarm: {exact_alpha} for a sound version, {exact_power} for a regressed one",
    ],
    reference: "Fleiss, Levin and Paik 2003, ch. 4",
    answer: |question| question.answer(sample_size),
};

inputs! {
    struct SprtInput {
        /// error share of the old version, taken as known
        p0: Probability,
        /// error share of a new version that must be found, above `p0`
        p1: Probability,
        /// probability of a false alarm
        alpha: Probability = 0.05,
        /// probability of a missed regression
        beta: Probability = 0.1,
        /// `wald` approximates the mean length, `exact` also counts errors and lengths
        method: Lengths = "wald",
    }
}

pub(crate) const CANARY_SPRT: Calculator = Calculator {
    name: "canary_sprt",
    summary: "sequential test of a canary: bounds, steps and mean number of requests",
    inputs: SprtInput::INPUTS,
    formula: &[
        "A = ln((1 − β)/α) = ln((1 − {beta})/{alpha}) = {upper_log_bound}",
        "B = ln(β/(1 − α)) = ln({beta}/(1 − {alpha})) = {lower_log_bound}",
        "each failure adds ln(p₁/p₀) = ln({p1}/{p0}) = {llr_per_failure}, each success ln((1 − p₁)/(1 − p₀)) = \
         {llr_per_success}",
        "mean requests ≈ {asn_h0_wald} for a sound version, {asn_h1_wald} for a regressed one",
        "exact: {type_1_error} false alarms, power {power}, {asn_h0} and {asn_h1} requests",
    ],
    reference: "Wald 1945",
    answer: |question| question.answer(sequential),
};

choices! {
    enum Lengths {
        Wald = "wald",
        Exact = "exact",
    }
}

fn sample_size(input: &SizeInput) -> Result<Answer, CalcError> {
    let &SizeInput { p0: baseline, p1: regressed, alpha, .. } = input;
    let sides = match input.sides {
        1 => Sides::One,
        2 => Sides::Two,
        other => return Err(CalcError::invalid(format!("`sides` of {other} is not 1 or 2"))),
    };
    let test = |canary, control| CanaryTest { baseline, regressed, alpha, sides, canary, control };
    match (input.power, input.canary_fraction, input.n_canary, input.n_control) {
        (None, None, Some(canary), Some(control)) => {
            let ExactCanary { size, power } = exact_canary(&test(canary, control))?;
            Ok(Answer::exact("exact: both binomial laws summed over the outcomes of the pooled z-test")
                .with("exact_alpha", size)
                .with("exact_power", power))
        }
        (Some(power), Some(fraction), None, None) => {
            let design = CanaryDesign { baseline, regressed, alpha, power, sides, fraction };
            sized(input, &design, test)
        }
        _ => Err(CalcError::invalid(
            "`canary_sample_size` also needs `power` and `canary_fraction`, or `n_canary` and `n_control`",
        )),
    }
}

/// The size of a canary, and what a test of that size really does, unless it has more requests than are summed.
fn sized(input: &SizeInput, design: &CanaryDesign, test: impl Fn(u64, u64) -> CanaryTest) -> Result<Answer, CalcError> {
    const MAX_REQUESTS: f64 = 1e15;
    let size = canary_size(design)?;
    let requests = size.pooled.ceil().max(1.0);
    if requests > MAX_REQUESTS {
        return Err(CalcError::new(
            ErrorKind::OutOfRange,
            format!("a canary of {requests:e} requests is past 1e15; the error shares are too close"),
        ));
    }
    let rate = input.arrival_rate.map(ArrivalRate::get);
    if rate == Some(0.0) {
        return Err(CalcError::invalid("`arrival_rate` of 0 is not above 0; leave it out"));
    }
    let control = (size.control_per_canary * requests).ceil().max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e15")]
    let (canary, control) = (requests as u64, control.min(MAX_REQUESTS) as u64);
    let is_summed = canary.max(control) <= MAX_CANARY_REQUESTS;
    let summed = if is_summed { Some(exact_canary(&test(canary, control))?) } else { None };
    let method = "approximate: normal law for the size; `exact_alpha` and `exact_power` are what it does";
    Ok(Answer::approximate(method)
        .with("n_canary_pooled", size.pooled)
        .with("n_canary_pooled_ceil", canary)
        .with("n_canary_unpooled", size.unpooled)
        .with("n_canary_arcsine", size.arcsine)
        .with("control_per_canary", size.control_per_canary)
        .with_some("duration_s_pooled", rate.map(|rate| requests / (design.fraction.get() * rate)))
        .with("expected_bad_requests_if_regressed", requests * (design.regressed.get() - design.baseline.get()))
        .with_some("exact_alpha", summed.map(|summed| summed.size))
        .with_some("exact_power", summed.map(|summed| summed.power)))
}

fn sequential(input: &SprtInput) -> Result<Answer, CalcError> {
    let design = SprtDesign { baseline: input.p0, regressed: input.p1, alpha: input.alpha, beta: input.beta };
    let test = sprt(&design)?;
    let method = match input.method {
        Lengths::Wald => {
            Method::Approximate("approximate: Wald's mean lengths neglect the overshoot; the bounds are exact")
        }
        Lengths::Exact => {
            Method::Exact("exact: every outcome followed request by request; the `_wald` figures neglect the overshoot")
        }
    };
    let answer = Answer::by(method)
        .with("upper_log_bound", test.upper)
        .with("lower_log_bound", test.lower)
        .with("llr_per_failure", test.per_failure)
        .with("llr_per_success", test.per_success)
        .with("asn_h0_wald", test.mean_requests_sound)
        .with("asn_h1_wald", test.mean_requests_regressed)
        .with("min_failures_to_stop", test.min_failures_to_stop);
    if input.method == Lengths::Wald {
        return Ok(answer);
    }
    let counted = exact_sprt(&design)?;
    Ok(answer
        .with("type_1_error", counted.type_1_error)
        .with("power", counted.power)
        .with("asn_h0", counted.mean_requests_sound)
        .with("asn_h1", counted.mean_requests_regressed))
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
