//! The file that a worker is reading.

use std::fs::File;
use std::sync::Arc;
use std::time::SystemTime;

use quern_store::FileStat;
use quern_text::{Encoding, Language, Window};
use quern_walk::FileMeta;
use xxhash_rust::xxh3::Xxh3Default;

use crate::build::Growth;
use crate::build::large::Piece;
use crate::packed;
use crate::racy;
use crate::snapshot::flags;

/// The first bytes of a file that may name its language.
pub(super) const FIRST_LINE: usize = 256;

/// The file being read.
pub(super) struct FileInProgress<'a> {
    pub stored: &'a [u8],
    pub stat: FileStat,
    pub encoding: Encoding,
    pub language: Language,
    pub flags: u8,
    pub hasher: Xxh3Default,
    /// Where reading begins: at a piece, or behind what is indexed already.
    pub start: u64,
    /// Lines before the part being read, and in it.
    pub base_line: u64,
    pub lines: u64,
    pub base_offset: u64,
    pub blocks: u32,
    pub part: u32,
    /// Which piece of the file, if it has several.
    pub piece: Option<&'a Piece<'a>>,
    /// It is a compressed log: what is ranked of it is the text that its bytes stand for.
    pub is_packed: bool,
    /// The content, if it was given.
    pub given: Option<&'a Arc<[u8]>>,
}

impl<'a> FileInProgress<'a> {
    pub fn new(stored: &'a [u8]) -> FileInProgress<'a> {
        FileInProgress {
            stored,
            stat: FileStat::default(),
            encoding: Encoding::Bytes,
            language: Language::of(stored, b""),
            flags: 0,
            hasher: Xxh3Default::new(),
            start: 0,
            base_line: 0,
            lines: 0,
            base_offset: 0,
            blocks: 0,
            part: 0,
            piece: None,
            is_packed: false,
            given: None,
        }
    }

    /// Goes on behind what is indexed already.
    pub fn resume(&mut self, growth: &Growth, place: u64) {
        self.start = place;
        self.base_offset = place;
        self.base_line = growth.lines;
        self.part = growth.index;
        self.flags = growth.flags;
        self.language = growth.language;
    }

    /// Looks at the first window for a shebang, and for what begins a compressed log.
    pub fn begin(&mut self, window: &Window<'_>) {
        if window.offset > 0 {
            return;
        }
        if let Some(language) = packed::log_language(self.stored, window.text) {
            self.is_packed = true;
            self.language = language;
        }
        if window.text.starts_with(b"#!") {
            let first = &window.text[..window.text.len().min(FIRST_LINE)];
            self.language = Language::of(self.stored, first);
        }
    }

    /// Marks a file that changed since reading it began, or could have without a trace.
    pub fn settle(&mut self, opened: &File, before: &FileMeta, start: SystemTime) {
        let after = opened
            .metadata()
            .map(|metadata| FileMeta::from_metadata(&metadata))
            .ok();
        if after.as_ref() != Some(before) || racy::is_racy(before, start) {
            self.flags |= flags::RACY;
        }
    }

    /// Goes on in the next segment.
    pub fn next_part(&mut self, offset: u64) {
        self.part += 1;
        self.base_line += self.lines;
        self.base_offset = offset;
        self.lines = 0;
        self.blocks = 0;
        self.hasher = Xxh3Default::new();
    }
}
