//! The lines that a proxy prints.

use std::cell::Cell;
use std::fmt::Write as _;
use std::time::SystemTime;

use dblink_protocol::trace::Tracer;
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::listing;
use crate::output::Sink;

/// How lines are printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether each line begins with the number of its connection.
    pub(crate) numbers: bool,
    /// Whether then the time follows.
    pub(crate) timestamps: bool,
    /// Whether to leave out what differs from run to run.
    pub(crate) regress: bool,
}

/// What all connections of a proxy print.
#[derive(Debug)]
pub(crate) struct Log {
    style: Style,
    lines: mpsc::Sender<String>,
    told_no_encryption: Cell<bool>,
    told_tls: Cell<bool>,
}

/// Who writes that.
#[derive(Debug)]
pub(crate) struct Printer {
    lines: mpsc::Receiver<String>,
    sink: Sink,
}

impl Printer {
    /// Writes to the standard output, until the log is dropped and all is written.
    ///
    /// # Errors
    ///
    /// It cannot be written any more: [`Failure::ClosedPipe`], also when there is nothing to be written.
    pub(crate) async fn run(mut self) -> Result<(), Failure> {
        loop {
            let lines = tokio::select! {
                biased;
                lines = self.lines.recv() => lines,
                failure = self.sink.failed() => return Err(failure),
            };
            let Some(lines) = lines else {
                return self.sink.finish().await;
            };
            self.sink.buffer().extend_from_slice(lines.as_bytes());
            self.sink.flush().await?;
        }
    }
}

/// Who sends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

impl Log {
    /// A log, and who writes it.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if there is no standard output.
    pub(crate) fn new(style: Style) -> Result<(Self, Printer), Failure> {
        // Whoever reads slowly holds back what is traced.
        let (sender, lines) = mpsc::channel(1);
        let log = Self {
            style,
            lines: sender,
            told_no_encryption: Cell::new(false),
            told_tls: Cell::new(false),
        };
        let sink = Sink::stdout()?;
        Ok((log, Printer { lines, sink }))
    }

    /// Has lines printed: in the order in which this was called.
    ///
    /// # Errors
    ///
    /// [`Failure::ClosedPipe`] if nobody prints them.
    pub(super) async fn print(&self, lines: String) -> Result<(), Failure> {
        self.lines.send(lines).await.map_err(|_| Failure::ClosedPipe)
    }

    /// The trace of a connection from its beginning.
    pub(super) fn connection(&self, number: u64) -> Trace {
        Trace {
            tracer: Tracer::new().regress(self.style.regress),
            style: self.style,
            number,
        }
    }

    /// Tells once what becomes of requests for encryption.
    pub(super) fn refused_encryption(&self) {
        if !self.told_no_encryption.replace(true) {
            listing::remark(
                "a client asks for encryption, and is told that there is none: what is encrypted cannot be read. \
                 It needs sslmode=prefer or sslmode=disable",
            );
        }
    }

    /// Tells once that a client does not even ask.
    pub(super) fn met_tls(&self) {
        if !self.told_tls.replace(true) {
            listing::remark(
                "a client begins with TLS, which cannot be read, and is passed on as it is. \
                 It needs sslnegotiation=postgres and sslmode=prefer, or sslmode=disable",
            );
        }
    }
}

/// The trace of a connection.
#[derive(Debug)]
pub(super) struct Trace {
    tracer: Tracer,
    style: Style,
    number: u64,
}

impl Trace {
    /// The lines of what `chunk` completes.
    pub(super) fn lines(&mut self, sender: Sender, chunk: &[u8]) -> String {
        let time = self.style.timestamps.then(timestamp);
        let mut lines = String::new();
        match sender {
            Sender::Client => self.tracer.frontend(time.as_deref(), chunk, &mut lines),
            Sender::Server => self.tracer.backend(time.as_deref(), chunk, &mut lines),
        }
        if !self.style.numbers {
            return lines;
        }
        let mut numbered = String::with_capacity(lines.len());
        for line in lines.lines() {
            // Memory takes all that is written to it.
            let _ = writeln!(numbered, "{}\t{line}", self.number);
        }
        numbered
    }
}

/// Now, as PQtrace writes it, but in UTC.
fn timestamp() -> String {
    let time = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    time.replace('T', " ").replace('Z', "")
}
