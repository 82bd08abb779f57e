/// The load of each layer of a tier: the arrival rate as a share of the largest that the layer alone would carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerLoads {
    /// The servers (cores).
    pub servers: f64,
    /// The workers, each held during the service and the calls to tiers below; `None` if they are not limited.
    pub workers: Option<f64>,
    /// The connections to the database below; `None` if they are not limited.
    pub connections: Option<f64>,
}

/// A layer of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Cores.
    Servers,
    /// Threads or processes that handle requests.
    Workers,
    /// Connections to the database.
    Connections,
}

impl Layer {
    /// The name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Workers => "workers",
            Self::Connections => "connections",
        }
    }
}

impl LayerLoads {
    /// The layer that saturates first as the load grows; among equals the lower layer.
    pub fn first(&self) -> Layer {
        let (workers, connections) = (self.workers.unwrap_or(0.0), self.connections.unwrap_or(0.0));
        if connections > self.servers && connections > workers {
            Layer::Connections
        } else if workers > self.servers {
            Layer::Workers
        } else {
            Layer::Servers
        }
    }
}
