//! Texts that fit the lines of a terminal, and do nothing to it.

use std::io::IsTerminal;

/// How many columns a stream has; `None` for one that is no terminal, where nothing is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width(Option<usize>);

impl Width {
    /// That of the standard error.
    pub fn of_stderr() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self::of(&console::Term::stderr(), is_terminal)
    }

    /// That of the standard output.
    pub fn of_stdout() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        Self::of(&console::Term::stdout(), is_terminal)
    }

    /// So many.
    #[cfg(test)]
    pub fn columns(columns: usize) -> Self {
        Self(Some(columns))
    }

    fn of(terminal: &console::Term, is_terminal: bool) -> Self {
        /// Narrower ones are a mistake of the terminal, or of nobody that reads.
        const NARROWEST: usize = 20;
        let columns = terminal.size_checked().map(|(_, columns)| columns.into());
        Self(columns.filter(|columns| is_terminal && *columns >= NARROWEST))
    }

    /// The text as far as it fits a line; one that does not ends in `…`.
    pub fn cut(self, text: &str) -> String {
        let Some(columns) = self.0 else {
            return text.to_owned();
        };
        if console::measure_text_width(text) <= columns {
            return text.to_owned();
        }
        let mut cut = String::new();
        let mut used = 1;
        for c in text.chars() {
            used += console::measure_text_width(c.encode_utf8(&mut [0; 4]));
            if used > columns {
                break;
            }
            cut.push(c);
        }
        cut.push('…');
        cut
    }

    /// The text in lines that break between words.
    pub fn wrapped(self, text: &str) -> Vec<String> {
        let Some(columns) = self.0 else {
            return vec![text.to_owned()];
        };
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ') {
            let longer = console::measure_text_width(&line) + 1 + console::measure_text_width(word);
            if !line.is_empty() && longer > columns {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
        lines
    }
}

/// What a text says before its first empty line, in one line. Names of files may hold anything, so also what would steer the terminal.
pub fn one_line(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    harmless(first).split('\n').collect::<Vec<_>>().join(" ")
}

/// The whole text, without what would steer the terminal.
pub fn harmless(text: &str) -> String {
    let seen = |c: char| match c {
        '\n' => '\n',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_only_where_it_would_not_fit() {
        let width = Width(Some(8));
        assert_eq!(width.cut("12345678"), "12345678");
        assert_eq!(width.cut("123456789"), "1234567…");
        assert_eq!(width.cut("筋電図の記録"), "筋電図…");
        assert_eq!(Width(None).cut("123456789"), "123456789");
    }

    #[test]
    fn a_sentence_breaks_between_words() {
        let lines = Width(Some(9)).wrapped("4 files analyzed, 1 failed");
        assert_eq!(lines, ["4 files", "analyzed,", "1 failed"]);
        assert_eq!(Width(None).wrapped("a b"), ["a b"]);
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(
            one_line("\x1b[2Jx\n.edf: no unit\n\n[channels]"),
            " [2Jx .edf: no unit"
        );
        assert_eq!(harmless("a\x07\nb"), "a \nb");
    }
}
