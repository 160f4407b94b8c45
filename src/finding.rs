//! All that can be noticed about a result whose value stands.
//!
//! A finding travels with the data into every output. It is never only a log line, and it never replaces a value.

use schemars::JsonSchema;
use serde::Serialize;

/// One thing that was noticed, with the numbers that made it so.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// Which of the known findings.
    pub code: FindingCode,
    /// What exactly was seen, with numbers and units: `50 Hz, 41 µV RMS before it was subtracted`.
    pub detail: String,
}

impl Finding {
    /// A finding with its detail.
    pub fn new(code: FindingCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// One line for a person: what it means and what was seen.
    pub fn message(&self) -> String {
        let meaning = self.code.meaning();
        if self.detail.is_empty() {
            meaning.to_owned()
        } else {
            format!("{meaning}: {}", self.detail)
        }
    }
}

macro_rules! findings {
    ($( $variant:ident $code:literal, $meaning:literal, $advice:literal; )*) => {
        /// The findings that exist, each with its meaning and its advice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum FindingCode {
            $( #[doc = $meaning] $variant, )*
        }

        impl FindingCode {
            /// Every finding, in the order of the reference page.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The stable name, as it stands in tables and JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $( Self::$variant => $meaning, )* }
            }

            /// What to do about it.
            pub const fn advice(self) -> &'static str {
                match self { $( Self::$variant => $advice, )* }
            }
        }
    };
}

