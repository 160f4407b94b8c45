//! An observation of each comparison of trains around exercise.

use super::body;
use super::element::{believed, of_change, own, put, put_list};
use super::scene::Scene;
use super::trains::{enlargement, refusal};
use crate::cmap::MEASURES;
use crate::series::{COMPARISONS, POINTS};
use crate::train::Train;
use crate::units::Unit;
use serde_json::{Value as Json, json};

/// The observations of the comparisons of a channel, its number from 0.
pub(super) fn observations(scene: &Scene<'_>, place: usize) -> Vec<Json> {
    let Some(channel) = scene.material.study.channels.get(place) else {
        return Vec::new();
    };
    let mut observations = Vec::new();
    for (series, content) in channel.series.iter().enumerate() {
        for (number, comparison) in content.comparisons.iter().enumerate() {
            let card = COMPARISONS
                .iter()
                .find(|card| card.id == comparison.comparison);
            let measure = MEASURES
                .iter()
                .find(|measure| measure.id == comparison.measure);
            let (Some(card), Some(measure)) = (card, measure) else {
                continue;
            };
            let id = scene.id(&[
                "comparison",
                &place.to_string(),
                &series.to_string(),
                &number.to_string(),
            ]);
            let code = own(
                &format!("{}.{}", card.id, measure.id),
                &format!("{}: {}", card.name, measure.name),
            );
            let mut observation = scene.observation(id, code);
            observation["bodySite"] = body::site(channel);
            let words = match card.unit {
                POINTS => "percentage points",
                unit => unit,
            };
            put(
                &mut observation,
                &of_change(&comparison.value),
                Unit::Percent,
                words,
            );
            let trains: Vec<usize> = [comparison.from_train, comparison.to_train]
                .into_iter()
                .flatten()
                .collect();
            let of = trains.iter().map(|train| {
                let reference = scene.train(place, *train).urn();
                json!({ "reference": reference })
            });
            put_list(&mut observation, "derivedFrom", of.collect());
            let compared: Vec<&Train> = trains
                .iter()
                .filter_map(|train| channel.trains.get(*train))
                .collect();
            let all = compared.iter().all(|train| train.trust.is_believed());
            let mut components = vec![believed(all)];
            if card.id == "facilitation" && comparison.measure == "amplitude" {
                components.push(enlargement(&comparison.enlargement));
            }
            observation["component"] = Json::Array(components);
            put_list(&mut observation, "note", refusal(&compared));
            observations.push(observation);
        }
    }
    observations
}
