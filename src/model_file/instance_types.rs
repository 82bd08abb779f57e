//! Instance types: what the catalogue says, and what the file says instead.

use super::catalogue::{Catalogue, catalogue_of};
use super::codes::Code;
use super::fields::Fields;
use super::keys::{Key, instance_type, root};
use super::notes::{Basis, Notes, Read, Refused};
use super::suggest::nearest;
use super::tree::{Origin, shorten};
use super::values::check_type_name;
use crate::model::InstanceType;
use capplan_queueing::units::{Bytes, Price, Servers};

/// The types of `[instance_types]`, in the order of the file.
#[derive(Debug, Default)]
pub struct OwnTypes(Vec<(String, Read<OwnType>)>);

#[derive(Debug, Clone, Copy)]
struct OwnType {
    servers: Option<u64>,
    speed: f64,
    memory: Option<Bytes>,
    price: Option<Price>,
}

impl OwnTypes {
    /// Reads the table.
    pub fn read(root: &Fields<'_>, notes: &mut Notes) -> Self {
        let Ok(Some(sections)) = root.sections(&root::INSTANCE_TYPES, notes) else { return Self::default() };
        let types = sections.iter().map(|(name, fields)| {
            let path = super::values::join(root::INSTANCE_TYPES.row.name, name);
            let named = check_type_name(name, fields.origin(), &path, notes);
            let read = read_own(name, fields, notes);
            ((*name).to_owned(), named.and(read))
        });
        Self(types.collect())
    }

    fn get(&self, name: &str) -> Option<Read<OwnType>> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, own)| *own)
    }

    /// The figures of a type as seen by a tier.
    ///
    /// `servers` is the tier's own figure, which stands above the type's.
    pub fn resolve(
        &self,
        name: &str,
        catalogue: Catalogue,
        servers: Option<u64>,
        at: (&Origin, &str),
        notes: &mut Notes,
    ) -> Read<InstanceType> {
        let (origin, path) = at;
        let own = self.get(name).transpose()?;
        let known = catalogue.get(name);
        if own.is_none() && known.is_none() {
            return Err(self.unknown(name, catalogue, origin, path, notes));
        }
        let listed_price = known.and_then(|known| known.usd_per_hour).map(Price::usd_per_hour).transpose();
        let price = own.and_then(|own| own.price).or(listed_price.map_err(|_| Refused)?);
        let listed_memory =
            Bytes::new(known.map_or(0.0, |known| known.memory_gib * Bytes::GIB)).map_err(|_| Refused)?;
        let memory = own.and_then(|own| own.memory).unwrap_or(listed_memory);
        let servers = servers.or(own.and_then(|own| own.servers)).or(known.map(|known| known.vcpus));
        let Some(price) = price else {
            let engine = catalogue.engine().unwrap_or_default();
            let message = format!("the catalogue has no price of `{}` with the engine `{engine}`", shorten(name));
            let help = "choose another engine or type, or give its price under [instance_types]".to_owned();
            return Err(notes.fault(Code::UNKNOWN_INSTANCE_TYPE, origin, path, message, Some(help)));
        };
        if matches!(catalogue, Catalogue::Cache(_)) && memory.get() <= 0.0 {
            let message =
                format!("the instance type `{}` has no `memory`, which the nodes of a cache need", shorten(name));
            return Err(notes.fault(Code::MISSING_KEY, origin, path, message, None));
        }
        if own.is_none() {
            note_speed(notes);
        }
        Ok(InstanceType {
            name: name.to_owned(),
            servers: servers.and_then(|servers| Servers::new(servers).ok()).ok_or(Refused)?,
            speed: own.map_or(1.0, |own| own.speed),
            memory,
            price,
        })
    }

    fn unknown(&self, name: &str, catalogue: Catalogue, origin: &Origin, path: &str, notes: &mut Notes) -> Refused {
        let shown = shorten(name);
        let noun = catalogue.noun();
        let message = match catalogue_of(name) {
            Some(other) if other.noun() == noun => {
                let engine = catalogue.engine().unwrap_or_default();
                let has = other.engine().unwrap_or_default();
                format!("the catalogue has `{shown}` with the engine `{has}`, not with `{engine}`")
            }
            Some(other) => format!("`{shown}` is an {}, where an {noun} is expected", other.noun()),
            None => format!("the catalogue has no {noun} `{shown}`"),
        };
        let names = self.0.iter().map(|(own, _)| own.as_str()).chain(catalogue.names());
        let own = "describe a type of your own under [instance_types]";
        let help = nearest(name, names).map_or(own.to_owned(), |near| format!("did you mean `{near}`? or {own}"));
        notes.fault(Code::UNKNOWN_INSTANCE_TYPE, origin, path, message, Some(help))
    }
}

/// The catalogue knows no speeds: every vCPU counts as one server of speed 1.
fn note_speed(notes: &mut Notes) {
    let path = "instance_types.*.speed";
    if notes.defaults.iter().all(|default| default.path != path) {
        let reason = "a vCPU of any type in the catalogue is one server; give `speed` where service times differ";
        notes.in_force(path.to_owned(), "1", Basis::Assumed, reason);
    }
}

fn read_own(name: &str, fields: &Fields<'_>, notes: &mut Notes) -> Read<OwnType> {
    let servers = fields.optional(&instance_type::SERVERS, notes);
    let speed = fields.get(&instance_type::SPEED, notes);
    let memory = fields.optional(&instance_type::MEMORY, notes);
    let price = fields.optional(&instance_type::PRICE, notes);
    if catalogue_of(name).is_none() {
        require(fields, &instance_type::SERVERS, notes).and(require(fields, &instance_type::PRICE, notes))?;
    }
    Ok(OwnType { servers: servers?, speed: speed?, memory: memory?, price: price? })
}

fn require<T>(fields: &Fields<'_>, key: &'static Key<T>, notes: &mut Notes) -> Read<()> {
    if fields.has(key) { Ok(()) } else { Err(fields.missing(key, notes)) }
}
