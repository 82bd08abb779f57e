use capplan_queueing::queues::{erlang_b_above_zero, erlang_c, loss_utilization};
use capplan_queueing::units::{Erlangs, Servers};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct LoadInput {
        servers: Servers,
        offered_load: Erlangs,
    }
}

pub(crate) const ERLANG_B: Calculator = Calculator {
    name: "erlang_b",
    summary: "blocking probability of c servers without a queue (Erlang B)",
    inputs: LoadInput::INPUTS,
    formula: &[
        "1/B(c, a) = 1 + (c/a)·1/B(c − 1, a),  1/B(0, a) = 1",
        "B({servers}, {offered_load}) = {blocking_probability}",
        "ρ = a·(1 − B)/c = {offered_load}·(1 − {blocking_probability})/{servers} = {utilization}",
    ],
    reference: "Kleinrock 1975, §3.7; Bolch et al. 2006, ch. 6; Temme 1979",
    answer: |question| question.answer(blocking),
};

pub(crate) const ERLANG_C: Calculator = Calculator {
    name: "erlang_c",
    summary: "probability to wait for one of c servers (Erlang C)",
    inputs: LoadInput::INPUTS,
    formula: &[
        "ρ = a/c = {offered_load}/{servers} = {utilization}",
        "C(c, a) = B(c, a)/(1 − ρ·(1 − B(c, a))),  B = Erlang B",
        "C({servers}, {offered_load}) = {wait_probability}",
    ],
    reference: "Bolch et al. 2006, ch. 6; Kleinrock 1975, §3.5",
    answer: |question| question.answer(waiting),
};

fn blocking(input: &LoadInput) -> Result<Answer, CalcError> {
    let &LoadInput { servers, offered_load } = input;
    let blocking_probability = erlang_b_above_zero(servers, offered_load)?.get();
    Ok(Answer::exact("exact: M/M/c/c, Erlang's recursion or Temme's expansion of it")
        .with("blocking_probability", blocking_probability)
        .with("utilization", loss_utilization(servers, offered_load)))
}

fn waiting(input: &LoadInput) -> Result<Answer, CalcError> {
    let &LoadInput { servers, offered_load } = input;
    Ok(Answer::exact("exact: M/M/c, Erlang C from Erlang B")
        .with("wait_probability", erlang_c(servers, offered_load)?.get())
        .with("utilization", offered_load.get() / servers.get() as f64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{ErrorKind, run};

    #[test]
    fn a_loss_system_far_beyond_its_load_is_busy_all_the_time() {
        for (load, servers) in [(1e12, 3_u64), (1e17, 3), (1e308, 3), (1e9, 1)] {
            let answer = run("erlang_b", &json!({"servers": servers, "offered_load": load})).expect("an answer");
            let utilization = answer["utilization"].as_f64().expect("a number");
            assert!((utilization - 1.0).abs() < 1e-8 && utilization <= 1.0, "{load}: {utilization}");
        }
        let light = run("erlang_b", &json!({"servers": 2, "offered_load": 1.0})).expect("an answer");
        assert_eq!(light["utilization"], 0.4);
    }

    #[test]
    fn a_probability_below_the_doubles_is_an_error_with_its_logarithm() {
        let load = json!({"servers": 300, "offered_load": 1});
        for (name, message) in [
            (
                "erlang_b",
                "blocking probability is below 2.2e-308, where double precision ends; its natural logarithm is \
                 -1415.9058",
            ),
            (
                "erlang_c",
                "probability to wait is below 2.2e-308, where double precision ends; its natural logarithm is \
                 -1415.9025",
            ),
        ] {
            let error = run(name, &load).expect_err("below the doubles");
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::OutOfRange, message));
        }
        for name in ["erlang_b", "erlang_c"] {
            assert!(run(name, &json!({"servers": 300, "offered_load": 0})).is_ok());
        }
    }
}
