//! The words for alternatives, as they stand in tables and JSON.

use crate::series::When;
use crate::stimulus::StimulusOrigin;
use crate::sweep::BaselineKind;
use crate::train::TrainKind;

/// From what a stimulus was found.
pub fn stimulus_origin(origin: StimulusOrigin) -> &'static str {
    match origin {
        StimulusOrigin::Mark => "mark",
        StimulusOrigin::Trigger => "trigger",
        StimulusOrigin::Artefact => "artefact",
    }
}

/// From where a baseline was taken.
pub fn baseline_kind(kind: BaselineKind) -> &'static str {
    match kind {
        BaselineKind::BeforeStimulus => "before_stimulus",
        BaselineKind::ShortBeforeStimulus => "short_before_stimulus",
        BaselineKind::BeforeTrain => "before_train",
        BaselineKind::BeforeResponse => "before_response",
    }
}

/// What a train is for.
pub fn train_kind(kind: TrainKind) -> &'static str {
    match kind {
        TrainKind::Single => "single",
        TrainKind::Low => "low",
        TrainKind::High => "high",
        TrainKind::Other => "other",
    }
}

/// When a train was recorded, as to exercise.
pub fn when(when: When) -> &'static str {
    match when {
        When::Rest => "rest",
        When::After { .. } => "after",
        When::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_json() {
        let json = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        for kind in [
            TrainKind::Single,
            TrainKind::Low,
            TrainKind::High,
            TrainKind::Other,
        ] {
            assert_eq!(json(serde_json::to_value(kind).unwrap()), train_kind(kind));
        }
        for kind in [
            BaselineKind::BeforeStimulus,
            BaselineKind::ShortBeforeStimulus,
            BaselineKind::BeforeTrain,
            BaselineKind::BeforeResponse,
        ] {
            assert_eq!(
                json(serde_json::to_value(kind).unwrap()),
                baseline_kind(kind)
            );
        }
        for origin in [
            StimulusOrigin::Mark,
            StimulusOrigin::Trigger,
            StimulusOrigin::Artefact,
        ] {
            assert_eq!(
                json(serde_json::to_value(origin).unwrap()),
                stimulus_origin(origin)
            );
        }
    }
}
