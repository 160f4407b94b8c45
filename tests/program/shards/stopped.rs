//! A merge that is stopped by Ctrl-C.

use super::{SHARES, content, recordings, same};
use endplate::batch::{self, Force, Merge, Merged, MergedAs, Options, Shard};
use endplate::clinical_report::Template;
use endplate::exchange::Attachment;
use endplate::report::OUTPUTS;
use endplate::sidecar::Reading;
use endplate::study::Settings;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Does the whole run, or a share of it, in this process: shares of another program are not merged.
fn analyze(folder: &Path, results: &str, shard: Option<Shard>, settings: &Settings) {
    let results = folder.join(results);
    let walk = batch::walk(&[folder.join("p"), folder.join("in")], &results).unwrap();
    let (jobs, share) = match shard {
        Some(shard) => {
            let (own, share) = shard.split(walk);
            (own.jobs, Some(share))
        }
        None => (walk.jobs, None),
    };
    let json = OUTPUTS.iter().filter(|output| output.id == "json");
    let options = Options {
        results,
        reading: Reading::default(),
        settings: settings.clone(),
        outputs: json.copied().collect(),
        template: Template::standard(),
        attachment: Attachment::default(),
        force: Force::None,
        stop: Arc::default(),
        share,
    };
    batch::run(&jobs, &options, |_, _, _| {}).unwrap();
}

/// Makes all shares, and gives their folders.
fn shares(folder: &Path, settings: &Settings) -> Vec<PathBuf> {
    let share = |number: usize| {
        let results = format!("out/{number}");
        let shard = format!("{number}/{SHARES}").parse().unwrap();
        analyze(folder, &results, Some(shard), settings);
        folder.join(results)
    };
    (1..=SHARES).map(share).collect()
}

fn merge(shares: &[PathBuf], results: &Path) {
    let merge = Merge::of(shares, results).unwrap();
    let never = AtomicBool::new(false);
    merge.run(&never, || {}, |_, _| {}).unwrap();
}

#[test]
fn a_merge_that_is_stopped_replaces_nothing_by_halves_and_the_next_goes_on() {
    let folder = recordings();
    let at = |name: &str| folder.path().join(name);
    let mut settings = Settings::default();
    merge(&shares(folder.path(), &settings), &at("all"));
    let before = content(&at("all"));
    // Everything is another one now, and a file has come.
    std::fs::copy(at("in/day/mg-00004.h5"), at("in/day/mg-00010.h5")).unwrap();
    settings.cmap.lowpass_hz = 2000.0;
    let shares = shares(folder.path(), &settings);
    analyze(folder.path(), "whole", None, &settings);
    let whole = content(&at("whole"));
    // One thread, so that nothing is begun before the first study is told.
    let pool = rayon::ThreadPoolBuilder::new();
    let pool = pool.num_threads(1).build().unwrap();
    let stop = AtomicBool::new(false);
    let (mut copied, mut not_reached) = (0, 0);
    let stopped = pool.install(|| {
        let merge = Merge::of(&shares, &at("all")).unwrap();
        let done = |merged: &Merged<'_>, _| match merged.outcome {
            MergedAs::Copied(_) => {
                copied += 1;
                stop.store(true, Ordering::Relaxed);
            }
            MergedAs::NotReached => not_reached += 1,
            _ => {}
        };
        merge.run(&stop, || {}, done)
    });
    stopped.unwrap();
    assert_eq!(copied, 1);
    assert!(not_reached > 5, "{not_reached}");
    let mut new = 0;
    for (name, bytes) in content(&at("all")) {
        // The manifest is appended to; a study is the new one as a whole or the old one; the tables are those of before.
        let is_old = before.get(&name) == Some(&bytes);
        let is_new = name.starts_with("studies") && whole.get(&name) == Some(&bytes);
        new += usize::from(is_new && !is_old);
        let is_whole = is_old || is_new || name == Path::new("manifest.jsonl");
        assert!(is_whole, "{}", name.display());
    }
    assert!(new > 0);
    merge(&shares, &at("all"));
    same(&at("whole"), &at("all"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_merge_that_is_stopped_before_its_first_file_writes_nothing() {
    use crate::stopped::stopped_before_its_first_file;
    let folder = recordings();
    super::shares(folder.path());
    let mut command = super::endplate(folder.path());
    let (output, last) = stopped_before_its_first_file(command.args(super::merge("all")));
    let said = super::text(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains("3 shares merged: 0 studies, 16 not"),
        "{said}"
    );
    assert_eq!(last["outcome"], "stopped");
    assert!(!folder.path().join("all").exists());
}
