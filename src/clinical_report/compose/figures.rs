//! The figures of the template, two beside each other.

use super::super::form::{Block, FormFigure};
use super::super::scene::Scene;
use super::heading;
use crate::plot;

/// Every figure that the template asks for.
pub fn all(scene: &Scene<'_>) -> Vec<Block> {
    let wanted = &scene.template.file.figures;
    let figures: Vec<FormFigure> = plot::figures(scene.study)
        .into_iter()
        .filter(|figure| wanted.iter().any(|id| id == figure.card))
        .map(|figure| FormFigure {
            caption: caption(scene, &figure),
            svg: figure.svg,
        })
        .collect();
    if figures.is_empty() {
        return Vec::new();
    }
    vec![
        heading(scene.word("section.figures")),
        Block::Figures { figures },
    ]
}

/// `ADM, right · train 3 · 1 min after 10 s exercise · 3 Hz · U-shape`.
fn caption(scene: &Scene<'_>, figure: &plot::Figure) -> String {
    let english = plot::FIGURES
        .iter()
        .find(|card| card.id == figure.card)
        .map_or("", |card| card.name);
    let name = scene.template.words.of("figure", figure.card, english);
    let Some(channel) = scene.study.channels.get(figure.channel) else {
        return name;
    };
    let mut parts = vec![scene.muscle(channel)];
    let train = figure
        .train
        .and_then(|index| Some((index, channel.trains.get(index)?)));
    if let Some((index, train)) = train {
        let number = (index + 1).to_string();
        parts.push(scene.fill("form.train", &[("numbers", &number)]));
        parts.push(scene.when(scene.when_of(channel, index)));
        if let Ok(rate) = scene.rate(train) {
            parts.push(format!("{rate} Hz"));
        }
        if let Ok(shape) = &train.shape {
            parts.push(
                scene
                    .template
                    .words
                    .of("shape", shape.as_str(), shape.as_str()),
            );
        }
    }
    format!("{name}: {}", parts.join(" · "))
}
