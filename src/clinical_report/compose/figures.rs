//! The figures of the template, two beside each other.

use super::super::form::{Block, FormFigure};
use super::super::scene::Scene;
use super::heading;
use crate::plot;

/// The name space of a figure, which inside a page says nothing; without it the page names no address at all.
const NAME_SPACE: &str = " xmlns=\"http://www.w3.org/2000/svg\"";

/// Every figure that the template asks for.
pub fn all(scene: &Scene<'_>) -> Vec<Block> {
    let wanted = &scene.template.file.figures;
    let figures: Vec<FormFigure> = plot::figures(scene.study, &scene.template.words)
        .into_iter()
        .filter(|figure| wanted.iter().any(|id| id == figure.card) && tells(scene, figure))
        .map(|figure| FormFigure {
            caption: caption(scene, &figure),
            svg: figure.svg.replacen(NAME_SPACE, "", 1),
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

/// Whether a figure shows more than one point: that of a single stimulus by response does not.
fn tells(scene: &Scene<'_>, figure: &plot::Figure) -> bool {
    let train = figure
        .train
        .and_then(|train| scene.study.channels.get(figure.channel)?.trains.get(train));
    figure.card != plot::BY_RESPONSE || train.is_none_or(|train| train.responses.len() > 1)
}

/// `Responses · ADM, right · train 3 · 3 Hz · U-shape`; the figure itself says when.
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
    parts.insert(0, name);
    parts.join(" · ")
}
