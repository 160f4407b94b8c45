//! Why no recording or no output could be made.
//!
//! A message says where, what was found, what was expected and what to try. It ends up in the terminal, in `files.csv` and in the
//! JSON, so it must be understood by the person who holds the file.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of anything that can fail as a whole.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it was; [`ErrorCode::as_str`] is stable and meant for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The operating system refused to read.
    Io,
    /// The file ends before its header says so.
    Truncated,
    /// A field of the header cannot be what it says.
    BadHeader,
    /// Stored numbers cannot be turned into millivolts.
    BadCalibration,
    /// A unit that is not known, or none where one is needed.
    UnknownUnit,
    /// The sampling rate is not stated, or impossible.
    UnknownRate,
    /// No format claims the file.
    UnknownFormat,
    /// The file belongs to a recording whose main file stands beside it.
    PartOfAnother,
    /// Several formats claim the file.
    AmbiguousFormat,
    /// The file is known, but this part of it cannot be read or written.
    Unsupported,
    /// A mapping or sidecar does not fit the file.
    BadMapping,
    /// A setting is unknown or out of its range.
    BadSettings,
    /// Nothing in the file can be analyzed.
    NothingToAnalyze,
    /// The file asks for more memory than the stated bound.
    TooLarge,
    /// Writing would lose something that was recorded.
    WouldLose,
    /// An output could not be written.
    Output,
    /// The command line does not make sense.
    Usage,
    /// A defect of endplate itself, caught for this file only.
    Internal,
}

impl ErrorCode {
    /// The stable name, as it stands in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Truncated => "truncated",
            Self::BadHeader => "bad_header",
            Self::BadCalibration => "bad_calibration",
            Self::UnknownUnit => "unknown_unit",
            Self::UnknownRate => "unknown_rate",
            Self::UnknownFormat => "unknown_format",
            Self::PartOfAnother => "part_of_another",
            Self::AmbiguousFormat => "ambiguous_format",
            Self::Unsupported => "unsupported",
            Self::BadMapping => "bad_mapping",
            Self::BadSettings => "bad_settings",
            Self::NothingToAnalyze => "nothing_to_analyze",
            Self::TooLarge => "too_large",
            Self::WouldLose => "would_lose",
            Self::Output => "output",
            Self::Usage => "usage",
            Self::Internal => "internal",
        }
    }
}

/// One failure, with the place where it happened.
#[derive(Debug, thiserror::Error)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    path: Option<PathBuf>,
    place: Option<String>,
    message: String,
    advice: Option<String>,
    template: Option<String>,
    cause: Option<std::io::Error>,
}

impl Error {
    /// A failure with what was found and what was expected.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            path: None,
            place: None,
            message: readable(message.into()),
            advice: None,
            template: None,
            cause: None,
        }))
    }

    /// A failure of the operating system on `path`.
    pub fn io(path: &Path, cause: std::io::Error) -> Self {
        let mut error = Self::new(ErrorCode::Io, cause.to_string()).in_file(path);
        if cause.kind() == std::io::ErrorKind::PermissionDenied {
            error = error.advice("let the user under whom endplate runs read it");
        }
        error.0.cause = Some(cause);
        error
    }

    /// A failure of the operating system to write results to `path`.
    pub fn unwritten(path: &Path, cause: &std::io::Error) -> Self {
        Self::new(ErrorCode::Output, cause.to_string())
            .in_file(path)
            .advice("check that the folder can be written and the disk is not full")
    }

    /// The place inside the file: `EDF signal 2 "ADM", bytes 424–431`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.0.place = Some(readable(place.into()));
        self
    }

    /// The file. A path that is known already is kept: the innermost is the most exact.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Self {
        self.0.path.get_or_insert_with(|| path.to_path_buf());
        self
    }

    /// What the person may try.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// The beginning of a mapping in TOML that would settle it, with values to be replaced.
    #[must_use]
    pub fn template(mut self, toml: impl Into<String>) -> Self {
        self.0.template = Some(toml.into());
        self
    }

    /// The beginning of a mapping that would settle it.
    pub fn mapping_template(&self) -> Option<&str> {
        self.0.template.as_deref()
    }

    /// What was found and what was expected, without the place and without what may be tried.
    pub fn reason(&self) -> &str {
        &self.0.message
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The file, where one is to blame.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The place inside the file.
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// The message without the path, for a table that has the path in a column of its own.
    pub fn message(&self) -> String {
        let mut text = String::new();
        if let Some(place) = &self.0.place {
            text.push_str(place);
            text.push_str(": ");
        }
        text.push_str(&self.0.message);
        if let Some(advice) = &self.0.advice {
            text.push_str(" — ");
            text.push_str(advice);
        }
        if let Some(template) = &self.0.template {
            text.push_str("\n\n");
            text.push_str(template);
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.message())
    }
}

/// What a person can read and a terminal does not obey: a file may have a line of many MB, or control characters, where a message quotes it.
fn readable(text: String) -> String {
    /// Messages that list what a file holds come near; nobody reads more (heuristic).
    const MOST_BYTES: usize = 8000;
    let is_odd = |c: char| c.is_control() && c != '\n';
    if text.len() <= MOST_BYTES && !text.contains(is_odd) {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.len() >= MOST_BYTES {
            kept.push_str(" …");
            break;
        }
        if is_odd(c) {
            kept.extend(c.escape_default());
        } else {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_what_and_what_to_try() {
        let error = Error::new(
            ErrorCode::BadCalibration,
            "physical maximum (0) equals physical minimum (0)",
        )
        .at("EDF signal 2 \"ADM\", bytes 424–431")
        .in_file(Path::new("p07/adm.edf"))
        .advice("state the calibration in a mapping");
        assert_eq!(
            error.to_string(),
            "p07/adm.edf: EDF signal 2 \"ADM\", bytes 424–431: physical maximum (0) equals physical minimum (0) — state the calibration in a mapping"
        );
    }

    #[test]
    fn what_may_not_be_read_says_who_must_be_let() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let told = Error::io(Path::new("locked"), denied).to_string();
        assert_eq!(
            told,
            "locked: permission denied — let the user under whom endplate runs read it"
        );
    }

    #[test]
    fn the_innermost_path_is_kept() {
        let error = Error::new(ErrorCode::Io, "gone")
            .in_file(Path::new("inner"))
            .in_file(Path::new("outer"));
        assert_eq!(error.path(), Some(Path::new("inner")));
    }

    #[test]
    fn a_message_about_a_long_line_or_control_characters_is_readable() {
        let line = format!("\u{1b}[31m{}", "x".repeat(1 << 20));
        let error = Error::new(ErrorCode::BadHeader, format!("\"{line}\""))
            .at("line\r\n2")
            .to_string();
        assert!(
            error.contains("\\u{1b}[31mxxx") && error.ends_with('…'),
            "{error}"
        );
        assert!(error.starts_with("line\\r\n2"), "{error}");
        assert!(error.len() < 9000);
    }
}
