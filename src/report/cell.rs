//! What stands in the tables: cells with a type, in columns.
//!
//! Every form of a table (CSV, Parquet, Arrow) is made from [`Cells`]. Numbers are kept as they were computed; only the CSV rounds them.
//! `Cells` go through serde and come back bit by bit, so that rows can be kept and written again later.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The type of all cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text: of a file, or a word that endplate chose.
    Text,
    /// Yes or no.
    Flag,
    /// A count, or a number of order from 1.
    Count,
    /// A number in the unit of the column, always finite.
    Number,
}

impl Kind {
    /// As the metadata of a column says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Flag => "bool",
            Self::Count => "integer",
            Self::Number => "float",
        }
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing; a reason stands in another column where one is due.
    Missing,
    /// See [`Kind::Text`].
    Text(Cow<'static, str>),
    /// See [`Kind::Flag`].
    Flag(bool),
    /// See [`Kind::Count`].
    Count(u64),
    /// See [`Kind::Number`].
    Number(f64),
}

/// What the function of a column gives. Its type is the type of the column, so that no cell can be of another one.
pub trait Value: Sized {
    /// The type of the column.
    const KIND: Kind;
    /// The cell.
    fn cell(self) -> Cell;
    /// Adds a cell for each of the next rows of a column.
    fn fill(values: impl Iterator<Item = Self>, column: &mut ColumnCells) {
        for value in values {
            column.push(value.cell());
        }
    }
}

macro_rules! value {
    ($type:ty, $kind:ident, $value:ident => $content:expr) => {
        impl Value for Option<$type> {
            const KIND: Kind = Kind::$kind;
            fn cell(self) -> Cell {
                self.map_or(Cell::Missing, |$value| Cell::$kind($content))
            }
        }
    };
}

value!(&'static str, Text, word => Cow::Borrowed(word));
value!(String, Text, text => Cow::Owned(text));
value!(bool, Flag, flag => flag);
value!(u64, Count, count => count);

impl Value for Option<f64> {
    const KIND: Kind = Kind::Number;
    /// What is no number is missing.
    fn cell(self) -> Cell {
        match self {
            Some(number) if number.is_finite() => Cell::Number(number),
            _ => Cell::Missing,
        }
    }
    /// Most columns hold numbers.
    fn fill(values: impl Iterator<Item = Self>, column: &mut ColumnCells) {
        if let ColumnCells::Number(rows) = column {
            rows.extend(values.map(|value| value.filter(|number| number.is_finite())));
        }
    }
}

/// Cells of one column, from the first row to the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnCells {
    /// Texts: each row names its word. The rows of a study repeat the same few.
    Text {
        /// The words.
        words: Vec<Cow<'static, str>>,
        /// The index of the word of each row.
        rows: Vec<Option<u32>>,
    },
    /// Yes or no.
    Flag(Vec<Option<bool>>),
    /// Counts.
    Count(Vec<Option<u64>>),
    /// Numbers.
    Number(#[serde(with = "packed")] Vec<Option<f64>>),
}

impl ColumnCells {
    /// No cells, with room for so many.
    fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Text => Self::Text {
                words: Vec::new(),
                rows: Vec::with_capacity(rows),
            },
            Kind::Flag => Self::Flag(Vec::with_capacity(rows)),
            Kind::Count => Self::Count(Vec::with_capacity(rows)),
            Kind::Number => Self::Number(Vec::with_capacity(rows)),
        }
    }

    /// Their type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text { .. } => Kind::Text,
            Self::Flag(_) => Kind::Flag,
            Self::Count(_) => Kind::Count,
            Self::Number(_) => Kind::Number,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text { rows, .. } => rows.len(),
            Self::Flag(rows) => rows.len(),
            Self::Count(rows) => rows.len(),
            Self::Number(rows) => rows.len(),
        }
    }

    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Text { words, rows }, Cell::Text(text)) => {
                let row = known(words, rows, &text).or_else(|| add(words, text));
                rows.push(row);
            }
            (Self::Flag(rows), Cell::Flag(flag)) => rows.push(Some(flag)),
            (Self::Count(rows), Cell::Count(count)) => rows.push(Some(count)),
            (Self::Number(rows), Cell::Number(number)) => rows.push(Some(number)),
            // `Value` keeps a cell of another type from being made.
            (Self::Text { rows, .. }, _) => rows.push(None),
            (Self::Flag(rows), _) => rows.push(None),
            (Self::Count(rows), _) => rows.push(None),
            (Self::Number(rows), _) => rows.push(None),
        }
    }

    /// Adds a text of a file. The rows of a study repeat it, so it is copied only where it is new.
    pub(super) fn push_text(&mut self, text: Option<&str>) {
        match (self, text) {
            (Self::Text { words, rows }, Some(text)) => {
                let row =
                    known(words, rows, text).or_else(|| add(words, Cow::Owned(text.to_owned())));
                rows.push(row);
            }
            (cells, _) => cells.push(Cell::Missing),
        }
    }

    fn append(&mut self, other: &Self) {
        match (self, other) {
            (
                Self::Text { words, rows },
                Self::Text {
                    words: more,
                    rows: new,
                },
            ) => {
                let before = u32::try_from(words.len()).unwrap_or(u32::MAX);
                words.extend_from_slice(more);
                rows.extend(new.iter().map(|row| (*row)?.checked_add(before)));
            }
            (Self::Flag(rows), Self::Flag(new)) => rows.extend_from_slice(new),
            (Self::Count(rows), Self::Count(new)) => rows.extend_from_slice(new),
            (Self::Number(rows), Self::Number(new)) => rows.extend_from_slice(new),
            // `Cells::conform` is asked first.
            _ => {}
        }
    }

    /// The text of a row of a column of texts.
    pub fn text(&self, row: usize) -> Option<&str> {
        let Self::Text { words, rows } = self else {
            return None;
        };
        let index = (*rows.get(row)?)?;
        Some(words.get(usize::try_from(index).ok()?)?.as_ref())
    }

    /// Whether every row that names a word has one.
    fn is_whole(&self) -> bool {
        match self {
            Self::Text { words, rows } => {
                let known = |index: &u32| usize::try_from(*index).is_ok_and(|at| at < words.len());
                rows.iter().flatten().all(known)
            }
            _ => true,
        }
    }

    /// About how many bytes they take.
    fn bytes(&self) -> usize {
        /// A number with its presence.
        const NUMBER: usize = 16;
        let texts = match self {
            Self::Text { words, .. } => words.iter().map(|word| word.len() + NUMBER).sum(),
            _ => 0,
        };
        texts + self.len() * NUMBER
    }
}

