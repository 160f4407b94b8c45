//! What the table of electrodes says about the columns of an `ElectricalSeries`.

use super::object::Object;
use crate::error::{Error, ErrorCode, Result};

/// One row of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Electrode {
    pub(super) label: Option<String>,
    pub(super) location: Option<String>,
    pub(super) filtering: Option<String>,
}

/// Columns that name an electrode, in this order. The schema names none of them; pynwb, MatNWB and converters write these.
const LABELS: [&str; 4] = ["label", "channel_name", "electrode_name", "name"];

/// One for each column; empty ones where the series has no electrodes.
pub(super) fn of(object: &Object, columns: usize) -> Result<Vec<Electrode>> {
    let Some(region) = object.dataset("electrodes")? else {
        return Ok(vec![Electrode::default(); columns]);
    };
    let count = crate::formats::hdf5::count(&region.dataset, &region.place)?;
    if count != columns {
        return Err(Error::new(
            ErrorCode::BadHeader,
            format!("{count} electrodes for {columns} channels; expected one for each"),
        )
        .at(region.place.as_str())
        .advice("NWB wants time first and one electrode for each column; write the file again"));
    }
    let rows = region.integers()?;
    let Some(group) = region.points_to("table")? else {
        return Ok(vec![Electrode::default(); columns]);
    };
    let table = Object::of(object.reading, group.name(), group)?;
    let mut labels = None;
    for name in LABELS {
        labels = labels.or(column(&table, name)?);
    }
    let locations = column(&table, "location")?;
    let filters = column(&table, "filtering")?;
    let pick = |column: &Option<Vec<String>>, row: usize| match column {
        None => Ok(None),
        Some(texts) => texts
            .get(row)
            .map(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::BadHeader,
                    format!("electrode {row}, but the table has {}", texts.len()),
                )
                .at(region.place.as_str())
                .advice("the file is damaged; write it again")
            }),
    };
    rows.into_iter()
        .map(|row| {
            // A negative row is beyond every table.
            let row = usize::try_from(row).unwrap_or(usize::MAX);
            Ok(Electrode {
                label: pick(&labels, row)?,
                location: pick(&locations, row)?,
                filtering: pick(&filters, row)?,
            })
        })
        .collect()
}

/// A column of one text for each row.
fn column(table: &Object, name: &str) -> Result<Option<Vec<String>>> {
    if table.has(&format!("{name}_index")) {
        return Ok(None);
    }
    match table.dataset(name)? {
        Some(member) if member.is_text()? => member.texts().map(Some),
        _ => Ok(None),
    }
}
