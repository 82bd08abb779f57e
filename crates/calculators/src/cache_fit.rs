use serde::{Deserialize, Serialize};
use serde_json::Value;

use capplan_queueing::cache::{AccessHistogram, Popularity, fit_zipf, lru_hit_ratio};

use super::CalcError;
use super::calculator::{Calculator, Input, InputKind, typed};
use super::popularity::pairs;

pub(super) const CACHE_FIT: Calculator = Calculator {
    name: "cache_fit",
    summary: "Zipf law fitted to a measured histogram, how well it fits, and hit ratios by both",
    inputs: &[
        Input::required(
            "histogram",
            InputKind::Histogram,
            "pairs of accesses and number of objects; on the command line a CSV file of `object,count`",
        ),
        Input::optional("capacities", InputKind::Numbers, "objects that fit, each at least 0, for hit ratios of LRU"),
    ],
    formula: &[
        "Σ c_i·ln i/Σ c_i = Σ i^−α·ln i/Σ i^−α,  {objects} objects by rank,  Σ c_i = {accesses}:  α = {exponent}",
        "standard error = 1/√(Σ c_i·Var(ln i)) = {standard_error}",
        "R² of ln c_i on ln i, by requests = {r_squared}",
        "largest distance of the shares of the k most popular = {ks_distance}",
        "h of LRU with {capacities} objects: {hit_ratio_fit} by the law, {hit_ratio_histogram} by the histogram",
        "{hit_ratio_first_misses} with the first request for each object missed",
    ],
    reference: "Clauset et al. 2009; Che et al. 2002",
    answer: |input| typed(input, cache_fit),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FitInput {
    histogram: Value,
    capacities: Option<Vec<f64>>,
}

#[derive(Serialize)]
struct FitAnswer {
    exponent: f64,
    standard_error: f64,
    objects: u64,
    accesses: f64,
    /// Absent if all counts are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    r_squared: Option<f64>,
    ks_distance: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio_fit: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio_histogram: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hit_ratio_first_misses: Option<Vec<f64>>,
    method: &'static str,
    exact: bool,
}

fn cache_fit(input: &FitInput) -> Result<FitAnswer, CalcError> {
    let histogram = AccessHistogram::from_pairs(&pairs("histogram", &input.histogram)?)?;
    let fit = fit_zipf(&histogram)?;
    let mut answer = FitAnswer {
        exponent: fit.law.exponent(),
        standard_error: fit.standard_error,
        objects: histogram.objects(),
        accesses: histogram.accesses(),
        r_squared: fit.r_squared,
        ks_distance: fit.ks_distance,
        hit_ratio_fit: None,
        hit_ratio_histogram: None,
        hit_ratio_first_misses: None,
        method: "approximate: maximum likelihood on the sample's own ranks; hit ratios by Che's characteristic time",
        exact: false,
    };
    if let Some(capacities) = &input.capacities {
        let (law, counted) = (Popularity::from_zipf(&fit.law), histogram.popularity()?);
        let by_law = capacities.iter().map(|&capacity| Ok(lru_hit_ratio(&law, capacity)?.hit_ratio));
        answer.hit_ratio_fit = Some(by_law.collect::<Result<_, CalcError>>()?);
        let hits = capacities.iter().map(|&capacity| Ok(lru_hit_ratio(&counted, capacity)?));
        let hits = hits.collect::<Result<Vec<_>, CalcError>>()?;
        answer.hit_ratio_histogram = Some(hits.iter().map(|hits| hits.hit_ratio).collect());
        answer.hit_ratio_first_misses =
            Some(hits.iter().map(|hits| histogram.hit_ratio_with_first_misses(hits)).collect());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::run;

    fn message(input: &Value) -> String {
        run("cache_fit", input).expect_err("refused").message
    }

    #[test]
    fn a_histogram_without_requests_is_refused() {
        let nothing = "no object is ever asked for; at least one needs a popularity above 0";
        assert_eq!(message(&json!({"histogram": []})), nothing);
        assert_eq!(message(&json!({"histogram": [[0, 5]]})), nothing);
        assert_eq!(
            message(&json!({"histogram": [[3, 5], [-1, 2]]})),
            "count of requests of -1 is not finite and at least 0"
        );
        assert_eq!(message(&json!({"histogram": [3, 5]})), "`histogram[0]` is `3`, not a list");
    }

    #[test]
    fn hit_ratios_are_given_for_capacities_only() {
        let plain = run("cache_fit", &json!({"histogram": [[9, 1], [4, 2]]})).expect("an answer");
        assert_eq!(plain.get("hit_ratio_fit"), None);
        let input = json!({"histogram": [[9, 1], [4, 2]], "capacities": [0, 3]});
        let answer = run("cache_fit", &input).expect("an answer");
        assert_eq!(answer["hit_ratio_histogram"], json!([0.0, 1.0]));
        assert_eq!(answer["hit_ratio_first_misses"], json!([0.0, 14.0 / 17.0]));
    }
}
