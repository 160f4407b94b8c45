//! No bytes bring endplate down: every fixture is cut, has bits flipped and numbers pushed to extremes, from fixed seeds; files are made that
//! unfold, lead elsewhere or never end. What is asked of each is in [`patient`]; how much memory a file may cost is in [`memory`].
//!
//! Where trying everything would take minutes, a part is tried, always the same one; each test says which. Fuzzing (docs/fuzzing.md) goes on
//! where this ends.

mod bombs;
mod cuts;
mod doors;
mod flips;
mod large;
mod links;
mod memory;
mod numbers;
mod patient;
mod texts;
