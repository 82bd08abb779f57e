//! The networks of `data/networks/`: read, solved and written by the command.

use std::fs;
use std::path::{Path, PathBuf};

use capplan::queueing_network::{NetworkFigures, Response, ResponseFigures, parse_jmva, parse_network, solve_network};

use crate::command::{Said, run};

/// Figures are exact, and the known ones have about ten digits.
const AGREEMENT: f64 = 1e-9;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/networks")
}

fn solve(name: &str) -> NetworkFigures {
    let text = fs::read_to_string(folder().join(name)).expect("a file");
    let read = if name.ends_with("jmva") { parse_jmva(name, &text) } else { parse_network(name, &text) };
    solve_network(&read.expect("no faults")).expect("an answer")
}

fn assert_near(got: f64, want: f64) {
    assert!((got - want).abs() <= AGREEMENT * want.abs(), "{got} is not {want}");
}

fn calc(words: &[&str]) -> Said {
    run(&folder(), &[&["calc", "network"], words].concat())
}

/// Every file in the folder is solved, and every job is somewhere: at each station, and in the whole.
#[test]
fn every_network_is_solved() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).expect("a folder") {
        let name = entry.expect("a file").file_name().into_string().expect("a name");
        for class in &solve(&name).classes {
            for station in &class.stations {
                assert_near(class.throughput * station.residence_time, station.mean_in_system);
            }
            let jobs: f64 = class.stations.iter().map(|station| station.mean_in_system).sum();
            let time: f64 = class.stations.iter().map(|station| station.residence_time).sum();
            assert_near(class.throughput * class.response_time, class.mean_in_system);
            // Only the paths of the checkout hold jobs elsewhere, on their way or at two stations at once, and only classes of
            // JMVA think at a station.
            if name != "checkout.toml" && name.ends_with("toml") {
                assert_near(class.mean_in_system, jobs);
                assert_near(class.response_time, time);
            }
            // With a population, what is not at a station thinks.
            assert!(class.cycle_time.is_none_or(|cycle| cycle >= time * (1.0 - AGREEMENT)));
        }
        count += 1;
    }
    assert_eq!(count, 6);
}

fn law(text: &str, class: usize) -> ResponseFigures {
    let network = parse_network("n.toml", text).expect("no faults");
    match solve_network(&network).expect("an answer").classes.swap_remove(class).response {
        Some(Response::Known(law)) => law,
        other => panic!("{other:?}"),
    }
}

/// One queue: its time is exponential, shifted by what is certain.
#[test]
fn a_path_of_one_queue_has_the_percentiles_of_mm1() {
    let text = "network = 1\nname = \"n\"\nwithin = [\"2 s\"]\n[classes.a]\narrival_rate = \"0.5/s\"\n[stations.s]\n\
                service_time = \"1 s\"\n[[path.a]]\nstation = \"s\"\nfixed_time = \"1 s\"\n";
    let law = law(text, 0);
    assert!((law.percentiles[3] / (1.0 + 2.0 * 100.0_f64.ln()) - 1.0).abs() < 1e-8);
    assert!((law.within[0].share - (1.0 - (-0.5_f64).exp())).abs() < 1e-9);
    assert!((law.mean - 3.0).abs() < 1e-12 && (law.standard_deviation - 2.0).abs() < 1e-12);
    assert!(law.exact);
}

/// The same way, said as a path and as routing.
#[test]
fn a_path_and_a_routing_of_the_same_way_have_one_law() {
    let head = "network = 1\nname = \"n\"\n[classes.a]\narrival_rate = \"0.5/s\"\n[stations.s]\nservers = 2\n\
                service_time = \"1 s\"\n[stations.t]\nservice_time = \"1 s\"\n";
    let path = law(&format!("{head}[[path.a]]\nstation = \"s\"\n[[path.a]]\nstation = \"t\"\nprobability = 0.25\n"), 0);
    let routing = law(&format!("{head}[routing.a]\nentry = {{ s = 1 }}\ns = {{ t = 0.25 }}\n"), 0);
    for (one, other) in path.percentiles.iter().zip(routing.percentiles) {
        assert!((one / other - 1.0).abs() < 1e-7, "{one} {other}");
    }
    assert_eq!((path.exact, routing.exact), (true, true));
    assert_eq!(path.method, "exact: independent visits without overtaking, transform inverted numerically");
}

