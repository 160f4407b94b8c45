//! What no recording can be, whatever its format: times, rates and calibrations that a damaged header makes.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::Recording;

/// No converter is faster, in Hz (heuristic).
const FASTEST_HZ: f64 = 1e9;
/// No clock runs longer, in s (heuristic: 300 years).
const LONGEST_S: f64 = 1e10;

/// Refuses a recording whose numbers cannot be times, rates and calibrations; the steps after it compute with them.
pub(super) fn check(recording: &Recording) -> Result<()> {
    let refuse = |message: String, place: String| {
        Err(Error::new(ErrorCode::BadHeader, message)
            .at(place)
            .advice("the file may be damaged; export it again"))
    };
    for channel in &recording.channels {
        let place = || format!("channel \"{}\"", channel.label);
        let rate = channel.rate.0;
        if !(rate > 0.0 && rate <= FASTEST_HZ) {
            return refuse(format!("a sampling rate of {rate} Hz"), place());
        }
        let calibration = &channel.calibration;
        if !(calibration.gain.is_finite()
            && calibration.gain != 0.0
            && calibration.offset.is_finite())
        {
            return Err(Error::new(
                ErrorCode::BadCalibration,
                format!(
                    "a gain of {} and an offset of {}; no value can be computed",
                    calibration.gain, calibration.offset
                ),
            )
            .at(place())
            .advice(
                "the file may be damaged; state gain and offset in a mapping if they are known",
            ));
        }
        let starts = channel.segments.iter().map(|segment| segment.start.0);
        if let Some(start) = starts.into_iter().find(|start| !is_time(*start)) {
            return refuse(format!("a segment that begins at {start} s"), place());
        }
    }
    match recording.marks.iter().find(|mark| !is_time(mark.time.0)) {
        None => Ok(()),
        Some(mark) => refuse(
            format!("a mark at {} s", mark.time.0),
            format!("mark \"{}\"", mark.text),
        ),
    }
}

fn is_time(seconds: f64) -> bool {
    (-LONGEST_S..=LONGEST_S).contains(&seconds)
}