findings! {
    // the file
    HeaderCorrected "header_corrected", "A header field contradicts the file and was not used", "Check the program that wrote the file.";
    RailsUnknown "rails_unknown", "The limits of the converter are not stored, so saturation cannot be seen", "Export stored integers with their digital limits.";
    FilterInHeader "filter_in_header", "The recording was filtered before it was stored", "A high pass of 10 Hz or more changes amplitude, area and duration; prefer 2–3 Hz.";
    GapInRecording "gap_in_recording", "The recording is not continuous", "Nothing needs to be done: times are true times, and no value is taken across a gap.";
    ClockUnknown "clock_unknown", "The times between the sweeps are not stored", "State the rate of stimulation in a mapping; without it there is no rate and no time after exercise.";
    DuplicateLabel "duplicate_label", "Two channels bear the same label", "The channel's number tells them apart.";
    ChannelIgnored "channel_ignored", "A channel holds no voltage and was not measured", "Give it a role or a unit in a mapping if it is a response.";
    ProcessedNotMeasured "processed_not_measured", "A processed signal stands beside the recorded one and was not measured", "Give it the role response in a mapping if it is the one to measure.";
    TextNotUnicode "text_not_unicode", "A text is not valid in the encoding that the format prescribes", "It was read as Latin-1.";
    SubjectWithheld "subject_withheld", "A name or a birth date stands in the header and was not copied", "Nothing needs to be done.";
    ChecksumWrong "checksum_wrong", "The samples are not those that the checksum in the header was computed from", "The file may be damaged; compare it with the original.";
    CalibrationChanges "calibration_changes", "Gain, baseline or unit of the channel change within the recording", "Nothing needs to be done: values are true, but saturation cannot be seen.";
    AnnotationsUnread "annotations_unread", "A file of annotations beside the recording could not be read and was left out", "Copy it again, or give the marks in a mapping.";
    StatedByHand "stated_by_hand", "What a person stated beside the recording replaced what the file says", "Check which of the two is right.";
    ClockStated "clock_stated", "The rates and times of the trains were stated by a person, not recorded", "Nothing needs to be done, if they are right: a wrong rate cannot be seen.";
    SweepWithoutTrain "sweep_without_train", "Some sweeps belong to no stated train and stand apart after them", "Give them a train, if they belong to one.";
    StatedBeside "stated_beside", "What the file does not state was taken from a file beside it", "Nothing needs to be done if that file belongs to this recording.";
    SidecarNotFollowed "sidecar_not_followed", "A file beside the recording does not fit it, and was not followed in this", "Correct the one that is wrong; endplate used the recording.";
    MarksAdded "marks_added", "Marks of a file beside the recording were added to its own", "Check that no stimulus stands twice.";
    ChannelMarkedBad "channel_marked_bad", "A file beside the recording says that a channel is bad; it was not measured", "Set its status to good if it is to be measured.";
    OutputsAmbiguous "outputs_ambiguous", "Several digital outputs change, and which of them triggers the stimulator is not stated", "State digital_output in a mapping; none was taken for a stimulus.";
    CorrectedByHand "corrected_by_hand", "A reader changed this by hand", "The numbers before stand in study.json; who, when and why stand beside them.";
    // stimuli
    NoStimulus "no_stimulus", "No stimulus was found", "Mark the stimuli, record a trigger channel, or lower the detection limit.";
    StimulusFromArtefact "stimulus_from_artefact", "The stimuli were found by their artefacts, not by marks or a trigger", "Latencies rest on the rising edge of the artefact.";
    StimulusOutsideSignal "stimulus_outside_signal", "A marked stimulus lies where the channel has no samples", "Check the clock of the marks.";
    MissingStimulus "missing_stimulus", "A stimulus is missing in a regular train", "The numbering of the responses follows the time and is not shifted.";
    ExtraStimulus "extra_stimulus", "A stimulus does not fit the rhythm of its train and was set apart", "Check the trigger for double pulses.";
    IrregularRate "irregular_rate", "The intervals of the train are irregular", "Repeat the train with a steady rate.";
    // sweeps
    MainsHum "mains_hum", "Mains interference was fitted outside the responses and subtracted", "Check the ground electrode and cables.";
    MainsLeft "mains_left", "Mains interference could not be fitted and is left in the sweep", "Store longer sweeps or a continuous recording.";
    Saturated "saturated", "The signal touches the limits of the converter", "Repeat with less gain.";
    ArtefactRemoved "artefact_removed", "The tail of the stimulus artefact was fitted over the train and subtracted", "Move the ground between stimulator and recording electrodes.";
    ArtefactLeft "artefact_left", "The tail of the stimulus artefact reaches the response and could not be separated", "Amplitude and area carry a wider interval; repeat with better skin preparation.";
    BaselineShort "baseline_short", "Less quiet signal than asked for before the response", "Store at least 10 ms before the stimulus.";
    BaselineDrift "baseline_drift", "The baseline drifts", "Wait for the electrodes to settle.";
    BaselineBeforeTrain "baseline_before_train", "The level before the train serves as the baseline, because the previous response is not over", "Nothing needs to be done.";
    NoiseUnknown "noise_unknown", "There is too little quiet signal to measure the noise", "Intervals are not given; store more signal before the stimulus.";
    // responses
    PolarityInverted "polarity_inverted", "The responses of the whole channel point the other way; they were turned", "Check that the active electrode lies on the muscle belly.";
    InitialPositivity "initial_positivity", "The response begins with a positive deflection", "The active electrode is off the end-plate zone; move it and repeat.";
    WindowCut "window_cut", "The sweep ends before the response does", "Store longer sweeps.";
    LowSamplingRate "low_sampling_rate", "The sampling rate is low for this measure", "Use 10 kHz or more.";
    // trains and series
    TrainShort "train_short", "The train is shorter than the convention asks for", "Give at least 5, better 10, stimuli.";
    ResponsesNotMeasured "responses_not_measured", "Some responses of the train could not be measured", "See the reasons beside the responses.";
    RateContradicted "rate_contradicted", "The measured rate contradicts the label of the train", "Check the label and the clock of the marks.";
    RateUnusual "rate_unusual", "The rate is neither 2–5 Hz nor 20–50 Hz", "Repeat at 2–3 Hz for a decrement, at 20–50 Hz for an increment.";
    NoiseHigh "noise_high", "The first response hardly stands out of the noise", "Reduce the noise: skin, ground, cables; relax the muscle.";
    IntervalWide "interval_wide", "The noise leaves the decrement open by several points", "Reduce the noise: skin, ground, cables; relax the muscle; repeat the train.";
    EnvelopeStep "envelope_step", "The responses change abruptly and stay changed", "Fix electrodes and hand, check the stimulator, and repeat: transmission changes smoothly.";
    EnvelopeIrregular "envelope_irregular", "The responses change irregularly from one to the next", "Make the stimulus supramaximal, fix electrodes and hand, and repeat.";
    EnvelopeLinear "envelope_linear", "The responses fall in a straight line", "Fix the hand, make the stimulus supramaximal, and repeat: a transmission defect falls most at the beginning.";
    FirstResponseOutlier "first_response_outlier", "The first response alone differs from the others", "Fix the limb so that the muscle keeps its length, and repeat the train; no other response may stand for the first.";
    Submaximal "submaximal", "Size and latency change together as under a stimulus that is not supramaximal", "Raise the current until the response grows no more, add 20–30 %, and repeat.";
    Movement "movement", "The shape of the responses changes abruptly", "Fix electrodes and hand, and repeat.";
    CreepingMovement "creeping_movement", "The responses get later or longer over the train", "Fix electrodes and hand, and repeat.";
    AmplitudeAreaDisagree "amplitude_area_disagree", "The decrements of amplitude and area disagree", "Look at baseline and shape of the responses; repeat.";
    DecrementNotReproduced "decrement_not_reproduced", "Another train at the same rate at rest has another decrement", "Repeat until two trains agree.";
    RestingResponseSmaller "resting_response_smaller", "The response at rest is much smaller than one at rest before it", "Check stimulator and electrodes, make the stimulus supramaximal, and repeat: growth after exercise is measured against it.";
    ExerciseLengthUnusual "exercise_length_unusual", "The exercise was neither about 10 s nor 30–60 s long", "Use 10 s for facilitation and 60 s for exhaustion.";
    ExerciseDelayLong "exercise_delay_long", "The first stimulus after the exercise came late", "Stimulate within 5 s of the end of the exercise: facilitation fades within seconds.";
    ExerciseUnknown "exercise_unknown", "Trains follow each other without a mark that says which came after exercise", "Mark the exercise or state it in the settings.";
    DelayContradicted "delay_contradicted", "The time after exercise in a mark contradicts the clock", "The longer time was used: a recording that is paused loses time. Check the marks.";
    TemperatureLow "temperature_low", "The limb is cold", "Warm it and repeat: cold hides a decrement and a low response.";
    TemperatureCool "temperature_cool", "The limb is cooler than advised", "Warm it to 34 °C if the result is normal in spite of a suspicion.";
    RepetitiveCmap "repetitive_cmap", "A second, smaller response follows the first one", "Repeat with a single shock; ask for cholinesterase inhibitors.";
    TemperatureUnknown "temperature_unknown", "The skin temperature is not known", "Record it: a cold limb hides a decrement and a low response.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_finding_has_a_name_of_its_own_a_meaning_and_an_advice() {
        let names: BTreeSet<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), FindingCode::ALL.len());
        for code in FindingCode::ALL {
            assert!(
                !code.meaning().is_empty() && code.advice().ends_with('.'),
                "{}",
                code.as_str()
            );
        }
    }
}
