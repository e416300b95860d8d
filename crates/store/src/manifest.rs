//! The manifest: the one small file that says what a store holds.
//!
//! It names the live segments, the length and checksum of each of their parts, and the entries that are dead
//! (tombstones). A commit replaces it in one step, so a reader sees one generation or the next, never a mixture;
//! and because a part's checksum covers the checksums of all its pages, the manifest vouches for every byte of the
//! store. Two parts cannot be swapped, and a part of another generation cannot stand in.
//!
//! Body, after the header of a sealed file: root (`u32` length, bytes), options `u64`, time of writing `i64`,
//! number of segments `u32`; for each: name (`u32` length, bytes), files `u32`, blocks `u32`, bytes of text `u64`,
//! number of parts `u8`, each with kind `u8`, length `u64` and checksum `u32`, then tombstones (`u32` length,
//! Roaring's portable format).

use std::collections::HashSet;
use std::path::Path;

use roaring::RoaringBitmap;

use crate::disk::Disk;
use crate::error::Error;
use crate::format::Fields;
use crate::part::PartKind;
use crate::sealed::{self, Stamp};
use crate::unique;

/// The name of the file.
pub(crate) const NAME: &str = "manifest";
pub(crate) const MAGIC: &[u8; 8] = b"QUERNMAN";

/// One generation of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// The store's random id. A commit sets it.
    pub store_id: u64,
    /// Which commit of the store this is, from 1; 0 if it was not committed. A commit sets it.
    pub generation: u64,
    /// When it was committed, in nanoseconds since 1970. A commit sets it.
    pub written_ns: i64,
    /// The root folder's path when this was written, in the system's own bytes.
    pub root: Vec<u8>,
    /// A fingerprint of the options that the index was built with.
    pub options: u64,
    /// The live segments, in the order in which they were committed.
    pub segments: Vec<SegmentEntry>,
}

/// One segment of a generation.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentEntry {
    /// The name of its folder below `segments`.
    pub name: String,
    /// Its files.
    pub parts: Vec<PartEntry>,
    /// Entries in its file table.
    pub files: u32,
    /// Blocks of text.
    pub blocks: u32,
    /// Bytes of text in those blocks.
    pub text_bytes: u64,
    /// The file ids that no longer count.
    pub tombstones: RoaringBitmap,
}

/// One part of a segment, as it must be found on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartEntry {
    /// Which part.
    pub kind: PartKind,
    /// Bytes of the file.
    pub length: u64,
    /// The CRC-32 of the part's directory, which holds the checksums of its pages.
    pub checksum: u32,
}

impl Manifest {
    /// What tells this generation from every other, of this store or of another at the same place.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            store_id: self.store_id,
            generation: self.generation,
        }
    }

    pub(crate) fn read(dir: &Path) -> Result<Option<Manifest>, Error> {
        let path = dir.join(NAME);
        let Some((stamp, body)) = sealed::read(&path, MAGIC)? else {
            return Ok(None);
        };
        let manifest = decode(stamp, &body);
        manifest
            .map(Some)
            .ok_or_else(|| Error::corrupt(&path, "the content is not a manifest"))
    }

    pub(crate) fn read_stamp(dir: &Path) -> Result<Option<Stamp>, Error> {
        sealed::read_stamp(&dir.join(NAME), MAGIC)
    }

    /// Makes this the store's manifest, unless it is one that could not be read again: with tombstones of files that
    /// are not there, a segment named twice, a name that leads elsewhere.
    pub(crate) fn replace(&self, disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
        let body = self.encode();
        if decode(self.stamp(), &body).as_ref() != Some(self) {
            return Err(Error::corrupt(
                &dir.join(NAME),
                "the new manifest contradicts itself",
            ));
        }
        sealed::replace(disk, dir, NAME, MAGIC, self.stamp(), &body)
    }

    /// This manifest as the commit that follows `previous`, or as a new store's first.
    pub(crate) fn following(&self, previous: Option<Stamp>) -> Manifest {
        let stamp = match previous {
            Some(Stamp { store_id, generation }) => Stamp {
                store_id,
                generation: generation.wrapping_add(1),
            },
            None => Stamp {
                store_id: unique::number(),
                generation: 1,
            },
        };
        let (store_id, generation) = (stamp.store_id, stamp.generation);
        Manifest {
            store_id,
            generation,
            written_ns: unique::now_ns(),
            ..self.clone()
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_bytes(&mut out, &self.root);
        out.extend_from_slice(&self.options.to_le_bytes());
        out.extend_from_slice(&self.written_ns.to_le_bytes());
        out.extend_from_slice(&length(self.segments.len()));
        self.segments.iter().for_each(|segment| segment.encode(&mut out));
        out
    }
}

impl SegmentEntry {
    /// Entries of the file table that count.
    pub fn live_files(&self) -> u64 {
        u64::from(self.files).saturating_sub(self.tombstones.len())
    }

