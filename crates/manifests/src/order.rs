//! The order of things in a text.

use std::collections::BinaryHeap;

/// The indices of things, by their places; where these are equal, in the order in which they came.
///
/// The standard sort is five kilobytes for each type that it sorts, which a browser would have to load.
pub(crate) fn order(places: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let places = places.enumerate().map(|(index, (first, second))| (first, second, index));
    let sorted = places.collect::<BinaryHeap<_>>().into_sorted_vec();
    sorted.into_iter().map(|(_, _, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn what_is_equal_stays_in_its_order() {
        assert_eq!(order([(2, 0), (1, 5), (2, 0), (1, 4), (0, 9)].into_iter()), [4, 3, 1, 0, 2]);
    }
}
