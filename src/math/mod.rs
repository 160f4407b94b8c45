//! Numerics on plain slices. Knows nothing of the crate; every routine has a case from scipy or by hand.

pub mod filter;
pub mod golden;
pub mod integrate;
pub mod interpolate;
pub mod intervals;
pub mod lanes;
pub mod least_squares;
pub mod robust;
pub mod rounding;
pub mod semivariogram;
pub mod spectrum;
pub mod variogram;
pub mod weights;
