use capplan_queueing::availability::{
    CanaryStage, ChangePractice, Release, Rollout, RolloutStrategy, blast_radius, change_failure, rollout,
};
use capplan_queueing::queues::{Mmc, StationLaws};
use capplan_queueing::units::{ArrivalRate, Probability, Seconds, Servers, ServiceRate};
use serde::de::MapAccess;

use crate::CalcError;
use crate::answer::Answer;
use crate::availability::within;
use crate::declare::{Calculator, InputKind, Inputs, choices, inputs};
use crate::read::{Days, Faults, HOUR, Hours, InputValue, read_part};

inputs! {
    struct DeploymentInput {
        /// `k8s_rolling`, `ecs_rolling` or `blue_green`
        strategy: Strategy,
        /// instances wanted, between 1 and 10^9
        instances: Servers,
        /// above the wanted number (`k8s_rolling`, default 25)
        max_surge_percent: Option<u64>,
        /// missing of it (`k8s_rolling`, default 25)
        max_unavailable_percent: Option<u64>,
        /// least number that runs (`ecs_rolling`, default 100)
        min_healthy_percent: Option<u64>,
        /// largest number that runs (`ecs_rolling`, default 200)
        max_percent: Option<u64>,
        /// seconds with both fleets (`blue_green`, default 0)
        bake: Option<Seconds>,
        /// seconds of the switch (`blue_green`, default 0)
        switch: Option<Seconds>,
        /// seconds until a new instance serves
        instance_ready: Seconds,
        /// requests per second
        arrival_rate: ArrivalRate,
        /// requests per second of one instance, above 0
        service_rate: ServiceRate,
        /// seconds that a response may take
        response_time_objective: Seconds,
    }
}

pub(crate) const DEPLOYMENT: Calculator = Calculator {
    name: "deployment",
    summary: "batches, time and utilization of a roll-out: Kubernetes, Amazon ECS, blue/green",
    inputs: DeploymentInput::INPUTS,
    formula: &[
        "Kubernetes: surge ⌈n·s⌉ with s = {max_surge_percent} %, unavailable ⌊n·u⌋ with u = {max_unavailable_percent} %, \
         1 if both are 0",
        "ECS: surge ⌊n·max⌋ − n with max = {max_percent} %, unavailable n − ⌈n·min⌉ with min = {min_healthy_percent} %",
        "n = {instances}:  surge {surge}, unavailable {unavailable},  {min_serving} to {max_existing} instances",
        "waves = ⌈n/(surge + unavailable)⌉ = {waves},  duration = {duration} s",
        "ρ = λ/(n·μ) = {arrival_rate}/({instances}·{service_rate}) = {normal_util},  during the roll-out \
         {arrival_rate}/({min_serving}·{service_rate}) = {deploy_util}",
        "P(R ≤ {response_time_objective} s) = {within_slo_normal},  during the roll-out {within_slo_deploy} (M/M/c)",
    ],
    reference: "Kubernetes documentation 2024; Amazon ECS developer guide 2024; Bolch et al. 2006, §6.5",
    answer: |question| question.answer(deployment),
};

inputs! {
    struct BlastInput {
        /// requests per second
        arrival_rate: ArrivalRate,
        /// share of requests that a bad version fails beyond
        error_rate_increase: Probability,
        /// [{"fraction", "duration", "detection_power"}, ...], seconds and shares; [] without a canary
        stages: Vec<Stage>,
        /// seconds of a rollback
        rollback: Seconds,
        /// seconds until a bad version is found in full production
        full_detect: Seconds,
        /// probability that a release is bad
        prob_bad_release: Probability = 1,
        /// objective, the share of requests that must succeed
        slo: Probability,
        /// period of the objective in days
        window_days: Days = 30,
    }
}

pub(crate) const CANARY_BLAST_RADIUS: Calculator = Calculator {
    name: "canary_blast_radius",
    summary: "requests that a bad release fails before it is rolled back, with and without canary stages",
    inputs: BlastInput::INPUTS,
    formula: &[
        "bad = Σ_i reach_i·λ·f_i·δ·(t_i + d_i·t_rollback) + reach_full·λ·δ·(t_full + t_rollback)",
        "λ = {arrival_rate},  δ = {error_rate_increase},  t_rollback = {rollback} s,  t_full = {full_detect} s,  \
         stages {stages}",
        "bad = {bad_requests_given_bad_release},  without a canary {bad_requests_without_canary}",
        "share of the error budget = bad/((1 − {slo})·λ·{window_days} d) = {error_budget_fraction_given_bad_release}",
    ],
    reference: "Beyer et al. 2018, ch. 16",
    answer: |question| question.answer(blast),
};

