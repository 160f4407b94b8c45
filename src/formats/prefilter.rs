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

/// Whether the filters of a header change what is measured: `HP:10Hz`, `N:50Hz`.
pub(super) fn changes_responses(prefilter: &str) -> bool {
    high_pass(prefilter).is_some_and(|corner| corner >= HIGH_PASS_HZ) || prefilter.contains("N:")
}
