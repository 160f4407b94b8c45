//! The form on pages: where each block stands, and what goes together.

use super::figure;
use super::flow::{Flow, LEADING, MM, SMALL, TEXT};
use super::font::Fonts;
use super::page::{Area, Ink, Pages, Role};
use super::table;
use super::text::{Line, wrap};
use crate::clinical_report::form::{Block, Form, FormFigure, Item, Letterhead, Pair};
use std::collections::BTreeSet;

/// Size of the title.
const TITLE: f32 = 14.0;
/// Size of labels and of the address.
const LABEL: f32 = 7.5;
/// The largest logo.
const LOGO: (f32, f32) = (60.0 * MM, 18.0 * MM);
/// Between two figures beside each other, and between two columns of pairs.
const GAP: f32 = 4.0 * MM;
/// The least room for a comment.
const COMMENT: f32 = 17.0 * MM;
/// The most room for a comment.
const COMMENT_MOST: f32 = 60.0 * MM;
/// The room for a signature.
const SIGNATURE: f32 = 15.0 * MM;

/// Sets a form; `logo` is the size of the logo in its own units.
pub fn lay(form: &Form, fonts: Fonts, logo: Option<(f32, f32)>) -> (Pages, Flow) {
    let mut flow = Flow::new(fonts, form.paper);
    let mut drawn = 0;
    for (number, part) in form.parts.iter().enumerate() {
        if number > 0 && !part.is_empty() {
            flow.new_page();
        }
        for (index, block) in part.iter().enumerate() {
            block_of(
                &mut flow,
                block,
                part.get(index + 1..).unwrap_or_default(),
                logo,
                &mut drawn,
            );
        }
    }
    lacking(&mut flow, form);
    (std::mem::take(&mut flow.pages), flow)
}

fn block_of(
    flow: &mut Flow,
    block: &Block,
    following: &[Block],
    logo: Option<(f32, f32)>,
    drawn: &mut usize,
) {
    match block {
        Block::Letterhead(head) => letterhead(flow, head, logo),
        Block::Heading { text } => {
            let beginning = following.first().map_or(0.0, beginning);
            flow.heading(text, beginning);
        }
        Block::Pairs { columns } => pairs(flow, columns),
        Block::Table(content) => table::set(flow, content),
        Block::Paragraph { text, style } => flow.paragraph(text, *style),
        Block::Items {
            items: content,
            framed,
        } => items(flow, content, *framed),
        Block::Figures { figures: content } => {
            figures(flow, content, *drawn);
            *drawn += content.len();
        }
        Block::Comment { label } => {
            let signed = matches!(following.first(), Some(Block::Signature { .. }));
            comment(flow, label, if signed { SIGNATURE } else { 0.0 });
        }
        Block::Signature { fields } => signature(flow, fields),
    }
}

/// The height that a block needs to begin.
fn beginning(block: &Block) -> f32 {
    match block {
        Block::Table(_) => table::beginning(),
        Block::Figures { figures } => {
            let first = figures
                .iter()
                .take(2)
                .map(|figure| figure::size(&figure.svg).1);
            first.fold(0.0, f32::max) + 4.0 * SMALL
        }
        Block::Pairs { columns } => {
            let lines = columns.iter().map(Vec::len).max().unwrap_or(0);
            lines as f32 * TEXT * LEADING
        }
        _ => 2.0 * TEXT * LEADING,
    }
}

