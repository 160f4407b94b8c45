//! Which sweeps hold a response: something that stands out of the noise, at the time at which the channel's responses come.

use super::NotMeasured;
use super::response::Response;
use super::settings::Settings;

/// From so many candidates on, their times must agree. Heuristic.
const MANY: usize = 4;

/// For each response of a channel the sample of its negative peak, or why there is none.
pub fn find(responses: &[Response<'_>], settings: &Settings) -> Vec<Result<usize, NotMeasured>> {
    let mut peaks: Vec<_> = responses.iter().map(candidate).collect();
    let mut times: Vec<f64> = responses
        .iter()
        .zip(&peaks)
        .filter_map(|(response, peak)| Some(response.top(*peak.as_ref().ok()?).time.0))
        .collect();
    if times.len() < MANY {
        return peaks;
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let close = |time: f64| (time - median).abs() <= settings.latency_spread_ms;
    // Muscle activity of its own will comes at any time; where fewer than half of the candidates agree, none is a response to a stimulus.
    let agreed = 2 * times.iter().filter(|time| close(**time)).count() > times.len();
    for (response, peak) in responses.iter().zip(&mut peaks) {
        if let Ok(index) = peak
            && !(agreed && close(response.top(*index).time.0))
        {
            *peak = Err(NotMeasured::VoluntaryActivity);
        }
    }
    peaks
}

/// The highest peak of the window, if it stands out.
fn candidate(response: &Response<'_>) -> Result<usize, NotMeasured> {
    let window = response.window();
    if window.is_empty() {
        return Err(NotMeasured::NoSignal);
    }
    let Some(peak) = response.highest(window.clone(), 1.0) else {
        return Err(no_peak(response, window));
    };
    response.stands_out(response.smooth[peak])?;
    Ok(peak)
}

/// There is no local maximum: either nothing rises, or what rises is cut by the end of the sweep.
fn no_peak(response: &Response<'_>, window: std::ops::Range<usize>) -> NotMeasured {
    let highest = window
        .map(|index| response.smooth[index])
        .fold(f64::NEG_INFINITY, f64::max);
    match response.stands_out(highest) {
        Ok(()) => NotMeasured::SweepEnds,
        Err(why) => why,
    }
}
