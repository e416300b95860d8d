//! How serious a record is.

/// How serious a record of a log is, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// `TRACE`, `VERBOSE`.
    Trace = 1,
    /// `DEBUG`.
    Debug,
    /// `INFO`.
    Info,
    /// `NOTICE`.
    Notice,
    /// `WARN`, `WARNING`.
    Warn,
    /// `ERROR`, `ERR`, `SEVERE`.
    Error,
    /// `FATAL`, `CRITICAL`, `ALERT`, `EMERG`, `PANIC`.
    Fatal,
}

/// The longest name of a level, in bytes.
const LONGEST: usize = 13;

impl Level {
    /// All of them, the least serious first.
    pub const ALL: [Level; 7] = [
        Level::Trace,
        Level::Debug,
        Level::Info,
        Level::Notice,
        Level::Warn,
        Level::Error,
        Level::Fatal,
    ];

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Notice => "notice",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::Fatal => "fatal",
        }
    }

    /// The level that log writers call so, in any case: `WARNING` is [`Level::Warn`], `crit` is [`Level::Fatal`].
    pub fn from_name(name: &str) -> Option<Level> {
        Level::of_word(name.as_bytes())
    }

    /// A number from 1 to 7, which a store may keep.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The level with this number.
    pub fn from_number(number: u8) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.number() == number)
    }

    /// The level of a syslog severity, 0 to 7 (RFC 5424, section 6.2.1).
    pub(super) fn of_severity(severity: u32) -> Level {
        match severity {
            0..=2 => Level::Fatal,
            3 => Level::Error,
            4 => Level::Warn,
            5 => Level::Notice,
            6 => Level::Info,
            _ => Level::Debug,
        }
    }

    /// The level of a number in a JSON record: pino's and bunyan's from 10 on, below that syslog's.
    pub(super) fn of_number(number: u32) -> Level {
        match number {
            0..=7 => Level::of_severity(number),
            8..=19 => Level::Trace,
            20..=29 => Level::Debug,
            30..=39 => Level::Info,
            40..=49 => Level::Warn,
            50..=59 => Level::Error,
            _ => Level::Fatal,
        }
    }

    pub(super) fn of_word(word: &[u8]) -> Option<Level> {
        let mut buffer = [0; LONGEST];
        let folded = buffer.get_mut(..word.len())?;
        folded.copy_from_slice(word);
        folded.make_ascii_lowercase();
        Some(match &*folded {
            b"trace" | b"trc" | b"verbose" => Level::Trace,
            b"debug" | b"dbg" => Level::Debug,
            b"info" | b"inf" | b"information" | b"informational" => Level::Info,
            b"notice" | b"note" => Level::Notice,
            b"warn" | b"warning" | b"wrn" => Level::Warn,
            b"error" | b"err" | b"severe" => Level::Error,
            b"fatal" | b"ftl" | b"critical" | b"crit" | b"alert" | b"emerg" | b"emergency" | b"panic" => {
                Level::Fatal
            }
            _ => return None,
        })
    }

    /// The level that a record's first bytes name, around its time stamp: a word that is written as levels are and stands
    /// where they do, not any word of the message.
    pub(super) fn find(head: &[u8]) -> Option<Level> {
        let mut at = 0;
        while at < head.len() {
            let start = at;
            while at < head.len() && is_letter(head[at]) {
                at += 1;
            }
            if let 3..=LONGEST = at - start
                && let Some(level) = Level::of_word(&head[start..at])
                && stands_as_level(head, start, at)
            {
                return Some(level);
            }
            at += 1;
        }
        None
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether the word `head[start..end]`, which names a level, is there as one.
fn stands_as_level(head: &[u8], start: usize, end: usize) -> bool {
    let (before, after) = (&head[..start], head.get(end).copied().unwrap_or(b' '));
    let last = before.last().copied().unwrap_or(b' ');
    let in_capitals = || head[start..end].iter().all(u8::is_ascii_uppercase);
    let in_brackets = || matches!((last, after), (b'[' | b':', b']') | (b'<', b'>'));
    let is_field = || is_key(before);
    let is_first = || !before.iter().any(|&byte| is_letter(byte));
    let begins_message = || after == b':' && before.ends_with(b": ");
    match after {
        b'/' | b'-' | b'.' | b'=' => false,
        _ if matches!(last, b'/' | b'-' | b'.') => false,
        _ => in_capitals() || in_brackets() || is_field() || is_first() || begins_message(),
    }
}

/// Whether a text ends with `level=` or the like, perhaps with a quote.
fn is_key(before: &[u8]) -> bool {
    let before = before.strip_suffix(b"\"").unwrap_or(before);
    [&b"level="[..], b"lvl=", b"severity="]
        .iter()
        .any(|key| before.ends_with(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_come_back() {
        for level in Level::ALL {
            assert_eq!(Level::from_name(level.name()), Some(level));
            assert_eq!(Level::from_name(&level.name().to_uppercase()), Some(level));
            assert_eq!(Level::from_number(level.number()), Some(level));
        }
        assert_eq!(Level::from_number(0), None);
        assert_eq!(Level::from_name("loud"), None);
        assert_eq!(Level::from_name("a name that is much too long"), None);
        assert!(Level::ALL.is_sorted());
    }

    #[test]
    fn severities_and_numbers() {
        let severities: Vec<&str> = (0..8).map(|number| Level::of_severity(number).name()).collect();
        assert_eq!(
            severities,
            [
                "fatal", "fatal", "fatal", "error", "warn", "notice", "info", "debug"
            ]
        );
        let pino: Vec<&str> = (1..=7)
            .map(|number| Level::of_number(number * 10).name())
            .collect();
        assert_eq!(
            pino,
            ["trace", "debug", "info", "warn", "error", "fatal", "fatal"]
        );
        assert_eq!(Level::of_number(3), Level::Error);
    }

    #[test]
    fn a_level_is_told_from_a_word_of_the_message() {
        let rows: &[(&str, Option<Level>)] = &[
            (" INFO  [main] a.B: no ERROR here", Some(Level::Info)),
            ("] [error] mod_jk child", Some(Level::Error)),
            ("] [core:warn] AH00098", Some(Level::Warn)),
            (" host NetworkManager[9]: <info>  up", Some(Level::Info)),
            (" host sshd[1]: error: bad length", Some(Level::Error)),
            (" error: at the start", Some(Level::Error)),
            (" | warn | between bars", Some(Level::Warn)),
            (" level=debug msg=\"an ERROR\"", Some(Level::Debug)),
            (" msg=x lvl=\"eror\" severity=\"crit\"", Some(Level::Fatal)),
            ("\tinfo\tzap", Some(Level::Info)),
            (" [1] WARNING: low", Some(Level::Warn)),
            (" host app[1]: no error here", None),
            (" host app: saw [an error]", None),
            (" GET /ERROR/INFO.txt HTTP/1.1", None),
            (" a.b.DEBUG x-INFO DEBUG=1 INFORM", None),
            ("", None),
        ];
        for (head, level) in rows {
            assert_eq!(Level::find(head.as_bytes()), *level, "{head}");
        }
    }
}
