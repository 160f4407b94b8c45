//! What a file holds, for messages and for the decision which links are safe.

use super::guard::{Opened, library};
use crate::error::Result;
use ::hdf5::dataset::Layout;
use ::hdf5::{Dataset, Group, IndexType, IterationOrder, LinkType, LocationType};

/// Heuristic: more objects than this are not listed, and more members of one group not read.
const MAX_OBJECTS: usize = 10_000;

/// Heuristic: groups nested deeper than this are not listed.
const MAX_DEPTH: usize = 32;

/// One dataset of the list that helps to write a mapping.
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) shape: Vec<usize>,
    pub(super) kind: String,
}

/// Everything that can be reached inside the file without following a link by name.
#[derive(Default)]
pub(super) struct Catalog {
    pub(super) datasets: Vec<Entry>,
    /// Paths of the links that lead to other files.
    pub(super) external: Vec<String>,
    /// Whether the listing ended at a bound.
    pub(super) cut: bool,
}

impl Opened<'_> {
    /// Lists what is in the file. Only hard links are followed, and each group is entered once, so that cycles end.
    pub(super) fn catalog(&self) -> Result<Catalog> {
        let root = self
            .file
            .group("/")
            .map_err(|cause| library(cause, "group \"/\""))?;
        let mut catalog = Catalog::default();
        let mut entered = Vec::new();
        let mut waiting = vec![(String::new(), root, 0usize)];
        let mut objects = 0usize;
        while let Some((path, group, depth)) = waiting.pop() {
            let token = group
                .loc_info()
                .map_err(|cause| library(cause, format!("group \"{path}/\"")))?
                .token;
            if entered.contains(&token) {
                continue;
            }
            entered.push(token);
            for (name, kind) in members(&group, &path)? {
                let member = format!("{path}/{name}");
                objects += 1;
                if objects > MAX_OBJECTS {
                    catalog.cut = true;
                    return Ok(catalog);
                }
                match kind {
                    LinkType::External => catalog.external.push(member),
                    LinkType::Soft => {}
                    LinkType::Hard => match group.loc_type_by_name(&name) {
                        Ok(LocationType::Group) if depth >= MAX_DEPTH => catalog.cut = true,
                        Ok(LocationType::Group) => {
                            let place = format!("group \"{member}\"");
                            let inner =
                                group.group(&name).map_err(|cause| library(cause, place))?;
                            waiting.push((member, inner, depth + 1));
                        }
                        Ok(LocationType::Dataset) => {
                            let place = format!("dataset \"{member}\"");
                            let dataset = group
                                .dataset(&name)
                                .map_err(|cause| library(cause, &place))?;
                            catalog.datasets.push(entry(&dataset, member, &place)?);
                        }
                        Ok(_) => {}
                        Err(cause) => {
                            return Err(library(cause, format!("object \"{member}\"")));
                        }
                    },
                }
            }
        }
        catalog.datasets.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(catalog)
    }
}

/// One line of the list.
fn entry(dataset: &Dataset, path: String, place: &str) -> Result<Entry> {
    let list = dataset.create_plist().and_then(|list| list.get_layout());
    // To tell the shape of a virtual dataset, the library opens the files in which its samples lie.
    if list.map_err(|cause| library(cause, place))? == Layout::Virtual {
        return Ok(Entry {
            path,
            shape: Vec::new(),
            kind: "virtual".to_owned(),
        });
    }
    Ok(Entry {
        path,
        shape: dataset.shape(),
        kind: super::values::kind_of(dataset, place)?.name(),
    })
}

/// The members of a group and what kind of link leads to each, in the order of their names.
pub(in crate::formats) fn members(group: &Group, path: &str) -> Result<Vec<(String, LinkType)>> {
    let mut found = Vec::new();
    group
        .iter_visit(IndexType::Name, IterationOrder::Increasing, |name, info| {
            if found.len() >= MAX_OBJECTS {
                return Err(format!("more than {MAX_OBJECTS} members").into());
            }
            found.push((name.to_owned(), info.link_type));
            Ok(())
        })
        .map_err(|cause| library(cause, format!("group \"{path}/\"")))?;
    Ok(found)
}
