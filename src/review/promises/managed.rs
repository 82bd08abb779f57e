use crate::model::{Resource, System};
use capplan_queueing::availability::{CompositeSla, Structure, composite_sla, solve_structure};
use capplan_queueing::units::Probability;

/// What the managed services promise together.
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
pub(super) fn managed_promise(system: &System) -> Option<ManagedPromise> {
    let service = |(index, resource): (usize, &Resource)| match resource {
        Resource::Managed(managed) => Some((index, managed.availability.get())),
        Resource::Fleet(_) => None,
    };
    let services: Vec<(usize, f64)> =
        system.tiers().iter().map(|tier| &tier.resource).enumerate().filter_map(service).collect();
    let component = |&(index, availability): &(usize, f64)| {
        let unavailability = Probability::new(1.0 - availability).ok()?;
        Some(Structure::Component { name: system.tiers().get(index)?.name.clone(), unavailability })
    };
    let series = Structure::Series(services.iter().map(component).collect::<Option<_>>()?);
    Some(ManagedPromise {
        tiers: services.iter().map(|(index, _)| *index).collect(),
        // Of no service at all there is no answer.
        unavailability: solve_structure(&series).ok()?.unavailability,
        promise: system.objectives().availability.and_then(|promise| composite_sla(&series, promise).ok()),
    })
}
