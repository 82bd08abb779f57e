//! Instance types: what the catalogue says, and what the file says instead.

use super::catalogue::{Catalogue, CatalogueEntry, catalogue_of};
use super::codes::Code;
use super::fields::{Basis, Fields, Notes, Read, Refused, check_type_name};
use super::keys::INSTANCE_TYPE;
use super::suggest::nearest;
use super::tree::{Origin, Table, Value, shorten};
use crate::model::InstanceType;
use capplan_queueing::units::{Bytes, Price, Servers};

/// The types of `[instance_types]`, in the order of the file.
#[derive(Debug, Default)]
pub struct OwnTypes(Vec<(String, Read<OwnType>)>);

#[derive(Debug, Clone, Copy)]
struct OwnType {
    servers: Option<u64>,
    speed: f64,
    memory: Option<f64>,
    price: Option<f64>,
}

impl OwnTypes {
    /// Reads the table.
    pub fn read(root: &Fields<'_>, notes: &mut Notes) -> Self {
        let Ok(Some((table, _))) = root.table("instance_types", notes) else { return Self::default() };
        let types = table.entries.iter().map(|entry| {
            let path = super::fields::join("instance_types", &entry.key);
            let Value::Table(values) = &entry.node.value else {
                let wrong = super::fields::Wrong::value(&entry.node, "a table");
                let refused = notes.fault(wrong.code, &entry.node.origin, &path, wrong.message, wrong.help);
                return (entry.key.clone(), Err(refused));
            };
            let named = check_type_name(&entry.key, &entry.key_origin, &path, notes);
            let read = read_own(&entry.key, values, path, entry.key_origin.clone(), notes);
            (entry.key.clone(), named.and(read))
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
        let price = own.and_then(|own| own.price).or(known.and_then(|known| known.usd_per_hour));
        let memory = own.and_then(|own| own.memory).or(known.map(memory_bytes)).unwrap_or(0.0);
        let servers = servers.or(own.and_then(|own| own.servers)).or(known.map(|known| known.vcpus));
        let Some(price) = price else {
            let engine = catalogue.engine().unwrap_or_default();
            let message = format!("the catalogue has no price of `{}` with the engine `{engine}`", shorten(name));
            let help = "choose another engine or type, or give its price under [instance_types]".to_owned();
            return Err(notes.fault(Code::UNKNOWN_INSTANCE_TYPE, origin, path, message, Some(help)));
        };
        if matches!(catalogue, Catalogue::Cache(_)) && memory <= 0.0 {
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
            memory: Bytes::new(memory).map_err(|_| Refused)?,
            price: Price::usd_per_hour(price).map_err(|_| Refused)?,
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

fn memory_bytes(entry: CatalogueEntry) -> f64 {
    entry.memory_gib * Bytes::GIB
}

/// The catalogue knows no speeds: every vCPU counts as one server of speed 1.
fn note_speed(notes: &mut Notes) {
    let path = "instance_types.*.speed";
    if notes.defaults.iter().all(|default| default.path != path) {
        let reason = "a vCPU of any type in the catalogue is one server; give `speed` where service times differ";
        notes.in_force(path.to_owned(), "1", Basis::Assumed, reason);
    }
}

fn read_own(name: &str, table: &Table, path: String, origin: Origin, notes: &mut Notes) -> Read<OwnType> {
    let fields = Fields::new(&INSTANCE_TYPE, Some(table), path, origin, notes);
    let servers = fields.count_if_set("servers", notes);
    let speed = fields.number("speed", notes);
    let memory = fields.number_if_set("memory", notes);
    let price = fields.number_if_set("price", notes);
    if catalogue_of(name).is_none() {
        let missing: Vec<_> = ["servers", "price"].into_iter().filter(|key| !fields.has(key)).collect();
        for key in &missing {
            fields.missing(key, notes);
        }
        if !missing.is_empty() {
            return Err(Refused);
        }
    }
    Ok(OwnType { servers: servers?, speed: speed?, memory: memory?, price: price? })
}
