//! The results folder of a watched one: begun anew, and taken away.

use super::{Folders, Running};

#[test]
fn with_force_each_file_is_analyzed_once_anew_and_then_it_goes_on_as_always() {
    let folders = Folders::new();
    for number in [1, 2] {
        let path = folders.input(&format!("{number}.h5"));
        std::fs::write(path, folders.recording(number)).unwrap();
    }
    let until_idle = |more: &[&str]| {
        let mut watch = folders.watch();
        watch.args(["--until-idle", "0.5"]).args(more);
        assert!(Running::of(&mut watch).output().status.success());
        let told = |event| folders.lines(event).len();
        (told("file_analyzed"), told("file_unchanged"))
    };
    assert_eq!(until_idle(&[]), (2, 0));
    assert_eq!(until_idle(&[]), (2, 2));
    assert_eq!(until_idle(&["--force"]), (4, 2));
    // A third one comes while it goes on: the first two are not done again.
    let watch = Running::of(folders.watch().arg("--force"));
    folders.wait_for(3, "file_analyzed", "1.h5");
    folders.wait_for(3, "file_analyzed", "2.h5");
    std::fs::write(folders.input("3.h5"), folders.recording(3)).unwrap();
    folders.wait_for(1, "file_analyzed", "3.h5");
    let rounds = folders.lines("round_started").len();
    folders.wait_for_rounds(rounds);
    watch.kill();
    for file in ["1.h5", "2.h5"] {
        assert_eq!(folders.count("file_analyzed", file), 3, "{file}");
    }
    assert_eq!(folders.lines("round_ended").last().unwrap()["unchanged"], 2);
    folders.same_as_analyze();
}

#[cfg(unix)]
#[test]
fn a_results_folder_that_is_taken_away_ends_it_with_an_error_and_is_not_made_anew() {
    let folders = Folders::new();
    std::fs::write(folders.input("a.h5"), folders.recording(1)).unwrap();
    let watch = Running::of(&mut folders.watch());
    folders.wait_for_rounds(1);
    std::fs::remove_dir_all(folders.results.path()).unwrap();
    // Also if something arrives at this moment.
    std::fs::write(folders.input("b.h5"), folders.recording(2)).unwrap();
    let output = watch.output();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the results folder was taken away"), "{told}");
    assert!(!folders.results.path().exists());
    let end = folders.lines("run_ended");
    assert_eq!(end[0]["outcome"], "failed");
    assert_eq!(end[0]["code"], "output");
}
