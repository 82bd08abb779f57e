//! The inverse questions of stations: the fewest servers and the most arrivals that keep to an objective.

use capplan_queueing::queues::{QueueError, ServerObjective, greatest_arrival_rate, least_servers, min_servers};
use capplan_queueing::units::{ArrivalRate, Servers, ServiceRate};

use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};
use crate::error::named;
use crate::{CalcError, ErrorKind};

use super::station::{Kind, Station, StationObjective};

inputs! {
    struct MinServersInput {
        arrival_rate: ArrivalRate,
        service_rate: ServiceRate,
        ..asked: StationObjective,
    }
}

pub(crate) const MIN_SERVERS: Calculator = Calculator {
    name: "min_servers",
    summary: "least number of servers of a station that meets an objective",
    inputs: MinServersInput::INPUTS,
    formula: &[
        "least c with {metric}(c) ≤ {limit},  λ = {arrival_rate},  μ = {service_rate},  station: {station}",
        "in M/M/c: p_wait = C(c, a),  wq = C/(c·μ − λ),  w = wq + 1/μ,  percentiles by the law of the wait or of the sojourn",
        "c = {result.servers}:  {metric}({result.servers}) = {value} ≤ {limit},  a/c = {offered_load_per_server}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |question| question.answer(fewest),
};

inputs! {
    struct MaxArrivalRateInput {
        service_rate: ServiceRate,
        servers: Servers,
        ..asked: StationObjective,
    }
}

pub(crate) const MAX_ARRIVAL_RATE: Calculator = Calculator {
    name: "max_arrival_rate",
    summary: "greatest arrival rate at which a station of given servers keeps to an objective",
    inputs: MaxArrivalRateInput::INPUTS,
    formula: &[
        "greatest λ with {metric}(λ) ≤ {limit},  c = {servers},  μ = {service_rate},  station: {station}",
        "λ = {arrival_rate}:  {metric} = {value} ≤ {limit},  a/c = {offered_load_per_server}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |question| question.answer(most),
};

fn fewest(input: &MinServersInput) -> Result<Answer, CalcError> {
    let &MinServersInput { arrival_rate, service_rate, ref asked } = input;
    let station = Station { service_rate, kind: asked.kind()? };
    let objective = asked.objective(station.kind)?;
    let least = if let Kind::Mmc = station.kind {
        min_servers(arrival_rate, service_rate, objective)?
    } else {
        possible(station.kind, objective)?;
        let figure = |servers| station.figure(arrival_rate, servers, objective);
        if station.is_never_met(arrival_rate, objective) { None } else { least_servers(1, objective.limit(), figure)? }
    };
    let load = arrival_rate.get() / service_rate.get();
    let method = station.method(objective, least.map(|least| (arrival_rate, least.servers)));
    Ok(Answer::by(method)
        .with("feasible", least.is_some())
        .with_some("servers", least.map(|least| least.servers.get()))
        .with_some("value", least.map(|least| least.value))
        .with_some("offered_load_per_server", least.map(|least| load / least.servers.get() as f64)))
}

fn most(input: &MaxArrivalRateInput) -> Result<Answer, CalcError> {
    let &MaxArrivalRateInput { service_rate, servers, ref asked } = input;
    let station = Station { service_rate, kind: asked.kind()? };
    let objective = asked.objective(station.kind)?;
    let full = station.ceiling(servers)?;
    // What no arrival at all would break is broken by the first.
    let ceiling =
        if station.is_never_met(full, objective) { named("arrival_rate", ArrivalRate::new(0.0))? } else { full };
    let figure = |arrival_rate| station.figure(arrival_rate, servers, objective);
    let greatest = greatest_arrival_rate(ceiling, objective.limit(), figure)?;
    let total = servers.get() as f64 * service_rate.get();
    if greatest.is_some_and(|greatest| greatest.arrival_rate == full.get()) {
        return Err(CalcError::new(
            ErrorKind::OutOfRange,
            format!(
                "`{}` stays within {} at every arrival rate up to a million times what the servers can do; no rate is \
                 the greatest",
                asked.metric.name, asked.limit
            ),
        ));
    }
    let found = greatest.and_then(|greatest| Some((ArrivalRate::new(greatest.arrival_rate).ok()?, servers)));
    Ok(Answer::by(station.method(objective, found))
        .with("feasible", greatest.is_some())
        .with_some("arrival_rate", greatest.map(|greatest| greatest.arrival_rate))
        .with_some("value", greatest.map(|greatest| greatest.value))
        .with_some("offered_load_per_server", greatest.map(|greatest| greatest.arrival_rate / total)))
}

/// Refuses an objective that no number of servers meets: no wait and no loss at all where there is a queue.
fn possible(kind: Kind, objective: ServerObjective) -> Result<(), CalcError> {
    let parameter = match objective {
        ServerObjective::WaitProbability(_) => "wait probability",
        ServerObjective::LostShare(_) => "lost share",
        ServerObjective::WaitingTime(_) => "waiting time",
        _ => return Ok(()),
    };
    if objective.limit() > 0.0 || matches!(kind, Kind::Mmck { .. }) {
        return Ok(());
    }
    Err(QueueError::Domain { parameter, value: 0.0, domain: "above 0" }.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::run;

    fn refused(name: &str, input: &Value) -> String {
        run(name, input).expect_err("refused").message
    }

    #[test]
    fn each_station_says_what_it_needs() {
        let ask = |station: &str, field: &str| {
            let mut input =
                json!({"arrival_rate": 1, "service_rate": 1, "metric": "w", "limit": 2, "station": station});
            if !field.is_empty() {
                input[field] = json!(1);
            }
            refused("min_servers", &input)
        };
        assert_eq!(ask("mmck", ""), "`station` \"mmck\" also needs `capacity`");
        assert_eq!(ask("erlang_a", ""), "`station` \"erlang_a\" also needs `abandonment_rate`");
        assert_eq!(ask("mgc", ""), "`station` \"mgc\" also needs `service_scv`");
        assert_eq!(ask("mmc", "capacity"), "`capacity` is only for `station` \"mmck\"");
        let loss = json!({"arrival_rate": 1, "service_rate": 1, "metric": "p_loss", "limit": 0.1});
        assert_eq!(
            refused("min_servers", &loss),
            "`metric` is \"p_loss\", but nobody is lost at `station` \"mmc\"; ask \"mmck\" or \"erlang_a\""
        );
    }

    /// A loss station of 10 servers blocks 1 % at 4.4612 erlangs: the printed entry of the usual Erlang B table.
    #[test]
    fn the_greatest_load_of_a_loss_station_is_that_of_the_erlang_b_table() {
        let input = json!({"service_rate": 1, "servers": 10, "metric": "p_loss", "limit": 0.01, "station": "mmck",
                           "capacity": 10});
        let answer = run("max_arrival_rate", &input).expect("an answer");
        let rate = answer["arrival_rate"].as_f64().expect("a number");
        assert!((rate - 4.461).abs() < 5e-4, "{rate}");
    }

    #[test]
    fn servers_beyond_the_room_do_not_help() {
        let input = json!({"arrival_rate": 10, "service_rate": 1, "metric": "p_loss", "limit": 0.01,
                           "station": "mmck", "capacity": 12});
        assert_eq!(run("min_servers", &input).expect("an answer")["feasible"], false);
    }

    #[test]
    fn a_limit_that_no_load_breaks_has_no_greatest_rate() {
        let input = json!({"service_rate": 1, "servers": 2, "metric": "p_wait", "limit": 0.1, "station": "mmck",
                           "capacity": 2});
        assert_eq!(
            refused("max_arrival_rate", &input),
            "`p_wait` stays within 0.1 at every arrival rate up to a million times what the servers can do; no rate is \
             the greatest"
        );
    }

    #[test]
    fn nobody_can_promise_that_nobody_gives_up() {
        let input = json!({"arrival_rate": 10, "service_rate": 1, "metric": "p_loss", "limit": 0,
                           "station": "erlang_a", "abandonment_rate": 1});
        assert_eq!(refused("min_servers", &input), "lost share of 0 is not above 0");
    }

    #[test]
    fn shared_servers_have_no_wait_to_limit() {
        let mut input = json!({"service_rate": 1, "servers": 1, "metric": "wq", "limit": 1, "station": "ps"});
        assert_eq!(
            refused("max_arrival_rate", &input),
            "`metric` is \"wq\", but nobody waits where jobs share the servers; limit `w` or a percentile such as `w_p95`"
        );
        // W = S/(1 − ρ) whatever the service.
        (input["metric"], input["limit"], input["service_scv"]) = (json!("w"), json!(4), json!(3));
        let rate = run("max_arrival_rate", &input).expect("an answer")["arrival_rate"].as_f64().expect("a number");
        assert!((rate - 0.75).abs() < 1e-12, "{rate}");
    }

    #[test]
    fn the_time_of_the_service_alone_is_out_of_reach() {
        for station in [json!({}), json!({"station": "mgc", "service_scv": 0}), json!({"station": "ps"})] {
            let ask = |name: &str, field: &str, value: u64| {
                let mut input = station.clone();
                for (key, value) in
                    [("service_rate", json!(1)), ("metric", json!("w")), ("limit", json!(1)), (field, json!(value))]
                {
                    input[key] = value;
                }
                run(name, &input).expect("an answer")
            };
            assert_eq!(ask("min_servers", "arrival_rate", 100)["feasible"], false, "{station}");
            assert_eq!(ask("max_arrival_rate", "servers", 100)["arrival_rate"], 0.0, "{station}");
        }
    }

    #[test]
    fn constant_services_are_answered_exactly() {
        let input = json!({"arrival_rate": 100, "service_rate": 1, "metric": "w_p99", "limit": 1.2, "station": "mgc",
                           "service_scv": 0});
        let answer = run("min_servers", &input).expect("an answer");
        assert_eq!((&answer["method"], &answer["exact"]), (&json!("exact: M/D/c"), &json!(true)));
    }

    /// More variable arrivals or services need more servers; a Poisson stream of exponential jobs as many as M/M/c.
    #[test]
    fn variation_costs_servers() {
        let ask = |arrival_scv: f64, service_scv: f64| {
            let input = json!({"arrival_rate": 40, "service_rate": 1, "metric": "wq_p95", "limit": 0.1, "station": "ggc",
                               "arrival_scv": arrival_scv, "service_scv": service_scv});
            run("min_servers", &input).expect("an answer")["servers"].as_u64().expect("a count")
        };
        let plain = json!({"arrival_rate": 40, "service_rate": 1, "metric": "wq_p95", "limit": 0.1});
        assert_eq!(json!(ask(1.0, 1.0)), run("min_servers", &plain).expect("an answer")["servers"]);
        assert!(ask(4.0, 4.0) > ask(1.0, 1.0) && ask(1.0, 1.0) >= ask(0.25, 0.25));
    }

    /// Little by little more patience, and Erlang A needs as many as M/M/c.
    #[test]
    fn patient_jobs_need_as_many_servers_as_those_who_never_give_up() {
        for (metric, limit) in [("p_wait", 0.2), ("wq", 0.01), ("w_p95", 3.2)] {
            let mut input = json!({"arrival_rate": 40, "service_rate": 1, "metric": metric, "limit": limit});
            let patient = run("min_servers", &input).expect("an answer");
            input["station"] = json!("erlang_a");
            input["abandonment_rate"] = json!(1e-7);
            assert_eq!(run("min_servers", &input).expect("an answer")["servers"], patient["servers"], "{metric}");
        }
    }

    proptest! {
        #[test]
        fn one_server_fewer_misses_the_objective(
            load in 0.0..3000.0_f64, rate in 0.1..100.0_f64, slack in 1.001..10.0_f64, metric in 0..5_usize,
        ) {
            let (metric, limit) = [
                ("p_wait", slack / 10.01),
                ("wq", slack / rate),
                ("w", slack / rate),
                ("wq_p95", slack / rate),
                ("w_p99", slack * 100.0_f64.ln() / rate),
            ][metric];
            let input = json!({"arrival_rate": load * rate, "service_rate": rate, "metric": metric, "limit": limit});
            let answer = run("min_servers", &input).expect("an answer");
            prop_assert_eq!(&answer["feasible"], &json!(true));
            prop_assert!(answer["value"].as_f64().is_some_and(|value| value <= limit));
            let fewer = answer["servers"].as_u64().expect("a count") - 1;
            let queue = json!({"arrival_rate": load * rate, "service_rate": rate, "servers": fewer, "quantiles": [0.95, 0.99]});
            if let Ok(queue) = run("mmc", &queue) {
                let value = match metric {
                    "p_wait" => &queue["wait_probability"],
                    "wq" => &queue["waiting_time"],
                    "w" => &queue["sojourn_time"],
                    "wq_p95" => &queue["waiting_time_quantiles"]["0.95"],
                    _ => &queue["sojourn_time_quantiles"]["0.99"],
                };
                prop_assert!(value.as_f64().is_some_and(|value| value > limit));
            }
        }
    }
}
