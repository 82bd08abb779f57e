//! What the catalogue of instance types knows: vCPUs, memory and price.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::data_table::DataTable;

/// Where a tier's instance types are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Catalogue {
    /// EC2 types.
    Ec2,
    /// `ElastiCache` nodes with the price of an engine.
    Cache(CacheEngine),
    /// RDS classes with the price of an engine.
    Database(DatabaseEngine),
}

/// Engines of a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheEngine {
    /// Redis OSS.
    Redis,
    /// Valkey.
    Valkey,
}

/// Engines of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseEngine {
    /// RDS for `PostgreSQL`.
    Postgres,
    /// RDS for `MySQL`.
    Mysql,
    /// Aurora.
    Aurora,
}

/// The figures of a type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CatalogueEntry {
    /// Virtual processors.
    pub vcpus: u64,
    /// Memory; for a cache node what the engine may use before anything is reserved.
    pub memory_gib: f64,
    /// Price of an instance in one zone; absent if the engine does not run on the type.
    pub usd_per_hour: Option<f64>,
}

impl Catalogue {
    /// What its members are called, the engine's name if there are several, and the members.
    const fn listing(self) -> (&'static str, Option<&'static str>, &'static LazyLock<Types>) {
        match self {
            Self::Ec2 => ("EC2 type", None, &EC2),
            Self::Cache(CacheEngine::Redis) => ("ElastiCache node", Some("redis"), &REDIS),
            Self::Cache(CacheEngine::Valkey) => ("ElastiCache node", Some("valkey"), &VALKEY),
            Self::Database(DatabaseEngine::Postgres) => ("RDS class", Some("postgres"), &POSTGRES),
            Self::Database(DatabaseEngine::Mysql) => ("RDS class", Some("mysql"), &MYSQL),
            Self::Database(DatabaseEngine::Aurora) => ("RDS class", Some("aurora"), &AURORA),
        }
    }

    /// What its members are called.
    pub const fn noun(self) -> &'static str {
        self.listing().0
    }

    /// The engine's name, if there are several.
    pub const fn engine(self) -> Option<&'static str> {
        self.listing().1
    }

    /// The figures of a type.
    pub fn get(self, name: &str) -> Option<CatalogueEntry> {
        self.listing().2.get(name).copied()
    }

    /// The names of all types.
    pub fn names<'a>(self) -> impl Iterator<Item = &'a str> {
        self.listing().2.keys().map(String::as_str)
    }
}

/// Every catalogue, the default engine of each service first.
pub const ALL: [Catalogue; 6] = [
    Catalogue::Ec2,
    Catalogue::Cache(CacheEngine::Redis),
    Catalogue::Cache(CacheEngine::Valkey),
    Catalogue::Database(DatabaseEngine::Postgres),
    Catalogue::Database(DatabaseEngine::Mysql),
    Catalogue::Database(DatabaseEngine::Aurora),
];

/// The catalogue that has a type, whatever the engine.
pub fn catalogue_of(name: &str) -> Option<Catalogue> {
    ALL.into_iter().find(|catalogue| catalogue.get(name).is_some())
}

type Types = BTreeMap<String, CatalogueEntry>;

// Each table is read once and only if a tier asks for it.
static EC2: LazyLock<Types> =
    LazyLock::new(|| read(include_str!("../../data/aws/ec2_instances.csv"), "price_usd_hour", None));
static REDIS: LazyLock<Types> =
    LazyLock::new(|| read(include_str!("../../data/aws/elasticache_nodes.csv"), "price_redis_usd_hour", None));
static VALKEY: LazyLock<Types> =
    LazyLock::new(|| read(include_str!("../../data/aws/elasticache_nodes.csv"), "price_valkey_usd_hour", None));
static POSTGRES: LazyLock<Types> = LazyLock::new(|| read_rds("postgres"));
static MYSQL: LazyLock<Types> = LazyLock::new(|| read_rds("mysql"));
static AURORA: LazyLock<Types> = LazyLock::new(|| read_rds("aurora"));

fn read_rds(engine: &str) -> Types {
    read(include_str!("../../data/aws/rds_instances.csv"), "price_single_az_usd_hour", Some(engine))
}

/// Reads the rows of one table, for one engine if it has several. A row without vCPUs or memory is left out; a test
/// checks that there is none.
fn read(text: &str, price_column: &str, engine: Option<&str>) -> Types {
    let table = DataTable::read(text);
    let of_engine = table.rows().filter(|cell| engine.is_none() || cell("engine") == engine);
    let types = of_engine.filter_map(|cell| {
        let entry = CatalogueEntry {
            vcpus: cell("vcpu")?.parse().ok()?,
            memory_gib: cell("memory_gib")?.parse().ok()?,
            usd_per_hour: cell(price_column)?.parse().ok(),
        };
        Some((cell("name")?.to_owned(), entry))
    });
    types.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_data_is_in_the_catalogue() {
        assert_eq!(EC2.len(), 454);
        assert_eq!(REDIS.len(), 73);
        assert_eq!(VALKEY.len(), 73);
        assert_eq!(POSTGRES.len() + MYSQL.len() + AURORA.len(), 174);
    }

    #[test]
    fn known_types_have_their_published_figures() {
        let m7g = Catalogue::Ec2.get("m7g.large").expect("known");
        assert_eq!(m7g, CatalogueEntry { vcpus: 2, memory_gib: 8.0, usd_per_hour: Some(0.0816) });
        let cache = Catalogue::Cache(CacheEngine::Redis).get("cache.r7g.large").expect("known");
        assert_eq!(cache, CatalogueEntry { vcpus: 2, memory_gib: 13.073, usd_per_hour: Some(0.219) });
        let db = Catalogue::Database(DatabaseEngine::Mysql).get("db.m6g.large").expect("known");
        assert_eq!(db, CatalogueEntry { vcpus: 2, memory_gib: 8.0, usd_per_hour: Some(0.152) });
    }

    #[test]
    fn newest_nodes_have_a_price_for_valkey_only() {
        assert_eq!(Catalogue::Cache(CacheEngine::Redis).get("cache.m8g.large").expect("known").usd_per_hour, None);
        assert!(Catalogue::Cache(CacheEngine::Valkey).get("cache.m8g.large").expect("known").usd_per_hour.is_some());
    }

    #[test]
    fn every_entry_can_be_an_instance_type() {
        for catalogue in ALL {
            for name in catalogue.names() {
                let entry = catalogue.get(name).expect("listed");
                assert!(entry.vcpus >= 1 && entry.memory_gib > 0.0, "{name}");
                assert!(entry.usd_per_hour.is_none_or(|price| price > 0.0 && price < 1e4), "{name}");
            }
        }
    }
}