fn letterhead(flow: &mut Flow, head: &Letterhead, logo: Option<(f32, f32)>) {
    let top = flow.y;
    let half = flow.width() / 2.0 - GAP / 2.0;
    let left = flow.left();
    let mut y = top;
    if let (Some(_), Some((wide, high))) = (&head.logo, logo) {
        let scale = (LOGO.0 / wide).min(LOGO.1 / high);
        let area = Area {
            x: left,
            y,
            width: wide * scale,
            height: high * scale,
        };
        let alt = flow.clean(
            &head
                .logo
                .as_ref()
                .map_or(String::new(), |logo| logo.alt.clone()),
        );
        let node = flow.pages.node(Role::Figure(alt), None);
        flow.place(area, Ink::Logo, Some(node));
        y += area.height + 1.5 * MM;
    }
    let title = flow.clean(&head.title);
    let node = flow.pages.node(Role::Heading(1, title.clone()), None);
    for line in wrap(flow.fonts, &[(&title, true)], TITLE, half + GAP) {
        flow.line(line, TITLE, (left, y), half, 0.0, Some(node));
        y += TITLE * LEADING;
    }
    let mut right = top;
    let node = flow.pages.node(Role::Paragraph, None);
    for (index, text) in std::iter::once(&head.name).chain(&head.address).enumerate() {
        let text = flow.clean(text);
        if text.trim().is_empty() {
            continue;
        }
        let size = if index == 0 { TEXT } else { LABEL };
        for line in wrap(flow.fonts, &[(&text, index == 0)], size, half - GAP) {
            let at = (left + half + 2.0 * GAP, right);
            flow.line(line, size, at, half - GAP, 1.0, Some(node));
            right += size * LEADING;
        }
    }
    flow.y = y.max(right) + 0.8 * MM;
    flow.rule(1.4);
    flow.y += 1.5 * MM;
}

/// Labels and values in two columns; a block of pairs is never broken unless it is longer than a page.
fn pairs(flow: &mut Flow, columns: &[Vec<Pair>; 2]) {
    let wide = (flow.width() - GAP) / 2.0;
    let mut set = Vec::new();
    for column in columns {
        let labels: Vec<String> = column.iter().map(|pair| flow.clean(&pair.label)).collect();
        let widest = labels
            .iter()
            .map(|label| flow.fonts.width(label, false, LABEL))
            .fold(0.0, f32::max);
        let before = (widest + 2.5 * MM).min(wide * 0.5);
        let rows: Vec<_> = column
            .iter()
            .zip(&labels)
            .map(|(pair, label)| {
                let value = flow.clean(&pair.value);
                let label = wrap(flow.fonts, &[(label, false)], LABEL, before - 1.0 * MM);
                (
                    label,
                    wrap(flow.fonts, &[(&value, false)], TEXT, wide - before),
                )
            })
            .collect();
        set.push((before, rows));
    }
    let height = |rows: &Vec<(Vec<_>, Vec<_>)>| -> f32 {
        rows.iter()
            .map(|(label, value): &(Vec<Line>, Vec<Line>)| {
                label.len().max(value.len()) as f32 * TEXT * LEADING
            })
            .sum()
    };
    let tallest = set.iter().map(|(_, rows)| height(rows)).fold(0.0, f32::max);
    flow.need(tallest.min(flow.body()));
    let top = flow.y;
    let mut lowest = top;
    for (number, (before, rows)) in set.into_iter().enumerate() {
        let x = flow.left() + number as f32 * (wide + GAP);
        let mut y = top;
        let list = flow.pages.node(Role::List, None);
        for (label, value) in rows {
            let node = flow.pages.node(Role::Entry, Some(list));
            let lines = label.len().max(value.len());
            for (index, mut line) in label.into_iter().enumerate() {
                if let Some(run) = line.last_mut() {
                    run.text.push(' ');
                }
                // the baselines of both sizes agree
                let at = (x, y + index as f32 * TEXT * LEADING + (TEXT - LABEL) * 0.98);
                flow.line(line, LABEL, at, before, 0.0, Some(node));
            }
            for (index, line) in value.into_iter().enumerate() {
                let at = (x + before, y + index as f32 * TEXT * LEADING);
                flow.line(line, TEXT, at, wide - before, 0.0, Some(node));
            }
            y += lines as f32 * TEXT * LEADING;
        }
        lowest = lowest.max(y);
    }
    flow.y = lowest + 0.5 * MM;
}

