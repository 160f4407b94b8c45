//! The patterns that a study can show: their cards. None is a diagnosis, and none excludes a disease.

use crate::source::Source;
use schemars::JsonSchema;
use serde::Serialize;

/// The card of a pattern.
pub struct PatternCard {
    /// Short and stable: `presynaptic_complete`.
    pub id: &'static str,
    /// To which group it belongs.
    pub family: Family,
    /// As a reader knows it.
    pub title: &'static str,
    /// The rule in words; the limits are those of the sets that the settings name.
    pub rule: &'static str,
    /// What it leaves open and what to do next.
    pub caution: &'static str,
    /// Where it stands.
    pub source: Source,
}

/// Groups of patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Release of transmitter is low and grows with use.
    Presynaptic,
    /// The response falls at low rate and does not grow.
    Postsynaptic,
    /// The study does not tell the two apart.
    BothPossible,
    /// One shock evokes two responses.
    RepetitiveCmap,
    /// A low response and nothing else.
    LowCmapAlone,
    /// Near a limit.
    Equivocal,
    /// Nothing abnormal in the muscles tested.
    NothingAbnormal,
    /// No test was done that a rule could judge.
    NotTested,
    /// Nothing can be said.
    TechnicallyInadequate,
}

impl Family {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Presynaptic => "presynaptic",
            Self::Postsynaptic => "postsynaptic",
            Self::BothPossible => "both_possible",
            Self::RepetitiveCmap => "repetitive_cmap",
            Self::LowCmapAlone => "low_cmap_alone",
            Self::Equivocal => "equivocal",
            Self::NothingAbnormal => "nothing_abnormal",
            Self::NotTested => "not_tested",
            Self::TechnicallyInadequate => "technically_inadequate",
        }
    }
}

const TRIAD: Source = Source {
    citation: "Oh. Distinguishing features of the repetitive nerve stimulation test between Lambert-Eaton myasthenic syndrome and myasthenia gravis. 2021",
    link: "https://myneuronews.com/2021/07/12/distinguishing-features-of-the-repetitive-nerve-stimulation-test-between-lambert-eaton-myasthenic-syndrome-and-myasthenia-gravis-50-year-reappraisal/",
    place: "summary",
};
const GUTMANN: Source = Source {
    citation: "Gutmann and Pratt. Pathophysiologic aspects of human botulism. Arch Neurol 1976",
    link: "https://jamanetwork.com/journals/jamaneurology/article-abstract/574262",
    place: "abstract",
};
const CHAPTER: Source = Source {
    citation: "Sanders. Repetitive nerve stimulation, book chapter: a decrement may be the only abnormality in Lambert-Eaton syndrome; the combination is a proposal of endplate (heuristic)",
    link: "https://researcher.life/topic/store-of-acetylcholine/10290631",
    place: "abstract of the chapter",
};
const SANDERS_2014: Source = Source {
    citation: "Sanders and others. Late and early decrement separate Lambert-Eaton syndrome from myasthenia gravis. 2014; the combination is a proposal of endplate (heuristic)",
    link: "https://pubmed.ncbi.nlm.nih.gov/24332471/",
    place: "abstract",
};
const HATANAKA: Source = Source {
    citation: "Hatanaka and Oh, 2014: exhaustion after 30 s and 60 s of exercise in 32 patients with myasthenia gravis",
    link: "https://pubmed.ncbi.nlm.nih.gov/24435816/",
    place: "abstract",
};
const BOTULISM: Source = Source {
    citation: "Witoonpanich and others, 2009: increment of at least 25 % after exercise in botulism; the combination is a proposal of endplate (heuristic)",
    link: "https://pubmed.ncbi.nlm.nih.gov/19410507/",
    place: "abstract",
};
const RCMAP: Source = Source {
    citation: "Repetitive compound muscle action potential, case with a second potential 3.5–4.0 ms after the first, 1996; the window is a proposal of endplate (heuristic)",
    link: "https://pubmed.ncbi.nlm.nih.gov/8761268/",
    place: "abstract",
};
const SEVERE: Source = Source {
    citation: "Oh and others, 1982: ulnar repetitive stimulation in 120 patients with myasthenia gravis; severe ones show a decrement at high rate too; the combination is a proposal of endplate (heuristic)",
    link: "https://scilit.com/publications/6dc50604458a73b6605630ed87790abe",
    place: "abstract",
};
const KNF: Source = Source {
    citation: "Norwegian society of clinical neurophysiology, method guideline: healthy subjects stay below 40 % after exercise; the combination is a proposal of endplate (heuristic)",
    link: "https://www.legeforeningen.no/",
    place: "measuring the CMAP before and after maximal contraction",
};
const OWN: Source = Source {
    citation: "a proposal of endplate (heuristic)",
    link: "",
    place: "",
};

