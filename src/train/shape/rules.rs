//! The rules by which an envelope has a shape; in words on the cards.

use super::envelope::{Envelope, Term, slope_weights};
use super::{Settings, Shape};
use crate::train::holds::Holds;

/// The response of the early decrement.
pub(super) const EARLY: usize = 4;

/// The first response.
const FIRST: usize = 1;
/// The response that follows it: what has happened by then may be the doing of the first alone.
const SECOND: usize = 2;
/// The fewest responses on each side of a step.
const BESIDE_STEP: usize = 2;

/// The shape of an envelope.
pub(super) fn shape(envelope: &Envelope, settings: &Settings) -> Shape {
    let rules = Rules { envelope, settings };
    match rules.step() {
        Holds::Yes => return Shape::Step,
        Holds::Unsure => return Shape::Unclear,
        Holds::No => {}
    }
    if rules.irregular() {
        return Shape::Irregular;
    }
    match (rules.falls(), rules.rises()) {
        (Holds::No, Holds::No) => Shape::Even,
        (Holds::No, Holds::Yes) => rules.rising(),
        (Holds::Yes, Holds::No) => rules.falling(),
        _ => Shape::Unclear,
    }
}

struct Rules<'a> {
    envelope: &'a Envelope,
    settings: &'a Settings,
}

