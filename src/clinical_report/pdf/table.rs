//! Tables: columns as wide as they need to be, heads repeated on every page.

use super::flow::{Flow, LEADING, MM, SMALL};
use super::page::{Area, Ink, Role};
use super::text::{Line, Run, widths, wrap};
use crate::clinical_report::form::{RowKind, Table};

/// Sizes of letters, the first that fits is taken.
const SIZES: [f32; 4] = [8.0, 7.5, 7.0, 6.5];
/// Free width at each side of a cell.
const BESIDE: f32 = 0.9 * MM;
/// Free height above and below the lines of a cell.
const ABOVE: f32 = 0.32 * MM;
/// A word wider than this part of the table is broken rather than given its width.
const WIDEST_WORD: f32 = 0.3;
/// A head is given this width rather than broken, where there is room, in pt.
const HEAD: f32 = 26.0 * MM;
/// How light a train that cannot be believed is shaded.
const SHADE: f32 = 0.9;

/// A row broken into lines.
struct Broken {
    cells: Vec<Vec<Line>>,
    kind: RowKind,
}

impl Broken {
    fn lines(&self) -> usize {
        self.cells.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// How a table is set.
struct Frame {
    size: f32,
    widths: Vec<f32>,
    right: Vec<bool>,
    head: Broken,
}

impl Frame {
    fn height(&self, lines: usize) -> f32 {
        lines as f32 * self.size * LEADING + 2.0 * ABOVE
    }
}

/// Sets a table.
pub fn set(flow: &mut Flow, table: &Table) {
    let mut clean = |text: &String| flow.clean(text);
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|column| clean(&column.head))
        .collect();
    let rows: Vec<(Vec<String>, RowKind)> = table
        .rows
        .iter()
        .map(|row| (row.cells.iter().map(&mut clean).collect(), row.kind))
        .collect();
    let (size, columns) = fit(flow, table, &heads, &rows);
    let right: Vec<bool> = table.columns.iter().map(|column| column.number).collect();
    let broken = |texts: &[String], bold: bool, widths: &[f32]| -> Vec<Vec<Line>> {
        let each = texts.iter().zip(widths);
        each.map(|(text, width)| wrap(flow.fonts, &[(text, bold)], size, width - 2.0 * BESIDE))
            .collect()
    };
    let frame = Frame {
        size,
        head: Broken {
            cells: broken(&heads, true, &columns),
            kind: RowKind::Plain,
        },
        widths: columns,
        right,
    };
    let whole = [flow.width()];
    let rows: Vec<Broken> = rows
        .iter()
        .map(|(cells, kind)| {
            let bold = matches!(kind, RowKind::Group | RowKind::Strong);
            let widths: &[f32] = if *kind == RowKind::Group {
                &whole
            } else {
                &frame.widths
            };
            let mut cells = broken(cells, bold, widths);
            if *kind == RowKind::Refused {
                // Its last cell says that it is refused.
                if let Some(last) = cells.last_mut() {
                    last.iter_mut().flatten().for_each(|run| run.bold = true);
                }
            }
            Broken { cells, kind: *kind }
        })
        .collect();
    let node = flow.pages.node(Role::Table(table.summary.clone()), None);
    flow.need(
        frame.height(frame.head.lines())
            + rows
                .iter()
                .take(2)
                .map(|row| frame.height(row.lines().min(3)))
                .sum::<f32>(),
    );
    head(flow, &frame, Some(node));
    for (index, row) in rows.iter().enumerate() {
        let next = rows.get(index + 1).filter(|_| row.kind == RowKind::Group);
        let following = next.map_or(0.0, |next| frame.height(next.lines()));
        set_row(flow, &frame, row, following, node);
    }
    notes(flow, &table.notes);
}

/// The height that the beginning of a table needs: its head and two rows, about.
pub fn beginning() -> f32 {
    const LINES: f32 = 6.0;
    LINES * SIZES[0] * LEADING
}

/// The size of the letters and the widths of the columns.
fn fit(
    flow: &Flow,
    table: &Table,
    heads: &[String],
    rows: &[(Vec<String>, RowKind)],
) -> (f32, Vec<f32>) {
    let whole = flow.width();
    let mut found = (SIZES[SIZES.len() - 1], Vec::new());
    for size in SIZES {
        let mut least = vec![0.0_f32; heads.len()];
        let mut most = vec![0.0_f32; heads.len()];
        for (index, head) in heads.iter().enumerate() {
            let (word, _) = widths(flow.fonts, head, true, size);
            least[index] = word;
            most[index] = word;
        }
        for (cells, kind) in rows.iter().filter(|(_, kind)| *kind != RowKind::Group) {
            for (index, cell) in cells.iter().enumerate().take(heads.len()) {
                let last = index + 1 == heads.len();
                let bold = *kind == RowKind::Strong || (*kind == RowKind::Refused && last);
                let (word, all) = widths(flow.fonts, cell, bold, size);
                let number = table.columns.get(index).is_some_and(|column| column.number);
                let cap = whole * WIDEST_WORD;
                let needed = if number { all } else { word };
                least[index] = least[index].max(needed.min(cap));
                most[index] = most[index].max(all);
            }
        }
        let beside = 2.0 * BESIDE * heads.len() as f32;
        let room = whole - beside;
        let (sum_least, sum_most) = (least.iter().sum::<f32>(), most.iter().sum::<f32>());
        let columns: Vec<f32> = if sum_most <= room {
            // What is left over goes to heads that are broken, then to the columns of text.
            for (index, head) in heads.iter().enumerate() {
                let (_, whole) = widths(flow.fonts, head, true, size);
                let left = room - most.iter().sum::<f32>();
                most[index] += (whole.min(HEAD) - most[index]).clamp(0.0, left.max(0.0));
            }
            let sum_most = most.iter().sum::<f32>();
            let texts = table
                .columns
                .iter()
                .filter(|column| !column.number)
                .count()
                .max(1);
            let share = (room - sum_most) / texts as f32;
            let none = table.columns.iter().all(|column| column.number);
            let more = |index: usize| none || !table.columns[index].number;
            most.iter()
                .enumerate()
                .map(|(index, width)| width + if more(index) { share } else { 0.0 })
                .collect()
        } else if sum_least <= room {
            let free = (room - sum_least) / (sum_most - sum_least).max(f32::EPSILON);
            least
                .iter()
                .zip(&most)
                .map(|(least, most)| least + (most - least) * free)
                .collect()
        } else {
            least.iter().map(|width| width * room / sum_least).collect()
        };
        found = (
            size,
            columns.iter().map(|width| width + 2.0 * BESIDE).collect(),
        );
        // A table that has to be broken is set in smaller letters.
        if sum_most <= room || (sum_least <= room && size < SIZES[0]) {
            break;
        }
    }
    found
}

/// The head; on later pages it is repeated and not read again.
fn head(flow: &mut Flow, frame: &Frame, table: Option<usize>) {
    let row = table.map(|table| flow.pages.node(Role::Row, Some(table)));
    let lines = frame.head.lines();
    let high = frame.height(lines);
    let mut x = flow.left();
    for (index, cell) in frame.head.cells.iter().enumerate() {
        let node = row.map(|row| flow.pages.node(Role::Head, Some(row)));
        // Heads stand on the rule below them.
        let above = (lines - cell.len()) as f32 * frame.size * LEADING;
        draw(flow, frame, index, cell.clone(), (x, flow.y + above), node);
        x += frame.widths[index];
    }
    flow.y += high;
    flow.rule(0.8);
}

fn draw(
    flow: &mut Flow,
    frame: &Frame,
    column: usize,
    lines: Vec<Line>,
    at: (f32, f32),
    node: Option<usize>,
) {
    let shift = if frame.right.get(column) == Some(&true) {
        1.0
    } else {
        0.0
    };
    let width = frame.widths.get(column).copied().unwrap_or(0.0) - 2.0 * BESIDE;
    for (index, mut line) in lines.into_iter().enumerate() {
        if line.is_empty() && index == 0 {
            // An empty cell is a cell too: it holds a blank, or the tree of the table would lose it.
            line.push(Run {
                text: " ".to_owned(),
                bold: false,
                width: 0.0,
            });
        }
        let y = at.1 + ABOVE + index as f32 * frame.size * LEADING;
        flow.line(line, frame.size, (at.0 + BESIDE, y), width, shift, node);
    }
}

fn set_row(flow: &mut Flow, frame: &Frame, row: &Broken, following: f32, table: usize) {
    let all = row.lines();
    let head_height = frame.height(frame.head.lines());
    let longest = flow.body() - head_height - following - 2.0 * MM;
    let node = flow.pages.node(Role::Row, Some(table));
    let nodes: Vec<usize> = (0..row.cells.len())
        .map(|_| {
            let span = if row.kind == RowKind::Group {
                frame.widths.len()
            } else {
                1
            };
            flow.pages
                .node(Role::Cell(u32::try_from(span).unwrap_or(1)), Some(node))
        })
        .collect();
    let mut done = 0;
    while done < all.max(1) {
        let left = all.max(1) - done;
        let mut lines = left;
        if frame.height(left) + following > flow.room() {
            let fits = ((flow.room() - 2.0 * ABOVE) / (frame.size * LEADING))
                .floor()
                .max(0.0) as usize;
            if frame.height(left) <= longest || fits < 2 {
                flow.new_page();
                head(flow, frame, None);
                let fits = ((flow.room() - 2.0 * ABOVE) / (frame.size * LEADING))
                    .floor()
                    .max(1.0) as usize;
                lines = left.min(fits);
            } else {
                lines = fits;
            }
        }
        let high = frame.height(lines);
        if row.kind == RowKind::Refused {
            let area = Area {
                x: flow.left(),
                y: flow.y,
                width: flow.width(),
                height: high,
            };
            flow.place(area, Ink::Shade(SHADE), None);
        }
        let mut x = flow.left();
        for (index, cell) in row.cells.iter().enumerate() {
            let part: Vec<Line> = cell.iter().skip(done).take(lines).cloned().collect();
            if row.kind == RowKind::Group {
                for (number, line) in part.into_iter().enumerate() {
                    let y = flow.y + ABOVE + number as f32 * frame.size * LEADING;
                    let limit = flow.width();
                    flow.line(
                        line,
                        frame.size,
                        (x + BESIDE, y),
                        limit,
                        0.0,
                        Some(nodes[index]),
                    );
                }
            } else {
                draw(flow, frame, index, part, (x, flow.y), Some(nodes[index]));
                x += frame.widths.get(index).copied().unwrap_or(0.0);
            }
        }
        flow.y += high;
        flow.rule(if row.kind == RowKind::Group { 0.6 } else { 0.2 });
        done += lines;
    }
}

/// What the marks in the cells mean.
fn notes(flow: &mut Flow, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    flow.y += 0.6 * MM;
    let list = flow.pages.node(Role::List, None);
    for note in notes {
        let text = flow.clean(note);
        let lines = wrap(flow.fonts, &[(&text, false)], SMALL, flow.width());
        let node = flow.pages.node(Role::Entry, Some(list));
        flow.lines(lines, SMALL, 0.0, node);
    }
}
