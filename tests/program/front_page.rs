//! The front page of a run: what stands on it, and that its links lead to files.

use assert_cmd::Command;
use std::path::Path;

/// A folder of two recordings, one of them with a hostile name, a broken file and a file that is no recording; analyzed.
pub fn run(folder: &Path, to: &str) -> std::path::PathBuf {
    let inputs = folder.join("in");
    std::fs::create_dir_all(inputs.join("ward 3")).unwrap();
    let simulated = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings/simulated");
    for (from, name) in [
        ("lems-exercise.h5", "ward 3/lems é#1%20.h5"),
        ("mg-exercise.edf", "mg.edf"),
        ("normal-rest.edf", HOSTILE),
    ] {
        std::fs::copy(simulated.join(from), inputs.join(name)).unwrap();
    }
    let whole = std::fs::read(inputs.join("mg.edf")).unwrap();
    std::fs::write(inputs.join("broken.edf"), &whole[..300]).unwrap();
    std::fs::write(inputs.join("notes.md"), "only words").unwrap();
    let results = folder.join("results");
    let run = Command::cargo_bin("endplate")
        .unwrap()
        .args(["analyze", "--quiet", "--to", to, "-o"])
        .args([&results, &inputs])
        .output()
        .unwrap();
    assert_eq!(
        run.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    results
}

/// A name that a file system takes and a careless page would run.
pub const HOSTILE: &str = "<img src=x onerror=\"document.title='owned'\">&amp;'javascript:.edf";

/// The values of all `href="…"`.
fn links(html: &str) -> Vec<&str> {
    html.split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_link_of_the_front_page_leads_to_what_was_written_and_every_file_of_the_run_has_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let results = run(folder.path(), "json,svg,html");
    let page = std::fs::read_to_string(results.join("index.html")).unwrap();
    let links = links(&page);
    let files: Vec<_> = links.iter().filter(|link| !link.starts_with('#')).collect();
    assert!(files.len() > 15, "{files:?}");
    for link in files {
        assert!(results.join(decoded(link)).exists(), "{link}");
    }
    for link in [
        "lems%20%C3%A9%231%2520.h5/report.html",
        "lems%20%C3%A9%231%2520.h5/study.json",
        "mg.edf/",
    ] {
        assert!(
            links.iter().any(|one| one.ends_with(link)),
            "{link}: {links:?}"
        );
    }
    let (_, rows) = page.split_once("<tbody>").unwrap();
    let order: Vec<_> = [
        "&lt;img src=x",
        "broken.edf",
        "mg.edf",
        "notes.md",
        "lems é#1%20.h5",
    ]
    .iter()
    .map(|name| rows.find(name).unwrap_or_else(|| panic!("{name}")))
    .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert!(page.contains("3 studies") && page.contains("1 failed") && page.contains("1 skipped"));
    assert!(
        !page.contains("<img") && !page.contains("://"),
        "nothing from a network, nothing from a name"
    );
}

#[test]
fn a_run_that_writes_nothing_of_its_studies_has_a_front_page_without_links_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let results = run(folder.path(), "csv");
    let page = std::fs::read_to_string(results.join("index.html")).unwrap();
    assert!(page.contains("<bdi>mg.edf</bdi>"));
    assert!(
        !links(&page).iter().any(|link| link.starts_with("studies/")),
        "{:?}",
        links(&page)
    );
}
