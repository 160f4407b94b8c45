//! The one look of all figures: width, sizes, colors, and the strokes they are drawn with.
//!
//! plotters rounds every coordinate to a whole unit. Ten units stand for one pixel of the page, so traces stay smooth.

use crate::words::Words;
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};

/// Units of the drawing per CSS pixel (1/96 inch).
pub const UNITS_PER_PIXEL: i32 = 10;
/// Width of every figure: 88 mm, one column of a page.
pub const WIDTH: i32 = 3330;
/// Outer margin.
pub const MARGIN: i32 = 70;
/// Size of all text but the title: 7 pt.
pub const TEXT: i32 = 94;
/// Size of the title: 8 pt.
pub const TITLE: i32 = 107;
/// From one line of text to the next.
pub const LINE: i32 = 128;
/// Length of a tick.
pub const TICK: i32 = 32;

/// The font of all text; the embedded one comes first.
const FAMILY: &str = "DejaVu Sans, Verdana, Arial, sans-serif";
/// plotters divides the size of a font by this before it writes it into an SVG.
const PLOTTERS_FONT_FACTOR: f64 = 1.24;

// Colors that persons with any color vision can tell apart, and that differ in lightness: Okabe & Ito, Color Universal Design, 2008.
/// Text, axes and the first response.
pub const BLACK: RGBColor = RGBColor(0, 0, 0);
/// What the reader is pointed to.
pub const VERMILION: RGBColor = RGBColor(213, 94, 0);
/// The second quantity of a figure.
pub const BLUE: RGBColor = RGBColor(0, 114, 178);
/// What stands back.
pub const GRAY: RGBColor = RGBColor(135, 135, 135);
/// Footers and notes.
pub const DARK_GRAY: RGBColor = RGBColor(85, 85, 85);

/// Width of a thin line.
pub const THIN: u32 = 6;
/// Width of an ordinary line.
pub const MEDIUM: u32 = 9;
/// Width of an emphasized line.
pub const THICK: u32 = 15;

/// Where a text stands as to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// It begins there.
    Start,
    /// It is centered there.
    Middle,
    /// It ends there.
    End,
}

/// A small sign at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// ○
    Circle,
    /// ●
    Disc,
    /// □
    Square,
    /// ■
    Block,
    /// △
    Triangle,
    /// ×
    Cross,
    /// +
    Plus,
    /// ⊠
    Barred,
}

/// What the strokes of a figure are written to.
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
    /// The words of the figure.
    pub words: &'a Words,
}

/// Draws a figure of that height in units and gives the SVG. Writing into memory cannot fail, so neither can this.
pub fn draw(height: i32, words: &Words, strokes: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut svg = String::new();
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut svg, size),
        words,
    };
    canvas.fill((0, 0), (WIDTH, height), RGBColor(255, 255, 255));
    strokes(&mut canvas);
    drop(canvas);
    let drawn = format!(r#"<svg width="{}" height="{}""#, size.0, size.1);
    let shown = format!(
        r#"<svg width="{}" height="{}" stroke-linejoin="round" stroke-linecap="round""#,
        WIDTH / UNITS_PER_PIXEL,
        height / UNITS_PER_PIXEL
    );
    svg.replacen(&drawn, &shown, 1)
}