impl Rules<'_> {
    /// Whether the fall from the first response to response `number` is at least `percent`.
    fn fallen(&self, number: usize, percent: f64, tries: usize) -> Holds {
        let terms = [(FIRST, 1.0), (number, -1.0)];
        self.envelope.reaches_smoothly(&terms, percent, tries)
    }

    fn falls(&self) -> Holds {
        let tries = self.envelope.last() - FIRST;
        Holds::any(
            (SECOND..=self.envelope.last())
                .map(|number| self.fallen(number, self.settings.decrement_min_pct, tries)),
        )
    }

    fn risen(&self, number: usize, tries: usize) -> Holds {
        let terms = [(number, 1.0), (FIRST, -1.0)];
        self.envelope
            .reaches_smoothly(&terms, self.settings.rise_min_pct, tries)
    }

    fn rises(&self) -> Holds {
        let tries = self.envelope.last() - FIRST;
        Holds::any((SECOND..=self.envelope.last()).map(|number| self.risen(number, tries)))
    }

    /// A jump between two flat stretches. Where the noise of the jump hides whether it is one, the stretches decide first.
    fn step(&self) -> Holds {
        let (envelope, settings) = (self.envelope, self.settings);
        let last = envelope.last();
        let after = FIRST + BESIDE_STEP..=last + 1 - BESIDE_STEP;
        let tries = after.clone().count();
        let flat = |spread: &f64| *spread <= settings.step_flat_sd_pct;
        let (before, from) = (envelope.spreads_to(), envelope.spreads_from());
        Holds::any(after.map(|k| {
            // Response 1 has index 0, and what lies before response `k` ends with response `k - 1`.
            let flat = before.get(k - 2).is_some_and(flat) && from.get(k - 1).is_some_and(flat);
            let jump = |sign: f64| {
                let terms = [(k, sign), (k - 1, -sign)];
                envelope.reaches(&terms, settings.step_min_pct, tries)
            };
            Holds::from(flat).and(jump(1.0).max(jump(-1.0)))
        }))
    }

    /// How often the direction changes by a swing that counts; what noise explains does not.
    fn irregular(&self) -> bool {
        let envelope = self.envelope;
        let swing = |a, b| envelope.differ(a, b, self.settings.swing_min_pct);
        let mut turns = 0;
        // The last extreme, and whether the way to it led up; before the first swing there are two candidates.
        let (mut highest, mut lowest) = (FIRST, FIRST);
        let mut leg: Option<(usize, bool)> = None;
        for number in SECOND..=envelope.last() {
            let value = envelope.value(number);
            match leg {
                None => {
                    if value > envelope.value(highest) {
                        highest = number;
                    }
                    if value < envelope.value(lowest) {
                        lowest = number;
                    }
                    if number == highest && swing(lowest, number) {
                        leg = Some((number, true));
                    } else if number == lowest && swing(highest, number) {
                        leg = Some((number, false));
                    }
                }
                Some((extreme, up)) => {
                    let further = (value >= envelope.value(extreme)) == up;
                    if further {
                        leg = Some((number, up));
                    } else if swing(extreme, number) {
                        turns += 1;
                        leg = Some((number, !up));
                    }
                }
            }
        }
        turns >= self.settings.swings_min
    }

    /// Which shape a train has that rises and does not fall.
    fn rising(&self) -> Shape {
        let last = self.envelope.last();
        // What rises at once and then stays is a first response that was too small.
        let within = self.settings.plateau_within_pct / 100.0;
        let gradual = self.envelope.reaches_smoothly(
            &[(last, 1.0 - within), (FIRST, within), (SECOND, -1.0)],
            0.0,
            1,
        );
        match self.risen(last, 1).and(gradual) {
            Holds::Yes => Shape::Rising,
            _ => Shape::Unclear,
        }
    }

    /// Which shape a train has that falls and does not rise.
    fn falling(&self) -> Shape {
        let settings = self.settings;
        let last = self.envelope.last();
        let late = self.fallen(last, settings.late_min_pct, 1);
        let early = self.fallen(EARLY, settings.late_only_early_max_pct, 1);
        let late_only = late.and(early.not());
        let linear = late.and(self.straight());

        let bottom = Holds::any(
            (settings.bottom_from..=settings.bottom_until.min(last))
                .map(|number| self.at_bottom(number)),
        );
        let at_once = Holds::any(
            (SECOND..settings.bottom_from.min(last + 1)).map(|number| self.at_bottom(number)),
        );
        let bent = bottom.and(at_once.not());
        let recovered = self.recovered();
        // Both mean the same; a recovery that is not shown leaves a plateau.
        let shown = Holds::from(recovered == Holds::Yes);
        let curves = [
            (Shape::LateOnly, late_only),
            (Shape::Linear, linear.and(late_only.not())),
            (Shape::UShape, bent.and(shown)),
            (Shape::Plateau, bent.and(shown.not())),
            (
                Shape::Progressive,
                bottom
                    .not()
                    .and(at_once.not())
                    .and(recovered.not())
                    .and(self.exceeds_early()),
            ),
        ];
        let mut possible = curves.into_iter().filter(|(_, holds)| *holds != Holds::No);
        match (possible.next(), possible.next()) {
            (Some((shape, Holds::Yes)), None) => shape,
            // The rules that come first are the narrower ones.
            (Some((shape @ (Shape::LateOnly | Shape::Linear), Holds::Yes)), _) => shape,
            _ => Shape::Unclear,
        }
    }

    /// Whether the responses lie on a straight line.
    fn straight(&self) -> Holds {
        let settings = self.settings;
        let last = self.envelope.last();
        let half = last.div_ceil(2);
        let fitting = self.envelope.straightness() >= settings.linear_r_squared_min;
        let part = settings.linear_second_half_min_pct / 100.0;
        let mut terms: Vec<Term> = slope_weights(last + 1 - half, last)
            .into_iter()
            .map(|(number, weight)| (number, -weight))
            .collect();
        terms.extend(
            slope_weights(FIRST, half)
                .into_iter()
                .map(|(number, weight)| (number, part * weight)),
        );
        Holds::from(fitting).and(self.envelope.reaches_smoothly(&terms, 0.0, 1))
    }

    /// Whether a response has fallen to the bottom: within a part of the largest fall above the lowest.
    fn at_bottom(&self, number: usize) -> Holds {
        let within = self.settings.plateau_within_pct / 100.0;
        let terms = [
            (self.envelope.lowest(), 1.0 - within),
            (FIRST, within),
            (number, -1.0),
        ];
        self.envelope.reaches_smoothly(&terms, 0.0, 1)
    }

    /// Whether the last response has regained a part of the largest fall.
    fn recovered(&self) -> Holds {
        let part = self.settings.recovery_min_pct / 100.0;
        let terms = [
            (self.envelope.last(), 1.0),
            (self.envelope.lowest(), part - 1.0),
            (FIRST, -part),
        ];
        self.envelope.reaches_smoothly(&terms, 0.0, 1)
    }

    /// Whether the late decrement exceeds the early one; a train that is too short for a late one does not say so.
    fn exceeds_early(&self) -> Holds {
        let settings = self.settings;
        let last = self.envelope.last();
        if last < settings.late_response_min {
            return Holds::No;
        }
        let factor = settings.late_over_early_min_pct / 100.0;
        let terms = [(FIRST, 1.0 - factor), (last, -1.0), (EARLY, factor)];
        self.envelope.reaches_smoothly(&terms, 0.0, 1)
    }
}
