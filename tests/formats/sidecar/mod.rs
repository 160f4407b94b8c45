//! What stands beside a recording: statements about the protocol take the same path as what files hold themselves.

mod contradictions;
mod identity;
mod protocol;
mod starting;

use endplate::error::ErrorCode;
use endplate::recording::Recording;
use endplate::sidecar::{self, Reading};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A folder with a copy of a fixture and a file of statements beside it.
struct Place {
    folder: tempfile::TempDir,
    recording: PathBuf,
}

impl Place {
    fn with_copy(of: &str, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recording = folder.path().join(name);
        std::fs::copy(fixture(of), &recording).unwrap();
        Self { folder, recording }
    }

    fn state(&self, toml: &str) -> &Self {
        let mut name = self.recording.clone().into_os_string();
        name.push(sidecar::ENDING);
        std::fs::write(name, toml).unwrap();
        self
    }

    fn open(&self) -> endplate::Result<Recording> {
        sidecar::open(&self.recording, &Reading::default())
    }

    fn refused(&self, toml: &str) -> (ErrorCode, String) {
        let error = self.state(toml).open().map(|_| ()).unwrap_err();
        (error.code(), error.to_string())
    }
}
