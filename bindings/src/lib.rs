//! The addon: translation only. Options come in as plain objects, results leave as one `ArrayBuffer` a batch, failures
//! as data; everything that decides something is in `quern-engine`.
//!
//! Nothing here blocks Node's thread: each call that may take a while becomes a task of the engine's pools, and its
//! promise resolves to the value or to `{ failure }`. Promises never reject, because error codes do not survive a
//! rejection made off the main thread.

#![allow(
    missing_docs,
    reason = "the documentation that users read is on the TypeScript side"
)]
#![cfg_attr(test, allow(dead_code, reason = "napi-derive exports nothing in test builds"))]

mod batch;
mod cache;
mod change;
mod control;
mod environment;
mod explain;
mod facets;
mod failure;
mod follow;
mod grep;
mod index;
mod print;
mod request;
mod search;
mod statistics;
mod stores;
mod suggest;
mod task;
