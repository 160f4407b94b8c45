//! The one path of a recording through all steps: stimuli, sweeps, responses, trains, series, their quality, and what
//! criteria and the pattern of the muscles say.

mod corrections;
mod interpret;
mod settings;

pub use corrections::{Changed, Correction, Original, OriginalChannel};
pub use interpret::interpret;
pub use settings::Settings;

use crate::cmap::Cmap;
use crate::criteria::Verdict;
use crate::error::{Error, ErrorCode, Result};
use crate::finding::Finding;
use crate::pattern::Pattern;
use crate::recording::{Mark, Meaning, Origin, Recording, Role, Side, Subject};
use crate::series::Series;
use crate::stimulus::Stimulus;
use crate::sweep::Sweep;
use crate::train::{Train, Trust};
use crate::units::Hertz;
use crate::{cmap, quality, series, stimulus, sweep, train};
use corrections::{ChannelPlan, Plan};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A recording with everything that was measured in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// The file behind it.
    pub origin: Origin,
    /// What is known about the subject.
    pub subject: Subject,
    /// The marks of the file.
    pub marks: Vec<Mark>,
    /// The stimuli that were found.
    pub stimuli: Vec<Stimulus>,
    /// The channels with responses, in the order of the file.
    pub channels: Vec<ChannelStudy>,
    /// The pattern of the muscles together, with its reasons; never a diagnosis.
    pub pattern: Pattern,
    /// What a reader changed by hand, in the order in which it is stated.
    pub corrections: Vec<Correction>,
    /// What the program measured without the corrections; `None` where there are none.
    pub original: Option<Box<Original>>,
    /// What was noticed about the study as a whole.
    pub findings: Vec<Finding>,
    /// What made it.
    pub provenance: Provenance,
}

/// One channel with everything that was measured in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelStudy {
    /// Its index in the recording.
    pub index: usize,
    /// Its label.
    pub label: String,
    /// The muscle, where known.
    pub muscle: Option<String>,
    /// The nerve, where known.
    pub nerve: Option<String>,
    /// The side, where known.
    pub side: Option<Side>,
    /// Samples per second.
    pub rate: Hertz,
    /// The sweeps, one per stimulus, polarity settled; without values where the study keeps [`Keep::Measures`] only.
    pub sweeps: Vec<Sweep>,
    /// The measured responses, one per sweep.
    pub cmaps: Vec<Cmap>,
    /// The trains.
    pub trains: Vec<Train>,
    /// The series around exercises.
    pub series: Vec<Series>,
    /// What criterion sets say, rule by rule.
    pub verdicts: Vec<Verdict>,
    /// What was noticed about the channel.
    pub findings: Vec<Finding>,
}

/// What made a study, so that it can be made again.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// The version of endplate.
    pub version: &'static str,
    /// All settings, as TOML.
    pub settings: String,
}

/// What of the signal a study keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The values of all sweeps, as figures need them.
    Signal,
    /// No values, only what was measured on them: of long recordings with many channels they are most of what a study holds.
    Measures,
}

/// Analyzes a recording and keeps the signal: [`analyze_keeping`].
///
/// # Errors
///
/// Those of [`analyze_keeping`].
pub fn analyze(recording: &Recording, settings: &Settings) -> Result<Study> {
    analyze_keeping(recording, settings, Keep::Signal)
}

/// Analyzes a recording: the whole path in the order in which it reads. Channels are analyzed in parallel; the result does not depend
/// on the number of threads.
///
/// Where a reader corrected something by hand, the study is that of the corrected recording, and keeps what was measured without.
///
/// # Errors
///
/// Where a setting is out of its range ([`Settings::check`]), where nothing can be analyzed, where the sweeps would cost far more memory than the recording ([`sweep::fits`]), where the samples cannot be read from their file any more, and where a correction names a train or a response that does not exist, or contradicts another one.
pub fn analyze_keeping(recording: &Recording, settings: &Settings, keep: Keep) -> Result<Study> {
    settings.check()?;
    if recording.corrections.is_empty() {
        return analyze_with(recording, settings, &BTreeMap::new(), keep);
    }
    // What a reader placed is looked up in the signal.
    let study = analyze_with(recording, settings, &BTreeMap::new(), Keep::Signal)?;
    let Plan {
        channels,
        corrections,
    } = corrections::plan(recording, &study)?;
    let mut corrected = analyze_with(recording, settings, &channels, Keep::Signal)?;
    corrected.corrections = corrections;
    corrections::check(&corrected, recording)?;
    corrections::tell(&mut corrected);
    corrected.original = Some(Box::new(Original::of(study)));
    Ok(corrected)
}

