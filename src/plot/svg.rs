//! The text of an SVG: the few elements that figures are made of, written one after the other.
//!
//! Coordinates are whole units. `clinical_report/pdf/figure.rs` reads what is written here, and no other attributes.

use std::fmt::{self, Display, Formatter, Write};

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Display for Color {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(red, green, blue) = self;
        write!(f, "#{red:02X}{green:02X}{blue:02X}")
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// Its color.
    pub color: Color,
    /// Its width in units.
    pub width: u32,
    /// The length of each dash and of the gap after it, in units; `None` for a line without gaps.
    pub dash: Option<u32>,
}

impl Stroke {
    /// A line without gaps.
    pub fn solid(color: Color, width: u32) -> Self {
        Self {
            color,
            width,
            dash: None,
        }
    }
}

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

/// An SVG that is being written. Writing into memory cannot fail, so what `write!` returns is not looked at.
pub struct Svg {
    written: String,
}

impl Svg {
    /// An empty drawing of that width and height in units, so many of which are shown as one CSS pixel. All its texts are in that font.
    pub fn new((width, height): (i32, i32), units_per_pixel: i32, font_family: &str) -> Self {
        let shown = (width / units_per_pixel, height / units_per_pixel);
        let mut written = String::new();
        let _ = write!(
            written,
            r#"<svg width="{}" height="{}" stroke-linejoin="round" stroke-linecap="round" font-family="{font_family}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">"#,
            shown.0, shown.1,
        );
        written.push('\n');
        Self { written }
    }

