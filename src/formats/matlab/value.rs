//! What a variable of MATLAB holds.

use crate::recording::Samples;

/// The value of a variable, of a field or of a cell. Arrays are column-major: the first index runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::formats) enum Value {
    /// Real numbers and logical values.
    Numbers {
        /// Lengths of the axes, two or more.
        dims: Vec<usize>,
        /// As many as the product of the lengths.
        samples: Samples,
    },
    /// A char array, row by row, without trailing spaces.
    Text {
        /// One for each row.
        rows: Vec<String>,
    },
    /// A cell array.
    Cell {
        /// Lengths of the axes.
        dims: Vec<usize>,
        /// The cells, column by column.
        cells: Vec<Value>,
    },
    /// A struct or an array of structs.
    Struct {
        /// How many structs.
        count: usize,
        /// The fields in their order, each with its value in every struct.
        fields: Vec<(String, Vec<Value>)>,
    },
    /// Something that is no signal: complex or sparse numbers, objects, function handles.
    Unreadable {
        /// What it is, with its size.
        what: String,
    },
}

/// `[601, 80]` as MATLAB writes it: `601×80`.
pub(in crate::formats) fn size(dims: &[usize]) -> String {
    let sides: Vec<_> = dims.iter().map(usize::to_string).collect();
    sides.join("×")
}

/// The product of the lengths, if it can be counted.
pub(in crate::formats) fn product(dims: &[usize]) -> Option<usize> {
    dims.iter()
        .try_fold(1usize, |product, &side| product.checked_mul(side))
}

impl Value {
    /// What it is, for messages: `601×80 double`.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Numbers { dims, samples } => format!("{} {}", size(dims), samples.kind()),
            Self::Text { rows } if rows.len() == 1 => "text".to_owned(),
            Self::Text { rows } => format!("{} rows of text", rows.len()),
            Self::Cell { dims, .. } => format!("{} cell", size(dims)),
            Self::Struct { count, fields } => {
                /// So many fields are named in a message.
                const NAMED: usize = 12;
                let mut names: Vec<_> = fields
                    .iter()
                    .take(NAMED)
                    .map(|(name, _)| name.as_str())
                    .collect();
                if fields.len() > NAMED {
                    names.push("…");
                }
                let many = if *count == 1 {
                    "struct".to_owned()
                } else {
                    format!("{count} structs")
                };
                format!("{many} with {}", names.join(", "))
            }
            Self::Unreadable { what } => what.clone(),
        }
    }

    /// The field of a single struct.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.field_of(0, name)
            .filter(|_| matches!(self, Self::Struct { count: 1, .. }))
    }

    /// The field of the struct with that number, from 0.
    pub(super) fn field_of(&self, element: usize, name: &str) -> Option<&Self> {
        let Self::Struct { fields, .. } = self else {
            return None;
        };
        fields
            .iter()
            .find(|(known, _)| known == name)
            .and_then(|(_, values)| values.get(element))
    }

    /// All numbers, as doubles.
    pub(super) fn numbers(&self) -> Option<Vec<f64>> {
        match self {
            // They are in memory, so nothing can fail.
            Self::Numbers { samples, .. } => samples.widen(0..samples.len()).ok(),
            _ => None,
        }
    }

    /// A single number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Numbers { samples, .. } if samples.len() == 1 => samples.stored(0).ok()?,
            _ => None,
        }
    }

    /// One line of text; an empty array is an empty text, as MATLAB writes it.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text { rows } => match rows.as_slice() {
                [] => Some(String::new()),
                [row] => Some(row.trim().to_owned()),
                _ => None,
            },
            Self::Numbers { samples, .. } if samples.is_empty() => Some(String::new()),
            Self::Cell { cells, .. } => match cells.as_slice() {
                [only] => only.text(),
                _ => None,
            },
            _ => None,
        }
    }

    /// Lines of text: the rows of a char array, or the cells of a cell array of texts.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Text { rows } => Some(rows.iter().map(|row| row.trim().to_owned()).collect()),
            Self::Cell { cells, .. } => cells.iter().map(Self::text).collect(),
            Self::Numbers { samples, .. } if samples.is_empty() => Some(Vec::new()),
            _ => None,
        }
    }
}
