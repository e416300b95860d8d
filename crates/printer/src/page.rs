//! Where printers write: bytes in memory, with or without ANSI colours.
//!
//! A page is either held, with a bound on its size, or sent on in pieces. Either way memory is bounded whatever the file:
//! a held page that would grow too long fails the search that writes it, and that file is searched again for a page that
//! is sent.

use std::io::{self, Write};
use std::sync::mpsc::SyncSender;

use termcolor::{Ansi, ColorSpec, HyperlinkSpec, NoColor, WriteColor};

use crate::feed::Stop;

/// The size of what is sent at once, in bytes.
pub(crate) const PIECE: usize = 256 << 10;

/// Writes between two looks at whether to stop. One write can be slow: `--vimgrep --max-columns` costs ripgrep's printer
/// the square of a line's matches.
const WRITES_UNCHECKED: u32 = 256;

/// A destination that knows whether it takes colours.
#[derive(Debug)]
pub(crate) enum Page {
    Plain(NoColor<Out>),
    Colored(Ansi<Out>),
}

impl Page {
    pub fn new(color: bool, out: Out) -> Page {
        if color {
            Page::Colored(Ansi::new(out))
        } else {
            Page::Plain(NoColor::new(out))
        }
    }

    /// Puts `out` in place of what was written to.
    pub fn replace(&mut self, out: Out) -> Out {
        let current = match self {
            Page::Plain(page) => page.get_mut(),
            Page::Colored(page) => page.get_mut(),
        };
        std::mem::replace(current, out)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Page::Plain(page) => page.into_inner().bytes,
            Page::Colored(page) => page.into_inner().bytes,
        }
    }

    fn inner(&mut self) -> &mut dyn WriteColor {
        match self {
            Page::Plain(page) => page,
            Page::Colored(page) => page,
        }
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Page::Plain(page) => page.write(bytes),
            Page::Colored(page) => page.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteColor for Page {
    fn supports_color(&self) -> bool {
        matches!(self, Page::Colored(_))
    }

    fn supports_hyperlinks(&self) -> bool {
        matches!(self, Page::Colored(_))
    }

    fn set_color(&mut self, spec: &ColorSpec) -> io::Result<()> {
        self.inner().set_color(spec)
    }

    fn set_hyperlink(&mut self, link: &HyperlinkSpec) -> io::Result<()> {
        self.inner().set_hyperlink(link)
    }

    fn reset(&mut self) -> io::Result<()> {
        self.inner().reset()
    }
}

/// The bytes themselves.
#[derive(Debug)]
pub(crate) struct Out {
    pub bytes: Vec<u8>,
    room: Room,
    stop: Stop,
    writes: u32,
    /// More was written than there was room for.
    pub overflowed: bool,
}

#[derive(Debug)]
enum Room {
    Held { limit: usize },
    Sent { to: SyncSender<Vec<u8>> },
}

impl Out {
    /// Keeps at most `limit` bytes. Fails once `stop` says so.
    pub fn held(limit: usize, stop: Stop) -> Out {
        Out::new(Room::Held { limit }, stop)
    }

    /// Takes nothing.
    pub fn closed() -> Out {
        Out::held(0, Stop::default())
    }

    /// Sends on every [`PIECE`] bytes; less than that stays in `bytes`.
    pub fn sent(to: SyncSender<Vec<u8>>, stop: Stop) -> Out {
        Out::new(Room::Sent { to }, stop)
    }

    fn new(room: Room, stop: Stop) -> Out {
        Out {
            bytes: Vec::new(),
            room,
            stop,
            writes: 0,
            overflowed: false,
        }
    }

    /// Nothing more will be written: the receiver of the pieces learns that there are no more.
    pub fn close(self) -> Out {
        Out {
            room: Room::Held { limit: 0 },
            ..self
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes = self.writes.wrapping_add(1);
        if self.writes.is_multiple_of(WRITES_UNCHECKED) {
            self.stop.check()?;
        }
        match &self.room {
            Room::Held { limit } if self.bytes.len() + bytes.len() > *limit => {
                self.overflowed = true;
                return Err(io::Error::other("more output than is held at once"));
            }
            Room::Held { .. } => self.bytes.extend_from_slice(bytes),
            Room::Sent { to } => {
                for part in bytes.chunks(PIECE) {
                    self.bytes.extend_from_slice(part);
                    if self.bytes.len() >= PIECE {
                        let piece = std::mem::take(&mut self.bytes);
                        to.send(piece)
                            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
                    }
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_held_page_fails_instead_of_growing() {
        let mut out = Out::held(4, Stop::default());
        out.write_all(b"1234").unwrap();
        out.write_all(b"").unwrap();
        assert!(out.write_all(b"5").is_err() && out.overflowed);
        assert_eq!(out.bytes, b"1234");
    }

    #[test]
    fn a_page_fails_once_it_is_stopped() {
        let stop = Stop::default();
        let mut out = Out::held(1000, stop.clone());
        stop.close();
        let written = (0..1000).take_while(|_| out.write_all(b"x").is_ok()).count();
        assert!(written < 1000 && !out.overflowed);
    }

    #[test]
    fn a_sent_page_keeps_less_than_a_piece() {
        let (sender, pieces) = mpsc::sync_channel(9);
        let mut out = Out::sent(sender, Stop::default());
        out.write_all(&vec![b'x'; 3 * PIECE]).unwrap();
        out.write_all(b"rest").unwrap();
        assert_eq!(out.bytes, b"rest");
        assert_eq!(
            pieces.try_iter().map(|piece| piece.len()).sum::<usize>(),
            3 * PIECE
        );
        drop(pieces);
        assert!(out.write_all(&vec![b'x'; PIECE]).is_err());
    }
}
