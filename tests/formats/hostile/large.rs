//! What a large file costs that is read where it is looked at.

use super::memory::Cost;
use crate::edf::large::Made;

/// What is held of a recording besides what is looked at: the program with its tests, and what reading and analyzing take for themselves.
const OTHERWISE_BYTES: u64 = 40 << 20;

#[test]
fn a_large_edf_file_costs_what_is_looked_at_and_not_its_length() {
    let file = Made {
        bytes_per_sample: 2,
        channels: &[("EMG ADM", 10_000), ("Temp", 70_000)],
        records: 300,
        gaps: &[],
        stimuli: &[10, 100, 290],
    }
    .file();
    let length = file.path().metadata().unwrap().len();
    assert!(length > 48_000_000);
    let cost = Cost::of(file.path(), "");
    assert_eq!(cost.outcome, "opened");
    assert!(
        cost.peak_bytes < OTHERWISE_BYTES && OTHERWISE_BYTES < length,
        "{} MiB held of a file of {} MiB",
        cost.peak_bytes >> 20,
        length >> 20
    );
}