/// Every pattern; the first that a muscle shows names it, and the first that any muscle shows names the study.
pub static PATTERNS: &[&PatternCard] = &[
    &REPETITIVE_CMAP,
    &PRESYNAPTIC_COMPLETE,
    &PRESYNAPTIC_PERSISTING,
    &PRESYNAPTIC,
    &INCREMENT_ALONE,
    &MODERATE_INCREMENT,
    &PROGRESSIVE_DECREMENT,
    &DECREMENT_LOW,
    &DECREMENT_UNTESTED,
    &DECREMENT_MODERATE,
    &DECREMENT_GROWS,
    &POSTSYNAPTIC,
    &POSTSYNAPTIC_LOW,
    &POSTSYNAPTIC_EXHAUSTION,
    &EQUIVOCAL,
    &LOW_ALONE,
    &NOTHING_ABNORMAL,
    &NOT_TESTED,
    &INADEQUATE,
];

/// Two responses to one shock.
pub static REPETITIVE_CMAP: PatternCard = PatternCard {
    id: "repetitive_cmap",
    family: Family::RepetitiveCmap,
    title: "Repetitive CMAP after a single shock",
    rule: "a second, smaller negative deflection 3–12 ms after the onset of the first, at rest, smaller or absent on the next shock where there was one",
    caution: "Seen with cholinesterase inhibitors, organophosphates, end-plate acetylcholinesterase deficiency and slow-channel syndrome. Ask for the drugs; repeat with single shocks.",
    source: RCMAP,
};

/// Low response, decrement, increment.
pub static PRESYNAPTIC_COMPLETE: PatternCard = PatternCard {
    id: "presynaptic_complete",
    family: Family::Presynaptic,
    title: "Presynaptic pattern, LEMS type: low CMAP, decrement and increment",
    rule: "increment met and true; resting CMAP low; decrement met in the same muscle",
    caution: "A pattern of release, not its cause. Antibodies and the clinical course decide.",
    source: TRIAD,
};

/// Increment that lasts, without exhaustion.
pub static PRESYNAPTIC_PERSISTING: PatternCard = PatternCard {
    id: "presynaptic_persisting",
    family: Family::Presynaptic,
    title: "Presynaptic pattern, facilitation persists and nothing exhausts: botulism type favored",
    rule: "increment met and true; resting CMAP low; decrement looked for and not met; the increment is still there minutes after exercise, and surely no decrement grows after it",
    caution: "A pattern of release, not its cause. LEMS type is not ruled out by it; the course (acute or not) decides.",
    source: GUTMANN,
};

/// Increment with a low response, or with a decrement where no limit of the response is known.
pub static PRESYNAPTIC: PatternCard = PatternCard {
    id: "presynaptic",
    family: Family::Presynaptic,
    title: "Presynaptic pattern: true increment without the complete triad",
    rule: "increment met and true; resting CMAP low, decrement not met or not looked for; or a decrement where no limit of the resting CMAP is known",
    caution: "LEMS type or botulism type: look at how long the facilitation lasts; test other muscles.",
    source: TRIAD,
};

/// Increment without a low response.
pub static INCREMENT_ALONE: PatternCard = PatternCard {
    id: "increment_alone",
    family: Family::Presynaptic,
    title: "Increment, no low CMAP known: presynaptic pattern possible",
    rule: "increment met and true; resting CMAP not low, or not low as far as known",
    caution: "Check that stimulation was supramaximal before the exercise; repeat, and test other muscles.",
    source: OWN,
};

/// Increment between the limits, with a low response.
pub static MODERATE_INCREMENT: PatternCard = PatternCard {
    id: "moderate_increment",
    family: Family::BothPossible,
    title: "Low CMAP with a moderate increment: presynaptic pattern undetermined",
    rule: "resting CMAP low; increment true, at least 25 %, and below or not surely above the limit of the increment set",
    caution: "After exercise it meets the limit published for botulism, of which the course (acute or not) decides; LEMS type is not ruled out. Stimulate at high rate; test other hand muscles.",
    source: BOTULISM,
};

/// A decrement that grows, with a low response, without increment.
pub static PROGRESSIVE_DECREMENT: PatternCard = PatternCard {
    id: "progressive_decrement",
    family: Family::BothPossible,
    title: "Low CMAP with a progressive decrement and no increment: presynaptic pattern suspected",
    rule: "decrement met; resting CMAP low; the decrement grows through the train; increment below 25 %",
    caution: "LEMS type, MuSK myasthenia and denervation look like this. Repeat the 10 s exercise in ADM, APB and EDB.",
    source: SANDERS_2014,
};

/// A decrement with a low response, without increment.
pub static DECREMENT_LOW: PatternCard = PatternCard {
    id: "decrement_low",
    family: Family::BothPossible,
    title: "Decrement with a low CMAP, no increment shown: pre- and postsynaptic both possible",
    rule: "decrement met; resting CMAP low; increment not met, not looked for or not decided",
    caution: "Severe postsynaptic block, denervating disease and LEMS type look like this. Repeat the 10 s exercise in other hand muscles.",
    source: CHAPTER,
};

/// A decrement where no increment was looked for.
pub static DECREMENT_UNTESTED: PatternCard = PatternCard {
    id: "decrement_untested",
    family: Family::BothPossible,
    title: "Decrement; an increment was not looked for: pre- and postsynaptic both possible",
    rule: "decrement met; neither a believable train at high rate nor a response after brief exercise",
    caution: "Record a single response before and right after 10 s of maximal contraction.",
    source: CHAPTER,
};

