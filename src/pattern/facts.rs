//! What is known of one muscle, as far as the rules of the pattern ask: each answer with the line that a reader can follow.

use super::settings::Settings;
use super::words::{self, Line};
use super::{Muscle, Reason, Step};
use crate::criteria::{Evidence, Outcome, Seen, Subject, Supports, Verdict};
use crate::series::When;
use crate::train::{Enlargement, EnlargementReading, Shape, Trust};

/// Yes, no, or why neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
    Unknown,
}

/// How far a rule was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Degree {
    Met,
    Undecided,
    NotMet,
    NotTested,
}

/// What is known of the increment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Increment {
    /// Met, and the area grows with the amplitude.
    True,
    /// Surely moderate, and not surely above the limit; whether surely above what healthy subjects show.
    Moderate { above_healthy: bool },
    /// Met, but amplitude alone may have grown.
    Doubtful,
    /// The interval spans the limit.
    Undecided,
    /// Below.
    Small,
    /// Not looked for, or not believable.
    NotTested,
}

/// What the rules ask of one muscle.
pub(super) struct Facts {
    /// Whether any train can be believed.
    pub believed: bool,
    /// Whether any rule could be asked.
    pub tested: bool,
    pub repetitive: bool,
    pub low: Known,
    pub decrement: Degree,
    pub decrement_after: Degree,
    /// A second set is met, or the value lies in the gray zone of the first.
    pub decrement_second: bool,
    pub shape: Option<Shape>,
    pub increment: Increment,
    /// Whether a believable train at high rate never exceeds its first response.
    pub falls_at_high_rate: bool,
    pub persists: Known,
    pub exhausts: Known,
    pub reasons: Vec<Reason>,
}

impl Facts {
    /// Looks at one muscle.
    pub fn of(muscle: &Muscle<'_>, settings: &Settings) -> Self {
        let mut look = Look {
            muscle,
            settings,
            reasons: Vec::new(),
        };
        let believed = look.gate();
        let repetitive = look.repetitive();
        let low = look.low();
        let (decrement, decrement_after, decrement_second, shape) = look.decrement();
        let increment = look.increment();
        let falls_at_high_rate = look.falls_at_high_rate();
        let (persists, exhausts) = look.course();
        let tested = low != Known::Unknown
            || decrement != Degree::NotTested
            || decrement_after != Degree::NotTested
            || increment != Increment::NotTested;
        Self {
            believed,
            tested,
            repetitive,
            low,
            decrement,
            decrement_after,
            decrement_second,
            shape,
            increment,
            falls_at_high_rate,
            persists,
            exhausts,
            reasons: look.reasons,
        }
    }
}

pub(super) struct Look<'a> {
    pub muscle: &'a Muscle<'a>,
    pub settings: &'a Settings,
    reasons: Vec<Reason>,
}

impl<'a> Look<'a> {
    pub fn say(&mut self, step: Step, text: String) {
        self.reasons.push(Reason {
            step,
            channel: Some(self.muscle.channel),
            text: format!("{}{text}", self.muscle.name),
        });
    }

