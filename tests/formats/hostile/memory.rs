//! How much memory a file may cost. Each is opened and analyzed by a process of its own, which tells the most that it ever held (`VmHWM`).

use endplate::error::ErrorCode;
use endplate::formats::Mapping;
use endplate::sidecar::{self, Reading};
use endplate::study::{self, Settings};
use std::path::Path;
use std::process::Command;

/// Names the file that this process is to open, if it was started for that.
const FILE: &str = "ENDPLATE_TEST_HOSTILE_FILE";
const MAPPING: &str = "ENDPLATE_TEST_HOSTILE_MAPPING";

/// What became of a file, and what it cost.
pub struct Cost {
    /// "opened", "analysis too_large", or the code of the error.
    pub outcome: String,
    pub peak_bytes: u64,
}

/// What a refused file may cost: docs/fuzzing.md states it.
const REFUSED_TIMES_LENGTH: u64 = 4;
pub const REFUSED_BYTES: u64 = 96 << 20;

impl Cost {
    /// Opens and analyzes a file in a process of its own.
    pub fn of(path: &Path, mapping: &str) -> Self {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "hostile::memory::a_process_for_one_file",
                "--nocapture",
            ])
            .env(FILE, path)
            .env(MAPPING, mapping)
            .env("RAYON_NUM_THREADS", "2")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}: {told}", path.display());
        let line = told
            .lines()
            .find_map(|line| line.split_once("hostile file: ").map(|(_, rest)| rest))
            .unwrap_or_else(|| panic!("{told}"));
        let (outcome, kib) = line.rsplit_once(' ').unwrap();
        Self {
            outcome: outcome.to_owned(),
            peak_bytes: kib.parse::<u64>().unwrap() << 10,
        }
    }

    /// Asserts that the file was refused with that code and cost no more than a refusal may.
    pub fn is_refusal(&self, path: &Path, code: &str) {
        let length = path.metadata().unwrap().len();
        assert_eq!(self.outcome, code, "{}", path.display());
        let bound = length * REFUSED_TIMES_LENGTH + REFUSED_BYTES;
        assert!(
            self.peak_bytes < bound,
            "{}: {} MiB held, {} MiB allowed",
            path.display(),
            self.peak_bytes >> 20,
            bound >> 20
        );
    }
}

/// No test of its own: what [`Cost::of`] starts.
#[test]
fn a_process_for_one_file() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    let mapping = Mapping::from_toml(&std::env::var(MAPPING).unwrap()).unwrap();
    let reading = Reading {
        mapping,
        identified: false,
    };
    let outcome = match sidecar::open(Path::new(&path), &reading) {
        Ok(recording) => match study::analyze(&recording, &Settings::default()) {
            Err(error) if error.code() == ErrorCode::TooLarge => {
                format!("analysis {}", error.code().as_str())
            }
            _ => "opened".to_owned(),
        },
        Err(error) => {
            assert!(error.message().len() > 10);
            error.code().as_str().to_owned()
        }
    };
    // The runner has printed the name of the test and no end of line yet.
    println!("\nhostile file: {outcome} {}", peak_kib());
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|value| value.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0)
}