/// A decrement with an increment above the range of healthy subjects.
pub static DECREMENT_MODERATE: PatternCard = PatternCard {
    id: "decrement_moderate",
    family: Family::BothPossible,
    title: "Decrement with a moderate or undecided increment: pre- and postsynaptic both possible",
    rule: "decrement met; resting CMAP not low as far as known; increment true and above the range of healthy subjects, or undecided, or met by the amplitude alone; no fall at high rate",
    caution: "Repair of a decrement and mild presynaptic disorders look like this. Stimulate at high rate; test other hand muscles.",
    source: KNF,
};

/// A decrement that keeps growing, with a normal response, without increment.
pub static DECREMENT_GROWS: PatternCard = PatternCard {
    id: "decrement_grows",
    family: Family::BothPossible,
    title: "Decrement that keeps growing through the train, no low CMAP known: pre- and postsynaptic both possible",
    rule: "decrement met at rest; shape progressive, late-only or linear; resting CMAP not low as far as known; increment looked for and not met",
    caution: "LEMS type, MuSK myasthenia and movement look like this. Repeat the train; repeat the 10 s exercise in ADM, APB and EDB.",
    source: SANDERS_2014,
};

/// A decrement with a normal response, without increment.
pub static POSTSYNAPTIC: PatternCard = PatternCard {
    id: "postsynaptic",
    family: Family::Postsynaptic,
    title: "Postsynaptic pattern, MG type: decrement, no low CMAP known, no increment shown",
    rule: "decrement met at rest; it does not keep growing through the train; resting CMAP not low as far as known; increment looked for and not met",
    caution: "Motor neuron disease, myopathy and neuropathy can show a decrement too.",
    source: TRIAD,
};

/// A decrement at low and at high rate, with a low response.
pub static POSTSYNAPTIC_LOW: PatternCard = PatternCard {
    id: "postsynaptic_low",
    family: Family::Postsynaptic,
    title: "Postsynaptic pattern, MG type, with a low CMAP: decrement at low and at high rate",
    rule: "decrement met at rest; resting CMAP low; no response of a train at 20–50 Hz exceeds its first, so that what grows after exercise is repair",
    caution: "Denervating disease can look like this. Look for an increment in other hand muscles.",
    source: SEVERE,
};

/// A decrement only after exercise.
pub static POSTSYNAPTIC_EXHAUSTION: PatternCard = PatternCard {
    id: "postsynaptic_exhaustion",
    family: Family::Postsynaptic,
    title: "Postexercise exhaustion: decrement only minutes after exercise",
    rule: "decrement not met at rest and met in a train minutes after exercise; increment looked for and not met",
    caution: "Repeat to show that it is reproducible; test proximal and facial muscles.",
    source: HATANAKA,
};

/// Near a limit.
pub static EQUIVOCAL: PatternCard = PatternCard {
    id: "equivocal",
    family: Family::Equivocal,
    title: "Equivocal: near a limit, or between two published ones",
    rule: "decrement or increment undecided; or the decrement meets one of two sets; or the increment is above the range of healthy subjects, or met by the amplitude alone; or a decrement after exercise without a train at rest to compare",
    caution: "Repeat with less noise, warm limb and more muscles.",
    source: OWN,
};

/// A low response and nothing else.
pub static LOW_ALONE: PatternCard = PatternCard {
    id: "low_alone",
    family: Family::LowCmapAlone,
    title: "Low CMAP; no transmission defect shown in the muscles tested",
    rule: "resting CMAP low; neither decrement nor increment shown",
    caution: "Nerve, muscle and technique can lower a CMAP. Where no increment was looked for, look for it.",
    source: OWN,
};

/// Nothing abnormal.
pub static NOTHING_ABNORMAL: PatternCard = PatternCard {
    id: "nothing_abnormal",
    family: Family::NothingAbnormal,
    title: "No abnormality in the muscles tested",
    rule: "none of the above; a train at 2–5 Hz at rest was judged",
    caution: "A disorder of transmission is not excluded: test weak, proximal and facial muscles, and consider single-fibre EMG.",
    source: OWN,
};

/// No test was done.
pub static NOT_TESTED: PatternCard = PatternCard {
    id: "not_tested",
    family: Family::NotTested,
    title: "Not tested: no train at 2–5 Hz at rest could be judged",
    rule: "none of the above; no believable train at 2–5 Hz at rest",
    caution: "What was recorded neither shows nor excludes a disorder. Record a train at 2–5 Hz and a response before and after 10 s of \
              exercise; name muscles that have no name.",
    source: OWN,
};

/// Nothing can be said.
pub static INADEQUATE: PatternCard = PatternCard {
    id: "technically_inadequate",
    family: Family::TechnicallyInadequate,
    title: "Technically inadequate",
    rule: "no train of any muscle can be believed and measured",
    caution: "The numbers stand in the tables; see the findings of each train for what to change, and repeat.",
    source: OWN,
};
