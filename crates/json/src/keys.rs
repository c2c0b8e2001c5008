//! Duplicate keys.

use std::borrow::Cow;
use std::collections::BinaryHeap;

/// The items in their order. A heap sorts as fast as the standard sort for this purpose, and takes 3 to 5 KB less of the
/// module for each type.
pub fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    BinaryHeap::from_iter(items).into_sorted_vec()
}

/// The keys of one object that were read, to find one that stands twice.
#[derive(Default)]
pub struct Keys<'de> {
    keys: Vec<Cow<'de, str>>,
    unsorted: bool,
}

impl<'de> Keys<'de> {
    /// Serializers that sort keys, as policy-server's does, cost one comparison a key here.
    pub fn add(&mut self, key: Cow<'de, str>) {
        self.unsorted |= self.keys.last().is_some_and(|last| *last >= key);
        self.keys.push(key);
    }

    /// A key that stands twice, if there is one.
    pub fn duplicate(self) -> Option<Cow<'de, str>> {
        if !self.unsorted {
            return None;
        }
        let mut previous: Option<Cow<'de, str>> = None;
        for key in sorted(self.keys) {
            if previous.as_ref() == Some(&key) {
                return Some(key);
            }
            previous = Some(key);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &[&'static str], expected: Option<&str>) {
        let mut read = Keys::default();
        for key in keys {
            read.add(Cow::Borrowed(*key));
        }
        assert_eq!(read.duplicate().as_deref(), expected);
    }

    #[test]
    fn a_duplicate_is_found_in_any_order() {
        check(&[], None);
        check(&["a", "b", "c"], None);
        check(&["c", "a", "b"], None);
        check(&["a", "a"], Some("a"));
        check(&["a", "b", "a"], Some("a"));
        check(&["b", "a", "c", "b"], Some("b"));
    }
}
