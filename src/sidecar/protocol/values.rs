//! Whether stated numbers can be what they say, before anything is read by them.

use super::bad;
use crate::error::Result;
use crate::formats::Mapping;

/// The oldest age that is believed, in years (heuristic: nobody was older).
const OLDEST_YEARS: f64 = 125.0;
/// Skin temperatures outside of these are slips of the pen, in °C (heuristic).
const SKIN_C: std::ops::RangeInclusive<f64> = 10.0..=45.0;
/// No recording is longer, in s (heuristic: four months).
const LONGEST_S: f64 = 1e7;
/// Nobody stimulates faster, in Hz (heuristic).
const FASTEST_HZ: f64 = 1000.0;
/// Nobody stimulates more slowly in a train, in Hz (heuristic).
const SLOWEST_HZ: f64 = 0.001;

/// Refuses what cannot be.
pub(in crate::sidecar) fn check(mapping: &Mapping) -> Result<()> {
    let subject = &mapping.subject;
    within(
        "age_years",
        subject.age_years,
        0.0..=OLDEST_YEARS,
        "subject",
    )?;
    within(
        "skin_temperature_c",
        subject.skin_temperature_c,
        SKIN_C,
        "subject",
    )?;
    for (name, text) in [("code", &subject.code), ("sex", &subject.sex)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(bad(format!("{name} is empty"))
                .at("subject")
                .advice("remove the line"));
        }
    }
    if let Some(recorded) = &mapping.recorded
        && recorded.parse::<jiff::civil::DateTime>().is_err()
    {
        return Err(bad(format!("\"{recorded}\" is no local time"))
            .at("recorded")
            .advice("write it as 2026-03-01T09:30:00"));
    }
    within("stimulus_ms", mapping.stimulus_ms, 0.0..=LONGEST_S, "top")?;
    let times = mapping.marks.iter().flat_map(|marks| &marks.times_s);
    if let Some(time) = times
        .copied()
        .find(|time| !(-LONGEST_S..=LONGEST_S).contains(time))
    {
        return Err(bad(format!("times_s holds {time}; expected seconds")).at("marks"));
    }
    for (index, train) in mapping.trains.iter().enumerate() {
        let place = format!("trains, number {}", index + 1);
        within("rate_hz", train.rate_hz, SLOWEST_HZ..=FASTEST_HZ, &place)?;
        within("start_s", train.start_s, -LONGEST_S..=LONGEST_S, &place)?;
        within(
            "exercise_s",
            train.exercise_s,
            f64::MIN_POSITIVE..=LONGEST_S,
            &place,
        )?;
        within(
            "after_exercise_s",
            train.after_exercise_s,
            0.0..=LONGEST_S,
            &place,
        )?;
        within(
            "sweep_ms",
            train.sweep_ms,
            f64::MIN_POSITIVE..=LONGEST_S,
            &place,
        )?;
    }
    for (index, exercise) in mapping.exercises.iter().enumerate() {
        let place = format!("exercises, number {}", index + 1);
        within(
            "start_s",
            Some(exercise.start_s),
            -LONGEST_S..=LONGEST_S,
            &place,
        )?;
        within(
            "length_s",
            Some(exercise.length_s),
            f64::MIN_POSITIVE..=LONGEST_S,
            &place,
        )?;
    }
    Ok(())
}

fn within(
    name: &str,
    value: Option<f64>,
    range: std::ops::RangeInclusive<f64>,
    place: &str,
) -> Result<()> {
    match value {
        Some(value) if !range.contains(&value) => Err(bad(format!(
            "{name} is {value}; expected {} to {}",
            if *range.start() == f64::MIN_POSITIVE {
                "above 0".to_owned()
            } else {
                range.start().to_string()
            },
            range.end()
        ))
        .at(place)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        for (toml, name) in [
            ("recorded = 'yesterday'", "recorded"),
            ("stimulus_ms = nan", "stimulus_ms"),
            ("[subject]\nage_years = -5", "age_years"),
            ("[subject]\nskin_temperature_c = inf", "skin_temperature_c"),
            ("[subject]\ncode = ' '", "code"),
            ("[[marks]]\ntimes_s = [1, nan]", "times_s"),
            ("[[trains]]\nrate_hz = 1e-310", "rate_hz"),
            ("[[trains]]\nstart_s = 1e300", "start_s"),
            ("[[trains]]\nexercise_s = 0", "exercise_s"),
            ("[[exercises]]\nstart_s = 1\nlength_s = 0", "length_s"),
        ] {
            let error = check(&Mapping::from_toml(toml).unwrap()).unwrap_err();
            assert!(error.to_string().contains(name), "{toml}: {error}");
        }
        let fine = "recorded = '2026-03-01T09:30:00'\n[subject]\ncode = 'P07'\nage_years = 44\n";
        check(&Mapping::from_toml(fine).unwrap()).unwrap();
    }
}
