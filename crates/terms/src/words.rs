//! The words of a text, as they are indexed and as a query means them.

use std::ops::Range;

/// Bytes of a word that count; what is behind them is not compared.
pub const MAX_WORD: usize = 128;

/// The words of a text: runs of letters, digits and underscores with at least one letter or digit. A character of a script
/// that is written without spaces is a word by itself.
///
/// ```
/// let text = "free_pages(struct page *p, 漢字)";
/// let words: Vec<&str> = quern_terms::words(text).map(|range| &text[range]).collect();
/// assert_eq!(words, ["free_pages", "struct", "page", "p", "漢", "字"]);
/// ```
pub fn words(text: &str) -> Words<'_> {
    Words { text, place: 0 }
}

/// See [`words`].
#[derive(Clone, Debug)]
pub struct Words<'t> {
    text: &'t str,
    place: usize,
}

impl Iterator for Words<'_> {
    /// Bytes of the text.
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let mut start = None;
        let mut has_letter = false;
        loop {
            let (sort, length) = sort_at(self.text, self.place);
            match (sort, start) {
                (Sort::Alone, None) => {
                    self.place += length;
                    return Some(self.place - length..self.place);
                }
                (Sort::Letter | Sort::Underscore, _) => {
                    has_letter |= sort == Sort::Letter;
                    start.get_or_insert(self.place);
                    self.place += length;
                }
                (Sort::Mark, Some(_)) => self.place += length,
                (Sort::Alone | Sort::Other | Sort::End, Some(start)) if has_letter => {
                    return Some(start..self.place);
                }
                (Sort::End, _) => return None,
                (Sort::Alone, Some(_)) => start = None,
                (Sort::Other | Sort::Mark, _) => {
                    start = None;
                    self.place += length;
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Letter,
    Underscore,
    /// Belongs to the letter before it.
    Mark,
    /// A letter of a script without spaces.
    Alone,
    Other,
    End,
}

fn sort_at(text: &str, place: usize) -> (Sort, usize) {
    match text.as_bytes().get(place) {
        None => (Sort::End, 0),
        Some(b'_') => (Sort::Underscore, 1),
        Some(byte) if byte.is_ascii_alphanumeric() => (Sort::Letter, 1),
        Some(byte) if byte.is_ascii() => (Sort::Other, 1),
        Some(_) => {
            let letter = text[place..].chars().next().unwrap_or_default();
            let sort = match letter {
                '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}' => Sort::Mark,
                _ if is_unspaced(letter) => Sort::Alone,
                _ if letter.is_alphanumeric() => Sort::Letter,
                _ => Sort::Other,
            };
            (sort, letter.len_utf8())
        }
    }
}

/// Whether a letter belongs to a script that does not separate words: Thai, Lao, Burmese, Khmer, kana, Han.
fn is_unspaced(letter: char) -> bool {
    let is_letter = || letter.is_alphanumeric();
    matches!(letter,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{1B000}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}')
        && is_letter()
}

/// Puts a word in the form in which words are compared: lower case, at most [`MAX_WORD`] bytes of it.
pub fn fold(word: &str, folded: &mut String) {
    folded.clear();
    let cut = (0..=word.len().min(MAX_WORD)).rev();
    let end = cut
        .into_iter()
        .find(|&end| word.is_char_boundary(end))
        .unwrap_or(0);
    let word = &word[..end];
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// A text in lower case, all of it.
pub(crate) fn fold_all(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(char::to_lowercase).collect(),
    }
}

/// A word in the form that [`fold`] puts it in.
pub(crate) fn folded(word: &str) -> String {
    let mut folded = String::new();
    fold(word, &mut folded);
    folded
}

/// The parts of a word that is put together: at underscores, and where lower case turns into upper case. None of a word that is
/// its only part.
///
/// ```
/// let parts = |word: &'static str| quern_terms::parts(word).map(|range| &word[range]).collect::<Vec<_>>();
/// assert_eq!(parts("kmem_cache_alloc"), ["kmem", "cache", "alloc"]);
/// assert_eq!(parts("parseHTTPHeader2"), ["parse", "HTTP", "Header2"]);
/// assert_eq!(parts("__init__"), ["init"]);
/// assert!(parts("word").is_empty());
/// ```
pub fn parts(word: &str) -> Parts<'_> {
    let mut parts = Parts { word, place: 0 };
    if parts.clone().next() == Some(0..word.len()) {
        parts.place = word.len();
    }
    parts
}

/// See [`parts`].
#[derive(Clone, Debug)]
pub struct Parts<'t> {
    word: &'t str,
    place: usize,
}

impl Iterator for Parts<'_> {
    /// Bytes of the word.
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.word.as_bytes();
        let start = self.place + bytes[self.place..].iter().position(|&byte| byte != b'_')?;
        let is_border = |&place: &usize| match (bytes[place - 1], bytes[place]) {
            (_, b'_') => true,
            (before, letter) if letter.is_ascii_uppercase() => {
                let ends_capitals = bytes.get(place + 1).is_some_and(u8::is_ascii_lowercase);
                !before.is_ascii_uppercase() || ends_capitals
            }
            _ => false,
        };
        let end = (start + 1..bytes.len()).find(is_border).unwrap_or(bytes.len());
        self.place = end;
        Some(start..end)
    }
}
