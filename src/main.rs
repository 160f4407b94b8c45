//! The `endplate` command: everything is in [`endplate::cli`].

fn main() -> std::process::ExitCode {
    endplate::cli::main()
}
