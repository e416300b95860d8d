//! What language a file is written in: by its name, else by its extension, else by its `#!` line.

use std::collections::HashMap;
use std::sync::OnceLock;

use bstr::ByteSlice;

use crate::languages::{ALIASES, LANGUAGES};

/// A language, as a number that a store may keep: a number never changes its meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(u16);

impl Language {
    /// No language that is known.
    pub const UNKNOWN: Language = Language(0);

    /// The language of the file `stored` (a stored path), whose text begins with `first_line`. More than the first line
    /// does no harm.
    pub fn of(stored: &[u8], first_line: &[u8]) -> Language {
        let tables = Tables::get();
        let name = base_name(stored);
        if let Some(&language) = tables.files.get(name) {
            return language;
        }
        let by_extension = name.rfind_byte(b'.').and_then(|dot| {
            let extension = name[dot + 1..].to_ascii_lowercase();
            tables.extensions.get(&extension[..])
        });
        let by_interpreter = || tables.interpreters.get(interpreter(first_line)?);
        by_extension.or_else(by_interpreter).copied().unwrap_or_default()
    }

    /// The language with this number, [`UNKNOWN`](Self::UNKNOWN) if none has it (yet).
    pub fn from_number(number: u16) -> Language {
        if usize::from(number) < LANGUAGES.len() {
            Language(number)
        } else {
            Language::UNKNOWN
        }
    }

    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Its name, ripgrep's for the file type; `unknown` for [`UNKNOWN`](Self::UNKNOWN).
    pub fn name(self) -> &'static str {
        LANGUAGES[usize::from(self.0)].name
    }

    /// The language that has this name or alias.
    pub fn from_name(name: &str) -> Option<Language> {
        let name = ALIASES
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(name, |(_, name)| *name);
        all().find(|language| language.name() == name)
    }
}

fn all() -> impl Iterator<Item = Language> {
    (0..LANGUAGES.len() as u16).map(Language)
}

struct Tables {
    files: HashMap<&'static [u8], Language>,
    extensions: HashMap<&'static [u8], Language>,
    interpreters: HashMap<&'static [u8], Language>,
}

impl Tables {
    fn get() -> &'static Tables {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(|| {
            let rows = || all().map(|language| (language, &LANGUAGES[usize::from(language.0)]));
            Tables {
                files: rows()
                    .flat_map(|(language, row)| index(row.files, language))
                    .collect(),
                extensions: rows()
                    .flat_map(|(language, row)| index(row.extensions, language))
                    .collect(),
                interpreters: rows()
                    .flat_map(|(language, row)| index(row.interpreters, language))
                    .collect(),
            }
        })
    }
}

fn index(
    keys: &'static [&'static str],
    language: Language,
) -> impl Iterator<Item = (&'static [u8], Language)> {
    keys.iter().map(move |key| (key.as_bytes(), language))
}

/// The program that runs a script: `python3` for `#!/usr/bin/env -S python3.12 -u`. A version after a dot is dropped.
fn interpreter(first_line: &[u8]) -> Option<&[u8]> {
    let line = first_line.lines().next()?.strip_prefix(b"#!")?;
    let mut words = line.fields();
    let mut program = base_name(words.next()?);
    if program == b"env" {
        program = base_name(words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?);
    }
    program.split(|&byte| byte == b'.').next()
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use ignore::types::TypesBuilder;

    use super::*;

    /// Extensions that are clear enough but missing from ripgrep's globs.
    const OURS: &[&str] = &["dockerfile", "hxx", "cxx", "swg"];

    #[test]
    fn ripgrep_agrees_on_names_and_extensions() {
        for row in &LANGUAGES[1..] {
            let types = TypesBuilder::new()
                .add_defaults()
                .select(row.name)
                .build()
                .unwrap();
            let by_extension = row.extensions.iter().filter(|ext| !OURS.contains(ext));
            let upper = |name: &String| name.to_uppercase().replace("X.", "x.");
            for name in by_extension
                .map(|ext| format!("x.{ext}"))
                .chain(row.files.iter().map(|n| n.to_string()))
            {
                let known = types.matched(&name, false).is_whitelist();
                assert!(
                    known || types.matched(upper(&name), false).is_whitelist(),
                    "{}: {name}",
                    row.name
                );
            }
        }
    }

    #[test]
    fn no_key_is_in_two_rows() {
        let keys = [
            |row: &crate::languages::Definition| row.files,
            |row: &crate::languages::Definition| row.extensions,
            |row: &crate::languages::Definition| row.interpreters,
        ];
        for key in keys {
            let mut all: Vec<_> = LANGUAGES.iter().flat_map(key).collect();
            let count = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