inputs! {
    struct ChangeInput {
        /// deployments in a year
        deploys_per_year: f64,
        /// share of them that fail
        change_failure_rate: Probability,
        /// hours to recover from a failed one
        recovery_hours: Hours,
        /// share of requests that a failed one hits
        blast_fraction: Probability = 1,
        /// planned seconds down of each one
        planned_s_per_deploy: Seconds = 0,
        /// objective, below 1
        slo: Probability,
    }
}

pub(crate) const CHANGE_FAILURE: Calculator = Calculator {
    name: "change_failure",
    summary: "unavailability that deployments bring, and the change failure rate that an objective allows",
    inputs: ChangeInput::INPUTS,
    formula: &[
        "U = deploys·(CFR·recovery·blast + planned)/8760 h = {deploys_per_year}·({change_failure_rate}·{recovery_hours}·\
         {blast_fraction} + {planned_s_per_deploy}/3600)/8760 = {unavailability}",
        "share of the budget = U/(1 − SLO) = {unavailability}/(1 − {slo}) = {fraction_of_slo_budget}",
        "largest CFR = ((1 − SLO)·8760 h/deploys − planned)/(recovery·blast) = {max_change_failure_rate_for_slo}",
    ],
    reference: "DORA 2024",
    answer: |question| question.answer(changes),
};

choices! {
    enum Strategy {
        Kubernetes = "k8s_rolling",
        Ecs = "ecs_rolling",
        BlueGreen = "blue_green",
    }
}

inputs! {
    /// A stage of a canary release.
    struct Stage {
        fraction: Probability,
        duration: Seconds,
        detection_power: Probability,
    }
}

impl InputValue for Stage {
    const KIND: InputKind = InputKind::Stage;

    fn from_object<'de, A: MapAccess<'de>>(fields: A, faults: &Faults) -> Result<Self, A::Error> {
        read_part("a stage", fields, faults)
    }
}

fn deployment(input: &DeploymentInput) -> Result<Answer, CalcError> {
    let &DeploymentInput { instances, arrival_rate, service_rate, response_time_objective: objective, .. } = input;
    let rollout = rollout(instances.get(), strategy(input)?, input.instance_ready)?;
    let Rollout { surge, unavailable, min_serving, max_existing, course } = rollout;
    let normal = Mmc::new(arrival_rate, service_rate, instances)?;
    let answer = Answer::exact("exact: whole instances as the platform rounds, M/M/c with the fewest that serve")
        .with("normal_util", normal.utilization())
        .with("within_slo_normal", normal.sojourn_time_within(objective)?)
        .with("surge", surge)
        .with("unavailable", unavailable)
        .with("min_serving", min_serving)
        .with("max_existing", max_existing)
        .with("blocked", course.is_none());
    let Some(course) = course else { return Ok(answer) };
    let share = within(arrival_rate, service_rate, min_serving, objective)?;
    // Absent where nothing serves during the roll-out.
    let utilization = (min_serving > 0).then(|| arrival_rate.get() / (min_serving as f64 * service_rate.get()));
    Ok(answer
        .with("waves", course.waves)
        .with("duration", course.duration)
        .with_some("deploy_util", utilization)
        .with("within_slo_deploy", share.unwrap_or(0.0))
        .with("overloaded_during_deploy", share.is_none())
        .with("extra_instance_hours", course.extra_instance_time / HOUR)
        .with("peak_cost_factor", course.peak_cost_factor))
}

fn strategy(input: &DeploymentInput) -> Result<RolloutStrategy, CalcError> {
    for (name, given, owner) in [
        ("max_surge_percent", input.max_surge_percent.is_some(), Strategy::Kubernetes),
        ("max_unavailable_percent", input.max_unavailable_percent.is_some(), Strategy::Kubernetes),
        ("min_healthy_percent", input.min_healthy_percent.is_some(), Strategy::Ecs),
        ("max_percent", input.max_percent.is_some(), Strategy::Ecs),
        ("bake", input.bake.is_some(), Strategy::BlueGreen),
        ("switch", input.switch.is_some(), Strategy::BlueGreen),
    ] {
        if given && owner != input.strategy {
            let owner = owner.name();
            return Err(CalcError::invalid(format!("`{name}` belongs to the strategy `{owner}`")));
        }
    }
    Ok(match input.strategy {
        Strategy::Kubernetes => RolloutStrategy::Kubernetes {
            max_surge_percent: input.max_surge_percent.unwrap_or(25),
            max_unavailable_percent: input.max_unavailable_percent.unwrap_or(25),
        },
        Strategy::Ecs => RolloutStrategy::Ecs {
            min_healthy_percent: input.min_healthy_percent.unwrap_or(100),
            max_percent: input.max_percent.unwrap_or(200),
        },
        Strategy::BlueGreen => RolloutStrategy::BlueGreen {
            bake: input.bake.unwrap_or(Seconds::ZERO),
            switch: input.switch.unwrap_or(Seconds::ZERO),
        },
    })
}

