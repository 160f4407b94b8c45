//! One sweep, made of what is known of its channel.

use super::baseline::{self, Window};
use super::region::{Place, Region};
use super::saturation;
use super::tail::Tail;
use super::{Baseline, BaselineKind, Noise, Settings, Sweep, mains, noise, source};
use crate::finding::{Finding, FindingCode};
use crate::recording::Channel;
use crate::stimulus::Stimulus;
use crate::units::{Milliseconds, Millivolts};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// What is known of a channel when its sweeps are made.
pub(super) struct Known<'a> {
    pub signal: &'a Channel,
    pub judged: &'a noise::Judged,
    pub typical: Option<&'a Typical>,
    pub artefact_end: f64,
    pub settings: &'a Settings,
}

/// The noise that is typical of a channel, and what the mains add to it from place to place.
pub(super) struct Typical {
    noise: Arc<Noise>,
    left: mains::Left,
    /// By what is left: many sweeps of a channel share one.
    found: RefCell<BTreeMap<i32, Arc<Noise>>>,
}

impl Typical {
    pub fn new(noise: Noise, left: mains::Left) -> Self {
        Self {
            noise: Arc::new(noise),
            left,
            found: RefCell::default(),
        }
    }

    /// The noise around a place.
    fn around(&self, place: usize) -> Arc<Noise> {
        /// What is left is taken in steps of this factor, upward, from this part of the noise's own variance on (heuristic: a tenth of
        /// the width of an interval at the most where it counts).
        const STEP: f64 = 1.2;
        const LEAST_PART: f64 = 1e-4;
        let left = self.left.around.get(place).copied().unwrap_or(0.0);
        let least = (LEAST_PART * self.noise.rms.0.powi(2)).max(f64::MIN_POSITIVE);
        // Neither nothing nor no number.
        if left.partial_cmp(&least) != Some(Ordering::Greater) {
            return Arc::clone(&self.noise);
        }
        let steps = ((left / least).ln() / STEP.ln()).ceil();
        let with = || {
            let variance = least * STEP.powf(steps);
            noise::with_mains(&self.noise, &self.left.tones, variance)
        };
        let mut found = self.found.borrow_mut();
        Arc::clone(
            found
                .entry(steps as i32)
                .or_insert_with(|| Arc::new(with())),
        )
    }
}

impl Known<'_> {
    /// The sweep of one place, known by its index. The last of a region may take its values.
    pub fn sweep(
        &self,
        regions: &mut [Region],
        stimulus: &Stimulus,
        (index, place): (usize, &Place),
        (window, baseline): (Window, Baseline),
        tail: Tail,
        is_last: bool,
    ) -> Sweep {
        let (signal, settings, rate) = (self.signal, self.settings, self.signal.rate.0);
        let region = &regions[place.region];
        let samples = baseline::range(
            place,
            region.values.len(),
            rate,
            -settings.before_ms,
            settings.after_ms,
        );
        let first = (samples.start as f64 - place.position) * 1000.0 / rate;
        let end = (region.values.len() as f64 - place.position) * 1000.0 / rate;
        let source = source(regions, self.judged, signal);
        let noise = self.typical.map(|typical| {
            noise::local(source, place, &typical.noise, settings)
                .map_or_else(|| typical.around(index), Arc::new)
        });
        let quiet_peak = noise::quiet_peak(source, place, settings).map(Millivolts);
        let of_baseline = baseline_findings(
            region,
            &window,
            &baseline,
            noise.as_deref(),
            signal,
            settings,
        );
        let values = self.values(
            &mut regions[place.region],
            &samples,
            first,
            &baseline,
            &tail,
            is_last,
        );
        let region = &regions[place.region];
        let saturated = saturated(signal, region, &samples, &values, first, self.artefact_end);
        let mut findings: Vec<Finding> = tail.finding.into_iter().collect();
        findings.extend(saturation_finding(
            &saturated,
            first,
            rate,
            self.artefact_end,
        ));
        findings.extend(of_baseline);
        Sweep {
            stimulus: stimulus.clone(),
            rate: signal.rate,
            first: Milliseconds(first),
            values,
            baseline,
            noise,
            until: Milliseconds(
                settings
                    .after_ms
                    .min(end)
                    .min(place.next.unwrap_or(f64::INFINITY)),
            ),
            quiet_peak,
            saturated,
            artefact_end: Milliseconds(self.artefact_end),
            artefact_left: tail.left,
            findings,
        }
    }

    /// The values of a sweep, freed of baseline and tail.
    fn values(
        &self,
        region: &mut Region,
        samples: &Range<usize>,
        first: f64,
        baseline: &Baseline,
        tail: &Tail,
        is_last: bool,
    ) -> Vec<f64> {
        let is_most = 2 * samples.len() >= region.values.len();
        let mut values = if is_most && is_last {
            // Nobody looks at this region any more, and fresh memory would cost more than all else that is done here.
            let mut values = std::mem::take(&mut region.values);
            values.truncate(samples.end);
            values.drain(..samples.start);
            values
        } else {
            region.values[samples.clone()].to_vec()
        };
        if let Some(level) = baseline.level {
            for value in &mut values {
                *value -= level.0;
            }
        }
        tail.subtract(&mut values, first, self.signal.rate.0, self.artefact_end);
        values
    }
}

