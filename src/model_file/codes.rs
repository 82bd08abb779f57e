//! The codes of everything that can be wrong with a model file, each with its long explanation.

use std::fmt;

/// The stable code of a kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CAP{:04}", self.0)
    }
}

macro_rules! codes {
    ($($name:ident = $number:literal, $title:literal, $text:literal;)*) => {
        impl Code {
            $(#[doc = $title] pub const $name: Self = Self($number);)*

            /// Every code in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What went wrong, in a few words.
            pub const fn title(self) -> &'static str {
                match self.0 { $($number => $title,)* _ => "" }
            }

            /// What the code means and what to do about it, in a few sentences.
            pub const fn explanation(self) -> &'static str {
                match self.0 { $($number => $text,)* _ => "" }
            }
        }
    };
}

codes! {
    SYNTAX = 101, "the file is not valid TOML",
        "The file breaks the syntax of TOML, so what stands there cannot be read. The most common cause is a quantity without \
quotes: a number with a unit is text in TOML, so write `think_time = \"20 s\"`, not `think_time = 20 s`. The rest of the \
file is still checked, except for keys that may be missing only because of the error.";
    UNKNOWN_KEY = 102, "no such key",
        "The section has no key of this name. A key that nobody reads would be a setting that silently does nothing, so it is \
refused. Look for a spelling mistake, for a key of another kind of tier, or for a key under the wrong section header: in \
TOML every key after `[tiers.app]` belongs to that table until the next header.";
    MISSING_KEY = 103, "a required key is missing",
        "The section needs this key and there is no sensible default for it: it is a fact about your system that nobody else \
can know. `capplan schema` lists which keys are required.";
    WRONG_TYPE = 104, "a value of the wrong type",
        "The key takes another type of value: for example a list where text stands, or text where a bare number is wanted. \
Quantities with units are text in quotes; counts and plain numbers stand without quotes.";
    BAD_QUANTITY = 105, "a quantity that cannot be read",
        "The value should be a number with a unit of the right kind. Durations: ns, us, ms, s, min, h, d, y (a year is 365 \
days). Data: B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024). Rates: /s, /min, /h, /d. Shares: \
99.95% or 0.9995. Money: USD. Prices: USD/h or USD/month (730 hours). A space before the unit, underscores between digits \
and exponents are welcome; a comma is not.";
    OUT_OF_RANGE = 106, "a value outside its limits",
        "The value can be read but the model cannot use it: a negative time, a share above 1, a number that is not finite, or \
a value so large that it is certainly a slip. The message names the limit.";
    UNKNOWN_WORD = 107, "a word that is not one of the choices",
        "The key takes one of a few words. The message lists them.";
    UNKNOWN_INSTANCE_TYPE = 108, "an instance type that is not in the catalogue",
        "The catalogue holds EC2 types for services, ElastiCache nodes (`cache.…`) for caches and RDS classes (`db.…`) for \
databases. Describe any other machine yourself: a table [instance_types.NAME] with `servers`, `price` and, for a cache, \
`memory` makes NAME usable like a type of the catalogue.";
    UNKNOWN_NAME = 109, "a name that nothing in the file has",
        "The value or key names a tier or a request class that the file does not define. Overrides can change and add keys of \
tiers and classes that the file has, but not add whole tiers or classes.";
    CONFLICT = 110, "keys that exclude or need each other",
        "Two keys say different things about the same fact, or one makes sense only together with another. A workload, for \
example, has either `users` with `think_time` (closed: people who wait for an answer before they ask again) or \
`arrival_rate` (open: requests that come whatever the response time), never both.";
    VERSION = 111, "another version of the file format",
        "The first key of a model file, `capplan = 1`, says which version of the format the file is written in. This program \
reads version 1.";
    BAD_PERCENTILE = 112, "a percentile that cannot be read",
        "Keys under `response_time` are percentiles: `p95`, `p99`, `p99_9` (an underscore is the decimal point; `\"p99.9\"` in \
quotes means the same). They lie above 0 and below 100.";
    BAD_OVERRIDE = 113, "an override that cannot be applied",
        "An override is the dotted path of a key and its value: `--set tiers.cache.memory=8GiB`. The path must lead through \
tables of the file; put a part that itself has dots in double quotes.";
    BAD_NAME = 114, "a name that cannot be used",
        "Names of systems, tiers and classes appear in file names, CSV columns and dotted paths, so they consist of letters, \
digits, `_` and `-` and begin with a letter or digit; they have at most 64 characters.";
    BAD_FILE = 115, "a file that cannot be used",
        "The value names a file, relative to the folder of the model file, that cannot be read or does not hold what is \
expected. A histogram is CSV with a line `object,count` or `rank,count` for each object, counts of at least 0.";
    NO_TIERS = 201, "a system without tiers",
        "A system needs at least one tier: a table [tiers.NAME] with its `kind`.";
    NO_CLASSES = 202, "a system without request classes",
        "The table `classes` is there but empty. Leave it out, and every request visits every tier once; or give a class.";
    SHARES_SUM = 203, "shares that do not sum to 1",
        "Each class has a share of all requests, so the shares of all classes sum to 1 (100 %).";
    EMPTY_COUNTS = 204, "a range of counts that holds nothing",
        "The least number of instances is above the largest, so a search would have nothing to choose from.";
    NO_VISITS = 205, "a class that visits nothing",
        "Requests of this class visit no tier, so they would be answered in no time by nobody. Give the class visits, or \
remove it.";
    UNVISITED = 206, "a tier that nothing visits",
        "No class visits this tier and no cache stands in front of it. It would cost money and do nothing, and a plan would \
be wrong about it. Add it to the `visits` of a class, or remove it.";
    BAD_BACKING = 207, "a cache in front of something that cannot answer a miss",
        "A look-up that misses goes on to the tier named by `in_front_of`. That tier must hold the data or compute it: a \
database, a service, object storage or a delay.";
    WRITES_ELSEWHERE = 208, "writes to something other than a database",
        "`writes` are visits that only the primary of a database can serve. Other tiers have no primary: give plain visits.";
    TOO_MANY_BRANCHES = 209, "more ways through the system than are followed",
        "The response time of a class is a mixture over all ways that a request may take: each fraction of a visit doubles \
them and each look-up in a cache multiplies them. Round visits to whole numbers, or split the class in two.";
    TOO_FEW_ZONES = 210, "zone redundancy in a single zone",
        "With `redundancy = \"zone\"` the objectives hold while any one zone is lost. That takes at least two zones.";
    REPEATED_OBJECTIVE = 211, "an objective given twice",
        "The same percentile is limited twice, for example as `p99_9` and as `\"p99.9\"`. Keep one.";
    NO_DATABASE_BELOW = 212, "connections to a database that is not there",
        "`connections` is the size of an instance's pool of connections to the first database after its tier in the file. \
Put the tables of tiers in the order in which a request goes through them, or remove the key.";
    SLOW_PROBE = 213, "a health check that waits longer than its interval",
        "The next probe would start before the last one has its verdict, which load balancers do not allow. Shorten \
`timeout` or lengthen `interval`.";
    WRONG_TIER = 214, "a scenario that cannot happen to its tier",
        "Caches are lost or cold, databases fail over, services are deployed, and instances of any tier that has them are \
lost. A lost zone, a spike and a retry storm happen to the whole system and take no `tier`.";
    MORE_SHARDS_THAN_NODES = 215, "more shards than nodes",
        "`shards` divides the objects of a cache, and each part needs a node of its own; nodes beyond that hold copies. Give \
at least as many `instances` and `max_instances` as shards.";
    BELOW_ONE_OBJECT = 216, "memory below one object",
        "The memory that a cache, or one of its nodes, has for data does not hold a single object with what the store adds \
to it, so no request could ever hit. Check the units of `memory`, `candidate_memory` and `object_size`.";
    PUBLIC_TIER = 217, "a tier in a public subnet",
        "Only load balancers and NAT gateways live in public subnets. Whatever serves or holds data lives in private ones, where \
the internet does not reach it: remove `placement`, or put a load balancer in front.";
    MORE_LOST_THAN_THERE_ARE = 218, "a scenario that loses more than there is",
        "A zone-lost loses at most all zones of the region, and that is the region itself; an instance-lost loses at most \
what its tier runs, or, where it names none, what the largest tier runs. Of a database it loses replicas: the primary is the \
scenario `db-failover`. Give a smaller number, or more zones, instances or replicas.";
    UNUSED_KEY = 219, "a key that this kind of scenario does not use",
        "A setting without effect would make you believe something that is not so, and is refused. `instances` belongs to \
instance-lost, `zones` to zone-lost, `factor` to spike and retry-storm, `batch` to deploy. `duration` belongs to all but \
deploy, which lasts as long as its batches, and cache-cold, which lasts until the cache is warm.";
}

impl Code {
    /// Finds a code by its name, such as `CAP0102`.
    ///
    /// # Examples
    ///
    /// ```
    /// use capplan::model_file::Code;
    ///
    /// assert_eq!(Code::find("cap0102"), Some(Code::UNKNOWN_KEY));
    /// assert_eq!(Code::find("CAP9999"), None);
    /// ```
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.to_string().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_explained() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        for code in Code::ALL {
            assert!(!code.title().is_empty(), "{code}");
            assert!(code.explanation().ends_with('.'), "{code}");
        }
    }
}
