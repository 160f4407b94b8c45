//! Whole folders: every file to an outcome, in parallel, in stable order.
