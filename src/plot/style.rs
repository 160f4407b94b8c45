//! The one look of all figures: width, sizes, colors, and the strokes they are drawn with.
//!
//! Coordinates are whole units. Ten of them stand for one pixel of the page, so traces stay smooth.

pub use super::svg::{Align, Color};

use super::svg::{Stroke, Svg};
use crate::words::Words;

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

// Colors that persons with any color vision can tell apart, and that differ in lightness: Okabe & Ito, Color Universal Design, 2008.
/// Text, axes and the first response.
pub const BLACK: Color = Color(0, 0, 0);
/// What the reader is pointed to.
pub const VERMILION: Color = Color(213, 94, 0);
/// The second quantity of a figure.
pub const BLUE: Color = Color(0, 114, 178);
/// What stands back.
pub const GRAY: Color = Color(135, 135, 135);
/// Footers and notes.
pub const DARK_GRAY: Color = Color(85, 85, 85);
/// The sheet, and the inside of hollow signs.
const WHITE: Color = Color(255, 255, 255);

/// Width of a thin line.
pub const THIN: u32 = 6;
/// Width of an ordinary line.
pub const MEDIUM: u32 = 9;
/// Width of an emphasized line.
pub const THICK: u32 = 15;

/// Length of a dash, and of the gap after it.
const DASH: u32 = 45;
/// Length of a dot, and of the gap after it.
const DOT: u32 = 22;

/// A small sign at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// ○
    Circle,
    /// ●
    Disc,
    /// □
    Square,
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
    svg: Svg,
    /// The words of the figure.
    pub words: &'a Words,
}

/// Draws a figure of that height in units and gives the SVG.
pub fn draw(height: i32, words: &Words, strokes: impl FnOnce(&mut Canvas<'_>)) -> String {
    let size = (WIDTH, height);
    let mut canvas = Canvas {
        svg: Svg::new(size, UNITS_PER_PIXEL, FAMILY),
        words,
    };
    canvas.svg.rectangle((0, 0), size, WHITE, None);
    strokes(&mut canvas);
    canvas.svg.finish()
}

impl Canvas<'_> {
    /// A line through points; nothing for fewer than two.
    pub fn line(&mut self, points: &[(i32, i32)], color: Color, width: u32) {
        self.svg.line(points, Stroke::solid(color, width));
    }

    /// A dashed straight line.
    pub fn dashed(&mut self, from: (i32, i32), to: (i32, i32), color: Color, width: u32) {
        let dash = Some(DASH);
        self.svg.line(&[from, to], Stroke { color, width, dash });
    }

    /// A dotted line through points: short dashes along its whole length.
    pub fn dotted(&mut self, points: &[(i32, i32)], color: Color, width: u32) {
        let dash = Some(DOT);
        self.svg.line(points, Stroke { color, width, dash });
    }

    /// A sign at a point; `radius` in units.
    pub fn marker(&mut self, marker: Marker, at: (i32, i32), radius: i32, color: Color) {
        let (x, y) = at;
        let (left, right) = (x - radius, x + radius);
        let (top, bottom) = (y - radius, y + radius);
        let outline = Some(Stroke::solid(color, MEDIUM));
        match marker {
            Marker::Circle => self.svg.circle(at, radius, WHITE, outline),
            Marker::Disc => self.svg.circle(at, radius, color, outline),
            Marker::Square => {
                let (from, to) = ((left, top), (right, bottom));
                self.svg.rectangle(from, to, WHITE, outline);
            }
            Marker::Triangle => {
                let corners = [(x, top), (right, bottom), (left, bottom)];
                self.svg.polygon(&corners, WHITE, outline);
            }
            Marker::Barred => {
                self.marker(Marker::Square, at, radius, color);
                self.line(&[(left, top), (right, bottom)], color, MEDIUM);
                self.line(&[(left, bottom), (right, top)], color, MEDIUM);
            }
            Marker::Plus => {
                self.line(&[(left, y), (right, y)], color, MEDIUM);
                self.line(&[(x, top), (x, bottom)], color, MEDIUM);
            }
            Marker::Cross => {
                self.line(&[(left, top), (right, bottom)], color, THICK);
                self.line(&[(left, bottom), (right, top)], color, THICK);
            }
        }
    }

    /// A text; `at` lies on its baseline.
    pub fn text(&mut self, text: &str, at: (i32, i32), align: Align, size: i32, color: Color) {
        let text = printable(text);
        if !text.is_empty() {
            self.svg.text(&text, at, align, size, color, false);
        }
    }

    /// A text that reads upward and is centered on `at`, which lies on its baseline.
    pub fn upward(&mut self, text: &str, at: (i32, i32), color: Color) {
        let text = printable(text);
        if !text.is_empty() {
            self.svg.text(&text, at, Align::Middle, TEXT, color, true);
        }
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
