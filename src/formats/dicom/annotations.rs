//! Annotations and triggers as marks (PS3.3 C.10.10, C.10.9.1.2).

use super::channels::unit_text;
use super::dataset::{self, Code};
use super::group::Group;
use super::person::{Began, Moment};
use crate::error::Result;
use crate::finding::{Finding, FindingCode};
use crate::recording::{Clock, Mark};
use crate::units::Seconds;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// The mark at a synchronization trigger. Whether the trigger stimulated the nerve is not said, so it is no spelling of a stimulus.
const TRIGGER: &str = "synchronization trigger";

/// What a mark needs to know of a channel of the file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The index of the channel in the recording.
    pub(super) channel: usize,
    /// How much later than its group it begins, in s.
    pub(super) delay: f64,
}

/// The groups with the places of their channels.
pub(super) type Placed<'a> = [(Group<'a>, Vec<Place>)];

/// What marks are put on.
pub(super) struct Scene<'a> {
    pub(super) groups: &'a Placed<'a>,
    /// How many channels the recording has.
    pub(super) channels: usize,
    pub(super) clock: Clock,
    pub(super) began: Began,
}

impl Scene<'_> {
    /// The channels that a mark of a whole group belongs to. Without common times it says nothing about those of other groups.
    fn targets(&self, places: &[Place]) -> Vec<Option<usize>> {
        let all =
            (0..self.channels).all(|channel| places.iter().any(|place| place.channel == channel));
        if self.clock != Clock::OrderOnly || all {
            return vec![None];
        }
        places.iter().map(|place| Some(place.channel)).collect()
    }

    /// Seconds on the clock. Without common times, no group has a place in the time of day.
    fn seconds(&self, text: &str) -> Option<f64> {
        let began = self.began.at.filter(|_| self.clock != Clock::OrderOnly)?;
        Moment::of(text, self.began.zone)?.since(began)
    }
}

/// The text of an annotation: as it stands, else the concept with what it is.
fn text_of(item: &InMemDicomObject) -> Option<String> {
    let named = |code: Code| {
        if code.meaning.is_empty() {
            code.value
        } else {
            code.meaning
        }
    };
    if let Some(text) = dataset::text(item, tags::UNFORMATTED_TEXT_VALUE) {
        return Some(text);
    }
    let mut words = vec![named(dataset::code(
        item,
        tags::CONCEPT_NAME_CODE_SEQUENCE,
    )?)];
    words.extend(dataset::code(item, tags::CONCEPT_CODE_SEQUENCE).map(named));
    words.extend(dataset::text(item, tags::NUMERIC_VALUE));
    words.extend(
        dataset::code(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE)
            // 1 is the unit of a bare number.
            .filter(|code| code.value != "1")
            .map(|code| unit_text(&code)),
    );
    words.retain(|word| !word.is_empty());
    (!words.is_empty()).then(|| words.join(" "))
}

/// The points in time that an annotation names, in s; a message if they cannot be.
fn points(
    item: &InMemDicomObject,
    group: &Group,
    delay: f64,
    scene: &Scene,
    place: &str,
) -> Result<std::result::Result<Vec<f64>, String>> {
    let positions = dataset::numbers(item, tags::REFERENCED_SAMPLE_POSITIONS, place)?;
    if let Some(wrong) = positions
        .iter()
        .find(|&&position| position < 1.0 || position > group.length as f64)
    {
        return Ok(Err(format!(
            "sample position {wrong}; the group has samples 1 to {}",
            group.length
        )));
    }
    if !positions.is_empty() {
        // The first sample has position 1.
        return Ok(Ok(positions
            .iter()
            .map(|position| group.start + delay + (position - 1.0) / group.rate)
            .collect()));
    }
    let offsets = dataset::numbers(item, tags::REFERENCED_TIME_OFFSETS, place)?;
    if !offsets.is_empty() {
        return Ok(Ok(offsets
            .iter()
            .map(|offset| group.start + offset)
            .collect()));
    }
    let moments = dataset::text(item, tags::REFERENCED_DATE_TIME).unwrap_or_default();
    let moments: Option<Vec<f64>> = moments
        .split('\\')
        .filter(|text| !text.trim().is_empty())
        .map(|text| scene.seconds(text))
        .collect();
    Ok(match moments {
        Some(moments) if !moments.is_empty() => Ok(moments),
        Some(_) => Err("a temporal range without its points".to_owned()),
        None => Err("an absolute time that cannot be put on the clock".to_owned()),
    })
}

/// Starts and durations in s.
fn ranges(kind: &str, points: &[f64], group: &Group) -> Option<Vec<(f64, Option<f64>)>> {
    let pair = |pair: &[f64]| match pair {
        [from, to] if to >= from => Some((*from, Some(to - from))),
        _ => None,
    };
    match (kind, points) {
        ("POINT", [point]) => Some(vec![(*point, None)]),
        ("MULTIPOINT", _) => Some(points.iter().map(|&point| (point, None)).collect()),
        ("SEGMENT", [_, _]) | ("MULTISEGMENT", _) => points.chunks(2).map(pair).collect(),
        ("BEGIN", [from]) => Some(vec![(*from, Some((group.end() - from).max(0.0)))]),
        ("END", [to]) => Some(vec![(group.start, Some((to - group.start).max(0.0)))]),
        _ => None,
    }
}

