//! What a recording must be, whatever its format, before it is handed on or written: times in order, rates and calibrations that give
//! numbers. The steps after it compute with them.

use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Calibration, Channel, Mark, Recording, Subject};

/// No converter is faster, in Hz (heuristic).
const FASTEST_HZ: f64 = 1e9;
/// No clock runs longer, in s (heuristic: 300 years).
const LONGEST_S: f64 = 1e10;
/// Times are sums and quotients of doubles, so neighbors may seem to overlap by a rounding; this part of a sample interval is forgiven.
const OVERLAP_SAMPLES: f64 = 0.5;
/// What to try when numbers of a file cannot be.
const DAMAGED: &str = "the file may be damaged; export it again";

/// The first thing that is not as `src/recording/` promises.
pub(super) fn check(recording: &Recording) -> Result<()> {
    for (index, channel) in recording.channels.iter().enumerate() {
        check_channel(channel)
            .map_err(|error| error.at(format!("channel {} \"{}\"", index + 1, channel.label)))?;
    }
    for (index, mark) in recording.marks.iter().enumerate() {
        check_mark(mark, recording.channels.len())
            .map_err(|error| error.at(format!("mark {} \"{}\"", index + 1, mark.text)))?;
    }
    check_subject(&recording.subject).map_err(|error| error.at("subject"))
}

fn is_time(seconds: f64) -> bool {
    (-LONGEST_S..=LONGEST_S).contains(&seconds)
}

fn bad(message: String) -> Error {
    Error::new(ErrorCode::BadHeader, message)
}

fn check_channel(channel: &Channel) -> Result<()> {
    let rate = channel.rate.0;
    if !(rate.is_finite() && rate > 0.0) {
        return Err(Error::new(
            ErrorCode::UnknownRate,
            format!("the sampling rate is {rate} Hz; expected a number above 0"),
        )
        .advice(DAMAGED));
    }
    if rate > FASTEST_HZ {
        return Err(bad(format!(
            "the sampling rate is {rate} Hz; expected {FASTEST_HZ} Hz or less"
        ))
        .advice(DAMAGED));
    }
    check_calibration(&channel.calibration)?;
    let mut previous: Option<f64> = None;
    for (index, segment) in channel.segments.iter().enumerate() {
        let start = segment.start.0;
        let number = index + 1;
        if !is_time(start) {
            return Err(bad(format!(
                "segment {number} starts at {start} s; expected a time within {LONGEST_S} s"
            ))
            .advice(DAMAGED));
        }
        if let Some(end) = previous
            && start < end - OVERLAP_SAMPLES / rate
        {
            return Err(bad(format!(
                "segment {number} starts at {start} s, before the end of the previous one at {end} s"
            ))
            .advice("segments must be in order of time and must not overlap"));
        }
        previous = Some(segment.end(channel.rate).0);
    }
    Ok(())
}

fn check_calibration(calibration: &Calibration) -> Result<()> {
    let refuse = |message: String| {
        Err(Error::new(ErrorCode::BadCalibration, message).advice(
            "the file may be damaged; state gain, offset and rails in a mapping if they are known",
        ))
    };
    if !calibration.gain.is_finite() || calibration.gain == 0.0 {
        return refuse(format!(
            "the gain is {}; expected a number other than 0",
            calibration.gain
        ));
    }
    if !calibration.offset.is_finite() {
        return refuse(format!(
            "the offset is {}; expected a number",
            calibration.offset
        ));
    }
    if let Some((low, high)) = calibration.rails
        && !(low.is_finite() && high.is_finite() && low < high)
    {
        return refuse(format!(
            "the rails are {low} and {high}; expected two numbers, the lower one first"
        ));
    }
    if let Some(millivolts) = calibration.millivolts_per_unit
        && !(millivolts.is_finite() && millivolts > 0.0)
    {
        return refuse(format!(
            "millivolts per unit are {millivolts}; expected a number above 0"
        ));
    }
    Ok(())
}

