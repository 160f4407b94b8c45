//! Numbers that publications print, from their counts.

/// Counts that are published as percentages: count, of, percent to two decimals, percent as printed, its decimals.
const COUNTS: &[(u64, u64, f64, f64, u32)] = &[
    (29, 34, 85.29, 85.0, 0),
    (33, 34, 97.06, 97.0, 0),
    (534, 538, 99.26, 99.0, 0),
    (76, 140, 54.29, 54.0, 0),
    (65, 140, 46.43, 46.0, 0),
    (60, 63, 95.24, 95.2, 1),
    (23, 25, 92.0, 92.0, 0),
    (56, 192, 29.17, 29.2, 1),
    (44, 192, 22.92, 22.9, 1),
    (46, 63, 73.02, 73.0, 1),
    (15, 44, 34.09, 34.1, 1),
    (43, 63, 68.25, 68.3, 1),
    (33, 63, 52.38, 52.4, 1),
    (9, 63, 14.29, 14.3, 1),
];

#[test]
fn counts_give_the_printed_percentages() {
    for &(count, of, percent, printed, decimals) in COUNTS {
        let share = endplate::summary::Share::new("", count, of);
        let value = share.percent.unwrap();
        assert!((value - percent).abs() < 0.005, "{count}/{of} = {value}");
        let scale = 10f64.powi(decimals as i32);
        assert_eq!((value * scale).round() / scale, printed, "{count}/{of}");
        assert!(share.low.unwrap() < value && share.high.unwrap() > value);
    }
}

/// Limits of jitter that are printed as mean + 2 SD, rounded up to whole µs: mean, SD, sum, printed.
#[test]
fn limits_of_mean_and_two_standard_deviations() {
    for (mean, sd, sum, printed) in [
        (19.9, 2.9, 25.7, 26.0),
        (26.9, 4.4, 35.7, 36.0),
        (21.5, 1.99, 25.48, 26.0),
        (22.5, 3.7, 29.9, 30.0),
    ] {
        let limit: f64 = mean + 2.0 * sd;
        assert!((limit - sum).abs() < 1e-9);
        assert_eq!(limit.ceil(), printed);
    }
    // One printed limit (43.3) is not parametric: 31.3 + 2 · 6.5 is 44.3.
    assert!((31.3 + 2.0 * 6.5 - 44.3_f64).abs() < 1e-9);
}

/// Limits of the resting CMAP that are computed from a published mean and standard deviation.
#[test]
fn resting_limits_are_mean_less_two_standard_deviations() {
    let computed = [
        ("buschbacher-adm", "adm", 11.6, 2.1),
        ("buschbacher-apb", "apb", 10.2, 3.6),
        ("czech-hand", "adm", 9.6, 2.3),
        ("czech-hand", "apb", 10.0, 3.0),
        ("czech-hand", "fdi", 12.0, 4.0),
        ("trapezius-31563375", "upper", 8.02, 2.2),
        ("trapezius-31563375", "middle", 3.96, 1.77),
    ];
    for (set, rule, mean, sd) in computed {
        let set = endplate::criteria::built_in()
            .iter()
            .find(|other| other.id == set)
            .unwrap();
        let rule = set.rules.iter().find(|other| other.id == rule).unwrap();
        assert!(
            (rule.limit - (mean - 2.0 * sd)).abs() < 0.05,
            "{} {}: {}",
            set.id,
            rule.id,
            rule.limit
        );
    }
}
