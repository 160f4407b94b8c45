//! JSON with a line for each value, two spaces deeper for each level: the bytes of serde_json's pretty form, written faster. Half of a study's
//! document are the spaces at the beginning of its lines.

use serde_json::ser::Formatter;
use std::io::{Result, Write};

/// A line feed and the spaces of 32 levels, twice as many as any document has.
const LINE: &str = "\n                                                                ";
const SPACES_PER_LEVEL: usize = 2;

/// Writes each value on a line of its own.
#[derive(Default)]
pub struct Lines {
    level: usize,
    has_value: bool,
}

impl Lines {
    /// Begins a line.
    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> Result<()> {
        let spaces = self.level * SPACES_PER_LEVEL;
        match LINE.get(..1 + spaces) {
            Some(line) => writer.write_all(line.as_bytes()),
            None => write!(writer, "\n{:spaces$}", ""),
        }
    }

    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.level += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.level -= 1;
        if self.has_value {
            self.line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn begin_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.begin_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.begin_value(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Serializer, Value, json};

    fn lines(value: &Value) -> String {
        let mut text = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut text, Lines::default());
        value.serialize(&mut serializer).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_text_is_the_pretty_form_of_serde_json() {
        let mut deep = json!([{"a": [], "b": {}}, [1, -2.5, null], {"c": {"d": ["x\ny", true]}}]);
        for _ in 0..40 {
            assert_eq!(lines(&deep), serde_json::to_string_pretty(&deep).unwrap());
            deep = json!({"e": [deep, {}]});
        }
    }
}
