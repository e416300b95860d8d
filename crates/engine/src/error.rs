//! Everything that can go wrong, as data: a code that programs test, a message that says what to do, and where it
//! happened. The binding hands these fields to JavaScript unchanged.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use quern_store::ErrorKind;
use quern_walk::Stopped;

/// What kind of failure it is. [`Code::name`] is the `code` that JavaScript sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A file or folder is not there.
    NotFound,
    /// The root is a file, or something else that is no folder.
    NotAFolder,
    /// A pattern does not parse or compile, or needs something that is not supported.
    InvalidPattern,
    /// A query of ranked search does not parse, or is beyond a limit.
    InvalidQuery,
    /// A pattern compiles to more than the size limit allows.
    PatternTooLarge,
    /// An option's value makes no sense.
    InvalidOption,
    /// The call was cancelled.
    Aborted,
    /// The call's time was over.
    Timeout,
    /// Another process writes to the store.
    Locked,
    /// A store file fails its checksum, or is cut short.
    Corrupt,
    /// The store was written by a newer version.
    NewerFormat,
    /// The disk is full.
    DiskFull,
    /// The operating system refuses access.
    Permission,
    /// Another failure of the file system.
    Io,
    /// More files failed than `maxErrors` allows.
    TooManyErrors,
    /// The index was closed.
    Closed,
    /// A fault in Quern itself.
    Internal,
}

impl Code {
    /// Every code, for tables and tests.
    pub const ALL: &[Code] = &[
        Code::NotFound,
        Code::NotAFolder,
        Code::InvalidPattern,
        Code::InvalidQuery,
        Code::PatternTooLarge,
        Code::InvalidOption,
        Code::Aborted,
        Code::Timeout,
        Code::Locked,
        Code::Corrupt,
        Code::NewerFormat,
        Code::DiskFull,
        Code::Permission,
        Code::Io,
        Code::TooManyErrors,
        Code::Closed,
        Code::Internal,
    ];

    /// The name by which JavaScript knows the code.
    pub const fn name(self) -> &'static str {
        match self {
            Code::NotFound => "QUERN_NOT_FOUND",
            Code::NotAFolder => "QUERN_NOT_A_FOLDER",
            Code::InvalidPattern => "QUERN_INVALID_PATTERN",
            Code::InvalidQuery => "QUERN_INVALID_QUERY",
            Code::PatternTooLarge => "QUERN_PATTERN_TOO_LARGE",
            Code::InvalidOption => "QUERN_INVALID_OPTION",
            Code::Aborted => "QUERN_ABORTED",
            Code::Timeout => "QUERN_TIMEOUT",
            Code::Locked => "QUERN_LOCKED",
            Code::Corrupt => "QUERN_CORRUPT",
            Code::NewerFormat => "QUERN_NEWER_FORMAT",
            Code::DiskFull => "QUERN_DISK_FULL",
            Code::Permission => "QUERN_PERMISSION",
            Code::Io => "QUERN_IO",
            Code::TooManyErrors => "QUERN_TOO_MANY_ERRORS",
            Code::Closed => "QUERN_CLOSED",
            Code::Internal => "QUERN_INTERNAL",
        }
    }
}

/// Which step of the work failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Finding files.
    Walk,
    /// Opening or reading a file.
    Read,
    /// Turning a file's bytes into text.
    Decode,
    /// Building and writing segments.
    Write,
    /// Reading the store.
    Open,
    /// Compiling a pattern.
    Pattern,
    /// Searching text.
    Search,
}

impl Stage {
    /// The name by which JavaScript knows the stage.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Walk => "walk",
            Stage::Read => "read",
            Stage::Decode => "decode",
            Stage::Write => "write",
            Stage::Open => "open",
            Stage::Pattern => "pattern",
            Stage::Search => "search",
        }
    }
}

/// A failure of a call, or of one file within it.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of failure.
    pub code: Code,
    /// What happened and what to do.
    pub message: String,
    /// The file or folder concerned.
    pub path: Option<PathBuf>,
    /// The step that failed.
    pub stage: Option<Stage>,
    /// For a pattern: which, from 0, and the byte offset of the fault in it.
    pub place: Option<(usize, usize)>,
    /// For a lock: the process that holds it.
    pub pid: Option<u32>,
}

