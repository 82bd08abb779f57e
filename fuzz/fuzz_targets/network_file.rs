//! Feeds any bytes to the readers of queueing networks, TOML and JMVA, and solves the network that comes out:
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run network_file fuzz/corpus/network_file data/networks`.
#![no_main]

use capplan::model_file::Colour;
use capplan::queueing_network::{QueueingNetwork, parse_jmva, parse_network, solve_network};
use libfuzzer_sys::fuzz_target;

/// Stations and classes of a network that is solved in a moment, by its text.
const LARGEST_TEXT: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for parse in [parse_network, parse_jmva] {
        match parse("fuzz", text) {
            Ok(network) if text.len() <= LARGEST_TEXT => assert_solved(&network),
            Ok(_) => {}
            Err(diagnostics) => {
                assert!(!diagnostics.is_empty(), "a refusal without a reason");
                let _ = diagnostics.render(Colour::Plain);
            }
        }
    }
});

fn assert_solved(network: &QueueingNetwork) {
    let Ok(figures) = solve_network(network) else { return };
    for class in &figures.classes {
        assert!(class.throughput.is_finite() && class.response_time.is_finite());
        assert!(class.stations.iter().all(|station| station.residence_time >= 0.0));
    }
}
