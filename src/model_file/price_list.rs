//! Tariffs of AWS load balancers and the time that they add to a request, from the tables in `data/aws`.

use std::sync::LazyLock;

use super::data_table::DataTable;
use crate::model::{BalancerKind, BalancerTariff};

/// A load balancer of the price list.
#[derive(Debug, Clone, Copy)]
pub struct ListedBalancer {
    /// Capacity units and prices.
    pub tariff: BalancerTariff,
    /// Time that it adds to a request, in seconds.
    pub fixed_time: f64,
}

/// The load balancers in the order of [`BalancerKind`]; a test checks that the tables have every figure.
static BALANCERS: LazyLock<[Option<ListedBalancer>; 3]> = LazyLock::new(|| {
    let services = DataTable::read(include_str!("../../data/aws/managed_services.csv"));
    let latencies = DataTable::read(include_str!("../../data/aws/latencies.csv"));
    let service = |name: &str, item: &str| services.figure(name, item, "value");
    let listed = |name: &str, unit: &str, carried: [&str; 3], rules, cross_zone_price: Option<f64>| {
        let [new_connections, active_connections, gigabytes] = carried.map(|item| service(name, item));
        Some(ListedBalancer {
            tariff: BalancerTariff {
                new_connections: new_connections?,
                active_connections: active_connections?,
                gigabytes: gigabytes?,
                rules,
                unit_price: service(name, unit)?,
                cross_zone_price: cross_zone_price?,
            },
            fixed_time: latencies.figure(name, "added_latency", "typical_ms")? / 1e3,
        })
    };
    // A GB between zones is charged on both sides.
    let crossing = service("data_transfer", "cross_az_each_direction").map(|price| 2.0 * price);
    let (rules, free) = (service("alb", "lcu_rule_evaluations"), service("alb", "cross_zone_transfer"));
    let application = ["lcu_new_connections", "lcu_active_connections", "lcu_processed_bytes"];
    let network = ["nlcu_tcp_new_flows", "nlcu_tcp_active_flows", "nlcu_tcp_bytes"];
    let network_tls = ["nlcu_tls_new_flows", "nlcu_tls_active_flows", "nlcu_tcp_bytes"];
    [
        listed("alb", "lcu_hour", application, rules, free),
        listed("nlb", "nlcu_hour", network, None, crossing),
        listed("nlb", "nlcu_hour", network_tls, None, crossing),
    ]
});