impl Canvas<'_> {
    /// A filled rectangle.
    pub fn fill(&mut self, from: (i32, i32), to: (i32, i32), color: RGBColor) {
        let _ = self.backend.draw_rect(from, to, &solid(color, 0), true);
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(i32, i32)], color: RGBColor, width: u32) {
        if points.len() < 2 {
            return;
        }
        let style = color.stroke_width(width);
        let _ = self.backend.draw_path(points.iter().copied(), &style);
    }

    /// A dashed straight line.
    pub fn dashed(&mut self, from: (i32, i32), to: (i32, i32), color: RGBColor, width: u32) {
        /// One dash and the gap after it, in units.
        const PERIOD: f64 = 90.0;
        let length = f64::from(to.0 - from.0).hypot(f64::from(to.1 - from.1));
        let count = (length / PERIOD).ceil() as usize;
        let at = |share: f64| {
            let share = share.min(1.0);
            (
                from.0 + (f64::from(to.0 - from.0) * share).round() as i32,
                from.1 + (f64::from(to.1 - from.1) * share).round() as i32,
            )
        };
        for dash in 0..count {
            let start = dash as f64 * PERIOD / length;
            self.line(
                &[at(start), at(start + PERIOD / 2.0 / length)],
                color,
                width,
            );
        }
    }

    /// A dotted line through points: short dashes along its whole length.
    pub fn dotted(&mut self, points: &[(i32, i32)], color: RGBColor, width: u32) {
        /// One dash, and the gap after it, in units.
        const DASH: f64 = 22.0;
        let point = |(x, y): (i32, i32)| (f64::from(x), f64::from(y));
        let round = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
        let mut dash: Vec<(i32, i32)> = points.first().copied().into_iter().collect();
        let (mut drawn, mut left) = (true, DASH);
        for pair in points.windows(2) {
            let &[from, to] = pair else { continue };
            let (mut here, end) = (point(from), point(to));
            loop {
                let length = (end.0 - here.0).hypot(end.1 - here.1);
                if length < left {
                    left -= length;
                    if drawn {
                        dash.push(to);
                    }
                    break;
                }
                let share = left / length;
                here = (
                    here.0 + (end.0 - here.0) * share,
                    here.1 + (end.1 - here.1) * share,
                );
                if drawn {
                    dash.push(round(here));
                    self.line(&dash, color, width);
                }
                dash = vec![round(here)];
                drawn = !drawn;
                left = DASH;
            }
        }
        if drawn {
            self.line(&dash, color, width);
        }
    }

    /// A sign at a point; `radius` in units.
    pub fn marker(&mut self, marker: Marker, at: (i32, i32), radius: i32, color: RGBColor) {
        let (x, y) = at;
        let white = RGBColor(255, 255, 255);
        match marker {
            Marker::Circle | Marker::Disc => {
                let radius = radius.unsigned_abs();
                let inner = if marker == Marker::Disc { color } else { white };
                let _ = self.backend.draw_circle(at, radius, &solid(inner, 0), true);
                let ring = solid(color, MEDIUM);
                let _ = self.backend.draw_circle(at, radius, &ring, false);
            }
            Marker::Square | Marker::Block => {
                let inner = if marker == Marker::Block {
                    color
                } else {
                    white
                };
                let (a, b) = ((x - radius, y - radius), (x + radius, y + radius));
                self.fill(a, b, inner);
                self.line(&[a, (b.0, a.1), b, (a.0, b.1), a], color, MEDIUM);
            }
            Marker::Triangle => {
                let corners = [
                    (x, y - radius),
                    (x + radius, y + radius),
                    (x - radius, y + radius),
                    (x, y - radius),
                ];
                let _ = self.backend.fill_polygon(corners, &solid(white, 0));
                self.line(&corners, color, MEDIUM);
            }
            Marker::Barred => {
                self.marker(Marker::Square, at, radius, color);
                self.line(
                    &[(x - radius, y - radius), (x + radius, y + radius)],
                    color,
                    MEDIUM,
                );
                self.line(
                    &[(x - radius, y + radius), (x + radius, y - radius)],
                    color,
                    MEDIUM,
                );
            }
            Marker::Plus => {
                self.line(&[(x - radius, y), (x + radius, y)], color, MEDIUM);
                self.line(&[(x, y - radius), (x, y + radius)], color, MEDIUM);
            }
            Marker::Cross => {
                self.line(
                    &[(x - radius, y - radius), (x + radius, y + radius)],
                    color,
                    THICK,
                );
                self.line(
                    &[(x - radius, y + radius), (x + radius, y - radius)],
                    color,
                    THICK,
                );
            }
        }
    }

    /// A text; `at` lies on its baseline.
    pub fn text(&mut self, text: &str, at: (i32, i32), align: Align, size: i32, color: RGBColor) {
        self.write(text, at, align, size, color, FontTransform::None);
    }

    /// A text that reads upward and is centered on `at`, which lies on its baseline.
    pub fn upward(&mut self, text: &str, at: (i32, i32), color: RGBColor) {
        self.write(
            text,
            at,
            Align::Middle,
            TEXT,
            color,
            FontTransform::Rotate270,
        );
    }

    fn write(
        &mut self,
        text: &str,
        at: (i32, i32),
        align: Align,
        size: i32,
        color: RGBColor,
        turn: FontTransform,
    ) {
        let text = printable(text);
        if text.is_empty() {
            return;
        }
        let horizontal = match align {
            Align::Start => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End => HPos::Right,
        };
        let style: TextStyle<'_> = FontDesc::new(
            FontFamily::Name(FAMILY),
            f64::from(size) * PLOTTERS_FONT_FACTOR,
            FontStyle::Normal,
        )
        .transform(turn.clone())
        .color(&color);
        let style = style.pos(Pos::new(horizontal, VPos::Bottom));
        // plotters lifts a text with `VPos::Bottom` by half an ex, which is a quarter of its size
        let lift = size / 4;
        let at = match turn {
            FontTransform::Rotate270 => (at.0 + lift, at.1),
            _ => (at.0, at.1 + lift),
        };
        let _ = self.backend.draw_text(&text, &style, at);
    }
}

