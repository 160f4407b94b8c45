//! The variables of a MAT-file of version 7.3, which is HDF5 with conventions of its own.
//!
//! Source: the attributes `MATLAB_class`, `MATLAB_empty`, `MATLAB_int_decode`, `MATLAB_fields` and `MATLAB_sparse` and the group `#refs#`,
//! as MATLAB R2006b and later write them. MATLAB runs through the first index fastest and HDF5 through the last, so the lengths of the axes stand in reverse.

use super::catalog::members;
use super::guard::{Opened, library};
use super::values::{Attributes, Kind, count, kind_of, numbers, samples};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::Input;
use crate::formats::matlab::{Budget, Value, text_rows};
use crate::recording::Samples;
use ::hdf5::{
    Dataset, Group, LinkType, Location, LocationType, ObjectReference1, ReferencedObject,
};
use std::cell::Cell;

/// All variables of the file, in the order of their names.
pub(in crate::formats) fn variables(
    input: &Input,
    budget: &Budget,
) -> Result<Vec<(String, Value)>> {
    super::guarded(|| {
        let opened = Opened::open(input)?;
        let reader = Reader {
            opened: &opened,
            budget,
            left: Cell::new(most_objects(input.bytes()?.len())),
        };
        let root = opened
            .file
            .group("/")
            .map_err(|cause| library(cause, "group \"/\""))?;
        let mut variables = Vec::new();
        for (name, kind) in members(&root, "")? {
            // `#refs#` and `#subsystem#` hold what others point to.
            if name.starts_with('#') {
                continue;
            }
            let value = reader.member(&root, &name, kind, &name, 0)?;
            variables.push((name, value));
        }
        Ok(variables)
    })
}

struct Reader<'a> {
    opened: &'a Opened<'a>,
    budget: &'a Budget,
    /// How many more objects may be opened.
    left: Cell<usize>,
}

/// An object takes at least this many bytes of the file, and more objects than `MOST_OBJECTS` are not opened. Heuristic: with less, or more, groups or
/// references lead back to where they came from.
const OBJECT_BYTES: usize = 32;
const FEWEST_OBJECTS: usize = 1000;
const MOST_OBJECTS: usize = 1_000_000;

fn most_objects(bytes: usize) -> usize {
    (bytes / OBJECT_BYTES).clamp(FEWEST_OBJECTS, MOST_OBJECTS)
}

/// `int8`, `uint8` … are the classes whose numbers are stored as they are named.
const NUMERIC: &[&str] = &[
    "double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
    "logical",
];

