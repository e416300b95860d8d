//! inotify: one watch for each folder.
//!
//! A watch belongs to the folder itself, whatever it is called at the time, so what a descriptor stands for is held in
//! [`Watches`] and corrected in three ways. An entry that is created, removed or renamed is no longer the folder that was
//! known by that name: its watches, and those of what was below it, are given up. Adding a folder always asks the
//! kernel, which answers with the descriptor it has if the folder is watched already: if that is not the one that is
//! noted for the name, the name is noted anew. And a name that shares a descriptor with another is checked for still
//! being that folder; if it is (a bind mount), events are told for both.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::{PipeReader, PipeWriter, pipe};
use std::mem::MaybeUninit;
use std::ops::Bound;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::{Seen, Sink, Wake};
use crate::drive;
use crate::options::PollReason;

/// A name that came, went or now is something else.
const REPLACED: ReadFlags = ReadFlags::CREATE
    .union(ReadFlags::DELETE)
    .union(ReadFlags::MOVED_FROM)
    .union(ReadFlags::MOVED_TO);

/// A watched folder that is not where it was.
const SELF_GONE: ReadFlags = ReadFlags::DELETE_SELF
    .union(ReadFlags::MOVE_SELF)
    .union(ReadFlags::UNMOUNT)
    .union(ReadFlags::IGNORED);

/// The end of writing tells of writes through a memory map, which make no event of their own. Opening and reading are
/// left out, or our own searches would fill the kernel's queue.
fn wanted() -> WatchFlags {
    WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        | WatchFlags::MODIFY
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::ATTRIB
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::EXCL_UNLINK
        | WatchFlags::ONLYDIR
}

/// The service.
pub(crate) struct Service {
    inner: Arc<Inner>,
    /// Closing it ends the thread.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    root: PathBuf,
    fd: OwnedFd,
    watches: Mutex<Watches>,
    /// Events are read and told one reader at a time, so that they keep their order.
    reading: Mutex<Vec<MaybeUninit<u8>>>,
    sink: Sink,
}

/// What descriptors stand for.
#[derive(Default)]
struct Watches {
    folders: BTreeMap<PathBuf, i32>,
    names: HashMap<i32, Vec<PathBuf>>,
}

impl Service {
    pub(crate) fn start(root: &Path, sink: Sink, wake: Wake) -> Result<Service, PollReason> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(|errno| refusal(errno, true).unwrap_or(PollReason::Unsupported))?;
        let (stopped, stop) = pipe().map_err(|_| PollReason::WatchLimit)?;
        let inner = Arc::new(Inner {
            root: root.to_path_buf(),
            fd,
            watches: Mutex::default(),
            reading: Mutex::new(vec![MaybeUninit::uninit(); 64 << 10]),
            sink,
        });
        let thread = std::thread::Builder::new().name("quern-watch".into()).spawn({
            let inner = Arc::clone(&inner);
            move || inner.run(&stopped, &wake)
        });
        let service = Service {
            inner,
            stop: Some(stop),
            thread: Some(thread.map_err(|_| PollReason::Unsupported)?),
        };
        // Whatever the caller has to add: without the root nothing can be relied on.
        service.add(root, true)?;
        Ok(service)
    }

    /// Watches a folder. Whether it was not yet. `trusted`: even on a remote drive.
    pub(crate) fn add(&self, folder: &Path, trusted: bool) -> Result<bool, PollReason> {
        let mut watches = lock(&self.inner.watches);
        let descriptor = match inotify::add_watch(&self.inner.fd, folder, wanted()) {
            Ok(descriptor) => descriptor,
            Err(errno) => {
                watches.forget(folder, &self.inner.fd);
                // Gone, something else by now, or closed to us: its parent tells when that changes.
                return refusal(errno, folder == self.inner.root).map_or(Ok(false), Err);
            }
        };
        if watches.folders.get(folder) == Some(&descriptor) {
            return Ok(false);
        }
        let moved = watches.note(folder, descriptor, &self.inner.fd);
        drop(watches);
        for path in moved {
            (self.inner.sink)(Seen::Path(path));
        }
        if !trusted && drive::is_remote(folder) {
            return Err(PollReason::NetworkDrive);
        }
        Ok(true)
    }

    /// Tells what the kernel has in store at this moment. Whether to wake.
    pub(crate) fn drain(&self) -> bool {
        self.inner.read()
    }

    pub(crate) fn folders(&self) -> u64 {
        lock(&self.inner.watches).folders.len() as u64
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // The thread itself drops it only if `wake` does, against the rules; it must not wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Inner {
    fn run(&self, stopped: &PipeReader, wake: &Wake) {
        loop {
            let mut ready = [
                PollFd::new(stopped, PollFlags::empty()),
                PollFd::new(&self.fd, PollFlags::IN),
            ];
            match poll(&mut ready, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => {
                    (self.sink)(Seen::End(PollReason::Unsupported));
                    return wake();
                }
            }
            if !ready[0].revents().is_empty() {
                return;
            }
            if self.read() {
                wake();
            }
        }
    }

    /// Reads until nothing is left. Whether to wake.
    fn read(&self) -> bool {
        let mut buffer = lock(&self.reading);
        let mut events = inotify::Reader::new(&self.fd, &mut buffer);
        let mut woken = false;
        loop {
            match events.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
                    for seen in self.meaning(event.wd(), event.events(), name) {
                        woken |= (self.sink)(seen);
                    }
                }
                Err(Errno::AGAIN) => return woken,
                Err(Errno::INTR) => {}
                Err(_) => return (self.sink)(Seen::End(PollReason::Unsupported)) | woken,
            }
        }
    }

    fn meaning(&self, descriptor: i32, flags: ReadFlags, name: Option<&OsStr>) -> Vec<Seen> {
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            return vec![Seen::Overflow];
        }
        let mut watches = lock(&self.watches);
        let Some(folders) = watches.names.get(&descriptor) else {
            return Vec::new();
        };
        let paths: Vec<PathBuf> = folders
            .iter()
            .map(|folder| name.map_or_else(|| folder.clone(), |name| folder.join(name)))
            .collect();
        let replaced = if name.is_some() { REPLACED } else { SELF_GONE };
        if flags.intersects(replaced) {
            for path in &paths {
                watches.forget(path, &self.fd);
            }
        }
        // Nobody tells when there is a root again.
        let end = name.is_none() && flags.intersects(SELF_GONE) && paths.contains(&self.root);
        let end = end.then_some(Seen::End(PollReason::Unsupported));
        paths.into_iter().map(Seen::Path).chain(end).collect()
    }
}

