//! Figures: text never runs over text or off the sheet, names are safe, and each is a picture.

use super::made;
use endplate::plot::{self, figures};
use resvg::usvg::{Node, Rect, Tree};
use std::collections::BTreeSet;

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
    for (name, study) in made::all().into_iter().chain(made::simulated()) {
        for figure in figures(&study) {
            let tree = plot::png::parse(&figure.svg).unwrap();
            let texts = texts(&tree);
            assert!(texts.len() > 5, "{name} {}", figure.name);
            for (index, (text, place)) in texts.iter().enumerate() {
                assert!(
                    place.left() >= 0.0
                        && place.top() >= 0.0
                        && place.right() <= tree.size().width()
                        && place.bottom() <= tree.size().height(),
                    "{name} {}: {text} leaves the sheet: {place:?}",
                    figure.name
                );
                for (other, at) in &texts[..index] {
                    let apart = place.right() <= at.left()
                        || at.right() <= place.left()
                        || place.bottom() <= at.top()
                        || at.bottom() <= place.top();
                    assert!(apart, "{name} {}: {text:?} lies on {other:?}", figure.name);
                }
            }
        }
    }
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
