//! What one file looked like.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What one file looked like. Two looks are the same if size and time of modification are; see [`super::marks`] for what tells more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Its length.
    pub bytes: u64,
    /// When it was last modified; `None` where the system does not tell.
    pub modified: Option<Timestamp>,
    /// Which file it was. It does not stand in the manifest: the same file on another disk is another one.
    #[serde(skip)]
    pub(super) identity: Option<Identity>,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        (self.bytes, self.modified) == (other.bytes, other.modified)
    }
}

impl Eq for Seen {}

/// Which file of its disk it is, and when anything about it last changed: no program sets that time, as it may set the time of modification.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub inode: u64,
    /// Seconds and nanoseconds.
    pub changed: (i64, i64),
}

impl Seen {
    /// What the file looks like now; `None` if there is none.
    pub fn now(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        let modified = metadata.modified().ok();
        Some(Self {
            bytes: metadata.len(),
            modified: modified.and_then(|time| Timestamp::try_from(time).ok()),
            identity: identity(&metadata),
        })
    }

    /// Whether another look would tell a later change, and if not, how long that takes.
    pub(super) fn settles_in(&self) -> Duration {
        /// Steps of the clocks that disks are stamped with: of a kernel that counts a hundred times a second, and of FAT, whose times are whole
        /// even seconds.
        const FINE: Duration = Duration::from_millis(20);
        const COARSE: Duration = Duration::from_secs(2);
        let Some(modified) = self.modified else {
            return Duration::ZERO;
        };
        let step = if modified.subsec_nanosecond() == 0 {
            COARSE
        } else {
            FINE
        };
        match SystemTime::now().duration_since(modified.into()) {
            Ok(age) => step.saturating_sub(age),
            // A time in the future cannot be waited for.
            Err(_) => Duration::ZERO,
        }
    }
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some(Identity {
        inode: metadata.ino(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Other systems tell neither without the file being opened.
#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<Identity> {
    None
}
