//! Random changes against a map: whatever is found is what was put last, and without pressure everything is found.

mod support;

use std::collections::BTreeMap;
use std::sync::mpsc;

use quern_disk_cache::{Change, DiskCache, ErrorKind};
use quern_testkit::Rng;
use support::{change, get, keys};

struct Entry {
    value: Vec<u8>,
    expires: Option<u64>,
    tags: Vec<String>,
}

/// The same cache, the slow way; it forgets nothing but what has expired.
#[derive(Default)]
struct Model(BTreeMap<String, Entry>);

impl Model {
    fn get(&self, key: &str, now: u64) -> Option<&Entry> {
        self.0
            .get(key)
            .filter(|entry| entry.expires.is_none_or(|expires| expires > now))
    }

    fn drop_where(&mut self, goes: impl Fn(&str, &Entry) -> bool) {
        self.0.retain(|key, entry| !goes(key, entry));
    }
}

/// A key that may be longer than LMDB takes.
fn key(rng: &mut Rng) -> String {
    let number = rng.below(40);
    format!("{}{number}", rng.pick(&["", "a:", "ключ/"])) + &"x".repeat(if number == 7 { 3_000 } else { 0 })
}

fn entry(rng: &mut Rng, now: u64, largest: usize) -> Entry {
    let letter = rng.next() as u8;
    let length = if rng.one_in(5) {
        rng.below(largest)
    } else {
        rng.below(200)
    };
    Entry {
        value: vec![letter; length],
        expires: rng.one_in(3).then(|| now + rng.below(40) as u64),
        tags: (0..rng.below(3))
            .map(|_| format!("tag {}", rng.below(5)))
            .collect(),
    }
}

fn step(cache: &DiskCache, model: &mut Model, rng: &mut Rng, now: u64, largest: usize) {
    let key = key(rng);
    match rng.below(20) {
        0..8 => {
            let entry = entry(rng, now, largest);
            let put = Change::put(&key, &entry.value, entry.expires, &entry.tags);
            assert_eq!(change(cache, put, now).unwrap(), 1);
            model.0.insert(key, entry);
        }
        8 => {
            change(cache, Change::delete(&key), now).unwrap();
            model.0.remove(&key);
        }
        9 if rng.one_in(4) => {
            let tag = format!("tag {}", rng.below(5));
            change(cache, Change::delete_tagged(vec![tag.clone()]), now).unwrap();
            model.drop_where(|_, entry| entry.tags.contains(&tag));
        }
        10 if rng.one_in(4) => {
            let digit = rng.below(10).to_string();
            change(cache, Change::delete_matching(format!("a:?{digit}*")), now).unwrap();
            model.drop_where(|key, _| {
                key.starts_with("a:") && key.chars().skip(3).collect::<String>().starts_with(&digit)
            });
        }
        11 if rng.one_in(60) => {
            change(cache, Change::clear(), now).unwrap();
            model.0.clear();
        }
        _ => {}
    }
}

#[test]
fn without_pressure_it_is_a_map() {
    for seed in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let (mut rng, mut model) = (Rng::new(seed), Model::default());
        let mut cache = DiskCache::open(dir.path(), Some(64 << 20)).unwrap();
        for now in 0..400 {
            step(&cache, &mut model, &mut rng, now, 60_000);
            if rng.one_in(50) {
                drop(cache);
                cache = DiskCache::open(dir.path(), None).unwrap();
            }
            let key = key(&mut rng);
            let wanted = model
                .get(&key, now)
                .map(|entry| (entry.value.clone(), entry.expires, entry.tags.clone()));
            assert_eq!(get(&cache, &key, now), wanted, "seed {seed}, step {now}, {key}");
        }
        let listed = keys(&cache);
        assert!(
            model
                .0
                .keys()
                .all(|key| model.get(key, 400).is_none() || listed.contains(key))
        );
        assert_eq!(cache.stats().unwrap().entries as usize, listed.len());
        assert_eq!(cache.stats().unwrap().evictions, 0);
    }
}

