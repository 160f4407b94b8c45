//! An observation of each train.

use super::body;
use super::element::{
    absent, believed, component, exact, note, notes, of_change, of_estimate, own, put_list,
};
use super::scene::Scene;
use crate::cmap::{MEASURES, NotMeasured};
use crate::finding::Finding;
use crate::math::rounding::rounded;
use crate::recording::Clock;
use crate::series::When;
use crate::study::ChannelStudy;
use crate::train::{
    CONVENTIONS, Direction, EnlargementReading, Train, TrainKind, Trust, response_value,
};
use crate::units::Unit;
use serde_json::{Value as Json, json};

/// The observation of a train; both numbers from 0.
pub(super) fn observation(scene: &Scene<'_>, place: usize, number: usize) -> Option<Json> {
    let channel = scene.material.study.channels.get(place)?;
    let train = channel.trains.get(number)?;
    let (kind, words) = match train.kind {
        TrainKind::Single => ("single", "Response to a single stimulus"),
        TrainKind::Low => ("low", "Repetitive nerve stimulation at low rate (2–5 Hz)"),
        TrainKind::High => (
            "high",
            "Repetitive nerve stimulation at high rate (20–50 Hz)",
        ),
        TrainKind::Other => ("other", "Repetitive nerve stimulation"),
    };
    let code = own(&format!("train.{kind}"), words);
    let mut observation = scene.observation(scene.train(place, number), code);
    observation["bodySite"] = body::site(channel);
    let mut components = protocol(scene, place, number, train);
    components.extend(first_response(channel, train));
    components.extend(changes(train));
    components.extend(described(train));
    components.extend(amplitudes(channel, train));
    observation["component"] = Json::Array(components);
    let mut told = refusal(&[train]);
    told.extend(notes(noticed(channel, train)));
    put_list(&mut observation, "note", told);
    Some(observation)
}

/// Says which findings make that trains cannot be believed; nothing if all can.
pub(super) fn refusal(trains: &[&Train]) -> Vec<Json> {
    let mut codes = Vec::new();
    for code in trains.iter().flat_map(|train| train.trust.refused_by()) {
        if !codes.contains(&code.as_str()) {
            codes.push(code.as_str());
        }
    }
    if trains.iter().all(|train| train.trust.is_believed()) {
        return Vec::new();
    }
    if trains.iter().any(|train| train.trust == Trust::Excluded) {
        return vec![note(
            "A reader excluded the train (corrected_by_hand); it gave no verdict.",
        )];
    }
    let codes = codes.join(", ");
    vec![note(format!(
        "The train cannot be believed ({codes}); it gave no verdict."
    ))]
}

/// What was noticed about the train and its responses.
fn noticed<'a>(channel: &'a ChannelStudy, train: &'a Train) -> impl Iterator<Item = &'a Finding> {
    let responses = train.responses.iter().flat_map(|response| {
        let sweep = channel.sweeps.get(response.index);
        let cmap = channel.cmaps.get(response.index);
        let sweep = sweep.into_iter().flat_map(|sweep| &sweep.findings);
        sweep.chain(cmap.into_iter().flat_map(|cmap| &cmap.findings))
    });
    train.findings.iter().chain(responses)
}

/// What was done.
fn protocol(scene: &Scene<'_>, place: usize, number: usize, train: &Train) -> Vec<Json> {
    let mut components = vec![
        json!({ "code": own("train", "Number of the train in its channel, from 1"), "valueInteger": number + 1 }),
    ];
    if let Some(label) = train.label.as_deref().map(str::trim)
        && !label.is_empty()
    {
        components.push(
            json!({ "code": own("label", "Mark at the beginning of the train"), "valueString": label }),
        );
    }
    let rate = train.rate.as_ref().map(|rate| exact(rate.0));
    components.push(component(
        own("rate", "Rate of stimulation"),
        &rate.map_err(Clone::clone),
        Unit::Hertz,
    ));
    components.push(
        json!({ "code": own("responses", "Number of stimuli"), "valueInteger": train.responses.len() }),
    );
    let start = match scene.material.study.origin.clock {
        Clock::True => Ok(exact(train.start.0)),
        Clock::OrderOnly | Clock::Stated => Err(NotMeasured::ClockUnknown),
    };
    components.push(component(
        own("start", "First stimulus, on the clock of the recording"),
        &start,
        Unit::Seconds,
    ));
    let when = scene.material.study.when(place, number);
    let (condition, words) = match when {
        When::Rest => ("rest", "At rest"),
        When::After { .. } => ("after_exercise", "After exercise"),
        When::Unknown => ("unknown", "Nothing says whether at rest or after exercise"),
    };
    components.push(json!({
        "code": own("condition", "Rest or exercise"),
        "valueCodeableConcept": own(&format!("condition.{condition}"), words),
    }));
    if let When::After { exercise, delay } = when {
        let not_stated = || NotMeasured::NotApplicable("the length is not stated".to_owned());
        components.push(component(
            own("exercise", "Length of the exercise"),
            &exercise
                .map(|length| exact(length.0))
                .ok_or_else(not_stated),
            Unit::Seconds,
        ));
        components.push(component(
            own(
                "delay",
                "From the end of the exercise to the first stimulus",
            ),
            &Ok(exact(delay.0)),
            Unit::Seconds,
        ));
    }
    components.push(believed(train.trust.is_believed()));
    components
}

