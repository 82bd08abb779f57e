//! Reads tiers without instances of their own: DNS, object storage and fixed delays.

use crate::model::{Managed, ObjectReads, UsagePricing};
use crate::model_file::codes::Code;
use crate::model_file::fields::Fields;
use crate::model_file::keys::tiers::{delay, dns, object_storage, shared};
use crate::model_file::notes::{Notes, Read, Refused};
use capplan_queueing::units::Seconds;

/// Reads a `dns` tier.
pub fn read_dns(fields: &Fields<'_>, notes: &mut Notes) -> Read<Managed> {
    let fixed_time = fields.get(&dns::LOOKUP_TIME, notes);
    let availability = fields.get(&dns::AVAILABILITY, notes);
    let fixed = fields.get(&dns::PRICE, notes);
    let per_million = fields.get(&dns::PRICE_PER_MILLION, notes);
    Ok(Managed {
        service_time: Seconds::ZERO,
        service_scv: 1.0,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing { fixed: fixed?, usd_per_million_visits: per_million?, ..UsagePricing::default() },
        balancer: None,
    })
}

/// Reads an `object_storage` tier.
pub fn read_object_storage(fields: &Fields<'_>, notes: &mut Notes) -> Read<Managed> {
    let service_time = fields.get(&object_storage::SERVICE_TIME, notes);
    let service_scv = fields.get(&shared::SERVICE_SCV, notes);
    let availability = fields.get(&object_storage::AVAILABILITY, notes);
    let usd_per_million_requests = fields.get(&object_storage::PRICE_PER_MILLION, notes);
    let stored = fields.get(&object_storage::STORED, notes);
    let usd_per_gb_month = fields.get(&object_storage::STORAGE_PRICE, notes);
    let object_size = fields.get(&object_storage::OBJECT_SIZE, notes);
    let transfer_rate = fields.get(&object_storage::TRANSFER_RATE, notes);
    let requests_per_prefix = fields.get(&object_storage::REQUESTS_PER_PREFIX, notes);
    let prefixes = fields.optional(&object_storage::PREFIXES, notes);
    let egress_share = fields.get(&object_storage::EGRESS_SHARE, notes);
    let egress_price = fields.get(&object_storage::EGRESS_PRICE, notes);
    let reads = ObjectReads {
        object_size: object_size?,
        transfer_rate: transfer_rate?,
        usd_per_million_requests: usd_per_million_requests?,
        egress_share: egress_share?,
        usd_per_gb_to_internet: egress_price?,
    };
    let requests_per_prefix = requests_per_prefix?;
    // Each factor has its limits, but their product may still be no price.
    let storage = UsagePricing::storage(stored?, usd_per_gb_month?)
        .map_err(|error| fields.fault(&object_storage::STORED, Code::OUT_OF_RANGE, error.to_string(), None, notes));
    Ok(Managed {
        service_time: service_time?,
        service_scv: service_scv?,
        fixed_time: reads.transfer_time().map_err(|_| Refused)?,
        availability: availability?,
        request_limit: prefixes?.map(|prefixes| requests_per_prefix * f64::from(prefixes)),
        pricing: UsagePricing {
            fixed: storage?,
            usd_per_million_visits: reads.usd_per_million(),
            ..UsagePricing::default()
        },
        balancer: None,
    })
}

/// Reads a `delay` tier.
pub fn read_delay(fields: &Fields<'_>, notes: &mut Notes) -> Read<Managed> {
    let service_time = fields.get(&delay::SERVICE_TIME, notes);
    let service_scv = fields.get(&shared::SERVICE_SCV, notes);
    let fixed_time = fields.get(&delay::FIXED_TIME, notes);
    let availability = fields.get(&delay::AVAILABILITY, notes);
    Ok(Managed {
        service_time: service_time?,
        service_scv: service_scv?,
        fixed_time: fixed_time?,
        availability: availability?,
        request_limit: None,
        pricing: UsagePricing::default(),
        balancer: None,
    })
}
