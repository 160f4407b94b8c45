//! Pages of placed pieces, and the tree that says in which order and as what they are read.

use super::text::Line;

/// A rectangle in pt from the upper left corner of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Area {
    /// Whether two areas share more than an edge.
    #[cfg(test)]
    pub fn overlaps(&self, other: &Self) -> bool {
        const TOUCH: f32 = 0.05;
        self.x + TOUCH < other.x + other.width
            && other.x + TOUCH < self.x + self.width
            && self.y + TOUCH < other.y + other.height
            && other.y + TOUCH < self.y + self.height
    }
}

/// What stands somewhere on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Ink {
    /// A line of text; its baseline in pt from the top of the page.
    Text {
        /// The line.
        line: Line,
        /// Its baseline.
        baseline: f32,
        /// The size of its letters.
        size: f32,
    },
    /// A straight horizontal rule along the upper edge, so thick.
    Rule(f32),
    /// A filled area, so light: 0 black, 1 white.
    Shade(f32),
    /// A frame, so thick.
    Frame(f32),
    /// A figure of the form.
    Figure(usize),
    /// The logo.
    Logo,
}

/// A placed piece.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it stands.
    pub area: Area,
    /// What stands there.
    pub ink: Ink,
    /// The node of the tree that it belongs to; `None` for what is not read: rules, frames, what is repeated.
    pub node: Option<usize>,
}

/// What a node of the tree is.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A heading: 1 the title, 2 a section.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A table with what it shows.
    Table(String),
    /// A row.
    Row,
    /// The head of a column.
    Head,
    /// A cell that spans so many columns.
    Cell(u32),
    /// A list.
    List,
    /// A line of a list.
    Entry,
    /// A figure with what it shows.
    Figure(String),
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// Its parts, by their indices.
    pub children: Vec<usize>,
}

/// The pages and the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pages {
    /// The pieces of each page, in the order in which they are drawn.
    pub pages: Vec<Vec<Piece>>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The nodes without a parent, in the order in which they are read.
    pub roots: Vec<usize>,
    /// The headings of sections: text, page and height on it.
    pub outline: Vec<(String, usize, f32)>,
}

impl Pages {
    /// A node below another, or a root.
    pub fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node {
            role,
            children: Vec::new(),
        });
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(index),
            None => self.roots.push(index),
        }
        index
    }
}
