//! The alphabet of the gram index: 256 byte values fold to 64 symbols.
//!
//! Letters fold by ASCII case, digits and frequent punctuation keep a symbol each, rare punctuation and controls
//! share some, CR and LF are one *line end*, and bytes >= 0x80 fold to two symbols (continuation bytes and the
//! rest). Three consecutive symbols are a *base gram*, an 18-bit key. Folding keeps the key space small enough
//! for a bitmap that stays in the L1 cache, and makes case-insensitive search cost what case-sensitive search
//! costs.
//!
//! Folding loses what tells constants from variables and one script from another, so two further key ranges
//! hold grams of raw bytes where that pays: *capital grams* (`PM_` but not `pm_`) and *high grams* (hashed raw
//! bytes of text that is mostly outside ASCII).

/// The symbol of CR and LF, and of the virtual line end that opens and closes each block.
pub const LINE_END: u8 = 63;
/// The symbol of space, tab, vertical tab and form feed.
pub const BLANK: u8 = 37;
/// The symbol of bytes 0x80..=0xBF: UTF-8 continuation bytes.
pub const HIGH_CONTINUATION: u8 = 61;
/// The symbol of bytes 0xC0..=0xFF: UTF-8 leading bytes.
pub const HIGH_LEAD: u8 = 62;

/// Number of base grams.
pub const BASE_KEYS: u32 = 1 << 18;
/// Number of keys reserved for capital grams, and again for high grams.
pub const PLANE_KEYS: u32 = 1 << 16;
/// One more than the largest key.
pub const KEYS: u32 = BASE_KEYS + 2 * PLANE_KEYS;

/// Symbols below this one are those of letters, digits and `_`, in the order in which capital grams count them.
const CAPITAL_SYMBOLS: u32 = 37;

/// Symbol of each byte value.
pub static SYMBOLS: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        table[byte] = symbol_of(byte as u8);
        byte += 1;
    }
    table
}

const fn symbol_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A',
        b'0'..=b'9' => 26 + byte - b'0',
        b'_' => 36,
        b' ' | b'\t' | 0x0B | 0x0C => BLANK,
        b'(' => 38,
        b')' => 39,
        b'*' => 40,
        b',' => 41,
        b';' => 42,
        b'=' => 43,
        b'-' => 44,
        b'>' => 45,
        b'<' => 46,
        b'.' => 47,
        b'/' => 48,
        b'"' => 49,
        b'{' => 50,
        b'}' => 51,
        b'[' => 52,
        b']' => 53,
        b'&' => 54,
        b'#' => 55,
        b':' => 56,
        b'|' | b'^' | b'~' => 57,
        b'!' | b'?' | b'@' => 58,
        b'+' | b'%' => 59,
        b'\n' | b'\r' => LINE_END,
        b'\'' | b'`' | b'$' | b'\\' | 0..=31 | 127 => 60,
        128..=191 => HIGH_CONTINUATION,
        192..=255 => HIGH_LEAD,
    }
}

/// A key of the gram index: below [`BASE_KEYS`] three symbols, then the capital grams, then the high grams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gram(pub u32);

impl Gram {
    /// The gram of three symbols, each below 64.
    pub const fn base(first: u8, second: u8, third: u8) -> Gram {
        Gram((first as u32) << 12 | (second as u32) << 6 | third as u32)
    }

    /// The capital gram of three raw bytes: all of `[A-Z0-9_]`, at least two of them capitals.
    pub const fn capital(first: u8, second: u8, third: u8) -> Option<Gram> {
        let capitals = first.is_ascii_uppercase() as u8
            + second.is_ascii_uppercase() as u8
            + third.is_ascii_uppercase() as u8;
        if capitals < 2 {
            return None;
        }
        match (capital_digit(first), capital_digit(second), capital_digit(third)) {
            (Some(a), Some(b), Some(c)) => Some(Gram::of_capital_symbols(a, b, c)),
            _ => None,
        }
    }

    /// The base gram of a capital gram's bytes; none for other grams.
    pub const fn folded(self) -> Option<Gram> {
        let Some(key) = self.0.checked_sub(BASE_KEYS) else {
            return None;
        };
        if key >= CAPITAL_SYMBOLS.pow(3) {
            return None;
        }
        let [first, second, third] = [key / CAPITAL_SYMBOLS.pow(2), key / CAPITAL_SYMBOLS, key];
        Some(Gram::base(
            first as u8,
            (second % CAPITAL_SYMBOLS) as u8,
            (third % CAPITAL_SYMBOLS) as u8,
        ))
    }

    /// The capital gram of which this would be the base gram, of letters, digits and `_`; none for other grams.
    pub(crate) const fn unfolded(self) -> Option<Gram> {
        let [first, second, third] = [self.0 >> 12, self.0 >> 6 & 63, self.0 & 63];
        if first < CAPITAL_SYMBOLS && second < CAPITAL_SYMBOLS && third < CAPITAL_SYMBOLS {
            Some(Gram::of_capital_symbols(first, second, third))
        } else {
            None
        }
    }

    const fn of_capital_symbols(first: u32, second: u32, third: u32) -> Gram {
        Gram(BASE_KEYS + (first * CAPITAL_SYMBOLS + second) * CAPITAL_SYMBOLS + third)
    }

    /// The high gram of three raw bytes, at least two of them >= 0x80: a 16-bit multiplicative hash.
    pub const fn high(first: u8, second: u8, third: u8) -> Option<Gram> {
        if (first >> 7) + (second >> 7) + (third >> 7) < 2 {
            return None;
        }
        let raw = (first as u32) << 16 | (second as u32) << 8 | third as u32;
        Some(Gram(
            BASE_KEYS + PLANE_KEYS + (raw.wrapping_mul(0x9E37_79B1) >> 16),
        ))
    }
}

const fn capital_digit(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some((byte - b'A') as u32),
        b'0'..=b'9' => Some((26 + byte - b'0') as u32),
        b'_' => Some(36),
        _ => None,
    }
}
