//! Which stimuli belong together: borders at marks and long pauses, then by rhythm.

use super::segmentation::segments;
use super::{Material, Settings};
use crate::recording::{Mark, Meaning};
use std::collections::BTreeSet;
use std::ops::Range;

use super::rhythm::{Rhythm, rhythm};

/// Consecutive stimuli of one rhythm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// Which stimuli.
    pub stimuli: Range<usize>,
    /// Their rhythm.
    pub rhythm: Rhythm,
    /// The text of the mark that began it.
    pub label: Option<String>,
}

/// A mark that ends what came before it.
struct Border<'a> {
    time: f64,
    mark: &'a Mark,
    names_a_train: bool,
    names_a_state: bool,
}

/// Groups the stimuli of one channel, in order of time.
pub(super) fn groups(material: &Material<'_>, settings: &Settings) -> Vec<Group> {
    let times: Vec<f64> = material
        .stimuli
        .iter()
        .map(|stimulus| stimulus.time.0)
        .collect();
    let borders = borders(material, settings);
    let mut starts: BTreeSet<usize> = BTreeSet::from([0, times.len()]);
    starts.extend(
        borders
            .iter()
            .map(|border| times.partition_point(|&time| time < border.time)),
    );
    starts.extend(
        times
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[1] - pair[0] > settings.longest_interval_s)
            .map(|(index, _)| index + 1),
    );
    let starts: Vec<usize> = starts.into_iter().collect();
    let mut groups = Vec::new();
    for pair in starts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let piece = &times[start..end];
        let since = start
            .checked_sub(1)
            .map_or(f64::NEG_INFINITY, |before| times[before]);
        let mut label = label(&borders, since, times[start]);
        for segment in segments(piece, settings) {
            let rhythm = rhythm(piece, &segment);
            let stimuli = start + segment.stimuli.start..start + segment.stimuli.end;
            groups.push(Group {
                stimuli,
                rhythm,
                label: label.take(),
            });
        }
    }
    groups
}

/// The marks that concern the channel and end a train, moved earlier by the tolerance: a mark may be written a little after the stimulus
/// that it announces.
fn borders<'a>(material: &Material<'a>, settings: &Settings) -> Vec<Border<'a>> {
    let tolerance = settings.mark_tolerance_ms / 1000.0;
    let mut borders = Vec::new();
    // The marks of stimuli have one text, hundreds of times.
    let mut known: Option<(&str, [bool; 3])> = None;
    for mark in material.marks {
        if mark
            .channel
            .is_some_and(|channel| channel != material.channel)
        {
            continue;
        }
        let about = match known {
            Some((text, about)) if text == mark.text => about,
            _ => said(&material.vocabulary.meaning(&mark.text)),
        };
        known = Some((&mark.text, about));
        let [names_a_train, names_a_state, exercise] = about;
        if !(names_a_train || names_a_state || exercise) {
            continue;
        }
        borders.push(Border {
            time: mark.time.0 - tolerance,
            mark,
            names_a_train,
            names_a_state,
        });
    }
    borders.sort_by(|a, b| a.time.total_cmp(&b.time));
    borders
}

/// Whether a mark names a train, or a state of the muscle, or is about exercise.
fn said(meaning: &Meaning) -> [bool; 3] {
    [
        matches!(meaning, Meaning::Train),
        matches!(meaning, Meaning::Rest | Meaning::After { .. }),
        matches!(meaning, Meaning::Exercise { .. } | Meaning::ExerciseEnd),
    ]
}

/// The text of the mark between two stimuli that names what follows; the last one, and one that says "train" first. The borders are in
/// order of time.
fn label(borders: &[Border<'_>], since: f64, until: f64) -> Option<String> {
    let upto = |time: f64| borders.partition_point(|border| border.time <= time);
    let between = borders.get(upto(since)..upto(until)).unwrap_or_default();
    let last = |names: fn(&Border<'_>) -> bool| {
        between
            .iter()
            .rfind(|border| names(border))
            .map(|border| border.mark.text.clone())
    };
    last(|border| border.names_a_train).or_else(|| last(|border| border.names_a_state))
}
