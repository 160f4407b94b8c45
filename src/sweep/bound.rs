//! What the sweeps of a recording may cost, known before any is cut: a small file can name the same samples over and over.

use super::Settings;
use crate::error::{Error, ErrorCode, Result};
use crate::recording::{Channel, Recording, Role};
use crate::stimulus::Stimulus;

/// A sweep costs so many bytes besides its samples: itself, its stimulus, and what is measured on it. Measured: 2.9 kB, of 480,000 sweeps
/// without samples.
const BYTES_OF_A_SWEEP: u64 = 4096;

/// Each sample of a sweep costs so many bytes: 8 as it is, 8 smoothed, and 12 in the semivariogram of the noise around the sweep where that is
/// not the typical one (three numbers for each lag, and by default lags of half the length of a sweep).
const BYTES_OF_A_SAMPLE: u64 = 28;

/// So many bytes are allowed whatever was recorded (heuristic: some 10,000 sweeps).
const ALLOWED_BYTES: u64 = 64 << 20;

/// So many bytes are allowed for each sample that was recorded (heuristic). Sweeps of 100 ms at 50 Hz and 20 kHz cost 150 bytes for each, at
/// 50 Hz and 1 kHz 345; a stimulus every 2 ms for ever costs 1502 at 20 kHz, and no nerve follows that.
const ALLOWED_BYTES_PER_SAMPLE: u64 = 2048;

/// Sweeps and samples of one channel or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    sweeps: u64,
    /// What the sweeps cost.
    bytes: u64,
    /// What was recorded.
    samples: u64,
}

impl Asked {
    fn allowed(self) -> u64 {
        let by_samples = self.samples.saturating_mul(ALLOWED_BYTES_PER_SAMPLE);
        by_samples.saturating_add(ALLOWED_BYTES)
    }

    fn and(self, other: Self) -> Self {
        Self {
            sweeps: self.sweeps.saturating_add(other.sweeps),
            bytes: self.bytes.saturating_add(other.bytes),
            samples: self.samples.saturating_add(other.samples),
        }
    }

    /// Sweeps of `length` samples each.
    fn of_sweeps(sweeps: u64, length: u64) -> Self {
        let each = length
            .saturating_mul(BYTES_OF_A_SAMPLE)
            .saturating_add(BYTES_OF_A_SWEEP);
        Self {
            sweeps,
            bytes: sweeps.saturating_mul(each),
            samples: 0,
        }
    }

    /// What the stimuli (in order of time) ask of a channel.
    fn of_channel(
        channel: &Channel,
        index: usize,
        stimuli: &[Stimulus],
        settings: &Settings,
    ) -> Self {
        let rate = channel.rate.0;
        let length = (settings.before_ms + settings.after_ms).max(0.0) * rate / 1000.0;
        let whole = length.floor() as u64 + 1;
        let parts = channel.segments.iter().map(|segment| {
            let (start, end) = (segment.start.0, segment.end(channel.rate).0);
            let first = stimuli.partition_point(|stimulus| stimulus.time.0 < start);
            let count = stimuli[first..].partition_point(|stimulus| stimulus.time.0 < end);
            let own = stimuli[first..first + count]
                .iter()
                .filter(|stimulus| stimulus.concerns(index));
            let samples = segment.samples.len() as u64;
            Self {
                samples,
                ..Self::of_sweeps(own.count() as u64, whole.min(samples))
            }
        });
        parts.fold(Self::default(), Self::and)
    }
}

/// Whether the sweeps around the stimuli (in order of time) stand in proportion to what was recorded.
///
/// # Errors
///
/// If a setting is out of its range, and if they would cost far more than any study does.
pub fn fits(recording: &Recording, stimuli: &[Stimulus], settings: &Settings) -> Result<()> {
    settings.check()?;
    let responses = recording
        .channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| channel.role == Role::Response);
    let asked: Vec<(usize, &Channel, Asked)> = responses
        .map(|(index, channel)| {
            let asked = Asked::of_channel(channel, index, stimuli, settings);
            (index, channel, asked)
        })
        .collect();
    let all = asked
        .iter()
        .fold(Asked::default(), |all, (.., one)| all.and(*one));
    if all.bytes <= all.allowed() {
        return Ok(());
    }
    let error = Error::new(
        ErrorCode::TooLarge,
        format!(
            "{} sweeps in signal of {} samples would take about {} MiB of memory, {} MiB are allowed ({} MiB, and {ALLOWED_BYTES_PER_SAMPLE} bytes for each sample)",
            all.sweeps,
            all.samples,
            all.bytes >> 20,
            all.allowed() >> 20,
            ALLOWED_BYTES >> 20,
        ),
    )
    .advice("check the times of the stimuli and the sampling rate, and which marks are stimuli; a mapping can give channels without responses the role `other`");
    // Of equals the first.
    let most = asked
        .iter()
        .rev()
        .max_by_key(|(.., one)| one.bytes.saturating_sub(one.allowed()));
    Err(match most {
        Some((index, channel, one)) => error.at(format!(
            "channel {} \"{}\", {} sweeps in {} samples",
            index + 1,
            channel.label,
            one.sweeps,
            one.samples
        )),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Vocabulary;
    use crate::stimulus::{self, tests};

    #[test]
    fn thousands_of_stimuli_around_two_samples_are_refused_before_they_are_cut() {
        let marks: Vec<(f64, &str)> = (0..10_000)
            .map(|i| (f64::from(i) * 0.005, "Stim"))
            .collect();
        // Two samples in a minute.
        let channel = || tests::channel(Role::Response, 2.0 / 60.0, vec![(0.0, vec![0.0; 2])]);
        let fits = |channels: usize| {
            let recording = tests::recording((0..channels).map(|_| channel()).collect(), &marks);
            let settings = stimulus::Settings::default();
            let found = stimulus::find(&recording, &Vocabulary::default(), &settings).unwrap();
            super::fits(&recording, &found.stimuli, &Settings::default())
        };
        // 10,000 × (4096 + 28) bytes are 39 MiB.
        assert!(fits(1).is_ok());
        let error = fits(48).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TooLarge);
        assert_eq!(
            error.message(),
            "channel 1 \"ADM\", 10000 sweeps in 2 samples: 480000 sweeps in signal of 96 samples would take about 1887 MiB of memory, \
             64 MiB are allowed (64 MiB, and 2048 bytes for each sample) — check the times of the stimuli and the sampling rate, and which \
             marks are stimuli; a mapping can give channels without responses the role `other`"
        );
    }

    #[test]
    fn long_monitoring_and_long_trains_at_high_rate_are_allowed() {
        // Stimuli per second, samples per second, seconds, channels.
        let monitoring = (1.0, 20_000.0, 100_000.0, 8.0);
        let fast = (50.0, 20_000.0, 3600.0, 8.0);
        let coarse = (50.0, 1000.0, 3600.0, 1.0);
        let faster = (200.0, 10_000.0, 400.0, 1.0);
        for (stimuli, rate, seconds, channels) in [monitoring, fast, coarse, faster] {
            let sweeps = (stimuli * seconds * channels) as u64;
            let asked = Asked {
                samples: (rate * seconds * channels) as u64,
                ..Asked::of_sweeps(sweeps, (rate / 10.0) as u64 + 1)
            };
            assert!(2 * asked.bytes < asked.allowed(), "{asked:?}");
        }
    }
}
