//! What one call of `quern grep` asks for, as plain data.
//!
//! Each field means what ripgrep's flag of the same name means, and the defaults are ripgrep's. Where ripgrep's default
//! depends on other flags (whether file names are printed, lines numbered, headings used), the field is an `Option` and
//! `None` asks for that rule, so that a caller hands over what was said and nothing else.

use std::path::PathBuf;

use quern_matcher::{PatternOptions, SearchOptions};
use quern_walk::WalkOptions;

/// One search, or one listing of files or of file types.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and folders to search, as given: `-` is standard input. None: the current folder, whose paths are then
    /// printed without a leading `./`; see [`searches_stdin`](crate::searches_stdin) for when ripgrep takes standard
    /// input instead.
    pub paths: Vec<PathBuf>,
    /// What to look for.
    pub pattern: PatternOptions,
    /// How to look. `line_number` is replaced by what [`Output::line_number`] comes to.
    pub search: SearchOptions,
    /// Which files count. `stat` is turned on where it is needed.
    pub walk: WalkOptions,
    /// What is printed.
    pub output: Output,
    /// The order of the files; `None`: that of the walk.
    pub sort: Option<Sort>,
    /// Print nothing and, without `stats`, stop at the first match (`-q`).
    pub quiet: bool,
    /// Print totals after the results (`--stats`); always so in [`Mode::Json`].
    pub stats: bool,
    /// Say nothing about files that cannot be read (`--no-messages`).
    pub no_messages: bool,
    /// Say nothing about ignore files that do not parse (`--no-ignore-messages`).
    pub no_ignore_messages: bool,
}

/// What is printed about each file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Matching lines.
    #[default]
    Standard,
    /// The number of matching lines (`-c`).
    Count,
    /// The number of matches (`--count-matches`).
    CountMatches,
    /// The paths of files with a match (`-l`).
    FilesWithMatches,
    /// The paths of files without a match (`--files-without-match`).
    FilesWithoutMatch,
    /// Messages in ripgrep's JSON Lines format (`--json`).
    Json,
    /// The paths of files that would be searched (`--files`).
    Files,
    /// The names and globs of the known file types (`--type-list`).
    TypeList,
}

impl Mode {
    /// False for the modes that only list.
    pub fn searches(self) -> bool {
        !matches!(self, Mode::Files | Mode::TypeList)
    }
}

/// The form of the output.
#[derive(Clone, Debug)]
pub struct Output {
    /// What is printed about each file.
    pub mode: Mode,
    /// Standard output is a terminal: headings and line numbers are then on unless turned off.
    pub terminal: bool,
    /// ANSI colours (`--color`, resolved).
    pub color: bool,
    /// Changes to the colours, `type:attribute:value` (`--colors`).
    pub colors: Vec<String>,
    /// The path once above a file's lines (`--heading`).
    pub heading: Option<bool>,
    /// Line numbers (`-n`, `-N`).
    pub line_number: Option<bool>,
    /// The column of the first match in a line, in bytes from 1 (`--column`).
    pub column: Option<bool>,
    /// The path before each line (`-H`, `-I`).
    pub with_filename: Option<bool>,
    /// The offset of each line, in bytes from 0 (`-b`).
    pub byte_offset: bool,
    /// Only the matching parts of lines (`-o`).
    pub only_matching: bool,
    /// What each match is replaced by, `$1` and `$name` being groups (`-r`).
    pub replace: Option<String>,
    /// Lines longer than this many bytes are not printed; 0 is no limit (`-M`).
    pub max_columns: Option<u64>,
    /// The beginning of such a line is (`--max-columns-preview`).
    pub max_columns_preview: bool,
    /// Leading ASCII space is not printed (`--trim`).
    pub trim: bool,
    /// A NUL byte after each path (`-0`).
    pub null: bool,
    /// Replaces the system's separator in paths (`--path-separator`).
    pub path_separator: Option<u8>,
    /// Between the fields of a matching line (`--field-match-separator`).
    pub field_match_separator: Vec<u8>,
    /// Between the fields of a context line (`--field-context-separator`).
    pub field_context_separator: Vec<u8>,
    /// Between groups of context lines; `None`: nothing, not even a line (`--context-separator`).
    pub context_separator: Option<Vec<u8>>,
    /// Counts of zero are printed too (`--include-zero`).
    pub include_zero: bool,
    /// One line for each match, with path, line and column (`--vimgrep`).
    pub vimgrep: bool,
    /// The format of hyperlinks, or the name of a known one; `None`: no links (`--hyperlink-format`).
    pub hyperlink_format: Option<String>,
}

impl Default for Output {
    fn default() -> Self {
        Output {
            mode: Mode::Standard,
            terminal: false,
            color: false,
            colors: Vec::new(),
            heading: None,
            line_number: None,
            column: None,
            with_filename: None,
            byte_offset: false,
            only_matching: false,
            replace: None,
            max_columns: None,
            max_columns_preview: false,
            trim: false,
            null: false,
            path_separator: None,
            field_match_separator: b":".to_vec(),
            field_context_separator: b"-".to_vec(),
            context_separator: Some(b"--".to_vec()),
            include_zero: false,
            vimgrep: false,
            hyperlink_format: None,
        }
    }
}

/// An order of files (`--sort`, `--sortr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What decides.
    pub by: SortBy,
    /// Last first.
    pub reverse: bool,
}

/// What decides the order of files. Files of equal rank stay in the order of the walk; files without the time asked for
/// come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The path, folder by folder.
    Path,
    /// The last change.
    Modified,
    /// The last access.
    Accessed,
    /// The creation.
    Created,
}
