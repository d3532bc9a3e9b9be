//! The figures, side by side.

use std::fmt;
use std::time::Duration;

use crate::client::Client;
use crate::usage::Usage;
use crate::work::Work;

/// The best that a client did in several runs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    /// None if the client cannot do the work.
    pub(crate) usage: Option<Usage>,
    /// For each row or call.
    pub(crate) instructions: Option<u64>,
}

/// A work's figures, a line a client.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) work: Work,
    pub(crate) lines: Vec<(Client, Figures)>,
}

impl Figures {
    /// Takes another run into account.
    pub(crate) fn add(&mut self, run: Option<Usage>) {
        self.usage = match (self.usage, run) {
            (Some(best), Some(run)) => Some(Usage {
                wall: best.wall.min(run.wall),
                cpu: best.cpu.min(run.cpu),
                peak: best.peak.max(run.peak),
            }),
            (best, run) => best.or(run),
        };
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} {}",
            self.work.name(),
            self.work.count(),
            self.work.title()
        )?;
        writeln!(
            f,
            "{:<16}{:>9}{:>7}{:>10}{:>7}{:>12}{:>15}{:>7}",
            "", "wall", "ours", "CPU", "ours", "peak", "instructions", "ours"
        )?;
        let ours = self.lines.iter().find(|(client, _)| *client == Client::Dblink);
        let ours = ours.map(|(_, figures)| *figures).unwrap_or_default();
        for (client, figures) in &self.lines {
            write!(f, "{:<16}", client.name())?;
            let Some(usage) = figures.usage else {
                writeln!(f, "{:>9}", "–")?;
                continue;
            };
            let wall = ours.usage.map(|ours| seconds(ours.wall) / seconds(usage.wall));
            let cpu = ours.usage.map(|ours| seconds(ours.cpu) / seconds(usage.cpu));
            write!(f, "{:>7.3} s{}", seconds(usage.wall), Times(wall))?;
            write!(f, "{:>8.3} s{}", seconds(usage.cpu), Times(cpu))?;
            write!(f, "{:>8} KiB", usage.peak)?;
            if let Some(count) = figures.instructions {
                let times = ours.instructions.map(|ours| ours as f64 / count as f64);
                write!(f, "{count:>15}{}", Times(times))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// How many times as much is used here as by the client of the line.
struct Times(Option<f64>);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(times) if times.is_finite() => write!(f, "{times:>7.2}"),
            _ => write!(f, "{:>7}", ""),
        }
    }
}

const fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(wall: u64, cpu: u64, peak: u64, instructions: u64) -> Figures {
        Figures {
            usage: Some(Usage {
                wall: Duration::from_millis(wall),
                cpu: Duration::from_millis(cpu),
                peak,
            }),
            instructions: Some(instructions),
        }
    }

    #[test]
    fn each_line_says_how_many_times_as_much_we_use() {
        let table = Table {
            work: Work::Int4,
            lines: vec![
                (Client::Floor, figures(500, 100, 2048, 30)),
                (Client::Dblink, figures(1000, 400, 4096, 120)),
                (Client::LibpqRows, Figures::default()),
            ],
        };
        assert_eq!(
            table.to_string(),
            "int4: 1000000 rows of one int4, read\n\
             \u{20}                    wall   ours       CPU   ours        peak   instructions   ours\n\
             floor             0.500 s   2.00   0.100 s   4.00    2048 KiB             30   4.00\n\
             dblink            1.000 s   1.00   0.400 s   1.00    4096 KiB            120   1.00\n\
             libpq-rows              –\n"
        );
    }

    #[test]
    fn the_best_of_several_runs_is_taken_and_the_most_memory() {
        let mut best = Figures::default();
        for run in [figures(7, 3, 10, 0), figures(5, 4, 12, 0)] {
            best.add(run.usage);
        }
        let best = best.usage.unwrap();
        assert_eq!(
            (best.wall.as_millis(), best.cpu.as_millis(), best.peak),
            (5, 3, 12)
        );
    }
}
