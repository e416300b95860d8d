//! What `ReadDirectoryChangesW` writes into its buffer: a chain of `FILE_NOTIFY_INFORMATION`. Read byte by byte, because
//! nothing else about it can be relied on (wine does not even align it).

/// One record: what happened, and the name below the watched folder in UTF-16.
pub(crate) type Record = (u32, Vec<u16>);

/// The records in `bytes`; `None` where they make no sense.
pub(crate) fn records(bytes: &[u8]) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let mut rest = bytes;
    loop {
        let next = word(rest, 0)?;
        let action = word(rest, 4)?;
        let length = word(rest, 8)?;
        let name = rest.get(12..12usize.checked_add(length)?)?;
        let name = name
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        records.push((u32::try_from(action).ok()?, name.collect()));
        if next == 0 {
            return Some(records);
        }
        rest = rest.get(next..)?;
    }
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::records;

    fn record(next: u32, action: u32, name: &str) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = name.len() as u32;
        let head = [next, action, length].into_iter().flat_map(u32::to_le_bytes);
        head.chain(name).collect()
    }

    #[test]
    fn a_chain_is_read_to_its_end() {
        let mut bytes = record(20, 1, "a.rs");
        bytes.extend(record(0, 3, "b\\é"));
        bytes.extend([7; 9]);
        let name = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        assert_eq!(records(&bytes), Some(vec![(1, name("a.rs")), (3, name("b\\é"))]));
    }

    #[test]
    fn a_broken_chain_is_no_chain() {
        let bytes = record(0, 1, "name");
        for cut in 0..bytes.len() {
            assert_eq!(records(&bytes[..cut]), None);
        }
        assert_eq!(records(&record(400, 1, "name")), None);
    }
}
