//! The built-in criterion sets, one TOML file per publication.

use super::card::CriterionSet;
use std::sync::LazyLock;

/// Every file, in the order of the reference page.
static FILES: &[&str] = &[
    include_str!("sets/oh_2005.toml"),
    include_str!("sets/lambert_100.toml"),
    include_str!("sets/aaem_2001.toml"),
    include_str!("sets/oh_2021.toml"),
    include_str!("sets/lipka_2020_60.toml"),
    include_str!("sets/lipka_2020_100.toml"),
    include_str!("sets/pef_adm_11.toml"),
    include_str!("sets/sanders_60.toml"),
    include_str!("sets/knf_no.toml"),
    include_str!("sets/legehandboka.toml"),
    include_str!("sets/kim_2021.toml"),
    include_str!("sets/frontal_10_5.toml"),
    include_str!("sets/frontal_50_100.toml"),
    include_str!("sets/abraham_2017.toml"),
    include_str!("sets/mnd_5.toml"),
    include_str!("sets/sanders_2014.toml"),
    include_str!("sets/witoon_2009.toml"),
    include_str!("sets/saudi_2024.toml"),
    include_str!("sets/greece_2020.toml"),
    include_str!("sets/china_2022.toml"),
    include_str!("sets/tim_2000.toml"),
    include_str!("sets/japan_2022.toml"),
    include_str!("sets/lamb_rubin_2020.toml"),
    include_str!("sets/oh_muscle.toml"),
    include_str!("sets/hatanaka_oh_2014.toml"),
    include_str!("sets/preston_shapiro.toml"),
    include_str!("sets/ndtf_2016.toml"),
    include_str!("sets/buschbacher_adm.toml"),
    include_str!("sets/buschbacher_apb.toml"),
    include_str!("sets/czech_hand.toml"),
    include_str!("sets/radial_arm.toml"),
    include_str!("sets/radial_apl.toml"),
    include_str!("sets/facial_nasolabial.toml"),
    include_str!("sets/trapezius_31563375.toml"),
];

static SETS: LazyLock<Vec<CriterionSet>> = LazyLock::new(|| {
    // A file that cannot be read fails a test, not a run.
    FILES
        .iter()
        .filter_map(|text| CriterionSet::from_toml(text).ok())
        .collect()
});

/// Every built-in set, those that are not verified included.
pub fn built_in() -> &'static [CriterionSet] {
    &SETS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_is_a_set_with_an_id_of_its_own() {
        let mut ids = BTreeSet::new();
        for text in FILES {
            let set = CriterionSet::from_toml(text).unwrap();
            assert!(ids.insert(set.id.clone()), "{} stands twice", set.id);
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/criteria/sets");
        assert_eq!(
            std::fs::read_dir(folder).unwrap().count(),
            FILES.len(),
            "a file is not listed"
        );
    }

    #[test]
    fn what_was_not_read_in_the_source_says_so() {
        for set in built_in().iter().filter(|set| !set.verified) {
            let said = set.source.place.contains("memory")
                || set.notes.iter().any(|note| note.contains("heuristic"));
            assert!(said, "{}", set.id);
        }
    }

    #[test]
    fn counts_give_the_printed_shares_and_intervals() {
        let mut intervals = 0;
        for set in built_in() {
            for accuracy in set.rules.iter().flat_map(|rule| &rule.accuracy) {
                assert!(
                    (accuracy.percent() - accuracy.printed_pct).abs() <= 0.5,
                    "{} {}: {}",
                    set.id,
                    accuracy.what,
                    accuracy.percent()
                );
                if let Some([low, high]) = accuracy.printed_interval_pct {
                    let (ours_low, ours_high) = accuracy.interval_pct().unwrap();
                    assert!(
                        (ours_low - low).abs() <= 0.05 && (ours_high - high).abs() <= 0.05,
                        "{}",
                        set.id
                    );
                    intervals += 1;
                }
            }
        }
        assert_eq!(intervals, 4);
    }
}
