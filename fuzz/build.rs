//! Links what instrumented C code calls; see `fuzz/run`.

fn main() {
    println!("cargo::rerun-if-changed=c/coverage.c");
    println!("cargo::rerun-if-env-changed=ENDPLATE_FUZZ_C");
    if std::env::var_os("ENDPLATE_FUZZ_C").is_some() {
        cc::Build::new().file("c/coverage.c").compile("coverage");
        // The runtime of the sanitizer must be loaded first; `fuzz/run` sees to that.
        println!("cargo::rustc-link-arg-bins=-lasan");
        // libFuzzer has a function of that name that counts nothing; ours comes first.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,muldefs");
    }
}
