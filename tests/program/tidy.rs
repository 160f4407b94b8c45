//! The shape of the code, held by tests: layers, the size of files, cards that are listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The layers from the ground up. A module may use modules of lower layers only; modules of one layer never use each other.
const LAYERS: &[&[&str]] = &[
    &["math", "units", "source"],
    &["error", "finding"],
    &["whole"],
    &["recording", "setting_range"],
    &["formats", "synth", "stimulus"],
    &["sidecar"],
    &["sweep"],
    &["cmap"],
    &["train"],
    &["series", "jitter"],
    &["quality"],
    &["criteria"],
    &["pattern"],
    &["study", "words"],
    &["plot"],
    &["clinical_report"],
    &["exchange"],
    &["report"],
    &["batch"],
    &["summary"],
    &["cli"],
];

fn source_files() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walkdir::WalkDir::new(&src)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&src).unwrap().to_path_buf(), text)
        })
        .collect()
}

/// The lines of a file that run, without comments and without test modules that stand in it. `rustfmt` lets such a module end with a
/// brace of its own line; what follows it is code again.
fn code_of(text: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut code = String::new();
    while let Some(line) = lines.next() {
        let opens_tests = line == "#[cfg(test)]"
            && lines
                .peek()
                .is_some_and(|next| next.starts_with("mod ") && next.ends_with('{'));
        if opens_tests {
            lines.by_ref().find(|line| *line == "}");
        } else if !line.trim_start().starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// The code of the library without any tests, file after file.
pub(crate) fn library_code() -> String {
    let is_test = |path: &Path| {
        let name = path.file_stem().unwrap().to_string_lossy();
        name.ends_with("tests") || path.iter().any(|part| part == "tests")
    };
    source_files()
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(_, text)| code_of(text))
        .collect()
}

fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap();
    first
        .as_os_str()
        .to_string_lossy()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The top-level modules that a file names through `crate::`, test modules left out.
fn modules_used(text: &str) -> Vec<String> {
    let code = code_of(text);
    let mut used = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            // `use crate::{a, b::c}`
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => used.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            used.push(name);
        } else {
            used.push(part.to_owned());
        }
    }
    used.iter()
        .map(|path| {
            path.trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| name.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

#[test]
fn a_module_uses_only_modules_of_lower_layers() {
    let layer: BTreeMap<&str, usize> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(height, names)| names.iter().map(move |&name| (name, height)))
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in source_files() {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let own = *layer
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{module} has no layer"));
        for used in modules_used(&text) {
            if used == module {
                continue;
            }
            match layer.get(used.as_str()) {
                Some(&height) if height < own => {}
                Some(_) => wrong.push(format!("{} uses {used}", path.display())),
                None => wrong.push(format!(
                    "{} uses {used}, which has no layer",
                    path.display()
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_layer_test_sees_what_it_must() {
    let used = modules_used(
        "use crate::{cmap, report::{json, csv}};\n// use crate::train;\nlet x = crate::batch::run();\n",
    );
    assert_eq!(used, ["cmap", "report", "batch"]);
    // A module of tests is left out, but not what follows it, nor what follows a test file that is only named.
    let used = modules_used(
        "#[cfg(test)]\nmod tests;\nuse crate::cmap;\n#[cfg(test)]\nmod more {\n    use crate::cli;\n}\nuse crate::plot;\n",
    );
    assert_eq!(used, ["cmap", "plot"]);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    const LINES: usize = 500;
    let long: Vec<_> = source_files()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn only_formats_convert_units_of_files_and_only_cli_prints() {
    for (path, text) in source_files() {
        let module = module_of(&path);
        assert!(
            module == "formats" || !text.contains("millivolts_per("),
            "{}: units are converted at the door, in formats",
            path.display()
        );
        assert!(
            module == "cli" || !(text.contains("stdout()") || text.contains("stderr()")),
            "{}: only cli prints",
            path.display()
        );
    }
}

/// Every `static NAME: TYPE` of a card's type stands in its list, once. (The cards of shapes stand in their list only, without a name.)
#[test]
fn every_card_is_in_its_list() {
    let lists = [
        ("Format", "FORMATS"),
        ("Measure", "MEASURES"),
        ("Convention", "CONVENTIONS"),
        ("ComparisonCard", "COMPARISONS"),
        ("PatternCard", "PATTERNS"),
        ("Check", "CHECKS"),
        ("Output", "OUTPUTS"),
        ("FigureCard", "FIGURES"),
        ("Section", "SECTIONS"),
    ];
    let all = library_code();
    assert!(
        !all.contains(": ShapeCard = "),
        "a card of a shape stands outside of SHAPES"
    );
    for (card, list) in lists {
        // A card may bear the name of another list.
        let opening = format!("static {list}: &[&{card}] = &[");
        let (_, listed) = all
            .split_once(&opening)
            .unwrap_or_else(|| panic!("no list {list}"));
        let (listed, _) = listed.split_once("];").unwrap();
        // `&signal::NOISE`, after a `#[cfg(…)]` or not.
        let mut listed: Vec<&str> = listed
            .split(',')
            .filter_map(|entry| entry.trim().rsplit(['&', ':']).next())
            .filter(|name| !name.is_empty())
            .collect();
        let mut cards = 0;
        for line in all
            .lines()
            .filter(|line| line.contains(&format!(": {card} = ")))
        {
            let name = line
                .split(':')
                .next()
                .unwrap()
                .split_whitespace()
                .last()
                .unwrap();
            let place = listed.iter().position(|listed| *listed == name);
            listed.remove(place.unwrap_or_else(|| panic!("{name} is not in {list}")));
            cards += 1;
        }
        assert!(
            cards > 0,
            "no card of {list} was found: the test looks in vain"
        );
        assert!(
            listed.is_empty(),
            "{listed:?} of {list}: twice, or no cards"
        );
    }
}
