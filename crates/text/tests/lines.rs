//! Lines and blocks against naive models.

use proptest::prelude::*;
use quern_text::{LineTable, count_lines, cut_blocks, has_nul};

proptest! {
    #[test]
    fn lines(text in "[ab\n\0]{0,30}") {
        let bytes = text.as_bytes();
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        prop_assert_eq!(count_lines(bytes), lines.len() as u64);
        prop_assert_eq!(has_nul(bytes), text.contains('\0'));
        let table = LineTable::new(bytes);
        prop_assert_eq!((table.len(), table.is_empty()), (lines.len(), text.is_empty()));
        prop_assert_eq!((table.range(lines.len()), table.line_of(text.len())), (None, None));
        for (number, line) in lines.iter().enumerate() {
            let range = table.range(number).unwrap();
            prop_assert_eq!(&text[range.clone()], *line);
            for offset in range {
                prop_assert_eq!(table.line_of(offset), Some(number));
            }
        }
    }

    #[test]
    fn blocks(text in "([ab]{0,9}\n){0,12}[ab]{0,9}", target in 0usize..25, last in any::<bool>()) {
        let cuts = cut_blocks(text.as_bytes(), target, last);
        let whole = if last { text.len() } else { text.rfind('\n').map_or(0, |end| end + 1) };
        prop_assert_eq!(cuts.last().copied().unwrap_or(0), whole);
        let mut start = 0;
        for (index, &end) in cuts.iter().enumerate() {
            let block = &text[start..end];
            let lines: Vec<_> = block.split_inclusive('\n').collect();
            prop_assert!(!block.is_empty() && (block.ends_with('\n') || end == text.len()));
            prop_assert!(block.len() <= target.max(1) || lines.len() == 1);
            if index + 1 < cuts.len() {
                let next = text[end..].split_inclusive('\n').next().unwrap();
                prop_assert!(block.len() + next.len() > target.max(1), "a line more would have fitted");
            }
            start = end;
        }
    }
}

#[test]
fn blocks_of_small_texts() {
    assert_eq!(cut_blocks(b"", 16, true), []);
    assert_eq!(cut_blocks(b"a", 16, true), [1]);
    assert_eq!(cut_blocks(b"a", 16, false), []);
    assert_eq!(cut_blocks(b"a\nb\nlonger\nc", 4, true), [4, 11, 12]);
}
