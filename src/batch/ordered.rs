//! Work on many items in parallel, results in the order of the items.

use crate::error::Result;
use rayon::Scope;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard};

/// No more results than this for each thread wait for an earlier one (heuristic: a file may take so many times longer than those after it
/// before a thread has nothing to do but to help with it).
const WAITING_PER_THREAD: usize = 32;

/// Calls `work` on each of `count` indices on all threads of the current pool and `sink` on each result, in the order of the indices.
/// A worker takes the next index when it is free, but none that is `WAITING_PER_THREAD` times the number of threads beyond the first that is
/// not done, so memory does not grow with `count`, however long one index takes. Once `sink` breaks, it hears of nothing more, and no index is
/// taken any more.
pub fn ordered<T: Send>(
    count: usize,
    work: impl Fn(usize) -> T + Sync,
    sink: impl FnMut(T) -> ControlFlow<()> + Send,
) {
    let threads = rayon::current_num_threads();
    let ordered = Ordered {
        count,
        threads,
        window: WAITING_PER_THREAD * threads,
        work,
        state: Mutex::new(State {
            next: 0,
            done: 0,
            workers: threads.min(count),
            stopped: false,
            results: BTreeMap::new(),
            sink,
        }),
    };
    rayon::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|scope| ordered.worker(scope));
        }
    });
}

/// Workers on the indices. One that may take none ends, rather than to wait on a thread that the work of another may need; whoever makes room
/// begins new ones.
struct Ordered<W, T, S> {
    count: usize,
    threads: usize,
    window: usize,
    work: W,
    state: Mutex<State<T, S>>,
}

struct State<T, S> {
    /// The next index to be taken.
    next: usize,
    /// All indices before this one went to the sink.
    done: usize,
    /// How many workers were begun and have not ended.
    workers: usize,
    /// The sink broke.
    stopped: bool,
    /// Those that wait for an earlier one.
    results: BTreeMap<usize, T>,
    sink: S,
}

impl<W, T, S> Ordered<W, T, S>
where
    W: Fn(usize) -> T + Sync,
    T: Send,
    S: FnMut(T) -> ControlFlow<()> + Send,
{
    fn worker<'scope>(&'scope self, scope: &Scope<'scope>) {
        while let Some(index) = self.take() {
            let result = (self.work)(index);
            for _ in 0..self.give(index, result) {
                scope.spawn(|scope| self.worker(scope));
            }
        }
    }

    /// A poisoned lock means that the sink panicked; the panic is on its way up already.
    fn state(&self) -> Option<MutexGuard<'_, State<T, S>>> {
        self.state.lock().ok()
    }

    /// How many indices may be taken now.
    fn free(&self, state: &State<T, S>) -> usize {
        let end = state.done.saturating_add(self.window).min(self.count);
        if state.stopped { 0 } else { end - state.next }
    }

    /// The next index; `None` ends the worker.
    fn take(&self) -> Option<usize> {
        let mut state = self.state()?;
        if self.free(&state) == 0 {
            // Under the same lock under which room is made, so none is overlooked.
            state.workers -= 1;
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    /// Gives the sink what it can have. Says how many workers are to begin beside the one that asks.
    fn give(&self, index: usize, result: T) -> usize {
        let Some(mut state) = self.state() else {
            return 0;
        };
        // Read and set under the lock, so no result goes to a sink that broke.
        if state.stopped {
            return 0;
        }
        state.stopped = state.give(index, result).is_break();
        // The worker that asks takes one itself.
        let more = self.free(&state).saturating_sub(1);
        let begun = more.min(self.threads.saturating_sub(state.workers));
        state.workers += begun;
        begun
    }
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

impl<T, S: FnMut(T) -> ControlFlow<()>> State<T, S> {
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
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

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
    fn one_slow_item_lets_no_more_than_a_window_of_the_others_wait() {
        const THREADS: usize = 2;
        const WINDOW: usize = THREADS * WAITING_PER_THREAD;
        const COUNT: usize = 10 * WINDOW;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(THREADS)
            .build()
            .unwrap();
        let others = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let mut seen = 0;
        let work = |index: usize| {
            if index > 0 {
                others.fetch_add(1, Ordering::SeqCst);
                return;
            }
            // Until all others that may are done, and then a little: any more would be done by then.
            let begun = Instant::now();
            while others.load(Ordering::SeqCst) < WINDOW - 1
                && begun.elapsed() < Duration::from_secs(60)
            {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(50));
            most.store(others.load(Ordering::SeqCst), Ordering::SeqCst);
        };
        pool.install(|| {
            ordered(COUNT, work, |()| {
                seen += 1;
                ControlFlow::Continue(())
            });
        });
        assert_eq!(most.load(Ordering::SeqCst), WINDOW - 1);
        assert_eq!(seen, COUNT);
    }

    #[test]
    fn work_that_needs_the_other_threads_gets_them_while_they_have_no_item() {
        const THREADS: usize = 3;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(THREADS)
            .build()
            .unwrap();
        let mut seen = Vec::new();
        let work = |index: usize| {
            if index.is_multiple_of(50) {
                // Each part of it takes long, and only together are they all done.
                let (a, (b, c)) = rayon::join(
                    || slept(index),
                    || rayon::join(|| slept(index), || slept(index)),
                );
                return (a + b + c) / 3;
            }
            index
        };
        pool.install(|| {
            ordered(500, work, |index| {
                seen.push(index);
                ControlFlow::Continue(())
            });
        });
        assert_eq!(seen, (0..500).collect::<Vec<_>>());
    }

    fn slept(index: usize) -> usize {
        std::thread::sleep(Duration::from_millis(5));
        index
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