    /// A rectangle between two opposite corners, the upper left one first.
    pub fn rectangle(
        &mut self,
        from: (i32, i32),
        to: (i32, i32),
        fill: Color,
        outline: Option<Stroke>,
    ) {
        let ((x, y), width, height) = (from, to.0 - from.0, to.1 - from.1);
        let _ = write!(
            self.written,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}""#
        );
        self.paint(Some(fill), outline);
    }

    /// A circle.
    pub fn circle(
        &mut self,
        center: (i32, i32),
        radius: i32,
        fill: Color,
        outline: Option<Stroke>,
    ) {
        let (x, y) = center;
        let _ = write!(self.written, r#"<circle cx="{x}" cy="{y}" r="{radius}""#);
        self.paint(Some(fill), outline);
    }

    /// A closed shape.
    pub fn polygon(&mut self, corners: &[(i32, i32)], fill: Color, outline: Option<Stroke>) {
        self.written.push_str("<polygon");
        self.points(corners);
        self.paint(Some(fill), outline);
    }

    /// A line through points; nothing for fewer than two.
    pub fn line(&mut self, points: &[(i32, i32)], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        self.written.push_str("<polyline");
        self.points(points);
        self.paint(None, Some(stroke));
    }

    /// A text; `at` lies on its baseline. An upward one is turned about that point.
    pub fn text(
        &mut self,
        text: &str,
        at: (i32, i32),
        align: Align,
        size: i32,
        color: Color,
        upward: bool,
    ) {
        let (x, y) = at;
        let anchor = match align {
            Align::Start => "start",
            Align::Middle => "middle",
            Align::End => "end",
        };
        let _ = write!(
            self.written,
            r#"<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{color}""#
        );
        if upward {
            let _ = write!(self.written, r#" transform="rotate(270,{x},{y})""#);
        }
        self.written.push('>');
        for c in text.chars() {
            match c {
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                '&' => self.written.push_str("&amp;"),
                c => self.written.push(c),
            }
        }
        self.written.push_str("</text>\n");
    }

    /// The whole document.
    pub fn finish(mut self) -> String {
        self.written.push_str("</svg>\n");
        self.written
    }

    /// Nearly all of a figure is points, so they go without `write!`, which takes nearly three times as long.
    fn points(&mut self, points: &[(i32, i32)]) {
        let mut digits = itoa::Buffer::new();
        self.written.push_str(r#" points=""#);
        for &(x, y) in points {
            self.written.push_str(digits.format(x));
            self.written.push(',');
            self.written.push_str(digits.format(y));
            self.written.push(' ');
        }
        self.written.push('"');
    }

    /// The colors of an element without content, and its end.
    fn paint(&mut self, fill: Option<Color>, outline: Option<Stroke>) {
        let _ = match fill {
            Some(color) => write!(self.written, r#" fill="{color}""#),
            None => self.written.write_str(r#" fill="none""#),
        };
        if let Some(Stroke { color, width, dash }) = outline {
            let _ = write!(self.written, r#" stroke="{color}" stroke-width="{width}""#);
            if let Some(dash) = dash {
                let _ = write!(self.written, r#" stroke-dasharray="{dash}""#);
            }
        }
        self.written.push_str("/>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::{Document, Node};

    const ORANGE: Color = Color(213, 94, 0);
    const WHITE: Color = Color(255, 255, 255);

    fn written(strokes: impl FnOnce(&mut Svg)) -> String {
        let mut svg = Svg::new((500, 300), 10, "DejaVu Sans, sans-serif");
        strokes(&mut svg);
        svg.finish()
    }

    #[test]
    fn a_color_is_six_hexadecimal_digits() {
        assert_eq!(ORANGE.to_string(), "#D55E00");
        assert_eq!(Color(0, 7, 255).to_string(), "#0007FF");
    }

    #[test]
    fn a_line_goes_through_its_points() {
        let svg = written(|svg| {
            svg.line(
                &[(1, 2), (-30, 4), (3330, 0)],
                Stroke {
                    color: ORANGE,
                    width: 9,
                    dash: Some(45),
                },
            );
        });
        let document = Document::parse(&svg).unwrap();
        let line = document.root_element().first_element_child().unwrap();
        let points: Vec<_> = line
            .attribute("points")
            .unwrap()
            .split_whitespace()
            .collect();
        assert_eq!(points, ["1,2", "-30,4", "3330,0"]);
        assert_eq!(line.attribute("fill"), Some("none"));
        assert_eq!(line.attribute("stroke"), Some("#D55E00"));
        assert_eq!(line.attribute("stroke-width"), Some("9"));
        assert_eq!(line.attribute("stroke-dasharray"), Some("45"));
    }

    #[test]
    fn a_line_of_fewer_than_two_points_is_not_written() {
        let empty = written(|_| {});
        let stroke = Stroke::solid(ORANGE, 9);
        assert_eq!(written(|svg| svg.line(&[], stroke)), empty);
        assert_eq!(written(|svg| svg.line(&[(1, 2)], stroke)), empty);
    }

    #[test]
    fn a_text_is_read_back_as_it_was_given_and_stands_on_its_point() {
        let given = r#"</text> & "a" 'b' &amp; µV"#;
        let svg = written(|svg| svg.text(given, (10, 200), Align::End, 94, ORANGE, true));
        let document = Document::parse(&svg).unwrap();
        let text = document.root_element().first_element_child().unwrap();
        assert_eq!(text.text(), Some(given));
        assert_eq!(text.attribute("x"), Some("10"));
        assert_eq!(text.attribute("y"), Some("200"));
        assert_eq!(text.attribute("text-anchor"), Some("end"));
        assert_eq!(text.attribute("font-size"), Some("94"));
        assert_eq!(text.attribute("transform"), Some("rotate(270,10,200)"));
    }

    #[test]
    fn a_document_of_every_element_is_a_picture() {
        let outline = Some(Stroke::solid(ORANGE, 9));
        let svg = written(|svg| {
            svg.rectangle((0, 0), (500, 300), WHITE, None);
            svg.circle((50, 60), 20, ORANGE, outline);
            svg.polygon(&[(1, 2), (30, 40), (5, 60)], WHITE, outline);
            svg.line(&[(1, 2), (3, 4)], Stroke::solid(ORANGE, 6));
            svg.text("ADM", (9, 99), Align::Start, 94, ORANGE, false);
        });
        let document = Document::parse(&svg).unwrap();
        let root = document.root_element();
        let names: Vec<_> = root
            .children()
            .filter(Node::is_element)
            .map(|element| element.tag_name().name())
            .collect();
        assert_eq!(names, ["rect", "circle", "polygon", "polyline", "text"]);
        let size = crate::plot::png::parse(&svg).unwrap().size();
        assert_eq!((size.width(), size.height()), (50.0, 30.0));
    }
}
