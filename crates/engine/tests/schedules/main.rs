//! The synchronisation that is written by hand, under a scheduler that tries out how threads can follow each other: each test is
//! run some thousand times, each time with another order at random. A wake-up that gets lost is a deadlock here, which ends the
//! run with its schedule. `QUERN_SCHEDULES` says how many there are.
//!
//! The modules under test are those of the engine; here they find what they use of `crate` in this program.

mod build;
mod change;
mod published;
mod sync;

/// Runs a test under many schedules. Every second run favours few changes of threads, which finds what needs a certain order.
fn under_schedules(test: impl Fn() + Send + Sync + 'static) {
    let number = std::env::var("QUERN_SCHEDULES").map_or(10_000, |number| number.parse().unwrap());
    let test = std::sync::Arc::new(test);
    let again = std::sync::Arc::clone(&test);
    shuttle::check_random(move || again(), number / 2);
    shuttle::check_pct(move || test(), number / 2, 3);
}
