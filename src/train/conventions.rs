//! The conventions by which the change over a train is stated: which response is compared with the first, and which sign counts as positive.
//!
#![doc = include_str!("../../docs/methods/decrement.md")]
#![doc = include_str!("../../docs/methods/increment.md")]

use crate::source::Source;

/// The card of a convention: which responses of a train are compared, and in which direction the result is positive.
pub struct Convention {
    /// Short and stable: `decrement_1_4`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// Who uses it.
    pub source: Source,
    /// The term of the Human Phenotype Ontology for an abnormal change, where there is a verified one.
    pub hpo: Option<&'static str>,
    /// Which change counts as positive.
    pub direction: Direction,
    /// The response that is compared with the first.
    pub target: Target,
}

/// Which change counts as positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The response gets smaller.
    Decrement,
    /// The response gets larger.
    Increment,
}

/// The response that is compared with the first. Numbers are ordinals by time, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The response with this number.
    Number(usize),
    /// The smallest of the responses from 2 to this number, or to the end.
    Lowest {
        /// The last number that counts; `None` for the whole train.
        until: Option<usize>,
    },
    /// The largest of the responses from 2 to the end.
    Highest,
    /// The response to the last stimulus.
    Last,
}

/// Every convention, in the order of the columns. Decrement counts positive when the response gets smaller, increment when it gets larger.
pub static CONVENTIONS: &[&Convention] = &[
    &DECREMENT_1_4,
    &DECREMENT_1_5,
    &DECREMENT_LOWEST_5,
    &DECREMENT_LOWEST,
    &DECREMENT_LAST,
    &INCREMENT_HIGHEST,
    &INCREMENT_LAST,
];

/// Human Phenotype Ontology: decremental response of the compound muscle action potential to repetitive nerve stimulation.
const DECREMENTAL_RESPONSE: &str = "HP:0003403";

const AAEM_2001: Source = Source {
    citation: "AAEM Quality Assurance Committee. Practice parameter for repetitive nerve stimulation and single fiber EMG evaluation of \
               adults with suspected myasthenia gravis or Lambert-Eaton myasthenic syndrome. Muscle Nerve 2001;24:1236",
    link: "https://pubmed.ncbi.nlm.nih.gov/11494281/",
    place: "",
};

/// The fourth response against the first.
pub static DECREMENT_1_4: Convention = Convention {
    id: "decrement_1_4",
    name: "Decrement, response 4 against 1",
    formula: "D = 100 · (A₁ − A₄) / A₁",
    source: AAEM_2001,
    hpo: Some(DECREMENTAL_RESPONSE),
    direction: Direction::Decrement,
    target: Target::Number(4),
};

/// The fifth response against the first.
pub static DECREMENT_1_5: Convention = Convention {
    id: "decrement_1_5",
    name: "Decrement, response 5 against 1",
    formula: "D = 100 · (A₁ − A₅) / A₁",
    source: AAEM_2001,
    hpo: Some(DECREMENTAL_RESPONSE),
    direction: Direction::Decrement,
    target: Target::Number(5),
};

/// The lowest of responses 2 to 5 against the first.
pub static DECREMENT_LOWEST_5: Convention = Convention {
    id: "decrement_lowest_5",
    name: "Decrement, lowest of responses 2–5 against 1",
    formula: "D = 100 · (A₁ − min(A₂ … A₅)) / A₁",
    source: Source {
        citation: "Kim and others, 2021, method as described in Bio-protocol Exchange: first against the lowest of a train of 5",
        link: "https://bio-protocol.org/exchange/minidetail?id=9401611&type=30",
        place: "repetitive nerve stimulation",
    },
    hpo: Some(DECREMENTAL_RESPONSE),
    direction: Direction::Decrement,
    target: Target::Lowest { until: Some(5) },
};

/// The lowest response of the whole train against the first.
pub static DECREMENT_LOWEST: Convention = Convention {
    id: "decrement_lowest",
    name: "Decrement, lowest response of the train against 1",
    formula: "D = 100 · (A₁ − min(A₂ … A_N)) / A₁",
    source: Source {
        citation: "Medscape: nerve stimulation studies in the workup of Lambert-Eaton myasthenic syndrome (responses fall first, then climb)",
        link: "https://www.medscape.com/answers/1170810-90745/which-nerve-stimulation-studies-are-indicated-in-the-workup-of-lambert-eaton-myasthenic-syndrome-lems",
        place: "",
    },
    hpo: Some(DECREMENTAL_RESPONSE),
    direction: Direction::Decrement,
    target: Target::Lowest { until: None },
};

/// The last response against the first.
pub static DECREMENT_LAST: Convention = Convention {
    id: "decrement_last",
    name: "Decrement, last response against 1",
    formula: "D = 100 · (A₁ − A_N) / A₁",
    source: Source {
        citation: "Sanders and others. Late and early decrement separate Lambert-Eaton syndrome from myasthenia gravis. 2014",
        link: "https://pubmed.ncbi.nlm.nih.gov/24332471/",
        place: "abstract",
    },
    hpo: Some(DECREMENTAL_RESPONSE),
    direction: Direction::Decrement,
    target: Target::Last,
};

const OH_2005: Source = Source {
    citation: "Oh and others. Electrophysiological diagnostic criteria of Lambert-Eaton myasthenic syndrome. Muscle Nerve 2005;32:515",
    link: "https://pubmed.ncbi.nlm.nih.gov/16003742/",
    place: "abstract",
};

/// The highest response of the train against the first.
pub static INCREMENT_HIGHEST: Convention = Convention {
    id: "increment_highest",
    name: "Increment, highest response of the train against 1",
    formula: "I = 100 · (max(A₂ … A_N) − A₁) / A₁",
    source: OH_2005,
    hpo: None,
    direction: Direction::Increment,
    target: Target::Highest,
};

/// The last response against the first.
pub static INCREMENT_LAST: Convention = Convention {
    id: "increment_last",
    name: "Increment, last response against 1",
    formula: "I = 100 · (A_N − A₁) / A₁",
    source: OH_2005,
    hpo: None,
    direction: Direction::Increment,
    target: Target::Last,
};
