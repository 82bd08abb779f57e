use crate::model::{Resource, System};
use capplan_queueing::availability::{CompositeSla, Structure, composite_sla, solve_structure};
use capplan_queueing::units::Probability;

/// Joint promise of the managed services.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedPromise {
    /// Indices of their tiers.
    pub tiers: Vec<usize>,
    /// Share of time in which one of them may be down.
    pub unavailability: f64,
    /// What that leaves of the promised availability; `None` where none is promised.
    pub promise: Option<CompositeSla>,
}

/// The promises of the managed services in series; `None` where there is no such service.
pub(super) fn managed_promise(system: &System) -> Result<Option<ManagedPromise>, capplan_queueing::Error> {
    let (mut tiers, mut components) = (Vec::new(), Vec::new());
    for (index, tier) in system.tiers().iter().enumerate() {
        if let Resource::Managed(managed) = &tier.resource {
            let unavailability = Probability::new(1.0 - managed.availability.get())?;
            tiers.push(index);
            components.push(Structure::Component { name: tier.name.clone(), unavailability });
        }
    }
    if tiers.is_empty() {
        return Ok(None);
    }
    let series = Structure::Series(components);
    let promise = system.objectives().availability.map(|promise| composite_sla(&series, promise)).transpose()?;
    Ok(Some(ManagedPromise { tiers, unavailability: solve_structure(&series)?.unavailability, promise }))
}
