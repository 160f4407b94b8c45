//! From SVG to PNG, with the embedded font alone, so that a picture is the same on every machine.

use super::style::UNITS_PER_PIXEL;
use crate::error::{Error, ErrorCode, Result};
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, LazyLock};

/// Pixels of the picture per pixel of the page: 300 dots per inch.
pub const SCALE: f32 = 3.125;

/// DejaVu Sans 2.37; its licence stands beside it.
static FONT: &[u8] = include_bytes!("fonts/DejaVuSans.ttf");

static OPTIONS: LazyLock<usvg::Options<'static>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..usvg::Options::default()
    }
});

/// The drawing as resvg understands it, with every text laid out in the embedded font.
pub fn parse(svg: &str) -> Result<usvg::Tree> {
    usvg::Tree::from_str(svg, &OPTIONS)
        .map_err(|cause| Error::new(ErrorCode::Internal, format!("a figure is not SVG: {cause}")))
}

/// Paints a figure at 300 dots per inch.
pub fn encode(svg: &str) -> Result<Vec<u8>> {
    let tree = parse(svg)?;
    let size = tree.size();
    let (width, height) = (size.width() * SCALE, size.height() * SCALE);
    let mut pixels =
        tiny_skia::Pixmap::new(width.ceil() as u32, height.ceil() as u32).ok_or_else(|| {
            Error::new(
                ErrorCode::Output,
                format!("a figure of {width} × {height} pixels cannot be painted"),
            )
        })?;
    let scale = tiny_skia::Transform::from_scale(SCALE, SCALE);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|cause| Error::new(ErrorCode::Output, format!("PNG: {cause}")))
}

/// The width of every picture in pixels.
pub fn width() -> u32 {
    ((super::style::WIDTH / UNITS_PER_PIXEL) as f32 * SCALE).ceil() as u32
}
