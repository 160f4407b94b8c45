//! What a file may not do: load code, lead to other files, or ask for more memory than its size warrants.

use super::{heap, superblock, unfolding};
use crate::error::{Error, ErrorCode, Result};
use crate::formats::Input;
use ::hdf5::dataset::Layout;
use ::hdf5::file::FileCloseDegree;
use ::hdf5::filters::Filter;
use ::hdf5::{Dataset, File, Group, IndexType, IterationOrder, LinkType, LocationType};
use std::cell::Cell;
use std::sync::Once;

/// No file may unfold into more than this many bytes of samples, marks and texts.
pub(super) const MAX_UNFOLDED: u64 = 8 << 30;

/// The most that gzip after shuffle makes of one byte is about 1030 (the limit of the deflate format); real signals stay far below.
pub(super) const MAX_RATIO: u64 = 1000;

/// Small files may unfold into this much whatever their size.
pub(super) const FREE_BYTES: u64 = 1 << 20;

/// The library can load filters and drivers from shared objects in a folder that is fixed when it is built or named in the environment.
/// A file must never be the reason to run code, so this is switched off for the whole program, once.
mod plugins {
    use std::os::raw::{c_int, c_uint};

    // The bindings have no safe wrapper, and the environment variable that does the same can only be set by `unsafe` too.
    #[allow(unsafe_code)]
    unsafe extern "C" {
        fn H5PLset_loading_state(mask: c_uint) -> c_int;
    }

    #[allow(unsafe_code)]
    pub(super) fn disable() -> bool {
        // SAFETY: the function takes a number and keeps no pointer; `sync` has initialized the library and holds its lock.
        ::hdf5::sync::sync(|| unsafe { H5PLset_loading_state(0) }) >= 0
    }
}

/// Makes the library safe to use: no plug-ins, no text on the terminal (the bindings silence each thread that uses them).
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A failure would leave the default, under which an unknown filter is refused by `check_dataset` all the same.
        let _ = plugins::disable();
    });
}

/// What the library says, as one of our errors.
pub(in crate::formats) fn library(cause: ::hdf5::Error, place: impl Into<String>) -> Error {
    let text = cause.to_string();
    let code = if text.contains("truncated") || text.contains("eof") {
        ErrorCode::Truncated
    } else {
        ErrorCode::BadHeader
    };
    Error::new(code, format!("the HDF5 library says: {text}"))
        .at(place)
        .advice("the file is damaged or incomplete; copy it again from where it was recorded")
}

/// A file that is open for reading, and how much it may still unfold into.
pub(in crate::formats) struct Opened<'a> {
    pub(in crate::formats) file: File,
    content: &'a [u8],
    left: Cell<u64>,
    texts_checked: Cell<bool>,
    leads_out: Cell<Option<bool>>,
}

/// What stands at a path.
pub(in crate::formats) enum Node {
    Group(Group),
    Dataset(Dataset),
}

impl<'a> Opened<'a> {
    pub(in crate::formats) fn open(input: &'a Input) -> Result<Self> {
        prepare();
        let bytes = std::fs::metadata(input.path())
            .map_err(|cause| Error::io(input.path(), cause))?
            .len();
        let content = input.bytes()?;
        if bytes != content.len() as u64 {
            return Err(Error::new(
                ErrorCode::Io,
                format!(
                    "the file has {bytes} bytes, but had {} a moment ago",
                    content.len()
                ),
            )
            .advice("wait until the program that writes it is done"));
        }
        if superblock::names_a_driver(content) {
            return Err(Error::new(
                ErrorCode::Unsupported,
                "the superblock names the driver of a file that is spread over several",
            )
            .at("superblock")
            .advice("put it into one file, for example with `h5repack`; or it is damaged: copy it again from where it was recorded"));
        }
        if input.path().to_str().is_none() {
            return Err(Error::new(
                ErrorCode::Unsupported,
                "its name, or that of a folder above it, is no text in UTF-8, and the HDF5 library opens no such file",
            )
            .advice("rename it"));
        }
        let file = File::with_options()
            .with_fapl(|access| {
                access
                    .fclose_degree(FileCloseDegree::Strong)
                    .file_locking(false)
            })
            .open(input.path())
            .map_err(|cause| library(cause, format!("superblock, file of {bytes} bytes")))?;
        // Before any object is opened: a virtual dataset reads such a heap when it is opened.
        let sizes = file
            .create_plist()
            .and_then(|list| list.get_sizes())
            .map_err(|cause| library(cause, "superblock"))?;
        if let Some(at) = heap::endless(content, sizes.sizeof_size as usize) {
            return Err(Error::new(
                ErrorCode::BadHeader,
                "the objects of this heap (GCOL) do not lie one after the other; it is damaged",
            )
            .at(format!("heap at byte {at}"))
            .advice("copy the file again from where it was recorded"));
        }
        if let Some(at) = heap::filtered(content) {
            return Err(Error::new(
                ErrorCode::Unsupported,
                "the links or attributes of this heap (FRHP) are compressed; only samples may be",
            )
            .at(format!("heap at byte {at}"))
            .advice("write it again, for example with `h5repack`"));
        }
        let allowed = bytes.saturating_mul(MAX_RATIO).saturating_add(FREE_BYTES);
        Ok(Self {
            file,
            content,
            left: Cell::new(allowed.min(MAX_UNFOLDED)),
            texts_checked: Cell::new(false),
            leads_out: Cell::new(None),
        })
    }

