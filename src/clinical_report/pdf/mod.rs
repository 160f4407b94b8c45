//! The form as PDF: our own layout, krilla's writer. Tagged for readers who hear it (PDF/UA-1) and for archives (PDF/A-2a), as the
//! writer's validator holds it; fonts embedded, text selectable, figures as vectors, the same bytes on every run.

mod figure;
mod flow;
mod font;
mod layout;
mod page;
mod table;
#[cfg(test)]
mod tests;
mod text;

use super::form::{Block, Form};
use crate::error::{Error, ErrorCode, Result};
use font::Fonts;
use krilla::color::luma;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, BBox, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope,
    Tag, TagGroup, TagTree,
};
use krilla::{Document, SerializeSettings};
use page::{Area, Ink, Pages, Piece, Role};
use std::num::{NonZeroU16, NonZeroU32};

/// Sets the form.
pub fn render(form: &Form) -> Result<Vec<u8>> {
    let fonts = Fonts::embedded().ok_or_else(|| failed("the embedded font cannot be read"))?;
    let logo = logo(form)?;
    let size = logo.as_ref().map(|logo| {
        let (wide, high) = logo.size();
        (wide.max(1) as f32, high.max(1) as f32)
    });
    let (mut pages, mut flow) = layout::lay(form, fonts, size);
    let around = layout::around(&mut flow, &mut pages, form);
    let mut writer = Writer {
        fonts,
        figures: form.blocks().filter_map(drawings).flatten().collect(),
        logo,
        marks: vec![Vec::new(); pages.nodes.len()],
        boxes: vec![None; pages.nodes.len()],
    };
    let mut document = Document::new_with(settings()?);
    let (wide, high) = flow.paper;
    for (number, (pieces, frame)) in pages.pages.iter().zip(&around).enumerate() {
        let size =
            PageSettings::from_wh(wide, high).ok_or_else(|| failed("the paper has no size"))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        writer.page(&mut surface, pieces, number);
        writer.around(&mut surface, frame);
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(&pages, &mut writer, &form.language));
    document.set_outline(outline(&pages));
    document.set_metadata(metadata(form));
    document
        .finish()
        .map_err(|cause| failed(&format!("{cause:?}")))
}

fn failed(what: &str) -> Error {
    const LONGEST: usize = 300;
    let what: String = what.chars().take(LONGEST).collect();
    Error::new(ErrorCode::Output, format!("PDF: {what}"))
}

fn settings() -> Result<SerializeSettings> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|cause| failed(&format!("{cause:?}")))?;
    Ok(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    })
}

fn drawings(block: &Block) -> Option<Vec<&str>> {
    match block {
        Block::Figures { figures } => {
            Some(figures.iter().map(|figure| figure.svg.as_str()).collect())
        }
        _ => None,
    }
}

fn logo(form: &Form) -> Result<Option<Image>> {
    let Some(Block::Letterhead(head)) = form.parts[0].first() else {
        return Ok(None);
    };
    let Some(logo) = &head.logo else {
        return Ok(None);
    };
    let bytes = logo.bytes.clone().into();
    let image = match logo.format {
        "png" => Image::from_png(bytes, false),
        _ => Image::from_jpeg(bytes, false),
    };
    image
        .map(Some)
        .map_err(|cause| failed(&format!("the logo cannot be read: {cause}")))
}

fn metadata(form: &Form) -> Metadata {
    let mut metadata = Metadata::new()
        .title(form.title.clone())
        .language(form.language.clone())
        .creator(format!("endplate {}", env!("CARGO_PKG_VERSION")))
        .creation_date(date(form.date.as_deref()));
    metadata = metadata.producer("krilla".to_owned());
    metadata
}

/// The time of the recording. An archive asks for a date; one that is not known is the first of Unix, never the time of the run.
fn date(started: Option<&str>) -> DateTime {
    let parts: Vec<u16> = started
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .take(6)
        .map_while(|part| part.parse().ok())
        .collect();
    let [year, rest @ ..] = &parts[..] else {
        return DateTime::new(1970).month(1).day(1);
    };
    let part = |index: usize, least: u16, most: u16| -> u8 {
        let value = rest.get(index).copied().unwrap_or(least).clamp(least, most);
        u8::try_from(value).unwrap_or(1)
    };
    DateTime::new((*year).min(9999))
        .month(part(0, 1, 12))
        .day(part(1, 1, 31))
        .hour(part(2, 0, 23))
        .minute(part(3, 0, 59))
        .second(part(4, 0, 59))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn outline(pages: &Pages) -> Outline {
    let mut outline = Outline::new();
    for (text, page, y) in &pages.outline {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(text.clone(), place));
    }
    outline
}

/// Draws pieces, and remembers for each node of the tree what was drawn for it.
struct Writer<'a> {
    fonts: Fonts,
    figures: Vec<&'a str>,
    logo: Option<Image>,
    marks: Vec<Vec<Identifier>>,
    boxes: Vec<Option<BBox>>,
}

