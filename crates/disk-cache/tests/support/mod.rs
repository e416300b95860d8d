//! Calls that wait.

use std::sync::mpsc;

use quern_disk_cache::{Change, DiskCache, Error};

pub type Value = (Vec<u8>, Option<u64>, Vec<String>);

/// Makes a change and waits for it.
pub fn change(cache: &DiskCache, change: Change, now: u64) -> Result<u64, Error> {
    let (sender, done) = mpsc::channel();
    cache.change(change, now, move |made| sender.send(made).unwrap());
    done.recv().unwrap()
}

/// What a key has.
pub fn get(cache: &DiskCache, key: &str, now: u64) -> Option<Value> {
    let copy = cache.get(key, now, |found| {
        let tags = found.tags.iter().map(|tag| (*tag).to_owned()).collect();
        (found.value.to_vec(), found.expires, tags)
    });
    copy.unwrap()
}

/// All keys, by small pages.
#[allow(dead_code, reason = "not every test lists")]
pub fn keys(cache: &DiskCache) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), None);
    loop {
        let page = cache.page(after, 7).unwrap();
        keys.extend(page.entries.into_iter().map(|entry| entry.key));
        after = page.next;
        if after.is_none() {
            return keys;
        }
    }
}
