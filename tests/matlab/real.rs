//! Files of others: what their programs measured must be in the samples.

use super::*;

fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle/matlab_real.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_sweeps_of_real_trains_have_the_amplitudes_that_their_authors_published() {
    let recording = read(
        "mep-trains.mat",
        "rate_hz = 3000\nunit = 'uV'\nstimulus_ms = 50\n[[channels]]\nvariable = 'meps'\nsample_axis = 0",
    );
    let expected = expected();
    let published = numbers(&expected["amplitudes_uv"]);
    let sampled = numbers(&expected["peak_to_peak_uv"]);
    let channel = &recording.channels[0];
    assert_eq!((channel.segments.len(), recording.marks.len()), (8, 8));
    for (sweep, segment) in channel.segments.iter().enumerate() {
        let stored = segment.samples.widen(0..usize::MAX);
        assert_eq!(stored.len(), 601);
        let peak_to_peak = stored.iter().copied().fold(f64::MIN, f64::max)
            - stored.iter().copied().fold(f64::MAX, f64::min);
        assert_eq!(peak_to_peak, sampled[sweep]);
        // The authors measure on a spline between the samples, which is a little larger at 3 kHz.
        let part = peak_to_peak / published[sweep];
        assert!(part > 0.99 && part < 1.0005, "sweep {sweep}: {part}");
        let mark = recording.marks[sweep].time.0;
        assert!((mark - segment.start.0 - 0.05).abs() < 1e-9);
    }
}

#[test]
fn a_file_that_matlab_wrote_holds_what_scipy_read() {
    let expected = expected();
    for (index, expected) in expected["uneven"].as_array().unwrap().iter().enumerate() {
        let recording = read(
            "test_uneven_samp.mat",
            &format!(
                "rate_hz = 1000\nunit = 'uV'\n[[channels]]\nvariable = 'data'\nsample_axis = 1\nindex = {index}"
            ),
        );
        let values = stored(&recording, 0);
        let number = |name: &str| expected[name].as_f64().unwrap();
        assert_eq!(values.len() as f64, number("count"));
        assert_eq!(
            values.iter().copied().fold(f64::MAX, f64::min),
            number("min")
        );
        assert_eq!(
            values.iter().copied().fold(f64::MIN, f64::max),
            number("max")
        );
        let sum: f64 = values.iter().sum();
        assert!((sum - number("sum")).abs() <= 1e-9 * number("sum").abs().max(1.0));
    }
}
