//! Figures as vectors: the few elements that `plot/svg.rs` writes, drawn with krilla. Text stays text, in the embedded font.

use super::font::Fonts;
use super::page::Area;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::paint::{Fill, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use roxmltree::Node;
use std::collections::BTreeSet;

/// Points in a CSS pixel.
const PIXEL: f32 = 0.75;
/// A circle by four curves: the distance of the handles in radii.
const HANDLE: f32 = 0.552_284_8;

/// Width and height in pt, as the root element says; that of a column if it does not.
pub fn size(svg: &str) -> (f32, f32) {
    let root = svg.split('>').next().unwrap_or_default();
    let value = |name: &str| -> Option<f32> {
        let rest = root.split_once(&format!(" {name}=\""))?.1;
        rest.split('"').next()?.parse().ok()
    };
    const STANDARD: (f32, f32) = (333.0, 200.0);
    let (wide, high) = (
        value("width").unwrap_or(STANDARD.0),
        value("height").unwrap_or(STANDARD.1),
    );
    (wide.max(1.0) * PIXEL, high.max(1.0) * PIXEL)
}

/// Draws a figure into an area; an element that is not known is left out, and a test says that there is none.
pub fn draw(surface: &mut Surface<'_>, fonts: Fonts, svg: &str, area: Area) {
    let Ok(document) = roxmltree::Document::parse(svg) else {
        return;
    };
    let root = document.root_element();
    let view: Vec<f32> = root
        .attribute("viewBox")
        .map(|text| {
            text.split_whitespace()
                .filter_map(|part| part.parse().ok())
                .collect()
        })
        .unwrap_or_default();
    let [_, _, wide, high] = view[..] else { return };
    let (Some(from), Some(clip)) = (
        scale(area, wide, high),
        Rect::from_xywh(area.x, area.y, area.width, area.height),
    ) else {
        return;
    };
    let mut outline = PathBuilder::new();
    outline.push_rect(clip);
    let Some(outline) = outline.finish() else {
        return;
    };
    surface.push_clip_path(&outline, &krilla::paint::FillRule::NonZero);
    surface.push_transform(&from);
    for element in root.children().filter(Node::is_element) {
        let path = match element.tag_name().name() {
            "rect" => rectangle(element),
            "polyline" => points(element, false),
            "polygon" => points(element, true),
            "circle" => circle(element),
            "text" => {
                write(surface, fonts, element);
                None
            }
            _ => None,
        };
        if let Some(path) = path {
            let (fill, stroke) = (fill(element), stroke(element));
            if fill.is_some() || stroke.is_some() {
                surface.set_fill(fill);
                surface.set_stroke(stroke);
                surface.draw_path(&path);
            }
        }
    }
    surface.set_fill(None);
    surface.set_stroke(None);
    surface.pop();
    surface.pop();
}

fn scale(area: Area, wide: f32, high: f32) -> Option<Transform> {
    (wide > 0.0 && high > 0.0).then(|| {
        Transform::from_row(
            area.width / wide,
            0.0,
            0.0,
            area.height / high,
            area.x,
            area.y,
        )
    })
}

fn number(element: Node<'_, '_>, name: &str) -> Option<f32> {
    element.attribute(name)?.parse().ok()
}

fn rectangle(element: Node<'_, '_>) -> Option<Path> {
    let [x, y, wide, high] = [
        number(element, "x")?,
        number(element, "y")?,
        number(element, "width")?,
        number(element, "height")?,
    ];
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(x, y, wide, high)?);
    path.finish()
}

