//! Whether a text begins as another, or nearly so.

use crate::query::edits::Edits;
use crate::query::suggest::most_edits;

/// What the beginnings of texts are compared with. Case does not count.
pub struct Beginning {
    text: String,
    near: Option<(Edits, u8)>,
}

impl Beginning {
    /// For up to so many edits, 0 to 2; `None`: as many as [`complete`](crate::complete) allows.
    pub fn new(text: &str, edits: Option<u8>) -> Beginning {
        let text = text.to_lowercase();
        let edits = most_edits(&text, edits);
        let near = (edits > 0).then(|| (Edits::of(&text, edits), edits));
        Beginning { text, near }
    }

    /// How many edits away the nearest beginning of a text is; `None`: too many, or the first letter differs. Bytes that are
    /// no UTF-8 are taken as U+FFFD.
    pub fn edits(&self, text: &[u8]) -> Option<u8> {
        match (self.text.as_bytes().first(), text.first()) {
            (None, _) => Some(0),
            (_, None) => None,
            (Some(own), Some(first)) if first.is_ascii() && *own != first.to_ascii_lowercase() => None,
            _ if text.is_ascii() => self.edits_of_lower(text),
            _ => self.edits_of_lower(lower(text).as_bytes()),
        }
    }

    /// Whether it is all of a text.
    pub fn is(&self, text: &[u8]) -> bool {
        if text.is_ascii() {
            return text.eq_ignore_ascii_case(self.text.as_bytes());
        }
        lower(text) == self.text
    }

    /// Of a text that is in lower case but for ASCII's letters.
    fn edits_of_lower(&self, text: &[u8]) -> Option<u8> {
        let start = text.get(..self.text.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(self.text.as_bytes())) {
            return Some(0);
        }
        let (compare, edits) = self.near.as_ref()?;
        let first = self.text.chars().next().map_or(0, char::len_utf8);
        let has_first = text
            .get(..first)?
            .eq_ignore_ascii_case(&self.text.as_bytes()[..first]);
        let (mut state, mut nearest) = (compare.start(), u8::MAX);
        for byte in text {
            let Some(next) = compare.over(state, byte.to_ascii_lowercase()) else {
                break;
            };
            state = next;
            nearest = nearest.min(compare.distance(state).unwrap_or(u8::MAX));
        }
        (has_first && nearest <= *edits).then_some(nearest)
    }
}

fn lower(text: &[u8]) -> String {
    String::from_utf8_lossy(text).to_lowercase()
}