/// The figures of a kind of load balancer.
pub fn balancer(kind: BalancerKind) -> Option<ListedBalancer> {
    let [application, network, network_tls] = *BALANCERS;
    match kind {
        BalancerKind::Application => application,
        BalancerKind::Network => network,
        BalancerKind::NetworkTls => network_tls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_file::keys::tiers::{database, dns, load_balancer, object_storage};
    use crate::model_file::keys::{Need, Row, health_check, network, scaling};
    use crate::model_file::values::measure_text;

    /// Rows of a table that a default comes from: the row, the figure's name, how much of it, and its unit.
    type Listed = (Row, [&'static str; 2], f64, &'static str);

    fn assert_listed(text: &str, column: &str, defaults: &[Listed]) {
        let table = DataTable::read(text);
        for (row, [name, item], factor, unit) in defaults {
            let place = format!("{} {name} {item}", row.name);
            let (Need::Published(default, _) | Need::Assumed(default, _)) = row.need else { panic!("{place}") };
            let listed = factor * table.figure(name, item, column).unwrap_or_else(|| panic!("{place}"));
            let read = |text: &str| measure_text(&row.shape, text).unwrap_or_else(|| panic!("{place}: {text}"));
            let (default, listed) = (read(default), read(&format!("{listed} {unit}")));
            assert!((default - listed).abs() <= 1e-12 * listed, "{place}: {default} {listed}");
        }
    }

    /// Defaults are typed in the unit that one would use; the tables hold the same figures with their sources.
    #[test]
    fn defaults_are_the_figures_of_the_tables() {
        let services = [
            (dns::PRICE.row, ["route53", "hosted_zone"], 1.0, "USD/month"),
            (dns::PRICE_PER_MILLION.row, ["route53", "standard_queries_first_1b"], 1.0, "USD"),
            (load_balancer::PRICE.row, ["alb", "load_balancer_hour"], 1.0, "USD/h"),
            (load_balancer::CONNECTION_TIME.row, ["alb", "idle_timeout_default"], 1.0, "s"),
            (object_storage::PRICE_PER_MILLION.row, ["s3", "get_select"], 1000.0, "USD"),
            (object_storage::STORAGE_PRICE.row, ["s3", "storage_standard_first_50tb"], 1.0, "USD"),
            (object_storage::REQUESTS_PER_PREFIX.row, ["s3", "get_rate_per_prefix"], 1.0, "/s"),
            (object_storage::EGRESS_PRICE.row, ["data_transfer", "internet_out_first_10tb"], 1.0, "USD"),
            (network::CROSS_ZONE_PRICE.row, ["data_transfer", "cross_az_each_direction"], 2.0, "USD"),
            (network::NAT_PRICE.row, ["nat_gateway", "gateway_hour"], 1.0, "USD/h"),
            (network::NAT_DATA_PRICE.row, ["nat_gateway", "data_processed"], 1.0, "USD"),
            (database::IOPS_LIMIT.row, ["ebs", "gp3_iops_included"], 1.0, "/s"),
            (database::THROUGHPUT_LIMIT.row, ["ebs", "gp3_throughput_included"], 1.0, "MiB/s"),
        ];
        assert_listed(include_str!("../../data/aws/managed_services.csv"), "value", &services);
        let latencies = [
            (network::ROUND_TRIP_IN_ZONE.row, ["network", "rtt_same_az"], 1.0, "ms"),
            (network::ROUND_TRIP_ACROSS_ZONES.row, ["network", "rtt_cross_az"], 1.0, "ms"),
            (dns::LOOKUP_TIME.row, ["dns", "route53_uncached_lookup"], 1.0, "ms"),
            (object_storage::SERVICE_TIME.row, ["s3", "get_first_byte"], 1.0, "ms"),
            (database::REPLICATION_LAG.row, ["aurora", "replica_lag"], 1.0, "ms"),
        ];
        assert_listed(include_str!("../../data/aws/latencies.csv"), "typical_ms", &latencies);
        let timings = [
            (database::FAILOVER_TIME.row, ["rds", "multi_az_instance_failover"], 1.0, "s"),
            (database::MTTR.row, ["rds", "single_az_recovery"], 1.0, "s"),
            (scaling::ALARM_TIME.row, ["asg", "target_tracking_scale_out_alarm"], 1.0, "s"),
            (health_check::INTERVAL.row, ["alb", "health_check_interval"], 1.0, "s"),
        ];
        assert_listed(include_str!("../../data/aws/timings.csv"), "typical_s", &timings);
        let slas = [
            (dns::AVAILABILITY.row, ["route53", "hosted zone (authoritative DNS)"], 1.0, "%"),
            (load_balancer::AVAILABILITY.row, ["elb", "ALB/NLB/CLB in 2 or more AZs"], 1.0, "%"),
        ];
        assert_listed(include_str!("../../data/aws/service_slas.csv"), "uptime_pct", &slas);
    }

    #[test]
    fn every_load_balancer_is_listed() {
        for kind in [BalancerKind::Application, BalancerKind::Network, BalancerKind::NetworkTls] {
            let listed = balancer(kind).expect("every figure");
            assert_eq!(listed.tariff.rules.is_some(), kind == BalancerKind::Application, "{kind:?}");
        }
    }

    /// A table that nobody reads would be a second source for a figure.
    #[test]
    fn every_table_of_the_data_is_named_here_or_in_the_catalogue() {
        let source = [include_str!("price_list.rs"), include_str!("catalogue.rs")].concat();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/aws");
        let mut tables = 0;
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "csv") {
                let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
                assert!(source.contains(&format!("data/aws/{name}")), "{name}");
                tables += 1;
            }
        }
        assert_eq!(tables, 7);
    }
}