    pub(crate) fn part(&self, kind: PartKind) -> Option<&PartEntry> {
        self.parts.iter().find(|part| part.kind == kind)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.name.as_bytes());
        out.extend_from_slice(&self.files.to_le_bytes());
        out.extend_from_slice(&self.blocks.to_le_bytes());
        out.extend_from_slice(&self.text_bytes.to_le_bytes());
        out.push(self.parts.len() as u8);
        for part in &self.parts {
            out.push(part.kind.code());
            out.extend_from_slice(&part.length.to_le_bytes());
            out.extend_from_slice(&part.checksum.to_le_bytes());
        }
        out.extend_from_slice(&length(self.tombstones.serialized_size()));
        self.tombstones
            .serialize_into(out)
            .expect("memory takes what is written to it");
    }
}

fn decode(stamp: Stamp, body: &[u8]) -> Option<Manifest> {
    let mut fields = Fields::new(body);
    let mut manifest = Manifest {
        store_id: stamp.store_id,
        generation: stamp.generation,
        root: fields.long_bytes()?.to_vec(),
        options: fields.u64()?,
        written_ns: fields.u64()? as i64,
        segments: Vec::new(),
    };
    let mut names = HashSet::new();
    for _ in 0..fields.u32()? {
        let segment = decode_segment(&mut fields)?;
        names.insert(segment.name.clone()).then_some(())?;
        manifest.segments.push(segment);
    }
    fields.is_empty().then_some(manifest)
}

fn decode_segment(fields: &mut Fields<'_>) -> Option<SegmentEntry> {
    let name = str::from_utf8(fields.long_bytes()?)
        .ok()
        .filter(|name| is_segment_name(name))?;
    let (files, blocks, text_bytes) = (fields.u32()?, fields.u32()?, fields.u64()?);
    let mut parts = Vec::new();
    for _ in 0..fields.u8()? {
        let kind = PartKind::from_code(fields.u8()?)?;
        parts.push(PartEntry {
            kind,
            length: fields.u64()?,
            checksum: fields.u32()?,
        });
    }
    let mut tombstones = fields.long_bytes()?;
    let tombstones = RoaringBitmap::deserialize_from(&mut tombstones).ok()?;
    tombstones.max().is_none_or(|last| last < files).then_some(())?;
    Some(SegmentEntry {
        name: name.to_string(),
        parts,
        files,
        blocks,
        text_bytes,
        tombstones,
    })
}

/// Whether `name` can only be a folder directly below `segments`.
pub(crate) fn is_segment_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length(bytes.len()));
    out.extend_from_slice(bytes);
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length)
        .expect("a manifest's fields are below 4 GiB")
        .to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segments() -> impl Strategy<Value = Vec<SegmentEntry>> {
        let numbers = (1u32..1000, any::<u32>(), any::<u64>());
        let part = (
            prop::sample::select(&PartKind::ALL[..]),
            any::<u64>(),
            any::<u32>(),
        );
        let segment = (
            numbers,
            prop::collection::vec(part, 0..4),
            prop::collection::vec(any::<u32>(), 0..50),
        );
        prop::collection::vec(segment, 0..5).prop_map(|segments| {
            let entry =
                |(index, ((files, blocks, text_bytes), parts, dead)): (usize, (_, Vec<_>, Vec<u32>))| {
                    let parts = parts.into_iter().map(|(kind, length, checksum)| PartEntry {
                        kind,
                        length,
                        checksum,
                    });
                    SegmentEntry {
                        name: format!("{index:x}-segment"),
                        parts: parts.collect(),
                        files,
                        blocks,
                        text_bytes,
                        tombstones: dead.into_iter().map(|id| id % files).collect(),
                    }
                };
            segments.into_iter().enumerate().map(entry).collect()
        })
    }

    proptest! {
        #[test]
        fn a_manifest_comes_back(
            segments in segments(),
            root in prop::collection::vec(any::<u8>(), 0..40),
            options: u64,
            written_ns: i64,
        ) {
            let manifest = Manifest { store_id: 7, generation: 9, written_ns, root, options, segments };
            let body = manifest.encode();
            prop_assert_eq!(decode(manifest.stamp(), &body), Some(manifest.clone()));
            for end in 0..body.len() {
                prop_assert_eq!(decode(manifest.stamp(), &body[..end]), None);
            }
        }

        #[test]
        fn any_bytes_are_safe_to_decode(body in prop::collection::vec(any::<u8>(), 0..200)) {
            decode(Stamp { store_id: 0, generation: 0 }, &body);
        }
    }

    #[test]
    fn a_name_cannot_leave_the_segments_folder() {
        for name in ["", ".", "..", "a/b", "a\\b", "c:", "a.b", "é", &"x".repeat(65)] {
            assert!(!is_segment_name(name), "{name}");
        }
        assert!(is_segment_name("0123456789abcdef"));
    }
}
