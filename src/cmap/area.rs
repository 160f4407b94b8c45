#![doc = include_str!("../../docs/methods/area.md")]

use super::onset_latency::onset_sd;
use super::response::Response;
use super::uncertainty::estimate;
use super::{Measure, Value};
use crate::math::integrate::trapezoid;
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static AREA: Measure = Measure {
    id: "area",
    name: "Negative-phase area",
    unit: Unit::MillivoltMilliseconds,
    formula: "S = ∫ (v − baseline) dt from onset to return to baseline",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

/// The largest error of the area at 4800 Hz as a part of it, and the power of the sampling interval with which it shrinks: 0.06 % at
/// 4800 Hz, 0.01 % at 10 kHz, below 0.001 % at 20 kHz (docs/methods/area.md).
const AREA_BOUND_4800: f64 = 6e-4;
const AREA_ORDER: f64 = 3.0;

fn compute(response: &Response<'_>) -> Value {
    let (onset, end) = (response.onset()?, response.baseline_return()?);
    response.unsaturated_until(end.time.0)?;
    let sweep = response.sweep;
    let (from, to) = (onset.time.0, end.time.0);
    // The sweep itself is integrated, not the smoothed one: integration averages noise already, and smoothing would move area across the ends.
    let value = trapezoid(&sweep.values, sweep.first.0, response.step(), from, to);
    let mut weights = response.weights();
    let inside = response.indices(from, to);
    weights.add_run(inside.start as i64, inside.len(), response.step());
    response.against_baseline(&mut weights);
    // Noise moves the onset, too, and with it a strip as high as the signal there.
    let ends = onset_sd(response, onset).map(|sd| sd * onset.value.0);
    let sd = response
        .sd(&weights)
        .map(|sd| sd.hypot(ends.unwrap_or(0.0)));
    let left = &sweep.artefact_left;
    let artefact = left.tau.0 * (response.artefact_at(from) - response.artefact_at(to));
    let sampling = response.sampling_bound(AREA_BOUND_4800, AREA_ORDER) * value.abs();
    let hand = response.hand_onset_area(onset) + response.hand_area(Point::Return, end);
    estimate(value, sd, artefact + sampling + hand)
}
