//! How samples are cut into data records of one duration: one record per sweep where there are sweeps (EDF+ 2.1.2, 3.4).

use super::calibration::spell;
use super::decimal::Decimal;

/// The longest stretch that counts as the sweep of one stimulus, in seconds (heuristic: far above 0.1 s, far below a train).
const SWEEP_SECONDS: f64 = 2.0;
/// The recommended upper limit of a data record in bytes (EDF 1992).
const RECORD_BYTES: usize = 61_440;
/// The duration below which that limit is ignored, in seconds (the example of EDF 1992).
const SHORT_SECONDS: f64 = 0.01;
/// Seven digits of counts leave room for a sign; the fields have eight characters.
const MAX_COUNT: usize = 99_999_999;

/// Whether records of this duration can be sweeps.
pub(super) fn is_sweep(duration: Decimal) -> bool {
    duration.to_f64() <= SWEEP_SECONDS
}

/// The records of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) duration: Decimal,
    /// Samples per record of each channel.
    pub(super) samples: Vec<usize>,
    /// Records of each stretch.
    pub(super) records: Vec<usize>,
    /// Whether each record is the sweep of one stimulus.
    pub(super) sweeps: bool,
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Divisors in ascending order.
fn divisors(number: usize) -> Vec<usize> {
    let mut low: Vec<usize> = (1..)
        .take_while(|&divisor: &usize| divisor.saturating_mul(divisor) <= number)
        .filter(|&divisor| number.is_multiple_of(divisor))
        .collect();
    let high: Vec<usize> = low
        .iter()
        .rev()
        .map(|&divisor| number / divisor)
        .filter(|divisor| !low.contains(divisor))
        .collect();
    low.extend(high);
    low
}

/// Cuts stretches into records. `lengths` holds for each channel the samples of each stretch, `rates` is in Hz. `None` if the stretches of the
/// channels do not last equally long, or if eight characters hold no duration from which every rate follows exactly.
pub(super) fn cut(lengths: &[Vec<usize>], rates: &[f64], sample_bytes: usize) -> Option<Layout> {
    let reference = lengths.first()?;
    let (&first, &rate) = (reference.first()?, rates.first()?);
    let unit = reference
        .iter()
        .fold(0, |divisor, &length| common_divisor(divisor, length));
    if unit == 0 {
        return None;
    }
    for own in lengths {
        let own_first = *own.first()?;
        let alike = own.len() == reference.len()
            && own.iter().zip(reference).all(|(&own, &length)| {
                own as u128 * first as u128 == own_first as u128 * length as u128
            });
        if !alike {
            return None;
        }
    }
    let layout = |parts: usize| {
        // The first stretch has this many records.
        let records = first / unit * parts;
        let samples = lengths
            .iter()
            .map(|own| {
                own.first()
                    .copied()
                    .filter(|own| own.is_multiple_of(records))
            })
            .map(|own| own.map(|own| own / records).filter(|&own| own <= MAX_COUNT))
            .collect::<Option<Vec<_>>>()?;
        let seconds = *samples.first()? as f64 / rate;
        let duration = Decimal::parse(&spell(seconds)?)?;
        let fits = samples
            .iter()
            .zip(rates)
            .all(|(&samples, &rate)| duration.divide(samples) == rate);
        let records: Vec<usize> = reference
            .iter()
            .map(|length| length / unit * parts)
            .collect();
        (fits && records.iter().sum::<usize>() <= MAX_COUNT).then_some(Layout {
            duration,
            samples,
            records,
            sweeps: false,
        })
    };
    let equal = reference.iter().all(|&length| length == first);
    if reference.len() > 1
        && equal
        && first as f64 / rate <= SWEEP_SECONDS
        && let Some(mut sweeps) = layout(1)
    {
        sweeps.sweeps = true;
        return Some(sweeps);
    }
    // From long records to short ones.
    let possible: Vec<Layout> = divisors(unit).into_iter().filter_map(layout).collect();
    let seconds = |layout: &Layout| layout.duration.to_f64();
    let handy = |layout: &&Layout| (SHORT_SECONDS..=1.0).contains(&seconds(layout));
    let small =
        |layout: &&Layout| layout.samples.iter().sum::<usize>() * sample_bytes <= RECORD_BYTES;
    possible
        .iter()
        .find(|layout| handy(layout) && small(layout))
        .or_else(|| possible.iter().find(handy))
        .or_else(|| possible.iter().rev().find(|layout| seconds(layout) > 1.0))
        .or_else(|| possible.first())
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn edf_plus_3_4_sweeps_of_50_ms_are_records_of_50_ms() {
        let layout = cut(&[vec![240; 10]], &[4800.0], 2).unwrap();
        assert_eq!(layout.duration, seconds("0.05"));
        assert_eq!(layout.samples, vec![240]);
        assert_eq!(layout.records, vec![1; 10]);
        assert!(layout.sweeps);
    }

    #[test]
    fn a_continuous_recording_has_records_of_a_second() {
        let layout = cut(&[vec![300_000], vec![30_000]], &[10_000.0, 1000.0], 2).unwrap();
        assert_eq!(layout.duration, seconds("1"));
        assert_eq!(layout.samples, vec![10_000, 1000]);
        assert!(!layout.sweeps);
    }

    #[test]
    fn a_length_without_divisors_is_one_record() {
        let layout = cut(&[vec![100_003]], &[20_000.0], 2).unwrap();
        assert_eq!(layout.duration, seconds("5.00015"));
        assert_eq!(layout.records, vec![1]);
    }

    #[test]
    fn a_rate_that_no_duration_gives_is_refused() {
        assert_eq!(
            cut(&[vec![100_003]], &[std::f64::consts::PI * 1000.0], 2),
            None
        );
        let third = cut(&[vec![20_000]], &[10_000.0 / 3.0], 2).unwrap();
        assert_eq!(third.duration.divide(third.samples[0]), 10_000.0 / 3.0);
    }

    #[test]
    fn channels_that_last_differently_are_refused() {
        assert_eq!(cut(&[vec![100], vec![101]], &[1000.0, 1000.0], 2), None);
        assert_eq!(cut(&[vec![100], vec![100]], &[1000.0, 2000.0], 2), None);
    }
}
