//! Recordings with known truth, from a physiological model of the end plate.