fn solid(color: RGBColor, stroke_width: u32) -> ShapeStyle {
    ShapeStyle {
        color: color.to_rgba(),
        filled: true,
        stroke_width,
    }
}

/// Marks that turn the direction of what follows would reorder the labels around it.
pub fn turns(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Characters that an XML document may hold and a reader can see.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|&c| !c.is_control() && !turns(c) && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Advance widths of U+0020 to U+007E, in 1/2048 of the size; source: table `hmtx` of DejaVuSans.ttf 2.37.
const ADVANCE: [u16; 95] = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303,
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048,
    1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612, 1235,
    1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024, 1024,
    1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300,
    1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
];
/// The size of the em square that [`ADVANCE`] refers to.
const EM: u32 = 2048;

/// The letter below an accent, which is as wide as the letter with it.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ó' | 'ô' | 'ö' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'Á' | 'Ä' | 'Å' => 'A',
        'É' => 'E',
        'Í' => 'I',
        'Ö' | 'Ø' => 'O',
        'Ú' | 'Ü' => 'U',
        'Ñ' => 'N',
        '\u{A0}' => ' ',
        c => c,
    }
}

/// The width of a text in units, exact for the letters of the built-in languages and a few signs, and an upper bound for other scripts of the font.
pub fn width_of(text: &str, size: i32) -> i32 {
    let advance = |c: char| match plain(c) {
        letter @ ' '..='~' => u32::from(ADVANCE[letter as usize - ' ' as usize]),
        '·' => 651,
        '–' | '°' => 1024,
        '→' | '±' | '×' | '−' => 1716,
        'µ' => 1303,
        '’' => 651,
        'æ' => 2011,
        'ß' => 1290,
        _ => EM,
    };
    let total: u32 = text.chars().map(advance).sum();
    (f64::from(total) * f64::from(size) / f64::from(EM)).ceil() as i32
}

/// The text, or as much of its beginning as fits into `width` with an ellipsis.
pub fn fit(text: &str, size: i32, width: i32) -> String {
    let text = printable(text);
    if width_of(&text, size) <= width {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        let mut longer = kept.clone();
        longer.push(c);
        if width_of(&longer, size) + width_of("…", size) > width {
            break;
        }
        kept = longer;
    }
    format!("{}…", kept.trim_end())
}

/// The text in lines that fit into `width`: at most `most`, the last one cut with an ellipsis.
pub fn lines(text: &str, size: i32, width: i32, most: usize) -> Vec<String> {
    let text = printable(text);
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while width_of(rest, size) > width && lines.len() + 1 < most {
        let fits = |&(at, _): &(usize, char)| width_of(&rest[..at], size) <= width;
        let blanks = rest.char_indices().filter(|(_, c)| *c == ' ');
        let Some((at, _)) = blanks.take_while(fits).last() else {
            break;
        };
        lines.push(rest[..at].to_owned());
        rest = rest[at..].trim_start();
    }
    lines.push(fit(rest, size, width));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_label_is_shortened_to_its_width_and_a_short_one_is_kept() {
        assert_eq!(fit("ADM", TEXT, 500), "ADM");
        let long = fit(&"abductor digiti minimi ".repeat(9), TEXT, 900);
        assert!(
            long.ends_with('…') && width_of(&long, TEXT) <= 900,
            "{long}"
        );
    }

    #[test]
    fn a_letter_is_as_wide_as_the_one_below_its_accent() {
        assert_eq!(
            width_of("Überschwänglich", TEXT),
            width_of("Uberschwanglich", TEXT)
        );
        assert!(width_of("日", TEXT) >= TEXT);
    }

    #[test]
    fn a_long_note_goes_on_in_the_next_line() {
        assert_eq!(lines("a short one", TEXT, 900, 3), ["a short one"]);
        let long = "a note of many words ".repeat(9);
        let told = lines(&long, TEXT, 900, 3);
        assert_eq!(told.len(), 3);
        assert!(
            told.iter().all(|line| width_of(line, TEXT) <= 900),
            "{told:?}"
        );
        assert!(
            told[2].ends_with('…') && long.starts_with(&told[0]),
            "{told:?}"
        );
        assert_eq!(lines(&"x".repeat(99), TEXT, 900, 3).len(), 1);
    }

    #[test]
    fn control_characters_of_a_label_never_reach_the_svg() {
        let svg = draw(500, &Words::english(), |canvas| {
            canvas.text("a\u{0}b\u{1b}<&>", (10, 200), Align::Start, TEXT, BLACK);
        });
        assert!(svg.contains("ab&lt;&amp;&gt;"), "{svg}");
    }
}
