use crate::units::{Erlangs, Servers, Shown};

/// Why a station has no answer.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum QueueError {
    /// Work arrives as fast as it can be done, or faster: the queue grows without end.
    #[error(
        "offered load of {} is too much for {}; at least {} are needed",
        Shown(offered_load.get()),
        counted(servers.get()),
        Shown(offered_load.get().floor() + 1.0)
    )]
    Unstable {
        /// Offered load.
        offered_load: Erlangs,
        /// Servers that should carry it.
        servers: Servers,
    },
    /// A parameter outside the domain of the formula.
    #[error("{parameter} of {} is not {domain}", Shown(*value))]
    Domain {
        /// Name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        domain: &'static str,
    },
    /// A figure that is above 0 and below the smallest double that has all its digits.
    #[error("{figure} is below 2.2e-308, where double precision ends{}", with_logarithm(*.logarithm))]
    BelowDouble {
        /// What it is called.
        figure: &'static str,
        /// Its natural logarithm, where that is known.
        logarithm: Option<f64>,
    },
}

impl QueueError {
    /// Returns a figure that is known to be above 0, or that it is below the doubles.
    pub(in crate::queues) fn unless_below_double(
        figure: &'static str,
        value: f64,
        logarithm: impl FnOnce() -> Option<f64>,
    ) -> Result<f64, Self> {
        if value < f64::MIN_POSITIVE { Err(Self::BelowDouble { figure, logarithm: logarithm() }) } else { Ok(value) }
    }

    /// Returns 0 for a figure below the doubles, which changes no sum: `tail.or_else(QueueError::zero_below_double)`.
    ///
    /// # Errors
    ///
    /// Any other error is itself.
    pub fn zero_below_double(self) -> Result<f64, Self> {
        if matches!(self, Self::BelowDouble { .. }) { Ok(0.0) } else { Err(self) }
    }
}

fn with_logarithm(logarithm: Option<f64>) -> String {
    logarithm.map_or_else(String::new, |value| format!("; its natural logarithm is {value:.4}"))
}

fn counted(servers: u64) -> String {
    if servers == 1 { "1 server".to_owned() } else { format!("{servers} servers") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unstable(offered_load: f64, servers: u64) -> String {
        let offered_load = Erlangs::new(offered_load).expect("a load");
        QueueError::Unstable { offered_load, servers: Servers::new(servers).expect("a count") }.to_string()
    }

    #[test]
    fn one_server_is_one_and_a_huge_load_stays_short() {
        assert_eq!(unstable(1.25, 1), "offered load of 1.25 is too much for 1 server; at least 2 are needed");
        assert_eq!(unstable(1e300, 2), "offered load of 1e300 is too much for 2 servers; at least 1e300 are needed");
    }
}
