//! Does the same work for many items, on all cores.
//!
//! ```
//! let squares = fresh_images_manifests::in_parallel(&[1, 2, 3], 2, |number| number * number);
//! assert_eq!(squares, [1, 4, 9]);
//! ```

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

/// The stack of a thread, in bytes: as large as that of a main thread.
const STACK: usize = 8 * 1024 * 1024;

/// The results in the order of the items, whichever thread is free takes the next one. Where there are no threads, as in a
/// browser, the caller does all.
pub fn in_parallel<'i, T: Sync, R: Send + Sync>(
    items: &'i [T],
    threads: usize,
    work: impl Fn(&'i T) -> R + Sync,
) -> Vec<R> {
    let results: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    let queue = Mutex::new(items.iter().zip(&results));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let take_turns = || {
        while let Some((item, result)) = next() {
            result.get_or_init(|| work(item));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            // If there is no other thread, this one does all.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take_turns);
        }
        take_turns();
    });
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}