/// Every measure of the first response.
fn first_response(channel: &ChannelStudy, train: &Train) -> Vec<Json> {
    let Some(first) = train.first() else {
        return Vec::new();
    };
    MEASURES
        .iter()
        .map(|measure| {
            let value = response_value(&channel.cmaps, first, measure.id);
            component(
                own(
                    &format!("first.{}", measure.id),
                    &format!("First response: {}", measure.name),
                ),
                &value.as_ref().map(of_estimate).map_err(Clone::clone),
                measure.unit,
            )
        })
        .collect()
}

/// The changes that a train of its kind is recorded for; all of them where that is not known.
fn changes(train: &Train) -> Vec<Json> {
    let wanted = |direction: Direction| match train.kind {
        TrainKind::Single => false,
        TrainKind::Low => direction == Direction::Decrement,
        TrainKind::High => direction == Direction::Increment,
        TrainKind::Other => true,
    };
    let mut components = Vec::new();
    for change in &train.changes {
        let card = CONVENTIONS.iter().find(|card| card.id == change.convention);
        let measure = MEASURES.iter().find(|measure| measure.id == change.measure);
        let (Some(card), Some(measure)) = (card, measure) else {
            continue;
        };
        if wanted(card.direction) {
            components.push(component(
                own(
                    &format!("{}.{}", card.id, measure.id),
                    &format!("{}: {}", card.name, measure.name),
                ),
                &of_change(&change.value),
                Unit::Percent,
            ));
        }
    }
    components
}

/// Shape, late against early decrement, and what makes responses larger.
fn described(train: &Train) -> Vec<Json> {
    let mut components = Vec::new();
    if train.kind == TrainKind::Low {
        let mut shape = json!({ "code": own("shape", "Shape of the amplitudes of the train") });
        match &train.shape {
            Ok(found) => {
                let id = found.as_str();
                shape["valueCodeableConcept"] = own(&format!("shape.{id}"), &id.replace('_', " "));
            }
            Err(why) => shape["dataAbsentReason"] = absent(why),
        }
        components.push(shape);
        components.push(component(
            own(
                "late_over_early",
                "Decrement of the last response in percent of that of response 4",
            ),
            &of_change(&train.late_over_early),
            Unit::Percent,
        ));
    }
    if train.kind == TrainKind::High {
        components.push(enlargement(&train.enlargement));
    }
    components
}

/// What makes a response larger.
pub(super) fn enlargement(read: &Result<EnlargementReading, NotMeasured>) -> Json {
    let mut component = json!({ "code": own("enlargement", "What makes the response larger") });
    match read {
        Ok(read) => {
            let id = read.kind.as_str();
            component["valueCodeableConcept"] =
                own(&format!("enlargement.{id}"), &id.replace('_', " "));
        }
        Err(why) => component["dataAbsentReason"] = absent(why),
    }
    component
}

/// The amplitudes of all responses by their number, so that a receiver can draw the train; `E` where there is none.
fn amplitudes(channel: &ChannelStudy, train: &Train) -> Option<Json> {
    let rate = train.rate.as_ref().ok()?;
    let period = rounded(1000.0 / rate.0).filter(|period| *period > 0.0)?;
    let numbered = || {
        train
            .responses
            .iter()
            .filter_map(|response| Some((response.ordinal?, *response)))
    };
    let last = numbered().map(|(ordinal, _)| ordinal).max()?;
    let values: Vec<String> = (1..=last)
        .map(|ordinal| {
            let response = numbered().find(|(other, _)| *other == ordinal);
            let value = response.and_then(|(_, response)| {
                response_value(&channel.cmaps, response, "amplitude").ok()
            });
            let value = value.and_then(|estimate| rounded(estimate.value));
            value.map_or_else(|| "E".to_owned(), |value| value.to_string())
        })
        .collect();
    let origin = super::element::quantity(&exact(0.0), Unit::Millivolts, "mV")?;
    Some(json!({
        "code": own("amplitudes", "Amplitudes of the responses in the order of the stimuli; E: not measured"),
        "valueSampledData": { "origin": origin, "period": period, "dimensions": 1, "data": values.join(" ") },
    }))
}
