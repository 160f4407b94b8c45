//! Stimuli and sweeps on signals whose every part is known.

mod artefact;
mod clean;
mod oracle;
mod scene;
mod simulated;