fn blast(input: &BlastInput) -> Result<Answer, CalcError> {
    let stage =
        |&Stage { fraction, duration, detection_power }: &Stage| CanaryStage { fraction, duration, detection_power };
    let answer = blast_radius(&Release {
        arrival_rate: input.arrival_rate,
        error_rate_increase: input.error_rate_increase,
        stages: input.stages.iter().map(stage).collect(),
        rollback: input.rollback,
        full_detection: input.full_detect,
        bad_probability: input.prob_bad_release,
        slo: input.slo,
        window: input.window_days.0,
    })?;
    Ok(Answer::exact("exact: mean of a chain of stages, each run to its end")
        .with("bad_requests_given_bad_release", answer.bad_requests_given_bad)
        .with("bad_requests_per_release", answer.bad_requests_per_release)
        .with("bad_requests_without_canary", answer.bad_requests_without_canary)
        .with("reduction_factor", answer.reduction_factor)
        .with("prob_reaches_full_production", answer.reaches_production)
        .with("prob_caught_at_stage", answer.caught_at_stage)
        .with("error_budget_fraction_given_bad_release", answer.budget_fraction_given_bad)
        .with("stage_overall_error_increase", answer.overall_error_increase))
}

fn changes(input: &ChangeInput) -> Result<Answer, CalcError> {
    let answer = change_failure(&ChangePractice {
        deploys_per_year: input.deploys_per_year,
        change_failure_rate: input.change_failure_rate,
        recovery: input.recovery_hours.0,
        blast_fraction: input.blast_fraction,
        planned: input.planned_s_per_deploy,
        slo: input.slo,
    })?;
    Ok(Answer::approximate("approximate: to first order, changes do not overlap")
        .with("unavailability", answer.unavailability)
        .with("availability", 1.0 - answer.unavailability)
        .with("downtime_equiv_min_per_year", answer.unavailability * 525_600.0)
        .with("failed_changes_per_year", answer.failed_changes_per_year)
        .with("fraction_of_slo_budget", answer.budget_fraction)
        .with("max_change_failure_rate_for_slo", answer.max_change_failure_rate))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    fn deployment(strategy: &str, field: &str, value: u64) -> serde_json::Value {
        json!({"strategy": strategy, "instances": 4, "instance_ready": 60, "arrival_rate": 100, "service_rate": 100,
               "response_time_objective": 0.1, field: value})
    }

    #[test]
    fn a_fleet_replaced_at_once_serves_nothing() {
        let answer = run("deployment", &deployment("k8s_rolling", "max_unavailable_percent", 100)).expect("an answer");
        assert_eq!(answer["overloaded_during_deploy"], true);
        assert_eq!((answer.get("deploy_util"), &answer["within_slo_deploy"]), (None, &json!(0.0)));
    }

    #[test]
    fn what_no_platform_takes_is_refused() {
        let message = |input| run("deployment", &input).expect_err("refused").message;
        assert_eq!(
            message(deployment("k8s_rolling", "max_surge_percent", 150)),
            "surge in percent of the fleet of 150 is above the whole fleet of 100; it may be at most that"
        );
        assert_eq!(message(deployment("ecs_rolling", "bake", 1)), "`bake` belongs to the strategy `blue_green`");
        let error = run(
            "deployment",
            &json!({"strategy": "blue_green", "instances": 1, "instance_ready": 60, "arrival_rate": 100,
                    "service_rate": 100, "response_time_objective": 0.1}),
        )
        .expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unstable);
    }

    #[test]
    fn a_stage_is_refused_with_its_place() {
        let stages = |stages: serde_json::Value| {
            let input = json!({"arrival_rate": 1, "error_rate_increase": 0.1, "stages": stages, "rollback": 1,
                               "full_detect": 1, "slo": 0.99});
            run("canary_blast_radius", &input).expect_err("refused").message
        };
        assert_eq!(
            stages(json!([{"fraction": 5, "duration": 1, "detection_power": 1}])),
            "`stages[0].fraction`: probability of 5 is not between 0 and 1"
        );
        assert_eq!(stages(json!({})), "`stages` is an object, not a list of stages");
    }
}
