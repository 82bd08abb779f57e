use serde::{Deserialize, Serialize};

use capplan_queueing::availability::{
    CanaryStage, ChangePractice, Release, Rollout, RolloutStrategy, blast_radius, change_failure, rollout,
};
use capplan_queueing::queues::Mmc;
use capplan_queueing::units::{ArrivalRate, Probability, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed, typed_with_gaps};
use super::degradation::within;
use super::error::named;
use super::times::{DAY, HOUR, hours, seconds, time};

pub(super) const DEPLOYMENT: Calculator = Calculator {
    name: "deployment",
    summary: "batches, time and utilization of a roll-out: Kubernetes, Amazon ECS, blue/green",
    inputs: &[
        Input::required(
            "strategy",
            InputKind::Choice(&["k8s_rolling", "ecs_rolling", "blue_green"]),
            "`k8s_rolling`, `ecs_rolling` or `blue_green`",
        ),
        Input::required("instances", InputKind::Count, "instances wanted, between 1 and 10^9"),
        Input::optional("max_surge_percent", InputKind::Count, "above the wanted number (`k8s_rolling`, default 25)"),
        Input::optional("max_unavailable_percent", InputKind::Count, "missing of it (`k8s_rolling`, default 25)"),
        Input::optional("min_healthy_percent", InputKind::Count, "least number that runs (`ecs_rolling`, default 100)"),
        Input::optional("max_percent", InputKind::Count, "largest number that runs (`ecs_rolling`, default 200)"),
        Input::optional("bake", InputKind::Number, "seconds with both fleets (`blue_green`, default 0)"),
        Input::optional("switch", InputKind::Number, "seconds of the switch (`blue_green`, default 0)"),
        Input::required("instance_ready", InputKind::Number, "seconds until a new instance serves"),
        Input::required("arrival_rate", InputKind::Number, "requests per second"),
        Input::required("service_rate", InputKind::Number, "requests per second of one instance, above 0"),
        Input::required("response_time_objective", InputKind::Number, "seconds that a response may take"),
    ],
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
    answer: |question| typed(question, deployment),
};

pub(super) const CANARY_BLAST_RADIUS: Calculator = Calculator {
    name: "canary_blast_radius",
    summary: "requests that a bad release fails before it is rolled back, with and without canary stages",
    inputs: &[
        Input::required("arrival_rate", InputKind::Number, "requests per second"),
        Input::required("error_rate_increase", InputKind::Number, "share of requests that a bad version fails beyond"),
        Input::required(
            "stages",
            InputKind::Stages,
            "[{\"fraction\", \"duration\", \"detection_power\"}, ...], seconds and shares; [] without a canary",
        ),
        Input::required("rollback", InputKind::Number, "seconds of a rollback"),
        Input::required("full_detect", InputKind::Number, "seconds until a bad version is found in full production"),
        Input::optional("prob_bad_release", InputKind::Number, "probability that a release is bad (default 1)"),
        Input::required("slo", InputKind::Number, "objective, the share of requests that must succeed"),
        Input::optional("window_days", InputKind::Number, "period of the objective in days (default 30)"),
    ],
    formula: &[
        "bad = Σ_i reach_i·λ·f_i·δ·(t_i + d_i·t_rollback) + reach_full·λ·δ·(t_full + t_rollback)",
        "λ = {arrival_rate},  δ = {error_rate_increase},  t_rollback = {rollback} s,  t_full = {full_detect} s,  \
         stages {stages}",
        "bad = {bad_requests_given_bad_release},  without a canary {bad_requests_without_canary}",
        "share of the error budget = bad/((1 − {slo})·λ·{window_days|30} d) = {error_budget_fraction_given_bad_release}",
    ],
    reference: "Beyer et al. 2018, ch. 16",
    answer: |question| {
        typed_with_gaps(&["reduction_factor", "error_budget_fraction_given_bad_release"], question, blast)
    },
};

