//! Faults of technique on simulated studies: found where they change the decrement, not raised where there are none.

mod cases;
mod rates;
