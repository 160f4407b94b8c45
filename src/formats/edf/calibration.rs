//! Physical and digital extremes in eight characters each, so that the calibration that is read back is the one that was written.

/// Characters of a number in the header.
const WIDTH: usize = 8;
/// A calibration that is read back this near, in stored steps over the whole range, counts as the same.
const EXACT_STEPS: f64 = 1e-6;
/// The header may be off by this fraction of a step for other readers while the exact numbers stand in the note (heuristic: far
/// below the rounding of the converter, which is half a step).
const NEAR_STEPS: f64 = 0.05;

/// The four fields of a header.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Extremes {
    pub(super) physical: (String, String),
    pub(super) digital: (i64, i64),
    /// Whether the header alone gives gain and offset.
    pub(super) exact: bool,
}

/// The shortest spelling with as many decimals as fit.
pub(super) fn spell(value: f64) -> Option<String> {
    (0..WIDTH).rev().find_map(|decimals| {
        let text = format!("{value:.decimals$}");
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        let text = if text == "-0" { "0" } else { text };
        (text.len() <= WIDTH).then(|| text.to_owned())
    })
}

/// Gain and offset in the unit of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) gain: f64,
    pub(super) offset: f64,
}

impl Line {
    /// The two physical fields for two digital ones.
    pub(super) fn spell_ends(self, digital: (i64, i64)) -> Option<(String, String)> {
        let at = |stored: i64| spell(self.gain * stored as f64 + self.offset);
        let ends = (at(digital.0)?, at(digital.1)?);
        (ends.0 != ends.1).then_some(ends)
    }

    /// How far a reader of the fields is off within `rails`, in steps.
    fn error(self, physical: &(String, String), digital: (i64, i64), rails: (i64, i64)) -> f64 {
        let (Ok(low), Ok(high)) = (physical.0.parse::<f64>(), physical.1.parse::<f64>()) else {
            return f64::INFINITY;
        };
        let (first, last) = (digital.0 as f64, digital.1 as f64);
        let off = |stored: i64| {
            let stored = stored as f64;
            let read = low + (high - low) * ((stored - first) / (last - first));
            ((read - (self.gain * stored + self.offset)) / self.gain).abs()
        };
        off(rails.0).max(off(rails.1))
    }

    /// The fields for a signal whose converter has `rails` and whose samples lie in `used`; `None` if eight characters are not enough.
    pub(super) fn extremes(self, rails: (i64, i64), used: (i64, i64)) -> Option<Extremes> {
        let with = |digital: (i64, i64)| Some((self.spell_ends(digital)?, digital));
        let rounded = with(rails)?;
        let good = |limit: f64| {
            move |(physical, digital): &((String, String), (i64, i64))| {
                self.error(physical, *digital, rails) <= limit
            }
        };
        let exact = std::iter::once(rails)
            .chain(round_pairs(rails, used))
            .filter_map(with)
            .find(good(EXACT_STEPS));
        // The last resort keeps the gain, but a few samples lie outside of the stated digital range; the note knows the rails.
        let near = || Some(rounded).filter(good(NEAR_STEPS));
        let narrow = || {
            round_pairs(rails, (0, 0))
                .filter_map(with)
                .find(good(EXACT_STEPS))
        };
        let (exact, (physical, digital)) = match (exact, near()) {
            (Some(exact), _) => (true, exact),
            (None, Some(near)) => (false, near),
            (None, None) => (true, narrow()?),
        };
        Some(Extremes {
            physical,
            digital,
            exact,
        })
    }
}

/// Pairs of round numbers within the rails that hold all samples, the widest first: 32000 steps of 5 µV are 160 mV in few characters.
fn round_pairs(rails: (i64, i64), used: (i64, i64)) -> impl Iterator<Item = (i64, i64)> {
    let powers = |base: i64| {
        std::iter::successors(Some(base), move |power| power.checked_mul(base))
            .take_while(move |&power| power <= rails.1.max(-rails.0))
    };
    let mut units: Vec<i64> = powers(2).chain(powers(10)).collect();
    units.sort_unstable();
    units.into_iter().filter_map(move |unit| {
        let low = -((-rails.0).div_euclid(unit) * unit);
        let high = rails.1.div_euclid(unit) * unit;
        (low < high && low <= used.0 && used.1 <= high).then_some((low, high))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const I16: (i64, i64) = (-32768, 32767);

    #[test]
    fn eight_characters_hold_as_many_decimals_as_fit() {
        assert_eq!(spell(-10.0).as_deref(), Some("-10"));
        assert_eq!(spell(1.0 / 3.0).as_deref(), Some("0.333333"));
        assert_eq!(spell(-1_234.567_89).as_deref(), Some("-1234.57"));
        assert_eq!(spell(-0.000_000_01).as_deref(), Some("0"));
        assert_eq!(spell(123_456_789.0), None);
    }

    #[test]
    fn a_decimal_gain_stands_at_the_rails() {
        let line = Line {
            gain: 0.5,
            offset: 0.0,
        };
        let extremes = line.extremes(I16, (-5, 5)).unwrap();
        assert_eq!(
            extremes.physical,
            ("-16384".to_owned(), "16383.5".to_owned())
        );
        assert!(extremes.exact);
    }

    #[test]
    fn a_gain_that_the_rails_cannot_spell_stands_at_round_numbers() {
        let line = Line {
            gain: 10.0 / 32768.0,
            offset: 0.0,
        };
        let extremes = line.extremes(I16, (-5, 5)).unwrap();
        assert!(extremes.exact, "{extremes:?}");
        assert!(line.error(&extremes.physical, extremes.digital, I16) < 1e-6);
    }

    #[test]
    fn a_gain_that_no_decimal_spells_is_near_and_says_so() {
        let line = Line {
            gain: std::f64::consts::PI / 10_500.0,
            offset: 0.0,
        };
        let extremes = line.extremes(I16, (-32768, 32767)).unwrap();
        assert!(!extremes.exact);
        let tiny = Line {
            gain: 1e-6 / std::f64::consts::PI,
            offset: 0.0,
        };
        assert_eq!(tiny.extremes(I16, (0, 1)), None);
    }
}
