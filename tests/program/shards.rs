//! A run that several machines do in shares ends, put together, with the bytes of one run.

mod refused;
mod stopped;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SHARES: usize = 3;

#[cfg(feature = "tables")]
const TO: &str = "json,svg,parquet,arrow";
#[cfg(not(feature = "tables"))]
const TO: &str = "json,svg";

fn endplate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_endplate"));
    command.current_dir(folder);
    command
}

/// Runs it and checks how it ended.
fn run(folder: &Path, arguments: &[&str], code: i32) -> Output {
    let output = endplate(folder).args(arguments).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Recordings of one train in a tree, and files among them that fail, that are skipped, and that belong to others.
fn recordings() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("in/day")).unwrap();
    let simulate = "simulate --profile mg --protocol 3Hz*5 --channels ADM -n 9 -o in/day";
    let simulate: Vec<&str> = simulate.split(' ').collect();
    run(folder.path(), &simulate, 0);
    let path = |name: &str| folder.path().join("in").join(name);
    for (number, deep) in ["a/b/c/d/e", "day 2", "p"].iter().enumerate() {
        std::fs::create_dir_all(path(deep)).unwrap();
        let from = path(&format!("day/mg-0000{}.h5", number + 1));
        std::fs::rename(from, path(deep).join("s.h5")).unwrap();
    }
    let whole = std::fs::read(path("day/mg-00009.h5")).unwrap();
    std::fs::write(path("day/mg-00009.h5"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(path("empty.edf"), "").unwrap();
    std::fs::write(path("letter.docx"), "no recording").unwrap();
    std::fs::write(path("=sum.txt"), "no recording").unwrap();
    // What concerns recordings up to three folders below it, whatever is in the same share: a/z.txt is in another one than a/b/c/d/e/s.h5.
    std::fs::write(path("a/z.txt"), "no recording").unwrap();
    std::fs::write(path("dataset_description.json"), "{}").unwrap();
    std::fs::write(path("participants.tsv"), "participant_id\tage\n").unwrap();
    std::fs::write(path("r.hea"), "r 1 1000 1\nr.dat 16 1000/mV\n").unwrap();
    std::fs::write(path("r.dat"), "\x01\0").unwrap();
    // A file and a folder of one name in two inputs.
    std::fs::write(folder.path().join("p"), "no recording, but named").unwrap();
    folder
}

/// The arguments of a run over all of it.
fn arguments<'a>(results: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["analyze", "p", "in", "--to", TO, "--threads", "2"];
    arguments.extend(["-o", results]);
    arguments.extend(more);
    arguments
}

/// Makes the shares, in `out/1`, `out/2` …, and gives what each told.
fn shares(folder: &Path) -> Vec<Output> {
    let share = |number: usize| {
        let results = format!("out/{number}");
        let shard = format!("{number}/{SHARES}");
        endplate(folder)
            .args(arguments(&results, &["--shard", &shard]))
            .output()
            .unwrap()
    };
    (1..=SHARES).map(share).collect()
}

fn merge(results: &str) -> Vec<&str> {
    vec!["merge", "out/3", "out/1", "out/2", "-o", results]
}

