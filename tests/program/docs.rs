//! The reference pages in `docs/reference` equal what the lists in the code say.

use endplate::cli::PAGES;

#[test]
fn the_reference_pages_are_up_to_date() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    for page in PAGES {
        let stored = std::fs::read_to_string(folder.join(page.file)).unwrap_or_default();
        assert!(
            stored == (page.text)(),
            "docs/reference/{} is out of date: run `cargo run -- list --write docs/reference`",
            page.file
        );
    }
}
