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

#[test]
fn results_of_another_run_among_the_recordings_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let recording = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/recordings/simulated/normal-rest.edf"
    );
    let day = folder.path().join("day");
    std::fs::create_dir(&day).unwrap();
    std::fs::copy(recording, day.join("a.edf")).unwrap();
    analyze_into_itself(&day);
    let results = folder.path().join("results");
    let run = || {
        endplate()
            .args(["analyze", "--to", "json", "--log", "-", "-o"])
            .args([&results, folder.path()])
            .output()
            .unwrap()
    };
    let first = run();
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(files(&results), ["day/a.edf"]);
    let said = text(&first.stdout);
    let line = format!("left out: the results of another run in {}", day.display());
    assert!(said.lines().any(|said| said == line), "{said}");
    let log = text(&first.stderr);
    assert!(log.contains("\"event\":\"results_left_out\""), "{log}");
    // Where nothing else is, it is the reason.
    std::fs::remove_file(day.join("a.edf")).unwrap();
    let second = run();
    assert_eq!(second.status.code(), Some(2));
    let told = text(&second.stderr);
    assert!(told.contains("holds results of another run"), "{told}");
}

#[test]
fn a_log_may_stand_in_the_results_folder_before_that_is_there_but_not_just_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("a.edf");
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/recordings/simulated/normal-rest.edf"
    );
    std::fs::copy(fixture, &recording).unwrap();
    for command in ["analyze", "report"] {
        let results = folder.path().join(command).join("results");
        let run = |log: &Path| {
            let to = if command == "report" { "html" } else { "json" };
            endplate()
                .args([command, "--to", to, "-o"])
                .args([&results, &recording])
                .arg("--log")
                .arg(log)
                .output()
                .unwrap()
        };
        let output = run(&folder.path().join("slip/run.log"));
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        assert!(told.contains("for the log does not exist"), "{told}");
        assert!(!results.exists() && !folder.path().join("slip").exists());
        let output = run(&results.join("logs/run.log"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let log = std::fs::read_to_string(results.join("logs/run.log")).unwrap();
        assert!(log.contains("run_ended"), "{log}");
    }
}

/// A pipe that nobody writes into would be waited for, and a device of zeros read until the memory is full.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once_and_the_others_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pipe = at("pipe.edf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let recording = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/recordings/simulated/normal-rest.edf"
    );
    let run = endplate()
        .args(["analyze", "--to", "json", "-o"])
        .arg(at("results"))
        .args([
            &pipe,
            &at("socket"),
            Path::new("/dev/zero"),
            Path::new(recording),
        ])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    let told = text(&run.stderr);
    for what in [
        "pipe.edf: it is a pipe, not a file",
        "socket: it is a socket, not a file",
        "/dev/zero: it is a device, not a file",
        "write the recording to a file first",
    ] {
        assert!(told.contains(what), "{what}: {told}");
    }
    let table = std::fs::read_to_string(at("results/files.csv")).unwrap();
    assert!(
        table.contains("normal-rest.edf,") && table.contains(",ok,"),
        "{table}"
    );
    // Of a process that writes, as shells name it.
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat \"$1\" | \"$2\" inspect /dev/stdin", "sh"]);
    let run = shell
        .args([recording, env!("CARGO_BIN_EXE_endplate")])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(
        text(&run.stdout).contains("it is a pipe"),
        "{}",
        text(&run.stdout)
    );
}

/// Elsewhere nobody can take it away.
#[cfg(unix)]
#[test]
fn a_results_folder_that_is_taken_away_ends_the_run_and_is_not_made_anew() {
    use endplate::batch::{self, Force, Options};
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.edf", "b.edf", "c.edf"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let results = folder.path().join("results");
    let options = Options {
        results: results.clone(),
        reading: endplate::sidecar::Reading::default(),
        settings: endplate::study::Settings::default(),
        outputs: Vec::new(),
        template: endplate::clinical_report::Template::standard(),
        attachment: endplate::exchange::Attachment::default(),
        force: Force::None,
        stop: std::sync::Arc::default(),
        share: None,
    };
    let walk = batch::walk(&[folder.path().to_path_buf()], &results).unwrap();
    // One thread, so that the second file is not begun before the first is told.
    let pool = rayon::ThreadPoolBuilder::new();
    let pool = pool.num_threads(1).build().unwrap();
    let mut told = 0;
    let run = pool.install(|| {
        batch::run(&walk.jobs, &options, |_, _, _| {
            told += 1;
            std::fs::remove_dir_all(&results).unwrap();
        })
    });
    let error = run.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("results folder was taken away"), "{error}");
    assert_eq!(told, 1);
    assert!(!results.exists());
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