fn items(flow: &mut Flow, items: &[Item], framed: bool) {
    const INSIDE: f32 = 2.0 * MM;
    let indent = if framed { INSIDE } else { 0.0 };
    let limit = flow.width() - 2.0 * indent;
    let set: Vec<_> = items
        .iter()
        .map(|item| {
            let (lead, text) = (flow.clean(&item.lead), flow.clean(&item.text));
            wrap(flow.fonts, &[(&lead, true), (&text, false)], TEXT, limit)
        })
        .collect();
    let lines: usize = set.iter().map(Vec::len).sum();
    let between = 0.5 * MM;
    let height = lines as f32 * TEXT * LEADING + set.len() as f32 * between + 2.0 * indent;
    let whole = framed && height <= flow.body();
    if whole {
        flow.skip(0.8 * MM);
        flow.need(height);
        let area = Area {
            x: flow.left(),
            y: flow.y,
            width: flow.width(),
            height,
        };
        flow.place(area, Ink::Frame(1.1), None);
        flow.y += indent;
    }
    let list = flow.pages.node(Role::List, None);
    for lines in set {
        let node = flow.pages.node(Role::Entry, Some(list));
        flow.lines(lines, TEXT, indent, node);
        flow.y += between;
    }
    if whole {
        flow.y += indent;
    }
}

/// Figures, two beside each other, each as wide as it was drawn.
fn figures(flow: &mut Flow, figures: &[FormFigure], before: usize) {
    let column = (flow.width() - GAP) / 2.0;
    for (row, pair) in figures.chunks(2).enumerate() {
        let mut set = Vec::new();
        for content in pair {
            let (wide, high) = figure::size(&content.svg);
            let caption = flow.clean(&content.caption);
            let lines = wrap(flow.fonts, &[(&caption, false)], SMALL, column);
            let below = lines.len() as f32 * SMALL * LEADING + 1.0 * MM;
            let scale = (column / wide).min((flow.body() - below) / high).min(1.0);
            set.push((wide * scale, high * scale, lines, caption));
        }
        let tallest =
            |pick: fn(&(f32, f32, Vec<_>, String)) -> f32| set.iter().map(pick).fold(0.0, f32::max);
        let high = tallest(|(_, high, _, _)| *high);
        let below = tallest(|(_, _, lines, _): &(f32, f32, Vec<Line>, String)| lines.len() as f32)
            * SMALL
            * LEADING;
        flow.need(high + below + 1.0 * MM);
        let top = flow.y;
        for (place, (wide, own, lines, caption)) in set.into_iter().enumerate() {
            let x = flow.left() + place as f32 * (column + GAP);
            let area = Area {
                x,
                y: top,
                width: wide,
                height: own,
            };
            let node = flow.pages.node(Role::Figure(caption), None);
            flow.place(area, Ink::Figure(before + 2 * row + place), Some(node));
            let text = flow.pages.node(Role::Paragraph, None);
            for (index, line) in lines.into_iter().enumerate() {
                let at = (x, top + own + 0.5 * MM + index as f32 * SMALL * LEADING);
                flow.line(line, SMALL, at, column, 0.0, Some(text));
            }
        }
        flow.y = top + high + below + 2.0 * MM;
    }
}

/// A frame that takes what is left of the page, within bounds.
fn comment(flow: &mut Flow, label: &str, below: f32) {
    flow.skip(2.5 * MM);
    flow.need(COMMENT + below);
    let height = (flow.room() - below).clamp(COMMENT, COMMENT_MOST);
    let area = Area {
        x: flow.left(),
        y: flow.y,
        width: flow.width(),
        height,
    };
    flow.place(area, Ink::Frame(0.8), None);
    let text = flow.clean(label);
    let node = flow.pages.node(Role::Paragraph, None);
    let limit = flow.width() - 3.0 * MM;
    let lines = wrap(flow.fonts, &[(&text, true)], TEXT, limit);
    if let Some(line) = lines.into_iter().next() {
        let at = (flow.left() + 1.5 * MM, flow.y + 0.8 * MM);
        flow.line(line, TEXT, at, limit, 0.0, Some(node));
    }
    flow.y += height;
}

