//! Whether a file is a whole LMDB environment: every page that leads somewhere is looked at, in its own words.
//!
//! LMDB follows page numbers and offsets without a look at whether they can be, so a damaged page would end the process. This
//! walks the newest state as LMDB would (`mdb.c`, data version 1, pages as `MDB_page` and `MDB_node` lay them out): every page is of the
//! kind that its parent says, and belongs to one parent; its entries are in order, within the bounds that the parent
//! gives, and fill the page exactly; free pages are not in use. The bytes of large values are not read: they have checksums.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

/// `None` stands for a file that is not sound.
type Sound<T = ()> = Option<T>;

const PAGE_HEAD: usize = 16;
const NODE_HEAD: usize = 8;
const META: usize = 136;
const TREE: usize = 48;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const OVERFLOW: u16 = 4;
const META_PAGE: u16 = 8;
const ON_OVERFLOW: u16 = 1;
const SUBTREE: u16 = 2;
const MAGIC: u32 = 0xBEEF_C0DE;
const INTEGER_KEYS: u16 = 8;
const NO_PAGE: u64 = u64::MAX;
const MAX_KEY: usize = 511;
const MAX_DEPTH: u16 = 32;

/// Whether `data` can be opened with a map of `size` bytes: it is sound, or not there.
pub(crate) fn is_sound(data: &Path, size: u64) -> bool {
    let Ok(file) = File::open(data) else {
        return true;
    };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if length == 0 || length > size {
        return length == 0;
    }
    // SAFETY: whoever checks is alone with the folder, so nobody changes the file under the map.
    unsafe { Mmap::map(&file) }.is_ok_and(|bytes| look(&bytes, size).is_some())
}

fn look(bytes: &[u8], size: u64) -> Sound {
    let page = tree_at(bytes, PAGE_HEAD + 24)?.page_size()?;
    let metas = [meta(bytes, 0)?, meta(bytes.get(page..)?, 1)?];
    // Commits take turns, so that a number that is not the other's neighbour was not written by one.
    let [even, odd] = [metas[0].commit, metas[1].commit];
    let in_turn = even % 2 == 0 && odd % 2 == 1 && even.abs_diff(odd) == 1;
    (in_turn || (even == 0 && odd == 0)).then_some(())?;
    let newest = if odd > even { &metas[1] } else { &metas[0] };
    let pages = newest.last_page.checked_add(1)?;
    let fits = pages.checked_mul(page as u64)? <= size;
    (fits && newest.free.page_size()? == page && newest.main.flags == 0).then_some(())?;
    let mut walk = Walk {
        bytes,
        page,
        pages,
        taken: vec![0; usize::try_from(pages).ok()? / 64 + 1],
    };
    walk.take(0, 2)?;
    let (mut free, mut subtrees) = (Vec::new(), Vec::new());
    walk.tree(&newest.free, Order::Number, &mut |leaf| {
        free.push(leaf.value);
        (leaf.flags & SUBTREE == 0).then_some(())
    })?;
    walk.tree(&newest.main, Order::Bytes, &mut |leaf| {
        subtrees.push(tree_at(leaf.value, 0).filter(|_| leaf.flags == SUBTREE && leaf.value.len() == TREE)?);
        Some(())
    })?;
    for subtree in &subtrees {
        (subtree.flags == 0 && subtree.pad == 0).then_some(())?;
        walk.tree(subtree, Order::Bytes, &mut |leaf| {
            (leaf.flags & SUBTREE == 0).then_some(())
        })?;
    }
    free.into_iter().try_for_each(|list| walk.free_pages(list))
}

struct Meta {
    free: Tree,
    main: Tree,
    last_page: u64,
    commit: u64,
}

/// A tree as its parent describes it.
struct Tree {
    pad: u32,
    flags: u16,
    depth: u16,
    entries: u64,
    root: u64,
}

impl Tree {
    /// The first tree of a meta page has the page size where others have nothing.
    fn page_size(&self) -> Sound<usize> {
        let size = self.pad as usize;
        (size.is_power_of_two() && (512..=1 << 15).contains(&size) && self.flags == INTEGER_KEYS)
            .then_some(size)
    }
}

