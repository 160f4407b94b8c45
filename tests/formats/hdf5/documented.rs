//! Files of h5py, and the pages that say how to write them.

use super::*;

#[test]
fn files_of_h5py_are_read_sample_for_sample() {
    let oracle = oracle();
    let files = oracle["files"].as_object().unwrap();
    assert!(files.len() >= 7);
    for (name, expected) in files {
        let mapping =
            text(&expected["mapping"]).map_or_else(Mapping::default, |toml| mapping(&toml));
        let read = open(&fixture(name), &mapping).unwrap_or_else(|error| panic!("{name}: {error}"));
        let channels = expected["channels"].as_array().unwrap();
        assert_eq!(read.channels.len(), channels.len(), "{name}");
        for (channel, expected) in read.channels.iter().zip(channels) {
            let place = format!("{name} {}", channel.label);
            assert_eq!(Some(channel.label.clone()), text(&expected["label"]));
            assert_eq!(channel.rate.0, number(&expected["rate_hz"]), "{place}");
            let calibration = &channel.calibration;
            assert_eq!(calibration.gain, number(&expected["gain"]), "{place}");
            assert_eq!(calibration.offset, number(&expected["offset"]), "{place}");
            assert_eq!(Some(calibration.unit.clone()), text(&expected["unit"]));
            assert_eq!(
                calibration.millivolts_per_unit,
                maybe(&expected["millivolts_per_unit"]),
                "{place}"
            );
            assert_eq!(
                calibration.rails,
                expected["rails"]
                    .as_array()
                    .map(|rails| (number(&rails[0]), number(&rails[1]))),
                "{place}"
            );
            let role = serde_json::to_value(channel.role).unwrap();
            assert_eq!(role, expected["role"], "{place}");
            assert_eq!(
                serde_json::to_value(channel.side).unwrap(),
                expected["side"],
                "{place}"
            );
            assert_eq!(channel.muscle, text(&expected["muscle"]), "{place}");
            assert_eq!(channel.nerve, text(&expected["nerve"]), "{place}");
            assert_eq!(channel.prefilter, text(&expected["prefilter"]), "{place}");
            assert_eq!(channel.transducer, text(&expected["transducer"]), "{place}");
            let segments = expected["segments"].as_array().unwrap();
            assert_eq!(channel.segments.len(), segments.len(), "{place}");
            for (segment, expected) in channel.segments.iter().zip(segments) {
                assert_eq!(segment.start.0, number(&expected["start_s"]), "{place}");
                let values = expected["samples"].as_array().unwrap();
                assert_eq!(segment.samples.len(), values.len(), "{place}");
                for (index, value) in values.iter().enumerate() {
                    let found = segment.samples.stored(index).unwrap().unwrap();
                    let value = number(value);
                    // NaN equals NaN here.
                    assert!(
                        found == value || (found.is_nan() && value.is_nan()),
                        "{place}, sample {index}: {found} is not {value}"
                    );
                }
            }
            assert_eq!(
                Some(channel.segments[0].samples.kind()),
                expected["kind"].as_str(),
                "{place}"
            );
        }
        let marks: Vec<Mark> = expected["marks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mark| Mark {
                time: Seconds(number(&mark[0])),
                duration: maybe(&mark[1]).map(Seconds),
                text: text(&mark[2]).unwrap(),
                channel: mark[3].as_u64().map(|channel| channel as usize),
            })
            .collect();
        assert_eq!(read.marks, marks, "{name}");
        assert_eq!(
            serde_json::to_value(read.origin.clock).unwrap(),
            expected["clock"],
            "{name}"
        );
        assert_eq!(read.origin.started, text(&expected["started"]), "{name}");
        assert_eq!(read.origin.device, text(&expected["device"]), "{name}");
        let subject = &expected["subject"];
        assert_eq!(read.subject.code, text(&subject["code"]), "{name}");
        assert_eq!(read.subject.age_years, maybe(&subject["age_years"]));
        assert_eq!(read.subject.sex, text(&subject["sex"]));
        assert_eq!(
            read.subject.skin_temperature,
            maybe(&subject["skin_temperature_c"]).map(Celsius)
        );
    }
}

#[test]
fn every_mapping_in_the_documentation_is_one() {
    let page = document("docs/formats/mapping.md") + &document("docs/formats/sidecar.md");
    let mut examples = 0;
    for block in page.split("```toml\n").skip(1) {
        let toml = block.split("```").next().unwrap();
        Mapping::from_toml(toml).unwrap_or_else(|error| panic!("{toml}\n{error}"));
        examples += 1;
    }
    assert!(examples >= 6);
}

#[test]
fn every_field_of_a_mapping_is_in_the_documentation() {
    let page = document("docs/formats/mapping.md") + &document("docs/formats/sidecar.md");
    let schema = serde_json::to_value(schemars::schema_for!(Mapping)).unwrap();
    let mut fields = 0;
    let parts = [
        &schema,
        &schema["$defs"]["TextMapping"],
        &schema["$defs"]["ChannelMapping"],
        &schema["$defs"]["MarkMapping"],
        &schema["$defs"]["SubjectMapping"],
        &schema["$defs"]["TrainMapping"],
        &schema["$defs"]["ExerciseMapping"],
    ];
    for part in parts {
        for name in part["properties"].as_object().unwrap().keys() {
            assert!(
                page.contains(&format!("`{name}`")) || page.contains(&format!("[{name}]")),
                "{name} is not documented"
            );
            fields += 1;
        }
    }
    assert!(fields > 40);
}
