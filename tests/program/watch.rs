//! A folder that is watched: what arrives is analyzed when it stands still, and the end is that of `analyze` over the folder.

mod results;

use super::resume::{content, endplate, recordings, same};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A file stands still after this time; on a busy machine the pieces of one that grows come late.
const SETTLE: &str = "1";
/// Longer waits are a failure.
pub const PATIENCE: Duration = Duration::from_secs(120);

struct Folders {
    source: tempfile::TempDir,
    input: tempfile::TempDir,
    results: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        Self {
            source: recordings(3),
            input: tempfile::tempdir().unwrap(),
            results: tempfile::tempdir().unwrap(),
        }
    }

    fn input(&self, name: &str) -> PathBuf {
        self.input.path().join(name)
    }

    fn recording(&self, number: usize) -> Vec<u8> {
        std::fs::read(self.source.path().join(format!("mg-0000{number}.h5"))).unwrap()
    }

    /// Among the recordings, where it must not be taken for one.
    fn log(&self) -> PathBuf {
        self.input("watch.log")
    }

    fn watch(&self) -> Command {
        let mut command = endplate();
        command.arg("watch").arg(self.input.path());
        command.arg("-o").arg(self.results.path());
        command.arg("--log").arg(self.log());
        command.args(["--to", "json,svg", "--threads", "2"]);
        command.args(["--every", "0.1", "--settle", SETTLE]);
        command
    }

    /// The lines of the log about an event; one that is being written counts when it is whole.
    fn lines(&self, event: &str) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|line| line["event"] == event)
            .collect()
    }

    /// How often a file had an event.
    fn count(&self, event: &str, file: &str) -> usize {
        let lines = self.lines(event);
        lines.iter().filter(|line| line["file"] == file).count()
    }

    fn wait_for(&self, count: usize, event: &str, file: &str) {
        let begun = Instant::now();
        while self.count(event, file) < count {
            assert!(
                begun.elapsed() < PATIENCE,
                "{event} of {file}: {}",
                std::fs::read_to_string(self.log()).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for_rounds(&self, count: usize) {
        let begun = Instant::now();
        while self.lines("round_ended").len() < count {
            assert!(begun.elapsed() < PATIENCE, "round {count}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What `analyze` makes of the folder as it is now, compared with what watching made of it.
    fn same_as_analyze(&self) {
        // The log stands in the folder, and is no part of it for those who do not write it.
        // It is moved, because whoever watches goes on writing into it.
        let away = self.source.path().join("away");
        std::fs::rename(self.log(), &away).unwrap();
        let other = tempfile::tempdir().unwrap();
        let mut command = endplate();
        command.arg("analyze").arg(self.input.path());
        command.arg("-o").arg(other.path());
        let status = command.args(["--to", "json,svg"]).status().unwrap();
        assert!(status.code() < Some(2));
        same(other.path(), self.results.path());
        std::fs::rename(&away, self.log()).unwrap();
    }
}

/// Ended with the test, however that ends.
pub struct Running(pub Child);

impl Running {
    pub fn of(command: &mut Command) -> Self {
        Self(
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// Ctrl-C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", "kill -INT \"$1\"", "sh", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub fn output(mut self) -> Output {
        use std::io::Read;
        let mut output = Output {
            status: self.0.wait().unwrap(),
            stdout: Vec::new(),
            stderr: Vec::new(),
        };
        let (out, err) = (self.0.stdout.take(), self.0.stderr.take());
        out.unwrap().read_to_end(&mut output.stdout).unwrap();
        err.unwrap().read_to_end(&mut output.stderr).unwrap();
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn append(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn what_arrives_is_analyzed_when_it_is_whole_and_the_end_is_that_of_analyze() {
    const PIECES: usize = 8;
    let folders = Folders::new();
    let watch = Running::of(&mut folders.watch());
    // One that comes slowly, in pieces that are recordings that were cut off.
    let whole = folders.recording(1);
    for piece in whole.chunks(whole.len().div_ceil(PIECES)) {
        append(&folders.input("a.h5"), piece);
        std::thread::sleep(Duration::from_millis(150));
    }
    folders.wait_for(1, "file_analyzed", "a.h5");
    assert_eq!(folders.count("file_failed", "a.h5"), 0, "it was growing");
    // Another one, and one that is broken.
    std::fs::write(folders.input("b.h5"), folders.recording(2)).unwrap();
    std::fs::write(folders.input("broken.h5"), &whole[..whole.len() / 2]).unwrap();
    folders.wait_for(1, "file_analyzed", "b.h5");
    folders.wait_for(1, "file_failed", "broken.h5");
    // A statement about the first.
    let statement = "[subject]\nage_years = 50\n";
    std::fs::write(folders.input("a.h5.endplate.toml"), statement).unwrap();
    folders.wait_for(2, "file_analyzed", "a.h5");
    assert_eq!(folders.count("file_failed", "broken.h5"), 1, "told once");
    append(&folders.input("broken.h5"), &[0; 10]);
    folders.wait_for(2, "file_failed", "broken.h5");
    let rounds = folders.lines("round_started").len();
    folders.wait_for_rounds(rounds);
    std::thread::sleep(Duration::from_millis(1500));
    let again = folders.lines("round_started").len();
    assert_eq!(again, rounds, "nothing changed");
    // One for each that came, one for each that changed, and one that took each of these out of the tables before.
    assert!(rounds <= 7, "{rounds} rounds");
    assert_eq!(folders.count("file_analyzed", "b.h5"), 1);
    folders.same_as_analyze();
    // Killed in the middle, and begun again.
    std::fs::write(folders.input("c.h5"), folders.recording(3)).unwrap();
    let begun = Instant::now();
    while folders.lines("round_started").len() == rounds && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
    watch.kill();
    let again = Running::of(folders.watch().args(["--until-idle", "0.5"])).output();
    assert_eq!(again.status.code(), Some(1), "one is broken");
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.contains("1 failed; see "), "{said}");
    folders.same_as_analyze();
    // Its results stay, but no table names one that is gone.
    std::fs::remove_file(folders.input("b.h5")).unwrap();
    let again = Running::of(folders.watch().args(["--until-idle", "0.5"])).output();
    assert_eq!(again.status.code(), Some(1));
    let all = content(folders.results.path());
    assert!(all.contains_key(Path::new("studies/b.h5/study.json")));
    let files = std::fs::read_to_string(folders.results.path().join("files.csv")).unwrap();
    assert!(files.contains("a.h5") && !files.contains("b.h5"), "{files}");
}

#[cfg(unix)]
#[test]
fn a_second_watch_or_run_waits_outside_and_ctrl_c_ends_the_first_in_order() {
    let folders = Folders::new();
    std::fs::write(folders.input("a.h5"), folders.recording(1)).unwrap();
    let watch = Running::of(&mut folders.watch());
    folders.wait_for_rounds(1);
    let mut analyze = endplate();
    analyze.arg("analyze").arg(folders.input.path());
    analyze.arg("-o").arg(folders.results.path());
    for mut command in [folders.watch(), analyze] {
        let output = command.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("another run of endplate"), "{told}");
    }
    // A file that is still growing is left alone.
    std::fs::write(folders.input("b.h5"), &folders.recording(2)[..1000]).unwrap();
    watch.interrupt();
    let output = watch.output();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told, "");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("1 file analyzed (1 with findings); see "),
        "{said}"
    );
    let last = folders.lines("run_ended");
    assert_eq!(last[0]["outcome"], "stopped");
    std::fs::remove_file(folders.input("b.h5")).unwrap();
    folders.same_as_analyze();
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_by_ctrl_c_keeps_what_it_did_and_the_next_goes_on() {
    const FILES: usize = 8;
    let input = recordings(FILES);
    let [results, undisturbed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let log = results.path().join("run.log");
    let analyze = |results: &Path| {
        let mut command = endplate();
        command.arg("analyze").arg(input.path());
        command.arg("-o").arg(results);
        command.args(["--to", "json,svg", "--threads", "1"]);
        command
    };
    let stopped = Running::of(analyze(results.path()).arg("--log").arg(&log));
    let begun = Instant::now();
    let lines = || std::fs::read_to_string(&log).unwrap_or_default();
    while !lines().contains("file_analyzed") && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    stopped.interrupt();
    let output = stopped.output();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains(" not reached "), "{said}");
    // What it did stands in the tables.
    let files = std::fs::read_to_string(results.path().join("files.csv")).unwrap();
    let rows = files.lines().count() - 1;
    assert!((1..FILES).contains(&rows), "{files}");
    let last = lines().lines().last().unwrap().to_owned();
    let last: serde_json::Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["outcome"], "stopped");
    assert_eq!(last["analyzed"], rows);
    assert_eq!(last["not_reached"], FILES - rows);
    std::fs::remove_file(&log).unwrap();
    let next = Running::of(&mut analyze(results.path())).output();
    let said = String::from_utf8(next.stdout).unwrap();
    assert!(said.contains(&format!(", {rows} unchanged")), "{said}");
    analyze(undisturbed.path()).status().unwrap();
    same(undisturbed.path(), results.path());
}

#[test]
fn only_a_folder_is_watched_and_not_for_one_person() {
    let folders = Folders::new();
    let recording = folders.source.path().join("mg-00001.h5");
    let mut file = endplate();
    file.arg("watch").arg(&recording);
    let mut person = folders.watch();
    person.args(["--to", "fhir", "--patient-id", "7"]);
    let mut time = folders.watch();
    time.args(["--until-idle", "soon"]);
    for (mut command, reason) in [
        (file, "it is no folder"),
        (person, "one patient or study is named"),
        (time, "a number of seconds"),
    ] {
        let output = command
            .current_dir(folders.source.path())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(reason), "{told}");
    }
    assert!(!folders.source.path().join("results").exists());
}
