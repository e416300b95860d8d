//! Texts that are likely to match, in whole or nearly.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::random::Random;

const NASTY: &[&[u8]] = &[
    b"\n",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xFF",
    b"\xC3",
    b"\xBC",
    b"\xE6\xBC",
    b"\xF0\x9F\x98",
    "\u{212A}".as_bytes(),
    "ſ".as_bytes(),
    "e\u{301}".as_bytes(),
    "漢字".as_bytes(),
    "Привет".as_bytes(),
    "😀".as_bytes(),
    b"\xED\xA0\x80",
    b" ",
    b"\t",
    b"\x0B",
    "\u{85}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"_",
    b"a",
    b"K",
    b"s",
    b"0",
    b"\xEF\xBB\xBF",
    b"\n\n",
    b"\r\r\n",
    b"foo",
    b"PM_",
];

/// A text of some lines, with or without a line end at its end.
pub fn text(hirs: &[Hir], random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..1 + random.below(5) {
        match random.below(8) {
            0..=3 => sampled(hirs, random, &mut text),
            4 => text.push(random.next() as u8),
            5 if random.one_in(40) => text.extend([b'y'; 3000]),
            _ => text.extend(random.pick(NASTY)),
        }
        if random.one_in(3) {
            text.extend(random.pick(&[b"\n".as_slice(), b"\r\n", b"\r", b" "]));
        }
    }
    if random.one_in(2) {
        text.push(b'\n');
    }
    text
}

/// A sample of one of the patterns, sometimes with a byte changed, letters in the other case, or a part lost.
fn sampled(hirs: &[Hir], random: &mut Random, text: &mut Vec<u8>) {
    let start = text.len();
    let mut left = 400;
    sample(&hirs[random.below(hirs.len())], random, &mut left, text);
    let length = text.len() - start;
    if length == 0 {
        return;
    }
    match random.below(12) {
        0 => text[start + random.below(length)] = random.next() as u8,
        1 => text[start..].make_ascii_uppercase(),
        2 => text[start..].make_ascii_lowercase(),
        3 => text.truncate(start + random.below(length)),
        _ => {}
    }
}

/// A string that the pattern matches but for its look-around assertions; ends early when `left` runs out.
fn sample(hir: &Hir, random: &mut Random, left: &mut usize, text: &mut Vec<u8>) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Look(_) if random.one_in(3) => {
            text.extend(random.pick(&[b"\n".as_slice(), b"\r\n", b"\r", b" "]))
        }
        HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend(&literal.0),
        HirKind::Class(class) => member(class, random, text),
        HirKind::Capture(capture) => sample(&capture.sub, random, left, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| sample(part, random, left, text)),
        HirKind::Alternation(parts) => sample(&parts[random.below(parts.len())], random, left, text),
        HirKind::Repetition(repetition) => {
            let most = repetition
                .max
                .unwrap_or(repetition.min + 3)
                .min(repetition.min + 3);
            let count = repetition.min + random.below((most - repetition.min) as usize + 1) as u32;
            (0..count).for_each(|_| sample(&repetition.sub, random, left, text));
        }
    }
}

fn member(class: &Class, random: &mut Random, text: &mut Vec<u8>) {
    match class {
        Class::Unicode(class) if !class.ranges().is_empty() => {
            let range = class.ranges()[random.below(class.ranges().len())];
            let (start, end) = (u32::from(range.start()), u32::from(range.end()));
            let code = start + random.below((end - start) as usize + 1) as u32;
            let char = char::from_u32(code).unwrap_or(range.start());
            text.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Class::Bytes(class) if !class.ranges().is_empty() => {
            let range = class.ranges()[random.below(class.ranges().len())];
            text.push(range.start() + random.below((range.end() - range.start()) as usize + 1) as u8);
        }
        _ => {}
    }
}