/// The index of a word that a column has; most often that of the row before.
fn known(words: &[Cow<'static, str>], rows: &[Option<u32>], text: &str) -> Option<u32> {
    let last = rows.last().copied().flatten();
    last.filter(|&last| {
        let word = usize::try_from(last).ok().and_then(|at| words.get(at));
        word.is_some_and(|word| word == text)
    })
    .or_else(|| u32::try_from(words.iter().rposition(|word| word == text)?).ok())
}

/// Adds a word to those of a column; gives its index.
fn add(words: &mut Vec<Cow<'static, str>>, text: Cow<'static, str>) -> Option<u32> {
    words.push(text);
    u32::try_from(words.len() - 1).ok()
}

/// Rows of one table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cells {
    columns: Vec<ColumnCells>,
}

impl Cells {
    /// No rows, of columns of these types.
    pub fn new(kinds: impl IntoIterator<Item = Kind>) -> Self {
        let empty = |kind| ColumnCells::new(kind, 0);
        Self {
            columns: kinds.into_iter().map(empty).collect(),
        }
    }

    /// So many rows of columns of these types, whose cells are added by `fill`, column by column.
    pub(super) fn filled<C>(
        columns: impl IntoIterator<Item = (Kind, C)>,
        rows: usize,
        fill: impl Fn(C, &mut ColumnCells),
    ) -> Self {
        let made = |(kind, column)| {
            let mut cells = ColumnCells::new(kind, rows);
            fill(column, &mut cells);
            cells
        };
        Self {
            columns: columns.into_iter().map(made).collect(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }

    /// Adds rows of the same table.
    pub fn append(&mut self, rows: &Self) {
        for (column, more) in self.columns.iter_mut().zip(&rows.columns) {
            column.append(more);
        }
    }

    /// Appends the text of its JSON, the same as through serde.
    pub fn write_json(&self, json: &mut Vec<u8>) {
        super::cell_json::write(self, json);
    }

    /// The columns.
    pub fn columns(&self) -> &[ColumnCells] {
        &self.columns
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, ColumnCells::len)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether they are whole and of columns of these types: what was kept elsewhere may be of another version, or damaged.
    pub fn conform(&self, kinds: impl IntoIterator<Item = Kind>) -> bool {
        let own = self.columns.iter().map(ColumnCells::kind);
        let rows = self.len();
        own.eq(kinds)
            && self
                .columns
                .iter()
                .all(|column| column.len() == rows && column.is_whole())
    }

    /// About how many bytes they take in memory.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(ColumnCells::bytes).sum()
    }
}

/// Numbers through serde: a sign for each row, `1` where there is a number, and the bits of the numbers in Base64. Decimal text would be
/// twice as long, and would come back exactly only from some readers.
mod packed {
    use super::{Deserialize, Serialize};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use serde::de::Error;
    use serde::{Deserializer, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Packed {
        present: String,
        bits: String,
    }

    pub fn serialize<S: Serializer>(
        rows: &[Option<f64>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let signs = rows.iter().map(|row| if row.is_some() { '1' } else { '0' });
        let bits: Vec<u8> = rows
            .iter()
            .flatten()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        Packed {
            present: signs.collect(),
            bits: BASE64.encode(bits),
        }
        .serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Option<f64>>, D::Error> {
        let packed = Packed::deserialize(deserializer)?;
        let bytes = BASE64.decode(packed.bits).map_err(D::Error::custom)?;
        let (numbers, rest) = bytes.as_chunks();
        let mut numbers = numbers.iter().map(|bits| f64::from_le_bytes(*bits));
        let rows: Option<Vec<_>> = packed
            .present
            .chars()
            .map(|sign| match sign {
                '1' => numbers.next().filter(|n| n.is_finite()).map(Some),
                '0' => Some(None),
                _ => None,
            })
            .collect();
        match rows {
            Some(rows) if numbers.next().is_none() && rest.is_empty() => Ok(rows),
            _ => Err(D::Error::custom("the numbers of a column are damaged")),
        }
    }
}

#[cfg(test)]
#[path = "cell_tests.rs"]
mod tests;
