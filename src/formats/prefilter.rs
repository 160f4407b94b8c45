//! What a text about filters means for what is measured (EDF+ 2.1.3.5: `HP:0.1Hz LP:75Hz N:50Hz`).

/// From here on a high pass changes what is measured (see the advice of `FilterInHeader`), in Hz.
const HIGH_PASS_HZ: f64 = 10.0;

/// The corner of the high pass in Hz: `HP:10Hz LP:10kHz`.
fn high_pass(prefilter: &str) -> Option<f64> {
    let text = prefilter.split("HP:").nth(1)?.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// Whether a header names a notch: `N:50Hz` as a word of its own, not the end of another (`GAIN:1000`).
fn has_notch(prefilter: &str) -> bool {
    prefilter.match_indices("N:").any(|(at, _)| {
        let before = prefilter
            .get(..at)
            .and_then(|text| text.chars().next_back());
        !before.is_some_and(char::is_alphabetic)
    })
}

/// Whether the filters of a header change what is measured: `HP:10Hz`, `N:50Hz`.
pub(super) fn changes_responses(prefilter: &str) -> bool {
    high_pass(prefilter).is_some_and(|corner| corner >= HIGH_PASS_HZ) || has_notch(prefilter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notch_is_a_word_of_its_own() {
        for text in ["N:50Hz", "HP:2Hz LP:10kHz N:60Hz", "HP:2Hz;N:50"] {
            assert!(changes_responses(text), "{text}");
        }
        for text in ["HP:DC GAIN:1000", "HP:2Hz LP:10kHz", ""] {
            assert!(!changes_responses(text), "{text}");
        }
    }
}
