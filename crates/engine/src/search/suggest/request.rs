//! What suggestions are asked for, and what is given.

use quern_terms::DEFAULT_VISITS;

use crate::coverage::Freshness;
use crate::search::RankedCoverage;

/// Suggestions of a kind, if nobody says otherwise.
const DEFAULT_LIMIT: usize = 10;

/// What can be suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestKind {
    /// Whole names of definitions, and headings.
    Symbol,
    /// Words of the text.
    Word,
    /// Files and folders.
    Path,
}

impl SuggestKind {
    /// All of them, in the order in which they are given if nobody says otherwise.
    pub const ALL: [SuggestKind; 3] = [SuggestKind::Symbol, SuggestKind::Word, SuggestKind::Path];

    /// The name by which JavaScript knows it.
    pub const fn name(self) -> &'static str {
        match self {
            SuggestKind::Symbol => "symbol",
            SuggestKind::Word => "word",
            SuggestKind::Path => "path",
        }
    }

    /// The kind with a name.
    pub fn of_name(name: &str) -> Option<SuggestKind> {
        SuggestKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One question to [`Index::suggest`](crate::Index::suggest).
#[derive(Clone, Debug)]
pub struct SuggestRequest {
    /// How what is suggested begins. White space before it does not count.
    pub text: String,
    /// In the order in which they are given.
    pub kinds: Vec<SuggestKind>,
    /// At most so many of each kind.
    pub limit: usize,
    /// At most so many edits, 0 to 2; `None`: none below 3 letters, then one, from 8 letters on two.
    pub edits: Option<u8>,
    /// At most so many transitions of the dictionaries are looked at, for each kind.
    pub max_visits: u32,
    /// How fresh the answer has to be. What has changed is indexed first.
    pub freshness: Freshness,
}

impl SuggestRequest {
    /// The ten best of each kind.
    pub fn new(text: impl Into<String>) -> SuggestRequest {
        SuggestRequest {
            text: text.into(),
            kinds: SuggestKind::ALL.to_vec(),
            limit: DEFAULT_LIMIT,
            edits: None,
            max_visits: DEFAULT_VISITS,
            freshness: Freshness::Snapshot,
        }
    }
}

/// What is suggested.
#[derive(Clone, Debug)]
pub struct SuggestAnswer {
    /// Kind by kind, in each the best first.
    pub suggestions: Vec<Suggestion>,
    /// `max_visits` was reached: there may be others as good.
    pub is_cut: bool,
    /// What the answer covers. Files whose terms are not built yet are missing unless only paths were asked for.
    pub coverage: RankedCoverage,
}

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// A word in lower case, a name as it is written, or a path from the root, that of a folder with `/` at the end.
    pub text: String,
    /// What it is.
    pub kind: SuggestKind,
    /// The passages that have the word or define the name; the files of the path.
    pub count: u64,
    /// How many edits away it begins from the text that was asked for.
    pub edits: u8,
}
