//! Recordings of others.

use super::*;
use endplate::sidecar::{self, Reading};

#[test]
fn the_human_m_waves_are_read_as_their_authors_measure_them() {
    let recording = sidecar::open(
        &fixture("recordings/real/m-wave-human.csv"),
        &Reading::default(),
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(
        (
            recording.channels.len(),
            channel.segments.len(),
            channel.rate
        ),
        (1, 41, Hertz(3200.0))
    );
    assert!(
        channel
            .segments
            .iter()
            .all(|segment| segment.samples.len() == 193)
    );
    assert_eq!(recording.marks.len(), 41);
    assert_eq!(
        (
            recording.marks[0].text.as_str(),
            recording.marks[40].text.as_str()
        ),
        ("stimulus 1.5mA", "stimulus 6.5mA")
    );
    assert_eq!(recording.origin.clock, Clock::OrderOnly);
    let oracle = std::fs::read_to_string(fixture("oracle/m_wave_human.csv")).unwrap();
    let rows: Vec<Vec<f64>> = oracle
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), 41);
    for (segment, row) in channel.segments.iter().zip(&rows) {
        let sweep = channel.physical(segment, 0..usize::MAX).unwrap();
        // The authors take the samples from 8.1 up to 15.9 ms and from 34.6 up to 42.4 ms.
        for (from, to, expected) in [(8.1, 15.9, row[3]), (34.6, 42.4, row[4])] {
            let inside = sweep
                .iter()
                .enumerate()
                .filter(|(index, _)| (from..=to).contains(&(*index as f64 * 0.3125)))
                .map(|(_, value)| *value);
            let (low, high) = inside
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
            assert!(
                (high - low - expected).abs() < 1e-12,
                "{} against {expected}",
                high - low
            );
        }
    }
}

#[test]
fn the_rodent_plateau_has_its_known_size() {
    let recording = sidecar::open(
        &fixture("recordings/real/m-wave-rodent.csv"),
        &Reading::default(),
    )
    .unwrap();
    let channel = &recording.channels[0];
    assert_eq!(
        (channel.segments.len(), channel.rate, channel.sample_count()),
        (80, Hertz(10000.0), 6400)
    );
    assert_eq!(
        channel.segments[0].samples.stored(0).unwrap(),
        Some(0.0030060934)
    );
    assert_eq!(recording.marks[79].text, "stimulus 0.82V");
    assert!((recording.marks[0].time.0 - channel.segments[0].start.0 - 0.001).abs() < 1e-12);
    let sizes: Vec<f64> = channel.segments[63..]
        .iter()
        .map(|segment| {
            let sweep = channel.physical(segment, 0..usize::MAX).unwrap();
            sweep.iter().copied().fold(f64::NEG_INFINITY, f64::max)
                - sweep.iter().copied().fold(f64::INFINITY, f64::min)
        })
        .collect();
    let mean = sizes.iter().sum::<f64>() / 17.0;
    let deviation = (sizes.iter().map(|size| (size - mean).powi(2)).sum::<f64>() / 16.0).sqrt();
    // numpy: 12.650570841, CV 0.0050317546 (n - 1)
    assert!((mean - 12.650570841176473).abs() < 1e-9, "{mean}");
    assert!(
        (deviation / mean - 0.0050317546512).abs() < 1e-9,
        "{}",
        deviation / mean
    );
}

#[test]
fn the_recordings_of_others_survive_being_written() {
    for name in ["m-wave-human.csv", "m-wave-rodent.csv"] {
        let original =
            sidecar::open(&fixture("recordings/real").join(name), &Reading::default()).unwrap();
        assert_eq!(
            without_path(&through_a_file(&original).unwrap()),
            without_path(&original)
        );
    }
}
