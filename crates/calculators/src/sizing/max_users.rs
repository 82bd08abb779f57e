use capplan_queueing::queues::{FiniteUsers, ServerObjective, most_users};
use capplan_queueing::units::{Seconds, Servers, ServiceRate};

use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};
use crate::{CalcError, ErrorKind};

use super::objective::ObjectiveInput;

/// As many as the station is solved for.
const MOST_USERS: u64 = 1_000_000_000;

inputs! {
    struct MaxUsersInput {
        /// seconds from an answer to the next request, at least 0
        think_time: Seconds,
        service_rate: ServiceRate,
        servers: Servers,
        ..objective: ObjectiveInput,
    }
}

pub(crate) const MAX_USERS: Calculator = Calculator {
    name: "max_users",
    summary: "most users with think time whom a station of given servers carries within an objective",
    inputs: MaxUsersInput::INPUTS,
    formula: &[
        "greatest N with {metric}(N) ≤ {limit},  Z = {think_time},  μ = {service_rate},  c = {servers}",
        "N = {users}:  {metric} = {value} ≤ {limit},  X = {throughput},  ρ = X/(cμ) = {utilization}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Sevcik and Mitrani 1981",
    answer: |question| question.answer(most),
};

fn most(input: &MaxUsersInput) -> Result<Answer, CalcError> {
    let objective = input.objective.objective()?;
    if matches!(objective, ServerObjective::LostShare(_)) {
        return Err(CalcError::invalid(
            "`metric` is \"p_loss\", but no user is lost; limit `p_wait`, `wq`, `w` or a percentile",
        ));
    }
    let solve = |users| FiniteUsers::new(users, input.think_time, input.service_rate, input.servers);
    let greatest = most_users(MOST_USERS, objective.limit(), |users| objective.figure(&solve(users)?))?;
    if greatest.is_some_and(|greatest| greatest.users == MOST_USERS) {
        let (metric, limit) = (&input.objective.metric.name, input.objective.limit);
        return Err(CalcError::new(
            ErrorKind::OutOfRange,
            format!("`{metric}` stays within {limit} for 10^9 users, the most that are counted"),
        ));
    }
    let station = greatest.map(|greatest| solve(greatest.users)).transpose()?;
    Ok(Answer::exact("exact: closed network of think time and one station, search over the number of users")
        .with("feasible", greatest.is_some())
        .with_some("users", greatest.map(|greatest| greatest.users))
        .with_some("value", greatest.map(|greatest| greatest.value))
        .with_some("throughput", station.as_ref().map(FiniteUsers::throughput))
        .with_some("utilization", station.as_ref().map(FiniteUsers::utilization)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::run;

    #[test]
    fn one_user_more_misses_the_objective() {
        for (metric, limit) in [("p_wait", 0.4), ("wq", 0.05), ("w", 0.2), ("wq_p95", 0.3), ("w_p99", 0.8)] {
            let input = json!({"think_time": 5, "service_rate": 10, "servers": 4, "metric": metric, "limit": limit});
            let most = run("max_users", &input).expect("an answer");
            let users = most["users"].as_u64().expect("a count");
            let figure = |users: u64| {
                let input = json!({"users": users, "think_time": 5, "service_rate": 10, "servers": 4});
                let answer = run("finite_users", &input).expect("an answer");
                let field = match metric {
                    "p_wait" => &answer["wait_probability"],
                    "wq" => &answer["waiting_time"],
                    "w" => &answer["response_time"],
                    "wq_p95" => &answer["waiting_time_quantiles"]["0.95"],
                    _ => &answer["response_time_quantiles"]["0.99"],
                };
                field.as_f64().expect("a number")
            };
            assert!(users > 4 && figure(users) <= limit && figure(users + 1) > limit, "{metric}: {users}");
            assert_eq!(most["value"].as_f64(), Some(figure(users)));
        }
    }

    #[test]
    fn what_has_no_limit_or_no_user_says_so() {
        let ask = |metric: &str, limit: f64| {
            run(
                "max_users",
                &json!({"think_time": 5, "service_rate": 10, "servers": 4, "metric": metric, "limit": limit}),
            )
        };
        assert_eq!(ask("w", 0.05).expect("an answer")["feasible"], false);
        assert_eq!(
            ask("p_loss", 0.1).expect_err("refused").message,
            "`metric` is \"p_loss\", but no user is lost; limit `p_wait`, `wq`, `w` or a percentile"
        );
        assert_eq!(
            ask("p_wait", 1.0).expect_err("refused").message,
            "`p_wait` stays within 1 for 10^9 users, the most that are counted"
        );
    }
}
