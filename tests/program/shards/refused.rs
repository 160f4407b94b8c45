//! What a merge does not take for the shares of one run.

use super::{TO, content, endplate, merge, recordings, run, shares, text};
use std::path::Path;

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    for (name, bytes) in content(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn shares_that_do_not_make_one_run_are_refused_before_anything_is_written() {
    let folder = recordings();
    let at = |name: &str| folder.path().join(name);
    shares(folder.path());
    let refused = |merge: &str, said: &str| {
        let arguments: Vec<&str> = merge.split_whitespace().collect();
        let output = run(folder.path(), &arguments, 2);
        let told = text(&output.stderr);
        assert!(told.contains(said), "{merge}: {told}");
        assert!(!at("all").exists(), "{merge} wrote");
    };
    refused("merge out/1 out/3 -o all", "of 3 shares 2 is missing");
    refused(
        "merge out/1 out/2 out/3 out/2 -o all",
        "holds share 2/3, as out/2 does",
    );
    refused("merge out/1 out/2 in -o all", "holds no manifest.jsonl");
    refused("merge out/1 out/2 out/3 -o out/1", "cannot stand in it");
    refused(
        "merge out/1 out/2 out/3 -o out/../out/2/all",
        "cannot stand in it",
    );
    let analyze = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        endplate(folder.path()).args(arguments).output().unwrap()
    };
    let with = |more: &str| {
        let _ = std::fs::remove_dir_all(at("other"));
        let told = analyze(&format!("analyze p in -o other --threads 2 {more}"));
        assert_ne!(told.status.code(), Some(2), "{}", text(&told.stderr));
    };
    with(&format!("--to {TO}"));
    refused("merge out/1 out/2 other -o all", "is no share of a run");
    with(&format!("--to {TO} --shard 3/4"));
    refused(
        "merge out/1 out/2 other -o all",
        "is share 3/4, not of 3 as out/1",
    );
    with("--to json --shard 3/3");
    refused(
        "merge out/1 out/2 other -o all",
        "was made with --to json, not ",
    );
    with(&format!("--to {TO} --shard 3/3 --identified"));
    refused("merge out/1 out/2 other -o all", "--identified");
    std::fs::write(at("settings.toml"), "[cmap]\nlowpass_hz = 2000.0\n").unwrap();
    with(&format!("--to {TO} --shard 3/3 --settings settings.toml"));
    refused(
        "merge out/1 out/2 other -o all",
        "was made with other settings than out/1",
    );
    analyze(&format!("analyze p ./in -o paths --shard 3/3 --to {TO}"));
    refused("merge out/1 out/2 paths -o all", "other paths than out/1");
    std::fs::write(at("in/new.edf"), "").unwrap();
    with(&format!("--to {TO} --shard 3/3"));
    refused("merge out/1 out/2 other -o all", "found other files");
    std::fs::remove_file(at("in/new.edf")).unwrap();
    // Another share into the folder of one.
    let told = analyze("analyze p in -o out/1 --shard 2/3");
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("holds share 1/3, which share 2/3 would replace"));
    run(folder.path(), &merge("all"), 1);
    std::fs::remove_dir_all(at("all")).unwrap();

    // Shares that are damaged.
    let damaged = |damage: &dyn Fn(&Path), said: &str| {
        let _ = std::fs::remove_dir_all(at("other"));
        copy(&at("out/2"), &at("other"));
        damage(&at("other"));
        refused("merge out/1 other out/3 -o all", said);
    };
    let study = content(&at("out/2"));
    let study = study
        .keys()
        .find(|name| name.ends_with("study.json"))
        .unwrap();
    damaged(
        &|share| std::fs::remove_file(share.join(study)).unwrap(),
        "are missing",
    );
    damaged(
        &|share| std::fs::write(share.join(study), "{}").unwrap(),
        "are missing",
    );
    damaged(
        &|share| std::fs::remove_dir_all(share.join("studies")).unwrap(),
        "are missing",
    );
    let rewrite = |share: &Path, name: &str, edit: &dyn Fn(String) -> String| {
        let path = share.join(name);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = edit(before.clone());
        assert_ne!(before, after);
        std::fs::write(path, after).unwrap();
    };
    let without_last = |text: String| {
        let lines: Vec<&str> = text.lines().collect();
        lines[..lines.len() - 1].join("\n") + "\n"
    };
    damaged(
        &|share| rewrite(share, "shard.jsonl", &without_last),
        "goes on, or was stopped",
    );
    damaged(
        &|share| rewrite(share, "manifest.jsonl", &without_last),
        "not hold what the run wrote",
    );
    damaged(
        &|share| {
            rewrite(share, "manifest.jsonl", &|text| {
                text.replacen("analyzed", "begun", 1)
            })
        },
        "goes on, or was stopped",
    );
    damaged(
        &|share| rewrite(share, "manifest.jsonl", &|text| text + "half a li"),
        "says nothing of a file",
    );
    damaged(
        &|share| {
            rewrite(share, "shard.jsonl", &|text| {
                text.replace(env!("CARGO_PKG_VERSION"), "0.0.9")
            })
        },
        "was made by endplate 0.0.9; this is ",
    );
    damaged(
        &|share| std::fs::create_dir(share.join(".unfinished")).unwrap(),
        "or one was killed",
    );
    // Names that lead out of the results.
    let lead_out = |share: &Path| {
        for file in ["shard.jsonl", "manifest.jsonl"] {
            rewrite(share, file, &|text| {
                text.replacen("\"file\":\"", "\"file\":\"../", 1)
            });
        }
    };
    damaged(&lead_out, "not hold what the run wrote");
    damaged(
        &|share| {
            let kept = study.with_file_name("kept.json");
            std::fs::write(
                share.join(kept.parent().unwrap().parent().unwrap().join("study.json")),
                "",
            )
            .unwrap();
            rewrite(share, kept.to_str().unwrap(), &|text| {
                let at = text.find("[\"study.json\",").unwrap();
                let end = at + text[at..].find(']').unwrap();
                format!("{}[\"../study.json\",0{}", &text[..at], &text[end..])
            });
        },
        "are missing",
    );
    // The same file in two shares.
    damaged(
        &|share| {
            std::fs::remove_dir_all(share).unwrap();
            copy(&at("out/1"), share);
            rewrite(share, "shard.jsonl", &|text| {
                text.replacen("\"shard\":1,", "\"shard\":2,", 1)
            });
        },
        ", which out/1 holds too",
    );
}
