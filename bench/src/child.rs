//! Each work in a process of its own: nothing that was done before is in the figures.

use std::env;
use std::fmt;
use std::fs;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use tempfile::TempDir;

use crate::client::{Answer, Client, Result};
use crate::usage::{Meter, Usage};
use crate::work::Work;

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "one";

/// What a process prints instead of figures, if the client cannot do the work.
const ABSENT: &str = "absent";

/// A client, what it does, how often, and the server's port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(crate) client: Client,
    pub(crate) work: Work,
    pub(crate) count: u32,
    pub(crate) port: u16,
}

/// What a process has to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    usage: Usage,
    answer: Answer,
}

impl Task {
    /// Does it, in this process; connecting is not measured. None if the client cannot.
    pub(crate) fn run(self) -> Result<Option<Report>> {
        let mut session = self.client.connect(self.port)?;
        let meter = Meter::start()?;
        let answer = session.run(self.work, self.count)?;
        let usage = meter.stop()?;
        Ok(answer.map(|answer| Report { usage, answer }))
    }

    /// The same in a process of its own.
    pub(crate) fn measure(self) -> Result<Option<Usage>> {
        self.report(Command::new(env::current_exe()?))
    }

    /// How many instructions each of the works takes: the difference to twice as many, so that starting, connecting and
    /// preparing are not among them.
    pub(crate) fn instructions(self) -> Result<u64> {
        let twice = Self {
            count: 2 * self.count,
            ..self
        };
        let difference = twice.all_instructions()?.saturating_sub(self.all_instructions()?);
        Ok(difference / u64::from(self.count))
    }

    fn all_instructions(self) -> Result<u64> {
        let folder = TempDir::new()?;
        let file = folder.path().join("callgrind.out");
        let mut option = std::ffi::OsString::from("--callgrind-out-file=");
        option.push(&file);
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--tool=callgrind"]).arg(option);
        command.arg(env::current_exe()?);
        self.report(command)?;
        total(&fs::read_to_string(&file)?)
    }

    fn report(self, mut command: Command) -> Result<Option<Usage>> {
        // The settings for the developer's own databases are not the benchmark's.
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        let output = command
            .args([COMMAND, self.client.name(), self.work.name()])
            .args([self.count.to_string(), self.port.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{} failed at {}", self.client.name(), self.work.name()).into());
        }
        let text = String::from_utf8(output.stdout)?;
        if text.trim_end() == ABSENT {
            return Ok(None);
        }
        let report: Report = text.parse()?;
        if report.answer.count != u64::from(self.count) {
            return Err(format!(
                "{} did {} {} times, not {}",
                self.client.name(),
                self.work.name(),
                report.answer.count,
                self.count
            )
            .into());
        }
        Ok(Some(report.usage))
    }
}

/// What [`Task::run`] gave, as a process prints it.
pub(crate) fn print(report: Option<Report>) -> String {
    report.map_or_else(|| ABSENT.to_owned(), |report| report.to_string())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { usage, answer } = self;
        write!(
            f,
            "{} {} {} {}",
            usage.wall.as_micros(),
            usage.cpu.as_micros(),
            usage.peak,
            answer.count
        )
    }
}

impl FromStr for Report {
    type Err = Box<dyn std::error::Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_whitespace().map(str::parse);
        let numbers: Vec<u64> = numbers.collect::<std::result::Result<_, _>>()?;
        let &[wall, cpu, peak, count] = numbers.as_slice() else {
            return Err(format!("not a report: {text}").into());
        };
        Ok(Self {
            usage: Usage {
                wall: Duration::from_micros(wall),
                cpu: Duration::from_micros(cpu),
                peak,
            },
            answer: Answer { count, sum: 0 },
        })
    }
}

/// The instructions that a file of callgrind counts.
///
/// Valgrind manual: [Callgrind Format Specification](https://valgrind.org/docs/manual/cl-format.html).
fn total(text: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"));
    Ok(line.ok_or("callgrind has counted nothing")?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_as_it_was_printed() {
        let text = "1000 200 3000 4";
        let report: Report = text.parse().unwrap();
        assert_eq!(print(Some(report)), text);
        assert_eq!(report.usage.cpu, Duration::from_micros(200));
        assert!("1000 200 3000".parse::<Report>().is_err());
    }

    #[test]
    fn the_instructions_are_those_of_all_functions() {
        let text = "events: Ir\nsummary: 7\n\nfn=(1)\n1 2\n\ntotals: 123456\n";
        assert_eq!(total(text).unwrap(), 123_456);
        assert!(total("events: Ir\n").is_err());
    }
}
