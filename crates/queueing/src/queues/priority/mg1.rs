use std::sync::Arc;

use super::PriorityClass;
use super::class_laws::ClassLaws;
use super::delay_cycle::{DelayCycle, Load};
use super::law::Law;
use super::means::stable_load;
use super::service::{Service, ServiceTransform};
use super::work::{Kind, Parts, WorkLaw};
use crate::queues::{Mg1, QueueError, ServiceShape};

/// Returns the laws of the classes of an M/G/1 queue with priorities; the first class is the most urgent.
///
/// Each service has the law that [`ServiceShape::TwoMoments`] stands for.
///
/// # Formula
///
/// With `z = s + λ_a − λ_a·η_a(s)`, `η_a` the busy period of the more urgent classes:
///
/// ```text
/// non-preemptive      W_k*(s) = ((1 − ρ)z + Σ_(j>k) λ_j(1 − B_j(z)))/(s − λ_k + λ_k·B_k(z)),   T_k*(s) = W_k*(s)·B_k(s)
/// preemptive-resume   T_k*(s) = (1 − σ_k)z/(s − λ_k + λ_k·B_k(z))·B_k(z)
/// ```
///
/// # Accuracy
///
/// As [`PriorityLaw`](super::PriorityLaw); the means are Cobham's.
///
/// # Errors
///
/// [`QueueError::Unstable`] when the classes together load the server fully, [`QueueError::Domain`] for a squared
/// coefficient of variation that is not between 0 and 1e12.
///
/// # References
///
/// [Takacs62](crate::references#takacs62), [Kleinrock76](crate::references#kleinrock76) ch. 3.
///
/// # Examples
///
/// ```
/// use capplan_queueing::queues::{PriorityClass, priority_laws_mg1};
/// use capplan_queueing::units::{ArrivalRate, Probability, Seconds};
///
/// let class = |rate, time| -> Result<PriorityClass, Box<dyn std::error::Error>> {
///     let (arrival_rate, service_time) = (ArrivalRate::new(rate)?, Seconds::new(time)?);
///     Ok(PriorityClass { arrival_rate, service_time, service_scv: 1.0 })
/// };
/// let laws = priority_laws_mg1(&[class(0.2, 1.0)?, class(0.3, 1.0)?])?;
/// // The most urgent jobs that interrupt have M/M/1 for themselves: an exponential time of rate 1 − 0.2.
/// let p99 = laws[0].preemptive_resume_sojourn.quantile(Probability::new(0.99)?)?;
/// assert!((p99 + 0.01_f64.ln() / 0.8).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn priority_laws_mg1(classes: &[PriorityClass]) -> Result<Vec<ClassLaws>, QueueError> {
    let total = stable_load(classes)?;
    let loads = classes
        .iter()
        .map(|class| {
            let service = Service::from_moments(class.service_time.get(), class.service_scv)?;
            Ok(Load { load: class.arrival_rate.get() * service.mean, service })
        })
        .collect::<Result<Vec<Load>, QueueError>>()?;
    let mut urgent: Vec<Load> = Vec::new();
    let (mut spare_before, mut load) = (1.0, 0.0);
    loads
        .iter()
        .zip(classes)
        .enumerate()
        .map(|(index, (own, class))| {
            let mut present = urgent.clone();
            Load::add(&mut present, own);
            let mut lower = Vec::new();
            for class in loads.iter().skip(index + 1) {
                Load::add(&mut lower, class);
            }
            let spare = spare_before - own.load;
            load += own.load;
            let parts = Parts {
                cycle: Arc::new(DelayCycle { urgent: urgent.clone(), spare: spare_before }),
                load: own.load,
                lower: Arc::from(lower),
                spare,
                total,
                own: own.service.clone(),
            };
            (urgent, spare_before) = (present, spare);
            let alone = parts.cycle.urgent.is_empty() && own.service.law == ServiceTransform::Constant;
            let station = if alone { Some(station_of(class)?) } else { None };
            let law = |kind| {
                let work = WorkLaw::new(parts.clone(), kind);
                match &station {
                    Some(station) if kind == Kind::Interrupted || parts.lower.is_empty() => {
                        Law::Constant { station: station.clone(), work }.into()
                    }
                    _ => Law::Work(work).into(),
                }
            };
            Ok(ClassLaws {
                service_time: own.service.mean,
                nonpreemptive_wait_probability: total,
                preemptive_wait_probability: load,
                nonpreemptive_wait: law(Kind::Wait),
                nonpreemptive_sojourn: law(Kind::Sojourn),
                preemptive_resume_sojourn: law(Kind::Interrupted),
            })
        })
        .collect()
}

/// The station of a class of constant service that is alone.
fn station_of(class: &PriorityClass) -> Result<Mg1, QueueError> {
    Mg1::new(class.arrival_rate, class.service_time, &ServiceShape::Deterministic)
}
