use serde::{Deserialize, Serialize};

use crate::queues::Ggc;
use crate::units::{ArrivalRate, Servers, ServiceRate};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::error::named;
use super::stations::{ARRIVAL_RATE, SERVERS, SERVICE_RATE};

pub(super) const GGC: Calculator = Calculator {
    name: "ggc",
    summary: "mean wait of a GI/G/c station by the two-moment approximations, each under its name",
    inputs: &[
        ARRIVAL_RATE,
        SERVICE_RATE,
        SERVERS,
        Input::required(
            "arrival_scv",
            InputKind::Number,
            "squared coefficient of variation of the time between arrivals, at least 0; 1 is Poisson",
        ),
        Input::required(
            "service_scv",
            InputKind::Number,
            "squared coefficient of variation of the service, at least 0; 1 is exponential",
        ),
    ],
    formula: &[
        "ρ = λ/(cμ) = {utilization},  W_M = W_q(M/M/c) = {waiting_time_mmc}",
        "Allen–Cunneen: W_M·(A + s)/2 = {waiting_time_allen_cunneen},  A = {arrival_scv}, s = {service_scv}",
        "Whitt (the default): Allen–Cunneen·φ(ρ, A, s, c) = {waiting_time_whitt}",
        "Kimura: W_M·(A + s)/((1 − A)·2/φ₃ + (1 − s)·2/φ₁ + 2(A + s − 1)) = {waiting_time_kimura|absent}",
        "Krämer–Langenbach-Belz, c = 1: {waiting_time_kraemer_langenbach_belz|absent}",
        "Kingman's upper bound, c = 1: {waiting_time_kingman_bound|absent}",
    ],
    reference: "Whitt 1993, (2.16)–(2.25); Kimura 1986; Bolch et al. 2006, §6.3",
    answer: |input| typed(input, ggc),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GgcInput {
    arrival_rate: f64,
    service_rate: f64,
    servers: u64,
    arrival_scv: f64,
    service_scv: f64,
}

#[derive(Serialize)]
struct GgcAnswer {
    utilization: f64,
    waiting_time: f64,
    sojourn_time: f64,
    waiting_time_mmc: f64,
    waiting_time_allen_cunneen: f64,
    waiting_time_whitt: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_kimura: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_kraemer_langenbach_belz: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_time_kingman_bound: Option<f64>,
    method: &'static str,
    exact: bool,
}

fn ggc(input: &GgcInput) -> Result<GgcAnswer, CalcError> {
    let service_rate = named("service_rate", ServiceRate::new(input.service_rate))?;
    let queue = Ggc::new(
        named("arrival_rate", ArrivalRate::new(input.arrival_rate))?,
        service_rate,
        named("servers", Servers::new(input.servers))?,
        input.arrival_scv,
        input.service_scv,
    )?;
    let poisson = input.arrival_scv == 1.0 && (input.service_scv == 1.0 || input.servers == 1);
    Ok(GgcAnswer {
        utilization: queue.exponential().utilization(),
        waiting_time: queue.waiting_time(),
        sojourn_time: queue.waiting_time() + 1.0 / service_rate.get(),
        waiting_time_mmc: queue.exponential().waiting_time(),
        waiting_time_allen_cunneen: queue.allen_cunneen(),
        waiting_time_whitt: queue.whitt(),
        waiting_time_kimura: queue.kimura(),
        waiting_time_kraemer_langenbach_belz: queue.kraemer_langenbach_belz(),
        waiting_time_kingman_bound: queue.kingman_bound(),
        method: if poisson {
            "exact for Poisson arrivals: all approximations agree"
        } else {
            "approximation: GI/G/c by two moments, Whitt 1993 by default; simulated errors of its wait: -21 to +23 % up to 4 servers, at 16 \
             within 16 % when 90 % busy and up to a factor of 2 when waits are below a fifth of a service"
        },
        exact: poisson,
    })
}
