//! Reading ripgrep's JSON Lines (the format is described in grep-printer's `JSON`).

use std::path::PathBuf;

use base64::Engine;
use serde_json::Value;

use crate::rows::{FileRows, Kind, Row};

/// The files in `output`, in its order.
///
/// # Panics
/// If `output` is not in the format.
pub(crate) fn parse(output: &[u8]) -> Vec<FileRows> {
    let mut files: Vec<FileRows> = Vec::new();
    for line in output
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let message: Value = serde_json::from_slice(line).expect("a line is JSON");
        let data = &message["data"];
        match message["type"].as_str().expect("a message has a type") {
            "begin" => files.push(FileRows {
                path: path(&data["path"]),
                ..FileRows::default()
            }),
            "match" => files
                .last_mut()
                .expect("a file has begun")
                .rows
                .push(row(Kind::Match, data)),
            "context" => files
                .last_mut()
                .expect("a file has begun")
                .rows
                .push(row(Kind::Context, data)),
            "end" => {
                files.last_mut().expect("a file has begun").binary_offset = data["binary_offset"].as_u64()
            }
            _ => {}
        }
    }
    files
}

fn row(kind: Kind, data: &Value) -> Row {
    let number = |value: &Value| value.as_u64().expect("a number");
    let ranges = data["submatches"].as_array().expect("submatches are a list");
    Row {
        kind,
        line: data["line_number"].as_u64().unwrap_or(0),
        offset: number(&data["absolute_offset"]),
        text: bytes(&data["lines"]),
        ranges: ranges
            .iter()
            .map(|m| (number(&m["start"]) as usize, number(&m["end"]) as usize))
            .collect(),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    match (&value["text"], &value["bytes"]) {
        (Value::String(text), _) => text.clone().into_bytes(),
        (_, Value::String(coded)) => base64::engine::general_purpose::STANDARD
            .decode(coded)
            .expect("bytes are base64"),
        _ => panic!("neither text nor bytes: {value}"),
    }
}

fn path(value: &Value) -> PathBuf {
    if value.is_null() {
        return PathBuf::new();
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        PathBuf::from(std::ffi::OsString::from_vec(bytes(value)))
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(&bytes(value)).into_owned())
}
