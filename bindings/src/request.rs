//! Options as they come from JavaScript, each field optional; what is absent has the engine's default.

use std::time::Duration;

use napi_derive::napi;
use quern_engine::{
    Binary, Case, Code, EncodingChoice, Error, Freshness, GrepRequest, IndexableFilter, OpenOptions,
    PatternOptions, PoolOptions, Priority, Profile, SearchOptions, TypeChange, WalkOptions, Wanted,
};

#[napi(object)]
#[derive(Default)]
pub struct NativeTypeChange {
    /// 'clear' | 'add' | 'select' | 'negate'
    #[napi(ts_type = "'clear' | 'add' | 'select' | 'negate'")]
    pub kind: String,
    pub value: String,
}

#[napi(object)]
#[derive(Default)]
pub struct NativeWalkOptions {
    pub hidden: Option<bool>,
    pub ignore_dot: Option<bool>,
    pub ignore_vcs: Option<bool>,
    pub ignore_exclude: Option<bool>,
    pub ignore_global: Option<bool>,
    pub ignore_parent: Option<bool>,
    pub require_git: Option<bool>,
    pub ignore_files: Option<Vec<String>>,
    pub ignore_case_insensitive: Option<bool>,
    pub follow: Option<bool>,
    pub one_file_system: Option<bool>,
    pub max_depth: Option<u32>,
    pub max_filesize: Option<f64>,
    pub globs: Option<Vec<String>>,
    pub iglobs: Option<Vec<String>>,
    pub glob_case_insensitive: Option<bool>,
    pub types: Option<Vec<NativeTypeChange>>,
    pub threads: Option<u32>,
    pub extensions: Option<Vec<String>>,
    pub exclude_extensions: Option<Vec<String>>,
    pub exclude: Option<Vec<String>>,
    pub max_indexed_size: Option<f64>,
}

#[napi(object)]
#[derive(Default)]
pub struct NativeOpenOptions {
    /// An absolute path.
    pub root: String,
    pub store: Option<String>,
    #[napi(ts_type = "'small' | 'medium' | 'large'")]
    pub profile: Option<String>,
    pub threads: Option<u32>,
    /// Bytes.
    pub stack_size: Option<f64>,
    pub affinity: Option<Vec<u32>>,
    #[napi(ts_type = "'normal' | 'background'")]
    pub priority: Option<String>,
    /// Bytes.
    pub memory: Option<f64>,
    /// Bytes.
    pub cache: Option<f64>,
    /// Bytes.
    pub overlay: Option<f64>,
    /// Milliseconds.
    pub flush_after: Option<f64>,
    /// Bytes a second.
    pub merge_rate: Option<f64>,
    #[napi(ts_type = "'wait' | 'none'")]
    pub refresh: Option<String>,
    pub max_errors: Option<f64>,
    /// Milliseconds; 0: none.
    pub read_timeout: Option<f64>,
    /// Bytes.
    pub max_line: Option<f64>,
    pub append_only: Option<Vec<String>>,
    pub timestamps: Option<Vec<String>>,
    pub walk: Option<NativeWalkOptions>,
}

#[napi(object)]
#[derive(Default)]
pub struct NativePatternOptions {
    pub patterns: Vec<String>,
    pub fixed_strings: Option<bool>,
    #[napi(ts_type = "'sensitive' | 'insensitive' | 'smart'")]
    pub case: Option<String>,
    pub word: Option<bool>,
    pub line: Option<bool>,
    pub multiline: Option<bool>,
    pub multiline_dotall: Option<bool>,
    pub crlf: Option<bool>,
    pub unicode: Option<bool>,
    pub size_limit: Option<f64>,
    pub dfa_size_limit: Option<f64>,
    pub invert: Option<bool>,
    pub before: Option<u32>,
    pub after: Option<u32>,
    pub passthru: Option<bool>,
    pub max_count: Option<f64>,
    pub stop_on_nonmatch: Option<bool>,
    /// 'auto', 'none' or a WHATWG label
    pub encoding: Option<String>,
    #[napi(ts_type = "'auto' | 'suppress' | 'text'")]
    pub binary: Option<String>,
    pub null_data: Option<bool>,
    /// Bytes.
    pub heap_limit: Option<f64>,
}

#[napi(object)]
#[derive(Default)]
pub struct NativeGrepRequest {
    pub pattern: NativePatternOptions,
    pub globs: Option<Vec<String>>,
    pub iglobs: Option<Vec<String>>,
    pub types: Option<Vec<NativeTypeChange>>,
    #[napi(ts_type = "'lines' | 'files' | 'counts'")]
    pub what: Option<String>,
    pub attribute: Option<bool>,
    pub replace: Option<String>,
    pub limit: Option<f64>,
    /// Bytes.
    pub memory: Option<f64>,
    #[napi(ts_type = "'snapshot' | 'watched' | 'verified'")]
    pub freshness: Option<String>,
    #[napi(ts_type = "'none' | 'path'")]
    pub sort: Option<String>,
}

