//! Work on many items in parallel, results in the order of the items.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `work` on each of `count` indices on all threads of the current pool and `sink` on each result, in the order of the indices.
/// A worker takes the next index when it is free, so few results wait for an earlier one and memory does not grow with `count`.
pub fn ordered<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    sink: impl FnMut(T) + Send,
) {
    let next = AtomicUsize::new(0);
    let waiting = Mutex::new(Waiting {
        done: 0,
        results: BTreeMap::new(),
        sink,
    });
    rayon::scope(|scope| {
        for _ in 0..rayon::current_num_threads().min(count) {
            scope.spawn(|_| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = work(index);
                    // A poisoned lock means that the sink panicked; the panic is on its way up already.
                    let Ok(mut waiting) = waiting.lock() else {
                        break;
                    };
                    waiting.give(index, result);
                }
            });
        }
    });
}

struct Waiting<T, S> {
    done: usize,
    results: BTreeMap<usize, T>,
    sink: S,
}

impl<T, S: FnMut(T)> Waiting<T, S> {
    fn give(&mut self, index: usize, result: T) {
        self.results.insert(index, result);
        while let Some(result) = self.results.remove(&self.done) {
            (self.sink)(result);
            self.done += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_however_long_each_takes() {
        let mut seen = Vec::new();
        let work = |index: usize| {
            if index.is_multiple_of(3) {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            index
        };
        ordered(50, work, |index| seen.push(index));
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        ordered(0, |index| index, |_| unreachable!());
    }
}
