//! Results beside recordings, and a results folder that cannot be written.

use std::path::Path;
use std::process::Command;

fn endplate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_endplate"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The names in `files.csv`.
fn files(results: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(results.join("files.csv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect()
}

fn analyze_into_itself(folder: &Path) {
    let run = endplate()
        .args(["analyze", "--to", "json", "-o"])
        .args([folder, folder])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
}

#[test]
fn a_run_into_the_folder_of_the_recordings_reads_the_same_files_each_time() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["day 1/a.edf", "b.edf"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let recording = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/recordings/simulated/normal-rest.edf"
        );
        std::fs::copy(recording, path).unwrap();
    }
    for _ in 0..2 {
        analyze_into_itself(folder.path());
        assert_eq!(files(folder.path()), ["b.edf", "day 1/a.edf"]);
    }
}

#[test]
fn a_recording_that_a_table_would_replace_ends_the_command_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trains.csv"), "mine").unwrap();
    let run = endplate()
        .args(["analyze", "-o"])
        .args([folder.path(), folder.path()])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("trains.csv"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

/// A limit on the size of files stands for a full disk.
#[cfg(unix)]
#[test]
fn a_run_whose_tables_cannot_be_written_stops_and_tells_what_failed_before() {
    const FILES: usize = 4000;
    let folder = tempfile::tempdir().unwrap();
    for index in 0..FILES {
        std::fs::write(folder.path().join(format!("x{index:04}.edf")), "").unwrap();
    }
    let results = tempfile::tempdir().unwrap();
    // A write beyond the limit (in blocks of 512 or 1024 bytes) fails where its signal is ignored.
    let run = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_endplate"))
        .args(["analyze", "--threads", "2", "-o"])
        .args([results.path(), folder.path()])
        .output()
        .unwrap();
    let told = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{told}");
    assert!(told.contains("x0000.edf"), "{told}");
    let more = told
        .lines()
        .find_map(|line| line.strip_prefix("endplate: … and ")?.strip_suffix(" more"))
        .unwrap_or_else(|| panic!("{told}"));
    let more: usize = more.parse().unwrap();
    assert!(more < FILES / 2, "{more} files were told as failed");
}
