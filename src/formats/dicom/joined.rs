//! Sweeps that are stored group by group become one channel, also where the groups were amplified or filtered differently.

use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Calibration, Channel, Samples, Segment};

/// Two samples this part of an interval too close to each other still follow one another: start times are decimal milliseconds.
const OVERLAP_SAMPLES: f64 = 0.5;

/// Decimal sensitivities as doubles differ from their true ratio by some last bits; more is no rounding.
const LAST_BITS: f64 = 8.0 * f64::EPSILON;

/// What stands between the filters of groups that have different ones.
const BETWEEN_FILTERS: &str = " | ";

/// A channel and what each of its segments says of itself.
pub(super) struct Joined {
    channel: Channel,
    /// One for each segment.
    calibrations: Vec<Calibration>,
    /// The different ones, in order of the groups.
    filters: Vec<Option<String>>,
}

impl Joined {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            calibrations: vec![channel.calibration.clone(); channel.segments.len()],
            filters: vec![channel.prefilter.clone()],
            channel,
        }
    }

    /// Whether the channel of a later group is the next stretch of this one. Gain, rails and filters may change from sweep to sweep.
    pub(super) fn continues(&self, next: &Channel) -> bool {
        let known = &self.channel;
        let voltage = |channel: &Channel| channel.calibration.millivolts_per_unit.is_some();
        let same_quantity = match (voltage(known), voltage(next)) {
            (true, true) => true,
            (false, false) => known.calibration.unit == next.calibration.unit,
            _ => false,
        };
        let same = same_quantity
            && known.label == next.label
            && known.role == next.role
            && known.rate == next.rate
            && known.side == next.side
            && known.muscle == next.muscle
            && known.transducer == next.transducer;
        let end = known.segments.last().map(|last| last.end(known.rate).0);
        let start = next.segments.first().map(|first| first.start.0);
        same && match (end, start) {
            (Some(end), Some(start)) => start >= end - OVERLAP_SAMPLES / known.rate.0,
            _ => false,
        }
    }

    pub(super) fn add(&mut self, next: Channel) {
        let count = next.segments.len();
        self.calibrations
            .extend(std::iter::repeat_n(next.calibration, count));
        self.channel.segments.extend(next.segments);
        if !self.filters.contains(&next.prefilter) {
            self.filters.push(next.prefilter);
        }
        // What is true of the channel is said once; what is said of a place in a group, each time.
        for finding in next.findings {
            let wanted = match finding.code {
                FindingCode::GapInRecording => true,
                FindingCode::FilterInHeader => !self.channel.findings.contains(&finding),
                code => !self.channel.findings.iter().any(|own| own.code == code),
            };
            if wanted {
                self.channel.findings.push(finding);
            }
        }
    }

    /// The channel with one calibration. Where whole numbers of the finest gain can say exactly what the numbers of each group say,
    /// they replace them; else physical values are given, in mV or in the unit of what is no voltage.
    pub(super) fn finish(mut self) -> Result<Channel> {
        if self.filters.len() > 1 {
            let texts: Vec<&str> = self
                .filters
                .iter()
                .map(|filter| filter.as_deref().unwrap_or("not stated"))
                .collect();
            self.channel.prefilter = Some(texts.join(BETWEEN_FILTERS));
        }
        let own = self.channel.calibration.clone();
        let size = |calibration: &Calibration| (calibration.gain, calibration.offset);
        if self.calibrations.iter().all(|c| size(c) == size(&own)) {
            self.one_type()?;
            if self.calibrations.iter().any(|c| c.rails != own.rails) {
                self.channel.calibration.rails = None;
                self.rails_unknown();
            }
            return Ok(self.channel);
        }
        let mut different: Vec<&Calibration> = Vec::new();
        for calibration in &self.calibrations {
            if !different
                .iter()
                .any(|known| size(known) == size(calibration))
            {
                different.push(calibration);
            }
        }
        let count = different.len();
        let (calibration, segments, how) = match self.exact(&own, &different)? {
            Some((finest, segments)) => (
                finest,
                segments,
                "all were turned into steps of the finest gain, exactly",
            ),
            None => (
                Calibration {
                    gain: 1.0,
                    offset: 0.0,
                    ..own
                },
                self.physical()?,
                "physical values replace the stored numbers",
            ),
        };
        self.channel.findings.push(Finding::new(
            FindingCode::CalibrationChanges,
            format!(
                "\"{}\": {count} different ones in the groups; {how}",
                self.channel.label
            ),
        ));
        self.channel.segments = segments;
        self.channel.calibration = Calibration {
            rails: None,
            ..calibration
        };
        self.rails_unknown();
        Ok(self.channel)
    }

    fn rails_unknown(&mut self) {
        let findings = &mut self.channel.findings;
        if !findings
            .iter()
            .any(|finding| finding.code == FindingCode::RailsUnknown)
        {
            findings.push(Finding::new(
                FindingCode::RailsUnknown,
                format!(
                    "\"{}\": the groups have different limits",
                    self.channel.label
                ),
            ));
        }
    }

    /// Groups may code their samples differently; all segments get the type that holds every one.
    fn one_type(&mut self) -> Result<()> {
        let segments = &mut self.channel.segments;
        let kinds: Vec<&str> = segments.iter().map(|s| s.samples.kind()).collect();
        if kinds.windows(2).all(|pair| pair.first() == pair.last()) {
            return Ok(());
        }
        for segment in segments {
            let values = segment.samples.widen(0..segment.samples.len())?;
            segment.samples = Samples::F64(values);
        }
        Ok(())
    }

    /// The calibration of the finest gain and all segments in its steps, if whole numbers can say exactly what each group says.
    fn exact(
        &self,
        own: &Calibration,
        different: &[&Calibration],
    ) -> Result<Option<(Calibration, Vec<Segment>)>> {
        let finest = different
            .iter()
            .min_by(|a, b| a.gain.abs().total_cmp(&b.gain.abs()));
        let Some(finest) = finest else {
            return Ok(None);
        };
        let mut segments = Vec::with_capacity(self.channel.segments.len());
        for (segment, calibration) in self.channel.segments.iter().zip(&self.calibrations) {
            let factor = integer(calibration.gain / finest.gain);
            let shift = integer((calibration.offset - finest.offset) / finest.gain);
            let steps = |stored: f64| {
                let stored = integer(stored)?;
                i32::try_from(stored.checked_mul(factor?)?.checked_add(shift?)?).ok()
            };
            let stored = segment.samples.widen(0..segment.samples.len())?;
            let values: Option<Vec<i32>> = stored.into_iter().map(steps).collect();
            let (Some(values), Some(_), Some(_)) = (values, factor, shift) else {
                return Ok(None);
            };
            segments.push(Segment {
                start: segment.start,
                samples: Samples::I32(values),
            });
        }
        let calibration = Calibration {
            gain: finest.gain,
            offset: finest.offset,
            ..own.clone()
        };
        Ok(Some((calibration, segments)))
    }

    fn physical(&self) -> Result<Vec<Segment>> {
        let segments = self.channel.segments.iter().zip(&self.calibrations);
        segments
            .map(|(segment, calibration)| {
                let stored = segment.samples.widen(0..segment.samples.len())?;
                let values = stored.iter().map(|&v| calibration.physical(v));
                Ok(Segment {
                    start: segment.start,
                    samples: Samples::F64(values.collect()),
                })
            })
            .collect()
    }
}

/// The whole number that a ratio is but for the last bits.
fn integer(ratio: f64) -> Option<i64> {
    let round = ratio.round();
    let whole =
        (ratio - round).abs() <= LAST_BITS * ratio.abs() && round.abs() <= f64::from(u32::MAX);
    whole.then_some(round as i64)
}
