//! A run that was stopped goes on, and ends with the bytes of one that was not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Recordings of one train, and what tells them apart.
pub fn recordings(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let status = endplate()
        .args(["simulate", "--profile", "mg", "--protocol", "3Hz*5"])
        .args(["--channels", "ADM", "-n", &count.to_string(), "-o"])
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    folder
}

pub fn endplate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_endplate"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn analyze(input: &Path, results: &Path) -> Command {
    let mut command = endplate();
    command.arg("analyze").arg(input).arg("-o").arg(results);
    command.args(["--to", "json,svg", "--threads", "2"]);
    command
}

/// What a run says at its end.
fn said(command: &mut Command) -> String {
    let output = command.stdout(Stdio::piped()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap_or_default().to_owned()
}

/// Every file of a results folder with its bytes; the lock is no result.
pub fn content(results: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(results)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != ".lock")
        .map(|entry| {
            let name = entry.path().strip_prefix(results).unwrap().to_path_buf();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

pub fn same(a: &Path, b: &Path) {
    let (a, b) = (content(a), content(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in a {
        assert!(b[&name] == bytes, "{} differs", name.display());
    }
}

#[test]
fn a_second_run_does_only_what_is_new_or_changed() {
    let input = recordings(4);
    let results = tempfile::tempdir().unwrap();
    let again = || said(&mut analyze(input.path(), results.path()));
    assert!(again().starts_with("4 files analyzed ("));
    let first = content(results.path());
    let text = again();
    assert!(
        text.starts_with("0 files analyzed, 4 unchanged ("),
        "{text}"
    );
    assert!(content(results.path()) == first);
    // A statement about one of them.
    let one = input.path().join("mg-00002.h5.endplate.toml");
    std::fs::write(&one, "[subject]\nage_years = 50\n").unwrap();
    let text = again();
    assert!(text.starts_with("1 file analyzed, 3 unchanged ("), "{text}");
    assert!(content(results.path()) != first);
    std::fs::remove_file(one).unwrap();
    let text = again();
    assert!(text.starts_with("1 file analyzed, 3 unchanged ("), "{text}");
    assert!(content(results.path()) == first);
    // Results that are gone, and a new recording.
    std::fs::remove_file(results.path().join("studies/mg-00001.h5/study.json")).unwrap();
    let copy = input.path().join("mg-00009.h5");
    std::fs::copy(input.path().join("mg-00003.h5"), &copy).unwrap();
    let text = again();
    assert!(
        text.starts_with("2 files analyzed, 3 unchanged ("),
        "{text}"
    );
    std::fs::remove_file(copy).unwrap();
    // Other settings concern all, and so does the wish.
    let settings = input.path().join("settings.toml");
    std::fs::write(&settings, "[cmap]\nlowpass_hz = 2000.0\n").unwrap();
    let mut other = analyze(input.path(), results.path());
    other.arg("--settings").arg(&settings);
    let text = said(&mut other);
    assert!(text.starts_with("4 files analyzed ("), "{text}");
    assert!(again().starts_with("4 files analyzed ("));
    let text = said(analyze(input.path(), results.path()).arg("--force"));
    assert!(text.starts_with("4 files analyzed ("), "{text}");
}

/// What must hold in a results folder at any moment.
fn is_true(results: &Path) {
    let all = content(results);
    let manifest = all.get(Path::new("manifest.jsonl"));
    let mut last: BTreeMap<String, serde_json::Value> = BTreeMap::new();
    for line in manifest
        .into_iter()
        .flat_map(|text| text.split(|b| *b == b'\n'))
    {
        // The line that was being written when the run was killed may be cut off.
        if let Ok(entry) = serde_json::from_slice::<serde_json::Value>(line) {
            last.insert(entry["file"].as_str().unwrap().to_owned(), entry);
        }
    }
    let whole = |name: &str| {
        let folder = Path::new("studies").join(name);
        let Some(kept) = all.get(&folder.join("kept.json")) else {
            return false;
        };
        let kept: serde_json::Value = serde_json::from_slice(kept).expect("a whole file");
        let results = kept["results"].as_array().unwrap();
        let files = all.keys().filter(|path| path.parent() == Some(&folder));
        assert_eq!(results.len() + 1, files.count(), "{name} lists its files");
        results.iter().all(|result| {
            let bytes = &all[&folder.join(result[0].as_str().unwrap())];
            bytes.len() as u64 == result[1].as_u64().unwrap()
        })
    };
    for (name, entry) in &last {
        if entry["outcome"] == "analyzed" {
            assert!(whole(name), "{name} is said to be analyzed");
        }
    }
    for (path, bytes) in &all {
        let unfinished = path.starts_with(".unfinished");
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if unfinished => {}
            Some("json") => drop(serde_json::from_slice::<serde_json::Value>(bytes).unwrap()),
            Some("svg") => assert!(bytes.ends_with(b"</svg>\n") || bytes.ends_with(b"</svg>")),
            Some("csv") => assert!(bytes.ends_with(b"\n")),
            Some("html") => assert!(bytes.trim_ascii_end().ends_with(b"</html>")),
            Some("jsonl") => {}
            _ => panic!("{} stands in the results", path.display()),
        }
    }
}

/// Pseudorandom numbers; which ones does not matter.
fn next(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn killed_at_any_moment_a_run_leaves_the_truth_and_the_next_ends_with_the_same_bytes() {
    const KILLS: usize = 100;
    let input = recordings(6);
    let undisturbed = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    assert!(
        analyze(input.path(), undisturbed.path())
            .status()
            .unwrap()
            .success()
    );
    let whole_run = started.elapsed();
    let results = tempfile::tempdir().unwrap();
    let mut state = 1;
    let mut killed = 0;
    for round in 0..KILLS {
        let mut command = analyze(input.path(), results.path());
        // Otherwise there is soon nothing left to be done.
        if round % 4 != 0 {
            command.arg("--force");
        }
        let mut child = command.spawn().unwrap();
        let most = u64::try_from(whole_run.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(next(&mut state) % most));
        // SIGKILL.
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        is_true(results.path());
    }
    assert!(
        killed > KILLS / 2,
        "{killed} of {KILLS} runs were still running"
    );
    assert!(
        analyze(input.path(), results.path())
            .status()
            .unwrap()
            .success()
    );
    same(undisturbed.path(), results.path());
}

#[test]
fn two_runs_never_write_into_one_folder_at_once() {
    let input = recordings(1);
    let results = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(results.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let output = analyze(input.path(), results.path())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("another run of endplate"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_name_is_no_text_is_not_analyzed_again() {
    use std::os::unix::ffi::OsStrExt as _;
    let input = tempfile::tempdir().unwrap();
    let recording =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings/simulated/mg-exercise.edf");
    let name = |extension: &str| [b"m\xe4\xdf.", extension.as_bytes()].concat();
    let place = |extension| {
        input
            .path()
            .join(std::ffi::OsStr::from_bytes(&name(extension)))
    };
    std::fs::copy(recording, place("edf")).unwrap();
    let results = tempfile::tempdir().unwrap();
    assert!(
        analyze(input.path(), results.path())
            .status()
            .unwrap()
            .success()
    );
    let again = said(&mut analyze(input.path(), results.path()));
    assert!(again.contains("1 unchanged"), "{again}");
    let more = recordings(1);
    // The HDF5 library takes texts only, and that is no damage.
    for entry in std::fs::read_dir(more.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() == "h5" {
            std::fs::copy(path, place("h5")).unwrap();
        }
    }
    let output = analyze(input.path(), results.path())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("rename it"), "{told}");
}

#[cfg(unix)]
#[test]
fn where_files_may_not_grow_the_run_says_so_and_is_not_killed() {
    let input = recordings(2);
    let results = tempfile::tempdir().unwrap();
    let run = analyze(input.path(), results.path());
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f 8; exec \"$@\"", "sh"]);
    shell.arg(run.get_program()).args(run.get_args());
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code().is_some(),
        "{:?}: {said}",
        output.status
    );
    assert!(said.contains("too large"), "{said}");
}
