//! The HDF5 library can load code from a folder that the environment names. A file must never be the reason to do so.

#![cfg(target_os = "linux")]

use endplate::formats::{self, Mapping};
use std::path::Path;
use std::process::Command;

/// What the process is to do, if it was started for that: read as the library reads by itself, or after endplate has opened a file.
const TASK: &str = "ENDPLATE_TEST_DOORS";
/// The file that the plug-in writes as soon as it is loaded.
const MARK: &str = "ENDPLATE_TEST_PLUGIN_MARK";

/// A plug-in as the library expects it: a filter of the number that the fixture wants.
const PLUGIN: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
__attribute__((constructor)) static void loaded(void) {
    FILE *mark = fopen(getenv("ENDPLATE_TEST_PLUGIN_MARK"), "w");
    if (mark) fclose(mark);
}
static size_t filter(unsigned flags, size_t n, const unsigned v[], size_t nbytes, size_t *size, void **buffer) { return nbytes; }
static const struct { int version; int id; unsigned e, d; const char *name; void *can, *set; void *filter; } card = {1, 32000, 1, 1, "test", 0, 0, (void *)filter};
int H5PLget_plugin_type(void) { return 0; }
const void *H5PLget_plugin_info(void) { return &card; }
"#;

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// No test of its own: what the test below starts.
#[test]
fn a_process_that_wants_a_filter() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let file = fixture("hdf5/refused_filter.h5");
    if task == "after endplate" {
        formats::open(&fixture("hdf5/own_minimal.h5"), &Mapping::default()).unwrap();
    }
    if task == "endplate" {
        let toml = "rate_hz = 1000\nunit = 'mV'\n[[channels]]\ndataset = 'emg'";
        formats::open(&file, &Mapping::from_toml(toml).unwrap()).unwrap_err();
    } else {
        // Whether it can be read does not matter here.
        let _ = ::hdf5::File::open(&file)
            .unwrap()
            .dataset("emg")
            .unwrap()
            .read_raw::<i16>();
    }
}

#[test]
fn no_plug_in_is_loaded_though_the_environment_names_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("plugin.c");
    std::fs::write(&source, PLUGIN).unwrap();
    // HDF5 is built with a C compiler, so there is one where the tests are built, though perhaps not where they run.
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(folder.path().join("libplugin.so"))
        .arg(&source)
        .status();
    if !compiled.is_ok_and(|status| status.success()) {
        eprintln!("no C compiler: the plug-in was not tried");
        return;
    }
    let mark = folder.path().join("mark");
    let loads = |task: &str| {
        let _ = std::fs::remove_file(&mark);
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hostile::doors::a_process_that_wants_a_filter"])
            .env(TASK, task)
            .env(MARK, &mark)
            .env("HDF5_PLUGIN_PATH", folder.path())
            .output()
            .unwrap();
        assert!(
            status.status.success(),
            "{task}: {}",
            String::from_utf8_lossy(&status.stdout)
        );
        mark.exists()
    };
    assert!(
        loads("library"),
        "the library by itself loads it, or this test shows nothing"
    );
    assert!(!loads("endplate"));
    assert!(!loads("after endplate"));
}
