//! The lines that a proxy prints.

use std::cell::Cell;
use std::fmt::Write as _;
use std::time::SystemTime;

use dblink_protocol::trace::Tracer;

use crate::failure::Failure;
use crate::listing;

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
    told_no_encryption: Cell<bool>,
    told_tls: Cell<bool>,
}

/// Who sends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

impl Log {
    pub(crate) const fn new(style: Style) -> Self {
        Self {
            style,
            told_no_encryption: Cell::new(false),
            told_tls: Cell::new(false),
        }
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
    /// Prints what `chunk` completes.
    ///
    /// # Errors
    ///
    /// [`Failure::ClosedPipe`]; [`Failure::Usage`].
    pub(super) fn print(&mut self, sender: Sender, chunk: &[u8]) -> Result<(), Failure> {
        let time = self.style.timestamps.then(timestamp);
        let mut lines = String::new();
        match sender {
            Sender::Client => self.tracer.frontend(time.as_deref(), chunk, &mut lines),
            Sender::Server => self.tracer.backend(time.as_deref(), chunk, &mut lines),
        }
        if !self.style.numbers {
            return listing::write(&lines);
        }
        let mut numbered = String::with_capacity(lines.len());
        for line in lines.lines() {
            // Memory takes all that is written to it.
            let _ = writeln!(numbered, "{}\t{line}", self.number);
        }
        listing::write(&numbered)
    }
}

/// Now, as PQtrace writes it, but in UTC.
fn timestamp() -> String {
    let time = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    time.replace('T', " ").replace('Z', "")
}
