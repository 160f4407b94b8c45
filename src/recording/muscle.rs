//! The names of muscles, so that a limit that was published for one muscle is not missed for a spelling, nor applied to another.

/// A muscle and how files spell it.
pub struct Muscle {
    /// Short and stable: `ADM`.
    pub id: &'static str,
    /// In full.
    pub name: &'static str,
    /// Other spellings, without case, spaces, hyphens, periods and underscores.
    pub spellings: &'static [&'static str],
}

/// The muscles for which a protocol or a limit of a criterion set exists.
pub static MUSCLES: &[Muscle] = &[
    Muscle {
        id: "ADM",
        name: "abductor digiti minimi (hand)",
        spellings: &[
            "abductordigitiminimi",
            "adq",
            "abductordigitiquinti",
            "hypothenar",
            "ulnaradm",
        ],
    },
    Muscle {
        id: "APB",
        name: "abductor pollicis brevis",
        spellings: &["abductorpollicisbrevis", "thenar", "medianapb"],
    },
    Muscle {
        id: "FDI",
        name: "first dorsal interosseous",
        spellings: &[
            "firstdorsalinterosseous",
            "firstdorsalinterosseus",
            "1stdorsalinterosseous",
            "ulnarfdi",
        ],
    },
    Muscle {
        id: "EDB",
        name: "extensor digitorum brevis",
        spellings: &["extensordigitorumbrevis", "peronealedb", "fibularedb"],
    },
    Muscle {
        id: "TA",
        name: "tibialis anterior",
        spellings: &["tibialisanterior", "peronealta", "fibularta"],
    },
    Muscle {
        id: "AH",
        name: "abductor hallucis",
        spellings: &["abductorhallucis", "tibialah"],
    },
    Muscle {
        id: "EIP",
        name: "extensor indicis proprius",
        spellings: &["extensorindicisproprius", "extensorindicis", "radialeip"],
    },
    Muscle {
        id: "APL",
        name: "abductor pollicis longus and extensor pollicis brevis",
        spellings: &["abductorpollicislongus", "aplepb", "apl/epb"],
    },
    Muscle {
        id: "ECRL",
        name: "extensor carpi radialis longus",
        spellings: &["extensorcarpiradialislongus"],
    },
    Muscle {
        id: "FCU",
        name: "flexor carpi ulnaris",
        spellings: &["flexorcarpiulnaris"],
    },
    Muscle {
        id: "anconeus",
        name: "anconeus",
        spellings: &[],
    },
    Muscle {
        id: "biceps",
        name: "biceps brachii",
        spellings: &["bicepsbrachii"],
    },
    Muscle {
        id: "triceps",
        name: "triceps brachii, long head",
        spellings: &["tricepsbrachii"],
    },
    Muscle {
        id: "deltoid",
        name: "deltoid",
        spellings: &["deltoideus"],
    },
    Muscle {
        id: "trapezius",
        name: "upper trapezius",
        spellings: &["uppertrapezius", "trapeziusupper", "trap"],
    },
    Muscle {
        id: "middle trapezius",
        name: "middle trapezius",
        spellings: &["trapeziusmiddle"],
    },
    Muscle {
        id: "nasalis",
        name: "nasalis",
        spellings: &["nasalismuscle", "facialnasalis"],
    },
    Muscle {
        id: "nasolabial",
        name: "muscles of the nasolabial fold",
        spellings: &["nasolabialfold"],
    },
    Muscle {
        id: "orbicularis oculi",
        name: "orbicularis oculi",
        spellings: &["orboculi", "oo", "ooc"],
    },
    Muscle {
        id: "frontalis",
        name: "frontalis",
        spellings: &["facialfrontalis"],
    },
];

/// The muscle that a text names, or `None`: an unknown name is no muscle for which a limit exists.
pub fn muscle(text: &str) -> Option<&'static Muscle> {
    let wanted = folded(text);
    MUSCLES
        .iter()
        .find(|muscle| folded(muscle.id) == wanted || muscle.spellings.contains(&wanted.as_str()))
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| !(c.is_whitespace() || matches!(c, '-' | '_' | '.' | ',')))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_muscle_is_known_by_any_of_its_spellings() {
        for text in ["ADM", "adm", "Abductor digiti minimi", "ADQ", "Ulnar-ADM"] {
            assert_eq!(muscle(text).map(|muscle| muscle.id), Some("ADM"), "{text}");
        }
        assert!(muscle("left hand").is_none());
    }

    #[test]
    fn no_spelling_means_two_muscles() {
        let mut seen = BTreeSet::new();
        for muscle in MUSCLES {
            assert!(seen.insert(folded(muscle.id)), "{}", muscle.id);
            for spelling in muscle.spellings {
                assert_eq!(folded(spelling), *spelling);
                assert!(seen.insert((*spelling).to_owned()), "{spelling}");
            }
        }
    }
}
