//! A request with every default resolved, by the rules of ripgrep's `HiArgs`.
//!
//! One of them is odd and kept: ripgrep with one thread (a sorted search, one file, `-j1`) lets its printer put the
//! separator between files, with several its buffer writer. The two end the separator's line differently under `--crlf`
//! and `--null-data`, and the printer forgets it before a file of which it says no more than that it is binary. Our
//! output is in order either way, but [`Settings::sequential`] says which of the two ripgrep would print.

use std::path::{Path, PathBuf};

use grep_printer::{ColorSpecs, HyperlinkConfig, HyperlinkEnvironment, HyperlinkFormat, UserColorSpec};
use grep_searcher::BinaryDetection;
use quern_matcher::SearchOptions;

use crate::error::{Error, ErrorKind};
use crate::request::{Mode, Output, Request};

/// ripgrep maps files into memory if at most so many are named and nothing else.
const MOST_MAPPED: usize = 10;

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub mode: Mode,
    pub output: Output,
    pub search: SearchOptions,
    pub roots: Vec<PathBuf>,
    /// No path was given.
    pub implicit: bool,
    /// ripgrep would use one thread.
    pub sequential: bool,
    pub quiet: bool,
    pub stats: bool,
    pub column: bool,
    pub heading: bool,
    pub with_filename: bool,
    /// Between the output of two files, line end included.
    pub file_separator: Option<Vec<u8>>,
    /// ripgrep would map files into memory, which shows where a file has NUL bytes.
    pub as_slices: bool,
    pub colors: ColorSpecs,
    pub hyperlink: HyperlinkConfig,
}

impl Settings {
    pub fn new(request: &Request) -> Result<Settings, Error> {
        let output = request.output.clone();
        let mode = match output.mode {
            Mode::CountMatches if request.search.invert => Mode::Count,
            Mode::Count if output.only_matching => Mode::CountMatches,
            mode => mode,
        };
        let implicit = request.paths.is_empty();
        let roots = if implicit {
            vec![PathBuf::from("./")]
        } else {
            request.paths.clone()
        };
        let one_file = roots.len() == 1 && (is_stdin(&roots[0]) || !roots[0].is_dir());
        let sequential = request.sort.is_some() || one_file || request.walk.threads == 1;
        let column = output.column.unwrap_or(output.vimgrep);
        let heading = output.heading.unwrap_or(output.terminal) && !output.vimgrep;
        let only_stdin = roots.len() == 1 && is_stdin(&roots[0]);
        let line_number = output.line_number.unwrap_or(
            !request.quiet
                && match mode {
                    Mode::Json => true,
                    Mode::Standard => (output.terminal && !only_stdin) || column || output.vimgrep,
                    _ => false,
                },
        );
        Ok(Settings {
            mode,
            search: SearchOptions {
                line_number,
                ..request.search.clone()
            },
            implicit,
            sequential,
            quiet: request.quiet,
            stats: mode.searches() && (request.stats || mode == Mode::Json),
            column,
            heading,
            with_filename: output.with_filename.unwrap_or(output.vimgrep || !one_file),
            file_separator: file_separator(mode, heading, sequential, &output, &request.search),
            as_slices: as_slices(&roots, &request.search),
            colors: colors(&output.colors)?,
            hyperlink: hyperlink(output.hyperlink_format.as_deref())?,
            roots,
            output,
        })
    }

    /// The first match ends the run.
    pub fn stops_at_match(&self) -> bool {
        self.quiet && !self.stats
    }

    /// ripgrep does not even look for files if this is false.
    pub fn match_possible(&self, patterns: &[String]) -> bool {
        (!patterns.is_empty() || self.search.invert) && self.search.max_count != Some(0)
    }

    /// A file without a match shows in the output, the totals or the exit status.
    pub fn shows_unmatched(&self) -> bool {
        self.stats
            || match self.mode {
                Mode::FilesWithoutMatch => true,
                Mode::Count | Mode::CountMatches => self.output.include_zero && !self.quiet,
                _ => false,
            }
    }

    pub fn path_terminator(&self) -> Option<u8> {
        self.output.null.then_some(0)
    }

    pub fn max_columns(&self) -> Option<u64> {
        self.output.max_columns.filter(|&columns| columns > 0)
    }

    pub fn replacement(&self) -> Option<Vec<u8>> {
        self.output.replace.as_ref().map(|text| text.as_bytes().to_vec())
    }
}

pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn file_separator(
    mode: Mode,
    heading: bool,
    sequential: bool,
    output: &Output,
    search: &SearchOptions,
) -> Option<Vec<u8>> {
    if mode != Mode::Standard {
        return None;
    }
    let has_context = !search.passthru && (search.before > 0 || search.after > 0);
    let mut separator = match (heading, has_context) {
        (true, _) => Vec::new(),
        (false, true) => output.context_separator.clone()?,
        (false, false) => return None,
    };
    if sequential {
        separator.extend_from_slice(search.line_terminator().as_bytes());
    } else {
        separator.push(b'\n');
    }
    Some(separator)
}

fn as_slices(roots: &[PathBuf], search: &SearchOptions) -> bool {
    !cfg!(target_os = "macos")
        && search.binary_detection(true) != BinaryDetection::none()
        && roots.len() <= MOST_MAPPED
        && roots.iter().all(|root| root.is_file())
}

fn colors(specs: &[String]) -> Result<ColorSpecs, Error> {
    let mut all = grep_printer::default_color_specs();
    for spec in specs {
        let parsed = spec.parse::<UserColorSpec>();
        all.push(parsed.map_err(|error| {
            Error::new(ErrorKind::Color {
                message: error.to_string(),
            })
        })?);
    }
    Ok(ColorSpecs::new(&all))
}

fn hyperlink(format: Option<&str>) -> Result<HyperlinkConfig, Error> {
    let Some(format) = format else {
        return Ok(HyperlinkConfig::default());
    };
    let format = format.parse::<HyperlinkFormat>().map_err(|error| {
        Error::new(ErrorKind::Hyperlink {
            message: error.to_string(),
        })
    })?;
    let mut environment = HyperlinkEnvironment::new();
    environment.host(grep_cli::hostname().ok().and_then(|name| name.into_string().ok()));
    if cfg!(unix) {
        let distribution = std::env::var("WSL_DISTRO_NAME").ok();
        environment.wsl_prefix(distribution.map(|name| format!("wsl$/{name}")));
    }
    Ok(HyperlinkConfig::new(environment, format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Sort, SortBy};

    fn settings(change: impl FnOnce(&mut Request)) -> Settings {
        let mut request = Request::default();
        change(&mut request);
        Settings::new(&request).unwrap()
    }

    #[test]
    fn counting_follows_invert_and_only_matching() {
        let counted = settings(|request| {
            request.output.mode = Mode::CountMatches;
            request.search.invert = true;
        });
        assert_eq!(counted.mode, Mode::Count);
        let counted = settings(|request| {
            request.output.mode = Mode::Count;
            request.output.only_matching = true;
        });
        assert_eq!(counted.mode, Mode::CountMatches);
    }

    #[test]
    fn line_numbers_are_implied() {
        assert!(!settings(|_| ()).search.line_number);
        assert!(
            settings(|request| request.output.column = Some(true))
                .search
                .line_number
        );
        assert!(
            settings(|request| request.output.mode = Mode::Json)
                .search
                .line_number
        );
        assert!(
            settings(|request| request.output.terminal = true)
                .search
                .line_number
        );
        let stdin = settings(|request| {
            request.output.terminal = true;
            request.paths.push("-".into());
        });
        assert!(!stdin.search.line_number && !stdin.with_filename && stdin.heading);
    }

    #[test]
    fn separators_end_as_the_printer_or_the_buffer_writer_ends_them() {
        let with_context = |request: &mut Request| {
            request.search.after = 1;
            request.search.crlf = true;
        };
        assert_eq!(settings(with_context).file_separator.unwrap(), b"--\n");
        let sorted = settings(|request| {
            with_context(request);
            request.sort = Some(Sort {
                by: SortBy::Path,
                reverse: false,
            });
        });
        assert_eq!(sorted.file_separator.unwrap(), b"--\r\n");
        let none = settings(|request| {
            with_context(request);
            request.output.context_separator = None;
        });
        assert_eq!(none.file_separator, None);
    }

    #[test]
    fn bad_colors_and_links_are_refused() {
        let mut request = Request::default();
        request.output.colors = vec!["path:fg:mauve".into()];
        assert!(matches!(
            Settings::new(&request).unwrap_err().kind(),
            ErrorKind::Color { .. }
        ));
        request.output.colors.clear();
        request.output.hyperlink_format = Some("{nothing}".into());
        assert!(matches!(
            Settings::new(&request).unwrap_err().kind(),
            ErrorKind::Hyperlink { .. }
        ));
    }
}