#[test]
fn under_pressure_it_forgets_but_is_never_wrong_and_never_larger() {
    for seed in 10..13 {
        let dir = tempfile::tempdir().unwrap();
        let (mut rng, mut model, mut found) = (Rng::new(seed), Model::default(), 0);
        let mut evicted = 0;
        let mut cache = DiskCache::open(dir.path(), Some(1 << 20)).unwrap();
        for now in 0..1_500 {
            step(&cache, &mut model, &mut rng, now, 125_000);
            if rng.one_in(100) {
                evicted += cache.stats().unwrap().evictions;
                drop(cache);
                cache = DiskCache::open(dir.path(), None).unwrap();
                let wanted = model
                    .0
                    .keys()
                    .filter(|key| get(&cache, key, now).is_some())
                    .count();
                assert!(
                    model.0.is_empty() || wanted > 0,
                    "seed {seed}, step {now}: begun anew"
                );
            }
            let key = key(&mut rng);
            if let Some((value, expires, tags)) = get(&cache, &key, now) {
                let wanted = model.get(&key, now).unwrap();
                assert_eq!(
                    (&value, expires, &tags),
                    (&wanted.value, wanted.expires, &wanted.tags)
                );
                found += 1;
            }
        }
        let stats = cache.stats().unwrap();
        assert!(
            stats.bytes <= 1 << 20 && evicted + stats.evictions > 0 && found > 50,
            "{stats:?}, {found}"
        );
        assert!(dir.path().join("data.mdb").metadata().unwrap().len() <= 1 << 20);
    }
}

#[test]
fn what_is_used_stays_and_what_has_expired_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let cache = DiskCache::open(dir.path(), Some(1 << 20)).unwrap();
    let put = |key: &str, expires, now| {
        change(&cache, Change::put(key, &[1; 20_000], expires, &[]), now).unwrap();
    };
    for i in 0..10 {
        put(&format!("used {i}"), None, 0);
        put(&format!("brief {i}"), Some(5), 0);
    }
    for i in 0..14 {
        put(&format!("later {i}"), None, 6);
    }
    assert_eq!(cache.stats().unwrap().evictions, 0);
    for round in 0..50 {
        assert!(
            (0..10).all(|i| get(&cache, &format!("used {i}"), 6).is_some()),
            "round {round}"
        );
        put(&format!("once {round}"), None, 6);
    }
    assert!(get(&cache, "later 0", 6).is_none() && get(&cache, "once 0", 6).is_none());
    assert!(get(&cache, "once 49", 6).is_some());
}

#[test]
fn a_value_that_is_not_kept_takes_the_older_one_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let cache = DiskCache::open(dir.path(), Some(1 << 20)).unwrap();
    change(&cache, Change::put("a", b"old", None, &[]), 0).unwrap();
    let refused = change(&cache, Change::put("a", &[0; 200_000], None, &[]), 0).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Full);
    assert!(refused.to_string().contains("an eighth of the cache"));
    assert_eq!(get(&cache, "a", 0), None);
}

#[test]
fn values_of_other_sizes_find_room_where_small_ones_went() {
    for size in [1 << 20, 4 << 20] {
        let dir = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(dir.path(), Some(size as u64)).unwrap();
        for length in [1_000, size / 100, 200, size / 10, size / 450] {
            let count = 2 * size / (length + 500);
            let (sent, done) = mpsc::channel();
            for i in 0..count {
                let put = Change::put(&format!("{length} {i}"), &vec![1; length], None, &[]);
                let sent = sent.clone();
                cache.change(put, 0, move |made| sent.send(made).unwrap());
            }
            assert!((0..count).all(|_| done.recv().unwrap().unwrap() == 1));
            let held = cache.stats().unwrap().bytes as usize;
            assert!(held > size / 3, "{length}: {held} bytes of {size}");
            assert!(get(&cache, &format!("{length} {}", count - 1), 0).is_some());
        }
    }
}

#[test]
fn a_fault_on_the_thread_that_writes_leaves_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let cache = DiskCache::open(dir.path(), None).unwrap();
    change(&cache, Change::put("a", b"kept", None, &[]), 0).unwrap();
    cache.change(Change::delete("b"), 0, |_| panic!("a fault for the test"));
    let error = (0..1000).find_map(|_| change(&cache, Change::put("c", b"", None, &[]), 0).err());
    assert!(error.unwrap().to_string().contains("open it again"));
    assert_eq!(get(&cache, "a", 0).unwrap().0, b"kept");
    drop(cache);
    let cache = DiskCache::open(dir.path(), None).unwrap();
    change(&cache, Change::put("c", b"again", None, &[]), 0).unwrap();
}