/// Retries and optional calls load the stations, and more load never makes a request faster.
#[test]
fn more_load_lengthens_every_percentile() {
    let checkout = fs::read_to_string(folder().join("checkout.toml")).expect("a file");
    let mut last = [0.0; 5];
    for rate in ["10/s", "60/s", "80/s"] {
        let text = checkout.replace("arrival_rate = \"60/s\"", &format!("arrival_rate = \"{rate}\""));
        let now = law(&text, 0).percentiles;
        assert!(now.iter().zip(last).all(|(now, last)| *now > last), "{rate}: {now:?} {last:?}");
        assert!(now.windows(2).all(|pair| pair[0] < pair[1]));
        last = now;
    }
    let figures = solve("checkout.toml");
    // Attempts at payment: 1 + 0.02 + 0.02².
    assert_near(figures.classes[0].stations[5].visits, 1.0204);
    assert_near(figures.classes[1].stations[2].visits, 0.4);
}

/// Two classes of different service at one server: Pollaczek and Khinchine.
#[test]
fn two_open_classes_with_any_service_share_a_queue() {
    let text = "network = 1\nname = \"n\"\n[classes.a]\narrival_rate = \"0.5/s\"\n[classes.b]\narrival_rate = \"0.1/s\"\n\
                [stations.s]\nservice_time = { a = \"1 s\", b = \"4 s\" }\nservice_scv = { a = 0.25, b = 3 }\n\
                [[path.a]]\nstation = \"s\"\n[routing.b]\nentry = { s = 1 }\n";
    let figures = solve_network(&parse_network("n.toml", text).expect("no faults")).expect("an answer");
    let wait = (0.5 * 1.25 + 0.1 * 64.0) / (2.0 * 0.1);
    assert_near(figures.classes[0].response_time, wait + 1.0);
    assert_near(figures.classes[1].response_time, wait + 4.0);
    assert_eq!(figures.method, "approximate: two moments, Whitt's queueing network analyzer");
}

#[test]
fn parallel_calls_that_no_law_covers_are_refused() {
    let message = |stations: &str, path: &str| {
        let text = format!("network = 1\nname = \"n\"\n[classes.a]\narrival_rate = \"0.5/s\"\n{stations}{path}");
        let network = parse_network("n.toml", &text).expect("no faults");
        solve_network(&network).expect_err("refused").to_string()
    };
    let path = "[[path.a]]\nparallel = [\"s\", \"s\"]\n";
    assert_eq!(
        message("[stations.s]\nservice_time = \"1 s\"\n", path),
        "the path of `a` makes parallel calls that meet at `s`; calls that arrive at one queue together are not independent: \
         give each a station of its own"
    );
    assert_eq!(
        message("[stations.s]\nspeeds = [1, 2]\nservice_time = \"1 s\"\n", path),
        "the path of `a` makes parallel calls; they need an open network of stations with `servers`"
    );
    assert_eq!(
        message("[stations.s]\nspeeds = [1, 2]\nservice_scv = 2\nservice_time = \"1 s\"\n", ""),
        "`s` has an scv of 2; any but 1 needs open classes with `routing` or `path`, stations with `servers`, and no \
         `arrival_scv` for a class with parallel calls"
    );
}

