#![doc = include_str!("../../docs/methods/peak_to_peak.md")]

use super::response::Response;
use super::settings::PeakToPeakExtent;
use super::uncertainty::estimate;
use super::{Landmark, Measure, NotMeasured, Value};
use crate::recording::Point;
use crate::source::Source;
use crate::units::Unit;

/// The card.
pub static PEAK_TO_PEAK: Measure = Measure {
    id: "peak_to_peak",
    name: "Peak-to-peak amplitude",
    unit: Unit::Millivolts,
    formula: "PP = v(negative peak) − v(positive peak)",
    source: Source {
        citation: "Preston DC, Shapiro BE. Electromyography and Neuromuscular Disorders. Elsevier",
        link: "",
        place: "compound muscle action potential",
    },
    compute,
};

fn compute(response: &Response<'_>) -> Value {
    if response.settings.peak_to_peak_extent == PeakToPeakExtent::Window {
        return in_window(response);
    }
    let peak = response.peak()?;
    // The program looks for the positive peak after the return; a reader placed it without one.
    if !response.placed.has(Point::PositivePeak) {
        response.baseline_return()?;
    }
    let missing = || {
        NotMeasured::LandmarkMissing(
            "positive peak: no lowest point after the return to baseline".into(),
        )
    };
    let positive = response.landmarks.positive_peak.ok_or_else(missing)?;
    between(response, peak, positive)
}

/// The highest and the lowest peak of the window, in either order; where a reader placed the negative or the positive peak, that one.
fn in_window(response: &Response<'_>) -> Value {
    let peak = response.peak()?;
    let turning = |sign: f64, name: &str| {
        let index = response.highest(response.window(), sign).ok_or_else(|| {
            NotMeasured::LandmarkMissing(format!("{name} peak: no turning point in the window"))
        })?;
        Ok::<_, NotMeasured>(response.top(index))
    };
    let highest = if response.placed.has(Point::NegativePeak) {
        peak
    } else {
        turning(1.0, "highest")?
    };
    let by_hand = response.placed.has(Point::PositivePeak);
    let lowest = match response.landmarks.positive_peak.filter(|_| by_hand) {
        Some(positive) => positive,
        None => turning(-1.0, "lowest")?,
    };
    if lowest.value.0 >= highest.value.0 {
        return Err(NotMeasured::LandmarkMissing(
            "lowest peak: none in the window lies below the highest".into(),
        ));
    }
    between(response, highest, lowest)
}

fn between(response: &Response<'_>, peak: Landmark, positive: Landmark) -> Value {
    response.unsaturated_until(peak.time.0.max(positive.time.0) + response.step())?;
    let mut weights = response.weights();
    response.smoothed_at(&mut weights, peak.time.0, 1.0);
    response.smoothed_at(&mut weights, positive.time.0, -1.0);
    // The noise that made the peaks is in what they are apart, unless a reader chose them.
    let chosen = |point: Point, peak: Landmark, sign: f64| {
        let by_hand = response.placed.has(point);
        (!by_hand).then(|| response.gained_by_choice(peak.time.0, sign))
    };
    let gained = chosen(Point::NegativePeak, peak, 1.0).unwrap_or(0.0)
        + chosen(Point::PositivePeak, positive, -1.0).unwrap_or(0.0);
    // 0 for a peak that no reader placed.
    let hand = response.hand_mv(Point::NegativePeak, peak)
        + response.hand_mv(Point::PositivePeak, positive);
    let artefact = response.artefact_at(peak.time.0) + response.artefact_at(positive.time.0);
    let bound = artefact + gained + hand;
    estimate(
        peak.value.0 - positive.value.0,
        response.sd(&weights),
        bound,
    )
}
