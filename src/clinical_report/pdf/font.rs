//! The embedded font and the width of texts in it. One glyph stands for one character, so what is measured is what is drawn.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use ttf_parser::Face;

/// DejaVu Sans 2.37; its licence stands beside it.
static REGULAR: LazyLock<Option<Style>> =
    LazyLock::new(|| Style::new(include_bytes!("../../plot/fonts/DejaVuSans.ttf")));
static BOLD: LazyLock<Option<Style>> =
    LazyLock::new(|| Style::new(include_bytes!("../../plot/fonts/DejaVuSans-Bold.ttf")));

/// Stands for a character that the font lacks: □, which both styles have.
const BOX: char = '\u{25A1}';
/// The blank at which no line is broken.
const UNBROKEN: char = '\u{A0}';
/// The glyphs of the first characters are looked up once.
const TABLE: usize = 0x250;

/// One style of the font.
struct Style {
    font: Font,
    face: Face<'static>,
    em: f32,
    first: Vec<Option<(u16, f32)>>,
}

impl Style {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        let face = Face::parse(bytes, 0).ok()?;
        let font = Font::new(bytes.into(), 0)?;
        let mut style = Self {
            font,
            em: f32::from(face.units_per_em()),
            face,
            first: Vec::new(),
        };
        style.first = (0..TABLE)
            .map(|code| style.look_up(char::from_u32(u32::try_from(code).ok()?)?))
            .collect();
        Some(style)
    }

    /// Glyph and advance in em of a character; `None` if the font lacks it.
    fn look_up(&self, c: char) -> Option<(u16, f32)> {
        let glyph = self.face.glyph_index(c)?;
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or(0);
        Some((glyph.0, f32::from(advance) / self.em))
    }

    fn glyph(&self, c: char) -> Option<(u16, f32)> {
        match self.first.get(c as usize) {
            Some(found) => *found,
            None => self.look_up(c),
        }
    }
}

/// Both styles.
#[derive(Clone, Copy)]
pub struct Fonts {
    regular: &'static Style,
    bold: &'static Style,
}

impl Fonts {
    /// The embedded ones; `None` only if the program was built with a broken file.
    pub fn embedded() -> Option<Self> {
        Some(Self {
            regular: REGULAR.as_ref()?,
            bold: BOLD.as_ref()?,
        })
    }

    fn style(self, bold: bool) -> &'static Style {
        if bold { self.bold } else { self.regular }
    }

    /// The font that is drawn with.
    pub fn font(self, bold: bool) -> Font {
        self.style(bold).font.clone()
    }

    /// Width of a text in pt.
    pub fn width(self, text: &str, bold: bool, size: f32) -> f32 {
        let style = self.style(bold);
        let advance = |c| style.glyph(c).map_or(0.0, |(_, advance)| advance);
        text.chars().map(advance).sum::<f32>() * size
    }

    /// The text as it can be printed: a box for what the font lacks, which is added to `lacking`; no control characters; the parts
    /// that read from right to left turned, because they are drawn from left to right.
    pub fn printable(self, text: &str, lacking: &mut BTreeSet<char>) -> String {
        let mut kept = String::with_capacity(text.len());
        for c in text.chars() {
            // soft hyphens, joiners and marks of direction have no shape of their own
            let shapeless = c.is_control()
                || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFFC}' | '\u{FFFE}' | '\u{FFFF}');
            let private = matches!(c, '\u{E000}'..='\u{F8FF}') || c as u32 >= 0xF_0000;
            if c == UNBROKEN {
                kept.push(c);
            } else if c.is_whitespace() {
                kept.push(' ');
            } else if shapeless {
            } else if !private && self.regular.glyph(c).is_some() && self.bold.glyph(c).is_some() {
                kept.push(c);
            } else {
                lacking.insert(c);
                kept.push(BOX);
            }
        }
        if kept.chars().any(reads_leftward) {
            turned(&kept)
        } else {
            kept
        }
    }

    /// The glyphs of a printable text.
    pub fn glyphs(self, text: &str, bold: bool) -> Vec<KrillaGlyph> {
        let style = self.style(bold);
        text.char_indices()
            .filter_map(|(at, c)| {
                let (glyph, advance) = style.glyph(c)?;
                let range = at..at + c.len_utf8();
                let id = GlyphId::new(u32::from(glyph));
                Some(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }
}

/// Hebrew, Arabic and their presentation forms.
fn reads_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Each stretch that reads leftward, with the blanks inside it, in the order in which it is drawn. Letters are not joined.
fn turned(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        if !reads_leftward(signs[at]) {
            out.push(signs[at]);
            at += 1;
            continue;
        }
        let mut end = at;
        for (index, &c) in signs.iter().enumerate().skip(at) {
            if reads_leftward(c) {
                end = index + 1;
            } else if !matches!(c, ' ' | '-' | '.' | ',') {
                break;
            }
        }
        out.extend(signs[at..end].iter().rev());
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_font_lacks_becomes_a_box_and_is_told() {
        let fonts = Fonts::embedded().unwrap();
        let mut lacking = BTreeSet::new();
        assert_eq!(fonts.printable("ΔЖ肌\u{0}\u{e000}", &mut lacking), "ΔЖ□□");
        assert_eq!(lacking.into_iter().collect::<Vec<_>>(), ['肌', '\u{e000}']);
    }

    #[test]
    fn hebrew_is_drawn_in_the_order_in_which_it_is_seen() {
        assert_eq!(turned("ADM אבג 3"), "ADM גבא 3");
    }

    #[test]
    fn widths_are_those_of_the_font() {
        let fonts = Fonts::embedded().unwrap();
        // table hmtx of DejaVuSans.ttf 2.37: a digit is 1303 of 2048 wide
        assert!((fonts.width("11", false, 10.0) - 2.0 * 13.03 / 2.048).abs() < 0.01);
    }
}
