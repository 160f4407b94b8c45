//! A results folder whose manifest or kept rows are damaged costs the work to be done again, and nothing else.

use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Each is a run of the program.
const DAMAGES: u64 = 10;

fn run(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_endplate"))
        .current_dir(folder)
        .args([
            "analyze",
            "in",
            "-o",
            "out",
            "--to",
            "json",
            "--threads",
            "1",
        ])
        .output()
        .unwrap()
}

/// Every file of the results with its bytes; the lock is no result.
fn content(results: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(results)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != ".lock")
        .map(|entry| {
            (
                entry.path().to_path_buf(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

/// Two recordings that were analyzed, in `in` and `out`, with a neighbor that is nobody's business.
fn analyzed() -> tempfile::TempDir {
    let above = tempfile::tempdir().unwrap();
    let input = above.path().join("in");
    std::fs::create_dir(&input).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for name in ["edf/gap-by-hand.edf", "edf/continuous-edfio.edf"] {
        let path = fixtures.join(name);
        std::fs::copy(&path, input.join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(above.path().join("neighbor"), "mine").unwrap();
    assert!(run(above.path()).status.code().is_some());
    above
}

fn survives(above: &Path) {
    let output = run(above);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| code < 2), "{told}");
    assert!(!told.contains("panicked"), "{told}");
    let mut names: Vec<_> = std::fs::read_dir(above)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["in", "neighbor", "out"]);
    assert_eq!(std::fs::read(above.join("neighbor")).unwrap(), b"mine");
}

#[test]
fn a_manifest_or_kept_rows_cut_anywhere_end_with_the_same_bytes() {
    let above = analyzed();
    let results = above.path().join("out");
    let whole = content(&results);
    let kept: Vec<PathBuf> = whole
        .keys()
        .filter(|path| path.ends_with("kept.json") || path.ends_with("manifest.jsonl"))
        .cloned()
        .collect();
    assert!(kept.len() >= 2, "{kept:?}");
    for path in kept {
        let bytes = &whole[&path];
        for part in 0..3 {
            std::fs::write(&path, &bytes[..bytes.len() * part / 3]).unwrap();
            survives(above.path());
            assert!(
                content(&results) == whole,
                "{} cut at {part}/3",
                path.display()
            );
        }
    }
}

#[test]
fn damaged_manifests_and_kept_rows_are_survived() {
    let above = analyzed();
    let results = above.path().join("out");
    let whole = content(&results);
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for path in whole
        .keys()
        .filter(|path| path.ends_with("kept.json") || path.ends_with("manifest.jsonl"))
    {
        for _ in 0..DAMAGES {
            let mut bytes = whole[path].clone();
            for _ in 0..random.random_range(1..8) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = match random.random_range(0..4) {
                    0 => b'"',
                    1 => b'9',
                    2 => random.random(),
                    _ => bytes[at] ^ (1 << random.random_range(0..8)),
                };
            }
            std::fs::write(path, bytes).unwrap();
            survives(above.path());
        }
    }
}

#[test]
fn a_manifest_that_names_files_elsewhere_makes_nobody_touch_them() {
    let above = analyzed();
    let manifest = above.path().join("out/manifest.jsonl");
    let text = std::fs::read_to_string(&manifest).unwrap();
    for name in [
        "../neighbor",
        "../../neighbor",
        "/etc/hostname",
        "",
        "a\\nb",
    ] {
        let lines: String = text
            .lines()
            .map(|line| format!("{}\n", line.replacen("gap-by-hand.edf", name, 9)))
            .collect();
        std::fs::write(&manifest, lines).unwrap();
        survives(above.path());
    }
    for odd in [
        "[]\n",
        "{}\n",
        "null\n",
        "{\"file\":1}\n",
        "\u{0}\n",
        &"[".repeat(100_000),
    ] {
        std::fs::write(&manifest, odd).unwrap();
        survives(above.path());
    }
}