    /// The length of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.content.len() as u64
    }

    /// The bytes of the file.
    pub(super) fn content(&self) -> &[u8] {
        self.content
    }

    /// The bytes of a record that stands for a text of variable length.
    pub(super) fn record_size(&self) -> Result<usize> {
        let sizes = self
            .file
            .create_plist()
            .and_then(|list| list.get_sizes())
            .map_err(|cause| library(cause, "superblock"))?;
        // The length (4 bytes), the address of the collection, the number of the object in it (4 bytes).
        Ok((sizes.sizeof_addr as usize).saturating_add(8))
    }

    /// Must be called before a text of variable length is read.
    pub(super) fn check_texts(&self, place: &str) -> Result<()> {
        if self.texts_checked.get() {
            return Ok(());
        }
        if let Some(at) = heap::overlong_attribute(self.content, super::layout::TEXT_ATTRIBUTES) {
            return Err(Error::new(
                ErrorCode::BadHeader,
                format!("the text of the attribute at byte {at} claims to be longer than the file"),
            )
            .at(place)
            .advice("copy the file again from where it was recorded"));
        }
        self.texts_checked.set(true);
        Ok(())
    }

    /// Must be called before a dataset of texts of variable length is read.
    pub(super) fn check_records(&self, dataset: &Dataset, count: usize, place: &str) -> Result<()> {
        let Some(offset) = dataset
            .offset()
            .and_then(|offset| usize::try_from(offset).ok())
        else {
            return self.check_chunked_records(dataset, place);
        };
        match heap::overlong_record(self.content, offset, count, self.record_size()?) {
            None => Ok(()),
            Some(index) => Err(Error::new(
                ErrorCode::BadHeader,
                format!("text {index} claims to be longer than the file"),
            )
            .at(place)
            .advice("copy the file again from where it was recorded")),
        }
    }

    /// Takes `count` values of `size` bytes from what the file may unfold into, before they are allocated.
    pub(in crate::formats) fn charge(&self, count: usize, size: usize, place: &str) -> Result<()> {
        let wanted = (count as u64).checked_mul(size as u64);
        let left = self.left.get();
        match wanted.and_then(|wanted| left.checked_sub(wanted)) {
            Some(rest) => {
                self.left.set(rest);
                Ok(())
            }
            None => Err(Error::new(
                ErrorCode::TooLarge,
                format!(
                    "{count} values of {size} bytes; a file of {} bytes may unfold into {left} more bytes",
                    self.content.len() as u64
                ),
            )
            .at(place)
            .advice("such a ratio of compression is no signal; the file is damaged, or empty space was reserved in it")),
        }
    }

    /// Gives back what was charged and is no longer held.
    pub(in crate::formats) fn refund(&self, count: usize, size: usize) {
        let bytes = (count as u64).saturating_mul(size as u64);
        self.left.set(self.left.get().saturating_add(bytes));
    }

    /// Opens what stands at `path`, step by step, so that no link leads out of the file.
    pub(in crate::formats) fn node(&self, path: &str) -> Result<Option<Node>> {
        let steps: Vec<&str> = path
            .split('/')
            .filter(|step| !step.is_empty() && *step != ".")
            .collect();
        let mut group = self
            .file
            .group("/")
            .map_err(|cause| library(cause, "group \"/\""))?;
        let mut walked = String::new();
        for (index, step) in steps.iter().enumerate() {
            let Some(kind) = link(&group, step, &walked)? else {
                return Ok(None);
            };
            walked.push('/');
            walked.push_str(step);
            match self.child(&group, step, kind, &walked)? {
                Some(Node::Group(inner)) => group = inner,
                Some(dataset) if index + 1 == steps.len() => return Ok(Some(dataset)),
                _ => return Ok(None),
            }
        }
        Ok(Some(Node::Group(group)))
    }

    /// Opens the member `name` of a group, to which a link of that kind leads; `path` is its path, for messages. `None` for a named type and for a soft
    /// link to nowhere.
    pub(in crate::formats) fn child(
        &self,
        group: &Group,
        name: &str,
        kind: LinkType,
        path: &str,
    ) -> Result<Option<Node>> {
        self.refuse_foreign(kind, path)?;
        let place = format!("object \"{path}\"");
        let failed = |cause| library(cause, &place);
        let what = match group.loc_type_by_name(name) {
            Ok(what) => what,
            // A soft link to nowhere, or one that leads to itself.
            Err(_) if kind == LinkType::Soft => return Ok(None),
            Err(cause) => return Err(failed(cause)),
        };
        match what {
            LocationType::Group => Ok(Some(Node::Group(group.group(name).map_err(failed)?))),
            LocationType::Dataset => {
                let dataset = group.dataset(name).map_err(failed)?;
                self.check(&dataset, &place)?;
                Ok(Some(Node::Dataset(dataset)))
            }
            _ => Ok(None),
        }
    }

    /// Refuses what would make the library read other files, run unknown code or allocate without bound.
    pub(in crate::formats) fn check(&self, dataset: &Dataset, place: &str) -> Result<()> {
        let allowed = self.bytes().saturating_mul(MAX_RATIO);
        check_dataset(dataset, allowed.clamp(FREE_CHUNK, MAX_CHUNK), place)
    }

    fn refuse_foreign(&self, kind: LinkType, path: &str) -> Result<()> {
        let refused = |why: &str| {
            Err(Error::new(ErrorCode::Unsupported, why)
                .at(format!("link \"{path}\""))
                .advice("copy the data into one file, for example with `h5repack` or h5py"))
        };
        match kind {
            LinkType::Hard => Ok(()),
            LinkType::External => {
                refused("the link leads to another file; such links are not followed")
            }
            // A soft link names a path, and a step of that path may be an external link.
            LinkType::Soft if !self.leads_out()? => Ok(()),
            LinkType::Soft => refused(
                "soft links are not followed in a file that also has links to other files, or too many objects to know",
            ),
        }
    }

    /// Whether the file has links to other files, or more objects than were looked at.
    fn leads_out(&self) -> Result<bool> {
        if let Some(known) = self.leads_out.get() {
            return Ok(known);
        }
        let catalog = self.catalog()?;
        let leads_out = catalog.cut || !catalog.external.is_empty();
        self.leads_out.set(Some(leads_out));
        Ok(leads_out)
    }
}

