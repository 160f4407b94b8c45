//! What a recording must be before it is handed on, or written: finite times in order, and a calibration that gives numbers.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Channel, Recording};

/// Times are sums and quotients of doubles, so neighbors may seem to overlap by a rounding; this part of a sample interval is forgiven.
const OVERLAP_SAMPLES: f64 = 0.5;

/// The first thing that is not as `src/recording/` promises.
pub(in crate::formats) fn check(recording: &Recording) -> Result<()> {
    for (index, channel) in recording.channels.iter().enumerate() {
        check_channel(channel)
            .map_err(|error| error.at(format!("channel {index} \"{}\"", channel.label)))?;
    }
    for (index, mark) in recording.marks.iter().enumerate() {
        let bad = |message: String| {
            Err(Error::new(ErrorCode::BadHeader, message)
                .at(format!("mark {index} \"{}\"", mark.text)))
        };
        if !mark.time.0.is_finite() {
            return bad(format!("the time is {}; expected seconds", mark.time.0));
        }
        if let Some(duration) = mark.duration
            && !(duration.0.is_finite() && duration.0 >= 0.0)
        {
            return bad(format!(
                "the duration is {}; expected seconds, 0 or more",
                duration.0
            ));
        }
        if let Some(channel) = mark.channel
            && channel >= recording.channels.len()
        {
            return bad(format!(
                "it belongs to channel {channel}, but there are {}",
                recording.channels.len()
            ));
        }
    }
    let subject = &recording.subject;
    for (name, value) in [
        ("age_years", subject.age_years),
        (
            "skin_temperature_c",
            subject.skin_temperature.map(|temperature| temperature.0),
        ),
    ] {
        if let Some(value) = value
            && !value.is_finite()
        {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("{name} is {value}; expected a number, or nothing if it is unknown"),
            )
            .at("subject"));
        }
    }
    Ok(())
}

fn check_channel(channel: &Channel) -> Result<()> {
    let rate = channel.rate.0;
    if !(rate.is_finite() && rate > 0.0) {
        return Err(Error::new(
            ErrorCode::UnknownRate,
            format!("the sampling rate is {rate} Hz; expected a number above 0"),
        ));
    }
    let calibration = &channel.calibration;
    let bad = |message: String| Err(Error::new(ErrorCode::BadCalibration, message));
    if !calibration.gain.is_finite() || calibration.gain == 0.0 {
        return bad(format!(
            "the gain is {}; expected a number other than 0",
            calibration.gain
        ));
    }
    if !calibration.offset.is_finite() {
        return bad(format!(
            "the offset is {}; expected a number",
            calibration.offset
        ));
    }
    if let Some((low, high)) = calibration.rails
        && !(low.is_finite() && high.is_finite() && low < high)
    {
        return bad(format!(
            "the rails are {low} and {high}; expected two numbers, the lower one first"
        ));
    }
    if let Some(millivolts) = calibration.millivolts_per_unit
        && !(millivolts.is_finite() && millivolts > 0.0)
    {
        return bad(format!(
            "millivolts per unit are {millivolts}; expected a number above 0"
        ));
    }
    let mut previous: Option<f64> = None;
    for (index, segment) in channel.segments.iter().enumerate() {
        let start = segment.start.0;
        if !start.is_finite() {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("segment {index} starts at {start}; expected seconds"),
            ));
        }
        if let Some(end) = previous
            && start < end - OVERLAP_SAMPLES / rate
        {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!(
                    "segment {index} starts at {start} s, before the end of the previous one at {end} s"
                ),
            )
            .advice("segments must be in order of time and must not overlap"));
        }
        previous = Some(segment.end(channel.rate).0);
    }
    Ok(())
}
