//! Work on many items in parallel, results in the order of the items.

use crate::error::Result;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Calls `work` on each of `count` indices on all threads of the current pool and `sink` on each result, in the order of the indices.
/// A worker takes the next index when it is free, so few results wait for an earlier one and memory does not grow with `count`.
/// Once `sink` breaks, it hears of nothing more, and no index is taken any more.
pub fn ordered<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    sink: impl FnMut(T) -> ControlFlow<()> + Send,
) {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
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
                    if index >= count || stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let result = work(index);
                    // A poisoned lock means that the sink panicked; the panic is on its way up already.
                    let Ok(mut waiting) = waiting.lock() else {
                        break;
                    };
                    // Read and set under the lock, so no result goes to a sink that broke.
                    if stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    if waiting.give(index, result).is_break() {
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

/// As [`ordered`], of work that may fail: `sink` gets the index with each result, and the first failure of either ends it all.
pub(super) fn try_ordered<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
    mut sink: impl FnMut(usize, T) -> Result<()> + Send,
) -> Result<()> {
    let mut failed = None;
    let mut next = 0;
    ordered(count, work, |result| {
        let index = next;
        next += 1;
        match result.and_then(|value| sink(index, value)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    failed.map_or(Ok(()), Err)
}

struct Waiting<T, S> {
    done: usize,
    results: BTreeMap<usize, T>,
    sink: S,
}

impl<T, S: FnMut(T) -> ControlFlow<()>> Waiting<T, S> {
    fn give(&mut self, index: usize, result: T) -> ControlFlow<()> {
        self.results.insert(index, result);
        while let Some(result) = self.results.remove(&self.done) {
            self.done += 1;
            (self.sink)(result)?;
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorCode};

    #[test]
    fn results_come_in_the_order_of_the_items_however_long_each_takes() {
        let mut seen = Vec::new();
        let work = |index: usize| {
            if index.is_multiple_of(3) {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            index
        };
        ordered(50, work, |index| {
            seen.push(index);
            ControlFlow::Continue(())
        });
        assert_eq!(seen, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_sink_that_breaks_hears_nothing_more_and_no_more_work_begins() {
        const COUNT: usize = 10_000;
        let begun = AtomicUsize::new(0);
        let mut seen = Vec::new();
        let work = |index: usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(1));
            index
        };
        ordered(COUNT, work, |index| {
            seen.push(index);
            if index == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(seen, [0, 1, 2, 3]);
        assert!(begun.load(Ordering::Relaxed) < COUNT);
    }

    #[test]
    fn the_first_failure_in_the_order_of_the_items_is_told() {
        let work = |index: usize| {
            if index >= 3 {
                let what = index.to_string();
                return Err(Error::new(ErrorCode::Io, what));
            }
            Ok(index)
        };
        let mut seen = Vec::new();
        let error = try_ordered(100, work, |index, value| {
            assert_eq!(index, value);
            seen.push(index);
            Ok(())
        });
        assert_eq!(error.unwrap_err().reason(), "3");
        assert_eq!(seen, [0, 1, 2]);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        ordered(0, |index| index, |_| unreachable!());
    }
}