fn signature(flow: &mut Flow, fields: &[String]) {
    flow.need(SIGNATURE);
    let count = fields.len().max(1) as f32;
    let gap = 10.0 * MM;
    let wide = (flow.width() - gap * (count - 1.0)) / count;
    let y = flow.y + SIGNATURE - 5.0 * MM;
    for (index, field) in fields.iter().enumerate() {
        let x = flow.left() + index as f32 * (wide + gap);
        let area = Area {
            x,
            y,
            width: wide,
            height: 0.7,
        };
        flow.place(area, Ink::Rule(0.7), None);
        let text = flow.clean(field);
        let node = flow.pages.node(Role::Paragraph, None);
        let lines = wrap(flow.fonts, &[(&text, false)], LABEL, wide);
        if let Some(line) = lines.into_iter().next() {
            flow.line(line, LABEL, (x, y + 0.6 * MM), wide, 0.0, Some(node));
        }
    }
    flow.y += SIGNATURE;
}

/// A note at the end about characters without a glyph, those of figures included.
fn lacking(flow: &mut Flow, form: &Form) {
    let mut lacking: BTreeSet<char> = std::mem::take(&mut flow.lacking);
    for block in form.blocks() {
        if let Block::Figures { figures } = block {
            for figure in figures {
                // Half a megabyte of coordinates holds few other signs.
                let signs: String = figure.svg.chars().filter(|c| !c.is_ascii()).collect();
                flow.fonts.printable(&signs, &mut lacking);
            }
        }
    }
    if lacking.is_empty() {
        return;
    }
    const MOST: usize = 40;
    let mut names: Vec<String> = lacking
        .iter()
        .take(MOST)
        .map(|c| format!("U+{:04X}", u32::from(*c)))
        .collect();
    if lacking.len() > MOST {
        names.push("…".to_owned());
    }
    let text = form.unprintable.replace("{signs}", &names.join(", "));
    flow.paragraph(&text, crate::clinical_report::form::Style::Small);
}

/// The running head and the foot of every page, which are not read as text of the report.
pub fn around(flow: &mut Flow, pages: &mut Pages, form: &Form) -> Vec<Vec<super::page::Piece>> {
    let count = pages.pages.len();
    let (running, foot) = (flow.clean(&form.running), flow.clean(&form.foot));
    let mut all = Vec::with_capacity(count);
    for number in 1..=count {
        flow.pages = Pages::default();
        flow.new_page();
        let (left, wide) = (flow.left(), flow.width());
        let mut set = |text: &str, y: f32, shift: f32, limit: f32, x: f32| {
            let line = wrap(flow.fonts, &[(text, false)], SMALL, limit)
                .into_iter()
                .next();
            flow.line(line.unwrap_or_default(), SMALL, (x, y), limit, shift, None);
        };
        let bottom = set_bottom(form);
        if number > 1 {
            set(&running, 8.0 * MM, 0.0, wide, left);
        }
        let label = form.page_label.replace("{page}", &number.to_string());
        let label = label.replace("{pages}", &count.to_string());
        set(&foot, bottom, 0.0, wide * 0.45, left);
        // what was recorded stands on page one too, for a page that is separated from the others
        set(
            &format!("{running} · {label}"),
            bottom,
            1.0,
            wide * 0.53,
            left + wide * 0.47,
        );
        all.push(flow.pages.pages.pop().unwrap_or_default());
    }
    all
}

/// The height of the foot.
fn set_bottom(form: &Form) -> f32 {
    form.paper.size_mm().1 * MM - 11.0 * MM
}
