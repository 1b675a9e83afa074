//! What fuzzing asks of any bytes (crates/sign-core/fuzz), asked of the inputs it starts from and of every
//! one that once broke it (fixtures/fuzz/TARGET).

#[path = "../../crates/sign-core/fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "public there: the fuzz targets use it as a crate")]
mod properties;

use crate::workspace::{files_below, root};
use properties::{Reached, TARGETS};

#[test]
fn every_property_is_tried_on_its_seeds_and_holds() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{}", target.name);
        for (number, seed) in seeds.iter().enumerate() {
            assert_eq!((target.check)(seed), Reached::Held, "{}: seed {number} is refused", target.name);
            // Cut off, nothing of it may be taken for whole; where is up to the property.
            (target.check)(&seed[..seed.len() / 2]);
        }
    }
}

#[test]
fn what_once_broke_a_property_does_so_no_more() {
    let folder = root().join("fixtures/fuzz");
    let mut tried = 0;
    for target in TARGETS {
        let inputs = folder.join(target.name);
        if !inputs.is_dir() {
            continue;
        }
        for path in files_below(&inputs) {
            println!("{}", path.display());
            (target.check)(&std::fs::read(&path).unwrap());
            tried += 1;
        }
    }
    let there = if folder.is_dir() { files_below(&folder).len() } else { 0 };
    assert_eq!(tried, there, "a folder there has no target's name");
}
