//! Options turned into the matchers of the `ignore` crate, step by step as ripgrep does it.

use std::path::{Path, PathBuf};

use ignore::overrides::{Override, OverrideBuilder};
use ignore::types::{Types, TypesBuilder};
use ignore::{Match, WalkBuilder};

use crate::error::{Error, ErrorKind};
use crate::options::{TypeChange, WalkOptions};
use crate::report::WalkError;

/// The globs of `-g` and `--iglob`, relative to `base`.
pub(crate) fn overrides(
    base: &Path,
    globs: &[String],
    iglobs: &[String],
    case_insensitive: bool,
) -> Result<Override, Error> {
    if globs.is_empty() && iglobs.is_empty() {
        return Ok(Override::empty());
    }
    let glob_error = |error| Error::new(ErrorKind::Glob, error);
    let mut builder = OverrideBuilder::new(base);
    builder.case_insensitive(case_insensitive).map_err(glob_error)?;
    for glob in globs {
        builder.add(glob).map_err(glob_error)?;
    }
    builder.case_insensitive(true).map_err(glob_error)?;
    for glob in iglobs {
        builder.add(glob).map_err(glob_error)?;
    }
    builder.build().map_err(glob_error)
}

/// The file types: ripgrep's own, changed and selected from.
pub(crate) fn types(changes: &[TypeChange]) -> Result<Types, Error> {
    let mut builder = TypesBuilder::new();
    builder.add_defaults();
    for change in changes {
        match change {
            TypeChange::Clear(name) => drop(builder.clear(name)),
            TypeChange::Add(definition) => {
                builder
                    .add_def(definition)
                    .map_err(|error| Error::new(ErrorKind::Type, error))?;
            }
            TypeChange::Select(name) => drop(builder.select(name)),
            TypeChange::Negate(name) => drop(builder.negate(name)),
        }
    }
    builder.build().map_err(|error| match error {
        ignore::Error::Glob { .. } => Error::new(ErrorKind::Glob, error),
        _ => Error::new(ErrorKind::Type, error),
    })
}

/// The file types after `changes`, sorted by name, each with its sorted globs: what `--type-list` prints.
///
/// # Errors
/// [`ErrorKind::Type`] and [`ErrorKind::Glob`].
pub fn type_list(changes: &[TypeChange]) -> Result<Vec<(String, Vec<String>)>, Error> {
    let types = types(changes)?;
    Ok(types
        .definitions()
        .iter()
        .map(|def| (def.name().to_string(), def.globs().to_vec()))
        .collect())
}

/// ripgrep's walker without a root, and what is wrong with the ignore files that were named.
pub(crate) fn walk_builder(options: &WalkOptions) -> Result<(WalkBuilder, Vec<WalkError>), Error> {
    let current_dir = match &options.current_dir {
        Some(folder) => folder.clone(),
        None => process_dir()?,
    };
    let overrides = overrides(
        &current_dir,
        &options.globs,
        &options.iglobs,
        options.glob_case_insensitive,
    )?;
    let mut builder = WalkBuilder::empty();
    builder.current_dir(&current_dir);
    let errors = options
        .ignore_files
        .iter()
        .filter_map(|path| builder.add_ignore(path))
        .map(|error| WalkError::in_ignore_file(&error))
        .collect();
    builder
        .max_depth(options.max_depth)
        .follow_links(options.follow)
        .threads(options.threads)
        .same_file_system(options.one_file_system)
        .skip_stdout(options.skip_stdout)
        .overrides(overrides)
        .types(types(&options.types)?)
        .hidden(!options.hidden)
        .parents(options.ignore_parent)
        .ignore(options.ignore_dot)
        .git_global(options.ignore_vcs && options.ignore_global)
        .git_ignore(options.ignore_vcs)
        .git_exclude(options.ignore_vcs && options.ignore_exclude)
        .require_git(options.require_git)
        .ignore_case_insensitive(options.ignore_case_insensitive);
    if options.ignore_dot {
        builder.add_custom_ignore_filename(".rgignore");
    }
    Ok((builder, errors))
}

/// As ripgrep finds it: a folder that was deleted still has its name in `PWD`.
fn process_dir() -> Result<PathBuf, Error> {
    std::env::current_dir().or_else(|error| match std::env::var_os("PWD") {
        Some(folder) if !folder.is_empty() => Ok(PathBuf::from(folder)),
        _ => Err(Error::new(
            ErrorKind::CurrentDir,
            format!("failed to get current working directory: {error}"),
        )),
    })
}

/// What the globs and types say about a file or folder, ignore files and hidden names aside.
pub(crate) fn is_left_out(overrides: &Override, types: &Types, path: &Path, is_dir: bool) -> bool {
    match overrides.matched(path, is_dir) {
        Match::None => types.matched(path, is_dir).is_ignore(),
        decided => decided.is_ignore(),
    }
}