/// The freshness of this name, or that of a request that names none.
pub(crate) fn named_freshness(name: Option<&str>, default: Freshness) -> Result<Freshness, Error> {
    match name {
        None => Ok(default),
        Some("snapshot") => Ok(Freshness::Snapshot),
        Some("watched") => Ok(Freshness::Watched),
        Some("verified") => Ok(Freshness::Verified),
        Some(other) => Err(unknown("freshness", other, "snapshot, watched, verified")),
    }
}

pub(crate) fn unknown(option: &str, value: &str, choices: &str) -> Error {
    Error::new(
        Code::InvalidOption,
        format!("{option} is {value:?}; use one of {choices}"),
    )
}

impl NativeTypeChange {
    fn change(self) -> Result<TypeChange, Error> {
        match self.kind.as_str() {
            "clear" => Ok(TypeChange::Clear(self.value)),
            "add" => Ok(TypeChange::Add(self.value)),
            "select" => Ok(TypeChange::Select(self.value)),
            "negate" => Ok(TypeChange::Negate(self.value)),
            other => Err(unknown("types.kind", other, "clear, add, select, negate")),
        }
    }
}

pub(crate) fn type_changes(types: Option<Vec<NativeTypeChange>>) -> Result<Vec<TypeChange>, Error> {
    types
        .unwrap_or_default()
        .into_iter()
        .map(NativeTypeChange::change)
        .collect()
}

impl NativeWalkOptions {
    pub(crate) fn options(self) -> Result<WalkOptions, Error> {
        let default = WalkOptions::default();
        Ok(WalkOptions {
            hidden: self.hidden.unwrap_or(default.hidden),
            ignore_dot: self.ignore_dot.unwrap_or(default.ignore_dot),
            ignore_vcs: self.ignore_vcs.unwrap_or(default.ignore_vcs),
            ignore_exclude: self.ignore_exclude.unwrap_or(default.ignore_exclude),
            ignore_global: self.ignore_global.unwrap_or(default.ignore_global),
            ignore_parent: self.ignore_parent.unwrap_or(default.ignore_parent),
            require_git: self.require_git.unwrap_or(default.require_git),
            ignore_files: self
                .ignore_files
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            ignore_case_insensitive: self.ignore_case_insensitive.unwrap_or_default(),
            follow: self.follow.unwrap_or_default(),
            one_file_system: self.one_file_system.unwrap_or_default(),
            max_depth: self.max_depth.map(|depth| depth as usize),
            max_filesize: self.max_filesize.map(|size| size as u64),
            globs: self.globs.unwrap_or_default(),
            iglobs: self.iglobs.unwrap_or_default(),
            glob_case_insensitive: self.glob_case_insensitive.unwrap_or_default(),
            types: type_changes(self.types)?,
            threads: self.threads.unwrap_or_default() as usize,
            filter: IndexableFilter {
                extensions: self.extensions.unwrap_or_default(),
                exclude_extensions: self.exclude_extensions.unwrap_or_default(),
                exclude: self.exclude.unwrap_or_default(),
                max_size: self.max_indexed_size.map(|size| size as u64),
            },
            current_dir: None,
            skip_stdout: false,
            stat: default.stat,
            folders: default.folders,
        })
    }
}

impl NativeOpenOptions {
    pub(crate) fn options(self) -> Result<OpenOptions, Error> {
        let profile = match self.profile.as_deref() {
            None | Some("medium") => Profile::Medium,
            Some("small") => Profile::Small,
            Some("large") => Profile::Large,
            Some(other) => return Err(unknown("profile", other, "small, medium, large")),
        };
        let default = OpenOptions::of(self.root, profile);
        Ok(OpenOptions {
            store: self.store.map(Into::into),
            disk: default.disk,
            pools: PoolOptions {
                threads: self.threads.map(|threads| threads as usize),
                stack_size: self.stack_size.map(|bytes| bytes as usize),
                affinity: self
                    .affinity
                    .unwrap_or_default()
                    .into_iter()
                    .map(|core| core as usize)
                    .collect(),
                priority: match self.priority.as_deref() {
                    None | Some("normal") => Priority::Normal,
                    Some("background") => Priority::Background,
                    Some(other) => return Err(unknown("priority", other, "normal, background")),
                },
                ..default.pools
            },
            profile,
            memory: self.memory.map(|bytes| bytes as usize),
            cache: self.cache.map(|bytes| bytes as usize),
            overlay: self.overlay.map(|bytes| bytes as usize),
            flush_after: self.flush_after.map_or(default.flush_after, |milliseconds| {
                Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or(Duration::MAX)
            }),
            merge_rate: self.merge_rate.map_or(default.merge_rate, |bytes| bytes as u64),
            refresh: match self.refresh.as_deref() {
                None | Some("wait") => true,
                Some("none") => false,
                Some(other) => return Err(unknown("refresh", other, "wait, none")),
            },
            max_errors: self.max_errors.map_or(default.max_errors, |count| count as u64),
            read_timeout: match self.read_timeout {
                None => default.read_timeout,
                Some(0.0) => None,
                Some(milliseconds) => Duration::try_from_secs_f64(milliseconds / 1e3).ok(),
            },
            max_line: self.max_line.map_or(default.max_line, |bytes| bytes as usize),
            append_only: self.append_only.unwrap_or_default(),
            timestamps: self.timestamps.unwrap_or_default(),
            least_grown: default.least_grown,
            walk: self.walk.map_or(Ok(default.walk), NativeWalkOptions::options)?,
            root: default.root,
        })
    }
}