/// The path, with what is planned by hand for some of the channels.
fn analyze_with(
    recording: &Recording,
    settings: &Settings,
    plans: &BTreeMap<usize, ChannelPlan>,
    keep: Keep,
) -> Result<Study> {
    let none = ChannelPlan::default();
    let found = stimulus::find(recording, &settings.marks, &settings.stimulus)?;
    sweep::fits(recording, &found.stimuli, &settings.sweep)?;
    let mut channels = recording
        .channels
        .par_iter()
        .enumerate()
        .filter(|(_, channel)| channel.role == Role::Response)
        .map(|(index, _)| {
            let plan = plans.get(&index).unwrap_or(&none);
            let mut channel = analyze_channel(recording, index, &found.stimuli, settings, plan)?;
            if keep == Keep::Measures {
                for sweep in &mut channel.sweeps {
                    sweep.values = Vec::new();
                }
            }
            Ok(channel)
        })
        .collect::<Result<Vec<_>>>()?;
    if channels.is_empty() {
        return Err(Error::new(
            ErrorCode::NothingToAnalyze,
            "no channel holds a voltage over a muscle",
        )
        .advice(
            "`endplate inspect` lists the channels; give them a role and a unit in a mapping",
        ));
    }
    let mut findings = recording.findings.clone();
    findings.extend(found.findings);
    let subject = with_temperature(recording, settings);
    findings.extend(quality::of_study(&subject, &settings.quality));
    let pattern = interpret::interpreted(&mut channels, &findings, settings);
    Ok(Study {
        origin: recording.origin.clone(),
        subject,
        marks: recording.marks.clone(),
        stimuli: found.stimuli,
        channels,
        pattern,
        corrections: Vec::new(),
        original: None,
        findings,
        provenance: Provenance {
            version: env!("CARGO_PKG_VERSION"),
            settings: settings.to_toml(),
        },
    })
}

/// The subject, its skin temperature taken from the first mark that tells one if the header does not.
fn with_temperature(recording: &Recording, settings: &Settings) -> Subject {
    let mut subject = recording.subject.clone();
    let marked = || {
        recording
            .marks
            .iter()
            .find_map(|mark| match settings.marks.meaning(&mark.text) {
                Meaning::Temperature { skin } => Some(skin),
                _ => None,
            })
    };
    subject.skin_temperature = subject.skin_temperature.or_else(marked);
    subject
}

fn analyze_channel(
    recording: &Recording,
    index: usize,
    stimuli: &[Stimulus],
    settings: &Settings,
    plan: &ChannelPlan,
) -> Result<ChannelStudy> {
    let channel = &recording.channels[index];
    let cut = sweep::cut(recording, index, stimuli, &settings.sweep)?;
    let mut sweeps = cut.sweeps;
    let (cmaps, polarity) = cmap::measure_corrected(&mut sweeps, &plan.responses, &settings.cmap);
    let stimuli: Vec<Stimulus> = sweeps.iter().map(|sweep| sweep.stimulus.clone()).collect();
    let mut trains = train::group(
        train::Material {
            channel: index,
            stimuli: &stimuli,
            cmaps: &cmaps,
            marks: &recording.marks,
            vocabulary: &settings.marks,
            clock: recording.origin.clock,
        },
        &settings.train,
    );
    for &train in &plan.excluded {
        if let Some(train) = trains.get_mut(train) {
            train.trust = Trust::Excluded;
        }
    }
    let series = series::arrange(
        series::Material {
            channel: index,
            trains: &trains,
            cmaps: &cmaps,
            marks: &recording.marks,
            vocabulary: &settings.marks,
            clock: recording.origin.clock,
            enlargement: &settings.train.enlargement,
            by_hand: &plan.when,
        },
        &settings.series,
    );
    let mut findings = channel.findings.clone();
    findings.extend(cut.findings);
    findings.extend(polarity);
    quality::assess(
        &mut trains,
        &quality::Material {
            sweeps: &sweeps,
            cmaps: &cmaps,
            series: &series,
            channel_findings: &findings,
        },
        &settings.quality,
    );
    Ok(ChannelStudy {
        index,
        label: channel.label.clone(),
        muscle: plan.muscle.clone().or_else(|| channel.muscle.clone()),
        nerve: plan.nerve.clone().or_else(|| channel.nerve.clone()),
        side: plan.side.or(channel.side),
        rate: channel.rate,
        sweeps,
        cmaps,
        trains,
        series,
        verdicts: Vec::new(),
        findings,
    })
}
