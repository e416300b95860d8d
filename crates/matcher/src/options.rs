//! What to look for and how to look: plain data, hashable, so that compiled patterns can be cached by it.
//!
//! Each field means what ripgrep's flag of the same name means; the defaults are ripgrep's.

/// How letter case counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Case {
    /// As written (`-s`).
    #[default]
    Sensitive,
    /// Ignored, by Unicode's simple case folding (`-i`).
    Insensitive,
    /// Ignored unless the pattern has an upper-case letter (`-S`).
    Smart,
}

/// Patterns and the rules that they are compiled under. A line matches if any pattern does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PatternOptions {
    /// The patterns, in ripgrep's syntax; none of them match nothing.
    pub patterns: Vec<String>,
    /// Patterns are literal strings (`-F`).
    pub fixed_strings: bool,
    /// Letter case (`-s`, `-i`, `-S`).
    pub case: Case,
    /// Matches begin and end at word boundaries (`-w`).
    pub word: bool,
    /// Matches are whole lines (`-x`); wins over `word`.
    pub line: bool,
    /// Matches may span lines (`-U`).
    pub multiline: bool,
    /// `.` matches line ends when `multiline` is on (`--multiline-dotall`).
    pub multiline_dotall: bool,
    /// CRLF is a line end too (`--crlf`); has no effect with `null_data`.
    pub crlf: bool,
    /// Lines end with NUL (`--null-data`).
    pub null_data: bool,
    /// Classes and case folding know Unicode (off: `--no-unicode`).
    pub unicode: bool,
    /// NUL may not occur in a pattern, as ripgrep rules unless `-a` or `--null-data` is given.
    pub ban_nul: bool,
    /// Upper bound of the compiled program, in bytes; `None`: 100 MiB, grep-regex's own bound
    /// (`--regex-size-limit`).
    pub size_limit: Option<usize>,
    /// Upper bound of the lazy DFA's cache, in bytes a thread; `None`: 1000 MiB, grep-regex's own bound
    /// (`--dfa-size-limit`). It changes how fast a search is, never what it finds.
    pub dfa_size_limit: Option<usize>,
}

impl Default for PatternOptions {
    fn default() -> Self {
        PatternOptions {
            patterns: Vec::new(),
            fixed_strings: false,
            case: Case::Sensitive,
            word: false,
            line: false,
            multiline: false,
            multiline_dotall: false,
            crlf: false,
            null_data: false,
            unicode: true,
            ban_nul: true,
            size_limit: None,
            dfa_size_limit: None,
        }
    }
}

impl PatternOptions {
    /// Whether `^` and `$` know CRLF.
    pub(crate) fn ends_crlf(&self) -> bool {
        self.crlf && !self.null_data
    }

    /// The bytes that a match can never contain; `None`: a match may contain any.
    pub(crate) fn line_end(&self) -> Option<&'static [u8]> {
        match self {
            _ if self.multiline => None,
            _ if self.null_data => Some(b"\0"),
            _ if self.crlf => Some(b"\r\n"),
            _ => Some(b"\n"),
        }
    }
}

/// How a file's bytes become text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum EncodingChoice {
    /// A byte order mark decides; without one the bytes are searched as they are (`-E auto`).
    #[default]
    Auto,
    /// Bytes as they are, marks included (`-E none`).
    None,
    /// This WHATWG label, unless a byte order mark says otherwise (`-E latin1`).
    Label(String),
}

/// What a NUL byte does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Binary {
    /// ripgrep's default: a file found by walking is given up at its first NUL, one named explicitly is searched and
    /// only said to match.
    #[default]
    Auto,
    /// Every file is treated as if named explicitly (`--binary`).
    SearchAndSuppress,
    /// NUL is a byte like others (`-a`).
    Text,
}

/// How files are searched, whatever the pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchOptions {
    /// Lines that do not match (`-v`).
    pub invert: bool,
    /// Lines of context before a match (`-B`).
    pub before: usize,
    /// Lines of context after a match (`-A`).
    pub after: usize,
    /// Every line is given, matching or not (`--passthru`).
    pub passthru: bool,
    /// At most this many matching lines a file (`-m`); multi-line, at most this many matches.
    pub max_count: Option<u64>,
    /// A file is left at the first line that does not match after one that did (`--stop-on-nonmatch`).
    pub stop_on_nonmatch: bool,
    /// Line numbers are counted.
    pub line_number: bool,
    /// Matches may span lines: goes with [`PatternOptions::multiline`].
    pub multiline: bool,
    /// Goes with [`PatternOptions::crlf`].
    pub crlf: bool,
    /// Goes with [`PatternOptions::null_data`].
    pub null_data: bool,
    /// Text encoding (`-E`).
    pub encoding: EncodingChoice,
    /// Binary files (`-a`, `--binary`).
    pub binary: Binary,
    /// Upper bound in bytes of the buffer that holds one line, or one file when multi-line; `None`: memory's.
    pub heap_limit: Option<usize>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            invert: false,
            before: 0,
            after: 0,
            passthru: false,
            max_count: None,
            stop_on_nonmatch: false,
            line_number: true,
            multiline: false,
            crlf: false,
            null_data: false,
            encoding: EncodingChoice::Auto,
            binary: Binary::Auto,
            heap_limit: None,
        }
    }
}
