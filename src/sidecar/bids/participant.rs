//! `participants.tsv` (BIDS, "Participants file"): code, age and sex of the person; nothing that tells who it is.

use super::table::{Row, Table};
use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::recording::Recording;

/// Words in the name of a column that may tell who the person is; compared without case and signs.
const WHO: &[&str] = &[
    "name",
    "birth",
    "dob",
    "initials",
    "address",
    "street",
    "phone",
    "email",
    "mrn",
    "recordnumber",
    "medicalrecord",
    "insurance",
    "socialsecurity",
    "ssn",
    "patientid",
];
/// Ages that differ by no more than this (years) agree: the table states the age at the first session.
const AGE_TOLERANCE_YEARS: f64 = 1.0;

/// Puts what the table says about `participant` where the recording says nothing.
pub(super) fn apply(recording: &mut Recording, table: &Table, participant: &str) -> Result<()> {
    table.require("participant_id")?;
    let mut rows = table
        .rows()
        .filter(|row| row.text("participant_id") == Some(participant));
    let Some(row) = rows.next() else {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!("{} has no row for {participant}", table.name),
        ));
        return Ok(());
    };
    if let Some(second) = rows.next() {
        return Err(Error::new(
            ErrorCode::BadMapping,
            format!("a second row for {participant}"),
        )
        .at(format!("{}, line {}", table.name, second.line()))
        .advice("keep one row for each participant"));
    }
    let subject = &mut recording.subject;
    if subject.code.is_none() {
        subject.code = Some(participant.to_owned());
    }
    let mut contradictions = Vec::new();
    if let Some(age) = age(&row)? {
        match subject.age_years {
            None => subject.age_years = Some(age),
            Some(own) if (own - age).abs() > AGE_TOLERANCE_YEARS => {
                contradictions.push("the age");
            }
            Some(_) => {}
        }
    }
    if let Some(sex) = row.text("sex").map(sex) {
        match &subject.sex {
            None => subject.sex = Some(sex),
            Some(own) if !own.eq_ignore_ascii_case(&sex) => contradictions.push("the sex"),
            Some(_) => {}
        }
    }
    if !contradictions.is_empty() {
        recording.findings.push(Finding::new(
            FindingCode::SidecarNotFollowed,
            format!(
                "{}: {} of {participant} is another one than the recording states; the recording's was used",
                table.name,
                contradictions.join(" and ")
            ),
        ));
    }
    let withheld: Vec<_> = table
        .columns()
        .filter(|column| tells_who(column) && row.text(column).is_some())
        .collect();
    if !withheld.is_empty() {
        recording.findings.push(Finding::new(
            FindingCode::SubjectWithheld,
            format!("{}: {}", table.name, withheld.join(", ")),
        ));
    }
    Ok(())
}

/// The age in years. `89+`, as privacy rules have it, is no number of years.
fn age(row: &Row) -> Result<Option<f64>> {
    if row.text("age").is_some_and(|text| text.ends_with('+')) {
        return Ok(None);
    }
    match row.number("age")? {
        Some(age) if age < 0.0 => Err(row
            .fault("age", format!("an age of {age} years"))
            .advice("write years, or n/a")),
        age => Ok(age),
    }
}

/// `female` or `male` in any spelling of the specification; anything else as it is.
fn sex(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "f" | "female" => "female".to_owned(),
        "m" | "male" => "male".to_owned(),
        "o" | "other" => "other".to_owned(),
        _ => text.to_owned(),
    }
}

fn tells_who(column: &str) -> bool {
    let plain: String = column
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    WHO.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_may_tell_who_the_person_is_is_known() {
        for column in [
            "name",
            "Last Name",
            "date_of_birth",
            "DOB",
            "record_number",
            "MRN",
        ] {
            assert!(tells_who(column), "{column}");
        }
        for column in [
            "participant_id",
            "age",
            "sex",
            "handedness",
            "group",
            "weight",
        ] {
            assert!(!tells_who(column), "{column}");
        }
    }
}
