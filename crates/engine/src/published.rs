//! The state of an index that queries see.

use std::sync::{Arc, PoisonError};

use crate::sync::RwLock;

/// A state, replaced as a whole by the thread whose turn it is, and by queries that find a newer one in the store.
pub(crate) struct Published<State>(RwLock<Option<Arc<State>>>);

impl<State> Default for Published<State> {
    fn default() -> Published<State> {
        Published(RwLock::new(None))
    }
}

impl<State> Published<State> {
    /// What was published last.
    pub fn get(&self) -> Option<Arc<State>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For the thread whose turn it is.
    pub fn set(&self, state: Option<Arc<State>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// For all others: publishes a state that was read from the store, unless the thread whose turn it is has gone further
    /// meanwhile. Gives what is published then.
    pub fn offer(&self, read: Arc<State>, is_beyond: impl Fn(&State, &State) -> bool) -> Arc<State> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let further = known.as_ref().filter(|known| is_beyond(known, &read));
        let next = further.map_or(read, Arc::clone);
        *known = Some(Arc::clone(&next));
        next
    }
}
