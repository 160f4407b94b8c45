//! Ctrl-C, and the signal by which systems end programs (`SIGTERM`): files that are being analyzed are finished, no other is begun.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The exit code of what was ended by Ctrl-C, as shells have it: 128 + 2.
pub(super) const EXIT_CODE: u8 = 130;

/// How long after the first signal another one is a second wish: programs that start others (`timeout`, `srun`) pass one Ctrl-C on twice.
/// Heuristic.
const SAME_WISH: Duration = Duration::from_secs(1);
/// How soon the first one is seen.
const NAP: Duration = Duration::from_millis(100);

/// Where files may only grow to a limit (`ulimit -f`), systems end a program that writes beyond it. From here on writing fails instead, as on
/// a full disk, so that one file costs one file.
pub(super) fn outlive_size_limit() {
    #[cfg(unix)]
    {
        // A handler that does nothing; where none can be had the limit ends the program.
        let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// A flag that the first signal raises. Another one a second later ends the program where it is, which costs no more than a kill.
pub(super) fn on_signal() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let at_once = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Where no handler can be had the signal kills, as it does without one.
        let ends = flag::register_conditional_shutdown(signal, EXIT_CODE.into(), at_once.clone());
        if ends.is_ok() {
            let _ = flag::register(signal, Arc::clone(&stop));
        }
    }
    let raised = Arc::clone(&stop);
    std::thread::spawn(move || {
        while !raised.load(Ordering::Relaxed) {
            std::thread::sleep(NAP);
        }
        std::thread::sleep(SAME_WISH);
        at_once.store(true, Ordering::Relaxed);
    });
    stop
}
