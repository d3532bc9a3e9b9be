//! Golden traces: what a conversation looked like when somebody last read it.
//!
//! `DBLINK_UPDATE_GOLDEN=1 ./dev test` writes them anew. Read the difference before you commit it.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::rc::Rc;

use dblink_protocol::handshake::HandshakeConfig;
use dblink_protocol::trace::Tracer;
use dblink_tests::blocking::{Address, Client, Direction, Error, Observer};
use dblink_tests::{Cluster, roles};

use crate::support::{config, socket};

/// How often a line or a pair of lines may be repeated before the repetitions are only counted.
const REPEATED: usize = 6;
/// How much of a line is kept.
const LINE_CHARACTERS: usize = 160;
/// After these of the server's messages it waits for the client: a new turn begins.
const ENDS_OF_TURNS: [&str; 4] = ["ReadyForQuery", "CopyInResponse", "Authentication", "SSLResponse"];

/// The trace of a connection, turn by turn: in each, first all that the client sent, then all that the server sent.
/// Within a turn which of the two came first is a matter of chance.
#[derive(Clone, Default)]
pub(crate) struct Golden(Rc<RefCell<Recording>>);

#[derive(Default)]
struct Recording {
    tracer: Option<Tracer>,
    frontend: String,
    backend: String,
    turns: String,
}

impl Golden {
    /// Starts with the connection's first byte.
    pub(crate) fn from_the_start() -> Self {
        let golden = Self::default();
        golden.0.borrow_mut().tracer = Some(Tracer::new().regress(true));
        golden
    }

    /// The observer that records.
    pub(crate) fn observer(&self) -> Observer {
        let recording = Rc::clone(&self.0);
        Box::new(move |direction, bytes| recording.borrow_mut().record(direction, bytes))
    }

    /// Compares the trace with the golden one.
    #[track_caller]
    pub(crate) fn check(&self, name: &str) {
        let mut recording = self.0.borrow_mut();
        recording.end_turn();
        let trace = abbreviate(&recording.turns);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("golden")
            .join(format!("{name}.trace"));
        if std::env::var_os("DBLINK_UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &trace).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        if trace != golden {
            let differs = trace.lines().zip(golden.lines()).position(|(a, b)| a != b);
            let at = differs.unwrap_or_else(|| trace.lines().count().min(golden.lines().count()));
            panic!(
                "{} differs from line {} on:\nis:     {:?}\nwas:    {:?}",
                path.display(),
                at + 1,
                trace.lines().nth(at),
                golden.lines().nth(at)
            );
        }
    }
}

impl Recording {
    fn record(&mut self, direction: Direction, bytes: &[u8]) {
        if direction == Direction::Frontend && !bytes.is_empty() && self.server_waits() {
            self.end_turn();
        }
        let tracer = self
            .tracer
            .get_or_insert_with(|| Tracer::for_session().regress(true));
        match direction {
            Direction::Frontend => tracer.frontend(None, bytes, &mut self.frontend),
            Direction::Backend => tracer.backend(None, bytes, &mut self.backend),
        }
    }

    fn server_waits(&self) -> bool {
        let last = self.backend.lines().next_back().unwrap_or_default();
        ENDS_OF_TURNS.iter().any(|name| message(last).starts_with(name))
    }

    fn end_turn(&mut self) {
        self.turns.push_str(&std::mem::take(&mut self.frontend));
        // What a server reports when a session starts depends on its version, and on the day.
        let starts = self.backend.contains("\tAuthenticationOk");
        for line in std::mem::take(&mut self.backend).lines() {
            if !(starts && message(line) == "ParameterStatus") {
                writeln!(self.turns, "{line}").unwrap();
            }
        }
    }
}

/// A session on the shared server, recorded from when it is ready.
pub(crate) fn session() -> (Client, Golden) {
    let golden = Golden::default();
    let recorded = golden.clone();
    let mut ready = false;
    let mut observer = golden.observer();
    let client = Client::connect(
        &socket(Cluster::shared()),
        config(roles::SUPERUSER, None),
        Some(Box::new(move |direction, bytes| {
            // The handshake's last message is the first ReadyForQuery.
            if ready {
                observer(direction, bytes);
            }
            ready |= direction == Direction::Backend && bytes.ends_with(b"Z\0\0\0\x05I");
        })),
    );
    (client.unwrap(), recorded)
}

/// A connection recorded from its first byte.
pub(crate) fn connect(address: &Address, config: HandshakeConfig) -> (Result<Client, Error>, Golden) {
    let golden = Golden::from_the_start();
    let client = Client::connect(address, config, Some(golden.observer()));
    (client, golden)
}

/// The name of a line's message.
fn message(line: &str) -> &str {
    line.split('\t').nth(2).unwrap_or_default()
}

/// The trace with repetitions counted and long lines cut; what is left out is there as a checksum.
fn abbreviate(trace: &str) -> String {
    let lines: Vec<_> = trace.lines().collect();
    let mut out = String::new();
    let mut rest = &lines[..];
    while !rest.is_empty() {
        let period = [1, 2]
            .into_iter()
            .find(|&period| repetitions(rest, period) > REPEATED);
        let Some(period) = period else {
            writeln!(out, "{}", cut(rest[0])).unwrap();
            rest = &rest[1..];
            continue;
        };
        let (repeated, after) = rest.split_at(period * repetitions(rest, period));
        let (shown, counted) = repeated.split_at(2 * period);
        for line in shown {
            writeln!(out, "{}", cut(line)).unwrap();
        }
        let names: Vec<_> = shown[..period].iter().map(|line| message(line)).collect();
        let times = counted.len() / period;
        let checksum = checksum(&counted.join("\n"));
        writeln!(
            out,
            "... {times} more times {} (checksum {checksum:016x})",
            names.join(", ")
        )
        .unwrap();
        rest = after;
    }
    out
}

/// How often the messages of the first `period` lines follow each other.
fn repetitions(lines: &[&str], period: usize) -> usize {
    let pattern: Vec<_> = lines.iter().take(period).map(|line| message(line)).collect();
    lines
        .chunks_exact(period)
        .take_while(|chunk| chunk.iter().map(|line| message(line)).eq(pattern.iter().copied()))
        .count()
}

fn cut(line: &str) -> String {
    let characters = line.chars().count();
    if characters <= LINE_CHARACTERS {
        return line.to_owned();
    }
    let start: String = line.chars().take(LINE_CHARACTERS).collect();
    format!(
        "{start}... ({characters} characters, checksum {:016x})",
        checksum(line)
    )
}

/// FNV-1a, which is the same everywhere and for ever.
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
