//! What sidecars say, and what happens where they contradict the recording.

use super::*;
use endplate::formats::Mapping;

const NAME: &str = "a.edf";

/// The bare recording with one sidecar.
fn with(ending: &str, text: &str) -> Recording {
    let folder = Folder::with(FIRST, NAME);
    folder.put(&format!("a_{ending}"), text.as_bytes());
    folder.open(NAME).unwrap()
}

fn only(recording: &Recording, code: FindingCode) -> &str {
    let details = details(recording, code);
    assert_eq!(details.len(), 1, "{details:?}");
    details[0]
}

#[test]
fn events_that_the_recording_has_already_are_not_added_and_others_are_counted() {
    let folder = Folder::with("annotated.edf", NAME);
    let own = folder.open(NAME).unwrap().marks;
    let same = std::fs::read(fixtures().join("beside/rns_events.tsv")).unwrap();
    folder.put("a_events.tsv", &same);
    let found = folder.open(NAME).unwrap();
    assert_eq!(found.marks, own);
    assert!(details(&found, FindingCode::MarksAdded).is_empty());
    // Half a sample is 0.1 ms.
    folder.put(
        "a_events.tsv",
        b"onset\tduration\ttrial_type\n0.100218\t0\tstimulus\n0.43360\t0\tstimulus\n1.25\t10\texercise\n",
    );
    let found = folder.open(NAME).unwrap();
    assert_eq!(found.marks.len(), own.len() + 2);
    assert_eq!(
        only(&found, FindingCode::MarksAdded),
        "2 from a_events.tsv beside 6 of the recording itself; 1 stand in both"
    );
    let exercise = found.marks.last().unwrap();
    assert_eq!(exercise.text, "exercise");
    assert_eq!(exercise.duration.map(|length| length.0), Some(10.0));
}

#[test]
fn an_event_counts_from_the_first_sample_and_may_concern_one_channel() {
    let folder = Folder::with("annotated.edf", "b.csv");
    folder
        .put("b.csv", b"time_s,A [mV],B [mV]\n10,1,1\n10.5,2,2\n11,1,1\n")
        .put(
            "b_events.tsv",
            b"onset\tduration\ttrial_type\tvalue\tchannel\n0.5\tn/a\tstimulus\t32 mA\tB\n-1\tn/a\tn/a\trest\tA|B\n1\tn/a\tx\tn/a\tC\n",
        );
    let found = folder.open("b.csv").unwrap();
    let marks: Vec<_> = found
        .marks
        .iter()
        .map(|mark| (mark.time.0, mark.text.as_str(), mark.channel))
        .collect();
    assert_eq!(
        marks,
        [
            (9.0, "rest", Some(0)),
            (9.0, "rest", Some(1)),
            (10.5, "stimulus 32 mA", Some(1)),
            (11.0, "x", None)
        ]
    );
    assert!(only(&found, FindingCode::SidecarNotFollowed).contains("the first \"C\""));
}

#[test]
fn events_without_a_text_are_counted_and_left_out() {
    let found = with("events.tsv", "onset\tduration\n0.1\t0\n");
    assert!(found.marks.is_empty());
    assert_eq!(
        only(&found, FindingCode::SidecarNotFollowed),
        "a_events.tsv: neither trial_type nor value, left out: 1"
    );
}

#[test]
fn an_event_has_no_place_where_only_the_order_of_the_sweeps_is_known() {
    let folder = Folder::with("annotated.edf", "b.csv");
    folder
        .put(
            "b.csv",
            b"# layout = sweeps\n# unit = mV\n# rate_hz = 1000\n1,2\n3,4\n5,6\n",
        )
        .put("b_events.tsv", b"onset\ttrial_type\n0\tstimulus\n");
    let found = folder.open("b.csv").unwrap();
    assert!(found.marks.is_empty());
    assert!(only(&found, FindingCode::SidecarNotFollowed).contains("not their times"));
}

