//! Figures: sweeps, trains and series, drawn with plotters.
