//! How far a run is: a bar on a terminal, now and then a line elsewhere, so that the log of a batch system shows life.

use super::amount::{files, rate, time};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the bar is drawn when nothing happens, so that the time goes on and Ctrl-C is seen.
const TICK: Duration = Duration::from_millis(250);

/// The progress of one run.
pub struct Progress {
    shown: Shown,
    pace: Pace,
    /// Whether each file, in the order of the run, is likely to have nothing to be done about it.
    likely: Vec<bool>,
    stop: Arc<AtomicBool>,
}

enum Shown {
    Nothing,
    /// The bar, and what it says behind.
    Bar(ProgressBar, Arc<Mutex<String>>),
    /// The next line is written at this time after the beginning.
    Lines(Duration),
}

impl Progress {
    /// Nothing is shown of less than two files, or if `silent`. `likely`: which files are likely to have nothing to be done about them.
    pub fn over(likely: Vec<bool>, silent: bool, stop: &Arc<AtomicBool>) -> Self {
        let to_do = likely.iter().filter(|unchanged| !**unchanged).count();
        let shown = if silent || likely.len() < 2 {
            Shown::Nothing
        } else if std::io::stderr().is_terminal() {
            bar(likely.len(), stop)
        } else {
            Shown::Lines(interval(Duration::ZERO))
        };
        Self {
            shown,
            pace: Pace {
                begun: Instant::now(),
                files: likely.len(),
                done: 0,
                failed: 0,
                worked: 0,
                to_do,
            },
            likely,
            stop: Arc::clone(stop),
        }
    }

    /// The next file is done: whether there was something to do about it, and whether it failed.
    pub fn done(&mut self, worked: bool, failed: bool) {
        let likely = self.likely.get(self.pace.done).copied().unwrap_or(false);
        self.pace.count(likely, worked, failed);
        let elapsed = self.pace.begun.elapsed();
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar, told) => {
                let now = self.pace.told(elapsed).join(" · ");
                *told.lock().unwrap_or_else(PoisonError::into_inner) = now;
                bar.inc(1);
            }
            Shown::Lines(next) if elapsed >= *next && self.pace.done < self.pace.files => {
                *next = elapsed + interval(elapsed);
                let mut line = format!("{} of {}", self.pace.done, files(self.pace.files));
                for part in self.pace.told(elapsed) {
                    line.push_str(", ");
                    line.push_str(&part);
                }
                if self.stop.load(Ordering::Relaxed) {
                    line.push_str(", finishing what is begun");
                }
                // A terminal that is gone cannot be told so.
                let _ = writeln!(std::io::stderr(), "endplate: {line}");
            }
            Shown::Lines(_) => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(self) -> Duration {
        if let Shown::Bar(bar, _) = &self.shown {
            bar.finish_and_clear();
        }
        self.pace.begun.elapsed()
    }
}

/// Time between two lines: short at first, so that a person sees life, and never so many that they bury the rest.
fn interval(elapsed: Duration) -> Duration {
    const SHORTEST: Duration = Duration::from_secs(10);
    const LONGEST: Duration = Duration::from_secs(60);
    /// Of the time since the beginning. Heuristic.
    const SHARE: u32 = 20;
    (elapsed / SHARE).clamp(SHORTEST, LONGEST)
}

/// Shorter than 80 columns: the `^C` that a terminal writes behind a full line would push it out of reach.
fn bar(files: usize, stop: &Arc<AtomicBool>) -> Shown {
    let told = Arc::new(Mutex::new(String::new()));
    let (shown, stop) = (Arc::clone(&told), Arc::clone(stop));
    let style = ProgressStyle::with_template("{pos}/{len} files {bar:20} {told}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
        .with_key(
            "told",
            move |_: &indicatif::ProgressState, line: &mut dyn std::fmt::Write| {
                // What cannot be drawn need not be.
                let _ = if stop.load(Ordering::Relaxed) {
                    line.write_str("finishing what is begun; Ctrl-C: not even that")
                } else {
                    line.write_str(&shown.lock().unwrap_or_else(PoisonError::into_inner))
                };
            },
        );
    let bar = ProgressBar::new(files as u64).with_style(style);
    bar.enable_steady_tick(TICK);
    Shown::Bar(bar, told)
}

/// How fast the work goes. Files of an earlier run about which nothing is to be done take no time and spoil no rate.
struct Pace {
    begun: Instant,
    files: usize,
    done: usize,
    failed: usize,
    /// Files about which there was something to do.
    worked: usize,
    /// Files of the rest about which there probably is.
    to_do: usize,
}

impl Pace {
    fn count(&mut self, likely: bool, worked: bool, failed: bool) {
        self.done += 1;
        self.failed += usize::from(failed);
        self.worked += usize::from(worked);
        self.to_do -= usize::from(!likely && self.to_do > 0);
    }

    /// `3 failed`, `52 files/s`, `4 min 10 s left`, as far as there is something to tell.
    fn told(&self, elapsed: Duration) -> Vec<String> {
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        parts.extend(rate(self.worked, elapsed));
        if self.worked > 0 && self.to_do > 0 {
            let left = elapsed.mul_f64(self.to_do as f64 / self.worked as f64);
            parts.push(format!("{} left", rough(left)));
        }
        parts
    }
}

/// A time that is only estimated, without tenths.
fn rough(left: Duration) -> String {
    time(Duration::from_secs(left.as_secs().max(1))).replace(".0 s", " s")
}

/// What is shown while a watched folder is waited for.
pub struct Waiting(ProgressBar);

impl Waiting {
    /// Shown only on a terminal, and not if `silent`.
    pub fn begin(silent: bool) -> Self {
        if silent || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        let bar = ProgressBar::new_spinner()
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// What is waited for.
    pub fn say(&self, text: String) {
        self.0.set_message(text);
    }

    /// Takes it away.
    pub fn end(self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(files: usize, to_do: usize) -> Pace {
        Pace {
            begun: Instant::now(),
            files,
            done: 0,
            failed: 0,
            worked: 0,
            to_do,
        }
    }

    #[test]
    fn files_that_did_not_change_spoil_neither_rate_nor_time_left() {
        // 9,000 of an earlier run, then 1,000 that are new.
        let mut pace = pace(10_000, 1_000);
        for _ in 0..9_000 {
            pace.count(true, false, false);
        }
        assert!(pace.told(Duration::from_secs(1)).is_empty());
        for index in 0..100 {
            pace.count(false, true, index < 3);
        }
        let told = pace.told(Duration::from_secs(10));
        assert_eq!(told, ["3 failed", "10 files/s", "1 min 30 s left"]);
        for _ in 0..900 {
            pace.count(false, true, false);
        }
        let told = pace.told(Duration::from_secs(100));
        assert_eq!(told, ["3 failed", "10 files/s"]);
    }

    #[test]
    fn a_file_that_was_taken_for_unchanged_and_is_not_costs_no_more_than_itself() {
        let mut pace = pace(3, 1);
        pace.count(true, true, false);
        assert_eq!(
            pace.told(Duration::from_secs(2)).last().unwrap(),
            "2 s left"
        );
        pace.count(false, false, false);
        assert_eq!(pace.to_do, 0);
        pace.count(false, true, false);
        assert_eq!(pace.to_do, 0);
    }

    #[test]
    fn lines_come_often_at_first_and_never_stop() {
        let at = |seconds| interval(Duration::from_secs(seconds)).as_secs();
        assert_eq!([at(0), at(300), at(90_000)], [10, 15, 60]);
    }
}
