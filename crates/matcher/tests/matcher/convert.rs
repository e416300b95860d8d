//! From the testkit's plain data to the matcher's, and back.

use quern_matcher::{
    Binary, Case, Collector, Columns, EncodingChoice, Extras, Kind, Limits, Pattern, PatternOptions,
    SearchOptions, Searchers,
};
use quern_testkit as kit;

pub fn pattern_options(patterns: &[String], flags: &kit::Flags) -> PatternOptions {
    PatternOptions {
        patterns: patterns.to_vec(),
        fixed_strings: flags.fixed_strings,
        case: match flags.case {
            kit::Case::Sensitive => Case::Sensitive,
            kit::Case::Insensitive => Case::Insensitive,
            kit::Case::Smart => Case::Smart,
        },
        word: flags.word,
        line: flags.line,
        multiline: flags.multiline,
        multiline_dotall: flags.multiline_dotall,
        crlf: flags.crlf,
        null_data: flags.null_data,
        unicode: !flags.no_unicode,
        ban_nul: flags.nul != kit::Nul::Text,
        ..PatternOptions::default()
    }
}

pub fn search_options(flags: &kit::Flags) -> SearchOptions {
    SearchOptions {
        invert: flags.invert,
        before: flags.before,
        after: flags.after,
        passthru: flags.passthru,
        max_count: flags.max_count,
        stop_on_nonmatch: flags.stop_on_nonmatch,
        multiline: flags.multiline,
        crlf: flags.crlf,
        null_data: flags.null_data,
        encoding: match flags.encoding.as_deref() {
            None => EncodingChoice::Auto,
            Some("none") => EncodingChoice::None,
            Some(label) => EncodingChoice::Label(label.to_owned()),
        },
        binary: match flags.nul {
            kit::Nul::Auto => Binary::Auto,
            kit::Nul::Binary => Binary::SearchAndSuppress,
            kit::Nul::Text => Binary::Text,
        },
        ..SearchOptions::default()
    }
}

/// A whole file's rows.
pub fn whole(
    pattern: &Pattern,
    options: &SearchOptions,
    content: &[u8],
    explicit: bool,
    extras: Extras,
) -> Columns {
    let mut collector = Collector::new(pattern, Limits::default(), extras);
    let mut searchers = Searchers::new(options).unwrap();
    searchers
        .reader(pattern, content, explicit, &mut collector)
        .unwrap();
    collector.take()
}

pub fn rows(columns: &Columns) -> Vec<kit::Row> {
    let row = |row: quern_matcher::Row<'_>| kit::Row {
        kind: match row.kind {
            Kind::Match => kit::Kind::Match,
            Kind::Before => kit::Kind::Before,
            Kind::After => kit::Kind::After,
            Kind::Other => kit::Kind::Other,
            Kind::Break => kit::Kind::Break,
        },
        line: row.line,
        offset: row.offset,
        text: row.text.to_vec(),
        ranges: row
            .ranges
            .chunks(2)
            .map(|pair| (pair[0] as usize, pair[1] as usize))
            .collect(),
    };
    columns.iter().map(row).collect()
}
