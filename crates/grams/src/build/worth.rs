//! Which capital lists are worth their bytes.
//!
//! Where a capital gram is, its base gram is too: its list only serves to rule out the blocks that have the same
//! letters in lower case. Where only constants have them there are hardly any such blocks, and the list would be the base
//! gram's once more. Such a capital gram is in the directory with a list of no bytes, and readers take the base
//! gram's. Measured on Linux 6.1: 35 % of the capital lists, 30 % of their bytes.

use crate::symbols::{BASE_KEYS, Gram, PLANE_KEYS};

/// How many blocks hold the base grams that are those of capital grams.
pub(crate) struct Worth {
    /// By capital gram.
    blocks: Box<[u32]>,
}

impl Worth {
    pub(crate) fn new() -> Worth {
        Worth {
            blocks: vec![0; PLANE_KEYS as usize].into(),
        }
    }

    /// Whether `gram`, which `blocks` blocks hold, gets a list of its own. Base grams have to come before capital ones.
    pub(crate) fn has_list(&mut self, gram: Gram, blocks: usize) -> bool {
        if let Some(capital) = gram.unfolded() {
            self.blocks[slot(capital)] = blocks as u32;
        }
        // A list that leaves more than three of four blocks is not worth being read either.
        gram.folded().is_none() || blocks * 4 <= self.blocks[slot(gram)] as usize * 3
    }

    /// Forgets all blocks.
    pub(crate) fn clear(&mut self) {
        self.blocks.fill(0);
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        size_of_val(&*self.blocks)
    }
}

fn slot(capital: Gram) -> usize {
    (capital.0 - BASE_KEYS) as usize
}
