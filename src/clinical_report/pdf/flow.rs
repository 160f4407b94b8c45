//! Blocks set one below the other, page after page.

use super::font::Fonts;
use super::page::{Area, Ink, Pages, Piece, Role};
use super::text::{Line, width, wrap};
use crate::clinical_report::form::{Paper, Style};
use std::collections::BTreeSet;

/// Points in a millimeter.
pub const MM: f32 = 72.0 / 25.4;
/// Margins at the left and right.
const SIDE: f32 = 15.0 * MM;
/// Margin above; the running head stands in it.
const TOP: f32 = 15.0 * MM;
/// Margin below; the foot stands in it.
const BOTTOM: f32 = 15.0 * MM;
/// Size of ordinary text.
pub const TEXT: f32 = 8.5;
/// Size of notes.
pub const SMALL: f32 = 7.0;
/// Size of the heading of a section.
pub const HEADING: f32 = 10.0;
/// From one baseline to the next, in sizes.
pub const LEADING: f32 = 1.28;
/// From the top of a line to its baseline, in sizes: ascender of DejaVu Sans 0.93, of which accents use the upper part.
const ASCENT: f32 = 0.98;

/// The place that was reached.
pub struct Flow {
    /// The fonts.
    pub fonts: Fonts,
    /// What was placed.
    pub pages: Pages,
    /// Width and height of the paper in pt.
    pub paper: (f32, f32),
    /// The next free height.
    pub y: f32,
    /// Characters that the font lacks.
    pub lacking: BTreeSet<char>,
}

impl Flow {
    /// The first page, empty.
    pub fn new(fonts: Fonts, paper: Paper) -> Self {
        let (width, height) = paper.size_mm();
        let mut flow = Self {
            fonts,
            pages: Pages::default(),
            paper: (width * MM, height * MM),
            y: TOP,
            lacking: BTreeSet::new(),
        };
        flow.new_page();
        // No running head stands above the letterhead.
        flow.y = TOP - 2.0 * MM;
        flow
    }

    /// The left edge of the text.
    pub fn left(&self) -> f32 {
        SIDE
    }

    /// The width of the text.
    pub fn width(&self) -> f32 {
        self.paper.0 - 2.0 * SIDE
    }

    /// The height of a page that text can take.
    pub fn body(&self) -> f32 {
        self.paper.1 - TOP - BOTTOM
    }

    /// What is left of the page.
    pub fn room(&self) -> f32 {
        self.paper.1 - BOTTOM - self.y
    }

    /// Begins a page.
    pub fn new_page(&mut self) {
        self.pages.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Begins a page unless so much is left.
    pub fn need(&mut self, height: f32) {
        if self.room() < height && self.y > TOP {
            self.new_page();
        }
    }

    /// A little free height, but none at the top of a page.
    pub fn skip(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Places a piece on this page.
    pub fn place(&mut self, area: Area, ink: Ink, node: Option<usize>) {
        if let Some(page) = self.pages.pages.last_mut() {
            page.push(Piece { area, ink, node });
        }
    }

    /// A text as it can be printed.
    pub fn clean(&mut self, text: &str) -> String {
        self.fonts.printable(text, &mut self.lacking)
    }

    /// Places a line with its upper edge at `y`; `shift` is how much of `limit` is left free before it, from 0 to 1.
    pub fn line(
        &mut self,
        line: Line,
        size: f32,
        at: (f32, f32),
        limit: f32,
        shift: f32,
        node: Option<usize>,
    ) {
        let wide = width(&line);
        if line.is_empty() {
            return;
        }
        let x = at.0 + (limit - wide).max(0.0) * shift;
        let area = Area {
            x,
            y: at.1,
            width: wide,
            height: size * LEADING,
        };
        let baseline = at.1 + size * ASCENT;
        self.place(
            area,
            Ink::Text {
                line,
                baseline,
                size,
            },
            node,
        );
    }

    /// A horizontal rule at the place that was reached.
    pub fn rule(&mut self, thick: f32) {
        let area = Area {
            x: self.left(),
            y: self.y,
            width: self.width(),
            height: thick,
        };
        self.place(area, Ink::Rule(thick), None);
        self.y += thick;
    }

    /// Lines one below the other, which may go on on the next page.
    pub fn lines(&mut self, lines: Vec<Line>, size: f32, indent: f32, node: usize) {
        let high = size * LEADING;
        let total = lines.len();
        for (index, line) in lines.into_iter().enumerate() {
            // neither the first line alone at the foot of a page, nor the last alone at the head of the next
            let together = if (index == 0 && total > 1) || index + 2 == total {
                2.0
            } else {
                1.0
            };
            self.need(high * together);
            let at = (self.left() + indent, self.y);
            let limit = self.width() - indent;
            self.line(line, size, at, limit, 0.0, Some(node));
            self.y += high;
        }
    }

    /// A heading, with as much room below it as what follows needs to begin.
    pub fn heading(&mut self, text: &str, following: f32) {
        let text = self.clean(text);
        let lines = wrap(self.fonts, &[(&text, true)], HEADING, self.width());
        let high = lines.len() as f32 * HEADING * LEADING;
        self.skip(2.2 * MM);
        self.need(high + 2.5 * MM + following);
        let page = self.pages.pages.len() - 1;
        let y = self.y;
        self.pages.outline.push((text.clone(), page, y));
        let node = self.pages.node(Role::Heading(2, text), None);
        self.lines(lines, HEADING, 0.0, node);
        self.y += 0.2 * MM;
        self.rule(0.6);
        self.y += 1.0 * MM;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str, style: Style) {
        let (size, bold) = match style {
            Style::Normal => (TEXT, false),
            Style::Small => (SMALL, false),
            Style::Strong => (TEXT, true),
        };
        let text = self.clean(text);
        if text.trim().is_empty() {
            return;
        }
        let lines = wrap(self.fonts, &[(&text, bold)], size, self.width());
        let node = self.pages.node(Role::Paragraph, None);
        self.y += 0.5 * MM;
        self.lines(lines, size, 0.0, node);
        self.y += 0.5 * MM;
    }
}
