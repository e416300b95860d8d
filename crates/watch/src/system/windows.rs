//! `ReadDirectoryChangesW` on the root, with all that is below it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use windows_sys::Win32::Foundation::{ERROR_NOTIFY_ENUM_DIR, HANDLE};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ACTION_MODIFIED, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_HIDDEN, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OVERLAPPED, FILE_LIST_DIRECTORY, FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_NOTIFY_CHANGE_CREATION,
    FILE_NOTIFY_CHANGE_DIR_NAME, FILE_NOTIFY_CHANGE_FILE_NAME, FILE_NOTIFY_CHANGE_LAST_WRITE,
    FILE_NOTIFY_CHANGE_SECURITY, FILE_NOTIFY_CHANGE_SIZE, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, ReadDirectoryChangesW,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};

use super::known::{Kind, Known, before_short_name};
use super::records::records;
use super::{Seen, Sink, Wake};
use crate::options::PollReason;

const WANTED: u32 = FILE_NOTIFY_CHANGE_FILE_NAME
    | FILE_NOTIFY_CHANGE_DIR_NAME
    | FILE_NOTIFY_CHANGE_ATTRIBUTES
    | FILE_NOTIFY_CHANGE_SIZE
    | FILE_NOTIFY_CHANGE_LAST_WRITE
    | FILE_NOTIFY_CHANGE_CREATION
    | FILE_NOTIFY_CHANGE_SECURITY;

/// 64 KiB, the most that works on every drive; in words, because the system wants it aligned.
const BUFFER_WORDS: usize = 16 << 10;

/// The service.
pub(crate) struct Service {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

struct Inner {
    root: PathBuf,
    folder: File,
    known: Known,
    stopped: AtomicBool,
    sink: Sink,
    wake: Wake,
}

impl Service {
    pub(crate) fn start(root: &Path, sink: Sink, wake: Wake) -> Result<Service, PollReason> {
        let folder = OpenOptions::new()
            .access_mode(FILE_LIST_DIRECTORY)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED)
            .open(root)
            .map_err(|_| PollReason::Unsupported)?;
        let inner = Arc::new(Inner {
            root: root.to_path_buf(),
            folder,
            known: Known::default(),
            stopped: AtomicBool::new(false),
            sink,
            wake,
        });
        inner.known.add(root);
        // The system keeps changes only from the first request on.
        let (begun, wait) = sync_channel(1);
        let thread = std::thread::Builder::new().name("quern-watch".into()).spawn({
            let inner = Arc::clone(&inner);
            move || inner.run(&begun)
        });
        let service = Service {
            inner,
            thread: Some(thread.map_err(|_| PollReason::Unsupported)?),
        };
        match wait.recv() {
            Ok(true) => Ok(service),
            _ => Err(PollReason::Unsupported),
        }
    }

    /// Whether the folder is new. One drive holds them all, so `trusted` says nothing here. A closed folder stays
    /// unknown, so that it is told of when it is opened.
    pub(crate) fn add(&self, folder: &Path, _trusted: bool) -> Result<bool, PollReason> {
        let known = &self.inner.known;
        Ok(!known.contains(folder) && fs::read_dir(folder).is_ok() && known.add(folder))
    }

    /// The system cannot be asked what it has in store.
    pub(crate) fn drain(&self) -> bool {
        false
    }

    pub(crate) fn folders(&self) -> u64 {
        self.inner.known.len()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.inner.stopped.store(true, Ordering::SeqCst);
        let Some(thread) = self.thread.take() else {
            return;
        };
        if thread.thread().id() == std::thread::current().id() {
            return;
        }
        // The thread may be between two requests, when there is nothing to cancel: again until it has ended.
        while !thread.is_finished() {
            // SAFETY: the handle is open as long as `inner` lives.
            unsafe { CancelIoEx(self.inner.handle(), std::ptr::null()) };
            std::thread::yield_now();
        }
        let _ = thread.join();
    }
}

impl Inner {
    fn handle(&self) -> HANDLE {
        self.folder.as_raw_handle()
    }

    fn run(&self, begun: &SyncSender<bool>) {
        let mut buffer = vec![0u32; BUFFER_WORDS];
        let mut first = Some(begun);
        while !self.stopped.load(Ordering::SeqCst) {
            let read = self.read(&mut buffer, first.take());
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let woken = match read {
                Ok(bytes) => self.tell(&bytes),
                Err(error) if error.raw_os_error() == Some(ERROR_NOTIFY_ENUM_DIR as i32) => {
                    (self.sink)(Seen::Overflow)
                }
                // The root is gone, or the drive.
                Err(_) => {
                    (self.sink)(Seen::End(PollReason::Unsupported));
                    return (self.wake)();
                }
            };
            if woken {
                (self.wake)();
            }
        }
    }

    /// Waits for changes. Tells `begun` whether the request could be made.
    fn read(&self, buffer: &mut [u32], begun: Option<&SyncSender<bool>>) -> io::Result<Vec<u8>> {
        let mut request = OVERLAPPED::default();
        let size = size_of_val(buffer) as u32;
        // SAFETY: the buffer and the request outlive the operation, because the call below waits for its end.
        let is_made = unsafe {
            ReadDirectoryChangesW(
                self.handle(),
                buffer.as_mut_ptr().cast(),
                size,
                1,
                WANTED,
                std::ptr::null_mut(),
                &mut request,
                None,
            )
        } != 0;
        let error = io::Error::last_os_error();
        if let Some(begun) = begun {
            let _ = begun.send(is_made);
        }
        if !is_made {
            return Err(error);
        }
        let mut length = 0;
        // SAFETY: as above; there is one operation on this handle at a time, so that waiting on the handle is enough.
        if unsafe { GetOverlappedResult(self.handle(), &request, &mut length, 1) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let words = buffer.iter().flat_map(|word| word.to_le_bytes());
        Ok(words.take(length as usize).collect())
    }

    /// Whether to wake.
    fn tell(&self, bytes: &[u8]) -> bool {
        // No byte at all: there was more than the system could keep.
        let Some(records) = records(bytes) else {
            return (self.sink)(Seen::Overflow);
        };
        let mut woken = false;
        for (action, name) in records {
            let name = PathBuf::from(OsString::from_wide(&name));
            if let Some(path) = self.meaning(action, &name) {
                woken |= (self.sink)(Seen::Path(path));
            }
        }
        woken
    }

    fn meaning(&self, action: u32, name: &Path) -> Option<PathBuf> {
        if let Some(folder) = before_short_name(name) {
            let path = self.below_root(&folder);
            return self.known.admits(&path, Kind::Changed).then_some(path);
        }
        let path = self.below_root(name);
        let kind = if action == FILE_ACTION_MODIFIED {
            Kind::Changed
        } else {
            Kind::Replaced
        };
        // A folder is modified by each change of its entries, which have events of their own.
        if kind == Kind::Changed && self.known.contains(&path) && is_plain_folder(&path) {
            return None;
        }
        self.known.admits(&path, kind).then_some(path)
    }

    fn below_root(&self, name: &Path) -> PathBuf {
        if name.as_os_str().is_empty() {
            self.root.clone()
        } else {
            self.root.join(name)
        }
    }
}

/// A folder that a walk would enter: neither hidden nor closed.
fn is_plain_folder(path: &Path) -> bool {
    let is_plain = |attributes| {
        attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_HIDDEN) == FILE_ATTRIBUTE_DIRECTORY
    };
    fs::symlink_metadata(path).is_ok_and(|metadata| is_plain(metadata.file_attributes()))
        && fs::read_dir(path).is_ok()
}
