//! What a process has used up.

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::client::Result;

/// What a piece of work took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    /// By the program, by those that it has run, and by the kernel for them.
    pub(crate) cpu: Duration,
    /// The most memory that the process, or one that it has run, has had at once, before the work too, in KiB.
    pub(crate) peak: u64,
}

/// Measures from when it is made.
pub(crate) struct Meter {
    begin: Instant,
    cpu: Duration,
}

impl Meter {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self {
            cpu: cpu()?,
            begin: Instant::now(),
        })
    }

    pub(crate) fn stop(self) -> Result<Usage> {
        Ok(Usage {
            wall: self.begin.elapsed(),
            cpu: cpu()?.saturating_sub(self.cpu),
            peak: peak()?.max(peak_of_children()?),
        })
    }
}

fn cpu() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        sum += duration(usage.user_time())? + duration(usage.system_time())?;
    }
    Ok(sum)
}

fn duration(time: TimeVal) -> Result<Duration> {
    Ok(Duration::from_secs(time.tv_sec().try_into()?) + Duration::from_micros(time.tv_usec().try_into()?))
}

/// The most memory that one of those had which it has run.
fn peak_of_children() -> Result<u64> {
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    // macOS counts bytes.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    Ok(u64::try_from(peak)? / unit)
}

fn peak() -> Result<u64> {
    // On Linux `ru_maxrss` begins with what the process had that started this one.
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        let high_water = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = high_water.and_then(|text| text.split_whitespace().next());
        return Ok(number.ok_or("/proc/self/status has no VmHWM")?.parse()?);
    }
    // Only Linux counts it in KiB; the systems that have no /proc, in bytes.
    let bytes: u64 = getrusage(UsageWho::RUSAGE_SELF)?.max_rss().try_into()?;
    Ok(bytes / 1024)
}