impl Watches {
    /// Gives up what is watched at and below `path`.
    fn forget(&mut self, path: &Path, fd: &OwnedFd) {
        let gone: Vec<(PathBuf, i32)> = self
            .folders
            .range::<Path, _>((Bound::Included(path), Bound::Unbounded))
            .take_while(|(folder, _)| folder.starts_with(path))
            .map(|(folder, descriptor)| (folder.clone(), *descriptor))
            .collect();
        for (folder, descriptor) in gone {
            self.folders.remove(&folder);
            self.unname(&folder, descriptor, fd);
        }
    }

    fn unname(&mut self, folder: &Path, descriptor: i32, fd: &OwnedFd) {
        let Some(names) = self.names.get_mut(&descriptor) else {
            return;
        };
        names.retain(|name| name != folder);
        if names.is_empty() {
            self.names.remove(&descriptor);
            // Fails where the kernel has given it up already, together with the folder.
            let _ = inotify::remove_watch(fd, descriptor);
        }
    }

    /// `folder` has this descriptor. Gives back the names that it had until it was moved.
    fn note(&mut self, folder: &Path, descriptor: i32, fd: &OwnedFd) -> Vec<PathBuf> {
        if let Some(former) = self.folders.insert(folder.to_path_buf(), descriptor) {
            self.unname(folder, former, fd);
        }
        let names = self.names.entry(descriptor).or_default();
        let (kept, moved): (Vec<_>, Vec<_>) = std::mem::take(names)
            .into_iter()
            .partition(|name| is_same(name, folder));
        *names = kept;
        names.push(folder.to_path_buf());
        for name in &moved {
            self.folders.remove(name);
            self.forget(name, fd);
        }
        moved
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path| {
        fs::metadata(path)
            .map(|metadata| (metadata.dev(), metadata.ino()))
            .ok()
    };
    identity(one).is_some_and(|found| Some(found) == identity(other))
}

/// What it means that a folder cannot be watched; `None`: nothing.
fn refusal(errno: Errno, is_root: bool) -> Option<PollReason> {
    match errno {
        Errno::NOSPC | Errno::NOMEM | Errno::MFILE | Errno::NFILE => Some(PollReason::WatchLimit),
        _ => is_root.then_some(PollReason::Unsupported),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rustix::io::Errno;

    use super::{Service, lock, refusal};
    use crate::options::PollReason;
    use crate::system::Seen;

    /// More events than the kernel keeps, made in `folder` while nobody reads them. Equal ones in a row are kept as one.
    fn flood(folder: &Path) {
        let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
        let mut files = ["x", "y"].map(|name| fs::File::create(folder.join(name)).unwrap());
        for round in 0..most.trim().parse::<usize>().unwrap() {
            files[round % 2].write_all(b"1").unwrap();
        }
    }

    #[test]
    fn what_the_kernel_could_not_keep_is_told_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let [a, b] = ["a", "b"].map(|name| root.join(name));
        fs::create_dir(&a).unwrap();
        let (sink, seen) = channel();
        let sink = Box::new(move |seen| sink.send(seen).is_err());
        let service = Service::start(root, sink, Box::new(|| {})).unwrap();
        assert_eq!(service.add(&a, true), Ok(true));
        let reading = lock(&service.inner.reading);
        flood(root);
        // Nothing will tell of these.
        fs::rename(&a, &b).unwrap();
        fs::create_dir(&a).unwrap();
        drop(reading);
        service.drain();
        let told: Vec<Seen> = seen.try_iter().collect();
        assert!(told.contains(&Seen::Overflow));
        assert!(!told.contains(&Seen::Path(b.clone())));
        // A walk of everything finds both.
        assert_eq!(
            (service.add(&a, true), service.add(&b, true)),
            (Ok(true), Ok(true))
        );
        assert_eq!(
            (service.add(&a, true), service.add(&b, true)),
            (Ok(false), Ok(false))
        );
        for file in [a.join("1"), b.join("2")] {
            fs::write(&file, "1").unwrap();
            let told = || seen.recv_timeout(Duration::from_secs(20)).unwrap();
            while told() != Seen::Path(file.clone()) {}
        }
    }

    #[test]
    fn no_more_watches_is_the_watch_limit() {
        for errno in [Errno::NOSPC, Errno::MFILE, Errno::NFILE, Errno::NOMEM] {
            assert_eq!(refusal(errno, false), Some(PollReason::WatchLimit));
        }
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOTDIR, Errno::NAMETOOLONG] {
            assert_eq!(refusal(errno, false), None);
            assert_eq!(refusal(errno, true), Some(PollReason::Unsupported));
        }
    }
}
