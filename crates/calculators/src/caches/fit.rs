use capplan_queueing::cache::{AccessHistogram, Popularity, fit_zipf, lru_hit_ratio};

use crate::CalcError;
use crate::answer::Answer;
use crate::declare::{Calculator, Inputs, inputs};

inputs! {
    struct FitInput {
        /// pairs of accesses and number of objects; on the command line a CSV file of `object,count`
        histogram: AccessHistogram,
        /// objects that fit, each at least 0, for hit ratios of LRU
        capacities: Option<Vec<f64>>,
    }
}

pub(crate) const CACHE_FIT: Calculator = Calculator {
    name: "cache_fit",
    summary: "Zipf law fitted to a measured histogram, how well it fits, and hit ratios by both",
    inputs: FitInput::INPUTS,
    formula: &[
        "Σ c_i·ln i/Σ c_i = Σ i^−α·ln i/Σ i^−α,  {objects} objects by rank,  Σ c_i = {accesses}:  α = {exponent}",
        "standard error = 1/√(Σ c_i·Var(ln i)) = {standard_error}",
        "R² of ln c_i on ln i, by requests = {r_squared}",
        "largest distance of the shares of the k most popular = {ks_distance}",
        "h of LRU with {capacities} objects: {hit_ratio_fit} by the law, {hit_ratio_histogram} by the histogram",
        "{hit_ratio_first_misses} with the first request for each object missed",
    ],
    reference: "Clauset et al. 2009; Che et al. 2002",
    answer: |question| question.answer(cache_fit),
};

fn cache_fit(input: &FitInput) -> Result<Answer, CalcError> {
    let histogram = &input.histogram;
    let fit = fit_zipf(histogram)?;
    let answer = Answer::approximate(
        "approximate: maximum likelihood on the sample's own ranks; hit ratios by Che's characteristic time",
    )
    .with("exponent", fit.law.exponent())
    .with("standard_error", fit.standard_error)
    .with("objects", histogram.objects())
    .with("accesses", histogram.accesses())
    .with_some("r_squared", fit.r_squared)
    .with("ks_distance", fit.ks_distance);
    let Some(capacities) = &input.capacities else { return Ok(answer) };
    let hits_of = |law: &Popularity| {
        capacities.iter().map(|&capacity| lru_hit_ratio(law, capacity)).collect::<Result<Vec<_>, _>>()
    };
    let (by_law, counted) = (hits_of(&Popularity::from_zipf(&fit.law))?, hits_of(&histogram.popularity()?)?);
    let first_misses = counted.iter().map(|hits| histogram.hit_ratio_with_first_misses(hits));
    Ok(answer
        .with("hit_ratio_fit", by_law.iter().map(|hits| hits.hit_ratio).collect::<Vec<_>>())
        .with("hit_ratio_histogram", counted.iter().map(|hits| hits.hit_ratio).collect::<Vec<_>>())
        .with("hit_ratio_first_misses", first_misses.collect::<Vec<_>>()))
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
