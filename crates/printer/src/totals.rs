//! The totals after the results: `--stats`, and the last message of `--json`.

use std::fmt::Write;
use std::time::Duration;

use grep_printer::Stats;

/// The totals as ripgrep words them, beginning with an empty line.
pub(crate) fn text(stats: &Stats, elapsed: Duration) -> String {
    format!(
        "\n{} matches\n{} matched lines\n{} files contained matches\n{} files searched\n{} bytes printed\n\
         {} bytes searched\n{:0.6} seconds spent searching\n{:0.6} seconds total\n",
        stats.matches(),
        stats.matched_lines(),
        stats.searches_with_match(),
        stats.searches(),
        stats.bytes_printed(),
        stats.bytes_searched(),
        stats.elapsed().as_secs_f64(),
        elapsed.as_secs_f64(),
    )
}

/// The summary message, its keys in ripgrep's order: the alphabet's.
pub(crate) fn json(stats: &Stats, elapsed: Duration) -> String {
    let mut out = String::from(r#"{"data":{"elapsed_total":"#);
    duration(&mut out, elapsed);
    let _ = write!(
        out,
        r#","stats":{{"bytes_printed":{},"bytes_searched":{},"elapsed":"#,
        stats.bytes_printed(),
        stats.bytes_searched()
    );
    duration(&mut out, stats.elapsed());
    let _ = writeln!(
        out,
        r#","matched_lines":{},"matches":{},"searches":{},"searches_with_match":{}}}}},"type":"summary"}}"#,
        stats.matched_lines(),
        stats.matches(),
        stats.searches(),
        stats.searches_with_match()
    );
    out
}

fn duration(out: &mut String, duration: Duration) {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    let _ = write!(
        out,
        r#"{{"human":"{:0.6}s","nanos":{nanos},"secs":{seconds}}}"#,
        duration.as_secs_f64()
    );
}
