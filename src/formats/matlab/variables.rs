//! The variables of a file, and how a mapping names what is inside them.

use super::value::Value;
use crate::error::{Error, ErrorCode, Result};
use crate::formats::mapped::Arrays;

/// All variables of a file.
pub(super) struct Variables {
    pub(super) all: Vec<(String, Value)>,
}

/// So many variables are listed in a message.
const LISTED: usize = 20;

enum Here<'a> {
    Value(&'a Value),
    Element(&'a Value, usize),
}

impl Variables {
    pub(super) fn new(all: Vec<(String, Value)>) -> Self {
        Self { all }
    }

    /// The variable of exactly that name.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.all
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// What the file holds, for a message.
    pub(super) fn listed(&self) -> String {
        if self.all.is_empty() {
            return "no variables".to_owned();
        }
        let mut text: Vec<String> = self
            .all
            .iter()
            .take(LISTED)
            .map(|(name, value)| format!("`{name}` ({})", value.describe()))
            .collect();
        if self.all.len() > LISTED {
            text.push(format!("and {} more", self.all.len() - LISTED));
        }
        text.join("; ")
    }

    /// What stands at `path`, written as in MATLAB: `emg`, `emg.values`, `S(2).values`, `C{3}`.
    pub(super) fn find(&self, path: &str, field: &str) -> Result<&Value> {
        let path = path.trim();
        let bad = |message: String| {
            Error::new(
                ErrorCode::BadMapping,
                format!("`{field}` is \"{path}\": {message}"),
            )
            .advice("write it as in MATLAB: emg, emg.values, S(2).values, C{3}")
        };
        let end = path.find(['.', '(', '{']).unwrap_or(path.len());
        let (name, mut rest) = path.split_at(end);
        let first = self.get(name).ok_or_else(|| {
            bad(format!(
                "there is no variable \"{name}\". The file holds {}",
                self.listed()
            ))
        })?;
        let mut here = Here::Value(first);
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '(', '{']).unwrap_or(after.len());
                let (name, tail) = after.split_at(end);
                rest = tail;
                let (value, element) = match here {
                    Here::Element(value, element) => (value, element),
                    Here::Value(value @ Value::Struct { count: 1, .. }) => (value, 0),
                    Here::Value(value @ Value::Struct { count, .. }) => {
                        return Err(bad(format!(
                            "before \".{name}\" stand {count} structs ({}); name one of them with its number, as in S(2)",
                            value.describe()
                        )));
                    }
                    Here::Value(value) => {
                        return Err(bad(format!(
                            "before \".{name}\" stands no struct ({})",
                            value.describe()
                        )));
                    }
                };
                here = Here::Value(value.field_of(element, name).ok_or_else(|| {
                    bad(format!(
                        "there is no field \"{name}\" in {}",
                        value.describe()
                    ))
                })?);
                continue;
            }
            let (close, what) = if rest.starts_with('(') {
                (')', "struct")
            } else {
                ('}', "cell")
            };
            let Some((inner, tail)) = rest.get(1..).and_then(|rest| rest.split_once(close)) else {
                return Err(bad(format!("\"{rest}\" is not closed by \"{close}\"")));
            };
            rest = tail;
            let Some(index) = inner
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1))
            else {
                return Err(bad(format!(
                    "\"{inner}\" is no number of a {what}; expected 1, 2, 3 …"
                )));
            };
            here = match here {
                Here::Value(value @ Value::Struct { count, .. }) if close == ')' => {
                    if index >= *count {
                        return Err(bad(format!("there are {count} structs")));
                    }
                    Here::Element(value, index)
                }
                Here::Value(value @ Value::Cell { cells, .. }) if close == '}' => {
                    Here::Value(cells.get(index).ok_or_else(|| {
                        bad(format!(
                            "there are {} cells ({})",
                            cells.len(),
                            value.describe()
                        ))
                    })?)
                }
                Here::Value(value) | Here::Element(value, _) => {
                    return Err(bad(format!(
                        "before \"{inner}\" stands no array of {what}s ({})",
                        value.describe()
                    )));
                }
            };
        }
        match here {
            Here::Value(value) => Ok(value),
            Here::Element(value, _) => Err(bad(format!(
                "this is a whole struct ({}); name a field of it",
                value.describe()
            ))),
        }
    }
}

impl Arrays for Variables {
    fn numbers(&self, path: &str, field: &str) -> Result<Vec<f64>> {
        let value = self.find(path, field)?;
        value
            .numbers()
            .ok_or_else(|| wrong(path, field, value, "numbers"))
    }

    fn texts(&self, path: &str, field: &str) -> Result<Vec<(String, bool)>> {
        let value = self.find(path, field)?;
        let texts = value
            .texts()
            .ok_or_else(|| wrong(path, field, value, "a char array or a cell array of texts"))?;
        Ok(texts.into_iter().map(|text| (text, true)).collect())
    }
}

fn wrong(path: &str, field: &str, value: &Value, expected: &str) -> Error {
    Error::new(
        ErrorCode::BadMapping,
        format!(
            "`{field}`: \"{path}\" is {}; expected {expected}",
            value.describe()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Samples;

    fn number(value: f64) -> Value {
        Value::Numbers {
            dims: vec![1, 1],
            samples: Samples::F64(vec![value]),
        }
    }

    fn variables() -> Variables {
        let structs = Value::Struct {
            count: 2,
            fields: vec![("fs".into(), vec![number(1.0), number(2.0)])],
        };
        let cell = Value::Cell {
            dims: vec![1, 2],
            cells: vec![number(3.0), structs.clone()],
        };
        Variables::new(vec![
            ("S".into(), structs),
            ("C".into(), cell),
            ("x".into(), number(4.0)),
        ])
    }

    #[test]
    fn a_path_is_written_as_in_matlab_and_counts_from_1() {
        let variables = variables();
        let found = |path: &str| {
            variables
                .find(path, "variable")
                .ok()
                .and_then(Value::number)
        };
        assert_eq!(found("x"), Some(4.0));
        assert_eq!(found("S(2).fs"), Some(2.0));
        assert_eq!(found("C{1}"), Some(3.0));
        assert_eq!(found("C{2}(1).fs"), Some(1.0));
    }

    #[test]
    fn a_path_that_leads_nowhere_says_why() {
        for (path, part) in [
            ("y", "there is no variable"),
            ("S.fs", "2 structs"),
            ("S(3).fs", "2 structs"),
            ("S(0).fs", "no number"),
            ("S(1)", "name a field"),
            ("S(1).y", "no field"),
            ("C{3}", "2 cells"),
            ("x.y", "no struct"),
            ("x(1)", "no array of structs"),
            ("C{1", "not closed"),
            ("", "there is no variable"),
        ] {
            let error = variables().find(path, "variable").unwrap_err();
            assert_eq!(error.code(), ErrorCode::BadMapping);
            assert!(error.to_string().contains(part), "{path}: {error}");
        }
    }
}
