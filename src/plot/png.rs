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
    // The last row and column hold less than a whole pixel of the figure; paper goes on there.
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    compressed(&pixels).map_err(|cause| Error::new(ErrorCode::Output, format!("PNG: {cause}")))
}

/// The picture as a file. It has neither transparency nor shades that a filter would foresee: lines and white paper are smallest as they
/// are, and level 4 takes a fifth less time than level 6 for a tenth more bytes (docs/benchmarks.md).
fn compressed(pixels: &tiny_skia::Pixmap) -> std::result::Result<Vec<u8>, png::EncodingError> {
    const LEVEL: u8 = 4;
    let mut colors = vec![0; pixels.data().len() / 4 * 3];
    let of_pixel = pixels.data().chunks_exact(4);
    for (color, pixel) in colors.chunks_exact_mut(3).zip(of_pixel) {
        color.copy_from_slice(&pixel[..3]);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(LEVEL));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colors)?;
    writer.finish()?;
    Ok(file)
}

/// The width of every picture in pixels.
pub fn width() -> u32 {
    ((super::style::WIDTH / UNITS_PER_PIXEL) as f32 * SCALE).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_opaque_to_its_last_row_and_has_the_colors_that_were_painted() {
        // 3.125 × 10 is no whole number of pixels.
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5" fill="#ff8000"/></svg>"##;
        let file = encode(svg).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (32, 32));
        assert_eq!(info.color_type, png::ColorType::Rgb);
        let mut colors = vec![0; 32 * 32 * 3];
        reader.next_frame(&mut colors).unwrap();
        let at = |x: usize, y: usize| &colors[3 * (32 * y + x)..][..3];
        assert_eq!(at(3, 3), [0xff, 0x80, 0x00]);
        assert_eq!(at(31, 3), [0xff; 3]);
        assert_eq!(at(31, 31), [0xff; 3]);
    }
}