impl Error {
    /// A failure with a code and a message only.
    pub fn new(code: Code, message: impl Into<String>) -> Error {
        Error {
            code,
            message: message.into(),
            path: None,
            stage: None,
            place: None,
            pid: None,
        }
    }

    /// The same, with the file or folder concerned.
    #[must_use]
    pub fn at(mut self, path: impl Into<PathBuf>) -> Error {
        self.path = Some(path.into());
        self
    }

    /// The same, with the step that failed.
    #[must_use]
    pub fn during(mut self, stage: Stage) -> Error {
        self.stage = Some(stage);
        self
    }

    /// A failure of the file system, with the code that its kind calls for.
    pub fn io(error: &std::io::Error, path: &Path, stage: Stage) -> Error {
        use std::io::ErrorKind;
        let code = match error.kind() {
            ErrorKind::NotFound => Code::NotFound,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Code::Permission,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::DiskFull,
            _ => Code::Io,
        };
        Error::new(code, error.to_string()).at(path).during(stage)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Error {
        match stopped {
            Stopped::Cancelled => Error::new(Code::Aborted, "the call was aborted"),
            Stopped::DeadlineExceeded => {
                Error::new(Code::Timeout, "the call took longer than its timeout allows")
            }
        }
    }
}

impl From<quern_store::Error> for Error {
    fn from(error: quern_store::Error) -> Error {
        let code = match error.kind() {
            ErrorKind::Corrupt { .. } | ErrorKind::Missing => Code::Corrupt,
            ErrorKind::NewerFormat { .. } => Code::NewerFormat,
            ErrorKind::Locked { .. } => Code::Locked,
            ErrorKind::Full => Code::DiskFull,
            ErrorKind::ReadOnly => Code::Permission,
            ErrorKind::NotAStore => Code::InvalidOption,
            _ => Code::Io,
        };
        let remedy = match code {
            Code::DiskFull => "; free space, or put the store elsewhere",
            Code::Permission => "; allow it, or put the store elsewhere",
            _ => "",
        };
        let mut converted = Error::new(code, format!("{error}{remedy}"))
            .at(error.path())
            .during(Stage::Open);
        if let ErrorKind::Locked { pid } = error.kind() {
            converted.pid = *pid;
        }
        converted
    }
}

impl From<quern_disk_cache::Error> for Error {
    fn from(error: quern_disk_cache::Error) -> Error {
        use quern_disk_cache::ErrorKind;
        let (code, remedy) = match error.kind() {
            ErrorKind::Full => (Code::DiskFull, ""),
            ErrorKind::Permission => (Code::Permission, "; allow it, or put the cache elsewhere"),
            ErrorKind::Foreign | ErrorKind::Size => (Code::InvalidOption, ""),
            ErrorKind::InUse => (Code::Locked, ""),
            ErrorKind::Damaged => (
                Code::Corrupt,
                "; close it everywhere, and the next open begins anew",
            ),
            _ => (Code::Io, ""),
        };
        Error::new(code, format!("{error}{remedy}")).at(error.path())
    }
}

impl From<quern_terms::Error> for Error {
    fn from(error: quern_terms::Error) -> Error {
        let code = match error {
            quern_terms::Error::Corrupt(_) => Code::Corrupt,
            quern_terms::Error::Internal(_) => Code::Internal,
            quern_terms::Error::TooManyWords(_) => Code::InvalidQuery,
            quern_terms::Error::OtherQuestion => Code::InvalidOption,
            quern_terms::Error::Stopped => Code::Aborted,
        };
        Error::new(code, error.to_string()).during(Stage::Open)
    }
}

/// Runs `task`; a panic becomes an error. What the task was in the middle of changing is not to be used again.
///
/// # Errors
/// The task's own, and [`Code::Internal`].
pub fn contained<T>(task: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(task)).unwrap_or_else(|panic| Err(fault(panic.as_ref())))
}

fn fault(panic: &(dyn Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let said = said.unwrap_or_default();
    Error::new(
        Code::Internal,
        format!("a fault in quern, please report it: {said}"),
    )
}
