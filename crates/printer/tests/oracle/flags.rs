//! ripgrep's flags, each with what it means for a request. Of a group at most one is given.

use quern_matcher::{Binary, Case, EncodingChoice};
use quern_printer::{Mode, Request, Sort, SortBy, parse_path_separator, parse_separator};
use quern_testkit::Rng;
use quern_walk::TypeChange;

pub type Flag = (&'static [&'static str], fn(&mut Request));

/// One of these orders for every case: rg's own is random.
pub const SORTS: &[Flag] = &[
    (&["--sort=path"], |r| sort(r, SortBy::Path, false)),
    (&["--sort=path"], |r| sort(r, SortBy::Path, false)),
    (&["--sortr=path"], |r| sort(r, SortBy::Path, true)),
    (&["--sort=modified"], |r| sort(r, SortBy::Modified, false)),
    (&["--sortr=modified"], |r| sort(r, SortBy::Modified, true)),
];

/// Groups of flags that exclude each other.
pub const GROUPS: &[&[Flag]] = &[
    &[
        (&["-c"], |r| r.output.mode = Mode::Count),
        (&["--count-matches"], |r| r.output.mode = Mode::CountMatches),
        (&["-l"], |r| r.output.mode = Mode::FilesWithMatches),
        (&["--files-without-match"], |r| {
            r.output.mode = Mode::FilesWithoutMatch
        }),
        (&["--json"], |r| r.output.mode = Mode::Json),
    ],
    &[
        (&["-i"], |r| r.pattern.case = Case::Insensitive),
        (&["-S"], |r| r.pattern.case = Case::Smart),
        (&["-s"], |r| r.pattern.case = Case::Sensitive),
    ],
    &[
        (&["-w"], |r| r.pattern.word = true),
        (&["-x"], |r| r.pattern.line = true),
    ],
    &[(&["-v"], |r| r.search.invert = true)],
    &[(&["-F"], |r| r.pattern.fixed_strings = true)],
    &[(&["--no-unicode"], |r| r.pattern.unicode = false)],
    &[
        (&["-U"], |r| multiline(r, false)),
        (&["-U", "--multiline-dotall"], |r| multiline(r, true)),
        (&["--stop-on-nonmatch"], |r| r.search.stop_on_nonmatch = true),
    ],
    &[
        (&["--crlf"], |r| (r.pattern.crlf, r.search.crlf) = (true, true)),
        (&["--null-data"], |r| {
            (r.pattern.null_data, r.search.null_data) = (true, true)
        }),
    ],
    &[
        (&["-a"], |r| r.search.binary = Binary::Text),
        (&["--binary"], |r| r.search.binary = Binary::SearchAndSuppress),
    ],
    &[
        (&["-A2"], |r| r.search.after = 2),
        (&["-B1"], |r| r.search.before = 1),
        (&["-C1"], |r| (r.search.before, r.search.after) = (1, 1)),
        (&["--passthru"], |r| r.search.passthru = true),
    ],
    &[
        (&["-m1"], |r| r.search.max_count = Some(1)),
        (&["-m2"], |r| r.search.max_count = Some(2)),
        (&["-m0"], |r| r.search.max_count = Some(0)),
    ],
    &[
        (&["-Elatin1"], |r| {
            r.search.encoding = EncodingChoice::Label("latin1".into())
        }),
        (&["-Enone"], |r| r.search.encoding = EncodingChoice::None),
        (&["-Eutf-16le"], |r| {
            r.search.encoding = EncodingChoice::Label("utf-16le".into())
        }),
    ],
    &[
        (&["-n"], |r| r.output.line_number = Some(true)),
        (&["-N"], |r| r.output.line_number = Some(false)),
    ],
    &[(&["-b"], |r| r.output.byte_offset = true)],
    &[
        (&["--column"], |r| r.output.column = Some(true)),
        (&["--no-column"], |r| r.output.column = Some(false)),
    ],
    &[(&["--vimgrep"], |r| r.output.vimgrep = true)],
    &[
        (&["--heading"], |r| r.output.heading = Some(true)),
        (&["--no-heading"], |r| r.output.heading = Some(false)),
        (&["--pretty"], |r| {
            (r.output.heading, r.output.line_number, r.output.color) = (Some(true), Some(true), true);
        }),
    ],
    &[
        (&["-H"], |r| r.output.with_filename = Some(true)),
        (&["-I"], |r| r.output.with_filename = Some(false)),
    ],
    &[(&["-0"], |r| r.output.null = true)],
    &[(&["--trim"], |r| r.output.trim = true)],
    &[
        (&["-M20"], |r| r.output.max_columns = Some(20)),
        (&["-M0"], |r| r.output.max_columns = Some(0)),
        (&["-M12", "--max-columns-preview"], |r| {
            (r.output.max_columns, r.output.max_columns_preview) = (Some(12), true);
        }),
    ],
    &[
        (&["-o"], |r| r.output.only_matching = true),
        (&["-rX$0Y"], |r| r.output.replace = Some("X$0Y".into())),
        (&["-o", "-r<$1>"], |r| {
            (r.output.only_matching, r.output.replace) = (true, Some("<$1>".into()));
        }),
    ],
    &[
        (&["--color=always"], |r| r.output.color = true),
        (
            &["--color=always", "--colors=match:none", "--colors=path:fg:blue"],
            |r| {
                r.output.color = true;
                r.output.colors = vec!["match:none".into(), "path:fg:blue".into()];
            },
        ),
        (&["--color=always", "--colors=highlight:bg:yellow"], |r| {
            (r.output.color, r.output.colors) = (true, vec!["highlight:bg:yellow".into()]);
        }),
        (&["--color=ansi", "--hyperlink-format=vscode"], |r| {
            (r.output.color, r.output.hyperlink_format) = (true, Some("vscode".into()));
        }),
        (&["--color=ansi", "--hyperlink-format=file://{host}{path}"], |r| {
            (r.output.color, r.output.hyperlink_format) = (true, Some("file://{host}{path}".into()));
        }),
    ],
    &[(&["--path-separator=~"], |r| {
        r.output.path_separator = parse_path_separator("~").unwrap()
    })],
    &[
        (&[r"--field-match-separator=\t"], |r| {
            r.output.field_match_separator = parse_separator(r"\t")
        }),
        (&["--field-match-separator="], |r| {
            r.output.field_match_separator = parse_separator("")
        }),
    ],
    &[(&[r"--field-context-separator=\xFF"], |r| {
        r.output.field_context_separator = parse_separator(r"\xFF")
    })],
    &[
        (&["--context-separator==="], |r| {
            r.output.context_separator = Some(parse_separator("=="))
        }),
        (&["--no-context-separator"], |r| r.output.context_separator = None),
    ],
    &[(&["--include-zero"], |r| r.output.include_zero = true)],
    &[(&["--stats"], |r| r.stats = true)],
    &[(&["-q"], |r| r.quiet = true)],
    &[
        (&["--no-messages"], |r| r.no_messages = true),
        (&["--no-ignore-messages"], |r| r.no_ignore_messages = true),
    ],
    &[(&["--hidden"], |r| r.walk.hidden = true)],
    &[(&["--no-ignore"], |r| {
        (r.walk.ignore_dot, r.walk.ignore_vcs, r.walk.ignore_parent) = (false, false, false);
        (r.walk.ignore_exclude, r.walk.ignore_global) = (false, false);
    })],
    &[
        (&["--max-depth=1"], |r| r.walk.max_depth = Some(1)),
        (&["--max-filesize=200"], |r| r.walk.max_filesize = Some(200)),
    ],
    &[
        (&["-g*.c"], |r| r.walk.globs = vec!["*.c".into()]),
        (&["-g!*.c", "-g!deep/"], |r| {
            r.walk.globs = vec!["!*.c".into(), "!deep/".into()]
        }),
        (&["--iglob=*README*"], |r| r.walk.iglobs = vec!["*README*".into()]),
    ],
    &[
        (&["-trust", "-tc"], |r| {
            r.walk.types = vec![TypeChange::Select("rust".into()), TypeChange::Select("c".into())];
        }),
        (&["-Tjs"], |r| {
            r.walk.types = vec![TypeChange::Negate("js".into())]
        }),
    ],
    &[(&["-L"], |r| r.walk.follow = true)],
];

