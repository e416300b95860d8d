//! One file whose output is passed on while it is searched.
//!
//! `grep-searcher` pushes results and [`Run::next`](crate::Run::next) is pulled, so the search has a thread of its own,
//! which waits whenever two pieces wait for the caller. Closing the stream ends the search at its next read or write. A
//! thread that may be stuck in a read (of standard input, of a pipe) is left to itself then; others are joined.

use std::io;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use quern_walk::{Cancel, Stopped};

use crate::error::{Error, ErrorKind};
use crate::feed::Stop;
use crate::haystack::Haystack;
use crate::page::Out;
use crate::search::Search;
use crate::worker::Outcome;

/// How often a waiting caller looks whether it was cancelled.
const PATIENCE: Duration = Duration::from_millis(20);
/// Pieces that wait for the caller.
const QUEUE: usize = 2;

/// A search in progress.
pub(crate) struct Stream {
    pub haystack: Haystack,
    pieces: Option<Receiver<Vec<u8>>>,
    thread: Option<JoinHandle<Outcome>>,
    stop: Stop,
    may_block: bool,
}

/// What a stream gives.
pub(crate) enum Event {
    /// More output, never empty.
    Bytes(Vec<u8>),
    /// The end, with the rest of the output.
    End(Outcome),
}

impl Stream {
    pub fn open(search: &Arc<Search>, haystack: Haystack, cancel: Cancel) -> Result<Stream, Error> {
        let stop = Stop::new(cancel);
        let mut worker = search.worker(stop.clone())?;
        let may_block = haystack.is_stream();
        let (sender, pieces) = mpsc::sync_channel(QUEUE);
        let (searched, stopped) = (haystack.clone(), stop.clone());
        let thread = thread::Builder::new()
            .name("quern-stream".into())
            .spawn(move || {
                let outcome = worker.search(&searched, Out::sent(sender, stopped));
                Outcome {
                    out: outcome.out.close(),
                    ..outcome
                }
            })
            .map_err(|error| Error::new(ErrorKind::Thread(error)))?;
        Ok(Stream {
            haystack,
            pieces: Some(pieces),
            thread: Some(thread),
            stop,
            may_block,
        })
    }

    /// Waits for the next event; after [`Event::End`] there is none.
    pub fn next(&mut self) -> Result<Event, Stopped> {
        loop {
            self.stop.cancel.check()?;
            let piece = match &self.pieces {
                Some(pieces) => pieces.recv_timeout(PATIENCE),
                None => Err(RecvTimeoutError::Disconnected),
            };
            match piece {
                Ok(bytes) => return Ok(Event::Bytes(bytes)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Event::End(self.join())),
            }
        }
    }

    fn join(&mut self) -> Outcome {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(outcome)) => outcome,
            Some(Err(panicked)) => panic::resume_unwind(panicked),
            None => Outcome {
                result: Err(io::ErrorKind::BrokenPipe.into()),
                out: Out::closed(),
            },
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.close();
        self.pieces = None;
        if let Some(thread) = self.thread.take().filter(|_| !self.may_block) {
            let _ = thread.join();
        }
    }
}
