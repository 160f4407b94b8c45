//! Figures: the sweeps of a train, its responses by number, and the course after exercise.
//!
//! A figure is one file that opens with its card, a [`FigureCard`], and has one line in [`FIGURES`]. All are 88 mm wide, one column
//! of a page, with text of at least 7 pt, and legible without color.

mod axis;
mod limits;
pub mod png;
mod raster;
mod rows;
mod series;
mod sheet;
mod style;
mod svg;
mod trace;
mod train;

pub use style::turns;

use crate::cmap::NotMeasured;
use crate::criteria;
use crate::series::Series;
use crate::study::{ChannelStudy, Study};
use crate::train::ChangeEstimate;
use crate::words::Words;

/// The card of a figure.
pub struct FigureCard {
    /// Short and stable; the end of the file's name.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// What is drawn, and how to read it.
    pub meaning: &'static str,
    /// Of what there is one figure each, and what draws it.
    pub subject: Subject,
}

/// Of what there is one figure each. The function gets the index of the train or series in the channel, and gives an SVG in these words.
pub enum Subject {
    /// One per train.
    Train(fn(&Study, &ChannelStudy, usize, &Words) -> String),
    /// One per series.
    Series(fn(&Study, &ChannelStudy, usize, &Words) -> String),
}

/// The id of the figure of a train by the number of the response.
pub const BY_RESPONSE: &str = train::TRAIN.id;

/// Every figure, in the order in which they are written.
pub static FIGURES: &[&FigureCard] = &[&raster::RASTER, &train::TRAIN, &series::SERIES];

/// A drawn figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// A stable name for a file, without its extension: `1-adm-train-03-raster`. ASCII, without separators of paths, and unique in the study.
    pub name: String,
    /// The id of its card.
    pub card: &'static str,
    /// The index of the channel in the study.
    pub channel: usize,
    /// The index of the train in the channel; `None` for a figure of a series.
    pub train: Option<usize>,
    /// The drawing; text is text, and nothing outside of it is needed.
    pub svg: String,
}

/// All figures of a study in the words of a language: channel by channel, train by train, then series by series.
pub fn figures(study: &Study, words: &Words) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (index, channel) in study.channels.iter().enumerate() {
        let mut add = |kind: &str, number: usize, card: &'static FigureCard, svg: String| {
            figures.push(Figure {
                name: name(index, channel, kind, number, card),
                card: card.id,
                channel: index,
                train: matches!(card.subject, Subject::Train(_)).then_some(number),
                svg,
            });
        };
        for number in 0..channel.trains.len() {
            for card in FIGURES {
                if let Subject::Train(draw) = card.subject {
                    add("train", number, card, draw(study, channel, number, words));
                }
            }
        }
        for number in 0..channel.series.len() {
            if !drawn(&channel.series[number]) {
                continue;
            }
            for card in FIGURES {
                if let Subject::Series(draw) = card.subject {
                    add("series", number, card, draw(study, channel, number, words));
                }
            }
        }
    }
    figures
}

/// The name of the figure that shows a value on which a verdict rests; `None` if there is none.
pub fn figure_of(study: &Study, channel: usize, value: &criteria::Subject) -> Option<String> {
    let content = study.channels.get(channel)?;
    match value {
        criteria::Subject::Comparison {
            comparison,
            from_train,
            to_train,
        } => {
            let number = content.series.iter().position(|series| {
                series.comparisons.iter().any(|other| {
                    other.comparison == *comparison
                        && other.from_train == *from_train
                        && other.to_train == *to_train
                })
            })?;
            let shown = content.series.get(number).is_some_and(drawn);
            shown.then(|| name(channel, content, "series", number, &series::SERIES))
        }
        value => {
            let number = value.train()?;
            content.trains.get(number)?;
            Some(name(channel, content, "train", number, &train::TRAIN))
        }
    }
}

fn name(
    index: usize,
    channel: &ChannelStudy,
    kind: &str,
    number: usize,
    card: &FigureCard,
) -> String {
    let label = safe(&channel.label);
    format!("{}-{label}-{kind}-{:02}-{}", index + 1, number + 1, card.id)
}

/// A course needs two points; a single train has figures of its own.
fn drawn(series: &Series) -> bool {
    series.entries.len() > 1
}

/// Letters and digits of a label, everything else as single hyphens.
fn safe(label: &str) -> String {
    /// Longer names help nobody.
    const LONGEST: usize = 32;
    let mut name = String::new();
    for c in label.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "channel" } else { name }.to_owned()
}

/// A reason in words for a note. English has the code and what the program adds to it, which is English; any other language has its word, and says
/// of which response it speaks.
fn reason(words: &Words, why: &NotMeasured) -> String {
    let code = why.code();
    let plain = code.replace('_', " ");
    let detail: &str = match why {
        NotMeasured::LandmarkMissing(detail) | NotMeasured::ReferenceMissing(detail) => detail,
        _ => "",
    };
    if words.is_english() {
        return match detail {
            "" => plain,
            detail => format!("{plain} ({detail})"),
        };
    }
    let said = words.of("reason", code, &plain);
    let number = detail.strip_prefix("response ").map(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap_or_default()
    });
    match number {
        Some(number) if !number.is_empty() => {
            let response = words.fill("form.response", &[("number", number)]);
            format!("{said} ({response})")
        }
        _ => said,
    }
}

/// A change with its interval, or why there is none, in words.
fn change_text(words: &Words, value: &Result<ChangeEstimate, NotMeasured>) -> String {
    match value {
        Ok(e) if e.low.0.is_finite() && e.high.0.is_finite() => {
            let [value, low, high] =
                [e.value, e.low, e.high].map(|percent| words.number(percent.0, 1));
            let places = [("value", &*value), ("low", &*low), ("high", &*high)];
            words.fill("drawing.interval", &places)
        }
        Ok(e) => format!("{} %", words.number(e.value.0, 1)),
        Err(why) => words.fill("drawing.none", &[("reason", &reason(words, why))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_never_leaves_its_folder() {
        assert_eq!(safe("../../etc/passwd"), "etc-passwd");
        assert_eq!(safe("NC L_APB"), "nc-l-apb");
        assert_eq!(safe("···"), "channel");
    }
}