/// A mark of a recording with so many channels.
fn check_mark(mark: &Mark, channels: usize) -> Result<()> {
    let time = mark.time.0;
    if !is_time(time) {
        return Err(bad(format!(
            "the time is {time} s; expected a time within {LONGEST_S} s"
        ))
        .advice(DAMAGED));
    }
    if let Some(duration) = mark.duration
        && !(duration.0.is_finite() && duration.0 >= 0.0)
    {
        return Err(bad(format!(
            "the duration is {} s; expected 0 s or more",
            duration.0
        ))
        .advice("correct it where it is stated"));
    }
    if let Some(channel) = mark.channel
        && channel >= channels
    {
        return Err(bad(format!(
            "it belongs to channel {}, but there are {channels}",
            channel.saturating_add(1)
        ))
        .advice(DAMAGED));
    }
    Ok(())
}

fn check_subject(subject: &Subject) -> Result<()> {
    let temperature = subject.skin_temperature.map(|temperature| temperature.0);
    let numbers = [
        ("age_years", subject.age_years),
        ("skin_temperature_c", temperature),
    ];
    for (name, value) in numbers {
        if let Some(value) = value
            && !value.is_finite()
        {
            return Err(bad(format!(
                "{name} is {value}; expected a number, or nothing if it is unknown"
            ))
            .advice("correct it where it is stated"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Role, Samples, Segment};
    use crate::units::{Hertz, Seconds};

    fn recording(starts: &[f64]) -> Recording {
        let segment = |&start: &f64| Segment {
            start: Seconds(start),
            samples: Samples::I16(vec![0; 100]),
        };
        let channel = Channel {
            label: "APB".to_owned(),
            role: Role::Response,
            rate: Hertz(1000.0),
            segments: starts.iter().map(segment).collect(),
            calibration: Calibration {
                gain: 0.001,
                offset: 0.0,
                rails: Some((-32768.0, 32767.0)),
                unit: "uV".to_owned(),
                millivolts_per_unit: Some(0.001),
            },
            muscle: None,
            nerve: None,
            side: None,
            prefilter: None,
            transducer: None,
            findings: Vec::new(),
        };
        Recording {
            channels: vec![channel],
            marks: vec![Mark {
                time: Seconds(0.0),
                duration: None,
                text: "x".to_owned(),
                channel: Some(0),
            }],
            origin: crate::recording::Origin::default(),
            subject: Subject::default(),
            corrections: Vec::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn segments_stand_in_order_and_may_overlap_by_a_rounding_only() {
        // 100 samples at 1 kHz last 0.1 s, half a sample 0.5 ms.
        for starts in [vec![], vec![0.0, 0.1], vec![0.0, 0.0996, 7.0]] {
            assert!(check(&recording(&starts)).is_ok(), "{starts:?}");
        }
        for starts in [[0.0, 0.0994], [1.0, 0.0]] {
            let error = check(&recording(&starts)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::BadHeader);
            assert!(
                error
                    .to_string()
                    .contains("channel 1 \"APB\": segment 2 starts at"),
                "{error}"
            );
        }
    }

    #[test]
    fn numbers_that_no_recording_has_are_refused() {
        let refused = |change: &dyn Fn(&mut Recording)| {
            let mut changed = recording(&[0.0]);
            change(&mut changed);
            check(&changed).unwrap_err().code()
        };
        for (rate, code) in [
            (0.0, ErrorCode::UnknownRate),
            (f64::NAN, ErrorCode::UnknownRate),
            (2e9, ErrorCode::BadHeader),
        ] {
            assert_eq!(refused(&|r| r.channels[0].rate = Hertz(rate)), code);
        }
        let calibration = |change: fn(&mut Calibration)| {
            refused(&|r: &mut Recording| change(&mut r.channels[0].calibration))
        };
        let bad = ErrorCode::BadCalibration;
        assert_eq!(calibration(|c| c.gain = 0.0), bad);
        assert_eq!(calibration(|c| c.offset = f64::INFINITY), bad);
        assert_eq!(calibration(|c| c.rails = Some((5.0, -5.0))), bad);
        assert_eq!(calibration(|c| c.millivolts_per_unit = Some(0.0)), bad);
        let bad = ErrorCode::BadHeader;
        assert_eq!(
            refused(&|r| r.channels[0].segments[0].start = Seconds(1e11)),
            bad
        );
        assert_eq!(refused(&|r| r.marks[0].time = Seconds(f64::NAN)), bad);
        assert_eq!(refused(&|r| r.marks[0].duration = Some(Seconds(-1.0))), bad);
        assert_eq!(refused(&|r| r.marks[0].channel = Some(1)), bad);
        assert_eq!(refused(&|r| r.subject.age_years = Some(f64::NAN)), bad);
    }
}
