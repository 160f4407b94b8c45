//! The `endplate` command.
fn main() {}
