//! What is written: tables, JSON and figures of studies made by hand.

mod figures;
mod json;
mod made;
mod tables;