/// The saturated samples of a sweep, as indices into its values.
fn saturated(
    channel: &Channel,
    region: &Region,
    samples: &Range<usize>,
    values: &[f64],
    first: f64,
    artefact_end: f64,
) -> Vec<Range<usize>> {
    if channel.calibration.rails.is_none() {
        let from = ((artefact_end - first) * channel.rate.0 / 1000.0).ceil();
        return saturation::flat_tops(values, from.max(0.0) as usize);
    }
    region
        .saturated_in(samples)
        .iter()
        .map(|range| {
            range.start.max(samples.start) - samples.start
                ..range.end.min(samples.end) - samples.start
        })
        .collect()
}

/// What is saturated from here on (ms after the stimulus) may be the artefact: its mark may be late (heuristic).
const ARTEFACT_BEGINS_MS: f64 = -1.0;

/// Saturation of the artefact alone is common and harms nothing that is measured.
fn saturation_finding(
    saturated: &[Range<usize>],
    first: f64,
    rate: f64,
    artefact_end: f64,
) -> Option<Finding> {
    let time = |index: usize| first + index as f64 * 1000.0 / rate;
    let outside = |index: &usize| !(ARTEFACT_BEGINS_MS..=artefact_end).contains(&time(*index));
    let count = saturated.iter().cloned().flatten().filter(outside).count();
    let begin = saturated.iter().cloned().flatten().find(outside)?;
    Some(Finding::new(
        FindingCode::Saturated,
        format!("{count} samples, the first at {:.1} ms", time(begin)),
    ))
}

fn baseline_findings(
    region: &Region,
    window: &Window,
    baseline: &Baseline,
    noise: Option<&Noise>,
    channel: &Channel,
    settings: &Settings,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if window.short {
        let length = baseline.samples as f64 * 1000.0 / channel.rate.0;
        let detail = match window.kind {
            _ if baseline.samples == 0 => {
                "no sample before the stimulus or between artefact and response: the level is not known"
                    .to_owned()
            }
            BaselineKind::BeforeResponse => format!("{length:.1} ms between artefact and response"),
            _ => format!("{length:.1} ms before the stimulus"),
        };
        found.push(Finding::new(FindingCode::BaselineShort, detail));
    }
    if window.kind == BaselineKind::BeforeTrain {
        found.push(Finding::new(FindingCode::BaselineBeforeTrain, ""));
    }
    if window.kind == BaselineKind::BeforeStimulus
        && let Some(noise) = noise
    {
        found.extend(baseline::drift(region, window, noise, settings));
    }
    found
}