fn meta(bytes: &[u8], number: u64) -> Sound<Meta> {
    let head = bytes.get(..PAGE_HEAD + META)?;
    let right = u64_at(head, 0)? == number
        && u16_at(head, 10)? == META_PAGE
        && u32_at(head, PAGE_HEAD)? == MAGIC
        && u32_at(head, PAGE_HEAD + 4)? == 1;
    right.then_some(())?;
    Some(Meta {
        free: tree_at(head, PAGE_HEAD + 24)?,
        main: tree_at(head, PAGE_HEAD + 24 + TREE)?,
        last_page: u64_at(head, PAGE_HEAD + 24 + 2 * TREE)?,
        commit: u64_at(head, PAGE_HEAD + 32 + 2 * TREE)?,
    })
}

fn tree_at(bytes: &[u8], at: usize) -> Sound<Tree> {
    Some(Tree {
        pad: u32_at(bytes, at)?,
        flags: u16_at(bytes, at + 4)?,
        depth: u16_at(bytes, at + 6)?,
        entries: u64_at(bytes, at + 32)?,
        root: u64_at(bytes, at + 40)?,
    })
}

/// How the keys of a tree are in order.
#[derive(Clone, Copy)]
enum Order {
    Bytes,
    /// Eight bytes, a number of this machine.
    Number,
}

impl Order {
    fn is_before(self, a: &[u8], b: &[u8]) -> bool {
        match self {
            Order::Bytes => a < b,
            Order::Number => u64_at(a, 0) < u64_at(b, 0),
        }
    }

    fn takes(self, key: &[u8]) -> bool {
        match self {
            Order::Bytes => (1..=MAX_KEY).contains(&key.len()),
            Order::Number => key.len() == 8,
        }
    }
}

/// An entry of a leaf.
struct Leaf<'a> {
    flags: u16,
    value: &'a [u8],
}

struct Walk<'a> {
    bytes: &'a [u8],
    /// Bytes of a page.
    page: usize,
    /// Pages up to the last that was ever used; the file may have fewer, if the last are free.
    pages: u64,
    /// A bit for each page that was seen.
    taken: Vec<u64>,
}

/// What a subtree's keys have to be: not before `from`, and before `until`.
#[derive(Clone, Copy)]
struct Bounds<'a> {
    order: Order,
    from: Option<&'a [u8]>,
    until: Option<&'a [u8]>,
}

