//! ripgrep's flags as plain data: the oracle's own, so that it shares no code with what it judges.

use crate::rng::Rng;

/// `-s`, `-i`, `-S`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// `-s`
    #[default]
    Sensitive,
    /// `-i`
    Insensitive,
    /// `-S`
    Smart,
}

/// What is done about NUL bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nul {
    /// ripgrep's default.
    #[default]
    Auto,
    /// `--binary`
    Binary,
    /// `-a`
    Text,
}

/// How to search. Every field is the flag of that name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are ripgrep's flags")]
pub struct Flags {
    pub fixed_strings: bool,
    pub case: Case,
    pub word: bool,
    pub line: bool,
    pub multiline: bool,
    pub multiline_dotall: bool,
    pub crlf: bool,
    pub null_data: bool,
    pub no_unicode: bool,
    pub invert: bool,
    pub before: usize,
    pub after: usize,
    pub passthru: bool,
    pub max_count: Option<u64>,
    pub stop_on_nonmatch: bool,
    /// `-E`: `none` or a label; `None` is `auto`.
    pub encoding: Option<String>,
    pub nul: Nul,
    pub replace: Option<String>,
}

impl Flags {
    /// Random flags, of which most are off.
    pub fn any(rng: &mut Rng) -> Flags {
        let mut flags = Flags {
            fixed_strings: rng.one_in(6),
            case: rng.pick(&[Case::Sensitive, Case::Sensitive, Case::Insensitive, Case::Smart]),
            word: rng.one_in(7),
            line: rng.one_in(9),
            no_unicode: rng.one_in(9),
            crlf: rng.one_in(8),
            invert: rng.one_in(10),
            max_count: rng.one_in(8).then(|| 1 + rng.next() % 4),
            nul: rng.pick(&[Nul::Auto, Nul::Auto, Nul::Auto, Nul::Binary, Nul::Text]),
            ..Flags::default()
        };
        if rng.one_in(6) {
            flags.multiline = true;
            flags.multiline_dotall = rng.one_in(2);
        }
        if rng.one_in(12) {
            flags.null_data = true;
            flags.crlf = false;
        }
        match rng.below(12) {
            0 => flags.before = rng.below(4),
            1 => flags.after = rng.below(4),
            2 => (flags.before, flags.after) = (rng.below(4), rng.below(4)),
            3 => flags.passthru = true,
            4 => flags.stop_on_nonmatch = true,
            _ => {}
        }
        if rng.one_in(10) {
            let label = rng.pick(&["none", "utf-8", "latin1", "utf-16le", "shift_jis"]);
            flags.encoding = Some(label.to_owned());
        }
        flags
    }

    /// The flags as `rg` takes them.
    pub fn args(&self) -> Vec<String> {
        let switches = [
            (self.fixed_strings, "-F"),
            (self.case == Case::Insensitive, "-i"),
            (self.case == Case::Smart, "-S"),
            (self.word, "-w"),
            (self.line, "-x"),
            (self.multiline, "-U"),
            (self.multiline_dotall, "--multiline-dotall"),
            (self.crlf, "--crlf"),
            (self.null_data, "--null-data"),
            (self.no_unicode, "--no-unicode"),
            (self.invert, "-v"),
            (self.passthru, "--passthru"),
            (self.stop_on_nonmatch, "--stop-on-nonmatch"),
            (self.nul == Nul::Binary, "--binary"),
            (self.nul == Nul::Text, "-a"),
        ];
        let mut args: Vec<String> = switches
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, flag)| flag.to_string())
            .collect();
        if !self.passthru {
            args.extend([format!("-B{}", self.before), format!("-A{}", self.after)]);
        }
        args.extend(self.max_count.map(|count| format!("-m{count}")));
        args.extend(self.encoding.as_ref().map(|label| format!("-E{label}")));
        args.extend(self.replace.as_ref().map(|text| format!("-r{text}")));
        args
    }

    /// The bytes that end a line; the carriage return before them, with `crlf`, may be missing.
    pub fn line_end(&self) -> &'static [u8] {
        match self {
            _ if self.null_data => b"\0",
            _ if self.crlf => b"\r\n",
            _ => b"\n",
        }
    }
}