impl NativePatternOptions {
    /// Splits into what to look for and how.
    pub(crate) fn options(self) -> Result<(PatternOptions, SearchOptions), Error> {
        let crlf = self.crlf.unwrap_or_default();
        let null_data = self.null_data.unwrap_or_default();
        let multiline = self.multiline.unwrap_or_default();
        let binary = match self.binary.as_deref() {
            None | Some("auto") => Binary::Auto,
            Some("suppress") => Binary::SearchAndSuppress,
            Some("text") => Binary::Text,
            Some(other) => return Err(unknown("binary", other, "auto, suppress, text")),
        };
        let case = match self.case.as_deref() {
            None | Some("sensitive") => Case::Sensitive,
            Some("insensitive") => Case::Insensitive,
            Some("smart") => Case::Smart,
            Some(other) => return Err(unknown("case", other, "sensitive, insensitive, smart")),
        };
        let pattern = PatternOptions {
            patterns: self.patterns,
            fixed_strings: self.fixed_strings.unwrap_or_default(),
            case,
            word: self.word.unwrap_or_default(),
            line: self.line.unwrap_or_default(),
            multiline,
            multiline_dotall: self.multiline_dotall.unwrap_or_default(),
            crlf,
            null_data,
            unicode: self.unicode.unwrap_or(true),
            ban_nul: binary != Binary::Text && !null_data,
            size_limit: self.size_limit.map(|bytes| bytes as usize),
            dfa_size_limit: self.dfa_size_limit.map(|bytes| bytes as usize),
        };
        let search = SearchOptions {
            invert: self.invert.unwrap_or_default(),
            before: self.before.unwrap_or_default() as usize,
            after: self.after.unwrap_or_default() as usize,
            passthru: self.passthru.unwrap_or_default(),
            max_count: self.max_count.map(|count| count as u64),
            stop_on_nonmatch: self.stop_on_nonmatch.unwrap_or_default(),
            line_number: true,
            multiline,
            crlf,
            null_data,
            encoding: match self.encoding {
                None => EncodingChoice::Auto,
                Some(label) if label == "auto" => EncodingChoice::Auto,
                Some(label) if label == "none" => EncodingChoice::None,
                Some(label) => EncodingChoice::Label(label),
            },
            binary,
            heap_limit: self.heap_limit.map(|bytes| bytes as usize),
        };
        Ok((pattern, search))
    }
}

impl NativeGrepRequest {
    /// `freshness`: that of a request that names none.
    pub(crate) fn request(self, freshness: Freshness) -> Result<GrepRequest, Error> {
        let (mut pattern, search) = self.pattern.options()?;
        pattern
            .size_limit
            .get_or_insert(quern_engine::DEFAULT_PATTERN_SIZE);
        Ok(GrepRequest {
            pattern,
            search,
            globs: self.globs.unwrap_or_default(),
            iglobs: self.iglobs.unwrap_or_default(),
            types: type_changes(self.types)?,
            wanted: match self.what.as_deref() {
                None | Some("lines") => Wanted::Lines,
                Some("files") => Wanted::Files,
                Some("counts") => Wanted::Counts,
                Some(other) => return Err(unknown("what", other, "lines, files, counts")),
            },
            attribute: self.attribute.unwrap_or_default(),
            replace: self.replace,
            limit: self.limit.map(|rows| rows as u64),
            memory: self
                .memory
                .map_or(quern_engine::DEFAULT_QUERY_MEMORY, |bytes| bytes as usize),
            freshness: named_freshness(self.freshness.as_deref(), freshness)?,
            sorted: match self.sort.as_deref() {
                None | Some("none") => false,
                Some("path") => true,
                Some(other) => return Err(unknown("sort", other, "none, path")),
            },
        })
    }
}
