//! What AWS charges for a load balancer and how much time it adds, from the tables in `data/aws`.

use std::sync::LazyLock;

use crate::model::{BalancerKind, BalancerTariff};

/// A load balancer of the price list.
#[derive(Debug, Clone, Copy)]
pub struct ListedBalancer {
    /// Its tariff.
    pub tariff: BalancerTariff,
    /// Time that it adds to a request, in seconds.
    pub fixed_time: f64,
}

/// The load balancers in the order of [`BalancerKind`]; a test checks that the tables have every figure.
static BALANCERS: LazyLock<[Option<ListedBalancer>; 3]> = LazyLock::new(|| {
    let services = rows(include_str!("../../data/aws/managed_services.csv"));
    let latencies = rows(include_str!("../../data/aws/latencies.csv"));
    let service = |name: &str, item: &str| figure(&services, name, item, "value");
    let fixed_time = |name: &str| Some(figure(&latencies, name, "added_latency", "typical_ms")? / 1e3);
    // A GB between zones is charged on both sides.
    let cross_zone_price = || Some(2.0 * service("data_transfer", "cross_az_each_direction")?);
    let network = |flows: &str| {
        Some(ListedBalancer {
            tariff: BalancerTariff {
                new_connections: service("nlb", &format!("nlcu_{flows}_new_flows"))?,
                active_connections: service("nlb", &format!("nlcu_{flows}_active_flows"))?,
                gigabytes: service("nlb", "nlcu_tcp_bytes")?,
                rules: None,
                unit_price: service("nlb", "nlcu_hour")?,
                cross_zone_price: cross_zone_price()?,
            },
            fixed_time: fixed_time("nlb")?,
        })
    };
    let application = || {
        Some(ListedBalancer {
            tariff: BalancerTariff {
                new_connections: service("alb", "lcu_new_connections")?,
                active_connections: service("alb", "lcu_active_connections")?,
                gigabytes: service("alb", "lcu_processed_bytes")?,
                rules: Some(service("alb", "lcu_rule_evaluations")?),
                unit_price: service("alb", "lcu_hour")?,
                cross_zone_price: service("alb", "cross_zone_transfer")?,
            },
            fixed_time: fixed_time("alb")?,
        })
    };
    [application(), network("tcp"), network("tls")]
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

type Rows = Vec<csv::StringRecord>;

/// The records of a table, its header first.
fn rows(text: &str) -> Rows {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .into_records()
        .filter_map(Result::ok)
        .collect()
}

/// The figure of the row that begins with these two cells.
fn figure(rows: &Rows, name: &str, item: &str, column: &str) -> Option<f64> {
    let column = rows.first()?.iter().position(|header| header == column)?;
    let row = rows.iter().find(|row| row.get(0) == Some(name) && row.get(1) == Some(item))?;
    row.get(column)?.parse().ok()
}
