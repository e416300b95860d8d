//! Counts are those that ripgrep prints.

use quern_matcher::{Counter, First, Pattern, Searchers};
use quern_testkit::{Flags, Oracle, Rng, Shape, content, patterns};

use crate::convert;

#[test]
fn counts_are_those_of_ripgrep() {
    let mut matched = 0;
    for seed in 0..3000 {
        let mut rng = Rng::new(seed);
        let shape = Shape::any(&mut rng);
        let bytes = content(&mut rng, shape);
        let flags = Flags::any(&mut rng);
        let patterns = patterns(&mut rng, &bytes, &flags);
        let Ok(pattern) = Pattern::compile(&convert::pattern_options(&patterns, &flags)) else {
            continue;
        };
        let explicit = rng.one_in(2);
        let mut searchers = Searchers::new(&convert::search_options(&flags)).unwrap();
        let (mut lines, mut each) = (Counter::of_lines(&pattern), Counter::of_matches(&pattern));
        searchers
            .reader(&pattern, &bytes[..], explicit, &mut lines)
            .unwrap();
        searchers
            .reader(&pattern, &bytes[..], explicit, &mut each)
            .unwrap();
        let expected = Oracle::new(&patterns, &flags).unwrap().counts(&bytes, explicit);
        let context = format!("seed {seed}, {shape:?}, {patterns:?}, {flags:?}, explicit {explicit}");
        assert_eq!((lines.lines(), each.matches()), expected, "{context}");
        assert_eq!(each.lines(), lines.lines(), "{context}");
        let mut first = First::new();
        searchers.reader(&pattern, &bytes[..], true, &mut first).unwrap();
        if !explicit {
            assert!(first.found() || expected.0 == 0, "{context}");
        } else {
            assert_eq!(first.found(), expected.0 > 0, "{context}");
        }
        matched += u32::from(first.found());
    }
    assert!(matched > 500);
}
