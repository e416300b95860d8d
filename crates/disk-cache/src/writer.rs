//! The thread through which a process changes a cache: it joins the changes that wait into one commit, because each
//! commit waits for the disk.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use crate::change::{Action, Change};
use crate::error::{Error, ErrorKind};
use crate::store::Store;

/// Changes joined into one commit, at most; in a small cache one for each [`SHARE`], since each takes new pages for some that it
/// changes.
const BATCH: usize = 256;
/// Bytes of the file for each change of a commit.
const SHARE: u64 = 64 << 10;
/// Bytes of values that may wait to be written.
const MAX_WAITING: usize = 64 << 20;

/// How often half of the cache is given up for a value. Pages that one commit frees serve from the next but one on.
const HALVINGS: usize = 8;

/// Called on the writer's thread once a change is made, or failed.
type Done = Box<dyn FnOnce(Result<u64, Error>) + Send>;

pub(crate) struct Writer {
    jobs: Sender<Job>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

struct Job {
    change: Change,
    now: u64,
    bytes: usize,
    /// Why the change is not made as it was asked for.
    refused: Option<Error>,
    /// `None` once it was called.
    done: Option<Done>,
    store: Arc<Store>,
}

impl Writer {
    pub fn start(store: Arc<Store>) -> Result<Writer, Error> {
        let (jobs, received) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let dir = store.dir.clone();
        let work = {
            let waiting = Arc::clone(&waiting);
            move || run(&store, &received, &waiting)
        };
        let thread = thread::Builder::new()
            .name("quern-disk-cache".to_owned())
            .spawn(work);
        Ok(Writer {
            jobs,
            waiting,
            thread: Some(thread.map_err(|error| Error::io(&dir, &error))?),
        })
    }

    /// Hands a change over. A value that is refused, because it is larger than an eighth of the cache or because too many bytes
    /// wait, at least takes what its key has with it.
    pub fn submit(&self, store: &Arc<Store>, change: Change, now: u64, done: Done) {
        let refused = self.refusal(store, &change);
        let change = match (change, &refused) {
            (Change(Action::Put { hash, .. }), Some(_)) => Change(Action::Delete(hash)),
            (change, _) => change,
        };
        let bytes = change.bytes();
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let job = Job {
            change,
            now,
            bytes,
            refused,
            done: Some(done),
            store: Arc::clone(store),
        };
        // A job that nobody takes says so when it is dropped.
        self.jobs.send(job).ok();
    }

    fn refusal(&self, store: &Store, change: &Change) -> Option<Error> {
        let Change(Action::Put { record, .. }) = change else {
            return None;
        };
        let (bytes, size) = (change.bytes(), store.size);
        let said = if bytes as u64 > size / 8 {
            let most = size / 8;
            format!(
                "a value of {} bytes is not kept: at most {most}, an eighth of the cache",
                record.len()
            )
        } else if self.waiting.load(Ordering::Relaxed) + bytes > MAX_WAITING {
            format!("a value is not kept: {MAX_WAITING} bytes wait to be written already")
        } else {
            return None;
        };
        Some(Error::new(ErrorKind::Full, &store.dir, said))
    }
}

impl Drop for Writer {
    /// Waits until what was handed over is done.
    fn drop(&mut self) {
        drop(mem::replace(&mut self.jobs, mpsc::channel().0));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn run(store: &Store, received: &Receiver<Job>, waiting: &AtomicUsize) {
    // A share of the file, so that what a commit writes fits beside what it replaces.
    let most = usize::try_from(store.size / 16).unwrap_or(usize::MAX);
    let count = usize::try_from(store.size / SHARE).map_or(BATCH, |count| count.min(BATCH));
    while let Ok(first) = received.recv() {
        let mut bytes = first.bytes;
        let mut batch = vec![first];
        while batch.len() < count && bytes < most {
            let Ok(job) = received.try_recv() else {
                break;
            };
            bytes += job.bytes;
            batch.push(job);
        }
        commit(store, batch);
        waiting.fetch_sub(bytes, Ordering::Relaxed);
    }
    if store.is_touched() {
        store.write(&[(&Change(Action::Touch), 0)]).ok();
    }
}

fn commit(store: &Store, batch: Vec<Job>) {
    let changes: Vec<_> = batch.iter().map(|job| (&job.change, job.now)).collect();
    match store.write(&changes) {
        Ok(counts) => batch
            .into_iter()
            .zip(counts)
            .for_each(|(job, count)| job.end(Ok(count))),
        Err(_) => batch.into_iter().for_each(|job| {
            let made = alone(store, &job.change, job.now);
            job.end(made);
        }),
    }
}

/// Makes a change by itself, if need be after much else went. If a value cannot be written, what its key has is out
/// of date and goes.
fn alone(store: &Store, change: &Change, now: u64) -> Result<u64, Error> {
    let write = || store.write(&[(change, now)]).map(|counts| counts.iter().sum());
    let mut made = write();
    for _ in 0..HALVINGS {
        match &made {
            Err(error) if error.kind() == ErrorKind::Full => {}
            _ => break,
        }
        made = store.halve().and_then(|()| write());
    }
    if let (Err(_), Action::Put { hash, .. }) = (&made, &change.0) {
        store.write(&[(&Change(Action::Delete(*hash)), now)]).ok();
    }
    made
}

impl Job {
    fn end(mut self, made: Result<u64, Error>) {
        let made = match self.refused.take() {
            Some(refused) => made.and(Err(refused)),
            None => made,
        };
        if let Some(done) = self.done.take() {
            done(made);
        }
    }
}

impl Drop for Job {
    /// A fault ends the thread; nobody is to wait for what it had before it.
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            let said = "a fault has ended the thread that writes; close the cache and open it again";
            done(Err(Error::new(ErrorKind::Io, &self.store.dir, said)));
        }
    }
}
