//! Lines: texts broken to a width.

use super::font::Fonts;

/// A stretch of one style in a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The printable text.
    pub text: String,
    /// Whether it is bold.
    pub bold: bool,
    /// Its width in pt.
    pub width: f32,
}

/// A line.
pub type Line = Vec<Run>;

/// The width of a line in pt.
pub fn width(line: &[Run]) -> f32 {
    line.iter().map(|run| run.width).sum()
}

/// Breaks printable texts, each with its style, at blanks; a word that is wider than a line is broken where it must be. There is always a line.
pub fn wrap(fonts: Fonts, texts: &[(&str, bool)], size: f32, limit: f32) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut filled = 0.0_f32;
    for &(text, bold) in texts {
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let blank = fonts.width(" ", bold, size);
            let wide = fonts.width(word, bold, size);
            let before = if filled > 0.0 { blank } else { 0.0 };
            if filled + before + wide <= limit {
                push(&mut lines, word, bold, wide, before);
                filled += before + wide;
                continue;
            }
            if filled > 0.0 {
                end(&mut lines);
                lines.push(Vec::new());
            }
            let mut rest = word;
            let mut rest_wide = wide;
            while rest_wide > limit {
                let at = fitting(fonts, rest, bold, size, limit);
                let (head, tail) = rest.split_at(at);
                push(&mut lines, head, bold, fonts.width(head, bold, size), 0.0);
                if tail.is_empty() {
                    rest = tail;
                    rest_wide = 0.0;
                    break;
                }
                lines.push(Vec::new());
                rest = tail;
                rest_wide = fonts.width(rest, bold, size);
            }
            if !rest.is_empty() {
                push(&mut lines, rest, bold, rest_wide, 0.0);
            }
            filled = lines.last().map_or(0.0, |line| width(line));
        }
    }
    lines
}

/// How many bytes of a word fit, at least those of its first character.
fn fitting(fonts: Fonts, word: &str, bold: bool, size: f32, limit: f32) -> usize {
    let mut filled = 0.0;
    let mut buffer = [0; 4];
    for (at, c) in word.char_indices() {
        filled += fonts.width(c.encode_utf8(&mut buffer), bold, size);
        if filled > limit && at > 0 {
            return at;
        }
    }
    word.len()
}

fn push(lines: &mut [Line], word: &str, bold: bool, wide: f32, blank: f32) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(run) if run.bold == bold => {
            if blank > 0.0 {
                run.text.push(' ');
            }
            run.text.push_str(word);
            run.width += blank + wide;
        }
        last => {
            let before = last.is_some() && blank > 0.0;
            line.push(Run {
                text: format!("{}{word}", if before { " " } else { "" }),
                bold,
                width: wide + if before { blank } else { 0.0 },
            });
        }
    }
}

/// A line that goes on ends in a blank, so that a reader of the text hears two words; the blank is not counted in its width.
fn end(lines: &mut [Line]) {
    if let Some(run) = lines.last_mut().and_then(|line| line.last_mut()) {
        run.text.push(' ');
    }
}

/// The width of the widest word and of the whole text, in pt.
pub fn widths(fonts: Fonts, text: &str, bold: bool, size: f32) -> (f32, f32) {
    let blank = fonts.width(" ", bold, size);
    let mut widest = 0.0_f32;
    let mut whole = 0.0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = fonts.width(word, bold, size);
        widest = widest.max(wide);
        whole += wide + if whole > 0.0 { blank } else { 0.0 };
    }
    (widest, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_limit_and_no_letter_is_lost() {
        let fonts = Fonts::embedded().unwrap();
        let long = "x".repeat(300);
        let text = format!("a few words {long} and more of them");
        let lines = wrap(fonts, &[("Lead:", true), (&text, false)], 8.0, 90.0);
        assert!(lines.iter().all(|line| width(line) <= 90.0 + 0.01));
        let all: String = lines
            .iter()
            .flatten()
            .map(|run| run.text.as_str())
            .collect();
        let letters = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        assert_eq!(letters(&all), letters(&format!("Lead:{text}")));
    }

    #[test]
    fn an_empty_text_is_one_empty_line() {
        let fonts = Fonts::embedded().unwrap();
        assert_eq!(wrap(fonts, &[("", false)], 8.0, 90.0), vec![Vec::new()]);
    }
}
