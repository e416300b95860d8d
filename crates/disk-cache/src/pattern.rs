//! Patterns of keys: `*` stands for any letters, `?` for one, everything else for itself.

/// Whether `text` as a whole matches `pattern`. Goes back to the last star only, so it takes at most the product of both
/// lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where to go on if what follows the last star does not fit: behind the star, and one letter further in the text.
    let mut star = None;
    loop {
        match (pattern.next(), text.clone().next()) {
            (Some('*'), _) => star = Some((pattern.clone(), text.clone())),
            (Some(wanted), Some(letter)) if wanted == '?' || wanted == letter => {
                text.next();
            }
            (None, None) => return true,
            _ => {
                let Some((behind, from)) = &mut star else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                (pattern, text) = (behind.clone(), from.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quern_testkit::Rng;

    use super::*;

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| naive(rest, &text[at..])),
            Some((wanted, rest)) => text
                .split_first()
                .is_some_and(|(letter, behind)| (*wanted == '?' || wanted == letter) && naive(rest, behind)),
        }
    }

    #[test]
    fn patterns_match_as_their_definition_says() {
        let mut rng = Rng::new(7);
        let mut text = |letters: &[char], most: usize| -> Vec<char> {
            (0..rng.below(most + 1)).map(|_| rng.pick(letters)).collect()
        };
        for _ in 0..20_000 {
            let (pattern, key) = (text(&['a', 'é', '*', '?'], 7), text(&['a', 'é'], 9));
            let said = matches(&String::from_iter(&pattern), &String::from_iter(&key));
            assert_eq!(said, naive(&pattern, &key), "{pattern:?} {key:?}");
        }
    }
}