impl Writer<'_> {
    fn page(&mut self, surface: &mut Surface<'_>, pieces: &[Piece], number: usize) {
        for piece in pieces {
            let tag = match (piece.node, &piece.ink) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                (Some(_), Ink::Text { .. }) => ContentTag::Span(SpanTag::empty()),
                (Some(_), _) => ContentTag::Other,
            };
            let mark = surface.start_tagged(tag);
            self.ink(surface, piece);
            surface.end_tagged();
            let Some(node) = piece.node else { continue };
            if let Some(marks) = self.marks.get_mut(node) {
                marks.push(mark);
            }
            if let (Some(place), Some(rect)) = (self.boxes.get_mut(node), rect(piece.area)) {
                *place = Some(BBox::new(number, rect));
            }
        }
    }

    fn around(&self, surface: &mut Surface<'_>, pieces: &[Piece]) {
        for piece in pieces {
            let kind = ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther));
            surface.start_tagged(kind);
            self.ink(surface, piece);
            surface.end_tagged();
        }
    }

    fn ink(&self, surface: &mut Surface<'_>, piece: &Piece) {
        let area = piece.area;
        match &piece.ink {
            Ink::Text {
                line,
                baseline,
                size,
            } => {
                let mut x = area.x;
                surface.set_stroke(None);
                surface.set_fill(Some(gray(0)));
                for run in line {
                    let glyphs = self.fonts.glyphs(&run.text, run.bold);
                    let at = Point::from_xy(x, *baseline);
                    let font = self.fonts.font(run.bold);
                    surface.draw_glyphs(at, &glyphs, font, &run.text, *size, false);
                    x += run.width;
                }
            }
            Ink::Rule(_) => self.shape(surface, area, Some(gray(0)), None),
            Ink::Shade(light) => {
                let light = (light * 255.0).round().clamp(0.0, 255.0) as u8;
                self.shape(surface, area, Some(gray(light)), None);
            }
            Ink::Frame(thick) => {
                let stroke = Stroke {
                    paint: luma::Color::new(0).into(),
                    width: *thick,
                    ..Stroke::default()
                };
                self.shape(surface, area, None, Some(stroke));
            }
            Ink::Figure(index) => {
                if let Some(svg) = self.figures.get(*index) {
                    figure::draw(surface, self.fonts, svg, area);
                }
            }
            Ink::Logo => {
                if let (Some(logo), Some(size)) =
                    (&self.logo, Size::from_wh(area.width, area.height))
                {
                    surface.push_transform(&Transform::from_translate(area.x, area.y));
                    surface.draw_image(logo.clone(), size);
                    surface.pop();
                }
            }
        }
    }

    fn shape(
        &self,
        surface: &mut Surface<'_>,
        area: Area,
        fill: Option<Fill>,
        stroke: Option<Stroke>,
    ) {
        let mut path = PathBuilder::new();
        if let Some(rect) = rect(area) {
            path.push_rect(rect);
        }
        if let Some(path) = path.finish() {
            surface.set_fill(fill);
            surface.set_stroke(stroke);
            surface.draw_path(&path);
        }
    }
}

fn gray(light: u8) -> Fill {
    Fill {
        paint: luma::Color::new(light).into(),
        ..Fill::default()
    }
}

fn rect(area: Area) -> Option<Rect> {
    Rect::from_xywh(area.x, area.y, area.width, area.height)
}

/// The tree of what is read; nodes for which nothing was drawn are left out, but a row keeps its empty cells.
fn tree(pages: &Pages, writer: &mut Writer<'_>, language: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    for &root in &pages.roots {
        if let Some(group) = group(pages, writer, root) {
            tree.push(group);
        }
    }
    tree
}

fn group(pages: &Pages, writer: &mut Writer<'_>, index: usize) -> Option<TagGroup> {
    let node = pages.nodes.get(index)?;
    let children: Vec<TagGroup> = node
        .children
        .iter()
        .filter_map(|&child| group(pages, writer, child))
        .collect();
    let marks = std::mem::take(writer.marks.get_mut(index)?);
    let cell = matches!(node.role, Role::Cell(_) | Role::Head);
    if children.is_empty() && marks.is_empty() && !cell {
        return None;
    }
    let bbox = writer.boxes.get(index).copied().flatten();
    let mut group = match &node.role {
        Role::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            TagGroup::new(Tag::Hn(level, Some(title.clone())))
        }
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::Table(summary) => TagGroup::new(Tag::Table.with_summary(Some(summary.clone()))),
        Role::Row => TagGroup::new(Tag::TR),
        Role::Head => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::Cell(span) => {
            let span = NonZeroU32::new(*span).filter(|span| span.get() > 1);
            TagGroup::new(Tag::TD.with_col_span(span))
        }
        Role::List => TagGroup::new(Tag::L(ListNumbering::None)),
        Role::Entry => TagGroup::new(Tag::LI),
        Role::Figure(alt) => TagGroup::new(Tag::Figure(Some(alt.clone())).with_bbox(bbox)),
    };
    if node.role == Role::Entry {
        let mut body = TagGroup::new(Tag::LBody);
        marks.into_iter().for_each(|mark| body.push(mark));
        group.push(body);
    } else {
        marks.into_iter().for_each(|mark| group.push(mark));
    }
    children.into_iter().for_each(|child| group.push(child));
    Some(group)
}
