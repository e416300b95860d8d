//! Which segments to merge.
//!
//! Size-tiered: segments of about one size are joined once there are enough of them, so that each block is copied a few
//! times in its life and a query meets few segments. A segment of which a quarter is dead is written anew by itself,
//! so that a store is at most half as large again as it has to be.

use quern_grams::MAX_BLOCKS;

/// Segments of one tier that are joined.
const FANOUT: usize = 4;
/// A tier's segments are up to this many times as large as those of the tier before.
const STEP: u32 = 4;
/// Blocks of a segment of the first tier, at most.
const FIRST: u32 = 16;

/// What the choice depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Blocks in the segment.
    pub blocks: u32,
    /// Blocks of files that count.
    pub live: u32,
    /// Bytes that the segment takes, and how many of them are of files that count, about.
    pub bytes: (u64, u64),
}

impl Size {
    /// The size of a segment whose blocks take all its bytes.
    #[cfg(test)]
    fn of_blocks(blocks: u32, live: u32) -> Size {
        Size {
            blocks,
            live,
            bytes: (u64::from(blocks), u64::from(live)),
        }
    }

    fn wastes(&self) -> bool {
        let (all, live) = self.bytes;
        self.blocks >= FIRST && live * 4 <= all * 3
    }
}

/// Places of the segments to merge into one, ascending; empty if all is well. No merge copies more than `most` blocks.
pub(crate) fn choose(sizes: &[Size], most: u32) -> Vec<usize> {
    let most = most.min(MAX_BLOCKS as u32);
    let mut tiers: Vec<Vec<usize>> = Vec::new();
    for (place, size) in sizes.iter().enumerate() {
        let tier = tier(size.live);
        tiers.resize_with(tiers.len().max(tier + 1), Vec::new);
        tiers[tier].push(place);
    }
    for tier in tiers {
        let mut chosen: Vec<usize> = Vec::new();
        let mut blocks = 0;
        for place in tier {
            if blocks + sizes[place].live <= most {
                blocks += sizes[place].live;
                chosen.push(place);
            }
        }
        if chosen.len() >= FANOUT {
            return chosen;
        }
    }
    let wasteful = |size: &Size| size.live <= most && size.wastes();
    sizes.iter().position(wasteful).into_iter().collect()
}

/// All segments in groups that each make one full segment: what a compaction merges. Groups of one that has nothing dead
/// are left out.
pub(crate) fn groups(sizes: &[Size]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(u32, Vec<usize>)> = Vec::new();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&place| std::cmp::Reverse(sizes[place].live));
    for place in order {
        let live = sizes[place].live;
        let room = |group: &&mut (u32, Vec<usize>)| group.0 + live <= MAX_BLOCKS as u32;
        match groups.iter_mut().find(room) {
            Some(group) => {
                group.0 += live;
                group.1.push(place);
            }
            None => groups.push((live, vec![place])),
        }
    }
    let mut groups: Vec<Vec<usize>> = groups
        .into_iter()
        .map(|(_, mut group)| {
            group.sort_unstable();
            group
        })
        .filter(|group| group.len() > 1 || group.iter().any(|&place| sizes[place].live < sizes[place].blocks))
        .collect();
    groups.sort_unstable();
    groups
}

fn tier(blocks: u32) -> usize {
    let mut tier = 0;
    let mut limit = FIRST;
    while blocks > limit {
        limit = limit.saturating_mul(STEP);
        tier += 1;
    }
    tier
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(blocks: u32) -> Size {
        Size::of_blocks(blocks, blocks)
    }

    #[test]
    fn many_of_one_size_are_joined() {
        assert_eq!(choose(&[alive(1); 3], 100), Vec::<usize>::new());
        assert_eq!(choose(&[alive(1); 4], 100), (0..4).collect::<Vec<_>>());
        let mixed = [alive(20_000), alive(1), alive(9_000)];
        assert!(choose(&mixed, 60_000).is_empty());
    }

    #[test]
    fn a_merge_stays_within_its_limit() {
        let sizes = [alive(50); 20];
        assert_eq!(choose(&sizes, 500).len(), 10);
        assert!(choose(&[alive(60); 8], 200).is_empty());
    }

    #[test]
    fn a_segment_of_which_a_quarter_is_dead_is_written_anew() {
        assert_eq!(choose(&[alive(100), Size::of_blocks(100, 75)], 1000), [1]);
        assert!(choose(&[Size::of_blocks(100, 76)], 1000).is_empty());
    }

    #[test]
    fn every_block_is_copied_a_few_times_only() {
        let mut sizes: Vec<Size> = Vec::new();
        let mut copied = 0;
        for _ in 0..10_000 {
            sizes.push(alive(1));
            let chosen = choose(&sizes, 65_536);
            if chosen.is_empty() {
                continue;
            }
            let live: u32 = chosen.iter().map(|&place| sizes[place].live).sum();
            copied += live;
            for &place in chosen.iter().rev() {
                sizes.remove(place);
            }
            sizes.push(alive(live));
        }
        assert!(sizes.len() < 60, "{} segments", sizes.len());
        assert!(copied < 10_000 * 8, "{copied} blocks copied");
    }

    #[test]
    fn a_compaction_leaves_full_segments_alone() {
        let sizes = [alive(65_536), alive(30_000), alive(30_000), alive(10_000)];
        assert_eq!(groups(&sizes), [vec![1, 2]]);
        assert_eq!(groups(&[Size::of_blocks(9, 8)]), [vec![0]]);
        assert!(groups(&[alive(9)]).is_empty());
    }
}
