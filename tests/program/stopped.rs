//! Ctrl-C ends merges and reports in order, as it does runs.

use super::resume::{endplate, recordings};
use super::watch::{PATIENCE, Running};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Runs a command that waits for its log from the first line on until it was sent Ctrl-C, so that it is stopped before its first file. Gives
/// what it told and the last line of its log.
#[cfg(target_os = "linux")]
pub fn stopped_before_its_first_file(command: &mut Command) -> (Output, serde_json::Value) {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    let mut pipe = std::fs::File::options()
        .read(true)
        .write(true)
        .open(&log)
        .unwrap();
    // It ends when the pipe takes no more.
    let mut fill = Command::new("dd");
    fill.arg("if=/dev/zero")
        .arg(format!("of={}", log.display()));
    let full = fill.args(["bs=4096", "oflag=nonblock"]).output().unwrap();
    assert!(!full.status.success());
    let running = Running::of(command.arg("--log").arg(&log));
    let begun = Instant::now();
    while !heeds_signals(running.0.id()) {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    running.interrupt();
    let (sent, received) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count) = pipe.read(&mut bytes) {
            if sent.send(bytes[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut text = String::new();
    while !(text.contains("run_ended") && text.ends_with('\n')) {
        let more = received.recv_timeout(PATIENCE).unwrap();
        text.push_str(&String::from_utf8(more).unwrap().replace('\0', ""));
    }
    let last = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    (running.output(), last)
}

/// Whether a process has handlers for the two signals that end it in order.
#[cfg(target_os = "linux")]
fn heeds_signals(process: u32) -> bool {
    const INT_AND_TERM: u64 = 1 << (2 - 1) | 1 << (15 - 1);
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
    caught & INT_AND_TERM == INT_AND_TERM
}

fn report(input: &Path, to: &Path) -> Command {
    let mut command = endplate();
    command.arg("report").arg(input).arg("-o").arg(to);
    command.args(["--to", "html", "--threads", "1"]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn reports_that_are_stopped_before_the_first_one_write_none() {
    let input = recordings(3);
    let to = tempfile::tempdir().unwrap();
    let (output, last) = stopped_before_its_first_file(&mut report(input.path(), to.path()));
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("stopped: 0 of 3 files reached"), "{told}");
    assert_eq!(last["outcome"], "stopped");
    assert_eq!(last["not_reached"], 3);
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn reports_that_are_stopped_are_whole_or_not_there() {
    const FILES: usize = 8;
    let input = recordings(FILES);
    let to = tempfile::tempdir().unwrap();
    let log = input.path().join("run.log");
    let running = Running::of(report(input.path(), to.path()).arg("--log").arg(&log));
    let begun = Instant::now();
    let lines = || std::fs::read_to_string(&log).unwrap_or_default();
    while !lines().contains("file_analyzed") && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    running.interrupt();
    let output = running.output();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    let written = text(&output.stdout).lines().count();
    assert!((1..FILES).contains(&written), "{}", text(&output.stdout));
    let paths = std::fs::read_dir(to.path()).unwrap();
    let paths: Vec<_> = paths.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), written);
    for path in paths {
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.trim_end().ends_with("</html>"), "{}", path.display());
    }
    assert!(report(input.path(), to.path()).status().unwrap().success());
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), FILES);
}
