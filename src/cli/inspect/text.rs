//! The report of one file for a person.

use super::{ChannelReport, MARKS_SHOWN, Report};
use crate::recording::{Clock, Role, Side};
use std::fmt::Write as _;

/// How many texts of marks are counted on the page; recordings whose stimuli all differ would fill screens.
const TEXTS_SHOWN: usize = 15;
/// Significant digits of a number on the page.
const DIGITS: i32 = 6;

/// The page.
pub(super) fn page(report: &Report) -> String {
    let mut page = String::new();
    let origin = &report.origin;
    let _ = writeln!(page, "{}", origin.path.display());
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(page, "  {name:<10}{value}");
    };
    row(
        "format",
        &format!(
            "{} ({} bytes, SHA-256 {})",
            report.format, origin.bytes, origin.sha256
        ),
    );
    for beside in &origin.beside {
        row(
            "with",
            &format!("{} (SHA-256 {})", beside.path, beside.sha256),
        );
    }
    if report.corrections > 0 {
        row(
            "by hand",
            &format!(
                "{} corrections by a reader, which the analysis applies",
                report.corrections
            ),
        );
    }
    row("start", origin.started.as_deref().unwrap_or("not stated"));
    row("device", origin.device.as_deref().unwrap_or("not stated"));
    row(
        "clock",
        match origin.clock {
            Clock::True => "true times in seconds after the start",
            Clock::OrderOnly => "only the order of the sweeps is known; their times say nothing",
            Clock::Stated => {
                "times within trains and after exercise as stated beside the recording"
            }
        },
    );
    row("subject", &subject(report));
    for channel in &report.channels {
        page.push_str(&channel_text(channel));
    }
    if report.channels.is_empty() {
        page.push_str("  no channels\n");
    }
    page.push_str(&marks(report));
    for finding in &report.findings {
        let _ = writeln!(
            page,
            "  finding   {}: {} — {}",
            finding.code, finding.message, finding.advice
        );
    }
    page
}

fn subject(report: &Report) -> String {
    let subject = &report.subject;
    let mut parts = Vec::new();
    if let Some(identity) = &subject.identity {
        let known = [
            ("name", &identity.name),
            ("born", &identity.birth_date),
            ("record number", &identity.record_number),
        ];
        parts.extend(
            known
                .iter()
                .filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} {text}"))),
        );
    }
    parts.extend(subject.code.as_ref().map(|code| format!("code {code}")));
    parts.extend(subject.age_years.map(|age| format!("{age} years")));
    parts.extend(subject.sex.clone());
    parts.extend(subject.skin_temperature.map(|skin| format!("skin {skin}")));
    if parts.is_empty() {
        "not stated".to_owned()
    } else {
        parts.join(", ")
    }
}

fn channel_text(channel: &ChannelReport) -> String {
    let mut text = String::new();
    let unit = if channel.voltage {
        "mV"
    } else {
        channel.unit.as_str()
    };
    let role = match channel.role {
        Role::Other => "other, not measured",
        measured => measured.as_str(),
    };
    let side = channel.side.map(Side::as_str);
    let place: Vec<&str> = [channel.muscle.as_deref(), channel.nerve.as_deref(), side]
        .into_iter()
        .flatten()
        .collect();
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(", {}", place.join(", "))
    };
    let _ = writeln!(
        text,
        "  channel {} \"{}\": {role}{place}",
        channel.number, channel.label
    );
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "    {name:<11}{value}");
    };
    row("rate", format!("{} Hz", number(channel.rate_hz)));
    let first = channel.first_start_s.map_or_else(String::new, |start| {
        format!(", first at {} s", number(start))
    });
    let last = channel
        .last_start_s
        .filter(|_| channel.segments > 1)
        .map_or_else(String::new, |start| {
            format!(", last at {} s", number(start))
        });
    row(
        "samples",
        format!(
            "{} ({} s) in {} segment{}{first}{last}",
            channel.samples,
            number(channel.duration_s),
            channel.segments,
            if channel.segments == 1 { "" } else { "s" }
        ),
    );
    let written = if channel.unit.is_empty() {
        "no unit".to_owned()
    } else {
        format!("unit {}", channel.unit)
    };
    let offset = if channel.offset == 0.0 {
        String::new()
    } else {
        format!(", stored 0 is {} {unit}", number(channel.offset))
    };
    let step = if !channel.voltage {
        format!("{} {unit}", number(channel.step))
    } else {
        // Microvolts, because a step of a converter is that small.
        format!("{} µV", number(channel.step * 1000.0))
    };
    row(
        "stored as",
        format!(
            "{}, {written}, one step {step}{offset}",
            channel.stored.unwrap_or("nothing")
        ),
    );
    row(
        "rails",
        match (channel.rails, channel.on_rails) {
            (Some((low, high)), Some(count)) => format!(
                "{} to {}, {count} samples on them",
                number(low),
                number(high)
            ),
            _ => "not known".to_owned(),
        },
    );
    row(
        "values",
        match (channel.lowest, channel.highest) {
            (Some(low), Some(high)) => format!("{} to {} {unit}", number(low), number(high)),
            _ => "none".to_owned(),
        },
    );
    if let Some(prefilter) = &channel.prefilter {
        row("prefilter", prefilter.clone());
    }
    if let Some(transducer) = &channel.transducer {
        row("electrode", transducer.clone());
    }
    if channel.gap_count > 0 {
        let shown: Vec<_> = channel
            .gaps
            .iter()
            .map(|gap| format!("{}–{} s", number(gap.from_s), number(gap.to_s)))
            .collect();
        let more = if channel.gap_count > shown.len() {
            " …"
        } else {
            ""
        };
        row(
            "gaps",
            format!("{}: {}{more}", channel.gap_count, shown.join(", ")),
        );
    }
    for finding in &channel.findings {
        row(
            "finding",
            format!("{}: {} — {}", finding.code, finding.message, finding.advice),
        );
    }
    text
}

fn marks(report: &Report) -> String {
    let mut text = String::new();
    if report.marks.is_empty() {
        return "  marks     none\n".to_owned();
    }
    let _ = writeln!(text, "  marks     {}", report.marks.len());
    for count in report.mark_counts.iter().take(TEXTS_SHOWN) {
        let _ = writeln!(
            text,
            "    {:>5} × \"{}\" ({}), first at {} s",
            count.count,
            count.text,
            count.meaning,
            number(count.first_s)
        );
    }
    if report.mark_counts.len() > TEXTS_SHOWN {
        let _ = writeln!(
            text,
            "    … and {} other texts (all with --json)",
            report.mark_counts.len() - TEXTS_SHOWN
        );
    }
    if report.marks.len() > report.mark_counts.len() {
        let shown = report.marks.iter().take(MARKS_SHOWN).map(|mark| {
            let of = mark
                .channel
                .map_or_else(String::new, |channel| format!(" (channel {channel})"));
            let length = mark
                .duration_s
                .map_or_else(String::new, |length| format!(" for {} s", number(length)));
            format!("{} s {}{length}{of}", number(mark.time_s), mark.text)
        });
        let more = if report.marks.len() > MARKS_SHOWN {
            " …"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "    in time: {}{more}",
            shown.collect::<Vec<_>>().join("; ")
        );
    }
    text
}

/// Six significant digits without trailing zeros; whole numbers whole.
fn number(value: f64) -> String {
    if value == 0.0 || (value.fract() == 0.0 && value.abs() < 1e15) {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from((DIGITS - 1 - magnitude).clamp(0, 15)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