impl Reader<'_> {
    /// A member of a group: a variable, or a field of a struct.
    fn member(
        &self,
        group: &Group,
        name: &str,
        kind: LinkType,
        path: &str,
        depth: usize,
    ) -> Result<Value> {
        let place = format!("variable \"{path}\"");
        if kind != LinkType::Hard {
            return Err(Error::new(
                ErrorCode::Unsupported,
                "it is a link; MATLAB writes none, and links are not followed",
            )
            .at(place));
        }
        let failed = |cause| library(cause, &place);
        match group.loc_type_by_name(name).map_err(failed)? {
            LocationType::Group => {
                let inner = group.group(name).map_err(failed)?;
                self.group(&inner, path, depth)
            }
            LocationType::Dataset => {
                let dataset = group.dataset(name).map_err(failed)?;
                self.dataset(&dataset, path, depth)
            }
            _ => Ok(unreadable("named type")),
        }
    }

    /// Counts one more object.
    fn enter(&self, depth: usize) -> Result<()> {
        self.budget.enter(depth)?;
        self.budget.charge(1, size_of::<Value>())?;
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Error::new(
                ErrorCode::TooLarge,
                "there are more structs and cells than a file of this size can hold; some lead back to where they came from",
            )
            .advice("save the signal as a variable of its own")),
        }
    }

    /// A struct: each member is a field.
    fn group(&self, group: &Group, path: &str, depth: usize) -> Result<Value> {
        self.enter(depth)?;
        let attributes = Attributes::of(self.opened, group, path)?;
        if attributes
            .names()
            .iter()
            .any(|name| name == "MATLAB_sparse")
        {
            return Ok(unreadable("sparse matrix"));
        }
        let mut fields = Vec::new();
        let mut many: Option<usize> = None;
        for (name, kind) in members(group, path)? {
            let inner = format!("{path}.{name}");
            // In an array of structs a field is a dataset of references that has no class of its own.
            if kind == LinkType::Hard
                && let Ok(LocationType::Dataset) = group.loc_type_by_name(&name)
            {
                let dataset = group
                    .dataset(&name)
                    .map_err(|cause| library(cause, &inner))?;
                if is_references(&dataset, &inner)?
                    && class(self.opened, &dataset, &inner)?.is_none()
                {
                    let values = self.references(&dataset, &inner, depth)?;
                    if many.is_some_and(|many| many != values.len()) {
                        return Err(Error::new(
                            ErrorCode::BadHeader,
                            "the fields of an array of structs are of different lengths",
                        )
                        .at(inner));
                    }
                    many = Some(values.len());
                    fields.push((name, values));
                    continue;
                }
            }
            let value = self.member(group, &name, kind, &inner, depth.saturating_add(1))?;
            fields.push((name, vec![value]));
        }
        let count = many.unwrap_or(1);
        if fields.iter().any(|(_, values)| values.len() != count) {
            return Err(Error::new(
                ErrorCode::BadHeader,
                "some fields of the struct are arrays of references, some are not",
            )
            .at(format!("variable \"{path}\"")));
        }
        Ok(Value::Struct { count, fields })
    }

    fn dataset(&self, dataset: &Dataset, path: &str, depth: usize) -> Result<Value> {
        self.enter(depth)?;
        let place = format!("variable \"{path}\"");
        self.opened.check(dataset, &place)?;
        let attributes = Attributes::of(self.opened, dataset, &place)?;
        let class = class(self.opened, dataset, &place)?;
        // An empty array stores the lengths of its axes in place of its values.
        if attributes.names().iter().any(|name| name == "MATLAB_empty")
            && attributes
                .number("MATLAB_empty")?
                .is_some_and(|empty| empty != 0.0)
        {
            return Ok(match class.as_deref() {
                Some("char") => Value::Text { rows: Vec::new() },
                Some("cell") => Value::Cell {
                    dims: vec![0, 0],
                    cells: Vec::new(),
                },
                Some("struct") => Value::Struct {
                    count: 0,
                    fields: Vec::new(),
                },
                _ => Value::Numbers {
                    dims: vec![0, 0],
                    samples: Samples::F64(Vec::new()),
                },
            });
        }
        let mut dims: Vec<usize> = dataset.shape();
        dims.reverse();
        while dims.len() < 2 {
            dims.push(1);
        }
        if is_references(dataset, &place)? {
            let cells = self.references(dataset, path, depth)?;
            return Ok(Value::Cell { dims, cells });
        }
        let kind = kind_of(dataset, &place)?;
        match (class.as_deref(), &kind) {
            (Some("char"), Kind::Unsigned(2)) => {
                let units: Vec<u16> = numbers(self.opened, dataset, &place)?
                    .into_iter()
                    .map(|unit| unit as u16)
                    .collect();
                Ok(Value::Text {
                    rows: text_rows(&units, &dims),
                })
            }
            (None, Kind::Signed(_) | Kind::Unsigned(_) | Kind::Float(_)) => {
                self.numeric(dataset, dims, &place)
            }
            (Some(class), Kind::Signed(_) | Kind::Unsigned(_) | Kind::Float(_))
                if NUMERIC.contains(&class) =>
            {
                self.numeric(dataset, dims, &place)
            }
            (Some(class), kind) => Ok(unreadable(&format!(
                "array of class {class} ({})",
                kind.name()
            ))),
            (None, kind) => Ok(unreadable(&format!("array of {}", kind.name()))),
        }
    }

    fn numeric(&self, dataset: &Dataset, dims: Vec<usize>, place: &str) -> Result<Value> {
        match samples(self.opened, dataset, place) {
            Ok(samples) => Ok(Value::Numbers { dims, samples }),
            Err(error) if error.code() == ErrorCode::Unsupported => {
                Ok(unreadable("array of integers beyond 2^53"))
            }
            Err(error) => Err(error),
        }
    }

    /// What the references of a cell array, or of a field of an array of structs, point to.
    fn references(&self, dataset: &Dataset, path: &str, depth: usize) -> Result<Vec<Value>> {
        let place = format!("variable \"{path}\"");
        self.opened.check(dataset, &place)?;
        let count = count(dataset, &place)?;
        self.opened
            .charge(count, size_of::<ObjectReference1>(), &place)?;
        self.opened
            .check_stored(dataset, count, size_of::<ObjectReference1>(), &place)?;
        self.budget.charge(count, size_of::<Value>())?;
        let references = dataset
            .read_raw::<ObjectReference1>()
            .map_err(|cause| library(cause, &place))?;
        references
            .iter()
            .enumerate()
            .map(|(index, reference)| {
                let inner = format!("{path}{{{}}}", index.saturating_add(1));
                match self.opened.file.dereference(reference) {
                    Ok(ReferencedObject::Dataset(found)) => {
                        self.dataset(&found, &inner, depth.saturating_add(1))
                    }
                    Ok(ReferencedObject::Group(found)) => {
                        self.group(&found, &inner, depth.saturating_add(1))
                    }
                    Ok(ReferencedObject::Datatype(_)) => Ok(unreadable("named type")),
                    Err(cause) => Err(library(cause, format!("variable \"{inner}\""))),
                }
            })
            .collect()
    }
}

fn is_references(dataset: &Dataset, place: &str) -> Result<bool> {
    Ok(dataset
        .dtype()
        .map_err(|cause| library(cause, place))?
        .is::<ObjectReference1>())
}

/// The class that MATLAB wrote beside the object.
fn class(opened: &Opened, object: &Location, place: &str) -> Result<Option<String>> {
    Attributes::of(opened, object, place)?.text("MATLAB_class")
}

fn unreadable(what: &str) -> Value {
    Value::Unreadable {
        what: what.to_owned(),
    }
}
