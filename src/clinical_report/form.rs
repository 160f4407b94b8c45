//! The report as a paper form, independent of its medium: blocks of text that is final, in the order in which they are read.

use serde::Serialize;

/// A report of one study, ready to be set in HTML or PDF. Numbers are text here: rounded once, with their units.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Form {
    /// The tag of its language: `de`.
    pub language: String,
    /// Its title.
    pub title: String,
    /// What stands at the top of every page but the first: study and date.
    pub running: String,
    /// What stands at the foot of every page.
    pub foot: String,
    /// How pages are numbered, with `{page}` and `{pages}`.
    pub page_label: String,
    /// The text of a note that signs without a glyph are told in, with `{signs}`.
    pub unprintable: String,
    /// The paper.
    pub paper: Paper,
    /// When the recording began: `2026-03-01T09:30:00`.
    pub date: Option<String>,
    /// Page one, and what follows it.
    pub parts: [Vec<Block>; 2],
}

/// Sizes of paper.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 210 mm × 297 mm
    #[default]
    A4,
    /// 8.5 in × 11 in
    Letter,
}

impl Paper {
    /// Width and height in mm.
    pub const fn size_mm(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::Letter => (215.9, 279.4),
        }
    }
}

/// A piece of the form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// The laboratory beside its logo, above the title.
    Letterhead(Letterhead),
    /// The heading of a section.
    Heading {
        /// Its text.
        text: String,
    },
    /// Labels with values, side by side in two columns.
    Pairs {
        /// The columns.
        columns: [Vec<Pair>; 2],
    },
    /// A table.
    Table(Table),
    /// A text.
    Paragraph {
        /// Its text.
        text: String,
        /// How it is set.
        style: Style,
    },
    /// Lines with a lead in bold.
    Items {
        /// The lines.
        items: Vec<Item>,
        /// Whether they are set in a frame.
        framed: bool,
    },
    /// Figures, two beside each other.
    Figures {
        /// The figures.
        figures: Vec<FormFigure>,
    },
    /// Room for a comment.
    Comment {
        /// Its label.
        label: String,
    },
    /// Lines to sign on.
    Signature {
        /// What is written below each.
        fields: Vec<String>,
    },
}

/// The head of page one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Letterhead {
    /// The laboratory.
    pub name: String,
    /// The lines of its address.
    pub address: Vec<String>,
    /// Its logo.
    pub logo: Option<Logo>,
    /// The title of the report.
    pub title: String,
}

/// A picture of the laboratory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Logo {
    /// `png` or `jpeg`.
    pub format: &'static str,
    /// The bytes of the file.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// The same in base64, for HTML.
    pub base64: String,
    /// What a reader hears who does not see it.
    pub alt: String,
}

/// A label with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// What it is.
    pub label: String,
    /// The value with its unit.
    pub value: String,
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// As all text.
    Normal,
    /// Notes and provenance.
    Small,
    /// What must not be missed.
    Strong,
}

/// A line with a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// In bold; may be empty.
    pub lead: String,
    /// What follows.
    pub text: String,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// What it shows, for readers who hear it.
    pub summary: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What the marks in its cells mean.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its head, with the unit.
    pub head: String,
    /// Whether it holds numbers, which are set to the right.
    pub number: bool,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its cells: one per column, or one for all columns of a row that opens a group.
    pub cells: Vec<String>,
    /// What it is.
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// One of many.
    Plain,
    /// It opens a group and spans all columns.
    Group,
    /// It cannot be believed: set in italics or in gray brackets, and said so in a cell.
    Refused,
    /// What decides.
    Strong,
}

/// A figure of the form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FormFigure {
    /// The drawing.
    pub svg: String,
    /// What it shows, in a line below it.
    pub caption: String,
}

impl Form {
    /// All blocks, in the order in which they are read.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.parts.iter().flatten()
    }
}
