//! A conversation with an honest server. The input says what the client does, how far bytes have travelled in both
//! directions, and what goes wrong in the server.
//!
//! The conversation never takes an honest server for a bad one. When everything is exchanged and synced, it is idle, and
//! every command that was not given up has got one last reply. A client that gives nothing but Sync and Flush behind a
//! command which may become a COPY never gets its session ended.

use bytes::BytesMut;
use dblink_protocol::conversation::{Conversation, Ending, Event, ProtocolError};

use crate::command::{COMMANDS, Command, Name, Rows};
use crate::input::Input;
use crate::ledger::{Ledger, lines};
use crate::outbox::Outbox;
use crate::server::{Lot, Over, STATEMENTS, Server};
use crate::talk::{self, say};

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The client gives a command.
    Give(Command),
    /// The client gives Parse, Bind, Describe and Execute for a statement, all without a name.
    Flight(u8),
    /// So many bytes reach the server; 0 is all.
    Send(u8),
    /// The server reads a message.
    Serve(Lot),
    /// So many bytes reach the client; 0 is all.
    Deliver(u8),
    /// Everything reaches the server, which reads it, and everything reaches the client.
    Exchange,
}

impl Step {
    fn read(input: &mut Input<'_>) -> Self {
        match input.byte() % 24 {
            code if code < COMMANDS => Self::Give(with_statements(Command::read(code, input))),
            15 | 16 => Self::Flight(statement(input.byte())),
            17 => Self::Send(input.byte()),
            18 => Self::Deliver(input.byte()),
            19 => Self::Exchange,
            _ => Self::Serve(Lot(input.byte())),
        }
    }

    /// Writes the step as [`check`] reads it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Give(command) => command.write(out),
            Self::Flight(statement) => out.extend([15, *statement]),
            Self::Send(count) => out.extend([17, *count]),
            Self::Deliver(count) => out.extend([18, *count]),
            Self::Exchange => out.push(19),
            Self::Serve(lot) => out.extend([20, lot.0]),
        }
    }
}

fn statement(byte: u8) -> u8 {
    if STATEMENTS.contains(&byte) {
        return byte;
    }
    STATEMENTS[usize::from(byte) % STATEMENTS.len()]
}

/// The command with a text that the server understands.
fn with_statements(mut command: Command) -> Command {
    match &mut command {
        Command::Query(text) => {
            text.truncate(4);
            text.iter_mut().for_each(|byte| *byte = statement(*byte));
        }
        Command::Parse(_, text) => {
            text.truncate(2);
            text.iter_mut().for_each(|byte| *byte = statement(*byte));
        }
        Command::CopyFail(reason) => reason.retain(|byte| *byte != 0),
        _ => {}
    }
    command
}

/// Checks one input: whether the client is careful, and the steps.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let mut model = Model {
        careful: !input.flag(),
        ..Model::default()
    };
    say(format_args!("careful: {}", model.careful));
    while !input.is_empty() {
        let step = Step::read(&mut input);
        say(format_args!("{step:?}"));
        model.step(&step);
        model.outbox.check(model.client.outgoing());
    }
    say(format_args!("the end"));
    model.finish();
}

#[derive(Default)]
struct Model {
    client: Conversation,
    server: Server,
    ledger: Ledger,
    outbox: Outbox,
    /// What the client has received and not taken.
    input: BytesMut,
    careful: bool,
    /// The portal that the last Describe was about, while it is the same.
    described: Option<Name>,
    /// A COPY FROM STDIN was prepared, so that any Execute may be one.
    prepared_copy: bool,
    terminated: bool,
}