#[test]
fn the_type_says_what_a_channel_is_for_and_a_bad_one_is_not_measured() {
    let found = with(
        "channels.tsv",
        "name\ttype\tunits\tstatus\tstatus_description\nemg1\tEMG\tuV\tbad\telectrode came off\nemg2\tTRIG\tuV\tn/a\tn/a\n",
    );
    assert_eq!(found.channels[0].role, Role::Other);
    assert_eq!(found.channels[1].role, Role::Trigger);
    assert_eq!(
        only(&found, FindingCode::ChannelMarkedBad),
        "\"emg1\" in a_channels.tsv: electrode came off"
    );
    let other = with("channels.tsv", "name\ttype\nemg1\tEMG\nemg2\tECG\n");
    assert_eq!(other.channels[0].role, Role::Response);
    assert_eq!(other.channels[1].role, Role::Other);
}

#[test]
fn units_and_rates_of_the_recording_stand_and_a_contradiction_is_told() {
    let found = with(
        "channels.tsv",
        "name\ttype\tunits\tsampling_frequency\nemg1\tEMG\tmV\t5000\nemg2\tEMG\tµV\t2000\n",
    );
    let bare = fixture("annotated.edf");
    assert_eq!(found.channels[0].calibration, bare.channels[0].calibration);
    assert_eq!(
        details(&found, FindingCode::SidecarNotFollowed),
        [
            "a_channels.tsv, units: \"emg1\" in mV there and in uV in the recording",
            "a_channels.tsv, sampling_frequency: \"emg2\" 2000 Hz there and 5000 Hz in the recording",
        ]
    );
    let found = with(
        "emg.json",
        "{\"SamplingFrequency\": 2048, \"Unheard\": [1]}",
    );
    assert!(
        only(&found, FindingCode::SidecarNotFollowed)
            .starts_with("a_emg.json: SamplingFrequency 2048 Hz, but \"emg1\" has 5000")
    );
}

#[test]
fn a_rate_in_the_table_goes_before_the_general_one() {
    let folder = Folder::with(FIRST, NAME);
    folder
        .put("a_emg.json", b"{\"SamplingFrequency\": 2048}")
        .put(
            "a_channels.tsv",
            b"name\tsampling_frequency\nemg1\t5000\nemg2\t5000\n",
        );
    let found = folder.open(NAME).unwrap();
    assert!(details(&found, FindingCode::SidecarNotFollowed).is_empty());
}

#[test]
fn channels_are_matched_by_name_and_nothing_is_assigned_otherwise() {
    let found = with(
        "channels.tsv",
        "name\ttarget_muscle\nemg3\tAPB\nemg2\tADM\nEDF Annotations\tn/a\n",
    );
    assert_eq!(found.channels[0].muscle, None);
    assert_eq!(found.channels[1].muscle.as_deref(), Some("ADM"));
    assert_eq!(
        details(&found, FindingCode::SidecarNotFollowed),
        [
            "a_channels.tsv, listed there and not in the recording: \"emg3\"",
            "a_channels.tsv, in the recording and not listed there: \"emg1\"",
        ]
    );
    let turned = with(
        "channels.tsv",
        "name\ttarget_muscle\nemg2\tAPB\nemg1\tADM\n",
    );
    assert_eq!(turned.channels[0].muscle.as_deref(), Some("ADM"));
    assert!(only(&turned, FindingCode::SidecarNotFollowed).contains("matched by name"));
    let twice = with(
        "channels.tsv",
        "name\ttarget_muscle\nemg1\tAPB\nemg1\tADM\nemg2\tFDI\n",
    );
    assert_eq!(twice.channels[0].muscle, None);
    assert!(
        only(&twice, FindingCode::SidecarNotFollowed).contains("\"emg1\" (2 rows, 1 channels)")
    );
}

#[test]
fn a_muscle_that_the_recording_names_otherwise_is_not_followed() {
    let folder = Folder::with("annotated.edf", "b.csv");
    folder
        .put(
            "b.csv",
            b"# channel.1.muscle = APB\n# channel.1.side = left\ntime_s,A [mV]\n0,1\n0.5,2\n1,3\n",
        )
        .put("b_channels.tsv", b"name\ttarget_muscle\nA\tright ADM\n");
    let found = folder.open("b.csv").unwrap();
    assert_eq!(found.channels[0].muscle.as_deref(), Some("APB"));
    assert_eq!(found.channels[0].side, Some(Side::Left));
    assert_eq!(
        details(&found, FindingCode::SidecarNotFollowed),
        [
            "b_channels.tsv, target_muscle: \"A\" is ADM there and APB in the recording",
            "b_channels.tsv, side in target_muscle: \"A\"",
        ]
    );
}

