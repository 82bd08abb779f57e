/// The populations between nobody and everybody, in an order in which `n − e_r` comes before `n`.
///
/// The largest class varies slowest: whatever needs only `n − e_r` keeps one slab, the populations of the other
/// classes, and overwrites it in place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lattice {
    populations: Vec<usize>,
    outer: usize,
    /// The class that varies fastest: the last, or the one before if that is the outer one.
    inner: usize,
    /// Distance of `n` and `n − e_r`; that of the outer class is the size of the slab.
    strides: Vec<usize>,
    slab: usize,
}

/// A class in a population of the slab.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wave {
    /// Its jobs; 0 for the outer class.
    pub jobs: u32,
    /// The place of the population with one job fewer of it; its own for the outer class and one without jobs.
    pub fewer: u32,
}

/// A walk over a [`Lattice`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Walk<'a> {
    lattice: &'a Lattice,
    /// Jobs of each class here.
    pub jobs: Vec<usize>,
    /// Place in the whole lattice.
    pub index: usize,
    /// Place in the slab.
    pub slot: usize,
}

impl Lattice {
    pub(super) fn new(populations: &[usize]) -> Self {
        let mut outer = 0;
        for (class, jobs) in populations.iter().enumerate() {
            if *jobs > populations[outer] {
                outer = class;
            }
        }
        let mut strides = vec![1; populations.len()];
        let mut slab = 1;
        for (class, jobs) in populations.iter().enumerate().rev() {
            if class != outer {
                strides[class] = slab;
                slab *= jobs + 1;
            }
        }
        strides[outer] = slab;
        let last = populations.len().saturating_sub(1);
        let inner = if outer == last { last.saturating_sub(1) } else { last };
        Self { populations: populations.to_vec(), outer, inner, strides, slab }
    }

    /// Populations in one slab.
    pub(super) const fn slab(&self) -> usize {
        self.slab
    }

    /// Populations in all.
    pub(super) fn size(&self) -> usize {
        self.slab * (self.populations[self.outer] + 1)
    }

    /// Classes.
    pub(super) const fn classes(&self) -> usize {
        self.populations.len()
    }

    /// How far back `n − e_r` lies in the whole lattice.
    pub(super) fn stride(&self, class: usize) -> usize {
        self.strides[class]
    }

    /// How far back `n − e_r` lies in the slab: the outer class is overwritten in place.
    pub(super) fn slab_stride(&self, class: usize) -> usize {
        if class == self.outer { 0 } else { self.strides[class] }
    }

    /// The class that varies slowest.
    pub(super) const fn outer(&self) -> usize {
        self.outer
    }

    /// The classes of each population of the slab, ordered by the number of jobs: `n − e_r` comes before `n`, and
    /// populations of one number need only those of the number before.
    pub(super) fn waves(&self) -> Vec<Wave> {
        let inner = || (0..self.populations.len()).filter(|&class| class != self.outer);
        let jobs = |slot: usize, class: usize| slot / self.strides[class] % (self.populations[class] + 1);
        let mut slots: Vec<usize> = (0..self.slab).collect();
        slots.sort_by_cached_key(|&slot| inner().map(|class| jobs(slot, class)).sum::<usize>());
        let mut places = vec![0; self.slab];
        for (place, &slot) in (0..).zip(&slots) {
            places[slot] = place;
        }
        // Both numbers are below the limit of steps of an exact method, and that is near 2³².
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let mut waves = Vec::with_capacity(self.slab * self.populations.len());
        for &slot in &slots {
            waves.extend((0..self.populations.len()).map(|class| {
                let jobs = if class == self.outer { 0 } else { jobs(slot, class) };
                let fewer = if jobs == 0 { slot } else { slot - self.strides[class] };
                Wave { jobs: short(jobs), fewer: places[fewer] }
            }));
        }
        waves
    }

    /// Everybody.
    pub(super) fn everybody(&self) -> &[usize] {
        &self.populations
    }

    /// Begins at nobody.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { lattice: self, jobs: vec![0; self.populations.len()], index: 0, slot: 0 }
    }

    /// The class of which one job is missing, if that is all that is missing.
    pub(super) fn one_short(&self, jobs: &[usize]) -> Option<usize> {
        let mut short = None;
        for (class, (have, all)) in jobs.iter().zip(&self.populations).enumerate() {
            match all - have {
                0 => {}
                1 if short.is_none() => short = Some(class),
                _ => return None,
            }
        }
        short
    }
}

impl Walk<'_> {
    /// Goes to the next population; false after everybody.
    pub(super) fn advance(&mut self) -> bool {
        let lattice = self.lattice;
        self.index += 1;
        if self.jobs[lattice.inner] < lattice.populations[lattice.inner] && lattice.inner != lattice.outer {
            self.jobs[lattice.inner] += 1;
            self.slot += 1;
            return true;
        }
        self.carry()
    }

    /// Goes to the next population when the fastest class is complete.
    #[cold]
    fn carry(&mut self) -> bool {
        let lattice = self.lattice;
        for (class, jobs) in self.jobs.iter_mut().enumerate().rev() {
            if class == lattice.outer {
                continue;
            }
            if *jobs < lattice.populations[class] {
                *jobs += 1;
                self.slot += 1;
                return true;
            }
            *jobs = 0;
        }
        self.slot = 0;
        self.jobs[lattice.outer] += 1;
        self.jobs[lattice.outer] <= lattice.populations[lattice.outer]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_job_fewer_lies_a_stride_back() {
        let lattice = Lattice::new(&[2, 5, 3]);
        let mut walk = lattice.walk();
        let mut seen = vec![walk.jobs.clone()];
        while walk.advance() {
            for class in 0..3 {
                if walk.jobs[class] > 0 {
                    let mut fewer = walk.jobs.clone();
                    fewer[class] -= 1;
                    assert_eq!(seen[walk.index - lattice.stride(class)], fewer);
                }
            }
            assert_eq!(walk.slot, walk.index % lattice.slab());
            seen.push(walk.jobs.clone());
        }
        assert_eq!(seen.len(), lattice.size());
        assert_eq!(lattice.size(), 3 * 6 * 4);
        assert_eq!(lattice.one_short(&[2, 4, 3]), Some(1));
        assert_eq!(lattice.one_short(&[1, 4, 3]), None);
    }
}
