//! Figures: text never runs over text or off the sheet, names are safe, and each is a picture.

use super::made;
use endplate::clinical_report::languages;
use endplate::plot::{self, Figure};
use endplate::study::Study;
use endplate::words::Words;
use resvg::usvg::{Node, Rect, Tree};
use std::collections::BTreeSet;

fn in_language(study: &Study, language: &str) -> Vec<Figure> {
    let words = Words::new(language, &toml::Table::new()).unwrap();
    plot::figures(study, &words)
}

fn figures(study: &Study) -> Vec<Figure> {
    plot::figures(study, &Words::english())
}

/// Every study with the name of a language.
fn in_every_language(check: impl Fn(&str, &str, &Figure)) {
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        for language in languages() {
            for figure in in_language(&study, language) {
                check(name, language, &figure);
            }
        }
    }
}

fn texts(tree: &Tree) -> Vec<(String, Rect)> {
    fn collect(nodes: &[Node], found: &mut Vec<(String, Rect)>) {
        for node in nodes {
            match node {
                Node::Group(group) => collect(group.children(), found),
                Node::Text(text) => {
                    let words = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    found.push((words, text.abs_bounding_box()));
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(tree.root().children(), &mut found);
    found
}

#[test]
fn no_text_runs_over_another_or_off_the_sheet() {
    in_every_language(|name, language, figure| {
        let tree = plot::png::parse(&figure.svg).unwrap();
        let texts = texts(&tree);
        let at = format!("{name} {} {language}", figure.name);
        assert!(texts.len() > 5, "{at}");
        for (index, (text, place)) in texts.iter().enumerate() {
            assert!(
                place.left() >= 0.0
                    && place.top() >= 0.0
                    && place.right() <= tree.size().width()
                    && place.bottom() <= tree.size().height(),
                "{at}: {text} leaves the sheet: {place:?}",
            );
            for (other, there) in &texts[..index] {
                let apart = place.right() <= there.left()
                    || there.right() <= place.left()
                    || place.bottom() <= there.top()
                    || there.bottom() <= place.top();
                assert!(apart, "{at}: {text:?} lies on {other:?}");
            }
        }
    });
}

#[test]
fn no_text_of_the_plot_is_cut_in_any_language() {
    in_every_language(|name, language, figure| {
        // a title of a file may be too long, its first line is the title
        let cut = figure.svg.matches('…').count();
        let titles = usize::from(name.starts_with("long"));
        assert!(cut <= titles, "{name} {} {language}", figure.name);
    });
}

/// Parts of a text that are words: letters only, and not what a file or the world gives.
fn words_of(text: &str) -> BTreeSet<String> {
    let letters = |c: char| !c.is_alphabetic();
    let parts = text.split(letters).filter(|part| part.chars().count() > 2);
    parts.map(str::to_lowercase).collect()
}

#[test]
fn no_english_word_is_left_in_a_figure_of_another_language() {
    // the same in both languages, or of the file: names of studies, muscles, sets and their labels
    let tables: Vec<(&str, BTreeSet<String>)> = languages()
        .map(|language| {
            let file = format!(
                "{}/src/words/languages/{language}.toml",
                env!("CARGO_MANIFEST_DIR")
            );
            (language, words_of(&std::fs::read_to_string(file).unwrap()))
        })
        .collect();
    let studies = made::all().into_iter().chain(made::simulated());
    let mut seen = 0;
    for (name, study) in studies {
        let mut given = words_of(&study.origin.path.to_string_lossy());
        given.extend(words_of("endplate"));
        for channel in &study.channels {
            given.extend(words_of(&channel.label));
            given.extend(channel.muscle.iter().flat_map(|muscle| words_of(muscle)));
            let labels = channel.trains.iter().flat_map(|train| &train.label);
            given.extend(labels.flat_map(|label| words_of(label)));
            given.extend(channel.verdicts.iter().flat_map(|v| words_of(&v.set)));
        }
        for (language, known) in tables.iter().filter(|(language, _)| *language != "en") {
            for figure in in_language(&study, language) {
                let tree = plot::png::parse(&figure.svg).unwrap();
                for (text, _) in texts(&tree) {
                    // Of a word that was cut nobody knows whose it was.
                    let text = match text.strip_suffix('…') {
                        Some(cut) => cut.trim_end_matches(char::is_alphabetic).to_owned(),
                        None => text,
                    };
                    let foreign: Vec<_> = words_of(&text)
                        .into_iter()
                        .filter(|word| !known.contains(word) && !given.contains(word))
                        .collect();
                    seen += 1;
                    assert!(
                        foreign.is_empty(),
                        "{name} {language}: {foreign:?} in {text:?}"
                    );
                }
                let point = |text: &str| {
                    let bytes = text.as_bytes();
                    bytes.windows(3).any(|three| {
                        three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit()
                    })
                };
                let numbers = texts(&tree).into_iter().map(|(text, _)| text);
                let wrong: Vec<_> = numbers
                    .filter(|text| point(text) && !text.starts_with("endplate"))
                    .collect();
                assert!(wrong.is_empty(), "{name} {language}: {wrong:?}");
            }
        }
    }
    assert!(seen > 1000);
}

#[test]
fn every_text_is_at_least_7_pt_on_a_page_column() {
    for (_, study) in made::all() {
        for figure in figures(&study) {
            for part in figure.svg.split("font-size=\"").skip(1) {
                let units: f64 = part.split('"').next().unwrap().parse().unwrap();
                // ten units a pixel, 96 pixels and 72 points an inch
                assert!(units / 10.0 * 72.0 / 96.0 >= 7.0, "{units}");
            }
        }
    }
}

#[test]
fn names_of_figures_are_unique_and_stay_in_their_folder() {
    for (_, study) in made::all() {
        let figures = figures(&study);
        let names: BTreeSet<_> = figures.iter().map(|figure| &figure.name).collect();
        assert_eq!(names.len(), figures.len());
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "{name}"
            );
        }
    }
}

#[test]
fn every_train_has_its_figures_and_every_series_one() {
    for (_, study) in made::all() {
        let channels = &study.channels;
        let expected: usize = channels
            .iter()
            .map(|c| 2 * c.trains.len() + c.series.len())
            .sum();
        assert_eq!(figures(&study).len(), expected);
    }
}

#[test]
fn a_train_without_a_measured_response_says_why() {
    let (_, silent) = made::all()
        .into_iter()
        .find(|(name, _)| *name == "silent")
        .unwrap();
    for figure in figures(&silent) {
        assert!(
            figure.svg.contains("no response measured: no response"),
            "{}",
            figure.name
        );
    }
}

#[test]
fn a_picture_has_300_dots_per_inch_and_the_same_bytes_each_time() {
    let (_, study) = made::all().remove(0);
    let figure = &figures(&study)[0];
    let png = plot::png::encode(&figure.svg).unwrap();
    assert_eq!(&png[1..4], b"PNG");
    let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
    // 333 CSS pixels of 1/96 inch
    assert_eq!(width, (333.0f64 / 96.0 * 300.0).ceil() as u32);
    assert_eq!(png, plot::png::encode(&figures(&study)[0].svg).unwrap());
}
