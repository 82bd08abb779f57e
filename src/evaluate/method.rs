/// The method of a figure, so that a report can say how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// M/M/c, exact for Poisson arrivals and exponential service.
    Mmc,
    /// M/G/c by two moments.
    Mgc,
    /// M/M/c with processor sharing: the law of the tagged job's chain.
    MmcPs,
    /// M/G/c with processor sharing: the mean exactly, percentiles by a tagged phase or a scale mixture.
    MgcPs,
    /// Requests by turns: `E_n/M/c`, exact for Poisson arrivals and exponential service.
    Turns,
    /// A routing policy's wait, scaled for other than exponential service.
    Balanced,
    /// Processor sharing at the load of which the mean is the routing policy's.
    BalancedPs,
    /// Workers or connections that are held, over the station's own method.
    Layered,
    /// Infinitely many servers: nobody waits.
    Delay,
}

impl Method {
    /// The name in a table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mmc => "M/M/c, exact",
            Self::Mgc => "M/G/c, interpolated between M/D/c and M/M/c",
            Self::MmcPs => "M/M/c processor sharing, exact",
            Self::MgcPs => "M/G/c processor sharing, tagged-phase or scale-mixture approximation",
            Self::Turns => "E_n/M/c, requests by turns, exact",
            Self::Balanced => "routing policy, approximate: its wait, scaled by that of M/G/c",
            Self::BalancedPs => "routing policy, approximate: processor sharing at the load of equal mean",
            Self::Layered => "layered: held workers or connections by flow equivalence",
            Self::Delay => "delay, exact",
        }
    }
}
