//! How fast a merge may write: the disk is there for those who wait.

use std::time::{Duration, Instant};

use quern_walk::Cancel;

/// Less is not worth a wait, and a stop is seen after so long at most.
const STEP: Duration = Duration::from_millis(10);

/// Bytes a second.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u64,
    begun: Instant,
    bytes: u64,
}

impl Pace {
    /// So many bytes a second from now on; 0: as many as there are.
    pub fn new(rate: u64) -> Pace {
        Pace {
            rate,
            begun: Instant::now(),
            bytes: 0,
        }
    }

    /// As fast as it goes: for merges that somebody waits for.
    pub fn none() -> Pace {
        Pace::new(0)
    }

    /// Waits until about so many more bytes may be written, or for a stop.
    pub fn spend(&mut self, bytes: usize, cancel: &Cancel) {
        self.bytes += bytes as u64;
        while self.wait(self.begun.elapsed()) >= STEP && cancel.check().is_ok() {
            std::thread::sleep(STEP);
        }
    }

    /// How long to wait when so much time has gone by.
    fn wait(&self, elapsed: Duration) -> Duration {
        if self.rate == 0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(self.bytes as f64 / self.rate as f64).saturating_sub(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_takes_its_time() {
        let mut pace = Pace::new(1000);
        assert_eq!(pace.wait(Duration::ZERO), Duration::ZERO);
        pace.bytes = 500;
        assert_eq!(pace.wait(Duration::from_millis(100)), Duration::from_millis(400));
        assert_eq!(pace.wait(Duration::from_secs(1)), Duration::ZERO);
        pace.rate = 0;
        assert_eq!(pace.wait(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let cancel = Cancel::new();
        cancel.cancel();
        let mut pace = Pace::new(1);
        pace.spend(1 << 30, &cancel);
        assert!(pace.wait(Duration::ZERO) > Duration::from_secs(1 << 20));
    }
}