/// Every file of a results folder with its bytes.
fn content(results: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(results)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(results).unwrap().to_path_buf();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn same(a: &Path, b: &Path) {
    let (a, b) = (content(a), content(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in a {
        assert!(b[&name] == bytes, "{} differs", name.display());
    }
}

/// The lines that tell of failures, in order of the alphabet.
fn told(outputs: &[Output]) -> Vec<String> {
    let mut lines: Vec<String> = outputs
        .iter()
        .flat_map(|output| {
            text(&output.stderr)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_shares_of_a_run_put_together_are_the_whole_run_byte_for_byte() {
    let folder = recordings();
    let at = |name: &str| folder.path().join(name);
    let whole = run(folder.path(), &arguments("whole", &[]), 1);
    let outputs = shares(folder.path());
    // By its own name `r.dat` would be in the third share, not where `r.hea` is.
    let second = text(&std::fs::read(at("out/2/files.csv")).unwrap());
    assert!(
        second.contains("r.hea") && second.contains("r.dat"),
        "{second}"
    );
    // Each failure once, in whichever share.
    assert_eq!(told(&outputs), told(std::slice::from_ref(&whole)));
    assert!(told(&outputs).len() >= 4, "{:?}", told(&outputs));
    let merged = run(folder.path(), &merge("all"), 1);
    assert_eq!(text(&merged.stderr), text(&whole.stderr));
    same(&at("whole"), &at("all"));
    assert!(text(&std::fs::read(at("all/files.csv")).unwrap()).contains("p-2/s.h5"));
    // A run over everything takes all of it over.
    let again = run(folder.path(), &arguments("all", &[]), 1);
    let said = text(&again.stdout);
    assert!(said.contains("0 files analyzed, 9 unchanged"), "{said}");
    same(&at("whole"), &at("all"));
    // And so does a second merge; what a former one had and no share has any more goes.
    let said = text(&run(folder.path(), &merge("all"), 1).stdout);
    assert!(said.contains("9 of them there already"), "{said}");
    same(&at("whole"), &at("all"));
}

#[test]
fn what_changed_in_one_share_is_all_that_a_merge_takes_anew() {
    let folder = recordings();
    shares(folder.path());
    run(folder.path(), &merge("all"), 1);
    let at = |name: &str| folder.path().join(name);
    let before = content(&at("all"));
    std::fs::write(
        at("in/day/mg-00005.h5.endplate.toml"),
        "[subject]\nage_years = 50\n",
    )
    .unwrap();
    std::fs::write(at("in/day 2/s.h5"), "").unwrap();
    shares(folder.path());
    let said = text(&run(folder.path(), &merge("all"), 1).stdout);
    assert!(
        said.contains("8 studies, 7 of them there already"),
        "{said}"
    );
    run(folder.path(), &arguments("whole", &[]), 1);
    assert!(content(&at("all")) != before);
    same(&at("whole"), &at("all"));
}

#[test]
fn a_share_without_files_succeeds_and_a_run_without_files_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let simulate = "simulate --profile mg --protocol 3Hz*5 --channels ADM -o in/one.h5";
    std::fs::create_dir(folder.path().join("in")).unwrap();
    run(folder.path(), &simulate.split(' ').collect::<Vec<_>>(), 0);
    let analyze = |results: &str, more: &str| {
        let arguments = format!("analyze in --to json -o {results} {more}");
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        run(folder.path(), &arguments, 0)
    };
    analyze("whole", "");
    for number in 1..=SHARES {
        analyze(
            &format!("out/{number}"),
            &format!("--shard {number}/{SHARES}"),
        );
    }
    let empty = (1..=SHARES)
        .filter(|number| {
            let files = folder.path().join(format!("out/{number}/files.csv"));
            text(&std::fs::read(files).unwrap()).lines().count() == 1
        })
        .count();
    assert_eq!(empty, SHARES - 1);
    run(folder.path(), &merge("all"), 0);
    let at = |name: &str| folder.path().join(name);
    same(&at("whole"), &at("all"));
    std::fs::create_dir(at("nothing")).unwrap();
    for number in 1..=SHARES {
        let shard = format!("{number}/{SHARES}");
        run(folder.path(), &["analyze", "nothing", "--shard", &shard], 2);
    }
}

#[test]
fn what_is_no_share_of_a_run_ends_the_command() {
    let folder = tempfile::tempdir().unwrap();
    for (shard, said) in [
        ("0/3", "counted from 1"),
        ("4/3", "counted from 1 to 3"),
        ("a/b", "K/N"),
        ("1/99999999999999999999", "at most"),
    ] {
        let output = run(folder.path(), &["analyze", "in", "--shard", shard], 2);
        assert!(
            text(&output.stderr).contains(said),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_share_that_is_being_made_is_not_merged() {
    let folder = recordings();
    shares(folder.path());
    let lock = std::fs::File::open(folder.path().join("out/2/.lock")).unwrap();
    lock.lock().unwrap();
    let told = text(&run(folder.path(), &merge("all"), 2).stderr);
    assert!(
        told.contains("out/2: a run of endplate writes into this folder"),
        "{told}"
    );
    drop(lock);
    // One that is stopped before its end is not either, until it is run again.
    let mut child = endplate(folder.path())
        .args(arguments("out/2", &["--shard", "2/3", "--force"]))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let record = folder.path().join("out/2/shard.jsonl");
    let is_begun = || text(&std::fs::read(&record).unwrap()).lines().count() == 1;
    while !is_begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    run(folder.path(), &merge("all"), if is_begun() { 2 } else { 1 });
    shares(folder.path());
    run(folder.path(), &merge("all"), 1);
    run(folder.path(), &arguments("whole", &[]), 1);
    same(&folder.path().join("whole"), &folder.path().join("all"));
}

/// What must hold in the results at any moment: a study that the manifest tells of is whole.
fn is_true(results: &Path, whole: &BTreeMap<PathBuf, Vec<u8>>) {
    if !results.exists() {
        return;
    }
    let all = content(results);
    for (name, bytes) in &all {
        if !name.starts_with(".unfinished") && name != Path::new("manifest.jsonl") {
            assert!(whole[name] == *bytes, "{} is not whole", name.display());
        }
    }
    let manifest = all.get(Path::new("manifest.jsonl"));
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    for line in manifest
        .into_iter()
        .flat_map(|text| text.split(|b| *b == b'\n'))
    {
        if let Ok(entry) = serde_json::from_slice::<serde_json::Value>(line) {
            let of = |key: &str| entry[key].as_str().unwrap().to_owned();
            last.insert(of("file"), of("outcome"));
        }
    }
    for (file, outcome) in last {
        let folder = Path::new("studies").join(&file);
        let of_study = || whole.keys().filter(|name| name.starts_with(&folder));
        assert!(
            outcome != "analyzed" || of_study().all(|name| all.contains_key(name)),
            "{file} is said to be there"
        );
    }
}

#[test]
fn killed_at_any_moment_a_merge_leaves_the_truth_and_the_next_ends_with_the_same_bytes() {
    const KILLS: u32 = 40;
    let folder = recordings();
    shares(folder.path());
    let started = Instant::now();
    run(folder.path(), &merge("once"), 1);
    let whole_merge = started.elapsed();
    let whole = content(&folder.path().join("once"));
    let results = folder.path().join("all");
    let mut killed = 0;
    for round in 0..KILLS {
        // A merge that finds everything there has little to do.
        if round % 2 == 0 {
            let _ = std::fs::remove_dir_all(&results);
        }
        let mut child = endplate(folder.path())
            .args(merge("all"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Every moment of a merge comes, in an order that mixes them.
        std::thread::sleep(whole_merge * (round * 7 % KILLS) / KILLS);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        is_true(&results, &whole);
    }
    assert!(killed > KILLS / 3, "{killed} of {KILLS} merges were killed");
    run(folder.path(), &merge("all"), 1);
    assert!(content(&results) == whole);
}
