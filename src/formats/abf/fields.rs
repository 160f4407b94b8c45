//! Numbers and texts at fixed places of a header, and what both versions say.

use crate::error::{Error, ErrorCode, Result};

/// A header or a section; every access is checked. Numbers are little-endian.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    pub(super) fn i16(self, at: usize) -> Option<i16> {
        self.take(at).map(i16::from_le_bytes)
    }

    pub(super) fn i32(self, at: usize) -> Option<i32> {
        self.take(at).map(i32::from_le_bytes)
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        self.take(at).map(u32::from_le_bytes)
    }

    pub(super) fn i64(self, at: usize) -> Option<i64> {
        self.take(at).map(i64::from_le_bytes)
    }

    pub(super) fn f32(self, at: usize) -> Option<f64> {
        self.take(at).map(f32::from_le_bytes).map(f64::from)
    }

    /// A count that is not negative.
    pub(super) fn count(self, at: usize) -> Option<usize> {
        usize::try_from(self.i32(at)?).ok()
    }

    /// Latin-1 up to the first zero, without outer spaces.
    pub(super) fn text(self, at: usize, length: usize) -> Option<String> {
        let bytes = self.0.get(at..at.checked_add(length)?)?;
        Some(latin1(bytes))
    }
}

/// Latin-1 up to the first zero, without outer spaces.
pub(super) fn latin1(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|&byte| char::from(byte))
        .collect();
    text.trim().to_owned()
}

/// One input of the converter.
pub(super) struct Adc {
    /// sADCChannelName
    pub(super) name: String,
    /// sADCUnits
    pub(super) unit: String,
    /// Units per step.
    pub(super) gain: f64,
    /// fInstrumentOffset − fSignalOffset, in units.
    pub(super) offset: f64,
    /// fSignalHighpassFilter in Hz; 0: none.
    pub(super) high_pass: f64,
    /// fSignalLowpassFilter in Hz.
    pub(super) low_pass: f64,
}

/// The factors between the converter and the electrode.
pub(super) struct Scaling {
    /// fADCRange, the voltage of a full scale.
    pub(super) range: f64,
    /// lADCResolution, the steps of that.
    pub(super) resolution: f64,
    /// fInstrumentScaleFactor, volts per unit.
    pub(super) instrument: f64,
    /// fSignalGain
    pub(super) signal: f64,
    /// fADCProgrammableGain
    pub(super) programmable: f64,
    /// fTelegraphAdditGain where nTelegraphEnable says that it counts, else 1.
    pub(super) telegraph: f64,
}

impl Scaling {
    pub(super) fn gain(&self) -> f64 {
        self.range
            / self.resolution
            / (self.instrument * self.signal * self.programmable * self.telegraph)
    }
}

/// One row of the table of epochs, for the digital outputs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Epoch {
    /// lEpochInitDuration, in samples of a channel.
    pub(super) duration: i64,
    /// lEpochDurationInc, more in each further sweep.
    pub(super) increment: i64,
    /// nEpochDigitalOutput (nDigitalValue): a bit for each output.
    pub(super) output: u16,
    /// nDigitalTrainValue: outputs that pulse through the epoch.
    pub(super) train: u16,
    /// lEpochPulsePeriod, in samples of a channel.
    pub(super) period: i64,
}

/// What the digital outputs did in each sweep.
#[derive(Debug, Default)]
pub(super) struct Digital {
    /// nDigitalHolding: the outputs at rest.
    pub(super) holding: u16,
    /// In the order of time.
    pub(super) epochs: Vec<Epoch>,
    /// nAlternateDigitalOutputState: every second sweep has other patterns, which are not read.
    pub(super) alternates: bool,
}

/// A file of either version.
pub(super) struct Header {
    pub(super) mode: i16,
    /// Samples per second of each channel.
    pub(super) rate: f64,
    /// How long a tick of the synch array and of the tags is, in s.
    pub(super) tick_s: f64,
    /// nDataFormat 1: 32-bit floats in units, not 16-bit integers.
    pub(super) is_float: bool,
    /// Where the samples begin.
    pub(super) data_start: usize,
    /// Samples of all channels.
    pub(super) data_count: usize,
    /// lActualEpisodes
    pub(super) sweeps: usize,
    /// fEpisodeStartToStart in s; 0: not stated.
    pub(super) sweep_interval_s: f64,
    /// lADCResolution
    pub(super) resolution: f64,
    pub(super) inputs: Vec<Adc>,
    /// lStart and lLength (samples of all channels) of each stretch.
    pub(super) stretches: Vec<(i32, i32)>,
    /// lTagTime and sComment.
    pub(super) tags: Vec<(i32, String)>,
    /// `None`: they were not used.
    pub(super) digital: Option<Digital>,
    /// Date as YYYYMMDD and milliseconds after midnight.
    pub(super) started: (i64, i64),
    pub(super) device: String,
}

/// A header that is not all there.
pub(super) fn cut(place: &str) -> Error {
    Error::new(ErrorCode::Truncated, "the file ends inside its header")
        .at(place.to_owned())
        .advice("copy the file again; it is not whole")
}

pub(super) fn bad(place: &str, message: String) -> Error {
    Error::new(ErrorCode::BadHeader, message)
        .at(place.to_owned())
        .advice("the file is damaged, or no program of the pCLAMP family wrote it; save it again with Clampfit")
}

/// Samples per second from an interval in µs.
pub(super) fn rate(interval_us: f64, place: &str) -> Result<f64> {
    let rate = 1e6 / interval_us;
    if rate.is_finite() && rate > 0.0 {
        Ok(rate)
    } else {
        Err(Error::new(
            ErrorCode::UnknownRate,
            format!("an interval of {interval_us} µs between samples"),
        )
        .at(place.to_owned())
        .advice("the file is damaged; save it again with Clampfit"))
    }
}
