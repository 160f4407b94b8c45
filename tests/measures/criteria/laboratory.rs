//! Trains and series from amplitudes that are given, so that verdicts can be checked by hand.

use endplate::cmap::{Cmap, Estimate, Landmarks, MEASURES, NotMeasured, Value};
use endplate::criteria::{self, Outcome, Verdict};
use endplate::pattern::{self, Pattern};
use endplate::recording::{Clock, Mark, Vocabulary};
use endplate::series::{self, Series};
use endplate::stimulus::{Stimulus, StimulusOrigin};
use endplate::train::{self, Train};
use endplate::units::Seconds;

/// One response: amplitude in mV, negative-peak duration in ms; the area is that of a half sine.
#[derive(Clone, Copy)]
pub struct Evoked {
    pub amplitude: f64,
    pub duration: f64,
}

/// One muscle in the making.
pub struct Laboratory {
    stimuli: Vec<Stimulus>,
    cmaps: Vec<Cmap>,
    marks: Vec<Mark>,
    /// Half the 95 % interval of every value, relative to it.
    pub doubt: f64,
    pub muscle: Option<&'static str>,
}

/// What was made of it.
pub struct Judged {
    pub trains: Vec<Train>,
    pub series: Vec<Series>,
    pub verdicts: Vec<Verdict>,
    pub pattern: Pattern,
}

impl Laboratory {
    pub fn new(muscle: &'static str, doubt: f64) -> Self {
        Self {
            stimuli: Vec::new(),
            cmaps: Vec::new(),
            marks: Vec::new(),
            doubt,
            muscle: Some(muscle),
        }
    }

    pub fn shock(&mut self, time: f64, evoked: Evoked) {
        self.stimuli.push(Stimulus {
            time: Seconds(time),
            uncertainty: Seconds(0.0),
            origin: StimulusOrigin::Mark,
            channel: None,
            current: None,
            width: None,
        });
        let area = evoked.amplitude * evoked.duration * std::f64::consts::FRAC_2_PI;
        let value = |value: f64| -> Value {
            Ok(Estimate {
                value,
                low: value * (1.0 - self.doubt),
                high: value * (1.0 + self.doubt),
                sd: value * self.doubt / 1.959_963_984_540_054,
                bound: 0.0,
            })
        };
        let values = MEASURES
            .iter()
            .map(|measure| match measure.id {
                "amplitude" => value(evoked.amplitude),
                "area" => value(area),
                "duration" => value(evoked.duration),
                _ => Err(NotMeasured::NoResponse),
            })
            .collect();
        self.cmaps.push(Cmap {
            landmarks: Landmarks::default(),
            values,
            repetitive: None,
            findings: Vec::new(),
        });
    }

    pub fn train(&mut self, time: f64, rate: f64, amplitudes: &[f64]) {
        for (index, &amplitude) in amplitudes.iter().enumerate() {
            let duration = 6.0;
            self.shock(
                time + index as f64 / rate,
                Evoked {
                    amplitude,
                    duration,
                },
            );
        }
    }

    pub fn shaped(&mut self, time: f64, rate: f64, evoked: &[Evoked]) {
        for (index, &evoked) in evoked.iter().enumerate() {
            self.shock(time + index as f64 / rate, evoked);
        }
    }

    pub fn single(&mut self, time: f64, amplitude: f64) {
        self.train(time, 1.0, &[amplitude]);
    }

    pub fn exercise(&mut self, time: f64, seconds: f64) {
        self.mark(time, "exercise", Some(seconds));
    }

    pub fn rest(&mut self, time: f64) {
        self.mark(time, "rest", None);
    }

    pub fn mark(&mut self, time: f64, text: &str, seconds: Option<f64>) {
        self.marks.push(Mark {
            time: Seconds(time),
            duration: seconds.map(Seconds),
            text: text.to_owned(),
            channel: None,
        });
    }

    pub fn judge(&self) -> Judged {
        self.judge_by(&criteria::Settings::default())
    }

    pub fn judge_by(&self, settings: &criteria::Settings) -> Judged {
        self.judged(settings, &pattern::Settings::default())
    }

    pub fn judge_with(&self, pattern: &pattern::Settings) -> Judged {
        self.judged(&criteria::Settings::default(), pattern)
    }

    fn judged(&self, settings: &criteria::Settings, by: &pattern::Settings) -> Judged {
        let vocabulary = Vocabulary::default();
        let trains = train::group(
            train::Material {
                channel: 0,
                stimuli: &self.stimuli,
                cmaps: &self.cmaps,
                marks: &self.marks,
                vocabulary: &vocabulary,
                clock: Clock::True,
            },
            &train::Settings::default(),
        );
        let series = series::arrange(
            series::Material {
                channel: 0,
                trains: &trains,
                cmaps: &self.cmaps,
                marks: &self.marks,
                vocabulary: &vocabulary,
                clock: Clock::True,
                enlargement: &train::enlargement::Settings::default(),
                by_hand: &std::collections::BTreeMap::new(),
            },
            &series::Settings::default(),
        );
        let material = criteria::Material {
            muscle: self.muscle,
            trains: &trains,
            series: &series,
            cmaps: &self.cmaps,
        };
        let verdicts = criteria::judge(&material, settings, &by.sets());
        let pattern = pattern::read(
            &[pattern::Muscle {
                channel: 0,
                name: self.muscle.unwrap_or("channel 1").to_owned(),
                material,
                verdicts: &verdicts,
            }],
            &[],
            by,
        );
        Judged {
            trains,
            series,
            verdicts,
            pattern,
        }
    }
}

impl Judged {
    pub fn outcome(&self, set: &str, rule: &str) -> &Outcome {
        let verdict = self
            .verdicts
            .iter()
            .find(|verdict| verdict.set == set && verdict.rule == rule);
        &verdict
            .unwrap_or_else(|| panic!("no verdict of {set} {rule}"))
            .outcome
    }

    pub fn says(&self, words: &str) -> bool {
        self.pattern
            .reasons
            .iter()
            .any(|reason| reason.text.contains(words))
    }

    pub fn reasons(&self) -> String {
        let texts: Vec<_> = self
            .pattern
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        texts.join("\n")
    }
}