fn link(group: &Group, name: &str, path: &str) -> Result<Option<LinkType>> {
    group
        .find_link(
            IndexType::Name,
            IterationOrder::Increasing,
            |found, info| Ok((found == name).then_some(info.link_type)),
        )
        .map_err(|cause| library(cause, format!("group \"{path}/\"")))
}

/// Refuses what would make the library read other files, run unknown code or allocate without bound. Called before anything is read.
fn check_dataset(dataset: &Dataset, longest_chunk: u64, place: &str) -> Result<()> {
    let failed = |cause| library(cause, place);
    let unsupported = |message: String, advice: &str| {
        Err(Error::new(ErrorCode::Unsupported, message)
            .at(place)
            .advice(advice))
    };
    let list = dataset.create_plist().map_err(failed)?;
    let layout = list.get_layout().map_err(failed)?;
    if layout == Layout::Virtual {
        return unsupported(
            "the dataset is virtual: its samples lie in other files, which are not opened"
                .to_owned(),
            "copy the data into one file, for example with `h5repack`",
        );
    }
    if !list.get_external().map_err(failed)?.is_empty() {
        return unsupported(
            "the samples lie in another file (external storage), which is not opened".to_owned(),
            "copy the data into one file, for example with `h5repack`",
        );
    }
    let filters = list.get_filters().map_err(failed)?;
    for filter in &filters {
        let known = matches!(
            filter,
            Filter::Deflate(_)
                | Filter::Shuffle
                | Filter::Fletcher32
                | Filter::NBit
                | Filter::ScaleOffset(_)
        );
        if !known {
            return unsupported(
                format!(
                    "filter {} is not read; gzip, shuffle, fletcher32, n-bit and scale-offset are",
                    filter.id()
                ),
                "write it again with gzip, for example with `h5repack -f GZIP=4`",
            );
        }
    }
    let size = dataset.dtype().map_err(failed)?.size();
    if let Some(chunk) = list.get_chunk().map_err(failed)? {
        let bytes = chunk
            .iter()
            .try_fold(size.max(1), |product, &side| product.checked_mul(side))
            .unwrap_or(usize::MAX);
        if bytes as u64 > longest_chunk {
            return Err(Error::new(
                ErrorCode::TooLarge,
                format!("chunks of {bytes} bytes; of a file of this size at most {longest_chunk} are read"),
            )
            .at(place)
            .advice("write it again with smaller chunks, for example with `h5repack`"));
        }
        let elements = chunk.iter().product();
        unfolding::check_filters(&list, &filters, elements, size, place)?;
    }
    Ok(())
}

/// The library holds one whole chunk in memory, however little of it is used. Heuristic: signals are stored in chunks of some MB at most.
const MAX_CHUNK: u64 = 256 << 20;

/// In small files a chunk may still have this many bytes; mostly empty ones are common at the end of a recording. Heuristic.
const FREE_CHUNK: u64 = 16 << 20;