fn points(element: Node<'_, '_>, closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut first = true;
    for point in element.attribute("points")?.split_ascii_whitespace() {
        let (x, y) = point.split_once(',')?;
        let (x, y) = (x.parse().ok()?, y.parse().ok()?);
        if first {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
        first = false;
    }
    if closed {
        path.close();
    }
    path.finish()
}

fn circle(element: Node<'_, '_>) -> Option<Path> {
    let (x, y, r) = (
        number(element, "cx")?,
        number(element, "cy")?,
        number(element, "r")?,
    );
    let h = r * HANDLE;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    path.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    path.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    path.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    path.close();
    path.finish()
}

/// `#D55E00`, or nothing for `none`.
fn color(element: Node<'_, '_>, name: &str) -> Option<rgb::Color> {
    let digits = element.attribute(name)?.strip_prefix('#')?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some(rgb::Color::new(part(0)?, part(2)?, part(4)?))
}

fn fill(element: Node<'_, '_>) -> Option<Fill> {
    Some(Fill {
        paint: color(element, "fill")?.into(),
        ..Fill::default()
    })
}

fn stroke(element: Node<'_, '_>) -> Option<Stroke> {
    Some(Stroke {
        paint: color(element, "stroke")?.into(),
        width: number(element, "stroke-width").unwrap_or(1.0),
        dash: number(element, "stroke-dasharray").map(|dash| StrokeDash {
            array: vec![dash, dash],
            offset: 0.0,
        }),
        // as the root element of every figure says
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    })
}

fn write(surface: &mut Surface<'_>, fonts: Fonts, element: Node<'_, '_>) {
    let text = fonts.printable(element.text().unwrap_or_default(), &mut BTreeSet::new());
    let (Some(x), Some(y), Some(size)) = (
        number(element, "x"),
        number(element, "y"),
        number(element, "font-size"),
    ) else {
        return;
    };
    if text.trim().is_empty() {
        return;
    }
    let wide = fonts.width(&text, false, size);
    let start = match element.attribute("text-anchor") {
        Some("middle") => x - wide / 2.0,
        Some("end") => x - wide,
        _ => x,
    };
    let angle = element.attribute("transform").and_then(|turn| {
        turn.strip_prefix("rotate(")?
            .split(',')
            .next()?
            .trim()
            .parse::<f32>()
            .ok()
    });
    if let Some(angle) = angle {
        surface.push_transform(&Transform::from_rotate_at(angle, x, y));
    }
    surface.set_fill(fill(element));
    surface.set_stroke(None);
    surface.draw_glyphs(
        Point::from_xy(start, y),
        &fonts.glyphs(&text, false),
        fonts.font(false),
        &text,
        size,
        false,
    );
    if angle.is_some() {
        surface.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{Settings, analyze};
    use crate::synth::{Plan, Profile, simulate};

    #[test]
    fn a_dashed_line_is_dashed_and_another_is_not() {
        let dash = |attribute: &str| {
            let svg = format!(r##"<polyline stroke="#D55E00" {attribute}/>"##);
            let document = roxmltree::Document::parse(&svg).unwrap();
            stroke(document.root_element()).unwrap().dash
        };
        assert_eq!(dash(""), None);
        let dashed = dash(r#"stroke-dasharray="45""#).unwrap();
        assert_eq!((dashed.array, dashed.offset), (vec![45.0, 45.0], 0.0));
    }

    #[test]
    fn every_element_of_every_figure_is_one_that_is_drawn() {
        let plan = Plan {
            profile: Profile::Lems,
            protocol: "standard".parse().unwrap(),
            ..Plan::default()
        };
        let study = analyze(&simulate(&plan).recording, &Settings::default()).unwrap();
        for figure in crate::plot::figures(&study, &crate::words::Words::english()) {
            let document = roxmltree::Document::parse(&figure.svg).unwrap();
            for element in document.root_element().children().filter(Node::is_element) {
                let drawn = match element.tag_name().name() {
                    "rect" => rectangle(element).is_some(),
                    "polyline" => points(element, false).is_some(),
                    "polygon" => points(element, true).is_some(),
                    "circle" => circle(element).is_some(),
                    "text" => element
                        .attribute("transform")
                        .is_none_or(|turn| turn.starts_with("rotate(270")),
                    _ => false,
                };
                let painted = fill(element).is_some() || stroke(element).is_some();
                assert!(drawn && painted, "{}: {element:?}", figure.name);
            }
        }
    }
}
