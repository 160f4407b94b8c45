//! A group with its members, each opened through the door of HDF5.

use crate::error::{Error, ErrorCode, Result};
use crate::finding::{Finding, FindingCode};
use crate::formats::hdf5::{self, Attributes, Node, Opened, library};
use ::hdf5::{Dataset, Group, LinkType};
use std::cell::RefCell;

/// One file while it is read.
pub(super) struct Reading<'a> {
    pub(super) opened: &'a Opened<'a>,
    pub(super) findings: RefCell<Vec<Finding>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(opened: &'a Opened<'a>) -> Self {
        Self {
            opened,
            findings: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn finding(&self, code: FindingCode, detail: impl Into<String>) {
        self.findings.borrow_mut().push(Finding::new(code, detail));
    }
}

/// A group whose members were listed.
pub(super) struct Object<'a> {
    pub(super) reading: &'a Reading<'a>,
    /// From the root, with a leading slash.
    pub(super) path: String,
    pub(super) group: Group,
    members: Vec<(String, LinkType)>,
}

impl<'a> Object<'a> {
    /// The group at that path, if there is one.
    pub(super) fn open(reading: &'a Reading<'a>, path: &str) -> Result<Option<Self>> {
        match reading.opened.node(path)? {
            Some(Node::Group(group)) => Self::of(reading, path.to_owned(), group).map(Some),
            _ => Ok(None),
        }
    }

    pub(super) fn of(reading: &'a Reading<'a>, path: String, group: Group) -> Result<Self> {
        let members = hdf5::members(&group, &path)?;
        Ok(Self {
            reading,
            path,
            group,
            members,
        })
    }

    pub(super) fn place(&self) -> String {
        format!("group \"{}\"", self.path)
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, name)| name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// What that member is; `None` if there is none, or neither group nor dataset.
    fn child(&self, name: &str) -> Result<Option<Node>> {
        match self.members.iter().find(|(known, _)| known == name) {
            Some((_, kind)) => self.reading.opened.child(
                &self.group,
                name,
                *kind,
                &format!("{}/{name}", self.path),
            ),
            None => Ok(None),
        }
    }

    /// The member, if it is a group.
    pub(super) fn object(&self, name: &str) -> Result<Option<Self>> {
        match self.child(name)? {
            Some(Node::Group(group)) => {
                Self::of(self.reading, format!("{}/{name}", self.path), group).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The member, if it is a dataset.
    pub(super) fn dataset(&self, name: &str) -> Result<Option<Member<'a>>> {
        Ok(match self.child(name)? {
            Some(Node::Dataset(dataset)) => Some(Member {
                reading: self.reading,
                place: format!("dataset \"{}/{name}\"", self.path),
                dataset,
            }),
            _ => None,
        })
    }

    /// A text attribute of the group.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>> {
        Attributes::of(self.reading.opened, &self.group, &self.place())?.text(name)
    }

    /// The type that the group says it is of.
    pub(super) fn neurodata_type(&self) -> Result<String> {
        Ok(self.attribute("neurodata_type")?.unwrap_or_default())
    }

    /// The text of a dataset with one text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(member) = self.dataset(name)? else {
            return Ok(None);
        };
        if !member.is_text()? {
            return Ok(None);
        }
        let mut texts = member.texts()?;
        Ok(match (texts.pop(), texts.is_empty()) {
            (Some(text), true) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            _ => None,
        })
    }
}

/// A dataset, and where it stands, for messages.
pub(super) struct Member<'a> {
    reading: &'a Reading<'a>,
    pub(super) place: String,
    pub(super) dataset: Dataset,
}

impl<'a> Member<'a> {
    pub(super) fn kind(&self) -> Result<hdf5::Kind> {
        hdf5::kind_of(&self.dataset, &self.place)
    }

    pub(super) fn is_text(&self) -> Result<bool> {
        Ok(matches!(self.kind()?, hdf5::Kind::Text(_)))
    }

    pub(super) fn attributes(&'a self) -> Result<Attributes<'a>> {
        Attributes::of(self.reading.opened, &self.dataset, &self.place)
    }

    pub(super) fn numbers(&self) -> Result<Vec<f64>> {
        hdf5::numbers(self.reading.opened, &self.dataset, &self.place)
    }

    pub(super) fn integers(&self) -> Result<Vec<i64>> {
        hdf5::integers(self.reading.opened, &self.dataset, &self.place)
    }

    /// One number.
    pub(super) fn number(&self) -> Result<f64> {
        let found = hdf5::count(&self.dataset, &self.place)?;
        match (found, self.numbers()?.first()) {
            (1, Some(&value)) => Ok(value),
            _ => Err(Error::new(
                ErrorCode::BadHeader,
                format!("{found} values; expected one number"),
            )
            .at(self.place.as_str())),
        }
    }

    /// All texts; those that are not UTF-8 are told.
    pub(super) fn texts(&self) -> Result<Vec<String>> {
        let read = hdf5::texts(self.reading.opened, &self.dataset, &self.place)?;
        let odd = read.iter().filter(|(_, unicode)| !unicode).count();
        if odd > 0 {
            self.reading.finding(
                FindingCode::TextNotUnicode,
                format!("{odd} of {} texts in {}", read.len(), self.place),
            );
        }
        Ok(read.into_iter().map(|(text, _)| text).collect())
    }

    /// The group to which a reference in an attribute points. References never leave the file.
    pub(super) fn points_to(&self, attribute: &str) -> Result<Option<Group>> {
        use ::hdf5::{ObjectReference1, ReferencedObject};
        let place = format!("{}, attribute \"{attribute}\"", self.place);
        let failed = |cause| library(cause, &place);
        if !self
            .attributes()?
            .names()
            .iter()
            .any(|name| name == attribute)
        {
            return Ok(None);
        }
        let attribute = self.dataset.attr(attribute).map_err(failed)?;
        let is_reference = attribute.dtype().map_err(failed)?.is::<ObjectReference1>();
        if !is_reference || hdf5::count(&attribute, &place)? != 1 {
            return Err(
                Error::new(ErrorCode::BadHeader, "expected one reference to an object").at(place),
            );
        }
        self.reading
            .opened
            .check_stored(&attribute, 1, size_of::<ObjectReference1>(), &place)?;
        let references = attribute.read_raw::<ObjectReference1>().map_err(failed)?;
        let Some(reference) = references.first() else {
            return Ok(None);
        };
        match self.reading.opened.file.dereference(reference) {
            Ok(ReferencedObject::Group(group)) => Ok(Some(group)),
            Ok(_) => Err(Error::new(
                ErrorCode::BadHeader,
                "the reference points to no group; expected a table",
            )
            .at(place)),
            Err(cause) => Err(failed(cause)),
        }
    }
}
