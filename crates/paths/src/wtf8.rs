//! WTF-8 (<https://simonsapin.github.io/wtf-8/>): UTF-8 that also encodes surrogates which are not part of a pair.

/// Whether `bytes` are well-formed WTF-8: no two encoded surrogates that would join to a pair.
pub(crate) fn is_valid(bytes: &[u8]) -> bool {
    walk(bytes, |_| {}, |_| {}).is_some()
}

/// The UTF-16 of `bytes`, or `None` if they are not well-formed.
#[cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "only Windows has wide paths")
)]
pub(crate) fn to_wide(bytes: &[u8]) -> Option<Vec<u16>> {
    let wide = std::cell::RefCell::new(Vec::with_capacity(bytes.len()));
    walk(
        bytes,
        |text| wide.borrow_mut().extend(text.encode_utf16()),
        |surrogate| wide.borrow_mut().push(surrogate),
    )?;
    Some(wide.into_inner())
}

/// Hands on the runs of text and the lone surrogates in their order.
fn walk(bytes: &[u8], text: impl Fn(&str), lone: impl Fn(u16)) -> Option<()> {
    let mut rest = bytes;
    let mut after_lead = false;
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(all) => {
                text(all);
                return Some(());
            }
            Err(error) => error.valid_up_to(),
        };
        let (head, tail) = rest.split_at(valid);
        text(std::str::from_utf8(head).ok()?);
        let [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] = *tail else {
            return None;
        };
        let surrogate = 0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F);
        let is_trail = surrogate >= 0xDC00;
        if is_trail && after_lead && valid == 0 {
            return None;
        }
        after_lead = !is_trail;
        lone(surrogate);
        rest = &tail[3..];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_valid, to_wide};

    fn encode(units: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for decoded in char::decode_utf16(units.iter().copied()) {
            match decoded {
                Ok(character) => bytes.extend_from_slice(character.to_string().as_bytes()),
                Err(error) => {
                    let unit = error.unpaired_surrogate();
                    bytes.extend([0xED, (unit >> 6 & 0x3F) as u8 | 0x80, (unit & 0x3F) as u8 | 0x80]);
                }
            }
        }
        bytes
    }

    proptest! {
        #[test]
        fn every_wide_string_has_one_form(units in proptest::collection::vec(
            prop_oneof![any::<u16>(), 0xD7FEu16..0xE002, 0x60u16..0x70], 0..12,
        )) {
            prop_assert_eq!(to_wide(&encode(&units)), Some(units));
        }

        #[test]
        fn valid_bytes_are_the_form_of_their_wide_string(bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), Just(0xED), 0x80u8..0xC0, 0x60u8..0x70], 0..12,
        )) {
            match to_wide(&bytes) {
                Some(units) => prop_assert_eq!(encode(&units), bytes),
                None => prop_assert!(!is_valid(&bytes)),
            }
        }
    }
}
