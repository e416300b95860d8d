//! Replaced lines are those that `rg -r` prints.

use quern_matcher::{Extras, Pattern};
use quern_testkit::{Flags, Nul, Oracle, Rng, Shape, content, patterns};

use crate::convert;

#[test]
fn replaced_lines_are_those_of_ripgrep() {
    let mut replaced_lines = 0;
    for seed in 0..4000 {
        let mut rng = Rng::new(seed);
        let bytes = content(
            &mut rng,
            if seed % 2 == 0 {
                Shape::Prose
            } else {
                Shape::Broken
            },
        );
        let replace = rng
            .pick(&["X", "", "[$0]", "$1-$2", "${n1}!", "$$", "é"])
            .to_owned();
        let flags = Flags {
            null_data: false,
            nul: Nul::Text,
            encoding: None,
            replace: Some(replace),
            ..Flags::any(&mut rng)
        };
        if bytes.contains(&b'\r') {
            continue;
        }
        let patterns = patterns(&mut rng, &bytes, &flags);
        let Ok(pattern) = Pattern::compile(&convert::pattern_options(&patterns, &flags)) else {
            continue;
        };
        let extras = Extras {
            replace: flags.replace.clone().map(String::into_bytes),
            ..Extras::default()
        };
        let columns = convert::whole(&pattern, &convert::search_options(&flags), &bytes, false, extras);
        let mut printed = Vec::new();
        for row in columns.iter() {
            let text = if row.kind == quern_matcher::Kind::Break {
                b"--"
            } else {
                row.replaced.unwrap()
            };
            printed.extend_from_slice(text);
            printed.push(b'\n');
        }
        let mut expected = Oracle::new(&patterns, &flags).unwrap().standard(&bytes, false);
        if flags.crlf {
            expected.retain(|&byte| byte != b'\r');
        }
        replaced_lines += columns
            .iter()
            .filter(|row| row.replaced != Some(row.text))
            .count();
        assert_eq!(
            String::from_utf8_lossy(&printed),
            String::from_utf8_lossy(&expected),
            "seed {seed}, {patterns:?}, {flags:?}"
        );
    }
    assert!(replaced_lines > 1000);
}