pub(super) const CHANGE_FAILURE: Calculator = Calculator {
    name: "change_failure",
    summary: "unavailability that deployments bring, and the change failure rate that an objective allows",
    inputs: &[
        Input::required("deploys_per_year", InputKind::Number, "deployments in a year"),
        Input::required("change_failure_rate", InputKind::Number, "share of them that fail"),
        Input::required("recovery_hours", InputKind::Number, "hours to recover from a failed one"),
        Input::optional("blast_fraction", InputKind::Number, "share of requests that a failed one hits (default 1)"),
        Input::optional("planned_s_per_deploy", InputKind::Number, "planned seconds down of each one (default 0)"),
        Input::required("slo", InputKind::Number, "objective, below 1"),
    ],
    formula: &[
        "U = deploys·(CFR·recovery·blast + planned)/8760 h = {deploys_per_year}·({change_failure_rate}·{recovery_hours}·\
         {blast_fraction|1} + {planned_s_per_deploy|0}/3600)/8760 = {unavailability}",
        "share of the budget = U/(1 − SLO) = {unavailability}/(1 − {slo}) = {fraction_of_slo_budget}",
        "largest CFR = ((1 − SLO)·8760 h/deploys − planned)/(recovery·blast) = {max_change_failure_rate_for_slo}",
    ],
    reference: "DORA 2024",
    answer: |question| typed_with_gaps(&["max_change_failure_rate_for_slo"], question, changes),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeploymentInput {
    strategy: Strategy,
    instances: u64,
    max_surge_percent: Option<u64>,
    max_unavailable_percent: Option<u64>,
    min_healthy_percent: Option<u64>,
    max_percent: Option<u64>,
    bake: Option<f64>,
    switch: Option<f64>,
    instance_ready: f64,
    arrival_rate: f64,
    service_rate: f64,
    response_time_objective: f64,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Strategy {
    K8sRolling,
    EcsRolling,
    BlueGreen,
}

#[derive(Serialize)]
struct DeploymentAnswer {
    normal_util: f64,
    within_slo_normal: f64,
    surge: u64,
    unavailable: u64,
    min_serving: u64,
    max_existing: u64,
    blocked: bool,
    #[serde(flatten)]
    course: Option<Course>,
    method: &'static str,
    exact: bool,
}

/// What a roll-out that is not blocked is like.
#[derive(Serialize)]
struct Course {
    waves: u64,
    duration: f64,
    /// Absent when nothing serves during the roll-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    deploy_util: Option<f64>,
    within_slo_deploy: f64,
    overloaded_during_deploy: bool,
    extra_instance_hours: f64,
    peak_cost_factor: f64,
}

fn deployment(input: &DeploymentInput) -> Result<DeploymentAnswer, CalcError> {
    let strategy = strategy(input)?;
    let ready = seconds("instance_ready", input.instance_ready)?;
    let arrivals = named("arrival_rate", ArrivalRate::new(input.arrival_rate))?;
    let rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let objective = seconds("response_time_objective", input.response_time_objective)?;
    let Rollout { surge, unavailable, min_serving, max_existing, course } = rollout(input.instances, strategy, ready)?;
    let normal = Mmc::new(arrivals, rate, named("instances", Servers::new(input.instances))?)?;
    let course = match course {
        Some(course) => {
            let share = within(arrivals, rate, min_serving, objective)?;
            Some(Course {
                waves: course.waves,
                duration: course.duration,
                deploy_util: (min_serving > 0).then(|| arrivals.get() / (min_serving as f64 * rate.get())),
                within_slo_deploy: share.unwrap_or(0.0),
                overloaded_during_deploy: share.is_none(),
                extra_instance_hours: course.extra_instance_time / HOUR,
                peak_cost_factor: course.peak_cost_factor,
            })
        }
        None => None,
    };
    Ok(DeploymentAnswer {
        normal_util: normal.utilization(),
        within_slo_normal: 1.0 - normal.sojourn_time_tail(objective),
        surge,
        unavailable,
        min_serving,
        max_existing,
        blocked: course.is_none(),
        course,
        method: "exact: whole instances as the platform rounds, M/M/c with the fewest that serve",
        exact: true,
    })
}

fn strategy(input: &DeploymentInput) -> Result<RolloutStrategy, CalcError> {
    let belongs = [
        ("max_surge_percent", input.max_surge_percent.is_some(), Strategy::K8sRolling, "k8s_rolling"),
        ("max_unavailable_percent", input.max_unavailable_percent.is_some(), Strategy::K8sRolling, "k8s_rolling"),
        ("min_healthy_percent", input.min_healthy_percent.is_some(), Strategy::EcsRolling, "ecs_rolling"),
        ("max_percent", input.max_percent.is_some(), Strategy::EcsRolling, "ecs_rolling"),
        ("bake", input.bake.is_some(), Strategy::BlueGreen, "blue_green"),
        ("switch", input.switch.is_some(), Strategy::BlueGreen, "blue_green"),
    ];
    if let Some((name, _, _, owner)) = belongs.iter().find(|(_, given, owner, _)| *given && *owner != input.strategy) {
        return Err(CalcError::invalid(format!("`{name}` belongs to the strategy `{owner}`")));
    }
    Ok(match input.strategy {
        Strategy::K8sRolling => RolloutStrategy::Kubernetes {
            max_surge_percent: input.max_surge_percent.unwrap_or(25),
            max_unavailable_percent: input.max_unavailable_percent.unwrap_or(25),
        },
        Strategy::EcsRolling => RolloutStrategy::Ecs {
            min_healthy_percent: input.min_healthy_percent.unwrap_or(100),
            max_percent: input.max_percent.unwrap_or(200),
        },
        Strategy::BlueGreen => RolloutStrategy::BlueGreen {
            bake: seconds("bake", input.bake.unwrap_or(0.0))?,
            switch: seconds("switch", input.switch.unwrap_or(0.0))?,
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlastInput {
    arrival_rate: f64,
    error_rate_increase: f64,
    stages: Vec<StageInput>,
    rollback: f64,
    full_detect: f64,
    #[serde(default = "certain")]
    prob_bad_release: f64,
    slo: f64,
    #[serde(default = "thirty")]
    window_days: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageInput {
    fraction: f64,
    duration: f64,
    detection_power: f64,
}

const fn certain() -> f64 {
    1.0
}

pub(super) const fn thirty() -> f64 {
    30.0
}

#[derive(Serialize)]
struct BlastAnswer {
    bad_requests_given_bad_release: f64,
    bad_requests_per_release: f64,
    bad_requests_without_canary: f64,
    reduction_factor: Option<f64>,
    prob_reaches_full_production: f64,
    prob_caught_at_stage: Vec<f64>,
    error_budget_fraction_given_bad_release: Option<f64>,
    stage_overall_error_increase: Vec<f64>,
    method: &'static str,
    exact: bool,
}

fn blast(input: &BlastInput) -> Result<BlastAnswer, CalcError> {
    let stage = |(index, stage): (usize, &StageInput)| {
        let path = |field: &str| format!("stages[{index}].{field}");
        Ok(CanaryStage {
            fraction: named(&path("fraction"), Probability::new(stage.fraction))?,
            duration: seconds(&path("duration"), stage.duration)?,
            detection_power: named(&path("detection_power"), Probability::new(stage.detection_power))?,
        })
    };
    let answer = blast_radius(&Release {
        arrival_rate: named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        error_rate_increase: named("error_rate_increase", Probability::new(input.error_rate_increase))?,
        stages: input.stages.iter().enumerate().map(stage).collect::<Result<_, CalcError>>()?,
        rollback: seconds("rollback", input.rollback)?,
        full_detection: seconds("full_detect", input.full_detect)?,
        bad_probability: named("prob_bad_release", Probability::new(input.prob_bad_release))?,
        slo: named("slo", Probability::new(input.slo))?,
        window: time("window_days", input.window_days, DAY)?,
    })?;
    Ok(BlastAnswer {
        bad_requests_given_bad_release: answer.bad_requests_given_bad,
        bad_requests_per_release: answer.bad_requests_per_release,
        bad_requests_without_canary: answer.bad_requests_without_canary,
        reduction_factor: answer.reduction_factor,
        prob_reaches_full_production: answer.reaches_production,
        prob_caught_at_stage: answer.caught_at_stage,
        error_budget_fraction_given_bad_release: answer.budget_fraction_given_bad,
        stage_overall_error_increase: answer.overall_error_increase,
        method: "exact: mean of a chain of stages, each run to its end",
        exact: true,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeInput {
    deploys_per_year: f64,
    change_failure_rate: f64,
    recovery_hours: f64,
    #[serde(default = "certain")]
    blast_fraction: f64,
    #[serde(default)]
    planned_s_per_deploy: f64,
    slo: f64,
}

#[derive(Serialize)]
struct ChangeAnswer {
    unavailability: f64,
    availability: f64,
    downtime_equiv_min_per_year: f64,
    failed_changes_per_year: f64,
    fraction_of_slo_budget: f64,
    max_change_failure_rate_for_slo: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn changes(input: &ChangeInput) -> Result<ChangeAnswer, CalcError> {
    let answer = change_failure(&ChangePractice {
        deploys_per_year: input.deploys_per_year,
        change_failure_rate: named("change_failure_rate", Probability::new(input.change_failure_rate))?,
        recovery: hours("recovery_hours", input.recovery_hours)?,
        blast_fraction: named("blast_fraction", Probability::new(input.blast_fraction))?,
        planned: seconds("planned_s_per_deploy", input.planned_s_per_deploy)?,
        slo: named("slo", Probability::new(input.slo))?,
    })?;
    Ok(ChangeAnswer {
        unavailability: answer.unavailability,
        availability: 1.0 - answer.unavailability,
        downtime_equiv_min_per_year: answer.unavailability * 525_600.0,
        failed_changes_per_year: answer.failed_changes_per_year,
        fraction_of_slo_budget: answer.budget_fraction,
        max_change_failure_rate_for_slo: answer.max_change_failure_rate,
        method: "approximate: to first order, changes do not overlap",
        exact: false,
    })
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
