//! What means harm to a run: names, and a results folder that was tampered with. What means harm to a reader is in tests/formats/hostile.

mod names;
mod results;
