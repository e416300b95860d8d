//! Who wrote a record: what stands between its stamp and its message.
//!
//! Syslog names a host and a program, its successor (RFC 5424) in fixed columns. Others name a thread in brackets, the number
//! of a process and a logger, around the level and in any order; what is taken for what is in [`Head::look`].

use super::{Fields, words};
use crate::records::level::Level;

/// Bytes behind a stamp that are looked at.
const HEAD: usize = 256;
/// Words and brackets that are looked at.
const PARTS: usize = 8;

/// What stands before a stamp.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Syslog's `<34>1 `.
    Version,
    /// What only syslog has there, or its kind of stamp.
    Syslog,
    /// The letter of a level, as glog writes it.
    Letter,
    /// Something else, or nothing.
    Other,
}

/// Adds what a line says behind its stamp.
pub fn read(before: Before, behind: &[u8], fields: &mut Fields) {
    let end = behind
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(behind.len());
    let behind = &behind[..end.min(HEAD)];
    match before {
        Before::Version => columns(behind, fields),
        Before::Syslog => drop(syslog(behind, false, fields)),
        _ if syslog(behind, true, fields) => {}
        _ => {
            let mut head = Head {
                rest: behind,
                has_level: before == Before::Letter,
                ..Head::default()
            };
            head.look();
            head.add(fields);
        }
    }
}

/// RFC 5424, section 6: `HOST APP PROCID MSGID`, of which `-` stands for none.
fn columns(behind: &[u8], fields: &mut Fields) {
    for (name, word) in ["host", "source", "pid", "msgid"].into_iter().zip(words(behind)) {
        if word != b"-" {
            fields.add(name.as_bytes(), word);
        }
    }
}

/// `HOST PROGRAM[PID]: `, of which the number may be missing unless the line `needs_pid` to be told from others.
fn syslog(behind: &[u8], needs_pid: bool, fields: &mut Fields) -> bool {
    let mut words = words(behind);
    let (Some(host), Some(tag)) = (words.next(), words.next()) else {
        return false;
    };
    let Some(tag) = tag.strip_suffix(b":") else {
        return false;
    };
    let end = tag
        .iter()
        .position(|byte| b"[(:".contains(byte))
        .unwrap_or(tag.len());
    let pid = tag
        .strip_suffix(b"]")
        .and_then(|tag| tag.rsplit(|&byte| byte == b'[').next());
    let pid = pid.filter(|pid| is_number(pid));
    let is_host = host
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(byte));
    if !is_host || !is_name(&tag[..end]) || needs_pid && pid.is_none() {
        return false;
    }
    fields.add(b"host", host);
    fields.add(b"source", &tag[..end]);
    if let Some(pid) = pid {
        fields.add(b"pid", pid);
    }
    true
}

/// What was found so far.
#[derive(Default)]
struct Head<'t> {
    rest: &'t [u8],
    has_level: bool,
    /// A `-` or `|` stands before what is next.
    is_apart: bool,
    source: Option<&'t [u8]>,
    thread: Option<&'t [u8]>,
    pid: Option<&'t [u8]>,
    client: Option<&'t [u8]>,
    /// Whether thread and number are told from text by how they are written.
    is_certain: bool,
}