#[test]
fn percentiles_stand_in_a_table_of_their_own_and_in_each_row_of_csv() {
    let text = "network = 1\nname = \"n\"\nwithin = [\"50 ms\"]\n[classes.a]\narrival_rate = \"0/s\"\n[stations.s]\n\
                servers = \"inf\"\nservice_time = \"0 s\"\n[[path.a]]\nfixed_time = \"125 ms\"\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    let path = file.path().to_str().expect("a path");
    let exact = "exact: independent visits without overtaking, transform inverted numerically";
    let (stdout, stderr, code) = calc(&[path, "--format", "markdown"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert_eq!(
        stdout,
        format!(
            "| class | station | throughput | visits | utilization | mean_in_system | residence_time |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n\
             | a | s | 0 | 0 |  | 0 | 0 |\n\
             | a | all | 0 |  |  | 0 | 0.125 |\n\
             \nMethod: exact: open BCMP network, product form\n\n\
             | class | mean | standard_deviation | p50 | p90 | p95 | p99 | p99_9 | within 0.05 s |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n\
             | a | 0.125 | 0 | 0.125 | 0.125 | 0.125 | 0.125 | 0.125 | 0 |\n\
             \nResponse time of `a`: {exact}.\n"
        )
    );
    let (stdout, _, _) = calc(&[path, "--format", "csv"]);
    assert_eq!(
        stdout,
        format!(
            "class,station,throughput,visits,utilization,mean_in_system,residence_time,p50,p90,p95,p99,p99_9,within_0.05_s,\
             method,exact\n\
             a,s,0,0,,0,0,,,,,,,\"exact: open BCMP network, product form\",true\n\
             a,all,0,,,0,0.125,0.125,0.125,0.125,0.125,0.125,0,\"{exact}\",true\n"
        )
    );
}

/// Bolch et al. 2006, example 8.3, by convolution at 80 digits.
#[test]
fn the_central_server_has_its_known_figures() {
    let solved = solve("central-server.toml");
    assert_eq!((solved.method, solved.exact), ("exact: mean value analysis", true));
    let job = &solved.classes[0];
    assert_near(job.throughput, 9.919_836_337_154_356);
    assert_near(job.stations[0].visits, 2.0);
    assert_near(job.stations[1].mean_in_system, 2.261_037_791_441_055_8);
}

/// The case `mixed-04` of the reference, as a file.
#[test]
fn the_mixed_network_has_its_known_figures() {
    let solved = solve("batch-and-web.toml");
    assert_near(solved.classes[0].response_time, 0.059_199_670_720_927_19);
    assert_near(solved.classes[1].throughput, 3.729_234_371_213_031);
}

/// A station twice as fast from the second job on is one of two servers.
#[test]
fn speeds_of_a_jmva_model_may_be_servers() {
    let solved = solve("terminals.jmva");
    assert_eq!(solved.method, "exact: convolution");
    let text = fs::read_to_string(folder().join("terminals.jmva")).expect("a file");
    let text = text
        .replace("<ldstation name=\"disks\" servers=\"1\">", "<listation name=\"disks\" servers=\"2\">")
        .replace("</ldstation>", "</listation>")
        .replace("0.5;0.25;0.25", "0.5")
        .replace("2.0;1.0;1.0", "2.0");
    let servers = solve_network(&parse_jmva("servers.jmva", &text).expect("no faults")).expect("an answer");
    for (one, other) in solved.classes.iter().zip(&servers.classes) {
        assert_near(one.throughput, other.throughput);
    }
}

/// A delay at the reference station is think time: the response time of a JMVA model is without it, the cycle with it.
#[test]
fn the_response_time_of_a_jmva_model_is_without_the_reference_delay() {
    let solved = solve("terminals.jmva");
    let (first, second) = (&solved.classes[0], &solved.classes[1]);
    assert_near(first.stations[0].residence_time, 8.0);
    assert_near(first.cycle_time.expect("closed"), first.response_time + 8.0);
    assert_near(first.throughput * first.cycle_time.expect("closed"), 8.0);
    assert_near(second.throughput * second.response_time, 1.0);
    let (_, stderr, code) = calc(&["terminals.jmva", "--format", "json"]);
    assert_eq!(
        stderr,
        format!(
            "note: class `first`: its reference station `terminals` is a delay and counts as think time: response_time {} is \
             without it, {} with it\n",
            first.response_time,
            first.cycle_time.expect("closed")
        )
    );
    assert_eq!(code, Some(0));
}

/// Open and closed classes at stations of several servers, exactly.
#[test]
fn a_mixed_network_may_have_several_servers() {
    let text = fs::read_to_string(folder().join("batch-and-web.toml")).expect("a file");
    let network = parse_network("one.toml", &text).expect("valid");
    let name = &network.stations[0].name;
    let wide = text.replace(&format!("[stations.{name}]"), &format!("[stations.{name}]\nservers = 3"));
    let wide = solve_network(&parse_network("three.toml", &wide).expect("valid")).expect("an answer");
    assert_eq!((wide.method, wide.exact), ("exact: convolution", true));
    let one = solve_network(&network).expect("an answer");
    for (wide, one) in wide.classes.iter().zip(&one.classes) {
        assert!(wide.response_time < one.response_time);
        let shares = wide.stations[0].utilization.expect("servers") / wide.throughput * one.throughput;
        assert_near(shares, one.stations[0].utilization.expect("servers") / 3.0);
    }
}

#[test]
fn the_command_writes_a_table_and_its_method() {
    let (stdout, stderr, code) = calc(&["three-tier.toml", "--format", "markdown"]);
    assert_eq!((stderr.as_str(), code), ("", Some(0)));
    assert_eq!(
        stdout,
        "| class | station | throughput | visits | utilization | mean_in_system | residence_time |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n\
         | read | balancer | 120 | 1 |  | 0.12 | 0.001 |\n\
         | read | app | 120 | 1 | 0.6 | 3.622641509433963 | 0.030188679245283023 |\n\
         | read | db | 60 | 0.5 | 0.15 | 0.4054601973239627 | 0.0033788349776996893 |\n\
         | read | all | 120 |  |  | 4.1481017067579256 | 0.03456751422298271 |\n\
         | write | balancer | 30 | 1 |  | 0.03 | 0.001 |\n\
         | write | app | 30 | 1 | 0.15 | 0.9056603773584907 | 0.030188679245283023 |\n\
         | write | db | 60 | 2 | 0.36 | 0.9731044735775104 | 0.03243681578591701 |\n\
         | write | all | 30 |  |  | 1.9087648509360011 | 0.06362549503120003 |\n\
         \nMethod: exact: open BCMP network, product form\n"
    );
}

#[test]
fn an_overloaded_station_is_named_and_ends_with_1() {
    let text = fs::read_to_string(folder().join("three-tier.toml")).expect("a file").replace("120/s", "400/s");
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    let (stdout, stderr, code) = calc(&[file.path().to_str().expect("a path")]);
    assert_eq!(stdout, "");
    assert_eq!(
        stderr,
        "error: station 1: offered load of 8.6 is too much for 4 servers; at least 9 are needed (station 1 is `app`)\n"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn words_that_are_no_file_are_refused() {
    assert_eq!(calc(&[]).1, "error: name the file: `capplan calc network FILE`\n");
    assert_eq!(calc(&["a", "b"]).1, "error: `network` takes one file; `b` is another\n");
    assert_eq!(
        calc(&["--servers", "3"]).1,
        "error: `network` has no `--servers`; it takes a file, `--format` and `--explain`\n"
    );
}

#[test]
fn figures_beyond_double_precision_are_refused() {
    let text = "network = 1\nname = \"slow\"\n[classes.all]\npopulation = 5\n[stations.one]\nservice_time = \"1e300 s\"\n\
                [stations.two]\nservice_time = \"1e300 s\"\n";
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    let (stdout, stderr, code) = calc(&[file.path().to_str().expect("a path")]);
    assert!(!stdout.contains("NaN") && !stdout.contains("inf"), "{stdout}");
    assert!(code == Some(0) || stderr.starts_with("error"), "{stdout}{stderr}");
}
