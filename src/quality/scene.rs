//! One train with everything around it.

use super::envelope::Envelope;
use super::shape::{Shape, shapes};
use super::{DECIDING, Material, Settings};
use crate::cmap::{Cmap, Estimate};
use crate::series::{self, When};
use crate::train::{Response, Train, TrainKind};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// One train with everything around it.
pub struct Scene<'a> {
    /// Which of the trains.
    pub index: usize,
    /// All trains of the channel.
    pub trains: &'a [Train],
    /// The channel.
    pub material: &'a Material<'a>,
    /// The limits.
    pub settings: &'a Settings,
    /// Size, time and length of its responses beside their mean; empty where they cannot be compared, and for all but a low-rate train, of
    /// which alone they are asked.
    pub shapes: Vec<Shape>,
    /// See [`Scene::envelope`].
    envelope: OnceCell<Option<Envelope>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        index: usize,
        trains: &'a [Train],
        material: &'a Material<'a>,
        settings: &'a Settings,
    ) -> Self {
        let train = &trains[index];
        let shapes = match train.kind {
            TrainKind::Low => shapes(train, material.sweeps, material.cmaps),
            TrainKind::Single | TrainKind::High | TrainKind::Other => Vec::new(),
        };
        Self {
            index,
            trains,
            material,
            settings,
            shapes,
            envelope: OnceCell::new(),
        }
    }

    /// The train.
    pub fn train(&self) -> &'a Train {
        &self.trains[self.index]
    }

    /// Its amplitudes, where they can be looked at as a course; made once for all checks that do.
    pub(super) fn envelope(&self) -> Option<&Envelope> {
        let made = self.envelope.get_or_init(|| Envelope::new(self));
        made.as_ref()
    }

    /// The response with that number.
    pub fn response(&self, ordinal: usize) -> Option<Response> {
        let mut responses = self.train().responses.iter().copied();
        responses.find(|response| response.ordinal == Some(ordinal))
    }

    /// A measured value of the response with that number.
    pub fn value(&self, ordinal: usize, measure: &str) -> Option<Estimate> {
        let response = self.response(ordinal)?;
        let value = self.material.cmaps.get(response.index)?.get(measure)?;
        value.as_ref().ok().copied()
    }

    /// How far the true times of the stimuli may lie on either side (ms), by the numbers of their responses.
    pub(super) fn stimulus_uncertainties(&self) -> BTreeMap<usize, f64> {
        let responses = self.train().responses.iter();
        responses
            .filter_map(|response| {
                let sweep = self.material.sweeps.get(response.index)?;
                let uncertainty = sweep.stimulus.uncertainty.milliseconds().0;
                Some((response.ordinal?, uncertainty))
            })
            .collect()
    }

    /// Whether a reader excluded the response with that number.
    pub fn excluded(&self, ordinal: usize) -> bool {
        let cmap = self
            .response(ordinal)
            .and_then(|response| self.material.cmaps.get(response.index));
        cmap.is_some_and(Cmap::is_excluded)
    }

    /// The numbers of the responses on which the changes of the train rest: the first, the first five of a low-rate train, the extremes.
    pub fn counting(&self) -> BTreeSet<usize> {
        let train = self.train();
        let mut counting: BTreeSet<usize> = train
            .changes
            .iter()
            .filter(|change| change.measure == "amplitude")
            .filter_map(|change| change.to)
            .collect();
        counting.insert(1);
        if train.kind == TrainKind::Low {
            counting.extend(1..=DECIDING);
        }
        counting.retain(|&ordinal| !self.excluded(ordinal));
        counting
    }

    /// Whether the activity of an exercise is over, so that nothing drifts because of it.
    pub fn settled(&self) -> bool {
        match self.when(self.index) {
            Some(When::After { delay, .. }) => delay.0 >= self.settings.settled_s,
            _ => true,
        }
    }

    /// When a train was recorded, as to exercise.
    pub fn when(&self, train: usize) -> Option<When> {
        Some(series::entry_of(self.material.series, train)?.when)
    }
}
