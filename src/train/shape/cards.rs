//! The cards of the shapes, in the order in which their rules are asked.

use super::Shape;
use crate::source::Source;

/// The card of a shape.
pub struct ShapeCard {
    /// The shape.
    pub shape: Shape,
    /// Short and stable, as in tables: `u_shape`.
    pub id: &'static str,
    /// As a reader knows it.
    pub name: &'static str,
    /// The rule in words and symbols; numbers are the defaults of the settings.
    pub rule: &'static str,
    /// Who describes it, or that it is heuristic.
    pub source: Source,
    /// What it may mean; never a diagnosis.
    pub meaning: &'static str,
    /// The term of the Human Phenotype Ontology, where there is a verified one.
    pub hpo: Option<&'static str>,
}

/// A rule of endplate's own.
const HEURISTIC: Source = Source {
    citation: "heuristic",
    link: "",
    place: "",
};

/// The shape is described there; the numbers of the rule are heuristic.
const KNF: Source = Source {
    citation: "heuristic numbers for what the Norwegian society of clinical neurophysiology describes in its method guideline",
    link: "https://www.legeforeningen.no/",
    place: "KNF-NO, Funn ved Myastenia gravis; Lavfrekvent repetitiv stimulering",
};

const SANDERS: Source = Source {
    citation: "Sanders and others. Late and early decrement separate Lambert-Eaton syndrome from myasthenia gravis. 2014: 102 %. The abstract \
               does not define early and late; response 4 and the last response are a guess of endplate, the rest of the rule is heuristic",
    link: "https://pubmed.ncbi.nlm.nih.gov/24332471/",
    place: "abstract",
};

/// Every shape, in the order in which their rules are asked: the first that holds is the shape.
pub static SHAPES: &[ShapeCard] = &[
    ShapeCard {
        shape: Shape::Step,
        id: "step",
        name: "Step",
        rule: "for some k: |A_k − A_(k−1)| ≥ 8 % of A₁, the standard deviation on each side ≤ 1.5 % of A₁, at least two responses on each side",
        source: HEURISTIC,
        meaning: "the electrode or the stimulator moved, or the stimulus fell below maximal",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Irregular,
        id: "irregular",
        name: "Irregular",
        rule: "the responses change their direction 4 times or more, each swing ≥ 3 % of A₁ and beyond the noise of its ends",
        source: KNF,
        meaning: "artefact: movement, voluntary activity, a stimulus that is not maximal each time",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Even,
        id: "even",
        name: "Even",
        rule: "no response is 5 % of A₁ smaller or larger than the first",
        source: KNF,
        meaning: "no defect of transmission shows in this train",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Rising,
        id: "rising",
        name: "Rising",
        rule: "the last response is ≥ 5 % of A₁ larger than the first, none ≥ 5 % smaller",
        source: HEURISTIC,
        meaning: "pseudofacilitation, or recruitment that grows because the stimulus is not maximal",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::LateOnly,
        id: "late_only",
        name: "Late only",
        rule: "D₄ < 3 % and D_N ≥ 8 %",
        source: HEURISTIC,
        meaning: "movement, drift or a stimulus that is not maximal; a defect of transmission has its largest drop early",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Linear,
        id: "linear",
        name: "Linear",
        rule: "a straight line over the train explains ≥ 97 % of the variance that is not noise, the second half falls ≥ 80 % as steeply as the first, and D_N ≥ 8 %",
        source: HEURISTIC,
        meaning: "movement, drift or a stimulus that is not maximal; a defect of transmission has a bend",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::UShape,
        id: "u_shape",
        name: "U-shape",
        rule: "the lowest response is one of 3–6, its decrement ≥ 5 %, and the last response has regained ≥ 15 % of it",
        source: KNF,
        meaning: "typical of a postsynaptic defect",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Plateau,
        id: "plateau",
        name: "Plateau",
        rule: "from a response of 3–6 on the responses stay within 10 % of the largest decrement above the lowest; the last has not clearly regained 15 % of it",
        source: HEURISTIC,
        meaning: "typical of a postsynaptic defect",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Progressive,
        id: "progressive",
        name: "Progressive",
        rule: "D_N > 1.02 · D₄ (N ≥ 9), and neither straight nor at the bottom by response 6",
        source: SANDERS,
        meaning: "commoner in Lambert-Eaton syndrome and MuSK myasthenia than in other myasthenia gravis",
        hpo: None,
    },
    ShapeCard {
        shape: Shape::Unclear,
        id: "unclear",
        name: "Unclear",
        rule: "within the intervals two of the rules cannot be told apart, or none holds",
        source: HEURISTIC,
        meaning: "no shape can be stated; repeat with less noise or a longer train",
        hpo: None,
    },
];
