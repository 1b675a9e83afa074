//! A bounded cache. No file access in here.

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// Values up to a sum of memory; when it is full it begins anew.
pub(super) struct Cache<K, V> {
    values: HashMap<K, Rc<V>>,
    memory: u64,
    most: u64,
}

impl<K: Eq + Hash, V> Cache<K, V> {
    /// What an entry takes besides its value.
    const OVERHEAD: u64 = 128;

    pub(super) fn new(most: u64) -> Self {
        Self { values: HashMap::new(), memory: 0, most }
    }

    pub(super) fn get(&self, key: &K) -> Option<Rc<V>> {
        self.values.get(key).map(Rc::clone)
    }

    pub(super) fn put(&mut self, key: K, value: &Rc<V>, memory: u64) {
        let memory = memory.saturating_add(Self::OVERHEAD);
        if self.memory.saturating_add(memory) > self.most {
            self.values.clear();
            self.memory = 0;
        }
        self.memory = self.memory.saturating_add(memory);
        self.values.insert(key, Rc::clone(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_when_the_cache_is_full() {
        let mut cache: Cache<u32, u32> = Cache::new(1_000);
        for number in 0..100 {
            cache.put(number, &Rc::new(number), 100);
            assert!(cache.values.len() < 10);
        }
        assert!(cache.get(&99).is_some());
    }
}
