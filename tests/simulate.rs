//! Simulated studies look like the textbook, and their truth is the truth.

use endplate::synth::{Plan, Profile, Protocol, Truth, simulate};

const SUBJECTS: u64 = 60;

fn truth(profile: Profile, protocol: &str, seed: u64) -> Truth {
    let protocol: Protocol = protocol.parse().unwrap();
    simulate(&Plan {
        profile,
        protocol,
        seed,
        sweep_before_ms: 1.0,
        sweep_after_ms: 5.0,
        ..Plan::default()
    })
    .truth
}

/// 3rd, 50th and 97th percentile over subjects of a number taken from each truth.
fn percentiles(truths: &[Truth], value: impl Fn(&Truth) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = truths.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let at = |part: f64| values[(part * (values.len() - 1) as f64).round() as usize];
    (at(0.03), at(0.5), at(0.97))
}

fn amplitude(truth: &Truth, train: usize, ordinal: usize) -> f64 {
    truth.channels[0]
        .responses
        .iter()
        .find(|r| r.train == train && r.ordinal == Some(ordinal))
        .unwrap()
        .amplitude_mv
}

#[test]
#[ignore = "prints what the profiles look like"]
fn print_profiles() {
    for &profile in Profile::ALL {
        println!("== {}", profile.id());
        let studies: Vec<Truth> = (1..=SUBJECTS)
            .map(|seed| truth(profile, "standard", seed))
            .collect();
        let show = |name: &str, value: &dyn Fn(&Truth) -> f64| {
            let (low, mid, high) = percentiles(&studies, value);
            println!("{name:>28}: {low:8.2} {mid:8.2} {high:8.2}");
        };
        let train = |t: &Truth, n: usize| t.channels[0].trains[n].amplitude.unwrap();
        show("first mV", &|t| amplitude(t, 0, 1));
        show("latency ms", &|t| {
            t.channels[0].responses[0].landmarks.unwrap().onset_ms
        });
        show("rise ms", &|t| {
            t.channels[0].responses[0].landmarks.unwrap().rise_ms
        });
        show("duration ms", &|t| {
            t.channels[0].responses[0]
                .landmarks
                .unwrap()
                .duration_ms
                .unwrap()
        });
        show("positive/negative", &|t| {
            -t.channels[0].responses[0]
                .landmarks
                .unwrap()
                .positive_peak_mv
                .unwrap()
                / amplitude(t, 0, 1)
        });
        show("decrement 1-4", &|t| train(t, 0).decrement_1_4_pct.unwrap());
        show("decrement 1-low", &|t| {
            train(t, 0).decrement_1_low_pct.unwrap()
        });
        show("nadir", &|t| train(t, 0).lowest.unwrap() as f64);
        show("decrement 1-10", &|t| {
            train(t, 0).decrement_1_last_pct.unwrap()
        });
        show("10 s exercise %", &|t| {
            t.channels[0].facilitations[0].amplitude_pct
        });
        show("60 s later %", &|t| {
            100.0 * (amplitude(t, 3, 1) / amplitude(t, 1, 1) - 1.0)
        });
        for (n, name) in ["0", "1", "2", "3", "4"].iter().enumerate() {
            show(&format!("{name} min: first %"), &|t| {
                100.0 * (amplitude(t, 4 + n, 1) / amplitude(t, 0, 1) - 1.0)
            });
            show(&format!("{name} min: decrement 1-4"), &|t| {
                train(t, 4 + n).decrement_1_4_pct.unwrap()
            });
        }
        for protocol in ["30Hz*30", "50Hz*50"] {
            let studies: Vec<Truth> = (1..=SUBJECTS)
                .map(|seed| truth(profile, protocol, seed))
                .collect();
            let show = |name: &str, value: &dyn Fn(&Truth) -> f64| {
                let (low, mid, high) = percentiles(&studies, value);
                println!("{protocol} {name:>20}: {low:8.2} {mid:8.2} {high:8.2}");
            };
            show("lowest %", &|t| -train(t, 0).decrement_1_low_pct.unwrap());
            show("last %", &|t| train(t, 0).increment_last_pct.unwrap());
            show("area last %", &|t| {
                t.channels[0].trains[0]
                    .area
                    .and_then(|a| a.increment_last_pct)
                    .unwrap_or(f64::NAN)
            });
            show("duration last %", &|t| {
                let all = &t.channels[0].responses;
                let of = |i: usize| all[i].landmarks.unwrap().duration_ms.unwrap_or(f64::NAN);
                100.0 * (of(all.len() - 1) / of(0) - 1.0)
            });
        }
    }
}

#[test]
#[ignore = "writes waveforms to /tmp for looking at"]
fn dump_waveforms() {
    use std::io::Write;
    let folder = std::path::Path::new("/tmp/h/synth/look");
    std::fs::create_dir_all(folder).unwrap();
    for &profile in Profile::ALL {
        for protocol in [
            "3Hz*10",
            "30Hz*30",
            "50Hz*50",
            "single,exercise:10s,after:2s,single,after:60s,single",
        ] {
            let plan = Plan {
                profile,
                protocol: protocol.parse().unwrap(),
                seed: 4,
                ..Plan::default()
            };
            let made = simulate(&plan);
            let name = format!(
                "{}_{}",
                profile.id(),
                protocol.replace([':', ',', '*'], "_")
            );
            serde_json::to_writer(
                std::fs::File::create(folder.join(format!("{name}.json"))).unwrap(),
                &made.truth,
            )
            .unwrap();
            let mut csv = std::io::BufWriter::new(
                std::fs::File::create(folder.join(format!("{name}.csv"))).unwrap(),
            );
            for segment in &made.recording.channels[0].segments {
                let values = made.recording.channels[0].physical(segment, 0..usize::MAX);
                for (i, v) in values.iter().enumerate() {
                    writeln!(
                        csv,
                        "{:.7},{v:.5}",
                        segment.start.0 + i as f64 / plan.rate_hz
                    )
                    .unwrap();
                }
            }
        }
    }
}