#[test]
fn what_a_mapping_states_about_a_channel_goes_before_the_table() {
    let folder = Folder::with(FIRST, NAME);
    folder.put(
        "a_channels.tsv",
        b"name\ttype\ttarget_muscle\nemg1\tECG\tAPB\nemg2\tEMG\tFDI\n",
    );
    let reading = Reading {
        mapping: Mapping::from_toml(
            "[[channels]]\nlabel = 'emg1'\nrole = 'response'\nmuscle = 'ADM'",
        )
        .unwrap(),
        identified: false,
    };
    let found = sidecar::open(&folder.0.path().join(NAME), &reading).unwrap();
    assert_eq!(found.channels[0].role, Role::Response);
    assert_eq!(found.channels[0].muscle.as_deref(), Some("ADM"));
    assert_eq!(found.channels[1].muscle.as_deref(), Some("FDI"));
}

#[test]
fn filters_are_kept_and_a_high_pass_of_10_hz_is_told() {
    let found = with(
        "channels.tsv",
        "name\tlow_cutoff\thigh_cutoff\tnotch\nemg1\t20\t500\tn/a\nemg2\t0.0\t2500\tn/a\n",
    );
    let channel = &found.channels[0];
    assert_eq!(channel.prefilter.as_deref(), Some("HP:20Hz LP:500Hz"));
    assert_eq!(channel.findings[0].code, FindingCode::FilterInHeader);
    let channel = &found.channels[1];
    assert_eq!(channel.prefilter.as_deref(), Some("LP:2500Hz"));
    assert!(channel.findings.is_empty());
}

#[test]
fn who_the_person_is_stands_nowhere_in_what_was_read() {
    let folder = Folder::with(FIRST, "sub-01_task-rns_emg.edf");
    folder.put("dataset_description.json", b"{}").put(
        "participants.tsv",
        b"participant_id\tage\tsex\tlast_name\tbirth_date\nsub-01\t54\tF\tSecretname\t1951-05-02\n",
    );
    let found = folder.open("sub-01_task-rns_emg.edf").unwrap();
    let all = format!("{found:?}");
    assert!(!all.contains("Secretname") && !all.contains("1951-05"));
    assert_eq!(
        only(&found, FindingCode::SubjectWithheld),
        "participants.tsv: last_name, birth_date"
    );
}

#[test]
fn a_participant_without_a_row_or_with_another_age_is_told() {
    let name = "sub-01_task-rns_emg.csv";
    let folder = Folder::with("annotated.edf", name);
    folder
        .put(
            name,
            b"# subject.age_years = 60\n# subject.sex = male\ntime_s,A [mV]\n0,1\n0.5,2\n1,3\n",
        )
        .put("dataset_description.json", b"{}")
        .put(
            "participants.tsv",
            b"participant_id\tage\tsex\nsub-02\t1\tF\n",
        );
    let found = folder.open(name).unwrap();
    assert_eq!(
        only(&found, FindingCode::SidecarNotFollowed),
        "participants.tsv has no row for sub-01"
    );
    folder.put(
        "participants.tsv",
        b"participant_id\tage\tsex\nsub-01\t54\tF\n",
    );
    let found = folder.open(name).unwrap();
    assert_eq!(found.subject.age_years, Some(60.0));
    assert!(
        only(&found, FindingCode::SidecarNotFollowed).contains("the age and the sex of sub-01")
    );
    folder.put(
        "participants.tsv",
        b"participant_id\tage\tsex\nsub-01\t89+\tM\n",
    );
    assert!(details(&folder.open(name).unwrap(), FindingCode::SidecarNotFollowed).is_empty());
}
