//! Marks from tables of intervals and of events, and from series of texts.

use super::object::{Member, Object};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::FindingCode;
use crate::recording::Mark;
use crate::units::Seconds;

/// Columns of text that say what a row is, in this order. The schema names `label` and `annotation`; the others are what laboratories call them.
const TEXTS: [&str; 12] = [
    "label",
    "labels",
    "annotation",
    "event_type",
    "text",
    "name",
    "type",
    "trial_type",
    "stimulus_type",
    "condition",
    "epoch_name",
    "description",
];

/// A `TimeIntervals`: one mark for each row, from its start to its end.
pub(super) fn intervals(object: &Object) -> Result<Vec<Mark>> {
    let starts = column(object, "start_time")?;
    let stops = column(object, "stop_time")?;
    same_length(object, "stop_time", stops.len(), starts.len())?;
    let durations = starts
        .iter()
        .zip(&stops)
        .map(|(start, stop)| stop - start)
        .collect();
    table(object, starts, Some(durations))
}

/// An `EventsTable`: one mark for each row.
pub(super) fn events(object: &Object) -> Result<Vec<Mark>> {
    let times = column(object, "timestamp")?;
    let durations = match object.dataset("duration")? {
        Some(member) => {
            let durations = member.numbers()?;
            same_length(object, "duration", durations.len(), times.len())?;
            Some(durations)
        }
        None => None,
    };
    table(object, times, durations)
}

/// An `AnnotationSeries`, or times alone, which bear the name of their series.
pub(super) fn annotations(object: &Object) -> Result<Vec<Mark>> {
    let times = column(object, "timestamps")?;
    let texts = match object.dataset("data")? {
        Some(member) => texts(object, &member, "data", times.len())?,
        None => vec![String::new(); times.len()],
    };
    Ok(marks(object, times, None, texts))
}

fn table(object: &Object, times: Vec<f64>, durations: Option<Vec<f64>>) -> Result<Vec<Mark>> {
    let mut found = None;
    for name in TEXTS {
        if found.is_some() || object.has(&format!("{name}_index")) {
            continue;
        }
        if let Some(member) = object.dataset(name)?
            && member.is_text()?
        {
            found = Some(texts(object, &member, name, times.len())?);
        }
    }
    let texts = found.unwrap_or_else(|| vec![String::new(); times.len()]);
    Ok(marks(object, times, durations, texts))
}

/// A row without a time is no mark, and an end before its start no duration; both are told.
fn marks(
    object: &Object,
    times: Vec<f64>,
    durations: Option<Vec<f64>>,
    texts: Vec<String>,
) -> Vec<Mark> {
    let durations = durations.unwrap_or_else(|| vec![f64::NAN; times.len()]);
    let mut timeless = 0usize;
    let mut backward = 0usize;
    let mut marks = Vec::with_capacity(times.len());
    for ((time, duration), text) in times.into_iter().zip(durations).zip(texts) {
        if !time.is_finite() {
            timeless += 1;
            continue;
        }
        backward += usize::from(duration < 0.0);
        let text = text.trim();
        marks.push(Mark {
            time: Seconds(time),
            // NaN is how a table says that there is none.
            duration: (duration.is_finite() && duration >= 0.0).then_some(Seconds(duration)),
            text: if text.is_empty() {
                object.name().to_owned()
            } else {
                text.to_owned()
            },
            channel: None,
        });
    }
    for (count, what) in [
        (timeless, "rows have no time and are no marks"),
        (backward, "rows end before they start and have no duration"),
    ] {
        if count > 0 {
            object.reading.finding(
                FindingCode::HeaderCorrected,
                format!("{}: {count} {what}", object.path),
            );
        }
    }
    marks
}

fn column(object: &Object, name: &str) -> Result<Vec<f64>> {
    match object.dataset(name)? {
        Some(member) => member.numbers(),
        None => Err(Error::new(
            ErrorCode::BadHeader,
            format!("there is no dataset \"{name}\" with the times"),
        )
        .at(object.place())
        .advice("the file is damaged; write it again")),
    }
}

fn texts(object: &Object, member: &Member, name: &str, times: usize) -> Result<Vec<String>> {
    // The length first: it costs nothing.
    let count = crate::formats::hdf5::count(&member.dataset, &member.place)?;
    same_length(object, name, count, times)?;
    member.texts()
}

fn same_length(object: &Object, name: &str, found: usize, times: usize) -> Result<()> {
    if found == times {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::BadHeader,
        format!("\"{name}\" has {found} rows, but there are {times} times"),
    )
    .at(object.place())
    .advice("the file is incomplete; write it again"))
}
