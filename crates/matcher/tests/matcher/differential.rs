//! Every row of a whole file, for random files, patterns and flags.

use quern_matcher::{ErrorKind, Extras, Pattern};
use quern_testkit::{Flags, Oracle, Rng, Shape, content, patterns};

use crate::convert;

#[derive(Default)]
struct Tally {
    refused: u32,
    broken_oracle: u32,
    with_rows: u32,
}

fn compare(seed: u64, tally: &mut Tally) {
    let mut rng = Rng::new(seed);
    let shape = Shape::any(&mut rng);
    let bytes = content(&mut rng, shape);
    let flags = Flags::any(&mut rng);
    let patterns = patterns(&mut rng, &bytes, &flags);
    let explicit = rng.one_in(3);
    let context = || format!("seed {seed}, {shape:?}, {patterns:?}, {flags:?}, explicit {explicit}");

    let compiled = Pattern::compile(&convert::pattern_options(&patterns, &flags));
    let oracle = match (Oracle::new(&patterns, &flags), &compiled) {
        (Ok(oracle), Ok(_)) => oracle,
        (Err(_), Err(error)) => {
            assert!(
                !matches!(error.kind(), ErrorKind::TooLarge { .. }),
                "{error}: {}",
                context()
            );
            tally.refused += 1;
            return;
        }
        (oracle, ours) => panic!("{:?} but {:?}: {}", oracle.err(), ours.as_ref().err(), context()),
    };
    let pattern = compiled.unwrap();
    let columns = convert::whole(
        &pattern,
        &convert::search_options(&flags),
        &bytes,
        explicit,
        Extras::default(),
    );
    let Some(expected) = oracle.search(&bytes, explicit) else {
        tally.broken_oracle += 1;
        return;
    };
    let expected: Vec<_> = expected
        .rows
        .into_iter()
        .map(|row| row.trimmed(flags.line_end()))
        .collect();
    tally.with_rows += u32::from(!expected.is_empty());
    assert_eq!(convert::rows(&columns), expected, "{}", context());
}

#[test]
fn rows_are_those_of_ripgrep() {
    let cases = std::env::var("QUERN_CASES").map_or(4_000, |cases| cases.parse().unwrap());
    let mut tally = Tally::default();
    for seed in 0..cases {
        compare(seed, &mut tally);
    }
    let Tally {
        refused,
        broken_oracle,
        with_rows,
    } = tally;
    println!("{cases} cases: {with_rows} with rows, {refused} refused, {broken_oracle} beyond the oracle");
    assert!(u64::from(with_rows) > cases / 4 && u64::from(refused) < cases / 2);
    assert!(u64::from(broken_oracle) < cases / 100);
}

/// ripgrep drops an empty match at the end of an unterminated last line, but not at the end of any other line.
#[test]
fn an_empty_match_behind_the_last_byte_is_not_reported() {
    let flags = Flags::default();
    for (text, ranges) in [("abcd", 0), ("abcd\n", 1), ("abcd\nef", 1), ("abcd\nef\n", 2)] {
        let patterns = ["$".to_owned()];
        let pattern = Pattern::compile(&convert::pattern_options(&patterns, &flags)).unwrap();
        let options = convert::search_options(&flags);
        let columns = convert::whole(&pattern, &options, text.as_bytes(), false, Extras::default());
        let expected = Oracle::new(&patterns, &flags)
            .unwrap()
            .search(text.as_bytes(), false)
            .unwrap();
        assert_eq!(
            expected.rows.iter().map(|row| row.ranges.len()).sum::<usize>(),
            ranges,
            "{text:?}"
        );
        assert_eq!(columns.range.len(), 2 * ranges, "{text:?}");
    }
}