/// The marks of all annotations; what cannot be placed is a finding.
pub(super) fn read(
    root: &InMemDicomObject,
    scene: &Scene,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Mark>> {
    let mut marks = Vec::new();
    let mut untyped = 0;
    let annotations = dataset::items(root, tags::WAVEFORM_ANNOTATION_SEQUENCE);
    for (index, item) in annotations.iter().enumerate() {
        let place = format!("DICOM Waveform Annotation Sequence item {}", index + 1);
        let mut left_out = |why: &str| {
            findings.push(Finding::new(
                FindingCode::HeaderCorrected,
                format!("{place} was left out: {why}"),
            ));
        };
        let Some(text) = text_of(item) else {
            left_out("neither a text nor a concept");
            continue;
        };
        let referenced = dataset::numbers(item, tags::REFERENCED_WAVEFORM_CHANNELS, &place)?;
        let at = |number: f64| (number as usize).checked_sub(1);
        // Without a reference the only group can be meant.
        let group_number = referenced.first().copied().unwrap_or(1.0);
        let Some((group, places)) = at(group_number).and_then(|index| scene.groups.get(index))
        else {
            left_out(&format!("it refers to waveform group {group_number}"));
            continue;
        };
        // One channel, or all of them: a mark cannot name several.
        let only = match referenced.as_slice() {
            [_, channel] if *channel > 0.0 => {
                let Some(only) = at(*channel).and_then(|index| places.get(index)) else {
                    left_out(&format!(
                        "it refers to channel {channel} of a group of {}",
                        places.len()
                    ));
                    continue;
                };
                Some(*only)
            }
            _ => None,
        };
        let kind = dataset::text(item, tags::TEMPORAL_RANGE_TYPE);
        let spans = if kind.is_none() && !names_points(item) {
            // It belongs to the whole (C.10.10, Temporal Range Type).
            vec![(group.start, Some(group.end() - group.start))]
        } else {
            let delay = only.map_or(0.0, |only| only.delay);
            let points = match points(item, group, delay, scene, &place)? {
                Ok(points) => points,
                Err(why) => {
                    left_out(&why);
                    continue;
                }
            };
            untyped += usize::from(kind.is_none());
            let kind = kind.as_deref().unwrap_or("MULTIPOINT");
            let Some(spans) = ranges(kind, &points, group) else {
                left_out(&format!("range {kind} with {} points", points.len()));
                continue;
            };
            spans
        };
        let targets = match only {
            Some(only) => vec![Some(only.channel)],
            None => scene.targets(places),
        };
        for (time, duration) in spans {
            marks.extend(targets.iter().map(|&channel| Mark {
                time: Seconds(time),
                duration: duration.map(Seconds),
                text: text.clone(),
                channel,
            }));
        }
    }
    if untyped > 0 {
        findings.push(Finding::new(
            FindingCode::HeaderCorrected,
            format!(
                "{untyped} annotations have points but no Temporal Range Type (0040,A130): each point became a mark"
            ),
        ));
    }
    Ok(marks)
}

/// Whether an annotation says when.
fn names_points(item: &InMemDicomObject) -> bool {
    [
        tags::REFERENCED_SAMPLE_POSITIONS,
        tags::REFERENCED_TIME_OFFSETS,
        tags::REFERENCED_DATE_TIME,
    ]
    .into_iter()
    .any(|tag| dataset::text(item, tag).is_some())
}

/// The synchronization triggers of the groups, each once.
pub(super) fn triggers(scene: &Scene) -> Result<Vec<Mark>> {
    let mut marks: Vec<Mark> = Vec::new();
    for (group, places) in scene.groups {
        let number = |tag| dataset::number(group.item, tag, &group.place);
        let time = match number(tags::TRIGGER_SAMPLE_POSITION)? {
            Some(position) => Some(group.start + (position - 1.0) / group.rate),
            // From the trigger to the first sample, in ms.
            None => number(tags::TRIGGER_TIME_OFFSET)?.map(|offset| group.start - offset / 1000.0),
        };
        // Groups of one acquisition repeat their common trigger.
        let half_a_sample = 0.5 / group.rate;
        let new = time.filter(|time| {
            !marks
                .iter()
                .any(|known| (known.time.0 - time).abs() < half_a_sample)
        });
        let Some(time) = new else { continue };
        marks.extend(scene.targets(places).into_iter().map(|channel| Mark {
            time: Seconds(time),
            duration: None,
            text: TRIGGER.to_owned(),
            channel,
        }));
    }
    Ok(marks)
}