impl Model {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Give(command) => self.give(command.clone()),
            Step::Flight(statement) => {
                let unnamed = Name(0);
                self.give(Command::Parse(unnamed, vec![*statement]));
                self.give(Command::Bind(unnamed, unnamed));
                self.give(Command::DescribePortal(unnamed));
                self.give(Command::Execute(unnamed, 0, Rows::AsDescribed));
            }
            Step::Send(count) => self.send((*count).into()),
            Step::Serve(lot) => drop(self.server.serve(*lot)),
            Step::Deliver(count) => self.deliver((*count).into()),
            Step::Exchange => self.exchange(),
        }
    }

    fn give(&mut self, mut command: Command) {
        if self.careful && !self.is_careful(&command) {
            return;
        }
        match &mut command {
            Command::Execute(name, _, rows) => {
                let is_described = self.described == Some(*name) && *rows == Rows::AsDescribed;
                *rows = if is_described {
                    Rows::AsDescribed
                } else {
                    Rows::Known
                };
            }
            Command::DescribePortal(name) => self.described = Some(*name),
            // It may be another portal from now on, or none.
            Command::Bind(name, _) | Command::ClosePortal(name) if self.described == Some(*name) => {
                self.described = None;
            }
            Command::Parse(_, text) => self.prepared_copy |= text.contains(&b'g'),
            _ => {}
        }
        let outgoing = self.client.outgoing().len();
        match command.give(&mut self.client) {
            Ok(id) => {
                self.terminated |= command == Command::Terminate;
                self.ledger.give(&command, id);
            }
            Err(error) => {
                say(format_args!("  refused: {error}"));
                assert_eq!(self.client.outgoing().len(), outgoing);
            }
        }
    }

    /// Whether a careful client would give the command.
    fn is_careful(&self, command: &Command) -> bool {
        if *command == Command::Terminate {
            return self.client.is_idle();
        }
        if self.client.is_draining() {
            return *command == Command::Abandon;
        }
        let unanswered = || self.ledger.unanswered();
        let may_copy_both =
            unanswered().any(|command| matches!(command, Command::Query(text) if text == b"w"));
        let may_copy_in = unanswered().any(|command| match command {
            Command::Query(text) => text.contains(&b'g'),
            Command::Execute(..) => self.prepared_copy,
            _ => false,
        });
        match command {
            Command::CopyData(_) | Command::CopyDone | Command::Abandon => true,
            // A walsender does not know CopyFail.
            Command::CopyFail(_) => !may_copy_both,
            Command::Sync | Command::Flush => !may_copy_both,
            // What was sent before must not be taken for what a walsender streams, so it stands alone.
            Command::Query(text) if text == b"w" => self.client.is_idle(),
            _ => !may_copy_in && !may_copy_both,
        }
    }

    fn send(&mut self, count: usize) {
        let outgoing = self.client.outgoing();
        let count = if count == 0 {
            outgoing.len()
        } else {
            count.min(outgoing.len())
        };
        self.server.receive(&outgoing[..count]);
        self.outbox.check(outgoing);
        self.outbox.sent(count);
        self.client.sent(count);
    }

    fn deliver(&mut self, count: usize) {
        let outgoing = self.server.outgoing();
        let count = if count == 0 {
            outgoing.len()
        } else {
            count.min(outgoing.len())
        };
        self.input.extend(outgoing.drain(..count));
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Some(event)) => {
                    if talk::is_loud() {
                        tell(&event);
                    }
                    self.ledger.take(&event);
                }
                Ok(None) => return,
                // Nobody can tell what the server will answer.
                Err(ProtocolError::CommandsBehindCopy) if !self.careful => return,
                Err(error) => panic!("an honest server was taken for a bad one: {error}"),
            }
        }
    }

    fn exchange(&mut self) {
        self.send(0);
        while self.server.serve(Lot::default()) {}
        self.deliver(0);
    }

    /// Lets everything come to its end.
    fn finish(&mut self) {
        for _ in 0..100 {
            self.exchange();
            if self.server.over().is_some() || self.client.ending().is_some() {
                break;
            }
            if !self.client.outgoing().is_empty() {
                continue;
            }
            let last = if self.client.copy_in().is_some() {
                Command::CopyDone
            } else if self.client.is_idle() {
                break;
            } else {
                Command::Sync
            };
            say(format_args!("{last:?}"));
            let id = last.give(&mut self.client);
            let id = id.unwrap_or_else(|error| panic!("{last:?} is refused: {error}"));
            self.ledger.give(&last, id);
        }
        self.exchange();
        if let Some(Ending::Protocol(ProtocolError::CommandsBehindCopy)) = self.client.ending() {
            return;
        }
        match self.server.over() {
            Some(over) => self.check_over(over),
            None => self.check_idle(),
        }
    }

    fn check_over(&mut self, over: Over) {
        assert!(
            over != Over::Violated || !self.careful || self.terminated,
            "a careful client's session was ended"
        );
        match self.client.handle_eof() {
            Ending::Terminated => assert!(self.terminated),
            Ending::Server(_) => assert_ne!(over, Over::Terminated),
            ending => panic!("{over:?} is taken for {ending:?}"),
        }
    }

    fn check_idle(&self) {
        let unanswered = self.ledger.unanswered().next();
        assert!(self.client.is_idle(), "not idle: {:?}", self.client);
        assert!(self.ledger.is_settled(), "no last reply to {unanswered:?}");
        assert!(!self.client.is_draining());
        assert_eq!(self.client.copy_in(), None);
        assert!(self.input.is_empty() && self.server.is_idle());
        assert_eq!(self.client.transaction_status(), self.server.status());
    }
}

fn tell(event: &Event) {
    let mut events = Vec::new();
    lines(event, &mut events);
    for line in events {
        say(format_args!("  client: {line:?}"));
    }
}