    /// The verdicts of a set that support something; the sets of the pattern are always judged.
    fn asked(&self, id: &str, supports: Supports) -> Vec<&'a Verdict> {
        let all = self.muscle.verdicts.iter();
        all.filter(|verdict| verdict.set == id && verdict.supports == supports)
            .collect()
    }

    fn gate(&mut self) -> bool {
        let trains = self.muscle.material.trains;
        let mut left_out = Vec::new();
        for (index, train) in trains.iter().enumerate() {
            let why = match &train.trust {
                Trust::Believed => continue,
                Trust::Refused(codes) => {
                    let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
                    codes.join(", ")
                }
                Trust::Excluded => "excluded by a reader".to_owned(),
            };
            left_out.push(format!("train {} ({why})", index + 1));
        }
        let believed = trains.len() - left_out.len();
        let mut text = format!(": {believed} of {} trains can be believed", trains.len());
        if !left_out.is_empty() {
            text += &format!("; left out: {}", left_out.join(", "));
        }
        self.say(Step::Gate, text);
        believed > 0
    }

    fn repetitive(&mut self) -> bool {
        let material = self.muscle.material;
        for (index, train) in material.trains.iter().enumerate() {
            let rest = !matches!(material.when(index), When::After { .. });
            if !rest || train.trust != Trust::Believed {
                continue;
            }
            if let Some(text) = words::repetitive(train, material.cmaps) {
                self.say(Step::Repetitive, format!(", train {}: {text}", index + 1));
                return true;
            }
        }
        false
    }

    fn low(&mut self) -> Known {
        let sets = self.settings.resting.clone();
        for id in &sets {
            let verdict = self
                .asked(id, Supports::LowAmplitude)
                .into_iter()
                .find(|verdict| !verdict.evidence.is_empty());
            let Some(verdict) = verdict else { continue };
            let line = words::resting(verdict);
            self.say(Step::Resting, line);
            return match verdict.outcome {
                Outcome::Met => Known::Yes,
                Outcome::NotMet => Known::No,
                _ => Known::Unknown,
            };
        }
        let why = match self.muscle.material.muscle {
            Some(name) => format!("no limit for {name} in {}", sets.join(", ")),
            None => "the muscle is not stated, so no limit applies".to_owned(),
        };
        self.say(Step::Resting, format!(": resting CMAP not judged: {why}"));
        Known::Unknown
    }

    fn decrement(&mut self) -> (Degree, Degree, bool, Option<Shape>) {
        let verdicts = self.asked(&self.settings.decrement, Supports::Decrement);
        let evidence: Vec<&Evidence> = verdicts.iter().flat_map(|v| &v.evidence).collect();
        let after = |evidence: &&&Evidence| matches!(evidence.when, When::After { .. });
        let degree_rest = degree(evidence.iter().filter(|e| !after(e)).map(|e| &e.seen));
        let late: Vec<&&Evidence> = evidence
            .iter()
            .filter(|evidence| match evidence.when {
                When::After { delay, .. } => delay.0 >= self.settings.late_train_from_s,
                When::Rest | When::Unknown => false,
            })
            .collect();
        let degree_after = degree(late.iter().map(|e| &e.seen));
        let mut second = verdicts.iter().any(|verdict| verdict.gray);
        for id in &self.settings.decrement_second.clone() {
            let met = |verdict: &&Verdict| verdict.outcome == Outcome::Met;
            second |= self.asked(id, Supports::Decrement).iter().any(met);
        }
        let lines = words::lines(&Line {
            muscle: self.muscle,
            evidence: &evidence,
            set: &self.settings.decrement,
            sign: "",
        });
        for text in lines {
            self.say(Step::Decrement, text);
        }
        self.say_why_not(Step::Decrement, &verdicts);
        let shape = self.shape(&evidence);
        (degree_rest, degree_after, second, shape)
    }

    /// Why a set could not be asked at all.
    fn say_why_not(&mut self, step: Step, verdicts: &[&Verdict]) {
        if verdicts.iter().any(|verdict| !verdict.evidence.is_empty()) {
            return;
        }
        let mut reasons: Vec<&str> = verdicts.iter().map(|v| v.outcome.reason()).collect();
        reasons.dedup();
        let set = verdicts.first().map_or("", |verdict| verdict.set.as_str());
        let text = format!(
            ": {} not judged by {set}: {}",
            step.as_str(),
            reasons.join("; ")
        );
        self.say(step, text);
    }

    /// The shape of the train at rest with the largest decrement that is met.
    fn shape(&mut self, evidence: &[&Evidence]) -> Option<Shape> {
        let met = evidence
            .iter()
            .filter(|e| e.seen == Seen::Met && !matches!(e.when, When::After { .. }));
        let largest = met
            .filter_map(|e| Some((e.subject.train()?, e.value.as_ref().ok()?.value)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let train = self.muscle.material.trains.get(largest.0)?;
        match &train.shape {
            Ok(shape) => {
                let subject = Subject::LateOverEarly { train: largest.0 };
                let said = words::Told::by(self.muscle.verdicts).said("", &subject);
                let ratio = train.late_over_early.as_ref().ok().map(|ratio| {
                    let ratio = words::interval(&ratio.into(), "", " %");
                    format!("; late decrement {ratio} of the early one: {said}")
                });
                let ratio = ratio.unwrap_or_default();
                let text = format!(
                    ", train {}: shape {}{}",
                    largest.0 + 1,
                    shape.as_str(),
                    ratio.trim_end_matches(": ")
                );
                self.say(Step::Shape, text);
                Some(*shape)
            }
            Err(_) => None,
        }
    }

    fn increment(&mut self) -> Increment {
        let verdicts = self.asked(&self.settings.increment, Supports::Increment);
        let evidence: Vec<&Evidence> = verdicts.iter().flat_map(|v| &v.evidence).collect();
        let mut found = Increment::NotTested;
        let rank = |increment| match increment {
            Increment::True => 6,
            Increment::Moderate { above_healthy } => 4 + u8::from(above_healthy),
            Increment::Doubtful => 3,
            Increment::Undecided => 2,
            Increment::Small => 1,
            Increment::NotTested => 0,
        };
        for evidence in &evidence {
            let this = self.increment_of(evidence);
            if rank(this) > rank(found) {
                found = this;
            }
        }
        let lines = words::lines(&Line {
            muscle: self.muscle,
            evidence: &evidence,
            set: &self.settings.increment,
            sign: "+",
        });
        for text in lines {
            self.say(Step::Increment, text);
        }
        self.say_why_not(Step::Increment, &verdicts);
        found
    }

    fn increment_of(&self, evidence: &Evidence) -> Increment {
        let kind = enlargement(self.muscle, &evidence.subject).map(|reading| reading.kind);
        let pseudo = kind == Some(Enlargement::Pseudofacilitation);
        let surely = |limit: f64| {
            evidence
                .value
                .as_ref()
                .is_ok_and(|value| value.low >= limit)
        };
        let moderate = surely(self.settings.moderate_increment_pct);
        match evidence.seen {
            Seen::Met if kind == Some(Enlargement::TrueIncrement) => Increment::True,
            Seen::Met => Increment::Doubtful,
            Seen::Undecided | Seen::NotMet | Seen::Beside(_)
                if moderate && kind == Some(Enlargement::TrueIncrement) =>
            {
                Increment::Moderate {
                    above_healthy: surely(self.settings.healthy_increment_max_pct),
                }
            }
            Seen::Undecided if !pseudo => Increment::Undecided,
            Seen::Undecided | Seen::NotMet => Increment::Small,
            Seen::Beside(_) | Seen::Refused(_) | Seen::NotMeasured => Increment::NotTested,
        }
    }
}

/// What is known of the kind of an increment.
pub(super) fn enlargement<'a>(
    muscle: &'a Muscle<'_>,
    subject: &Subject,
) -> Option<&'a EnlargementReading> {
    match subject {
        Subject::Change { train, .. } => {
            let train = muscle.material.trains.get(*train)?;
            train.enlargement.as_ref().ok()
        }
        Subject::Comparison {
            comparison,
            from_train,
            to_train,
        } => {
            let mut all = muscle
                .material
                .series
                .iter()
                .flat_map(|series| &series.comparisons);
            let found = all.find(|other| {
                other.comparison == *comparison
                    && other.measure == "amplitude"
                    && other.from_train == *from_train
                    && other.to_train == *to_train
            })?;
            found.enlargement.as_ref().ok()
        }
        Subject::LateOverEarly { .. } | Subject::First { .. } => None,
    }
}

fn degree<'a>(seen: impl Iterator<Item = &'a Seen>) -> Degree {
    let mut degree = Degree::NotTested;
    for seen in seen {
        degree = match (degree, seen) {
            (Degree::Met, _) | (_, Seen::Met) => Degree::Met,
            (Degree::Undecided, _) | (_, Seen::Undecided) => Degree::Undecided,
            (Degree::NotMet, _) | (_, Seen::NotMet) => Degree::NotMet,
            (Degree::NotTested, _) => Degree::NotTested,
        };
    }
    degree
}
