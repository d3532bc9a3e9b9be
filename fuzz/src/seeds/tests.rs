//! The committed seeds are the ones that are made, and pass. No fuzzer is needed to run this.

use std::fs;
use std::path::Path;

use super::{all, check_of};

#[test]
fn the_files_are_the_seeds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut files = 0;
    for folder in fs::read_dir(&root).unwrap() {
        files += fs::read_dir(folder.unwrap().path()).unwrap().count();
    }
    let seeds = all();
    assert_eq!(files, seeds.len(), "run: cargo run --example seeds");
    for seed in seeds {
        let file = root.join(seed.target).join(&seed.name);
        assert!(
            fs::read(&file).unwrap() == seed.data,
            "{}: run: cargo run --example seeds",
            file.display()
        );
    }
}

#[test]
fn every_seed_passes() {
    for seed in all() {
        let check = check_of(seed.target).expect(seed.target);
        check(&seed.data);
    }
}
