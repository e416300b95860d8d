//! The columns of access logs, as Apache and nginx write them: `remote ident user [stamp] "request" status bytes "referrer"
//! "agent"`, perhaps behind the name of a host.

use super::pairs::quote;
use super::{Fields, words};

/// Adds the columns of a line whose stamp is between `before` and `behind`; gives what is behind them. `None`: the line is none
/// of an access log.
pub fn read<'t>(before: &[u8], behind: &'t [u8], fields: &mut Fields) -> Option<&'t [u8]> {
    let rest = behind.strip_prefix(b"] \"")?;
    let end = quote(rest)?;
    let (request, mut rest) = (&rest[..end], &rest[end + 1..]);
    let mut words = words(before).filter(|word| *word != b"[");
    let columns = [words.next(), words.next(), words.next(), words.next()];
    let (host, remote, user) = match columns {
        [host, remote, _, user @ Some(_)] => (host, remote, user),
        [remote, _, user @ Some(_), None] => (None, remote, user),
        _ => return None,
    };
    let mut parts = request.split(|&byte| byte == b' ');
    let (method, url, protocol) = (parts.next(), parts.next(), parts.next());
    let (status, bytes) = (column(&mut rest), column(&mut rest));
    let (referrer, agent) = (quoted(&mut rest), quoted(&mut rest));
    for (name, value) in [
        ("host", host),
        ("remote", remote),
        ("user", user),
        ("method", url.and(method)),
        ("url", url),
        ("protocol", protocol),
        ("status", status),
        ("bytes", bytes),
        ("referrer", referrer),
        ("agent", agent),
    ] {
        if let Some(value) = value.filter(|value| *value != b"-") {
            fields.add(name.as_bytes(), value);
        }
    }
    Some(rest)
}

/// The next column, which has no blank in it.
fn column<'t>(rest: &mut &'t [u8]) -> Option<&'t [u8]> {
    let text = rest.strip_prefix(b" ").filter(|text| !text.starts_with(b"\""))?;
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    *rest = &text[end..];
    Some(&text[..end])
}

fn quoted<'t>(rest: &mut &'t [u8]) -> Option<&'t [u8]> {
    let text = rest.strip_prefix(b" \"")?;
    let end = quote(text)?;
    *rest = &text[end + 1..];
    Some(&text[..end])
}
