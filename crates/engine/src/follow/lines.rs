//! What of a text is complete. Pure: the same lines and pieces come out, however the text came in.

use std::ops::Range;

/// The parts of `text`, which begins where a line or a piece does, that can be searched: runs of whole lines, and each
/// piece of a line that is longer than `max_line`, of which the last goes to the line's end. What is behind the last part waits
/// for its end.
pub(super) fn complete(text: &[u8], max_line: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut run, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        let visible = &rest[..rest.len().min(max_line + 1)];
        if let Some(end) = memchr::memchr(b'\n', visible) {
            at += end + 1;
            continue;
        }
        if run < at {
            parts.push(run..at);
        }
        if rest.len() <= max_line {
            return parts;
        }
        let end = at + piece(rest, max_line);
        parts.push(at..end);
        (run, at) = (end, end);
    }
}

/// Bytes of the piece that a long line begins with: `max_line`, or less, so that no character is cut.
fn piece(line: &[u8], max_line: usize) -> usize {
    const LONGEST_CHARACTER: usize = 4;
    let is_start = |at: &usize| line[*at] & 0xC0 != 0x80;
    let least = max_line.saturating_sub(LONGEST_CHARACTER - 1).max(1);
    (least..=max_line).rev().find(is_start).unwrap_or(max_line)
}

#[cfg(test)]
mod tests {
    use quern_testkit::Rng;

    use super::*;

    fn parts(text: &str, max_line: usize) -> Vec<&str> {
        let parts = complete(text.as_bytes(), max_line);
        parts.into_iter().map(|part| &text[part]).collect()
    }

    #[test]
    fn lines_wait_for_their_end_and_long_ones_come_in_pieces() {
        assert_eq!(parts("one\ntwo\nth", 5), ["one\ntwo\n"]);
        assert_eq!(parts("12345", 5), [""; 0]);
        assert_eq!(parts("12345\n1", 5), ["12345\n"]);
        assert_eq!(
            parts("a\n1234567890123\nb\n", 5),
            ["a\n", "12345", "67890", "123\nb\n"]
        );
        assert_eq!(parts("123äöü\n", 4), ["123", "äö", "ü\n"]);
        assert_eq!(complete("ä\n".as_bytes(), 1), [0..1, 1..3]);
    }

    #[test]
    fn it_does_not_matter_how_the_text_comes() {
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let length = rng.below(200);
            let text: Vec<u8> = (0..length)
                .map(|_| rng.pick(&[b'a', b'b', b'\n', 0xC3, 0xA4, 0xFF]))
                .collect();
            let max_line = 1 + rng.below(12);
            // A run of lines is as good as one line after the other.
            let pieces = |parts: Vec<Range<usize>>, base: usize| -> Vec<usize> {
                parts.into_iter().map(|part| base + part.end).collect()
            };
            let whole = pieces(complete(&text, max_line), 0);
            let (mut ends, mut at, mut seen) = (Vec::new(), 0, 0);
            while seen < length {
                seen = (seen + 1 + rng.below(9)).min(length);
                let some = pieces(complete(&text[at..seen], max_line), at);
                at = some.last().copied().unwrap_or(at);
                ends.extend(some);
            }
            assert_eq!(ends.last(), whole.last(), "{text:?} {max_line}");
            assert!(whole.iter().all(|end| ends.contains(end)), "{text:?} {max_line}");
        }
    }
}
