//! What a line of the calculators' stream costs, from its text to the text of its answer.
//!
//! The claim: 1,200,000 lines of `erlang_b` or `erlang_c` a second on one core, and 280,000 of `mmc` with its ten
//! quantiles. Measured with the whole command, reading and writing included, on one core of a shared two-core virtual
//! machine: 300,000 lines of `erlang_b` take 0.21 s of processor time, as many of `mmc` 1.0 s.

use capplan_calculators::answer_line;
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// Lines of one run.
const LINES: u32 = 1000;

/// Lines whose stations have 1 to 50 servers, busy for 2 to 98 %.
fn lines(line: impl Fn(u32, u32, f64) -> String) -> Vec<String> {
    (0..LINES)
        .map(|id| {
            let servers = 1 + id % 50;
            let busy = 0.02 + 0.96 * f64::from(id) / f64::from(LINES);
            line(id, servers, (f64::from(servers) * busy * 1000.0).round() / 1000.0)
        })
        .collect()
}

fn answer(bencher: Bencher, lines: &[String]) {
    let mut text = Vec::new();
    bencher.counter(ItemsCount::new(lines.len())).bench_local(|| {
        text.clear();
        for line in lines {
            answer_line(line, &mut text);
        }
        text.len()
    });
}

#[divan::bench]
fn erlang_b(bencher: Bencher) {
    answer(
        bencher,
        &lines(|id, servers, load| {
            format!(r#"{{"calculator":"erlang_b","id":{id},"input":{{"servers":{servers},"offered_load":{load}}}}}"#)
        }),
    );
}

#[divan::bench]
fn erlang_c(bencher: Bencher) {
    answer(
        bencher,
        &lines(|id, servers, load| {
            format!(r#"{{"calculator":"erlang_c","id":{id},"input":{{"servers":{servers},"offered_load":{load}}}}}"#)
        }),
    );
}

/// With the usual five quantiles of the wait and of the sojourn.
#[divan::bench]
fn mmc(bencher: Bencher) {
    answer(
        bencher,
        &lines(|id, servers, load| {
            format!(
                r#"{{"calculator":"mmc","id":{id},"input":{{"arrival_rate":{load},"service_rate":1,"servers":{servers}}}}}"#
            )
        }),
    );
}

/// A line with another field is read as a tree.
#[divan::bench]
fn mmc_with_a_note(bencher: Bencher) {
    answer(
        bencher,
        &lines(|id, servers, load| {
            format!(
                r#"{{"calculator":"mmc","id":{id},"note":"","input":{{"arrival_rate":{load},"service_rate":1,"servers":{servers}}}}}"#
            )
        }),
    );
}