fn sort(request: &mut Request, by: SortBy, reverse: bool) {
    request.sort = Some(Sort { by, reverse });
}

fn multiline(request: &mut Request, dotall: bool) {
    request.search.multiline = true;
    request.pattern.multiline = true;
    request.pattern.multiline_dotall = dotall;
}

/// A query: the arguments of rg, and the request that says the same.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub args: Vec<String>,
    pub request: Request,
}

impl Query {
    pub fn new(pattern: &str, flags: &[Flag]) -> Query {
        let mut query = Query::default();
        for flag in flags {
            query.add(*flag);
        }
        query.with_pattern(pattern)
    }

    /// A few random flags, and an order.
    pub fn any(rng: &mut Rng, pattern: &str) -> Query {
        let mut query = Query::default();
        let rarity = 3 + rng.below(12);
        for group in GROUPS {
            if rng.one_in(rarity) {
                query.add(rng.pick(group));
            }
        }
        query.add(rng.pick(SORTS));
        query.with_pattern(pattern)
    }

    pub fn add(&mut self, (args, apply): Flag) {
        self.args.extend(args.iter().map(|arg| arg.to_string()));
        apply(&mut self.request);
    }

    fn with_pattern(mut self, pattern: &str) -> Query {
        self.args.push(format!("--regexp={pattern}"));
        self.request.pattern.patterns.push(pattern.to_owned());
        let search = &self.request.search;
        self.request.pattern.ban_nul = search.binary != Binary::Text && !search.null_data;
        self
    }
}