impl<'t> Head<'t> {
    /// Looks for a logger: a word before a colon behind a level, or one that is qualified (`a.b`, `a::b`), or stands apart.
    /// The message begins with the first word that is none of all these.
    fn look(&mut self) {
        for _ in 0..PARTS {
            let blanks = self
                .rest
                .iter()
                .take_while(|byte| b" \t-|]".contains(byte))
                .count();
            let (skipped, rest) = self.rest.split_at(blanks);
            self.is_apart = skipped.iter().any(|byte| b"-|".contains(byte));
            self.rest = rest;
            let goes_on = match rest.first() {
                Some(b'[') => self.bracket(),
                Some(_) => self.word(),
                None => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    fn bracket(&mut self) -> bool {
        let Some(end) = closing(self.rest) else {
            return false;
        };
        let inner = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let (first, last) = match inner.iter().position(|&byte| byte == b':') {
            Some(colon) => (&inner[..colon], &inner[colon + 1..]),
            None => (inner, inner),
        };
        if Level::of_word(last).is_some() {
            self.has_level = true;
            self.source = Some(first).filter(|_| first.len() < inner.len() && is_name(first));
        } else if let Some(pid) = inner.strip_prefix(b"pid ") {
            let digits = pid.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (self.pid, self.is_certain) = (Some(&pid[..digits]), true);
        } else if let Some(client) = inner.strip_prefix(b"client ") {
            self.client = Some(client);
        } else if is_number(inner) {
            (self.pid, self.is_certain) = (Some(inner), true);
        } else if let Some(class) = class_of(inner) {
            self.source = Some(&inner[class.clone()]);
            self.thread = Some(&inner[..class.start.saturating_sub(1)]);
            return false;
        } else {
            self.thread = self.thread.or(Some(inner));
        }
        true
    }

    fn word(&mut self) -> bool {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"|]".contains(byte);
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (word, behind) = self.rest.split_at(end);
        self.rest = behind;
        let name = word.strip_suffix(b":").unwrap_or(word);
        if Level::of_word(name).is_some() {
            self.has_level = true;
            return true;
        }
        if is_number(name) {
            self.pid = self.pid.or(Some(name));
            return true;
        }
        if let Some(hash) = name.iter().position(|&byte| byte == b'#')
            && is_number(&name[..hash])
        {
            (self.pid, self.is_certain) = (Some(&name[..hash]), true);
            return false;
        }
        let is_qualified = name.iter().any(|byte| b".:".contains(byte));
        let next = behind.trim_ascii_start();
        let names = match name.len() < word.len() || next.starts_with(b": ") {
            true => self.has_level || is_qualified,
            false => {
                let ends_apart =
                    behind.starts_with(b"]") || next.starts_with(b"- ") || next.starts_with(b"|");
                let is_logger = self.has_level && is_qualified && next.starts_with(b"[");
                is_logger || ends_apart && (self.is_apart || is_qualified || self.thread.is_some())
            }
        };
        let name = without_line(name);
        if names && is_name(name) && self.source.is_none() {
            self.source = Some(name);
            // The number of the process may follow, between bars.
            return next.starts_with(b"|");
        }
        false
    }

    fn add(self, fields: &mut Fields) {
        let is_certain = self.has_level || self.is_certain || self.source.is_some();
        let found = [
            ("source", self.source),
            ("thread", self.thread.filter(|_| is_certain)),
            ("pid", self.pid.filter(|_| is_certain)),
            ("client", self.client),
        ];
        for (name, value) in found {
            if let Some(value) = value {
                fields.add(name.as_bytes(), value);
            }
        }
    }
}

/// Where the bracket closes that a text begins with.
fn closing(text: &[u8]) -> Option<usize> {
    let mut open = 0usize;
    text.iter().position(|byte| {
        match byte {
            b'[' => open += 1,
            b']' => open -= 1,
            _ => {}
        }
        open == 0
    })
}

/// Of `thread:Class@774`, as log4j can write it, where the class is.
fn class_of(inner: &[u8]) -> Option<std::ops::Range<usize>> {
    let at = inner.iter().rposition(|&byte| byte == b'@')?;
    let start = inner[..at].iter().rposition(|&byte| byte == b':')? + 1;
    (is_number(&inner[at + 1..]) && is_name(&inner[start..at])).then_some(start..at)
}

/// `main.go:23` and `module:function:23` without what is behind the first colon.
fn without_line(name: &[u8]) -> &[u8] {
    let mut parts = name.rsplitn(2, |&byte| byte == b':');
    match (parts.next(), parts.next()) {
        (Some(line), Some(_)) if is_number(line) => name.split(|&byte| byte == b':').next().unwrap_or(name),
        _ => name,
    }
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether a text can be the name of a program, a logger or a file.
fn is_name(text: &[u8]) -> bool {
    let is_first = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.');
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_/.-$:@<>*+~".contains(byte);
    text.first().is_some_and(|&byte| is_first(byte)) && text.iter().all(is_inside)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(before: Before, behind: &str) -> String {
        let mut fields = Fields::default();
        read(before, behind.as_bytes(), &mut fields);
        let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
        fields.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn who_wrote_it() {
        use Before::{Letter, Other, Syslog, Version};
        for (before, behind, expected) in [
            (
                Syslog,
                " combo sshd(pam_unix)[19939]: failure",
                "host=combo source=sshd pid=19939",
            ),
            (
                Syslog,
                " host-1 com.apple.cts[258]: x",
                "host=host-1 source=com.apple.cts pid=258",
            ),
            (Syslog, " combo kernel: x", "host=combo source=kernel"),
            (Syslog, " --- last message repeated 1 time ---", ""),
            (Syslog, " combo", ""),
            (
                Version,
                " host app - ID47 [x y=\"z\"] m",
                "host=host source=app msgid=ID47",
            ),
            (Letter, "  1234 file.cc:34] x", "source=file.cc pid=1234"),
            (Other, "] [notice] workerEnv.init() ok", ""),
            (
                Other,
                "] [core:warn] [pid 12:tid 34] [client 1.2.3.4:80] x: y",
                "source=core pid=12 client=1.2.3.4:80",
            ),
            (Other, " INFO  my_crate::inner] x", "source=my_crate::inner"),
            (
                Other,
                " 148 INFO dfs.DataNode$X: x",
                "source=dfs.DataNode$X pid=148",
            ),
            (Other, " INFO [main] org.x.App: x", "source=org.x.App thread=main"),
            (Other, " [main] INFO  c.e.Foo - x", "source=c.e.Foo thread=main"),
            (
                Other,
                "  INFO 12 --- [  main] o.s.Foo   : x",
                "source=o.s.Foo thread=main pid=12",
            ),
            (
                Other,
                " - INFO  [QuorumPeer[myid=1]/0:0:2181:Election@774] - x",
                "source=Election thread=QuorumPeer[myid=1]/0:0:2181",
            ),
            (
                Other,
                " - WARN  [SendWorker:1:X$SendWorker@688] - x",
                "source=X$SendWorker thread=SendWorker:1",
            ),
            (Other, " - my_module - INFO - x", "source=my_module"),
            (
                Other,
                "|Step_LSC|30002312|onExtend:1514 14",
                "source=Step_LSC pid=30002312",
            ),
            (Other, " | INFO     | app.main:run:12 - x", "source=app.main"),
            (
                Other,
                " 25746 INFO nova.api.server [req-1 - -] x",
                "source=nova.api.server pid=25746",
            ),
            (Other, " [error] 12#12: *1 open()", "pid=12"),
            (Other, " UTC [12] ERROR:  x", ""),
            (Other, " [12] LOG:  x", "pid=12"),
            (Other, " main.go:23: x", "source=main.go"),
            (Other, " host sshd[12]: x", "host=host source=sshd pid=12"),
            (Other, " Connection failed: x", ""),
            (Other, " failed: x", ""),
            (Other, " [a message] x", ""),
            (Other, " INFO done - 5 files", ""),
            (Other, " ERROR \"x\": y", ""),
            (Other, "", ""),
        ] {
            assert_eq!(fields(before, behind), expected, "{behind}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(line in r#"[ab1: |\[\]#@-]{0,40}"#) {
            fields(Before::Other, &line);
            fields(Before::Syslog, &line);
        }
    }
}
