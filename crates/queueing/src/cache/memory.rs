use super::CacheError;

/// What one cached object takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Bytes of its key.
    pub key_bytes: f64,
    /// Bytes of its value.
    pub value_bytes: f64,
    /// Bytes that the store adds: some 90 in Redis for a key that expires, 55 for one that does not, 56 in memcached.
    pub overhead_bytes: f64,
}

/// The memory of a cache of several nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Nodes.
    pub nodes: f64,
    /// Bytes of each.
    pub node_bytes: f64,
    /// Bytes of each that no object can use: the store itself, buffers.
    pub node_overhead_bytes: f64,
    /// Share of the rest that objects may use; what is kept back is for forks and replication.
    pub usable_share: f64,
    /// Bytes taken from the system for each byte used.
    pub fragmentation: f64,
}

impl Entry {
    /// Bytes of an object with all that belongs to it.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] for a size that is negative or endless, or three sizes of 0.
    pub fn bytes(&self) -> Result<f64, CacheError> {
        for (what, value) in [
            ("size of a key", self.key_bytes),
            ("size of a value", self.value_bytes),
            ("overhead of an object", self.overhead_bytes),
        ] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(CacheError::OutOfDomain { what, value, domain: "finite and at least 0" });
            }
        }
        let bytes = self.key_bytes + self.value_bytes + self.overhead_bytes;
        if bytes > 0.0 && bytes.is_finite() {
            Ok(bytes)
        } else {
            Err(CacheError::OutOfDomain { what: "size of an object", value: bytes, domain: "finite and above 0" })
        }
    }
}

impl Memory {
    /// Bytes of one node that objects can use.
    ///
    /// # Formula
    ///
    /// `(node − overhead)·usable share/fragmentation`, not below 0.
    ///
    /// # Errors
    ///
    /// [`CacheError::OutOfDomain`] for a figure outside its domain.
    pub fn usable_bytes_per_node(&self) -> Result<f64, CacheError> {
        let domains = [
            ("memory of a node", self.node_bytes, self.node_bytes >= 0.0, "finite and at least 0"),
            ("overhead of a node", self.node_overhead_bytes, self.node_overhead_bytes >= 0.0, "finite and at least 0"),
            (
                "usable share of the memory",
                self.usable_share,
                self.usable_share > 0.0 && self.usable_share <= 1.0,
                "above 0 and at most 1",
            ),
            ("fragmentation", self.fragmentation, self.fragmentation >= 1.0, "finite and at least 1"),
            ("number of nodes", self.nodes, self.nodes >= 1.0, "finite and at least 1"),
        ];
        for (what, value, accepted, domain) in domains {
            if !(accepted && value.is_finite()) {
                return Err(CacheError::OutOfDomain { what, value, domain });
            }
        }
        Ok((self.node_bytes - self.node_overhead_bytes).max(0.0) * self.usable_share / self.fragmentation)
    }

    /// Number of objects that fit into all nodes together; keys spread evenly.
    ///
    /// # Errors
    ///
    /// [`CacheError::BelowOneObject`] if not even one fits, [`CacheError::OutOfDomain`] for a figure outside its
    /// domain.
    pub fn objects(&self, entry: &Entry) -> Result<f64, CacheError> {
        let (usable, bytes) = (self.usable_bytes_per_node()?, entry.bytes()?);
        let objects = self.nodes * (usable / bytes).floor();
        if objects >= 1.0 && objects.is_finite() {
            Ok(objects)
        } else {
            Err(CacheError::BelowOneObject { usable_bytes: usable, object_bytes: bytes })
        }
    }

    /// Least number of such nodes that hold so many objects.
    ///
    /// # Errors
    ///
    /// As [`Memory::objects`].
    pub fn nodes_for(&self, objects: f64, entry: &Entry) -> Result<f64, CacheError> {
        let one = Self { nodes: 1.0, ..*self }.objects(entry)?;
        Ok((objects / one).ceil().max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Entry = Entry { key_bytes: 40.0, value_bytes: 870.0, overhead_bytes: 90.0 };

    fn memory(node_bytes: f64) -> Memory {
        Memory { nodes: 3.0, node_bytes, node_overhead_bytes: 1000.0, usable_share: 0.75, fragmentation: 1.5 }
    }

    #[test]
    fn whole_objects_of_each_node_are_counted() {
        // (8500 − 1000)·0.75/1.5 = 3750 bytes hold three objects of 1000.
        assert_eq!(memory(8500.0).objects(&ENTRY), Ok(9.0));
        assert_eq!(memory(8500.0).nodes_for(10.0, &ENTRY), Ok(4.0));
        assert_eq!(memory(8500.0).nodes_for(0.0, &ENTRY), Ok(1.0));
    }

    #[test]
    fn memory_below_one_object_is_refused() {
        assert_eq!(
            memory(2900.0).objects(&ENTRY).expect_err("refused").to_string(),
            "usable memory of 950 bytes a node holds no object of 1000 bytes; give larger nodes or smaller objects"
        );
        assert!(memory(10.0).objects(&ENTRY).is_err());
    }

    #[test]
    fn impossible_figures_are_refused() {
        let share = Memory { usable_share: 0.0, ..memory(1e4) };
        assert_eq!(
            share.objects(&ENTRY).expect_err("refused").to_string(),
            "usable share of the memory of 0 is not above 0 and at most 1"
        );
        let nothing = Entry { key_bytes: 0.0, value_bytes: 0.0, overhead_bytes: 0.0 };
        assert_eq!(
            memory(1e4).objects(&nothing).expect_err("refused").to_string(),
            "size of an object of 0 is not finite and above 0"
        );
        let negative = Entry { value_bytes: -1.0, ..ENTRY };
        assert_eq!(
            negative.bytes().expect_err("refused").to_string(),
            "size of a value of -1 is not finite and at least 0"
        );
    }
}