impl<'a> Walk<'a> {
    fn tree(&mut self, tree: &Tree, order: Order, each: &mut dyn FnMut(Leaf<'a>) -> Sound) -> Sound {
        if tree.root == NO_PAGE {
            return (tree.depth == 0 && tree.entries == 0).then_some(());
        }
        (1..=MAX_DEPTH).contains(&tree.depth).then_some(())?;
        let bounds = Bounds {
            order,
            from: None,
            until: None,
        };
        let entries = self.subtree(tree.root, tree.depth, bounds, each)?;
        (entries == tree.entries).then_some(())
    }

    /// Gives how many entries there are below a page.
    fn subtree(
        &mut self,
        number: u64,
        depth: u16,
        bounds: Bounds<'a>,
        each: &mut dyn FnMut(Leaf<'a>) -> Sound,
    ) -> Sound<u64> {
        let page = self.page_at(number, 1)?;
        let kind = if depth == 1 { LEAF } else { BRANCH };
        (u64_at(page, 0)? == number && u16_at(page, 10)? == kind).then_some(())?;
        let nodes = nodes(page)?;
        let mut extents = Vec::with_capacity(nodes.len());
        let mut entries = 0;
        for (i, &at) in nodes.iter().enumerate() {
            let key = key(page, at)?;
            let fits = in_order(page, &nodes, i, bounds)?;
            if kind == LEAF {
                (fits && bounds.order.takes(key)).then_some(())?;
                let (leaf, length) = self.leaf(page, at)?;
                extents.push((at, length));
                each(leaf)?;
                entries += 1;
            } else {
                // The first key of a branch says nothing.
                (i == 0 || (fits && bounds.order.takes(key))).then_some(())?;
                extents.push((at, NODE_HEAD + key.len()));
                let within = Bounds {
                    order: bounds.order,
                    from: if i == 0 { bounds.from } else { Some(key) },
                    until: match nodes.get(i + 1) {
                        Some(&next) => Some(self::key(page, next)?),
                        None => bounds.until,
                    },
                };
                entries += self.subtree(child(page, at)?, depth - 1, within, each)?;
            }
        }
        fill(extents, u16_at(page, 14)? as usize, self.page)?;
        (kind == LEAF || nodes.len() > 1).then_some(entries)
    }

    fn leaf(&mut self, page: &'a [u8], at: usize) -> Sound<(Leaf<'a>, usize)> {
        let flags = u16_at(page, at + 4)?;
        let start = at + NODE_HEAD + key(page, at)?.len();
        let length = u32_at(page, at)? as usize;
        if flags & ON_OVERFLOW == 0 {
            (flags & !SUBTREE == 0).then_some(())?;
            let value = page.get(start..start.checked_add(length)?)?;
            return Some((Leaf { flags, value }, start + length - at));
        }
        (flags == ON_OVERFLOW).then_some(())?;
        let number = u64_at(page, start)?;
        let first = self.bytes.get(self.offset(number)?..)?;
        let pages = u32_at(first, 12)?;
        let right = u64_at(first, 0)? == number && u16_at(first, 10)? == OVERFLOW;
        (right && (PAGE_HEAD + length).div_ceil(self.page) <= pages as usize).then_some(())?;
        let value = self
            .page_at(number, u64::from(pages))?
            .get(PAGE_HEAD..PAGE_HEAD + length)?;
        Some((Leaf { flags, value }, start + 8 - at))
    }

    fn free_pages(&mut self, list: &[u8]) -> Sound {
        let count = usize::try_from(u64_at(list, 0)?).ok()?;
        let mut before = NO_PAGE;
        for i in 0..count {
            let number = u64_at(list, 8usize.checked_mul(i + 1)?)?;
            (number < before).then_some(())?;
            self.take(number, 1)?;
            before = number;
        }
        Some(())
    }

    fn offset(&self, number: u64) -> Sound<usize> {
        usize::try_from(number).ok()?.checked_mul(self.page)
    }

    /// The bytes of pages that nobody else has.
    fn page_at(&mut self, number: u64, count: u64) -> Sound<&'a [u8]> {
        self.take(number, count)?;
        let start = self.offset(number)?;
        self.bytes.get(start..start.checked_add(self.offset(count)?)?)
    }

    fn take(&mut self, number: u64, count: u64) -> Sound {
        let end = number.checked_add(count)?;
        (end <= self.pages).then_some(())?;
        for page in number..end {
            let (word, bit) = (&mut self.taken[(page / 64) as usize], 1 << (page % 64));
            (*word & bit == 0).then_some(())?;
            *word |= bit;
        }
        Some(())
    }
}

/// Where the entries of a page begin.
fn nodes(page: &[u8]) -> Sound<Vec<usize>> {
    let (lower, upper) = (u16_at(page, 12)? as usize, u16_at(page, 14)? as usize);
    let right = lower > PAGE_HEAD && lower % 2 == 0 && lower <= upper && upper <= page.len();
    right.then_some(())?;
    let offsets = page[PAGE_HEAD..lower].as_chunks::<2>().0;
    Some(
        offsets
            .iter()
            .map(|bytes| u16::from_ne_bytes(*bytes) as usize)
            .collect(),
    )
}

fn key(page: &[u8], at: usize) -> Sound<&[u8]> {
    let start = at + NODE_HEAD;
    page.get(start..start + u16_at(page, at + 6)? as usize)
}

/// The page below an entry of a branch: 48 bits.
fn child(page: &[u8], at: usize) -> Sound<u64> {
    Some(u64::from(u32_at(page, at)?) | u64::from(u16_at(page, at + 4)?) << 32)
}

/// Whether the key of entry `i` is behind the one before it and within what the parent says.
fn in_order(page: &[u8], nodes: &[usize], i: usize, bounds: Bounds) -> Sound<bool> {
    let own = key(page, nodes[i])?;
    let before = match i {
        0 => bounds.from.is_none_or(|from| !bounds.order.is_before(own, from)),
        // The first key of a branch may be empty.
        _ => key(page, nodes[i - 1]).is_some_and(|last| last.is_empty() || bounds.order.is_before(last, own)),
    };
    Some(
        before
            && bounds
                .until
                .is_none_or(|until| bounds.order.is_before(own, until)),
    )
}

/// Whether entries lie side by side, at even places, from `upper` to the end of the page.
fn fill(mut extents: Vec<(usize, usize)>, upper: usize, page: usize) -> Sound {
    extents.sort_unstable();
    let end = extents.into_iter().try_fold(upper, |end, (at, length)| {
        (at == end).then_some(at + length.next_multiple_of(2))
    })?;
    (end == page).then_some(())
}

fn u16_at(bytes: &[u8], at: usize) -> Sound<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Sound<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Sound<u64> {
    Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}
